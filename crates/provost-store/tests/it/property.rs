//! What holds for any list: the same answer in memory and in each database, whatever the filter and the order,
//! and walks that lose nobody and repeat nobody while people come and go.

use crate::harness::{both, change, document, entra, put};
use crate::query::{Query, filter_of, resource_type};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use provost_engine::object::Kind;
use provost_scim::resource;
use provost_scim::schema::{Catalogue, Extension};
use provost_store::directory::{self, Object, Owner};
use provost_store::member::{self, Joining};
use provost_store::query::{Kinds, Window};
use provost_store::{Db, Error};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

const BADGE: &str = "urn:contoso:scim:1.0:Badge";

fn catalogue() -> Arc<Catalogue> {
    let badge = json!({
        "id": BADGE, "name": "Badge", "description": "A badge", "resource": "User",
        "attributes": [
            {"name": "colour", "type": "string", "description": "c"}, {"name": "level", "type": "integer", "description": "l"},
            {"name": "visits", "type": "string", "multiValued": true, "description": "v"}
        ]
    });
    Arc::new(Catalogue::with(&[Extension::parse(&badge).unwrap()]).unwrap())
}

/// Everything of an owner as filters and orders see it, in the order of creation.
struct World {
    owner: Owner,
    catalogue: Arc<Catalogue>,
    people: Vec<(Object, Value)>,
    groups: Vec<(Object, Value)>,
}

impl World {
    async fn new(db: &Db, people: usize, groups: usize) -> Self {
        let owner = entra(db).await;
        let mut runner = TestRunner::deterministic();
        let mut draw = |i| any_person(i).new_tree(&mut runner).unwrap().current();
        let documents: Vec<Value> = (0..people).map(&mut draw).collect();
        let made = db
            .write(move |tx| {
                let change = change(owner, 1_000);
                let made: Vec<Object> = documents
                    .iter()
                    .map(|d| put(tx, &change, Kind::Person, &document(d.clone())))
                    .collect::<Result<_, Error>>()?;
                for i in 0..groups {
                    let word = WORDS[i % WORDS.len()];
                    let name = document(json!({"displayName": format!("{word}{i}")}));
                    let group = put(tx, &change, Kind::Group, &name)?;
                    let members: Vec<Joining> =
                        made.iter().skip(i).step_by(i + 2).map(Joining::from).collect();
                    member::add(tx, &change, &group, &members)?;
                }
                Ok::<_, Error>(made)
            })
            .await
            .unwrap();
        assert_eq!(made.len(), people);
        let catalogue = catalogue();
        let (people, groups) = (
            Self::load(db, owner, &catalogue, Kind::Person).await,
            Self::load(db, owner, &catalogue, Kind::Group).await,
        );
        Self {
            owner,
            catalogue,
            people,
            groups,
        }
    }

    async fn load(db: &Db, owner: Owner, catalogue: &Arc<Catalogue>, kind: Kind) -> Vec<(Object, Value)> {
        let catalogue = catalogue.clone();
        db.read(move |tx| {
            let mut all = Vec::new();
            for object in directory::page(tx, owner.workspace, kind, 0, i64::MAX)? {
                let peers = match kind {
                    Kind::Person => member::groups_of(tx, object.key)?,
                    Kind::Group => member::of_group(tx, object.key, 0, i64::MAX)?,
                };
                let peers: Vec<Value> = peers
                    .iter()
                    .map(|p| json!({"value": p.id.to_string(), "display": p.label}))
                    .collect();
                let name = if kind == Kind::Person { "groups" } else { "members" };
                let rt = resource_type(&catalogue, kind);
                let meta = resource::Meta {
                    rt,
                    created: object.created,
                    modified: object.modified,
                    location: "",
                    version: object.version.into(),
                };
                let document = serde_json::from_str(&object.document).unwrap();
                let value = resource::to_value(
                    &document,
                    &object.id.to_string(),
                    &meta,
                    Some((name, Value::Array(peers))),
                );
                all.push((object, value));
            }
            Ok::<_, Error>(all)
        })
        .await
        .unwrap()
    }

    fn of(&self, kind: Kind) -> &[(Object, Value)] {
        match kind {
            Kind::Person => &self.people,
            Kind::Group => &self.groups,
        }
    }

    /// The list as it must come out: decided and ordered by the pure crate alone.
    fn expected(&self, query: &Query, text: &str) -> Vec<Uuid> {
        let mut found = Vec::new();
        for kind in [Kind::Person, Kind::Group] {
            if query.kinds != Kinds::Both && query.kinds != Kinds::One(kind) {
                continue;
            }
            let rt = resource_type(&self.catalogue, kind);
            let filter = (!text.is_empty()).then(|| filter_of(rt, text));
            for (object, value) in self.of(kind) {
                if filter.as_ref().is_none_or(|f| f.matches(rt, value)) {
                    found.push((kind, object.id, value));
                }
            }
        }
        if let Some(sort) = &query.sort {
            let place = |kind: Kind, value: &Value| sort.key(resource_type(&self.catalogue, kind), value);
            found.sort_by(|(ka, ia, a), (kb, ib, b)| {
                let (ia, ib) = (ia.to_string(), ib.to_string());
                sort.compare_keys((&place(*ka, a), &ia), (&place(*kb, b), &ib))
            });
        }
        found.into_iter().map(|(_, id, _)| id).collect()
    }

    async fn check(&self, db: &Db, query: &Query, text: &str, count: u64) {
        let expected = self.expected(query, text);
        let shown = query.sort.clone();
        let whole = query
            .page(
                db,
                Window::Index {
                    start: 1,
                    count: 10_000,
                },
            )
            .await
            .unwrap();
        assert_eq!(whole.total, Some(expected.len() as u64), "{text} {shown:?}");
        assert_eq!(ids(&whole.objects), expected, "{text} {shown:?}");
        let start = count.min(expected.len() as u64) + 1;
        let part = query.page(db, Window::Index { start, count }).await.unwrap();
        let from = expected.len().min(start as usize - 1);
        let to = expected.len().min(from + count as usize);
        assert_eq!(
            ids(&part.objects),
            expected[from..to],
            "{text} {shown:?} from {start}"
        );
        assert_eq!(
            ids(&query.walk(db, count).await),
            expected,
            "{text} {shown:?} by {count}"
        );
    }
}

fn ids(objects: &[Object]) -> Vec<Uuid> {
    objects.iter().map(|o| o.id).collect()
}

const ORDERS: [&str; 9] = [
    "userName",
    "displayName",
    "title",
    "externalId",
    "id",
    "emails",
    "meta.lastModified",
    "active",
    "urn:contoso:scim:1.0:Badge:level",
];

both! {
    async fn any_list_is_the_same_in_sql_and_in_memory(fresh) {
        let world = World::new(&fresh.db, 40, 8).await;
        let mut runner = TestRunner::deterministic();
        for i in 0..220 {
            let text = any_filter(&world).new_tree(&mut runner).unwrap().current();
            let kinds = [Kinds::One(Kind::Person), Kinds::One(Kind::Group), Kinds::Both][i % 3];
            let mut query = Query::with(world.owner, &world.catalogue, kinds, &text);
            if i % 2 == 1 {
                let by = if kinds == Kinds::One(Kind::Group) { "displayName" } else { ORDERS[i / 2 % ORDERS.len()] };
                query = query.sorted(by, i % 4 == 1);
            }
            world.check(&fresh.db, &query, &text, 1 + i as u64 % 9).await;
        }
    }

    /// Enough people that their order is taken from the indexes.
    async fn an_index_has_the_order_that_memory_has(fresh) {
        let world = World::new(&fresh.db, 2_100, 3).await;
        for (i, by) in ["userName", "displayName", "id"].into_iter().enumerate() {
            for (text, descending) in [("", false), ("", true), ("title pr", false), ("active eq true", true), ("emails[type eq \"work\"]", i == 1)] {
                let query = Query::with(world.owner, &world.catalogue, Kinds::One(Kind::Person), text).sorted(by, descending);
                world.check(&fresh.db, &query, text, 480 + i as u64).await;
            }
        }
    }

    /// Nobody twice, and nobody missed who was there all the time.
    async fn a_walk_loses_nobody_while_others_come_and_go(fresh) {
        let world = World::new(&fresh.db, 2_050, 40).await;
        let (one, both) = (Kinds::One(Kind::Person), Kinds::Both);
        for (kinds, text, order) in [
            (one, "", None), (one, "title pr", None), (one, "userName sw \"a\"", None), (both, "", None), (both, "displayName co \"o\"", None),
            (one, "", Some(("userName", false))), (one, "", Some(("displayName", false))), (one, "", Some(("displayName", true))), (one, "", Some(("id", true))),
            (one, "active eq false", Some(("userName", true))), (one, "", Some(("title", false))), (both, "", Some(("displayName", true))),
        ] {
            let mut query = Query::with(world.owner, &world.catalogue, kinds, text);
            if let Some((by, descending)) = order { query = query.sorted(by, descending); }
            turbulent(&fresh.db, &query, &format!("{kinds:?} {text} {order:?}")).await;
        }
    }
}

/// Walks while three come and two go after every page.
async fn turbulent(db: &Db, query: &Query, what: &str) {
    let mut throughout: BTreeMap<Uuid, Object> = query
        .walk(db, 1_000)
        .await
        .into_iter()
        .map(|o| (o.id, o))
        .collect();
    let count = (throughout.len() as u64 / 8).max(1);
    let (mut seen, mut position, mut round) = (BTreeSet::new(), None, 0);
    loop {
        let page = query.page(db, Window::After { position, count }).await.unwrap();
        for object in &page.objects {
            assert!(seen.insert(object.id), "{what}: {} came twice", object.label);
        }
        position = page.next;
        if position.is_none() {
            break;
        }
        round += 1;
        // The last of this page, to which the position points, and one from anywhere.
        let mut gone: Vec<Object> = page.objects.last().cloned().into_iter().collect();
        gone.extend(throughout.values().nth(round * 37 % throughout.len()).cloned());
        gone.dedup_by_key(|o| o.id);
        gone.iter().for_each(|o| drop(throughout.remove(&o.id)));
        let owner = query.owner;
        db.write(move |tx| {
            let change = change(owner, 2_000);
            for object in &gone {
                if directory::by_key(tx, object.key)?.is_some() {
                    directory::delete(tx, &change, object)?;
                }
            }
            for word in ["a", "m", "zz"] {
                let name = format!("{word}-{}", Uuid::now_v7().simple());
                let newcomer = document(
                    json!({"userName": name, "displayName": name, "title": word, "active": word != "m"}),
                );
                put(tx, &change, Kind::Person, &newcomer)?;
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    }
    let missed: Vec<&str> = throughout
        .values()
        .filter(|o| !seen.contains(&o.id))
        .map(|o| o.label.as_str())
        .collect();
    assert!(missed.is_empty(), "{what}: {missed:?}");
    assert!(round >= 3, "{what}: only {round} pages");
}

const WORDS: [&str; 6] = ["ann", "Ann", "bob", "ÅSA", "åsa", "o'neil \\ \"x\""];

fn any_person(i: usize) -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(&WORDS[..]);
    let badge = (
        prop::option::of(word()),
        prop::option::of(-2..3i64),
        prop::collection::vec(word(), 0..2),
    );
    (
        word(),
        prop::option::of(word()),
        prop::option::of(word()),
        prop::option::of(word()),
        prop::collection::vec((word(), prop::bool::ANY), 0..3),
        prop::option::of(prop::bool::ANY),
        badge,
    )
        .prop_map(
            move |(name, display, title, external, emails, active, (colour, level, visits))| {
                let mut value = json!({ "userName": format!("{name}{i}") });
                let texts = [
                    ("displayName", display),
                    ("title", title),
                    ("externalId", external),
                ];
                for (attribute, text) in texts {
                    if let Some(text) = text {
                        value[attribute] = json!(text);
                    }
                }
                if let Some(a) = active {
                    value["active"] = json!(a);
                }
                if !emails.is_empty() {
                    value["emails"] = emails
                        .iter()
                        .map(|(v, work)| json!({"value": v, "type": if *work { "work" } else { "home" }}))
                        .collect();
                }
                let mut badge = serde_json::Map::new();
                if let Some(colour) = colour {
                    badge.insert("colour".into(), json!(colour));
                }
                if let Some(level) = level {
                    badge.insert("level".into(), json!(level));
                }
                if !visits.is_empty() {
                    badge.insert("visits".into(), json!(visits));
                }
                if !badge.is_empty() {
                    value[BADGE] = Value::Object(badge);
                }
                value
            },
        )
}

fn any_filter(world: &World) -> impl Strategy<Value = String> + use<> {
    let word = || prop::sample::select(&WORDS[..]);
    let attribute = prop::sample::select(
        &[
            "userName",
            "displayName",
            "title",
            "externalId",
            "emails",
            "emails.value",
            "emails.type",
            "urn:contoso:scim:1.0:Badge:colour",
            "urn:contoso:scim:1.0:Badge:visits",
        ][..],
    );
    let op = prop::sample::select(&["eq", "ne", "co", "sw", "ew", "gt", "le"][..]);
    let number = prop::sample::select(&["eq", "ne", "gt", "ge", "lt", "le"][..]);
    let of = |all: &[(Object, Value)]| {
        prop::sample::select(all.iter().map(|(o, _)| o.id.to_string()).collect::<Vec<_>>())
    };
    let leaf = prop_oneof![
        4 => (attribute, op, word()).prop_map(|(a, o, w)| format!("{a} {o} {}", json!(w))),
        2 => (word(), 0..40usize).prop_map(|(w, i)| format!("userName eq {}", json!(format!("{w}{i}")))),
        1 => (word(), 0..8usize).prop_map(|(w, i)| format!("displayName eq {}", json!(format!("{w}{i}")))),
        1 => word().prop_map(|w| format!("emails[type eq \"work\" and value eq {}]", json!(w))),
        1 => word().prop_map(|w| format!("emails[type eq \"home\"].value eq {}", json!(w))),
        1 => prop::bool::ANY.prop_map(|b| format!("active eq {b}")),
        1 => (number, -2..3i64).prop_map(|(o, n)| format!("{BADGE}:level {o} {n}")),
        1 => prop::sample::select(&["title pr", "displayName pr", "urn:contoso:scim:1.0:Badge:visits pr", "title eq null"][..]).prop_map(str::to_owned),
        1 => of(&world.people).prop_map(|id| format!("id eq \"{id}\"")),
        1 => of(&world.people).prop_map(|id| format!("members eq \"{id}\"")),
        1 => of(&world.groups).prop_map(|id| format!("groups.value eq \"{id}\"")),
        1 => prop::sample::select(&["User", "Group", "user"][..]).prop_map(|t| format!("meta.resourceType eq \"{t}\"")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|l| format!("({})", l.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|l| format!("({})", l.join(" or "))),
            inner.prop_map(|f| format!("not ({f})")),
        ]
    })
}
