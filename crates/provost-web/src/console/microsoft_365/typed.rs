//! The form General: what was typed, what it asks for, and what was found about it.

use crate::console::connections::trouble;
use crate::console::faults::Faults;
use crate::form::Form;
use crate::texts::{Language, text};
use provost_connect::graph::cloud::Cloud;
use provost_store::microsoft_365::{DomainState, Provider};
use provost_sync::microsoft_365::{FieldLine, LINK_KEY, ProviderChecked, ProviderDraft};
use serde_json::{Map, Value};

/// What the form shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub name: String,
    pub label: String,
    pub link_key: String,
    pub domain: String,
    pub tenant_name: String,
    pub cloud: String,
    pub graph_url: String,
    pub login_url: String,
    pub is_private: bool,
}

impl Typed {
    /// A new provider, with this display name for a suggestion.
    pub fn suggested(name: String) -> Self {
        Self {
            name,
            link_key: LINK_KEY.to_owned(),
            ..Self::default()
        }
    }

    /// What is saved.
    pub fn saved(provider: &Provider) -> Self {
        let setting = |name: &str| provider.settings.get(name).and_then(Value::as_str);
        Self {
            name: provider.name.clone(),
            label: provider.label.clone(),
            link_key: provider.link_key.clone(),
            domain: provider.domain.clone(),
            tenant_name: provider.tenant_name.clone(),
            cloud: setting("cloud").unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    /// What was typed.
    pub fn read(form: &Form) -> Self {
        let typed = |name: &str| form.get(name).trim().to_owned();
        Self {
            name: typed("name"),
            label: typed("label"),
            link_key: typed("link_key"),
            domain: typed("domain"),
            tenant_name: typed("tenant_name"),
            cloud: typed("cloud"),
            graph_url: typed("s.graph_url"),
            login_url: typed("s.login_url"),
            is_private: form.is_on("s.allow_private_network"),
        }
    }

    /// The same as the engine takes it.
    pub fn draft(&self) -> ProviderDraft {
        let mut settings = Map::new();
        for (name, value) in [("graph_url", &self.graph_url), ("login_url", &self.login_url)] {
            if !value.is_empty() {
                settings.insert(name.to_owned(), value.as_str().into());
            }
        }
        if self.is_private {
            settings.insert("allow_private_network".to_owned(), true.into());
        }
        ProviderDraft {
            name: self.name.clone(),
            label: self.label.clone(),
            link_key: self.link_key.clone(),
            domain: self.domain.clone(),
            tenant_name: self.tenant_name.clone(),
            cloud: self.cloud.clone(),
            settings: Value::Object(settings),
        }
    }

    /// What was typed into the field of this name.
    fn of(&self, field: &str) -> &str {
        match field {
            "name" => &self.name,
            "label" => &self.label,
            "cloud" => &self.cloud,
            "link_key" => &self.link_key,
            "domain" => &self.domain,
            "tenant_name" => &self.tenant_name,
            _ => "",
        }
    }

    /// Whether something special was entered, so that its fields stand open.
    pub fn is_special(&self) -> bool {
        !(self.cloud.is_empty() && self.graph_url.is_empty() && self.login_url.is_empty())
    }
}

/// What could tie a person to an account, and why only one of it does: the value, and what speaks against it.
pub(super) const LINK_KEYS: [(&str, &str); 5] = [
    (LINK_KEY, ""),
    (
        "User: email",
        text("an address changes with the name, and the account would be another person's"),
    ),
    (
        "User: userName",
        text("a user name can be given to somebody else later"),
    ),
    (
        "User: externalId",
        text("the identity provider may send another one tomorrow"),
    ),
    (
        "User: Microsoft 365 object ID",
        text("it belongs to the account, which does not exist yet for new people"),
    ),
];

/// The clouds to choose from: the word and what to call it.
pub(super) fn clouds(language: Language) -> Vec<(String, String)> {
    let called = |cloud: Cloud| match cloud.name() {
        "global" => (String::new(), language.t(text("worldwide")).to_owned()),
        name => (name.to_owned(), name.to_owned()),
    };
    Cloud::ALL.into_iter().map(called).collect()
}

/// What was found about one field.
pub(super) struct Line {
    /// A key of the catalogue.
    pub label: &'static str,
    /// `is-done`, `is-wrong`; empty for one in which nothing was typed.
    pub class: &'static str,
    /// A key of the catalogue.
    pub word: &'static str,
    /// In English, as the engine says it.
    pub told: String,
}

/// What was found about every field that was asked about.
pub(super) fn lines(typed: &Typed, checked: &ProviderChecked) -> Vec<Line> {
    let shown = |line: &FieldLine| {
        let is_empty = typed.of(line.field).is_empty();
        let is_proved = line.field != "domain" || checked.domain == DomainState::Verified;
        let (class, word) = match (line.ok, is_empty, is_proved) {
            (false, true, _) => ("", text("nothing typed yet")),
            (false, false, _) => ("is-wrong", text("wrong")),
            (true, _, true) => ("is-done", text("good")),
            (true, _, false) => ("", text("not proved yet")),
        };
        Line {
            label: label(line.field),
            class,
            word,
            told: match is_empty && !line.ok {
                true => String::new(),
                false => told(line),
            },
        }
    };
    // What is optional is only spoken of when there is something to say.
    let is_said = |line: &&FieldLine| {
        let is_optional = matches!(line.field, "label" | "cloud");
        !is_optional || !line.ok || !line.sentence.is_empty()
    };
    checked.lines.iter().filter(is_said).map(shown).collect()
}

/// What is wrong, by field.
pub(super) fn faults(checked: &ProviderChecked) -> Faults {
    let mut faults = Faults::none();
    for line in checked.lines.iter().filter(|line| !line.ok) {
        faults.add(line.field, told(line));
    }
    faults
}

fn told(line: &FieldLine) -> String {
    match line.sentence.is_empty() {
        true => String::new(),
        false => trouble::sentence(&line.sentence, &line.hint, &line.code),
    }
}

/// What a field is called.
pub(super) fn label(field: &str) -> &'static str {
    match field {
        "name" => text("Display name"),
        "label" => text("Label"),
        "cloud" => text("Cloud"),
        "link_key" => text("Link key"),
        "domain" => text("Domain"),
        _ => text("Tenant name"),
    }
}
