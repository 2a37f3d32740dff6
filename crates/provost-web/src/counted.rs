//! Numbers over long lists, as pages and answers show them: remembered where counting takes long
//! ([`provost_store::Db::remembered`]).

use provost_engine::object::Kind;
use provost_store::connection::Connection;
use provost_store::drift::State as Standing;
use provost_store::figures::{self, Queues};
use provost_store::staged::Decision;
use provost_store::{Db, Result, assignment, drift, link, retry, rule, staged, unowned};
use std::collections::BTreeMap;

/// How many people and groups a connection has linked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Linked {
    pub people: i64,
    pub groups: i64,
}

/// How many a rule has linked.
pub(crate) async fn linked_by(db: &Db, rule: i64) -> Result<i64> {
    db.remembered("links", rule, move |tx| link::count(tx, rule))
        .await
}

/// How many people and groups a connection has linked.
pub(crate) async fn linked(db: &Db, connection: i64) -> Result<Linked> {
    let rules = db.read(move |tx| rule::of_connection(tx, connection)).await?;
    let mut sum = Linked::default();
    for one in rules {
        let count = linked_by(db, one.key).await?;
        match one.kind {
            Kind::Person => sum.people += count,
            Kind::Group => sum.groups += count,
        }
    }
    Ok(sum)
}

/// How many steps wait for a decision.
pub(crate) async fn staged(db: &Db, connection: i64) -> Result<i64> {
    let count = move |tx: &mut provost_store::Tx| staged::count(tx, connection, Decision::Pending);
    db.remembered("staged", connection, count).await
}

/// How many are assigned directly.
pub(crate) async fn assigned(db: &Db, connection: i64) -> Result<i64> {
    db.remembered("assigned", connection, move |tx| {
        assignment::count(tx, connection)
    })
    .await
}

/// How many differences are open.
pub(crate) async fn drifted(db: &Db, connection: i64) -> Result<i64> {
    let count = move |tx: &mut provost_store::Tx| drift::count(tx, connection, Standing::Open);
    db.remembered("drift", connection, count).await
}

/// How many accounts are nobody's.
pub(crate) async fn unowned(db: &Db, connection: i64) -> Result<i64> {
    let count = move |tx: &mut provost_store::Tx| Ok(unowned::counts(tx, connection)?.values().sum());
    db.remembered("unowned", connection, count).await
}

/// How many have failed for so long that they are not tried by themselves any more.
pub(crate) async fn given_up(db: &Db, connection: i64) -> Result<i64> {
    db.remembered("given up", connection, move |tx| retry::given_up(tx, connection))
        .await
}

/// What waits in a connection.
pub(crate) async fn queues(db: &Db, connection: &Connection) -> Result<Queues> {
    let all: BTreeMap<i64, Queues> = db.remembered("queues", 0, figures::queues).await?;
    Ok(all.get(&connection.key).copied().unwrap_or_default())
}
