use crate::harness::{audited, both, provider_named, read, write};
use provost_store::import_run::{self, Ending};
use provost_store::source_record::{self, Counts, SourceRecord, State};
use provost_store::{Tx, source};
use serde_json::json;

fn record(provider: i64, anchor: &str, run: i64) -> SourceRecord {
    SourceRecord {
        provider,
        anchor: anchor.into(),
        document: json!({"id": anchor}).to_string(),
        object: 9,
        state: State::Present,
        run,
        due: 0,
        error: String::new(),
        modified: 1,
    }
}

fn anchors(records: &[SourceRecord]) -> Vec<&str> {
    records.iter().map(|one| one.anchor.as_str()).collect()
}

both! {
    async fn a_source_is_saved_and_removed(fresh) {
        let (db, p) = (&fresh.db, provider_named(&fresh.db, "Contoso", "HR").await);
        let (key, space) = (p.key, p.workspace);
        assert_eq!(read(db, move |tx| source::get(tx, key)).await, None);
        let one = p.clone();
        write(db, move |tx| source::put(tx, "owner", 5, &one, &json!({"anchor": "id"}))).await;
        assert_eq!(read(db, move |tx| Ok((source::get(tx, key)?, source::providers(tx)?))).await, (Some(json!({"anchor": "id"})), vec![key]));
        assert!(write(db, move |tx| source::remove(tx, "owner", 6, &p)).await);
        assert_eq!(audited(db, space, 2).await, ["source.remove", "source.save"]);
    }

    async fn who_is_absent_is_known_after_a_run(fresh) {
        let seen = write(&fresh.db, |tx| {
            source_record::put_all(tx, &["a", "b", "c", "d"].map(|anchor| record(5, anchor, 1)))?;
            source_record::put(tx, &record(6, "a", 1))?;
            source_record::touch_all(tx, 5, 2, &["b"])?;
            source_record::put(tx, &SourceRecord { state: State::Absent, ..record(5, "d", 1) })?;
            let first = source_record::absent_since(tx, 5, 2, "", 1)?;
            let rest = source_record::absent_since(tx, 5, 2, "a", 9)?;
            source_record::put(tx, &SourceRecord { state: State::Failed, error: "no name".into(), ..record(5, "c", 2) })?;
            Ok((first, rest, source_record::counts(tx, 5)?, source_record::count(tx, 5)?, source_record::list(tx, 5, "b", 1)?,
                source_record::by_object(tx, 9)?.len(), source_record::remove(tx, 5, "d")?, source_record::remove(tx, 5, "d")?))
        }).await;
        assert_eq!((anchors(&seen.0), anchors(&seen.1)), (vec!["a"], vec!["c"]));
        assert_eq!((seen.2, seen.3), (Counts { present: 2, absent: 1, failed: 1 }, 3));
        assert_eq!((anchors(&seen.4), seen.5, seen.6, seen.7), (vec!["c"], 5, true, false));
    }

    async fn records_are_looked_at_when_their_time_comes(fresh) {
        let seen = write(&fresh.db, |tx| {
            source_record::put_all(tx, &[SourceRecord { due: 50, ..record(5, "a", 1) }, SourceRecord { due: 40, ..record(6, "b", 1) }])?;
            source_record::receive(tx, 5, "a", "{}", 3, 60)?;
            source_record::receive(tx, 5, "n", "{}", 3, 60)?;
            let (early, due) = (source_record::due(tx, 39, 9)?, source_record::due(tx, 60, 9)?);
            let waiting = source_record::waiting_in(tx, 5, 3, 60)?;
            let next = source_record::next_due(tx)?;
            source_record::put(tx, &record(6, "b", 1))?;
            source_record::wake(tx, 6, 70)?;
            let found = source_record::get_all(tx, 5, &["a", "n", "x"])?;
            Ok((early, due, waiting, next, source_record::due(tx, 70, 9)?.len(), found["a"].object, found["n"].object, found.len()))
        }).await;
        assert_eq!((anchors(&seen.0), seen.1[0].anchor.as_str(), seen.1.len()), (vec![], "b", 3));
        assert_eq!((seen.2, seen.3, seen.4), (2, Some(40), 3));
        assert_eq!((seen.5, seen.6, seen.7), (9, 0, 2), "whom a record made stays its own");
    }

    async fn a_run_ends_is_held_or_was_cut_short(fresh) {
        let (db, p) = (&fresh.db, provider_named(&fresh.db, "Contoso", "HR").await);
        let (key, space) = (p.key, p.workspace);
        let seen = write(db, move |tx: &mut Tx| {
            let none = json!({});
            let received = import_run::begin(tx, "hr", 1, &p, import_run::RECEIVED, &none)?;
            let cut = import_run::begin(tx, "hr", 2, &p, "full", &none)?;
            let held = import_run::begin(tx, "hr", 3, &p, "full", &none)?;
            import_run::abandon(tx, 4, key, held)?;
            import_run::note(tx, received, &json!({"created": 1}))?;
            let counts = json!({"absent": 9});
            let ending = Ending { state: import_run::State::Held, counts: &counts, digest: "d", action: "import.end" };
            import_run::settle(tx, "hr", 5, &p, held, &ending)?;
            let stands = import_run::get(tx, held)?.unwrap();
            let unfinished = import_run::unfinished(tx)?;
            let forgotten = import_run::forget(tx, 100, 9)?;
            import_run::supersede(tx, key, held + 1)?;
            let left = import_run::list(tx, key, None, 9)?;
            Ok((received, cut, stands, unfinished, forgotten, left))
        }).await;
        let (received, cut, stands, unfinished, forgotten, left) = seen;
        assert_eq!((stands.state, stands.digest.as_str(), stands.finished, stands.counts["absent"].as_i64()),
            (import_run::State::Held, "d", Some(5), Some(9)));
        assert_eq!(unfinished.iter().map(|r| (r.key, r.counts["created"].as_i64())).collect::<Vec<_>>(), [(received, Some(1))]);
        assert_eq!(forgotten, 1, "the one that was cut short, {cut}");
        assert_eq!(left.iter().map(|r| r.state).collect::<Vec<_>>(), [import_run::State::Superseded, import_run::State::Running]);
        assert_eq!(audited(db, space, 1).await, ["import.end"]);
    }
}
