use crate::harness::{app, both, entra};
use provost_store::connection::{self, Condition, State};
use provost_store::{Error, lease, link, reference, staged};
use serde_json::json;
use uuid::Uuid;

both! {
    async fn a_lease_has_one_holder_and_a_rising_epoch(fresh) {
        let owner = entra(&fresh.db).await;
        let key = app(&fresh.db, owner.workspace).await.0.key;
        let take = |holder: &'static str, now: i64| fresh.db.write(move |tx| lease::take(tx, key, holder, now, now + 100, &|name| name == "killed"));
        let first = take("a", 0).await.unwrap().unwrap();
        assert_eq!(take("b", 50).await, Ok(None), "it has not run out");
        let second = take("b", 150).await.unwrap().unwrap();
        assert_eq!((first.epoch, second.epoch), (1, 2));
        let lost = fresh.db.write(move |tx| lease::extend(tx, first, 500)).await;
        assert_eq!(lost, Err(Error::LeaseLost { held: 1, current: 2 }));
        fresh.db.write(move |tx| lease::release(tx, second)).await.unwrap();
        assert_eq!(take("killed", 151).await.unwrap().unwrap().epoch, 3);
        assert_eq!(take("d", 152).await.unwrap().unwrap().epoch, 4, "nobody waits for a holder that is gone");
    }

    async fn links_remember_what_was_written(fresh) {
        let id = Uuid::now_v7();
        let kept = link::Link {
            rule: 5, object: 9, object_id: id, target_id: "T1".into(), label: "Ann".into(),
            written: [("displayName".to_owned(), json!("Ann")), ("phones".to_owned(), json!(["1"]))].into(),
            ..link::Link::default()
        };
        let kept = link::Link { hash: provost_engine::diff::hash(&kept.written), ..kept };
        let l = kept.clone();
        fresh.db.write(move |tx| {
            link::put(tx, 1, &l)?;
            link::add_member(tx, 5, 9, 77)?;
            link::add_member(tx, 5, 9, 77)
        }).await.unwrap();
        assert_eq!(fresh.db.read(|tx| link::get(tx, 5, 9)).await, Ok(Some(kept.clone())));
        assert_eq!(fresh.db.read(move |tx| link::by_object_id(tx, id)).await, Ok(vec![kept.clone()]));
        assert_eq!(fresh.db.read(|tx| link::orphans(tx, 5)).await, Ok(vec![9]), "nobody has key 9");
        assert_eq!(fresh.db.read(|tx| link::members(tx, 5, 9)).await, Ok(vec![77]));
        let twin = link::Link { object: 10, ..kept.clone() };
        assert_eq!(fresh.db.write(move |tx| link::put(tx, 2, &twin)).await, Err(Error::Conflict), "one account, one person");
        fresh.db.write(|tx| link::remove(tx, 5, 9)).await.unwrap();
        assert_eq!(fresh.db.read(|tx| Ok::<_, Error>((link::count(tx, 5)?, link::members(tx, 5, 9)?))).await, Ok((0, vec![])));
    }

    async fn a_reference_waits_until_its_other_end_is_linked_and_again_when_that_is_another_account(fresh) {
        let owner = entra(&fresh.db).await;
        let (c, people, _) = app(&fresh.db, owner.workspace).await;
        let boss = Uuid::now_v7();
        let account = move |id: &str| link::Link { rule: people, object: 3, object_id: boss, target_id: id.into(), label: "Boss".into(), ..link::Link::default() };
        let ready = |id: &str| vec![reference::Ready { object: 9, attribute: "manager".into(), wanted: boss, target_id: Some(id.into()) }];
        let first = fresh.db.write(move |tx| {
            reference::wait_for(tx, people, 9, "manager", boss)?;
            let before = reference::ready(tx, people, 10)?;
            link::put(tx, 1, &account("B"))?;
            Ok::<_, Error>((before, reference::ready(tx, people, 10)?, reference::waiting(tx, people)?))
        }).await.unwrap();
        assert_eq!(first, (vec![], ready("B"), 1));
        let second = fresh.db.write(move |tx| {
            reference::keep(tx, people, 9, "manager")?;
            let kept = reference::waiting(tx, people)?;
            link::put(tx, 2, &account("C"))?;
            reference::renew(tx, c.key + 1, &[boss])?;
            let elsewhere = reference::waiting(tx, people)?;
            reference::renew(tx, c.key, &[boss])?;
            Ok::<_, Error>((kept, elsewhere, reference::ready(tx, people, 10)?, reference::waits_for(tx, people, 9, "manager")?))
        }).await.unwrap();
        assert_eq!(second, (0, 0, ready("C"), Some(boss)));
        let third = fresh.db.write(move |tx| {
            reference::forget(tx, people, 9)?;
            reference::waiting(tx, people)
        }).await.unwrap();
        assert_eq!(third, 0);
    }

    async fn an_approval_belongs_to_one_plan(fresh) {
        let owner = entra(&fresh.db).await;
        let c = app(&fresh.db, owner.workspace).await.0;
        let step = |digest: &str| staged::StagedStep {
            key: 0, rule: 5, object: 9, member: 0, action: "delete".into(), label: "Ann".into(), digest: digest.into(),
            decision: staged::Decision::Pending, created: 0,
        };
        let (one, two) = (step("d1"), step("d2"));
        let seen = fresh.db.write(move |tx| {
            staged::put(tx, c.key, 1, &one)?;
            let other = staged::decide(tx, "owner", 2, &c, "other plan", staged::Decision::Approved)?;
            let done = staged::decide(tx, "owner", 2, &c, "d1", staged::Decision::Approved)?;
            staged::put(tx, c.key, 3, &one)?;
            let same = staged::decision(tx, c.key, &one)?;
            staged::put(tx, c.key, 4, &two)?;
            Ok::<_, Error>((other, done, same.unwrap().0, staged::decision(tx, c.key, &two)?.unwrap().0))
        }).await.unwrap();
        assert_eq!(seen, (0, 1, staged::Decision::Approved, staged::Decision::Pending));
    }

    async fn a_state_has_its_reason_and_its_audit_row(fresh) {
        let owner = entra(&fresh.db).await;
        let c = app(&fresh.db, owner.workspace).await.0;
        let (key, workspace) = (c.key, owner.workspace);
        fresh.db.write(move |tx| {
            let held = Condition { state: State::Held, reason: "60 of 200 people".into(), code: "PRV-HELD".into(), ..Condition::default() };
            connection::set_state(tx, "guard", 5, &c, &held)?;
            assert!(!connection::advance(tx, key, 7, 9)?, "it does not stand at 7");
            assert!(connection::advance(tx, key, -1, 41)?);
            connection::set_watermark(tx, key, 42)
        }).await.unwrap();
        let now = fresh.db.read(move |tx| connection::by_name(tx, workspace, "App")).await.unwrap().unwrap();
        assert_eq!((now.state, now.reason.as_str(), now.code.as_str()), (State::Held, "60 of 200 people", "PRV-HELD"));
        assert_eq!((now.watermark, now.since), (42, 5));
        let last = fresh.db.read(move |tx| provost_store::audit::latest(tx, workspace, 1)).await.unwrap();
        assert_eq!((last[0].action.as_str(), last[0].subject.as_str()), ("connection.held", "App"));
    }
}
