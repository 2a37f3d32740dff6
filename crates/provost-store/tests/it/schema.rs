//! Every fixed statement fits the schema of both databases and numbers its parameters in order.

use crate::harness::both;
use provost_store::{Error, all_statements};

both! {
    async fn every_statement_can_be_prepared(fresh) {
        fresh.db.read(|tx| {
            for (module, name, sql) in all_statements() {
                tx.check(sql).map_err(|e| Error::Damaged(format!("{module}::{name}: {e}\n{sql}")))?;
            }
            Ok::<_, Error>(())
        }).await.unwrap();
        assert!(all_statements().len() > 80);
    }
}

/// SQLite numbers `$1 …` by first appearance, PostgreSQL by the number: they agree only in this order.
#[test]
fn parameters_are_numbered_in_the_order_of_their_first_use() {
    for (module, name, sql) in all_statements() {
        let numbers: Vec<usize> = sql
            .split('$')
            .skip(1)
            .map(|rest| {
                rest.chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
                    .parse()
                    .unwrap()
            })
            .collect();
        let expected: Vec<usize> = (1..=numbers.len()).collect();
        assert_eq!(numbers, expected, "{module}::{name}: {sql}");
    }
}

/// Statements that read every row of a table on purpose: such tables are small, or it is the metrics that count.
const WHOLE: &[&str] = &[
    "administrator::standing::CEREMONIES",
    "migration::message::DROP",
    "api_token::USED",
    "application::key::WORKSPACES",
    "connection::EVERY",
    "connection::remove::PROTECTIONS",
    "federation::act::UNFINISHED",
    "figures::HELD_RUNS",
    "figures::PLANS",
    "figures::RETRIES",
    "figures::STAGED",
    "import_run::FORGET",
    "import_run::UNFINISHED",
    "one_time_link::END_OF_PURPOSE",
    "plan::OVER",
    "request::COUNTS",
    "retention::PROVIDERS",
    "retention::WORKSPACES",
    "secret::ALL",
    "signin_provider::LIST",
    "source::EVERY",
    "token::USED",
    "workspace::ALL",
];

/// Statements that sort what they found: a connection's rules, one object's links, whom assignments reach,
/// protections.
const SORTED: &[&str] = &[
    "assignment::TO",
    "assignment::reach::EFFECTIVE",
    "assignment::reach::EFFECTIVE_NESTED",
    "assignment::reach::PEOPLE_NESTED",
    "directory::find::FIND",
    "directory::find::HOLDER",
    "directory::named::NAMES_OF",
    "doubt::OF_OBJECT",
    "drift::RULES",
    "group_licence::OF_GROUP",
    "habit::OF_PROVIDER",
    "identifier::account::OF_PERSON",
    "identifier::held::OF_OBJECT",
    "leaver::OF_OBJECT",
    "link::BY_LABEL",
    "link::BY_OBJECT_ID",
    "link::BY_TARGET_ID",
    "link::GROUP_NAMES",
    "link::OF_OBJECT",
    "link::list::RULES",
    "one_time_link::OPEN_OF",
    "problems::waiting::RULES",
    "product::NAMES",
    "protection::LIST",
    "protection::LIST_OF_CONNECTION",
    "recycle::FIND",
    "reference::READY",
    "retry::RULES",
    "rule::OF_CONNECTION",
    "signin_identity::OF",
    "source_record::BY_OBJECT",
    "staged::APPROVED",
    "sync_status::OF_OBJECT",
    "token::OF_PROVIDER",
    "token::OLDEST_OF_CLIENT",
];

/// A page of a list costs the same with a million rows as with ten: on SQLite, no statement reads
/// or sorts a whole table unless it is named above.
#[test]
fn pages_are_found_by_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plans.db");
    provost_store::Db::open(&provost_store::Location::Sqlite(path.clone()), 1)
        .unwrap()
        .close();
    let c = rusqlite::Connection::open(path).unwrap();
    let mut faults = Vec::new();
    for (module, name, sql) in all_statements() {
        let full = format!("{module}::{name}");
        if WHOLE.contains(&full.as_str()) {
            continue;
        }
        let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
        let rows = statement
            .query_map(rusqlite::params_from_iter(nulls), |r| r.get::<_, String>(3))
            .unwrap();
        for line in rows.map(Result::unwrap) {
            // A list of names by workspace is in another order than what asks by key, and reads everybody for a few.
            if line.contains("INDEX object_list (workspace=? AND kind=?)")
                && !module.starts_with("directory::named")
            {
                faults.push(format!("{full}: {line}"));
            }
            let small = [
                "SCAN r",
                "SCAN n",
                "SCAN reached",
                "SCAN u",
                "SCAN a",
                "SCAN d",
                "SCAN CONSTANT ROW",
            ];
            let whole = line.starts_with("SCAN") && !small.iter().any(|s| line == *s);
            let sorted = line.contains("TEMP B-TREE FOR ORDER BY") && !SORTED.contains(&full.as_str());
            if whole || sorted {
                faults.push(format!("{full}: {line}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let (_, _, removals) = all_statements()
        .into_iter()
        .find(|(module, name, _)| (*module, *name) == ("provisioning_log", "REMOVALS"))
        .unwrap();
    let plan: String = c
        .query_row(&format!("EXPLAIN QUERY PLAN {removals}"), [0, 0], |r| r.get(3))
        .unwrap();
    assert!(
        plan.contains("provisioning_log_removal"),
        "the guard reads every line: {plan}"
    );
}
