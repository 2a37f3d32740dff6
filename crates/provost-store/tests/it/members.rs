use crate::harness::{both, change, create, document, entra, person, provider_named, put, read};
use provost_engine::object::Kind;
use provost_store::change_log::{self, Action};
use provost_store::{Error, directory, member};
use serde_json::json;

both! {
    async fn members_come_and_go_one_by_one(fresh) {
        let owner = entra(&fresh.db).await;
        let group = create(&fresh.db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let ann = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let bob = create(&fresh.db, owner, Kind::Person, person("bob@contoso.example")).await.unwrap();
        let pairs = [member::Joining::from(&ann), member::Joining::from(&bob)];
        let (g, both) = (group.clone(), pairs.clone());
        assert_eq!(fresh.db.write(move |tx| member::add(tx, &change(owner, 2), &g, &both)).await, Ok(2));
        let (g, both) = (group.clone(), pairs.clone());
        assert_eq!(fresh.db.write(move |tx| member::add(tx, &change(owner, 3), &g, &both[..1])).await, Ok(0), "again is nothing");
        let (id, key) = (group.id, group.key);
        let now = read(&fresh.db, move |tx| directory::get(tx, owner, Kind::Group, id)).await.unwrap();
        assert_eq!((now.version, now.modified), (2, 2), "one change of members, one new version");
        let labels: Vec<String> = read(&fresh.db, move |tx| member::of_group(tx, key, 0, 10)).await.into_iter().map(|p| p.label).collect();
        assert_eq!(labels, ["ann@contoso.example", "bob@contoso.example"]);
        let ann_key = ann.key;
        assert_eq!(read(&fresh.db, move |tx| member::groups_of(tx, ann_key)).await[0].label, "Sales");
        let g = group.clone();
        assert_eq!(fresh.db.write(move |tx| member::set(tx, &change(owner, 4), &g, &pairs[1..])).await, Ok(1));
        assert_eq!(read(&fresh.db, move |tx| member::keys(tx, key)).await, [bob.key]);
    }

    async fn ids_of_others_are_unknown(fresh) {
        let (owner, other) = (entra(&fresh.db).await, provider_named(&fresh.db, "Contoso", "Okta").await.owner());
        let theirs = create(&fresh.db, other, Kind::Person, person("eve@contoso.example")).await.unwrap();
        let ids = [theirs.id.to_string(), "no uuid".into(), theirs.key.to_string()];
        let (known, unknown) = read(&fresh.db, move |tx| member::resolve(tx, owner, ids.iter().map(|id| (id.as_str(), None)))).await;
        assert!(known.is_empty());
        assert_eq!(unknown.len(), 3);
    }

    async fn a_deleted_person_leaves_every_group(fresh) {
        let owner = entra(&fresh.db).await;
        let group = create(&fresh.db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let ann = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let (g, pair) = (group.clone(), [member::Joining::from(&ann)]);
        fresh.db.write(move |tx| member::add(tx, &change(owner, 2), &g, &pair)).await.unwrap();
        let (key, ann_key) = (group.key, ann.key);
        fresh.db.write(move |tx| directory::delete(tx, &change(owner, 3), &ann)).await.unwrap();
        assert!(read(&fresh.db, move |tx| member::keys(tx, key)).await.is_empty());
        let log = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, 0, 100)).await;
        let tail: Vec<_> = log.iter().rev().take(2).map(|e| (e.action, e.object, e.member)).collect();
        assert_eq!(tail, [(Action::Delete, ann_key, 0), (Action::RemoveMember, key, ann_key)]);
        let id = group.id;
        let now = read(&fresh.db, move |tx| directory::get(tx, owner, Kind::Group, id)).await.unwrap();
        assert_eq!(now.version, 3);
    }

    /// More than one statement holds, and not a whole number of them.
    async fn a_group_of_many_is_made_with_one_row_in_the_change_log(fresh) {
        let owner = entra(&fresh.db).await;
        let people = fresh.db.write(move |tx| {
            (0..1_237).map(|i| put(tx, &change(owner, 1), Kind::Person, &person(&format!("u{i:04}")))).collect::<Result<Vec<_>, _>>()
        }).await.unwrap();
        let ids: Vec<String> = people.iter().map(|p| p.id.to_string()).collect();
        let before = read(&fresh.db, change_log::last_position).await;
        let group = fresh.db.write(move |tx| {
            let change = change(owner, 2);
            let named = ids.iter().map(|id| (id.as_str(), Some("u0007"))).chain([("nobody", None), (ids[3].as_str(), None)]);
            let (known, unknown) = member::resolve(tx, owner, named)?;
            assert_eq!((known.len(), unknown), (1_238, vec!["nobody".to_owned()]));
            assert_eq!((known[7].display.as_deref(), known[8].display.as_deref()), (None, Some("u0007")));
            let group = put(tx, &change, Kind::Group, &document(json!({"displayName": "Everybody"})))?;
            assert_eq!(member::add(tx, &change, &group, &known)?, 1_237, "who is named twice joins once");
            Ok::<_, Error>(group)
        }).await.unwrap();
        let log = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, before, 10)).await;
        assert_eq!(log.iter().map(|e| (e.action, e.object)).collect::<Vec<_>>(), [(Action::Create, group.key)]);
        let key = group.key;
        assert_eq!(read(&fresh.db, move |tx| member::keys(tx, key)).await, people.iter().map(|p| p.key).collect::<Vec<_>>());
        // Afterwards every membership has its row: the group is known to readers now.
        let (g, some): (_, Vec<_>) = (group.clone(), people.iter().take(700).map(|p| (p.key, p.id)).collect());
        assert_eq!(fresh.db.write(move |tx| member::remove(tx, &change(owner, 3), &g, &some)).await, Ok(700));
        let (g, all): (_, Vec<_>) = (group.clone(), people.iter().skip(100).map(member::Joining::from).collect());
        assert_eq!(fresh.db.write(move |tx| member::set(tx, &change(owner, 4), &g, &all)).await, Ok(600));
        let log = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, before + 1, 10_000)).await;
        let count = |action| log.iter().filter(|e| e.action == action && e.object == key).count();
        assert_eq!((log.len(), count(Action::RemoveMember), count(Action::AddMember)), (1_300, 700, 600));
        let positions: Vec<i64> = log.iter().map(|e| e.position).collect();
        assert_eq!(positions, (before + 2..before + 2 + 1_300).collect::<Vec<_>>(), "no gaps");
        assert_eq!(read(&fresh.db, move |tx| member::keys(tx, key)).await, people.iter().skip(100).map(|p| p.key).collect::<Vec<_>>());
    }

    async fn the_first_member_of_an_older_group_has_a_row(fresh) {
        let owner = entra(&fresh.db).await;
        let ann = create(&fresh.db, owner, Kind::Person, person("ann")).await.unwrap();
        let group = create(&fresh.db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let pair = [member::Joining::from(&ann)];
        let g = group.clone();
        fresh.db.write(move |tx| member::add(tx, &change(owner, 2), &g, &pair)).await.unwrap();
        let log = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, 0, 10)).await;
        assert_eq!(log.last().map(|e| (e.action, e.object, e.member)), Some((Action::AddMember, group.key, ann.key)));
    }
}
