//! Memberships in chunks, so that one stale id does not lose the rest.

mod look;
mod narrow;

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use self::narrow::{Narrowed, fail_all, is_about_group, narrow, settle};
use super::Scim;
use super::failure::TOO_LARGE;
use super::lenient::{key_of, member};
use super::patch::{operation, wrap};
use super::settings::Dialect;
use crate::{Error, Kind, MemberChange, Result};

impl Scim {
    /// One outcome for each change, in order.
    pub(crate) async fn change_group(&self, group: &str, changes: &[MemberChange]) -> Vec<Result<()>> {
        let mut outcomes: Vec<Result<()>> = changes.iter().map(|_| Ok(())).collect();
        let (add, remove): (Vec<usize>, Vec<usize>) =
            (0..changes.len()).partition(|index| changes[*index].add);
        let size = self.capabilities.members_per_request();
        let mut waiting: Vec<Vec<usize>> = [remove, add]
            .iter()
            .flat_map(|part| part.chunks(size).rev())
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
            if matches!(&error, Error::Rejected { reason, .. } if reason == TOO_LARGE) {
                self.capabilities.learn_too_large(chunk.len());
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

    /// Carries out one chunk, all adds or all removals, and looks at it where that is asked for.
    async fn change_chunk(&self, group: &str, changes: &[MemberChange], chunk: &[usize]) -> Result<()> {
        let Some(first) = chunk.first() else {
            return Ok(());
        };
        let add = changes[*first].add;
        let ids: Vec<&str> = chunk.iter().map(|i| changes[*i].member_id.as_str()).collect();
        let before = self.members_before(group).await?;
        self.send_members(group, add, &ids).await?;
        match before {
            Some(before) => self.members_after(group, add, &ids, &before).await,
            None => {
                self.learn_members_shown(group, add).await;
                Ok(())
            }
        }
    }

    /// Sends one chunk.
    async fn send_members(&self, group: &str, add: bool, ids: &[&str]) -> Result<()> {
        let what = if add { "adding members" } else { "removing members" };
        if self.capabilities.patches(&self.wire, self.patch).await {
            let body = wrap(operations(add, ids, self.dialect));
            match self.send_patch(Kind::Group, group, &body, what).await {
                Err(Error::Unsupported { .. }) => self.capabilities.no_patch.learn(),
                outcome => return outcome.map(drop),
            }
        }
        self.put_merged(Kind::Group, group, what, |resource| {
            merge_members(resource, add, ids);
            Ok(())
        })
        .await
        .map(drop)
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
    let id_of = |entry: &Value| super::read::read_member(entry).map(|member| member.id);
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

/// The ids of a group's members; `None` when the group does not show them.
fn ids_of(resource: &Map<String, Value>) -> Option<HashSet<String>> {
    let list = member(resource, "members")?.as_array()?;
    Some(
        list.iter()
            .filter_map(super::read::read_member)
            .map(|m| m.id)
            .collect(),
    )
}
