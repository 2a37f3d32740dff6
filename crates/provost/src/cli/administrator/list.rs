//! `provost administrator list`.

use super::{Door, Place};
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table, count};
use anyhow::Result;
use provost_signin::Listed;
use provost_store::administrator::Grant;
use provost_store::workspace::{self, Workspace};
use serde_json::{Value, json};

/// Lists everybody.
pub(super) async fn list(place: &Place, hub: &Hub, door: &Door) -> Result<()> {
    let all = door.all().await?;
    let workspaces = hub.db.read(workspace::all).await?;
    let listed: Vec<Value> = all.iter().map(|one| to_json(one, &workspaces)).collect();
    let answer = json!({"administrators": listed});
    output::either(place.json, &answer, || {
        let mut table = Table::new([
            "name",
            "e-mail",
            "state",
            "roles",
            "signs in with",
            "last signed in",
        ]);
        for one in &all {
            let who = &one.administrator;
            let roles: Vec<String> = one
                .grants
                .iter()
                .map(|grant| format!("{} {}", grant.role, place_of(grant, &workspaces)))
                .collect();
            table.row([
                who.name.clone(),
                who.email.clone(),
                who.state.to_string(),
                roles.join(", "),
                ways(one),
                clock::text_or(who.last_signin, "never"),
            ]);
        }
        table.text_or("No administrator yet. `provost serve` prints a link that makes the owner.")
    })
}

fn place_of<'a>(grant: &Grant, workspaces: &'a [Workspace]) -> &'a str {
    let Some(key) = grant.workspace else {
        return "everywhere";
    };
    let found = workspaces.iter().find(|one| one.key == key);
    found.map_or("elsewhere", |one| one.name.as_str())
}

fn ways(one: &Listed) -> String {
    let ways = &one.ways;
    let mut words = Vec::new();
    if !ways.passkeys.is_empty() {
        let passkeys = i64::try_from(ways.passkeys.len()).unwrap_or(i64::MAX);
        words.push(count(passkeys, "passkey", "passkeys"));
    }
    if ways.password.is_some() {
        words.push(
            if ways.code {
                "password and code"
            } else {
                "password"
            }
            .to_owned(),
        );
    }
    if !ways.identities.is_empty() {
        words.push("another system".to_owned());
    }
    if words.is_empty() {
        return "nothing yet".to_owned();
    }
    words.join(", ")
}

fn to_json(one: &Listed, workspaces: &[Workspace]) -> Value {
    let who = &one.administrator;
    let roles: Vec<Value> = one
        .grants
        .iter()
        .map(|grant| {
            let place = grant.workspace.map(|_| place_of(grant, workspaces));
            json!({"workspace": place, "role": grant.role.as_str()})
        })
        .collect();
    json!({
        "id": who.id, "name": who.name, "email": who.email, "state": who.state.as_str(), "roles": roles,
        "passkeys": one.ways.passkeys.len(), "password": one.ways.password.is_some(), "code": one.ways.code,
        "providers": one.ways.identities.len(), "created": clock::text(who.created),
        "last_signin": clock::text_or_none(who.last_signin),
    })
}
