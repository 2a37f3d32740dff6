use crate::harness::{app, audited, both, entra, read, write};
use provost_engine::object::Kind;
use provost_store::connection::Connection;
use provost_store::plan::{self, Change, NewPlan, PlanStep, State};
use provost_store::{Db, Error};
use serde_json::json;
use uuid::Uuid;

async fn make(db: &Db, c: &Connection, approval: bool) -> plan::Plan {
    let (c, id) = (c.clone(), Uuid::now_v7());
    write(db, move |tx| {
        let (scope, counts) = (json!({"all": true}), json!({"people": {"update": 1}}));
        let new = NewPlan {
            id,
            mode: "incremental",
            approval,
            digest: "d1",
            watermark: 42,
            scope: &scope,
            counts: &counts,
        };
        plan::create(tx, "ann", 5, &c, &new)?;
        Ok(plan::get(tx, c.workspace, id)?.unwrap())
    })
    .await
}

async fn decide(db: &Db, key: i64, actor: &'static str, approve: bool) -> Result<(), Error> {
    db.write(move |tx| plan::decide(tx, actor, 9, key, approve, "looked at"))
        .await
}

fn step(object: i64) -> PlanStep {
    PlanStep {
        rule: 5,
        kind: Kind::Person,
        object,
        member: 0,
        action: "update".into(),
        label: format!("Person {object}"),
        held: object % 2 == 0,
        changes: vec![Change {
            attribute: "title".into(),
            before: json!(null),
            after: json!("Boss"),
        }],
    }
}

both! {
    async fn a_plan_is_kept_with_its_steps(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let made = make(db, &c, false).await;
        assert_eq!((made.state, made.digest.as_str(), made.watermark, made.created_by.as_str()), (State::Open, "d1", 42, "ann"));
        assert_eq!((&made.counts, made.is_ready()), (&json!({"people": {"update": 1}}), true));
        let key = made.key;
        let steps: Vec<PlanStep> = (0..700).map(step).collect();
        let all = steps.clone();
        write(db, move |tx| {
            plan::append_steps(tx, key, 0, &all[..600])?;
            plan::append_steps(tx, key, 600, &all[600..])
        }).await;
        let (mut after, mut found) = (-1, Vec::new());
        loop {
            let page = read(db, move |tx| plan::steps(tx, key, after, 250)).await;
            let Some(last) = page.last() else { break };
            after = last.0;
            found.extend(page.into_iter().map(|(_, step)| step));
        }
        assert_eq!(found, steps);
        assert_eq!(read(db, move |tx| plan::count_steps(tx, key)).await, 700);
        let (other, id) = (owner.workspace + 1, made.id);
        assert_eq!(read(db, move |tx| plan::get(tx, other, id)).await, None, "another workspace's");
    }

    async fn a_second_person_approves(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let made = make(db, &c, true).await;
        assert!(!made.is_ready());
        let refused = decide(db, made.key, "ann", true).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-PLAN-SAME-PERSON"));
        decide(db, made.key, "bob", true).await.unwrap();
        let key = made.key;
        let approved = read(db, move |tx| plan::by_key(tx, key)).await.unwrap();
        assert_eq!((approved.state, approved.decided_by.as_deref(), approved.is_ready()), (State::Approved, Some("bob"), true));
        assert_eq!(decide(db, key, "cem", true).await.unwrap_err().code(), Some("PRV-PLAN-DECIDED"));
        decide(db, key, "ann", false).await.unwrap();
        assert_eq!(decide(db, key, "bob", true).await.unwrap_err().code(), Some("PRV-PLAN-DECIDED"));
        assert_eq!(audited(db, owner.workspace, 3).await, ["plan.reject", "plan.approve", "plan.create"]);
        // Who made a plan that needs nobody else may say yes to it.
        let own = make(db, &c, false).await;
        decide(db, own.key, "ann", true).await.unwrap();
    }

    async fn a_plan_is_sealed_once_and_only_while_it_is_open(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let connection = c.key;
        let begin = move |tx: &mut provost_store::Tx| {
            let (scope, counts) = (json!({}), json!({}));
            let new = NewPlan {
                id: Uuid::now_v7(),
                mode: "initial",
                approval: false,
                digest: "",
                watermark: 0,
                scope: &scope,
                counts: &counts,
            };
            plan::create(tx, "ann", 5, &c, &new)
        };
        let first = write(db, begin.clone()).await;
        let sealed = write(db, move |tx| Ok((plan::seal(tx, first, "d1")?, plan::seal(tx, first, "d2")?))).await;
        assert_eq!(sealed, (true, false));
        assert_eq!(read(db, move |tx| plan::by_key(tx, first)).await.unwrap().digest, "d1");
        let late = write(db, begin).await;
        let sealed = write(db, move |tx| {
            plan::supersede(tx, 6, connection)?;
            plan::seal(tx, late, "d3")
        }).await;
        assert!(!sealed, "a newer plan came first");
    }

    async fn a_plan_is_applied_once_moved_or_superseded(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let (one, two, three) = (make(db, &c, false).await, make(db, &c, false).await, make(db, &c, true).await);
        let keys = (one.key, two.key, three.key);
        let connection = c.key;
        assert_eq!(read(db, move |tx| plan::waiting(tx, connection)).await.map(|p| p.key), Some(keys.2));
        let done = write(db, move |tx| Ok((
            plan::set_applied(tx, "ann", 7, &one, 99)?,
            plan::set_applied(tx, "ann", 7, &one, 99)?,
            plan::set_moved(tx, "provost", 8, &two, "2 people changed")?,
            plan::supersede(tx, 9, connection)?,
        ))).await;
        assert_eq!(done, (true, false, true, 1));
        let list = read(db, move |tx| plan::list(tx, connection, None, 9)).await;
        let states: Vec<_> = list.iter().map(|p| (p.key, p.state)).collect();
        assert_eq!(states, [(keys.2, State::Superseded), (keys.1, State::Moved), (keys.0, State::Applied)]);
        assert_eq!((list[2].cycle, list[2].applied, list[1].reason.as_str()), (Some(99), Some(7), "2 people changed"));
        let older = read(db, move |tx| plan::list(tx, connection, Some(keys.2), 1)).await;
        assert_eq!((older.len(), older[0].key), (1, keys.1));
        assert_eq!(read(db, move |tx| plan::waiting(tx, connection)).await, None);
        assert_eq!(audited(db, owner.workspace, 2).await, ["plan.moved", "plan.apply"]);
    }
}
