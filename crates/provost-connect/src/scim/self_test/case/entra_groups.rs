//! Groups and members as Microsoft Entra provisions them.
//!
//! Sources: Microsoft Learn "Develop and plan provisioning for a SCIM endpoint" and the cases of its
//! SCIM validator.

use serde_json::{Value, json};

use crate::Kind;
use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need, Stop};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::reply::Reply;
use crate::scim::self_test::session::{Session, equals, operation, patch_body};

const NEEDS: &[Need] = &[Need::Groups];
const FILTER: &str = "Answer 200 with exactly the groups that match, and leave `members` out when asked to.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "entra-group-create",
        title: "Create a group",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "201 with the group and its id, although `schemas` names one that the server does not know",
        why: "Entra names a schema of its own beside the standard one in every create of a group.",
        remedy: "Pass over URNs in `schemas` that you do not know; answer 201 with the group.",
        run: |session| Box::pin(create(session)),
    },
    Check {
        id: "entra-group-duplicate",
        title: "Refuse a second group of the same displayName",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "409 with a SCIM error body",
        why: "Entra matches groups by displayName; with two of them the memberships go to either.",
        remedy: "Answer 409 with scimType uniqueness.",
        run: |session| Box::pin(duplicate(session)),
    },
    Check {
        id: "entra-group-without-members",
        title: "Read a group without its members",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200 with the group and no `members`",
        why: "Entra asks this before every change; with members in the answer it has been seen to replace them \
              all by one person, and large groups time out.",
        remedy: "Apply excludedAttributes=members, and do not even load them.",
        run: |session| Box::pin(without_members(session)),
    },
    Check {
        id: "entra-group-filter",
        title: "Find a group by displayName, without its members",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "200 with exactly this group and no `members`; an empty list for another name",
        why: "Entra searches before every create.",
        remedy: FILTER,
        run: |session| Box::pin(filter(session)),
    },
    Check {
        id: "entra-group-filter-external-id",
        title: "Find a group by externalId",
        group: Group::EntraGroups,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "200 with exactly this group",
        why: "It is the other usual matching attribute of groups, and outlives a change of name.",
        remedy: FILTER,
        run: |session| Box::pin(filter_external_id(session)),
    },
    Check {
        id: "entra-group-rename",
        title: "Replace the displayName",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204 (or 200), the new name, and the members as they were",
        why: "Groups are renamed; their members must not notice.",
        remedy: "Take Replace of displayName; answer 204, which costs least with large groups.",
        run: |session| Box::pin(rename(session)),
    },
    Check {
        id: "entra-group-external-id",
        title: "Change the externalId",
        group: Group::EntraGroups,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "204 (or 200), and the new externalId",
        why: "Entra writes the object's id there.",
        remedy: "Keep externalId of groups, and let it be replaced.",
        run: |session| Box::pin(external_id(session)),
    },
    Check {
        id: "entra-group-add-members",
        title: "Add members, several at once, and the same again",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204 (or 200); all of them are members, each once",
        why: "Entra adds many members in one operation and repeats it after a lost answer.",
        remedy: "Add each element of the list; one that is there already is a success. Pass over `$ref`: null.",
        run: |session| Box::pin(add_members(session)),
    },
    Check {
        id: "entra-group-remove-member",
        title: "Remove one member with a list of values",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204 (or 200); this member is gone and the others are still there",
        why: "Without its flag, Entra removes members with `path: members` and a value. A server that looks at \
              the path alone empties the whole group.",
        remedy: "When Remove of `members` has a value, remove exactly the members that it names.",
        run: |session| Box::pin(remove_member(session)),
    },
    Check {
        id: "entra-group-remove-member-flag",
        title: "Remove one member with a value path",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204 (or 200); this member is gone and the others are still there",
        why: "This is how Entra removes members with its flag, and Okta always.",
        remedy: "Support `members[value eq \"…\"]` in the path of a remove (RFC 7644 section 3.5.2.2).",
        run: |session| Box::pin(remove_member_flag(session)),
    },
    Check {
        id: "entra-group-probe",
        title: "Ask whether somebody is a member",
        group: Group::EntraGroups,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "one result for a member, none for somebody else",
        why: "Entra asks this where it is not sure of a membership.",
        remedy: "Support `id eq … and members eq …`, which compares the members' `value`.",
        run: |session| Box::pin(probe(session)),
    },
    Check {
        id: "entra-group-several-operations",
        title: "Rename and add a member in one request",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204 (or 200), with both carried out",
        why: "Changes of one group come together.",
        remedy: "Carry out all operations in order.",
        run: |session| Box::pin(several(session)),
    },
    Check {
        id: "entra-group-delete",
        title: "Delete a group, and delete it again",
        group: Group::EntraGroups,
        level: Level::Required,
        needs: NEEDS,
        expected: "204, then 404 to reading and to deleting it; its members are still there",
        why: "A group that stays keeps giving access.",
        remedy: "Answer DELETE with 204, afterwards 404; never touch the people in it.",
        run: |session| Box::pin(delete(session)),
    },
];

fn lean(call: Call) -> Call {
    call.query("excludedAttributes", "members")
}

async fn change(session: &mut Session, group: &Made, operations: Value) -> Judged<Reply> {
    session.patch(group, operations).await
}

async fn create(session: &mut Session) -> Judged {
    let sample = session.samples.group();
    let reply = session.send(Call::post(["Groups"], sample.entra_body())).await?;
    reply.is(&[201])?;
    reply.id()?;
    reply.holds("displayName", &json!(sample.name))?;
    let made = session.made_by(&reply, &sample).await?;
    session
        .confirm(&made, |read| read.holds("displayName", &json!(sample.name)))
        .await
}

async fn duplicate(session: &mut Session) -> Judged {
    let sample = session.samples.group();
    let first = session.send(Call::post(["Groups"], sample.body())).await?;
    session.made_by(&first, &sample).await?;
    let second = session.send(Call::post(["Groups"], sample.body())).await?;
    second.refuses(&[409])
}

async fn without_members(session: &mut Session) -> Judged {
    let person = session.person().await?;
    let group = session.group(&[&person]).await?;
    let read = session.send(lean(Call::get(group.path()))).await?;
    read.is(&[200])?.holds("displayName", &json!(group.name))?;
    no_members(&read)
}

/// Not even an empty list: Entra takes any `members` for the whole truth.
fn no_members(reply: &Reply) -> Judged {
    match reply.at("members") {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err(Stop::wrong("no `members`", "a list of members")),
    }
}

async fn filter(session: &mut Session) -> Judged {
    let person = session.person().await?;
    let group = session.group(&[&person]).await?;
    session.group(&[]).await?;
    let call = lean(Call::get(["Groups"]).filter(&equals("displayName", &group.name)));
    let reply = session.send(call).await?;
    reply.finds(&group.id)?;
    if reply
        .list()?
        .resources
        .iter()
        .any(|one| one.contains_key("members"))
    {
        return Err(Stop::wrong("no `members`", "a list of members"));
    }
    let nobody = session.samples.group().name;
    let call = lean(Call::get(["Groups"]).filter(&equals("displayName", &nobody)));
    session.send(call).await?.finds_nothing()
}

async fn filter_external_id(session: &mut Session) -> Judged {
    let group = session.group(&[]).await?;
    session.group(&[]).await?;
    let call = lean(Call::get(["Groups"]).filter(&equals("externalId", &group.external_id)));
    session.send(call).await?.finds(&group.id)
}

async fn rename(session: &mut Session) -> Judged {
    let person = session.person().await?;
    let group = session.group(&[&person]).await?;
    let new = session.samples.group().name;
    change(
        session,
        &group,
        json!([operation("Replace", "displayName", json!(new))]),
    )
    .await?;
    session
        .confirm(&group, |read| {
            read.holds("displayName", &json!(new))?;
            read.has_members(&[&person.id])
        })
        .await
}

async fn external_id(session: &mut Session) -> Judged {
    let group = session.group(&[]).await?;
    let new = session.samples.group().external_id;
    change(
        session,
        &group,
        json!([operation("Replace", "externalId", json!(new))]),
    )
    .await?;
    session
        .confirm(&group, |read| read.holds("externalId", &json!(new)))
        .await
}

/// Members as Entra lists them.
fn listed(people: &[&Made]) -> Value {
    people
        .iter()
        .map(|made| json!({"$ref": null, "value": made.id}))
        .collect()
}

async fn add_members(session: &mut Session) -> Judged {
    let (one, two) = (session.person().await?, session.person().await?);
    let group = session.group(&[]).await?;
    let add = |people: &[&Made]| json!([operation("Add", "members", listed(people))]);
    change(session, &group, add(&[&one, &two])).await?;
    session
        .confirm(&group, |read| read.has_members(&[&one.id, &two.id]))
        .await?;
    change(session, &group, add(&[&two])).await?;
    session
        .confirm(&group, |read| read.has_members(&[&one.id, &two.id]))
        .await
}

/// A group of three, from which the second is removed with this call.
async fn remove_second(session: &mut Session, removal: impl FnOnce(&Made, &Made) -> Call) -> Judged {
    let (one, two, three) = (
        session.person().await?,
        session.person().await?,
        session.person().await?,
    );
    let group = session.group(&[&one, &two, &three]).await?;
    let before = session.read(&group).await?;
    before.has_members(&[&one.id, &two.id, &three.id])?;
    session.send(removal(&group, &two)).await?.is(&[200, 204])?;
    session
        .confirm(&group, |read| read.has_members(&[&one.id, &three.id]))
        .await
}

async fn remove_member(session: &mut Session) -> Judged {
    remove_second(session, |group, gone| {
        let operations = json!([operation("Remove", "members", listed(&[gone]))]);
        Call::patch(group.path(), patch_body(operations))
    })
    .await
}

async fn remove_member_flag(session: &mut Session) -> Judged {
    remove_second(session, |group, gone| {
        let path = format!("members[{}]", equals("value", &gone.id));
        let operations = json!([{"op": "remove", "path": path}]);
        Call::patch(group.path(), patch_body(operations)).flagged()
    })
    .await
}

async fn probe(session: &mut Session) -> Judged {
    let (member, other) = (session.person().await?, session.person().await?);
    let group = session.group(&[&member]).await?;
    let ask = |person: &Made| {
        let filter = format!(
            "{} and {}",
            equals("id", &group.id),
            equals("members", &person.id)
        );
        Call::get(["Groups"]).filter(&filter).query("attributes", "id")
    };
    session.send(ask(&member)).await?.finds(&group.id)?;
    session.send(ask(&other)).await?.finds_nothing()
}

async fn several(session: &mut Session) -> Judged {
    let person = session.person().await?;
    let group = session.group(&[]).await?;
    let new = session.samples.group().name;
    let operations = json!([
        operation("Replace", "displayName", json!(new)),
        operation("Add", "members", listed(&[&person])),
    ]);
    change(session, &group, operations).await?;
    session
        .confirm(&group, |read| {
            read.holds("displayName", &json!(new))?;
            read.has_members(&[&person.id])
        })
        .await
}

async fn delete(session: &mut Session) -> Judged {
    let person = session.person().await?;
    let group = session.group(&[&person]).await?;
    session.send(Call::delete(group.path())).await?.is(&[204])?;
    session.read(&group).await?.refuses(&[404])?;
    session.send(Call::delete(group.path())).await?.refuses(&[404])?;
    let still = session
        .find(Kind::Person, &equals("userName", &person.name))
        .await?;
    still.finds(&person.id)
}
