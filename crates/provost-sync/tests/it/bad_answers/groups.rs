//! Groups and their members: what cannot be written is left alone, what is there already is success.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::{Effect, Simulator};
use serde_json::{Value, json};

const ADD: &str = "POST /groups/*/members/$ref";
const UPSERT: &str = "PATCH /groups/()";

fn plant(simulator: &Simulator, more: Value) {
    let mut group = json!({
        "displayName": "Sales", "mailNickname": "Sales", "mailEnabled": false, "securityEnabled": true, "groupTypes": []
    });
    group
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    simulator.plant_group(group).unwrap();
}

/// A group of the same name is there that cannot be written.
fn read_only(name: &str, plant: fn(&Simulator)) -> Case {
    Case::new(name)
        .plant(plant)
        .holds("ann Clerk SPE_E3 under bob, bob; Sales: ")
        .told(Place::Doubt, "Sales", "PRV-GROUP-NAME")
}

pub fn cases() -> Vec<Case> {
    let three = "ann Clerk SPE_E3 under bob, bob, cid; Sales: ann bob cid";
    vec![
        Case::new("the members are there already").strike_after(
            "PATCH /groups/*",
            1,
            1,
            Effect::answer_after("member_exists"),
        ),
        Case::new("the member is there already")
            .then(Change::Join)
            .answer_after(ADD, 1, "member_exists")
            .holds(three),
        Case::new("the member was taken out already")
            .then(Change::OutOfGroup)
            .answer_after("DELETE /groups/*/members/*/$ref", 1, "member_missing")
            .holds(&WHOLE.replace(": ann bob", ": ann")),
        Case::new("the member was taken out already, in other words")
            .then(Change::OutOfGroup)
            .answer_after("DELETE /groups/*/members/*/$ref", 1, "not_found")
            .holds(&WHOLE.replace(": ann bob", ": ann")),
        Case::new("the members may not be written")
            .then(Change::Join)
            .always(ADD, "denied")
            .holds("ann Clerk SPE_E3 under bob, bob, cid; Sales: ann bob")
            .told(Place::Retry, "Sales", "PRV-CONNECT-FORBIDDEN")
            .mended(three),
        Case::new("the group became mail-enabled")
            .then(Change::Join)
            .always(ADD, "read_only_kind")
            .holds("ann Clerk SPE_E3 under bob, bob, cid; Sales: ann bob")
            .told(Place::Retry, "Sales", "PRV-CONNECT-FORBIDDEN")
            .mended(three),
        Case::new("the group may not be changed any more")
            .then(Change::RenameGroup)
            .always("PATCH /groups/*", "denied")
            .told(Place::Failed, "Selling", "PRV-CONNECT-FORBIDDEN")
            .mended(&WHOLE.replace("Sales", "Selling")),
        Case::new("the group may not be created")
            .always(UPSERT, "denied")
            .holds("ann Clerk SPE_E3 under bob, bob; ")
            .told(Place::Failed, "Sales", "PRV-CONNECT-FORBIDDEN"),
        Case::new("the group's nickname is taken")
            .always(UPSERT, "nickname_taken")
            .holds("ann Clerk SPE_E3 under bob, bob; ")
            .told(Place::Failed, "Sales", "PRV-CONNECT-CONFLICT"),
        Case::new("too many groups, or owners")
            .always(UPSERT, "quota_exceeded")
            .holds("ann Clerk SPE_E3 under bob, bob; ")
            .told(Place::Failed, "Sales", "PRV-CONNECT-QUOTA"),
        Case::new("the group is created, and then 503").answer_after(UPSERT, 1, "unavailable"),
        Case::new("the group is created, but the answer is lost").strike(
            UPSERT,
            1,
            Effect::Drop { after: true },
        ),
        Case::new("a group of the name is there")
            .plant(|tenant| plant(tenant, json!({})))
            .holds("ann Clerk SPE_E3 under bob, bob; Sales: ")
            .told(Place::Doubt, "Sales", "PRV-GROUP-NAME"),
        read_only("a distribution list of the name is there", |tenant| {
            plant(tenant, json!({"mailEnabled": true, "securityEnabled": false}));
        }),
        read_only("a mail-enabled security group of the name is there", |tenant| {
            plant(tenant, json!({"mailEnabled": true}));
        }),
        read_only("a dynamic group of the name is there", |tenant| {
            plant(
                tenant,
                json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.jobTitle -eq \"Clerk\""}),
            );
        }),
        read_only("a synchronised group of the name is there", |tenant| {
            plant(tenant, json!({"onPremisesSyncEnabled": true}));
        }),
        Case::new("two groups of the name are there")
            .plant(|tenant| {
                plant(tenant, json!({}));
                plant(tenant, json!({"mailNickname": "Sales2"}));
            })
            .holds("ann Clerk SPE_E3 under bob, bob; Sales: , Sales: ")
            .told(Place::Doubt, "Sales", "PRV-MATCH-SEVERAL"),
    ]
}
