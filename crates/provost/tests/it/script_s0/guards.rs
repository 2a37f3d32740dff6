//! Each guard of the script, and attempts to get past it, by interface and by command. The server refuses with a stable
//! code and a sentence, whatever a page shows, and the audit log has the attempt. G0-10 is in `secret`, G0-14 in `doors`.

use super::story::{is_good, line};
use super::world::{GUIDE, NAME, WRONG, World};
use m365_sim::Settings;
use provost_store::microsoft_365::State;
use serde_json::{Value, json};

/// The code of a field in a refusal of several.
#[track_caller]
fn field_code<'a>(refused: &'a Value, field: &str) -> &'a str {
    let errors = refused["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("{refused}"));
    let found = errors.iter().find(|one| one["field"] == field);
    found.unwrap_or_else(|| panic!("no {field}: {refused}"))["code"]
        .as_str()
        .unwrap()
}

/// G0-1: a provider comes after the application was registered.
#[test]
fn g01_a_provider_waits_for_the_step_before() {
    let world = World::start();
    let early = world.post("/microsoft-365-providers", &world.entered(json!({})));
    assert_eq!(early.refusal(), (409, "PRV-GUIDE-ORDER"), "{}", early.body);
    let detail = early.body["detail"].as_str().unwrap();
    assert!(detail.contains("step 2"), "the step is named: {detail}");
    let words = world.adding(NAME, "contoso.example", "contoso");
    world.refuses(&words, "PRV-GUIDE-ORDER");
    // Another step, and a step of another guide, are not it.
    world.run(&format!("guide sign {GUIDE} move"));
    world.run("guide sign microsoft-365 register");
    world.refuses(&words, "PRV-GUIDE-ORDER");
    assert_eq!(world.refused_attempts("PRV-GUIDE-ORDER"), 3);
    // Recorded and taken back, it is as if it never was.
    world.run(&format!("guide sign {GUIDE} register"));
    world.run(&format!("guide unsign {GUIDE} register"));
    world.refuses(&words, "PRV-GUIDE-ORDER");
    assert_eq!(
        world.get("/microsoft-365-providers").body["microsoft_365_providers"],
        json!([])
    );
    world.run(&format!("guide sign {GUIDE} register"));
    world.run(&words);
}

/// G0-2: the display name stays; the label is there to be changed.
#[test]
fn g02_the_display_name_stays() {
    let world = World::added();
    let renamed = world.patch(&World::at(""), &json!({"name": "Other"}));
    assert_eq!(
        renamed.refusal(),
        (409, "PRV-FIELD-IMMUTABLE"),
        "{}",
        renamed.body
    );
    assert_eq!(world.refused_attempts("PRV-FIELD-IMMUTABLE"), 1);
    // With something that may change beside it, none of both is done.
    let both = world.patch(&World::at(""), &json!({"name": "Other", "label": "Second"}));
    assert_eq!(both.refusal(), (409, "PRV-FIELD-IMMUTABLE"), "{}", both.body);
    assert_eq!(world.provider()["label"], "");
    // The command has no word for it.
    let said = world.say(&format!("microsoft-365 edit {NAME} --name Other"));
    assert!(said.ends_with("exit 2"), "{said}");
    let same = world.patch(&World::at(""), &json!({"name": NAME, "label": "Contoso"}));
    assert_eq!(
        (same.status, &same.body["label"]),
        (200, &json!("Contoso")),
        "{}",
        same.body
    );
    world.run(&format!("microsoft-365 edit {NAME} --label Headquarters"));
    assert_eq!(
        (&world.provider()["name"], &world.provider()["label"]),
        (&json!(NAME), &json!("Headquarters"))
    );
}

/// G0-3: there is one link key.
#[test]
fn g03_any_other_link_key_is_refused() {
    let world = World::start();
    world.register();
    for key in ["User: E-mail", "userPrincipalName", "", "user: udi"] {
        let refused = world.post(
            "/microsoft-365-providers",
            &world.entered(json!({"link_key": key})),
        );
        assert_eq!(
            refused.refusal(),
            (422, "PRV-LINK-KEY"),
            "{key}: {}",
            refused.body
        );
        let sentence = refused.body["errors"][0]["sentence"].as_str().unwrap();
        assert!(
            sentence.contains("User: UDI") && sentence.contains("changes"),
            "it says why: {sentence}"
        );
    }
    let words = world.adding(NAME, "contoso.example", "contoso");
    world.refuses(&format!("{words} --link-key userName"), "PRV-LINK-KEY");
    assert_eq!(world.refused_attempts("PRV-LINK-KEY"), 5);
    assert_eq!(world.get(&World::at("")).status, 404);
}

/// G0-4: and it stays.
#[test]
fn g04_the_link_key_stays() {
    let world = World::added();
    let changed = world.patch(&World::at(""), &json!({"link_key": "User: E-mail"}));
    assert_eq!(
        changed.refusal(),
        (409, "PRV-FIELD-IMMUTABLE"),
        "{}",
        changed.body
    );
    let said = world.say(&format!("microsoft-365 edit {NAME} --link-key mail"));
    assert!(said.ends_with("exit 2"), "{said}");
    assert_eq!(world.provider()["link_key"], "User: UDI");
    assert_eq!(world.refused_attempts("PRV-FIELD-IMMUTABLE"), 1);
}

/// G0-5: no initial domain, in whatever spelling and of whatever cloud, also not later.
#[test]
fn g05_an_initial_domain_is_refused() {
    let world = World::start();
    world.register();
    for domain in [
        "contoso.onmicrosoft.com",
        "CONTOSO.OnMicrosoft.com",
        "contoso.mail.onmicrosoft.com",
        "contoso.onmicrosoft.us",
        "contoso.partner.onmschina.cn",
    ] {
        let refused = world.post(
            "/microsoft-365-providers",
            &world.entered(json!({"domain": domain})),
        );
        assert_eq!(
            refused.refusal(),
            (422, "PRV-DOMAIN-INITIAL"),
            "{domain}: {}",
            refused.body
        );
    }
    world.refuses(
        &world.adding(NAME, "contoso.onmicrosoft.com", "contoso"),
        "PRV-DOMAIN-INITIAL",
    );
    world.add(json!({}));
    let later = world.patch(&World::at(""), &json!({"domain": "contoso.onmicrosoft.com"}));
    assert_eq!(later.refusal(), (422, "PRV-DOMAIN-INITIAL"), "{}", later.body);
    let words = format!("microsoft-365 edit {NAME} --domain contoso.onmicrosoft.com");
    world.refuses(&words, "PRV-DOMAIN-INITIAL");
    assert_eq!(world.provider()["domain"], "contoso.example");
}

/// G0-6: a domain that the tenant has not verified makes no active provider, before credentials exist and after.
#[test]
fn g06_a_domain_is_verified_before_the_provider_is_active() {
    let world = World::start();
    world.register();
    let made = world.add(json!({"domain": "unknown.example"}));
    assert_eq!(
        (&made["state"], &made["domain_state"]),
        (&json!("draft"), &json!("unverified")),
        "{made}"
    );
    world.post(&World::at("/check"), &json!({}));
    assert_eq!(world.provider()["state"], "draft");
    // The credentials are of the tenant, and the domain is not.
    let refused = world.try_to_connect(json!({}));
    assert_eq!(
        refused.refusal(),
        (422, "PRV-DOMAIN-NOT-IN-TENANT"),
        "{}",
        refused.body
    );
    assert_eq!(world.provider()["connection"], Value::Null);
    assert!(world.refused_attempts("PRV-DOMAIN-NOT-IN-TENANT") > 0);
    // Verified at last, it is active with the next look, and by no other door.
    world.verify("unknown.example");
    assert_eq!(world.provider()["state"], "draft");
    assert!(!world.done().contains(&"active".to_owned()));
    world.run(&format!("microsoft-365 check {NAME}"));
    assert_eq!(world.provider()["state"], "active");
    world.connect();
    let moved = world.patch(&World::at(""), &json!({"domain": "never.example"}));
    assert_eq!(
        moved.refusal(),
        (422, "PRV-DOMAIN-NOT-IN-TENANT"),
        "{}",
        moved.body
    );
    world.refuses(
        &format!("microsoft-365 edit {NAME} --domain never.example"),
        "PRV-DOMAIN-NOT-IN-TENANT",
    );
    assert_eq!(world.provider()["domain"], "unknown.example");
}

/// G0-7: a tenant name is one word.
#[test]
fn g07_a_tenant_name_has_its_form() {
    let world = World::start();
    world.register();
    for text in [
        "https://contoso",
        "con toso",
        "contoso.example",
        "",
        "ada@contoso.onmicrosoft.com",
        Settings::CONTOSO_TENANT,
    ] {
        let refused = world.post(
            "/microsoft-365-providers",
            &world.entered(json!({"tenant_name": text})),
        );
        assert_eq!(
            refused.refusal(),
            (422, "PRV-TENANT-NAME"),
            "{text}: {}",
            refused.body
        );
    }
    world.refuses(
        &world.adding(NAME, "contoso.example", "https://contoso"),
        "PRV-TENANT-NAME",
    );
    let made = world.add(json!({"tenant_name": "Contoso.onmicrosoft.com"}));
    assert_eq!(made["tenant_name"], "contoso", "{made}");
    let edited = world.patch(&World::at(""), &json!({"tenant_name": "con toso"}));
    assert_eq!(edited.refusal(), (422, "PRV-TENANT-NAME"), "{}", edited.body);
}

/// G0-8: a domain has one provider, also across workspaces, where no name is told.
#[test]
fn g08_a_domain_has_one_provider() {
    let world = World::added();
    let second = world.post(
        "/microsoft-365-providers",
        &world.entered(json!({"name": "Second"})),
    );
    assert_eq!(second.refusal(), (409, "PRV-DOMAIN-TAKEN"), "{}", second.body);
    assert!(second.body.to_string().contains(NAME), "{}", second.body);
    let spelled = world.entered(json!({"name": "Second", "domain": "CONTOSO.example"}));
    assert_eq!(
        world.post("/microsoft-365-providers", &spelled).refusal(),
        (409, "PRV-DOMAIN-TAKEN")
    );
    world.refuses(
        &world.adding("Second", "contoso.example", "contoso"),
        "PRV-DOMAIN-TAKEN",
    );
    assert_eq!(world.refused_attempts("PRV-DOMAIN-TAKEN"), 3);
    // A draft of another domain does not come to it by the back door.
    world.run(&world.adding("Second", "unknown.example", "contoso"));
    world.refuses(
        "microsoft-365 edit Second --domain contoso.example",
        "PRV-DOMAIN-TAKEN",
    );
    // In another workspace nobody hears a name.
    world.run("init --workspace Labs");
    world.run(&format!("guide sign {GUIDE} register --workspace Labs"));
    let words = world.adding("Labs", "contoso.example", "contoso");
    let said = world.say(&format!("{words} --workspace Labs"));
    assert!(
        said.contains("PRV-DOMAIN-TAKEN") && said.contains("another workspace"),
        "{said}"
    );
    assert!(!said.contains(NAME), "{said}");
}

/// G0-9: every field that is wrong is told at once, and nothing is saved.
#[test]
fn g09_nothing_is_saved_when_a_field_is_wrong() {
    let world = World::start();
    world.register();
    let entered = json!({
        "name": "", "link_key": "mail", "domain": "contoso.onmicrosoft.com", "tenant_name": "con toso",
    });
    let refused = world.post("/microsoft-365-providers", &world.entered(entered));
    assert_eq!(refused.status, 422, "{}", refused.body);
    for (field, code) in [
        ("name", "PRV-NAME"),
        ("link_key", "PRV-LINK-KEY"),
        ("domain", "PRV-DOMAIN-INITIAL"),
        ("tenant_name", "PRV-TENANT-NAME"),
    ] {
        assert_eq!(field_code(&refused.body, field), code, "{}", refused.body);
    }
    let words = world.adding("Bad", "contoso.onmicrosoft.com", "con.toso");
    let said = world.say(&format!("{words} --link-key mail"));
    for code in ["PRV-LINK-KEY", "PRV-DOMAIN-INITIAL", "PRV-TENANT-NAME"] {
        assert!(said.contains(code), "{code}: {said}");
    }
    let one_of_four = world.post(
        "/microsoft-365-providers",
        &world.entered(json!({"link_key": "mail"})),
    );
    assert_eq!(one_of_four.status, 422);
    assert_eq!(
        world.get("/microsoft-365-providers").body["microsoft_365_providers"],
        json!([])
    );
    assert_eq!(world.get("/connections").body["connections"], json!([]));
    assert_eq!(world.audited("microsoft_365.add").len(), 0);
    // Of a change too: what is right in it is not done either.
    world.add(json!({}));
    let edited = world.patch(
        &World::at(""),
        &json!({"label": "New", "tenant_name": "con toso"}),
    );
    assert_eq!(edited.status, 422, "{}", edited.body);
    assert_eq!(world.provider()["label"], "");
}

/// G0-11: what works stays, whatever is tried.
#[test]
fn g11_a_failed_test_replaces_nothing() {
    let world = World::connected();
    let works = |world: &World| {
        let tested = world.post(&World::connection("/test"), &json!({})).body;
        assert!(
            tested["checks"]
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["ok"] == true),
            "{tested}"
        );
        assert_eq!(tested["state"], "active", "{tested}");
    };
    for more in [
        json!({"client_secret": WRONG}),
        json!({"client_id": "aaaaaaaa-4e3d-4c55-8f0a-1d2c3b4a5e6f"}),
        json!({"client_secret": "3c8f2b91-5f4e-4d66-9a1b-2e3d4c5b6a70"}),
        json!({"client_secret": WRONG, "secret_expires": "2031-01-31T12:00:00Z"}),
    ] {
        let refused = world.try_to_connect(more.clone());
        assert!(matches!(refused.status, 409 | 422), "{more}: {}", refused.body);
        works(&world);
    }
    let (tenant, client) = (Settings::CONTOSO_TENANT, Settings::CONTOSO_CLIENT_ID);
    let words = format!("microsoft-365 provisioning {NAME} --tenant {tenant} --client-id {client}");
    let said = world.say(&format!("{words} --secret-env client_secret=WRONG"));
    assert!(
        said.contains("PRV-M365-SECRET-WRONG") && said.ends_with("exit 1"),
        "{said}"
    );
    works(&world);
    // Neither does a test by itself, nor the connection's own door.
    world.post(
        &World::at("/provisioning/test"),
        &World::credentials(json!({"client_secret": WRONG})),
    );
    let own = world.patch(
        &World::connection(""),
        &json!({"secrets": {"client_secret": WRONG}}),
    );
    assert_eq!(own.status, 409, "{}", own.body);
    works(&world);
    let ends = world.get("/credentials").body.to_string();
    assert!(!ends.contains("2031-01-31"), "{ends}");
    // The new one that works takes its place.
    let said = world.run(&format!("{words} --secret-env client_secret=SECRET"));
    assert!(said.contains("Saved."), "{said}");
    works(&world);
}

/// G0-12: without a right, the function that needs it is not there: nothing is saved.
#[test]
fn g12_a_missing_right_blocks_what_needs_it() {
    let world = World::added();
    let grant = |roles: &[&str]| {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        world
            .tenant
            .simulator
            .change(|settings| settings.applications[0].roles = roles);
    };
    // Everything is about people: without the right to them nothing is saved.
    grant(&["Group.ReadWrite.All", "Organization.Read.All"]);
    let tried = world.post(&World::at("/provisioning/test"), &World::credentials(json!({})));
    assert!(!is_good(&tried.body), "{}", tried.body);
    let saved = world.try_to_connect(json!({}));
    assert_eq!(saved.refusal(), (409, "PRV-CONNECTION-TEST"), "{}", saved.body);
    let words = format!(
        "microsoft-365 provisioning {NAME} --tenant {} --client-id {} --secret-env client_secret=SECRET",
        Settings::CONTOSO_TENANT,
        Settings::CONTOSO_CLIENT_ID
    );
    let said = world.say(&words);
    assert!(
        said.contains("PRV-M365-PERMISSION-MISSING") && said.ends_with("exit 1"),
        "{said}"
    );
    assert_eq!(world.provider()["connection"], Value::Null);
    assert!(!world.done().contains(&"credentials".to_owned()));

    // What lacks its right stays off and is named; the rest is saved.
    grant(&["User.ReadWrite.All", "Organization.Read.All"]);
    let tried = world.post(&World::at("/provisioning/test"), &World::credentials(json!({})));
    names_groups_and_their_right(&tried.body);
    assert_eq!(
        world.provider()["connection"],
        Value::Null,
        "trying saves nothing"
    );
    let saved = world.try_to_connect(json!({}));
    assert_eq!(saved.status, 200, "{}", saved.body);
    names_groups_and_their_right(&saved.body);
    let does = saved.body["functions"].to_string();
    assert!(does.contains("people") && !does.contains("groups"), "{does}");
    let said = world.say(&words);
    assert!(
        said.ends_with("exit 0") && !said.contains("PRV-FUNCTION-RIGHT"),
        "{said}"
    );
    let said = world.say(&format!("{words} --functions people,groups"));
    assert!(
        said.contains("Group.ReadWrite.All") && said.ends_with("exit 0"),
        "{said}"
    );
}

/// Whether groups are off, with the right that they lack.
#[track_caller]
fn names_groups_and_their_right(tried: &Value) {
    let lines = tried["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["code"] == "PRV-FUNCTION-RIGHT");
    let sentence = line.map_or_else(|| panic!("{tried}"), |line| line["sentence"].to_string());
    assert!(
        sentence.contains("groups") && sentence.contains("Group.ReadWrite.All"),
        "{sentence}"
    );
    assert!(tried["off"].to_string().contains("groups"), "{tried}");
}

/// G0-13: tenant id, tenant name and domain are of one tenant.
#[test]
fn g13_everything_is_of_one_tenant() {
    let world = World::start();
    world.register();
    // The domain is of one tenant, and the name of another.
    for more in [
        json!({"tenant_name": "contosolab"}),
        json!({"domain": "lab.contoso.example"}),
    ] {
        let refused = world.post("/microsoft-365-providers", &world.entered(more.clone()));
        assert_eq!(
            refused.refusal(),
            (422, "PRV-TENANT-MISMATCH"),
            "{more}: {}",
            refused.body
        );
    }
    world.refuses(
        &world.adding(NAME, "contoso.example", "contosolab"),
        "PRV-TENANT-MISMATCH",
    );
    // Both are of the neighbour, and the credentials are Contoso's.
    let of_the_neighbour = json!({"domain": "lab.contoso.example", "tenant_name": "contosolab"});
    let made = world.add(of_the_neighbour);
    assert_eq!(
        (&made["state"], &made["tenant_id"]),
        (&json!("active"), &json!(Settings::LAB_TENANT)),
        "{made}"
    );
    let refused = world.try_to_connect(json!({}));
    assert_eq!(
        refused.refusal(),
        (422, "PRV-TENANT-MISMATCH"),
        "{}",
        refused.body
    );
    assert_eq!(world.provider()["connection"], Value::Null);
    assert!(world.refused_attempts("PRV-TENANT-MISMATCH") >= 4);
}

/// The connection of a provider does not move to another tenant by its own door.
#[test]
fn g13_the_connection_stays_in_its_tenant() {
    let world = World::connected();
    let elsewhere = json!({"settings": {"tenant": Settings::LAB_TENANT}});
    let moved = world.patch(&World::connection(""), &elsewhere);
    assert!(matches!(moved.status, 409 | 422), "{}", moved.body);
    let words = format!(
        "connection set {NAME} tenant={} --untested --yes",
        Settings::LAB_TENANT
    );
    world.refuses(&words, "PRV-TENANT-MISMATCH");
    let settings = world.get(&World::connection("")).body["settings"].to_string();
    assert!(settings.contains(Settings::CONTOSO_TENANT), "{settings}");
}

/// G0-15: provisioning only is decided with a reason, before the first assignment, by an owner, and stands in the log.
#[test]
fn g15_another_mode_is_a_decision_of_its_own() {
    let world = World::connected();
    let chosen = |mode: &str, reason: &str| json!({"mode": mode, "reason": reason});
    let silent = world.put(&World::at("/mode"), &chosen("provisioning_only", " "));
    assert_eq!(silent.refusal(), (409, "PRV-PROVIDER-MODE"), "{}", silent.body);
    let said = world.say(&format!("microsoft-365 mode {NAME} provisioning-only --yes"));
    assert!(said.ends_with("exit 2"), "a reason is asked for: {said}");
    // It is asked once more, and a digest that was not shown is none.
    let asked = world.put(&World::at("/mode"), &chosen("provisioning_only", "Wanted"));
    assert_eq!(
        asked.refusal(),
        (409, "PRV-PROVIDER-MODE-CONFIRM"),
        "{}",
        asked.body
    );
    let mut forged = chosen("provisioning_only", "Wanted");
    forged["confirm"] = json!({"digest": "0000000000000000", "understood": true});
    assert_eq!(
        world.put(&World::at("/mode"), &forged).refusal(),
        (409, "PRV-PROVIDER-MODE-CONFIRM")
    );
    let said = world.say(&format!(
        "microsoft-365 mode {NAME} provisioning-only --reason Wanted"
    ));
    assert!(said.ends_with("exit 1") && said.contains("--yes"), "{said}");
    assert_eq!(world.provider()["mode"], "federation");
    world.provisioning_only();
    // Back and forth, as long as nobody is assigned.
    world.run(&format!(
        "microsoft-365 mode {NAME} federation --reason Reconsidered --yes"
    ));
    world.refuses(
        &format!("assign {NAME} ada@contoso.example"),
        "PRV-PROVIDER-NOT-ASSIGNABLE",
    );
    world.provisioning_only();
    world.run(&format!("assign {NAME} ada@contoso.example"));
    let back = world.confirmed("PUT", &World::at("/mode"), chosen("federation", "Regretted"));
    assert_eq!(back.refusal(), (409, "PRV-PROVIDER-MODE"), "{}", back.body);
    world.refuses(
        &format!("microsoft-365 mode {NAME} federation --reason Regretted --yes"),
        "PRV-PROVIDER-MODE",
    );
    assert_eq!(world.provider()["mode"], "provisioning_only");
    let rows = world.audited("microsoft_365.mode");
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(
        rows.iter()
            .all(|row| row["actor"].as_str().is_some_and(|actor| !actor.is_empty()))
    );
}

/// G0-15: somebody who only sets things up does not decide it, by whatever token.
#[test]
fn g15_the_mode_is_an_owners() {
    let world = World::connected();
    let token = world.place.json("api-token add reader --scope operate");
    let body = json!({"mode": "provisioning_only", "reason": "Wanted"});
    let small = world.call_with(
        token["token"].as_str().unwrap(),
        "PUT",
        &World::at("/mode"),
        Some(&body),
    );
    assert_eq!(small.refusal(), (403, "PRV-API-SCOPE"), "{}", small.body);
    assert_eq!(world.provider()["mode"], "federation");
}

/// G0-16: whoever is assigned is kept when the provider goes.
#[test]
fn g16_removal_destroys_no_assignment() {
    let world = World::connected();
    world.provisioning_only();
    let body = json!({"assign": ["cleo@contoso.example", world.group]});
    assert_eq!(world.post(&World::connection("/assignments"), &body).status, 200);
    // The connection does not go alone, which would take them with it.
    let alone = world.delete(&World::connection(""));
    assert_eq!(alone.refusal(), (409, "PRV-PROVIDER-OWNS"), "{}", alone.body);
    world.refuses(
        &format!("connection remove {NAME} --confirm {NAME}"),
        "PRV-PROVIDER-OWNS",
    );
    // A removal that nobody has seen is none.
    let forged = world.delete(&World::at("?digest=0000000000000000"));
    assert_eq!(forged.refusal(), (409, "PRV-PROVIDER-REMOVE"), "{}", forged.body);
    let said = world.say(&format!("microsoft-365 remove {NAME} --confirm Other"));
    assert!(said.ends_with("exit 1"), "{said}");
    assert_eq!(world.get(&World::connection("/assignments")).body["count"], 2);
    // What was shown to somebody is not what is there now.
    let seen = world.delete(&World::at("")).digest();
    world.run(&format!("assign {NAME} ben@contoso.example"));
    let stale = world.delete(&World::at(&format!("?digest={}", seen.as_str().unwrap())));
    assert_eq!(stale.refusal(), (409, "PRV-PROVIDER-REMOVE"), "{}", stale.body);
    let said = world.run(&format!("microsoft-365 remove {NAME} --confirm {NAME}"));
    assert!(said.contains("3 people and groups"), "{said}");
    world.add(json!({"name": "Again"}));
    let kept = world.get("/microsoft-365-providers/Again/detached").body;
    let labels: Vec<&str> = kept["detached"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels.len(), 3, "{kept}");
    assert!(labels.iter().any(|label| label.contains("Pilot")), "{kept}");
    let said = world.run("microsoft-365 detached Again");
    assert!(said.contains("Pilot") && said.contains("group"), "{said}");
}

/// G0-17: the next step opens when all four lines are true, and no signature makes one so.
#[test]
fn g17_the_next_step_waits_for_all_four() {
    let world = World::start();
    world.register();
    world.add(json!({"domain": "unknown.example"}));
    for step in [
        "connector",
        "people",
        "move",
        "federate",
        "active",
        "general",
        "credentials",
        "unassigned",
    ] {
        world.run(&format!("guide sign {GUIDE} {step}"));
        let path = format!("/guides/{GUIDE}/notes/{step}");
        assert_eq!(world.put(&path, &json!({})).status, 204);
    }
    assert_eq!(world.done(), ["general", "unassigned"]);
    let said = world.run(&format!("microsoft-365 checklist {NAME}"));
    assert!(said.contains("locked until every line is done"), "{said}");
    let said = world.run(&format!("microsoft-365 show {NAME}"));
    assert!(
        said.contains("locked until every line of the checklist is done"),
        "{said}"
    );
    // A line that was true is not for ever: the credential that is refused takes it back.
    world.verify("unknown.example");
    world.run(&format!("microsoft-365 check {NAME}"));
    world.connect();
    assert_eq!(world.done(), ["active", "general", "credentials", "unassigned"]);
    world
        .tenant
        .simulator
        .change(|settings| settings.applications[0].client_secret = WRONG.to_owned());
    world.post(&World::connection("/test"), &json!({}));
    assert_eq!(world.done(), ["active", "general", "unassigned"]);
    let list = world.get(&World::at("/checklist")).body;
    let missing = list["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["key"] == "credentials");
    assert!(
        !missing.unwrap()["missing"].as_str().unwrap().is_empty(),
        "{list}"
    );
    // What no door makes: a provider that says it is federated.
    assert_eq!(world.provider()["state"], State::Active.as_str());
    let forged = world.patch(&World::at(""), &json!({"state": "federated"}));
    assert_eq!(forged.refusal(), (400, "PRV-API-REQUEST"), "{}", forged.body);
    let line = line(&world.post(&World::at("/check"), &json!({})).body, "domain").clone();
    assert_eq!(line["ok"], true, "{line}");
}
