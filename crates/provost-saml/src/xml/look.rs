//! Looking at a document, by structure.

use super::{Attribute, Document, ElementId, Kind, Name, Node};
use crate::error::{Error, Result};

impl Document {
    fn children_at(&self, at: u32) -> impl Iterator<Item = (u32, &Node)> {
        let first = match self.node(at).map(|node| node.kind) {
            Some(Kind::Element { first, .. }) => first,
            _ => None,
        };
        std::iter::successors(first, |at| self.node(*at).and_then(|node| node.next))
            .filter_map(|at| self.node(at).map(|node| (at, node)))
    }

    /// The elements directly under an element, in their order.
    pub fn children(&self, of: ElementId) -> impl Iterator<Item = ElementId> {
        self.children_at(of.0)
            .filter(|(_, node)| matches!(node.kind, Kind::Element { .. }))
            .map(|(at, _)| ElementId(at))
    }

    /// The children of this name.
    pub fn named(&self, of: ElementId, namespace: &str, local: &str) -> impl Iterator<Item = ElementId> {
        self.children(of)
            .filter(move |child| self.is(*child, namespace, local))
    }

    /// The only child of this name; none is an error, and so are two.
    pub(crate) fn one(&self, of: ElementId, namespace: &str, local: &'static str) -> Result<ElementId> {
        self.maybe_one(of, namespace, local)?
            .ok_or(Error::Missing { what: local })
    }

    /// The only child of this name, if there is one; two are an error.
    pub(crate) fn maybe_one(
        &self,
        of: ElementId,
        namespace: &str,
        local: &'static str,
    ) -> Result<Option<ElementId>> {
        let mut found = self.named(of, namespace, local);
        let first = found.next();
        if found.next().is_some() {
            return Err(Error::Several { what: local });
        }
        Ok(first)
    }

    /// The children, where only white space may stand between them.
    pub(crate) fn only_elements(&self, of: ElementId) -> Option<Vec<ElementId>> {
        let mut found = Vec::new();
        for (at, node) in self.children_at(of.0) {
            match node.kind {
                Kind::Element { .. } => found.push(ElementId(at)),
                Kind::Text(span) if self.text(span).bytes().all(is_space) => {}
                Kind::Text(_) => return None,
            }
        }
        Some(found)
    }

    /// The whole text of an element that has no element in it; an element inside is an error, so that nobody reads
    /// half of a value.
    pub(crate) fn leaf(&self, of: ElementId, what: &'static str) -> Result<&str> {
        let mut children = self.children_at(of.0);
        let text = match children.next() {
            None => "",
            Some((_, node)) => match node.kind {
                Kind::Text(span) => self.text(span),
                Kind::Element { .. } => return Err(Error::NotALeaf { what }),
            },
        };
        if children.next().is_some() {
            return Err(Error::NotALeaf { what });
        }
        Ok(text)
    }

    fn name(&self, of: ElementId) -> Option<Name> {
        match self.node(of.0)?.kind {
            Kind::Element { name, .. } => Some(name),
            Kind::Text(_) => None,
        }
    }

    /// Whether an element has this name.
    #[must_use]
    pub fn is(&self, element: ElementId, namespace: &str, local: &str) -> bool {
        self.name(element)
            .is_some_and(|name| self.text(name.namespace) == namespace && self.text(name.local) == local)
    }

    /// An element's name without its namespace.
    #[must_use]
    pub fn local(&self, element: ElementId) -> &str {
        self.name(element).map_or("", |name| self.text(name.local))
    }

    /// An element's namespace; empty when it has none.
    #[must_use]
    pub fn namespace(&self, element: ElementId) -> &str {
        self.name(element).map_or("", |name| self.text(name.namespace))
    }

    /// The element that an element stands in.
    #[must_use]
    pub fn parent(&self, element: ElementId) -> Option<ElementId> {
        self.node(element.0)?.parent.map(ElementId)
    }

    pub(super) fn attributes_of(&self, element: ElementId) -> &[Attribute] {
        match self.node(element.0).map(|node| node.kind) {
            Some(Kind::Element { attributes, .. }) => self
                .attributes
                .get(attributes.start as usize..attributes.end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// The value of an attribute without a namespace.
    #[must_use]
    pub fn attribute(&self, element: ElementId, local: &str) -> Option<&str> {
        self.attributes_of(element)
            .iter()
            .find(|found| self.text(found.name.namespace).is_empty() && self.text(found.name.local) == local)
            .map(|found| self.text(found.value))
    }

    /// Every element, in the order of the document: to count, never to choose.
    pub(crate) fn every(&self) -> impl Iterator<Item = ElementId> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| matches!(node.kind, Kind::Element { .. }))
            .map(|(at, _)| ElementId(super::index(at)))
    }

    /// How many elements of this local name there are, in whatever namespace.
    pub(crate) fn count(&self, local: &str) -> usize {
        self.every()
            .filter(|element| self.local(*element) == local)
            .count()
    }
}

/// White space of XML 1.0.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
