//! The numbers themselves, read from the database when they are asked for.

use super::text::{Page, Sort};
use crate::state::{State, now};
use provost_engine::object::Kind;
use provost_store::connection::{Connection, State as Condition};
use provost_store::figures::{self, Lines, Queues};
use provost_store::workspace::{self, Workspace};
use provost_store::{Error as Store, Tx, change_log, connection, cycle, directory, provider, retry};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Cycles of one connection that are looked at between two askings.
const CYCLES: i64 = 500;
/// Every state that a connection may be in.
const CONDITIONS: [Condition; 4] = [
    Condition::Active,
    Condition::Paused,
    Condition::Held,
    Condition::Quarantine,
];

/// What was counted in the logs since the first asking.
#[derive(Default)]
pub(crate) struct Counted(Mutex<Option<Totals>>);

#[derive(Clone)]
struct Totals {
    /// The newest line of the provisioning log that was counted.
    line: i64,
    /// Cycles that had ended by then were counted.
    cycles_until: i64,
    /// By connection, action and status.
    steps: BTreeMap<(i64, String, String), f64>,
    /// Seconds that steps took, by connection.
    seconds: BTreeMap<i64, f64>,
    /// By connection and state.
    cycles: BTreeMap<(i64, String), f64>,
}

/// What one asking reads.
struct Reading {
    now: i64,
    workspaces: Vec<Workspace>,
    people: BTreeMap<i64, (i64, i64)>,
    connections: Vec<Connected>,
    /// Names of inbound providers, whose records stand in the same log.
    providers: BTreeMap<i64, (i64, String)>,
    lines: Vec<Lines>,
    newest_line: i64,
    held_imports: i64,
    records_due: i64,
}

struct Connected {
    connection: Connection,
    queues: Queues,
    given_up: i64,
    waiting_since: Option<i64>,
    ended: Vec<String>,
}

/// The page of numbers: of one workspace, or of all.
///
/// # Errors
/// Any error of the store.
pub(super) async fn collect(state: &State, workspace: Option<i64>) -> Result<String, Store> {
    let before = state.counted().peek();
    let reading = state.db().read(move |tx| read(tx, before)).await?;
    let totals = state.counted().add(&reading);
    let mut page = Page::default();
    page.family("provost_info", Sort::Gauge, "The version that runs.");
    page.sample("provost_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    state.requests().render(&mut page);
    let names = Names::of(&reading, workspace);
    directory_of(&mut page, &reading, &names);
    states(&mut page, &reading, &names);
    queues(&mut page, &reading, &names);
    since_the_start(&mut page, &totals, &names);
    if workspace.is_none() {
        for (name, help, value) in [
            (
                "provost_imports_held",
                "Import runs whose absences wait for a person.",
                reading.held_imports,
            ),
            (
                "provost_source_records_due",
                "Records of sources that wait to be looked at.",
                reading.records_due,
            ),
        ] {
            page.family(name, Sort::Gauge, help);
            page.sample(name, &[], value as f64);
        }
    }
    Ok(page.finish())
}

fn read(tx: &mut Tx, before: Option<(i64, i64)>) -> Result<Reading, Store> {
    let now = now();
    let newest_line = figures::newest_line(tx)?;
    let (line, until) = before.unwrap_or((newest_line, now));
    let mut queues = figures::queues(tx)?;
    let mut connections = Vec::new();
    for one in connection::every(tx)? {
        let ended = cycle::latest(tx, one.key, CYCLES)?
            .into_iter()
            .filter(|cycle| cycle.finished.is_some_and(|at| at > until && at <= now))
            .map(|cycle| cycle.state)
            .collect();
        connections.push(Connected {
            queues: queues.remove(&one.key).unwrap_or_default(),
            given_up: retry::given_up(tx, one.key)?,
            waiting_since: change_log::waiting_since(tx, one.workspace, one.watermark.max(0))?,
            ended,
            connection: one,
        });
    }
    let workspaces = workspace::all(tx)?;
    let (mut people, mut providers) = (BTreeMap::new(), BTreeMap::new());
    for space in &workspaces {
        let counts = (
            directory::count(tx, space.key, Kind::Person)?,
            directory::count(tx, space.key, Kind::Group)?,
        );
        people.insert(space.key, counts);
        for one in provider::all(tx, space.key)? {
            providers.insert(one.key, (space.key, one.name));
        }
    }
    Ok(Reading {
        now,
        workspaces,
        people,
        connections,
        providers,
        lines: figures::lines(tx, line, newest_line)?,
        newest_line,
        held_imports: figures::held_runs(tx)?,
        records_due: figures::records_due(tx, now)?,
    })
}

impl Counted {
    /// Up to where was counted: a line's key, and a time.
    fn peek(&self) -> Option<(i64, i64)> {
        let totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        totals.as_ref().map(|totals| (totals.line, totals.cycles_until))
    }

    /// Adds what was read, unless somebody else who asked at the same time has added it already.
    fn add(&self, reading: &Reading) -> Totals {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let totals = kept.get_or_insert_with(|| Totals {
            line: reading.newest_line,
            cycles_until: reading.now,
            steps: BTreeMap::new(),
            seconds: BTreeMap::new(),
            cycles: BTreeMap::new(),
        });
        if reading.newest_line > totals.line {
            for lines in &reading.lines {
                let key = (lines.connection, lines.action.clone(), lines.status.clone());
                *totals.steps.entry(key).or_default() += lines.count as f64;
                *totals.seconds.entry(lines.connection).or_default() += lines.micros as f64 / 1_000_000.0;
            }
            totals.line = reading.newest_line;
        }
        if reading.now > totals.cycles_until {
            for one in &reading.connections {
                for state in &one.ended {
                    let key = (one.connection.key, state.clone());
                    *totals.cycles.entry(key).or_default() += 1.0;
                }
            }
            totals.cycles_until = reading.now;
        }
        totals.clone()
    }
}

/// What keys are called, of those that may be shown.
struct Names(BTreeMap<i64, (String, String)>, BTreeMap<i64, String>);

impl Names {
    fn of(reading: &Reading, only: Option<i64>) -> Self {
        let spaces: BTreeMap<i64, String> = reading
            .workspaces
            .iter()
            .filter(|space| only.is_none_or(|only| space.key == only))
            .map(|space| (space.key, space.name.clone()))
            .collect();
        let connections = reading.connections.iter().map(|one| {
            let connection = &one.connection;
            (connection.key, connection.workspace, connection.name.clone())
        });
        let providers = reading
            .providers
            .iter()
            .map(|(key, (space, name))| (*key, *space, name.clone()));
        let named = connections.chain(providers).filter_map(|(key, space, name)| {
            let space = spaces.get(&space)?;
            Some((key, (space.clone(), name)))
        });
        Self(named.collect(), spaces)
    }

    /// The labels of a connection or provider; none where it is another workspace's.
    fn labels(&self, key: i64) -> Option<[(&str, &str); 2]> {
        let (space, name) = self.0.get(&key)?;
        Some([("workspace", space), ("connection", name)])
    }
}

fn directory_of(page: &mut Page, reading: &Reading, names: &Names) {
    page.family("provost_people", Sort::Gauge, "People in the directory.");
    for (key, name) in &names.1 {
        let people = reading.people.get(key).map_or(0, |counts| counts.0);
        page.sample("provost_people", &[("workspace", name)], people as f64);
    }
    page.family("provost_groups", Sort::Gauge, "Groups in the directory.");
    for (key, name) in &names.1 {
        let groups = reading.people.get(key).map_or(0, |counts| counts.1);
        page.sample("provost_groups", &[("workspace", name)], groups as f64);
    }
}

fn states(page: &mut Page, reading: &Reading, names: &Names) {
    let name = "provost_connection_state";
    page.family(name, Sort::Gauge, "1 for the one state that a connection is in.");
    for one in &reading.connections {
        let Some([space, connection]) = names.labels(one.connection.key) else {
            continue;
        };
        for condition in CONDITIONS {
            let is_it = one.connection.state == condition;
            let labels = [space, connection, ("state", condition.name())];
            page.sample(name, &labels, f64::from(u8::from(is_it)));
        }
    }
}

fn queues(page: &mut Page, reading: &Reading, names: &Names) {
    let age = |one: &Connected| {
        one.waiting_since
            .map_or(0.0, |at| (reading.now - at).max(0) as f64 / 1_000.0)
    };
    type Gauge<'a> = (&'a str, &'a str, &'a dyn Fn(&Connected) -> f64);
    let gauges: [Gauge; 6] = [
        (
            "provost_oldest_unsent_change_seconds",
            "Age of the oldest change that a connection has not looked at.",
            &age,
        ),
        (
            "provost_failed_cycles_in_a_row",
            "Cycles that failed since the last one that did not.",
            &|one| one.connection.failures as f64,
        ),
        (
            "provost_retry_queue",
            "Failed steps that wait to be tried again.",
            &|one| (one.queues.retries - one.given_up).max(0) as f64,
        ),
        (
            "provost_given_up",
            "Failed steps that are not tried again by themselves.",
            &|one| one.given_up as f64,
        ),
        (
            "provost_staged_steps",
            "Steps that the guard holds for a person.",
            &|one| one.queues.staged as f64,
        ),
        (
            "provost_plans_waiting",
            "Plans that wait to be approved or applied.",
            &|one| one.queues.plans as f64,
        ),
    ];
    for (name, help, value) in gauges {
        page.family(name, Sort::Gauge, help);
        for one in &reading.connections {
            if let Some(labels) = names.labels(one.connection.key) {
                page.sample(name, &labels, value(one));
            }
        }
    }
}

fn since_the_start(page: &mut Page, totals: &Totals, names: &Names) {
    let name = "provost_cycles_total";
    page.family(name, Sort::Counter, "Cycles that ended, by state.");
    for ((key, state), count) in &totals.cycles {
        if let Some([space, connection]) = names.labels(*key) {
            page.sample(name, &[space, connection, ("state", state)], *count);
        }
    }
    let name = "provost_steps_total";
    page.family(
        name,
        Sort::Counter,
        "Lines of the provisioning log, by action and status.",
    );
    for ((key, action, status), count) in &totals.steps {
        if let Some([space, connection]) = names.labels(*key) {
            let labels = [
                space,
                connection,
                ("action", action.as_str()),
                ("status", status.as_str()),
            ];
            page.sample(name, &labels, *count);
        }
    }
    let name = "provost_steps_seconds_total";
    page.family(name, Sort::Counter, "Time that steps took in the target.");
    for (key, seconds) in &totals.seconds {
        if let Some(labels) = names.labels(*key) {
            page.sample(name, &labels, *seconds);
        }
    }
}
