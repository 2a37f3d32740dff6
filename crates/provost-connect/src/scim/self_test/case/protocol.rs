//! RFC 7644 as every client relies on it.

use reqwest::Method;
use serde_json::json;

use crate::Kind;
use crate::scim::CORE_USER;
use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Stop};
use crate::scim::self_test::session::{Session, equals, operation};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "protocol-create",
        title: "Create and read a person",
        group: Group::Protocol,
        level: Level::Required,
        needs: &[],
        expected: "201 with the person, its id, and its address in Location; then 200 to reading it",
        why: "Every other check, and every client, begins with this.",
        remedy: "Answer POST with 201, the stored resource and Location (RFC 7644 section 3.3).",
        run: |session| Box::pin(create(session)),
    },
    Check {
        id: "protocol-password",
        title: "Never show a password",
        group: Group::Protocol,
        level: Level::Required,
        needs: &[],
        expected: "no `password` in the answer to the create and to reading the person",
        why: "Whoever may list people would read their passwords (RFC 7643 section 4.1.1: returned never).",
        remedy: "Leave `password` out of every answer, also when it is asked for by name.",
        run: |session| Box::pin(password(session)),
    },
    Check {
        id: "protocol-filter-and",
        title: "Filter by two conditions",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "the one person for `… and active eq true`, nobody for `… and active eq false`",
        why: "Entra asks for memberships and managers with `and`.",
        remedy: "Support `and` between comparisons (RFC 7644 section 3.4.2.2).",
        run: |session| Box::pin(filter_and(session)),
    },
    Check {
        id: "protocol-filter-broken",
        title: "Refuse a filter that cannot be understood",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "400 invalidFilter",
        why: "A filter that is passed over answers with everybody, and the wrong person is changed.",
        remedy: "Answer 400 with scimType invalidFilter and say what is wrong with it.",
        run: |session| Box::pin(filter_broken(session)),
    },
    Check {
        id: "protocol-projection",
        title: "Send only the attributes that were asked for",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "with attributes=userName only that and the id; with excludedAttributes=emails no emails",
        why: "Clients leave out what is large, such as members of a group; answers become slow without it.",
        remedy: "Apply attributes and excludedAttributes to every answer (RFC 7644 section 3.9).",
        run: |session| Box::pin(projection(session)),
    },
    Check {
        id: "protocol-broken-body",
        title: "Refuse a body that is not JSON",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "400 with a SCIM error body",
        why: "The text of a 400 is what the administrator sees in Entra and Okta; 500 is tried again for hours.",
        remedy: "Answer 400 with scimType invalidSyntax and a detail that helps.",
        run: |session| Box::pin(broken_body(session)),
    },
    Check {
        id: "protocol-required",
        title: "Refuse a person without userName",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "400 with a SCIM error body",
        why: "A person without a name cannot be found again, so that the next cycle creates another one.",
        remedy: "Answer 400 with scimType invalidValue and name the attribute.",
        run: |session| Box::pin(required(session)),
    },
    Check {
        id: "protocol-patch-whole",
        title: "Take a PATCH whole or not at all",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "400 for the operation that is wrong, and none of the others carried out",
        why: "Half a change is repeated by nobody: the client holds the request for failed.",
        remedy: "Work on a copy and keep it only when every operation succeeded (RFC 7644 section 3.5.2).",
        run: |session| Box::pin(patch_whole(session)),
    },
    Check {
        id: "protocol-wrong-method",
        title: "Refuse a method that an endpoint does not have",
        group: Group::Protocol,
        level: Level::Recommended,
        needs: &[],
        expected: "405 or 501 with a SCIM error body",
        why: "A web page or an empty answer tells a client nothing.",
        remedy: "Answer 405 with Allow, or 501, and an error body.",
        run: |session| Box::pin(wrong_method(session)),
    },
];

pub(super) const CHECKS_AT_THE_END: &[Check] = &[Check {
    id: "protocol-media-type",
    title: "Answer as application/scim+json throughout",
    group: Group::Protocol,
    level: Level::Recommended,
    needs: &[],
    expected: "the content type application/scim+json on every answer with a body",
    why: "It is the type that RFC 7644 section 8.1 registers and that Microsoft asks for; some clients accept no other.",
    remedy: "Send Content-Type: application/scim+json, also with errors.",
    run: |session| Box::pin(media_type(session)),
}];

async fn create(session: &mut Session) -> Judged {
    let sample = session.samples.person();
    let reply = session.send(Call::post(["Users"], sample.body())).await?;
    reply.is(&[201])?;
    let id = reply.id()?;
    reply.holds_all(&[
        ("userName", json!(sample.name)),
        ("externalId", json!(sample.external_id)),
        ("active", json!(true)),
    ])?;
    if !reply.location.as_deref().is_some_and(|url| url.ends_with(&id)) {
        session.warn("the create has no Location header with the person's address");
    }
    if reply.at("meta.resourceType") != Some(&json!("User")) {
        session.warn("`meta.resourceType` is not User");
    }
    let made = session.made_by(&reply, &sample).await?;
    session
        .confirm(&made, |read| read.holds("userName", &json!(sample.name)))
        .await
}

async fn password(session: &mut Session) -> Judged {
    let sample = session.samples.person();
    let mut body = sample.body();
    body["password"] = json!(format!("Pw-{}-9x!", uuid::Uuid::now_v7()));
    let reply = session.send(Call::post(["Users"], body)).await?;
    let made = session.made_by(&reply, &sample).await?;
    if reply.body.is_some() {
        reply.lacks("password")?;
    }
    session.read(&made).await?.lacks("password")?;
    let asked = Call::get(made.path()).query("attributes", "userName,password");
    session.send(asked).await?.lacks("password")
}

async fn filter_and(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let name = equals("userName", &made.name);
    let active = session
        .find(Kind::Person, &format!("{name} and active eq true"))
        .await?;
    active.finds(&made.id)?;
    let other = session
        .find(Kind::Person, &format!("{name} and active eq false"))
        .await?;
    other.finds_nothing()
}

async fn filter_broken(session: &mut Session) -> Judged {
    let reply = session.find(Kind::Person, "userName eq").await?;
    reply.refuses(&[400])?;
    if reply.scim_type() != Some("invalidFilter") {
        session.warn("the error has no scimType invalidFilter");
    }
    Ok(())
}

async fn projection(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let only = session
        .send(Call::get(made.path()).query("attributes", "userName"))
        .await?;
    only.is(&[200])?.holds("userName", &json!(made.name))?;
    only.holds("id", &json!(made.id))?;
    only.lacks("emails")?;
    only.lacks("name")?;
    let without = session
        .send(Call::get(made.path()).query("excludedAttributes", "emails"))
        .await?;
    without.is(&[200])?.holds("userName", &json!(made.name))?;
    without.lacks("emails")
}

async fn broken_body(session: &mut Session) -> Judged {
    let call = Call::new(Method::POST, ["Users"]).text("{\"schemas\": [");
    let reply = session.send(call).await?;
    reply.refuses(&[400])
}

async fn required(session: &mut Session) -> Judged {
    let sample = session.samples.person();
    let mut body = sample.body();
    if let Some(body) = body.as_object_mut() {
        body.remove("userName");
    }
    let reply = session.send(Call::post(["Users"], body)).await?;
    // What a server makes of it has no name to find it by; its answer tells which one it is.
    if let (200..=299, Ok(id)) = (reply.status, reply.id())
        && reply.at("externalId") == Some(&json!(sample.external_id))
    {
        session.found(Kind::Person, &id, &sample.external_id);
    }
    reply.refuses(&[400])
}

async fn patch_whole(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let operations = json!([
        operation("replace", "displayName", json!("Half a change")),
        operation("move", "displayName", json!("Not an operation")),
    ]);
    let reply = session.try_patch(&made, operations).await?;
    reply.refuses(&[400])?;
    let read = session.read(&made).await?;
    match read.at("displayName") {
        Some(found) if found == "Half a change" => Err(Stop::wrong(
            "`displayName` as it was",
            "the first operation was carried out although the second was refused",
        )),
        _ => Ok(()),
    }
}

async fn wrong_method(session: &mut Session) -> Judged {
    let body = json!({"schemas": [CORE_USER]});
    let reply = session.send(Call::put(["ServiceProviderConfig"], body)).await?;
    reply.refuses(&[405, 501, 403])
}

async fn media_type(session: &mut Session) -> Judged {
    let odd = &session.line.odd_types;
    let Some(first) = odd.first() else {
        return Ok(());
    };
    let came = format!("{first}, and {} more like it", odd.len().saturating_sub(1));
    Err(Stop::wrong("application/scim+json", came))
}
