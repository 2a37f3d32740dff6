//! What JumpCloud sends when a connection is made: a test person and a test group, created and deleted again.

use super::harness::both;
use super::http::{GROUP, USER};
use serde_json::json;

both! {
    fn the_setup_creates_and_deletes_a_person_and_a_group(hub) {
        let client = &hub.entra;
        let person = json!({
            "schemas": [USER], "userName": "jumpcloud.test@contoso.example", "active": true, "name": {"givenName": "Test", "familyName": "User"},
            "emails": [{"value": "jumpcloud.test@contoso.example", "primary": true, "type": "work"}],
        });
        for _ in 0..2 {
            assert!(client.ids("/Users", r#"userName eq "jumpcloud.test@contoso.example""#).is_empty());
            let id = client.make("/Users", &person);
            let mut changed = person.clone();
            changed["active"] = json!(false);
            assert_eq!(client.put(&format!("/Users/{id}"), &changed).json()["active"], false);
            let group = client.make("/Groups", &json!({"schemas": [GROUP], "displayName": "JumpCloud test group", "members": []}));
            assert_eq!(client.delete(&format!("/Groups/{group}")).status, 204);
            assert_eq!(client.delete(&format!("/Users/{id}")).status, 204);
        }
        assert_eq!((&client.read("/Users")["totalResults"], &client.read("/Groups")["totalResults"]), (&json!(0), &json!(0)));
    }

    fn a_member_leaves_by_a_list_of_values(hub) {
        let ids = hub.entra.people(3);
        let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
        let group = hub.entra.make("/Groups", &json!({"schemas": [GROUP], "displayName": "Crew", "members": members}));
        hub.entra.patch(&format!("/Groups/{group}"), json!([{"op": "remove", "path": "members", "value": [{"value": ids[1]}]}]));
        assert_eq!(hub.entra.members(&group), [ids[0].clone(), ids[2].clone()]);
    }

    fn members_may_be_bare_ids(hub) {
        let ids = hub.entra.people(2);
        let group = hub.entra.make("/Groups", &json!({"schemas": [GROUP], "displayName": "Crew"}));
        let path = format!("/Groups/{group}");
        hub.entra.patch(&path, json!([{"op": "add", "path": "members", "value": [ids[0], ids[1]]}]));
        assert_eq!(hub.entra.members(&group), ids);
        hub.entra.patch(&path, json!([{"op": "remove", "path": "members", "value": ids[0]}]));
        assert_eq!(hub.entra.members(&group), ids[1..]);
    }
}
