//! What must hold for any input. `scripts/fuzz` looks for one for which it does not; `laws.rs` tries some with every
//! test.

use provost_saml::binding::{Incoming, Kind};
use provost_saml::certificate::Certificate;
use provost_saml::metadata::Peer;
use provost_saml::request::AuthnRequest;
use provost_saml::response::{Pending, Replay, Seen, ServiceProvider, verify};
use provost_saml::signature::Sha1;
use provost_saml::wsfed::SignInRequest;
use provost_saml::xml::Document;
use provost_saml::{Endpoint, EntityId};

/// Whoever reads a canonical form has the same canonical form.
pub fn xml(bytes: &[u8]) {
    let Ok(document) = Document::parse(bytes) else {
        return;
    };
    let Ok(canonical) = document.canonical_form() else {
        return;
    };
    let again = Document::parse(canonical.as_bytes()).expect("a canonical form can be read");
    assert_eq!(again.canonical_form().as_ref(), Ok(&canonical));
}

/// A certificate whose private key was thrown away.
const STRANGER: &str = include_str!("corpus/stranger.pem");

/// Nothing is signed with the key that is trusted: nothing is accepted.
pub fn response(bytes: &[u8]) {
    struct Never;
    impl Replay for Never {
        fn keep(&mut self, _: &str, _: &str, _: jiff::Timestamp) -> Seen {
            panic!("a signature was found to be good that nobody made");
        }
    }
    let trusted = Certificate::parse(STRANGER.as_bytes()).expect("a certificate");
    let name = |text| EntityId::parse(text).expect("a name");
    let provider = ServiceProvider::new(
        name("https://hub.contoso.example/saml/m365/metadata"),
        Endpoint::parse("https://hub.contoso.example/saml/m365/acs").expect("an address"),
        name("https://sts.windows.net/11111111-2222-4333-8444-555555555555/"),
        vec![trusted],
    )
    .expect("a certificate is given");
    let now: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().expect("a time");
    let pending = Pending {
        request_id: "_7c0e5d0000000000000000000000000000000001".to_owned(),
        asked_at: now,
        force_authn: false,
    };
    if let Ok(document) = Document::parse(bytes) {
        let verdict = verify(&document, &provider, Some(&pending), now, &mut Never);
        assert!(verdict.is_err());
    }
}

/// A request by whatever way: refused, or answered at the one address that is registered.
pub fn request(text: &str) {
    let own = Endpoint::parse("https://hub.contoso.example/sso").expect("an address");
    let party = provost_saml::entra::microsoft_365("login.microsoftonline.com").expect("a host");
    let now = "2026-11-22T10:00:00Z".parse().expect("a time");
    let registered = "https://login.microsoftonline.com/login.srf";
    if let Ok(document) = Document::parse(text.as_bytes())
        && let Ok(found) = AuthnRequest::read(&document, &party, &own, Sha1::Refused, now)
    {
        assert_eq!(found.reply.as_str(), registered);
        assert!(!found.proven);
    }
    if let Ok(incoming) = Incoming::parse(text, Kind::Request)
        && let Ok(found) = AuthnRequest::read_redirect(&incoming, &party, &own, Sha1::Refused, now)
    {
        assert_eq!(found.reply.as_str(), registered);
    }
    if let Ok(SignInRequest::SignIn(found)) = SignInRequest::parse(text, &party) {
        assert!(found.reply.is_none_or(|reply| reply == registered));
    }
}

/// Metadata that is accepted has a key.
pub fn metadata(bytes: &[u8]) {
    let name =
        EntityId::parse("https://sts.windows.net/11111111-2222-4333-8444-555555555555/").expect("a name");
    if let Ok(document) = Document::parse(bytes)
        && let Ok(peer) = Peer::read(&document, &name)
    {
        assert!(!peer.certificates.is_empty());
    }
}

/// A certificate that is accepted is the same in every form.
pub fn certificate(bytes: &[u8]) {
    if let Ok(found) = Certificate::parse(bytes) {
        assert_eq!(Certificate::parse(found.pem().as_bytes()).as_ref(), Ok(&found));
        assert_eq!(Certificate::parse(found.base64().as_bytes()).as_ref(), Ok(&found));
        assert_eq!(Certificate::from_der(found.der()).as_ref(), Ok(&found));
    }
}
