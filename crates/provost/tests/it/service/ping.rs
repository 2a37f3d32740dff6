//! What PingOne sends: PUT for every change, and `emails eq` to find a person.

use super::harness::both;
use super::http::USER;
use serde_json::json;

both! {
    fn a_person_is_matched_by_an_address_without_a_sub_attribute(hub) {
        let id = hub.entra.make("/Users", &json!({
            "schemas": [USER], "userName": "ping@contoso.example",
            "emails": [{"value": "first@contoso.example", "type": "work", "primary": true}, {"value": "second@contoso.example", "type": "home"}],
        }));
        for filter in [r#"emails eq "first@contoso.example""#, r#"emails eq "SECOND@contoso.example""#, r#"userName eq "ping@contoso.example""#, r#"emails.value eq "second@contoso.example""#] {
            assert_eq!(hub.entra.ids("/Users", filter), [id.as_str()], "{filter}");
        }
        assert!(hub.entra.ids("/Users", r#"emails eq "third@contoso.example""#).is_empty());
    }

    fn updates_and_deactivation_come_as_put(hub) {
        let person = json!({"schemas": [USER], "userName": "ping@contoso.example", "active": true, "title": "Boss", "name": {"givenName": "P", "familyName": "One"}});
        let path = format!("/Users/{}", hub.entra.make("/Users", &person));
        let mut changed = person.clone();
        changed["title"] = json!("Chief");
        assert_eq!(hub.entra.put(&path, &changed).json()["title"], "Chief");
        changed["active"] = json!(false);
        assert_eq!(hub.entra.put(&path, &changed).json()["active"], false);
        let (kind, detail) = hub.entra.put(&path, &json!({"schemas": [USER], "title": "Nobody"})).error(400);
        assert!(kind == "invalidValue" && detail.contains("userName"), "{detail}");
        assert_eq!(hub.entra.read(&path)["title"], "Chief");
        hub.entra.put("/Users/018f0000-0000-7000-8000-000000000000", &person).error(404);
        assert_eq!(hub.entra.delete(&path).status, 204);
    }
}
