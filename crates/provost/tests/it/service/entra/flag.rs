//! With `?aadOptscim062020` at the end of the tenant URL; and both ways mixed, because provisioning on demand
//! ignores the flag.

use super::created;
use crate::service::harness::both;
use crate::service::http::ENTERPRISE;
use serde_json::json;

both! {
    fn simple_attributes_come_together_without_a_path(hub) {
        let flagged = hub.entra.with_flags("aadOptscim062020");
        let path = created(&flagged);
        flagged.patch(&path, json!([
            {"op": "replace", "value": {
                "displayName": "L. Maes", "name.givenName": "Lo", "name.familyName": "Claes", "active": false,
                format!("{ENTERPRISE}:employeeNumber"): "7", format!("{ENTERPRISE}:manager.value"): "7c2",
            }},
            {"op": "replace", "path": r#"emails[type eq "work"].value"#, "value": "lo@contoso.example"},
            {"op": "add", "path": r#"phoneNumbers[type eq "mobile"].value"#, "value": "+32470"},
        ]));
        let read = flagged.read(&path);
        assert_eq!((&read["displayName"], &read["active"]), (&json!("L. Maes"), &json!(false)));
        assert_eq!(read["name"], json!({"formatted": "Lotte Maes", "givenName": "Lo", "familyName": "Claes"}));
        assert_eq!((&read[ENTERPRISE]["employeeNumber"], &read[ENTERPRISE]["department"]), (&json!("7"), &json!("Field")));
        assert_eq!(read[ENTERPRISE]["manager"]["value"], "7c2");
        assert_eq!(read["emails"][0]["value"], "lo@contoso.example");
        assert_eq!(read["phoneNumbers"], json!([{"type": "mobile", "value": "+32470"}]));
    }

    fn a_person_is_switched_off_and_on_with_real_booleans(hub) {
        let flagged = hub.entra.with_flags("aadOptscim062020");
        let path = created(&flagged);
        for active in [false, true] {
            flagged.patch(&path, json!([{"op": "replace", "path": "active", "value": active}]));
            assert_eq!(flagged.read(&path)["active"], active);
        }
        for active in [false, true] {
            flagged.patch(&path, json!([{"op": "replace", "value": {"active": active}}]));
            assert_eq!(flagged.read(&path)["active"], active);
        }
    }

    fn a_member_leaves_by_a_filter(hub) {
        let flagged = hub.entra.with_flags("aadOptscim062020");
        let ids = flagged.people(3);
        let group = flagged.make("/Groups", &json!({"displayName": "Crew"}));
        let path = format!("/Groups/{group}");
        let all: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
        assert_eq!(flagged.patch(&path, json!([{"op": "add", "path": "members", "value": all}])).status, 204);
        assert_eq!(flagged.patch(&path, json!([{"op": "remove", "path": format!(r#"members[value eq "{}"]"#, ids[1])}])).status, 204);
        assert_eq!(flagged.members(&group), [ids[0].clone(), ids[2].clone()]);
    }

    fn roles_are_a_list_and_the_manager_an_object(hub) {
        let flagged = hub.entra.with_flags("aadOptscim062020");
        let path = created(&flagged);
        let roles = json!([{"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "Admin", "value": "Admin"}]);
        flagged.patch(&path, json!([{"op": "replace", "path": "roles", "value": roles}]));
        assert_eq!(flagged.read(&path)["roles"][0]["value"], "Admin");
        let manager = format!("{ENTERPRISE}:manager");
        flagged.patch(&path, json!([{"op": "replace", "path": manager, "value": {"value": "7c2"}}]));
        assert_eq!(flagged.read(&path)[ENTERPRISE]["manager"]["value"], "7c2");
        flagged.patch(&path, json!([{"op": "remove", "path": manager}]));
        assert!(flagged.read(&path)[ENTERPRISE].get("manager").is_none());
    }

    fn one_tenant_may_send_both_ways(hub) {
        let flagged = hub.entra.with_flags("aadOptscim062020");
        let path = created(&flagged);
        hub.entra.patch(&path, json!([{"op": "Replace", "path": "active", "value": "False"}]));
        flagged.patch(&path, json!([{"op": "replace", "value": {"active": true, "title": "Lead"}}]));
        hub.entra.patch(&path, json!([{"op": "Add", "path": r#"phoneNumbers[type eq "mobile"].value"#, "value": "+1"}]));
        let read = flagged.read(&path);
        assert_eq!((&read["active"], &read["title"], &read["phoneNumbers"][0]["value"]), (&json!(true), &json!("Lead"), &json!("+1")));
    }
}
