//! What Google Workspace sends: a probe for one person; suspend first, delete later.

use super::harness::both;
use serde_json::json;

both! {
    fn one_person_is_asked_for(hub) {
        let empty = hub.entra.read("/Users?count=1");
        assert_eq!((&empty["totalResults"], &empty["Resources"]), (&json!(0), &json!([])));
        hub.entra.people(3);
        let one = hub.entra.read("/Users?count=1");
        assert_eq!((&one["totalResults"], &one["itemsPerPage"], one["Resources"].as_array().unwrap().len()), (&json!(3), &json!(1), 1));
    }

    fn a_leaver_is_suspended_and_deleted_later(hub) {
        let path = format!("/Users/{}", hub.entra.people(1)[0]);
        hub.entra.patch(&path, json!([{"op": "replace", "path": "active", "value": false}]));
        assert_eq!(hub.entra.read(&path)["active"], false);
        assert_eq!(hub.entra.delete(&path).status, 204);
        assert_eq!(hub.entra.read("/Users?count=1")["totalResults"], 0);
    }
}
