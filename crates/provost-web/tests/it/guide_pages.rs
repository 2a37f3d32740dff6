//! Guides: steps with checks that are computed from what Provost knows.

use crate::browser::Browser;
use crate::console_world::{World, check};
use crate::harness::{Answer, Server, both};
use crate::run_world::{Loop, audited, follow, person};
use provost_store::administrator::Role;
use provost_store::guide_note;
use serde_json::json;

const GUIDES: [&str; 5] = [
    "entra",
    "okta",
    "microsoft-365",
    "application-users",
    "application-users-groups",
];

async fn page(browser: &Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(path, &page);
    page.text
}

async fn notes(server: &Server, guide: &'static str) -> usize {
    let workspace = server.provider.workspace;
    server
        .db
        .read(move |tx| guide_note::list(tx, workspace, guide))
        .await
        .unwrap()
        .len()
}

/// The addresses of the steps that a guide's page leads to.
fn steps(page: &str, guide: &str) -> Vec<String> {
    let start = format!("href=\"/w/Contoso/guides/{guide}?");
    let found = page
        .split(&start)
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0.replace("&#38;", "&"));
    found
        .map(|query| format!("/w/Contoso/guides/{guide}?{query}"))
        .collect()
}

both! {
    async fn every_step_of_every_guide_is_a_page_that_is_safe_and_small(server) {
        let browser = server.signed_in(Role::Auditor).await;
        let list = page(&browser, "/w/Contoso/guides").await;
        for guide in GUIDES {
            assert!(list.contains(&format!("/w/Contoso/guides/{guide}")), "{guide}");
            let shown = page(&browser, &format!("/w/Contoso/guides/{guide}")).await;
            let steps = steps(&shown, guide);
            assert!(steps.len() >= 8, "{guide} has {}", steps.len());
            for step in &steps {
                let step = page(&browser, step).await;
                assert!(step.contains("aria-current=\"step\""), "one step is opened");
            }
        }
        World::new(server, 3).await;
        for guide in GUIDES {
            page(&browser, &format!("/w/Contoso/guides/{guide}")).await;
        }
        assert_eq!(browser.get("/w/Contoso/guides/nothing").await.status, 404);
        assert_eq!(browser.get("/w/Contoso/guides/nothing/live").await.status, 404);
    }

    async fn the_first_request_is_seen_with_its_time(server) {
        let browser = server.signed_in(Role::Owner).await;
        let at = "/w/Contoso/guides/entra?step=credentials";
        let before = page(&browser, at).await;
        assert!(before.contains("Nothing came yet.") && before.contains("disabled"), "{before}");
        let way = before.split_once("aria-describedby=\"why-next\"").expect("the way on is closed");
        assert!(way.1.contains("id=\"why-next\">Nothing came yet."), "the guard says why: {}", way.1);
        person(server, "Ann").await;
        let seen = crate::harness::until("the first request", || async {
            let page = browser.get(at).await.text;
            page.contains("We saw the first request").then_some(page).filter(|page| !page.contains("Nothing came yet."))
        });
        let seen = seen.await;
        assert!(seen.contains("ago</time>") || seen.contains("just now</time>"), "{seen}");
        assert!(!seen.contains("why-next"), "the way on is open");
        let live = browser.get("/w/Contoso/guides/entra/live?step=credentials").await;
        assert!(live.status == 200 && live.text.contains("data-over") && !live.text.contains("<html"));
        let people = page(&browser, "/w/Contoso/guides/entra?step=people").await;
        assert!(people.contains("1 person"), "{people}");
    }

    async fn what_no_fact_shows_is_signed_off_and_taken_back(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let at = "/w/Contoso/guides/okta?step=to-app";
        assert!(page(&browser, at).await.contains("Sign off that this is done"));
        let fields = [("step", "to-app"), ("note", "<b>done</b> by Ann"), ("provider", "Entra")];
        let done = browser.post("/w/Contoso/guides/okta/sign", &fields).await;
        let signed = follow(&browser, &done).await;
        check(at, &signed);
        assert!(signed.text.contains("&#60;b&#62;done&#60;/b&#62; by Ann") && signed.text.contains("signed by administrator"));
        assert_eq!((notes(server, "okta").await, audited(server, "guide.sign").await), (1, 1));
        let done = browser.post("/w/Contoso/guides/okta/unsign", &[("step", "to-app")]).await;
        assert!(follow(&browser, &done).await.text.contains("Sign off that this is done"));
        assert_eq!((notes(server, "okta").await, audited(server, "guide.unsign").await), (0, 1));
        // Only what a guide asks for can be signed off.
        for step in ["token", "nothing", ""] {
            assert_eq!(browser.post("/w/Contoso/guides/okta/sign", &[("step", step)]).await.status, 404, "{step}");
        }
        let auditor = server.signed_in(Role::Auditor).await;
        let refused: Answer = auditor.post("/w/Contoso/guides/okta/sign", &fields).await;
        assert_eq!(refused.status, 403);
        assert!(page(&auditor, at).await.contains("provisioning operator"), "the dead button names the role");
        assert_eq!(notes(server, "okta").await, 0);
    }

    async fn what_is_needed_is_checked_or_signed_ahead(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let at = "/w/Contoso/guides/microsoft-365?step=before";
        let before = page(&browser, at).await;
        for part in ["The subscription has seats", "/w/Contoso/new-connection/microsoft-365", "why-next"] {
            assert!(before.contains(part), "{part}: {before}");
        }
        browser.post("/w/Contoso/guides/microsoft-365/sign", &[("step", "before")]).await;
        let signed = page(&browser, at).await;
        assert!(!signed.contains("why-next"), "the way on is open: {signed}");
        assert!(signed.contains("Not tested yet"), "its checks stay open: {signed}");
    }

    async fn progress_follows_what_is_done(server) {
        let browser = server.signed_in(Role::Owner).await;
        let at = |step: &str| format!("/w/Contoso/guides/application-users?step={step}");
        assert!(page(&browser, &at("gallery")).await.contains("There is no such connection yet."));
        let loop_ = Loop::new(server, "never").await;
        assert!(page(&browser, &at("gallery")).await.contains("Sample &#38; application"));
        let mappings = page(&browser, &at("mappings")).await;
        assert!(mappings.contains("Map userName, active, displayName and externalId."), "{mappings}");
        let start = page(&browser, &at("start")).await;
        assert!(start.contains("Make a plan and read it"), "{start}");
        for name in ["Ann", "Ben"] {
            person(server, name).await;
        }
        let made = browser.post(&format!("{}/plan", crate::run_world::AT), &[]).await;
        assert_eq!(made.status, 303);
        assert!(page(&browser, &at("start")).await.contains("a plan of 2 steps"));
        loop_.run().await;
        let start = page(&browser, &at("start")).await;
        assert!(start.contains("2 people and 0 groups are linked") && !start.contains("why-next"), "{start}");
        let list = page(&browser, "/w/Contoso/guides").await;
        assert!(list.contains("steps are done."), "{list}");
        let ann = json!({"op": "replace", "path": "active", "value": false});
        let found = server.read("/Users?filter=userName%20eq%20%22ann@contoso.example%22").await;
        let id = found["Resources"][0]["id"].as_str().unwrap().to_owned();
        server.patch(&format!("/Users/{id}"), json!([ann])).await;
        loop_.run().await;
        assert!(page(&browser, &at("leave")).await.contains("1 in the newest such cycle"));
    }
}
