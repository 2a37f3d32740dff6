//! Managers and roles as Microsoft Entra writes them.
//!
//! Sources: Microsoft Learn "Develop and plan provisioning for a SCIM endpoint", "Customize
//! user provisioning attribute mappings", and the cases of its SCIM validator.

use serde_json::{Value, json};

use crate::Kind;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need, Stop};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::session::{Session, operation};
use crate::scim::{CORE_USER, ENTERPRISE};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const MANAGER_ID: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
const WHY: &str =
    "Managers are in Entra's default mapping; a refusal fails all other changes of the person too.";
const FORMS: &str =
    "Take a manager as a bare id, as an object and as a list of one object; \"\" and null remove it.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "entra-manager-add",
        title: "Add a manager by its bare id",
        group: Group::EntraManager,
        level: Level::Required,
        needs: &[Need::Attribute("manager")],
        expected: "200 or 204, and `manager.value` is the manager's id",
        why: WHY,
        remedy: FORMS,
        run: |session| Box::pin(add(session)),
    },
    Check {
        id: "entra-manager-replace",
        title: "Replace the manager",
        group: Group::EntraManager,
        level: Level::Required,
        needs: &[Need::Attribute("manager")],
        expected: "200 or 204, and `manager.value` is the other manager's id",
        why: WHY,
        remedy: FORMS,
        run: |session| Box::pin(replace(session)),
    },
    Check {
        id: "entra-manager-remove",
        title: "Remove the manager with an empty text",
        group: Group::EntraManager,
        level: Level::Required,
        needs: &[Need::Attribute("manager")],
        expected: "200 or 204, and there is no manager",
        why: WHY,
        remedy: FORMS,
        run: |session| Box::pin(remove_by_empty(session)),
    },
    Check {
        id: "entra-manager-remove-operation",
        title: "Remove the manager with Remove",
        group: Group::EntraManager,
        level: Level::Required,
        needs: &[Need::Attribute("manager")],
        expected: "200 or 204, and there is no manager",
        why: WHY,
        remedy: FORMS,
        run: |session| Box::pin(remove(session)),
    },
    Check {
        id: "entra-manager-list",
        title: "Add a manager as a list of one, and by the short path",
        group: Group::EntraManager,
        level: Level::Recommended,
        needs: &[Need::Attribute("manager")],
        expected: "200 or 204 for both, and `manager.value` is the manager's id",
        why: "Entra sends one or the other form, by how old the connection is.",
        remedy: FORMS,
        run: |session| Box::pin(list(session)),
    },
    Check {
        id: "entra-manager-probe",
        title: "Ask whether a person has this manager",
        group: Group::EntraManager,
        level: Level::Recommended,
        needs: &[Need::Attribute("manager")],
        expected: "one result for the manager, none for another one",
        why: "Entra asks this before it sets a manager.",
        remedy: "Support `id eq … and manager eq …`, which compares the manager's `value`.",
        run: |session| Box::pin(probe(session)),
    },
    Check {
        id: "entra-roles-text",
        title: "Add a role whose value is JSON in a text",
        group: Group::EntraManager,
        level: Level::Recommended,
        needs: &[Need::Attribute("roles")],
        expected: "200 or 204, and the role's `value` is the text as it was sent",
        why: "This is how Entra sends app roles without its flag.",
        remedy: "Store the text as it is.",
        run: |session| Box::pin(roles_text(session)),
    },
    Check {
        id: "entra-roles-primary",
        title: "Add the primary role with \"True\" in the path",
        group: Group::EntraManager,
        level: Level::Recommended,
        needs: &[Need::Attribute("roles")],
        expected: "200 or 204, and one role that is primary with the value",
        why: "Mappings of a single app role are written as `roles[primary eq \"True\"].value`.",
        remedy: "Compare booleans with \"True\" and \"False\" in filters, and make the element when there is none.",
        run: |session| Box::pin(roles_primary(session)),
    },
];

async fn add(session: &mut Session) -> Judged {
    let boss = session.person().await?;
    let made = session.person().await?;
    let wanted = json!(boss.id);
    session
        .patch(&made, json!([operation("Add", MANAGER, wanted.clone())]))
        .await?;
    session
        .confirm(&made, |read| read.holds(MANAGER_ID, &wanted))
        .await
}

async fn replace(session: &mut Session) -> Judged {
    let boss = session.person().await?;
    let other = session.person().await?;
    let made = session.person().await?;
    for manager in [&boss, &other] {
        let wanted = json!(manager.id);
        session
            .patch(&made, json!([operation("Replace", MANAGER, wanted.clone())]))
            .await?;
        session
            .confirm(&made, |read| read.holds(MANAGER_ID, &wanted))
            .await?;
    }
    Ok(())
}

/// A person with this manager from the beginning, so that one form that is not understood fails one check.
async fn managed_by(session: &mut Session, boss: &Made) -> Judged<Made> {
    let more = json!({"schemas": [CORE_USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": boss.id}}});
    session.person_with(more).await
}

/// Takes a manager away with this operation.
async fn away(session: &mut Session, removal: Value) -> Judged {
    let boss = session.person().await?;
    let made = managed_by(session, &boss).await?;
    session.patch(&made, json!([removal])).await?;
    session.confirm(&made, |read| read.lacks(MANAGER)).await
}

async fn remove_by_empty(session: &mut Session) -> Judged {
    away(session, operation("Replace", MANAGER, json!(""))).await
}

async fn remove(session: &mut Session) -> Judged {
    away(session, json!({"op": "Remove", "path": MANAGER})).await
}

async fn list(session: &mut Session) -> Judged {
    let boss = session.person().await?;
    let value = json!([{"$ref": format!("../Users/{}", boss.id), "value": boss.id}]);
    for (path, value) in [(MANAGER, value), ("manager", json!(boss.id))] {
        let made = session.person().await?;
        session
            .patch(&made, json!([operation("Add", path, value)]))
            .await?;
        session
            .confirm(&made, |read| read.holds(MANAGER_ID, &json!(boss.id)))
            .await?;
    }
    Ok(())
}

async fn probe(session: &mut Session) -> Judged {
    let boss = session.person().await?;
    let other = session.person().await?;
    let made = managed_by(session, &boss).await?;
    let ask = |manager: &str| format!("id eq {} and manager eq {}", json!(made.id), json!(manager));
    session
        .find(Kind::Person, &ask(&boss.id))
        .await?
        .finds(&made.id)?;
    session.find(Kind::Person, &ask(&other.id)).await?.finds_nothing()
}

async fn roles_text(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let text = json!({"id": "0001", "value": "Editor", "displayName": "Editor"}).to_string();
    let value = json!([{"value": text}]);
    session
        .patch(&made, json!([operation("Add", "roles", value)]))
        .await?;
    session
        .confirm(&made, |read| {
            let kept = read.at("roles").and_then(Value::as_array).is_some_and(|roles| {
                roles
                    .iter()
                    .any(|role| role.get("value").and_then(Value::as_str) == Some(text.as_str()))
            });
            match kept {
                true => Ok(()),
                false => Err(Stop::wrong("the text as a role's value", "it is not there")),
            }
        })
        .await
}

async fn roles_primary(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let path = "roles[primary eq \"True\"].value";
    session
        .patch(&made, json!([operation("Add", path, json!("Editor"))]))
        .await?;
    session
        .confirm(&made, |read| {
            read.count("roles[primary eq true]", 1)?;
            read.holds("roles[primary eq true].value", &json!("Editor"))
        })
        .await
}
