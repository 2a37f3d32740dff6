//! The script from its first to its last step, in one go: what an administrator does, and what is seen.

use super::world::{E3, NAME, World};
use m365_sim::Settings;
use serde_json::{Value, json};

#[test]
fn an_administrator_lives_through_the_script() {
    let world = World::start();
    before_you_begin(&world);
    template_and_name(&world);
    a_test_that_fails(&world);
    a_test_that_succeeds(&world);
    preferences_and_actions(&world);
    saved_and_switched(&world);
    a_rule_and_its_head_count(&world);
    mappings_and_password(&world);
    usage_location_and_licence(&world);
    preview_and_first_run(&world);
    create_off_and_on(&world);
    update_off_and_on(&world);
    groups(&world);
    a_leaver(&world);
    the_rule_goes(&world);
    the_connection_goes(&world);
    world.agrees_with_the_contract();
}

/// 2.1: what is needed is known before anything is entered, and what is granted can be looked up.
fn before_you_begin(world: &World) {
    let tried = world.post("/connection-tests", &world.entered(json!({})));
    assert_eq!(tried.status, 200, "{}", tried.body);
    let permissions = &tried.body["permissions"];
    let granted = permissions["granted"].as_array().unwrap();
    for needed in [
        "User.ReadWrite.All",
        "Group.ReadWrite.All",
        "Organization.Read.All",
    ] {
        assert!(granted.iter().any(|one| one == needed), "{permissions}");
    }
    assert_eq!(permissions["missing"], json!([]), "{permissions}");
    assert_eq!(permissions["excess"], json!([]), "{permissions}");
    assert!(!tried.body.to_string().contains("Application.ReadWrite.All"));
}

/// 2.2, 2.3 and 2.4: the template is among the tiles, and nothing is listed until it is saved. The tenant is taken as an
/// id, as a domain, and as an address that was copied from somewhere.
fn template_and_name(world: &World) {
    let templates = world.get("/templates").body;
    let listed = templates["templates"].as_array().unwrap();
    assert!(
        listed.iter().any(|one| one["name"] == "microsoft-365"),
        "{templates}"
    );
    assert_eq!(world.get("/connections").body["connections"], json!([]));
    for tenant in [
        Settings::CONTOSO_TENANT.to_owned(),
        "contoso.onmicrosoft.com".to_owned(),
        format!(
            "https://login.microsoftonline.com/{}/oauth2/v2.0/token",
            Settings::CONTOSO_TENANT
        ),
    ] {
        let entered = world.entered(json!({"settings": {"tenant": tenant}}));
        let tried = world.post("/connection-tests", &entered);
        assert!(all_ok(&tried.body), "{tenant}: {}", tried.body);
    }
    assert_eq!(world.get("/connections").body["connections"], json!([]));
}

/// 2.5: a test that fails says at which step, with a code, the cause and what to do. Saved nevertheless, the connection is
/// invalid.
fn a_test_that_fails(world: &World) {
    let wrong = world.entered(json!({"secrets": {"client_secret": "wrong"}}));
    let tried = world.post("/connection-tests", &wrong);
    let failed = tried.body["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["ok"] == false)
        .unwrap();
    assert_eq!(failed["name"], "sign-in", "{failed}");
    assert!(
        failed["code"].as_str().unwrap().starts_with("PRV-M365-"),
        "{failed}"
    );
    for words in ["sentence", "hint", "link"] {
        assert!(
            !failed[words].as_str().unwrap_or_default().is_empty(),
            "{words}: {failed}"
        );
    }
    assert_eq!(
        world.post("/connections", &wrong).refusal(),
        (409, "PRV-CONNECTION-TEST")
    );
    let accepted = world.entered(json!({"secrets": {"client_secret": "wrong"}, "accept_invalid": true}));
    let added = world.post("/connections", &accepted);
    assert_eq!(
        (added.status, &added.body["state"]),
        (201, &json!("invalid")),
        "{}",
        added.body
    );
}

/// 2.6: the right secret makes it active, and the test names tenant, domains and seats.
fn a_test_that_succeeds(world: &World) {
    let secret = json!({"secrets": {"client_secret": Settings::CONTOSO_CLIENT_SECRET}});
    let changed = world.patch(&World::at(""), &secret);
    assert!(all_ok(&changed.body), "{}", changed.body);
    let text = changed.body["checks"].to_string();
    for seen in ["Contoso", "contoso.example", "SPE_E3"] {
        assert!(text.contains(seen), "{seen}: {text}");
    }
    assert_eq!(world.get(&World::at("")).body["state"], "active");
    let tested = world.place.json(&format!("connection test {NAME}"));
    assert!(tested.to_string().contains("contoso.example"), "{tested}");
}

/// 2.7 and 2.8: what a connection may do, and what it does when a licence is not mapped any more.
fn preferences_and_actions(world: &World) {
    let preferences = &world.get(&World::at("")).body["preferences"];
    assert_eq!(preferences["remove_licences_when_empty"], false);
    let allowed = &preferences["allowed"];
    for action in ["create", "update", "disable", "deprovision"] {
        assert_eq!(allowed[action], true, "{allowed}");
    }
    world.prefer(|preferences| {
        preferences["allowed"]["remove_action"] = json!("disable");
        preferences["description"] = json!("People of Contoso");
    });
    assert_eq!(world.get(&World::at("")).body["description"], "People of Contoso");
}

/// 2.9: on and off.
fn saved_and_switched(world: &World) {
    let off = world.post(&World::at("/off"), &json!({"reason": "a look first"}));
    assert_eq!(off.body["state"], "paused", "{}", off.body);
    assert_eq!(
        world.post(&World::at("/cycles"), &json!({})).refusal(),
        (409, "PRV-PAUSED")
    );
    let on = world.post(&World::at("/on"), &json!({}));
    assert_eq!(on.body["state"], "active", "{}", on.body);
}

/// 2.10: a rule for some of the people, with a live head count.
fn a_rule_and_its_head_count(world: &World) {
    for name in ["ada", "ben", "cleo"] {
        world.person(name, json!({"title": "Engineer"}));
    }
    world.person("guard", json!({"title": "Porter"}));
    let rules = world.rules(|rules| {
        rules[0]["scope"] = json!({"filters": [{"name": "engineers", "scim": "title eq \"Engineer\""}]});
    });
    let counted = world.post(&World::at("/rules/count"), &json!({"rule": rules[0]}));
    assert_eq!(
        (&counted.body["meant"], &counted.body["total"]),
        (&json!(3), &json!(4)),
        "{}",
        counted.body
    );
    assert!(
        counted.body["names"].to_string().contains("ada"),
        "{}",
        counted.body
    );
    world.save_rules(&rules);
}

/// 2.11 to 2.15: what can be mapped is listed with its limits; a rule needs a password, which nobody ever sees.
fn mappings_and_password(world: &World) {
    let attributes = world.get("/templates/microsoft-365").body["attributes"].clone();
    for name in [
        "userPrincipalName",
        "mailNickname",
        "onPremisesImmutableId",
        "displayName",
        "accountEnabled",
        "surname",
        "givenName",
        "usageLocation",
        "assignedLicenses",
        "passwordProfile.password",
        "passwordProfile.forceChangePasswordNextSignIn",
        "faxNumber",
        "manager",
        "otherMails",
        "companyName",
    ] {
        assert!(attributes.to_string().contains(&format!("\"{name}\"")), "{name}");
    }
    world.switch_on("people");
    // Somebody insists on one password for everybody: it is sealed, and shown to nobody.
    let rules = world.rules(|rules| {
        let mapping = mapping(&mut rules[0], "passwordProfile.password");
        *mapping = json!({"target": "passwordProfile.password", "constant": "Sealed-Harbour-4711", "apply": "on_create"});
    });
    let warned = world.save_rules(&rules);
    assert!(!warned["warnings"].as_array().unwrap().is_empty(), "{warned}");
    let saved = world.get(&World::at("/rules")).body.to_string();
    assert!(
        saved.contains("\"secret\"") && !saved.contains("Sealed-Harbour"),
        "{saved}"
    );
}

/// 2.16: a country is a code or is made one; a licence needs it.
fn usage_location_and_licence(world: &World) {
    world.person(
        "dora",
        json!({"title": "Engineer", "addresses": [{"type": "work", "country": "Germany"}]}),
    );
    world.person(
        "emil",
        json!({"title": "Engineer", "addresses": [{"type": "work", "country": "de"}]}),
    );
    world.person(
        "fay",
        json!({"title": "Engineer", "addresses": [{"type": "work", "locality": "Oslo"}]}),
    );
    let rules = world.rules(|rules| {
        let mappings = rules[0]["mappings"].as_array_mut().unwrap();
        mappings.push(json!({"target": "assignedLicenses", "constant": [E3]}));
    });
    world.save_rules(&rules);
}

/// 2.19 and 2.20: the plan shows what will be done and the seats that are left, and the run does that. The numbers add up.
fn preview_and_first_run(world: &World) {
    let made = world.post(&World::at("/plans"), &json!({}));
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.body["seats"].to_string().contains("SPE_E3"), "{}", made.body);
    assert_eq!(world.tenant.simulator.users().len(), 0);
    let id = made.body["id"].as_str().unwrap();
    let steps = world.get(&format!("/plans/{id}/steps")).body;
    assert!(!steps.to_string().contains("Sealed-Harbour"), "{steps}");
    let applied = world.post(&format!("/plans/{id}/apply"), &json!({}));
    assert_eq!(applied.status, 200, "{}", applied.body);
    for name in ["ada", "ben", "cleo", "dora", "emil"] {
        assert_eq!(
            world.tenant.licences(&format!("{name}@contoso.example")),
            [E3],
            "{name}"
        );
    }
    let country =
        |name: &str| world.tenant.user(&format!("{name}@contoso.example")).unwrap()["usageLocation"].clone();
    assert_eq!(
        (country("dora"), country("emil"), country("ada")),
        (json!("DE"), json!("DE"), json!("NO"))
    );
    assert_eq!(world.tenant.licences("fay@contoso.example"), [""; 0]);
    assert!(world.tenant.user("guard@contoso.example").is_none());
    // Nobody without a country gets a licence, and the reason stands with her.
    let numbers = world.numbers("people");
    assert_eq!(numbers[0], numbers[1..].iter().sum::<u64>());
    assert_eq!((numbers[0], numbers[1]), (6, 5), "{numbers:?}");
    let fay = world.get("/objects/fay@contoso.example/status").body;
    assert!(fay.to_string().contains("PRV-LICENCE-LOCATION"), "{fay}");
    let again = world.cycle();
    assert_eq!(again["applied"], json!({}), "{again}");
}

/// 2.21: with 'create' off, newcomers are unsynced.
fn create_off_and_on(world: &World) {
    world.prefer(|preferences| preferences["allowed"]["create"] = json!(false));
    for number in 1..=5 {
        world.person(&format!("new{number}"), json!({"title": "Engineer"}));
    }
    world.cycle();
    assert_eq!(world.numbers("people")[2], 5);
    let list = world.get(&World::at("/status/people/unsynced")).body;
    assert_eq!(list["objects"].as_array().unwrap().len(), 5, "{list}");
    let saved = world.prefer(|preferences| preferences["allowed"]["create"] = json!(true));
    assert!(saved["resync"].is_string(), "{saved}");
    assert_eq!(world.post(&World::at("/resync"), &json!({})).status, 204);
    world.cycle();
    assert_eq!(world.numbers("people")[2], 0);
    assert!(world.tenant.user("new5@contoso.example").is_some());
}

/// 2.22: with 'update' off, somebody who changes is partially synced.
fn update_off_and_on(world: &World) {
    world.prefer(|preferences| preferences["allowed"]["update"] = json!(false));
    let ada = world
        .entra
        .ids("/Users", "userName eq \"ada@contoso.example\"")
        .remove(0);
    let change = json!([{"op": "replace", "path": "displayName", "value": "Ada the Great"}]);
    world.entra.patch(&format!("/Users/{ada}"), change);
    world.cycle();
    let partially = world.get(&World::at("/status/people/partially_synced")).body;
    assert!(partially.to_string().contains(&ada), "{partially}");
    let shown = world.tenant.user("ada@contoso.example").unwrap();
    assert_eq!(shown["displayName"], "ada of Contoso");
    let saved = world.prefer(|preferences| preferences["allowed"]["update"] = json!(true));
    assert!(saved["resync"].is_string(), "{saved}");
    world.post(&World::at("/resync"), &json!({}));
    world.cycle();
    assert_eq!(
        world.tenant.user("ada@contoso.example").unwrap()["displayName"],
        "Ada the Great"
    );
}

/// 2.23: groups with their members.
fn groups(world: &World) {
    let id = |name: &str| {
        let filter = format!("userName eq \"{name}@contoso.example\"");
        world.entra.ids("/Users", &filter).remove(0)
    };
    let members: Vec<Value> = ["ada", "ben", "cleo"]
        .map(|name| json!({"value": id(name)}))
        .into();
    world.entra.make(
        "/Groups",
        &json!({"displayName": "Engineers", "members": members}),
    );
    world.switch_on("groups");
    world.cycle();
    let group = world.tenant.group("Engineers").unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 3, "{group}");
}

/// 2.24 and 2.25: whoever is disabled cannot sign in any more; whoever is deleted is disabled, as the connection says.
fn a_leaver(world: &World) {
    let id = |name: &str| {
        let filter = format!("userName eq \"{name}@contoso.example\"");
        world.entra.ids("/Users", &filter).remove(0)
    };
    let ben = id("ben");
    world.entra.patch(
        &format!("/Users/{ben}"),
        json!([{"op": "replace", "path": "active", "value": false}]),
    );
    let cleo = id("cleo");
    assert_eq!(world.entra.delete(&format!("/Users/{cleo}")).status, 204);
    world.cycle();
    for name in ["ben", "cleo"] {
        let user = world.tenant.user(&format!("{name}@contoso.example")).unwrap();
        assert_eq!(user["accountEnabled"], false, "{user}");
    }
}

/// 2.26: a rule that goes takes its people along only when that is asked for, seen and typed.
fn the_rule_goes(world: &World) {
    world.prefer(|preferences| preferences["allowed"]["deprovision_on_rule_deletion"] = json!(true));
    let path = World::at("/rules/groups/remove");
    let asked = world.post(&path, &json!({}));
    assert_eq!(
        (asked.status, &asked.body["done"]),
        (200, &json!(false)),
        "{}",
        asked.body
    );
    let digest = asked.body["digest"].clone();
    assert!(
        asked.body["labels"].to_string().contains("Engineers"),
        "{}",
        asked.body
    );
    let untyped = world.post(&path, &json!({"confirm": {"digest": digest}}));
    assert_eq!(untyped.status, 409, "{}", untyped.body);
    let removed = world.post(&path, &json!({"confirm": {"digest": digest, "typed": "groups"}}));
    assert_eq!(removed.status, 200, "{}", removed.body);
}

/// 2.27: a connection in use stays; one whose rules are off goes, and leaves its accounts where they are.
fn the_connection_goes(world: &World) {
    let refused = world.call("DELETE", &World::at(""), None);
    assert_eq!(refused.refusal(), (409, "PRV-CONNECTION-IN-USE"));
    assert!(
        refused.body["detail"].as_str().unwrap().contains("people"),
        "{}",
        refused.body
    );
    let off = world.confirmed("POST", &World::at("/rules/people/off"), json!({}));
    assert_eq!(off.status, 200, "{}", off.body);
    let before = world.tenant.simulator.users().len();
    assert_eq!(world.call("DELETE", &World::at(""), None).status, 204);
    assert_eq!(world.get(&World::at("")).status, 404);
    assert_eq!(world.tenant.simulator.users().len(), before);
}

fn all_ok(tried: &Value) -> bool {
    let checks = tried["checks"].as_array().cloned().unwrap_or_default();
    !checks.is_empty() && checks.iter().all(|check| check["ok"] == true)
}

/// A rule's mapping of this target attribute.
pub fn mapping<'a>(rule: &'a mut Value, target: &str) -> &'a mut Value {
    let mappings = rule["mappings"].as_array_mut().unwrap();
    mappings.iter_mut().find(|one| one["target"] == target).unwrap()
}
