use crate::harness::{both, change, create, document, entra, person, provider_named, put, read};
use provost_engine::object::Kind;
use provost_store::change_log::{self, Action};
use provost_store::directory::{self, Object, Owner, Placement};
use provost_store::{Db, Error, audit, member, recycle};
use serde_json::json;
use uuid::Uuid;

async fn delete(db: &Db, owner: Owner, object: &Object) {
    let object = object.clone();
    db.write(move |tx| directory::delete(tx, &change(owner, 2_000), &object))
        .await
        .unwrap();
}

async fn restore(db: &Db, key: i64) -> Result<Object, Error> {
    db.write(move |tx| recycle::restore(tx, "owner", 3_000, key))
        .await
}

async fn join(db: &Db, owner: Owner, group: &Object, members: &[&Object]) {
    let (group, pairs) = (
        group.clone(),
        members
            .iter()
            .copied()
            .map(member::Joining::from)
            .collect::<Vec<_>>(),
    );
    db.write(move |tx| member::add(tx, &change(owner, 1_500), &group, &pairs))
        .await
        .unwrap();
}

async fn members(db: &Db, group: &Object) -> Vec<String> {
    let key = group.key;
    let peers = read(db, move |tx| member::of_group(tx, key, 0, 100)).await;
    peers.into_iter().map(|p| p.label).collect()
}

async fn group(db: &Db, owner: Owner, name: &str) -> Object {
    create(db, owner, Kind::Group, document(json!({ "displayName": name })))
        .await
        .unwrap()
}

both! {
    async fn what_was_deleted_comes_back_as_it_was(fresh) {
        let owner = entra(&fresh.db).await;
        let sent = document(json!({
            "userName": "Ann@contoso.example", "displayName": "Ann", "externalId": "X1", "active": true,
            "emails": [{"type": "work", "value": "ann@contoso.example"}, {"type": "home", "value": "a@b.example"}]
        }));
        let placement = Placement { role: "auditor", team: Some("Sales"), permission: Some("write") };
        let made = fresh.db.write(move |tx| directory::create(tx, &change(owner, 1_000), Kind::Person, Uuid::now_v7(), &sent, &placement)).await.unwrap();
        delete(&fresh.db, owner, &made).await;
        let (workspace, key) = (owner.workspace, made.key);
        let bin = read(&fresh.db, move |tx| recycle::all(tx, workspace, Kind::Person, 0, 10)).await;
        assert_eq!(bin.len(), 1);
        assert_eq!((bin[0].id, bin[0].label.as_str(), bin[0].deleted, bin[0].deleted_by.as_str()), (made.id, "Ann", 2_000, "provider Entra"));
        assert_eq!(bin[0].purge_after, 2_000 + 30 * 86_400_000);
        assert_eq!(read(&fresh.db, move |tx| recycle::find(tx, workspace, "ANN@contoso.example")).await, bin);
        let back = restore(&fresh.db, key).await.unwrap();
        assert_eq!(back, Object { version: 2, modified: 3_000, ..made.clone() });
        assert_eq!(read(&fresh.db, move |tx| directory::by_key(tx, key)).await, Some(back));
        for text in ["ann@contoso.example", "X1", "ann"] {
            assert_eq!(read(&fresh.db, move |tx| directory::find(tx, workspace, text)).await.len(), 1, "{text}");
        }
        let placed = read(&fresh.db, move |tx| directory::placement(tx, key)).await.unwrap();
        assert_eq!((placed.role.as_deref(), placed.team.as_deref(), placed.permission.as_deref()), (Some("auditor"), Some("Sales"), Some("write")));
        assert_eq!(read(&fresh.db, move |tx| directory::count(tx, workspace, Kind::Person)).await, 1);
        let log = read(&fresh.db, move |tx| change_log::since(tx, workspace, 0, 10)).await;
        assert_eq!(log.iter().map(|e| (e.action, e.object)).collect::<Vec<_>>(), [(Action::Create, key), (Action::Delete, key), (Action::Create, key)]);
        assert_eq!(read(&fresh.db, move |tx| audit::latest(tx, workspace, 1)).await[0].action, "person.restore");
        // The bin is empty, and a second restore is refused.
        assert_eq!(restore(&fresh.db, key).await.unwrap_err().code(), Some("PRV-RECYCLE-GONE"));
    }

    async fn a_name_that_was_taken_meanwhile_is_named(fresh) {
        let owner = entra(&fresh.db).await;
        let made = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        delete(&fresh.db, owner, &made).await;
        let other = provider_named(&fresh.db, "Contoso", "Okta").await.owner();
        let twin = create(&fresh.db, other, Kind::Person, person("ANN@contoso.example")).await.unwrap();
        let refused = restore(&fresh.db, made.key).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-RECYCLE-NAME-TAKEN"));
        let text = refused.to_string();
        assert!(text.contains("ANN@contoso.example") && text.contains(&twin.id.to_string()) && text.contains("provider Okta"), "{text}");
        // Once the name is free again, it works; and the transaction that was refused has kept nothing.
        delete(&fresh.db, other, &twin).await;
        assert_eq!(restore(&fresh.db, made.key).await.unwrap().id, made.id);
        // A group's name is taken only within its owner.
        let sales = group(&fresh.db, owner, "Sales").await;
        delete(&fresh.db, owner, &sales).await;
        group(&fresh.db, other, "Sales").await;
        restore(&fresh.db, sales.key).await.unwrap();
    }

    async fn memberships_come_back_in_whatever_order_their_ends_do(fresh) {
        let owner = entra(&fresh.db).await;
        let sales = group(&fresh.db, owner, "Sales").await;
        let all = group(&fresh.db, owner, "Everybody").await;
        let ann = create(&fresh.db, owner, Kind::Person, person("ann")).await.unwrap();
        let bob = create(&fresh.db, owner, Kind::Person, person("bob")).await.unwrap();
        join(&fresh.db, owner, &sales, &[&ann, &bob]).await;
        join(&fresh.db, owner, &all, &[&ann, &sales]).await;
        delete(&fresh.db, owner, &ann).await;
        delete(&fresh.db, owner, &sales).await;
        assert!(members(&fresh.db, &all).await.is_empty());
        // The group first: the person is still in the bin and brings the membership along later.
        restore(&fresh.db, sales.key).await.unwrap();
        assert_eq!((members(&fresh.db, &sales).await, members(&fresh.db, &all).await), (vec!["bob".to_owned()], vec!["Sales".into()]));
        restore(&fresh.db, ann.key).await.unwrap();
        assert_eq!(members(&fresh.db, &sales).await, ["ann", "bob"]);
        assert_eq!(members(&fresh.db, &all).await, ["Sales", "ann"]);
        // The other way round.
        delete(&fresh.db, owner, &ann).await;
        delete(&fresh.db, owner, &sales).await;
        restore(&fresh.db, ann.key).await.unwrap();
        restore(&fresh.db, sales.key).await.unwrap();
        assert_eq!(members(&fresh.db, &sales).await, ["ann", "bob"]);
        // Who was purged does not.
        delete(&fresh.db, owner, &ann).await;
        delete(&fresh.db, owner, &sales).await;
        let (key, workspace) = (ann.key, owner.workspace);
        fresh.db.write(move |tx| recycle::purge(tx, "owner", 4_000, key)).await.unwrap();
        restore(&fresh.db, sales.key).await.unwrap();
        assert_eq!(members(&fresh.db, &sales).await, ["bob"]);
        let last = read(&fresh.db, move |tx| audit::latest(tx, workspace, 2)).await;
        assert_eq!((last[1].action.as_str(), last[0].action.as_str()), ("person.purge", "group.restore"));
    }

    async fn a_restored_person_is_told_to_the_groups_and_the_change_log(fresh) {
        let owner = entra(&fresh.db).await;
        let sales = group(&fresh.db, owner, "Sales").await;
        let ann = create(&fresh.db, owner, Kind::Person, person("ann")).await.unwrap();
        join(&fresh.db, owner, &sales, &[&ann]).await;
        delete(&fresh.db, owner, &ann).await;
        restore(&fresh.db, ann.key).await.unwrap();
        let log = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, 0, 20)).await;
        let tail: Vec<_> = log.iter().skip(3).map(|e| (e.action, e.object, e.member)).collect();
        assert_eq!(tail, [
            (Action::RemoveMember, sales.key, ann.key), (Action::Delete, ann.key, 0),
            (Action::Create, ann.key, 0), (Action::AddMember, sales.key, ann.key),
        ]);
        let key = sales.key;
        assert_eq!(read(&fresh.db, move |tx| directory::by_key(tx, key)).await.unwrap().version, 4);
    }

    async fn time_empties_the_bin_but_never_lifts_a_block(fresh) {
        let owner = entra(&fresh.db).await;
        let mut made = Vec::new();
        for name in ["ann", "bob", "eve"] {
            made.push(create(&fresh.db, owner, Kind::Person, person(name)).await.unwrap());
        }
        let eve = made[2].clone();
        fresh.db.write(move |tx| directory::block(tx, "owner", 1_500, &eve, "fraud")).await.unwrap();
        for object in &made { delete(&fresh.db, owner, object).await; }
        let sweep = |now| fresh.db.write(move |tx| recycle::sweep(tx, now, 1));
        assert_eq!(sweep(2_000 + 30 * 86_400_000 - 1).await, Ok(0));
        let late = 2_000 + 30 * 86_400_000;
        assert_eq!((sweep(late).await, sweep(late).await, sweep(late).await), (Ok(1), Ok(1), Ok(0)));
        let workspace = owner.workspace;
        let left = read(&fresh.db, move |tx| recycle::all(tx, workspace, Kind::Person, 0, 10)).await;
        assert_eq!(left.iter().map(|d| d.label.as_str()).collect::<Vec<_>>(), ["eve"]);
        // The provider makes her again: she is blocked from the beginning, until an administrator says otherwise.
        let again = create(&fresh.db, owner, Kind::Person, person("EVE")).await.unwrap();
        assert!(again.active && !directory::is_enabled(&again));
        let freed = fresh.db.write(move |tx| directory::unblock(tx, "owner", 5_000, &again)).await.unwrap();
        assert!(directory::is_enabled(&freed));
        delete(&fresh.db, owner, &freed).await;
        let third = create(&fresh.db, owner, Kind::Person, person("eve")).await.unwrap();
        assert!(directory::is_enabled(&third), "the block was lifted everywhere");
    }

    async fn a_group_never_inherits_a_persons_block(fresh) {
        let owner = entra(&fresh.db).await;
        let ann = create(&fresh.db, owner, Kind::Person, person("ann")).await.unwrap();
        let blocked = fresh.db.write(move |tx| directory::block(tx, "owner", 1_500, &ann, "")).await.unwrap();
        delete(&fresh.db, owner, &blocked).await;
        assert_eq!(group(&fresh.db, owner, "ann").await.blocked, None);
        // Nor does anybody in another workspace.
        let elsewhere = provider_named(&fresh.db, "Contoso Lab", "Entra").await.owner();
        assert_eq!(create(&fresh.db, elsewhere, Kind::Person, person("ann")).await.unwrap().blocked, None);
        let key = blocked.key;
        let back = restore(&fresh.db, key).await.unwrap();
        assert_eq!(back.blocked, Some(1_500), "a restore lifts no block either");
    }

    async fn deleting_many_leaves_no_trace_in_lists(fresh) {
        let owner = entra(&fresh.db).await;
        let made = fresh.db.write(move |tx| {
            (0..200).map(|i| put(tx, &change(owner, 1), Kind::Person, &person(&format!("u{i}")))).collect::<Result<Vec<_>, _>>()
        }).await.unwrap();
        for object in &made { delete(&fresh.db, owner, object).await; }
        let workspace = owner.workspace;
        assert_eq!(read(&fresh.db, move |tx| directory::count(tx, workspace, Kind::Person)).await, 0);
        assert!(read(&fresh.db, move |tx| directory::page(tx, workspace, Kind::Person, 0, 10)).await.is_empty());
        // The bin is paged by key.
        let first = read(&fresh.db, move |tx| recycle::all(tx, workspace, Kind::Person, 0, 150)).await;
        let last = first.last().unwrap().key;
        let second = read(&fresh.db, move |tx| recycle::all(tx, workspace, Kind::Person, last, 150)).await;
        assert_eq!((first.len(), second.len()), (150, 50));
    }
}
