//! The console's first page, and how one gets to it.

use crate::harness::{Answer, Server, both};
use provost_engine::object::Kind;
use provost_store::connection::{self, Condition};
use provost_store::{cycle, lease, provisioning_log};
use serde_json::json;
use uuid::Uuid;

pub async fn sign_in(server: &Server) -> String {
    let key = server.console.one_time_key();
    assert_eq!(
        Answer::of(server.request("HEAD", &format!("/signin?key={key}")))
            .await
            .header("set-cookie"),
        ""
    );
    let answer = Answer::of(server.request("GET", &format!("/signin?key={key}"))).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    let again = Answer::of(server.request("GET", &format!("/signin?key={key}"))).await;
    assert_eq!(
        (again.status, again.header("set-cookie")),
        (401, ""),
        "a link works once"
    );
    cookie.split(';').next().unwrap().to_owned()
}

both! {
    async fn without_a_session_the_page_says_how_to_get_one(server) {
        for cookie in ["", "provost_session=guess"] {
            let answer = Answer::of(server.request("GET", "/").header("cookie", cookie)).await;
            assert_eq!(answer.status, 401);
            assert!(answer.text.contains("provost serve") && answer.text.contains("provost demo"));
            assert!(!answer.text.contains("Contoso"));
        }
        for path in ["/signin", "/signin?key=", "/signin?key=guess"] {
            assert_eq!(Answer::of(server.request("GET", path)).await.status, 401, "{path}");
        }
    }

    async fn the_overview_shows_the_workspace_and_its_connections(server) {
        server.make("/Users", json!({"userName": "<ann>@contoso.example"})).await;
        connect(server).await;
        let cookie = sign_in(server).await;
        let page = Answer::of(server.request("GET", "/").header("cookie", &cookie)).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        for text in ["Contoso", "Entra", "Microsoft 365", "quarantine", "the target answers 503", "The next try is", "incremental", "people: 3 create", "PRV-1: refused", "&#60;ann&#62;"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(!page.text.contains("<ann>"), "names are escaped");
        assert!(!page.text.contains("<script") && !page.text.contains("style=") && !page.text.contains("onclick"));
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cache-control"), "no-store");
    }

    async fn files_are_kept_by_their_content(server) {
        let page = Answer::of(server.request("GET", "/")).await;
        let mut found = 0;
        for part in page.text.split('"').filter(|part| part.starts_with("/assets/")) {
            let file = Answer::of(server.request("GET", part)).await;
            assert_eq!(file.status, 200, "{part}");
            assert!(file.header("cache-control").contains("immutable"));
            found += 1;
        }
        assert_eq!(found, 3, "icon, style sheet, mark");
        assert_eq!(Answer::of(server.request("GET", "/assets/console.css")).await.status, 404);
        assert_eq!(Answer::of(server.request("GET", "/nowhere")).await.status, 404);
    }

    async fn health_is_asked_without_a_token(server) {
        let answer = Answer::of(server.request("GET", "/healthz")).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok"));
    }
}

/// A connection in quarantine with a cycle and a line of the provisioning log.
async fn connect(server: &Server) {
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
