//! A signing generator that shares no code with the verifier: it writes its texts in canonical form by hand, so that a
//! digest is the digest of a piece of text.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::kit::{ACS, ISSUER, Keys, OBJECT, REQUEST, SP, TENANT, TRUSTED};

pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// What Entra ID sends, with a handle on everything that an attacker may want to be different.
#[derive(Clone)]
pub struct Response {
    pub id: String,
    pub assertion_id: String,
    pub version: String,
    pub issuer: String,
    pub response_issuer: Option<String>,
    pub destination: Option<String>,
    pub in_response_to: Option<String>,
    pub confirmation_in_response_to: Option<String>,
    pub method: String,
    pub recipient: String,
    pub confirmation_not_before: Option<String>,
    pub confirmation_end: String,
    pub not_before: String,
    pub not_on_or_after: String,
    pub more_conditions: String,
    pub audience: Option<String>,
    pub status: String,
    pub status_message: String,
    pub name_id: String,
    pub authn_instant: String,
    pub session_end: Option<String>,
    pub claims: Vec<(String, Vec<String>)>,
    pub sign_assertion: bool,
    pub sign_response: bool,
    pub signature: Signature,
}

/// How a signature is made.
#[derive(Clone)]
pub struct Signature {
    pub hash: &'static str,
    pub digest: &'static str,
    /// Instead of `#` and the id.
    pub uri: Option<String>,
    pub canonicalization: &'static str,
    /// Instead of the two transforms.
    pub transforms: Option<String>,
    /// Behind the reference, inside of what is signed.
    pub more_references: String,
    /// Behind the signature value.
    pub key_info: String,
    pub key: &'static LazyLock<Keys>,
}

impl Default for Signature {
    fn default() -> Self {
        Self {
            hash: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest: "http://www.w3.org/2001/04/xmlenc#sha256",
            uri: None,
            canonicalization: EXCLUSIVE,
            transforms: None,
            more_references: String::new(),
            key_info:
                "<KeyInfo><X509Data><X509Certificate>bm90aGluZw==</X509Certificate></X509Data></KeyInfo>"
                    .to_owned(),
            key: &TRUSTED,
        }
    }
}

impl Default for Response {
    fn default() -> Self {
        let claim = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        Self {
            id: "_r0000000000000000000000000000000000000001".to_owned(),
            assertion_id: "_a0000000000000000000000000000000000000001".to_owned(),
            version: "2.0".to_owned(),
            issuer: ISSUER.to_owned(),
            response_issuer: Some(ISSUER.to_owned()),
            destination: Some(ACS.to_owned()),
            in_response_to: Some(REQUEST.to_owned()),
            confirmation_in_response_to: Some(REQUEST.to_owned()),
            method: "urn:oasis:names:tc:SAML:2.0:cm:bearer".to_owned(),
            recipient: ACS.to_owned(),
            confirmation_not_before: None,
            confirmation_end: "2026-11-22T10:05:00.000Z".to_owned(),
            not_before: "2026-11-22T10:00:00.000Z".to_owned(),
            not_on_or_after: "2026-11-22T11:10:00.000Z".to_owned(),
            more_conditions: String::new(),
            audience: Some(SP.to_owned()),
            status: "urn:oasis:names:tc:SAML:2.0:status:Success".to_owned(),
            status_message: String::new(),
            name_id: "anna@contoso.example".to_owned(),
            authn_instant: "2026-11-22T09:59:50.000Z".to_owned(),
            session_end: None,
            claims: vec![
                claim("http://schemas.microsoft.com/identity/claims/tenantid", TENANT),
                claim(
                    "http://schemas.microsoft.com/identity/claims/objectidentifier",
                    OBJECT,
                ),
                claim(
                    "http://schemas.microsoft.com/identity/claims/identityprovider",
                    ISSUER,
                ),
                claim(
                    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
                    "anna@contoso.example",
                ),
                (
                    "http://schemas.microsoft.com/claims/authnmethodsreferences".to_owned(),
                    vec![
                        "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password"
                            .to_owned(),
                        "http://schemas.microsoft.com/claims/multipleauthn".to_owned(),
                    ],
                ),
            ],
            sign_assertion: true,
            sign_response: false,
            signature: Signature::default(),
        }
    }
}

fn attribute(name: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!(" {name}=\"{value}\""))
}

impl Response {
    /// The response as it travels, before Base64.
    pub fn text(&self) -> String {
        let assertion = if self.sign_assertion {
            self.signed_assertion()
        } else {
            self.assertion("")
        };
        self.around(&assertion)
    }

    /// A response around one or more assertions, or around none.
    pub fn around(&self, inside: &str) -> String {
        let plain = self.response("", inside);
        if !self.sign_response {
            return plain;
        }
        self.response(&self.signature.over(&plain, &self.id), inside)
    }

    /// The response with something where its signature belongs.
    pub fn response(&self, signature: &str, inside: &str) -> String {
        let issuer = self.response_issuer.as_ref().map_or_else(String::new, |issuer| {
            format!("<Issuer xmlns=\"{SAML}\">{issuer}</Issuer>")
        });
        // Attributes in the order of the canonical form.
        format!(
            "<samlp:Response xmlns:samlp=\"{SAMLP}\"{}{}{}{}{}>{issuer}{signature}<samlp:Status>{}</samlp:Status>{inside}</samlp:Response>",
            attribute("Destination", self.destination.as_deref()),
            attribute("ID", Some(&self.id)),
            attribute("InResponseTo", self.in_response_to.as_deref()),
            " IssueInstant=\"2026-11-22T10:00:00.000Z\"",
            attribute("Version", Some(&self.version)),
            self.status_elements(),
        )
    }

    fn status_elements(&self) -> String {
        let message = match self.status_message.as_str() {
            "" => String::new(),
            message => format!("<samlp:StatusMessage>{message}</samlp:StatusMessage>"),
        };
        format!(
            "<samlp:StatusCode Value=\"{}\"></samlp:StatusCode>{message}",
            self.status
        )
    }

    /// The assertion with its signature.
    pub fn signed_assertion(&self) -> String {
        let signature = self.signature.over(&self.assertion(""), &self.assertion_id);
        self.assertion(&signature)
    }

    /// The assertion with something where its signature belongs. It is its own canonical form.
    pub fn assertion(&self, signature: &str) -> String {
        format!(
            "<Assertion xmlns=\"{SAML}\" ID=\"{}\" IssueInstant=\"2026-11-22T10:00:00.000Z\" Version=\"2.0\"><Issuer>{}</Issuer>{signature}{}{}{}{}</Assertion>",
            self.assertion_id,
            self.issuer,
            self.subject(),
            self.conditions(),
            self.claims(),
            self.statement(),
        )
    }

    fn subject(&self) -> String {
        format!(
            "<Subject><NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">{}</NameID><SubjectConfirmation Method=\"{}\"><SubjectConfirmationData{}{}{}{}></SubjectConfirmationData></SubjectConfirmation></Subject>",
            self.name_id,
            self.method,
            attribute("InResponseTo", self.confirmation_in_response_to.as_deref()),
            attribute("NotBefore", self.confirmation_not_before.as_deref()),
            attribute("NotOnOrAfter", Some(&self.confirmation_end)),
            attribute("Recipient", Some(&self.recipient)),
        )
    }

    fn conditions(&self) -> String {
        let audience = self.audience.as_ref().map_or_else(String::new, |audience| {
            format!("<AudienceRestriction><Audience>{audience}</Audience></AudienceRestriction>")
        });
        format!(
            "<Conditions NotBefore=\"{}\" NotOnOrAfter=\"{}\">{audience}{}</Conditions>",
            self.not_before, self.not_on_or_after, self.more_conditions
        )
    }

    fn claims(&self) -> String {
        let mut out = String::new();
        for (name, values) in &self.claims {
            write!(out, "<Attribute Name=\"{name}\">").unwrap();
            for value in values {
                write!(out, "<AttributeValue>{value}</AttributeValue>").unwrap();
            }
            out.push_str("</Attribute>");
        }
        format!("<AttributeStatement>{out}</AttributeStatement>")
    }

    fn statement(&self) -> String {
        format!(
            "<AuthnStatement AuthnInstant=\"{}\" SessionIndex=\"_s1\"{}><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement>",
            self.authn_instant,
            attribute("SessionNotOnOrAfter", self.session_end.as_deref()),
        )
    }
}

impl Signature {
    /// A signature over a text in canonical form, of the element with this id.
    pub fn over(&self, canonical: &str, id: &str) -> String {
        let digest = STANDARD.encode(self.digest_of(canonical));
        self.with_digest(&digest, id)
    }

    /// A signature with whatever stands in `DigestValue`.
    pub fn with_digest(&self, digest: &str, id: &str) -> String {
        let uri = self.uri.clone().unwrap_or_else(|| format!("#{id}"));
        let transforms = self.transforms.clone().unwrap_or_else(|| {
            format!(
                "<Transform Algorithm=\"{DS}enveloped-signature\"></Transform><Transform Algorithm=\"{EXCLUSIVE}\"></Transform>"
            )
        });
        let inside = format!(
            "<CanonicalizationMethod Algorithm=\"{}\"></CanonicalizationMethod><SignatureMethod Algorithm=\"{}\"></SignatureMethod><Reference URI=\"{uri}\"><Transforms>{transforms}</Transforms><DigestMethod Algorithm=\"{}\"></DigestMethod><DigestValue>{digest}</DigestValue></Reference>{}",
            self.canonicalization, self.hash, self.digest, self.more_references
        );
        let signed = format!("<SignedInfo xmlns=\"{DS}\">{inside}</SignedInfo>");
        let value = STANDARD.encode(self.sign(&signed));
        format!(
            "<Signature xmlns=\"{DS}\"><SignedInfo>{inside}</SignedInfo><SignatureValue>{value}</SignatureValue>{}</Signature>",
            self.key_info
        )
    }

    fn digest_of(&self, text: &str) -> Vec<u8> {
        let algorithm = match self.digest {
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => &SHA384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => &SHA512,
            "http://www.w3.org/2000/09/xmldsig#sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
            _ => &SHA256,
        };
        digest(algorithm, text.as_bytes()).as_ref().to_vec()
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let pair = RsaKeyPair::from_pkcs8(&self.key.pkcs8).unwrap();
        let mut out = vec![0; pair.public_modulus_len()];
        let algorithm = match self.hash {
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => &RSA_PKCS1_SHA384,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => &RSA_PKCS1_SHA512,
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
            | "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256" => {
                // The attack: the public key as the secret.
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, TRUSTED.certificate.der());
                return aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref().to_vec();
            }
            _ => &RSA_PKCS1_SHA256,
        };
        pair.sign(algorithm, &SystemRandom::new(), text.as_bytes(), &mut out)
            .unwrap();
        out
    }
}

/// Base64, as in the form field.
pub fn field(text: &str) -> String {
    STANDARD.encode(text)
}
