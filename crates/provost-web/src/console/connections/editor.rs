//! The page of one mapping.

use super::base::{Base, at};
use super::catalogue::Attribute;
use super::evaluated::{KINDS, Shown};
use super::save::Found;
use super::sources::Path;
use super::trouble::Mark;
use super::typed::{APPLIES, DRIFTS, NULLS, Typed, Way};
use super::words::Suggestions;
use crate::console::page::Frame;
use crate::texts::Language;
use askama::Template;
use provost_engine::expr::{self, FunctionDoc};

/// The page.
#[derive(Template)]
#[template(path = "connections/mapping.html")]
pub(super) struct Page {
    pub frame: Frame,
    pub base: Base,
    pub at: Addresses,
    pub seen: String,
    pub attribute: Attribute,
    pub is_person: bool,
    pub is_leaver: bool,
    /// Whether there is such a mapping already.
    pub is_saved: bool,
    pub typed: Typed,
    pub choices: Choices,
    pub marks: Vec<Mark>,
    pub warnings: Vec<String>,
    pub is_done: bool,
    pub shown: Shown,
    pub suggestions: Suggestions,
    pub paths: Vec<Path>,
    pub functions: &'static [FunctionDoc],
    /// Why the mapping cannot be removed, in the reader's language; empty where it can.
    pub kept: String,
}

/// The part of the page that answers what is typed.
#[derive(Template)]
#[template(path = "connections/tried.html")]
pub(super) struct Tried {
    pub frame: Frame,
    pub shown: Shown,
    pub suggestions: Suggestions,
}

/// Where the page's forms go.
pub(super) struct Addresses {
    pub here: String,
    pub attempt: String,
    pub remove: String,
    pub all: String,
}

/// The form's choices in the reader's language.
pub(super) struct Choices {
    pub ways: Vec<(&'static str, String, String)>,
    pub applies: Vec<(&'static str, String, String)>,
    pub nulls: Vec<(&'static str, String)>,
    pub kinds: Vec<(&'static str, String)>,
    pub drifts: Vec<(&'static str, String)>,
}

impl Addresses {
    /// Those of a mapping; with `is_leaver`, of one for those who leave.
    pub fn of(found: &Found, attribute: &str, is_leaver: bool) -> Self {
        let rule = found.rule().name.as_str();
        let to = |rest: &str| {
            let address = at(&found.place, &["rules", rule, "mappings", attribute, rest]);
            if is_leaver {
                format!("{address}?leavers=on")
            } else {
                address
            }
        };
        Self {
            here: to(""),
            attempt: to("try"),
            remove: to("remove"),
            all: at(&found.place, &["rules", rule, "mappings"]),
        }
    }
}

impl Choices {
    /// What the form offers for an attribute.
    pub fn of(attribute: &Attribute, language: Language) -> Self {
        let three = |(word, label, about): (&'static str, &str, &str)| {
            (word, language.t(label).to_owned(), language.t(about).to_owned())
        };
        let two = |(word, label): (&'static str, &str)| (word, language.t(label).to_owned());
        Self {
            ways: Way::offered(attribute).into_iter().map(three).collect(),
            applies: APPLIES.into_iter().map(three).collect(),
            nulls: NULLS.into_iter().map(two).collect(),
            kinds: KINDS.into_iter().map(two).collect(),
            drifts: DRIFTS.into_iter().map(two).collect(),
        }
    }
}

impl Page {
    /// Every function of the language.
    pub fn all_functions() -> &'static [FunctionDoc] {
        expr::reference()
    }

    /// What the fields below the choice are shown with.
    fn way(&self) -> &'static str {
        self.typed.way.word()
    }

    /// What is known of the attribute's limits, a sentence each.
    fn limits(&self) -> Vec<String> {
        limits(&self.attribute, self.frame.language)
    }
}

/// What is known of an attribute's limits, a few words each.
pub(super) fn limits(attribute: &Attribute, language: Language) -> Vec<String> {
    let mut all = Vec::new();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    if attribute.is_required {
        all.push(language.t("required").to_owned());
    }
    if attribute.is_create_only {
        all.push(language.t("on create only").to_owned());
    }
    if attribute.is_read_only {
        all.push(language.t("read only").to_owned());
    }
    if let Some(most) = attribute.values {
        all.push(language.n(count(most), "1 value at most", "{} values at most"));
    }
    if let Some(most) = attribute.most {
        all.push(language.n(count(most), "1 character at most", "{} characters at most"));
    }
    if attribute.is_filterable == Some(true) {
        all.push(language.t("accounts are found by it").to_owned());
    }
    all
}
