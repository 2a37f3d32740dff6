//! What runs, and what a person decides about it: plans, staged steps, cycles, the log, drift, links and doubts.

use crate::browser::Browser;
use crate::console_world::{self, HOSTILE, World, check};
use crate::harness::{Server, both};
use crate::run_world::{AT, Loop, NAME, audited, field, follow, leave, person};
use provost_store::administrator::Role;
use provost_store::drift::{self, Seen};
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{connection, cycle, lease, link, plan};
use serde_json::json;

/// The connection of [`World`] in an address.
const HOSTILE_AT: &str = "/w/Contoso/connections/Office%20%3Ci%3E365%3C%2Fi%3E%2F%3F%23%26%27%22";

async fn page(browser: &Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(path, &page);
    page.text
}

/// Makes a plan, and answers its page's address.
async fn make_plan(browser: &Browser) -> String {
    let made = browser.post(&format!("{AT}/plan"), &[("mode", "")]).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let address = made.header("location").to_owned();
    address.split_once('?').unwrap().0.to_owned()
}

/// Steps of an object that is gone, held by the guard.
async fn hold(server: &Server, loop_: &Loop, count: i64) {
    let (connection, rule) = (loop_.connection.key, loop_.rule);
    let steps: Vec<StagedStep> = (0..count)
        .map(|index| StagedStep {
            key: 0,
            rule,
            object: 900_000 + index,
            member: 0,
            action: "disable".to_owned(),
            label: format!("Leaver {index:02}"),
            digest: "d1gest".to_owned(),
            decision: Decision::Pending,
            created: 5,
        })
        .collect();
    server
        .db
        .write(move |tx| staged::put_all(tx, connection, 5, &steps))
        .await
        .unwrap();
}

async fn count_staged(server: &Server, loop_: &Loop, decision: Decision) -> i64 {
    let key = loop_.connection.key;
    server
        .db
        .read(move |tx| staged::count(tx, key, decision))
        .await
        .unwrap()
}

both! {
    async fn every_page_is_safe_and_small_and_empty_ones_teach(server) {
        let browser = server.signed_in(Role::Auditor).await;
        for (path, said) in [
            ("/w/Contoso/plans", "No plan is kept"),
            ("/w/Contoso/staged", "Nothing is held"),
            ("/w/Contoso/log", "Nothing has happened yet"),
            ("/w/Contoso/drift", "No difference is known"),
        ] {
            assert!(page(&browser, path).await.contains(said), "{path}");
        }
        World::new(server, 120).await;
        for rest in ["/cycles", "/links", "/doubts", "/status/Groups/impacted"] {
            page(&browser, &format!("{HOSTILE_AT}{rest}")).await;
        }
        for path in ["/w/Contoso/plans", "/w/Contoso/staged", "/w/Contoso/log", "/w/Contoso/drift"] {
            page(&browser, path).await;
        }
        for (path, status) in [
            ("/w/Contoso/plans/0", 404),
            ("/w/Contoso/plans/00000000-0000-7000-8000-000000000000", 404),
            ("/w/Contoso/cycles/1", 404),
            ("/w/Contoso/drift?connection=x&after=1", 404),
            ("/w/Contoso/connections/Nobody/links", 404),
        ] {
            assert_eq!(browser.get(path).await.status, status, "{path}");
        }
    }

    async fn a_plan_is_read_filtered_approved_by_another_person_and_applied_once(server) {
        let loop_ = Loop::new(server, "always").await;
        for name in ["Ann", "Ben", "Cid"] {
            person(server, name).await;
        }
        let (maker, second) = (server.signed_in(Role::Owner).await, server.signed_in(Role::Owner).await);
        let here = make_plan(&maker).await;
        let shown = page(&maker, &here).await;
        for text in ["ann@contoso.example", "Ann", "userName", "3 steps", "needs a second person", "a second person has to approve it."] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        let digest = field(&shown, "digest");
        let one = page(&maker, &format!("{here}?find=ben")).await;
        assert!(one.contains("ben@contoso.example") && !one.contains("ann@contoso.example"));
        let none = page(&maker, &format!("{here}?action=delete")).await;
        assert!(none.contains("No step of the plan is like that."));
        // Whoever made it cannot approve it, on the page or beside it.
        let refused = maker.post(&format!("{here}/approve"), &[("digest", &digest)]).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        let early = maker.post(&format!("{here}/apply"), &[("digest", &digest)]).await;
        assert_eq!(early.status, 409);
        let other = second.post(&format!("{here}/approve"), &[("digest", "another")]).await;
        assert_eq!(other.status, 409);
        page(&second, &here).await;
        let approved = second.post(&format!("{here}/approve"), &[("digest", &digest)]).await;
        assert!(follow(&second, &approved).await.text.contains("It was approved."));
        assert_eq!(audited(server, "plan.approve").await, 1);
        // What is held goes with it, so the page asks first and names nobody who loses nothing.
        let mut applied = second.post(&format!("{here}/apply"), &[("digest", &digest)]).await;
        if applied.status == 409 {
            assert!(applied.text.contains("Apply 3 steps"), "{}", applied.text);
            applied = second.post(&format!("{here}/apply"), &[("digest", &digest), ("confirm", &digest)]).await;
        }
        let after = follow(&second, &applied).await.text;
        assert!(after.contains("It was carried out.") && after.contains("What its cycle did"), "{after}");
        let again = second.post(&format!("{here}/apply"), &[("digest", &digest), ("confirm", &digest)]).await;
        assert_eq!(again.status, 409, "a plan is applied once");
        assert_eq!(audited(server, "plan.apply").await, 1);
        let linked = loop_.rule;
        assert_eq!(server.db.read(move |tx| link::count(tx, linked)).await.unwrap(), 3);
    }

    async fn a_plan_tells_why_and_what_moved(server) {
        let _loop = Loop::new(server, "never").await;
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::Owner).await;
        let here = make_plan(&browser).await;
        let shown = page(&browser, &here).await;
        let (_, rest) = shown.split_once("/objects/").unwrap();
        let key = rest.split_once('"').unwrap().0;
        let why = page(&browser, &format!("{here}/objects/{key}")).await;
        for text in ["Everybody counts as assigned", "Scope", "People", "Not([IsSoftDeleted])", "displayName"] {
            assert!(why.contains(text), "{text}: {why}");
        }
        assert_eq!(browser.get(&format!("{here}/objects/1")).await.status, 404);
        let renamed = json!([{"op": "replace", "path": "displayName", "value": "Anna"}]);
        server.patch(&format!("/Users/{ann}"), renamed).await;
        let digest = field(&shown, "digest");
        let applied = browser.post(&format!("{here}/apply"), &[("digest", &digest)]).await;
        let moved = follow(&browser, &applied).await.text;
        assert!(moved.contains("The world moved") && moved.contains("create"), "{moved}");
        let newer = make_plan(&browser).await;
        assert!(page(&browser, &here).await.contains(&newer), "the plan in its place is named");
        // A newer one takes the place of one that waits.
        make_plan(&browser).await;
        assert!(page(&browser, &newer).await.contains("A newer plan or a cycle took its place"));
        let digest = field(&shown, "digest");
        let late = browser.post(&format!("{newer}/reject"), &[("digest", &digest), ("reason", "late")]).await;
        assert_eq!(late.status, 409, "{}", late.text);
    }

    async fn who_may_only_look_sees_the_role_that_is_needed(server) {
        let loop_ = Loop::new(server, "never").await;
        person(server, "Ann").await;
        hold(server, &loop_, 2).await;
        let here = make_plan(&server.signed_in(Role::Owner).await).await;
        let auditor = server.signed_in(Role::Auditor).await;
        for path in [here.as_str(), "/w/Contoso/staged"] {
            let shown = page(&auditor, path).await;
            assert!(shown.contains("disabled") && shown.contains("provisioning operator"), "{path}: {shown}");
        }
        let key = loop_.connection.key;
        let digest = server.db.read(move |tx| plan::list(tx, key, None, 1)).await.unwrap()[0].digest.clone();
        for (path, fields) in [
            (format!("{here}/apply"), vec![("digest", digest.as_str())]),
            (format!("{AT}/plan"), vec![]),
            (format!("{AT}/staged"), vec![("decision", "approve-all")]),
            (format!("{AT}/links"), vec![]),
            ("/w/Contoso/log/retry".to_owned(), vec![("connection", NAME)]),
        ] {
            assert_eq!(auditor.post(&path, &fields).await.status, 403, "{path}");
        }
        assert_eq!(count_staged(server, &loop_, Decision::Pending).await, 2);
    }

    async fn staged_steps_are_decided_one_some_or_all(server) {
        let loop_ = Loop::new(server, "never").await;
        hold(server, &loop_, 60).await;
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let list = "/w/Contoso/staged?connection=Sample%20%26%20application";
        let shown = page(&browser, list).await;
        for text in ["Leaver 00", "d1gest", "The deletion guard", "60 steps wait", "Next page"] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(!shown.contains("Leaver 55"));
        let key = field(&shown, "step");
        let decide = format!("{AT}/staged");
        let nothing = browser.post(&decide, &[("decision", "approve")]).await;
        assert_eq!(nothing.status, 409);
        // An approval names who loses what, and is bound to that.
        let asked = browser.post(&decide, &[("decision", "approve"), ("step", &key)]).await;
        assert_eq!(asked.status, 409, "{}", asked.text);
        assert!(asked.text.contains("Leaver 00: disable") && asked.text.contains("Approve 1 step"), "{}", asked.text);
        assert_eq!(count_staged(server, &loop_, Decision::Approved).await, 0);
        let wrong = [("decision", "approve"), ("step", key.as_str()), ("confirm", "wrong")];
        assert_eq!(browser.post(&decide, &wrong).await.status, 409);
        let digest = field(&asked.text, "confirm");
        let done = browser.post(&decide, &[("decision", "approve"), ("step", &key), ("confirm", &digest)]).await;
        assert!(follow(&browser, &done).await.text.contains("It is decided."));
        assert_eq!(count_staged(server, &loop_, Decision::Approved).await, 1);
        // A rejection takes nothing from anybody.
        let done = browser.post(&decide, &[("decision", "reject"), ("step", &key)]).await;
        follow(&browser, &done).await;
        assert_eq!(count_staged(server, &loop_, Decision::Rejected).await, 1);
        let asked = browser.post(&decide, &[("decision", "approve-all")]).await;
        assert!(asked.text.contains("Approve 59 steps"), "{}", asked.text);
        let digest = field(&asked.text, "confirm");
        hold(server, &loop_, 61).await;
        let moved = browser.post(&decide, &[("decision", "approve-all"), ("confirm", &digest)]).await;
        assert_eq!(moved.status, 409, "one more is held than was shown");
        let digest = field(&moved.text, "confirm");
        let done = browser.post(&decide, &[("decision", "approve-all"), ("confirm", &digest)]).await;
        follow(&browser, &done).await;
        assert_eq!(count_staged(server, &loop_, Decision::Approved).await, 60);
        assert_eq!((audited(server, "staged.approved").await, audited(server, "staged.rejected").await), (2, 1));
    }

    async fn a_cycle_tells_what_it_did_and_gives_back_what_it_took(server) {
        let loop_ = Loop::new(server, "never").await;
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        assert!(page(&browser, &format!("{AT}/cycles")).await.contains("No cycle has run yet"));
        let ann = person(server, "Ann").await;
        for name in ["Ben", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan"] {
            person(server, name).await;
        }
        assert_eq!(loop_.run().await.state, "done");
        leave(server, &ann).await;
        let report = loop_.run().await;
        assert_eq!((report.state, report.writes()), ("done", 1), "{report:?}");
        let list = page(&browser, &format!("{AT}/cycles")).await;
        assert!(list.contains("10 create") && list.contains("1 disable"), "{list}");
        let (_, rest) = list.split_once("/w/Contoso/cycles/").unwrap();
        let here = format!("/w/Contoso/cycles/{}", rest.split_once('"').unwrap().0);
        let shown = page(&browser, &here).await;
        assert!(shown.contains("It went through.") && shown.contains("disable") && shown.contains("Give back"), "{shown}");
        let key = here.rsplit('/').next().unwrap();
        let log = page(&browser, &format!("/w/Contoso/log?cycle={key}")).await;
        assert!(log.contains("Ann") && !log.contains("Ben"), "{log}");
        let asked = browser.post(&format!("{here}/undo"), &[]).await;
        assert_eq!(asked.status, 409);
        assert!(asked.text.contains("Ann: disable"), "{}", asked.text);
        let digest = field(&asked.text, "confirm");
        let done = browser.post(&format!("{here}/undo"), &[("confirm", &digest)]).await;
        let after = follow(&browser, &done).await;
        assert_eq!(after.status, 200, "{}", after.text);
        assert!(after.text.contains("It was restored."));
    }

    async fn a_running_cycle_shows_its_progress_and_is_stopped(server) {
        let loop_ = Loop::new(server, "never").await;
        let of = loop_.connection.key;
        let key = server.db.write(move |tx| {
            let lease = lease::take(tx, of, "test", 2, i64::MAX / 2, &|_| false)?.unwrap();
            cycle::start(tx, lease, "initial", 2, -1)
        });
        let here = format!("/w/Contoso/cycles/{}", key.await.unwrap());
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let shown = page(&browser, &here).await;
        for text in ["It runs now.", "nothing is written yet", "0 of 0", "data-refresh"] {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        let live = browser.get(&format!("{here}/live")).await;
        assert!(live.status == 200 && !live.text.contains("<html") && live.text.contains("It runs now."));
        assert!(shown.contains("Stop this cycle") && shown.contains("by itself after 15 minutes"), "{shown}");
        let stopped = browser.post(&format!("{here}/stop"), &[]).await;
        let after = follow(&browser, &stopped).await;
        assert!(after.text.contains("Somebody stopped it") && !after.text.contains("Stop this cycle"), "{}", after.text);
        assert_eq!(audited(server, "cycle.stop").await, 1);
        let found = server.db.read(move |tx| connection::by_key(tx, of)).await.unwrap().unwrap();
        assert_eq!(found.state, connection::State::Active, "it stays on");
        let stopped = browser.post(&format!("{here}/off"), &[]).await;
        follow(&browser, &stopped).await;
        let found = server.db.read(move |tx| connection::by_key(tx, of)).await.unwrap().unwrap();
        assert_eq!(found.state, connection::State::Paused);
        assert!(found.reason.contains("in the middle of a cycle"), "{}", found.reason);
        assert_eq!(audited(server, "connection.paused").await, 1);
    }

    async fn the_log_is_searched_and_each_failure_says_what_to_do(server) {
        let world = World::new(server, 0).await;
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let (mut path, mut seen) = ("/w/Contoso/log".to_owned(), 0);
        loop {
            let shown = page(&browser, &path).await;
            seen += shown.matches("<li id=\"line-").count();
            let Some((before, _)) = shown.split_once("\" rel=\"next\"") else { break };
            path = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&");
        }
        assert_eq!(seen, 60);
        let one = page(&browser, "/w/Contoso/log?find=number%2059&status=failure&code=prv-match-several").await;
        assert_eq!(one.matches("<li id=\"line-").count(), 1, "{one}");
        for text in ["Look at the candidates", "Retry", "Explain", "Provision now", &format!("/people/{}", world.person)] {
            assert!(one.contains(text), "{text}: {one}");
        }
        let whose = format!("/w/Contoso/log?object={}", world.person);
        assert_eq!(page(&browser, &whose).await.matches("<li id=\"line-").count(), 20);
        for none in ["object=nobody", "action=delete", "connection=Nobody", "since=2040-01-01T00:00", "cycle=7"] {
            assert!(page(&browser, &format!("/w/Contoso/log?{none}")).await.contains("No line is like that"), "{none}");
        }
        let wrong = browser.get("/w/Contoso/log?since=yesterday&find=kept%20text").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("aria-invalid") && wrong.text.contains("value=\"yesterday\"") && wrong.text.contains("kept text"));
        // Nothing of it waits for another try.
        let fields = [("connection", console_world::NAME), ("object", "1")];
        assert_eq!(browser.post("/w/Contoso/log/retry", &fields).await.status, 409);
    }

    async fn drift_is_written_again_or_left_to_stand_once(server) {
        let world = World::new(server, 2).await;
        let (key, of) = (world.connection.key, world.connection.clone());
        let rule = server.db.read(move |tx| provost_store::rule::of_connection(tx, key)).await.unwrap()[0].key;
        let see = move |tx: &mut provost_store::Tx| {
            let (expected, found) = (json!("ours"), json!(HOSTILE));
            let seen = |attribute| Seen { rule, object: 1_000_000, attribute, label: HOSTILE, expected: &expected, found: &found };
            drift::see(tx, 30, &[seen("jobTitle"), seen("department")])
        };
        server.db.write(see).await.unwrap();
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let shown = page(&browser, "/w/Contoso/drift").await;
        assert!(shown.contains("jobTitle") && shown.contains("ours") && shown.contains("2 differences are open"), "{shown}");
        let rule = rule.to_string();
        let fields = |decision, attribute| [("decision", decision), ("attribute", attribute), ("rule", rule.as_str()), ("object", "1000000")];
        let change = format!("{HOSTILE_AT}/drift");
        for (decision, attribute) in [("accept", "jobTitle"), ("repair", "department")] {
            let done = browser.post(&change, &fields(decision, attribute)).await;
            assert_eq!(follow(&browser, &done).await.status, 200);
        }
        assert_eq!(browser.post(&change, &fields("accept", "jobTitle")).await.status, 409, "it is decided once");
        assert_eq!(browser.post(&change, &fields("delete", "jobTitle")).await.status, 404);
        assert_eq!((audited(server, "drift.accept").await, audited(server, "drift.repair").await), (1, 1));
        assert!(page(&browser, "/w/Contoso/drift?state=accepted").await.contains("jobTitle"));
        let count = server.db.read(move |tx| drift::count(tx, of.key, drift::State::Accepted));
        assert_eq!(count.await.unwrap(), 1);
    }

    async fn links_are_made_and_broken_after_a_question(server) {
        let loop_ = Loop::new(server, "never").await;
        for name in ["Ann", "Ben"] {
            person(server, name).await;
        }
        loop_.run().await;
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let here = format!("{AT}/links");
        let shown = page(&browser, &format!("{here}?search=ann")).await;
        assert!(shown.contains("Ann") && !shown.contains(">Ben<"), "{shown}");
        let (rule, object) = (loop_.rule.to_string(), field(&shown, "object"));
        let key: i64 = object.parse().unwrap();
        let of = loop_.rule;
        let known = server.db.read(move |tx| link::get(tx, of, key)).await.unwrap().unwrap();
        let sever = format!("{here}/break");
        let asked = browser.post(&sever, &[("rule", &rule), ("object", &object)]).await;
        assert_eq!(asked.status, 409);
        assert!(asked.text.contains(&known.target_id) && asked.text.contains("Break the link"), "{}", asked.text);
        let digest = field(&asked.text, "confirm");
        let done = browser.post(&sever, &[("rule", &rule), ("object", &object), ("confirm", &digest)]).await;
        assert!(follow(&browser, &done).await.text.contains("The link was broken."));
        assert!(server.db.read(move |tx| link::get(tx, of, key)).await.unwrap().is_none());
        // What cannot be is explained under its field, and nothing that was typed is lost.
        for (who, target, said) in [
            ("nobody@contoso.example", known.target_id.as_str(), "nobody of this name"),
            ("ann@contoso.example", "", "account&#39;s id"),
        ] {
            let wrong = browser.post(&here, &[("rule", &rule), ("who", who), ("target", target)]).await;
            assert_eq!(wrong.status, 422, "{}", wrong.text);
            assert!(wrong.text.contains(said) && wrong.text.contains(who), "{said}: {}", wrong.text);
        }
        let fields = [("rule", rule.as_str()), ("who", "ann@contoso.example"), ("target", "no-such-account")];
        let asked = browser.post(&here, &fields).await;
        let digest = field(&asked.text, "confirm");
        let mut all = fields.to_vec();
        all.push(("confirm", &digest));
        let absent = browser.post(&here, &all).await;
        assert_eq!(absent.status, 422, "the target is asked: {}", absent.text);
        assert!(absent.text.contains("PRV-LINK-ABSENT") && absent.text.contains("no-such-account"));
        let fields = [("rule", rule.as_str()), ("who", "ann@contoso.example"), ("target", known.target_id.as_str())];
        let asked = browser.post(&here, &fields).await;
        let digest = field(&asked.text, "confirm");
        let mut all = fields.to_vec();
        all.push(("confirm", &digest));
        let done = browser.post(&here, &all).await;
        assert!(follow(&browser, &done).await.text.contains("The account was linked."));
        let again = server.db.read(move |tx| link::get(tx, of, key)).await.unwrap().unwrap();
        assert_eq!(again.target_id, known.target_id);
    }

    async fn doubts_are_decided_and_what_loses_something_asks_first(server) {
        let world = World::new(server, 0).await;
        let key = world.connection.key;
        let doubts = server.db.read(move |tx| provost_store::doubt::list(tx, key, true, 0, 10)).await.unwrap();
        let of = |code: &str| doubts.iter().find(|one| one.code == code).unwrap().key;
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        page(&browser, &format!("{HOSTILE_AT}/doubts")).await;
        let several = format!("{HOSTILE_AT}/doubts/{}", of("PRV-MATCH-SEVERAL"));
        let none = browser.post(&several, &[("decision", "link")]).await;
        assert_eq!(none.status, 409, "one of several candidates has to be chosen: {}", none.text);
        let done = browser.post(&several, &[("decision", "link"), ("target", "first")]).await;
        assert!(follow(&browser, &done).await.text.contains("It is decided."));
        let group = format!("{HOSTILE_AT}/doubts/{}", of("PRV-GROUP-NAME"));
        let asked = browser.post(&group, &[("decision", "overwrite"), ("target", "first")]).await;
        assert_eq!(asked.status, 409);
        check(&group, &asked);
        assert!(asked.text.contains("Take the group over") && asked.text.contains("I understand"), "{}", asked.text);
        let fields = [("decision", "overwrite"), ("target", "first"), ("confirm_understood", "on")];
        let done = browser.post(&group, &fields).await;
        follow(&browser, &done).await;
        let left = server.db.read(move |tx| provost_store::doubt::counts(tx, key)).await.unwrap();
        let decided = (audited(server, "doubt.link").await, audited(server, "doubt.overwrite").await);
        assert_eq!((left.open, decided), (0, (1, 1)));
    }

    async fn all_who_wait_for_one_reason_are_decided_in_one_act(server) {
        let world = World::new(server, 0).await;
        let key = world.connection.key;
        let known = server.db.read(move |tx| provost_store::doubt::list(tx, key, true, 0, 10)).await.unwrap();
        let one = known.into_iter().find(|one| one.code == "PRV-GROUP-NAME").unwrap();
        let shown = one.clone();
        server.db.write(move |tx| {
            let candidate = provost_store::doubt::Candidate { linked_to: String::new(), ..shown.candidates[0].clone() };
            let alone = vec![candidate];
            let found = |object: i64| provost_store::doubt::Found {
                rule: shown.rule, object, label: "Warehouse", code: &shown.code, reason: &shown.reason, candidates: &alone,
            };
            provost_store::doubt::put(tx, 12, key, &[found(9_001), found(9_002)])
        }).await.unwrap();
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let at = format!("{HOSTILE_AT}/doubts");
        let list = page(&browser, &at).await;
        assert!(list.contains("3 wait for the same reason"), "{}", list);
        let fields = [("code", "PRV-GROUP-NAME"), ("decision", "merge")];
        let asked = browser.post(&at, &fields).await;
        assert_eq!(asked.status, 409);
        check(&at, &asked);
        assert!(asked.text.contains("I understand") && asked.text.contains("Warehouse"), "{}", asked.text);
        let hasty = browser.post(&at, &[fields[0], fields[1], ("confirm_understood", "on")]).await;
        assert_eq!(hasty.status, 409, "understood, and not seen");
        let digest = field(&asked.text, "confirm");
        let done = browser.post(&at, &[fields[0], fields[1], ("confirm", &digest), ("confirm_understood", "on")]).await;
        assert!(follow(&browser, &done).await.text.contains("It is decided."));
        let again = browser.post(&at, &[fields[0], ("decision", "purge")]).await;
        assert_eq!(again.status, 409, "no answer to this reason");
        assert!(audited(server, "doubt.merge").await >= 2);
    }
}
