//! Exclusive XML Canonicalization 1.0 without comments, of one element and what is in it.
//!
//! The same writer makes what is signed, what is verified and what is sent: a document of ours is its own canonical
//! form. There is no other way to write one, so that no value is ever formatted into XML without being escaped.
//!
//! Source: W3C, Exclusive XML Canonicalization Version 1.0, section 3; Canonical XML 1.0, section 2.3.

use std::collections::BTreeSet;

use super::{Attribute, Document, ElementId, Kind};
use crate::error::{Error, Result};

/// The longest canonical form. Names of namespaces are repeated in it, so it may be longer than the message.
pub(crate) const MAX_CANONICAL: usize = 4 * super::MAX_BYTES;

/// What an element's form depends on besides the element.
#[derive(Clone, Copy, Default)]
pub(crate) struct Form<'a> {
    /// The element that is left out: the signature that stands in what it signs.
    pub(crate) without: Option<ElementId>,
    /// `InclusiveNamespaces/@PrefixList`; `#default` is the empty prefix.
    pub(crate) prefixes: &'a [&'a str],
}

impl Document {
    /// The canonical form of an element.
    ///
    /// # Errors
    /// [`Error::Canonical`] when there is none, or when it is longer than 2 MiB. An empty form is never given: its
    /// digest is known to everybody.
    pub(crate) fn canonical(&self, apex: ElementId, form: Form<'_>) -> Result<String> {
        let mut writer = Writer {
            document: self,
            form,
            written: Vec::new(),
            out: String::with_capacity(self.characters.len()),
        };
        writer.element(apex)?;
        if writer.out.is_empty() {
            return Err(Error::Canonical);
        }
        Ok(writer.out)
    }

    /// The canonical form of the whole document.
    ///
    /// # Errors
    /// [`Error::Canonical`] when it is longer than 2 MiB.
    pub fn canonical_form(&self) -> Result<String> {
        self.write()
    }

    /// The document as it is sent.
    pub(crate) fn write(&self) -> Result<String> {
        self.write_with(&[])
    }

    /// The same with declarations for prefixes that stand in values.
    pub(crate) fn write_with(&self, prefixes: &[&str]) -> Result<String> {
        let form = Form {
            without: None,
            prefixes,
        };
        self.canonical(self.root(), form)
    }
}

struct Writer<'a> {
    document: &'a Document,
    form: Form<'a>,
    /// Prefixes and namespaces that the elements around have declared in the output.
    written: Vec<(&'a str, &'a str)>,
    out: String,
}

impl<'a> Writer<'a> {
    fn element(&mut self, element: ElementId) -> Result<()> {
        let document = self.document;
        let Some(Kind::Element { name, first, .. }) = document.node(element.0).map(|node| node.kind) else {
            return Err(Error::Canonical);
        };
        let (prefix, local) = (document.text(name.prefix), document.text(name.local));
        let outside = self.written.len();

        self.out.push('<');
        self.name(prefix, local);
        let mut attributes: Vec<&Attribute> = document.attributes_of(element).iter().collect();
        self.declarations(element, (prefix, document.text(name.namespace)), &attributes);
        attributes.sort_by_key(|found| {
            (
                document.text(found.name.namespace),
                document.text(found.name.local),
            )
        });
        for attribute in attributes {
            self.out.push(' ');
            self.name(
                document.text(attribute.name.prefix),
                document.text(attribute.name.local),
            );
            self.out.push_str("=\"");
            self.value(document.text(attribute.value));
            self.out.push('"');
        }
        self.out.push('>');

        let mut next = first;
        while let Some(at) = next {
            let Some(node) = document.node(at) else { break };
            match node.kind {
                Kind::Text(span) => self.characters(document.text(span)),
                Kind::Element { .. } if self.form.without == Some(ElementId(at)) => {}
                Kind::Element { .. } => self.element(ElementId(at))?,
            }
            next = node.next;
        }

        self.out.push_str("</");
        self.name(prefix, local);
        self.out.push('>');
        self.written.truncate(outside);
        if self.out.len() > MAX_CANONICAL {
            return Err(Error::Canonical);
        }
        Ok(())
    }

    /// The declarations that this element needs and nobody around it has written: for the prefixes of its own name and
    /// of its attributes, and for those of the list, used or not.
    fn declarations(&mut self, element: ElementId, own: (&'a str, &'a str), attributes: &[&Attribute]) {
        let document = self.document;
        let mut needed = BTreeSet::from([own]);
        needed.extend(
            attributes
                .iter()
                .map(|found| {
                    (
                        document.text(found.name.prefix),
                        document.text(found.name.namespace),
                    )
                })
                .filter(|(prefix, _)| !prefix.is_empty()),
        );
        for listed in self.form.prefixes {
            let prefix = if *listed == "#default" { "" } else { listed };
            if let Some(declared) = document.in_force(element, prefix) {
                needed.insert(declared);
            }
        }
        for (prefix, namespace) in needed {
            let written = self.written.iter().rev().find(|(known, _)| *known == prefix);
            let same = match written {
                Some((_, known)) => *known == namespace,
                // Nothing declared and no namespace are the same.
                None => namespace.is_empty(),
            };
            if same || prefix == "xml" {
                continue;
            }
            self.out.push_str(" xmlns");
            if !prefix.is_empty() {
                self.out.push(':');
                self.out.push_str(prefix);
            }
            self.out.push_str("=\"");
            self.value(namespace);
            self.out.push('"');
            self.written.push((prefix, namespace));
        }
    }

    fn name(&mut self, prefix: &str, local: &str) {
        if !prefix.is_empty() {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(local);
    }

    fn characters(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
    }

    fn value(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#x9;"),
                '\n' => self.out.push_str("&#xA;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
    }
}

impl Document {
    /// What a prefix means at an element, with the prefix itself; `None` when nothing declares it.
    fn in_force(&self, element: ElementId, prefix: &str) -> Option<(&str, &str)> {
        let mut at = Some(element.0);
        while let Some(node) = at.and_then(|at| self.node(at)) {
            if let Kind::Element { declarations, .. } = node.kind {
                let found = self
                    .declarations
                    .get(declarations.start as usize..declarations.end as usize)
                    .unwrap_or_default()
                    .iter()
                    .find(|found| self.text(found.prefix) == prefix);
                if let Some(found) = found {
                    return Some((self.text(found.prefix), self.text(found.namespace)));
                }
            }
            at = node.parent;
        }
        None
    }
}
