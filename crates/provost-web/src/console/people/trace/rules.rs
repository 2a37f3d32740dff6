//! How somebody stands under each rule of each connection: meant or not, matched how, which values, what is linked,
//! what was asked of the target last.

use super::mapping::{self, MappingLine};
use super::read::{ConnectionRead, Known, Requested, RuleRead};
use super::verdict::{self, Facts, Verdict, Waits, Way};
use crate::console::advice::{self, Next};
use crate::console::place::{Place, Somebody, Standing};
use crate::console::status::without_code;
use crate::console::time::{Clock, Moment};
use crate::texts::{Language, text};
use provost_engine::object::{Kind, Source};
use provost_engine::rule::Compiled;
use provost_store::connection::Assignment;
use provost_sync::{RuleTrace, Trace};
use serde_json::Value;

/// Mappings that one page shows.
const ROOM: usize = 100;
/// The code of a step that waits for an approval.
const STAGED: &str = "PRV-STAGED";
/// What the engine puts before the reason for leaving somebody alone.
const LEFT_ALONE: &str = "left alone: ";
/// What the engine says where nothing is to be done.
const NOTHING: &str = "nothing";

/// How somebody stands under one rule.
pub(super) struct RuleView {
    pub connection: String,
    pub connection_address: String,
    pub rule: String,
    pub rule_address: String,
    pub verdict: Verdict,
    pub code: String,
    pub next: Option<Next>,
    pub meant: MeantView,
    pub conditions: Vec<ConditionView>,
    /// Attributes by which a match is looked for, with their values, in the order in which they are tried.
    pub matching: Vec<(String, String)>,
    pub mappings: Vec<MappingLine>,
    /// Where the mappings stand, when the page would become too long with them.
    pub values: Option<String>,
    /// What the next cycle would do; a key of the catalogue.
    pub step: &'static str,
    pub account: Option<AccountView>,
    pub licences: Vec<String>,
    pub request: Option<RequestView>,
}

/// Whether the connection's assignment means somebody, and by what.
pub(super) struct MeantView {
    /// A key of the catalogue.
    pub sentence: &'static str,
    /// Groups through which somebody is assigned: name and address.
    pub through: Vec<(String, String)>,
}

/// One condition of the scope.
pub(super) struct ConditionView {
    /// The filter it belongs to, from 1; one whole filter is enough.
    pub filter: usize,
    pub text: String,
    /// The word and its colour.
    pub word: &'static str,
    pub class: &'static str,
    pub trouble: String,
}

/// What is linked.
pub(super) struct AccountView {
    pub target_id: String,
    pub disabled: Option<Moment>,
}

/// The last request to the target, and its answer.
pub(super) struct RequestView {
    pub at: Moment,
    pub operation: String,
    pub status: u16,
    pub is_failed: bool,
    /// The target's id of the answer, and ours of the request.
    pub request_id: String,
    pub client_request_id: String,
    pub reason: String,
    /// The line of the log about it.
    pub line: i64,
}

/// Every rule that is about somebody's kind, connection by connection. The values of all rules are shown as long as
/// there is room, or those of one `opened` rule.
pub(super) fn views(
    who: &Somebody,
    known: Known,
    trace: Option<&Trace>,
    opened: Option<i64>,
    clock: &Clock,
) -> Vec<RuleView> {
    let document = who.object.as_ref().and_then(|one| one.value().ok());
    let about = About {
        who,
        document: document.as_ref(),
        groups: &known.groups_assigned,
        clock,
    };
    let (mut views, mut room) = (Vec::new(), ROOM);
    for connection in &known.connections {
        for rule in connection
            .rules
            .iter()
            .filter(|rule| rule.stored.kind == who.kind)
        {
            if !about.is_told(rule) {
                continue;
            }
            let mut view = about.view(connection, rule, trace);
            let key = rule.stored.key;
            let is_shown = opened.map_or(view.mappings.len() <= room, |opened| opened == key);
            if is_shown {
                room = room.saturating_sub(view.mappings.len());
            } else {
                view.mappings.clear();
                view.values = Some(format!("{}?rule={key}#rule-{}", who.address(), views.len() + 1));
            }
            views.push(view);
        }
    }
    views
}

struct About<'a> {
    who: &'a Somebody,
    document: Option<&'a Value>,
    /// Assigned groups of theirs: the connection, name and address.
    groups: &'a [(i64, String, String)],
    clock: &'a Clock,
}

impl About<'_> {
    /// Of somebody who is gone only what is left somewhere is told.
    fn is_told(&self, rule: &RuleRead) -> bool {
        let is_here = !matches!(self.who.standing, Standing::Deleted(_) | Standing::Gone);
        is_here || rule.link.is_some() || rule.status.is_some()
    }

    fn view(&self, connection: &ConnectionRead, rule: &RuleRead, trace: Option<&Trace>) -> RuleView {
        let traced = trace.and_then(|trace| {
            let of_connection = |one: &&RuleTrace| one.connection == connection.connection.name;
            let mut found = trace.rules.iter().filter(of_connection);
            // A connection that cannot be opened has one trace without a rule's name.
            found.find(|one| one.rule == rule.stored.name || one.rule.is_empty())
        });
        let compiled = rule.stored.rule.compile().ok();
        let id = self.who.id.to_string();
        let source = self.document.map(|document| Source {
            kind: self.who.kind,
            id: &id,
            document,
            assigned: connection.is_assigned,
        });
        let facts = self.facts(connection, rule, traced, compiled.as_ref(), source.as_ref());
        let verdict = verdict::of(&facts);
        let place = Place {
            connection: connection.connection.clone(),
            space: self.who.space.clone(),
        };
        RuleView {
            next: self.next(&place, &rule.stored.name, &verdict, facts.code),
            code: facts.code.to_owned(),
            step: step(facts.decision),
            verdict,
            connection: connection.connection.name.clone(),
            connection_address: place.space.connection(&connection.connection.name),
            rule: rule.stored.name.clone(),
            rule_address: self.rule_address(&place, &rule.stored.name, ""),
            meant: self.meant(connection),
            conditions: conditions(compiled.as_ref(), source.as_ref()),
            matching: traced.map_or_else(Vec::new, matching),
            mappings: mapping::lines(
                &rule.stored.rule,
                compiled.as_ref(),
                source.as_ref(),
                traced,
                self.clock,
            ),
            values: None,
            account: rule.link.as_ref().map(|link| AccountView {
                target_id: link.target_id.clone(),
                disabled: self.clock.moment_if(link.disabled),
            }),
            licences: rule.licences.clone(),
            request: connection.requested.as_ref().map(|one| self.request(one)),
        }
    }

    fn facts<'f>(
        &self,
        connection: &'f ConnectionRead,
        rule: &'f RuleRead,
        traced: Option<&'f RuleTrace>,
        compiled: Option<&Compiled>,
        source: Option<&Source>,
    ) -> Facts<'f> {
        let in_scope = compiled
            .zip(source)
            .and_then(|(rule, source)| rule.admits(source).ok());
        let said = traced.map_or("", |one| one.decision.as_str());
        let left_alone = said.strip_prefix(LEFT_ALONE).unwrap_or_default();
        let status = rule.status.as_ref();
        let code = status.map_or("", |one| one.code.as_str());
        let waits = match code {
            STAGED => Some(Waits::Staged),
            _ if rule.is_in_doubt => Some(Waits::Doubt),
            _ => None,
        };
        let is_out = in_scope == Some(false) && connection.is_assigned;
        Facts {
            kind: self.who.kind,
            standing: self.who.standing,
            is_on: rule.stored.rule.enabled || rule.stored.rule.removing,
            is_assigned: connection.is_assigned,
            in_scope,
            scope: traced.filter(|_| is_out).map_or("", |one| one.scope.as_str()),
            error: traced.and_then(|one| one.error.as_deref()).unwrap_or_default(),
            account: rule.link.as_ref().map(|link| link.enabled),
            decision: if said.starts_with(NOTHING) || !left_alone.is_empty() {
                ""
            } else {
                said
            },
            left_alone,
            code,
            reason: status.map_or("", |one| without_code(&one.code, &one.reason)),
            waits,
            state: connection.connection.state,
            state_reason: &connection.connection.reason,
            has_run: connection.connection.watermark >= 0,
        }
    }

    fn meant(&self, connection: &ConnectionRead) -> MeantView {
        let key = connection.connection.key;
        let through = self.groups.iter().filter(|(of, ..)| *of == key);
        let through: Vec<_> = through
            .map(|(_, name, page)| (name.clone(), page.clone()))
            .collect();
        let sentence = if connection.connection.preferences.assignment == Assignment::All {
            text("The connection is meant for everybody.")
        } else if connection.is_assigned_directly {
            text("Assigned to the connection.")
        } else if connection.is_assigned {
            text("Assigned to the connection through a group.")
        } else if self.who.object.is_none() {
            text("Gone from the directory: nobody is meant any more.")
        } else {
            text("Not assigned to the connection.")
        };
        MeantView { sentence, through }
    }

    fn rule_address(&self, place: &Place, rule: &str, page: &str) -> String {
        let mut segments = vec!["connections", place.connection.name.as_str(), "rules", rule];
        segments.extend((!page.is_empty()).then_some(page));
        place.space.to(&segments)
    }

    /// Where it goes on from the answer.
    fn next(&self, place: &Place, rule: &str, verdict: &Verdict, code: &str) -> Option<Next> {
        let name = place.connection.name.as_str();
        let language = self.clock.language;
        let way = |sentence: &'static str, address: String, label: &'static str| {
            Some(Next {
                sentence: language.t(sentence),
                page: Some((address, language.t(label))),
                command: None,
            })
        };
        match verdict.next {
            Way::Nowhere | Way::Record => None,
            Way::Code => advice::next(place, code),
            Way::Rule => way(
                text("The rule says what is made, and whether it is switched on."),
                self.rule_address(place, rule, ""),
                text("Open the rule"),
            ),
            Way::Scope => way(
                text("Change the person in the directory, or the conditions of the scope."),
                self.rule_address(place, rule, "scope"),
                text("Open the scope"),
            ),
            Way::Mappings => way(
                text("Correct the value in the directory, or the mapping."),
                self.rule_address(place, rule, "mappings"),
                text("Open the mappings"),
            ),
            Way::Assignments => way(
                text("Assign the person, or a group that they are in."),
                place.space.to(&["connections", name, "assignments"]),
                text("Open the assignments"),
            ),
            Way::Connection => way(
                text("The connection says why, and what to do next."),
                place.space.connection(name),
                text("Open the connection"),
            ),
            Way::Doubts => way(
                text("Look at the candidates and decide."),
                place.space.doubts(name, false, None),
                text("Decide"),
            ),
            Way::Staged => way(
                text("Read what the step would do, and approve or reject it."),
                place.space.at("/staged"),
                text("Staged steps"),
            ),
        }
    }

    fn request(&self, one: &Requested) -> RequestView {
        RequestView {
            at: self.clock.moment(one.at),
            operation: one.receipt.operation.clone(),
            status: one.receipt.status,
            is_failed: one.receipt.status >= 400,
            request_id: one.receipt.request_id.clone(),
            client_request_id: one.receipt.client_request_id.clone(),
            reason: one.receipt.reason.clone(),
            line: one.line,
        }
    }
}

/// What the next cycle does, in words of a page.
fn step(decision: &str) -> &'static str {
    match decision {
        "create" => text("It makes the account."),
        "update" => text("It changes the account."),
        "disable" => text("It closes the account."),
        "restore" => text("It opens the account again."),
        "delete" => text("It deletes the account."),
        "" => text("Nothing: all is as it should be, or something else comes first."),
        _ => text("It works on the account."),
    }
}

fn matching(trace: &RuleTrace) -> Vec<(String, String)> {
    let shown = |(name, value): &(String, Value)| (name.clone(), mapping::shown(value));
    trace.matching.iter().map(shown).collect()
}

fn conditions(rule: Option<&Compiled>, source: Option<&Source>) -> Vec<ConditionView> {
    let Some((rule, source)) = rule.zip(source) else {
        return Vec::new();
    };
    let view = |one: provost_engine::scope::Condition| {
        let (word, class) = match one.holds {
            Some(true) => (text("holds"), "success"),
            Some(false) => (text("does not hold"), "unsynced"),
            None => (text("cannot be told"), "failed"),
        };
        ConditionView {
            filter: one.filter,
            text: one.text,
            word,
            class,
            trouble: one.trouble,
        }
    };
    rule.conditions(source).into_iter().map(view).collect()
}

/// What somebody is called in a sentence about their kind.
pub(super) fn noun(kind: Kind, language: Language) -> &'static str {
    language.t(match kind {
        Kind::Person => text("person"),
        Kind::Group => text("group"),
    })
}
