//! The test sign-in of a migration over HTTP, with the simulated Microsoft Entra as the identity provider, and the ticks of
//! what is done in Entra: steps 1.3 and 1.8 of script S1.

use crate::browser::{Browser, Sends as _};
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use crate::onboarding::{Form, World, named};
use m365_sim::{Effect, Rule};
use provost_signin::person::Tester;
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::{audit, migration};
use serde_json::{Value, json};

const SECTION: &str = "/w/Contoso/microsoft-365/Contoso%20365/migration";
const API: &str = "/microsoft-365-providers/Contoso%20365/migration";
const MINUTE: i64 = 60_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Begins a test in the section, and signs in at the tenant: what the browser is to post.
async fn begin(world: &World, admin: &Browser, name: &str) -> Form {
    let begun = admin.post(SECTION, &[("do", "test")]).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let links = begun
        .text
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'));
    let mut ways = links.filter(|(one, _)| one.contains("SAMLRequest="));
    let (way, _) = ways.next().unwrap_or_else(|| panic!("no way: {}", begun.text));
    let way = way.replace("&#38;", "&").replace("&amp;", "&");
    assert!(way.starts_with(&world.base), "{way}");
    world.answer(&way, name).await
}

/// Posts what the tenant's page sends; where the browser goes on.
async fn posted(world: &World, server: &Server, form: &Form) -> String {
    let posted = world.post(server, form).await;
    assert_eq!(posted.status, 303, "{}", posted.text);
    posted.header("location").to_owned()
}

/// The whole way: the answer at its end, and the section after it.
async fn come(world: &World, server: &Server, admin: &Browser, name: &str) -> (Answer, Answer) {
    let form = begin(world, admin, name).await;
    let to = posted(world, server, &form).await;
    assert!(to.starts_with(&format!("{SECTION}/test?key=")), "{to}");
    (admin.get(&to).await, admin.get(SECTION).await)
}

/// What the interface says of the migration.
async fn shown(server: &Server, token: &str) -> Value {
    let answer = Answer::of(server.api(token, "GET", API)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

/// How often the audit log has this action, and the detail of the newest.
async fn audited(server: &Server, action: &str) -> (usize, String) {
    let workspace = server.provider.workspace;
    let rows = server
        .db
        .read(move |tx| audit::latest(tx, workspace, 100))
        .await
        .unwrap();
    let found: Vec<String> = rows
        .into_iter()
        .filter(|row| row.action == action)
        .map(|row| row.detail)
        .collect();
    (found.len(), found.first().cloned().unwrap_or_default())
}

fn value<'a>(form: &'a Form, name: &str) -> &'a str {
    &form.iter().find(|(field, _)| field == name).unwrap().1
}

/// The form with another value of this field.
fn with(form: &Form, name: &str, value: &str) -> Form {
    let mut form = form.clone();
    for (_, old) in form.iter_mut().filter(|(field, _)| field == name) {
        value.clone_into(old);
    }
    form
}

both! {
    async fn a_test_says_what_the_tenant_said_and_ties_nobody(server) {
        let world = World::new(server).await;
        let account = world.plant("ada");
        let person = world.person(server, "ada", Some(&account)).await;
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        let token = server.api_token(Scope::Read).await;
        let before = shown(server, &token).await;
        assert_eq!((&before["test"], &before["is_testable"]), (&Value::Null, &json!(true)), "{before}");
        let (done, section) = come(&world, server, &admin, "ada").await;
        assert_eq!((done.status, done.header("location")), (303, format!("{SECTION}?done=tested#test").as_str()), "{}", done.text);
        check(SECTION, &section);
        for part in [account.as_str(), "https://sts.windows.net/", "/metadata", "ada@contoso.example", "identity/claims/objectidentifier"] {
            assert!(section.text.contains(part), "{part}: {}", section.text);
        }
        let said = &shown(server, &token).await["test"];
        assert_eq!((&said["is_good"], &said["account"], &said["code"]), (&json!(true), &json!(account), &json!("")), "{said}");
        assert_eq!((said["claims"].as_array().unwrap().len(), &said["missing_claims"]), (5, &json!([])), "{said}");
        let ahead = said["ahead"].as_i64().unwrap();
        assert!((-MINUTE..MINUTE).contains(&ahead), "{ahead}");
        assert!(said["actor"].as_str().unwrap().starts_with("administrator "), "{said}");
        assert_eq!(audited(server, "migration.test").await.0, 1);
        // Nobody is onboarded by it, and who comes by themselves is still.
        assert_eq!(world.requests(server).await, 0);
        assert_eq!(crate::onboarding::passkeys(server, person).await, (0, 0));
        let own = world.come(server, &named(server), "ada", "").await;
        assert!(own.header("location").starts_with("/me/Contoso/enrol?key="), "{}", own.text);
        assert_eq!(world.requests(server).await, 1);
    }

    async fn a_test_works_before_anything_is_saved(server) {
        let world = World::unsaved(server).await;
        let account = world.plant("ada");
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        assert_eq!(admin.get(&world.at("start")).await.status, 404, "the people's door is shut");
        let (done, section) = come(&world, server, &admin, "ada").await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert!(section.text.contains(&account), "{}", section.text);
        assert_eq!(world.requests(server).await, 0);

        // What was found good a day ago does not count, and neither does what was never found good.
        let provider = world.provider.clone();
        let stale = move |tx: &mut provost_store::Tx| {
            migration::note_check(tx, "test", now() - 25 * 60 * MINUTE, &provider, "d", "compared")?;
            migration::keep_checked(tx, provider.key, "d", &["x".to_owned()])
        };
        server.db.write(stale).await.unwrap();
        let refused = admin.post(SECTION, &[("do", "test")]).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        let (count, why) = audited(server, "migration.test.refused").await;
        assert!(count == 1 && why.starts_with("PRV-MIGRATION-UNCHECKED"), "{why}");
    }

    async fn a_wrong_answer_is_explained_and_ties_nobody(server) {
        let world = World::new(server).await;
        world.plant("ada");
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        let token = server.api_token(Scope::Read).await;
        come(&world, server, &admin, "ada").await;
        for (name, code, hint) in [
            ("wrong_audience", "PRV-SAML-AUDIENCE", "Identifier"),
            ("wrong_recipient", "PRV-SAML-RECIPIENT", "Reply URL"),
            ("replayed", "PRV-SAML-", "test"),
        ] {
            world.simulator.inject(Rule::next("* /saml2", 1, Effect::wrong_response(name))).unwrap();
            let (done, section) = come(&world, server, &admin, "ada").await;
            world.simulator.clear_faults();
            assert_eq!((done.status, done.header("location")), (303, format!("{SECTION}#test").as_str()), "{name}: {}", done.text);
            check(SECTION, &section);
            let said = &shown(server, &token).await["test"];
            assert_eq!(said["is_good"], false, "{name}: {said}");
            let (found, next) = (said["code"].as_str().unwrap(), said["hint"].as_str().unwrap());
            assert!(found.starts_with(code) && next.contains(hint), "{name}: {said}");
            assert!(section.text.contains(found), "{name}: {}", section.text);
            let (_, why) = audited(server, "migration.test.refused").await;
            assert!(why.starts_with(found), "{name}: {why}");
        }
        assert_eq!(audited(server, "migration.test.refused").await.0, 3);
        assert_eq!(world.requests(server).await, 0);
    }

    async fn a_test_counts_once_in_its_session_and_within_ten_minutes(server) {
        let world = World::new(server).await;
        world.plant("ada");
        let (admin, other) = (server.signed_in(Role::ConfigurationAdmin).await, server.signed_in(Role::Owner).await);
        let token = server.api_token(Scope::Read).await;
        let form = begin(&world, &admin, "ada").await;
        let to = posted(&world, server, &form).await;
        let stolen = other.get(&to).await;
        assert_eq!(stolen.status, 403, "{}", stolen.text);
        assert!(stolen.text.contains("PRV-MIGRATION-TEST-OVER"), "{}", stolen.text);
        check(SECTION, &stolen);
        assert_eq!(shown(server, &token).await["test"], Value::Null);
        assert_eq!(admin.get(&to).await.status, 303, "it was not used up by the attempt");
        assert_eq!(admin.get(&to).await.status, 403, "it is fetched once");
        let again = world.post(server, &form).await;
        assert_eq!(again.status, 403, "it is answered once: {}", again.text);

        // Eleven minutes ago.
        let tester = Tester { session: 1, actor: "administrator kim@contoso.example".to_owned() };
        let people = server.signin.people();
        let way = people.begin_onboarding_test(&world.provider, &tester, now() - 11 * MINUTE).await.unwrap();
        let late = world.answer(&way, "ada").await;
        posted(&world, server, &late).await;
        let said = &shown(server, &token).await["test"];
        assert_eq!(said["code"], "PRV-MIGRATION-TEST-OVER", "{said}");
        assert_eq!(world.requests(server).await, 0);
    }

    async fn an_answer_to_one_door_is_none_to_the_other(server) {
        let world = World::new(server).await;
        let account = world.plant("ada");
        world.person(server, "ada", Some(&account)).await;
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        let token = server.api_token(Scope::Read).await;
        let browser = named(server);
        let (test, own) = (begin(&world, &admin, "ada").await, world.sign_in(&browser, "ada", "").await);
        let (of_test, of_own) = (value(&test, "SAMLResponse"), value(&own, "SAMLResponse"));
        let at_own = world.post(server, &with(&own, "SAMLResponse", of_test)).await;
        assert_eq!(at_own.status, 403, "{}", at_own.text);
        posted(&world, server, &with(&test, "SAMLResponse", of_own)).await;
        assert_eq!(shown(server, &token).await["test"]["code"], "PRV-SAML-IN-RESPONSE-TO");

        // Nor is what is fetched at the one fetched at the other.
        let (test, own) = (begin(&world, &admin, "ada").await, world.sign_in(&browser, "ada", "").await);
        let (to_test, to_own) = (posted(&world, server, &test).await, posted(&world, server, &own).await);
        let key = |to: &str| to.split_once("?key=").unwrap().1.to_owned();
        assert_eq!(browser.get(&world.at(&format!("done?key={}", key(&to_test)))).await.status, 403);
        assert_eq!(admin.get(&format!("{SECTION}/test?key={}", key(&to_own))).await.status, 403);
        assert_eq!(world.requests(server).await, 0);
        assert_eq!(browser.get(&to_own).await.status, 303);
        assert_eq!(admin.get(&to_test).await.status, 303);
    }

    async fn a_closed_migration_is_not_tested(server) {
        let world = World::new(server).await;
        world.plant("ada");
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        let form = begin(&world, &admin, "ada").await;
        let provider = world.provider.clone();
        server.db.write(move |tx| migration::close(tx, "test", now(), &provider, "")).await.unwrap();
        assert_eq!(world.post(server, &form).await.status, 410);
        let refused = admin.post(SECTION, &[("do", "test")]).await;
        assert_eq!(refused.status, 410, "{}", refused.text);
        assert!(refused.text.contains("PRV-MIGRATION-CLOSED"), "{}", refused.text);
        let ticked = admin.post(SECTION, &[("do", "ticks"), ("tick_application", "on")]).await;
        assert_eq!(ticked.status, 409, "{}", ticked.text);
        assert!(audited(server, "migration.tick.refused").await.1.contains("PRV-MIGRATION-CLOSED"));
    }

    async fn what_is_done_in_entra_is_ticked_at_both_doors(server) {
        World::new(server).await;
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        let token = server.api_token(Scope::Configure).await;
        let auditor = server.signed_in(Role::Auditor).await;
        let looked = auditor.get(SECTION).await;
        assert!(!looked.text.contains("Save the ticks") && looked.text.contains("tick_assignment"), "{}", looked.text);
        assert!(auditor.post(SECTION, &[("do", "ticks"), ("tick_application", "on")]).await.status >= 400);
        assert!(auditor.post(SECTION, &[("do", "test")]).await.status >= 400);

        let ticks = [("do", "ticks"), ("tick_application", "on"), ("tick_assignment", "on")];
        let saved = admin.post(SECTION, &ticks).await;
        assert_eq!((saved.status, saved.header("location")), (303, format!("{SECTION}?done=saved#entra").as_str()), "{}", saved.text);
        let read = token.as_str();
        let line = |at: usize| async move { shown(server, read).await["entra_list"][at].clone() };
        let first = line(0).await;
        assert_eq!((&first["line"], &first["is_done"]), (&json!("application"), &json!(true)), "{first}");
        assert!(first["actor"].as_str().unwrap().starts_with("administrator ") && first["time"].is_string(), "{first}");
        assert_eq!((line(1).await["is_done"].clone(), line(2).await["is_done"].clone()), (json!(false), json!(true)));
        let page = admin.get(SECTION).await.text;
        assert!(page.contains("ticked by administrator") && page.contains("name=\"was_application\""), "{page}");

        // By the interface, what is ticked already stays, and a tick is taken back.
        let path = format!("{API}/entra-list/application");
        for is_done in [true, false, false] {
            let answer = Answer::of(server.api(&token, "PUT", &path).json(&json!({"is_done": is_done}))).await;
            assert_eq!(answer.status, 204, "{is_done}: {}", answer.text);
        }
        let empty = Answer::of(server.api(&token, "PUT", &path).json(&json!({}))).await;
        assert!(empty.status == 400 || empty.status == 422, "{}: {}", empty.status, empty.text);
        assert_eq!(line(0).await["is_done"], false);
        let unknown = Answer::of(server.api(&token, "PUT", &format!("{API}/entra-list/nonsense")).json(&json!({"is_done": true}))).await;
        assert!(unknown.status >= 400 && unknown.text.contains("PRV-WORD"), "{}", unknown.text);
        assert_eq!((audited(server, "migration.tick").await.0, audited(server, "migration.untick").await.0), (2, 1));

        // A page from before does not undo what somebody else has ticked since.
        let stale = admin.post(SECTION, &[("do", "ticks"), ("tick_certificate", "on")]).await;
        assert_eq!(stale.status, 303, "{}", stale.text);
        assert_eq!((line(2).await["is_done"].clone(), line(3).await["is_done"].clone()), (json!(true), json!(true)));
    }

    async fn a_private_key_stands_in_no_page_again(server) {
        World::new(server).await;
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        // The first bytes of an RSA key in DER, as the page's script writes a file into the field.
        let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        let refused = admin.post(SECTION, &[("do", "validate"), ("certificate", key), ("application", "x")]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("PRV-MIGRATION-CERTIFICATE") && !refused.text.contains(key), "{}", refused.text);
        assert!(refused.text.contains("data-file-into=\"f-certificate\""), "{}", refused.text);
    }
}
