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
