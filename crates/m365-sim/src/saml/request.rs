//! Messages as they come in (OASIS SAML 2.0 Bindings sections 3.4 and 3.5).

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::tree::{Element, read};
use super::{ASSERTION, PROTOCOL};

/// The most that a compressed message may become, in bytes.
const MAX_INFLATED: u64 = 64 * 1024;

/// A request to sign somebody in or out.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub logout: bool,
    pub id: String,
    pub issuer: String,
    pub reply: Option<String>,
    pub force: bool,
    pub passive: bool,
    pub name_id: Option<String>,
    /// How classes of signing in are compared, and which are asked for.
    pub contexts: Option<(String, Vec<String>)>,
    pub has_subject: bool,
}

/// The text of a message: compressed when it comes in an address, plain when it comes in a form.
///
/// # Errors
/// A sentence.
pub(crate) fn unpack(base64: &str, compressed: bool) -> Result<String, String> {
    let base64: String = base64.chars().filter(|letter| !letter.is_whitespace()).collect();
    let bytes = STANDARD
        .decode(base64)
        .map_err(|_| "The message is not Base64.".to_owned())?;
    let bytes = if compressed {
        let mut out = Vec::new();
        DeflateDecoder::new(bytes.as_slice())
            .take(MAX_INFLATED + 1)
            .read_to_end(&mut out)
            .map_err(|_| "The message is not compressed by DEFLATE.".to_owned())?;
        if out.len() as u64 > MAX_INFLATED {
            return Err(format!("The message is longer than {MAX_INFLATED} bytes."));
        }
        out
    } else {
        bytes
    };
    String::from_utf8(bytes).map_err(|_| "The message is not UTF-8.".to_owned())
}

/// A message for an address: compressed, in Base64.
pub(crate) fn pack(text: &str) -> String {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let done = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    STANDARD.encode(done.unwrap_or_default())
}

impl Request {
    /// # Errors
    /// A sentence about what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Request, String> {
        let root = read(text)?;
        let logout = root.is(PROTOCOL, "LogoutRequest");
        if !logout && !root.is(PROTOCOL, "AuthnRequest") {
            return Err(format!("`{}` is no request to sign in or out.", root.name));
        }
        let missing = |name: &str| format!("The request has no {name}.");
        if root.attribute("Version") != Some("2.0") {
            return Err("The version must be 2.0.".to_owned());
        }
        let id = root.attribute("ID").filter(|id| !id.is_empty());
        let issuer = root.only(ASSERTION, "Issuer").and_then(Element::text);
        if root.attribute("IssueInstant").is_none() {
            return Err(missing("IssueInstant"));
        }
        let contexts = root.only(PROTOCOL, "RequestedAuthnContext").map(|asked| {
            let classes = asked.all(ASSERTION, "AuthnContextClassRef");
            (
                asked.attribute("Comparison").unwrap_or("exact").to_owned(),
                classes.filter_map(Element::text).collect(),
            )
        });
        let flag = |name: &str| matches!(root.attribute(name), Some("true" | "1"));
        Ok(Request {
            logout,
            id: id.ok_or_else(|| missing("ID"))?.to_owned(),
            issuer: issuer
                .map(|issuer| issuer.trim().to_owned())
                .filter(|issuer| !issuer.is_empty())
                .ok_or_else(|| missing("Issuer"))?,
            reply: root.attribute("AssertionConsumerServiceURL").map(str::to_owned),
            force: flag("ForceAuthn"),
            passive: flag("IsPassive"),
            name_id: root
                .only(PROTOCOL, "NameIDPolicy")
                .and_then(|policy| policy.attribute("Format"))
                .map(str::to_owned),
            contexts,
            has_subject: root.all(ASSERTION, "Subject").next().is_some(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_compressed_messages_within_bounds() {
        let text = "<a>".repeat(100);
        assert_eq!(unpack(&pack(&text), true).unwrap(), text);
        assert_eq!(unpack(&STANDARD.encode(&text), false).unwrap(), text);
        assert!(unpack(&pack(&"a".repeat(70_000)), true).is_err());
        assert!(unpack("not base64!", false).is_err());
        assert!(unpack(&STANDARD.encode("plain"), true).is_err());
    }
}
