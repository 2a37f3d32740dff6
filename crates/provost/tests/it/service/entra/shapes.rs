//! The shapes that a PATCH for a person comes in without a flag.

use super::created;
use crate::service::harness::both;
use crate::service::http::ENTERPRISE;
use serde_json::{Value, json};

fn entries(read: &Value, attribute: &str, kind: &str) -> Vec<Value> {
    let all = read[attribute].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|each| each["type"] == kind).collect()
}

both! {
    fn an_entry_that_is_missing_is_made(hub) {
        let path = created(&hub.entra);
        for (op, attribute, kind, sub, value) in [
            ("Add", "phoneNumbers", "mobile", "value", "+32470"), ("Add", "phoneNumbers", "work", "value", "+322"),
            ("Replace", "phoneNumbers", "fax", "value", "+329"), ("Add", "emails", "home", "value", "l@home.example"),
            ("Add", "addresses", "work", "streetAddress", "Kaai 1"), ("Add", "addresses", "work", "postalCode", "2000"),
        ] {
            hub.entra.patch(&path, json!([{"op": op, "path": format!("{attribute}[type eq \"{kind}\"].{sub}"), "value": value}]));
            let found = entries(&hub.entra.read(&path), attribute, kind);
            assert_eq!((found.len(), &found[0][sub]), (1, &json!(value)), "{attribute} {kind}");
        }
        let address = entries(&hub.entra.read(&path), "addresses", "work");
        assert_eq!(address, [json!({"type": "work", "streetAddress": "Kaai 1", "postalCode": "2000"})]);
    }

    fn several_operations_on_one_new_entry_make_one(hub) {
        let path = created(&hub.entra);
        hub.entra.patch(&path, json!([
            {"op": "Add", "path": r#"emails[type eq "other"].type"#, "value": "other"},
            {"op": "Add", "path": r#"emails[type eq "other"].primary"#, "value": "true"},
            {"op": "Add", "path": r#"emails[type eq "other"].value"#, "value": "o@contoso.example"},
        ]));
        let read = hub.entra.read(&path);
        assert_eq!(entries(&read, "emails", "other"), [json!({"type": "other", "primary": true, "value": "o@contoso.example"})]);
        assert_ne!(entries(&read, "emails", "work")[0]["primary"], true, "there is one primary address");
    }

    fn a_changed_number_leaves_the_others_alone(hub) {
        let path = created(&hub.entra);
        hub.entra.patch(&path, json!([{"op": "Add", "path": "phoneNumbers", "value": [{"type": "work", "value": "+322"}, {"type": "mobile", "value": "+32470"}]}]));
        hub.entra.patch(&path, json!([{"op": "Replace", "path": r#"phoneNumbers[type eq "mobile"].value"#, "value": "+32471"}]));
        let read = hub.entra.read(&path);
        assert_eq!(read["phoneNumbers"], json!([{"type": "work", "value": "+322"}, {"type": "mobile", "value": "+32471"}]));
        hub.entra.patch(&path, json!([{"op": "Remove", "path": r#"phoneNumbers[type eq "mobile"].value"#}]));
        assert!(entries(&hub.entra.read(&path), "phoneNumbers", "mobile").iter().all(|each| each.get("value").is_none()));
        assert_eq!(entries(&hub.entra.read(&path), "phoneNumbers", "work").len(), 1);
    }

    fn a_manager_is_given_in_every_form_and_taken_away_in_each(hub) {
        let path = created(&hub.entra);
        let boss = hub.entra.make("/Users", &json!({"userName": "boss@contoso.example"}));
        let long = format!("{ENTERPRISE}:manager");
        let given = [
            json!([{"op": "Add", "path": long, "value": boss}]),
            json!([{"op": "Replace", "path": long, "value": boss}]),
            json!([{"op": "Add", "path": "manager", "value": boss}]),
            json!([{"op": "Add", "path": long, "value": [{"$ref": null, "value": boss}]}]),
            json!([{"op": "Add", "path": long, "value": [{"$ref": format!("http://{}/scim/v2/Users/{boss}", hub.entra.host()), "value": boss}]}]),
            json!([{"op": "Add", "path": long, "value": {"value": boss}}]),
            json!([{"op": "Replace", "path": format!("{long}.value"), "value": boss}]),
        ];
        let taken = [
            json!([{"op": "Remove", "path": long}]),
            json!([{"op": "Replace", "path": long, "value": ""}]),
            json!([{"op": "Remove", "path": "manager"}]),
            json!([{"op": "Replace", "path": "manager", "value": null}]),
        ];
        for (i, give) in given.iter().enumerate() {
            hub.entra.patch(&path, give.clone());
            assert_eq!(hub.entra.read(&path)[ENTERPRISE]["manager"]["value"], json!(boss), "{give}");
            let take = &taken[i % taken.len()];
            hub.entra.patch(&path, take.clone());
            let read = hub.entra.read(&path);
            assert!(read[ENTERPRISE].get("manager").is_none(), "{take}: {}", read[ENTERPRISE]);
            assert_eq!(read[ENTERPRISE]["department"], "Field", "{take}");
        }
    }

    fn the_manager_is_asked_for_before_it_is_set(hub) {
        let path = created(&hub.entra);
        let id = path.rsplit('/').next().unwrap();
        let boss = hub.entra.make("/Users", &json!({"userName": "boss@contoso.example"}));
        let probe = format!(r#"id eq "{id}" and manager eq "{boss}""#);
        assert!(hub.entra.find("/Users", &probe, "&attributes=id").is_empty());
        hub.entra.patch(&path, json!([{"op": "Add", "path": "manager", "value": boss}]));
        let found = hub.entra.find("/Users", &probe, "&attributes=id");
        assert_eq!((found.len(), &found[0]["id"], found[0].get("userName")), (1, &json!(id), None));
    }

    fn a_manager_whom_nobody_knows_does_not_fail_the_person(hub) {
        let path = created(&hub.entra);
        hub.entra.patch(&path, json!([
            {"op": "Add", "path": "manager", "value": "018f0000-0000-7000-8000-000000000000"},
            {"op": "Replace", "path": "title", "value": "Lead"},
        ]));
        assert_eq!(hub.entra.read(&path)["title"], "Lead");
    }

    fn roles_come_as_text_and_as_a_list(hub) {
        let path = created(&hub.entra);
        let document = |value: &str| json!({"id": "8a21", "value": value, "displayName": value}).to_string();
        hub.entra.patch(&path, json!([{"op": "Add", "path": "roles", "value": [{"value": document("Reader")}, {"value": document("Author")}]}]));
        let values = |read: &Value| -> Vec<Value> { read["roles"].as_array().unwrap().iter().map(|each| each["value"].clone()).collect() };
        assert_eq!(values(&hub.entra.read(&path)), [json!(document("Reader")), json!(document("Author"))], "kept as it is sent");
        hub.entra.patch(&path, json!([{"op": "Replace", "path": "roles", "value": [{"value": "Admin", "display": "Admin", "primary": true, "type": "WindowsAzureActiveDirectoryRole"}]}]));
        assert_eq!(values(&hub.entra.read(&path)), [json!("Admin")]);
        hub.entra.patch(&path, json!([{"op": "Replace", "path": r#"roles[primary eq "True"].value"#, "value": "Owner"}]));
        let read = hub.entra.read(&path);
        assert_eq!((values(&read), &read["roles"][0]["primary"]), (vec![json!("Owner")], &json!(true)));
        assert_eq!(hub.entra.ids("/Users", r#"roles[primary eq "True"].value eq "Owner""#).len(), 1);
    }

    fn a_first_primary_role_is_made_by_its_filter(hub) {
        let path = created(&hub.entra);
        hub.entra.patch(&path, json!([{"op": "Add", "path": r#"roles[primary eq "True"].value"#, "value": "Reader"}]));
        assert_eq!(hub.entra.read(&path)["roles"], json!([{"primary": true, "value": "Reader"}]));
    }

    fn the_same_again_changes_nothing(hub) {
        let path = created(&hub.entra);
        let operations = json!([
            {"op": "Replace", "path": "displayName", "value": "Lotte Maes"},
            {"op": "Add", "path": r#"emails[type eq "work"].value"#, "value": "lotte@contoso.example"},
            {"op": "Replace", "path": "active", "value": "True"},
            {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Field"},
        ]);
        let before = hub.entra.get(&path);
        hub.entra.patch(&path, operations);
        let after = hub.entra.get(&path);
        assert_eq!((after.header("etag"), &after.text), (before.header("etag"), &before.text));
    }

    fn what_does_not_say_whether_somebody_is_active_is_refused(hub) {
        let path = created(&hub.entra);
        for value in [json!("No"), json!("0"), json!(0), json!("Inactive"), json!(["False", "False"]), json!({"active": "perhaps"}), json!({})] {
            let answer = hub.entra.try_patch(&path, json!([{"op": "Replace", "path": "active", "value": value}]));
            assert_eq!(answer.error(400).0, "invalidValue", "{value}");
        }
        assert_eq!(hub.entra.read(&path)["active"], true);
    }

    fn every_way_to_say_inactive_is_understood(hub) {
        for (i, operation) in [
            json!({"op": "Replace", "path": "active", "value": "False"}), json!({"op": "replace", "path": "active", "value": false}),
            json!({"op": "REPLACE", "path": "Active", "value": "false"}), json!({"op": "Replace", "value": {"active": "False"}}),
            json!({"op": "replace", "value": {"Active": false}}), json!({"op": "Add", "path": "active", "value": "False"}),
            json!({"op": "add", "value": {"active": false}}), json!({"op": "Replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "False"}),
            json!({"op": "replace", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:active": false}}),
            json!({"op": "Replace", "path": "active", "value": [{"value": "False"}]}),
        ].into_iter().enumerate() {
            let id = hub.entra.make("/Users", &json!({"userName": format!("leaver{i}@contoso.example"), "active": true}));
            hub.entra.patch(&format!("/Users/{id}"), json!([operation]));
            assert_eq!(hub.entra.read(&format!("/Users/{id}"))["active"], false, "{operation}");
        }
    }
}
