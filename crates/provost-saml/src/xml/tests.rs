use super::*;
use crate::error::Error;

fn refused(text: &str) -> Error {
    Document::parse(text.as_bytes()).expect_err(text)
}

fn canonical(text: &str) -> String {
    let document = Document::parse(text.as_bytes()).expect(text);
    document.write().expect(text)
}

#[test]
fn what_attacks_need_is_refused_by_name() {
    assert_eq!(refused("<!DOCTYPE a><a/>"), Error::Doctype);
    assert_eq!(
        refused("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        Error::Doctype
    );
    assert_eq!(refused("<a>x<!---->y</a>"), Error::Comment);
    assert_eq!(refused("<a><![CDATA[x]]></a>"), Error::Cdata);
    assert_eq!(refused("<a><?php x?></a>"), Error::Instruction);
    assert_eq!(refused("<a xmlns='b'/>"), Error::RelativeNamespace);
    assert_eq!(refused("<a xmlns:b='//host/c'/>"), Error::RelativeNamespace);
    assert_eq!(refused("<a xmlns:b='1:c'/>"), Error::RelativeNamespace);
    assert_eq!(refused("<a xmlns:b='urn:c&amp;d'/>"), Error::RelativeNamespace);
    assert_eq!(refused("<a xmlns:b='urn:c&quot;d'/>"), Error::RelativeNamespace);
    assert_eq!(refused("<a xmlns:b='urn:c d'/>"), Error::RelativeNamespace);
    assert_eq!(refused("<b:a/>"), Error::Prefix);
    assert_eq!(refused("<a b:c='d'/>"), Error::Prefix);
    assert_eq!(
        refused("<a xmlns:b='http://www.w3.org/2000/xmlns/'/>"),
        Error::Prefix
    );
    assert_eq!(refused("<a b='1' b='2'/>"), Error::SameAttribute);
    assert_eq!(
        refused("<a xmlns:b='urn:x' xmlns:c='urn:x' b:d='1' c:d='2'/>"),
        Error::SameAttribute
    );
    assert_eq!(
        refused("<a xmlns:b='urn:x' xmlns:b='urn:y'/>"),
        Error::SameAttribute
    );
    assert_eq!(refused("<a ID='x'><b Id='x'/></a>"), Error::SameId);
    assert_eq!(refused("<a ID='x'><b AssertionID='x'/></a>"), Error::SameId);
    assert_eq!(refused("<a xmlns:b='urn:x' b:ID='x'/>"), Error::NamespacedId);
    assert_eq!(refused("<a xml:id='x'/>"), Error::NamespacedId);
}

#[test]
fn other_encodings_and_versions_are_refused() {
    assert_eq!(refused("<?xml version='1.1'?><a/>"), Error::Encoding);
    assert_eq!(
        refused("<?xml version='1.0' encoding='utf-7'?><a/>"),
        Error::Encoding
    );
    assert_eq!(refused("<?xml encoding='utf-8'?><a/>"), Error::Encoding);
    assert_eq!(
        refused("<?xml version='1.0' version='1.0'?><a/>"),
        Error::Encoding
    );
    assert_eq!(
        Document::parse(b"<\0a\0/\0>\0").unwrap_err().code(),
        "PRV-SAML-XML"
    );
    assert_eq!(Document::parse(b"\xff\xfe<\0a\0").unwrap_err(), Error::Encoding);
    assert_eq!(Document::parse(b"<a>\xc3\x28</a>").unwrap_err(), Error::Encoding);
}

#[test]
fn what_others_put_before_the_root_is_read_past() {
    for before in [
        "\u{feff}",
        "\n  ",
        "<?xml version='1.0'?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "\n<?xml version='1.0' encoding='utf-8' standalone='no' ?>",
    ] {
        assert_eq!(canonical(&format!("{before}<a/>\n")), "<a></a>");
    }
}

#[test]
fn one_root_and_nothing_behind_it() {
    for text in [
        "",
        " ",
        "a",
        "<a>",
        "<a/><b/>",
        "<a/>x",
        "<a></b>",
        "<a/>&#32;",
        "<a b=c/>",
        "<a>&c;</a>",
    ] {
        assert!(matches!(refused(text), Error::Malformed { .. }), "{text}");
    }
}

#[test]
fn limits_hold() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(Document::parse(deep(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(refused(&deep(MAX_DEPTH + 1)).code(), "PRV-SAML-LIMIT");

    let many = |elements: usize| format!("<a>{}</a>", "<b/>".repeat(elements - 1));
    assert!(Document::parse(many(MAX_ELEMENTS).as_bytes()).is_ok());
    assert_eq!(refused(&many(MAX_ELEMENTS + 1)).code(), "PRV-SAML-LIMIT");

    let wide = |attributes: usize| {
        let all: String = (0..attributes).map(|n| format!(" b{n}='c'")).collect();
        format!("<a{all}/>")
    };
    assert!(Document::parse(wide(MAX_ATTRIBUTES).as_bytes()).is_ok());
    assert_eq!(refused(&wide(MAX_ATTRIBUTES + 1)).code(), "PRV-SAML-LIMIT");

    let declared = |levels: usize| {
        let all: String = (0..levels)
            .map(|n| format!("<a xmlns:b{n}='urn:b' xmlns:c{n}='urn:c' xmlns:d{n}='urn:d'>"))
            .collect();
        format!("{all}{}", "</a>".repeat(levels))
    };
    assert!(Document::parse(declared(MAX_NAMESPACES / 3).as_bytes()).is_ok());
    assert_eq!(
        refused(&declared(MAX_NAMESPACES / 3 + 1)).code(),
        "PRV-SAML-LIMIT"
    );

    let long = |bytes: usize| format!("<a>{}</a>", "b".repeat(bytes - 7));
    assert!(Document::parse(long(MAX_BYTES).as_bytes()).is_ok());
    assert_eq!(refused(&long(MAX_BYTES + 1)).code(), "PRV-SAML-TOO-LARGE");
}

#[test]
fn a_long_canonical_form_is_refused() {
    // Each child repeats a name of a thousand bytes that the message has once.
    let name = format!("urn:{}", "x".repeat(1_000));
    let text = format!("<r xmlns:a='{name}'>{}</r>", "<a:b/>".repeat(4_000));
    let document = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(document.write(), Err(Error::Canonical));
}

#[test]
fn the_canonical_form_is_that_of_the_recommendation() {
    // Exclusive XML Canonicalization 1.0 section 2.2: what is not used visibly is not carried along.
    let text = "<n0:local xmlns:n0='foo:bar' xmlns:n3='ftp://example.org'>\
                <n1:elem2 xmlns:n1='http://example.net' xml:lang='en'><n3:stuff xmlns:n3='ftp://example.org'/>\
                </n1:elem2></n0:local>";
    let document = Document::parse(text.as_bytes()).unwrap();
    let inner = document.children(document.root()).next().unwrap();
    assert_eq!(
        document.canonical(inner, Form::default()).unwrap(),
        "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\
         <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>"
    );
    let prefixes = ["n0", "n3"];
    let form = Form {
        without: None,
        prefixes: &prefixes,
    };
    assert_eq!(
        document.canonical(inner, form).unwrap(),
        "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\">\
         <n3:stuff></n3:stuff></n1:elem2>"
    );
}

#[test]
fn default_namespaces_come_and_go() {
    assert_eq!(
        canonical("<a xmlns='urn:x'><b xmlns=''><c/></b><d/></a>"),
        "<a xmlns=\"urn:x\"><b xmlns=\"\"><c></c></b><d></d></a>"
    );
}

#[test]
fn attributes_are_in_order_and_characters_escaped() {
    assert_eq!(
        canonical(
            "<a xmlns:z='urn:a' xmlns:y='urn:b' y:a='1' z:b='2' c='3' b='&#9;&#10;&#13;&lt;&quot;&apos;&gt;&amp;'>\r\n&#13;&gt;\u{1f600}</a>"
        ),
        "<a xmlns:y=\"urn:b\" xmlns:z=\"urn:a\" b=\"&#x9;&#xA;&#xD;&lt;&quot;'>&amp;\" c=\"3\" z:b=\"2\" y:a=\"1\">\n&#xD;&gt;\u{1f600}</a>"
    );
}

#[test]
fn a_value_is_the_whole_text_of_a_leaf() {
    let document = Document::parse(b"<a><b>x&amp;y&#122;</b><c>x<d/>y</c><e/></a>").unwrap();
    let children: Vec<ElementId> = document.children(document.root()).collect();
    assert_eq!(document.leaf(children[0], "b"), Ok("x&yz"));
    assert_eq!(
        document.leaf(children[1], "c"),
        Err(Error::NotALeaf { what: "c" })
    );
    assert_eq!(document.leaf(children[2], "e"), Ok(""));
}

#[test]
fn what_is_built_is_escaped_and_can_be_read_again() {
    let evil = "\"><evil a='b'>&\u{0}\u{b}]]></evil>\r\n";
    let mut document = Document::begin(Tag::new("p", "urn:p", "root"), [("a", evil)]);
    let root = document.root();
    let first = document.add_leaf(root, Tag::new("", "", "b"), NO_ATTRIBUTES, evil);
    let second = document.add_leaf(root, Tag::new("", "", "d"), NO_ATTRIBUTES, "last");
    document.add_after(first, Tag::new("", "", "c"), NO_ATTRIBUTES);
    document.add_after(second, Tag::new("", "", "e"), NO_ATTRIBUTES);
    document.add_before_first(first, Tag::new("", "", "z"), NO_ATTRIBUTES);
    let written = document.write().unwrap();
    let read = Document::parse(written.as_bytes()).unwrap();
    let names: Vec<&str> = read
        .children(read.root())
        .map(|child| read.local(child))
        .collect();
    assert_eq!(names, ["z", "b", "c", "d", "e"]);
    let clean = evil.replace(['\u{0}', '\u{b}'], "\u{fffd}");
    assert_eq!(read.attribute(read.root(), "a"), Some(clean.as_str()));
    let b = read.named(read.root(), "", "b").next().unwrap();
    assert_eq!(read.leaf(b, "b"), Ok(clean.as_str()));
    assert_eq!(read.write().unwrap(), written);
}

#[test]
fn a_document_does_not_show_what_it_says() {
    let document = Document::parse(b"<a>secret</a>").unwrap();
    assert!(!format!("{document:?}").contains("secret"));
}
