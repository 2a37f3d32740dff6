//! Elements made by hand.

use super::tree::{Element, Node};

/// An element by its name as it is written, such as `samlp:Response`.
pub(crate) fn new(name: &str) -> Element {
    let (prefix, name) = name.split_once(':').unwrap_or(("", name));
    Element {
        prefix: prefix.to_owned(),
        name: name.to_owned(),
        ..Element::default()
    }
}

impl Element {
    /// With an attribute.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Element {
        self.set(name, value);
        self
    }

    /// With an attribute, where there is a value.
    pub(crate) fn with_some(self, name: &str, value: Option<&str>) -> Element {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With a namespace; the empty prefix stands for the default.
    pub(crate) fn space(mut self, prefix: &str, space: &str) -> Element {
        self.declared.push((prefix.to_owned(), space.to_owned()));
        self
    }

    pub(crate) fn holding(mut self, text: &str) -> Element {
        self.children.push(Node::Text(text.to_owned()));
        self
    }

    pub(crate) fn child(mut self, child: Element) -> Element {
        self.children.push(Node::Element(child));
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }
}
