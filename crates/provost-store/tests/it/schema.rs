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

/// Statements that read every row of a table on purpose: there are few.
const WHOLE: &[&str] = &[
    "api_token::USED",
    "connection::remove::PROTECTIONS",
    "import_run::FORGET",
    "import_run::UNFINISHED",
    "one_time_link::END_OF_PURPOSE",
    "plan::OVER",
    "signin_provider::LIST",
    "source::EVERY",
];

/// Statements that sort what they found: a connection's rules, one object's links, whom assignments reach,
/// protections.
const SORTED: &[&str] = &[
    "assignment::TO",
    "assignment::reach::EFFECTIVE",
    "assignment::reach::EFFECTIVE_NESTED",
    "assignment::reach::PEOPLE_NESTED",
    "directory::named::NAMES_OF",
    "doubt::OF_OBJECT",
    "drift::RULES",
    "group_licence::OF_GROUP",
    "leaver::OF_OBJECT",
    "link::BY_LABEL",
    "link::BY_OBJECT_ID",
    "link::BY_TARGET_ID",
    "link::OF_OBJECT",
    "link::list::RULES",
    "one_time_link::OPEN_OF",
    "problems::waiting::RULES",
    "product::NAMES",
    "protection::LIST",
    "protection::LIST_OF_CONNECTION",
    "retry::RULES",
    "rule::OF_CONNECTION",
    "signin_identity::OF",
    "source_record::BY_OBJECT",
    "staged::APPROVED",
    "sync_status::OF_OBJECT",
];

/// A page of a list costs the same with a million rows as with ten: on SQLite, no statement of these modules
/// reads a whole table.
#[test]
fn pages_are_found_by_index() {
    const MODULES: &[&str] = &[
        "administrator",
        "administrator::grant",
        "api_token",
        "assignment",
        "assignment::reach",
        "attempt",
        "audit",
        "audit::page",
        "ceremony",
        "config_version",
        "connection::remove",
        "connection::restart",
        "connection_day",
        "cycle",
        "directory::named",
        "doubt",
        "drift",
        "group_licence",
        "group_licence::change",
        "guide_note",
        "idempotency",
        "import_run",
        "installation",
        "leaver",
        "link",
        "link::change",
        "link::list",
        "link_licence",
        "member",
        "notice",
        "one_time_code",
        "one_time_link",
        "passkey",
        "password",
        "plan",
        "plan::step",
        "problems::ending",
        "problems::standing",
        "problems::waiting",
        "product",
        "protection",
        "provisioning_log",
        "provisioning_log::search",
        "read_mark",
        "recovery_code",
        "retry",
        "retry::list",
        "revisit",
        "rule",
        "session",
        "setup_link",
        "signin_identity",
        "signin_provider",
        "source",
        "source_record",
        "staged",
        "sync_status",
        "sync_status::list",
        "unowned",
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plans.db");
    provost_store::Db::open(&provost_store::Location::Sqlite(path.clone()), 1)
        .unwrap()
        .close();
    let c = rusqlite::Connection::open(path).unwrap();
    let mut faults = Vec::new();
    for (module, name, sql) in all_statements() {
        let full = format!("{module}::{name}");
        if !MODULES.contains(&module) || WHOLE.contains(&full.as_str()) {
            continue;
        }
        let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
        let rows = statement
            .query_map(rusqlite::params_from_iter(nulls), |r| r.get::<_, String>(3))
            .unwrap();
        for line in rows.map(Result::unwrap) {
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
}
