//! Finding, creating and deleting people as Microsoft Entra does.
//!
//! Source: Microsoft Learn "Develop and plan provisioning for a SCIM endpoint" and the cases of its
//! SCIM validator.

use serde_json::json;

use crate::Kind;
use crate::scim::ENTERPRISE;
use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need};
use crate::scim::self_test::session::{Session, equals};

const FILTER: &str =
    "Compare userName without regard to letter case, and answer 200 with a list, also an empty one.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "entra-connection",
        title: "Test Connection: search for a person who does not exist",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with an empty list",
        why: "Entra cannot save the connection otherwise, and quarantines a job whose searches get 404.",
        remedy: "Answer 200 with totalResults 0 and an empty Resources when a filter matches nobody.",
        run: |session| Box::pin(connection(session)),
    },
    Check {
        id: "entra-user-create",
        title: "Create a person",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "201 with the person as it was sent, values unchanged, and an id",
        why: "Entra keeps the id for ever and compares what it wrote with what it reads.",
        remedy: "Store values as they come (no other phone format, no other letter case), ignore `meta`, and \
                 answer 201 with the whole person.",
        run: |session| Box::pin(create(session)),
    },
    Check {
        id: "entra-user-create-text-active",
        title: "Create a person with `active` as text",
        group: Group::EntraPeople,
        level: Level::Recommended,
        needs: &[],
        expected: "201, and `active` is true, not a text",
        why: "Without its flag, Entra writes booleans as \"True\" and \"False\".",
        remedy: "Read \"True\" and \"False\" in any letter case as booleans where the attribute is boolean.",
        run: |session| Box::pin(create_text_active(session)),
    },
    Check {
        id: "entra-user-create-nulls",
        title: "Create a person with null and an extension that is not in schemas",
        group: Group::EntraPeople,
        level: Level::Recommended,
        needs: &[Need::Attribute("department")],
        expected: "201; null is no value, and the extension's values are kept",
        why: "Entra sends null members now and then, and does not name custom extensions in `schemas`.",
        remedy: "Take null for no value, and extensions for what they are even when `schemas` leaves them out.",
        run: |session| Box::pin(create_nulls(session)),
    },
    Check {
        id: "entra-user-duplicate",
        title: "Refuse a second person of the same userName",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "409 with a SCIM error body",
        why: "Two accounts for one person: changes, and the end of the employment, reach only one of them.",
        remedy: "Answer 409 with scimType uniqueness when the userName is taken in any letter case.",
        run: |session| Box::pin(duplicate(session)),
    },
    Check {
        id: "entra-user-filter",
        title: "Find a person by userName",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with exactly this person",
        why: "Entra searches before every create; a filter that is not applied links the wrong account.",
        remedy: FILTER,
        run: |session| Box::pin(filter(session)),
    },
    Check {
        id: "entra-user-filter-missing",
        title: "Find nobody by a userName that nobody has",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with an empty list",
        why: "A 404 here sends the job into quarantine; a full list links people to the wrong accounts.",
        remedy: FILTER,
        run: |session| Box::pin(filter_missing(session)),
    },
    Check {
        id: "entra-user-filter-case",
        title: "Find a person by userName in another letter case",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "200 with exactly this person",
        why: "userName is not case exact (RFC 7643 section 8.7.1): the create that follows would get 409 for ever.",
        remedy: FILTER,
        run: |session| Box::pin(filter_case(session)),
    },
    Check {
        id: "entra-user-filter-external-id",
        title: "Find a person by externalId",
        group: Group::EntraPeople,
        level: Level::Recommended,
        needs: &[],
        expected: "200 with exactly this person, and nobody for another value",
        why: "It is a common matching attribute, because it outlives a change of name.",
        remedy: "Keep externalId as it was sent and support `externalId eq`.",
        run: |session| Box::pin(filter_external_id(session)),
    },
    Check {
        id: "entra-user-filter-email",
        title: "Find a person by work address",
        group: Group::EntraPeople,
        level: Level::Recommended,
        needs: &[Need::Attribute("emails")],
        expected: "200 with exactly this person",
        why: "When an administrator matches by mail, Entra asks `emails[type eq \"work\"].value eq …`, which the \
              grammar of RFC 7644 does not have.",
        remedy: "Understand a value path with a sub-attribute behind it on the left of a comparison.",
        run: |session| Box::pin(filter_email(session)),
    },
    Check {
        id: "entra-user-delete",
        title: "Delete a person",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "204, then 404 to reading it and an empty list to searching it",
        why: "A person deleted in Entra keeps the account.",
        remedy: "Answer DELETE with 204; afterwards the id and the name are unknown, and the name is free.",
        run: |session| Box::pin(delete(session)),
    },
    Check {
        id: "entra-user-delete-twice",
        title: "Delete a person a second time",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "404 with a SCIM error body",
        why: "Entra repeats a delete whose answer was lost; 404 tells it that there is nothing left to do.",
        remedy: "Answer 404 with an error body when the id is not known any more.",
        run: |session| Box::pin(delete_twice(session)),
    },
    Check {
        id: "entra-user-delete-unknown",
        title: "Delete a person who never existed",
        group: Group::EntraPeople,
        level: Level::Required,
        needs: &[],
        expected: "404 with a SCIM error body",
        why: "A server that answers 204 to everything hides that Entra holds a wrong id.",
        remedy: "Answer 404 with an error body.",
        run: |session| Box::pin(delete_unknown(session)),
    },
];

async fn connection(session: &mut Session) -> Judged {
    let nobody = uuid::Uuid::now_v7().to_string();
    session
        .find(Kind::Person, &equals("userName", &nobody))
        .await?
        .finds_nothing()
}

async fn create(session: &mut Session) -> Judged {
    let sample = session.samples.person();
    let mut body = sample.entra_body();
    let reply = session.send(Call::post(["Users"], body.clone())).await?;
    reply.is(&[201])?;
    let made = session.made_by(&reply, &sample).await?;
    let mut kept = vec![
        ("userName", json!(sample.name)),
        ("displayName", body["displayName"].take()),
        ("active", json!(true)),
        ("name.givenName", json!("Lotte")),
        ("name.familyName", json!("Maes")),
        ("emails[type eq \"work\"].value", json!(sample.name)),
    ];
    if session.known.lacks(Need::Attribute("phoneNumbers")).is_none() {
        kept.push(("phoneNumbers[type eq \"work\"].value", json!("+32 2 123 45 67")));
    }
    if session.known.lacks(Need::Attribute("department")).is_none() {
        kept.push((DEPARTMENT, json!("Field")));
    }
    reply.holds_all(&kept)?;
    if reply.at("externalId") != Some(&json!(sample.external_id)) {
        session.warn("`externalId` is not kept: people cannot be matched by it");
    }
    session.confirm(&made, |read| read.holds_all(&kept)).await
}

const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";

async fn create_text_active(session: &mut Session) -> Judged {
    let made = session.person_with(json!({"active": "True"})).await?;
    session
        .confirm(&made, |read| read.holds("active", &json!(true)))
        .await
}

async fn create_nulls(session: &mut Session) -> Judged {
    let more =
        json!({"title": null, "nickName": null, ENTERPRISE: {"department": "Field", "division": null}});
    let made = session.person_with(more).await?;
    session
        .confirm(&made, |read| {
            read.lacks("title")?;
            read.holds(DEPARTMENT, &json!("Field"))
        })
        .await
}

async fn duplicate(session: &mut Session) -> Judged {
    let sample = session.samples.person();
    let first = session.send(Call::post(["Users"], sample.body())).await?;
    session.made_by(&first, &sample).await?;
    let mut body = sample.body();
    body["userName"] = json!(sample.name.to_ascii_uppercase());
    for body in [sample.body(), body] {
        let reply = session.send(Call::post(["Users"], body)).await?;
        reply.refuses(&[409])?;
        if reply.scim_type() != Some("uniqueness") {
            session.warn("the error has no scimType uniqueness");
        }
    }
    Ok(())
}

async fn filter(session: &mut Session) -> Judged {
    let made = session.person().await?;
    // A second one, so that a filter that is not looked at shows.
    session.person().await?;
    session
        .find(Kind::Person, &equals("userName", &made.name))
        .await?
        .finds(&made.id)
}

async fn filter_missing(session: &mut Session) -> Judged {
    session.person().await?;
    let nobody = session.samples.person();
    session
        .find(Kind::Person, &equals("userName", &nobody.name))
        .await?
        .finds_nothing()
}

async fn filter_case(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let shouted = made.name.to_ascii_uppercase();
    session
        .find(Kind::Person, &equals("userName", &shouted))
        .await?
        .finds(&made.id)
}

async fn filter_external_id(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let found = session
        .find(Kind::Person, &equals("externalId", &made.external_id))
        .await?;
    found.finds(&made.id)?;
    let other = session.samples.person().external_id;
    session
        .find(Kind::Person, &equals("externalId", &other))
        .await?
        .finds_nothing()
}

async fn filter_email(session: &mut Session) -> Judged {
    let made = session.person().await?;
    session
        .find(
            Kind::Person,
            &equals("emails[type eq \"work\"].value", &made.name),
        )
        .await?
        .finds(&made.id)
}

async fn delete(session: &mut Session) -> Judged {
    let made = session.person().await?;
    session.send(Call::delete(made.path())).await?.is(&[204])?;
    session.read(&made).await?.refuses(&[404])?;
    session
        .find(Kind::Person, &equals("userName", &made.name))
        .await?
        .finds_nothing()
}

async fn delete_twice(session: &mut Session) -> Judged {
    let made = session.person().await?;
    session.send(Call::delete(made.path())).await?.is(&[204])?;
    session.send(Call::delete(made.path())).await?.refuses(&[404])
}

async fn delete_unknown(session: &mut Session) -> Judged {
    let id = uuid::Uuid::now_v7().to_string();
    session.send(Call::delete(["Users", &id])).await?.refuses(&[404])
}
