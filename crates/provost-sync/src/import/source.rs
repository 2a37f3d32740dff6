//! What an inbound provider's records become: a rule whose source is the incoming record and whose targets are
//! attributes of a person in our own directory.

use crate::{Error, Result};
use provost_engine::mapping::Mapping;
use provost_engine::object::Kind;
use provost_engine::rule::{Compiled, Matching, Rule, RuleError};
use provost_scim::leniency::Leniency;
use provost_scim::patch;
use provost_scim::schema::{Catalogue, PATCH_OP};
use provost_store::provider::Provider;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The URN under which the enterprise attributes of a person stand.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The definition of a source, as it is kept. Unknown fields are refused.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The rule: its attributes are those of the record, its targets are paths of a person
    /// (`name.givenName`, `emails[type eq "work"].value`). `actions` switch creating, updating, disabling and
    /// deleting; `remove` says what happens to somebody whose record leaves the scope.
    pub rule: Rule,
    /// The attribute of a record that never changes and that nobody else has.
    #[serde(default = "external_id")]
    pub anchor: String,
    /// What happens to somebody who is not in a complete input any more.
    #[serde(default)]
    pub absent: Absent,
    /// How many may be missing before a person has to decide.
    #[serde(default)]
    pub guard: Guard,
    /// Minutes after which records are looked at again when the rule depends on the time.
    #[serde(default = "quarter_of_an_hour")]
    pub clock_minutes: u32,
}

/// What happens to a person whose record is missing in a complete input.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// The person is disabled, and enabled again when the record comes back.
    #[default]
    Disable,
    /// The person is deleted, and restored from the recycle bin when the record comes back.
    Delete,
    /// Nothing.
    Leave,
}

/// Limits on how many may be missing in a complete input.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Guard {
    /// Whether the guard judges at all.
    pub enabled: bool,
    /// Up to this many always pass.
    pub minimum: u32,
    /// The share of the records known before, in percent, that one input may leave out.
    pub percent: f64,
    /// A number that is never reached without a person's decision.
    pub limit: Option<u32>,
    /// An input that is smaller than the one before by more than this share, in percent, is not believed,
    /// however many people would be touched.
    pub shrink_percent: f64,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            enabled: true,
            minimum: 5,
            percent: 2.0,
            limit: None,
            shrink_percent: 20.0,
        }
    }
}

fn external_id() -> String {
    "externalId".to_owned()
}

fn quarter_of_an_hour() -> u32 {
    15
}

impl Source {
    /// The source of a provider that has none of its own: SCIM users, recognised by `externalId`, which becomes
    /// the person's employee number (the default of Microsoft's API-driven provisioning).
    #[must_use]
    pub fn standard() -> Self {
        let enterprise = |name: &str| format!("{ENTERPRISE}:{name}");
        let mut mappings = vec![
            Mapping::direct("userName", "userName"),
            Mapping::direct("externalId", "externalId"),
            Mapping::direct(enterprise("employeeNumber"), "externalId"),
            Mapping::direct("active", "active"),
        ];
        let names = [
            "displayName",
            "nickName",
            "title",
            "userType",
            "preferredLanguage",
            "locale",
            "timezone",
            "name.givenName",
            "name.middleName",
            "name.familyName",
            "name.formatted",
            "emails[type eq \"work\"].value",
            "phoneNumbers[type eq \"work\"].value",
            "phoneNumbers[type eq \"mobile\"].value",
        ];
        mappings.extend(names.map(|name| Mapping::direct(name, name)));
        let names = ["costCenter", "organization", "division", "department"];
        mappings.extend(names.map(|name| Mapping::direct(enterprise(name), enterprise(name))));
        mappings.push(Mapping {
            reference: true,
            ..Mapping::direct(enterprise("manager"), enterprise("manager.value"))
        });
        let matching = [enterprise("employeeNumber"), "userName".to_owned()];
        Self {
            rule: people("People", mappings, matching),
            anchor: external_id(),
            absent: Absent::default(),
            guard: Guard::default(),
            clock_minutes: quarter_of_an_hour(),
        }
    }

    /// Milliseconds until a record is looked at again because of the time.
    pub(super) fn interval(&self) -> i64 {
        i64::from(self.clock_minutes.max(1)) * 60_000
    }
}

/// A rule about people that is otherwise as rules are by default.
fn people(name: &str, mappings: Vec<Mapping>, matching: impl IntoIterator<Item = String>) -> Rule {
    let numbered = matching.into_iter().zip(1..);
    Rule {
        matching: numbered
            .map(|(target, precedence)| Matching { target, precedence })
            .collect(),
        mappings,
        ..Rule::new(name, Kind::Person)
    }
}

/// A checked source, ready for records.
pub(super) struct Prepared {
    /// Who sends.
    pub provider: Provider,
    /// The definition.
    pub source: Source,
    /// Its rule.
    pub rule: Compiled,
    /// Reads the rule's targets from a person that is there.
    pub mirror: Compiled,
    /// What the workspace knows of people.
    pub catalogue: Arc<Catalogue>,
    /// What is tolerated in values.
    pub leniency: Leniency,
}

impl Prepared {
    /// Checks a definition against what the workspace knows of people.
    ///
    /// # Errors
    /// [`Error::Rules`] with every mistake at once.
    pub fn new(provider: Provider, source: Source, catalogue: Arc<Catalogue>) -> Result<Self> {
        let mut mistakes = mistakes(&source, &catalogue);
        let rule = match source.rule.compile() {
            Ok(rule) if mistakes.is_empty() => rule,
            Ok(_) => return Err(Error::Rules(mistakes)),
            Err(more) => {
                mistakes.extend(more);
                return Err(Error::Rules(mistakes));
            }
        };
        let mirror = mirror(&rule).compile().map_err(Error::Rules)?;
        Ok(Self {
            leniency: provider
                .settings
                .dialect
                .map_or_else(Leniency::default, Leniency::of),
            provider,
            source,
            rule,
            mirror,
            catalogue,
        })
    }
}

/// What the engine's own check cannot know: that the targets are attributes of a person.
fn mistakes(source: &Source, catalogue: &Catalogue) -> Vec<RuleError> {
    let rule = &source.rule;
    let mistake = |target: Option<&str>, message: String, hint: &str| RuleError {
        rule: rule.name.clone(),
        target: target.map(str::to_owned),
        span: None,
        message,
        hint: hint.to_owned(),
    };
    let mut found = Vec::new();
    if rule.object != Kind::Person {
        let hint = "a source makes people; set \"object\": \"person\"";
        found.push(mistake(None, "the rule of a source is about groups".into(), hint));
    }
    if source.anchor.trim().is_empty() {
        let hint = "name the attribute that tells records apart, such as externalId";
        found.push(mistake(None, "the source has no anchor".into(), hint));
    }
    let is_name = |target: &str| target.eq_ignore_ascii_case("userName");
    if !rule.mappings.iter().any(|mapping| is_name(&mapping.target)) {
        let hint = "map userName: nobody can be made without it";
        found.push(mistake(
            Some("userName"),
            "the rule does not map userName".into(),
            hint,
        ));
    }
    for mapping in rule.mappings.iter().chain(&rule.leaver) {
        if let Err(error) = check_path(&mapping.target, catalogue) {
            let hint = "write the path of an attribute as in a SCIM PATCH, such as name.givenName";
            found.push(mistake(Some(&mapping.target), error, hint));
        }
    }
    found
}

/// Whether something can be written to a path: asked as the removal of what stands there.
fn check_path(path: &str, catalogue: &Catalogue) -> std::result::Result<(), String> {
    let operations = json!([{"op": "remove", "path": path}]);
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    patch::parse(catalogue.user(), body, &Leniency::default())
        .map(drop)
        .map_err(|error| error.detail)
}

/// A rule that copies each target of `rule` from where it would be written: evaluated over a person it says what
/// stands there, and by what the person is recognised.
fn mirror(rule: &Compiled) -> Rule {
    let matching: Vec<String> = rule.matching().to_vec();
    let mappings = rule.targets().map(|target| Mapping::direct(target, target));
    people("what is there", mappings.collect(), matching)
}
