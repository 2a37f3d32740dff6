//! Building a document. Names are ours and constant; values are whatever they are, and are escaped when the tree is
//! written ([`Document::write`]).

use super::{Attribute, Declaration, Document, ElementId, Kind, Name, Rows, index};

/// The name of an element that we write: constant, so that no value ever becomes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) prefix: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) local: &'static str,
}

impl Tag {
    pub(crate) const fn new(prefix: &'static str, namespace: &'static str, local: &'static str) -> Self {
        Self {
            prefix,
            namespace,
            local,
        }
    }
}

/// For an element without attributes.
pub(crate) const NO_ATTRIBUTES: [(&str, &str); 0] = [];

impl Document {
    /// A document of one element.
    pub(crate) fn begin<'a>(
        root: Tag,
        attributes: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> Self {
        let mut document = Self::default();
        document.element(None, root, attributes);
        document
    }

    /// Adds an element as the last child.
    pub(crate) fn add<'a>(
        &mut self,
        parent: ElementId,
        tag: Tag,
        attributes: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> ElementId {
        self.element(Some(parent.0), tag, attributes)
    }

    /// Adds an element right after another one of the same parent: a signature stands behind the issuer.
    pub(crate) fn add_after<'a>(
        &mut self,
        sibling: ElementId,
        tag: Tag,
        attributes: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> ElementId {
        let added = self.element(None, tag, attributes);
        let Some(before) = self.nodes.get_mut(sibling.0 as usize) else {
            return added;
        };
        let (parent, next) = (before.parent, before.next.replace(added.0));
        if let Some(node) = self.nodes.get_mut(added.0 as usize) {
            (node.parent, node.next) = (parent, next);
        }
        if let (None, Some(parent)) = (next, parent)
            && let Some(super::Node {
                kind: Kind::Element { last, .. },
                ..
            }) = self.nodes.get_mut(parent as usize)
        {
            *last = Some(added.0);
        }
        added
    }

    /// Adds an element before the one that is the first of its parent: the signature of metadata stands there.
    pub(crate) fn add_before_first<'a>(
        &mut self,
        first_child: ElementId,
        tag: Tag,
        attributes: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> ElementId {
        let added = self.element(None, tag, attributes);
        let parent = self.node(first_child.0).and_then(|node| node.parent);
        if let Some(node) = self.nodes.get_mut(added.0 as usize) {
            (node.parent, node.next) = (parent, Some(first_child.0));
        }
        if let Some(parent) = parent
            && let Some(super::Node {
                kind: Kind::Element { first, .. },
                ..
            }) = self.nodes.get_mut(parent as usize)
        {
            *first = Some(added.0);
        }
        added
    }

    /// Adds an element that holds a text.
    pub(crate) fn add_leaf<'a>(
        &mut self,
        parent: ElementId,
        tag: Tag,
        attributes: impl IntoIterator<Item = (&'static str, &'a str)>,
        text: &str,
    ) -> ElementId {
        let added = self.add(parent, tag, attributes);
        self.add_text(added, text);
        added
    }

    /// Adds a text. What XML 1.0 cannot hold (control characters) becomes U+FFFD: the receiver would refuse the whole
    /// message for it.
    pub(crate) fn add_text(&mut self, parent: ElementId, text: &str) {
        let clean = clean(text);
        self.hang_text(parent.0, &clean);
    }

    /// Declares a prefix at the element that was added last, for names that stand in values (`xsi:type`). It must be
    /// named in the list of inclusive prefixes when the document is written and signed.
    pub(crate) fn declare(&mut self, element: ElementId, prefix: &'static str, namespace: &'static str) {
        let declaration = Declaration {
            prefix: self.keep(prefix),
            namespace: self.keep(namespace),
        };
        let start = index(self.declarations.len());
        self.declarations.push(declaration);
        if let Some(super::Node {
            kind: Kind::Element { declarations, .. },
            ..
        }) = self.nodes.get_mut(element.0 as usize)
        {
            if declarations.start == declarations.end {
                declarations.start = start;
            }
            declarations.end = start + 1;
        }
    }

    /// Adds an attribute with a namespace to the element that was added last.
    pub(crate) fn attribute_in(&mut self, element: ElementId, tag: Tag, value: &str) {
        self.push_attribute(tag, value);
        let end = index(self.attributes.len());
        if let Some(super::Node {
            kind: Kind::Element { attributes, .. },
            ..
        }) = self.nodes.get_mut(element.0 as usize)
        {
            if attributes.start == attributes.end {
                attributes.start = end - 1;
            }
            attributes.end = end;
        }
    }

    fn push_attribute(&mut self, tag: Tag, value: &str) {
        let name = self.keep_tag(tag);
        let value = self.keep(&clean(value));
        self.attributes.push(Attribute { name, value });
    }

    fn keep_tag(&mut self, tag: Tag) -> Name {
        Name {
            prefix: self.keep(tag.prefix),
            namespace: self.keep(tag.namespace),
            local: self.keep(tag.local),
        }
    }

    fn element<'a>(
        &mut self,
        parent: Option<u32>,
        tag: Tag,
        attributes: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> ElementId {
        let name = self.keep_tag(tag);
        let start = index(self.attributes.len());
        for (local, value) in attributes {
            self.push_attribute(Tag::new("", "", local), value);
        }
        let attributes = Rows {
            start,
            end: index(self.attributes.len()),
        };
        let kind = Kind::Element {
            name,
            attributes,
            declarations: Rows::default(),
            first: None,
            last: None,
        };
        ElementId(self.hang(parent, kind))
    }
}

/// XML 1.0 section 2.2, production 2.
fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    if text.chars().all(allowed) {
        return text.into();
    }
    text.chars()
        .map(|c| if allowed(c) { c } else { '\u{fffd}' })
        .collect::<String>()
        .into()
}
