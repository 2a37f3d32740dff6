use crate::harness::{both, change, create, document, entra, person, provider_named, read};
use provost_engine::object::Kind;
use provost_store::change_log::{self, Action};
use provost_store::directory::{self, Change, Object};
use provost_store::provider::Provider;
use provost_store::takeover::{self, State};
use provost_store::{Db, audit, member};
use serde_json::json;

async fn ask(db: &Db, provider: &Provider, person: &Object, now: i64) -> State {
    let (provider, person) = (provider.clone(), person.clone());
    db.write(move |tx| takeover::ask(tx, &provider, &person, now))
        .await
        .unwrap()
}

both! {
    async fn an_approved_request_moves_the_person_with_everything_that_hangs_on_them(fresh) {
        let entra = provider_named(&fresh.db, "Contoso", "Entra").await;
        let okta = provider_named(&fresh.db, "Contoso", "Okta").await;
        let (old, new, workspace) = (entra.owner(), okta.owner(), entra.workspace);
        let ann = create(&fresh.db, old, Kind::Person, document(json!({"userName": "ann", "externalId": "E1", "active": true}))).await.unwrap();
        let sales = create(&fresh.db, old, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let (g, pair) = (sales.clone(), [member::Joining::from(&ann)]);
        fresh.db.write(move |tx| member::add(tx, &change(old, 1_100), &g, &pair)).await.unwrap();
        assert_eq!((ask(&fresh.db, &okta, &ann, 2_000).await, ask(&fresh.db, &okta, &ann, 2_100).await), (State::Pending, State::Pending));
        let waiting = read(&fresh.db, move |tx| takeover::pending(tx, workspace)).await;
        assert_eq!(waiting.len(), 1);
        assert_eq!((waiting[0].provider_name.as_str(), waiting[0].label.as_str(), waiting[0].times, waiting[0].asked), ("Okta", "ann", 2, 2_100));
        let key = waiting[0].key;
        let moved = fresh.db.write(move |tx| takeover::approve(tx, "owner", 3_000, key)).await.unwrap();
        assert_eq!((moved.id, moved.key, moved.owner, moved.version), (ann.id, ann.key, new.key, ann.version + 1));
        let id = ann.id;
        assert_eq!(read(&fresh.db, move |tx| directory::get(tx, old, Kind::Person, id)).await, None);
        assert_eq!(read(&fresh.db, move |tx| directory::get(tx, new, Kind::Person, id)).await, Some(moved.clone()));
        // What the old provider called the person means nothing to the new one.
        assert!(!moved.document.contains("E1"), "{}", moved.document);
        assert!(read(&fresh.db, move |tx| directory::find(tx, workspace, "E1")).await.is_empty());
        let group = sales.key;
        assert!(read(&fresh.db, move |tx| member::keys(tx, group)).await.is_empty());
        let log = read(&fresh.db, move |tx| change_log::since(tx, workspace, 0, 20)).await;
        let tail: Vec<_> = log.iter().skip(3).map(|e| (e.action, e.object, e.member)).collect();
        assert_eq!(tail, [(Action::RemoveMember, sales.key, ann.key), (Action::Update, ann.key, 0)]);
        let rows = read(&fresh.db, move |tx| audit::latest(tx, workspace, 10)).await;
        let row = rows.iter().find(|r| r.action == "person.takeover").unwrap();
        assert_eq!((row.detail.as_str(), row.actor.as_str()), ("from provider Entra to provider Okta", "owner"));
        assert_eq!(rows.iter().filter(|r| r.action == "person.takeover_ask").count(), 1, "asking again is counted, not repeated");
        // The counters have moved along.
        let total = |owner| async move {
            let query = crate::query::Query::of(owner, provost_store::query::Kinds::One(Kind::Person), "");
            query.page(&fresh.db, provost_store::query::Window::Index { start: 1, count: 0 }).await.unwrap().total
        };
        assert_eq!((total(old).await, total(new).await), (Some(0), Some(1)));
        // Decided once and for all.
        let again = fresh.db.write(move |tx| takeover::approve(tx, "owner", 3_100, key)).await.unwrap_err();
        assert_eq!(again.code(), Some("PRV-TAKEOVER-DECIDED"));
        assert!(read(&fresh.db, move |tx| takeover::pending(tx, workspace)).await.is_empty());
    }

    async fn a_denied_request_stays_denied_and_can_still_be_approved(fresh) {
        let old = entra(&fresh.db).await;
        let okta = provider_named(&fresh.db, "Contoso", "Okta").await;
        let ann = create(&fresh.db, old, Kind::Person, person("ann")).await.unwrap();
        ask(&fresh.db, &okta, &ann, 2_000).await;
        let workspace = old.workspace;
        let key = read(&fresh.db, move |tx| takeover::pending(tx, workspace)).await[0].key;
        fresh.db.write(move |tx| takeover::deny(tx, "owner", 3_000, key)).await.unwrap();
        assert_eq!(ask(&fresh.db, &okta, &ann, 4_000).await, State::Denied);
        assert!(read(&fresh.db, move |tx| takeover::pending(tx, workspace)).await.is_empty());
        let request = read(&fresh.db, move |tx| takeover::get(tx, key)).await.unwrap();
        assert_eq!((request.times, request.state, request.decided_by.as_deref()), (2, State::Denied, Some("owner")));
        assert!(fresh.db.write(move |tx| takeover::deny(tx, "owner", 5_000, key)).await.is_err());
        let moved = fresh.db.write(move |tx| takeover::approve(tx, "owner", 6_000, key)).await.unwrap();
        assert_eq!(moved.owner, okta.key);
    }

    async fn who_is_gone_cannot_be_approved(fresh) {
        let old = entra(&fresh.db).await;
        let okta = provider_named(&fresh.db, "Contoso", "Okta").await;
        let ann = create(&fresh.db, old, Kind::Person, person("ann")).await.unwrap();
        ask(&fresh.db, &okta, &ann, 2_000).await;
        fresh.db.write(move |tx| directory::delete(tx, &change(old, 2_500), &ann)).await.unwrap();
        let workspace = old.workspace;
        let key = read(&fresh.db, move |tx| takeover::pending(tx, workspace)).await[0].key;
        let refused = fresh.db.write(move |tx| takeover::approve(tx, "owner", 3_000, key)).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-PERSON-GONE"));
        fresh.db.write(move |tx| takeover::deny(tx, "owner", 3_100, key)).await.unwrap();
    }

    async fn a_rule_may_move_people_at_once_and_settles_what_was_asked(fresh) {
        let old = entra(&fresh.db).await;
        let okta = provider_named(&fresh.db, "Contoso", "Okta").await;
        let (new, workspace) = (okta.owner(), old.workspace);
        let ann = create(&fresh.db, old, Kind::Person, person("ann")).await.unwrap();
        ask(&fresh.db, &okta, &ann, 2_000).await;
        let person = ann.clone();
        let now = Change { owner: new, actor: "provider Okta", now: 3_000 };
        let moved = fresh.db.write(move |tx| takeover::apply(tx, &now, &person)).await.unwrap();
        assert_eq!(moved.owner, new.key);
        assert!(read(&fresh.db, move |tx| takeover::pending(tx, workspace)).await.is_empty());
        // Again is nothing.
        let same = moved.clone();
        assert_eq!(fresh.db.write(move |tx| takeover::apply(tx, &now, &same)).await, Ok(moved));
        // Groups stay, and so do people of other workspaces.
        let group = create(&fresh.db, old, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let far = provider_named(&fresh.db, "Contoso Lab", "Entra").await.owner();
        let stranger = create(&fresh.db, far, Kind::Person, crate::harness::person("eve")).await.unwrap();
        for object in [group, stranger] {
            let refused = fresh.db.write(move |tx| takeover::apply(tx, &now, &object)).await.unwrap_err();
            assert_eq!(refused.code(), Some("PRV-TAKEOVER-KIND"));
        }
    }

    async fn the_holder_of_a_name_is_found_whatever_the_owner(fresh) {
        let old = entra(&fresh.db).await;
        let ann = create(&fresh.db, old, Kind::Person, person("Ann")).await.unwrap();
        let workspace = old.workspace;
        let holder = |space: i64, kind, name: &'static str| { let db = fresh.db.clone(); async move { read(&db, move |tx| directory::holder(tx, space, kind, name)).await } };
        assert_eq!(holder(workspace, Kind::Person, "aNN").await, Some(ann));
        assert_eq!(holder(workspace, Kind::Group, "ann").await, None);
        let far = provider_named(&fresh.db, "Contoso Lab", "Entra").await.workspace;
        assert_eq!(holder(far, Kind::Person, "ann").await, None);
        assert_eq!(fresh.db.read(move |tx| takeover::get(tx, 1)).await, Ok(None));
    }
}
