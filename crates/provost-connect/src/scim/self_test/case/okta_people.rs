//! People as Okta provisions and imports them.
//!
//! Sources: Okta "SCIM 2.0 protocol reference", "Understand SCIM", and its published SPEC collection.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::scim::self_test::call::{Call, Offer};
use crate::scim::self_test::check::{Check, Group, Judged, Level, Stop};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::reply::Reply;
use crate::scim::self_test::session::{Session, equals, patch_body};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// What Okta's tests look for in a person.
const ATTRIBUTES: [&str; 6] = [
    "id",
    "name.givenName",
    "name.familyName",
    "userName",
    "active",
    "emails",
];
/// How long Okta's test lets a list take.
const QUICK: Duration = Duration::from_millis(600);

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "okta-users-list",
        title: "List people",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with the ListResponse schema, whole numbers, and at least one person",
        why: "Okta's test collection begins with it, and its import reads people this way.",
        remedy: "Answer with schemas, totalResults, startIndex, itemsPerPage and Resources.",
        run: |session| Box::pin(list(session)),
    },
    Check {
        id: "okta-user-read",
        title: "Read a person with everything that Okta looks at",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with id, name.givenName, name.familyName, userName, active and emails",
        why: "Okta's test collection asserts each of them.",
        remedy: "Keep and show these attributes.",
        run: |session| Box::pin(read(session)),
    },
    Check {
        id: "okta-user-missing-name",
        title: "Search a userName that nobody has",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with totalResults 0",
        why: "Okta looks for the person before every create; a result that does not fit links the wrong account.",
        remedy: "Answer 200 with an empty list when the filter matches nobody.",
        run: |session| Box::pin(missing_name(session)),
    },
    Check {
        id: "okta-user-unknown",
        title: "Read a person who does not exist",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "404 with a SCIM error body: schemas, status as text, and a detail",
        why: "Okta's test collection asserts the body.",
        remedy: "Answer 404 with an error body.",
        run: |session| Box::pin(unknown(session)),
    },
    Check {
        id: "okta-unauthorized",
        title: "Refuse a request without credential as Okta's test expects it",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "401 with a SCIM error body: schemas, status as text, and a detail",
        why: "Okta's test collection asserts the body.",
        remedy: "Answer 401 with an error body.",
        run: |session| Box::pin(unauthorized(session)),
    },
    Check {
        id: "okta-user-create",
        title: "Create a person as application/json, with groups and a password",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "201 with the whole person, `active` true, and no password",
        why: "Okta takes an answer without the person for a failure, and always sends groups and a password.",
        remedy: "Accept application/json, pass over `groups`, and answer with the whole person.",
        run: |session| Box::pin(create(session)),
    },
    Check {
        id: "okta-user-duplicate",
        title: "Refuse the same person again",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "409 with a SCIM error body",
        why: "Okta's test collection posts the same person twice and asserts 409.",
        remedy: "Answer 409 with scimType uniqueness.",
        run: |session| Box::pin(duplicate(session)),
    },
    Check {
        id: "okta-user-replace",
        title: "Change a person by PUT of what was read",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with the person and its new values; the rest as it was",
        why: "Okta reads the whole person, changes it and writes it back, with `id`, `meta` and `schemas` in it.",
        remedy: "Take PUT of a whole resource; pass over `id` and `meta` in the body.",
        run: |session| Box::pin(replace(session)),
    },
    Check {
        id: "okta-user-deactivate",
        title: "Deactivate a person by an operation without path, and activate again",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 or 204; `active` is false, then true, and the person stays readable",
        why: "Okta never deletes people: this is how leavers lose access.",
        remedy: "Take `replace` without path, with an object of attributes as the value.",
        run: |session| Box::pin(deactivate(session)),
    },
    Check {
        id: "okta-user-deactivate-put",
        title: "Deactivate a person by PUT",
        group: Group::OktaPeople,
        level: Level::Required,
        needs: &[],
        expected: "200, and `active` is false",
        why: "Applications made with Okta's wizard deactivate this way.",
        remedy: "Take `active` from the body of a PUT.",
        run: |session| Box::pin(deactivate_put(session)),
    },
    Check {
        id: "okta-user-password",
        title: "Set a password by an operation without path",
        group: Group::OktaPeople,
        level: Level::Recommended,
        needs: &[],
        expected: "200 or 204, and the password is not shown",
        why: "With password sync switched on, Okta sends every change of a password.",
        remedy: "Take `password`, or pass over it; never answer with it.",
        run: |session| Box::pin(password(session)),
    },
    Check {
        id: "okta-users-first",
        title: "The first person in the list has what Okta looks at",
        group: Group::OktaPeople,
        level: Level::Recommended,
        needs: &[],
        expected: "id, name.givenName, name.familyName, userName, active and emails in Resources[0]",
        why: "Okta's test collection asserts the first person of the list, whoever it is.",
        remedy: "Before Okta's test, see to it that the first person in the list is complete.",
        run: |session| Box::pin(first(session)),
    },
    Check {
        id: "okta-users-latency",
        title: "List people in less than 600 ms",
        group: Group::OktaPeople,
        level: Level::Recommended,
        needs: &[],
        expected: "an answer in less than 600 ms",
        why: "Okta's test collection asserts it; an import of many people takes as many pages.",
        remedy: "Look at the query behind the list.",
        run: |session| Box::pin(latency(session)),
    },
];

fn page(count: u32) -> Call {
    Call::get(["Users"]).query("startIndex", 1).query("count", count)
}

async fn list(session: &mut Session) -> Judged {
    session.person().await?;
    let reply = session.send(page(1)).await?;
    is_list(&reply)?;
    let list = reply.list()?;
    match list.resources.is_empty() || list.total == 0 {
        true => Err(Stop::wrong(
            "at least one person",
            "none, although one was just made",
        )),
        false => Ok(()),
    }
}

/// The frame of a list, as Okta's tests assert it.
pub(super) fn is_list(reply: &Reply) -> Judged {
    reply.list()?;
    let schemas = reply.at("schemas").and_then(Value::as_array);
    if !schemas.is_some_and(|list| list.iter().any(|urn| urn == LIST)) {
        return Err(Stop::wrong(format!("`schemas` with {LIST}"), "it is not there"));
    }
    for name in ["totalResults", "startIndex", "itemsPerPage"] {
        if !reply.at(name).is_some_and(Value::is_u64) {
            return Err(Stop::wrong(
                format!("`{name}` as a whole JSON number"),
                "it is none",
            ));
        }
    }
    Ok(())
}

fn is_complete(resource: &Map<String, Value>) -> Judged {
    let reply = Reply {
        status: 200,
        body: Some(Value::Object(resource.clone())),
        ..Reply::default()
    };
    for path in ATTRIBUTES {
        if reply.at(path).is_none_or(Value::is_null) {
            return Err(Stop::wrong(format!("`{path}`"), "it is not there"));
        }
    }
    if !reply.at("active").is_some_and(Value::is_boolean) {
        return Err(Stop::wrong("`active` as true or false", "something else"));
    }
    let address = resource.get("emails").and_then(|list| list.get(0)?.get("value"));
    match address.and_then(Value::as_str) {
        Some(_) => Ok(()),
        None => Err(Stop::wrong("`value` in the first of `emails`", "it is not there")),
    }
}

async fn read(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let reply = session.read(&made).await?;
    is_complete(reply.is(&[200])?.object()?)?;
    reply.holds("userName", &json!(made.name))
}

async fn first(session: &mut Session) -> Judged {
    session.person().await?;
    let reply = session.send(page(1)).await?;
    match reply.list()?.resources.first() {
        Some(first) => is_complete(first),
        None => Err(Stop::wrong("at least one person", "none")),
    }
}

/// Okta's search before a create.
fn search(name: &str) -> Call {
    Call::get(["Users"])
        .filter(&equals("userName", name))
        .query("startIndex", 1)
        .query("count", 100)
}

async fn missing_name(session: &mut Session) -> Judged {
    session.person().await?;
    let nobody = session.samples.person().name;
    let reply = session.send(search(&nobody)).await?;
    reply.finds_nothing()?;
    is_list(&reply)
}

async fn unknown(session: &mut Session) -> Judged {
    let id = uuid::Uuid::now_v7().to_string();
    session.send(Call::get(["Users", &id])).await?.refuses(&[404])
}

async fn unauthorized(session: &mut Session) -> Judged {
    let call = page(1).offer(Offer::Nothing);
    session.send(call).await?.refuses(&[401])
}

fn body(session: &mut Session) -> (super::super::sample::Sample, Value) {
    let sample = session.samples.person();
    let mut body = sample.body();
    body["locale"] = json!("en-US");
    body["groups"] = json!([]);
    body["password"] = json!(format!("Pw-{}-9x!", uuid::Uuid::now_v7()));
    (sample, body)
}

async fn create(session: &mut Session) -> Judged {
    let (sample, body) = body(session);
    let reply = session.send(Call::post(["Users"], body).plain_json()).await?;
    is_complete(reply.is(&[201])?.object()?)?;
    reply.holds_all(&[
        ("userName", json!(sample.name)),
        ("active", json!(true)),
        ("name.givenName", json!("Lotte")),
        ("name.familyName", json!("Maes")),
    ])?;
    reply.lacks("password")?;
    let made = session.made_by(&reply, &sample).await?;
    session.send(search(&made.name)).await?.finds(&made.id)
}

async fn duplicate(session: &mut Session) -> Judged {
    let (sample, body) = body(session);
    let first = session
        .send(Call::post(["Users"], body.clone()).plain_json())
        .await?;
    session.made_by(&first, &sample).await?;
    let again = session.send(Call::post(["Users"], body).plain_json()).await?;
    again.refuses(&[409])
}

/// Reads a person and writes it back with these attributes changed.
async fn write_back(session: &mut Session, made: &Made, changes: &[(&str, Value)]) -> Judged<Reply> {
    let read = session.read(made).await?;
    let mut whole = read.is(&[200])?.object()?.clone();
    for (name, value) in changes {
        whole.insert((*name).to_owned(), value.clone());
    }
    let call = Call::new(Method::PUT, made.path())
        .body(Value::Object(whole))
        .plain_json();
    session.send(call).await
}

async fn replace(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let name = json!({"givenName": "Charlotte", "familyName": "Claes"});
    let reply = write_back(session, &made, &[("name", name)]).await?;
    reply.is(&[200])?.holds("name.familyName", &json!("Claes"))?;
    session
        .confirm(&made, |read| {
            read.holds_all(&[
                ("id", json!(made.id)),
                ("userName", json!(made.name)),
                ("name.givenName", json!("Charlotte")),
                ("name.familyName", json!("Claes")),
                ("active", json!(true)),
                ("emails[type eq \"work\"].value", json!(made.name)),
            ])
        })
        .await
}

async fn deactivate(session: &mut Session) -> Judged {
    let made = session.person().await?;
    for active in [false, true] {
        let operations = json!([{"op": "replace", "value": {"active": active}}]);
        let call = Call::patch(made.path(), patch_body(operations)).plain_json();
        session.send(call).await?.is(&[200, 204])?;
        session
            .confirm(&made, |read| read.holds("active", &json!(active)))
            .await?;
        session.send(search(&made.name)).await?.finds(&made.id)?;
    }
    Ok(())
}

async fn deactivate_put(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let reply = write_back(session, &made, &[("active", json!(false))]).await?;
    reply.is(&[200])?;
    session
        .confirm(&made, |read| read.holds("active", &json!(false)))
        .await
}

async fn password(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let new = format!("Pw-{}-8y!", uuid::Uuid::now_v7());
    let operations = json!([{"op": "replace", "value": {"password": new}}]);
    let reply = session.patch(&made, operations).await?;
    if reply.body.is_some() {
        reply.lacks("password")?;
    }
    session.read(&made).await?.lacks("password")
}

async fn latency(session: &mut Session) -> Judged {
    let reply = session.send(page(100)).await?;
    reply.list()?;
    quick(&reply)
}

/// In the time that Okta's tests allow.
pub(super) fn quick(reply: &Reply) -> Judged {
    if reply.took < QUICK {
        return Ok(());
    }
    Err(Stop::wrong(
        format!("less than {} ms", QUICK.as_millis()),
        format!("{} ms", reply.took.as_millis()),
    ))
}
