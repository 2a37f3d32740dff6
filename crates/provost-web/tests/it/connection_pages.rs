//! The console's pages that set connections up: the wizard, settings, preferences, rules, mappings, scope, matching and
//! assignments. The target is this server's own SCIM service.

use crate::browser::{Browser, Sends as _};
use crate::harness::{Answer, Server, both};
use provost_store::administrator::Role;
use provost_store::audit;
use provost_store::connection::{self, Assignment, Connection, State};
use provost_store::{assignment, rule};
use regex::Regex;
use serde_json::json;

const NEW: &str = "/w/Contoso/new-connection/plain";
const APP: &str = "/w/Contoso/connections/Sample";
const PEOPLE: &str = "/w/Contoso/connections/Sample/rules/people";

/// What stands in a page, with its entities read.
fn read(text: &str) -> String {
    let named = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    named
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The hidden fields of the form with this one in it, but for the secret.
fn hidden(page: &str) -> Vec<(String, String)> {
    let one = Regex::new("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"").unwrap();
    let all = one
        .captures_iter(page)
        .map(|found| (read(&found[1]), read(&found[2])));
    all.filter(|(name, _)| name != "csrf").collect()
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let found = fields.iter().find(|(one, _)| one == name);
    &found.unwrap_or_else(|| panic!("{name} is not in {fields:?}")).1
}

/// Answers the question of a page with yes, and with what it wants to be typed.
async fn confirm(browser: &Browser, path: &str, question: &Answer, typed: &str) -> Answer {
    assert_eq!(question.status, 409, "{}", question.text);
    let fields = hidden(question.text.split_once("class=\"card question\"").unwrap().1);
    let mut pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    pairs.push(("confirm_typed", typed));
    browser.post(path, &pairs).await
}

/// What the wizard is sent to reach this server's own SCIM service.
fn entered<'a>(name: &'a str, url: &'a str, token: &'a str) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("name", name),
        ("s.url", url),
        ("x.token", token),
        ("s.allow_private_network", "on"),
    ];
    fields.to_vec()
}

async fn find(server: &Server) -> Option<Connection> {
    let workspace = server.provider.workspace;
    server
        .db
        .read(move |tx| connection::by_name(tx, workspace, "Sample"))
        .await
        .unwrap()
}

/// How often this was done.
async fn audited(server: &Server, action: &'static str) -> usize {
    let workspace = server.provider.workspace;
    let rows = server
        .db
        .read(move |tx| audit::latest(tx, workspace, 500))
        .await
        .unwrap();
    rows.iter().filter(|row| row.action == action).count()
}

/// The connection with a rule about people that is switched off.
async fn set_up(server: &Server, browser: &Browser) {
    browser.get(NEW).await;
    let url = format!("{}/scim/v2", server.address);
    let saved = browser.post(NEW, &entered("Sample", &url, &server.token)).await;
    assert_eq!(
        (saved.status, saved.header("location")),
        (303, "/w/Contoso/connections/Sample?done=added"),
        "{}",
        saved.text
    );
    let added = browser
        .post(
            &format!("{APP}/new-rule"),
            &[("name", "people"), ("kind", "person")],
        )
        .await;
    assert_eq!(added.status, 303, "{}", added.text);
}

async fn saved_rule(server: &Server) -> serde_json::Value {
    let key = find(server).await.unwrap().key;
    let rules = server
        .db
        .read(move |tx| rule::of_connection(tx, key))
        .await
        .unwrap();
    json!(rules[0].rule)
}

async fn people(server: &Server) {
    for (name, title) in [("ann", "Seller"), ("bob", "Cook"), ("cy", "Seller")] {
        let display = format!("{} of Contoso", name.to_uppercase());
        let body =
            json!({"userName": format!("{name}@contoso.example"), "displayName": display, "title": title});
        server.make("/Users", body).await;
    }
}

/// Maps a target attribute by an expression.
fn expression<'a>(text: &'a str, seen: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("source", "expression"),
        ("expression", text),
        ("apply", "always"),
        ("null", "skip"),
        ("drift", "repair"),
        ("seen", seen),
    ]
}

both! {
    async fn the_wizard_keeps_what_was_typed_and_never_shows_a_secret(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let tiles = browser.get("/w/Contoso/new-connection").await;
        assert!(tiles.text.contains("/w/Contoso/new-connection/plain"));
        let empty = browser.post(NEW, &[("name", "Sample"), ("s.page_size", "many")]).await;
        assert_eq!(empty.status, 422);
        for part in ["This is needed.", "Type a number.", "value=\"Sample\"", "value=\"many\"", "aria-invalid"] {
            assert!(empty.text.contains(part), "{part}: {}", empty.text);
        }
        let failed = browser.post(NEW, &[entered("Sample", "http://127.0.0.1:9/scim/v2", &server.token), vec![("do", "test")]].concat()).await;
        assert_eq!(failed.status, 200);
        assert!(failed.text.contains("The test failed") && failed.text.contains("name=\"accept\""), "{}", failed.text);
        assert!(!failed.text.contains(&server.token), "the secret is on the page");
        assert!(find(server).await.is_none());
        // The secret comes back sealed, so nobody types it again.
        let sealed = hidden(&failed.text);
        let url = format!("{}/scim/v2", server.address);
        let mut again = entered("Sample", &url, "");
        again.push(("sealed.token", field(&sealed, "sealed.token")));
        again.push(("do", "test"));
        let good = browser.post(NEW, &again).await;
        assert!(good.text.contains("The test succeeded"), "{}", good.text);
        again.pop();
        assert_eq!(browser.post(NEW, &again).await.status, 303);
        assert_eq!(find(server).await.unwrap().state, State::Active);
        let twice = browser.post(NEW, &again).await;
        assert_eq!(twice.status, 409);
        assert!(twice.text.contains("PRV-CONNECTION-NAME-TAKEN") && twice.text.contains("id=\"e-name\""), "{}", twice.text);
        assert_eq!(audited(server, "connection.create").await, 1);
        // Another session cannot open what this one has sealed.
        let other = server.signed_in(Role::Owner).await;
        let stolen = other.post(NEW, &[("name", "Other"), ("s.url", &url), ("s.allow_private_network", "on"), ("sealed.token", field(&sealed, "sealed.token"))]).await;
        assert_eq!(stolen.status, 409, "{}", stolen.text);
    }

    async fn a_connection_whose_test_fails_is_saved_by_an_explicit_choice_alone(server) {
        let browser = server.signed_in(Role::Owner).await;
        let fields = entered("Sample", "http://127.0.0.1:9/scim/v2", "t");
        let refused = browser.post(NEW, &fields).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("PRV-CONNECTION-TEST") && refused.text.contains("Save it as invalid"), "{}", refused.text);
        assert!(refused.text.contains("/w/Contoso/guides/application-users?step=test"), "what failed leads to help: {}", refused.text);
        assert!(find(server).await.is_none());
        let saved = browser.post(NEW, &[fields, vec![("accept", "on")]].concat()).await;
        assert_eq!(saved.status, 303);
        assert_eq!(find(server).await.unwrap().state, State::Invalid);
        browser.post(&format!("{APP}/new-rule"), &[("name", "people"), ("kind", "person")]).await;
        let rule = browser.get(PEOPLE).await;
        assert!(rule.text.contains("disabled aria-describedby=\"no-on\"") && rule.text.contains("The connection is invalid"), "{}", rule.text);
        let on = browser.post(&format!("{PEOPLE}/on"), &[]).await;
        assert_eq!(on.status, 409);
        assert!(on.text.contains("PRV-CONNECTION-INVALID"), "{}", on.text);
        let run = browser.post(&format!("{APP}/run"), &[]).await;
        assert!(run.status == 409 && run.text.contains("PRV-CONNECTION-INVALID"), "{}", run.text);
        let page = browser.get(APP).await;
        assert!(page.text.contains("invalid") && page.text.contains("Correct what the test names"), "{}", page.text);
    }

    async fn a_mistake_in_an_expression_stands_under_its_characters(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        people(server).await;
        set_up(server, &browser).await;
        let path = format!("{PEOPLE}/mappings/displayName");
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for part in ["displayName", "not mapped", "ANN of Contoso", "name.givenName", "Coalesce("] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let seen = field(&hidden(&page.text), "seen").to_owned();
        let wrong = "Join(\" \",\n  Jion([displayName]))";
        let refused = browser.post(&path, &expression(wrong, &seen)).await;
        assert_eq!(refused.status, 422);
        let text = read(&refused.text);
        for part in ["<mark>Jion</mark>", "line 2, character 3", "did you mean Join?", wrong, "id=\"e-expression\""] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(saved_rule(server).await["mappings"].as_array().unwrap().len(), 1);
        let right = "Join(\" \", ToUpper([displayName]), \"<b>\")";
        let saved = browser.post(&path, &expression(right, &seen)).await;
        assert_eq!((saved.status, saved.header("location").ends_with("?done=saved")), (303, true), "{}", saved.text);
        let mappings = saved_rule(server).await["mappings"].take();
        assert_eq!(mappings[1], json!({"target": "displayName", "expression": right}));
        let table = browser.get(&format!("{PEOPLE}/mappings")).await;
        assert!(read(&table.text).contains(right) && !table.text.contains("<b>\")"), "{}", table.text);
        // The page that was opened before does not overwrite what came after it.
        let late = browser.post(&path, &expression("[userName]", &seen)).await;
        assert_eq!(late.status, 409);
        assert!(late.text.contains("PRV-RULE-CHANGED") && late.text.contains("[userName]</textarea>"), "{}", late.text);
        assert_eq!(saved_rule(server).await["mappings"], mappings);
    }

    async fn what_is_typed_is_tried_for_a_person(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        people(server).await;
        set_up(server, &browser).await;
        let path = format!("{PEOPLE}/mappings/title/try");
        let form = |text: &'static str, person: &'static str| {
            vec![("source", "expression"), ("expression", text), ("person", person), ("apply", "always")]
        };
        let page = browser.post(&path, &form("ToUpper([title])", "cy@contoso.example")).await;
        assert_eq!(page.status, 200);
        for part in ["<html", "For CY of Contoso", "SELLER", "ToUpper([title])</textarea>"] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let live = |text: &'static str, cursor: &'static str| {
            let mut fields = form(text, "bob@contoso.example");
            fields.push(("cursor", cursor));
            let request = browser.bare("POST", &path).header("origin", &server.address);
            browser.send(request.header("x-provost-csrf", browser.csrf()).form(&fields))
        };
        let part = live("ToUpper([title])", "").await;
        assert!(!part.text.contains("<html") && part.text.contains("COOK"), "{}", part.text);
        let slip = read(&live("[dispalyName]", "").await.text);
        assert!(slip.contains("<mark>dispalyName</mark>") && slip.contains("did you mean [displayName]?"), "{slip}");
        let completed = read(&live("Join(\" \", disp", "14").await.text);
        assert!(completed.contains("data-insert=\"[displayName]\"") && completed.contains("data-from=\"10\""), "{completed}");
        let language = format!("{PEOPLE}/mappings/preferredLanguage/try");
        let word = browser.post(&language, &form("\"english\"", "cy@contoso.example")).await;
        assert!(read(&word.text).contains("is no language tag (RFC 5646)"), "{}", word.text);
        let tag = browser.post(&language, &form("\"nl-BE\"", "cy@contoso.example")).await;
        assert!(!tag.text.contains("RFC 5646"), "{}", tag.text);
        let nobody = browser.post(&path, &form("[title]", "nobody")).await;
        assert!(nobody.text.contains("The directory has nobody of the name nobody"), "{}", nobody.text);
        assert_eq!(audited(server, "rule.save.refused").await, 0, "trying is not saving");
    }

    async fn what_the_matching_or_the_target_needs_is_kept(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        set_up(server, &browser).await;
        let path = format!("{PEOPLE}/mappings/userName");
        let page = browser.get(&path).await;
        let sentence = "Accounts are recognised by it. Take it out of the matching attributes first.";
        assert!(page.text.contains(sentence) && page.text.contains("disabled aria-describedby=\"no-remove\""), "{}", page.text);
        let refused = browser.post(&format!("{path}/remove"), &[]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains(sentence));
        assert_eq!(saved_rule(server).await["mappings"][0]["target"], "userName");
        let matching = format!("{PEOPLE}/matching");
        let none = browser.post(&matching, &[("match.1", "")]).await;
        assert_eq!(none.status, 422);
        assert!(none.text.contains("At least one is needed"), "{}", none.text);
        let saved = browser.post(&matching, &[("match.1", "userName")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let other = browser.post(&format!("{PEOPLE}/mappings/title"), &[("source", "direct"), ("direct", "title"), ("apply", "always")]).await;
        assert_eq!(other.status, 303, "{}", other.text);
        let gone = browser.post(&format!("{PEOPLE}/mappings/title/remove"), &[]).await;
        assert_eq!(gone.status, 303, "{}", gone.text);
        assert_eq!(saved_rule(server).await["mappings"].as_array().unwrap().len(), 1);
    }

    async fn a_scope_says_whom_it_means_and_who_leaves(server) {
        let browser = server.signed_in(Role::Owner).await;
        people(server).await;
        set_up(server, &browser).await;
        let on = format!("{PEOPLE}/on");
        let question = browser.post(&on, &[]).await;
        assert!(question.text.contains("PRV-RULE-EVERYONE") && question.text.contains("BOB of Contoso"), "{}", question.text);
        assert_eq!(confirm(&browser, &on, &question, "").await.status, 303);
        assert_eq!(saved_rule(server).await["enabled"], json!(null), "on is the default");
        let path = format!("{PEOPLE}/scope");
        let page = browser.get(&path).await;
        let seen = field(&hidden(&page.text), "seen").to_owned();
        let filter = [
            ("name.0", "Sales"), ("attribute.0.0", "title"), ("operator.0.0", "EQUALS"), ("value.0.0", "Seller"),
            ("attribute.0.1", ""), ("seen", seen.as_str()),
        ];
        let counted = browser.post(&format!("{path}/count"), &filter).await;
        for part in ["2 of 3 people are meant", "ANN of Contoso", "1 person or group would leave.", "BOB of Contoso"] {
            assert!(counted.text.contains(part), "{part}: {}", counted.text);
        }
        let question = browser.post(&path, &filter).await;
        assert!(question.text.contains("PRV-SCOPE-LEAVES") && question.text.contains("BOB of Contoso"), "{}", question.text);
        assert!(saved_rule(server).await["scope"]["filters"].as_array().unwrap().is_empty());
        let saved = confirm(&browser, &path, &question, "").await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        assert_eq!(saved_rule(server).await["scope"]["filters"][0]["clauses"][0], json!({"attribute": "title", "operator": "EQUALS", "value": "Seller"}));
        let wrong = [("attribute.0.0", "title"), ("operator.0.0", "GREATER_THAN"), ("value.0.0", "much")];
        let refused = browser.post(&path, &wrong).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("compares whole numbers only") && refused.text.contains("value=\"much\""), "{}", refused.text);
        let nobody = [("attribute.0.0", "title"), ("operator.0.0", "EQUALS"), ("value.0.0", "Nobody")];
        // Two questions: who leaves, and that nobody is left.
        let first = browser.post(&path, &nobody).await;
        let second = confirm(&browser, &path, &first, "").await;
        assert!(second.text.contains("PRV-RULE-NOBODY"), "{}", second.text);
        assert_eq!(confirm(&browser, &path, &second, "").await.status, 303);
    }

    async fn assignments_are_added_and_ended_with_the_consequences(server) {
        let browser = server.signed_in(Role::AccessAdmin).await;
        people(server).await;
        set_up(server, &server.signed_in(Role::Owner).await).await;
        let path = format!("{APP}/assignments");
        let unknown = browser.post(&path, &[("who", "nobody")]).await;
        assert_eq!(unknown.status, 422);
        assert!(unknown.text.contains("The directory has nobody of the name nobody.") && unknown.text.contains("value=\"nobody\""));
        assert_eq!(browser.post(&path, &[("who", "bob@contoso.example")]).await.status, 303);
        assert_eq!(browser.post(&path, &[("who", "bob@contoso.example")]).await.status, 303);
        assert_eq!(audited(server, "assignment.add").await, 1);
        let page = browser.get(&path).await;
        assert!(page.text.contains("BOB of Contoso") && page.text.contains("assignments move nobody"), "{}", page.text);
        let fields = hidden(&page.text);
        let night = server.make("/Groups", json!({"displayName": "Night shift"})).await;
        let cy = server.read("/Users?filter=userName%20eq%20%22cy@contoso.example%22").await["Resources"][0]["id"].clone();
        let members = json!([{"value": cy}, {"value": night}]);
        server.make("/Groups", json!({"displayName": "Warehouse", "members": members})).await;
        assert_eq!(browser.post(&path, &[("who", "Warehouse")]).await.status, 303);
        let page = browser.get(&path).await;
        for part in ["group, 1 person, 1 group", "1 group inside is not included", "/preferences#f-nested"] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        let ended = browser.post(&path, &[("unassign", field(&fields, "unassign"))]).await;
        assert_eq!(ended.status, 303, "{}", ended.text);
        let key = find(server).await.unwrap().key;
        assert_eq!(server.db.read(move |tx| assignment::count(tx, key)).await.unwrap(), 1, "the group is left");
        assert_eq!(browser.post(&format!("{APP}/preferences"), &[]).await.status, 403, "not for this role");
    }

    async fn preferences_that_contradict_each_other_are_refused(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        set_up(server, &browser).await;
        let path = format!("{APP}/preferences");
        let page = browser.get(&path).await;
        assert!(page.text.contains("Nobody assigned means nobody."), "{}", page.text);
        let numbers = [("interval_seconds", "60"), ("reconcile_hours", "24"), ("clock_minutes", "15"), ("read_changes_minutes", "0")];
        let contradicts = [numbers.to_vec(), vec![("create", "on"), ("remove", "delete"), ("assignment", "assigned"), ("mode", "manual")]].concat();
        let refused = browser.post(&path, &contradicts).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("PRV-ACTIONS-CONTRADICT") && refused.text.contains("value=\"60\""), "{}", refused.text);
        let mut wrong = contradicts.clone();
        wrong[0] = ("interval_seconds", "soon");
        assert_eq!(browser.post(&path, &wrong).await.status, 422);
        let saved = browser.post(&path, &[contradicts, vec![("deprovision", "on"), ("disable", "on"), ("update", "on"), ("protected", "door@contoso.example\r\n\r\n")]].concat()).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let preferences = find(server).await.unwrap().preferences;
        assert_eq!((preferences.interval_seconds, preferences.assignment), (60, Assignment::Assigned));
        assert_eq!(preferences.protected_accounts, ["door@contoso.example"]);
        assert_eq!(audited(server, "connection.preferences").await, 1);
    }

    async fn settings_are_tested_and_secrets_stay(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        set_up(server, &browser).await;
        let path = format!("{APP}/settings");
        let page = browser.get(&path).await;
        assert!(page.text.contains("Entered already") && !page.text.contains(&server.token), "{}", page.text);
        let url = format!("{}/scim/v2", server.address);
        let elsewhere = browser.post(&path, &entered("Sample", "http://127.0.0.1:9/scim/v2", "")).await;
        assert_eq!(elsewhere.status, 409, "{}", elsewhere.text);
        assert!(elsewhere.text.contains("PRV-CONNECTION-TEST") && elsewhere.text.contains("127.0.0.1:9"), "{}", elsewhere.text);
        let mut named = entered("Other name", &url, "");
        named.push(("description", "For <tests>"));
        let saved = browser.post(&path, &named).await;
        assert_eq!((saved.status, saved.header("location")), (303, "/w/Contoso/connections/Other%20name/settings?done=saved"), "{}", saved.text);
        let page = browser.get("/w/Contoso/connections/Other%20name").await;
        assert!(read(&page.text).contains("For <tests>") && !page.text.contains("<tests>"));
    }

    async fn a_connection_is_switched_and_removed_by_its_name(server) {
        let browser = server.signed_in(Role::Owner).await;
        set_up(server, &browser).await;
        assert_eq!(browser.post(&format!("{APP}/off"), &[]).await.status, 303);
        assert_eq!(find(server).await.unwrap().state, State::Paused);
        let page = browser.get(APP).await;
        assert!(page.text.contains("disabled aria-describedby=\"no-run\"") && page.text.contains("The connection is switched off."), "{}", page.text);
        let refused = browser.post(&format!("{APP}/run"), &[]).await;
        assert!(refused.status == 409 && refused.text.contains("PRV-PAUSED"), "{}", refused.text);
        assert_eq!(browser.post(&format!("{APP}/on"), &[]).await.status, 303);
        assert_eq!(browser.post(&format!("{APP}/test"), &[]).await.status, 303);
        assert!(browser.get(APP).await.text.contains("last succeeded"));
        let list = browser.get("/w/Contoso/connections").await;
        assert!(list.text.contains("0 of 1 switched on"), "{}", list.text);
        let rule = format!("{PEOPLE}/remove");
        let question = browser.post(&rule, &[]).await;
        assert!(question.text.contains("PRV-RULE-FORGET"), "{}", question.text);
        assert_eq!(confirm(&browser, &rule, &question, "").await.status, 303);
        let path = format!("{APP}/remove");
        let question = browser.post(&path, &[]).await;
        assert!(question.text.contains("PRV-CONNECTION-REMOVE"), "{}", question.text);
        let mistyped = confirm(&browser, &path, &question, "Smaple").await;
        assert!(mistyped.text.contains("This is not the name."), "{}", mistyped.text);
        assert!(find(server).await.is_some());
        assert_eq!(confirm(&browser, &path, &mistyped, "Sample").await.status, 303);
        assert!(find(server).await.is_none());
    }

    async fn who_may_only_look_sees_which_role_it_takes(server) {
        set_up(server, &server.signed_in(Role::Owner).await).await;
        let browser = server.signed_in(Role::Auditor).await;
        for part in ["/settings", "/preferences", "/rules", "/assignments", "/rules/people", "/rules/people/scope", "/rules/people/matching", "/rules/people/mappings", "/rules/people/mappings/userName", "/new-rule"] {
            let page = browser.get(&format!("{APP}{part}")).await;
            assert_eq!(page.status, 200, "{part}: {}", page.text);
            assert!(page.text.contains("takes the role owner or"), "{part}: {}", page.text);
        }
        for part in ["/settings", "/rules/people/mappings/userName", "/rules/people/on", "/off"] {
            assert_eq!(browser.post(&format!("{APP}{part}"), &[]).await.status, 403, "{part}");
        }
        let tried = browser.post(&format!("{PEOPLE}/mappings/userName/try"), &[("source", "direct"), ("direct", "userName")]).await;
        assert_eq!(tried.status, 200, "trying changes nothing");
        for gone in ["/rules/other", "/rules/other/scope", "/rules/other/mappings/x"] {
            assert_eq!(browser.get(&format!("{APP}{gone}")).await.status, 404, "{gone}");
        }
    }

    async fn the_pages_are_in_german_and_small(server) {
        let browser = server.signed_in(Role::Owner).await;
        people(server).await;
        set_up(server, &browser).await;
        for (part, word) in [
            ("", "Zustand"), ("/settings", "Einstellungen"), ("/rules", "Geltungsbereich"), ("/rules/people/scope", "Bedingung"),
            ("/rules/people/mappings", "Zielattribut"), ("/rules/people/mappings/userName", "Woher der Wert kommt"),
        ] {
            let path = format!("{APP}{part}");
            let page = browser.send(browser.bare("GET", &path).header("accept-language", "de")).await;
            crate::console_world::check(&path, &page);
            assert!(page.text.contains(word), "{word}: {}", page.text);
        }
    }
}
