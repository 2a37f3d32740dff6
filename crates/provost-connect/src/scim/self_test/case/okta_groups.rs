//! Groups as Okta pushes and imports them.
//!
//! Sources: Okta "SCIM 2.0 protocol reference", "Group push", and its published SPEC collection.

use serde_json::{Value, json};

use super::okta_people::{is_list, quick};
use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::session::{Session, equals};

const NEEDS: &[Need] = &[Need::Groups];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "okta-groups-list",
        title: "List groups",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200 with the ListResponse schema and whole numbers",
        why: "Okta imports groups this way, and its test collection asserts it.",
        remedy: "Answer with schemas, totalResults, startIndex, itemsPerPage and Resources.",
        run: |session| Box::pin(list(session)),
    },
    Check {
        id: "okta-groups-latency",
        title: "List groups in less than 600 ms",
        group: Group::OktaGroups,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "an answer in less than 600 ms",
        why: "Okta's test collection asserts it.",
        remedy: "Look at the query behind the list: members are what makes it slow.",
        run: |session| Box::pin(latency(session)),
    },
    Check {
        id: "okta-group-push",
        title: "Create a group with an empty list of members, and find it",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "201 with the group; the search by displayName finds exactly it",
        why: "This is how Okta begins to push a group.",
        remedy: "Accept `members`: [] and support `displayName eq` on groups.",
        run: |session| Box::pin(push(session)),
    },
    Check {
        id: "okta-group-rename",
        title: "Rename a group with its id in the value",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200 or 204, the new name, the same id, and the members as they were",
        why: "Okta sends this with every change of members; a refusal because of `id` stops the whole push.",
        remedy: "In an operation without path, pass over read-only attributes such as `id`.",
        run: |session| Box::pin(rename(session)),
    },
    Check {
        id: "okta-group-members",
        title: "Remove and add members in one request",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200 or 204; the one is gone, the other is there, the third stayed",
        why: "Okta collects changes of members and sends them together.",
        remedy: "Carry out `remove` with `members[value eq \"…\"]` and `add` of `members` in order.",
        run: |session| Box::pin(members(session)),
    },
    Check {
        id: "okta-group-members-replace",
        title: "Replace all members",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200 or 204, and exactly the new members",
        why: "\"Push now\" sends the whole list.",
        remedy: "Take `replace` of `members` for the whole list.",
        run: |session| Box::pin(members_replace(session)),
    },
    Check {
        id: "okta-group-put",
        title: "Write name and members of a group by PUT",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200, the new name, and exactly the new members",
        why: "Applications made with Okta's wizard change groups this way.",
        remedy: "Take PUT of a whole group with its members.",
        run: |session| Box::pin(put(session)),
    },
    Check {
        id: "okta-group-delete",
        title: "Delete a group",
        group: Group::OktaGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204, then 404 to reading it",
        why: "Unlinking a pushed group deletes it in the application.",
        remedy: "Answer DELETE with 204, afterwards 404.",
        run: |session| Box::pin(delete(session)),
    },
];

async fn list(session: &mut Session) -> Judged {
    session.group(&[]).await?;
    let call = Call::get(["Groups"]).query("startIndex", 1).query("count", 100);
    is_list(&session.send(call).await?)
}

async fn latency(session: &mut Session) -> Judged {
    let reply = session.send(Call::get(["Groups"])).await?;
    reply.list()?;
    quick(&reply)
}

async fn push(session: &mut Session) -> Judged {
    let sample = session.samples.group();
    let mut body = sample.body();
    body["members"] = json!([]);
    let reply = session.send(Call::post(["Groups"], body).plain_json()).await?;
    reply.is(&[201])?.holds("displayName", &json!(sample.name))?;
    reply.id()?;
    let made = session.made_by(&reply, &sample).await?;
    let search = Call::get(["Groups"])
        .filter(&equals("displayName", &made.name))
        .query("startIndex", 1)
        .query("count", 100);
    session.send(search).await?.finds(&made.id)
}

fn values(people: &[&Made]) -> Value {
    people
        .iter()
        .map(|made| json!({"value": made.id, "display": made.name}))
        .collect()
}

async fn rename(session: &mut Session) -> Judged {
    let person = session.person().await?;
    let group = session.group(&[&person]).await?;
    let new = session.samples.group().name;
    let operations = json!([{"op": "replace", "value": {"id": group.id, "displayName": new}}]);
    session.patch(&group, operations).await?;
    session
        .confirm(&group, |read| {
            read.holds("displayName", &json!(new))?;
            read.holds("id", &json!(group.id))?;
            read.has_members(&[&person.id])
        })
        .await
}

async fn members(session: &mut Session) -> Judged {
    let (one, two, three) = (
        session.person().await?,
        session.person().await?,
        session.person().await?,
    );
    let group = session.group(&[&one, &two]).await?;
    let operations = json!([
        {"op": "remove", "path": format!("members[{}]", equals("value", &one.id))},
        {"op": "add", "path": "members", "value": values(&[&three])},
    ]);
    session.patch(&group, operations).await?;
    session
        .confirm(&group, |read| read.has_members(&[&two.id, &three.id]))
        .await
}

async fn members_replace(session: &mut Session) -> Judged {
    let (one, two, three) = (
        session.person().await?,
        session.person().await?,
        session.person().await?,
    );
    let group = session.group(&[&one]).await?;
    let operations = json!([{"op": "replace", "path": "members", "value": values(&[&two, &three])}]);
    session.patch(&group, operations).await?;
    session
        .confirm(&group, |read| read.has_members(&[&two.id, &three.id]))
        .await
}

async fn put(session: &mut Session) -> Judged {
    let (one, two) = (session.person().await?, session.person().await?);
    let group = session.group(&[&one]).await?;
    let new = session.samples.group().name;
    let read = session.read(&group).await?;
    let mut whole = read.is(&[200])?.object()?.clone();
    whole.insert("displayName".to_owned(), json!(new));
    whole.insert("members".to_owned(), values(&[&two]));
    let call = Call::put(group.path(), Value::Object(whole)).plain_json();
    session.send(call).await?.is(&[200])?;
    session
        .confirm(&group, |read| {
            read.holds("displayName", &json!(new))?;
            read.has_members(&[&two.id])
        })
        .await
}

async fn delete(session: &mut Session) -> Judged {
    let group = session.group(&[]).await?;
    session.send(Call::delete(group.path())).await?.is(&[204])?;
    session.read(&group).await?.refuses(&[404])
}
