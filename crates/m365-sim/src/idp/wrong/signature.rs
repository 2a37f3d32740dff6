//! Answers whose signature does not count.

use super::{Wrong, wrong};
use crate::idp::plan::identity;
use crate::saml::build::new;
use crate::saml::key::Method;
use crate::saml::tree::{Element, Node};
use crate::saml::{ENVELOPED, EXCLUSIVE, SIGNATURE};
use crate::settings::Signs;

/// The signature of the assertion.
fn signature(response: &mut Element) -> Option<&mut Element> {
    response.first_mut("Assertion")?.first_mut("Signature")
}

fn info(response: &mut Element) -> Option<&mut Element> {
    signature(response)?.first_mut("SignedInfo")
}

/// An element of a signature.
fn part(name: &str) -> Element {
    let mut element = new(name);
    SIGNATURE.clone_into(&mut element.space);
    element
}

/// Sets an algorithm after signing: a name that nobody computes.
fn renamed(response: &mut Element, element: &str, algorithm: &str) {
    if let Some(method) = info(response).and_then(|info| info.first_mut(element)) {
        method.set("Algorithm", algorithm);
    }
}

pub(super) const ALL: &[Wrong] = &[
    wrong("unsigned", "nothing is signed").unsigned(),
    wrong(
        "signed_response_only",
        "the response is signed, the assertion is not",
    )
    .signs(Signs::Response),
    wrong(
        "other_key",
        "signed by another key, with the right certificate beside it",
    )
    .seal(|seal, stage| {
        seal.key = stage.stranger.clone();
    }),
    wrong(
        "other_certificate",
        "signed by another key, with that key's certificate beside it",
    )
    .seal(|seal, stage| {
        seal.key = stage.stranger.clone();
        seal.shown = stage.stranger.certificate().to_vec();
    }),
    wrong(
        "other_key_without_certificate",
        "signed by another key, no certificate beside it",
    )
    .seal(|seal, stage| {
        seal.key = stage.stranger.clone();
        seal.shown.clear();
    }),
    wrong(
        "changed_after_signing",
        "the victim's object id was put in after signing",
    )
    .tree(|response, stage| {
        let name = identity("objectidentifier");
        let attributes = response
            .first_mut("Assertion")
            .and_then(|one| one.first_mut("AttributeStatement"));
        let one = attributes.and_then(|all| {
            all.elements_mut()
                .find(|one| one.attribute("Name") == Some(name.as_str()))
        });
        if let Some(value) = one.and_then(|one| one.first_mut("AttributeValue")) {
            value.children = vec![Node::Text(stage.victim.id.clone())];
        }
    }),
    wrong(
        "signature_value_changed",
        "the signature is another by one letter",
    )
    .tree(|response, _| {
        if let Some(value) = signature(response).and_then(|one| one.first_mut("SignatureValue")) {
            let text = value.text().unwrap_or_default();
            let swapped = if text.starts_with('A') { "B" } else { "A" };
            let rest = text.get(1..).unwrap_or_default();
            value.children = vec![Node::Text(format!("{swapped}{rest}"))];
        }
    }),
    wrong("empty_signature_value", "the signature is empty").tree(|response, _| {
        if let Some(value) = signature(response).and_then(|one| one.first_mut("SignatureValue")) {
            value.children.clear();
        }
    }),
    wrong("sha1", "RSA with SHA-1, by the right key").seal(|seal, _| {
        seal.method = Method::Sha1;
        seal.weak_digest = true;
    }),
    wrong("sha1_signature", "RSA with SHA-1 over a digest by SHA-256")
        .seal(|seal, _| seal.method = Method::Sha1),
    wrong("sha1_digest", "RSA with SHA-256 over a digest by SHA-1").seal(|seal, _| seal.weak_digest = true),
    wrong("hmac", "a checksum with the certificate as the secret").seal(|seal, _| seal.method = Method::Hmac),
    wrong("algorithm_none", "says that it is signed by nothing").tree(|response, _| {
        renamed(response, "SignatureMethod", "none");
        if let Some(value) = signature(response).and_then(|one| one.first_mut("SignatureValue")) {
            value.children.clear();
        }
    }),
    wrong("algorithm_dsa", "says that it is signed by DSA").tree(|response, _| {
        renamed(
            response,
            "SignatureMethod",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        );
    }),
    wrong("inclusive_c14n", "canonicalised with everything around it").seal(|seal, _| {
        seal.canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
        seal.transforms = vec![ENVELOPED, seal.canonicalization];
    }),
    wrong("c14n_with_comments", "canonicalised with comments").seal(|seal, _| {
        seal.canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
        seal.transforms = vec![ENVELOPED, seal.canonicalization];
    }),
    wrong("xslt_transform", "a style sheet as a transform").seal(|seal, _| {
        seal.transforms = vec![
            ENVELOPED,
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
            EXCLUSIVE,
        ];
    }),
    wrong("xpath_transform", "a path as a transform").seal(|seal, _| {
        seal.transforms = vec![
            ENVELOPED,
            "http://www.w3.org/TR/1999/REC-xpath-19991116",
            EXCLUSIVE,
        ];
    }),
    wrong("base64_transform", "Base64 as a transform").seal(|seal, _| {
        seal.transforms = vec![ENVELOPED, EXCLUSIVE, "http://www.w3.org/2000/09/xmldsig#base64"];
    }),
    wrong("no_enveloped_transform", "does not take itself out")
        .seal(|seal, _| seal.transforms = vec![EXCLUSIVE]),
    wrong("empty_reference", "refers to the whole document")
        .seal(|seal, _| seal.reference = Some(String::new())),
    wrong("external_reference", "refers to another document").seal(|seal, _| {
        seal.reference = Some("https://elsewhere.example/signed.xml".to_owned());
    }),
    wrong("xpointer_reference", "refers by a pointer").seal(|seal, _| {
        seal.reference = Some("#xpointer(/)".to_owned());
    }),
    wrong("reference_elsewhere", "refers to an id that is not its parent's").seal(|seal, stage| {
        seal.reference = Some(format!("#{}", stage.plan.response_id));
    }),
    wrong("two_references", "refers twice").tree(|response, _| {
        if let Some(info) = info(response) {
            let second = info.elements().find(|one| one.name == "Reference").cloned();
            info.children.extend(second.map(Node::Element));
        }
    }),
    wrong("two_signed_infos", "a second content before the signed one").tree(|response, _| {
        if let Some(signature) = signature(response) {
            let second = signature.elements().find(|one| one.name == "SignedInfo").cloned();
            if let Some(second) = second {
                signature.children.insert(0, Node::Element(second));
            }
        }
    }),
    wrong("two_signatures", "the assertion is signed twice").tree(|response, _| {
        if let Some(assertion) = response.first_mut("Assertion") {
            let second = assertion.elements().find(|one| one.name == "Signature").cloned();
            if let Some(second) = second {
                assertion.children.insert(1, Node::Element(second));
            }
        }
    }),
    wrong("object_in_signature", "something else inside the signature").tree(|response, _| {
        if let Some(signature) = signature(response) {
            signature
                .children
                .push(Node::Element(part("Object").holding("harmless")));
        }
    }),
    wrong(
        "detached_signature",
        "the assertion's signature stands in the response",
    )
    .tree(|response, _| {
        let taken = response
            .first_mut("Assertion")
            .and_then(|one| one.take("Signature"));
        if let Some(taken) = taken {
            response.children.insert(1, Node::Element(taken));
        }
    }),
    wrong(
        "signature_in_subject",
        "the assertion's signature stands in its subject",
    )
    .tree(|response, _| {
        let Some(assertion) = response.first_mut("Assertion") else {
            return;
        };
        let taken = assertion.take("Signature");
        if let (Some(taken), Some(subject)) = (taken, assertion.first_mut("Subject")) {
            subject.children.push(Node::Element(taken));
        }
    }),
    wrong(
        "look_alike_signature",
        "a signature in a namespace that only looks right",
    )
    .tree(|response, _| {
        if let Some(signature) = signature(response) {
            for (_, space) in &mut signature.declared {
                "https://www.w3.org/2000/09/xmldsig#".clone_into(space);
            }
        }
    }),
];
