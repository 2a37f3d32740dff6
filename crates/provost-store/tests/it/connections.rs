use crate::harness::{app, audited, both, entra, person, read, write};
use crate::tables::rows;
use provost_engine::object::Kind;
use provost_engine::policy::Guard;
use provost_store::connection::{self, Assignment, Condition, Marks, Mode, Preferences, Reset, State};
use provost_store::secret::{self, Key, Place};
use provost_store::{
    Db, Error, assignment, config_version, cycle, drift, foreign_schema, lease, link, notice, plan,
    protection, provisioning_log, reference, retry, revisit, staged, unowned,
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
    "lease",
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
    "unowned",
    "foreign_schema",
    "notice",
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

/// Puts a row of this connection into every table that has any.
pub fn fill(
    tx: &mut provost_store::Tx,
    c: &connection::Connection,
    people: i64,
    groups: i64,
) -> Result<(), Error> {
    let id = Uuid::now_v7();
    let key = c.key;
    link::put(
        tx,
        1,
        &link::Link {
            rule: people,
            object: 9,
            object_id: id,
            target_id: "T9".into(),
            ..link::Link::default()
        },
    )?;
    link::add_member(tx, groups, 8, 9)?;
    reference::wait_for(tx, people, 9, "manager", id)?;
    let failure = retry::Failure {
        rule: people,
        object: 9,
        member: 0,
        wait: None,
        code: "PRV-X",
        reason: "503",
    };
    retry::note(tx, 1, &failure)?;
    let step = staged::StagedStep {
        key: 0,
        rule: people,
        object: 9,
        member: 0,
        action: "delete".into(),
        label: "Ann".into(),
        digest: "d".into(),
        decision: staged::Decision::Pending,
        created: 0,
    };
    staged::put(tx, key, 1, &step)?;
    let entry = provisioning_log::Entry {
        connection: key,
        at: 1,
        ..provisioning_log::Entry::default()
    };
    provisioning_log::append(tx, c.workspace, &entry)?;
    revisit::ask(tx, key, 4, 0, 77, "test")?;
    let value = json!("x");
    drift::see(
        tx,
        1,
        &[drift::Seen {
            rule: people,
            object: 9,
            attribute: "title",
            label: "Ann",
            expected: &value,
            found: &value,
        }],
    )?;
    unowned::put(
        tx,
        &[unowned::Unowned {
            connection: key,
            kind: Kind::Person,
            target_id: "U".into(),
            label: "Nobody".into(),
            sort: unowned::Sort::Local,
            object: 0,
            enabled: None,
            seen: 1,
        }],
    )?;
    let new = plan::NewPlan {
        id,
        mode: "incremental",
        approval: false,
        digest: "d",
        watermark: 1,
        scope: &value,
        counts: &value,
    };
    let kept = plan::create(tx, "owner", 1, c, &new)?;
    plan::append_steps(
        tx,
        kept,
        0,
        &[plan::PlanStep {
            rule: people,
            kind: Kind::Person,
            object: 9,
            member: 0,
            action: "delete".into(),
            label: "Ann".into(),
            held: true,
            changes: vec![],
        }],
    )?;
    foreign_schema::put(tx, "owner", 1, c, &value)?;
    notice::raise(
        tx,
        1,
        1,
        &notice::New {
            workspace: c.workspace,
            connection: key,
            cause: "held",
            subject: "s",
            body: "b",
        },
    )?;
    let owner = provost_store::directory::Owner {
        workspace: c.workspace,
        key: c.workspace,
    };
    let name = format!("ann{}@contoso.example", id.simple());
    let ann = crate::harness::put(
        tx,
        &crate::harness::change(owner, 1),
        Kind::Person,
        &person(&name),
    )?;
    assignment::add(tx, "owner", 1, c, &ann)?;
    assignment::remove(tx, "owner", 1, c, ann.key)?;
    revisit::settle(tx, key, ann.key, 0, i64::MAX)?;
    assignment::add(tx, "owner", 1, c, &ann)?;
    revisit::settle(tx, key, ann.key, 0, i64::MAX)?;
    protection::add(tx, "owner", 1, Some(c), &ann, "the owner")?;
    let held = lease::take(tx, key, "node", 1, 2, &|_| true)?.unwrap();
    cycle::start(tx, held, "initial", 1, 0)?;
    let quarantine = Condition {
        state: State::Quarantine,
        reason: "503".into(),
        ..Condition::default()
    };
    connection::set_state(tx, "test", 1, c, &quarantine)?;
    connection::set_watermark(tx, key, 50)?;
    Ok(())
}
