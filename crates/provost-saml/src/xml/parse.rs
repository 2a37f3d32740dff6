//! The strict reader: XML 1.0 in UTF-8 with namespaces, and nothing else of XML.
//!
//! The grammar is read by `rxml`, which knows no entities but the five and no document type. Here are the limits, the
//! namespaces, and what two readers might understand differently: all of it is refused.

use std::collections::BTreeSet;

use rxml::error::EndOrError;
use rxml::parser::{Options, Parse as _, RawEvent, RawParser, WithOptions as _};

use super::look::is_space;
use super::{Attribute, Declaration, Document, Kind, Name, Rows, Span, index};
use crate::error::{Error, Result};

/// The longest message that is read. The longest that Entra ID sends (150 groups) has about 20 KB.
pub const MAX_BYTES: usize = 512 * 1024;
/// Elements may stand this deep in each other. A response needs seven.
pub const MAX_DEPTH: usize = 40;
/// Elements of a document.
pub const MAX_ELEMENTS: usize = 5_000;
/// Attributes of an element, declarations of namespaces among them.
pub const MAX_ATTRIBUTES: usize = 32;
/// Declarations of namespaces that are in force at one place.
pub const MAX_NAMESPACES: usize = 64;
/// The longest name of a namespace.
const MAX_NAMESPACE: usize = 1_024;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

impl Document {
    /// Reads a message. Time and memory are linear in its length.
    ///
    /// A byte order mark, white space and an XML declaration may stand before the root element.
    ///
    /// # Errors
    /// What is not XML 1.0 in UTF-8 with namespaces ([`Error::Encoding`], [`Error::Malformed`], [`Error::Prefix`]); what
    /// a message has no need of and attacks have ([`Error::Doctype`], [`Error::Comment`], [`Error::Cdata`],
    /// [`Error::Instruction`], [`Error::RelativeNamespace`], [`Error::SameId`], [`Error::NamespacedId`]); what is too
    /// large ([`Error::TooLarge`], [`Error::Limit`]).
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge { limit: MAX_BYTES });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Encoding)?;
        let space = |c: char| c.is_ascii_whitespace();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = without_declaration(text.trim_start_matches(space))?.trim_start_matches(space);
        forbid(text)?;
        let mut reader = Reader::default();
        reader.read(text.as_bytes())?;
        reader.document.check_ids()?;
        Ok(reader.document)
    }

    /// Rows 3 of the table of checks: whatever any library could take for an id is unique and has no namespace.
    fn check_ids(&self) -> Result<()> {
        let mut seen = BTreeSet::new();
        for found in &self.attributes {
            let local = self.text(found.name.local);
            if !["id", "assertionid", "responseid", "requestid"]
                .iter()
                .any(|id| local.eq_ignore_ascii_case(id))
            {
                continue;
            }
            if !self.text(found.name.namespace).is_empty() {
                return Err(Error::NamespacedId);
            }
            if !seen.insert(self.text(found.value)) {
                return Err(Error::SameId);
            }
        }
        Ok(())
    }
}

/// Takes the XML declaration off: `rxml` refuses `standalone="no"`, which means nothing without a document type.
fn without_declaration(text: &str) -> Result<&str> {
    let Some(rest) = text.strip_prefix("<?xml") else {
        return Ok(text);
    };
    let (inside, rest) = rest.split_once("?>").ok_or(Error::Malformed {
        reason: "the XML declaration has no end".to_owned(),
    })?;
    let mut pieces = inside.split(['"', '\'']);
    let mut expected = [("version", "1.0"), ("encoding", "utf-8"), ("standalone", "")].iter();
    let mut first = true;
    loop {
        let before = pieces.next().unwrap_or_default();
        let name = before.trim().trim_end_matches('=').trim_end();
        let Some(value) = pieces.next() else {
            // What is left after the last value is white space.
            return if name.is_empty() && !first {
                Ok(rest)
            } else {
                Err(Error::Encoding)
            };
        };
        if !before.starts_with(|c: char| c.is_ascii_whitespace()) || !before.trim_end().ends_with('=') {
            return Err(Error::Encoding);
        }
        let known = expected.any(|(known, wanted)| {
            *known == name
                && (value.eq_ignore_ascii_case(wanted)
                    || (*known == "standalone" && ["yes", "no"].contains(&value)))
        });
        if !known || (first && name != "version") {
            return Err(Error::Encoding);
        }
        first = false;
    }
}

/// `<!` and `<?` stand in no document without a document type, comments, CDATA sections and processing instructions:
/// in texts and values the character `<` is always escaped.
fn forbid(text: &str) -> Result<()> {
    if let Some((_, rest)) = text.split_once("<!") {
        return Err(if rest.starts_with("--") {
            Error::Comment
        } else if rest.starts_with("[CDATA[") {
            Error::Cdata
        } else {
            Error::Doctype
        });
    }
    if text.contains("<?") {
        return Err(Error::Instruction);
    }
    Ok(())
}

/// What is known of the element whose head is being read.
struct Head {
    prefix: Option<String>,
    local: String,
    attributes: Vec<(Option<String>, String, String)>,
}

#[derive(Default)]
struct Reader {
    document: Document,
    /// The declarations in force, and how many there were outside of each open element.
    scope: Vec<Declaration>,
    open: Vec<(u32, usize)>,
    head: Option<Head>,
    elements: usize,
}

impl Reader {
    fn read(&mut self, mut bytes: &[u8]) -> Result<()> {
        let mut parser = RawParser::with_options(Options {
            max_token_length: MAX_BYTES,
            ..Options::default()
        });
        loop {
            let event = parser.parse(&mut bytes, true).map_err(|error| Error::Malformed {
                reason: match error {
                    EndOrError::Error(error) => error.to_string(),
                    EndOrError::NeedMoreData => "it ends too early".to_owned(),
                },
            })?;
            match event {
                Some(event) => self.take(event)?,
                None => break,
            }
            if self.elements > 0 && self.open.is_empty() && self.head.is_none() {
                // Only white space may follow on the root; not even an empty text by another spelling.
                if bytes.iter().copied().all(is_space) {
                    return Ok(());
                }
                return Err(Error::Malformed {
                    reason: "something follows on the root element".to_owned(),
                });
            }
        }
        Err(Error::Malformed {
            reason: "there is no root element".to_owned(),
        })
    }

    fn take(&mut self, event: RawEvent) -> Result<()> {
        match event {
            RawEvent::XmlDeclaration(..) => return Err(Error::Instruction),
            RawEvent::ElementHeadOpen(_, (prefix, local)) => {
                self.elements += 1;
                if self.elements > MAX_ELEMENTS {
                    return Err(limit("elements", MAX_ELEMENTS));
                }
                if self.open.len() >= MAX_DEPTH {
                    return Err(limit("elements in each other", MAX_DEPTH));
                }
                self.head = Some(Head {
                    prefix: prefix.map(|prefix| prefix.to_string()),
                    local: local.to_string(),
                    attributes: Vec::new(),
                });
            }
            RawEvent::Attribute(_, (prefix, local), value) => {
                if let Some(head) = &mut self.head {
                    if head.attributes.len() >= MAX_ATTRIBUTES {
                        return Err(limit("attributes of an element", MAX_ATTRIBUTES));
                    }
                    head.attributes
                        .push((prefix.map(|prefix| prefix.to_string()), local.to_string(), value));
                }
            }
            RawEvent::ElementHeadClose(_) => {
                if let Some(head) = self.head.take() {
                    self.begin(&head)?;
                }
            }
            RawEvent::ElementFoot(_) => {
                if let Some((_, outside)) = self.open.pop() {
                    self.scope.truncate(outside);
                }
            }
            RawEvent::Text(_, text) => {
                if let Some((parent, _)) = self.open.last() {
                    self.document.hang_text(*parent, &text);
                }
            }
        }
        Ok(())
    }

    /// An element whose head is complete: declarations first, then the names, then the attributes.
    fn begin(&mut self, head: &Head) -> Result<()> {
        let outside = self.scope.len();
        let declarations = self.declare(head)?;
        let name = self.resolve(head.prefix.as_deref(), &head.local, false)?;
        let start = index(self.document.attributes.len());
        for (prefix, local, value) in &head.attributes {
            if is_declaration(prefix.as_deref(), local) {
                continue;
            }
            let name = self.resolve(prefix.as_deref(), local, true)?;
            if self.has(start, name) {
                return Err(Error::SameAttribute);
            }
            let value = self.document.keep(value);
            self.document.attributes.push(Attribute { name, value });
        }
        let attributes = Rows {
            start,
            end: index(self.document.attributes.len()),
        };
        let kind = Kind::Element {
            name,
            attributes,
            declarations,
            first: None,
            last: None,
        };
        let at = self.document.hang(self.open.last().map(|(at, _)| *at), kind);
        self.open.push((at, outside));
        Ok(())
    }

    fn declare(&mut self, head: &Head) -> Result<Rows> {
        let start = index(self.document.declarations.len());
        for (prefix, local, value) in &head.attributes {
            if !is_declaration(prefix.as_deref(), local) {
                continue;
            }
            let declared = prefix.as_ref().map_or("", |_| local.as_str());
            if declared == "xml" {
                // The one name that it may be bound to is its own; the grammar's reader has seen to that.
                continue;
            }
            check_namespace(value)?;
            let same = |found: &Declaration| self.document.text(found.prefix) == declared;
            if self.document.declarations.iter().skip(start as usize).any(same) {
                return Err(Error::SameAttribute);
            }
            let declaration = Declaration {
                prefix: self.document.keep(declared),
                namespace: self.document.keep(value),
            };
            self.document.declarations.push(declaration);
            self.scope.push(declaration);
            if self.scope.len() > MAX_NAMESPACES {
                return Err(limit("namespaces in force at one place", MAX_NAMESPACES));
            }
        }
        Ok(Rows {
            start,
            end: index(self.document.declarations.len()),
        })
    }

    fn resolve(&mut self, prefix: Option<&str>, local: &str, attribute: bool) -> Result<Name> {
        let local = self.document.keep(local);
        let declaration = match prefix {
            // An attribute without a prefix is in no namespace.
            None if attribute => None,
            None => self.in_force(""),
            Some("xml") => Some(Declaration {
                prefix: self.document.keep("xml"),
                namespace: self.document.keep(XML),
            }),
            Some(prefix) => Some(self.in_force(prefix).ok_or(Error::Prefix)?),
        };
        let nothing = Span::default();
        Ok(Name {
            prefix: declaration.map_or(nothing, |found| found.prefix),
            namespace: declaration.map_or(nothing, |found| found.namespace),
            local,
        })
    }

    fn in_force(&self, prefix: &str) -> Option<Declaration> {
        self.scope
            .iter()
            .rev()
            .find(|found| self.document.text(found.prefix) == prefix)
            .copied()
    }

    /// Whether the element's attributes so far hold this name, by namespace.
    fn has(&self, start: u32, name: Name) -> bool {
        let document = &self.document;
        document.attributes.iter().skip(start as usize).any(|found| {
            document.text(found.name.local) == document.text(name.local)
                && document.text(found.name.namespace) == document.text(name.namespace)
        })
    }
}

fn is_declaration(prefix: Option<&str>, local: &str) -> bool {
    match prefix {
        Some(prefix) => prefix == "xmlns",
        None => local == "xmlns",
    }
}

/// A relative name of a namespace makes canonicalisation fail, or give something else in each library (Canonical XML 1.0
/// section 1.3); the names of XML itself belong to their own prefixes.
fn check_namespace(name: &str) -> Result<()> {
    if name.is_empty() {
        return Ok(());
    }
    if name.len() > MAX_NAMESPACE {
        return Err(limit("bytes in the name of a namespace", MAX_NAMESPACE));
    }
    if name == XML || name == XMLNS {
        return Err(Error::Prefix);
    }
    let (scheme, rest) = name.split_once(':').ok_or(Error::RelativeNamespace)?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    // No URI holds them unescaped but `&`, which libxml2 writes unescaped into a canonical form.
    let is_written_alike =
        !rest.contains(|c: char| c.is_whitespace() || c.is_control() || "&<>\"'".contains(c));
    if is_scheme && !rest.is_empty() && is_written_alike {
        Ok(())
    } else {
        Err(Error::RelativeNamespace)
    }
}

fn limit(what: &'static str, limit: usize) -> Error {
    Error::Limit { what, limit }
}
