//! An administrator's block, under everything that a provider sends.

use super::harness::{Hub, both};
use serde_json::{Value, json};

fn shown(hub: &Hub, name: &str) -> Value {
    hub.place().json(&format!("person show {name}"))
}

both! {
    fn no_provider_lifts_it(hub) {
        let name = "mallory@contoso.example";
        let body = json!({"userName": name, "active": true, "displayName": "Mallory"});
        let path = format!("/Users/{}", hub.entra.make("/Users", &body));
        let blocked = hub.place().run(&format!("person block {name} --reason compromised"));
        assert!(blocked.ends_with("exit 0"), "{blocked}");
        let before = shown(hub, name);
        for round in 0..10 {
            hub.entra.patch(&path, json!([{"op": "Replace", "path": "active", "value": "True"}]));
            hub.entra.patch(&path, json!([{"op": "replace", "value": {"active": true, "title": format!("T{round}")}}]));
            hub.entra.put(&path, &body);
            hub.entra.patch(&path, json!([{"op": "replace", "path": "active", "value": false}]));
            hub.entra.patch(&path, json!([{"op": "replace", "path": "active", "value": true}]));
        }
        let after = shown(hub, name);
        assert_eq!(after["state"], "blocked", "{after}");
        assert_eq!((&after["blocked"], after["blocked"].is_null()), (&before["blocked"], false), "{after}");
        assert_eq!(hub.entra.read(&path)["active"], true, "the provider sees what it said");
        let lifted = hub.place().run(&format!("person unblock {name}"));
        assert!(lifted.ends_with("exit 0"), "{lifted}");
        assert_eq!(shown(hub, name)["state"], "active");
    }

    fn deleting_and_coming_back_does_not_lift_it(hub) {
        let name = "mallory@contoso.example";
        let path = format!("/Users/{}", hub.entra.make("/Users", &json!({"userName": name, "active": true})));
        hub.place().run(&format!("person block {name} --reason compromised"));
        assert_eq!(hub.entra.delete(&path).status, 204);
        let back = hub.place().run(&format!("person restore {name}"));
        assert!(back.ends_with("exit 0"), "{back}");
        assert_eq!(shown(hub, name)["state"], "blocked", "restored, and still blocked");
    }
}
