//! What the run made on the server, so that all of it goes again and nothing else does.

use reqwest::Method;
use serde_json::Value;

use super::call::{Body, Call};
use super::line::Line;
use super::reply::Reply;
use super::report::{Cleanup, Left};
use super::sample::name_attribute;
use crate::Kind;
use crate::scim::collection;

/// A person or group that was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub kind: Kind,
    pub id: String,
    pub name: String,
    pub external_id: String,
}

impl Made {
    /// Its path below the base.
    pub(super) fn path(&self) -> [&str; 2] {
        [collection(self.kind), &self.id]
    }
}

/// The account of what was made.
#[derive(Default)]
pub(super) struct Ledger {
    /// On the server, and ours.
    here: Vec<Made>,
    /// Sent to be made, with no clear answer.
    unclear: Vec<(Kind, String)>,
    /// Could not be deleted.
    stuck: Vec<Left>,
    made: usize,
    deleted: usize,
}

impl Ledger {
    /// Notes what a call may make, before it is sent.
    pub(super) fn announce(&mut self, call: &Call) {
        if let (&Method::POST, Some(Body::Json(body))) = (&call.method, &call.body) {
            self.unclear.extend(names(&call.path, body));
        }
    }

    /// Settles what a single create announced: refused, or made under this id.
    pub(super) fn settle(&mut self, call: &Call, reply: &Reply) {
        if call.method == Method::DELETE && matches!(reply.status, 200..=299) {
            if let [_, id] = call.path.as_slice() {
                self.gone(id);
            }
            return;
        }
        let (&Method::POST, Some(Body::Json(body))) = (&call.method, &call.body) else {
            return;
        };
        let announced = names(&call.path, body);
        let [(kind, name)] = announced.as_slice() else {
            return;
        };
        match reply.status {
            400..=499 => self.forget(*kind, name),
            200..=299 if reply.names(*kind, name) => {
                if let Ok(id) = reply.id() {
                    self.found(*kind, &id, name);
                }
            }
            _ => {}
        }
    }

    /// Notes that this is on the server and ours.
    pub(super) fn found(&mut self, kind: Kind, id: &str, name: &str) {
        self.forget(kind, name);
        if self.here.iter().any(|made| made.kind == kind && made.id == id) {
            return;
        }
        self.made += 1;
        self.here.push(Made {
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            external_id: String::new(),
        });
    }

    fn forget(&mut self, kind: Kind, name: &str) {
        self.unclear.retain(|(k, n)| (*k, n.as_str()) != (kind, name));
    }

    fn gone(&mut self, id: &str) {
        let before = self.here.len();
        self.here.retain(|made| made.id != id);
        self.deleted += before - self.here.len();
    }

    /// Deletes what is there, groups first: a group without members is easier to let go of than a
    /// person in a group.
    pub(super) async fn tidy(&mut self, line: &mut Line) {
        self.find_unclear(line).await;
        let mut all = std::mem::take(&mut self.here);
        all.sort_by_key(|made| made.kind == Kind::Person);
        for made in all {
            match delete(line, &made).await {
                Ok(()) => self.deleted += 1,
                Err(reason) => self.stuck.push(left(&made, reason)),
            }
        }
    }

    /// Looks for what may have been made although the answer did not say so.
    async fn find_unclear(&mut self, line: &mut Line) {
        for (kind, name) in std::mem::take(&mut self.unclear) {
            let attribute = name_attribute(kind);
            let filter = format!("{attribute} eq {}", Value::from(name.as_str()));
            let found = line.send(&Call::get([collection(kind)]).filter(&filter)).await;
            let listed = found.as_ref().ok().and_then(|reply| reply.list().ok());
            let Some(listed) = listed else {
                self.stuck.push(Left {
                    path: format!("/{}", collection(kind)),
                    name,
                    reason: "creating it had no clear answer, and it cannot be searched for".to_owned(),
                });
                continue;
            };
            // A server that ignores filters answers with other people.
            let ids: Vec<String> = listed
                .resources
                .iter()
                .zip(listed.ids())
                .filter(|(resource, _)| is_named(resource.get(attribute), &name))
                .map(|(_, id)| id)
                .collect();
            for id in ids {
                self.found(kind, &id, &name);
            }
        }
    }

    /// The account, and what is still there.
    pub(super) fn close(self) -> Cleanup {
        let kept = self
            .here
            .iter()
            .map(|made| left(made, "it was to be kept".to_owned()));
        Cleanup {
            made: self.made,
            deleted: self.deleted,
            left: kept.chain(self.stuck).collect(),
        }
    }
}

async fn delete(line: &mut Line, made: &Made) -> Result<(), String> {
    match line.send(&Call::delete(made.path())).await {
        Ok(reply) if matches!(reply.status, 200..=299 | 404 | 410) => Ok(()),
        Ok(reply) => Err(reply.summary()),
        Err(error) => Err(error.to_string()),
    }
}

fn left(made: &Made, reason: String) -> Left {
    Left {
        path: format!("/{}", made.path().join("/")),
        name: made.name.clone(),
        reason,
    }
}

/// Whether a name is this one; servers may change the letter case.
pub(super) fn is_named(found: Option<&Value>, name: &str) -> bool {
    found
        .and_then(Value::as_str)
        .is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// The names of what a POST with this body may make.
fn names(path: &[String], body: &Value) -> Vec<(Kind, String)> {
    let singles: Vec<(String, &Value)> = match path {
        [bulk] if bulk == "Bulk" => body
            .get("Operations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|operation| operation.get("method").and_then(Value::as_str) == Some("POST"))
            .filter_map(|operation| {
                let path = operation.get("path")?.as_str()?.trim_start_matches('/');
                Some((path.to_owned(), operation.get("data")?))
            })
            .collect(),
        [collection] => vec![(collection.clone(), body)],
        _ => Vec::new(),
    };
    singles
        .into_iter()
        .filter_map(|(path, body)| {
            let kind = [Kind::Person, Kind::Group]
                .into_iter()
                .find(|kind| collection(*kind) == path)?;
            Some((kind, body.get(name_attribute(kind))?.as_str()?.to_owned()))
        })
        .collect()
}
