//! One person's whole trace: what came in, what each rule makes of it, where it is linked, what was done.

use crate::apply::shown;
use crate::open::{ActiveRule, Open};
use crate::survey::{Seen, env, look};
use crate::{Engine, Result};
use provost_engine::object::{Kind, Record};
use provost_engine::rule::Need;
use provost_store::directory::{self, Object};
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{connection, member};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Lines of the provisioning log that a trace shows.
const LINES: i64 = 50;

/// What is known of one person or group.
#[derive(Debug, Clone, Serialize)]
pub struct Trace {
    /// The public id.
    pub id: Uuid,
    /// What to call it.
    pub label: String,
    /// Person or group.
    pub kind: Kind,
    /// What came in; none when it is gone from the directory.
    pub document: Option<Value>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// What each rule of each connection makes of it.
    pub rules: Vec<RuleTrace>,
    /// What was done, newest first.
    pub log: Vec<Value>,
}

/// What one rule makes of an object.
#[derive(Debug, Clone, Serialize)]
pub struct RuleTrace {
    /// The connection's name.
    pub connection: String,
    /// The rule's name.
    pub rule: String,
    /// Whether the scope lets it in, and if not, why.
    pub scope: String,
    /// Attributes by which a match would be looked for.
    pub matching: Vec<(String, Value)>,
    /// What the mappings give.
    pub attributes: Record,
    /// What the next cycle would do.
    pub decision: String,
    /// The account's id in the target.
    pub target_id: Option<String>,
    /// What was last written there.
    pub written: Option<Record>,
    /// Why a mapping fails, when one does.
    pub error: Option<String>,
}

/// Finds everything that `text` may name, present or gone.
pub(crate) async fn explain(engine: &Engine, workspace: i64, text: &str) -> Result<Vec<Trace>> {
    let wanted = text.to_owned();
    let (objects, connections, links) = engine
        .db
        .read(move |tx| {
            let objects = directory::find(tx, workspace, &wanted)?;
            let links = match Uuid::parse_str(&wanted) {
                Ok(id) => link::by_object_id(tx, id)?,
                Err(_) => link::by_label(tx, &wanted)?,
            };
            Ok::<_, provost_store::Error>((objects, connection::all(tx, workspace)?, links))
        })
        .await?;
    let (mut opened, mut broken) = (Vec::new(), Vec::new());
    for connection in connections {
        match engine.open(connection.key).await {
            Ok(open) => opened.push(open),
            // One connection that cannot be opened does not keep the others from telling.
            Err(e) => broken.push(RuleTrace::broken(connection.name, &e)),
        }
    }
    let all = Opened { opened, broken };
    let mut traces = Vec::new();
    for object in &objects {
        traces.push(
            trace(
                engine,
                &all,
                Some(object),
                object.key,
                object.id,
                &object.label,
                object.kind,
            )
            .await?,
        );
    }
    for gone in links {
        let known = traces.iter().any(|t: &Trace| t.id == gone.object_id);
        if let (false, Some(kind)) = (known, kind_of(&all.opened, gone.rule)) {
            traces.push(trace(engine, &all, None, gone.object, gone.object_id, &gone.label, kind).await?);
        }
    }
    Ok(traces)
}

fn kind_of(opened: &[Open], rule: i64) -> Option<Kind> {
    opened
        .iter()
        .flat_map(|o| o.rules.iter())
        .find(|r| r.key == rule)
        .map(|r| r.kind)
}

/// The connections of a workspace, and what is told of those that cannot be opened.
struct Opened {
    opened: Vec<Open>,
    broken: Vec<RuleTrace>,
}

impl RuleTrace {
    fn broken(connection: String, error: &crate::Error) -> Self {
        Self {
            connection,
            rule: String::new(),
            scope: String::new(),
            matching: Vec::new(),
            attributes: Record::new(),
            decision: "nothing, until the connection can be opened".to_owned(),
            target_id: None,
            written: None,
            error: Some(format!("{error} {}", error.hint())),
        }
    }
}

async fn trace(
    engine: &Engine,
    all: &Opened,
    object: Option<&Object>,
    key: i64,
    id: Uuid,
    label: &str,
    kind: Kind,
) -> Result<Trace> {
    let opens: Vec<Open> = all.opened.clone();
    let (links, log, groups, assigned) = engine
        .db
        .read(move |tx| {
            let mut assigned = Vec::new();
            for open in &opens {
                assigned.push(open.assigned.contains(tx, kind, key)?);
            }
            let groups = member::groups_of(tx, key)?.into_iter().map(|p| p.label).collect();
            Ok::<_, provost_store::Error>((
                link::of_object(tx, key)?,
                provisioning_log::of_object(tx, key, LINES)?,
                groups,
                assigned,
            ))
        })
        .await?;
    let document = object.map(Object::value).transpose()?;
    let mut rules = Vec::new();
    let text = id.to_string();
    for (open, assigned) in all.opened.iter().zip(assigned) {
        for rule in open.rules.iter().filter(|r| r.kind == kind) {
            let link = links.iter().find(|l| l.rule == rule.key);
            let seen = document.as_ref().map(|document| Seen {
                id: &text,
                document,
                assigned,
                leaves: open.leavers.contains(&key),
            });
            if seen.is_some() || link.is_some() {
                rules.push(rule_trace(open, rule, seen, link));
            }
        }
    }
    rules.extend(all.broken.iter().cloned());
    let name = |key: i64| {
        all.opened
            .iter()
            .find(|o| o.connection.key == key)
            .map_or("", |o| &o.connection.name)
    };
    let log = log
        .iter()
        .map(|entry| line(entry, name(entry.connection)))
        .collect();
    Ok(Trace {
        id,
        label: label.to_owned(),
        kind,
        document,
        groups,
        rules,
        log,
    })
}

fn rule_trace(open: &Open, rule: &ActiveRule, seen: Option<Seen<'_>>, link: Option<&Link>) -> RuleTrace {
    let seen = look(open, rule, seen, link, Need::Both, &env(open.now()));
    let hidden = |record: &Record| -> Record {
        let pairs = record
            .iter()
            .map(|(name, value)| (name.clone(), shown(rule, name, value)));
        pairs.collect()
    };
    let mut trace = RuleTrace {
        connection: open.connection.name.clone(),
        rule: rule.name.clone(),
        scope: "gone from the directory".to_owned(),
        matching: Vec::new(),
        attributes: Record::new(),
        decision: String::new(),
        target_id: link.map(|l| l.target_id.clone()),
        written: link.map(|l| hidden(&l.written)),
        error: None,
    };
    match seen {
        Ok(look) => {
            trace.decision = match (&look.decision, look.decision.action()) {
                (provost_engine::plan::Decision::Skip(reason), _) => format!("left alone: {reason}"),
                (_, Some(action)) => action.to_string(),
                (_, None) => "nothing to do".to_owned(),
            };
            if let Some(evaluation) = look.evaluation {
                trace.scope = match (evaluation.assigned, evaluation.in_scope) {
                    (false, _) => "not assigned to the connection".to_owned(),
                    (true, true) => "in scope".to_owned(),
                    (true, false) => evaluation.scope_reason,
                };
                let matching = evaluation.matching.into_iter();
                trace.matching = matching
                    .map(|(name, value)| {
                        let value = shown(rule, &name, &value);
                        (name, value)
                    })
                    .collect();
                trace.attributes = hidden(&evaluation.update);
            }
        }
        Err(e) => {
            trace.error = Some(format!("{e} {}", e.hint));
            trace.decision = "nothing, until the mapping works".to_owned();
        }
    }
    trace
}

fn line(entry: &Entry, connection: &str) -> Value {
    json!({
        "at": jiff::Timestamp::from_millisecond(entry.at).map(|t| t.to_string()).unwrap_or_default(),
        "connection": connection, "action": entry.action, "status": entry.status,
        "reason": entry.reason, "detail": entry.detail,
    })
}
