//! Changing people with the requests that Microsoft Entra sends without any flag: capitalised
//! operations, booleans as text, value paths.
//!
//! Sources: Microsoft Learn "Develop and plan provisioning for a SCIM endpoint", "Known issues and
//! resolutions with SCIM 2.0 protocol compliance".

use serde_json::json;

use crate::Kind;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need};
use crate::scim::self_test::session::{Session, equals, operation};

const MOBILE: &str = "phoneNumbers[type eq \"mobile\"]";
const MOBILE_VALUE: &str = "phoneNumbers[type eq \"mobile\"].value";
const ELEMENT: &str = "When a value path of an Add finds no element, make one from the filter's conditions: \
                       `phoneNumbers[type eq \"mobile\"].value` makes {type: mobile, value: …}.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "entra-user-replace-many",
        title: "Replace many attributes in one request",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[],
        expected: "200 or 204, and every attribute has its new value",
        why: "Entra puts all changes of a person into one request; one that is lost is never sent again.",
        remedy: "Carry out all operations in order, whatever the letter case of `op`.",
        run: |session| Box::pin(replace_many(session)),
    },
    Check {
        id: "entra-user-rename",
        title: "Change the userName",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[],
        expected: "200 or 204; the person is found by the new name and not by the old one",
        why: "People marry and move; the id has to stay and the name to change.",
        remedy: "Take Replace of userName; keep the id.",
        run: |session| Box::pin(rename(session)),
    },
    Check {
        id: "entra-user-disable",
        title: "Disable a person with `active` as text, and enable again",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[],
        expected: "`active` is false, then true; the disabled person is still read and found",
        why: "This is how leavers lose access. \"False\" taken for true leaves them in; a disabled person that \
              is hidden is created a second time.",
        remedy: "Read \"True\" and \"False\" as booleans, and keep disabled people in GET and in filters.",
        run: |session| Box::pin(disable(session)),
    },
    Check {
        id: "entra-user-add-attributes",
        title: "Add attributes that had no value",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[Need::Attribute("title"), Need::Attribute("preferredLanguage")],
        expected: "200 or 204, and the attributes have their values",
        why: "Entra adds what was empty and replaces what was not.",
        remedy: "Treat Add of an attribute with one value as setting it.",
        run: |session| Box::pin(add_attributes(session)),
    },
    Check {
        id: "entra-user-remove-attribute",
        title: "Remove an attribute",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[Need::Attribute("title")],
        expected: "200 or 204, and the attribute has no value",
        why: "What was cleared in the directory stays in the application.",
        remedy: "Take Remove with a path; removing what is not there is a success.",
        run: |session| Box::pin(remove_attribute(session)),
    },
    Check {
        id: "entra-user-add-missing-phone",
        title: "Add a mobile number to a person without one",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[Need::Attribute("phoneNumbers")],
        expected: "200 or 204, and one phone number of type mobile with the value",
        why: "It is in Entra's default mapping; most servers fail here, and then all changes of the person are lost.",
        remedy: ELEMENT,
        run: |session| Box::pin(add_missing_phone(session)),
    },
    Check {
        id: "entra-user-replace-missing-phone",
        title: "Replace a mobile number that is not there",
        group: Group::EntraChanges,
        level: Level::Recommended,
        needs: &[Need::Attribute("phoneNumbers")],
        expected: "200 or 204, and one phone number of type mobile with the value",
        why: "When the application lost the number, Entra still replaces. RFC 7644 asks for 400 noTarget, at \
              which the whole change fails again and again.",
        remedy: ELEMENT,
        run: |session| Box::pin(replace_missing_phone(session)),
    },
    Check {
        id: "entra-user-add-address",
        title: "Add several parts of an address that is not there",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[Need::Attribute("addresses")],
        expected: "200 or 204, and one address of type work that has all parts",
        why: "Entra's default mapping sends each part on its own; several half addresses are worth nothing.",
        remedy: "An operation finds the element that the one before it in the same request has made.",
        run: |session| Box::pin(add_address(session)),
    },
    Check {
        id: "entra-user-add-primary",
        title: "Add a mobile number and mark it as primary",
        group: Group::EntraChanges,
        level: Level::Recommended,
        needs: &[Need::Attribute("phoneNumbers")],
        expected: "one phone number of type mobile with the value, and its `primary` is true",
        why: "Entra sends type, primary (as text) and value as operations of their own.",
        remedy: "An operation finds the element that the one before it has made; \"true\" is a boolean there.",
        run: |session| Box::pin(add_primary(session)),
    },
    Check {
        id: "entra-user-same-attribute",
        title: "Several operations on one attribute",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[],
        expected: "200 or 204, and the last operation decides",
        why: "The operations of a request build on one another (RFC 7644 section 3.5.2).",
        remedy: "Carry out the operations in order, each on the result of the one before.",
        run: |session| Box::pin(same_attribute(session)),
    },
    Check {
        id: "entra-user-different-attributes",
        title: "Add, replace and remove in one request",
        group: Group::EntraChanges,
        level: Level::Required,
        needs: &[Need::Attribute("title"), Need::Attribute("nickName")],
        expected: "200 or 204, and each attribute is as its operation says",
        why: "Entra mixes the operations of one person's change.",
        remedy: "Carry out the operations in order, each on the result of the one before.",
        run: |session| Box::pin(different_attributes(session)),
    },
];

async fn replace_many(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let address = session.samples.person().name;
    let wanted = [
        ("displayName", json!("provost-self-test-changed")),
        ("name.givenName", json!("Charlotte")),
        ("name.familyName", json!("Claes")),
        ("emails[type eq \"work\"].value", json!(address)),
    ];
    let operations = wanted
        .iter()
        .map(|(path, value)| operation("Replace", path, value.clone()))
        .collect();
    session.patch(&made, operations).await?;
    session.confirm(&made, |read| read.holds_all(&wanted)).await
}

async fn rename(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let new = session.samples.person().name;
    session
        .patch(&made, json!([operation("Replace", "userName", json!(new))]))
        .await?;
    session
        .confirm(&made, |read| read.holds("userName", &json!(new)))
        .await?;
    let by_new = session.find(Kind::Person, &equals("userName", &new)).await?;
    by_new.finds(&made.id)?;
    session
        .find(Kind::Person, &equals("userName", &made.name))
        .await?
        .finds_nothing()
}

async fn disable(session: &mut Session) -> Judged {
    let made = session.person().await?;
    for (text, truth) in [("False", false), ("True", true)] {
        session
            .patch(&made, json!([operation("Replace", "active", json!(text))]))
            .await?;
        session
            .confirm(&made, |read| read.holds("active", &json!(truth)))
            .await?;
        let found = session
            .find(Kind::Person, &equals("userName", &made.name))
            .await?;
        found.finds(&made.id)?;
    }
    Ok(())
}

async fn add_attributes(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let wanted = [
        ("title", json!("Sales Engineer")),
        ("preferredLanguage", json!("fr-BE")),
    ];
    let operations = wanted
        .iter()
        .map(|(path, value)| operation("Add", path, value.clone()))
        .collect();
    session.patch(&made, operations).await?;
    session.confirm(&made, |read| read.holds_all(&wanted)).await
}

async fn remove_attribute(session: &mut Session) -> Judged {
    let made = session.person_with(json!({"title": "Sales Engineer"})).await?;
    let operations = json!([{"op": "Remove", "path": "title"}]);
    session.patch(&made, operations.clone()).await?;
    session.confirm(&made, |read| read.lacks("title")).await?;
    // Once more: it is gone already.
    session.patch(&made, operations).await.map(|_| ())
}

async fn one_mobile(session: &mut Session, op: &str) -> Judged {
    let made = session.person().await?;
    let number = json!("+32 470 11 22 44");
    session
        .patch(&made, json!([operation(op, MOBILE_VALUE, number.clone())]))
        .await?;
    session
        .confirm(&made, |read| {
            read.holds(MOBILE_VALUE, &number)?;
            read.count(MOBILE, 1)
        })
        .await
}

async fn add_missing_phone(session: &mut Session) -> Judged {
    one_mobile(session, "Add").await
}

async fn replace_missing_phone(session: &mut Session) -> Judged {
    one_mobile(session, "Replace").await
}

async fn add_address(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let wanted = [
        (
            "addresses[type eq \"work\"].streetAddress",
            json!("Grote Markt 1"),
        ),
        ("addresses[type eq \"work\"].locality", json!("Brussel")),
        ("addresses[type eq \"work\"].postalCode", json!("1000")),
        ("addresses[type eq \"work\"].country", json!("BE")),
    ];
    let operations = wanted
        .iter()
        .map(|(path, value)| operation("Add", path, value.clone()))
        .collect();
    session.patch(&made, operations).await?;
    session
        .confirm(&made, |read| {
            read.count("addresses[type eq \"work\"]", 1)?;
            read.holds_all(&wanted)
        })
        .await
}

async fn add_primary(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let operations = json!([
        operation("Add", &format!("{MOBILE}.type"), json!("mobile")),
        operation("Add", &format!("{MOBILE}.primary"), json!("true")),
        operation("Add", MOBILE_VALUE, json!("+32 470 11 22 44")),
    ]);
    session.patch(&made, operations).await?;
    session
        .confirm(&made, |read| {
            read.count(MOBILE, 1)?;
            read.holds(MOBILE_VALUE, &json!("+32 470 11 22 44"))?;
            read.holds(&format!("{MOBILE}.primary"), &json!(true))
        })
        .await
}

async fn same_attribute(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let last = json!("provost-self-test-second");
    let operations = json!([
        operation("Replace", "displayName", json!("provost-self-test-first")),
        operation("Replace", "displayName", last.clone()),
    ]);
    session.patch(&made, operations).await?;
    session
        .confirm(&made, |read| read.holds("displayName", &last))
        .await
}

async fn different_attributes(session: &mut Session) -> Judged {
    let made = session.person_with(json!({"title": "Sales Engineer"})).await?;
    let operations = json!([
        operation("Add", "nickName", json!("Lot")),
        operation("Replace", "displayName", json!("provost-self-test-mixed")),
        {"op": "Remove", "path": "title"},
    ]);
    session.patch(&made, operations).await?;
    session
        .confirm(&made, |read| {
            read.holds("nickName", &json!("Lot"))?;
            read.holds("displayName", &json!("provost-self-test-mixed"))?;
            read.lacks("title")
        })
        .await
}
