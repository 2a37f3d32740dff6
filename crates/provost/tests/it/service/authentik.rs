//! What authentik sends: it believes the service's description of itself, and adopts who is there already.

use super::harness::both;
use super::http::USER;
use serde_json::json;

both! {
    fn patch_is_used_because_it_is_advertised(hub) {
        let config = hub.entra.read("/ServiceProviderConfig");
        for feature in ["patch", "filter", "etag"] {
            assert_eq!(config[feature]["supported"], true, "{feature}");
        }
        for feature in ["bulk", "sort", "changePassword"] {
            assert!(config[feature]["supported"].is_boolean(), "{feature}");
        }
        let path = format!("/Users/{}", hub.entra.people(1)[0]);
        hub.entra.patch(&path, json!([{"op": "replace", "value": {"displayName": "Renamed"}}]));
        assert_eq!(hub.entra.read(&path)["displayName"], "Renamed");
    }

    fn whoever_exists_is_adopted_after_a_conflict(hub) {
        let person = json!({"schemas": [USER], "userName": "ak@contoso.example", "externalId": "ak-1"});
        let id = hub.entra.make("/Users", &person);
        assert_eq!(hub.entra.post("/Users", &person).error(409).0, "uniqueness");
        assert_eq!(hub.entra.ids("/Users", r#"userName eq "ak@contoso.example""#), [id.as_str()]);
        let mut mine = person.clone();
        mine["id"] = json!(id);
        mine["externalId"] = json!("ak-2");
        assert_eq!(hub.entra.put(&format!("/Users/{id}"), &mine).json()["externalId"], "ak-2");
    }

    fn a_full_synchronisation_repeats_everything_and_changes_nothing(hub) {
        let ids = hub.entra.people(3);
        let before: Vec<_> = ids.iter().map(|id| hub.entra.read(&format!("/Users/{id}"))).collect();
        for person in &before {
            let path = format!("/Users/{}", person["id"].as_str().unwrap());
            assert_eq!(&hub.entra.put(&path, person).json(), person);
            hub.entra.patch(&path, json!([{"op": "replace", "value": {"userName": person["userName"], "displayName": person["displayName"]}}]));
            assert_eq!(&hub.entra.read(&path), person);
        }
    }
}
