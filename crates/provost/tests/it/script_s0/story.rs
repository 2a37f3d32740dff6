//! The script from its first to its last step, in one go: what an administrator does by interface and command, and what
//! is seen.

use super::world::{GUIDE, NAME, WRONG, World};
use m365_sim::Settings;
use serde_json::{Value, json};

#[test]
fn an_administrator_lives_through_the_script() {
    let world = World::start();
    step_three_waits_for_step_two(&world);
    the_template_touches_no_account(&world);
    the_form_with_its_four_fields(&world);
    the_initial_domain_is_refused_at_once(&world);
    an_unknown_domain_is_a_draft(&world);
    a_tenant_name_is_trimmed(&world);
    it_is_added_and_active(&world);
    a_domain_has_one_provider(&world);
    authentication_needs_nothing(&world);
    what_is_pasted_is_understood(&world);
    a_wrong_secret_is_named(&world);
    a_missing_consent_is_named(&world);
    the_right_credentials_show_the_tenant(&world);
    once_connected_the_tenant_has_the_last_word(&world);
    the_checklist_is_whole(&world);
    nobody_can_be_assigned(&world);
    provisioning_only_is_a_decision(&world);
    removed_and_added_again(&world);
    let violations = world.tenant.watch.violations();
    assert!(violations.is_empty(), "{violations:#?}");
    assert!(world.say("audit verify").ends_with("exit 0"));
}

/// The line of a field.
#[track_caller]
pub fn line<'a>(found: &'a Value, field: &str) -> &'a Value {
    let lines = found["lines"].as_array().unwrap_or_else(|| panic!("{found}"));
    let found_line = lines.iter().find(|line| line["field"] == field);
    found_line.unwrap_or_else(|| panic!("no {field}: {found}"))
}

/// What is said to a draft with these fields.
#[track_caller]
fn checked(world: &World, more: Value) -> Value {
    let answer = world.post("/microsoft-365-provider-checks", &world.entered(more));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// 0.1: step 3 is locked until step 2 is recorded, here or as done elsewhere.
fn step_three_waits_for_step_two(world: &World) {
    let notes = world.get(&format!("/guides/{GUIDE}/notes")).body;
    assert_eq!(notes["notes"], json!([]));
    let early = world.post("/microsoft-365-providers", &world.entered(json!({})));
    assert_eq!(early.refusal(), (409, "PRV-GUIDE-ORDER"), "{}", early.body);
    world.register();
    let said = world.run(&format!("guide list {GUIDE}"));
    assert!(said.contains("register"), "{said}");
}

/// 0.2: the template is there, and choosing it does nothing to anybody.
fn the_template_touches_no_account(world: &World) {
    let templates = world.get("/templates").body;
    let listed = templates["templates"].as_array().unwrap();
    assert!(
        listed.iter().any(|one| one["name"] == "microsoft-365"),
        "{templates}"
    );
    checked(world, json!({}));
    let help = world.run("microsoft-365 add --help");
    assert!(
        help.contains("adds a connection later, and touches no account"),
        "{help}"
    );
    assert_eq!(
        world.get("/microsoft-365-providers").body["microsoft_365_providers"],
        json!([])
    );
    assert_eq!(world.get("/connections").body["connections"], json!([]));
    assert!(world.tenant.simulator.users().is_empty());
}

/// 0.3, 0.4, 0.5: four fields, each with an answer of its own; what cannot be changed later says so beforehand, and there
/// is one link key.
fn the_form_with_its_four_fields(world: &World) {
    let found = checked(world, json!({}));
    for field in ["name", "link_key", "domain", "tenant_name"] {
        assert_eq!(line(&found, field)["ok"], true, "{found}");
    }
    assert_eq!(found["is_ok"], true, "{found}");
    let help = world.run("microsoft-365 add --help");
    assert!(
        help.contains("cannot be changed later") && help.contains("User: UDI"),
        "{help}"
    );
    let other = checked(world, json!({"link_key": "User: E-mail"}));
    assert_eq!(line(&other, "link_key")["code"], "PRV-LINK-KEY", "{other}");
}

/// 0.6: the initial domain cannot be federated.
fn the_initial_domain_is_refused_at_once(world: &World) {
    let found = checked(world, json!({"domain": "contoso.onmicrosoft.com"}));
    let domain = line(&found, "domain");
    assert_eq!(
        (&domain["ok"], &domain["code"]),
        (&json!(false), &json!("PRV-DOMAIN-INITIAL"))
    );
    assert!(
        domain["sentence"]
            .as_str()
            .unwrap()
            .contains("cannot be federated"),
        "{domain}"
    );
}

/// 0.7: before there are credentials, a domain that nobody has verified is taken, and the provider stays a draft.
fn an_unknown_domain_is_a_draft(world: &World) {
    let said = world.run(&world.adding("Unknown", "unknown.example", "contoso"));
    assert!(
        said.contains("as a draft") && said.contains("microsoft-365 check"),
        "{said}"
    );
    let found = world.get("/microsoft-365-providers/Unknown").body;
    assert_eq!(
        (&found["state"], &found["domain_state"]),
        (&json!("draft"), &json!("unverified")),
        "{found}"
    );
    // Asked again, it is as before; verified in the meantime, it is active.
    let again = world.post("/microsoft-365-providers/Unknown/check", &json!({}));
    assert_eq!(
        (again.status, &again.body["domain_state"]),
        (200, &json!("unverified")),
        "{}",
        again.body
    );
    let asked = world.delete("/microsoft-365-providers/Unknown");
    let digest = asked.digest();
    let digest = digest.as_str().unwrap();
    let path = format!("/microsoft-365-providers/Unknown?digest={digest}");
    assert_eq!(world.delete(&path).status, 204);
}

/// 0.9: what is more than the name is taken off, and said; what cannot be one is refused.
fn a_tenant_name_is_trimmed(world: &World) {
    let found = checked(world, json!({"tenant_name": "contoso.onmicrosoft.com"}));
    assert_eq!(found["tenant_name"], "contoso", "{found}");
    let tenant = line(&found, "tenant_name");
    assert_eq!(tenant["ok"], true, "{tenant}");
    assert!(
        tenant["sentence"].as_str().unwrap().contains("kept as contoso"),
        "{tenant}"
    );
    for text in ["https://contoso.onmicrosoft.com", "con toso"] {
        let refused = checked(world, json!({"tenant_name": text}));
        assert_eq!(
            line(&refused, "tenant_name")["code"],
            "PRV-TENANT-NAME",
            "{text}: {refused}"
        );
    }
}

/// 0.8, 0.11: each field has a result, and the provider is active; neither provisioning nor federated.
fn it_is_added_and_active(world: &World) {
    let made = world.add(json!({"label": "The Contoso tenant"}));
    assert_eq!(
        (&made["state"], &made["connection"]),
        (&json!("active"), &Value::Null),
        "{made}"
    );
    assert_eq!(
        (&made["mode"], &made["is_assignable"]),
        (&json!("federation"), &json!(false)),
        "{made}"
    );
    assert_eq!(made["tenant_id"], Settings::CONTOSO_TENANT, "{made}");
    for field in ["name", "link_key", "domain", "tenant_name"] {
        assert_eq!(line(&made["checked"], field)["ok"], true, "{made}");
    }
    assert_eq!(world.done(), ["active", "general", "unassigned"]);
    assert_eq!(world.audited("microsoft_365.add").len(), 2);
    let said = world.run("microsoft-365 list");
    assert!(said.contains(NAME) && said.contains("active"), "{said}");
}

/// 0.10: the other provider is named.
fn a_domain_has_one_provider(world: &World) {
    let found = checked(world, json!({"name": "Second"}));
    let domain = line(&found, "domain");
    assert_eq!(domain["code"], "PRV-DOMAIN-TAKEN", "{found}");
    assert!(domain["sentence"].as_str().unwrap().contains(NAME), "{domain}");
}

/// 0.12: nothing has to be entered, and the values are shown that will be used.
fn authentication_needs_nothing(world: &World) {
    assert_eq!(world.provider()["authentication"], Value::Null);
    let saved = world.put(&World::at("/authentication"), &json!({}));
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert!(saved.body["authentication"].is_string(), "{}", saved.body);
    let id = saved.body["id"].as_str().unwrap();
    let values = &saved.body["values"];
    for (value, end) in [
        ("sp_entity_id", format!("/saml/{id}/metadata")),
        ("sp_acs", format!("/saml/{id}/acs")),
        ("issuer", format!("/idp/{id}")),
        ("sign_in", format!("/idp/{id}/saml")),
        ("sign_out", format!("/idp/{id}/logout")),
        ("metadata", format!("/idp/{id}/metadata")),
    ] {
        assert!(
            values[value].as_str().unwrap().ends_with(&end),
            "{value}: {values}"
        );
    }
    let said = world.run(&format!("microsoft-365 authentication {NAME}"));
    assert!(
        said.contains("nothing has to be entered") && said.contains(&format!("/saml/{id}/acs")),
        "{said}"
    );
}

/// The code of the first thing that is wrong with credentials.
#[track_caller]
fn refused(tried: &Value) -> String {
    let lines = tried["lines"]
        .as_array()
        .unwrap_or_else(|| panic!("{tried}"))
        .iter();
    let all = lines.chain(tried["checks"].as_array().unwrap());
    let wrong = all.into_iter().find(|one| one["ok"] == false);
    let wrong = wrong.unwrap_or_else(|| panic!("nothing is wrong: {tried}"));
    for words in ["sentence", "hint"] {
        assert!(
            !wrong[words].as_str().unwrap_or_default().is_empty(),
            "{words}: {wrong}"
        );
    }
    wrong["code"].as_str().unwrap().to_owned()
}

/// What trying credentials says.
#[track_caller]
fn tried(world: &World, more: Value) -> Value {
    let answer = world.post(&World::at("/provisioning/test"), &World::credentials(more));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// 0.13: an address is as good as the id in it; the id of a secret, and no id at all, are recognised.
fn what_is_pasted_is_understood(world: &World) {
    let portal =
        "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId";
    let pasted = json!({
        "client_id": format!("{portal}/{}/isMSAApp~/false", Settings::CONTOSO_CLIENT_ID),
        "tenant": format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", Settings::CONTOSO_TENANT),
    });
    let found = tried(world, pasted);
    assert!(is_good(&found), "{found}");
    let id_of_a_secret = json!({"client_secret": "3c8f2b91-5f4e-4d66-9a1b-2e3d4c5b6a70"});
    assert_eq!(refused(&tried(world, id_of_a_secret)), "PRV-M365-SECRET-WRONG");
    let no_id = refused(&tried(world, json!({"client_id": "provost"})));
    assert!(no_id.starts_with("PRV-"), "{no_id}");
    assert_eq!(world.provider()["connection"], Value::Null);
}

/// Whether everything of a try succeeded.
pub fn is_good(tried: &Value) -> bool {
    let all = |name: &str| {
        tried[name]
            .as_array()
            .is_some_and(|all| all.iter().all(|one| one["ok"] == true))
    };
    all("lines") && all("checks") && !tried["checks"].as_array().unwrap().is_empty()
}

/// 0.14: the exact code and cause; nothing is saved.
fn a_wrong_secret_is_named(world: &World) {
    let said = world.try_to_connect(json!({"client_secret": WRONG}));
    assert_eq!(said.refusal(), (409, "PRV-CONNECTION-TEST"), "{}", said.body);
    assert!(
        said.body["detail"]
            .as_str()
            .unwrap()
            .contains("PRV-M365-SECRET-WRONG"),
        "{}",
        said.body
    );
    assert_eq!(
        refused(&tried(world, json!({"client_secret": WRONG}))),
        "PRV-M365-SECRET-WRONG"
    );
    assert_eq!(world.provider()["connection"], Value::Null);
    assert_eq!(world.get("/connections").body["connections"], json!([]));
}

/// 0.15: the missing right is named, and so is one that is more than needed.
fn a_missing_consent_is_named(world: &World) {
    let simulator = &world.tenant.simulator;
    let all = [
        "User.ReadWrite.All",
        "Group.ReadWrite.All",
        "Organization.Read.All",
    ];
    let roles = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let some = roles(&[
        "User.ReadWrite.All",
        "Organization.Read.All",
        "Application.ReadWrite.All",
    ]);
    simulator.change(|settings| settings.applications[0].roles = some);
    let found = tried(world, json!({}));
    let off = &found["lines"].to_string();
    assert!(
        off.contains("PRV-FUNCTION-RIGHT") && off.contains("Group.ReadWrite.All"),
        "{off}"
    );
    let permissions = &found["permissions"];
    assert!(
        permissions["excess"]
            .to_string()
            .contains("Application.ReadWrite.All"),
        "{permissions}"
    );
    // What the switch of step 5 needs is not missing before it, and not too much once it is there.
    let federation = ["Domain-InternalFederation.ReadWrite.All", "Domain.Read.All"];
    for right in federation {
        assert!(permissions["later"].to_string().contains(right), "{permissions}");
        assert!(!off.contains(right), "{off}");
    }
    let granted = roles(&[all.as_slice(), &federation].concat());
    simulator.change(|settings| settings.applications[0].roles = granted);
    let permissions = &tried(world, json!({}))["permissions"];
    assert_eq!(
        (
            &permissions["missing"],
            &permissions["excess"],
            &permissions["later"]
        ),
        (&json!([]), &json!([]), &json!([])),
        "{permissions}"
    );
    let others = roles(&["Group.ReadWrite.All", "Organization.Read.All"]);
    simulator.change(|settings| settings.applications[0].roles = others);
    assert_eq!(refused(&tried(world, json!({}))), "PRV-M365-PERMISSION-MISSING");
    assert_eq!(world.try_to_connect(json!({})).status, 409);
    simulator.change(|settings| settings.applications[0].roles = roles(&all));
}

/// 0.16: tenant, domains and seats are shown, and the end of the secret is kept.
fn the_right_credentials_show_the_tenant(world: &World) {
    let saved = world.try_to_connect(json!({"secret_expires": "2031-01-31T12:00:00Z"}));
    assert_eq!(saved.status, 200, "{}", saved.body);
    let found = &saved.body;
    assert!(is_good(found), "{found}");
    assert_eq!(
        (&found["tenant"], &found["tenant_id"]),
        (&json!("Contoso"), &json!(Settings::CONTOSO_TENANT))
    );
    assert!(
        found["domains"].to_string().contains("contoso.example"),
        "{found}"
    );
    assert!(found["checks"].to_string().contains("SPE_E3"), "{found}");
    let credentials = world.get("/credentials").body.to_string();
    assert!(
        credentials.contains("2031-01-31") && credentials.contains(NAME),
        "{credentials}"
    );
    let connection = world.get(&World::connection("")).body;
    assert_eq!(
        (&connection["state"], &connection["preferences"]["assignment"]),
        (&json!("active"), &json!("assigned"))
    );
    world.nobody_is_touched();
}

/// 0.7, once connected: what the tenant has not verified is refused.
fn once_connected_the_tenant_has_the_last_word(world: &World) {
    let moved = world.patch(&World::at(""), &json!({"domain": "unknown.example"}));
    assert_eq!(
        moved.refusal(),
        (422, "PRV-DOMAIN-NOT-IN-TENANT"),
        "{}",
        moved.body
    );
    let said = world.run(&format!("microsoft-365 check {NAME}"));
    assert!(said.contains("active"), "{said}");
}

/// 0.20: four lines, each with evidence and time.
fn the_checklist_is_whole(world: &World) {
    assert_eq!(world.done(), ["active", "general", "credentials", "unassigned"]);
    let list = world.get(&World::at("/checklist")).body;
    for line in list["lines"].as_array().unwrap() {
        assert!(!line["evidence"].as_str().unwrap().is_empty(), "{line}");
        assert!(line["at"].is_string() || line["key"] == "unassigned", "{line}");
        assert_eq!(line["missing"], "", "{line}");
    }
    let said = world.run(&format!("microsoft-365 checklist {NAME}"));
    assert!(said.contains("Everything is there for step 4"), "{said}");
}

/// 0.17: by interface and by command; the other doors are tried by themselves.
fn nobody_can_be_assigned(world: &World) {
    let body = json!({"assign": ["ada@contoso.example", world.group]});
    let refused = world.post(&World::connection("/assignments"), &body);
    assert_eq!(
        refused.refusal(),
        (409, "PRV-PROVIDER-NOT-ASSIGNABLE"),
        "{}",
        refused.body
    );
    assert!(
        refused.body["detail"]
            .as_str()
            .unwrap()
            .contains("not before federation is finished"),
        "{}",
        refused.body
    );
    world.refuses(
        &format!("assign {NAME} ada@contoso.example"),
        "PRV-PROVIDER-NOT-ASSIGNABLE",
    );
    world.nobody_is_touched();
}

/// 0.18: a decision with a reason, recorded; then somebody can be assigned.
fn provisioning_only_is_a_decision(world: &World) {
    let decided = world.provisioning_only();
    assert_eq!(
        (&decided["mode"], &decided["is_assignable"]),
        (&json!("provisioning_only"), &json!(true)),
        "{decided}"
    );
    assert!(decided["mode_changed"].is_string(), "{decided}");
    let rows = world.audited("microsoft_365.mode");
    assert!(
        rows.len() == 1 && rows[0]["detail"].to_string().contains("keep their sign-in"),
        "{rows:?}"
    );
    let body = json!({"assign": ["cleo@contoso.example", world.group]});
    let assigned = world.post(&World::connection("/assignments"), &body);
    assert_eq!(
        (assigned.status, &assigned.body["assigned"]),
        (200, &json!(2)),
        "{}",
        assigned.body
    );
    assert_eq!(world.done(), ["active", "general", "credentials"]);
}

/// 0.19: who was assigned is kept, and assigned again once that is possible.
fn removed_and_added_again(world: &World) {
    let asked = world.delete(&World::at(""));
    assert_eq!(asked.status, 409, "{}", asked.body);
    let told = asked.body.to_string();
    for kept in ["cleo", "Pilot"] {
        assert!(told.contains(kept), "{kept}: {told}");
    }
    world.remove();
    assert_eq!(world.get(&World::at("")).status, 404);
    assert_eq!(world.get(&World::connection("")).status, 404);
    world.add(json!({}));
    let kept = world.get(&World::at("/detached")).body;
    assert_eq!(kept["count"], 2, "{kept}");
    world.connect();
    let early = world.post(&World::at("/reattach"), &json!({}));
    assert_eq!(
        early.refusal(),
        (409, "PRV-PROVIDER-NOT-ASSIGNABLE"),
        "{}",
        early.body
    );
    world.provisioning_only();
    let back = world.post(&World::at("/reattach"), &json!({}));
    assert_eq!(
        (back.status, &back.body["reattached"]),
        (200, &json!(2)),
        "{}",
        back.body
    );
    assert_eq!(world.get(&World::at("/detached")).body["count"], 0);
    assert_eq!(world.get(&World::connection("/assignments")).body["count"], 2);
}
