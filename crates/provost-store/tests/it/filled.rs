//! A row in every table that belongs to a connection.

use crate::harness::{change, document, person, put};
use provost_engine::object::Kind;
use provost_store::connection::{self, Condition, Connection, State};
use provost_store::person_signin::Person;
use provost_store::{
    Error, Tx, application, assignment, connection_day, cycle, directory, doubt, drift, foreign_schema,
    group_licence, identifier, lease, leaver, link, link_licence, notice, plan, product, protection,
    provisioning_log, read_mark, reference, retry, revisit, staged, sync_status, unowned,
};
use serde_json::json;
use uuid::Uuid;

/// Puts a row into what sign-in to the application needs.
fn fill_application(tx: &mut Tx, c: &Connection) -> Result<(), Error> {
    if application::of_connection(tx, c.key)?.is_some() {
        return Ok(());
    }
    application::set(tx, "owner", 1, c, true, &application::Settings::default())?;
    application::secret::add(tx, "owner", 1, c)?;
    let hash = |of: &str| format!("{of} {}", c.key).into_bytes();
    let asked = application::asked::Asked {
        connection: c.key,
        pushed: true,
        parameters: "{}".into(),
        created: 1,
    };
    application::asked::keep(tx, &hash("request"), &asked, 99)?;
    application::asked::use_once(tx, &hash("assertion"), c.key, 99)?;
    let person = Person {
        key: 9,
        id: Uuid::now_v7(),
        workspace: c.workspace,
        label: "Ann".into(),
        user_name: "ann@contoso.example".into(),
    };
    let entry = application::entry::Entry {
        key: 0,
        workspace: c.workspace,
        connection: c.key,
        person: 9,
        session: 9,
        subject: "s".into(),
        sid: "s".into(),
        scope: "openid".into(),
        proved: 1,
        two_factor: true,
        created: 1,
        last_used: 1,
        expires: 99,
        ended: None,
        why: String::new(),
    };
    let entry = application::entry::open(tx, 1, &person, &c.name, entry)?;
    let token = application::token::Token {
        entry: entry.key,
        kind: application::token::Kind::Access,
        scope: "openid".into(),
        bound: String::new(),
        created: 1,
        expires: 99,
        used: None,
    };
    application::token::add(tx, &hash("token"), &token)
}

/// Puts a row into what licences, matching and leaving need.
fn fill_microsoft(tx: &mut Tx, c: &Connection, people: i64, ann: &directory::Object) -> Result<(), Error> {
    let product = product::intern(tx, c.key, "ENTERPRISEPACK")?.unwrap();
    let given = link_licence::Given {
        rule: people,
        object: 9,
        product,
        ..link_licence::Given::default()
    };
    link_licence::put(tx, 1, &given)?;
    let change = change(ann.owned_by(), 1);
    let name = json!({"displayName": format!("Sales {}", ann.id)});
    let group = put(tx, &change, Kind::Group, &document(name))?;
    let bring = group_licence::New {
        group: &group,
        product,
        disabled_plans: &[],
        way: group_licence::Way::Group,
    };
    group_licence::add(tx, "owner", 1, c, &bring)?;
    let status = sync_status::Entry {
        rule: people,
        object: 9,
        state: sync_status::State::Failed,
        code: "PRV-X".into(),
        reason: "503".into(),
        since: 0,
    };
    sync_status::put(tx, 1, &[status])?;
    let found = doubt::Found {
        rule: people,
        object: 9,
        label: "Ann",
        code: "PRV-X",
        reason: "two",
        candidates: &[],
    };
    doubt::put(tx, 1, c.key, &[found])?;
    leaver::add(tx, "owner", 1, c, ann, None)?;
    identifier::begin(tx, 1, c, &[])?;
    let facts = identifier::Facts {
        id: "U9".into(),
        ..identifier::Facts::default()
    };
    let place = identifier::Place {
        connection: c,
        began: 1,
    };
    identifier::put_accounts(tx, 1, &place, &[facts])?;
    identifier::add_people(tx, c.key, &[(ann.key, "ann".into())])?;
    read_mark::put(tx, 1, c.key, Kind::Person, &[], "token")?;
    for object in [group.key, ann.key] {
        revisit::settle(tx, c.key, object, 0, i64::MAX)?;
    }
    Ok(())
}

/// Puts a row of this connection into every table that has any.
pub fn fill(tx: &mut Tx, c: &Connection, people: i64, groups: i64) -> Result<(), Error> {
    let id = Uuid::now_v7();
    let key = c.key;
    fill_application(tx, c)?;
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
    let owner = directory::Owner {
        workspace: c.workspace,
        key: c.workspace,
    };
    let name = format!("ann{}@contoso.example", id.simple());
    let ann = put(tx, &change(owner, 1), Kind::Person, &person(&name))?;
    fill_microsoft(tx, c, people, &ann)?;
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
    let figures = connection_day::Figures {
        cycles: 1,
        ..connection_day::Figures::default()
    };
    connection_day::add(tx, key, 20_000, figures)?;
    Ok(())
}
