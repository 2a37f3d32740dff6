//! A person's life: matched, created, updated, switched off and on, deleted.

use super::{created, lotte};
use crate::service::harness::both;
use crate::service::http::{ENTERPRISE, USER};
use serde_json::json;

both! {
    fn a_person_is_created_with_empty_values_and_answered_whole(hub) {
        let answer = hub.entra.post("/Users", &lotte());
        assert_eq!(answer.status, 201, "{}", answer.text);
        let body = answer.json();
        let id = body["id"].as_str().unwrap();
        assert_eq!(answer.header("location"), format!("http://{}/scim/v2/Users/{id}", hub.entra.host()));
        assert_eq!(body["meta"]["location"], answer.header("location"));
        assert_eq!(body["meta"]["resourceType"], "User");
        for (name, value) in [("externalId", "a91f"), ("userName", "Lotte.Maes@contoso.example"), ("displayName", "Lotte Maes"), ("preferredLanguage", "nl-BE")] {
            assert_eq!(body[name], value);
        }
        assert_eq!(body["name"], json!({"formatted": "Lotte Maes", "familyName": "Maes", "givenName": "Lotte"}));
        assert_eq!(body[ENTERPRISE], json!({"employeeNumber": "17", "department": "Field"}));
        for absent in ["phoneNumbers", "addresses", "roles"] {
            assert!(body.get(absent).is_none(), "{absent}: {}", body[absent]);
        }
    }

    fn an_extension_that_schemas_does_not_list_is_kept(hub) {
        let mut body = lotte();
        body["schemas"] = json!([USER]);
        let path = format!("/Users/{}", hub.entra.make("/Users", &body));
        let read = hub.entra.read(&path);
        assert_eq!(read[ENTERPRISE]["employeeNumber"], "17");
        assert_eq!(read["schemas"], json!([USER, ENTERPRISE]));
    }

    fn schemas_may_be_missing_empty_or_name_what_nobody_knows(hub) {
        for (i, schemas) in [json!([]), json!([USER, "urn:contoso:nothing:1.0"]), json!(["urn:IETF:params:scim:schemas:core:2.0:user"])].into_iter().enumerate() {
            let id = hub.entra.make("/Users", &json!({"schemas": schemas, "userName": format!("s{i}@contoso.example")}));
            assert_eq!(hub.entra.read(&format!("/Users/{id}"))["schemas"], json!([USER]));
        }
        hub.entra.make("/Users", &json!({"userName": "none@contoso.example"}));
    }

    fn a_boolean_may_come_as_text(hub) {
        for (text, expected) in [("False", false), ("True", true), ("false", false), ("TRUE", true)] {
            let body = json!({"userName": format!("{text}@contoso.example"), "active": text});
            let answer = hub.entra.post("/Users", &body);
            // "TRUE@" and "True@" are one name: the second one is refused for that alone.
            if answer.status != 409 {
                assert_eq!(answer.json()["active"], expected, "{text}: {}", answer.text);
            }
        }
        let (kind, detail) = hub.entra.post("/Users", &json!({"userName": "x@contoso.example", "active": "perhaps"})).error(400);
        assert!(kind == "invalidValue" && detail.contains("active"), "{detail}");
    }

    fn a_second_person_of_the_same_name_is_a_conflict(hub) {
        created(&hub.entra);
        for name in ["Lotte.Maes@contoso.example", "LOTTE.MAES@CONTOSO.EXAMPLE"] {
            let mut body = lotte();
            body["userName"] = json!(name);
            let (kind, detail) = hub.entra.post("/Users", &body).error(409);
            assert!(kind == "uniqueness" && detail.contains("userName"), "{detail}");
        }
    }

    fn a_person_is_matched_by_whatever_attribute_is_configured(hub) {
        let path = created(&hub.entra);
        for filter in [
            r#"userName eq "Lotte.Maes@contoso.example""#, r#"userName eq "lotte.maes@CONTOSO.example""#,
            r#"externalId eq "a91f""#, r#"emails[type eq "work"].value eq "lotte@contoso.example""#,
            r#"displayName eq "Lotte Maes""#, &format!(r#"{ENTERPRISE}:employeeNumber eq "17""#),
        ] {
            let found = hub.entra.ids("/Users", filter);
            assert_eq!(found.iter().map(|id| format!("/Users/{id}")).collect::<Vec<_>>(), [path.as_str()], "{filter}");
        }
        for filter in [r#"userName eq "lotte""#, r#"externalId eq "A91F""#, r#"emails[type eq "home"].value eq "lotte@contoso.example""#] {
            assert!(hub.entra.ids("/Users", filter).is_empty(), "{filter}");
        }
    }

    fn the_update_of_a_cycle_changes_every_attribute(hub) {
        let path = created(&hub.entra);
        let answer = hub.entra.patch(&path, json!([
            {"op": "Replace", "path": "displayName", "value": "Lotte M."},
            {"op": "Replace", "path": "name.familyName", "value": "Claes"},
            {"op": "Replace", "path": r#"emails[type eq "work"].value"#, "value": "lc@contoso.example"},
            {"op": "Add", "path": r#"phoneNumbers[type eq "mobile"].value"#, "value": "+32 470 11 22 44"},
            {"op": "Add", "path": "preferredLanguage", "value": "fr-BE"},
            {"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": "Ops"},
            {"op": "Replace", "path": "active", "value": "False"},
        ]));
        let read = hub.entra.read(&path);
        if answer.status == 200 {
            assert_eq!(answer.json(), read);
        }
        assert_eq!(read["displayName"], "Lotte M.");
        assert_eq!((&read["name"]["familyName"], &read["name"]["givenName"]), (&json!("Claes"), &json!("Lotte")));
        assert_eq!(read["emails"], json!([{"primary": true, "type": "work", "value": "lc@contoso.example"}]));
        assert_eq!(read["phoneNumbers"], json!([{"type": "mobile", "value": "+32 470 11 22 44"}]), "numbers are kept as they are sent");
        assert_eq!((&read["preferredLanguage"], &read["active"]), (&json!("fr-BE"), &json!(false)));
        assert_eq!(read[ENTERPRISE], json!({"employeeNumber": "17", "department": "Ops"}));
    }

    fn a_name_changes_and_the_old_one_is_free(hub) {
        let path = created(&hub.entra);
        hub.entra.patch(&path, json!([{"op": "Replace", "path": "userName", "value": "lotte.claes@contoso.example"}]));
        assert!(hub.entra.ids("/Users", r#"userName eq "lotte.maes@contoso.example""#).is_empty());
        assert_eq!(hub.entra.ids("/Users", r#"userName eq "Lotte.Claes@contoso.example""#).len(), 1);
        let mut other = lotte();
        other["externalId"] = json!("b22");
        let second = format!("/Users/{}", hub.entra.make("/Users", &other));
        let taken = hub.entra.try_patch(&second, json!([{"op": "Replace", "path": "userName", "value": "LOTTE.CLAES@contoso.example"}]));
        assert_eq!(taken.error(409).0, "uniqueness");
    }

    fn whoever_is_switched_off_is_still_found_and_comes_back_as_the_same(hub) {
        let path = created(&hub.entra);
        hub.entra.patch(&path, json!([{"op": "Replace", "path": "active", "value": "False"}]));
        assert_eq!(hub.entra.read(&path)["active"], false);
        assert_eq!(hub.entra.find("/Users", r#"userName eq "lotte.maes@contoso.example""#, "")[0]["active"], false);
        assert_eq!(hub.entra.post("/Users", &lotte()).error(409).0, "uniqueness");
        hub.entra.patch(&path, json!([{"op": "Replace", "path": "active", "value": "True"}]));
        assert_eq!(hub.entra.read(&path)["active"], true);
    }

    fn whoever_is_deleted_is_gone_everywhere_and_the_name_is_free(hub) {
        let path = created(&hub.entra);
        let id = path.rsplit('/').next().unwrap();
        let group = hub.entra.make("/Groups", &json!({"displayName": "Crew", "members": [{"value": id}]}));
        let answer = hub.entra.delete(&path);
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        hub.entra.get(&path).error(404);
        hub.entra.delete(&path).error(404);
        hub.entra.try_patch(&path, json!([{"op": "Replace", "path": "active", "value": "True"}])).error(404);
        hub.entra.put(&path, &lotte()).error(404);
        assert!(hub.entra.ids("/Users", r#"externalId eq "a91f""#).is_empty());
        assert!(hub.entra.members(&group).is_empty());
        let again = hub.entra.make("/Users", &lotte());
        assert_ne!(again, id, "an id is never given a second time");
    }
}
