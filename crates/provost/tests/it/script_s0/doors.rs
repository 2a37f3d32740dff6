//! G0-14: until the domain is federated, nobody is in reach of the provider. Every door is tried by which somebody could
//! come in: each is shut with the same code, and at the end nobody is touched.

use super::world::{NAME, World};
use m365_sim::Settings;
use serde_json::{Value, json};

const CODE: &str = "PRV-PROVIDER-NOT-ASSIGNABLE";

/// A provider with working credentials and the template's rules, switched off.
fn world() -> World {
    let world = World::connected();
    let rules = rules(&world, false);
    let saved = world.confirmed("PUT", &World::connection("/rules"), json!({"rules": rules}));
    assert_eq!(saved.status, 200, "{}", saved.body);
    world
}

/// The template's rules, all on or all off.
fn rules(world: &World, enabled: bool) -> Vec<Value> {
    let template = world.get("/templates/microsoft-365").body;
    let mut rules = template["rules"].as_array().unwrap().clone();
    for rule in &mut rules {
        rule["enabled"] = enabled.into();
    }
    rules
}

/// That the door was shut, whatever was confirmed.
#[track_caller]
fn shut(world: &World, method: &str, path: &str, body: Value) {
    let refused = world.confirmed(method, path, body);
    assert_eq!(
        refused.refusal(),
        (409, CODE),
        "{method} {path}: {}",
        refused.body
    );
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(
        detail.contains(NAME) && detail.contains("not before federation is finished"),
        "{detail}"
    );
    assert!(!refused.body["hint"].as_str().unwrap().is_empty());
}

#[test]
fn g14_the_interface_assigns_nobody() {
    let world = world();
    for who in ["ada@contoso.example", &world.group] {
        shut(
            &world,
            "POST",
            &World::connection("/assignments"),
            json!({"assign": [who]}),
        );
    }
    // One who may not be assigned takes nobody along.
    let several = json!({"assign": ["ben@contoso.example", "cleo@contoso.example"]});
    shut(&world, "POST", &World::connection("/assignments"), several);
    let mut preferences = world.get(&World::connection("")).body["preferences"].clone();
    preferences["assignment"] = json!("all");
    shut(
        &world,
        "PUT",
        &World::connection("/preferences"),
        json!({"preferences": preferences}),
    );
    assert!(
        world.refused_attempts(CODE) >= 4,
        "the attempts stand in the audit log"
    );
    world.nobody_is_touched();
}

#[test]
fn g14_the_command_assigns_nobody() {
    let world = world();
    for words in [
        format!("assign {NAME} ada@contoso.example"),
        format!("assign {NAME} {}", world.group),
        format!("connection preferences {NAME} assignment=all --yes"),
        format!("connection set {NAME} assignment=all --yes --untested"),
        format!("rule on {NAME} people --yes"),
    ] {
        world.refuses(&words, CODE);
    }
    assert!(world.refused_attempts(CODE) >= 5);
    world.nobody_is_touched();
}

#[test]
fn g14_no_rule_is_switched_on() {
    let world = world();
    for rule in ["people", "groups"] {
        shut(
            &world,
            "POST",
            &World::connection(&format!("/rules/{rule}/on")),
            json!({}),
        );
    }
    let on = json!({"rules": rules(&world, true)});
    shut(&world, "PUT", &World::connection("/rules"), on.clone());
    let people = on["rules"][0].clone();
    world.place.write("rule.json", &people.to_string());
    world.refuses(&format!("rule set {NAME} --file rule.json --offline --yes"), CODE);
    assert!(world.refused_attempts(CODE) >= 4);
    world.nobody_is_touched();
    // Nor does anything run for anybody: there is no rule that is on.
    world.post(&World::connection("/cycles"), &json!({"mode": "initial"}));
    world.post(
        &World::connection("/provision"),
        &json!({"object": "ada@contoso.example"}),
    );
    world.say(&format!("cycle run {NAME} --mode initial"));
    world.say(&format!("provision {NAME} ada@contoso.example"));
    world.say(&format!("plan {NAME} --save"));
    world.nobody_is_touched();
}

#[test]
fn g14_configuration_files_assign_nobody() {
    let world = world();
    world.run(&format!("config export {NAME} --folder files"));
    let path = world.place.beside("files/microsoft-365.toml");
    let file = std::fs::read_to_string(&path).unwrap();
    let changed = |from: &str, to: &str| {
        assert!(file.contains(from), "{from}: {file}");
        file.replacen(from, to, 1)
    };
    for (name, text) in [
        (
            "everybody.toml",
            changed("assignment = \"assigned\"", "assignment = \"all\""),
        ),
        ("on.toml", changed("enabled = false", "enabled = true")),
    ] {
        world.place.write(name, &text);
        world.refuses(&format!("config apply {name} --yes"), CODE);
    }
    assert!(world.refused_attempts(CODE) >= 2);
    world.nobody_is_touched();
}

#[test]
fn g14_no_version_and_no_schema_brings_somebody_in() {
    let world = world();
    // A version from a time when everybody was meant, and all rules were on.
    world.provisioning_only();
    let mut preferences = world.get(&World::connection("")).body["preferences"].clone();
    preferences["assignment"] = json!("all");
    let everybody = json!({"preferences": preferences});
    assert_eq!(
        world
            .confirmed("PUT", &World::connection("/preferences"), everybody)
            .status,
        200
    );
    let versions = world.get(&World::connection("/versions")).body;
    let open = versions["versions"][0]["version"]
        .as_i64()
        .unwrap_or_else(|| panic!("{versions}"));
    preferences["assignment"] = json!("assigned");
    let nobody = json!({"preferences": preferences});
    assert_eq!(
        world
            .confirmed("PUT", &World::connection("/preferences"), nobody)
            .status,
        200
    );
    world.run(&format!(
        "microsoft-365 mode {NAME} federation --reason Reconsidered --yes"
    ));
    let path = World::connection(&format!("/versions/{open}/restore"));
    shut(&world, "POST", &path, json!({}));
    world.refuses(&format!("config roll-back {NAME} {open} --yes"), CODE);
    // A job of Entra that is on is not taken over as such.
    world.run(&format!("entra export {NAME} --file entra.json"));
    let exported = std::fs::read_to_string(world.place.beside("entra.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&exported).unwrap();
    let mappings = schema["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap();
    // Groups: for people another guard stands before this one, because such a schema knows no password.
    let groups = mappings.iter_mut().find(|one| one["name"] == "groups").unwrap();
    assert_eq!(groups["enabled"], false, "{groups}");
    groups["enabled"] = true.into();
    world.place.write("entra.json", &schema.to_string());
    world.refuses(&format!("entra import {NAME} entra.json --yes"), CODE);
    shut(
        &world,
        "PUT",
        &World::connection("/entra-schema"),
        json!({"schema": schema}),
    );
    world.nobody_is_touched();
}

#[test]
fn g14_who_is_pushed_or_imported_is_not_assigned() {
    let world = world();
    // A group that says who belongs to Microsoft 365, a team, a person: all of it comes in, and assigns nobody.
    let pushed = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "dora@contoso.example", "active": true,
        "displayName": "Dora", "name": {"givenName": "Dora", "familyName": "Contoso"},
        "addresses": [{"type": "work", "country": "NO"}],
    });
    let dora = world.entra.make("/Users", &pushed);
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": NAME, "members": [{"value": dora}],
    });
    world.entra.make("/Groups", &group);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": dora}]}]);
    world.entra.patch(&format!("/Groups/{}", world.group), add);
    for words in [
        "team add Office",
        "provider add Office --role user --team Office --rate 0",
        "provider add HR",
    ] {
        world.run(words);
    }
    world
        .place
        .write("source.toml", include_str!("../commands/source.toml"));
    world.place.write("hr.csv", "Number,Name\n1,eli\n2,finn\n");
    world.run("import source set HR --file source.toml");
    world.run("import csv HR hr.csv --full");
    world.run("person add gina@contoso.example --set displayName=Gina");
    world.say(&format!("cycle run {NAME} --mode initial"));
    world.nobody_is_touched();
}

#[test]
fn g14_who_is_kept_from_before_waits_like_everybody() {
    let world = World::connected();
    world.provisioning_only();
    world.run(&format!("assign {NAME} ada@contoso.example"));
    world.remove();
    world.add(json!({}));
    world.connect();
    for body in [json!({}), json!({"objects": [kept(&world)]})] {
        shut(&world, "POST", &World::at("/reattach"), body);
    }
    world.refuses(&format!("microsoft-365 reattach {NAME} --all"), CODE);
    world.refuses(
        &format!("microsoft-365 reattach {NAME} ada@contoso.example"),
        CODE,
    );
    assert_eq!(world.get(&World::at("/detached")).body["count"], 1);
    world.nobody_is_touched();
}

fn kept(world: &World) -> Value {
    world.get(&World::at("/detached")).body["detached"][0]["id"].clone()
}

/// What is not a provider's is as it was: a connection that was added by itself is for provisioning only by its nature.
#[test]
fn g14_a_connection_without_a_provider_is_not_locked() {
    let world = world();
    let entered = json!({
        "name": "Other", "template": "microsoft-365", "secrets": {"client_secret": Settings::CONTOSO_CLIENT_SECRET},
        "settings": {
            "tenant": Settings::CONTOSO_TENANT, "client_id": Settings::CONTOSO_CLIENT_ID, "graph_url": world.tenant.url,
            "login_url": world.tenant.url, "allow_private_network": true,
        },
    });
    let made = world.post("/connections", &entered);
    assert_eq!(made.status, 201, "{}", made.body);
    let assigned = world.post(
        "/connections/Other/assignments",
        &json!({"assign": ["ada@contoso.example"]}),
    );
    assert_eq!(
        (assigned.status, &assigned.body["assigned"]),
        (200, &json!(1)),
        "{}",
        assigned.body
    );
    world.nobody_is_touched();
}
