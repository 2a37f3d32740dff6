//! What the pages about one connection have in common: the way to each other, and what the reader may do.

use crate::console::faults::Faults;
use crate::console::page::Frame;
use crate::console::place::Place;
use crate::policy::Act;
use crate::texts::text;
use crate::visitor::Visitor;
use serde::Deserialize;

/// The connection of an address.
#[derive(Debug, Deserialize)]
pub(in crate::console) struct OfConnection {
    pub name: String,
}

/// The rule of an address.
#[derive(Debug, Deserialize)]
pub(in crate::console) struct OfRule {
    pub name: String,
    pub rule: String,
}

/// The target attribute of an address.
#[derive(Debug, Deserialize)]
pub(super) struct OfMapping {
    pub name: String,
    pub rule: String,
    pub attribute: String,
}

/// A way to another page about the same thing.
pub(in crate::console) struct Tab {
    pub label: &'static str,
    pub address: String,
    pub is_here: bool,
}

/// What every one of these pages has.
pub(super) struct Base {
    pub tabs: Vec<Tab>,
    /// The pages about the same rule; none where the page is about no rule.
    pub parts: Vec<Tab>,
    /// Which role it takes to change something, for people; empty when the reader has it.
    pub needs: String,
    /// What is wrong with what was sent.
    pub faults: Faults,
}

/// Paths below a connection with their labels.
const TABS: [(&str, &str); 8] = [
    ("", text("State")),
    ("rules", text("Rules")),
    ("assignments", text("Assignments")),
    ("preferences", text("Preferences")),
    ("settings", text("Settings")),
    ("cycles", text("Cycles")),
    ("links", text("Links")),
    ("doubts", text("To decide")),
];

/// Paths below a rule with their labels.
const PARTS: [(&str, &str); 4] = [
    ("", text("Rule")),
    ("scope", text("Scope")),
    ("matching", text("Matching")),
    ("mappings", text("Mappings")),
];

/// The pages about a connection; `here` is the path of this one below it.
pub(in crate::console) fn tabs(place: &Place, here: &str) -> Vec<Tab> {
    let licences = (place.connection.connector == "graph").then_some(("licences", text("Licences")));
    let sign_in = (place.connection.connector != "graph").then_some(("sign-in", text("Sign-in")));
    let all = TABS.iter().copied().chain(sign_in).chain(licences);
    all.map(|(path, label)| Tab {
        label,
        address: at(place, &[path]),
        is_here: path == here,
    })
    .collect()
}

/// The page at these segments below a connection; empty ones are left out.
pub(super) fn at(place: &Place, below: &[&str]) -> String {
    let mut segments = vec!["connections", place.connection.name.as_str()];
    segments.extend(below.iter().filter(|segment| !segment.is_empty()));
    place.space.to(&segments)
}

impl Base {
    /// That of a page about a connection.
    pub fn new(visitor: &Visitor, place: &Place, here: &str, act: Act) -> Self {
        Self {
            tabs: tabs(place, here),
            parts: Vec::new(),
            needs: needs(visitor, act),
            faults: Faults::none(),
        }
    }

    /// That of a page about a rule.
    pub fn of_rule(visitor: &Visitor, place: &Place, rule: &str, here: &str) -> Self {
        let part = |(path, label): &(&str, &'static str)| Tab {
            label,
            address: at(place, &["rules", rule, path]),
            is_here: *path == here,
        };
        Self {
            parts: PARTS.iter().map(part).collect(),
            ..Self::new(visitor, place, "rules", Act::Configure)
        }
    }

    /// The same with what is wrong.
    pub fn with(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }
}

/// Which role it takes, for people; empty for somebody who has it.
pub(super) fn needs(visitor: &Visitor, act: Act) -> String {
    if visitor.may(act) {
        return String::new();
    }
    let language = visitor.language;
    language.f(
        "Your role shows this page; changing something takes the role {}.",
        &[language.t(act.roles())],
    )
}

/// The frame of a page about a connection.
pub(super) fn frame(visitor: &Visitor, place: &Place, title: &'static str) -> Frame {
    let name = &place.connection.name;
    let title = format!("{} · {name}", visitor.language.t(title));
    Frame::new(visitor, title)
        .below(place.space.at("/connections"), visitor.language.t("Connections"))
        .below(place.space.connection(name), name)
}

/// The frame of a page about a rule.
pub(super) fn rule_frame(visitor: &Visitor, place: &Place, rule: &str, title: &'static str) -> Frame {
    let frame = frame(visitor, place, title).below(at(place, &["rules"]), visitor.language.t("Rules"));
    frame.below(at(place, &["rules", rule]), rule)
}
