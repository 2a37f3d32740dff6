//! Each guard of the script, and an attempt to get past it. The server refuses with a stable code and a sentence,
//! whatever a page shows, and the audit log has the attempt.

use super::story::mapping;
use super::world::{E3, E5, NAME, World};
use serde_json::{Value, json};

const PASSWORD: &str = "passwordProfile.password";

/// G2-1: a function whose permission was not granted is named, and does not pass its test.
#[test]
fn g01_a_missing_permission_blocks_the_function_that_needs_it() {
    let world = World::with(|settings| {
        settings.applications[0].roles = [
            "User.ReadWrite.All",
            "Organization.Read.All",
            "Application.ReadWrite.All",
        ]
        .map(str::to_owned)
        .to_vec();
    });
    let tried = world.post("/connection-tests", &world.entered(json!({}))).body;
    let permissions = &tried["permissions"];
    assert!(
        permissions["missing"].to_string().contains("Group.ReadWrite.All"),
        "{permissions}"
    );
    assert!(
        permissions["excess"]
            .to_string()
            .contains("Application.ReadWrite.All"),
        "{permissions}"
    );
    assert!(
        !permissions["missing"]
            .to_string()
            .contains("Application.ReadWrite.All")
    );
    let added = world.post("/connections", &world.entered(json!({})));
    assert_eq!(added.refusal(), (409, "PRV-CONNECTION-TEST"), "{}", added.body);
    // Without groups nothing is missing.
    let people = json!({"settings": {"functions": ["people", "licences", "sessions"]}});
    let tried = world.post("/connection-tests", &world.entered(people)).body;
    assert_eq!(tried["permissions"]["missing"], json!([]), "{tried}");
}

/// G2-2: a name is given once.
#[test]
fn g02_a_duplicate_name_is_refused() {
    let world = World::ready();
    let second = world.post("/connections", &world.entered(json!({})));
    assert_eq!(
        second.refusal(),
        (409, "PRV-CONNECTION-NAME-TAKEN"),
        "{}",
        second.body
    );
    assert_eq!(world.refused_attempts("PRV-CONNECTION-NAME-TAKEN"), 1);
}

/// G2-3: what was saved invalid cannot be switched on, runs no cycle, and has no rule that is on.
#[test]
fn g03_an_invalid_connection_does_nothing() {
    let world = World::start();
    world.connect(json!({"secrets": {"client_secret": "wrong"}, "accept_invalid": true}));
    for path in ["/on", "/cycles", "/rules/people/on"] {
        let refused = world.post(&World::at(path), &json!({}));
        assert_eq!(
            refused.refusal(),
            (409, "PRV-CONNECTION-INVALID"),
            "{path}: {}",
            refused.body
        );
    }
    let said = world.place.run(&format!("cycle run {NAME}"));
    assert!(
        said.contains("PRV-CONNECTION-INVALID") || said.contains("invalid"),
        "{said}"
    );
    assert!(world.refused_attempts("PRV-CONNECTION-INVALID") >= 2);
    assert_eq!(world.tenant.simulator.users().len(), 0);
}

/// G2-4: taking licences back from everybody is confirmed by somebody who has seen how many that are.
#[test]
fn g04_who_would_lose_a_licence_is_shown_first() {
    let world = with_licences(&["ada", "ben"]);
    let rules = world.rules(|rules| {
        let mappings = rules[0]["mappings"].as_array_mut().unwrap();
        mappings.retain(|one| one["target"] != "assignedLicenses");
    });
    world.save_rules(&rules);
    world.cycle();
    let mut preferences = world.get(&World::at("")).body["preferences"].clone();
    preferences["remove_licences_when_empty"] = json!(true);
    let asked = world.put(&World::at("/preferences"), &json!({"preferences": preferences}));
    assert_eq!(asked.refusal(), (409, "PRV-LICENCES-CONFIRM"), "{}", asked.body);
    assert!(
        asked.body["detail"].as_str().unwrap().contains('2'),
        "{}",
        asked.body
    );
    let forged =
        json!({"preferences": preferences, "confirm": {"digest": "0000000000000000", "understood": true}});
    assert_eq!(
        world.put(&World::at("/preferences"), &forged).refusal(),
        (409, "PRV-LICENCES-CONFIRM")
    );
    assert_eq!(world.tenant.licences("ada@contoso.example"), [E3]);
}

/// G2-5: a set of actions that contradicts itself is refused.
#[test]
fn g05_contradictions_are_refused() {
    let world = World::ready();
    for change in [
        json!({"deprovision": false, "remove_action": "delete"}),
        json!({"disable": false, "remove_action": "disable"}),
        json!({"deprovision": false, "deprovision_on_rule_deletion": true}),
    ] {
        let mut preferences = world.get(&World::at("")).body["preferences"].clone();
        super::world::lay_over(&mut preferences["allowed"], change.clone());
        let refused = world.put(&World::at("/preferences"), &json!({"preferences": preferences}));
        assert_eq!(
            refused.refusal(),
            (409, "PRV-ACTIONS-CONTRADICT"),
            "{change}: {}",
            refused.body
        );
        assert!(!refused.body["hint"].as_str().unwrap().is_empty());
    }
    assert_eq!(world.refused_attempts("PRV-ACTIONS-CONTRADICT"), 3);
}

/// G2-6: off means that nothing is written any more, also in the middle of a run.
#[test]
fn g06_the_switch_stops_within_one_operation() {
    const PEOPLE: usize = 500;
    let world = World::ready();
    // More than may be on their way at the same time.
    for number in 0..PEOPLE {
        world.person(&format!("p{number}"), json!({}));
    }
    world.switch_on("people");
    world
        .tenant
        .simulator
        .change(|settings| settings.latency = std::time::Duration::from_millis(150));
    let written = std::thread::scope(|scope| {
        let running = scope.spawn(|| world.post(&World::at("/cycles"), &json!({})));
        while world.tenant.simulator.users().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let off = world.post(&World::at("/off"), &json!({}));
        assert_eq!(off.status, 200, "{}", off.body);
        let _ = running.join().unwrap();
        world.tenant.simulator.users().len()
    });
    assert!((1..PEOPLE).contains(&written), "{written}");
    std::thread::sleep(std::time::Duration::from_millis(400));
    assert_eq!(world.tenant.simulator.users().len(), written);
    // Nothing is lost: switched on again, it goes on, and nobody is there twice.
    world
        .tenant
        .simulator
        .change(|settings| settings.latency = std::time::Duration::ZERO);
    world.post(&World::at("/on"), &json!({}));
    world.cycle();
    let mut made = world.tenant.simulator.creations();
    assert_eq!(made.len(), PEOPLE);
    made.sort();
    made.dedup();
    assert_eq!(made.len(), PEOPLE);
}

/// G2-7: a rule that means everybody, or nobody, is switched on only by somebody who says so.
#[test]
fn g07_everybody_and_nobody_are_confirmed() {
    let world = World::ready();
    world.person("ada", json!({}));
    let path = World::at("/rules/people/on");
    let everybody = world.post(&path, &json!({}));
    assert_eq!(
        everybody.refusal(),
        (409, "PRV-RULE-EVERYONE"),
        "{}",
        everybody.body
    );
    let rules = world.rules(|rules| {
        rules[0]["scope"] = json!({"filters": [{"name": "none", "scim": "title eq \"Nobody\""}]});
    });
    let saved = world.put(&World::at("/rules"), &json!({"rules": rules}));
    assert_eq!(saved.status, 200, "{}", saved.body);
    let nobody = world.post(&path, &json!({}));
    assert_eq!(nobody.refusal(), (409, "PRV-RULE-NOBODY"), "{}", nobody.body);
    // What was confirmed for everybody is not confirmed for nobody.
    let stale = json!({"confirm": {"digest": everybody.digest()}});
    assert_eq!(world.post(&path, &stale).refusal(), (409, "PRV-RULE-NOBODY"));
    world.switch_on("people");
}

/// G2-8: unknown, duplicate and read-only targets are refused.
#[test]
fn g08_mappings_that_cannot_be_are_refused() {
    let world = World::ready();
    for (added, code) in [
        (
            json!({"target": "favouriteColour", "constant": "blue"}),
            "PRV-MAPPING-UNKNOWN",
        ),
        (
            json!({"target": "proxyAddresses", "constant": ["smtp:a@contoso.example"]}),
            "PRV-MAPPING-READ-ONLY",
        ),
        (
            json!({"target": "lastPasswordChangeDateTime", "constant": "x"}),
            "PRV-MAPPING-READ-ONLY",
        ),
        (
            json!({"target": "surname", "constant": "x"}),
            "PRV-MAPPING-DUPLICATE",
        ),
    ] {
        let rules = world.rules(|rules| rules[0]["mappings"].as_array_mut().unwrap().push(added.clone()));
        let refused = world.put(&World::at("/rules"), &json!({"rules": rules}));
        assert_eq!(refused.status, 422, "{added}: {}", refused.body);
        assert!(
            refused.body.to_string().contains(code) || code == "PRV-MAPPING-DUPLICATE",
            "{code}: {}",
            refused.body
        );
    }
}

/// G2-9: no rule without a password, and no deletion of the mapping while the rule is on.
#[test]
fn g09_a_rule_needs_a_password() {
    let world = World::ready();
    let without = |rules: &mut Vec<Value>| {
        let mappings = rules[0]["mappings"].as_array_mut().unwrap();
        mappings.retain(|one| one["target"] != PASSWORD);
    };
    world.switch_on("people");
    let refused = world.confirmed(
        "PUT",
        &World::at("/rules"),
        json!({"rules": world.rules(without)}),
    );
    assert_eq!(refused.refusal(), (422, "PRV-RULE-PASSWORD"), "{}", refused.body);
    world.confirmed("POST", &World::at("/rules/people/off"), json!({}));
    world.save_rules(&world.rules(without));
    let refused = world.confirmed("POST", &World::at("/rules/people/on"), json!({}));
    assert_eq!(refused.refusal(), (422, "PRV-RULE-PASSWORD"), "{}", refused.body);
    assert!(world.refused_attempts("PRV-RULE-PASSWORD") >= 2);
}

/// G2-10: a weak password for everybody is refused; a good one is never seen again.
#[test]
fn g10_a_weak_password_is_refused_and_a_good_one_stays_unseen() {
    let world = World::ready();
    world.person("ada", json!({}));
    let with = |password: &str| {
        world.rules(|rules| {
            *mapping(&mut rules[0], PASSWORD) =
                json!({"target": PASSWORD, "constant": password, "apply": "on_create"});
        })
    };
    for weak in [
        "Summer2026",
        "short",
        "aaaaaaaaaaaa",
        "password1!",
        "alllowercase",
    ] {
        let refused = world.confirmed("PUT", &World::at("/rules"), json!({"rules": with(weak)}));
        assert_eq!(
            refused.refusal(),
            (422, "PRV-PASSWORD-WEAK"),
            "{weak}: {}",
            refused.body
        );
        assert!(!refused.body.to_string().contains(weak), "{}", refused.body);
    }
    let good = "Quiet-Lantern-8241";
    let warned = world.save_rules(&with(good));
    assert!(!warned["warnings"].as_array().unwrap().is_empty(), "{warned}");
    world.switch_on("people");
    let plan = world.post(&World::at("/plans"), &json!({})).body;
    let steps = world
        .get(&format!("/plans/{}/steps", plan["id"].as_str().unwrap()))
        .body;
    world.cycle();
    let user = world.tenant.user("ada@contoso.example");
    assert!(user.is_some());
    let told = [
        plan.to_string(),
        steps.to_string(),
        world.get("/logs").body.to_string(),
        world.get(&World::at("/rules")).body.to_string(),
        world.place.run("audit list"),
        world.place.run("explain ada@contoso.example"),
        world.place.run(&format!("config export {NAME}")),
        world.place.run(&format!("rule show {NAME} people")),
    ];
    for text in told {
        assert!(!text.contains(good), "{text}");
    }
    assert!(!holds(&world, good), "the database has it in the clear");
}

/// Whether a file of the installation has these words.
fn holds(world: &World, words: &str) -> bool {
    std::fs::read_dir(world.place.data()).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        bytes
            .windows(words.len())
            .any(|window| window == words.as_bytes())
    })
}

/// G2-11: a password is for the birth of an account.
#[test]
fn g11_a_password_is_only_sent_on_create() {
    let world = World::ready();
    world.person("ada", json!({}));
    world.switch_on("people");
    world.cycle();
    let always = world.rules(|rules| {
        let mapping = mapping(&mut rules[0], PASSWORD);
        *mapping = json!({"target": PASSWORD, "constant": "Other-Lantern-8242"});
    });
    let refused = world.confirmed("PUT", &World::at("/rules"), json!({"rules": always}));
    assert_eq!(refused.status, 422, "{}", refused.body);
    let later = world.rules(|rules| {
        *mapping(&mut rules[0], PASSWORD) =
            json!({"target": PASSWORD, "constant": "Other-Lantern-8242", "apply": "on_create"});
    });
    world.save_rules(&later);
    let before = world.tenant.simulator.counters();
    let ran = world.cycle();
    assert_eq!(ran["applied"], json!({}), "{ran}");
    assert_eq!(world.tenant.simulator.counters().writes, before.writes);
}

/// G2-12: a usage location is a code.
#[test]
fn g12_a_usage_location_is_a_country_code() {
    let world = World::ready();
    let rules = world.rules(|rules| {
        *mapping(&mut rules[0], "usageLocation") = json!({"target": "usageLocation", "constant": "Germany"});
    });
    let refused = world.confirmed("PUT", &World::at("/rules"), json!({"rules": rules}));
    assert_eq!(refused.refusal(), (422, "PRV-USAGE-LOCATION"), "{}", refused.body);
    let rules = world.rules(|rules| {
        *mapping(&mut rules[0], "usageLocation") =
            json!({"target": "usageLocation", "direct": "addresses[type eq \"work\"].country"});
    });
    world.save_rules(&rules);
    world.person(
        "ada",
        json!({"addresses": [{"type": "work", "country": "Atlantis"}]}),
    );
    world.person("ben", json!({"addresses": [{"type": "work", "country": "de"}]}));
    world.switch_on("people");
    world.cycle();
    assert!(world.tenant.user("ada@contoso.example").is_none());
    assert_eq!(
        world.tenant.user("ben@contoso.example").unwrap()["usageLocation"],
        "DE"
    );
    let ada = world.get("/objects/ada@contoso.example/status").body;
    assert!(ada.to_string().contains("PRV-USAGE-LOCATION"), "{ada}");
}

/// G2-13: no licence without a usage location, and the service is not even asked.
#[test]
fn g13_no_licence_without_a_usage_location() {
    let world = World::ready();
    map_licence(&world, json!([E3]));
    world.person(
        "ada",
        json!({"addresses": [{"type": "work", "locality": "Oslo"}]}),
    );
    world.switch_on("people");
    world.cycle();
    assert_eq!(world.tenant.licences("ada@contoso.example"), [""; 0]);
    let status = world.get("/objects/ada@contoso.example/status").body;
    assert!(status.to_string().contains("PRV-LICENCE-LOCATION"), "{status}");
    let asked = world.tenant.simulator.calls();
    assert!(!format!("{asked:?}").contains("assignLicense"), "{asked:?}");
}

/// G2-14: a name in a domain that the tenant has not verified is refused before the call.
#[test]
fn g14_a_suffix_has_to_be_verified() {
    let world = World::ready();
    world.entra.make(
        "/Users",
        &json!({"userName": "ada@fabrikam.example", "displayName": "Ada", "active": true,
                "name": {"givenName": "Ada", "familyName": "Byron"}}),
    );
    world.switch_on("people");
    let before = world.tenant.simulator.counters().writes;
    world.cycle();
    assert_eq!(world.tenant.simulator.counters().writes, before);
    let status = world.get("/objects/ada@fabrikam.example/status").body.to_string();
    assert!(
        status.contains("PRV-UPN-SUFFIX") && status.contains("contoso.example"),
        "{status}"
    );
}

/// G2-15: the immutable id stays once a domain is federated; it is never empty and never somebody else's.
#[test]
fn g15_the_immutable_id_is_frozen() {
    let world = World::with(|settings| {
        settings
            .domains
            .push(m365_sim::Domain::federated("federated.contoso.example"));
    });
    world.connect(json!({}));
    for change in [
        json!({"target": "onPremisesImmutableId", "direct": "userName", "apply": "on_create"}),
        Value::Null,
    ] {
        let rules = world.rules(|rules| {
            let mappings = rules[0]["mappings"].as_array_mut().unwrap();
            mappings.retain(|one| one["target"] != "onPremisesImmutableId");
            mappings.extend((!change.is_null()).then(|| change.clone()));
        });
        let refused = world.confirmed("PUT", &World::at("/rules"), json!({"rules": rules}));
        assert_eq!(
            refused.refusal(),
            (422, "PRV-IMMUTABLE-ID-FROZEN"),
            "{change}: {}",
            refused.body
        );
    }
}

/// G2-16: seats that are short are shown before the run, and the run gives what there is.
#[test]
fn g16_short_seats_are_shown_before_the_run() {
    let world = World::with(|settings| {
        let product = settings.skus.iter_mut().find(|sku| sku.sku_id == E5).unwrap();
        product.seats = 2;
    });
    world.connect(json!({}));
    map_licence(&world, json!([E5]));
    for name in ["ada", "ben", "cleo"] {
        world.person(name, json!({}));
    }
    world.switch_on("people");
    let plan = world.post(&World::at("/plans"), &json!({})).body;
    let seats = &plan["seats"][0];
    assert_eq!(
        (&seats["free"], &seats["needed"], &seats["short"]),
        (&json!(2), &json!(3), &json!(1)),
        "{plan}"
    );
    assert_eq!(world.tenant.simulator.users().len(), 0);
    world.cycle();
    assert_eq!(world.tenant.simulator.users().len(), 3);
    let numbers = world.numbers("people");
    assert_eq!((numbers[0], numbers[1]), (3, 2), "{numbers:?}");
    let text = world
        .get(&World::at("/status/people/partially_synced"))
        .body
        .to_string()
        + &world.get(&World::at("/status/people/failed")).body.to_string();
    assert!(text.contains("PRV-LICENCE-SEATS"), "{text}");
}

/// G2-17: a group of the same name is never taken over silently.
#[test]
fn g17_no_group_is_merged_silently() {
    let world = World::ready();
    world.person("ada", json!({}));
    world.entra.make("/Groups", &json!({"displayName": "Crew"}));
    let existing = world.tenant_group("Crew");
    world.switch_on("groups");
    world.cycle();
    let groups = world.tenant.simulator.groups();
    assert_eq!(groups.len(), 1, "no twin: {groups:?}");
    let doubts = world.get(&World::at("/doubts")).body;
    let doubt = &doubts["doubts"][0];
    assert_eq!(doubt["code"], "PRV-GROUP-NAME", "{doubts}");
    let path = World::at(&format!("/doubts/{}/decide", doubt["doubt"]));
    let decision = json!({"decision": "merge", "target_id": existing});
    let refused = world.post(&path, &decision);
    assert_eq!(refused.status, 409, "not understood yet: {}", refused.body);
    let understood = json!({"decision": "merge", "target_id": existing, "confirm": {"understood": true}});
    let decided = world.post(&path, &understood);
    assert_eq!(decided.status, 200, "{}", decided.body);
    world.cycle();
    assert_eq!(world.tenant.simulator.groups().len(), 1);
    assert_eq!(world.numbers("groups")[1], 1);
}

/// G2-18: accounts that were named as protected are not touched.
#[test]
fn g18_protected_accounts_are_not_touched() {
    let world = World::with(|settings| {
        settings.applications[0]
            .roles
            .push("Directory.Read.All".to_owned())
    });
    world.connect(json!({}));
    let ada = world.person("ada", json!({}));
    let ben = world.person("ben", json!({}));
    world.switch_on("people");
    world.cycle();
    world.prefer(|preferences| preferences["protected_accounts"] = json!(["ada@contoso.example"]));
    world
        .tenant
        .simulator
        .set_directory_roles("ben@contoso.example", &["Global Administrator"])
        .unwrap();
    for id in [&ada, &ben] {
        assert_eq!(world.entra.delete(&format!("/Users/{id}")).status, 204);
    }
    world.cycle();
    for name in ["ada", "ben"] {
        let user = world.tenant.user(&format!("{name}@contoso.example")).unwrap();
        assert_eq!(user["accountEnabled"], true, "{user}");
    }
    let staged = world.place.json(&format!("staged list {NAME}")).to_string();
    assert!(staged.contains("ben"), "{staged}");
}

/// G2-19 and G2-20: the guard counts what a rule's removal takes away, and people of another rule stay.
#[test]
fn g19_g20_a_rule_that_goes_stops_at_the_guard_and_keeps_the_others() {
    let world = World::ready();
    for number in 0..30 {
        let title = if number < 12 { "Engineer" } else { "Porter" };
        world.person(&format!("p{number}"), json!({"title": title}));
    }
    let rules = world.rules(|rules| {
        let mut engineers = rules[0].clone();
        engineers["name"] = json!("engineers");
        engineers["scope"] = json!({"filters": [{"name": "engineers", "scim": "title eq \"Engineer\""}]});
        rules.push(engineers);
    });
    world.save_rules(&rules);
    world.switch_on("people");
    world.cycle();
    assert_eq!(world.tenant.simulator.users().len(), 30);
    world.switch_on("engineers");
    world.cycle();
    world.prefer(|preferences| preferences["allowed"]["deprovision_on_rule_deletion"] = json!(true));
    let path = World::at("/rules/people/remove");
    let asked = world.post(&path, &json!({}));
    let confirm = json!({"confirm": {"digest": asked.body["digest"], "typed": "people"}});
    let removed = world.post(&path, &confirm);
    assert_eq!(removed.status, 200, "{}", removed.body);
    world.cycle();
    let enabled = |world: &World| {
        let users = world.tenant.simulator.users();
        users.iter().filter(|user| user["accountEnabled"] == true).count()
    };
    assert_eq!(
        enabled(&world),
        30,
        "18 at once are more than the guard lets through"
    );
    let staged = world.place.run(&format!("staged approve {NAME} --all"));
    assert!(staged.contains("exit 0"), "{staged}");
    world.cycle();
    assert_eq!(enabled(&world), 12, "the engineers stay");
}

/// G2-21: a connection in use is not deleted; the refusal names its rules.
#[test]
fn g21_a_connection_in_use_stays() {
    let world = World::ready();
    world.person("ada", json!({}));
    world.switch_on("people");
    let refused = world.call("DELETE", &World::at(""), None);
    assert_eq!(refused.refusal(), (409, "PRV-CONNECTION-IN-USE"));
    assert!(
        refused.body["detail"].as_str().unwrap().contains("people"),
        "{}",
        refused.body
    );
    let said = world.place.run(&format!("connection remove {NAME}"));
    assert!(said.contains("people") && said.contains("exit 1"), "{said}");
    assert_eq!(world.refused_attempts("PRV-CONNECTION-IN-USE"), 2);
}

/// G2-22: a secret that expires makes the connection invalid and takes nothing away.
#[test]
fn g22_an_expired_secret_deprovisions_nobody() {
    let world = World::ready();
    let ada = world.person("ada", json!({}));
    world.person("ben", json!({}));
    world.switch_on("people");
    world.cycle();
    world.tenant.simulator.change(|settings| {
        settings.applications[0].client_secret = "another~one".to_owned();
        settings.token_lifetime_s = 1;
    });
    // Tokens that are out are void as well.
    world.tenant.simulator.advance(4_000_000);
    world.entra.delete(&format!("/Users/{ada}"));
    world.post(&World::at("/cycles"), &json!({}));
    let shown = world.get(&World::at("")).body;
    assert_eq!(shown["state"], "invalid", "{shown}");
    assert!(shown["code"].as_str().unwrap().starts_with("PRV-"), "{shown}");
    let enabled = |name: &str| {
        let user = world.tenant.user(&format!("{name}@contoso.example"));
        user.unwrap_or_else(|| panic!("{name} is gone"))["accountEnabled"].clone()
    };
    assert_eq!((enabled("ada"), enabled("ben")), (json!(true), json!(true)));
    let refused = world.post(&World::at("/cycles"), &json!({}));
    assert_eq!(refused.refusal(), (409, "PRV-CONNECTION-INVALID"));
    // With the right one everything goes on where it was.
    let secret = json!({"secrets": {"client_secret": "another~one"}});
    assert_eq!(world.patch(&World::at(""), &secret).status, 200);
    world.cycle();
    assert!(world.tenant.user("ada@contoso.example").is_none());
    assert_eq!(enabled("ben"), true);
}

/// Maps a licence for everybody.
fn map_licence(world: &World, value: Value) {
    let rules = world.rules(|rules| {
        let mappings = rules[0]["mappings"].as_array_mut().unwrap();
        mappings.push(json!({"target": "assignedLicenses", "constant": value}));
    });
    world.save_rules(&rules);
}

/// A world in which these people have an account and a licence.
fn with_licences(names: &[&str]) -> World {
    let world = World::ready();
    map_licence(&world, json!([E3]));
    for name in names {
        world.person(name, json!({}));
    }
    world.switch_on("people");
    world.cycle();
    for name in names {
        assert_eq!(world.tenant.licences(&format!("{name}@contoso.example")), [E3]);
    }
    world
}
