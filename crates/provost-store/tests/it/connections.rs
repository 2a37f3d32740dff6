use crate::filled::fill;
use crate::harness::{app, audited, both, entra, read, write};
use crate::tables::rows;
use provost_engine::object::Kind;
use provost_engine::policy::Guard;
use provost_store::connection::{self, Assignment, Condition, Marks, Mode, Preferences, Reset, State};
use provost_store::secret::{self, Key, Place};
use provost_store::{
    Db, Error, config_version, doubt, lease, leaver, link, link_licence, product, read_mark, reference,
    retry, revisit, staged, sync_status,
};
use serde_json::json;
use uuid::Uuid;

both! {
    async fn preferences_are_checked_kept_and_versioned(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        assert_eq!(c.preferences, Preferences::default());
        let wanted = Preferences { mode: Mode::Manual, assignment: Assignment::Assigned, ..Preferences::default() };
        let wrong = Preferences { clock_minutes: 0, ..wanted.clone() };
        let (one, key) = (c.clone(), c.key);
        let refused = db.write(move |tx| connection::set_preferences(tx, "owner", 5, &one, &wrong)).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-PREFERENCES"));
        let set = wanted.clone();
        write(db, move |tx| connection::set_preferences(tx, "owner", 5, &c, &set)).await;
        let found = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        assert_eq!(found.preferences, wanted);
        let (version, definition) = read(db, move |tx| config_version::latest(tx, key)).await.unwrap();
        assert_eq!((version.number, version.actor.as_str(), version.note.as_str()), (4, "owner", "preferences"));
        assert_eq!(definition.preferences, wanted);
        assert_eq!(audited(db, owner.workspace, 1).await, ["connection.preferences"]);
    }

    async fn another_host_wipes_the_secrets_and_the_same_one_does_not(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let place = Place { table: "connection", owner: c.key, field: "token" };
        let key = Key::random().unwrap();
        write(db, move |tx| secret::put(tx, &key, 1, &place, "xyz")).await;
        let (one, key) = (c.clone(), c.key);
        let path = json!({"url": "https://APP.contoso.example/scim/v2", "page": 50});
        assert!(!write(db, move |tx| connection::set_settings(tx, "owner", 2, &one, &path)).await);
        let fields = move |tx: &mut provost_store::Tx| secret::fields(tx, "connection", key);
        assert_eq!(read(db, fields).await.len(), 1);
        let host = json!({"url": "https://other.contoso.example/scim"});
        assert!(write(db, move |tx| connection::set_settings(tx, "owner", 3, &c, &host)).await);
        assert_eq!(read(db, fields).await, []);
        assert_eq!(audited(db, owner.workspace, 2).await, ["connection.secrets_wiped", "connection.settings"]);
    }

    async fn a_name_and_a_guard_are_changed_with_their_audit_rows(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let (one, key) = (c.clone(), c.key);
        write(db, move |tx| {
            connection::rename(tx, "owner", 2, &one, "Application")?;
            connection::set_guard(tx, "owner", 3, &one, &Guard { minimum: 9, ..Guard::default() })
        }).await;
        let found = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        assert_eq!((found.name.as_str(), found.guard["minimum"].clone()), ("Application", json!(9)));
        let (one, two) = (c.clone(), c);
        let refused = db.write(move |tx| connection::rename(tx, "owner", 4, &one, " x")).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-NAME"));
        write(db, move |tx| connection::rename(tx, "owner", 4, &two, "App")).await;
        assert_eq!(app_again(db, owner.workspace).await, Err(Error::Conflict));
        assert_eq!(audited(db, owner.workspace, 1).await, ["connection.rename"]);
    }

    async fn marks_keep_what_is_not_named_and_a_reconcile_can_be_asked_for(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let key = app(db, owner.workspace).await.0.key;
        write(db, move |tx| {
            connection::set_marks(tx, key, Marks { reconciled: Some(7), people: Some(200), ..Marks::default() })?;
            connection::set_marks(tx, key, Marks { timed: Some(8), last_run: Some(9), ..Marks::default() })?;
            connection::want(tx, key, "reconcile")
        }).await;
        let c = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        assert_eq!((c.reconciled, c.people, c.timed, c.last_run, c.wanted.as_str()), (7, 200, 8, 9, "reconcile"));
        let refused = db.write(move |tx| connection::want(tx, key, "everything")).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-WORD"));
        write(db, move |tx| connection::want(tx, key, "")).await;
    }

    async fn a_test_that_succeeds_makes_an_invalid_connection_active_and_no_other(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let key = c.key;
        assert_eq!((c.tested, &c.checks), (0, &json!(null)));
        let invalid = Condition { state: State::Invalid, reason: "refused".into(), code: "PRV-M365-SECRET".into(), ..Condition::default() };
        let one = c.clone();
        write(db, move |tx| {
            connection::set_state(tx, "owner", 5, &one, &invalid)?;
            connection::set_checked(tx, key, 6, &json!([{"name": "sign-in", "ok": false}]), false)
        }).await;
        let found = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        assert_eq!((found.state, found.code.as_str(), found.tested), (State::Invalid, "PRV-M365-SECRET", 0));
        assert_eq!(found.checks[0]["ok"], false);
        write(db, move |tx| connection::set_checked(tx, key, 7, &json!([]), true)).await;
        let found = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        assert_eq!((found.state, found.code.as_str(), found.tested, found.since), (State::Active, "", 7, 7));
        assert_eq!(audited(db, owner.workspace, 2).await, ["connection.active", "connection.invalid"]);
        let paused = Condition { state: State::Paused, ..Condition::default() };
        write(db, move |tx| {
            connection::set_state(tx, "owner", 8, &found, &paused)?;
            connection::set_checked(tx, key, 9, &json!([]), true)?;
            read_mark::put(tx, 9, key, Kind::Person, &[], "token")
        }).await;
        let found = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        assert_eq!((found.state, found.tested), (State::Paused, 9), "a person's word stands");
        let other = json!({"url": "https://other.contoso.example"});
        write(db, move |tx| connection::set_settings(tx, "owner", 10, &found, &other)).await;
        let moved = read(db, move |tx| Ok((connection::by_key(tx, key)?.unwrap(), read_mark::get(tx, key, Kind::Person, &[])?))).await;
        assert_eq!((moved.0.tested, moved.0.checks, moved.1), (0, json!(null), None), "nobody tried the new one");
    }

    async fn each_reset_resets_what_it_names(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        let key = c.key;
        let state = move |tx: &mut provost_store::Tx| {
            let c = connection::by_key(tx, key)?.unwrap();
            let links = link::count(tx, people)? + link::count_members(tx, groups)? + reference::waiting(tx, people)?;
            let approved = staged::count(tx, key, staged::Decision::Approved)?;
            Ok((c.watermark, retry::list(tx, key, 9)?.len(), c.state, links, approved))
        };
        let full = c.clone();
        write(db, move |tx| fill(tx, &full, people, groups)).await;
        let one = c.clone();
        write(db, move |tx| connection::restart(tx, "owner", 9, &one, &[Reset::Escrows])).await;
        assert_eq!(read(db, state).await, (50, 0, State::Quarantine, 3, 0));
        assert_eq!(read(db, move |tx| revisit::due(tx, key, 9, 9)).await, [(9, 0)], "nothing is forgotten");
        let one = c.clone();
        write(db, move |tx| connection::restart(tx, "owner", 9, &one, &[Reset::Watermark])).await;
        assert_eq!(read(db, state).await, (-1, 0, State::Quarantine, 3, 0));
        let full = c.clone();
        write(db, move |tx| fill(tx, &full, people, groups)).await;
        let one = c.clone();
        write(db, move |tx| connection::restart(tx, "owner", 9, &one, &[])).await;
        assert_eq!(read(db, state).await, (-1, 0, State::Active, 3, 0), "the usual: quarantine, watermark, escrows");
        let full = c.clone();
        write(db, move |tx| fill(tx, &full, people, groups)).await;
        let one = c.clone();
        write(db, move |tx| connection::restart(tx, "owner", 9, &one, &[Reset::Full])).await;
        assert_eq!(read(db, state).await, (-1, 0, State::Active, 0, 0), "held steps wait still");
        let kept = read(db, move |tx| Ok((
            link_licence::count_rule(tx, people)?, sync_status::counts(tx, people)?.impacted, doubt::counts(tx, key)?.open,
            read_mark::get(tx, key, Kind::Person, &[])?, product::list(tx, key)?.len(), leaver::count(tx, key)?,
        ))).await;
        assert_eq!(kept, (0, 0, 0, None, 1, 3), "what hangs on links goes, what was said of people and products stays");
        let one = c.clone();
        write(db, move |tx| connection::restart(tx, "owner", 9, &one, &[Reset::ForceDeletes])).await;
        assert_eq!(read(db, state).await.4, 1);
        let paused = Condition { state: State::Paused, ..Condition::default() };
        write(db, move |tx| {
            connection::set_state(tx, "owner", 10, &c, &paused)?;
            connection::restart(tx, "owner", 11, &c, &[Reset::Full])
        }).await;
        assert_eq!(read(db, state).await.2, State::Paused, "a person's word stands");
        assert_eq!(audited(db, owner.workspace, 1).await, ["connection.restart"]);
    }

    async fn a_removed_connection_leaves_no_row_behind(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        let key = c.key;
        let before = rows(&fresh.location, key, &[people, groups]);
        assert!(before.iter().all(|(table, n)| *n > 0 || EMPTY_NOW.contains(&table.as_str())), "{before:?}");
        let full = c.clone();
        write(db, move |tx| fill(tx, &full, people, groups)).await;
        let filled = rows(&fresh.location, key, &[people, groups]);
        let empty: Vec<_> = filled.iter().filter(|(_, n)| *n == 0).collect();
        assert!(empty.is_empty(), "the test fills every table: {empty:?}");
        let one = c.clone();
        write(db, move |tx| lease::take(tx, key, "node", 5, 100, &|_| false)).await.unwrap();
        let refused = db.write(move |tx| connection::remove(tx, "owner", 50, &one, 100)).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-CONNECTION-RUNS"));
        let mut calls = 0;
        loop {
            let one = c.clone();
            calls += 1;
            if write(db, move |tx| connection::remove(tx, "owner", 200, &one, 4)).await {
                break;
            }
            let now = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
            assert_eq!((now.state, now.code.as_str()), (State::Paused, "PRV-CONNECTION-REMOVED"));
        }
        assert!(calls > 3, "in stretches: {calls}");
        let left = rows(&fresh.location, key, &[people, groups]);
        assert!(left.iter().all(|(_, n)| *n == 0), "{left:?}");
        assert_eq!(read(db, move |tx| secret::fields(tx, "connection", key)).await, []);
        assert_eq!(audited(db, owner.workspace, 1).await, ["connection.remove"]);
    }
}

/// Tables that [`app`] alone does not fill.
const EMPTY_NOW: &[&str] = &[
    "application",
    "application_secret",
    "application_request",
    "application_entry",
    "application_assertion",
    "lease",
    "connection_day",
    "cycle",
    "link",
    "link_member",
    "pending_reference",
    "retry",
    "staged_step",
    "provisioning_log",
    "assignment",
    "revisit",
    "protection",
    "plan",
    "plan_step",
    "drift",
    "tenant_account",
    "tenant_person",
    "tenant_read",
    "unowned",
    "foreign_schema",
    "notice",
    "product",
    "link_licence",
    "group_licence",
    "sync_status",
    "doubt",
    "leaver",
    "read_mark",
];

/// What creating a connection with a name that is taken answers.
async fn app_again(db: &Db, workspace: i64) -> Result<(), Error> {
    db.write(move |tx| {
        let (settings, guard) = (json!({}), json!({}));
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace,
            name: "App",
            connector: "scim",
            settings: &settings,
            guard: &guard,
        };
        connection::create(tx, "test", 1, &new).map(drop)
    })
    .await
}
