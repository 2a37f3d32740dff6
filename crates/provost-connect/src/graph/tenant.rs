//! What an administrator enters for the tenant: its id, one of its domains, or an address that was copied from the
//! portal ("Endpoints" of the app registration, the overview page).

use url::Url;

use super::cloud::Cloud;

/// A tenant as it was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant's id (lower case, with hyphens) or a domain of it (lower case).
    pub name: String,
    /// The cloud that a pasted address gave away.
    pub cloud: Option<Cloud>,
}

impl Tenant {
    /// Whether it is the tenant's id; otherwise it is a domain.
    #[must_use]
    pub fn is_id(&self) -> bool {
        is_guid(&self.name)
    }
}

/// Reads what was entered.
///
/// # Errors
/// A sentence that says what it is instead and what to enter.
pub fn parse(text: &str) -> Result<Tenant, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty: enter the tenant's id or one of its domains".to_owned());
    }
    if text.contains("://") {
        return of_url(text);
    }
    // Copied without the scheme.
    if text.contains('/') {
        return of_url(&format!("https://{text}"));
    }
    let name = name(text)?;
    Ok(Tenant { name, cloud: None })
}

/// Reads a domain that was entered by itself: lower case, an international name in its `xn--` form.
///
/// # Errors
/// A sentence that says what it is instead.
pub fn domain(text: &str) -> Result<String, String> {
    let text = text.trim();
    let shown = crate::error::quote(text);
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.contains("://") || text.contains('/') {
        return Err(format!("`{shown}` is an address, not a domain"));
    }
    if let Some((_, domain)) = text.split_once('@') {
        let domain = crate::error::quote(domain);
        return Err(format!(
            "`{shown}` is an e-mail address: its domain is `{domain}`"
        ));
    }
    let ascii = if text.is_ascii() {
        Some(text.to_ascii_lowercase())
    } else {
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) => Some(name),
            _ => None,
        }
    };
    let found = ascii.filter(|name| is_domain(name));
    found.ok_or_else(|| format!("`{shown}` is not a domain, which looks like contoso.example"))
}

/// The tenant in an address.
fn of_url(text: &str) -> Result<Tenant, String> {
    let shown = crate::error::quote(text);
    let url = Url::parse(text).map_err(|error| format!("`{shown}` is not an address: {error}"))?;
    let host = url.host_str().unwrap_or_default();
    let Some(cloud) = Cloud::of_host(host) else {
        let gone = host.ends_with(".de").then_some(" (the German cloud is closed)");
        return Err(format!(
            "{} is no address of Microsoft's sign-in service{}: enter the tenant's id or one of its domains",
            crate::error::quote(host),
            gone.unwrap_or_default(),
        ));
    };
    let found = if is_portal(host) {
        in_portal(&url)
    } else {
        in_path(&url)
    };
    let Some(found) = found else {
        return Err(format!(
            "the address at {host} does not hold the tenant: copy one of the app registration's endpoints, or enter the tenant's id"
        ));
    };
    Ok(Tenant {
        name: name(&found)?,
        cloud: Some(cloud),
    })
}

fn is_portal(host: &str) -> bool {
    host.starts_with("portal.") || host.starts_with("entra.") || host.starts_with("aad.")
}

/// Endpoints hold the tenant as a segment of their path, and nothing else in it looks like one.
fn in_path(url: &Url) -> Option<String> {
    let segments: Vec<&str> = url.path_segments()?.collect();
    let reserved = segments.iter().find(|segment| reserved(segment).is_some());
    let tenant = segments.iter().find(|segment| name(segment).is_ok());
    reserved.or(tenant).map(|segment| (*segment).to_owned())
}

/// In the portal ids of all sorts of things stand in the address; the tenant is known by its place: `#@tenant/…`,
/// `tid=`, `tenantId=`, or the first segment of the path.
fn in_portal(url: &Url) -> Option<String> {
    let fragment = url.fragment().unwrap_or_default();
    let after_at = fragment.strip_prefix('@').map(|rest| {
        let end = rest.find(['/', '?', '&']).unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    let query = || {
        url.query_pairs()
            .find(|(key, _)| key.eq_ignore_ascii_case("tid") || key.eq_ignore_ascii_case("tenantId"))
            .map(|(_, value)| value.into_owned())
    };
    let named = || {
        let mut words = fragment.split(['/', '?', '&', '=']);
        words.find(|word| word.eq_ignore_ascii_case("tenantId"))?;
        words.next().map(str::to_owned)
    };
    let first = || url.path_segments()?.next().map(str::to_owned);
    after_at
        .or_else(query)
        .or_else(named)
        .or_else(first)
        .filter(|found| !found.is_empty())
}

/// A tenant's id or domain, in its canonical form.
fn name(text: &str) -> Result<String, String> {
    let shown = crate::error::quote(text);
    if let Some(said) = reserved(text) {
        return Err(said);
    }
    let bare = text.trim_start_matches('{').trim_end_matches('}');
    if let Ok(id) = uuid::Uuid::try_parse(bare) {
        if id.is_nil() {
            return Err("it is the empty id: copy the tenant's id from its overview page".to_owned());
        }
        return Ok(id.hyphenated().to_string());
    }
    if let Some((_, domain)) = text.split_once('@') {
        return Err(format!(
            "`{shown}` is the name of a person: enter `{}`, the part behind the @",
            crate::error::quote(domain)
        ));
    }
    if is_domain(text) {
        return Ok(text.to_ascii_lowercase());
    }
    // Not repeated: a secret is pasted into the wrong field more often than anything else.
    Err(
        "what was entered is neither a tenant's id (such as 6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365) nor a domain (such as contoso.onmicrosoft.com)"
            .to_owned(),
    )
}

/// Names that stand for "any tenant", which an application cannot sign in to (AADSTS9001023).
fn reserved(text: &str) -> Option<String> {
    ["common", "organizations", "consumers"]
        .contains(&text.to_ascii_lowercase().as_str())
        .then(|| {
            format!(
                "`{text}` stands for any tenant, but an application signs in to one tenant: enter its id or domain"
            )
        })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// A host name with at least two labels, in ASCII (international names in their `xn--` form).
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        // "v2.0" and "1.0" are versions; no top-level domain begins with a digit.
        && last.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.eq_ignore_ascii_case("federationmetadata.xml")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
