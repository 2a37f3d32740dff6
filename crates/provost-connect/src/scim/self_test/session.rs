//! A run under way: what checks use to make, change and read their own people and groups.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::check::{Check, Judged, Stop};
use super::knowledge::Knowledge;
use super::ledger::{Ledger, Made};
use super::line::Line;
use super::reply::Reply;
use super::report::{Cleanup, Finding, Verdict};
use super::sample::{Sample, Samples};
use super::{Options, Server, case};
use crate::http::Factory;
use crate::scim::{PATCH_OP, collection};
use crate::{Error, Kind, Result};

/// How often a change is looked for that does not show at once.
const READS: usize = 3;
/// How long a change may take to show, each time.
const LAG: Duration = Duration::from_millis(300);
/// Unanswered checks in a row after which nobody is there.
const SILENCES: usize = 3;

/// A run under way.
pub(super) struct Session {
    pub line: Line,
    pub known: Knowledge,
    pub samples: Samples,
    ledger: Ledger,
    warnings: Vec<String>,
    keep: bool,
    silences: usize,
    people: bool,
    groups: bool,
}

impl Session {
    pub(super) fn open(server: &Server, options: &Options, http: &Factory) -> Result<Self> {
        Ok(Self {
            line: Line::open(server, http)?,
            known: Knowledge::default(),
            samples: Samples::new(&options.domain),
            ledger: Ledger::default(),
            warnings: Vec::new(),
            keep: options.keep,
            silences: 0,
            people: false,
            groups: false,
        })
    }

    /// Carries out one check and deletes what it made. The error is the one that left a request
    /// without an answer.
    pub(super) async fn carry_out(&mut self, check: &Check) -> (Finding, Option<Error>) {
        if let Some(reason) = check.needs.iter().find_map(|need| self.known.lacks(*need)) {
            return (check.skipped(&reason), None);
        }
        self.line.exchanges.clear();
        self.warnings.clear();
        let outcome = (check.run)(self).await;
        let exchanges = std::mem::take(&mut self.line.exchanges);
        if !self.keep {
            self.ledger.tidy(&mut self.line).await;
        }
        let mut lost = None;
        let mut finding = match outcome {
            Ok(()) if self.warnings.is_empty() => check.finding(Verdict::Pass, String::new()),
            Ok(()) => check.finding(Verdict::Warn, self.warnings.join("; ")),
            Err(Stop::Skip(reason)) => check.skipped(&reason),
            Err(Stop::Wrong { expected, came }) => Finding {
                expected,
                ..check.finding(check.verdict_of_wrong(), came)
            },
            Err(Stop::Lost(error)) => {
                let finding = check.finding(check.verdict_of_wrong(), error.to_string());
                lost = Some(error);
                finding
            }
        };
        self.silences = if lost.is_some() { self.silences + 1 } else { 0 };
        finding.warnings = std::mem::take(&mut self.warnings);
        finding.exchanges = exchanges;
        (finding, lost)
    }

    /// Why no further check makes sense, if none does.
    pub(super) fn why_closed(&self, check: &Check, finding: &Finding) -> Option<&'static str> {
        if check.id == case::GATE && finding.verdict == Verdict::Fail {
            return Some("the server does not let people be read");
        }
        (self.silences >= SILENCES).then_some("the server stopped answering")
    }

    /// Deletes what is left, unless it is to be kept.
    pub(super) async fn finish(&mut self, keep: bool) -> Cleanup {
        if !keep {
            self.ledger.tidy(&mut self.line).await;
        }
        std::mem::take(&mut self.ledger).close()
    }

    /// Something less than good that does not fail the check.
    pub(super) fn warn(&mut self, sentence: impl Into<String>) {
        self.warnings.push(sentence.into());
    }

    /// Sends a call. What it makes is written down to be deleted.
    pub(super) async fn send(&mut self, call: Call) -> Judged<Reply> {
        self.ledger.announce(&call);
        let reply = self.line.send(&call).await?;
        self.ledger.settle(&call, &reply);
        Ok(reply)
    }

    /// A person with the usual attributes, to try something with.
    pub(super) async fn person(&mut self) -> Judged<Made> {
        self.person_with(json!({})).await
    }

    /// The same with these attributes more.
    pub(super) async fn person_with(&mut self, more: Value) -> Judged<Made> {
        let sample = self.samples.person();
        self.make(sample, more).await
    }

    /// A group with these members, to try something with.
    pub(super) async fn group(&mut self, members: &[&Made]) -> Judged<Made> {
        let sample = self.samples.group();
        let more = match members {
            [] => json!({}),
            members => {
                let list: Value = members.iter().map(|made| json!({"value": made.id})).collect();
                json!({"members": list})
            }
        };
        self.make(sample, more).await
    }

    async fn make(&mut self, sample: Sample, more: Value) -> Judged<Made> {
        let mut body = sample.body();
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let reply = self.send(Call::post([collection(sample.kind)], body)).await?;
        let made = self.made_by(&reply, &sample).await;
        let ever = match sample.kind {
            Kind::Person => &mut self.people,
            Kind::Group => &mut self.groups,
        };
        *ever |= made.is_ok();
        if let (Ok(_), Some(exchange)) = (&made, self.line.exchanges.last_mut()) {
            exchange.preparation = true;
        }
        match made {
            Err(Stop::Wrong { .. }) if !*ever => Err(Stop::skip(format!(
                "a {} to try it with cannot be created (see the checks that create one)",
                sample.kind
            ))),
            other => other,
        }
    }

    /// What an accepted create made. When the answer does not say, its `Location` does.
    pub(super) async fn made_by(&mut self, reply: &Reply, sample: &Sample) -> Judged<Made> {
        reply.is(&[201, 200])?;
        let made = |id: String| Made {
            kind: sample.kind,
            id,
            name: sample.name.clone(),
            external_id: sample.external_id.clone(),
        };
        if reply.names(sample.kind, &sample.name) {
            return reply.id().map(made);
        }
        let expected = format!("the body of the {} that was made", sample.kind);
        let came = format!("status {} without it, and no Location either", reply.status);
        let last = reply.location.as_deref().and_then(|url| url.rsplit('/').next());
        let Some(id) = last.filter(|id| !id.is_empty()) else {
            return Err(Stop::wrong(expected, came));
        };
        let id = id.to_owned();
        let read = self.send(Call::get([collection(sample.kind), &id])).await?;
        if !read.names(sample.kind, &sample.name) {
            return Err(Stop::wrong(expected, "a Location that leads elsewhere"));
        }
        self.ledger.found(sample.kind, &id, &sample.name);
        Ok(made(id))
    }

    /// Notes what a bulk request made, once it is clear that it is ours.
    pub(super) fn found(&mut self, kind: Kind, id: &str, name: &str) {
        self.ledger.found(kind, id, name);
    }

    pub(super) async fn read(&mut self, made: &Made) -> Judged<Reply> {
        self.send(Call::get(made.path())).await
    }

    /// Reads an object and judges it; a change that does not show at once is looked for again.
    pub(super) async fn confirm(
        &mut self,
        made: &Made,
        judge: impl Fn(&Reply) -> Judged + Send + Sync,
    ) -> Judged {
        let mut reads = 1;
        loop {
            let reply = self.read(made).await?;
            match reply.is(&[200]).and_then(&judge) {
                Ok(()) if reads == 1 => return Ok(()),
                Ok(()) => {
                    self.warn("the change did not show at once");
                    return Ok(());
                }
                Err(stop) if reads == READS => return Err(stop),
                Err(_) => tokio::time::sleep(LAG).await,
            }
            reads += 1;
        }
    }

    /// Sends a PATCH that must be accepted, with 200 or 204.
    pub(super) async fn patch(&mut self, made: &Made, operations: Value) -> Judged<Reply> {
        let reply = self.try_patch(made, operations).await?;
        reply.is(&[200, 204])?;
        Ok(reply)
    }

    /// Sends a PATCH.
    pub(super) async fn try_patch(&mut self, made: &Made, operations: Value) -> Judged<Reply> {
        self.send(Call::patch(made.path(), patch_body(operations))).await
    }

    /// Asks for objects by a filter.
    pub(super) async fn find(&mut self, kind: Kind, filter: &str) -> Judged<Reply> {
        self.send(Call::get([collection(kind)]).filter(filter)).await
    }
}

impl Reply {
    /// Whether the answer is a resource of this name.
    pub(super) fn names(&self, kind: Kind, name: &str) -> bool {
        let attribute = super::sample::name_attribute(kind);
        let found = self.body.as_ref().and_then(|body| body.get(attribute));
        super::ledger::is_named(found, name)
    }
}

/// The body of a PATCH (RFC 7644 section 3.5.2).
pub(super) fn patch_body(operations: Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

/// One operation of a PATCH.
pub(super) fn operation(op: &str, path: &str, value: Value) -> Value {
    json!({"op": op, "path": path, "value": value})
}

/// `attribute eq "value"`.
pub(super) fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}
