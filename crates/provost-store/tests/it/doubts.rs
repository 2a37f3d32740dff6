//! Objects that a person has to decide about.

use crate::harness::{app, audited, both, entra, read, write};
use provost_store::connection::Connection;
use provost_store::doubt::{self, Candidate, Counts, Decision, Found};
use provost_store::{Db, link, revisit};

fn candidate(target_id: &str, linked_to: &str) -> Candidate {
    Candidate {
        target_id: target_id.into(),
        label: format!("Account {target_id}"),
        matched_by: "mail".into(),
        linked_to: linked_to.into(),
        ..Candidate::default()
    }
}

/// Finds objects doubtful for a reason, with these candidates.
async fn find(
    db: &Db,
    connection: i64,
    rule: i64,
    objects: Vec<i64>,
    code: &'static str,
    ids: Vec<Candidate>,
) {
    write(db, move |tx| {
        let found = |object: &i64| Found {
            rule,
            object: *object,
            label: "Ann",
            code,
            reason: "two accounts have the same mail",
            candidates: &ids,
        };
        doubt::put(tx, 9, connection, &objects.iter().map(found).collect::<Vec<_>>())
    })
    .await;
}

async fn decide(
    db: &Db,
    c: &Connection,
    key: i64,
    decision: Decision,
    target: &'static str,
) -> Result<bool, Option<&'static str>> {
    let c = c.clone();
    let done = db
        .write(move |tx| doubt::decide(tx, "owner", 20, &c, key, decision, target))
        .await;
    done.map_err(|e| e.code())
}

both! {
    async fn a_decision_is_audited_looked_at_and_kept_while_the_doubt_is_the_same(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let key = c.key;
        let two = || vec![candidate("T1", ""), candidate("T2", "")];
        find(db, key, people, vec![5, 6, 7], "PRV-MATCH-SEVERAL", two()).await;
        let open = read(db, move |tx| doubt::list(tx, key, true, 0, 9)).await;
        assert_eq!(open.iter().map(|one| one.object).collect::<Vec<_>>(), [5, 6, 7]);
        assert_eq!((open[0].candidates.clone(), open[0].decision, open[0].created), (two(), None, 9));
        let first = open[0].key;
        assert_eq!(decide(db, &c, first, Decision::Link, "T2").await, Ok(true));
        assert_eq!(decide(db, &c, open[1].key, Decision::Skip, "T2").await, Ok(true));
        assert_eq!(audited(db, owner.workspace, 2).await, ["doubt.skip", "doubt.link"]);
        assert_eq!(read(db, move |tx| revisit::due(tx, key, 20, 9)).await, [(5, 0), (6, 0)]);
        let of = |object| read(db, move |tx| Ok(doubt::decision_of(tx, people, object)?.map(|d| (d.decision, d.target_id, d.actor))));
        assert_eq!(of(5).await, Some((Decision::Link, "T2".to_owned(), "owner".to_owned())));
        assert_eq!(of(6).await, Some((Decision::Skip, String::new(), "owner".to_owned())), "nothing is chosen by a skip");
        assert_eq!(of(7).await, None);
        assert_eq!(read(db, move |tx| doubt::counts(tx, key)).await, Counts { open: 1, decided: 2 });
        find(db, key, people, vec![5], "PRV-MATCH-SEVERAL", two()).await;
        assert!(of(5).await.is_some(), "found again, it is the same");
        find(db, key, people, vec![5], "PRV-MATCH-SEVERAL", vec![candidate("T1", ""), candidate("T3", "")]).await;
        assert_eq!(of(5).await, None, "other candidates need another decision");
        let again = read(db, move |tx| doubt::of(tx, people, 5)).await.unwrap();
        assert_eq!((again.key, again.target_id.as_str(), again.decided), (first, "", 0));
        find(db, key, people, vec![6], "PRV-MATCH-WEAK", two()).await;
        assert_eq!(of(6).await, None, "another reason too");
    }

    async fn a_decision_needs_a_candidate_of_its_own(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let key = c.key;
        find(db, key, people, vec![5], "PRV-MATCH-SEVERAL", vec![candidate("T1", ""), candidate("T2", "somebody")]).await;
        let one = read(db, move |tx| doubt::list(tx, key, true, 0, 9)).await.remove(0);
        assert_eq!(decide(db, &c, one.key, Decision::Link, "T9").await, Err(Some("PRV-DOUBT-CANDIDATE")));
        assert_eq!(decide(db, &c, one.key, Decision::Merge, "").await, Err(Some("PRV-DOUBT-CANDIDATE")));
        assert_eq!(decide(db, &c, one.key, Decision::Link, "T2").await, Err(Some("PRV-DOUBT-TAKEN")));
        assert_eq!(decide(db, &c, one.key, Decision::Create, "").await, Ok(true));
        let elsewhere = Connection { key: key + 1, ..c.clone() };
        assert_eq!(decide(db, &elsewhere, one.key, Decision::Create, "").await, Ok(false), "another connection's doubt");
        let kept = read(db, move |tx| doubt::get(tx, key, one.key)).await.unwrap();
        assert_eq!((kept.decision, kept.decided, kept.actor.as_str()), (Some(Decision::Create), 20, "owner"));
        write(db, move |tx| doubt::clear(tx, people, 5)).await;
        assert_eq!(read(db, move |tx| doubt::counts(tx, key)).await, Counts::default());
    }

    async fn doubts_are_paged_bounded_and_end_with_a_new_link(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let key = c.key;
        let many = (0..30).map(|i| candidate(&format!("T{i}"), "")).collect();
        find(db, key, people, (1..=700).collect(), "PRV-MATCH-SEVERAL", many).await;
        let (mut after, mut seen) = (0, 0);
        loop {
            let page = read(db, move |tx| doubt::list(tx, key, false, after, 300)).await;
            let Some(last) = page.last() else { break };
            assert_eq!(last.candidates.len(), 20);
            (after, seen) = (last.key, seen + page.len());
        }
        assert_eq!(seen, 700);
        let ann = crate::harness::create(db, owner, provost_engine::object::Kind::Person, crate::harness::person("ann@contoso.example")).await.unwrap();
        find(db, key, people, vec![ann.key], "PRV-MATCH-WEAK", vec![candidate("T1", "")]).await;
        let ann_key = ann.key;
        write(db, move |tx| {
            let to = link::Relink { rule: people, object: &ann, target_id: "T1" };
            link::relink(tx, "owner", 30, &c, &to)
        }).await;
        assert_eq!(read(db, move |tx| doubt::of_object(tx, ann_key)).await, []);
        assert_eq!(read(db, move |tx| link::target_of_key(tx, key, ann_key)).await, Some("T1".to_owned()));
    }
}
