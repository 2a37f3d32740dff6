//! Attacks below XML Signature: encodings, document types, bombs, other messages.

use provost_saml::Error;
use provost_saml::response::receive;
use provost_saml::xml::MAX_BYTES;

use super::{refused, verdict, with};
use crate::generator::{Response, field};
use crate::kit::{Memory, now, pending, provider};

fn refused_field(field: &str, wanted: &Error) {
    let verdict = receive(
        field,
        &provider(),
        Some(&pending()),
        now(),
        &mut Memory::default(),
    );
    assert_eq!(verdict.expect_err(field), *wanted);
}

#[test]
fn entities_and_document_types() {
    let genuine = Response::default().text();
    for before in [
        "<!DOCTYPE Response>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE r SYSTEM \"https://evil.example/x.dtd\">",
        "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>",
        "<?xml version=\"1.0\"?><!DOCTYPE r>",
    ] {
        refused(&format!("{before}{genuine}"), &Error::Doctype);
    }
    let entity = with(|genuine| genuine.name_id = "&x;".to_owned());
    assert_eq!(verdict(&entity).unwrap_err().code(), "PRV-SAML-XML");
}

#[test]
fn processing_instructions() {
    let genuine = Response::default().text();
    refused(&genuine.replace("<Issuer>", "<Issuer><?x?>"), &Error::Instruction);
    refused(&format!("{genuine}<?x?>"), &Error::Instruction);
}

#[test]
fn other_encodings() {
    let genuine = Response::default().text();
    refused(
        &format!("<?xml version=\"1.0\" encoding=\"UTF-7\"?>{genuine}"),
        &Error::Encoding,
    );
    refused(&format!("<?xml version=\"1.1\"?>{genuine}"), &Error::Encoding);
    use base64::Engine as _;
    let sixteen: Vec<u8> = genuine.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let field = base64::engine::general_purpose::STANDARD.encode([b"\xff\xfe".as_slice(), &sixteen].concat());
    refused_field(&field, &Error::Encoding);
}

#[test]
fn a_field_that_is_none() {
    let genuine = field(&Response::default().text());
    refused_field("", &Error::Base64);
    refused_field("!!!", &Error::Base64);
    refused_field(&genuine.replace('A', "_"), &Error::Base64);
    refused_field(&format!("{genuine}="), &Error::Base64);
    refused_field(&"A".repeat(MAX_BYTES * 2), &Error::TooLarge { limit: MAX_BYTES });
    // Line breaks are part of the encoding.
    let folded = genuine
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect::<Vec<_>>()
        .join("\r\n");
    assert!(
        receive(
            &folded,
            &provider(),
            Some(&pending()),
            now(),
            &mut Memory::default()
        )
        .is_ok()
    );
}

#[test]
fn floods() {
    let flood = |what: String| with(|genuine| genuine.more_conditions = what);
    let deep = format!("{}{}", "<a>".repeat(60), "</a>".repeat(60));
    assert_eq!(verdict(&flood(deep)).unwrap_err().code(), "PRV-SAML-LIMIT");
    assert_eq!(
        verdict(&flood("<a></a>".repeat(6_000))).unwrap_err().code(),
        "PRV-SAML-LIMIT"
    );
    let attributes: String = (0..100).map(|n| format!(" a{n}=\"\"")).collect();
    assert_eq!(
        verdict(&flood(format!("<a{attributes}></a>")))
            .unwrap_err()
            .code(),
        "PRV-SAML-LIMIT"
    );
    let namespaces: String = (0..100).map(|n| format!(" xmlns:a{n}=\"urn:a\"")).collect();
    assert_eq!(
        verdict(&flood(format!("<a{namespaces}></a>")))
            .unwrap_err()
            .code(),
        "PRV-SAML-LIMIT"
    );
}

#[test]
fn another_message() {
    let genuine = Response::default().text();
    let request = genuine.replace("samlp:Response", "samlp:AuthnRequest");
    refused(&request, &Error::Root { wanted: "Response" });
    let other = genuine.replacen(
        "urn:oasis:names:tc:SAML:2.0:protocol",
        "urn:oasis:names:tc:SAML:1.0:protocol",
        1,
    );
    refused(&other, &Error::Root { wanted: "Response" });
    assert_eq!(
        verdict(&format!("{genuine}{genuine}")).unwrap_err().code(),
        "PRV-SAML-XML"
    );
}

#[test]
fn what_others_put_before_the_root_is_read_past() {
    let genuine = Response::default().text();
    let text = format!("\n<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n{genuine}\n");
    assert!(verdict(&text).is_ok());
}
