use crate::harness::{app, audited, both, change, create, document, entra, person, put, read, write};
use provost_engine::object::Kind;
use provost_store::connection::{self, Connection, Preferences};
use provost_store::directory::{self, Object, Owner};
use provost_store::member::Joining;
use provost_store::{Db, assignment, member, protection, recycle, revisit};
use serde_json::json;

async fn group(db: &Db, owner: Owner, name: &str, members: &[&Object]) -> Object {
    let members: Vec<Joining> = members.iter().map(|one| Joining::from(*one)).collect();
    let doc = document(json!({"displayName": name}));
    write(db, move |tx| {
        let made = put(tx, &change(owner, 1), Kind::Group, &doc)?;
        member::add(tx, &change(owner, 1), &made, &members)?;
        Ok(made)
    })
    .await
}

async fn people(db: &Db, owner: Owner, names: &[&str]) -> Vec<Object> {
    let mut made = Vec::new();
    for name in names {
        made.push(
            create(
                db,
                owner,
                Kind::Person,
                person(&format!("{name}@contoso.example")),
            )
            .await
            .unwrap(),
        );
    }
    made
}

async fn assign(db: &Db, c: &Connection, object: &Object) -> bool {
    let (c, object) = (c.clone(), object.clone());
    write(db, move |tx| assignment::add(tx, "owner", 7, &c, &object)).await
}

/// What is asked for, with everything settled afterwards.
async fn asked(db: &Db, c: &Connection) -> Vec<i64> {
    let key = c.key;
    let mut keys: Vec<i64> = write(db, move |tx| {
        let due = revisit::due(tx, key, i64::MAX, 100)?;
        revisit::settle_due(tx, key, i64::MAX)?;
        Ok(due.into_iter().map(|(object, _)| object).collect())
    })
    .await;
    keys.sort_unstable();
    keys
}

both! {
    async fn an_assigned_group_reaches_its_people_and_nested_ones_by_choice(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let p = people(db, owner, &["ann", "bob", "cem", "dan"]).await;
        let inner = group(db, owner, "Inner", &[&p[1]]).await;
        let outer = group(db, owner, "Outer", &[&p[0], &inner]).await;
        assert!(assign(db, &c, &outer).await && assign(db, &c, &p[2]).await);
        assert!(!assign(db, &c, &p[2]).await, "twice is once");
        let key = c.key;
        let mut flat = vec![outer.key, p[0].key, p[2].key];
        flat.sort_unstable();
        assert_eq!(read(db, move |tx| assignment::effective(tx, key, false)).await, flat);
        let mut nested = flat.clone();
        nested.push(p[1].key);
        nested.sort_unstable();
        assert_eq!(read(db, move |tx| assignment::effective(tx, key, true)).await, nested);
        for (object, directly, deeply) in [(p[0].key, true, true), (p[1].key, false, true), (p[2].key, true, true), (p[3].key, false, false)] {
            let said = read(db, move |tx| Ok((assignment::covers(tx, key, object, false)?, assignment::covers(tx, key, object, true)?))).await;
            assert_eq!(said, (directly, deeply), "{object}");
        }
        let inner = inner.key;
        assert!(read(db, move |tx| assignment::covers(tx, key, inner, true)).await);
        let direct = read(db, move |tx| Ok((assignment::set(tx, key)?, assignment::count(tx, key)?, assignment::contains(tx, key, inner)?))).await;
        assert_eq!(direct, ({ let mut d = vec![outer.key, p[2].key]; d.sort_unstable(); d }, 2, false));
        let outer = outer.key;
        assert_eq!(read(db, move |tx| assignment::connections(tx, outer)).await, [key]);
    }

    async fn groups_in_a_circle_end(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let p = people(db, owner, &["ann"]).await;
        let one = group(db, owner, "One", &[&p[0]]).await;
        let two = group(db, owner, "Two", &[&one]).await;
        let (back, into) = (Joining::from(&two), one.clone());
        write(db, move |tx| member::add(tx, &change(owner, 2), &into, std::slice::from_ref(&back))).await;
        assign(db, &c, &two).await;
        let (key, ann) = (c.key, p[0].key);
        assert!(read(db, move |tx| assignment::effective(tx, key, true)).await.contains(&ann));
        assert!(read(db, move |tx| assignment::covers(tx, key, ann, true)).await);
        assert!(!read(db, move |tx| assignment::covers(tx, key, ann, false)).await);
    }

    async fn who_is_concerned_is_looked_at(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let p = people(db, owner, &["ann", "bob"]).await;
        let inner = group(db, owner, "Inner", &[&p[1]]).await;
        let outer = group(db, owner, "Outer", &[&p[0], &inner]).await;
        assign(db, &c, &outer).await;
        let mut expected = vec![outer.key, p[0].key];
        expected.sort_unstable();
        assert_eq!(asked(db, &c).await, expected);
        let (one, key) = (c.clone(), c.key);
        let deeply = Preferences { nested: true, ..Preferences::default() };
        write(db, move |tx| connection::set_preferences(tx, "owner", 8, &one, &deeply)).await;
        let c = read(db, move |tx| connection::by_key(tx, key)).await.unwrap();
        let (one, group) = (c.clone(), outer.key);
        assert!(write(db, move |tx| assignment::remove(tx, "owner", 9, &one, group)).await);
        expected.push(p[1].key);
        expected.sort_unstable();
        assert_eq!(asked(db, &c).await, expected);
        assert_eq!(audited(db, owner.workspace, 1).await, ["assignment.remove"]);
        let one = c.clone();
        assert!(!write(db, move |tx| assignment::remove(tx, "owner", 9, &one, group)).await);
    }

    async fn an_assignment_outlives_the_recycle_bin_but_not_the_purge(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let ann = people(db, owner, &["ann"]).await.remove(0);
        assign(db, &c, &ann).await;
        let (key, gone) = (c.key, ann.clone());
        write(db, move |tx| {
            protection::add(tx, "owner", 1, None, &gone, "the head")?;
            directory::delete(tx, &change(owner, 5), &gone)
        }).await;
        let listed = read(db, move |tx| assignment::list(tx, key, 0, 9)).await;
        assert_eq!((listed.len(), listed[0].id, listed[0].label.as_str()), (1, None, "ann@contoso.example"));
        let gone = ann.key;
        write(db, move |tx| recycle::purge(tx, "owner", 6, gone)).await;
        let space = owner.workspace;
        let left = read(db, move |tx| Ok((assignment::count(tx, key)?, protection::list(tx, space, None, 0, 9)?.len()))).await;
        assert_eq!(left, (0, 0));
    }

    async fn a_protection_holds_in_one_connection_or_in_all(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let p = people(db, owner, &["ann", "bob", "cem"]).await;
        let (one, ann, bob) = (c.clone(), p[0].clone(), p[1].clone());
        write(db, move |tx| {
            protection::add(tx, "owner", 1, Some(&one), &ann, "here")?;
            protection::add(tx, "owner", 1, None, &bob, "everywhere")?;
            protection::add(tx, "owner", 2, None, &bob, "everywhere, really")
        }).await;
        let (space, key, other) = (owner.workspace, c.key, c.key + 1);
        let here = read(db, move |tx| protection::set(tx, space, key)).await;
        assert_eq!(here, [p[0].key, p[1].key].into());
        assert_eq!(read(db, move |tx| protection::set(tx, space, other)).await, [p[1].key].into());
        let (ann, cem) = (p[0].key, p[2].key);
        let said = read(db, move |tx| Ok((protection::is_protected(tx, space, key, ann)?, protection::is_protected(tx, space, other, ann)?,
            protection::is_protected(tx, space, key, cem)?))).await;
        assert_eq!(said, (true, false, false));
        let all = read(db, move |tx| protection::list(tx, space, None, 0, 9)).await;
        assert_eq!(all.iter().map(|one| (one.connection, one.reason.as_str())).collect::<Vec<_>>(),
            [(Some(key), "here"), (None, "everywhere, really")]);
        assert_eq!(read(db, move |tx| protection::list(tx, space, Some(other), 0, 9)).await.len(), 1);
        let row = all[0].key;
        assert!(!write(db, move |tx| protection::remove(tx, "owner", 3, space + 1, row)).await, "another workspace's");
        assert!(write(db, move |tx| protection::remove(tx, "owner", 3, space, row)).await);
        assert_eq!(audited(db, space, 2).await, ["protection.remove", "protection.add"]);
    }

    async fn a_revisit_is_asked_for_once_and_settled_up_to_its_time(fresh) {
        let seen = write(&fresh.db, |tx| {
            revisit::ask(tx, 5, 9, 0, 100, "later")?;
            revisit::ask(tx, 5, 9, 0, 50, "sooner")?;
            revisit::ask(tx, 5, 9, 0, 200, "no")?;
            revisit::ask(tx, 5, 7, 3, 60, "member")?;
            revisit::ask_all(tx, 5, &[1, 2, 2], 70, "many")?;
            let first = (revisit::next(tx, 5)?, revisit::due(tx, 5, 60, 9)?, revisit::count_due(tx, 5, 70, 3)?);
            revisit::settle(tx, 5, 9, 0, 49)?;
            let kept = revisit::due(tx, 5, 50, 9)?;
            revisit::settle(tx, 5, 9, 0, 50)?;
            revisit::settle_all(tx, 5, &[(7, 3), (1, 0)], 69)?;
            Ok((first, kept, revisit::due(tx, 5, 99, 9)?, revisit::next(tx, 6)?))
        }).await;
        assert_eq!(seen, ((Some(50), vec![(9, 0), (7, 3)], 3), vec![(9, 0)], vec![(1, 0), (2, 0)], None));
    }
}
