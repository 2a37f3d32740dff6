use crate::harness::{app, both, entra, read, write};
use provost_store::provisioning_log::{self, Entry};
use provost_store::retention::{self, Retention};
use provost_store::{drift, notice, plan, setting};
use serde_json::json;
use uuid::Uuid;

const DAY: i64 = 86_400_000;

both! {
    async fn what_is_past_its_time_goes_and_what_waits_stays(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let (space, key) = (owner.workspace, c.key);
        let now = 200 * DAY;
        write(db, move |tx| {
            let lines: Vec<Entry> = (0..200).map(|day| Entry { at: day * DAY, connection: key, ..Entry::default() }).collect();
            provisioning_log::append_all(tx, space, &lines)?;
            let value = json!("x");
            for (made, is_over) in [(1, true), (2, false), (199, true)] {
                let new = plan::NewPlan { id: Uuid::now_v7(), mode: "initial", approval: false, digest: "d", watermark: 0, scope: &value, counts: &value };
                let kept = plan::create(tx, "ann", made * DAY, &c, &new)?;
                let step = plan::PlanStep { rule: people, kind: provost_engine::object::Kind::Person, object: 1, member: 0, action: "update".into(),
                    label: "Ann".into(), held: false, changes: vec![] };
                plan::append_steps(tx, kept, 0, &vec![step; 3])?;
                if is_over {
                    let plan = plan::by_key(tx, kept)?.unwrap();
                    plan::set_applied(tx, "ann", made * DAY, &plan, 1)?;
                }
            }
            for (object, seen) in [(1, 100), (2, 199)] {
                drift::see(tx, seen * DAY, &[drift::Seen { rule: people, object, attribute: "title", label: "", expected: &value, found: &value }])?;
                drift::repaired(tx, seen * DAY, people, object, None)?;
            }
            drift::see(tx, DAY, &[drift::Seen { rule: people, object: 3, attribute: "title", label: "", expected: &value, found: &value }])?;
            for cause in ["old", "standing"] {
                notice::raise(tx, DAY, DAY, &notice::New { workspace: space, connection: key, cause, subject: "", body: "" })?;
            }
            notice::over(tx, space, key, "old").map(drop)
        }).await;
        let swept = write(db, move |tx| retention::sweep(tx, now, 50)).await;
        assert_eq!((swept.log_lines, swept.plans, swept.drift, swept.notices), (50, 4, 1, 1));
        assert!(swept.is_cut(50) && !swept.is_cut(51));
        let swept = write(db, move |tx| retention::sweep(tx, now, 1_000)).await;
        assert_eq!((swept.log_lines, swept.plans, swept.drift, swept.notices), (60, 0, 0, 0));
        write(db, move |tx| setting::put(tx, "owner", now, space, retention::SETTING, &json!({"provisioning_log_days": 0}))).await;
        assert_eq!(read(db, move |tx| Retention::of(tx, space)).await.provisioning_log_days, 2, "the guard needs a day");
        assert_eq!(write(db, move |tx| retention::sweep(tx, now, 1_000)).await.log_lines, 88);
        assert_eq!(read(db, move |tx| provisioning_log::of_connection(tx, key, 9)).await.len(), 2);
    }
}
