//! How far objects are synchronised: the numbers add up whatever happens, and each opens its list.

use crate::harness::{app, audited, both, create, entra, person, read, write};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use provost_engine::object::Kind;
use provost_store::link::{self, Link};
use provost_store::sync_status::{self, Asked, Counts, Entry, State};
use provost_store::{Db, Error, Tx};
use std::collections::BTreeMap;
use uuid::Uuid;

fn entry(rule: i64, object: i64, state: State) -> Entry {
    Entry {
        rule,
        object,
        state,
        code: "PRV-X".into(),
        reason: "because".into(),
        since: 0,
    }
}

fn linked(rule: i64, object: i64) -> Link {
    Link {
        rule,
        object,
        object_id: Uuid::now_v7(),
        target_id: format!("T{object}"),
        label: format!("Person {object}"),
        ..Link::default()
    }
}

/// What can happen to objects of a rule.
#[derive(Debug, Clone)]
enum Event {
    Put(Vec<i64>, State),
    Clear(Vec<i64>),
    Link(i64),
    Unlink(i64),
    Forget,
}

fn any_event() -> impl Strategy<Value = Event> {
    let objects = || prop::collection::btree_set(1_i64..40, 0..12).prop_map(|set| set.into_iter().collect());
    let state = prop::sample::select(State::ALL.to_vec());
    prop_oneof![
        4 => (objects(), state).prop_map(|(objects, state)| Event::Put(objects, state)),
        3 => objects().prop_map(Event::Clear),
        4 => (1_i64..40).prop_map(Event::Link),
        2 => (1_i64..40).prop_map(Event::Unlink),
        1 => Just(Event::Forget),
    ]
}

/// The same in memory: whether each object is linked, and its state.
type Model = BTreeMap<i64, (bool, Option<State>)>;

fn happen(tx: &mut Tx, model: &mut Model, rule: i64, event: &Event) -> Result<(), Error> {
    match event {
        Event::Put(objects, state) => {
            let entries: Vec<Entry> = objects
                .iter()
                .map(|object| entry(rule, *object, *state))
                .collect();
            objects
                .iter()
                .for_each(|o| model.entry(*o).or_default().1 = Some(*state));
            sync_status::put(tx, 1, &entries)
        }
        Event::Clear(objects) => {
            objects.iter().for_each(|o| model.entry(*o).or_default().1 = None);
            sync_status::clear(tx, rule, objects)
        }
        Event::Link(object) => {
            model.entry(*object).or_default().0 = true;
            link::put(tx, 1, &linked(rule, *object))
        }
        Event::Unlink(object) => {
            model.entry(*object).or_default().0 = false;
            link::remove(tx, rule, *object)
        }
        Event::Forget => {
            model.values_mut().for_each(|one| one.1 = None);
            sync_status::clear_rule(tx, rule)
        }
    }
}

fn expected(model: &Model) -> BTreeMap<Asked, Vec<i64>> {
    let mut lists: BTreeMap<Asked, Vec<i64>> = Asked::ALL.iter().map(|asked| (*asked, Vec::new())).collect();
    for (object, (is_linked, state)) in model {
        if *is_linked || state.is_some() {
            lists.get_mut(&Asked::Impacted).unwrap().push(*object);
            lists.get_mut(&Asked::from(*state)).unwrap().push(*object);
        }
    }
    lists
}

async fn lists(db: &Db, rule: i64, page: usize) -> BTreeMap<Asked, Vec<i64>> {
    let walk = move |tx: &mut Tx, asked: Asked| {
        let (mut objects, mut after) = (Vec::new(), None);
        loop {
            let found = sync_status::list(tx, rule, asked, after, page)?;
            assert!(found.objects.len() <= page);
            for one in &found.objects {
                assert!(asked == Asked::Impacted || one.status == asked, "{one:?}");
            }
            objects.extend(found.objects.iter().map(|one| one.object));
            match found.next {
                Some(next) => after = Some(next),
                None => return Ok::<_, Error>(objects),
            }
        }
    };
    read(db, move |tx| {
        Asked::ALL
            .iter()
            .map(|asked| Ok((*asked, walk(tx, *asked)?)))
            .collect()
    })
    .await
}

both! {
    async fn the_numbers_add_up_whatever_happens_and_agree_with_their_lists(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (_, people, groups) = app(db, owner.workspace).await;
        let mut runner = TestRunner::deterministic();
        let mut model = Model::new();
        write(db, move |tx| happen(tx, &mut Model::new(), groups, &Event::Put(vec![1, 2], State::Failed))).await;
        for round in 0..40 {
            let events = prop::collection::vec(any_event(), 1..12).new_tree(&mut runner).unwrap().current();
            let before = model.clone();
            model = write(db, move |tx| {
                let mut after = before.clone();
                for event in &events {
                    happen(tx, &mut after, people, event)?;
                }
                Ok(after)
            }).await;
            let counts = read(db, move |tx| sync_status::counts(tx, people)).await;
            let sum = counts.success + counts.unsynced + counts.partially_synced + counts.failed;
            assert_eq!(counts.impacted, sum, "round {round}");
            let wanted = expected(&model);
            let number = |asked: Asked| wanted[&asked].len() as i64;
            let same = Counts {
                impacted: number(Asked::Impacted), success: number(Asked::Success), unsynced: number(Asked::Unsynced),
                partially_synced: number(Asked::PartiallySynced), failed: number(Asked::Failed),
            };
            assert_eq!(counts, same, "round {round}");
            assert_eq!(lists(db, people, 1 + round % 7).await, wanted, "round {round}");
        }
        assert_eq!(read(db, move |tx| sync_status::counts(tx, groups)).await, Counts { impacted: 2, failed: 2, ..Counts::default() });
    }

    async fn a_row_tells_why_and_since_when(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let key = ann.key;
        let set = move |now: i64, state: State| write(db, move |tx| sync_status::put(tx, now, &[entry(people, key, state)]));
        set(5, State::Failed).await;
        set(8, State::Failed).await;
        let of = move |tx: &mut Tx| Ok(sync_status::of_object(tx, key)?.into_iter().map(|one| (one.state, one.since)).collect::<Vec<_>>());
        assert_eq!(read(db, of).await, [(State::Failed, 5)]);
        set(9, State::Unsynced).await;
        assert_eq!(read(db, of).await, [(State::Unsynced, 9)]);
        let listed = read(db, move |tx| sync_status::list(tx, people, Asked::Unsynced, None, 5)).await.objects.remove(0);
        assert_eq!((listed.id, listed.label.as_str(), listed.target_id.as_str()), (Some(ann.id), "ann@contoso.example", ""));
        assert_eq!((listed.code.as_str(), listed.reason.as_str(), listed.since), ("PRV-X", "because", 9));
        write(db, move |tx| {
            sync_status::clear(tx, people, &[key])?;
            link::put(tx, 12, &Link { object_id: ann.id, ..linked(people, key) })
        }).await;
        let listed = read(db, move |tx| sync_status::list(tx, people, Asked::Impacted, None, 5)).await.objects.remove(0);
        assert_eq!((listed.status, listed.label.as_str(), listed.target_id, listed.since), (Asked::Success, "ann@contoso.example", format!("T{key}"), 12));
        set(13, State::Partial).await;
        assert_eq!(read(db, move |tx| sync_status::among(tx, people, &[key, 1])).await, [key].into());
        assert!(read(db, move |tx| sync_status::get(tx, people, key)).await.is_some());
        assert!(write(db, move |tx| link::unlink(tx, "owner", 14, &c, people, key)).await);
        assert_eq!(read(db, move |tx| sync_status::counts(tx, people)).await, Counts::default(), "nothing is known of it");
        assert_eq!(audited(db, owner.workspace, 1).await, ["link.unlink"]);
    }

    async fn a_list_that_has_to_look_far_goes_on_where_it_stopped(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (_, people, _) = app(db, owner.workspace).await;
        let last = 21_000;
        for from in (1..=last).step_by(3_000) {
            write(db, move |tx| {
                let links: Vec<Link> = (from..from + 3_000).map(|object| linked(people, object)).collect();
                link::put_all(tx, 1, &links)?;
                let failed: Vec<Entry> = (from..from + 3_000).filter(|o| *o != last).map(|o| entry(people, o, State::Failed)).collect();
                sync_status::put(tx, 1, &failed)
            }).await;
        }
        let first = read(db, move |tx| sync_status::list(tx, people, Asked::Success, None, 5)).await;
        assert_eq!((first.objects.len(), first.next.is_some()), (0, true), "20,000 rows were looked at");
        let next = read(db, move |tx| sync_status::list(tx, people, Asked::Success, first.next, 5)).await;
        assert_eq!((next.objects.iter().map(|one| one.object).collect::<Vec<_>>(), next.next), (vec![last], None));
        let counts = read(db, move |tx| sync_status::counts(tx, people)).await;
        assert_eq!((counts.impacted, counts.success, counts.failed), (last, 1, last - 1));
    }
}
