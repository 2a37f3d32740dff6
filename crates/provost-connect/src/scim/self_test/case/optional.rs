//! Sorting, searching by POST, cursors and bulk, when the server advertises them (RFC 7644 sections
//! 3.4.2.3, 3.4.3, 3.7; RFC 9865).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::Kind;
use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need, Stop};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::reply::Reply;
use crate::scim::self_test::sample::Sample;
use crate::scim::self_test::session::{Session, equals};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// Pages after which a cursor is taken to have no end.
const MOST_PAGES: usize = 500;
/// The largest bulk limit that is tried out.
const MOST_OPERATIONS: u64 = 5000;
const ADVERTISE: &str = "Make it work, or take it out of /ServiceProviderConfig: advertise only what works.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "optional-sort",
        title: "Sort people by userName, both ways",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[Need::Sort],
        expected: "the people in the order of their names, and the other way round",
        why: "A client that pages through a sorted list relies on the order.",
        remedy: ADVERTISE,
        run: |session| Box::pin(sort(session)),
    },
    Check {
        id: "optional-search",
        title: "Search by POST to /Users/.search",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[],
        expected: "200 with exactly this person",
        why: "It keeps names out of addresses, which are logged on their way.",
        remedy: "Take the query's parameters from the body of POST /Users/.search (RFC 7644 section 3.4.3).",
        run: |session| Box::pin(search(session)),
    },
    Check {
        id: "optional-cursor",
        title: "Walk through a list by cursor",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[Need::Cursor],
        expected: "everybody once; nextCursor on every page but the last, made of letters, digits and -._~",
        why: "Clients of RFC 9865 stop at the first page without nextCursor, and never see the rest.",
        remedy: ADVERTISE,
        run: |session| Box::pin(cursor(session)),
    },
    Check {
        id: "optional-cursor-broken",
        title: "Refuse a cursor that the server did not make",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[Need::Cursor],
        expected: "400 invalidCursor",
        why: "Page 1 in answer to a wrong cursor makes a client read it for ever.",
        remedy: "Answer 400 with scimType invalidCursor (RFC 9865 section 2.4).",
        run: |session| Box::pin(cursor_broken(session)),
    },
    Check {
        id: "optional-bulk",
        title: "Create people and a group that refers to them in one bulk request",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[Need::Bulk, Need::Groups],
        expected: "200 with status \"201\" for each, and the people as members of the group",
        why: "References by bulkId, also to what comes later, are what bulk is for (RFC 7644 section 3.7.2).",
        remedy: ADVERTISE,
        run: |session| Box::pin(bulk(session)),
    },
    Check {
        id: "optional-bulk-stop",
        title: "Stop a bulk request at the first error",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[Need::Bulk],
        expected: "one result, the error, with failOnErrors 1; what comes after it is not carried out",
        why: "The client counts on it that nothing after the error was done.",
        remedy: ADVERTISE,
        run: |session| Box::pin(bulk_stop(session)),
    },
    Check {
        id: "optional-bulk-limit",
        title: "Refuse more operations than maxOperations",
        group: Group::Optional,
        level: Level::Recommended,
        needs: &[Need::Bulk],
        expected: "413 with a SCIM error body",
        why: "A client that is not told cuts its request where it likes.",
        remedy: "Answer 413 and name the limit in `detail` (RFC 7644 section 3.7.4).",
        run: |session| Box::pin(bulk_limit(session)),
    },
];

/// Our own people, if the server lets them be found by the beginning of their names.
fn ours(session: &Session) -> String {
    format!("userName sw {}", Value::from(session.samples.prefix()))
}

fn names(reply: &Reply) -> Judged<Vec<String>> {
    let list = reply.list()?;
    let name = |one: &&serde_json::Map<String, Value>| {
        let name = one.get("userName").and_then(Value::as_str);
        name.unwrap_or_default().to_ascii_lowercase()
    };
    Ok(list.resources.iter().map(name).collect())
}

async fn sort(session: &mut Session) -> Judged {
    for _ in 0..3 {
        session.person().await?;
    }
    for (order, reverse) in [("ascending", false), ("descending", true)] {
        let call = Call::get(["Users"])
            .filter(&ours(session))
            .query("sortBy", "userName")
            .query("sortOrder", order);
        let reply = session.send(call).await?;
        if reply.status == 400 {
            return Err(Stop::skip(
                "the server does not find people by the beginning of their names",
            ));
        }
        let found = names(&reply)?;
        let mut sorted = found.clone();
        sorted.sort();
        if reverse {
            sorted.reverse();
        }
        if found != sorted || found.len() < 3 {
            return Err(Stop::wrong(
                format!("three people, {order}"),
                "another order, or not all of them",
            ));
        }
    }
    Ok(())
}

async fn search(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let body =
        json!({"schemas": [SEARCH], "filter": equals("userName", &made.name), "startIndex": 1, "count": 10});
    let reply = session.send(Call::post(["Users", ".search"], body)).await?;
    if matches!(reply.status, 404 | 405 | 501) {
        return Err(Stop::skip(format!(
            "the server has no /Users/.search (status {})",
            reply.status
        )));
    }
    reply.finds(&made.id)
}

async fn cursor(session: &mut Session) -> Judged {
    let mut missing = BTreeSet::new();
    for _ in 0..3 {
        missing.insert(session.person().await?.id);
    }
    let filter = ours(session);
    let mut seen = BTreeSet::new();
    let mut next = String::new();
    for _ in 0..MOST_PAGES {
        let call = Call::get(["Users"])
            .filter(&filter)
            .query("count", 2)
            .query("cursor", &next);
        let reply = session.send(call).await?;
        if reply.status == 400 && next.is_empty() {
            return Err(Stop::skip(
                "the server does not find people by the beginning of their names",
            ));
        }
        // `totalResults` may be missing here (RFC 9865 section 2.2).
        let page = reply.is(&[200])?.object()?.get("Resources");
        for one in page.and_then(Value::as_array).into_iter().flatten() {
            let id = one
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            missing.remove(&id);
            if !seen.insert(id) {
                return Err(Stop::wrong("everybody once", "somebody a second time"));
            }
        }
        match reply.at("nextCursor").and_then(Value::as_str) {
            Some(more) if is_plain(more) => next = more.to_owned(),
            Some(_) => {
                return Err(Stop::wrong(
                    "a cursor of letters, digits and -._~",
                    "other characters in it",
                ));
            }
            None if missing.is_empty() && seen.len() > 2 => return Ok(()),
            None => {
                return Err(Stop::wrong(
                    "everybody",
                    format!("{} of 3 missing", missing.len()),
                ));
            }
        }
    }
    Err(Stop::wrong(
        "an end of the list",
        format!("none after {MOST_PAGES} pages"),
    ))
}

fn is_plain(cursor: &str) -> bool {
    !cursor.is_empty()
        && cursor
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

async fn cursor_broken(session: &mut Session) -> Judged {
    let call = Call::get(["Users"])
        .query("count", 2)
        .query("cursor", "provost-self-test");
    let reply = session.send(call).await?;
    reply.refuses(&[400])?;
    if reply.scim_type() != Some("invalidCursor") {
        session.warn("the error has no scimType invalidCursor");
    }
    Ok(())
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

fn request(operations: &[Value]) -> Call {
    Call::post(["Bulk"], json!({"schemas": [BULK], "Operations": operations}))
}

/// The results of a bulk request, which must have been taken as a whole.
fn results(reply: &Reply) -> Judged<Vec<Value>> {
    let found = reply.is(&[200])?.object()?.get("Operations");
    match found.and_then(Value::as_array) {
        Some(list) => Ok(list.clone()),
        None => Err(Stop::wrong("a list of `Operations`", "none")),
    }
}

/// What the operation with this bulkId made, once reading it shows that it is ours.
async fn made(session: &mut Session, results: &[Value], bulk_id: &str, sample: &Sample) -> Judged<Made> {
    let result = results
        .iter()
        .find(|one| one.get("bulkId").and_then(Value::as_str) == Some(bulk_id));
    let status = result.and_then(|one| one.get("status"));
    if status != Some(&json!("201")) {
        let came = status.map_or_else(|| "no result".to_owned(), Value::to_string);
        return Err(Stop::wrong(format!("status \"201\" for {bulk_id}"), came));
    }
    let location = result.and_then(|one| one.get("location")?.as_str());
    let id = location
        .and_then(|url| url.rsplit('/').next())
        .unwrap_or_default();
    let made = Made {
        kind: sample.kind,
        id: id.to_owned(),
        name: sample.name.clone(),
        external_id: sample.external_id.clone(),
    };
    let read = session.read(&made).await?;
    if !read.names(sample.kind, &sample.name) {
        return Err(Stop::wrong(
            format!("the location of {bulk_id}"),
            "one that leads elsewhere",
        ));
    }
    session.found(sample.kind, &made.id, &sample.name);
    Ok(made)
}

async fn bulk(session: &mut Session) -> Judged {
    let (one, two) = (session.samples.person(), session.samples.person());
    let group = session.samples.group();
    let mut crew = group.body();
    crew["members"] = json!([{"value": "bulkId:one"}, {"value": "bulkId:two"}]);
    let operations = [
        post("/Groups", "crew", crew),
        post("/Users", "one", one.body()),
        post("/Users", "two", two.body()),
    ];
    let reply = session.send(request(&operations)).await?;
    let results = results(&reply)?;
    let one = made(session, &results, "one", &one).await?;
    let two = made(session, &results, "two", &two).await?;
    let group = made(session, &results, "crew", &group).await?;
    session
        .confirm(&group, |read| read.has_members(&[&one.id, &two.id]))
        .await
}

async fn bulk_stop(session: &mut Session) -> Judged {
    let sample = session.samples.person();
    let unknown = format!("/Users/{}", uuid::Uuid::now_v7());
    let operations = [
        json!({"method": "DELETE", "path": unknown}),
        post("/Users", "late", sample.body()),
    ];
    let body = json!({"schemas": [BULK], "failOnErrors": 1, "Operations": operations});
    let reply = session.send(Call::post(["Bulk"], body)).await?;
    let results = results(&reply)?;
    let found = session
        .find(Kind::Person, &equals("userName", &sample.name))
        .await?;
    match found.finds_nothing() {
        Err(_) => Err(Stop::wrong(
            "nothing carried out after the error",
            "the person was created",
        )),
        Ok(()) if results.len() == 1 => Ok(()),
        Ok(()) => Err(Stop::wrong("one result", format!("{} results", results.len()))),
    }
}

async fn bulk_limit(session: &mut Session) -> Judged {
    let limit = session
        .known
        .said(&["bulk", "maxOperations"])
        .and_then(Value::as_u64);
    let Some(limit) = limit.filter(|limit| (1..=MOST_OPERATIONS).contains(limit)) else {
        return Err(Stop::skip(
            "bulk.maxOperations is not told, or too large to be tried out",
        ));
    };
    // Deleting who does not exist harms nobody if the limit is not kept.
    let unknown = format!("/Users/{}", uuid::Uuid::now_v7());
    let one = json!({"method": "DELETE", "path": unknown});
    let count = usize::try_from(limit).unwrap_or(usize::MAX - 1) + 1;
    let operations = vec![one; count];
    let reply = session.send(request(&operations)).await?;
    reply.refuses(&[413])
}
