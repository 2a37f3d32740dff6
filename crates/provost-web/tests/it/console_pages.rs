//! The console's pages about a connection, its people and groups, its licences, and what is to be decided.

use crate::console::sign_in;
use crate::console_world::{HOSTILE, NAME, SKU, World, connect, links, seal};
use crate::harness::{Answer, Server, both};
use provost_store::api_token::Scope;
use provost_store::connection::{self, Condition, State};
use provost_store::workspace;
use regex::Regex;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// [`NAME`] as a part of an address of the interface.
const API: &str = "/connections/Office%20%3Ci%3E365%3C%2Fi%3E%2F%3F%23%26%27%22";
/// The same of a page.
const AT: &str = "/w/Contoso/connections/Office%20%3Ci%3E365%3C%2Fi%3E%2F%3F%23%26%27%22";

async fn ask(server: &Server, path: &str) -> Value {
    let token = server.api_token(Scope::Read).await;
    let answer = Answer::of(server.api(&token, "GET", path)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()
}

/// The words and numbers of a page, without its markup.
fn text(page: &str) -> String {
    let plain = Regex::new("<[^>]*>").unwrap().replace_all(page, " ").into_owned();
    let plain = plain
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    plain
        .replace("&#38;", "&")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Follows "Next page" to the end and counts the lines.
async fn lines(server: &Server, world: &World, path: &str) -> usize {
    let (mut count, mut path) = (0, path.to_owned());
    loop {
        let page = world.page(server, &path).await;
        count += page.split("<li><span class=\"what\">").count() - 1;
        let Some(rest) = page.split_once("class=\"on\" href=\"") else {
            return count;
        };
        path = rest.1.split_once('"').unwrap().0.replace("&#38;", "&");
    }
}

async fn set_state(server: &Server, world: &World, state: State) {
    let connection = world.connection.clone();
    let to = Condition {
        state,
        reason: "because of a test.".into(),
        ..Condition::default()
    };
    server
        .db
        .write(move |tx| connection::set_state(tx, "test", 50, &connection, &to))
        .await
        .unwrap();
}

both! {
    async fn every_link_leads_to_a_page_that_is_safe_and_small(server) {
        let world = World::new(server, 120).await;
        let (mut seen, mut waiting) = (BTreeSet::new(), VecDeque::from(["/".to_owned()]));
        while let Some(path) = waiting.pop_front() {
            if !seen.insert(path.clone()) || seen.len() > 200 {
                continue;
            }
            let page = world.answer(server, &path).await;
            if page.status == 303 {
                waiting.push_back(page.header("location").to_owned());
                continue;
            }
            // What is saved as a file is no page.
            if page.header("content-disposition").starts_with("attachment") {
                continue;
            }
            waiting.extend(links(&world.page(server, &path).await));
        }
        for part in ["/status/", "/licences", "/holders", "/doubts", "/people/", "/groups/", "after=", "before="] {
            assert!(seen.iter().any(|path| path.contains(part)), "no link leads to {part}");
        }
    }

    async fn without_a_session_no_page_tells_anything(server) {
        let world = World::new(server, 0).await;
        let paths = ["", "/status/Groups/failed", "/licences", "/doubts"].map(|rest| format!("{AT}{rest}"));
        for path in paths.into_iter().chain([format!("/w/Contoso/people/{}", world.person), format!("{AT}/licences/{SKU}/holders")]) {
            let answer = Answer::of(server.request("GET", &path)).await;
            assert_eq!(answer.status, 303, "{path}");
            assert!(!answer.text.contains("Office") && !answer.text.contains("alert"), "{path}");
        }
    }

    async fn the_numbers_are_the_interfaces_and_so_are_their_lists(server) {
        let world = World::new(server, 130).await;
        let rules = ask(server, &format!("{API}/status")).await["rules"].take();
        let page = world.page(server, AT).await;
        for rule in rules.as_array().unwrap() {
            let (counts, name) = (&rule["counts"], rule["rule"].as_str().unwrap());
            let parts = ["success", "unsynced", "partially_synced", "failed"];
            let sum: i64 = parts.iter().map(|part| counts[part].as_i64().unwrap()).sum();
            assert_eq!(counts["impacted"], sum);
            let shown: Vec<String> = ["impacted", "success", "unsynced", "partially_synced", "failed"]
                .iter()
                .map(|part| format!("{} {}", counts[part], part.replace('_', " ")))
                .collect();
            assert!(text(&page).contains(&shown.join(" ")), "{shown:?} of {name} in {}", text(&page));
        }
        let all: Vec<String> = links(&page).into_iter().filter(|link| link.contains("/status/")).collect();
        assert_eq!(all.len(), 10);
        for (index, link) in all.iter().enumerate() {
            let counts = &rules[index / 5]["counts"];
            let number = &counts[link.rsplit('/').next().unwrap()];
            assert_eq!(json!(lines(server, &world, link).await), *number, "{link}");
        }
    }

    async fn a_line_says_why_and_what_to_do(server) {
        let world = World::new(server, 10).await;
        let page = world.page(server, AT).await;
        let list = |number: &str| links(&page).into_iter().find(|link| link.ends_with(number)).unwrap();
        let failed = text(&world.page(server, &list("/failed")).await);
        for part in ["PRV-CONNECT-CONFLICT", "is taken.", "Next Somebody else in the target has a value that must be unique", "began"] {
            assert!(failed.contains(part), "{part}: {failed}");
        }
        assert_eq!(failed.matches("PRV-CONNECT-CONFLICT").count(), 1, "the code stands once: {failed}");
        let unsynced = world.page(server, &list("/unsynced")).await;
        assert!(text(&unsynced).contains("Look at the candidates and decide"));
        assert!(links(&unsynced).contains(&format!("{AT}/doubts")));
        assert!(links(&unsynced).contains(&format!("/w/Contoso/people/{}", world.person)));
        let nobody = text(&world.page(server, &format!("{AT}/status/Groups/failed")).await);
        assert!(nobody.contains("0 failed groups by the rule Groups") && nobody.contains("Nobody, and that is"), "{nobody}");
    }

    async fn each_state_has_a_reason_and_a_next_step(server) {
        let world = World::new(server, 0).await;
        for (state, step) in [
            (State::Paused, "Nothing is written until somebody switches it on again."),
            (State::Held, "Look at the removals, then approve or reject them. Staged steps"),
            (State::Quarantine, "A test says at which step it fails."),
            (State::Invalid, "Correct what the test names; a test that succeeds makes it active. Settings"),
        ] {
            set_state(server, &world, state).await;
            let page = text(&world.page(server, AT).await);
            for part in [state.name(), "because of a test.", "Next", step] {
                assert!(page.contains(part), "{part}: {page}");
            }
        }
    }

    async fn the_last_test_is_told_with_its_permissions(server) {
        let world = World::new(server, 0).await;
        let page = text(&world.page(server, AT).await);
        for part in [
            "sign-in ok", "permissions failed some are missing PRV-M365-PERMISSION-MISSING Next Grant them.",
            "Group.ReadWrite.All missing groups needs it; also enough: Directory.ReadWrite.All",
            "Application.ReadWrite.All excess nothing that is switched on needs it", "User.Read.All granted",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert_eq!(page.matches("Application.ReadWrite.All").count(), 1);
    }

    async fn licences_are_the_interfaces_and_lead_to_who_has_them(server) {
        let world = World::new(server, 60).await;
        let told = ask(server, &format!("{API}/licences")).await["licences"][0].take();
        assert_eq!((&told["seats"], &told["used"], &told["given"]), (&json!(65), &json!(60), &json!(48)));
        let page = world.page(server, &format!("{AT}/licences")).await;
        let figures = text(page.split_once("<dl").unwrap().1.split_once("</dl").unwrap().0);
        for part in ["seats", "used", "by Provost", "free", "planned", "short"] {
            let key = if part == "by Provost" { "given" } else { part };
            assert!(figures.contains(&format!("{part} {}", told[key])), "{part}: {figures}");
        }
        let holders = links(&page).into_iter().find(|link| link.ends_with("/holders")).unwrap();
        assert_eq!(lines(server, &world, &holders).await, 48);
        assert!(links(&page).contains(&format!("/w/Contoso/groups/{}", world.group)), "the group that brings it");
        assert!(text(&page).contains("Provost gives it to each member"));
        let none = world.answer(server, &format!("{AT}/licences/unknown/holders")).await;
        assert_eq!(none.status, 404);
    }

    async fn a_person_is_shown_in_every_rule_with_what_was_done(server) {
        let world = World::new(server, 0).await;
        let told = ask(server, &format!("/objects/{}/status", world.person)).await["status"].take();
        let at = format!("/w/Contoso/people/{}", world.person);
        let page = world.page(server, &at).await;
        assert_eq!(told.as_array().unwrap().len(), 1);
        let code = told[0]["code"].as_str().unwrap();
        for part in [HOSTILE, "no account", "Somebody has to decide who is meant", code, "Look at the candidates", "number 59"] {
            assert!(text(&page).contains(part), "{part}: {}", text(&page));
        }
        assert!(!text(&page).contains("number 34 "), "a page of the log has 25 lines");
        let older = links(&page).into_iter().find(|link| link.contains("before=")).unwrap();
        let older = text(&world.page(server, &older).await);
        assert!(older.contains("number 34 ") && !older.contains("number 35 "), "{older}");
        let other = world.answer(server, &at.replace("people", "groups")).await;
        assert_eq!((other.status, other.header("location")), (303, at.as_str()));
        assert!(text(&world.page(server, &format!("/w/Contoso/groups/{}", world.group)).await).contains("PRV-GROUP-NAME"));
        for nobody in [format!("/w/Contoso/people/{}", Uuid::now_v7()), "/w/Contoso/people/ann".to_owned()] {
            assert_eq!(world.answer(server, &nobody).await.status, 404, "{nobody}");
        }
        // Who is deleted is told so, and found by the same address.
        assert_eq!(server.delete(&format!("/Users/{}", world.person)).await.status, 204);
        assert!(text(&world.page(server, &at).await).contains("deleted"));
    }

    async fn what_is_to_be_decided_stands_with_the_command(server) {
        let world = World::new(server, 0).await;
        let told = ask(server, &format!("{API}/doubts")).await["doubts"].take();
        let at = format!("{AT}/doubts");
        let page = text(&world.page(server, &at).await);
        for doubt in told.as_array().unwrap() {
            for choice in doubt["choices"].as_array().unwrap() {
                let words = format!("{} {}", doubt["doubt"], choice.as_str().unwrap());
                assert!(page.contains(&words), "{words}: {page}");
            }
        }
        assert!(page.contains("link --target ID") && !page.contains("skip --target"), "{page}");
        assert!(page.contains("2 open, 0 decided") && page.contains("belongs to somebody"), "{page}");
        let key = told[0]["doubt"].as_i64().unwrap();
        let engine = server.engine();
        let (decision, confirm) = (provost_store::doubt::Decision::Skip, provost_sync::setup::Confirm::default());
        engine.decide_doubt(world.connection.key, key, decision, None, "test", &confirm).await.unwrap();
        let (open, all) = (world.page(server, &at).await, world.page(server, &format!("{at}?decided=true")).await);
        assert!(text(&open).contains("1 open, 1 decided") && !text(&open).contains(&format!("{key} skip")));
        assert!(text(&all).contains(&format!("{key} skip")));
    }

    async fn a_name_belongs_to_one_workspace(server) {
        let world = World::new(server, 0).await;
        let made = server.db.write(move |tx| {
            let labs = workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso Labs")?;
            connect(tx, labs.key, "Only here")?;
            Ok::<_, provost_store::Error>(labs)
        });
        let labs = made.await.unwrap();
        let people = format!("/w/Contoso/people/{}", world.person);
        for path in [AT.to_owned(), format!("{AT}/licences"), format!("{AT}/doubts"), people] {
            let elsewhere = path.replace("/w/Contoso/", "/w/Contoso%20Labs/");
            assert_eq!(world.answer(server, &elsewhere).await.status, 404, "{path}");
            let page = world.page(server, &path).await;
            let is_here = |link: &String| link.starts_with("/w/Contoso/") || link == "/w/Contoso" || !link.starts_with("/w/");
            assert!(links(&page).iter().all(is_here), "{path}: {:?}", links(&page));
        }
        assert_eq!(world.answer(server, "/w/Contoso/connections/Only%20here").await.status, 404);
        world.page(server, "/w/Contoso%20Labs/connections/Only%20here").await;
        // The same name in both is two connections.
        server.db.write(move |tx| connect(tx, labs.key, NAME)).await.unwrap();
        world.page(server, AT).await;
        world.page(server, &AT.replace("/w/Contoso/", "/w/Contoso%20Labs/")).await;
    }

    async fn ten_thousand_people_are_pages_of_the_same_size(server) {
        let world = World::new(server, 10_000).await;
        let page = world.page(server, AT).await;
        assert!(text(&page).contains("10,001 impacted 7,000 success 1,001 unsynced 1,000 partially synced 1,000 failed"), "{}", text(&page));
        let about = |link: &String| link.starts_with(AT);
        for link in links(&page).into_iter().filter(about) {
            world.page(server, &link).await;
        }
        let licences = world.page(server, &format!("{AT}/licences")).await;
        for link in links(&licences).into_iter().filter(about) {
            world.page(server, &link).await;
        }
    }

    async fn an_address_that_is_none_is_told_so(server) {
        let world = World::new(server, 0).await;
        for rest in ["/status/Nobody/failed", "/status/Groups/odd", "/status/Groups/failed?after=x", "/doubts?after=x", "/licences?after=1.2", "/licences/x/holders?after=1"] {
            assert_eq!(world.answer(server, &format!("{AT}{rest}")).await.status, 404, "{rest}");
        }
        for path in ["/w/Contoso/connections/Nobody", "/w/Contoso/connections/%FF", "/w/Nowhere/connections", "/connections/"] {
            let answer = world.answer(server, path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.text.contains("There is no such page"), "{path}");
        }
    }

    async fn what_is_empty_says_how_it_is_filled(server) {
        let cookie = sign_in(server).await;
        let (workspace, key) = (server.provider.workspace, Arc::clone(&server.key));
        let made = server.db.write(move |tx| {
            let made = connect(tx, workspace, "New")?;
            seal(tx, &key, &made)
        });
        made.await.unwrap();
        for (path, said) in [
            ("", "Nobody is meant yet"),
            ("", "Test it now"),
            ("/status/Groups/impacted", "as far as cycles have come"),
            ("/doubts", "Nothing to decide."),
            ("/licences", "Once the seats have been read, a product can be chosen here for a group."),
        ] {
            let path = format!("/w/Contoso/connections/New{path}");
            let page = Answer::of(server.request("GET", &path).header("cookie", &cookie)).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            assert!(text(&page.text).contains(said), "{said}: {}", text(&page.text));
        }
    }
}
