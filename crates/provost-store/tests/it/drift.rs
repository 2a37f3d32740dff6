use crate::harness::{app, audited, both, entra, read, write};
use provost_engine::object::Kind;
use provost_store::drift::{self, Asked, Place, Seen, State};
use provost_store::unowned::{self, Sort, Unowned};
use provost_store::{Db, Tx, link};
use serde_json::{Value, json};

async fn see(db: &Db, now: i64, rule: i64, object: i64, attribute: &'static str, found: Value) {
    write(db, move |tx| {
        let expected = json!("ours");
        let one = Seen {
            rule,
            object,
            attribute,
            label: "Ann",
            expected: &expected,
            found: &found,
        };
        drift::see(tx, now, &[one])
    })
    .await;
}

fn unowned(connection: i64, id: &str, sort: Sort, seen: i64) -> Unowned {
    let kind = if id.starts_with('g') {
        Kind::Group
    } else {
        Kind::Person
    };
    let enabled = (kind == Kind::Person).then_some(true);
    Unowned {
        connection,
        kind,
        target_id: id.into(),
        label: id.to_uppercase(),
        sort,
        object: 0,
        enabled,
        seen,
    }
}

both! {
    async fn an_accepted_difference_stands_until_the_target_changes_again(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        see(db, 10, people, 9, "title", json!("theirs")).await;
        let one = c.clone();
        let accept = move |tx: &mut Tx| {
            let place = Place { rule: people, object: 9, attribute: "title" };
            drift::accept(tx, "owner", 11, &one, &place)
        };
        assert!(write(db, accept).await);
        let state = move |tx: &mut Tx| {
            let found = drift::of_object(tx, people, 9)?.remove(0);
            Ok((found.state, found.first_seen, found.last_seen))
        };
        see(db, 20, people, 9, "title", json!("theirs")).await;
        assert_eq!(read(db, state).await, (State::Accepted, 10, 20));
        see(db, 30, people, 9, "title", json!("others'")).await;
        assert_eq!(read(db, state).await, (State::Open, 10, 30));
        write(db, move |tx| drift::repaired(tx, 31, people, 9, Some("title"))).await;
        assert_eq!(read(db, state).await, (State::Repaired, 10, 31));
        see(db, 40, people, 9, "title", json!("others'")).await;
        assert_eq!(read(db, state).await, (State::Open, 40, 40), "a new one");
        assert_eq!(audited(db, owner.workspace, 1).await, ["drift.accept"]);
        write(db, move |tx| link::remove(tx, people, 9)).await;
        assert_eq!(read(db, move |tx| drift::of_object(tx, people, 9)).await, [], "no link, no drift");
    }

    async fn differences_are_listed_by_pages_and_what_is_not_seen_is_gone(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        for object in 1..4 {
            see(db, 10, people, object, "name", json!(object)).await;
            see(db, 10, people, object, "title", json!(object)).await;
        }
        see(db, 10, groups, 7, "displayName", json!("x")).await;
        let key = c.key;
        let mut asked = Asked { connection: key, ..Asked::default() };
        let mut found = Vec::new();
        loop {
            let one = asked.clone();
            let page = read(db, move |tx| drift::list(tx, &one, 3)).await;
            found.extend(page.iter().map(|d| (d.object, d.attribute.clone())));
            if page.len() < 3 { break; }
            asked.after = page.last().map(|d| (d.rule, d.object, d.attribute.clone()));
        }
        let expected: Vec<_> = [(1, "name"), (1, "title"), (2, "name"), (2, "title"), (3, "name"), (3, "title"), (7, "displayName")]
            .into_iter().map(|(object, name)| (object, name.to_owned())).collect();
        assert_eq!(found, expected);
        see(db, 20, people, 2, "name", json!(2)).await;
        assert_eq!(write(db, move |tx| drift::settle_unseen(tx, people, 15)).await, 5);
        let count = move |tx: &mut Tx| Ok((drift::count(tx, key, State::Open)?, drift::count(tx, key, State::Repaired)?));
        assert_eq!(read(db, count).await, (2, 5));
        let open = Asked { connection: key, state: Some(State::Open), rule: Some(people), after: None };
        let open = read(db, move |tx| drift::list(tx, &open, 9)).await;
        assert_eq!((open.len(), open[0].object, &open[0].expected), (1, 2, &json!("ours")));
    }

    async fn unowned_objects_are_counted_listed_and_cleared(fresh) {
        let found = write(&fresh.db, |tx| {
            let all = [unowned(5, "a", Sort::Local, 1), unowned(5, "b", Sort::Assigned, 1), unowned(5, "g1", Sort::Local, 1),
                unowned(6, "a", Sort::Local, 1)];
            unowned::put(tx, &all)?;
            unowned::put(tx, &[Unowned { object: 9, ..unowned(5, "b", Sort::Unassigned, 2) }])?;
            let counts: Vec<_> = unowned::counts(tx, 5)?.into_iter().collect();
            let first = unowned::list(tx, 5, None, None, 2)?;
            let rest = unowned::list(tx, 5, None, Some((Kind::Person, "b")), 9)?;
            let local = unowned::list(tx, 5, Some(Sort::Local), Some((Kind::Person, "a")), 9)?;
            let one = unowned::get(tx, 5, Kind::Person, "b")?.unwrap();
            let cleared = unowned::clear_unseen(tx, 5, 2)?;
            unowned::remove(tx, 5, Kind::Person, "b")?;
            Ok((counts, first, rest, local, one, cleared, unowned::list(tx, 5, None, None, 9)?.len()))
        }).await;
        let (counts, first, rest, local, one, cleared, left) = found;
        assert_eq!(counts, [("assigned", 0), ("local", 2), ("unassigned", 1)]);
        assert_eq!(first.iter().map(|u| u.target_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((&rest, rest[0].enabled, rest[0].kind), (&local, None, Kind::Group));
        assert_eq!((one.sort, one.object, one.enabled, one.seen), (Sort::Unassigned, 9, Some(true), 2));
        assert_eq!((cleared, left), (2, 0));
    }
}
