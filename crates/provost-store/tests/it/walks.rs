//! Lists that are walked by the key of their last line: cycles, memberships, the audit log.

use crate::harness::{app, both, change, create, document, entra, person, read, write};
use provost_engine::object::Kind;
use provost_store::audit::{self, AuditAsked};
use provost_store::member::{self, Joining, Of};
use provost_store::{Db, Error, cycle, directory, lease};
use serde_json::json;

async fn audit_walk(db: &Db, asked: &AuditAsked, limit: usize) -> Vec<(String, i64)> {
    let (mut asked, mut seen) = (asked.clone(), Vec::new());
    loop {
        let one = asked.clone();
        let page = read(db, move |tx| audit::page(tx, &one, limit)).await;
        assert!(page.entries.len() <= limit);
        seen.extend(page.entries.into_iter().map(|e| (e.action, e.position)));
        match page.next {
            Some(next) => asked.before = Some(next),
            None => return seen,
        }
    }
}

both! {
    async fn cycles_are_walked_from_the_newest(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let key = app(db, owner.workspace).await.0.key;
        let started = write(db, move |tx| {
            let held = lease::take(tx, key, "node", 1, 2, &|_| true)?.unwrap();
            (0..7).map(|i| cycle::start(tx, held, "incremental", i, 0)).collect::<Result<Vec<_>, Error>>()
        }).await;
        let (mut before, mut walked) = (None, Vec::new());
        loop {
            let page = read(db, move |tx| cycle::page(tx, key, before, 3)).await;
            let Some(last) = page.last() else { break };
            before = Some(last.key);
            walked.extend(page.iter().map(|c| c.key));
            // One that begins while somebody reads moves nothing.
            write(db, move |tx| {
                let held = lease::take(tx, key, "node", 9, 10, &|_| true)?.unwrap();
                cycle::start(tx, held, "incremental", 9, 0)
            }).await;
        }
        assert_eq!(walked, started.into_iter().rev().collect::<Vec<_>>());
    }

    async fn memberships_are_walked_with_names(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let group = create(db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let mut people = Vec::new();
        for i in 0..9 { people.push(create(db, owner, Kind::Person, person(&format!("u{i}"))).await.unwrap()); }
        let (g, joining) = (group.clone(), people.iter().map(Joining::from).collect::<Vec<_>>());
        write(db, move |tx| member::add(tx, &change(owner, 2), &g, &joining)).await;
        let (key, mut after, mut walked) = (group.key, 0, Vec::new());
        loop {
            let page = read(db, move |tx| member::named_page(tx, Of::Group(key), after, 2)).await;
            let Some(last) = page.last() else { break };
            after = last.key;
            walked.extend(page.iter().map(|line| line.name.clone()));
            // Who was listed leaves.
            let (g, left) = (group.clone(), [(last.key, last.id)]);
            write(db, move |tx| member::remove(tx, &change(owner, 3), &g, &left)).await;
        }
        assert_eq!(walked, (0..9).map(|i| format!("u{i}")).collect::<Vec<_>>());
        let person = people[0].key;
        let groups = read(db, move |tx| member::named_page(tx, Of::Member(person), 0, 9)).await;
        assert_eq!(groups.iter().map(|line| (line.label.as_str(), line.kind)).collect::<Vec<_>>(), [("Sales", Kind::Group)]);
        assert_eq!(read(db, move |tx| member::named_page(tx, Of::Member(person), key, 9)).await, []);
    }

    async fn the_audit_log_is_walked_by_action_actor_and_subject(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let mut made = Vec::new();
        for i in 0..40 { made.push(create(db, owner, Kind::Person, person(&format!("u{i}"))).await.unwrap()); }
        let group = create(db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let leavers = made[..10].to_vec();
        for object in leavers {
            write(db, move |tx| directory::block(tx, "administrator Bob", 9, &object, "left")).await;
        }
        write(db, move |tx| audit::append_named(tx, owner.workspace, 9, "x", "personal.note", "n", "")).await;
        let all = AuditAsked { workspace: owner.workspace, ..AuditAsked::default() };
        for limit in [1, 7, 100] {
            let seen = audit_walk(db, &all, limit).await;
            let last = seen.first().unwrap().1;
            assert_eq!(seen.iter().map(|s| s.1).collect::<Vec<_>>(), (1..=last).rev().collect::<Vec<_>>(), "without gaps");
            let count = async |asked: AuditAsked| audit_walk(db, &asked, limit).await.len();
            assert_eq!(count(AuditAsked { action: Some("person.".into()), ..all.clone() }).await, 50);
            assert_eq!(count(AuditAsked { action: Some("person".into()), ..all.clone() }).await, 51);
            assert_eq!(count(AuditAsked { action: Some("person.block".into()), ..all.clone() }).await, 10);
            assert_eq!(count(AuditAsked { action: Some("PERSON.".into()), ..all.clone() }).await, 0);
            assert_eq!(count(AuditAsked { actor: Some("bob".into()), ..all.clone() }).await, 10);
            assert_eq!(count(AuditAsked { subject: Some(group.id.to_string()), ..all.clone() }).await, 1);
            let both = AuditAsked { action: Some("person.".into()), subject: Some(made[0].id.to_string()), ..all.clone() };
            let seen = audit_walk(db, &both, limit).await;
            assert_eq!(seen.iter().map(|s| s.0.as_str()).collect::<Vec<_>>(), ["person.block", "person.create"]);
            let order = audit_walk(db, &AuditAsked { action: Some("person.".into()), ..all.clone() }, limit).await;
            assert!(order.is_sorted_by(|a, b| a.1 > b.1), "of several actions the newest first");
        }
        assert_eq!(audit_walk(db, &AuditAsked { workspace: owner.workspace + 1, ..AuditAsked::default() }, 5).await, []);
    }
}
