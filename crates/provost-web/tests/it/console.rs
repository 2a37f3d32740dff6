//! The console's first page, its files, and what every page of it carries.

use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use provost_engine::object::Kind;
use provost_store::administrator::Role;
use provost_store::connection::{self, Condition};
use provost_store::connection_day::{self, Figures};
use provost_store::{cycle, lease, provisioning_log};
use serde_json::json;
use uuid::Uuid;

/// The cookie of a session of a new owner.
pub async fn sign_in(server: &Server) -> String {
    let browser = server.signed_in(Role::Owner).await;
    format!("provost_session={}", browser.cookie("provost_session").unwrap())
}

both! {
    async fn without_a_session_every_page_leads_to_the_sign_in(server) {
        for cookie in ["", "provost_session=guess"] {
            let answer = Answer::of(server.request("GET", "/w/Contoso/audit?actor=x").header("cookie", cookie)).await;
            assert_eq!(answer.status, 303);
            assert_eq!(answer.header("location"), "/signin?to=%2Fw%2FContoso%2Faudit%3Factor%3Dx");
            assert!(!answer.text.contains("Contoso"));
        }
    }

    async fn the_overview_shows_the_workspace_and_its_connections(server) {
        server.make("/Users", json!({"userName": "<ann>@contoso.example"})).await;
        connect(server).await;
        let browser = server.signed_in(Role::Auditor).await;
        let first = browser.get("/").await;
        assert_eq!((first.status, first.header("location")), (303, "/w/Contoso"), "the only workspace is shown at once");
        let page = browser.get("/w/Contoso").await;
        assert_eq!(page.status, 200);
        check("/w/Contoso", &page);
        for text in [
            "Contoso", "Entra", "Microsoft 365", "quarantine", "the target answers 503", "The next try is",
            "The initial cycle has not finished", "7 written, 2 taken away", "1 failed", "Connection is not active",
        ] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.header("content-security-policy").ends_with("trusted-types provost"));
    }

    async fn the_pages_are_in_the_readers_language_and_zone(server) {
        connect(server).await;
        let browser = server.signed_in(Role::Auditor).await;
        browser.set_cookie("provost_zone", "Europe%2FBerlin");
        let asked = browser.bare("GET", "/w/Contoso").header("accept-language", "fr, de-AT;q=0.8");
        let page = browser.send(asked).await;
        for text in ["<html lang=\"de\">", "Prüfprotokoll", "Quarantäne", "Der erste Zyklus ist noch nicht fertig.", "7 geschrieben, 2 entzogen"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(page.text.contains(" CET\"") || page.text.contains(" CEST\""), "{}", page.text);
    }

    async fn what_was_done_is_said_in_our_own_words_alone(server) {
        let browser = server.signed_in(Role::Owner).await;
        let page = browser.get("/w/Contoso/settings?done=saved").await;
        assert!(page.text.contains("role=\"status\">It was saved."));
        for harm in ["?done=Call%200800", "?done=%3Cb%3E", "?done="] {
            let page = browser.get(&format!("/w/Contoso/settings{harm}")).await;
            assert!(!page.text.contains("role=\"status\"") && !page.text.contains("0800"));
        }
    }

    async fn files_are_kept_by_their_content(server) {
        let page = Answer::of(server.request("GET", "/nowhere")).await;
        assert_eq!(page.status, 404);
        let mut found = 0;
        for part in page.text.split('"').filter(|part| part.starts_with("/assets/")) {
            let file = Answer::of(server.request("GET", part)).await;
            assert_eq!(file.status, 200, "{part}");
            assert!(file.header("cache-control").contains("immutable"));
            found += 1;
        }
        assert_eq!(found, 4, "icon, style sheet, script, mark");
        assert_eq!(Answer::of(server.request("GET", "/assets/console.css")).await.status, 404);
    }

    async fn health_is_asked_without_a_token(server) {
        let answer = Answer::of(server.request("GET", "/healthz")).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok"));
    }
}

/// A connection in quarantine with a cycle and a line of the provisioning log.
pub async fn connect(server: &Server) {
    let space = server.provider.workspace;
    let made = server.db.write(move |tx| {
        let (settings, guard) = (json!({}), json!({}));
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace: space,
            name: "Office",
            connector: "graph",
            settings: &settings,
            guard: &guard,
        };
        let made = connection::create(tx, "test", 1, &new)?;
        let condition = Condition {
            state: connection::State::Quarantine,
            reason: "the target answers 503.".into(),
            failures: 3,
            next_try: i64::MAX / 2,
            ..Condition::default()
        };
        connection::set_state(tx, "test", 2, &made, &condition)?;
        let lease = lease::take(tx, made.key, "test", 2, 60_000, &|_| false)?.unwrap();
        let key = cycle::start(tx, lease, "incremental", 2, 0)?;
        let today = connection_day::day_of(jiff::Timestamp::now().as_millisecond());
        let figures = Figures {
            cycles: 1,
            written: 7,
            removed: 2,
            failed: 1,
        };
        connection_day::add(tx, made.key, today, figures)?;
        cycle::finish(
            tx,
            key,
            5,
            "failed",
            0,
            r#"{"people":{"create":3},"groups":{},"emptied_groups":0}"#,
        )?;
        provisioning_log::append(
            tx,
            space,
            &provisioning_log::Entry {
                at: 4,
                connection: made.key,
                cycle: key,
                kind: Kind::Person,
                object: 1,
                object_id: Uuid::now_v7(),
                label: "<ann>".into(),
                action: "create".into(),
                status: "failure".into(),
                reason: "PRV-1: refused".into(),
                ..provisioning_log::Entry::default()
            },
        )
    });
    made.await.unwrap();
}
