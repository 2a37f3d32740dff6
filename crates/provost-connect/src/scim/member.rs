//! Memberships in chunks, so that one stale id does not lose the rest.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::Scim;
use super::lenient::{key_of, member};
use super::patch::{operation, wrap};
use super::settings::Dialect;
use crate::{Error, Kind, MemberChange, Result};

/// Members in one request; the smallest limit known among applications.
const CHUNK: usize = 100;

impl Scim {
    /// One outcome for each change, in order.
    pub(crate) async fn change_group(&self, group: &str, changes: &[MemberChange]) -> Vec<Result<()>> {
        let mut outcomes: Vec<Result<()>> = changes.iter().map(|_| Ok(())).collect();
        let (add, remove): (Vec<usize>, Vec<usize>) =
            (0..changes.len()).partition(|index| changes[*index].add);
        let mut waiting: Vec<Vec<usize>> = [remove, add]
            .iter()
            .flat_map(|part| part.chunks(CHUNK).rev())
            .map(<[usize]>::to_vec)
            .collect();
        let mut group_is_there = false;
        while let Some(chunk) = waiting.pop() {
            let Err(error) = self.change_chunk(group, changes, &chunk).await else {
                continue;
            };
            if is_about_group(&error) && !group_is_there {
                match self.resource(Kind::Group, group, "reading the group").await {
                    Ok(_) => group_is_there = true,
                    Err(error) => {
                        waiting.push(chunk);
                        fail_all(&mut outcomes, &waiting, &error);
                        return outcomes;
                    }
                }
            }
            match narrow(changes, &chunk, &error) {
                Narrowed::Chunks(chunks) => waiting.extend(chunks),
                Narrowed::Without(index, rest) => {
                    outcomes[index] = settle(&changes[index], error);
                    waiting.push(rest);
                }
                Narrowed::Final => {
                    for index in chunk {
                        outcomes[index] = settle(&changes[index], error.clone());
                    }
                }
            }
        }
        outcomes
    }

    /// Sends one chunk, all adds or all removals.
    async fn change_chunk(&self, group: &str, changes: &[MemberChange], chunk: &[usize]) -> Result<()> {
        let Some(first) = chunk.first() else {
            return Ok(());
        };
        let add = changes[*first].add;
        let ids: Vec<&str> = chunk.iter().map(|i| changes[*i].member_id.as_str()).collect();
        let what = if add { "adding members" } else { "removing members" };
        if self.capabilities.patches(&self.wire, self.patch).await {
            let body = wrap(operations(add, &ids, self.dialect));
            match self.send_patch(Kind::Group, group, &body, what).await {
                Err(Error::Unsupported { .. }) => self.capabilities.learn_no_patch(),
                outcome => return outcome,
            }
        }
        self.put_merged(Kind::Group, group, what, |resource| {
            merge_members(resource, add, &ids);
            Ok(())
        })
        .await
    }
}

fn operations(add: bool, ids: &[&str], dialect: Dialect) -> Vec<Value> {
    let list = || Value::Array(ids.iter().map(|id| json!({"value": id})).collect());
    match (add, dialect) {
        (true, _) => vec![operation("add", "members", Some(list()), dialect)],
        (false, Dialect::Entra) => vec![operation("remove", "members", Some(list()), dialect)],
        // A removal with a value list is not in the RFC and has emptied whole groups.
        (false, Dialect::Rfc) => ids
            .iter()
            .map(|id| {
                let path = format!("members[value eq {}]", Value::from(*id));
                operation("remove", &path, None, dialect)
            })
            .collect(),
    }
}

fn merge_members(resource: &mut Map<String, Value>, add: bool, ids: &[&str]) {
    let key = key_of(resource, "members").unwrap_or_else(|| "members".to_owned());
    let mut list = match resource.remove(&key) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let id_of = |entry: &Value| {
        let value = entry.as_object().and_then(|entry| member(entry, "value"))?;
        value.as_str().map(str::to_owned)
    };
    if add {
        let there: HashSet<String> = list.iter().filter_map(id_of).collect();
        let new = ids.iter().filter(|id| !there.contains(**id));
        list.extend(new.map(|id| json!({"value": id})));
    } else {
        let gone: HashSet<&str> = ids.iter().copied().collect();
        list.retain(|entry| id_of(entry).is_none_or(|id| !gone.contains(id.as_str())));
    }
    if let Some(meta) = key_of(resource, "meta") {
        resource.remove(&meta);
    }
    resource.insert(key, Value::Array(list));
}

/// What becomes of a refused chunk.
enum Narrowed {
    Chunks(Vec<Vec<usize>>),
    Without(usize, Vec<usize>),
    Final,
}

/// A refusal because of one member must not cost the others: leave out the member that the
/// refusal names, or try the halves.
fn narrow(changes: &[MemberChange], chunk: &[usize], error: &Error) -> Narrowed {
    let (Error::Rejected { .. } | Error::NotFound { .. } | Error::Conflict { .. }) = error else {
        return Narrowed::Final;
    };
    if chunk.len() < 2 {
        return Narrowed::Final;
    }
    let said = match error {
        Error::Rejected { reason, .. } | Error::Conflict { reason, .. } => reason.as_str(),
        _ => "",
    };
    let mut named = chunk
        .iter()
        .filter(|index| names(said, &changes[**index].member_id));
    match (named.next(), named.next()) {
        (Some(index), None) => {
            let rest = chunk.iter().copied().filter(|other| other != index).collect();
            Narrowed::Without(*index, rest)
        }
        _ => {
            let (left, right) = chunk.split_at(chunk.len() / 2);
            Narrowed::Chunks(vec![right.to_vec(), left.to_vec()])
        }
    }
}

/// Whether a text holds this id as a word of its own.
fn names(text: &str, id: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.split(|c: char| !inner(c)).any(|word| word == id)
}

/// The outcome for a single member. Removing somebody who is not there is a success.
fn settle(change: &MemberChange, error: Error) -> Result<()> {
    match error {
        Error::NotFound { .. } if !change.add => Ok(()),
        Error::NotFound { operation, .. } => Err(Error::NotFound {
            operation,
            kind: change.kind,
            id: change.member_id.clone(),
        }),
        error => Err(error),
    }
}

fn is_about_group(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. })
}

fn fail_all(outcomes: &mut [Result<()>], chunks: &[Vec<usize>], error: &Error) {
    for index in chunks.iter().flatten() {
        outcomes[*index] = Err(error.clone());
    }
}
