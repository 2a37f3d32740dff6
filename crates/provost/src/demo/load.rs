//! Contoso comes in, and then people come, move and go. Everything looks before it acts, so it can be
//! interrupted anywhere and run again.

use super::client::Client;
use super::contoso::{self, ENTERPRISE, EVERYBODY, Person};
use crate::progress;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Requests under way at a time.
const AT_ONCE: usize = 16;

/// Ids by user name, and by display name of groups.
#[derive(Debug, Clone, Default)]
pub(super) struct Loaded {
    people: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
    /// How many people and groups were made by this run.
    pub made: usize,
}

impl Loaded {
    /// How many people and groups there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.people.len(), self.groups.len())
    }

    fn person(&self, person: &Person) -> Result<&str> {
        let id = self.people.get(&person.user_name);
        id.map(String::as_str)
            .with_context(|| format!("{} is not in the directory", person.user_name))
    }

    fn group(&self, name: &str) -> Result<&str> {
        let id = self.groups.get(name);
        id.map(String::as_str)
            .with_context(|| format!("the group {name} is not in the directory"))
    }
}

/// Loads the people and groups that are not there yet.
///
/// # Errors
/// When the SCIM service refuses somebody.
pub(super) async fn contoso(client: &Client) -> Result<Loaded> {
    let (people, groups) = (contoso::people(), contoso::groups());
    let mut loaded = Loaded {
        people: client.all("/Users", "userName").await?,
        groups: client.all("/Groups", "displayName").await?,
        made: 0,
    };
    let bar = progress::bar("loading Contoso");
    bar.set_length((people.len() + groups.len()) as u64);
    bar.set_position((loaded.people.len() + loaded.groups.len()) as u64);
    for level in levels(&people) {
        make_people(client, &mut loaded, &people, level, &bar).await?;
    }
    for group in &groups {
        if loaded.groups.contains_key(&group.name) {
            continue;
        }
        let ids: Result<Vec<Value>> = group
            .members
            .iter()
            .map(|at| Ok(json!({"value": loaded.person(&people[*at])?})))
            .collect();
        let body = json!({"schemas": [GROUP], "displayName": group.name, "members": ids?});
        let id = client.create("/Groups", body).await?;
        loaded.groups.insert(group.name.clone(), id);
        loaded.made += 1;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(loaded)
}

/// People by their distance from the first: a manager's id must be known before it is named.
fn levels(people: &[Person]) -> Vec<Vec<usize>> {
    let mut depth = Vec::with_capacity(people.len());
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for (at, person) in people.iter().enumerate() {
        let own = person
            .manager
            .map_or(0, |manager| depth.get(manager).map_or(0, |above| above + 1));
        depth.push(own);
        levels.resize(levels.len().max(own + 1), Vec::new());
        levels[own].push(at);
    }
    levels
}

async fn make_people(
    client: &Client,
    loaded: &mut Loaded,
    people: &[Person],
    level: Vec<usize>,
    bar: &progress::Bar,
) -> Result<()> {
    let mut under_way: JoinSet<Result<(String, String)>> = JoinSet::new();
    let mut waiting = level
        .into_iter()
        .filter(|at| !loaded.people.contains_key(&people[*at].user_name))
        .collect::<Vec<_>>();
    while !waiting.is_empty() || !under_way.is_empty() {
        while under_way.len() < AT_ONCE
            && let Some(at) = waiting.pop()
        {
            let person = &people[at];
            let manager = person
                .manager
                .map(|manager| loaded.person(&people[manager]))
                .transpose()?;
            let (client, body, name) = (client.clone(), person.to_scim(manager), person.user_name.clone());
            under_way.spawn(async move { Ok((name, client.create("/Users", body).await?)) });
        }
        if let Some(done) = under_way.join_next().await {
            let (name, id) = done??;
            loaded.people.insert(name, id);
            loaded.made += 1;
            bar.inc(1);
        }
    }
    Ok(())
}

/// One person comes, one moves to another department, one leaves.
///
/// # Errors
/// When the SCIM service refuses a change.
pub(super) async fn changes(client: &Client, loaded: &Loaded) -> Result<()> {
    let people = contoso::people();
    join(client, loaded, &people).await?;
    change_department(client, loaded, &people).await?;
    let leaver = loaded.person(&people[contoso::LEAVER])?;
    client
        .patch(
            "/Users",
            leaver,
            json!([{"op": "replace", "path": "active", "value": false}]),
        )
        .await
}

async fn join(client: &Client, loaded: &Loaded, people: &[Person]) -> Result<()> {
    let joiner = contoso::joiner();
    let id = match loaded.people.get(&joiner.user_name) {
        Some(id) => id.clone(),
        None => {
            let manager = joiner
                .manager
                .map(|manager| loaded.person(&people[manager]))
                .transpose()?;
            client.create("/Users", joiner.to_scim(manager)).await?
        }
    };
    for group in [Some(EVERYBODY), joiner.department()].into_iter().flatten() {
        add_member(client, loaded.group(group)?, &id).await?;
    }
    Ok(())
}

async fn change_department(client: &Client, loaded: &Loaded, people: &[Person]) -> Result<()> {
    let mover = contoso::mover();
    let id = loaded.person(&people[mover.person])?;
    let manager = loaded.person(&people[mover.manager])?;
    let operations = json!([
        {"op": "replace", "path": "title", "value": mover.title},
        {"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": mover.to},
        {"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": manager}},
    ]);
    client.patch("/Users", id, operations).await?;
    add_member(client, loaded.group(mover.to)?, id).await?;
    let leave = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    client.patch("/Groups", loaded.group(mover.from)?, leave).await
}

async fn add_member(client: &Client, group: &str, person: &str) -> Result<()> {
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": person}]}]);
    client.patch("/Groups", group, operations).await
}
