//! One XML document as one arena: elements, attributes and texts are indices into it.
//!
//! What a stranger sent is read once, by [`Document::parse`], and never again: the signature is verified on this tree
//! and every value is read from this tree. Looking up goes by structure (the child of this name, of this element);
//! there is no search. Names are compared with their namespace, never by prefix.

mod build;
mod canonical;
mod look;
mod parse;

pub(crate) use build::{NO_ATTRIBUTES, Tag};
pub(crate) use canonical::Form;
pub use parse::{MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, MAX_NAMESPACES};

/// The place of an element in its document. It means nothing in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementId(u32);

/// A document: one arena for all of its parts, one text for all of its characters.
#[derive(Clone, Default)]
pub struct Document {
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    declarations: Vec<Declaration>,
    characters: String,
}

impl std::fmt::Debug for Document {
    /// Sizes only: what a message says about somebody does not belong in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

/// A stretch of the document's characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// A stretch of a table.
#[derive(Debug, Clone, Copy, Default)]
struct Rows {
    start: u32,
    end: u32,
}

/// A name whose prefix is resolved. Without a prefix and without a namespace both are empty.
#[derive(Debug, Clone, Copy)]
struct Name {
    prefix: Span,
    namespace: Span,
    local: Span,
}

#[derive(Debug, Clone, Copy)]
struct Attribute {
    name: Name,
    value: Span,
}

/// `xmlns:prefix="namespace"`, or `xmlns="namespace"` with an empty prefix.
#[derive(Debug, Clone, Copy)]
struct Declaration {
    prefix: Span,
    namespace: Span,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    parent: Option<u32>,
    next: Option<u32>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Element {
        name: Name,
        attributes: Rows,
        declarations: Rows,
        first: Option<u32>,
        last: Option<u32>,
    },
    Text(Span),
}

/// An index or a length within [`MAX_BYTES`]; what the program builds itself is far below it as well.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Document {
    /// The root element. There always is one in a document that was parsed or built.
    #[must_use]
    pub fn root(&self) -> ElementId {
        ElementId(0)
    }

    fn text(&self, span: Span) -> &str {
        self.characters
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    fn keep(&mut self, text: &str) -> Span {
        let start = index(self.characters.len());
        self.characters.push_str(text);
        Span {
            start,
            end: index(self.characters.len()),
        }
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    /// Hangs a node under its parent, as the last child.
    fn hang(&mut self, parent: Option<u32>, kind: Kind) -> u32 {
        let at = index(self.nodes.len());
        self.nodes.push(Node {
            parent,
            next: None,
            kind,
        });
        let Some(parent) = parent else { return at };
        let mut before = None;
        if let Some(Node {
            kind: Kind::Element { first, last, .. },
            ..
        }) = self.nodes.get_mut(parent as usize)
        {
            before = last.replace(at);
            first.get_or_insert(at);
        }
        if let Some(before) = before.and_then(|before| self.nodes.get_mut(before as usize)) {
            before.next = Some(at);
        }
        at
    }

    /// Adds text under an element; what follows on text is the same text.
    fn hang_text(&mut self, parent: u32, text: &str) {
        let end = index(self.characters.len());
        let last = match self.node(parent).map(|node| node.kind) {
            Some(Kind::Element { last: Some(last), .. }) => Some(last),
            _ => None,
        };
        if let Some(last) = last
            && let Some(Kind::Text(span)) = self.nodes.get(last as usize).map(|node| node.kind)
            && span.end == end
        {
            let more = self.keep(text);
            if let Some(node) = self.nodes.get_mut(last as usize) {
                node.kind = Kind::Text(Span {
                    start: span.start,
                    end: more.end,
                });
            }
            return;
        }
        let span = self.keep(text);
        self.hang(Some(parent), Kind::Text(span));
    }
}

#[cfg(test)]
mod tests;
