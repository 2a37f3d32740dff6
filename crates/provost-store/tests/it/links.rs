use crate::harness::{app, audited, both, create, entra, person, read, write};
use provost_engine::diff;
use provost_engine::object::Kind;
use provost_store::directory::Range;
use provost_store::link::{self, Asked, Link, Relink};
use provost_store::{Error, Tx, reference, revisit};
use serde_json::json;
use uuid::Uuid;

fn linked(rule: i64, object: i64, target: &str) -> Link {
    Link {
        rule,
        object,
        object_id: Uuid::from_u128(object as u128),
        target_id: target.into(),
        label: format!("Person {object}"),
        written: [("displayName".to_owned(), json!(object))].into(),
        ..Link::default()
    }
}

both! {
    async fn many_links_are_kept_as_one_by_one(fresh) {
        let links: Vec<Link> = (1..=75).map(|n| linked(5, n, &format!("t{n:03}"))).collect();
        let all = links.clone();
        write(&fresh.db, move |tx| link::put_all(tx, 1, &all)).await;
        let found = read(&fresh.db, |tx| link::get_all(tx, 5, &[1, 40, 75, 99])).await;
        assert_eq!(found.len(), 3);
        assert_eq!(found[&40], Link { hash: diff::hash(&links[39].written), ..links[39].clone() });
        assert_ne!(found[&40].hash, 0);
        let hashes = read(&fresh.db, |tx| link::hashes(tx, 5, Range { after: 10, upto: 12 })).await;
        let expected: Vec<_> = links[10..12].iter().map(|l| (l.object, l.target_id.clone(), diff::hash(&l.written))).collect();
        assert_eq!(hashes, expected);
        let taken = read(&fresh.db, |tx| link::objects_of_targets(tx, 5, &["t001", "t075", "t999"])).await;
        assert_eq!(taken, [("t001".to_owned(), 1), ("t075".to_owned(), 75)].into());
        let twice = fresh.db.write(|tx| link::put_all(tx, 1, &[linked(5, 80, "t080"), linked(5, 81, "t001")])).await;
        assert_eq!(twice, Err(Error::Conflict));
        assert_eq!(read(&fresh.db, |tx| link::count(tx, 5)).await, 75, "all or none");
        let walked = read(&fresh.db, |tx| {
            let (mut ids, mut after) = (Vec::new(), String::new());
            while let Some(last) = link::for_each_by_target(tx, 5, &after, 30, |_, id, hash| { ids.push((id.to_owned(), hash)); Ok(()) })? {
                after = last;
            }
            Ok(ids)
        }).await;
        assert_eq!(walked.len(), 75);
        assert!(walked.windows(2).all(|two| two[0].0 < two[1].0) && walked[3].1 == diff::hash(&links[3].written));
    }

    async fn the_time_of_a_disable_is_its_first(fresh) {
        let off = |now: i64| move |tx: &mut Tx| {
            link::put(tx, now, &Link { enabled: false, ..linked(5, 9, "T") })?;
            Ok(link::get(tx, 5, 9)?.unwrap().disabled)
        };
        assert_eq!(write(&fresh.db, off(100)).await, 100);
        assert_eq!(write(&fresh.db, off(200)).await, 100, "still disabled");
        write(&fresh.db, |tx| link::put(tx, 300, &linked(5, 9, "T"))).await;
        assert_eq!(read(&fresh.db, |tx| link::get(tx, 5, 9)).await.unwrap().disabled, 0);
        assert_eq!(write(&fresh.db, off(400)).await, 400);
    }

    async fn links_are_listed_and_searched_by_pages(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        write(db, move |tx| {
            let mut all: Vec<Link> = (1..=6).map(|n| linked(people, n, &format!("acc-{n}"))).collect();
            all.push(Link { enabled: false, ..linked(people, 7, "acc-7") });
            all.push(Link { label: "Sales".into(), ..linked(groups, 50, "grp-1") });
            link::put_all(tx, 5, &all)
        }).await;
        let key = c.key;
        let mut asked = Asked { connection: key, ..Asked::default() };
        let (mut objects, mut pages) = (Vec::new(), 0);
        loop {
            let one = asked.clone();
            let page = read(db, move |tx| link::list(tx, &one, 3)).await;
            objects.extend(page.links.iter().map(|l| l.object));
            pages += 1;
            asked.after = page.next;
            if asked.after.is_none() { break; }
        }
        assert_eq!((objects, pages), (vec![1, 2, 3, 4, 5, 6, 7, 50], 3));
        let find = |text: &str, rule, disabled| Asked { connection: key, text: Some(text.into()), rule, disabled, after: None };
        let id = Uuid::from_u128(4).to_string();
        for (asked, expected) in [
            (find("ACC-3", None, false), vec![3]), (find("sal", None, false), vec![50]), (find("person", Some(groups), false), vec![]),
            (find(&id, None, false), vec![4]), (find("person", None, true), vec![7]),
        ] {
            let shown = format!("{asked:?}");
            let page = read(db, move |tx| link::list(tx, &asked, 9)).await;
            assert_eq!(page.links.iter().map(|l| l.object).collect::<Vec<_>>(), expected, "{shown}");
        }
        let found = read(db, move |tx| Ok((link::by_target_id(tx, key, "acc-2")?, link::by_target_id(tx, key + 1, "acc-2")?.len()))).await;
        assert_eq!((found.0[0].object, found.1), (2, 0));
    }

    async fn a_link_is_broken_and_made_by_a_person(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let (key, object) = (c.key, ann.key);
        write(db, move |tx| {
            link::put(tx, 1, &linked(people, object, "old"))?;
            link::put(tx, 1, &linked(people, 1, "taken"))?;
            link::add_members(tx, groups, 50, &[object, 1])?;
            reference::wait_for(tx, people, object, "manager", Uuid::nil())
        }).await;
        let one = c.clone();
        assert!(!write(db, move |tx| link::unlink(tx, "owner", 5, &one, groups, object)).await, "not under this rule");
        let one = c.clone();
        assert!(write(db, move |tx| link::unlink(tx, "owner", 5, &one, people, object)).await);
        let left = read(db, move |tx| Ok((link::get(tx, people, object)?, link::members(tx, groups, 50)?, reference::waiting(tx, people)?,
            revisit::due(tx, key, 5, 9)?))).await;
        assert_eq!(left, (None, vec![1], 0, vec![(object, 0)]));
        let relink = |rule: i64, target: &'static str| {
            let (c, ann) = (c.clone(), ann.clone());
            db.write(move |tx| link::relink(tx, "owner", 6, &c, &Relink { rule, object: &ann, target_id: target }))
        };
        assert_eq!(relink(people, "taken").await.unwrap_err().code(), Some("PRV-LINK-TAKEN"));
        assert_eq!(relink(999, "new").await.unwrap_err().code(), Some("PRV-LINK-RULE"));
        relink(people, "new").await.unwrap();
        relink(people, "newer").await.unwrap();
        let now = read(db, move |tx| link::get(tx, people, object)).await.unwrap();
        assert_eq!((now.target_id.as_str(), now.object_id, now.written.len(), now.enabled), ("newer", ann.id, 0, true));
        assert_eq!(audited(db, owner.workspace, 3).await, ["link.relink", "link.relink", "link.unlink"]);
        write(db, move |tx| link::drop_members(tx, groups, 50, &[1])).await;
        assert_eq!(read(db, move |tx| link::count_group(tx, groups, 50)).await, 0);
    }
}
