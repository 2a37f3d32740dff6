//! A target that holds one account, and what a hub would remember of it.

use proptest::prelude::*;
use provost_engine::diff;
use provost_engine::object::{Record, Source};
use provost_engine::plan::{Action, Decision, Known, decide};
use provost_engine::rule::{Compiled, Env, Evaluation, Need, Rule};
use serde_json::{Value, json};

pub const DAY: i64 = 24 * 60 * 60 * 1000;
/// An attribute that no rule maps.
pub const UNMANAGED: &str = "by hand";

/// What a history does to the world.
#[derive(Debug, Clone)]
pub enum Event {
    /// The object has this document and assignment; `None`: it is deleted in the directory.
    Directory(Option<(Value, bool)>),
    /// Somebody writes an attribute in the target.
    Target(&'static str, Value),
    /// Days go by.
    Days(u8),
}

/// One object, its account, and what is known of it.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct World {
    pub document: Option<(Value, bool)>,
    pub account: Option<Record>,
    pub usable: bool,
    pub known: Option<Known>,
    pub now: i64,
    /// Every action that was carried out.
    pub log: Vec<Action>,
}

impl World {
    pub fn happens(&mut self, event: &Event) {
        match event {
            Event::Directory(document) => self.document.clone_from(document),
            Event::Target(attribute, value) => {
                if let Some(account) = &mut self.account {
                    let change = Record::from([((*attribute).to_owned(), value.clone())]);
                    diff::apply(account, &change);
                }
            }
            Event::Days(days) => self.now += i64::from(*days) * DAY,
        }
    }

    /// What the rule says; `None` when it has no verdict.
    fn evaluate(&self, rule: &Compiled) -> Option<Option<Evaluation>> {
        let Some((document, assigned)) = &self.document else {
            return Some(None);
        };
        let source = Source {
            kind: rule.object(),
            id: "1",
            document,
            assigned: *assigned,
        };
        let need = if self.known.is_some() {
            Need::Update
        } else {
            Need::Create
        };
        let env = Env {
            now: self.now,
            ..Env::default()
        };
        rule.evaluate_for(&source, &env, need).ok().map(Some)
    }

    /// What would be done now; `None` when the object cannot be evaluated.
    pub fn decide(&self, rule: &Compiled) -> Option<Decision> {
        let evaluation = self.evaluate(rule)?;
        Some(decide(rule, evaluation.as_ref(), self.known.as_ref(), self.now))
    }

    /// Looks at the object and carries out what follows.
    pub fn look(&mut self, rule: &Compiled) -> Option<Decision> {
        let evaluation = self.evaluate(rule)?;
        let decision = decide(rule, evaluation.as_ref(), self.known.as_ref(), self.now);
        self.log.extend(decision.action());
        match &decision {
            Decision::Nothing | Decision::Skip(_) => {}
            Decision::Create => self.create(evaluation.expect("what is created was evaluated")),
            Decision::Update(changes) => self.write(rule, evaluation, changes),
            Decision::Disable(changes) => {
                self.write(rule, evaluation, changes);
                self.switch(false);
            }
            Decision::Restore(changes) => {
                self.write(rule, evaluation, changes);
                self.switch(true);
            }
            Decision::Delete => {
                self.account = None;
                self.known = None;
            }
        }
        Some(decision)
    }

    fn create(&mut self, evaluation: Evaluation) {
        self.usable = evaluation.enabled;
        self.known = Some(Known {
            written: evaluation.create.clone(),
            enabled: evaluation.enabled,
            disabled_since: (!evaluation.enabled).then_some(self.now),
        });
        self.account = Some(evaluation.create);
    }

    fn write(&mut self, rule: &Compiled, evaluation: Option<Evaluation>, changes: &Record) {
        let account = self.account.as_mut().expect("only linked objects are changed");
        let known = self.known.as_mut().expect("only linked objects are changed");
        let mut left = changes.clone();
        if let Some(evaluation) = evaluation.filter(|e| rule.depends_on_target(e, changes)) {
            left = rule.against_target(&evaluation, changes, account);
            let there = rule.already_there(&evaluation, changes, account);
            diff::apply(&mut known.written, &there);
        }
        diff::apply(&mut known.written, &left);
        diff::apply(account, &left);
    }

    fn switch(&mut self, on: bool) {
        let known = self.known.as_mut().expect("only linked objects are switched");
        known.enabled = on;
        known.disabled_since = (!on).then_some(self.now);
        self.usable = on;
    }
}

/// A rule with a mapping of every flow type and null policy.
pub fn rule(object: &str, settings: Value, enabled: Option<Value>) -> Compiled {
    let mut mappings = vec![
        json!({"target": "userName", "direct": "userName"}),
        json!({"target": "title", "direct": "title", "null": "clear"}),
        json!({"target": "city", "direct": "town", "default": "Oslo"}),
        json!({"target": "office", "direct": "office", "null": "default", "default": "HQ"}),
        json!({"target": "note", "direct": "note", "apply": "on_create"}),
        json!({"target": "level", "direct": "level", "kind": "integer"}),
        json!({"target": "desk", "direct": "office", "apply": "if_empty"}),
        json!({"target": "floor", "direct": "town", "null": "default_if_empty", "default": "0"}),
        json!({"target": "fax", "direct": "note", "apply": "value_add_only"}),
        json!({"target": "roles", "direct": "roles", "apply": "add_only"}),
        json!({"target": "badge", "none": true, "default": "new"}),
        json!({"target": "stamp", "direct": "title", "resend": true}),
    ];
    mappings.extend(enabled);
    let mut rule = json!({
        "name": "r", "object": object,
        "scope": {"filters": [{"clauses": [
            {"attribute": "rank", "operator": "GREATER_THAN", "value": 2}]}]},
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": mappings,
    });
    let map = rule.as_object_mut().unwrap();
    map.extend(settings.as_object().cloned().unwrap_or_default());
    serde_json::from_value::<Rule>(rule).unwrap().compile().unwrap()
}

/// Rules with every way to treat leavers and every way to say who is enabled.
pub fn rules() -> Vec<Compiled> {
    let leaver = json!([
        {"target": "title", "constant": "left"},
        {"target": "roles", "none": true, "null": "clear"},
        {"target": "farewell", "direct": "town", "null": "clear"}
    ]);
    let mut rules = Vec::new();
    for remove in ["disable", "delete", "leave"] {
        rules.push(rule("group", json!({"remove": remove}), None));
        for settings in [
            json!({"remove": remove}),
            json!({"remove": remove, "leaver": leaver, "delete_after_days": 3}),
        ] {
            for enabled in [
                None,
                Some(json!({"target": "active", "expression": "Not([IsSoftDeleted])"})),
                Some(json!({"target": "accountEnabled", "constant": true})),
                Some(
                    json!({"target": "active", "expression": "IIF([title]=\"a\",\"False\",\"True\")", "kind": "string"}),
                ),
                Some(json!({"target": "active", "constant": false, "apply": "on_create"})),
            ] {
                rules.push(rule("person", settings.clone(), enabled));
            }
        }
    }
    rules
}

/// One state of a directory object.
pub fn document() -> impl Strategy<Value = Value> {
    let text = || prop::option::of(prop::sample::select(vec!["", "a", "b"]));
    let rank = prop::sample::select(vec![json!(null), json!(1), json!(3), json!(3), json!("broken")]);
    let level = prop::sample::select(vec![json!(null), json!(1), json!("2"), json!("broken")]);
    let active = prop::sample::select(vec![json!(null), json!(true), json!(true), json!(false)]);
    let roles = prop::collection::btree_set(prop::sample::select(vec!["x", "y", "z"]), 0..3);
    (text(), text(), text(), text(), rank, level, active, roles).prop_map(
        |(title, city, office, note, rank, level, active, roles)| {
            let mut document = json!({
                "userName": "u", "title": title, "town": city, "office": office, "note": note,
                "rank": rank, "level": level, "active": active, "roles": roles
            });
            if let Some(map) = document.as_object_mut() {
                map.retain(|_, value| !value.is_null());
            }
            document
        },
    )
}

/// What may happen between two looks.
pub fn event() -> impl Strategy<Value = Event> {
    let attributes = prop::sample::select(vec![
        UNMANAGED, "title", "desk", "desk", "floor", "roles", "badge", "fax",
    ]);
    let values = prop::sample::select(vec![json!(null), json!("m"), json!(["m"]), json!(["m", "x"])]);
    prop_oneof![
        5 => prop::option::weighted(0.95, (document(), prop::bool::weighted(0.8))).prop_map(Event::Directory),
        4 => (attributes, values).prop_map(|(attribute, value)| Event::Target(attribute, value)),
        1 => (0_u8..5).prop_map(Event::Days),
    ]
}
