//! Answers that are no plain XML, and answers that are sent in the wrong way.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Wrong, wrong};
use crate::idp::plan::identity;
use crate::saml::request::pack;
use crate::saml::tree::{Element, MAX_BYTES, Node};

/// Puts a comment, which no signature covers, into the text of a leaf after this beginning.
fn comment(leaf: &mut Element, beginning: &str) {
    let text = leaf.text().unwrap_or_default();
    if let Some(rest) = text.strip_prefix(beginning) {
        leaf.children = vec![
            Node::Text(beginning.to_owned()),
            Node::Raw("<!-- -->".to_owned()),
            Node::Text(rest.to_owned()),
        ];
    }
}

/// Puts something before the last end tag.
fn inside(text: &str, more: &str) -> String {
    match text.rsplit_once("</") {
        Some((before, after)) => format!("{before}{more}</{after}"),
        None => text.to_owned(),
    }
}

const ALIEN: &str = ".evil.example";

pub(super) const ALL: &[Wrong] = &[
    wrong(
        "comment_in_name_id",
        "a comment cuts the signed name after the victim's",
    )
    .plan(|plan, stage| {
        if let Some((_, value)) = &mut plan.name_id {
            *value = format!("{}{ALIEN}", stage.victim.upn);
        }
    })
    .tree(|response, stage| {
        let subject = response
            .first_mut("Assertion")
            .and_then(|one| one.first_mut("Subject"));
        if let Some(name) = subject.and_then(|one| one.first_mut("NameID")) {
            comment(name, &stage.victim.upn);
        }
    }),
    wrong(
        "comment_in_object_id",
        "a comment cuts the signed object id after the victim's",
    )
    .plan(|plan, stage| {
        if let Some(values) = plan.claim(&identity("objectidentifier")) {
            *values = vec![format!("{}{ALIEN}", stage.victim.id)];
        }
    })
    .tree(|response, stage| {
        let name = identity("objectidentifier");
        let statement = response
            .first_mut("Assertion")
            .and_then(|one| one.first_mut("AttributeStatement"));
        let one = statement.and_then(|all| {
            all.elements_mut()
                .find(|one| one.attribute("Name") == Some(name.as_str()))
        });
        if let Some(value) = one.and_then(|one| one.first_mut("AttributeValue")) {
            comment(value, &stage.victim.id);
        }
    }),
    wrong(
        "comment_in_digest",
        "a comment with another digest inside the signed one",
    )
    .tree(|response, _| {
        let info = response
            .first_mut("Assertion")
            .and_then(|one| one.first_mut("Signature"))
            .and_then(|one| one.first_mut("SignedInfo"));
        let digest = info
            .and_then(|one| one.first_mut("Reference"))
            .and_then(|one| one.first_mut("DigestValue"));
        if let Some(digest) = digest {
            digest.children.insert(
                0,
                Node::Raw("<!--AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=-->".to_owned()),
            );
        }
    }),
    wrong("comment_anywhere", "a harmless comment").text(|text, _| inside(&text, "<!-- harmless -->")),
    wrong("processing_instruction", "an instruction to some program")
        .text(|text, _| inside(&text, "<?php exit; ?>")),
    wrong("doctype", "a DOCTYPE without anything in it").text(|text, _| format!("<!DOCTYPE Response>{text}")),
    wrong("external_dtd", "a DOCTYPE that is kept elsewhere")
        .text(|text, _| format!("<!DOCTYPE Response SYSTEM \"http://127.0.0.1:9/evil.dtd\">{text}")),
    wrong("external_entity", "an entity that stands for a file").text(|text, _| {
        let text = text.replacen("</NameID>", "&file;</NameID>", 1);
        format!("<!DOCTYPE Response [<!ENTITY file SYSTEM \"file:///etc/hostname\">]>{text}")
    }),
    wrong("billion_laughs", "entities that multiply").text(|text, _| {
        let mut entities = "<!ENTITY a0 \"ha\">".to_owned();
        for level in 1..10 {
            let below = format!("&a{};", level - 1).repeat(10);
            entities.push_str(&format!("<!ENTITY a{level} \"{below}\">"));
        }
        let text = text.replacen("</NameID>", "&a9;</NameID>", 1);
        format!("<!DOCTYPE Response [{entities}]>{text}")
    }),
    wrong("unknown_entity", "an entity that nobody has declared")
        .text(|text, _| text.replacen("</NameID>", "&nbsp;</NameID>", 1)),
    wrong(
        "relative_namespace",
        "a relative namespace name, which makes canonicalisation fail",
    )
    .text(|text, _| text.replacen("<Assertion ", "<Assertion xmlns:void=\"1\" ", 1)),
    wrong("unbound_prefix", "a prefix that nobody has declared")
        .text(|text, _| inside(&text, "<who:knows/>")),
    wrong("attribute_twice", "an attribute stands twice")
        .text(|text, _| text.replacen(" Version=\"2.0\"", " Version=\"2.0\" Version=\"2.0\"", 1)),
    wrong("deep_nesting", "a thousand levels")
        .text(|text, _| inside(&text, &format!("{}{}", "<x>".repeat(1_000), "</x>".repeat(1_000)))),
    wrong("many_attributes", "a thousand attributes").text(|text, _| {
        let many: String = (0..1_000).map(|count| format!(" a{count}=\"\"")).collect();
        inside(&text, &format!("<x{many}/>"))
    }),
    wrong("many_elements", "ten thousand elements").text(|text, _| inside(&text, &"<x/>".repeat(10_000))),
    wrong("too_long", "longer than any answer").text(|text, _| inside(&text, &" ".repeat(MAX_BYTES))),
    wrong("second_root", "something after the end").text(|text, _| format!("{text}<Response/>")),
    wrong("truncated", "half of the answer").text(|text, _| {
        let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at));
        text.get(..half.unwrap_or(0)).unwrap_or_default().to_owned()
    }),
    wrong("xml_1_1", "says to be XML 1.1").text(|text, _| format!("<?xml version=\"1.1\"?>{text}")),
    wrong("utf_16", "written in UTF-16").bytes(|text| {
        let units = [0xfeff].into_iter().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }),
    wrong("latin_1", "says to be ISO 8859-1, and is").bytes(|text| {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>{}",
            inside(&text, "\u{e9}")
        );
        let letter = |letter: char| u8::try_from(u32::from(letter)).unwrap_or(b'?');
        text.chars().map(letter).collect()
    }),
    wrong("utf_7", "says to be UTF-7")
        .text(|text, _| format!("<?xml version=\"1.0\" encoding=\"utf-7\"?>{text}")),
    wrong("not_xml", "no XML at all").text(|_, _| "{\"signed_in\": true}".to_owned()),
    wrong("empty", "nothing").text(|_, _| String::new()),
];

/// Where the form's answer stands.
fn answer(fields: &mut [(String, String)]) -> Option<&mut String> {
    let found = fields.iter_mut().find(|(name, _)| name == "SAMLResponse");
    found.map(|(_, value)| value)
}

pub(super) const SENT: &[Wrong] = &[
    wrong("replayed", "the answer that was sent the last time")
        .text(|text, stage| stage.last.clone().unwrap_or(text)),
    wrong("not_base64", "the answer is not Base64").form(|fields| {
        if let Some(value) = answer(fields) {
            value.insert(0, '!');
        }
    }),
    wrong("deflated", "the answer is compressed, as only addresses are").form(|fields| {
        if let Some(value) = answer(fields) {
            let text = STANDARD.decode(value.as_bytes()).unwrap_or_default();
            *value = pack(&String::from_utf8_lossy(&text));
        }
    }),
    wrong("answer_twice", "the form has two answers").form(|fields| {
        let again = fields.iter().find(|(name, _)| name == "SAMLResponse").cloned();
        fields.extend(again);
    }),
    wrong("no_answer", "the form has no answer").form(|fields| {
        fields.retain(|(name, _)| name != "SAMLResponse");
    }),
    wrong("relay_state_changed", "the state is another than was sent").form(|fields| {
        fields.retain(|(name, _)| name != "RelayState");
        fields.push(("RelayState".to_owned(), "https://elsewhere.example/".to_owned()));
    }),
    wrong("relay_state_dropped", "the state is missing").form(|fields| {
        fields.retain(|(name, _)| name != "RelayState");
    }),
];
