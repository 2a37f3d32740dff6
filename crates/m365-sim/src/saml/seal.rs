//! Signatures inside of what they sign (W3C XML Signature).

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::build::new;
use super::canon::{Form, canonical};
use super::key::{Method, SigningKey};
use super::tree::{Element, Node};
use super::{ENVELOPED, EXCLUSIVE, SIGNATURE};

/// How one element is to be signed. [`Seal::by`] is how everybody does it; the rest is for messages that are wrong on
/// purpose.
#[derive(Debug, Clone)]
pub(crate) struct Seal {
    pub key: SigningKey,
    pub method: Method,
    /// The digest by SHA-1.
    pub weak_digest: bool,
    /// The name of the canonicalisation.
    pub canonicalization: &'static str,
    pub transforms: Vec<&'static str>,
    /// What the reference says in place of the element's id.
    pub reference: Option<String>,
    /// The certificate in `KeyInfo`, as DER. Empty: none.
    pub shown: Vec<u8>,
    /// The attribute that holds the element's id.
    pub id: &'static str,
}

impl Seal {
    pub(crate) fn by(key: &SigningKey, method: Method) -> Seal {
        Seal {
            key: key.clone(),
            method,
            weak_digest: method == Method::Sha1,
            canonicalization: EXCLUSIVE,
            transforms: vec![ENVELOPED, EXCLUSIVE],
            reference: None,
            shown: key.certificate().to_vec(),
            id: "ID",
        }
    }

    fn form(&self) -> Form<'static> {
        if self.canonicalization.contains("REC-xml-c14n") {
            Form::Inclusive
        } else {
            Form::Exclusive(&[])
        }
    }

    /// Signs the element at this path (places among the children of each element from the root on) and puts the signature
    /// into it as the child at this place.
    pub(crate) fn apply(&self, root: &mut Element, path: &[usize], place: usize) -> Option<()> {
        let signed = chain(root, path)?;
        let id = signed.last()?.attribute(self.id).unwrap_or_default();
        let reference = self.reference.clone().unwrap_or_else(|| format!("#{id}"));
        let text = canonical(&signed, self.form(), None);
        let (digest_name, algorithm): (_, &'static digest::Algorithm) = if self.weak_digest {
            (
                "http://www.w3.org/2000/09/xmldsig#sha1",
                &SHA1_FOR_LEGACY_USE_ONLY,
            )
        } else {
            ("http://www.w3.org/2001/04/xmlenc#sha256", &SHA256)
        };
        let value = STANDARD.encode(digest(algorithm, text.as_bytes()).as_ref());
        let named = |element: &str, algorithm: &str| new(element).with("Algorithm", algorithm);
        let transforms = self.transforms.iter().map(|name| named("Transform", name));
        let reference = new("Reference")
            .with("URI", &reference)
            .child(new("Transforms").children(transforms))
            .child(named("DigestMethod", digest_name))
            .child(new("DigestValue").holding(&value));
        let info = new("SignedInfo")
            .child(named("CanonicalizationMethod", self.canonicalization))
            .child(named("SignatureMethod", self.method.name()))
            .child(reference);
        let mut signature = new("Signature")
            .space("", SIGNATURE)
            .child(info)
            .child(new("SignatureValue"));
        if !self.shown.is_empty() {
            let shown = new("X509Certificate").holding(&STANDARD.encode(&self.shown));
            signature = signature.child(new("KeyInfo").child(new("X509Data").child(shown)));
        }
        resolve(&mut signature);
        let target = find_mut(root, path)?;
        let place = place.min(target.children.len());
        target.children.insert(place, Node::Element(signature));
        let mut inner = path.to_vec();
        inner.extend([place, 0]);
        let text = canonical(&chain(root, &inner)?, self.form(), None);
        let value = STANDARD.encode(self.key.sign(self.method, text.as_bytes())?);
        inner.pop();
        let holder = find_mut(root, &inner)?.first_mut("SignatureValue")?;
        holder.children = vec![Node::Text(value)];
        Some(())
    }
}

/// Everything in a signature is in its namespace.
fn resolve(element: &mut Element) {
    SIGNATURE.clone_into(&mut element.space);
    element.elements_mut().for_each(resolve);
}

/// The elements from the root down to the one at this path.
pub(crate) fn chain<'a>(root: &'a Element, path: &[usize]) -> Option<Vec<&'a Element>> {
    let mut out = vec![root];
    for place in path {
        match out.last()?.children.get(*place)? {
            Node::Element(element) => out.push(element),
            _ => return None,
        }
    }
    Some(out)
}

/// The element at this path, to be changed.
pub(crate) fn find_mut<'a>(root: &'a mut Element, path: &[usize]) -> Option<&'a mut Element> {
    let mut found = root;
    for place in path {
        found = match found.children.get_mut(*place)? {
            Node::Element(element) => element,
            _ => return None,
        };
    }
    Some(found)
}
