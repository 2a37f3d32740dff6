//! Attacks on the signature itself: keys, algorithms, shapes, references, transforms, digests.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_saml::Error;
use provost_saml::signature::Sha1;

use super::{refused, verdict, verdict_of, with};
use crate::generator::{DS, Response, Signature};
use crate::kit::{ENDED, FOREIGN, TRUSTED, pending, provider, provider_with};

const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHAPE: Error = Error::SignatureShape { part: "Signature" };
const INFO: Error = Error::SignatureShape { part: "SignedInfo" };
const REFERENCE: Error = Error::SignatureShape { part: "Reference" };

#[test]
fn no_signature() {
    refused(&with(|genuine| genuine.sign_assertion = false), &Error::Unsigned);
    let text = with(|genuine| {
        genuine.sign_assertion = false;
        genuine.sign_response = true;
    });
    refused(&text, &Error::ResponseSignedOnly);
}

#[test]
fn a_key_of_the_attacker_also_when_its_certificate_comes_along() {
    let text = with(|genuine| {
        genuine.signature.key = &FOREIGN;
        let certificate = FOREIGN.certificate.base64();
        genuine.signature.key_info = format!(
            "<KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo>"
        );
    });
    refused(&text, &Error::Signature);
}

#[test]
fn several_certificates_and_one_that_ended() {
    let text = Response::default().text();
    let both = provider_with(vec![FOREIGN.certificate.clone(), TRUSTED.certificate.clone()]);
    assert!(verdict_of(&text, &both, Some(&pending())).is_ok());
    let other = provider_with(vec![FOREIGN.certificate.clone()]);
    assert_eq!(
        verdict_of(&text, &other, Some(&pending())).unwrap_err(),
        Error::Signature
    );
    // Made with a certificate that counted until it ended: the administrator has to know that it is this.
    let ended = with(|genuine| genuine.signature.key = &ENDED);
    let provider = provider_with(vec![ENDED.certificate.clone(), TRUSTED.certificate.clone()]);
    let refusal = verdict_of(&ended, &provider, Some(&pending())).unwrap_err();
    assert_eq!(refusal.code(), "PRV-SAML-CERTIFICATE-EXPIRED");
    assert!(verdict_of(&text, &provider, Some(&pending())).is_ok());
}

#[test]
fn no_certificate_at_all_cannot_be_configured() {
    use crate::kit::{ACS, ISSUER, SP, endpoint, entity};
    let none =
        provost_saml::response::ServiceProvider::new(entity(SP), endpoint(ACS), entity(ISSUER), vec![]);
    assert_eq!(none.unwrap_err(), Error::NoCertificate);
}

#[test]
fn every_hash_that_is_accepted() {
    for (hash, digest) in [
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2001/04/xmlenc#sha256",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            "http://www.w3.org/2001/04/xmldsig-more#sha384",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            "http://www.w3.org/2001/04/xmlenc#sha512",
        ),
    ] {
        let text = with(|genuine| {
            genuine.signature.hash = hash;
            genuine.signature.digest = digest;
        });
        assert!(verdict(&text).is_ok(), "{hash}");
    }
}

#[test]
fn other_algorithms_whatever_the_key() {
    for hash in [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
        "none",
        "",
    ] {
        refused(&with(|genuine| genuine.signature.hash = hash), &Error::Algorithm);
    }
    let md5 = "http://www.w3.org/2001/04/xmldsig-more#md5";
    refused(&with(|genuine| genuine.signature.digest = md5), &Error::Algorithm);
}

#[test]
fn sha_1_only_by_the_switch() {
    let digest = with(|genuine| genuine.signature.digest = SHA1);
    refused(&digest, &Error::Sha1);
    let allowed = provider().with_sha1(Sha1::Allowed);
    assert!(verdict_of(&digest, &allowed, Some(&pending())).is_ok());
    let hash = with(|genuine| genuine.signature.hash = "http://www.w3.org/2000/09/xmldsig#rsa-sha1");
    refused(&hash, &Error::Sha1);
    // The generator signs with SHA-256 and calls it SHA-1: the name decides, and does not fit.
    assert_eq!(
        verdict_of(&hash, &allowed, Some(&pending())).unwrap_err(),
        Error::Signature
    );
}

#[test]
fn other_canonicalisations() {
    for method in [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "",
    ] {
        refused(
            &with(|genuine| genuine.signature.canonicalization = method),
            &Error::Canonicalization,
        );
    }
}

#[test]
fn other_references() {
    let id = Response::default().assertion_id;
    let response = Response::default().id;
    for uri in [
        String::new(),
        "#".to_owned(),
        format!("#{response}"),
        format!("#xpointer(id('{id}'))"),
        "#xpointer(/)".to_owned(),
        id.clone(),
        format!("https://evil.example/a.xml#{id}"),
        format!("#{id} "),
    ] {
        refused(
            &with(|genuine| genuine.signature.uri = Some(uri)),
            &Error::Reference,
        );
    }
    let absent = Response::default().text().replace(&format!(" URI=\"#{id}\""), "");
    refused(&absent, &Error::Reference);
}

#[test]
fn other_transforms() {
    let enveloped = format!("<Transform Algorithm=\"{DS}enveloped-signature\"></Transform>");
    let exclusive = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform>";
    let xpath =
        "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><XPath>1</XPath></Transform>";
    let xslt = "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"></Transform>";
    let base64 = format!("<Transform Algorithm=\"{DS}base64\"></Transform>");
    for transforms in [
        enveloped.clone(),
        exclusive.to_owned(),
        format!("{exclusive}{enveloped}"),
        format!("{enveloped}{exclusive}{exclusive}"),
        format!("{enveloped}{xpath}{exclusive}"),
        format!("{enveloped}{xslt}"),
        format!("{enveloped}{base64}"),
        String::new(),
    ] {
        refused(
            &with(|genuine| genuine.signature.transforms = Some(transforms)),
            &Error::Transforms,
        );
    }
}

#[test]
fn several_references_and_parts() {
    let id = Response::default().assertion_id;
    let more = format!("<Reference URI=\"#{id}\"></Reference>");
    refused(&with(|genuine| genuine.signature.more_references = more), &INFO);

    let genuine = Response::default().text();
    let two = genuine.replace("<SignedInfo>", "<SignedInfo></SignedInfo><SignedInfo>");
    refused(&two, &SHAPE);
    let two = genuine.replace(
        "<SignatureValue>",
        "<SignatureValue></SignatureValue><SignatureValue>",
    );
    refused(&two, &SHAPE);
    let two = genuine.replace("<DigestValue>", "<DigestValue></DigestValue><DigestValue>");
    refused(&two, &REFERENCE);
    let object = genuine.replace("</Signature>", "<Object></Object></Signature>");
    refused(&object, &SHAPE);
    let text = genuine.replace("<SignedInfo>", "x<SignedInfo>");
    refused(&text, &SHAPE);
    let inside = genuine.replace("<SignatureValue>", "<SignatureValue><a></a>");
    refused(
        &inside,
        &Error::NotALeaf {
            what: "SignatureValue",
        },
    );
}

#[test]
fn a_digest_that_everybody_knows() {
    let genuine = Response::default();
    let of_nothing = STANDARD.encode(digest(&SHA256, b""));
    let signature = Signature::default().with_digest(&of_nothing, &genuine.assertion_id);
    refused(
        &genuine.response("", &genuine.assertion(&signature)),
        &Error::Digest,
    );
    let signature = Signature::default().with_digest("", &genuine.assertion_id);
    refused(
        &genuine.response("", &genuine.assertion(&signature)),
        &Error::Base64,
    );
}

#[test]
fn a_comment_in_the_digest_value() {
    let text = Response::default().text();
    refused(
        &text.replace("<DigestValue>", "<DigestValue><!--x-->"),
        &Error::Comment,
    );
}

#[test]
fn a_relative_namespace_that_makes_canonicalisation_fail() {
    let text = Response::default().text();
    let void = text.replacen("<samlp:Response ", "<samlp:Response xmlns:ns=\"1\" ", 1);
    refused(&void, &Error::RelativeNamespace);
}

#[test]
fn every_signed_value_that_is_changed_is_noticed() {
    let genuine = Response::default().text();
    for (from, to) in [
        ("anna@contoso.example", "admin@contoso.example"),
        (crate::kit::OBJECT, "ffffffff-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
        (
            "NotOnOrAfter=\"2026-11-22T11:10:00.000Z\"",
            "NotOnOrAfter=\"2027-11-22T11:10:00.000Z\"",
        ),
        ("<Audience>https://hub", "<Audience>https://hud"),
        ("<Conditions ", "<Conditions  xmlns:a=\"urn:a\" a:b=\"c\" "),
    ] {
        assert!(genuine.contains(from));
        refused(&genuine.replace(from, to), &Error::Digest);
    }
    // What the canonical form makes equal stays accepted, and says the same.
    let other_spelling = genuine.replace("anna@contoso.example", "&#97;nna@contoso.example");
    assert_eq!(
        verdict(&other_spelling).unwrap().name_id(),
        "anna@contoso.example"
    );
}

#[test]
fn a_signature_value_that_is_none() {
    let genuine = Response::default().text();
    let at = genuine.find("<SignatureValue>").unwrap() + "<SignatureValue>".len();
    let end = genuine.find("</SignatureValue>").unwrap();
    let with = |value: &str| format!("{}{value}{}", &genuine[..at], &genuine[end..]);
    refused(&with(""), &Error::Base64);
    refused(&with("!"), &Error::Base64);
    refused(&with("AAAA"), &Error::Signature);
    let folded = genuine.as_bytes()[at..end]
        .chunks(60)
        .map(|chunk| std::str::from_utf8(chunk).unwrap())
        .collect::<Vec<_>>()
        .join("\n");
    assert!(verdict(&with(&folded)).is_ok());
}

#[test]
fn inclusive_prefixes_are_part_of_the_profile() {
    let list = |prefixes: &str| {
        let inclusive = format!(
            "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefixes}\"></ec:InclusiveNamespaces>"
        );
        with(|genuine| {
            genuine.signature.transforms = Some(format!(
                "<Transform Algorithm=\"{DS}enveloped-signature\"></Transform><Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">{inclusive}</Transform>"
            ));
        })
    };
    assert!(verdict(&list("xs xsi #default")).is_ok());
    let many: Vec<String> = (0..40).map(|n| format!("p{n}")).collect();
    refused(&list(&many.join(" ")), &Error::Transforms);
}
