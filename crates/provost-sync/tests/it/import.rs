//! Records that come in: what they make of the directory, what a complete input says by leaving people out, and what
//! happens later by itself.

use provost_connect::http;
use provost_engine::mapping::{Mapping, NullPolicy};
use provost_engine::object::Kind;
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::provider::{self, Provider, Settings, State, Takeover};
use provost_store::provisioning_log::{self, Asked};
use provost_store::secret::Key;
use provost_store::source_record::{self, SourceRecord};
use provost_store::{Db, import_run, takeover, workspace};
use provost_sync::import::{Absent, Broken, Guard, ImportReport, Mode, Record, Source};
use provost_sync::{Engine, Error, Node};
use provost_testkit::{Fresh, both};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const DAY: i64 = 86_400_000;
/// 2026-02-02T08:00:00Z, a Monday.
const START: i64 = 1_770_019_200_000;

/// Active from three days before the first working day to the last one; never without a first one.
const EMPLOYED: &str = r#"IIF(DateDiff("d", Now(), CDate(Switch([hireDate], [hireDate], "", "9999-12-31"))) > 3, "False",
    IIF(DateDiff("d", Now(), CDate(Switch([lastDay], [lastDay], "", "9999-12-31"))) < 0, "False", "True"))"#;

/// An engine over a directory, with a clock that the test moves.
struct Hub {
    db: Db,
    engine: Engine,
    provider: Provider,
    clock: Arc<AtomicI64>,
}

impl Hub {
    async fn new(fresh: &Fresh) -> Self {
        Self::with(fresh, Settings::default()).await
    }

    async fn with(fresh: &Fresh, settings: Settings) -> Self {
        let (db, folder) = (fresh.db.clone(), &fresh.folder);
        let key = Arc::new(Key::open(&folder.path().join("provost.key")).unwrap());
        let node = Node::open(&folder.path().join("nodes")).unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let time = clock.clone();
        let engine = Engine::new(db.clone(), key, http::Factory::new(), node)
            .with_clock(Arc::new(move || time.load(Ordering::Relaxed)));
        let space = db
            .write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso"))
            .await
            .unwrap();
        let provider = add_provider(&db, space.key, "HR", settings).await;
        Self {
            db,
            engine,
            provider,
            clock,
        }
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::Relaxed);
    }

    async fn define(&self, source: &Source) {
        self.engine
            .set_source(&self.provider, source, "test")
            .await
            .unwrap();
    }

    async fn import(&self, mode: Mode, records: Vec<Value>) -> ImportReport {
        let records = records.into_iter().map(|one| Ok(record(one)));
        self.engine
            .import(&self.provider, records, mode, "test")
            .await
            .unwrap()
    }

    async fn delta(&self, records: Vec<Value>) -> ImportReport {
        self.import(Mode::Delta, records).await
    }

    async fn full(&self, records: Vec<Value>) -> ImportReport {
        self.import(Mode::Full, records).await
    }

    /// Looks at everything that is due, until nothing is.
    async fn tick(&self) {
        while self.engine.import_tick().await.unwrap() > 0 {}
    }

    async fn person(&self, name: &str) -> Option<Object> {
        let (workspace, name) = (self.provider.workspace, name.to_owned());
        self.db
            .read(move |tx| directory::holder(tx, workspace, Kind::Person, &name))
            .await
            .unwrap()
    }

    async fn there(&self, name: &str) -> Object {
        self.person(name)
            .await
            .unwrap_or_else(|| panic!("{name} is not there"))
    }

    async fn is_active(&self, name: &str) -> bool {
        self.there(name).await.active
    }

    async fn count(&self) -> i64 {
        let workspace = self.provider.workspace;
        self.db
            .read(move |tx| directory::count(tx, workspace, Kind::Person))
            .await
            .unwrap()
    }

    async fn kept(&self, anchor: &str) -> SourceRecord {
        let (provider, anchor) = (self.provider.key, anchor.to_owned());
        self.db
            .read(move |tx| source_record::get(tx, provider, &anchor))
            .await
            .unwrap()
            .unwrap()
    }

    async fn make(&self, owner: Owner, document: Value) -> Object {
        let document = record(document);
        self.db
            .write(move |tx| {
                let change = Change {
                    owner,
                    actor: "test",
                    now: 1,
                };
                let placement = Placement {
                    role: "user",
                    team: None,
                    permission: None,
                };
                directory::create(tx, &change, Kind::Person, Uuid::now_v7(), &document, &placement)
            })
            .await
            .unwrap()
    }
}

async fn add_provider(db: &Db, workspace: i64, name: &'static str, settings: Settings) -> Provider {
    db.write(move |tx| {
        let new = provider::New {
            id: Uuid::now_v7(),
            workspace,
            name,
            role: "user",
            team: None,
            state: State::Saved,
            settings: &settings,
        };
        provider::create(tx, "test", 1, &new)
    })
    .await
    .unwrap()
}

fn record(value: Value) -> Record {
    value.as_object().unwrap().clone()
}

fn worker(number: usize) -> Value {
    json!({
        "externalId": format!("e{number}"),
        "userName": format!("user{number}@contoso.example"),
        "displayName": format!("User {number}"),
        "active": true
    })
}

fn workers(count: usize) -> Vec<Value> {
    (0..count).map(worker).collect()
}

fn with(mut record: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(more);
    record
}

fn name(number: usize) -> String {
    format!("user{number}@contoso.example")
}

/// The standard source with other parts.
fn source(parts: Value) -> Source {
    let mut value = serde_json::to_value(Source::standard()).unwrap();
    for (key, part) in parts.as_object().unwrap() {
        match (key.as_str(), part) {
            ("rule", Value::Object(more)) => value["rule"].as_object_mut().unwrap().extend(more.clone()),
            _ => value[key] = part.clone(),
        }
    }
    serde_json::from_value(value).unwrap()
}

both! {
    async fn people_are_made_changed_disabled_and_enabled_by_their_state(fresh) {
        let hub = Hub::new(fresh).await;
        let first = with(
            worker(1),
            json!({"title": "Engineer", "name": {"givenName": "Kari", "familyName": "Berg"},
                   "emails": [{"type": "work", "value": "kari@contoso.example"}], ENTERPRISE: {"department": "R&D"}}),
        );
        let report = hub.delta(vec![first.clone(), worker(2)]).await;
        assert_eq!((report.created, report.failed), (2, 0), "{report:?}");
        let made = hub.there(&name(1)).await;
        let document: Value = serde_json::from_str(&made.document).unwrap();
        assert_eq!(document["name"], json!({"givenName": "Kari", "familyName": "Berg"}));
        assert_eq!(document["emails"], json!([{"type": "work", "value": "kari@contoso.example"}]));
        assert_eq!(document[ENTERPRISE], json!({"department": "R&D", "employeeNumber": "e1"}));
        assert_eq!(made.owner, hub.provider.key);

        let again = hub.delta(vec![first.clone(), worker(2)]).await;
        assert_eq!((again.unchanged, again.created + again.updated), (2, 0), "{again:?}");
        assert_eq!(hub.there(&name(1)).await.version, made.version);

        let moved = with(first.clone(), json!({"title": "Lead", "userName": "kari@contoso.example"}));
        let report = hub.delta(vec![moved.clone()]).await;
        assert_eq!(report.updated, 1, "{report:?}");
        let now = hub.there("kari@contoso.example").await;
        assert_eq!((now.id, now.key), (made.id, made.key), "the same person under another name");

        let report = hub.delta(vec![with(moved.clone(), json!({"active": false}))]).await;
        assert_eq!(report.disabled, 1, "{report:?}");
        assert!(!hub.is_active("kari@contoso.example").await);
        let report = hub.delta(vec![moved]).await;
        assert_eq!(report.enabled, 1, "rehired: {report:?}");
        let now = hub.there("kari@contoso.example").await;
        assert!(now.active && now.id == made.id);
        assert_eq!(hub.count().await, 2);
    }

    async fn what_is_left_out_stays_or_goes_as_its_mapping_says(fresh) {
        let hub = Hub::new(fresh).await;
        let mut source = Source::standard();
        for mapping in &mut source.rule.mappings {
            if mapping.target == "title" {
                mapping.null = NullPolicy::Clear;
            }
        }
        hub.define(&source).await;
        let full = with(worker(1), json!({"title": "Engineer", "nickName": "Kari"}));
        hub.delta(vec![full]).await;
        hub.delta(vec![worker(1)]).await;
        let document: Value = serde_json::from_str(&hub.there(&name(1)).await.document).unwrap();
        assert_eq!((document.get("title"), &document["nickName"]), (None, &json!("Kari")));
    }

    async fn a_broken_record_fails_alone_and_says_why(fresh) {
        let hub = Hub::new(fresh).await;
        let records: Vec<Result<Record, Broken>> = vec![
            Ok(record(worker(1))),
            Ok(record(json!({"externalId": "e2", "displayName": "No name"}))),
            Ok(record(json!({"userName": "nobody@contoso.example"}))),
            Err(Broken {
                place: "line 5".into(),
                reason: "a quote is not closed".into(),
            }),
            Ok(record(worker(6))),
        ];
        let report = hub
            .engine
            .import(&hub.provider, records, Mode::Full, "test")
            .await
            .unwrap();
        assert_eq!((report.created, report.failed, report.read), (2, 3, 5), "{report:?}");
        let places: Vec<&str> = report.failures.iter().map(|one| one.anchor.as_str()).collect();
        assert!(places.contains(&"e2") && places.contains(&"line 5") && places.contains(&"record 3"), "{places:?}");
        let reason = &hub.kept("e2").await.error;
        assert!(reason.contains("userName"), "{reason}");
        assert_eq!(report.state, "incomplete", "an input with broken records says nothing about who is missing");
        let (workspace, provider, run) = (hub.provider.workspace, hub.provider.key, report.run);
        let asked = Asked {
            connection: Some(provider),
            cycle: Some(run),
            status: Some("failure".into()),
            limit: 10,
            ..Asked::default()
        };
        let page = hub
            .db
            .read(move |tx| provisioning_log::search(tx, workspace, &asked))
            .await
            .unwrap();
        assert_eq!(page.entries.len(), 1);
        assert_eq!(page.entries[0].code, "PRV-IMPORT-RECORD");
    }

    async fn somebody_who_is_there_is_recognised_and_never_guessed(fresh) {
        let hub = Hub::new(fresh).await;
        let ours = hub.provider.owner();
        let known = hub
            .make(ours, json!({"userName": "old@contoso.example", ENTERPRISE: {"employeeNumber": "E1"}}))
            .await;
        for twin in ["twin1@contoso.example", "twin2@contoso.example"] {
            hub.make(ours, json!({"userName": twin, ENTERPRISE: {"employeeNumber": "e2"}})).await;
        }
        let by_name = hub.make(ours, json!({"userName": name(3)})).await;
        let report = hub.delta(vec![worker(1), worker(2), worker(3)]).await;
        assert_eq!((report.created, report.updated, report.failed), (0, 2, 1), "{report:?}");
        assert_eq!(hub.there(&name(1)).await.id, known.id, "by number, in any letter case");
        assert_eq!(hub.there(&name(3)).await.id, by_name.id, "by the next attribute");
        assert!(report.failures[0].reason.contains("several people"), "{report:?}");
        // A second record that means the same person is a mistake.
        let other = with(worker(3), json!({"externalId": "e99"}));
        let report = hub.delta(vec![other]).await;
        assert_eq!((report.failed, hub.count().await), (1, 4), "{report:?}");
    }

    async fn people_of_other_owners_change_hands_only_as_the_provider_s_rule_says(fresh) {
        let rule = |takeover| Settings {
            takeover,
            ..Settings::default()
        };
        let hub = Hub::with(fresh, rule(Takeover::Ask)).await;
        let workspace = hub.provider.workspace;
        let entra = add_provider(&hub.db, workspace, "Entra", Settings::default()).await;
        let theirs = hub.make(entra.owner(), json!({"userName": name(1), "title": "Theirs"})).await;
        let report = hub.delta(vec![worker(1)]).await;
        assert_eq!(report.failed, 1, "{report:?}");
        let now = hub.there(&name(1)).await;
        assert_eq!((now.owner, now.version), (entra.key, theirs.version));
        let asked = hub.db.read(move |tx| takeover::pending(tx, workspace)).await.unwrap();
        assert_eq!(asked.len(), 1);
        let key = asked[0].key;
        hub.db
            .write(move |tx| takeover::approve(tx, "owner", 2, key))
            .await
            .unwrap();
        hub.pass(3_700_000);
        hub.tick().await;
        let now = hub.there(&name(1)).await;
        assert_eq!((now.owner, now.label.as_str()), (hub.provider.key, "User 1"), "once it was decided");

        let taker = add_provider(&hub.db, workspace, "Payroll", rule(Takeover::Always)).await;
        let records = [Ok(record(worker(1)))];
        let report = hub.engine.import(&taker, records, Mode::Delta, "test").await.unwrap();
        assert_eq!((report.updated, report.failed), (1, 0), "{report:?}");
        assert_eq!(hub.there(&name(1)).await.owner, taker.key);
    }

    async fn a_manager_is_found_now_or_when_they_come(fresh) {
        let hub = Hub::new(fresh).await;
        let under = |number: usize, manager: &str| with(worker(number), json!({ENTERPRISE: {"manager": {"value": manager}}}));
        let manager_of = async |number: usize| {
            let document: Value = serde_json::from_str(&hub.there(&name(number)).await.document).unwrap();
            document[ENTERPRISE]["manager"]["value"].as_str().map(str::to_owned)
        };
        // In one input, in any order.
        let report = hub.delta(vec![under(1, "e2"), worker(2), under(3, "e9")]).await;
        assert_eq!((report.created, report.waiting), (3, 1), "{report:?}");
        assert_eq!(manager_of(1).await, Some(hub.there(&name(2)).await.id.to_string()));
        assert_eq!(manager_of(3).await, None);
        // Later, in another input.
        hub.delta(vec![worker(9)]).await;
        hub.pass(61_000);
        hub.tick().await;
        assert_eq!(manager_of(3).await, Some(hub.there(&name(9)).await.id.to_string()));
        assert_eq!(hub.kept("e3").await.due, 0, "nothing waits any more");
    }

    async fn a_first_and_a_last_working_day_come_by_themselves(fresh) {
        let hub = Hub::new(fresh).await;
        let mut source = Source::standard();
        for mapping in &mut source.rule.mappings {
            if mapping.target == "active" {
                *mapping = Mapping::expression("active", EMPLOYED);
            }
        }
        hub.define(&source).await;
        let hire = with(worker(1), json!({"hireDate": "2026-02-12", "lastDay": "2026-03-31"}));
        hub.delta(vec![hire.clone()]).await;
        assert!(!hub.is_active(&name(1)).await, "ten days before the first day");
        hub.pass(5 * DAY);
        hub.tick().await;
        assert!(!hub.is_active(&name(1)).await);
        hub.pass(4 * DAY);
        hub.tick().await;
        assert!(hub.is_active(&name(1)).await, "a few days before the first day");
        // Nothing is written while nothing changes.
        let version = hub.there(&name(1)).await.version;
        hub.pass(20 * DAY);
        hub.tick().await;
        assert_eq!(hub.there(&name(1)).await.version, version);
        hub.pass(30 * DAY);
        hub.tick().await;
        assert!(!hub.is_active(&name(1)).await, "after the last day");
        // The contract is longer after all; and another hire is called off before it begins.
        hub.delta(vec![with(hire, json!({"lastDay": "2026-12-31"}))]).await;
        assert!(hub.is_active(&name(1)).await);
        let rescinded = with(worker(2), json!({"hireDate": "2026-05-01"}));
        hub.delta(vec![rescinded]).await;
        hub.delta(vec![worker(2)]).await;
        hub.pass(40 * DAY);
        hub.tick().await;
        assert!(!hub.is_active(&name(2)).await, "a hire that was called off never begins");
    }

    async fn who_is_missing_in_a_complete_input_is_disabled_and_comes_back(fresh) {
        let hub = Hub::new(fresh).await;
        hub.full(workers(10)).await;
        let report = hub.full(workers(8)).await;
        assert_eq!((report.state.as_str(), report.absent, report.disabled), ("done", 2, 2), "{report:?}");
        assert!(!hub.is_active(&name(9)).await && hub.is_active(&name(7)).await);
        // Missing still is nothing new.
        let report = hub.full(workers(8)).await;
        assert_eq!((report.absent, report.unchanged), (0, 8), "{report:?}");
        let before = hub.there(&name(9)).await;
        let report = hub.full(workers(10)).await;
        assert_eq!(report.enabled, 2, "{report:?}");
        let now = hub.there(&name(9)).await;
        assert!(now.active && now.id == before.id);
        // A part of the records says nothing about the others.
        hub.delta(workers(1)).await;
        assert!(hub.is_active(&name(9)).await);
    }

    async fn who_is_deleted_for_missing_is_restored_with_the_same_id(fresh) {
        let hub = Hub::new(fresh).await;
        hub.define(&source(json!({"absent": "delete"}))).await;
        hub.full(workers(5)).await;
        let before = hub.there(&name(4)).await;
        let report = hub.full(workers(4)).await;
        assert_eq!((report.deleted, hub.count().await), (1, 4), "{report:?}");
        let back = with(worker(4), json!({"title": "Back"}));
        let report = hub.delta(vec![back]).await;
        assert_eq!((report.enabled, report.created), (1, 0), "{report:?}");
        let now = hub.there(&name(4)).await;
        assert_eq!((now.id, now.key), (before.id, before.key));
        assert!(now.document.contains("Back"), "{}", now.document);
    }

    async fn too_many_absences_wait_for_a_person(fresh) {
        let hub = Hub::new(fresh).await;
        hub.full(workers(40)).await;
        let report = hub.full(workers(20)).await;
        let held = report.held.clone().unwrap();
        assert_eq!((report.state.as_str(), held.people, report.disabled), ("held", 20, 0), "{report:?}");
        assert!(hub.is_active(&name(39)).await);
        // One of them comes back: what was shown is not what would be done.
        hub.delta(vec![worker(39)]).await;
        let refused = hub.engine.approve_import(report.run, &held.digest, "ann").await;
        assert!(
            matches!(refused, Err(Error::Refused { code: "PRV-IMPORT-MOVED", .. })),
            "{refused:?}"
        );
        let report = hub.full(workers(20)).await;
        let held = report.held.unwrap();
        let wrong = hub.engine.approve_import(report.run, "0000", "ann").await;
        assert!(wrong.is_err() && hub.is_active(&name(30)).await);
        let done = hub.engine.approve_import(report.run, &held.digest, "ann").await.unwrap();
        assert_eq!((done.disabled, done.state.as_str()), (20, "done"), "{done:?}");
        assert!(!hub.is_active(&name(30)).await && hub.is_active(&name(0)).await);
        let twice = hub.engine.approve_import(report.run, &held.digest, "ann").await;
        assert!(matches!(twice, Err(Error::Refused { code: "PRV-IMPORT-RUN", .. })), "{twice:?}");
    }

    async fn a_held_run_is_rejected_or_superseded(fresh) {
        let hub = Hub::new(fresh).await;
        hub.full(workers(30)).await;
        let first = hub.full(workers(10)).await;
        let second = hub.full(workers(10)).await;
        let provider = hub.provider.key;
        let runs = hub.db.read(move |tx| import_run::list(tx, provider, None, 10)).await.unwrap();
        let state = |key: i64| runs.iter().find(|run| run.key == key).unwrap().state.as_str();
        assert_eq!((state(first.run), state(second.run)), ("superseded", "held"));
        hub.engine.reject_import(second.run, "ann").await.unwrap();
        assert!(hub.is_active(&name(29)).await);
        assert!(hub.engine.reject_import(second.run, "ann").await.is_err());
        // An input with nothing in it is an accident, not thirty leavers.
        let empty = hub.full(Vec::new()).await;
        assert_eq!((empty.state.as_str(), empty.disabled), ("incomplete", 0), "{empty:?}");
    }

    async fn an_input_that_breaks_off_removes_nobody(fresh) {
        let hub = Hub::new(fresh).await;
        hub.define(&source(json!({"guard": {"enabled": false}}))).await;
        hub.full(workers(10)).await;
        let mut records: Vec<Result<Record, Broken>> = workers(3).into_iter().map(|one| Ok(record(one))).collect();
        records.push(Err(Broken {
            place: "line 4".into(),
            reason: "the file ends within a row".into(),
        }));
        let report = hub
            .engine
            .import(&hub.provider, records, Mode::Full, "test")
            .await
            .unwrap();
        assert_eq!((report.state.as_str(), report.absent, report.disabled), ("incomplete", 0, 0), "{report:?}");
        assert!(hub.is_active(&name(9)).await);
    }

    async fn actions_and_scope_say_what_may_be_done(fresh) {
        let hub = Hub::new(fresh).await;
        let scoped = |actions: Value| {
            source(json!({"rule": {
                "actions": actions, "remove": "disable",
                "scope": {"filters": [{"name": "staff", "clauses": [
                    {"attribute": "userType", "operator": "EQUALS", "value": "Employee"}]}]}
            }}))
        };
        hub.define(&scoped(json!({"disable": false}))).await;
        let employee = |number| with(worker(number), json!({"userType": "Employee"}));
        let report = hub.delta(vec![employee(1), worker(2)]).await;
        assert_eq!((report.created, report.skipped), (1, 1), "{report:?}");
        let left = with(worker(1), json!({"userType": "Contractor"}));
        hub.delta(vec![left.clone()]).await;
        assert!(hub.is_active(&name(1)).await, "disabling is switched off");
        hub.define(&scoped(json!({"create": false}))).await;
        hub.tick().await;
        assert!(!hub.is_active(&name(1)).await, "a new rule is applied to the records that are there");
        let report = hub.delta(vec![employee(3), employee(1)]).await;
        assert_eq!((report.skipped, report.enabled), (1, 1), "{report:?}");
        hub.define(&scoped(json!({"update": false}))).await;
        let report = hub.delta(vec![with(employee(1), json!({"displayName": "Other"}))]).await;
        assert_eq!((report.updated, report.unchanged), (0, 1), "{report:?}");
    }

    async fn what_was_received_is_looked_at_also_by_another_process(fresh) {
        let hub = Hub::new(fresh).await;
        let records = vec![record(worker(1)), record(json!({"externalId": "e2"}))];
        let run = hub
            .engine
            .receive(&hub.provider, records, "provider HR")
            .await
            .unwrap();
        assert_eq!(hub.count().await, 0, "nothing is decided yet");
        // The process ends here; another one opens the same database.
        let key = Arc::new(Key::open(&fresh.folder.path().join("provost.key")).unwrap());
        let node = Node::open(&fresh.folder.path().join("nodes")).unwrap();
        let other = Engine::new(hub.db.clone(), key, http::Factory::new(), node);
        assert_eq!(other.import_tick().await.unwrap(), 2);
        assert_eq!(hub.count().await, 1);
        let found = hub.db.read(move |tx| import_run::get(tx, run)).await.unwrap().unwrap();
        let counts: ImportReport = serde_json::from_value(found.counts).unwrap();
        assert_eq!((counts.created, counts.failed, found.state), (1, 1, import_run::State::Done), "{counts:?}");
        let twice = vec![record(worker(5)), record(worker(5))];
        let refused = hub.engine.receive(&hub.provider, twice, "provider HR").await;
        assert!(matches!(refused, Err(Error::Refused { code: "PRV-IMPORT-ANCHOR", .. })), "{refused:?}");
    }

    async fn rows_of_a_file_need_no_scim_names(fresh) {
        let hub = Hub::new(fresh).await;
        let unique = r#"SelectUniqueValue(Join(".", ToLower([First]), ToLower([Last])) & "@contoso.example",
            Join(".", ToLower([First]), ToLower([Last]), "2") & "@contoso.example")"#;
        let definition = json!({
            "anchor": "Staff No",
            "rule": {
                "name": "HR file", "object": "person",
                "matching": [{"target": format!("{ENTERPRISE}:employeeNumber"), "precedence": 1}],
                "mappings": [
                    {"target": "userName", "expression": unique, "apply": "on_create"},
                    {"target": format!("{ENTERPRISE}:employeeNumber"), "direct": "Staff No"},
                    {"target": "name.givenName", "direct": "First"},
                    {"target": "name.familyName", "direct": "Last"},
                    {"target": "title", "direct": "Title", "null": "clear"},
                    {"target": "active", "expression": "IIF([Status]=\"A\", \"True\", \"False\")"}
                ]
            }
        });
        hub.define(&serde_json::from_value(definition).unwrap()).await;
        let row = |number: &str, status: &str| {
            json!({"Staff No": number, "First": "Kari", "Last": "Berg", "Title": "Engineer", "Status": status})
        };
        // One after the other: records of one input are written side by side, and either may get the first name.
        for (number, status, expected) in [("1", "A", (1, 0)), ("2", "A", (1, 0)), ("3", "T", (0, 1))] {
            let report = hub.delta(vec![row(number, status)]).await;
            assert_eq!((report.created, report.failed), expected, "two names are there: {report:?}");
        }
        assert!(hub.is_active("kari.berg@contoso.example").await);
        let second = hub.there("kari.berg.2@contoso.example").await;
        assert!(second.document.contains("\"Engineer\""), "{}", second.document);
        let report = hub.full(vec![row("1", "A"), row("2", "T")]).await;
        assert_eq!((report.disabled, report.absent), (1, 1), "{report:?}");
        assert!(!hub.is_active("kari.berg.2@contoso.example").await);
    }

    async fn a_wrong_definition_is_refused_with_everything_that_is_wrong(fresh) {
        let hub = Hub::new(fresh).await;
        let mut wrong = Source::standard();
        wrong.anchor = " ".into();
        wrong.absent = Absent::Leave;
        wrong.guard = Guard::default();
        wrong.rule.mappings.retain(|mapping| mapping.target != "userName");
        wrong.rule.mappings.push(Mapping::direct("shoeSize", "shoe"));
        let refused = hub.engine.set_source(&hub.provider, &wrong, "test").await;
        let Err(Error::Rules(mistakes)) = refused else {
            panic!("{refused:?}")
        };
        let text = format!("{mistakes:?}");
        for part in ["anchor", "userName", "shoeSize"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(hub.engine.source(&hub.provider).await.unwrap(), Source::standard(), "nothing was kept");
    }

    async fn thousands_of_records_with_the_same_key_and_out_of_order_end_the_same(fresh) {
        let hub = Hub::new(fresh).await;
        let mut records = workers(1_200);
        records.extend((0..300).map(|number| with(worker(number), json!({"title": "Second"}))));
        records.extend((0..300).map(|number| with(worker(number), json!({"title": "Third"}))));
        let report = hub.full(records).await;
        assert_eq!((report.created, report.failed, report.read), (1_200, 0, 1_800), "{report:?}");
        assert_eq!(hub.count().await, 1_200);
        assert!(hub.there(&name(7)).await.document.contains("Third"));
    }

    async fn who_is_hired_again_under_another_key_is_the_same_person(fresh) {
        let hub = Hub::new(fresh).await;
        hub.full(workers(3)).await;
        let before = hub.there(&name(2)).await;
        hub.full(workers(2)).await;
        assert!(!hub.is_active(&name(2)).await);
        let rehired = with(worker(2), json!({"externalId": "n7"}));
        let report = hub.delta(vec![rehired]).await;
        assert_eq!((report.enabled, report.created, report.failed), (1, 0, 0), "{report:?}");
        let now = hub.there(&name(2)).await;
        assert!(now.active && now.id == before.id);
        assert_eq!((hub.kept("n7").await.object, hub.kept("e2").await.object), (now.key, 0));
        // While both records are there, it cannot be told whose the person is.
        let report = hub.delta(vec![worker(2)]).await;
        assert_eq!(report.failed, 1, "{report:?}");
    }

    async fn somebody_who_was_given_to_another_owner_is_not_taken_back_in_silence(fresh) {
        let hub = Hub::new(fresh).await;
        hub.delta(vec![worker(1)]).await;
        let entra = add_provider(&hub.db, hub.provider.workspace, "Entra", Settings::default()).await;
        let (owner, person) = (entra.owner(), hub.there(&name(1)).await);
        let moved = hub
            .db
            .write(move |tx| {
                let change = Change {
                    owner,
                    actor: "ann",
                    now: 2,
                };
                takeover::apply(tx, &change, &person)
            })
            .await
            .unwrap();
        let report = hub.full(vec![with(worker(1), json!({"active": false}))]).await;
        assert_eq!((report.failed, report.disabled), (1, 0), "{report:?}");
        let now = hub.there(&name(1)).await;
        assert_eq!((now.owner, now.version, now.active), (entra.key, moved.version, true));
        // Nor does their absence touch them.
        let report = hub.full(vec![worker(2)]).await;
        assert_eq!((report.absent, report.disabled), (1, 0), "{report:?}");
        assert!(hub.is_active(&name(1)).await);
    }

    async fn what_cannot_be_looked_at_now_is_not_in_the_way_of_others(fresh) {
        let hub = Hub::new(fresh).await;
        let off = add_provider(&hub.db, hub.provider.workspace, "Payroll", Settings::default()).await;
        hub.engine
            .receive(&off, vec![record(worker(1))], "provider Payroll")
            .await
            .unwrap();
        let switched = off.clone();
        hub.db
            .write(move |tx| {
                let edit = provider::Edit {
                    state: Some(State::Off),
                    ..provider::Edit::default()
                };
                provider::edit(tx, "test", 2, &switched, &edit)
            })
            .await
            .unwrap();
        hub.engine
            .receive(&hub.provider, vec![record(worker(2))], "provider HR")
            .await
            .unwrap();
        hub.tick().await;
        assert!(hub.person(&name(1)).await.is_none() && hub.person(&name(2)).await.is_some());
        let back = off.clone();
        hub.db
            .write(move |tx| {
                let edit = provider::Edit {
                    state: Some(State::Saved),
                    ..provider::Edit::default()
                };
                provider::edit(tx, "test", 3, &back, &edit)
            })
            .await
            .unwrap();
        hub.pass(3_600_000);
        hub.tick().await;
        assert!(hub.person(&name(1)).await.is_some(), "what was received is not lost");
        let refused = hub.engine.receive(&Provider { state: State::Off, ..off }, Vec::new(), "x").await;
        assert!(matches!(refused, Err(Error::Refused { code: "PRV-IMPORT-OFF", .. })), "{refused:?}");
    }
}
