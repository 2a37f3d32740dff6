//! Signing an element of a document that we built.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::algorithm::{Hash, RSA_SHA256, SHA256};
use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::key::SigningKey;
use crate::names::{ENVELOPED, EXCLUSIVE, ds};
use crate::xml::{Document, ElementId, Form, NO_ATTRIBUTES, Tag};

/// Where the signature stands in what it signs: the schemas say so, and differ.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// Behind this child: the issuer in SAML 2.0.
    After(ElementId),
    /// Before this child, which is the first one: metadata.
    Before(ElementId),
    /// As the last child: SAML 1.1.
    Last,
}

/// Signs `element`, whose id is the value of its attribute `id`, and puts the signature into it. `prefixes` are those
/// that stand in values and not in names.
///
/// # Errors
/// [`Error::Key`] when the key cannot sign, [`Error::Reference`] when the element has no id.
pub(crate) fn sign(
    document: &mut Document,
    element: ElementId,
    id: &str,
    place: Place,
    prefixes: &[&str],
    key: &SigningKey,
    certificate: &Certificate,
) -> Result<()> {
    let target = document.attribute(element, id).ok_or(Error::Reference)?;
    let uri = format!("#{target}");
    let form = Form {
        without: None,
        prefixes,
    };
    let digest = STANDARD.encode(Hash::Sha256.digest(document.canonical(element, form)?.as_bytes()));

    let signature = match place {
        Place::After(sibling) => document.add_after(sibling, ds("Signature"), NO_ATTRIBUTES),
        Place::Before(sibling) => document.add_before_first(sibling, ds("Signature"), NO_ATTRIBUTES),
        Place::Last => document.add(element, ds("Signature"), NO_ATTRIBUTES),
    };
    let info = document.add(signature, ds("SignedInfo"), NO_ATTRIBUTES);
    document.add(info, ds("CanonicalizationMethod"), [("Algorithm", EXCLUSIVE)]);
    document.add(info, ds("SignatureMethod"), [("Algorithm", RSA_SHA256)]);
    let reference = document.add(info, ds("Reference"), [("URI", uri.as_str())]);
    let transforms = document.add(reference, ds("Transforms"), NO_ATTRIBUTES);
    document.add(transforms, ds("Transform"), [("Algorithm", ENVELOPED)]);
    let exclusive = document.add(transforms, ds("Transform"), [("Algorithm", EXCLUSIVE)]);
    if !prefixes.is_empty() {
        let list = prefixes.join(" ");
        let tag = Tag::new("ec", EXCLUSIVE, "InclusiveNamespaces");
        document.add(exclusive, tag, [("PrefixList", list.as_str())]);
    }
    document.add(reference, ds("DigestMethod"), [("Algorithm", SHA256)]);
    document.add_leaf(reference, ds("DigestValue"), NO_ATTRIBUTES, &digest);

    let signed_info = document.canonical(info, Form::default())?;
    let value = STANDARD.encode(key.sign(signed_info.as_bytes())?);
    document.add_leaf(signature, ds("SignatureValue"), NO_ATTRIBUTES, &value);
    let info = document.add(signature, ds("KeyInfo"), NO_ATTRIBUTES);
    let data = document.add(info, ds("X509Data"), NO_ATTRIBUTES);
    document.add_leaf(data, ds("X509Certificate"), NO_ATTRIBUTES, &certificate.base64());
    Ok(())
}
