//! The shapes of Entra's flag `aadOptscim062020`, which brings its requests closer to RFC 7644.
//!
//! Source: Microsoft Learn "Known issues and resolutions with SCIM 2.0 protocol compliance of the
//! Microsoft Entra user provisioning service".

use serde_json::{Value, json};

use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::session::{Session, operation, patch_body};

const WHY: &str =
    "An administrator may switch the flag on at any time, and it is announced as the future default.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "entra-flag-tolerated",
        title: "Pass over the flag in the query",
        group: Group::EntraFlag,
        level: Level::Required,
        needs: &[],
        expected: "the same answer as without it",
        why: WHY,
        remedy: "Pass over query parameters that you do not know (RFC 7644 section 3.4.2).",
        run: |session| Box::pin(tolerated(session)),
    },
    Check {
        id: "entra-flag-disable",
        title: "Disable a person with a boolean",
        group: Group::EntraFlag,
        level: Level::Required,
        needs: &[],
        expected: "200 or 204, and `active` is false",
        why: "This is how leavers lose access with the flag.",
        remedy: "Take `replace` of `active` with false.",
        run: |session| Box::pin(disable(session)),
    },
    Check {
        id: "entra-flag-paths-in-value",
        title: "Replace several attributes with paths as keys",
        group: Group::EntraFlag,
        level: Level::Recommended,
        needs: &[Need::Attribute("employeeNumber")],
        expected: "200 or 204, and each key was taken for a path: `name.familyName`, `urn:…:employeeNumber`",
        why: WHY,
        remedy: "In an operation without `path`, take every key of the value for an attribute path.",
        run: |session| Box::pin(paths_in_value(session)),
    },
    Check {
        id: "entra-flag-add-missing-phone",
        title: "Add a mobile number to a person without one",
        group: Group::EntraFlag,
        level: Level::Required,
        needs: &[Need::Attribute("phoneNumbers")],
        expected: "200 or 204, and one phone number of type mobile with the value",
        why: "The flag does not change this shape.",
        remedy: "When a value path of an add finds no element, make one from the filter's conditions.",
        run: |session| Box::pin(add_missing_phone(session)),
    },
    Check {
        id: "entra-flag-roles",
        title: "Add roles as a proper list",
        group: Group::EntraFlag,
        level: Level::Recommended,
        needs: &[Need::Attribute("roles")],
        expected: "200 or 204, and the role is there with value and display",
        why: WHY,
        remedy: "Take `add` of a list of roles with value, display and primary.",
        run: |session| Box::pin(roles(session)),
    },
];

async fn flagged(session: &mut Session, made: &Made, operations: Value) -> Judged {
    let call = Call::patch(made.path(), patch_body(operations)).flagged();
    session.send(call).await?.is(&[200, 204])?;
    Ok(())
}

async fn tolerated(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let read = session.send(Call::get(made.path()).flagged()).await?;
    read.is(&[200])?.holds("userName", &json!(made.name))
}

async fn disable(session: &mut Session) -> Judged {
    let made = session.person().await?;
    flagged(
        session,
        &made,
        json!([operation("replace", "active", json!(false))]),
    )
    .await?;
    session
        .confirm(&made, |read| read.holds("active", &json!(false)))
        .await
}

async fn paths_in_value(session: &mut Session) -> Judged {
    const NUMBER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";
    let made = session.person().await?;
    let wanted = [
        ("displayName", json!("provost-self-test-flag")),
        ("name.familyName", json!("Claes")),
        (NUMBER, json!("0043")),
    ];
    let value: Value = wanted
        .iter()
        .map(|(path, value)| ((*path).to_owned(), value.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    flagged(session, &made, json!([{"op": "replace", "value": value}])).await?;
    session
        .confirm(&made, |read| {
            read.holds_all(&wanted)?;
            // The rest of the name is still there.
            read.holds("name.givenName", &json!("Lotte"))
        })
        .await
}

async fn add_missing_phone(session: &mut Session) -> Judged {
    const PATH: &str = "phoneNumbers[type eq \"mobile\"].value";
    let made = session.person().await?;
    let number = json!("+32 470 11 22 44");
    flagged(session, &made, json!([operation("add", PATH, number.clone())])).await?;
    session
        .confirm(&made, |read| {
            read.holds(PATH, &number)?;
            read.count("phoneNumbers[type eq \"mobile\"]", 1)
        })
        .await
}

async fn roles(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let value = json!([{"value": "Editor", "display": "Editor", "type": "WindowsAzureActiveDirectoryRole", "primary": false}]);
    flagged(session, &made, json!([operation("add", "roles", value)])).await?;
    session
        .confirm(&made, |read| {
            read.holds("roles[value eq \"Editor\"].display", &json!("Editor"))
        })
        .await
}
