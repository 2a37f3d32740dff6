use crate::harness::{both, change, create, document, entra, person, provider_named, read};
use provost_engine::object::Kind;
use provost_store::directory::Object;
use provost_store::{Error, audit, change_log, directory, query};
use serde_json::json;
use uuid::Uuid;

both! {
    async fn a_person_is_kept_and_read_back_as_sent(fresh) {
        let owner = entra(&fresh.db).await;
        let sent = document(json!({
            "userName": "Åsa@contoso.example", "displayName": "Åsa Øst", "externalId": "X1", "active": true,
            "emails": [{"type": "work", "value": "Asa@contoso.example"}, {"type": "home", "value": "a@b.example"}],
            "title": "O'Neil \u{1F600} \\ \"q\""
        }));
        let made = create(&fresh.db, owner, Kind::Person, sent.clone()).await.unwrap();
        let found = read(&fresh.db, move |tx| directory::get(tx, owner, Kind::Person, made.id)).await.unwrap();
        assert_eq!(found, made);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&found.document).unwrap(), json!(sent));
        assert_eq!((found.version, found.label.as_str(), found.active), (1, "Åsa Øst", true));
    }

    async fn user_names_are_unique_without_regard_to_case_and_composition(fresh) {
        let owner = entra(&fresh.db).await;
        create(&fresh.db, owner, Kind::Person, person("Zoë@contoso.example")).await.unwrap();
        for twin in ["ZOË@CONTOSO.EXAMPLE", "Zoe\u{308}@contoso.example"] {
            assert_eq!(create(&fresh.db, owner, Kind::Person, person(twin)).await, Err(Error::Conflict), "{twin}");
        }
        // Also across providers of the workspace, but not across workspaces.
        let other = provider_named(&fresh.db, "Contoso", "Okta").await.owner();
        assert_eq!(create(&fresh.db, other, Kind::Person, person("zoë@contoso.example")).await, Err(Error::Conflict));
        let elsewhere = provider_named(&fresh.db, "Contoso Lab", "Entra").await.owner();
        create(&fresh.db, elsewhere, Kind::Person, person("zoë@contoso.example")).await.unwrap();
    }

    async fn a_refused_create_leaves_nothing_behind(fresh) {
        let owner = entra(&fresh.db).await;
        create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let before = read(&fresh.db, change_log::last_position).await;
        create(&fresh.db, owner, Kind::Person, person("Ann@contoso.example")).await.unwrap_err();
        assert_eq!(read(&fresh.db, change_log::last_position).await, before);
        let workspace = owner.workspace;
        assert_eq!(read(&fresh.db, move |tx| directory::count(tx, workspace, Kind::Person)).await, 1);
    }

    async fn writes_that_wait_together_do_not_undo_each_other(fresh) {
        let owner = entra(&fresh.db).await;
        let names: Vec<String> = (0..200).map(|i| format!("user{}@contoso.example", i % 150)).collect();
        let tasks: Vec<_> = names.into_iter().map(|name| {
            let db = fresh.db.clone();
            tokio::spawn(async move { create(&db, owner, Kind::Person, person(&name)).await })
        }).collect();
        let mut made = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => made += 1,
                Err(e) => assert_eq!(e, Error::Conflict),
            }
        }
        assert_eq!(made, 150);
        let entries = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, 0, 1_000)).await;
        let positions: Vec<i64> = entries.iter().map(|e| e.position).collect();
        assert_eq!(positions, (1..=150).collect::<Vec<i64>>(), "the change log has no gaps");
    }

    async fn another_providers_person_is_absent(fresh) {
        let (owner, other) = (entra(&fresh.db).await, provider_named(&fresh.db, "Contoso", "Okta").await.owner());
        let made = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        assert_eq!(read(&fresh.db, move |tx| directory::get(tx, other, Kind::Person, made.id)).await, None);
        assert_eq!(read(&fresh.db, move |tx| directory::get(tx, owner, Kind::Group, made.id)).await, None);
    }

    async fn a_change_raises_the_version_and_no_change_writes_nothing(fresh) {
        let owner = entra(&fresh.db).await;
        let made = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let unchanged = made.clone();
        let none = fresh.db.write(move |tx| {
            directory::replace(tx, &change(owner, 2_000), &unchanged, &person("ann@contoso.example"))
        }).await.unwrap();
        assert_eq!(none, None);
        let before = made.clone();
        let after = fresh.db.write(move |tx| {
            let renamed = document(json!({"userName": "anna@contoso.example", "active": false}));
            directory::replace(tx, &change(owner, 2_000), &before, &renamed)
        }).await.unwrap().unwrap();
        assert_eq!((after.version, after.modified, after.active), (2, 2_000, false));
        // The old name is free again.
        create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
    }

    async fn a_deleted_person_is_gone_and_the_name_is_free(fresh) {
        let owner = entra(&fresh.db).await;
        let made = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let id = made.id;
        fresh.db.write(move |tx| directory::delete(tx, &change(owner, 2_000), &made)).await.unwrap();
        assert_eq!(read(&fresh.db, move |tx| directory::get(tx, owner, Kind::Person, id)).await, None);
        let again = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        assert_ne!(again.id, id);
        let workspace = owner.workspace;
        assert_eq!(read(&fresh.db, move |tx| directory::count(tx, workspace, Kind::Person)).await, 1);
    }

    async fn people_are_found_by_what_one_calls_them(fresh) {
        let owner = entra(&fresh.db).await;
        let made = create(&fresh.db, owner, Kind::Person, document(json!({
            "userName": "ann@contoso.example", "displayName": "Ann Lee", "externalId": "X1", "active": true
        }))).await.unwrap();
        for text in ["ANN@contoso.example", "ann lee", "X1", &made.id.to_string()] {
            let text = text.to_owned();
            let found = read(&fresh.db, move |tx| directory::find(tx, owner.workspace, &text)).await;
            assert_eq!(found, vec![made.clone()]);
        }
        let nobody = Uuid::now_v7().to_string();
        assert!(read(&fresh.db, move |tx| directory::find(tx, owner.workspace, &nobody)).await.is_empty());
    }

    async fn a_block_stands_beside_what_the_provider_says(fresh) {
        let owner = entra(&fresh.db).await;
        let made = create(&fresh.db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let target = made.clone();
        let blocked = fresh.db.write(move |tx| directory::block(tx, "owner", 2_000, &target, "left their laptop")).await.unwrap();
        assert_eq!(blocked, Object { blocked: Some(2_000), ..made.clone() }, "what SCIM shows stays: version, active, document");
        assert!(!directory::is_enabled(&blocked));
        assert_eq!((blocked.value().unwrap()["active"].clone(), made.value().unwrap()["active"].clone()), (json!(false), json!(true)));
        // No change of the provider lifts it.
        let now = blocked.clone();
        let changed = fresh.db.write(move |tx| {
            let off = document(json!({"userName": "ann@contoso.example", "active": false}));
            let off = directory::replace(tx, &change(owner, 2_100), &now, &off)?.unwrap();
            directory::replace(tx, &change(owner, 2_200), &off, &document(json!({"userName": "anna", "active": true})))
        }).await.unwrap().unwrap();
        assert!(changed.active && !directory::is_enabled(&changed));
        let key = made.key;
        let seen = read(&fresh.db, move |tx| {
            let mut seen = Vec::new();
            let all = directory::Range { after: 0, upto: i64::MAX };
            directory::for_each(tx, owner.workspace, Kind::Person, all, |row| { seen.push(row.value()?); Ok(()) })?;
            Ok(seen)
        }).await;
        assert_eq!((seen.len(), seen[0]["active"].clone()), (1, json!(false)));
        // Twice is once, in the audit log too; the stale copy that is given does not matter.
        let stale = made.clone();
        fresh.db.write(move |tx| directory::block(tx, "owner", 2_300, &stale, "again")).await.unwrap();
        let stale = made.clone();
        let free = fresh.db.write(move |tx| directory::unblock(tx, "owner", 2_400, &stale)).await.unwrap();
        assert!(directory::is_enabled(&free));
        assert_eq!(read(&fresh.db, move |tx| directory::by_key(tx, key)).await, Some(free));
        let rows = read(&fresh.db, move |tx| audit::latest(tx, owner.workspace, 10)).await;
        let rows: Vec<_> = rows.iter().rev().skip(3).map(|r| (r.action.as_str(), r.detail.as_str())).collect();
        assert_eq!(rows, [("person.block", "left their laptop"), ("person.update", "active"), ("person.update", "active userName"), ("person.unblock", "")]);
        let log = read(&fresh.db, move |tx| change_log::since(tx, owner.workspace, 0, 10)).await;
        assert_eq!(log.len(), 5, "the engine is told of the block and of its end");
    }

    async fn only_people_who_are_there_can_be_blocked(fresh) {
        let owner = entra(&fresh.db).await;
        let group = create(&fresh.db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let refused = fresh.db.write(move |tx| directory::block(tx, "owner", 2, &group, "")).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-BLOCK-GROUP"));
        let gone = create(&fresh.db, owner, Kind::Person, person("ann")).await.unwrap();
        let object = gone.clone();
        fresh.db.write(move |tx| directory::delete(tx, &change(owner, 2), &object)).await.unwrap();
        let refused = fresh.db.write(move |tx| directory::block(tx, "owner", 3, &gone, "")).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-PERSON-GONE"));
    }

    /// The narrow update leaves every way of finding the person right, and so does the wide one.
    async fn a_changed_person_is_found_by_what_is_true_now(fresh) {
        let owner = entra(&fresh.db).await;
        let first = json!({"userName": "ann", "displayName": "Ann", "externalId": "X1", "active": true,
            "emails": [{"value": "a@contoso.example"}, {"value": "b@contoso.example"}, {"value": "c@contoso.example"}]});
        let mut now = create(&fresh.db, owner, Kind::Person, document(first.clone())).await.unwrap();
        let mut value = first;
        let found = |text: String| async move {
            let query = crate::query::Query::of(owner, query::Kinds::One(Kind::Person), &text);
            query.page(&fresh.db, query::Window::Index { start: 1, count: 9 }).await.unwrap().objects.len()
        };
        for (pointer, new, there, gone) in [
            ("active", json!(false), "active eq false", "active eq true"),
            ("title", json!("Boss"), "title eq \"boss\" and userName eq \"ann\"", "active eq true"),
            ("emails", json!([{"value": "a@contoso.example"}, {"value": "d@contoso.example"}]), "emails eq \"d@contoso.example\"", "emails eq \"b@contoso.example\""),
            ("emails", json!([{"value": "d@contoso.example"}]), "emails eq \"d@contoso.example\"", "emails eq \"a@contoso.example\""),
            ("displayName", json!("Anna"), "displayName eq \"anna\"", "displayName eq \"ann\""),
            ("externalId", json!("X2"), "externalId eq \"X2\"", "externalId eq \"X1\""),
            ("userName", json!("anna"), "userName eq \"ANNA\"", "userName eq \"ann\""),
        ] {
            value[pointer] = new;
            let (before, after) = (now.clone(), document(value.clone()));
            now = fresh.db.write(move |tx| directory::replace(tx, &change(owner, 2_000), &before, &after)).await.unwrap().unwrap();
            let key = now.key;
            assert_eq!(read(&fresh.db, move |tx| directory::by_key(tx, key)).await, Some(now.clone()), "{pointer}");
            assert_eq!((found(there.into()).await, found(gone.into()).await), (1, 0), "{pointer}");
        }
        assert_eq!((now.label.as_str(), now.version), ("Anna", 8));
    }
}
