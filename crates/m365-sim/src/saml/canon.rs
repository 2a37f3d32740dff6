//! Canonical XML: exclusive (W3C Exclusive XML Canonicalization 1.0) as everybody signs, inclusive (Canonical XML 1.0)
//! for messages that are wrong on purpose.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ptr;

use super::tree::{Element, Node, attribute, escape, qualified};

/// Which namespaces an element carries along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    /// Those that it uses, and those of these prefixes (`#default` for the default one).
    Exclusive(&'a [&'a str]),
    /// All that are in scope.
    Inclusive,
}

type Scope = BTreeMap<String, String>;

/// The canonical text of the last element of a path that begins at the root, without one of its children.
pub(crate) fn canonical(path: &[&Element], form: Form<'_>, without: Option<&Element>) -> String {
    let Some((apex, above)) = path.split_last() else {
        return String::new();
    };
    let mut scope = Scope::new();
    for element in above {
        declare(&mut scope, element);
    }
    let mut out = String::new();
    put(&mut out, apex, &scope, &Scope::new(), form, without);
    out
}

fn declare(scope: &mut Scope, element: &Element) {
    for (prefix, space) in &element.declared {
        scope.insert(prefix.clone(), space.clone());
    }
}

fn put(
    out: &mut String,
    element: &Element,
    outer: &Scope,
    written: &Scope,
    form: Form<'_>,
    without: Option<&Element>,
) {
    let mut scope = outer.clone();
    declare(&mut scope, element);
    let mut written = written.clone();
    let name = qualified(&element.prefix, &element.name);
    out.push('<');
    out.push_str(&name);
    let mut prefixes: Vec<&str> = match form {
        Form::Inclusive => scope.keys().map(String::as_str).collect(),
        Form::Exclusive(more) => {
            let own = element.attributes.iter().map(|one| one.prefix.as_str());
            let own = own.filter(|prefix| !prefix.is_empty());
            let more = more.iter().map(|prefix| match *prefix {
                "#default" => "",
                prefix => prefix,
            });
            let more = more.filter(|prefix| scope.contains_key(*prefix));
            own.chain(more).chain([element.prefix.as_str()]).collect()
        }
    };
    prefixes.sort_unstable();
    prefixes.dedup();
    for prefix in prefixes.into_iter().filter(|prefix| *prefix != "xml") {
        let space = scope.get(prefix).map_or("", String::as_str);
        let before = written.get(prefix).map_or("", String::as_str);
        if space == before {
            continue;
        }
        match prefix {
            "" => attribute(out, "xmlns", space),
            prefix => attribute(out, &format!("xmlns:{prefix}"), space),
        }
        written.insert(prefix.to_owned(), space.to_owned());
    }
    let mut attributes: Vec<_> = element.attributes.iter().collect();
    attributes.sort_by(|one, other| (&one.space, &one.name).cmp(&(&other.space, &other.name)));
    for one in attributes {
        attribute(out, &qualified(&one.prefix, &one.name), &one.value);
    }
    out.push('>');
    for node in &element.children {
        match node {
            Node::Element(child) if without.is_some_and(|without| ptr::eq(without, child)) => {}
            Node::Element(child) => put(out, child, &scope, &written, form, without),
            Node::Text(text) => escape(out, text),
            Node::Raw(_) => {}
        }
    }
    let _ = write!(out, "</{name}>");
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::tree::read;
    use super::*;

    #[test]
    fn the_examples_of_the_standard_come_out_as_printed() {
        // Exclusive XML Canonicalization 1.0, section 2.2: the same element in two surroundings.
        let first = read(
            r#"<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>"#,
        )
        .unwrap();
        let inner = first.elements().next().unwrap();
        assert_eq!(
            canonical(&[&first, inner], Form::Exclusive(&[]), None),
            r#"<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>"#
        );
        let inclusive = canonical(&[&first, inner], Form::Inclusive, None);
        assert!(
            inclusive.starts_with(
                r#"<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" xml:lang="en">"#
            ),
            "{inclusive}"
        );
        let listed = canonical(&[&first, inner], Form::Exclusive(&["n0"]), None);
        assert!(listed.contains(r#"xmlns:n0="foo:bar""#), "{listed}");
    }

    #[test]
    fn defaults_come_and_go_and_attributes_are_sorted() {
        let root = read(
            r#"<a xmlns="urn:a" xmlns:p="urn:p"><b xmlns="" p:z="2" y="1" x="&#13;&amp;"><c xmlns="urn:a">&gt;</c></b></a>"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&[&root], Form::Exclusive(&[]), None),
            r#"<a xmlns="urn:a"><b xmlns="" xmlns:p="urn:p" x="&#xD;&amp;" y="1" p:z="2"><c xmlns="urn:a">&gt;</c></b></a>"#
        );
        let b = root.elements().next().unwrap();
        assert_eq!(
            canonical(&[&root], Form::Exclusive(&[]), Some(b)),
            r#"<a xmlns="urn:a"></a>"#
        );
    }
}
