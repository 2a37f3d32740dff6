//! Verifying, one check after the other.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::Timestamp;

use super::algorithm::{Hash, Sha1};
use crate::binding::base64;
use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::names::{ENVELOPED, EXCLUSIVE, XMLDSIG};
use crate::xml::{Document, ElementId, Form};

/// The most prefixes in a list of inclusive ones.
const MAX_PREFIXES: usize = 32;

/// Which signatures count.
#[derive(Clone, Copy)]
pub(crate) struct Trust<'a> {
    pub(crate) certificates: &'a [Certificate],
    pub(crate) sha1: Sha1,
    pub(crate) now: Timestamp,
}

/// An element whose signature was verified. Nothing else makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed(ElementId);

impl Signed {
    pub(crate) fn element(self) -> ElementId {
        self.0
    }
}

/// Row 6 of the table of checks: signatures stand directly in one of `parents`, at most one in each; whatever else is
/// called `Signature`, in whatever namespace, has no place in a message.
pub(crate) fn check_places(document: &Document, parents: &[ElementId]) -> Result<()> {
    let mut placed = 0;
    for parent in parents {
        placed += usize::from(signature_of(document, *parent)?.is_some());
    }
    if placed == document.count("Signature") {
        Ok(())
    } else {
        Err(Error::SignaturePlace)
    }
}

/// The signature that stands directly in an element.
pub(crate) fn signature_of(document: &Document, parent: ElementId) -> Result<Option<ElementId>> {
    let mut found = document.named(parent, XMLDSIG, "Signature");
    let first = found.next();
    if found.next().is_some() {
        return Err(Error::SignaturePlace);
    }
    Ok(first)
}

/// Verifies the signature that stands in `parent`: the value over `SignedInfo` first, with a trusted key, then the digest
/// over the parent without the signature. `id` is the name of the parent's id attribute.
pub(crate) fn verify(
    document: &Document,
    parent: ElementId,
    signature: ElementId,
    id: &str,
    trust: Trust<'_>,
) -> Result<Signed> {
    let shape = Shape::read(document, signature)?;
    let reference = Reference::read(document, shape.reference)?;

    let method = attribute_only(document, shape.canonicalization, "CanonicalizationMethod")?;
    if method != EXCLUSIVE {
        return Err(Error::Canonicalization);
    }
    let signed_prefixes = prefixes(document, shape.canonicalization)?;
    let method = attribute_only(document, shape.method, "SignatureMethod")?;
    let hash = Hash::of_signature(method, trust.sha1)?;
    leaf_only(document, shape.method, "SignatureMethod")?;
    let digest_hash = Hash::of_digest(
        attribute_only(document, reference.method, "DigestMethod")?,
        trust.sha1,
    )?;
    leaf_only(document, reference.method, "DigestMethod")?;

    let target = document.attribute(parent, id).filter(|id| !id.is_empty());
    let uri = document.attribute(shape.reference, "URI");
    match (uri.and_then(|uri| uri.strip_prefix('#')), target) {
        (Some(uri), Some(target)) if uri == target => {}
        _ => return Err(Error::Reference),
    }

    let signed_info = document.canonical(
        shape.signed_info,
        Form {
            without: None,
            prefixes: &signed_prefixes,
        },
    )?;
    let value = base64(document.leaf(shape.value, "SignatureValue")?)?;
    let certificate = trust
        .certificates
        .iter()
        .find(|certificate| certificate.key().made(hash, signed_info.as_bytes(), &value))
        .ok_or(Error::Signature)?;

    let covered = document.canonical(
        parent,
        Form {
            without: Some(signature),
            prefixes: &reference.prefixes,
        },
    )?;
    let digest = base64(document.leaf(reference.value, "DigestValue")?)?;
    verify_slices_are_equal(digest_hash.digest(covered.as_bytes()).as_ref(), &digest)
        .map_err(|_| Error::Digest)?;
    // Last, so that who has no key learns nothing about certificates.
    certificate.check(trust.now)?;
    Ok(Signed(parent))
}

/// The parts of a signature.
struct Shape {
    signed_info: ElementId,
    value: ElementId,
    canonicalization: ElementId,
    method: ElementId,
    reference: ElementId,
}

impl Shape {
    fn read(document: &Document, signature: ElementId) -> Result<Self> {
        let wrong = |part| Error::SignatureShape { part };
        let parts = document.only_elements(signature).ok_or(wrong("Signature"))?;
        let (signed_info, value) = match parts.as_slice() {
            [signed_info, value] => (*signed_info, *value),
            // It says which key the sender means. What it says is never read.
            [signed_info, value, info] if document.is(*info, XMLDSIG, "KeyInfo") => (*signed_info, *value),
            _ => return Err(wrong("Signature")),
        };
        if !document.is(signed_info, XMLDSIG, "SignedInfo") || !document.is(value, XMLDSIG, "SignatureValue")
        {
            return Err(wrong("Signature"));
        }
        let parts = document.only_elements(signed_info).ok_or(wrong("SignedInfo"))?;
        let [canonicalization, method, reference] = parts.as_slice() else {
            return Err(wrong("SignedInfo"));
        };
        let fits = document.is(*canonicalization, XMLDSIG, "CanonicalizationMethod")
            && document.is(*method, XMLDSIG, "SignatureMethod")
            && document.is(*reference, XMLDSIG, "Reference");
        if !fits {
            return Err(wrong("SignedInfo"));
        }
        Ok(Self {
            signed_info,
            value,
            canonicalization: *canonicalization,
            method: *method,
            reference: *reference,
        })
    }
}

/// The parts of a reference.
struct Reference<'a> {
    prefixes: Vec<&'a str>,
    method: ElementId,
    value: ElementId,
}

impl<'a> Reference<'a> {
    fn read(document: &'a Document, reference: ElementId) -> Result<Self> {
        let wrong = Error::SignatureShape { part: "Reference" };
        let parts = document.only_elements(reference).ok_or(wrong.clone())?;
        let [transforms, method, value] = parts.as_slice() else {
            return Err(wrong);
        };
        let fits = document.is(*transforms, XMLDSIG, "Transforms")
            && document.is(*method, XMLDSIG, "DigestMethod")
            && document.is(*value, XMLDSIG, "DigestValue");
        if !fits {
            return Err(wrong);
        }
        let steps = document.only_elements(*transforms).ok_or(Error::Transforms)?;
        let [enveloped, exclusive] = steps.as_slice() else {
            return Err(Error::Transforms);
        };
        let named = |step: ElementId, name: &str| {
            document.is(step, XMLDSIG, "Transform") && document.attribute(step, "Algorithm") == Some(name)
        };
        if !named(*enveloped, ENVELOPED) || !named(*exclusive, EXCLUSIVE) {
            return Err(Error::Transforms);
        }
        leaf_only(document, *enveloped, "Transform")?;
        Ok(Self {
            prefixes: prefixes(document, *exclusive)?,
            method: *method,
            value: *value,
        })
    }
}

/// The value of `Algorithm`.
fn attribute_only<'a>(document: &'a Document, element: ElementId, part: &'static str) -> Result<&'a str> {
    document
        .attribute(element, "Algorithm")
        .ok_or(Error::SignatureShape { part })
}

/// An element that holds nothing.
fn leaf_only(document: &Document, element: ElementId, part: &'static str) -> Result<()> {
    match document.only_elements(element) {
        Some(children) if children.is_empty() => Ok(()),
        _ => Err(Error::SignatureShape { part }),
    }
}

/// The list of inclusive prefixes: the only thing that may stand in an exclusive canonicalisation.
fn prefixes(document: &Document, method: ElementId) -> Result<Vec<&str>> {
    let parts = document.only_elements(method).ok_or(Error::Transforms)?;
    let list = match parts.as_slice() {
        [] => return Ok(Vec::new()),
        [list] if document.is(*list, EXCLUSIVE, "InclusiveNamespaces") => *list,
        _ => return Err(Error::Transforms),
    };
    leaf_only(document, list, "InclusiveNamespaces")?;
    let found: Vec<&str> = document
        .attribute(list, "PrefixList")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    if found.len() > MAX_PREFIXES {
        return Err(Error::Transforms);
    }
    Ok(found)
}
