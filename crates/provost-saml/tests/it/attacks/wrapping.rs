//! Signature wrapping, XSW 1 to 8, and its relatives: verify one element, read another.

use provost_saml::Error;

use super::refused;
use crate::generator::{DS, Response, SAML, SAMLP};

fn genuine() -> Response {
    Response::default()
}

/// What the attacker wants to be read: another person, another id, no signature.
fn forged() -> Response {
    Response {
        assertion_id: "_evil".to_owned(),
        name_id: "admin@contoso.example".to_owned(),
        ..Response::default()
    }
}

fn signed_response() -> Response {
    Response {
        sign_response: true,
        ..Response::default()
    }
}

const TWO: Error = Error::Assertions { found: 2 };

#[test]
fn xsw_1_the_genuine_response_hidden_in_the_signature_of_a_forged_one() {
    let genuine = signed_response();
    let original = genuine.text();
    let outer = Response {
        id: "_evil0".to_owned(),
        ..forged()
    };
    let signature = genuine
        .signature
        .over(&genuine.response("", &genuine.signed_assertion()), &genuine.id)
        .replace("</Signature>", &format!("{original}</Signature>"));
    refused(&outer.response(&signature, &outer.assertion("")), &TWO);
}

#[test]
fn xsw_2_the_genuine_response_beside_its_signature_in_a_forged_one() {
    let genuine = signed_response();
    let plain = genuine.response("", &genuine.signed_assertion());
    let signature = genuine.signature.over(&plain, &genuine.id);
    let outer = Response {
        id: "_evil0".to_owned(),
        ..forged()
    };
    let text = outer.response(&format!("{signature}{plain}"), &outer.assertion(""));
    refused(&text, &TWO);
}

#[test]
fn xsw_3_a_forged_assertion_before_the_genuine_one() {
    let genuine = genuine();
    let inside = format!("{}{}", forged().assertion(""), genuine.signed_assertion());
    refused(&genuine.response("", &inside), &TWO);
}

#[test]
fn xsw_3b_a_forged_assertion_behind_the_genuine_one() {
    let genuine = genuine();
    let inside = format!("{}{}", genuine.signed_assertion(), forged().assertion(""));
    refused(&genuine.response("", &inside), &TWO);
}

#[test]
fn xsw_4_a_forged_assertion_around_the_genuine_one() {
    let genuine = genuine();
    let inside = forged().assertion("").replace(
        "</Assertion>",
        &format!("{}</Assertion>", genuine.signed_assertion()),
    );
    refused(&genuine.response("", &inside), &TWO);
}

#[test]
fn xsw_5_changed_in_place_and_the_genuine_one_at_the_end() {
    let genuine = genuine();
    let original = genuine.assertion("");
    let signature = genuine.signature.over(&original, &genuine.assertion_id);
    let inside = format!("{}{original}", forged().assertion(&signature));
    refused(&genuine.response("", &inside), &TWO);
}

#[test]
fn xsw_6_changed_in_place_and_the_genuine_one_in_the_signature() {
    let genuine = genuine();
    let original = genuine.assertion("");
    let signature = genuine
        .signature
        .over(&original, &genuine.assertion_id)
        .replace("</Signature>", &format!("{original}</Signature>"));
    refused(&genuine.response("", &forged().assertion(&signature)), &TWO);
}

#[test]
fn xsw_7_a_forged_assertion_in_extensions() {
    let genuine = genuine();
    let extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", forged().assertion(""));
    let inside = format!("{extensions}{}", genuine.signed_assertion());
    refused(&genuine.response("", &inside), &TWO);
}

#[test]
fn xsw_8_the_genuine_one_in_an_object_of_the_signature() {
    let genuine = genuine();
    let original = genuine.assertion("");
    let signature = genuine.signature.over(&original, &genuine.assertion_id).replace(
        "</Signature>",
        &format!("<Object>{original}</Object></Signature>"),
    );
    refused(&genuine.response("", &forged().assertion(&signature)), &TWO);
}

#[test]
fn the_same_id_twice_cannot_be_read() {
    let genuine = genuine();
    let twin = Response {
        assertion_id: genuine.assertion_id.clone(),
        ..forged()
    };
    let inside = format!("{}{}", twin.assertion(""), genuine.signed_assertion());
    refused(&genuine.response("", &inside), &Error::SameId);
}

#[test]
fn an_assertion_of_another_namespace_counts_as_one() {
    let genuine = genuine();
    let other = forged()
        .assertion("")
        .replace(SAML, "urn:oasis:names:tc:SAML:1.0:assertion");
    let inside = format!("{other}{}", genuine.signed_assertion());
    refused(&genuine.response("", &inside), &TWO);
}

#[test]
fn the_only_assertion_stands_deeper() {
    let genuine = genuine();
    let inside = format!(
        "<samlp:Extensions>{}</samlp:Extensions>",
        genuine.signed_assertion()
    );
    refused(&genuine.response("", &inside), &Error::Assertions { found: 1 });
    refused(&genuine.response("", ""), &Error::Assertions { found: 0 });
}

#[test]
fn the_signature_of_the_assertion_moved_to_the_response() {
    let genuine = genuine();
    let signature = genuine
        .signature
        .over(&genuine.assertion(""), &genuine.assertion_id);
    refused(
        &genuine.response(&signature, &genuine.assertion("")),
        &Error::ResponseSignedOnly,
    );
}

#[test]
fn a_detached_signature_that_a_search_would_find() {
    let genuine = genuine();
    let original = genuine.assertion("");
    let signature = genuine.signature.over(&original, &genuine.assertion_id);
    let status = format!("<samlp:StatusDetail>{signature}</samlp:StatusDetail></samlp:Status>");
    let text = genuine
        .response("", &forged().assertion(""))
        .replace("</samlp:Status>", &status);
    refused(&text, &Error::SignaturePlace);
}

#[test]
fn a_signature_in_a_look_alike_namespace() {
    let genuine = genuine();
    let fake = genuine
        .signature
        .over(&genuine.assertion(""), &genuine.assertion_id)
        .replace(DS, "http://www.w3.org/2000/09/xmldsig");
    refused(
        &genuine.response("", &genuine.assertion(&fake)),
        &Error::SignaturePlace,
    );
    let both = format!(
        "{fake}{}",
        genuine
            .signature
            .over(&genuine.assertion(""), &genuine.assertion_id)
    );
    refused(
        &genuine.response("", &genuine.assertion(&both)),
        &Error::SignaturePlace,
    );
}

#[test]
fn two_signatures_in_one_assertion() {
    let genuine = genuine();
    let one = genuine
        .signature
        .over(&genuine.assertion(""), &genuine.assertion_id);
    let text = genuine.response("", &genuine.assertion(&format!("{one}{one}")));
    refused(&text, &Error::SignaturePlace);
}

#[test]
fn an_id_in_an_attribute_with_a_namespace() {
    let text = genuine().text().replacen(
        "<samlp:Response ",
        &format!("<samlp:Response xmlns:x=\"{SAMLP}\" x:ID=\"_other\" "),
        1,
    );
    refused(&text, &Error::NamespacedId);
}

#[test]
fn the_response_is_signed_and_changed() {
    let genuine = signed_response();
    let text = genuine.text();
    super::verdict(&text).unwrap();
    let changed = text.replacen("Version=\"2.0\"", "Consent=\"urn:x\" Version=\"2.0\"", 1);
    refused(&changed, &Error::Digest);
}
