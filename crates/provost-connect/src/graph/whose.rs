//! Whose a domain is, as Microsoft's sign-in service tells everybody: no credential is needed, and none is sent.
//!
//! Source: Microsoft identity platform, "OpenID Connect on the Microsoft identity platform" (the tenant's metadata
//! document); OpenID Connect Discovery 1.0 section 4.

mod realm;

pub use realm::Realm;

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::cloud::Cloud;
use crate::error::quote;
use crate::http::{self, Answer, Client, Deadlines, Request};
use crate::open::{base_url, parse_settings, policy};
use crate::{Error, Result};

/// What this is called in errors.
const OPERATION: &str = "asking whose the domain is";
const METADATA: &str = "reading the application's metadata";
/// Somebody waits in front of a form.
const CONNECT: Duration = Duration::from_secs(4);
const CALL: Duration = Duration::from_secs(8);
/// "Tenant not found": nobody has proved the domain, at least not in this cloud.
const UNKNOWN: i64 = 90_002;

/// Of a connection's settings, those that say where the sign-in service is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Entered {
    cloud: Option<Cloud>,
    login_url: Option<String>,
    allow_private_network: bool,
    allowed_networks: Vec<String>,
}

/// Microsoft's sign-in service, to be asked whose a domain is.
#[derive(Debug)]
pub struct SignIn {
    client: Client,
    root: Url,
}

impl SignIn {
    /// The sign-in service that a connection's settings name (`cloud`, `login_url`, `allow_private_network`,
    /// `allowed_networks`; everything else of them does not matter here). Null: the worldwide one.
    ///
    /// # Errors
    /// [`Error::Settings`] naming the setting at fault, [`Error::AddressRefused`], [`Error::Local`].
    pub fn of(settings: &Value, factory: &http::Factory) -> Result<Self> {
        let entered: Entered = match settings {
            Value::Null => Entered::default(),
            settings => parse_settings(settings)?,
        };
        let text = match entered.login_url {
            Some(text) => text,
            None => entered.cloud.unwrap_or_default().login_url().to_owned(),
        };
        let root = base_url("login_url", &text)?;
        let networks = &entered.allowed_networks;
        let policy = policy("login_url", &root, entered.allow_private_network, networks)?;
        let usual = factory.deadlines();
        let short = Deadlines {
            connect: usual.connect.min(CONNECT),
            call: usual.call.min(CALL),
            ..usual
        };
        Ok(Self {
            client: factory.clone().with_deadlines(short).client(policy)?,
            root,
        })
    }

    /// The id of the tenant that has proved this domain; none when no tenant of the cloud has.
    ///
    /// # Errors
    /// [`Error::Settings`] for what is no domain; what the service answers otherwise, and what keeps it from answering.
    pub async fn tenant_of(&self, domain: &str) -> Result<Option<Uuid>> {
        let url = self.address(domain)?;
        let request = Request::new(Method::GET, url).header("accept", "application/json");
        let answer = self.client.send(request).await?;
        if let Some(error) = answer.redirected(OPERATION) {
            return Err(error);
        }
        if answer.is_success() {
            let document = answer.object(OPERATION)?;
            let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
            return match tenant_in(issuer) {
                Some(id) => Ok(Some(id)),
                None => Err(answer.unintelligible(OPERATION, "a document that names no tenant")),
            };
        }
        if is_unknown(&answer) {
            return Ok(None);
        }
        Err(failure(&answer))
    }

    /// The metadata that a tenant publishes about one of its applications: whose certificates sign its answers.
    ///
    /// Source: Microsoft identity platform, "Federation metadata" and "SAML single sign-on for applications" (`appid`).
    ///
    /// # Errors
    /// What the service answers otherwise ([`Error::Settings`] names the application when the tenant has none), and what
    /// keeps it from answering.
    pub async fn application_metadata(&self, tenant: Uuid, application: Uuid) -> Result<Vec<u8>> {
        let mut url = self.at(&format!(
            "{tenant}/federationmetadata/2007-06/federationmetadata.xml"
        ));
        url.set_query(Some(&format!("appid={application}")));
        let request = Request::new(Method::GET, url).header("accept", "application/xml");
        let answer = self.client.send(request).await?;
        if let Some(error) = answer.redirected(METADATA) {
            return Err(error);
        }
        if answer.is_success() {
            return Ok(answer.body);
        }
        if (400..500).contains(&answer.status) && answer.status != 429 {
            return Err(Error::Settings {
                field: "application".to_owned(),
                reason: format!("the tenant answers {} for it", answer.status),
            });
        }
        Err(failure(&answer))
    }

    /// Where a tenant's people are sent to sign in by SAML 2.0.
    #[must_use]
    pub fn sign_on(&self, tenant: Uuid) -> Url {
        self.at(&format!("{tenant}/saml2"))
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.root.clone();
        let base = self.root.path().trim_end_matches('/');
        url.set_path(&format!("{base}/{path}"));
        url
    }

    fn address(&self, domain: &str) -> Result<Url> {
        let tenant = super::tenant::parse(domain).map_err(|reason| Error::Settings {
            field: "domain".to_owned(),
            reason,
        })?;
        let mut url = self.root.clone();
        let base = self.root.path().trim_end_matches('/');
        url.set_path(&format!(
            "{base}/{}/v2.0/.well-known/openid-configuration",
            tenant.name
        ));
        Ok(url)
    }
}

/// The tenant in `https://login.microsoftonline.com/{tenant}/v2.0`: the one segment that is an id.
fn tenant_in(issuer: &str) -> Option<Uuid> {
    let url = Url::parse(issuer).ok()?;
    let mut segments = url.path_segments()?.rev().filter(|segment| !segment.is_empty());
    let (version, tenant) = (segments.next()?, segments.next()?);
    let id = Uuid::try_parse(tenant).ok().filter(|id| !id.is_nil())?;
    (version == "v2.0" && tenant.len() == 36).then_some(id)
}

/// The service says by its number that no tenant has the domain. Another answer of the same status says nothing.
fn is_unknown(answer: &Answer) -> bool {
    let Some(Value::Object(body)) = answer.try_json() else {
        return false;
    };
    let mut numbers = body
        .get("error_codes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let told = body.get("error_description").and_then(Value::as_str);
    matches!(answer.status, 400 | 404)
        && (numbers.any(|number| number.as_i64() == Some(UNKNOWN))
            || told.is_some_and(|text| text.starts_with("AADSTS90002:")))
}

fn failure(answer: &Answer) -> Error {
    let body = answer.try_json().unwrap_or_default();
    let told = body["error_description"].as_str().unwrap_or("no reason given");
    match answer.status {
        429 => Error::Throttled {
            host: answer.place(),
            after: answer.retry_after(),
        },
        500.. => Error::Unavailable {
            host: answer.place(),
            operation: OPERATION.to_owned(),
            status: answer.status,
            reason: quote(told.lines().next().unwrap_or_default()),
            after: answer.retry_after(),
        },
        _ => answer.unintelligible(OPERATION, "neither a document nor \"unknown\""),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const ID: &str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";

    #[test]
    fn the_tenant_is_the_segment_before_the_version() {
        let of = |issuer: &str| tenant_in(issuer).map(|id| id.to_string());
        for issuer in [
            format!("https://login.microsoftonline.com/{ID}/v2.0"),
            format!("https://login.partner.microsoftonline.cn/{ID}/v2.0/"),
            format!("http://127.0.0.1:4010/entra/{}/v2.0", ID.to_uppercase()),
        ] {
            assert_eq!(of(&issuer).as_deref(), Some(ID), "{issuer}");
        }
        for issuer in [
            // What `common` publishes: a template, which names nobody.
            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned(),
            format!("https://sts.windows.net/{ID}/"),
            format!("https://login.microsoftonline.com/{ID}/v1.0"),
            format!("https://login.microsoftonline.com/{}/v2.0", ID.replace('-', "")),
            "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0".to_owned(),
            format!("https://login.microsoftonline.com/v2.0?tenant={ID}"),
            format!("{ID}/v2.0"),
            String::new(),
        ] {
            assert_eq!(of(&issuer), None, "{issuer}");
        }
    }

    #[test]
    fn the_settings_choose_the_service_and_everything_else_of_them_is_left_alone() {
        let factory = http::Factory::new();
        let root = |settings: Value| SignIn::of(&settings, &factory).map(|found| found.root.to_string());
        for (settings, wanted) in [
            (Value::Null, "https://login.microsoftonline.com/"),
            (json!({}), "https://login.microsoftonline.com/"),
            (json!({"cloud": "china"}), "https://login.chinacloudapi.cn/"),
            (
                json!({"login_url": "http://127.0.0.1:9/", "allow_private_network": true, "tenant": "x"}),
                "http://127.0.0.1:9/",
            ),
        ] {
            assert_eq!(root(settings.clone()).unwrap(), wanted, "{settings}");
        }
        for (settings, said) in [
            (json!({"cloud": "moon"}), "unknown variant"),
            (json!({"login_url": "http://login.contoso.example"}), "https://"),
            (json!({"login_url": "not an address"}), "not a URL"),
        ] {
            let error = root(settings.clone()).unwrap_err();
            assert!(error.to_string().contains(said), "{settings}: {error}");
        }
    }

    #[test]
    fn a_domain_stays_one_segment_of_the_address() {
        let service = SignIn::of(&Value::Null, &http::Factory::new()).unwrap();
        let url = service.address("Contoso.example").unwrap();
        assert_eq!(
            url.as_str(),
            "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration"
        );
        for wrong in [
            "",
            "common",
            "contoso",
            "a b.example",
            "ann@contoso.example",
            "contoso.example/../common",
        ] {
            assert!(service.address(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_entered_leads_to_the_same_host_and_document(text in "\\PC{0,40}") {
            let service = SignIn::of(&Value::Null, &http::Factory::new()).unwrap();
            if let Ok(url) = service.address(&text) {
                prop_assert_eq!(url.host_str(), Some("login.microsoftonline.com"));
                prop_assert_eq!(url.path_segments().unwrap().count(), 4);
                prop_assert!(url.path().ends_with("/v2.0/.well-known/openid-configuration"));
                prop_assert!(url.query().is_none());
            }
        }

        #[test]
        fn an_issuer_of_any_shape_names_a_tenant_only_by_its_id(text in "\\PC{0,80}") {
            if let Some(id) = tenant_in(&text) {
                prop_assert!(text.to_lowercase().contains(&id.to_string()));
            }
        }
    }
}
