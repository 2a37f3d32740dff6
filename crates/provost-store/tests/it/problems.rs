//! Everything that is wrong, in one order.

use crate::administrators::refused;
use crate::harness::{app, both, create, entra, person, provider_named, read, write};
use provost_engine::object::Kind;
use provost_store::connection::{self, Condition, State};
use provost_store::problems::{self, Asked, Problem, ProblemKind};
use provost_store::{Db, Error, api_token, client, doubt, import_run, retry, setting, staged, token};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;
const NOW: i64 = 1_000 * DAY;

async fn walk(db: &Db, asked: &Asked, limit: usize) -> Vec<Problem> {
    let (mut asked, mut seen) = (asked.clone(), Vec::new());
    loop {
        let one = asked.clone();
        let page = read(db, move |tx| problems::list(tx, &one, limit)).await;
        assert!(page.problems.len() <= limit);
        seen.extend(page.problems);
        match page.next {
            Some(next) => asked.after = Some(next),
            None => return seen,
        }
    }
}

fn of(workspace: i64) -> Asked {
    Asked {
        workspace,
        now: NOW,
        ..Asked::default()
    }
}

fn failure(rule: i64, object: i64) -> retry::Failure<'static> {
    retry::Failure {
        rule,
        object,
        member: 0,
        wait: Some(500),
        code: "PRV-TARGET-503",
        reason: "the target answers 503",
    }
}

fn step(rule: i64, object: i64, decision: staged::Decision) -> staged::StagedStep {
    staged::StagedStep {
        key: 0,
        rule,
        object,
        member: 0,
        action: "delete".into(),
        label: format!("S{object}"),
        digest: "d".into(),
        decision,
        created: 0,
    }
}

both! {
    async fn every_sort_of_problem_is_listed_oldest_first(fresh) {
        let db = &fresh.db;
        let entra = provider_named(db, "Contoso", "Entra").await;
        let space = entra.workspace;
        let (c, people, _) = app(db, space).await;
        let ann = create(db, entra.owner(), Kind::Person, person("ann")).await.unwrap();
        assert_eq!(walk(db, &of(space), 9).await, []);
        let (key, id, person) = (c.key, ann.id, ann.key);
        write(db, move |tx| {
            let found = connection::by_key(tx, key)?.unwrap();
            let to = Condition { state: State::Quarantine, reason: "it fails".into(), code: "PRV-Q".into(), failures: 3, next_try: NOW + 5 };
            connection::set_state(tx, "x", NOW - 50, &found, &to)?;
            retry::note(tx, NOW - 60, &failure(people, person))?;
            staged::put(tx, key, NOW - 40, &step(people, person, staged::Decision::Pending))?;
            let open = doubt::Found { rule: people, object: person, label: "ann", code: "PRV-TWO", reason: "two match", candidates: &[] };
            doubt::put(tx, NOW - 30, key, &[open])?;
            token::mint(tx, "x", 1, &entra, "soon", Some(NOW + 10 * DAY))?;
            token::mint(tx, "x", 1, &entra, "far", Some(NOW + 31 * DAY))?;
            client::create(tx, "x", 1, &entra, "over", Some(NOW - 10 * DAY))?;
            api_token::create(tx, "x", 1, space, "forgotten", api_token::Scope::Read, Some(NOW - 31 * DAY))?;
            setting::put(tx, "x", 1, space, &format!("expiry.connection.{key}"), &json!({"at": NOW + 7 * DAY}))?;
            let run = import_run::begin(tx, "x", NOW - 20, &entra, "full", &Value::Null)?;
            let held = import_run::Ending { state: import_run::State::Held, counts: &Value::Null, digest: "d", action: "import.held" };
            import_run::settle(tx, "x", NOW - 20, &entra, run, &held)
        }).await;
        let seen = walk(db, &of(space), 50).await;
        let told: Vec<_> = seen.iter().map(|p| (p.kind, p.subject.as_str(), p.since)).collect();
        assert_eq!(told, [
            (ProblemKind::CredentialExpired, "Entra", NOW - 40 * DAY),
            (ProblemKind::CredentialExpiring, "App", NOW - 23 * DAY),
            (ProblemKind::CredentialExpiring, "Entra", NOW - 20 * DAY),
            (ProblemKind::Retry, "ann", NOW - 60),
            (ProblemKind::Connection, "App", NOW - 50),
            (ProblemKind::Staged, &format!("S{person}"), NOW - 40),
            (ProblemKind::Doubt, "ann", NOW - 30),
            (ProblemKind::ImportHeld, "Entra", NOW - 20),
        ]);
        assert_eq!(seen[0].sentence, "The OAuth client \"over\" of the inbound provider \"Entra\" has ended on 1972-09-17.");
        let failed = &seen[3];
        assert_eq!((failed.object_id, failed.next_try, failed.attempts, failed.code.as_str()), (Some(id), Some(NOW + 440), 1, "PRV-TARGET-503"));
        assert_eq!(failed.connection.as_deref(), Some("App"));
        assert_eq!((seen[4].next_try, seen[4].attempts, seen[4].sentence.as_str()), (Some(NOW + 5), 3, "it fails"));
        for limit in 1..9 { assert_eq!(walk(db, &of(space), limit).await, seen, "{limit}"); }
        for kind in ProblemKind::ALL {
            let only: Vec<_> = seen.iter().filter(|p| p.kind == *kind).cloned().collect();
            assert_eq!(walk(db, &Asked { kind: Some(*kind), ..of(space) }, 1).await, only);
        }
        assert_eq!(walk(db, &Asked { connection: Some(key), ..of(space) }, 2).await.len(), 5);
        assert_eq!(walk(db, &of(space + 1), 9).await, []);
        // What was decided is no problem any more.
        write(db, move |tx| {
            let found = connection::by_key(tx, key)?.unwrap();
            staged::decide_all(tx, "x", NOW, &found, staged::Decision::Rejected)?;
            retry::settle(tx, people, person, 0)?;
            connection::set_state(tx, "x", NOW, &found, &Condition { state: State::Active, ..Condition::default() })
        }).await;
        let left: Vec<_> = walk(db, &of(space), 2).await.into_iter().map(|p| p.kind).collect();
        assert_eq!(left[3..], [ProblemKind::Doubt, ProblemKind::ImportHeld]);
    }

    async fn a_walk_over_many_of_the_same_time_shows_each_once(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let (c, people, groups) = app(db, space).await;
        let key = c.key;
        write(db, move |tx| {
            for object in 1..60 {
                let at = NOW + object / 20;
                retry::note(tx, at, &failure(people, object))?;
                retry::note(tx, at, &failure(groups, object))?;
                staged::put(tx, key, at, &step(people, object, staged::Decision::Pending))?;
            }
            Ok::<_, Error>(())
        }).await;
        let whole = walk(db, &of(space), 500).await;
        assert_eq!(whole.len(), 177);
        assert!(whole.is_sorted_by_key(|p| p.since));
        for limit in [1, 2, 5, 19, 20, 176, 177, 178] {
            assert_eq!(walk(db, &of(space), limit).await, whole, "{limit}");
        }
        // While somebody reads, what was shown is settled and older ones come: the rest is shown, each once.
        let (mut asked, mut seen, mut n) = (of(space), Vec::new(), 0);
        loop {
            let one = asked.clone();
            let page = read(db, move |tx| problems::list(tx, &one, 10)).await;
            seen.extend(page.problems.iter().map(|p| (p.kind, p.key, p.subject.clone(), p.since)));
            let Some(next) = page.next else { break };
            asked.after = Some(next);
            n += 1;
            let shown: Vec<i64> = page.problems.iter().filter(|p| p.kind == ProblemKind::Retry).map(|p| p.key).collect();
            write(db, move |tx| {
                for object in &shown { retry::settle(tx, people, *object, 0)?; }
                retry::note(tx, NOW - 1, &failure(people, 1_000 + n)).map(drop)
            }).await;
        }
        assert!(n > 5);
        let staged = seen.iter().filter(|s| s.0 == ProblemKind::Staged).count();
        assert_eq!(staged, 59, "none of what stood all the time is missed");
        let mut once = seen.clone();
        once.sort();
        once.dedup_by(|a, b| a == b && a.0 == ProblemKind::Staged);
        assert_eq!(once.len(), seen.len(), "none twice");
    }

    async fn a_place_of_another_make_is_refused(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        for wrong in ["", "1", "1_2_3_4", "1_99_3_4_5", "1_-1_3_4_5", "a_0_0_0_0", "1_0_0_0_0_0"] {
            let asked = Asked { after: Some(wrong.into()), ..of(space) };
            assert_eq!(refused(db, move |tx| problems::list(tx, &asked, 5)).await, "PRV-LIST-POSITION", "{wrong}");
        }
    }
}
