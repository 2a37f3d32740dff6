//! What the request log says of a request: gathered while it is answered, masked at once, and put into the
//! queue when the answer is made.

use super::exchange::Exchange;
use super::operation::Verb;
use super::resource_type;
use crate::auth::ScimCaller;
use crate::request_log::{self, Note};
use axum::http::header::USER_AGENT;
use provost_engine::object::Kind;
use provost_scim::leniency::{Dialect, Habits, Seen};
use provost_scim::meaning::{self, Asked};
use provost_scim::page::ListQuery;
use provost_scim::resource::{self, Document};
use provost_scim::schema::ResourceType;
use provost_scim::{bulk, mask, patch};
use provost_store::directory::Object;
use provost_store::provider::RequestLog as Rule;
use provost_store::query::Kinds;
use provost_store::request;
use serde_json::Value;
use std::time::Instant;
use uuid::Uuid;

/// Members left out that a row names; the rest it counts.
const NAMED: usize = 3;

/// What the log is to say of one request, or of one part of a bulk request.
#[derive(Default)]
pub(crate) struct Trace {
    /// Whether a row is kept when all goes well: nothing is worked out in vain.
    is_kept: bool,
    /// Whether the request only asks, although it is a POST.
    is_query: bool,
    /// What kind of objects it is about, when it is about one kind.
    kind: Option<Kind>,
    object: Option<Uuid>,
    subject: String,
    meaning: String,
    request: String,
    left_out: String,
}

/// How a request, or a part of a bulk request, came and went.
pub(super) struct Outcome<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub started: Instant,
    pub status: u16,
    /// Why it failed; empty when it did not.
    pub error: &'a str,
}

/// What is set aside while a part of a bulk request is answered.
pub(super) struct Outer {
    trace: Trace,
    habits: Habits,
}

impl Trace {
    /// A trace under a provider's rule. A change may fail, and then its body has to be in the log.
    pub fn new(rule: Rule, is_change: bool) -> Self {
        Self {
            is_kept: request_log::keeps(rule, is_change, is_change),
            ..Self::default()
        }
    }

    /// What an operation sends. The meaning of a PATCH is known when it is understood: [`Trace::patch`].
    pub fn operation(&mut self, caller: &ScimCaller, kind: Kind, verb: &Verb, sent: &Value) {
        if !self.is_kept {
            return;
        }
        self.kind = Some(kind);
        let rt = resource_type(caller.catalogue(), kind);
        self.meaning = match verb {
            Verb::Create => meaning::of(rt, Asked::Create(sent)),
            Verb::Replace(_) => meaning::of(rt, Asked::Replace(sent)),
            Verb::Patch(_) => "change".to_owned(),
            Verb::Delete(_) => meaning::of(rt, Asked::Delete),
        };
        if !sent.is_null() {
            self.request = mask::body_of(rt, sent).to_string();
        }
    }

    /// A PATCH that was understood.
    pub fn patch(&mut self, rt: &ResourceType, request: &patch::Request) {
        if self.is_kept {
            self.meaning = meaning::of(rt, Asked::Patch(request));
        }
    }

    /// A bulk request that was understood.
    pub fn bulk(&mut self, request: &bulk::Request) {
        if self.is_kept {
            self.meaning = meaning::of_bulk(request);
        }
    }

    /// How many operations of the bulk request failed.
    pub fn failed(&mut self, operations: u64) {
        if self.is_kept && operations > 0 {
            self.meaning.push_str(&format!("; {operations} failed"));
        }
    }

    /// A query over people, groups or both.
    pub fn query(&mut self, kinds: Kinds) {
        if let Kinds::One(kind) = kinds {
            self.kind = Some(kind);
        }
    }

    /// The body of a query.
    pub fn search(&mut self, caller: &ScimCaller, sent: &Value) {
        let rule = caller.provider().settings.request_log;
        self.is_query = true;
        self.is_kept = request_log::keeps(rule, false, false);
        if rule != Rule::Off {
            let masked = match self.kind {
                Some(kind) => mask::body_of(resource_type(caller.catalogue(), kind), sent),
                None => mask::body(sent),
            };
            self.request = masked.to_string();
        }
    }

    /// A query that was understood.
    pub fn list(&mut self, rt: &ResourceType, query: &ListQuery) {
        if self.is_kept {
            self.meaning = meaning::of(rt, Asked::List(query));
        }
    }

    /// The object that it is about.
    pub fn object(&mut self, object: &Object) {
        if self.is_kept {
            self.object = Some(object.id);
            self.subject.clone_from(&object.label);
        }
    }

    /// The name of what is to be made, for the case that it is not.
    pub fn name(&mut self, kind: Kind, document: &Document) {
        if self.is_kept {
            let name = match kind {
                Kind::Person => resource::user_name(document),
                Kind::Group => resource::display_name(document),
            };
            self.subject = name.unwrap_or_default().to_owned();
        }
    }

    /// Members that nobody is, and that were left out by the provider's setting.
    pub fn skipped(&mut self, ids: &[String]) {
        if self.is_kept && !ids.is_empty() {
            let shown = ids
                .iter()
                .take(NAMED)
                .map(|id| id.chars().take(64).collect::<String>());
            let more = match ids.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.left_out = format!(
                "; left out because nobody has the id: {}{more}",
                shown.collect::<Vec<_>>().join(", ")
            );
        }
    }
}

impl Exchange {
    /// Puts a row about a part of a bulk request into the queue, when the provider's rule keeps one.
    pub fn record_part(&mut self, outcome: Outcome<'_>) {
        if let Some(row) = self.row(outcome) {
            self.note(Some(row), None, None);
        }
    }

    /// Puts what the request leaves behind into the queue: its row, the habits that were met, and that the
    /// provider was heard of.
    pub fn conclude(&mut self, outcome: Outcome<'_>) {
        let row = self.row(outcome);
        let dialect = Dialect::detect(&Seen {
            user_agent: self.headers.get(USER_AGENT).and_then(|text| text.to_str().ok()),
            query: &self.query,
            habits: &self.habits,
        });
        let is_news = self.caller.presence().is_news(self.now, dialect);
        let habits = (!self.habits.is_empty()).then(|| Box::new(std::mem::take(&mut self.habits)));
        if row.is_some() || habits.is_some() || is_news {
            self.note(row, habits, is_news.then_some(dialect));
        }
    }

    fn note(
        &self,
        row: Option<Box<request::New>>,
        habits: Option<Box<Habits>>,
        seen: Option<Option<Dialect>>,
    ) {
        self.state.request_log().put(Note {
            provider: self.caller.provider().key,
            at: self.now,
            row,
            habits,
            seen,
        });
    }

    /// The row about this request, when the provider's rule keeps one.
    fn row(&mut self, outcome: Outcome<'_>) -> Option<Box<request::New>> {
        let Outcome {
            method,
            path,
            started,
            status,
            error,
        } = outcome;
        let provider = self.caller.provider();
        let is_change = !self.trace.is_query && !matches!(method, "GET" | "HEAD");
        if !request_log::keeps(provider.settings.request_log, is_change, status >= 400) {
            return None;
        }
        let trace = std::mem::take(&mut self.trace);
        let about_nobody = || path.rsplit('/').next().and_then(|id| Uuid::parse_str(id).ok());
        let meaning = if trace.meaning.is_empty() && !is_change {
            "read".to_owned()
        } else {
            trace.meaning + &trace.left_out
        };
        Some(Box::new(request::New {
            workspace: provider.workspace,
            provider: provider.key,
            at: self.now,
            micros: request_log::micros(started),
            method: method.to_owned(),
            path: self.masked(path, trace.kind),
            status,
            object: trace.object.or_else(about_nobody),
            subject: trace.subject,
            meaning,
            error: request_log::sentence(error),
            habits: self.habits.clone(),
            request: trace.request,
        }))
    }

    /// The path with its parameters, as the log may keep them.
    fn masked(&self, path: &str, kind: Option<Kind>) -> String {
        let path = request_log::path(path);
        if self.query.is_empty() || self.is_part {
            return path;
        }
        let query = match kind {
            Some(kind) => mask::query_of(resource_type(self.caller.catalogue(), kind), &self.query),
            None => mask::query(&self.query),
        };
        format!("{path}?{query}")
    }

    /// Begins a part of a bulk request, which has a row and habits of its own.
    pub(super) fn begin_part(&mut self) -> Outer {
        let rule = self.caller.provider().settings.request_log;
        self.is_part = true;
        Outer {
            trace: std::mem::replace(&mut self.trace, Trace::new(rule, true)),
            habits: std::mem::take(&mut self.habits),
        }
    }

    /// Ends a part: what it showed belongs to the whole request too.
    pub(super) fn end_part(&mut self, outer: Outer) {
        self.is_part = false;
        self.trace = outer.trace;
        let part = std::mem::replace(&mut self.habits, outer.habits);
        self.habits.merge(&part);
    }
}
