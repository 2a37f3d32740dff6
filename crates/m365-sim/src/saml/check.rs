//! Signatures checked, by one fixed profile (OASIS SAML 2.0 Core section 5.4): the parent of the signature is what was
//! signed, the keys are those of the caller, nothing is looked up by an id.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::canon::{Form, canonical};
use super::seal::chain;
use super::tree::{Element, Node};
use super::{ENVELOPED, EXCLUSIVE, SIGNATURE};
use crate::token::public_key;

/// What is wrong with a signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// There is none where one must be.
    Missing,
    /// It is built in a way that is not accepted.
    Shape(&'static str),
    /// It names a certificate that is not among those that count.
    UnknownKey,
    /// It was not made with any of the keys.
    Value,
    /// The message is not what was signed.
    Digest,
}

/// Checks that no id stands twice, that there are no signatures but those of the root and its assertions, and that there
/// is one assertion in the whole document.
///
/// # Errors
/// What is wrong.
pub(crate) fn lone(root: &Element) -> Result<(), &'static str> {
    let (mut ids, mut twice, mut assertions, mut signatures) = (BTreeSet::new(), false, 0, 0);
    root.walk(&mut |element| {
        for one in &element.attributes {
            let names = ["ID", "Id", "id", "AssertionID", "ResponseID"];
            if names.contains(&one.name.as_str()) {
                twice |= !one.prefix.is_empty() || !ids.insert(one.value.as_str());
            }
        }
        assertions += usize::from(matches!(
            element.name.as_str(),
            "Assertion" | "EncryptedAssertion"
        ));
        signatures += usize::from(element.name == "Signature");
    });
    if twice {
        return Err("an id stands twice, or with a prefix");
    }
    if assertions != 1 {
        return Err("there must be one assertion");
    }
    let own = root.all(SIGNATURE, "Signature").count();
    let of_assertions: usize = root
        .elements()
        .filter(|child| child.name != "Signature")
        .map(|child| count(child, 2))
        .sum();
    if own + of_assertions == signatures {
        Ok(())
    } else {
        Err("there is a signature where none may be")
    }
}

/// Signatures at most so many levels below.
fn count(element: &Element, levels: usize) -> usize {
    let own = element.all(SIGNATURE, "Signature").count();
    let below = if levels > 0 {
        element
            .elements()
            .filter(|child| child.name != "Signature")
            .map(|child| count(child, levels - 1))
            .sum()
    } else {
        0
    };
    own + below
}

/// Checks the signature of the element at this path with any of these certificates (DER).
///
/// # Errors
/// What is wrong with it.
pub(crate) fn verify(root: &Element, path: &[usize], id: &str, keys: &[Vec<u8>]) -> Result<(), Flaw> {
    let way = chain(root, path).ok_or(Flaw::Missing)?;
    let signed = way.last().ok_or(Flaw::Missing)?;
    let place = signed
        .children
        .iter()
        .position(|node| matches!(node, Node::Element(element) if element.is(SIGNATURE, "Signature")))
        .ok_or(Flaw::Missing)?;
    let signature = signed
        .only(SIGNATURE, "Signature")
        .ok_or(Flaw::Shape("there are several"))?;
    let names: Vec<&str> = signature.elements().map(|child| child.name.as_str()).collect();
    if !matches!(
        names.as_slice(),
        ["SignedInfo", "SignatureValue"] | ["SignedInfo", "SignatureValue", "KeyInfo"]
    ) {
        return Err(Flaw::Shape("its parts are not the usual three"));
    }
    let info = signature
        .only(SIGNATURE, "SignedInfo")
        .ok_or(Flaw::Shape("it has no content"))?;
    let shape = shape(info, signed.attribute(id).unwrap_or_default())?;
    let info_place = signature
        .children
        .iter()
        .position(|node| matches!(node, Node::Element(element) if element.name == "SignedInfo"))
        .unwrap_or_default();
    let mut inner = path.to_vec();
    inner.extend([place, info_place]);
    let info_way = chain(root, &inner).ok_or(Flaw::Missing)?;
    let prefixes: Vec<&str> = shape.info_prefixes.iter().map(String::as_str).collect();
    let text = canonical(&info_way, Form::Exclusive(&prefixes), None);
    let value = signature
        .only(SIGNATURE, "SignatureValue")
        .and_then(bytes)
        .ok_or(Flaw::Shape("its value is not Base64"))?;
    let made = |key: &Vec<u8>| {
        public_key(key).is_some_and(|key| {
            UnparsedPublicKey::new(shape.method, key)
                .verify(text.as_bytes(), &value)
                .is_ok()
        })
    };
    if !keys.iter().any(made) {
        let shown = shown(signature);
        let known = shown.is_none_or(|shown| keys.contains(&shown));
        return Err(if known { Flaw::Value } else { Flaw::UnknownKey });
    }
    let prefixes: Vec<&str> = shape.prefixes.iter().map(String::as_str).collect();
    let text = canonical(&way, Form::Exclusive(&prefixes), Some(signature));
    let found = digest(shape.digest, text.as_bytes());
    if found.as_ref() == shape.value.as_slice() {
        Ok(())
    } else {
        Err(Flaw::Digest)
    }
}

/// What a signature says of itself.
struct Shape {
    method: &'static RsaParameters,
    digest: &'static aws_lc_rs::digest::Algorithm,
    value: Vec<u8>,
    prefixes: Vec<String>,
    info_prefixes: Vec<String>,
}

fn shape(info: &Element, id: &str) -> Result<Shape, Flaw> {
    let names: Vec<&str> = info.elements().map(|child| child.name.as_str()).collect();
    if names != ["CanonicalizationMethod", "SignatureMethod", "Reference"] {
        return Err(Flaw::Shape("its content is not the usual three"));
    }
    let only = |element: &'_ Element, name: &str| element.only(SIGNATURE, name).cloned();
    let algorithm = |element: &Element| element.attribute("Algorithm").unwrap_or_default().to_owned();
    let canonicalization = only(info, "CanonicalizationMethod").ok_or(Flaw::Shape("no canonicalisation"))?;
    if algorithm(&canonicalization) != EXCLUSIVE {
        return Err(Flaw::Shape("its canonicalisation is not the exclusive one"));
    }
    let method = only(info, "SignatureMethod").map(|method| algorithm(&method));
    let method = match method.as_deref() {
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256") => &RSA_PKCS1_2048_8192_SHA256,
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384") => &RSA_PKCS1_2048_8192_SHA384,
        Some("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512") => &RSA_PKCS1_2048_8192_SHA512,
        _ => return Err(Flaw::Shape("its method is not RSA with SHA-2")),
    };
    let reference = only(info, "Reference").ok_or(Flaw::Shape("no reference"))?;
    if id.is_empty() || reference.attribute("URI") != Some(format!("#{id}").as_str()) {
        return Err(Flaw::Shape("it refers to something else than its parent"));
    }
    let transforms = only(&reference, "Transforms").ok_or(Flaw::Shape("no transforms"))?;
    let all: Vec<&Element> = transforms.elements().collect();
    let named: Vec<String> = all.iter().map(|one| algorithm(one)).collect();
    if named != [ENVELOPED, EXCLUSIVE] {
        return Err(Flaw::Shape("its transforms are not the usual two"));
    }
    let method_of_digest = only(&reference, "DigestMethod").map(|method| algorithm(&method));
    let digest = match method_of_digest.as_deref() {
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => &SHA256,
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => &SHA384,
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => &SHA512,
        _ => return Err(Flaw::Shape("its digest is not one of SHA-2")),
    };
    let value = only(&reference, "DigestValue")
        .as_ref()
        .and_then(bytes)
        .ok_or(Flaw::Shape("its digest is not Base64"))?;
    Ok(Shape {
        method,
        digest,
        value,
        prefixes: all.last().map(|one| prefixes(one)).unwrap_or_default(),
        info_prefixes: prefixes(&canonicalization),
    })
}

/// The prefixes that an exclusive canonicalisation takes along.
fn prefixes(method: &Element) -> Vec<String> {
    let listed = method.only(EXCLUSIVE, "InclusiveNamespaces");
    let listed = listed
        .and_then(|one| one.attribute("PrefixList"))
        .unwrap_or_default();
    listed.split_whitespace().map(str::to_owned).collect()
}

fn bytes(element: &Element) -> Option<Vec<u8>> {
    let text = element.text()?;
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// The certificate that a signature shows. It only tells which refusal is given.
fn shown(signature: &Element) -> Option<Vec<u8>> {
    let info = signature.only(SIGNATURE, "KeyInfo")?;
    let data = info.only(SIGNATURE, "X509Data")?;
    data.only(SIGNATURE, "X509Certificate").and_then(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::key::{Method, SigningKey};
    use super::super::seal::Seal;
    use super::super::tree::read;
    use super::*;

    #[test]
    fn what_is_signed_is_accepted_until_anything_changes() {
        let key = SigningKey::generate("One", 0, 1_000_000_000_000).unwrap();
        let other = SigningKey::generate("Two", 0, 1_000_000_000_000).unwrap();
        let text = r#"<p:r xmlns:p="urn:p"><a xmlns="urn:a" ID="_1"><b>text</b></a></p:r>"#;
        {
            let mut root = read(text).unwrap();
            Seal::by(&key, Method::Sha256).apply(&mut root, &[0], 1).unwrap();
            let again = read(&root.write()).unwrap();
            assert_eq!(again, root, "what is written reads the same");
            let check =
                |root: &Element, key: &SigningKey| verify(root, &[0], "ID", &[key.certificate().to_vec()]);
            assert_eq!(check(&again, &key), Ok(()));
            assert_eq!(check(&again, &other), Err(Flaw::UnknownKey));
            let changed = read(&root.write().replace(">text<", ">test<")).unwrap();
            assert_eq!(check(&changed, &key), Err(Flaw::Digest));
            assert_eq!(check(&read(text).unwrap(), &key), Err(Flaw::Missing));
        }
        for method in [Method::Sha1, Method::Hmac] {
            let mut root = read(text).unwrap();
            Seal::by(&key, method).apply(&mut root, &[0], 1).unwrap();
            let found = verify(&root, &[0], "ID", &[key.certificate().to_vec()]);
            assert!(matches!(found, Err(Flaw::Shape(_))), "{found:?}");
        }
    }
}
