//! What a request to sign in must be, and what it is refused with ("Microsoft Entra authentication and authorization error
//! codes").

use super::plan::Asked;
use crate::consent::Refusal;
use crate::directory::Directory;
use crate::saml::request::Request;
use crate::settings::{Application, NameId, Saml, Settings};

/// A refusal that no OAuth word goes with.
pub(crate) fn refusal(code: u32, text: impl Into<String>) -> Refusal {
    Refusal::new("invalid_request", code, text)
}

/// Whether an address names this tenant: by its id or a verified domain.
///
/// # Errors
/// AADSTS90002.
pub(crate) fn tenant(settings: &Settings, directory: &Directory, name: &str) -> Result<(), Refusal> {
    let own = name.eq_ignore_ascii_case(&settings.tenant_id);
    let domain = directory.records().domain(name);
    if own || domain.is_some_and(|domain| domain.verified) {
        return Ok(());
    }
    Err(refusal(
        90_002,
        format!(
            "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
        ),
    ))
}

/// The application that asks, and what it asks for.
///
/// # Errors
/// The refusal that is shown: nobody is sent to an address that is not registered.
pub(crate) fn check<'a>(
    settings: &'a Settings,
    request: &Request,
) -> Result<(&'a Application, &'a Saml, Asked), Refusal> {
    let known = |application: &'a Application| {
        let saml = application.saml.as_ref()?;
        saml.answers_to(&request.issuer).then_some((application, saml))
    };
    let found = settings.applications.iter().find_map(known);
    let (application, saml) = found.ok_or_else(|| {
        refusal(
            700_016,
            format!(
                "Application with identifier '{}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
                request.issuer, settings.display_name
            ),
        )
    })?;
    if !application.enabled {
        return Err(refusal(
            7_000_112,
            format!("Application '{}' is disabled.", application.client_id),
        ));
    }
    if request.id.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Err(refusal(
            7_500_529,
            format!(
                "The value '{}' is not a valid SAML ID. The ID must not begin with a number.",
                request.id
            ),
        ));
    }
    if request.has_subject {
        return Err(refusal(
            900_236,
            "The SAML authentication request property 'Subject' is not supported and must not be set.",
        ));
    }
    if let Some((comparison, _)) = &request.contexts
        && comparison != "exact"
    {
        return Err(refusal(
            900_235,
            format!(
                "SAML Authentication Request's RequestedAuthenticationContext Comparison value must be 'exact'. Received value: '{comparison}'."
            ),
        ));
    }
    let reply = match &request.reply {
        Some(reply) if saml.reply_urls.contains(reply) => reply.clone(),
        Some(reply) => {
            return Err(refusal(
                50_011,
                format!(
                    "The reply URL '{reply}' specified in the request does not match the reply URLs configured for the application '{}'. Make sure the reply URL sent in the request matches one added to your application in the Azure portal.",
                    request.issuer
                ),
            ));
        }
        None => saml
            .reply_urls
            .first()
            .cloned()
            .ok_or_else(|| refusal(500_113, "No reply address is registered for the application."))?,
    };
    let name_id = match request.name_id.as_deref() {
        None | Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified") => None,
        Some(format) => Some(NameId::parse(format).ok_or_else(|| {
            refusal(
                75_016,
                format!("SAML2 Authentication Request has invalid NameIdPolicy '{format}'."),
            )
        })?),
    };
    let asked = Asked {
        id: Some(request.id.clone()),
        reply,
        identifier: request.issuer.clone(),
        name_id,
    };
    Ok((application, saml, asked))
}

/// Whether the way in which somebody signed in is one that was asked for.
pub(crate) fn matches(request: &Request, class: &str) -> bool {
    let any = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
    request.contexts.as_ref().is_none_or(|(_, classes)| {
        classes.is_empty() || classes.iter().any(|asked| asked == class || asked == any)
    })
}
