//! What clients of WS-MetadataExchange read: a description of services without one that takes passwords.

use crate::Endpoint;
use crate::error::Result;
use crate::names::wsdl;
use crate::xml::{Document, NO_ATTRIBUTES};

/// The description (WSDL 1.1) of a token service that signs people in by a browser only: no binding and no port, so that
/// a client that looks for one of WS-Trust finds none and opens a browser.
///
/// Source: WS-MetadataExchange 1.1 section 3; WSDL 1.1 section 2.
///
/// # Errors
/// [`crate::Error::Canonical`] when it becomes too long, which it cannot.
pub fn exchange(passive: &Endpoint) -> Result<String> {
    let mut document = Document::begin(
        wsdl("definitions"),
        [
            ("name", "SecurityTokenService"),
            (
                "targetNamespace",
                "http://schemas.microsoft.com/ws/2008/06/identity/securitytokenservice",
            ),
        ],
    );
    let root = document.root();
    let about = format!(
        "People sign in by a browser, at {} (WS-Federation, passive requestor profile). WS-Trust is not offered.",
        passive.as_str()
    );
    document.add_leaf(root, wsdl("documentation"), NO_ATTRIBUTES, &about);
    document.add(root, wsdl("service"), [("name", "SecurityTokenService")]);
    document.write()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::exchange;
    use crate::Endpoint;
    use crate::xml::Document;

    #[test]
    fn there_is_no_way_in_with_a_password() {
        let text = exchange(&Endpoint::parse("https://hub.contoso.example/idp/7/wsfed").unwrap()).unwrap();
        assert!(Document::parse(text.as_bytes()).is_ok(), "{text}");
        assert!(text.contains("https://hub.contoso.example/idp/7/wsfed"), "{text}");
        for word in ["usernamemixed", "binding", "UsernameToken"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}
