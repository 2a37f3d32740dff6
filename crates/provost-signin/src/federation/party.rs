//! Microsoft 365 as the one that is answered: where its answers go is a matter of the cloud, not of a request.

use provost_saml::response::Party;
use provost_saml::{Endpoint, EntityId, entra};
use serde_json::Value;
use url::{Host, Url};

/// Microsoft 365 as a provider's settings mean it; none where it is not known at which address it takes answers.
///
/// `login_url` counts where it is on this very machine, as a simulator is: whoever may change settings must not be able
/// to have assertions sent to a host of theirs.
pub(super) fn of(settings: &Value) -> Option<Party> {
    let text = |name: &str| {
        settings
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if let Some(reply) = text("login_url").and_then(own_machine) {
        let name = EntityId::parse(entra::MICROSOFT_ONLINE).ok()?;
        return Some(Party::new(name, Endpoint::parse(&reply).ok()?));
    }
    // Microsoft, "Use a SAML 2.0 Identity Provider for Single Sign On"; for US Government, "National clouds". The realm
    // of the cloud in China is another, and was not tried.
    let host = match text("cloud").unwrap_or("global") {
        "global" => "login.microsoftonline.com",
        "us-government" | "us-dod" => "login.microsoftonline.us",
        _ => return None,
    };
    entra::microsoft_365(host).ok()
}

fn own_machine(login: &str) -> Option<String> {
    let url = Url::parse(login).ok()?;
    let is_own = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost",
    };
    is_own.then(|| format!("{}/login.srf", login.trim_end_matches('/')))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::of;
    use serde_json::json;

    #[test]
    fn an_answer_goes_to_the_cloud_or_to_this_machine() {
        for (settings, reply) in [
            (json!({}), Some("https://login.microsoftonline.com/login.srf")),
            (
                json!({"cloud": "global"}),
                Some("https://login.microsoftonline.com/login.srf"),
            ),
            (
                json!({"cloud": "us-dod"}),
                Some("https://login.microsoftonline.us/login.srf"),
            ),
            (json!({"cloud": "china"}), None),
            (
                json!({"login_url": "http://127.0.0.1:8365/"}),
                Some("http://127.0.0.1:8365/login.srf"),
            ),
            (
                json!({"login_url": "http://localhost:8365"}),
                Some("http://localhost:8365/login.srf"),
            ),
            // An address elsewhere is not followed.
            (
                json!({"login_url": "https://login.contoso.example"}),
                Some("https://login.microsoftonline.com/login.srf"),
            ),
            (
                json!({"login_url": "http://127.0.0.1.contoso.example"}),
                Some("https://login.microsoftonline.com/login.srf"),
            ),
        ] {
            let party = of(&settings);
            let found = party.as_ref().map(|party| party.reply(None).unwrap().as_str());
            assert_eq!(found, reply, "{settings}");
        }
    }
}
