//! People who leave, and where the reading of a target goes on.

use crate::harness::{app, audited, both, create, document, entra, person, read, write};
use provost_engine::object::Kind;
use provost_store::leaver::{self, State};
use provost_store::{Error, directory, group_licence, product, read_mark, recycle, revisit, sync_status};
use serde_json::json;

both! {
    async fn who_leaves_is_marked_until_it_is_ended(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let key = c.key;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let bob = create(db, owner, Kind::Person, person("bob@contoso.example")).await.unwrap();
        let ann_key = ann.key;
        let (one, who, heir) = (c.clone(), ann.clone(), bob.clone());
        write(db, move |tx| leaver::add(tx, "owner", 5, &one, &who, Some(&heir))).await;
        assert_eq!(audited(db, owner.workspace, 1).await, ["leaver.add"]);
        assert_eq!(read(db, move |tx| revisit::due(tx, key, 5, 9)).await, [(ann_key, 0)]);
        let steps = json!([{"name": "end sessions", "status": "success"}]);
        let kept = steps.clone();
        assert!(write(db, move |tx| leaver::set_steps(tx, key, ann_key, State::Done, &kept)).await);
        assert!(!write(db, move |tx| leaver::set_steps(tx, key, 1, State::Done, &json!([]))).await);
        let found = read(db, move |tx| leaver::get(tx, key, ann_key)).await.unwrap();
        assert_eq!((found.heir, found.state, found.steps, found.id), (Some(bob.key), State::Done, steps, Some(ann.id)));
        let (one, who) = (c.clone(), ann.clone());
        write(db, move |tx| leaver::add(tx, "admin", 6, &one, &who, None)).await;
        let found = read(db, move |tx| leaver::list(tx, key, 0, 9)).await;
        assert_eq!((found.len(), found[0].heir, found[0].state, found[0].created, found[0].actor.as_str()), (1, None, State::Open, 5, "owner"), "begun anew");
        let known = read(db, move |tx| Ok((leaver::set(tx, key)?, leaver::connections(tx, ann_key)?, leaver::count(tx, key)?))).await;
        assert_eq!(known, ([ann_key].into(), vec![key], 1));
        let one = c.clone();
        assert!(write(db, move |tx| leaver::end(tx, "owner", 7, &one, ann_key)).await);
        assert!(!write(db, move |tx| leaver::end(tx, "owner", 7, &c, ann_key)).await);
        assert_eq!(audited(db, owner.workspace, 1).await, ["leaver.end"]);
        assert_eq!(read(db, move |tx| leaver::get(tx, key, ann_key)).await, None);
    }

    async fn a_group_does_not_leave_and_nobody_inherits_from_themselves(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let sales = create(db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let stranger = directory::Object { workspace: owner.workspace + 1, ..ann.clone() };
        for (who, heir) in [(&sales, None), (&stranger, None), (&ann, Some(&ann)), (&ann, Some(&sales))] {
            let (one, who, heir) = (c.clone(), who.clone(), heir.cloned());
            let refused = db.write(move |tx| leaver::add(tx, "owner", 5, &one, &who, heir.as_ref())).await.unwrap_err();
            assert_eq!(refused.code(), Some("PRV-LEAVER"));
        }
    }

    async fn what_is_gone_for_good_is_forgotten_everywhere(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let key = c.key;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let sales = create(db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let (who, group) = (ann.clone(), sales.clone());
        let left = move |tx: &mut provost_store::Tx| Ok((
            leaver::count(tx, key)?, sync_status::counts(tx, people)?.impacted, group_licence::list(tx, key, 0, 9)?.len(),
        ));
        write(db, move |tx| {
            leaver::add(tx, "owner", 5, &c, &who, None)?;
            let entry = sync_status::Entry { rule: people, object: who.key, state: sync_status::State::Unsynced, code: "PRV-X".into(), reason: "no".into(), since: 0 };
            sync_status::put(tx, 5, &[entry])?;
            let product = product::intern(tx, key, "ENTERPRISEPACK")?.unwrap();
            let new = group_licence::New { group: &group, product, disabled_plans: &[], way: group_licence::Way::Member };
            group_licence::add(tx, "owner", 5, &c, &new)?;
            let change = crate::harness::change(who.owned_by(), 6);
            directory::delete(tx, &change, &who)?;
            directory::delete(tx, &change, &group)
        }).await;
        assert_eq!(read(db, left).await, (1, 1, 1), "it may come back from the bin");
        assert_eq!(read(db, move |tx| leaver::list(tx, key, 0, 9)).await[0].label, "ann@contoso.example");
        write(db, move |tx| {
            recycle::purge(tx, "owner", 7, ann.key)?;
            recycle::purge(tx, "owner", 7, sales.key)
        }).await;
        assert_eq!(read(db, left).await, (0, 0, 0));
    }

    async fn a_mark_belongs_to_what_was_asked_for(fresh) {
        let db = &fresh.db;
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<String>>();
        let asked = names(&["mail", "displayName"]);
        write(db, move |tx| {
            read_mark::put(tx, 5, 1, Kind::Person, &asked, "one")?;
            read_mark::put(tx, 6, 1, Kind::Person, &asked, "two")?;
            read_mark::put(tx, 6, 1, Kind::Group, &asked, "groups")?;
            read_mark::put(tx, 6, 2, Kind::Person, &asked, "other")
        }).await;
        let get = |kind, list: &[&str]| {
            let asked = names(list);
            read(db, move |tx| Ok::<_, Error>(read_mark::get(tx, 1, kind, &asked)?.map(|m| (m.mark, m.taken))))
        };
        assert_eq!(get(Kind::Person, &["displayName", "mail"]).await, Some(("two".to_owned(), 6)));
        assert_eq!(get(Kind::Person, &["displayName"]).await, None, "another list begins anew");
        write(db, |tx| read_mark::remove(tx, 1, Some(Kind::Person))).await;
        assert_eq!(get(Kind::Person, &["mail", "displayName"]).await, None);
        assert!(get(Kind::Group, &["mail", "displayName"]).await.is_some());
        write(db, |tx| read_mark::remove(tx, 1, None)).await;
        assert_eq!(get(Kind::Group, &["mail", "displayName"]).await, None);
    }
}
