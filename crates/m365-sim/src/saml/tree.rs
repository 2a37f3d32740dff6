//! XML as a tree, read strictly and written plainly.

use std::fmt::Write;

use rxml::{Parse, RawEvent, RawParser};

/// The most that a message may be, in bytes.
pub(crate) const MAX_BYTES: usize = 512 * 1024;
const MAX_DEPTH: usize = 40;
const MAX_ELEMENTS: usize = 5_000;
const MAX_ATTRIBUTES: usize = 32;
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// An element with its names resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub prefix: String,
    pub name: String,
    pub space: String,
    /// The namespaces that its own tag declares: prefix (empty for the default) and name.
    pub declared: Vec<(String, String)>,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
}

/// An attribute that declares no namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub prefix: String,
    pub name: String,
    pub space: String,
    pub value: String,
}

/// What stands inside an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
    /// Written as it stands; never read. For messages that are wrong on purpose.
    Raw(String),
}

impl Element {
    /// The elements directly below.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub(crate) fn elements_mut(&mut self) -> impl Iterator<Item = &mut Element> {
        self.children.iter_mut().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    pub(crate) fn is(&self, space: &str, name: &str) -> bool {
        self.space == space && self.name == name
    }

    /// The children of this name.
    pub(crate) fn all<'a>(&'a self, space: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |child| child.is(space, name))
    }

    /// The only child of this name; `None` also when there are several.
    pub(crate) fn only<'a>(&'a self, space: &str, name: &str) -> Option<&'a Element> {
        let mut found = self.elements().filter(|child| child.is(space, name));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The first child of this name, to be changed.
    pub(crate) fn first_mut(&mut self, name: &str) -> Option<&mut Element> {
        self.elements_mut().find(|child| child.name == name)
    }

    /// Where the first child element of this name stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.children
            .iter()
            .position(|node| matches!(node, Node::Element(element) if element.name == name))
    }

    /// Takes the first child element of this name out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Element> {
        let index = self.position(name)?;
        match self.children.remove(index) {
            Node::Element(element) => Some(element),
            _ => None,
        }
    }

    /// An attribute without a prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self
            .attributes
            .iter()
            .find(|one| one.prefix.is_empty() && one.name == name);
        found.map(|one| one.value.as_str())
    }

    /// Sets an attribute without a prefix.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self
            .attributes
            .iter_mut()
            .find(|one| one.prefix.is_empty() && one.name == name)
        {
            Some(known) => value.clone_into(&mut known.value),
            None => self.attributes.push(Attribute {
                name: name.to_owned(),
                value: value.to_owned(),
                ..Attribute::default()
            }),
        }
    }

    /// The text of an element that holds nothing else.
    pub(crate) fn text(&self) -> Option<String> {
        let mut out = String::new();
        for node in &self.children {
            match node {
                Node::Text(text) => out.push_str(text),
                _ => return None,
            }
        }
        Some(out)
    }

    /// This element and everything below, the first one first.
    pub(crate) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Element)) {
        see(self);
        for child in self.elements() {
            child.walk(see);
        }
    }

    /// As text, without a declaration before it.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        self.put(&mut out);
        out
    }

    fn put(&self, out: &mut String) {
        let name = qualified(&self.prefix, &self.name);
        out.push('<');
        out.push_str(&name);
        for one in &self.attributes {
            attribute(out, &qualified(&one.prefix, &one.name), &one.value);
        }
        for (prefix, space) in &self.declared {
            let declares = if prefix.is_empty() {
                "xmlns".to_owned()
            } else {
                format!("xmlns:{prefix}")
            };
            attribute(out, &declares, space);
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for node in &self.children {
            match node {
                Node::Element(element) => element.put(out),
                Node::Text(text) => escape(out, text),
                Node::Raw(text) => out.push_str(text),
            }
        }
        let _ = write!(out, "</{name}>");
    }
}

pub(crate) fn qualified(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}:{name}")
    }
}

/// An attribute as canonical XML writes it (Canonical XML 1.0 section 2.3).
pub(super) fn attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, " {name}=\"");
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Text as canonical XML writes it.
pub(super) fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

/// A tag that was opened, its names not resolved yet.
struct Open {
    element: Element,
    /// What was in scope outside of it.
    outside: usize,
}

/// Reads a whole document. No comments, no processing instructions, no DOCTYPE, no relative namespace names.
///
/// # Errors
/// A sentence about what is wrong.
pub(crate) fn read(text: &str) -> Result<Element, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("The message is longer than {MAX_BYTES} bytes."));
    }
    let mut parser = RawParser::new();
    let mut rest = text.trim_start().as_bytes();
    let mut reading = Reading::default();
    loop {
        match parser.parse(&mut rest, true) {
            Ok(Some(event)) => reading.take(event)?,
            Ok(None) => break,
            Err(error) => return Err(format!("The message is no plain XML: {error:?}.")),
        }
    }
    reading.root.ok_or_else(|| "The message is empty.".to_owned())
}

#[derive(Default)]
struct Reading {
    open: Vec<Open>,
    scope: Vec<(String, String)>,
    root: Option<Element>,
    count: usize,
}

impl Reading {
    fn take(&mut self, event: RawEvent) -> Result<(), String> {
        match event {
            RawEvent::XmlDeclaration(..) => {}
            RawEvent::ElementHeadOpen(_, (prefix, name)) => {
                self.count += 1;
                if self.open.len() >= MAX_DEPTH || self.count > MAX_ELEMENTS {
                    return Err("The message is nested too deeply or has too many elements.".to_owned());
                }
                let element = Element {
                    prefix: prefix.map(|prefix| prefix.to_string()).unwrap_or_default(),
                    name: name.to_string(),
                    ..Element::default()
                };
                let outside = self.scope.len();
                self.open.push(Open { element, outside });
            }
            RawEvent::Attribute(_, (prefix, name), value) => {
                let prefix = prefix.map(|prefix| prefix.to_string()).unwrap_or_default();
                self.attribute(prefix, name.to_string(), value)?;
            }
            RawEvent::ElementHeadClose(_) => self.resolve()?,
            RawEvent::Text(_, text) => {
                if let Some(open) = self.open.last_mut() {
                    match open.element.children.last_mut() {
                        Some(Node::Text(before)) => before.push_str(&text),
                        _ => open.element.children.push(Node::Text(text)),
                    }
                }
            }
            RawEvent::ElementFoot(_) => {
                let Some(Open { element, outside }) = self.open.pop() else {
                    return Err("An element ends that never began.".to_owned());
                };
                self.scope.truncate(outside);
                match self.open.last_mut() {
                    Some(above) => above.element.children.push(Node::Element(element)),
                    None => self.root = Some(element),
                }
            }
        }
        Ok(())
    }

    fn attribute(&mut self, prefix: String, name: String, value: String) -> Result<(), String> {
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let element = &mut open.element;
        if element.attributes.len() + element.declared.len() >= MAX_ATTRIBUTES {
            return Err(format!("`{}` has too many attributes.", element.name));
        }
        let declares = match (prefix.as_str(), name.as_str()) {
            ("", "xmlns") => Some(String::new()),
            ("xmlns", _) => Some(name.clone()),
            _ => None,
        };
        let Some(declares) = declares else {
            element.attributes.push(Attribute {
                prefix,
                name,
                space: String::new(),
                value,
            });
            return Ok(());
        };
        if !value.is_empty() && !value.contains(':') {
            return Err(format!("The namespace name `{value}` is relative."));
        }
        if element.declared.iter().any(|(known, _)| *known == declares) {
            return Err(format!("The prefix `{declares}` is declared twice."));
        }
        element.declared.push((declares.clone(), value.clone()));
        self.scope.push((declares, value));
        Ok(())
    }

    fn resolve(&mut self) -> Result<(), String> {
        let scope = &self.scope;
        let find = |prefix: &str| {
            if prefix == "xml" {
                return Some(XML.to_owned());
            }
            let found = scope.iter().rev().find(|(known, _)| known == prefix);
            found.map(|(_, space)| space.clone())
        };
        let Some(Open { element, .. }) = self.open.last_mut() else {
            return Ok(());
        };
        let unbound = |prefix: &str| format!("The prefix `{prefix}` is not declared.");
        element.space = match find(&element.prefix) {
            Some(space) => space,
            None if element.prefix.is_empty() => String::new(),
            None => return Err(unbound(&element.prefix)),
        };
        for one in &mut element.attributes {
            if !one.prefix.is_empty() {
                one.space = find(&one.prefix).ok_or_else(|| unbound(&one.prefix))?;
            }
        }
        for (index, one) in element.attributes.iter().enumerate() {
            let before = element.attributes.get(..index).unwrap_or_default();
            if before
                .iter()
                .any(|other| other.name == one.name && other.space == one.space)
            {
                return Err(format!(
                    "`{}` has the attribute `{}` twice.",
                    element.name, one.name
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let text =
            r#"<a:x one="1 &amp; &lt;2&quot;" xmlns:a="urn:a"><y xmlns="urn:b">t &amp; &gt;<a:z/></y></a:x>"#;
        let root = read(&format!("\n<?xml version=\"1.0\"?>{text}")).unwrap();
        assert!(root.is("urn:a", "x"));
        let y = root.only("urn:b", "y").unwrap();
        assert!(y.only("urn:a", "z").is_some() && y.text().is_none());
        assert_eq!(root.write(), text);
    }

    #[test]
    fn dangerous_documents_are_refused() {
        for wrong in [
            "",
            "<a>",
            "<a/><b/>",
            "<a><!-- c --></a>",
            "<a><?p i?></a>",
            "<!DOCTYPE a><a/>",
            "<a>&e;</a>",
            "<p:a/>",
            "<a xmlns:p='relative'/>",
            "<a b='1' b='2'/>",
            "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
            "<?xml version='1.1'?><a/>",
            "<?xml version='1.0' encoding='utf-16'?><a/>",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let deep = format!("{}{}", "<a>".repeat(50), "</a>".repeat(50));
        assert!(read(&deep).is_err());
        let many: String = (0..40).map(|n| format!(" a{n}=''")).collect();
        assert!(read(&format!("<a{many}/>")).is_err());
    }
}
