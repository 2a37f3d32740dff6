//! Groups: matched without their members, filled and emptied one by one, never wiped.

use crate::service::harness::both;
use crate::service::http::{Client, GROUP};
use serde_json::{Value, json};

fn crew() -> Value {
    json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0", "displayName": "Crew", "meta": {"resourceType": "Group"},
    })
}

fn created(client: &Client) -> String {
    client.make("/Groups", &crew())
}

fn listed(ids: &[&String]) -> Value {
    ids.iter().map(|id| json!({"$ref": null, "value": id})).collect()
}

both! {
    fn a_group_is_created_with_the_extra_schema_and_without_members(hub) {
        let answer = hub.entra.post("/Groups", &crew());
        assert_eq!(answer.status, 201, "{}", answer.text);
        let body = answer.json();
        assert_eq!((&body["displayName"], &body["externalId"], &body["schemas"]), (&json!("Crew"), &json!("8aa1a0c0"), &json!([GROUP])));
        assert!(body.get("members").is_none_or(|members| members == &json!([])));
        let (kind, detail) = hub.entra.post("/Groups", &crew()).error(409);
        assert!(kind == "uniqueness" && detail.contains("displayName"), "{detail}");
    }

    fn a_group_is_matched_and_read_without_its_members(hub) {
        let ids = hub.entra.people(2);
        let group = created(&hub.entra);
        hub.entra.patch(&format!("/Groups/{group}"), json!([{"op": "Add", "path": "members", "value": listed(&[&ids[0], &ids[1]])}]));
        for filter in [r#"displayName eq "Crew""#, r#"displayName eq "CREW""#, r#"externalId eq "8aa1a0c0""#] {
            let found = hub.entra.find("/Groups", filter, "&excludedAttributes=members");
            assert_eq!((found.len(), &found[0]["id"], found[0].get("members")), (1, &json!(group), None), "{filter}");
        }
        let list = hub.entra.read(&format!("/Groups?excludedAttributes=members&filter={}", crate::service::http::encoded(r#"displayName eq "Crew""#)));
        assert_eq!((&list["totalResults"], list["Resources"][0].get("members")), (&json!(1), None));
        let read = hub.entra.read(&format!("/Groups/{group}?excludedAttributes=members"));
        assert_eq!((&read["displayName"], read.get("members")), (&json!("Crew"), None));
        assert!(hub.entra.find("/Groups", r#"displayName eq "Nobody""#, "&excludedAttributes=members").is_empty());
    }

    fn members_come_several_at_a_time_and_leave_one_by_one(hub) {
        let ids = hub.entra.people(4);
        let group = created(&hub.entra);
        let path = format!("/Groups/{group}");
        let answer = hub.entra.patch(&path, json!([{"op": "Add", "path": "members", "value": listed(&[&ids[0], &ids[1], &ids[2]])}]));
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "the members are not sent back");
        hub.entra.patch(&path, json!([{"op": "Add", "path": "members", "value": listed(&[&ids[2], &ids[3]])}]));
        assert_eq!(hub.entra.members(&group), ids, "who is in already stays in");
        hub.entra.patch(&path, json!([{"op": "Remove", "path": "members", "value": listed(&[&ids[0]])}]));
        assert_eq!(hub.entra.members(&group), ids[1..], "one leaves, not everybody");
        hub.entra.patch(&path, json!([{"op": "Remove", "path": "members", "value": listed(&[&ids[0], &ids[1]])}]));
        assert_eq!(hub.entra.members(&group), ids[2..], "who is out already stays out");
        hub.entra.patch(&path, json!([{"op": "Remove", "path": "members", "value": []}]));
        assert_eq!(hub.entra.members(&group), ids[2..], "an empty list removes nobody");
    }

    fn several_operations_come_in_one_request(hub) {
        let ids = hub.entra.people(3);
        let group = created(&hub.entra);
        let path = format!("/Groups/{group}");
        hub.entra.patch(&path, json!([
            {"op": "Replace", "path": "displayName", "value": "Team"},
            {"op": "Add", "path": "members", "value": listed(&[&ids[0], &ids[1]])},
            {"op": "Add", "path": "members", "value": listed(&[&ids[2]])},
            {"op": "Remove", "path": "members", "value": listed(&[&ids[1]])},
            {"op": "Replace", "path": "externalId", "value": "9bb2"},
        ]));
        let read = hub.entra.read(&path);
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("Team"), &json!("9bb2")));
        assert_eq!(hub.entra.members(&group), [ids[0].clone(), ids[2].clone()]);
    }

    fn a_group_is_renamed_and_keeps_its_members(hub) {
        let ids = hub.entra.people(2);
        let group = created(&hub.entra);
        let path = format!("/Groups/{group}");
        hub.entra.patch(&path, json!([{"op": "Add", "path": "members", "value": listed(&[&ids[0], &ids[1]])}]));
        let answer = hub.entra.patch(&path, json!([{"op": "Replace", "path": "displayName", "value": "Team"}]));
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!((&hub.entra.read(&path)["displayName"], hub.entra.members(&group)), (&json!("Team"), ids));
        let other = hub.entra.make("/Groups", &json!({"displayName": "Other"}));
        let taken = hub.entra.try_patch(&format!("/Groups/{other}"), json!([{"op": "Replace", "path": "displayName", "value": "TEAM"}]));
        assert_eq!(taken.error(409).0, "uniqueness");
    }

    fn membership_is_asked_about_without_reading_the_members(hub) {
        let ids = hub.entra.people(2);
        let group = created(&hub.entra);
        hub.entra.patch(&format!("/Groups/{group}"), json!([{"op": "Add", "path": "members", "value": listed(&[&ids[0]])}]));
        for attribute in ["members", "members.value"] {
            for (member, expected) in [(&ids[0], 1), (&ids[1], 0)] {
                let probe = format!(r#"id eq "{group}" and {attribute} eq "{member}""#);
                let found = hub.entra.find("/Groups", &probe, "&attributes=id");
                assert_eq!(found.len(), expected, "{probe}");
                assert!(found.iter().all(|each| each.get("members").is_none() && each.get("displayName").is_none()));
            }
        }
    }

    fn a_member_whom_nobody_knows_changes_nothing(hub) {
        let ids = hub.entra.people(1);
        let group = created(&hub.entra);
        let path = format!("/Groups/{group}");
        let stranger = "018f0000-0000-7000-8000-000000000000".to_owned();
        hub.entra.patch(&path, json!([{"op": "Add", "path": "members", "value": listed(&[&ids[0]])}]));
        let (kind, detail) = hub.entra.try_patch(&path, json!([{"op": "Add", "path": "members", "value": listed(&[&stranger])}])).error(400);
        assert!(kind == "invalidValue" && detail.contains(&stranger), "{detail}");
        hub.entra.patch(&path, json!([{"op": "Remove", "path": "members", "value": listed(&[&stranger])}]));
        assert_eq!(hub.entra.members(&group), ids);
    }

    fn a_deleted_group_is_gone(hub) {
        let group = created(&hub.entra);
        let path = format!("/Groups/{group}");
        assert_eq!(hub.entra.delete(&path).status, 204);
        hub.entra.get(&path).error(404);
        hub.entra.delete(&path).error(404);
        assert!(hub.entra.ids("/Groups", r#"displayName eq "Crew""#).is_empty());
        created(&hub.entra);
    }
}
