//! Requests: ours as Entra ID reads them, Microsoft's as we read them.

use std::fmt::Write as _;

use provost_saml::binding::{Incoming, Kind, MAX_INFLATED, outgoing};
use provost_saml::entra::microsoft_365;
use provost_saml::request::{AuthnRequest, Question, Signer};
use provost_saml::response::Party;
use provost_saml::signature::Sha1;
use provost_saml::xml::Document;
use provost_saml::{Endpoint, Error};

use crate::generator::{SAML, SAMLP, Signature};
use crate::kit::{ACS, FOREIGN, SP, TRUSTED, endpoint, entity, id, now, provider};

const OWN: &str = "https://hub.contoso.example/idp/contoso/sso";

fn own() -> Endpoint {
    endpoint(OWN)
}

fn party() -> Party {
    microsoft_365("login.microsoftonline.com").unwrap()
}

/// What Microsoft 365 sends, with more attributes and more in it. In canonical form as long as `attributes` sort first.
fn request(attributes: &str, inside: &str) -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"{SAMLP}\"{attributes} ID=\"_e171bf91\" IssueInstant=\"2026-11-22T10:00:00Z\" Version=\"2.0\"><Issuer xmlns=\"{SAML}\">urn:federation:MicrosoftOnline</Issuer>{inside}</samlp:AuthnRequest>"
    )
}

const POLICY: &str = "<samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"></samlp:NameIDPolicy>";

fn read(text: &str) -> Result<AuthnRequest, Error> {
    AuthnRequest::read(
        &Document::parse(text.as_bytes())?,
        &party(),
        &own(),
        Sha1::Refused,
        now(),
    )
}

fn read_signed(text: &str) -> Result<AuthnRequest, Error> {
    let party = party().signing_requests(vec![TRUSTED.certificate.clone()]);
    AuthnRequest::read(
        &Document::parse(text.as_bytes())?,
        &party,
        &own(),
        Sha1::Refused,
        now(),
    )
}

#[test]
fn what_microsoft_365_sends() {
    let found = read(&request("", POLICY)).unwrap();
    assert_eq!(found.id, "_e171bf91");
    assert_eq!(
        found.reply.as_str(),
        "https://login.microsoftonline.com/login.srf"
    );
    assert_eq!(
        (found.force_authn, found.is_passive, found.proven),
        (false, false, false)
    );
    let asked = found.name_id_format.as_deref();
    assert_eq!(party().gives(provost_saml::entra::PERSISTENT, asked), Ok(()));
    assert_eq!(party().gives("urn:other", asked), Err(Error::NameIdFormat));

    let found =
        read(&request(" ForceAuthn=\"1\"", "").replace(" Version", " IsPassive=\"true\" Version")).unwrap();
    assert_eq!((found.force_authn, found.is_passive), (true, true));
}

#[test]
fn no_request_chooses_where_the_answer_goes() {
    let at = |address: &str| {
        read(&request(
            &format!(" AssertionConsumerServiceURL=\"{address}\""),
            "",
        ))
    };
    assert!(at("https://login.microsoftonline.com/login.srf").is_ok());
    for foreign in [
        "https://evil.example/acs",
        "https://login.microsoftonline.com/login.srf/",
        "https://LOGIN.microsoftonline.com/login.srf",
        "https://login.microsoftonline.com/login.srf?x",
        "",
    ] {
        assert_eq!(at(foreign), Err(Error::ForeignReply), "{foreign}");
    }
    let index = read(&request(" AssertionConsumerServiceIndex=\"1\"", ""));
    assert_eq!(index, Err(Error::ForeignReply));
}

#[test]
fn a_request_of_somebody_else_or_for_somebody_else() {
    let other = request("", "").replace("urn:federation:MicrosoftOnline", "urn:other");
    assert_eq!(read(&other), Err(Error::UnknownParty));
    let elsewhere = request(" Destination=\"https://other.example/sso\"", "");
    assert_eq!(read(&elsewhere), Err(Error::Destination));
    assert!(read(&request(&format!(" Destination=\"{OWN}\""), "")).is_ok());
    let subject = format!("<Subject xmlns=\"{SAML}\"></Subject>");
    assert_eq!(read(&request("", &subject)), Err(Error::Subject));
    assert_eq!(
        read(&request("", "").replace("2.0\"", "1.1\"")).unwrap_err(),
        Error::Version
    );
    assert_eq!(
        read(&request("", "").replace(" ID=\"_e171bf91\"", "")),
        Err(Error::Missing { what: "ID" })
    );
    assert_eq!(
        read(&request(" ForceAuthn=\"yes\"", "")),
        Err(Error::Missing { what: "ForceAuthn" })
    );
    let response = request("", "").replace("AuthnRequest", "Response");
    assert_eq!(
        read(&response),
        Err(Error::Root {
            wanted: "AuthnRequest"
        })
    );
}

#[test]
fn a_signature_is_demanded_where_it_was_agreed() {
    let plain = |inside: &str| {
        // The signature stands behind the issuer, the destination sorts first.
        request(&format!(" Destination=\"{OWN}\""), inside)
    };
    assert_eq!(read_signed(&plain("")), Err(Error::RequestUnsigned));
    let signed = plain(&Signature::default().over(&plain(""), "_e171bf91"));
    assert!(read_signed(&signed).unwrap().proven);
    assert_eq!(
        read_signed(&signed.replace("10:00:00Z", "10:00:01Z")),
        Err(Error::Digest)
    );
    let foreign = Signature {
        key: &FOREIGN,
        ..Signature::default()
    };
    let forged = plain(&foreign.over(&plain(""), "_e171bf91"));
    assert_eq!(read_signed(&forged), Err(Error::Signature));
    // Without a destination it would be good anywhere.
    let open = request("", &Signature::default().over(&request("", ""), "_e171bf91"));
    assert_eq!(read_signed(&open), Err(Error::Destination));
    let nested = plain(&format!(
        "<samlp:Extensions>{}</samlp:Extensions>",
        Signature::default().over("", "x")
    ));
    assert_eq!(read_signed(&nested), Err(Error::SignaturePlace));
}

#[test]
fn our_own_request_is_what_entra_id_reads() {
    let question = Question {
        id: &id(7),
        destination: &endpoint("https://login.microsoftonline.com/t/saml2"),
        force_authn: true,
        now: now(),
    };
    let (text, pending) = provider().ask(&question).unwrap();
    assert_eq!(pending.request_id, id(7).as_str());
    let document = Document::parse(text.as_bytes()).unwrap();
    let root = document.root();
    assert_eq!(document.attribute(root, "AssertionConsumerServiceURL"), Some(ACS));
    assert_eq!(document.attribute(root, "ForceAuthn"), Some("true"));
    assert_eq!(
        document.attribute(root, "IssueInstant"),
        Some("2026-11-22T10:00:00Z")
    );
    assert_eq!(AuthnRequest::issuer(&document), Ok(SP));
    assert_eq!(document.children(root).count(), 1);
}

#[test]
fn our_own_request_signed_for_post() {
    let own = own();
    let question = Question {
        id: &id(7),
        destination: &own,
        force_authn: false,
        now: now(),
    };
    let key = TRUSTED.signing();
    let signer = Signer::new(&key, &TRUSTED.certificate).unwrap();
    let (text, pending) = provider().ask_signed(&question, signer).unwrap();
    let us = |certificates| Party::new(entity(SP), endpoint(ACS)).signing_requests(certificates);
    let read = |text: &str, party: &Party| {
        AuthnRequest::read(
            &Document::parse(text.as_bytes())?,
            party,
            &own,
            Sha1::Refused,
            now(),
        )
    };
    let found = read(&text, &us(vec![TRUSTED.certificate.clone()])).unwrap();
    assert!(found.proven);
    assert_eq!((found.id, found.reply), (pending.request_id, endpoint(ACS)));
    let stranger = us(vec![FOREIGN.certificate.clone()]);
    assert_eq!(read(&text, &stranger), Err(Error::Signature));
    let changed = text.replace(ACS, "https://evil.example/acs");
    assert_eq!(
        read(&changed, &us(vec![TRUSTED.certificate.clone()])),
        Err(Error::Digest)
    );
}

#[test]
fn a_query_is_verified_over_the_octets_that_came() {
    let party = party().signing_requests(vec![TRUSTED.certificate.clone()]);
    let text = request(&format!(" Destination=\"{OWN}\""), POLICY);
    let key = TRUSTED.signing();
    let query = outgoing(Kind::Request, &text, Some("a b&c"), Some(&key)).unwrap();
    let check = |query: &str| {
        let incoming = Incoming::parse(query, Kind::Request)?;
        AuthnRequest::read_redirect(&incoming, &party, &own(), Sha1::Refused, now())
    };
    assert!(check(&query).unwrap().proven);
    assert_eq!(
        Incoming::parse(&query, Kind::Request)
            .unwrap()
            .relay_state
            .as_deref(),
        Some("a b&c")
    );
    // Another place, and parameters that nobody knows, change nothing that is signed.
    let (message, rest) = query.split_once('&').unwrap();
    assert!(check(&format!("x=1&{rest}&{message}")).is_ok());
    // The same values in other letters are another text.
    assert_eq!(check(&query.replace("%3D", "%3d")), Err(Error::Signature));
    assert_eq!(check(&query.replace("a%20b", "a+b")), Err(Error::Signature));
    assert_eq!(check(&query.replace("a%20b", "x")), Err(Error::Signature));
    let (unsigned, _) = query.split_once("&Signature=").unwrap();
    assert_eq!(check(unsigned), Err(Error::RequestUnsigned));
    assert_eq!(
        check(&query.replace("rsa-sha256", "hmac-sha256")),
        Err(Error::Algorithm)
    );
    let foreign = outgoing(Kind::Request, &text, None, Some(&FOREIGN.signing())).unwrap();
    assert_eq!(check(&foreign), Err(Error::Signature));
}

/// What is not reserved stays (RFC 3986 section 2.3).
fn encoded_once_more(pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap();
    let mut out = format!("{name}=");
    for byte in percent_encoding::percent_decode_str(value) {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
    }
    out
}

/// python3-saml, as it comes, encodes the values once more and verifies that.
#[test]
fn a_query_is_the_same_when_its_values_are_encoded_once_more() {
    let text = request(&format!(" Destination=\"{OWN}\""), POLICY);
    let state = "estsredirect=2&a=\"<b>-._~ü";
    let query = outgoing(Kind::Request, &text, Some(state), Some(&TRUSTED.signing())).unwrap();
    let again: Vec<String> = query.split('&').map(encoded_once_more).collect();
    assert_eq!(again.join("&"), query);
    assert!(
        query.contains("&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&"),
        "{query}"
    );
}

#[test]
fn queries_that_two_readers_understand_differently() {
    let query = outgoing(Kind::Request, &request("", ""), Some("state"), None).unwrap();
    let parse = |query: &str| Incoming::parse(query, Kind::Request).map(|_| ());
    assert_eq!(parse(&query), Ok(()));
    assert_eq!(
        parse(&format!("{query}&RelayState=x")),
        Err(Error::Parameter { name: "RelayState" })
    );
    assert_eq!(
        parse(&format!("{query}&{query}")),
        Err(Error::Parameter { name: "SAMLRequest" })
    );
    assert_eq!(
        parse("RelayState=x"),
        Err(Error::Parameter { name: "SAMLRequest" })
    );
    assert_eq!(
        parse("SAMLRequest=%ff"),
        Err(Error::Parameter { name: "SAMLRequest" })
    );
    assert_eq!(parse("SAMLRequest=AAAA"), Err(Error::Deflate));
    assert_eq!(
        parse(&"x".repeat(17_000)).unwrap_err().code(),
        "PRV-SAML-TOO-LARGE"
    );
    assert_eq!(
        outgoing(Kind::Request, "<a/>", Some(&"x".repeat(81)), None),
        Err(Error::RelayState)
    );
}

#[test]
fn bombs_and_what_hides_behind_them() {
    let bomb = format!("<a>{}</a>", "b".repeat(MAX_INFLATED));
    let query = outgoing(Kind::Request, &bomb, None, None).unwrap();
    assert!(query.len() < 1_000);
    assert_eq!(
        Incoming::parse(&query, Kind::Request).unwrap_err(),
        Error::Deflate
    );
    // A second stream behind the first one.
    use base64::Engine as _;
    let one = outgoing(Kind::Request, "<a/>", None, None).unwrap();
    let packed = percent_decode(one.strip_prefix("SAMLRequest=").unwrap());
    let mut bytes = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
    bytes.extend(bytes.clone());
    let twice = base64::engine::general_purpose::STANDARD
        .encode(bytes)
        .replace('+', "%2B");
    let refusal = Incoming::parse(&format!("SAMLRequest={twice}"), Kind::Request).unwrap_err();
    assert_eq!(refusal, Error::Deflate);
}

fn percent_decode(text: &str) -> String {
    text.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
}
