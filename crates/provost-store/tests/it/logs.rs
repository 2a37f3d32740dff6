use crate::harness::{both, read, write};
use provost_engine::object::Kind;
use provost_store::Db;
use provost_store::provisioning_log::{
    self, Asked, Entry, Modified, RECEIPTS, Receipt, Removals, Step, Trace, search,
};
use serde_json::json;
use uuid::Uuid;

/// Rows that one search looks at.
const LOOKED_AT: usize = 20_000;

fn entry(n: i64) -> Entry {
    Entry {
        at: 1_000_000 + n * 1_000,
        connection: 5 + n % 2,
        cycle: 100 + n / 10,
        kind: Kind::Person,
        object: n,
        object_id: Uuid::from_u128(n as u128),
        label: format!("Person {n}"),
        action: if n % 3 == 0 { "create" } else { "update" }.into(),
        status: if n % 5 == 0 { "failure" } else { "success" }.into(),
        code: if n % 5 == 0 { "PRV-TARGET-503" } else { "" }.into(),
        target_id: format!("T{n}"),
        ..Entry::default()
    }
}

async fn fill(db: &Db, workspace: i64, rows: i64) {
    write(db, move |tx| {
        let all: Vec<Entry> = (0..rows).map(entry).collect();
        provisioning_log::append_all(tx, workspace, &all)
    })
    .await;
}

/// The objects of a whole search, and how many pages it took.
async fn objects(db: &Db, workspace: i64, asked: &Asked) -> (Vec<i64>, usize) {
    let (mut asked, mut found, mut pages) = (asked.clone(), Vec::new(), 0);
    loop {
        let one = asked.clone();
        let page = read(db, move |tx| search(tx, workspace, &one)).await;
        assert!(page.entries.len() <= asked.limit);
        found.extend(page.entries.iter().map(|e| e.object));
        pages += 1;
        match page.next {
            Some(next) => asked.before_key = Some(next),
            None => return (found, pages),
        }
    }
}

both! {
    async fn a_line_is_kept_whole(fresh) {
        let details = [("filter".to_owned(), "userName eq".to_owned())].into();
        let kept = Entry {
            change_id: Some(Uuid::now_v7()), micros: 1_500, initiator: "owner".into(), reason: "why".into(), detail: "title".into(),
            trace: Trace {
                steps: vec![Step { name: "match".into(), status: "success".into(), description: "one".into(), details }],
                modified: vec![Modified { name: "title".into(), old: json!(null), new: json!(["Boss"]) }],
                receipts: vec![Receipt { operation: "creating".into(), status: 201, request_id: "r1".into(), ..Receipt::default() }],
            },
            ..entry(3)
        };
        let one = kept.clone();
        write(&fresh.db, move |tx| provisioning_log::append(tx, 1, &one)).await;
        let found = read(&fresh.db, |tx| provisioning_log::of_object(tx, 3, 9)).await;
        assert_eq!(found, [Entry { key: found[0].key, ..kept }]);
        write(&fresh.db, |tx| provisioning_log::append(tx, 1, &Entry::default())).await;
        assert_eq!(read(&fresh.db, |tx| provisioning_log::of_object(tx, 0, 9)).await[0].trace, Trace::default());
    }

    async fn receipts_are_kept_up_to_their_bounds(fresh) {
        let receipt = |n: usize| Receipt { operation: "changing".into(), status: 429, request_id: n.to_string(), reason: "ä".repeat(900), ..Receipt::default() };
        let trace = Trace { receipts: (0..RECEIPTS + 5).map(receipt).collect(), ..Trace::default() };
        let one = Entry { trace, ..entry(4) };
        write(&fresh.db, move |tx| provisioning_log::append(tx, 1, &one)).await;
        let kept = read(&fresh.db, |tx| provisioning_log::of_object(tx, 4, 9)).await.remove(0).trace.receipts;
        assert_eq!((kept.len(), kept[0].request_id.as_str()), (RECEIPTS, "5"), "the last ones");
        assert!(kept.iter().all(|one| one.reason == "ä".repeat(500)));
    }

    async fn the_log_is_searched_by_each_condition(fresh) {
        let db = &fresh.db;
        fill(db, 1, 60).await;
        fill(db, 2, 3).await;
        let asked = |change: fn(&mut Asked)| { let mut a = Asked { limit: 7, ..Asked::default() }; change(&mut a); a };
        let wanted = |fits: fn(i64) -> bool| (0..60).rev().filter(|n| fits(*n)).collect::<Vec<i64>>();
        let cases: [(Asked, Vec<i64>); 9] = [
            (asked(|_| {}), wanted(|_| true)),
            (asked(|a| a.connection = Some(6)), wanted(|n| n % 2 == 1)),
            (asked(|a| a.cycle = Some(102)), wanted(|n| n / 10 == 2)),
            (asked(|a| { a.action = Some("create".into()); a.status = Some("failure".into()) }), wanted(|n| n % 15 == 0)),
            (asked(|a| a.code = Some("PRV-TARGET-503".into())), wanted(|n| n % 5 == 0)),
            (asked(|a| a.text = Some("person 5".into())), wanted(|n| n == 5 || n >= 50)),
            (asked(|a| a.text = Some("t17".into())), vec![17]),
            (asked(|a| { a.since = Some(1_010_000); a.until = Some(1_020_000) }), wanted(|n| (10..20).contains(&n))),
            (asked(|a| a.text = Some(Uuid::from_u128(9).to_string())), vec![9]),
        ];
        for (asked, expected) in cases {
            assert_eq!(objects(db, 1, &asked).await.0, expected, "{asked:?}");
        }
        let of_object = asked(|a| a.object = Some(2));
        assert_eq!(objects(db, 1, &of_object).await.0, [2]);
        assert_eq!(objects(db, 3, &of_object).await.0, [] as [i64; 0], "another workspace's object");
        assert_eq!(read(db, |tx| provisioning_log::of_cycle(tx, 105, 0, 4)).await.iter().map(|e| e.object).collect::<Vec<_>>(), [50, 51, 52, 53]);
    }

    async fn a_search_that_finds_nothing_is_bounded_and_goes_on(fresh) {
        let db = &fresh.db;
        let mut at = 0;
        while at < LOOKED_AT as i64 + 2_000 {
            let from = at;
            write(db, move |tx| provisioning_log::append_all(tx, 1, &(from..from + 2_000).map(entry).collect::<Vec<_>>())).await;
            at += 2_000;
        }
        let asked = Asked { text: Some("Person 77".into()), action: Some("nothing".into()), limit: 5, ..Asked::default() };
        assert_eq!(objects(db, 1, &asked).await, (vec![], 2));
        // A time long ago is found without reading what came since.
        let asked = Asked { until: Some(1_100_000), limit: 5, ..Asked::default() };
        let page = read(db, move |tx| search(tx, 1, &asked)).await;
        assert_eq!(page.entries.iter().map(|e| e.object).collect::<Vec<_>>(), [99, 98, 97, 96, 95]);
    }

    async fn removals_are_counted_over_restarts_and_a_restore_takes_none_away(fresh) {
        write(&fresh.db, |tx| {
            let line = |at: i64, action: &str, status: &str| Entry { at, connection: 5, action: action.into(), status: status.into(), ..Entry::default() };
            provisioning_log::append_all(tx, 1, &[
                line(10, "delete", "success"), line(20, "disable", "success"), line(20, "disable", "failure"), line(21, "restore", "success"),
                line(22, "remove member", "success"), line(22, "remove licence", "success"), line(22, "remove licence", "failure"), line(22, "add licence", "success"), line(23, "add member", "success"), line(24, "delete", "success"),
                Entry { connection: 6, ..line(25, "delete", "success") },
            ])
        }).await;
        let count = |since| read(&fresh.db, move |tx| provisioning_log::removals_since(tx, 5, since));
        assert_eq!(count(0).await, Removals { objects: 3, members: 1, licences: 1 });
        assert_eq!(count(20).await, Removals { objects: 1, members: 1, licences: 1 });
        assert_eq!(count(24).await, Removals::default());
    }
}
