//! Lists and filters: the same answer from SQL, from memory, and on both databases.

use crate::harness::{both, create, document, entra, person};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use provost_engine::object::Kind;
use provost_scim::{filter, resource, schema};
use provost_store::directory::{Object, Owner};
use provost_store::query::{self, Window};
use provost_store::{Db, Error};
use serde_json::{Value, json};

async fn list(
    db: &Db,
    owner: Owner,
    kind: Kind,
    text: &str,
    start: u64,
    count: u64,
) -> Result<(u64, Vec<String>), Error> {
    let resource_type = if kind == Kind::Person {
        schema::user()
    } else {
        schema::group()
    };
    let filter = if text.is_empty() {
        None
    } else {
        Some(filter::parse(text, resource_type).unwrap())
    };
    let page = db
        .read(move |tx| query::list(tx, owner, kind, filter.as_ref(), Window { start, count }))
        .await?;
    Ok((page.total, page.objects.into_iter().map(|o| o.label).collect()))
}

async fn people(db: &Db, owner: Owner, text: &str) -> Vec<String> {
    list(db, owner, Kind::Person, text, 1, 100).await.unwrap().1
}

both! {
    async fn indexed_and_other_filters_select_the_same_people(fresh) {
        let owner = entra(&fresh.db).await;
        for value in [
            json!({"userName": "Ann", "title": "Boss", "active": true, "externalId": "X1", "displayName": "Ann Lee",
                   "emails": [{"type": "work", "value": "ann@a.test", "primary": true}, {"type": "home", "value": "a@b.test"}]}),
            json!({"userName": "bob", "active": false, "emails": [{"type": "work", "value": "bob@a.test"}]}),
        ] {
            create(&fresh.db, owner, Kind::Person, document(value)).await.unwrap();
        }
        for (text, expected) in [
            ("userName eq \"ANN\"", vec!["Ann Lee"]), ("userName sw \"a\"", vec!["Ann Lee"]), ("externalId eq \"x1\"", vec![]),
            ("externalId eq \"X1\"", vec!["Ann Lee"]), ("displayName eq \"ann lee\"", vec!["Ann Lee"]),
            ("emails.value eq \"A@B.test\"", vec!["Ann Lee"]), ("emails eq \"bob@a.test\"", vec!["bob"]),
            ("emails[type eq \"work\"].value eq \"bob@a.test\"", vec!["bob"]), ("emails[type eq \"home\" and value eq \"ann@a.test\"]", vec![]),
            ("title pr", vec!["Ann Lee"]), ("not (title pr)", vec!["bob"]), ("active eq false", vec!["bob"]),
            ("userName eq \"ann\" or externalId eq \"nope\" or emails eq \"bob@a.test\"", vec!["Ann Lee", "bob"]),
            ("userName eq \"ann\" and active eq false", vec![]), ("emails co \"a.test\"", vec!["Ann Lee", "bob"]),
            ("id eq \"nobody\"", vec![]),
        ] {
            assert_eq!(people(&fresh.db, owner, text).await, expected, "{text}");
        }
    }

    async fn groups_are_found_by_member(fresh) {
        let owner = entra(&fresh.db).await;
        let group = create(&fresh.db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        create(&fresh.db, owner, Kind::Group, document(json!({"displayName": "Legal"}))).await.unwrap();
        let ann = create(&fresh.db, owner, Kind::Person, person("ann")).await.unwrap();
        let (g, pair) = (group.clone(), [provost_store::member::Joining::from(&ann)]);
        fresh.db.write(move |tx| provost_store::member::add(tx, &crate::harness::change(owner, 2), &g, &pair)).await.unwrap();
        for text in [
            format!("id eq \"{}\" and members eq \"{}\"", group.id, ann.id), format!("members.value eq \"{}\"", ann.id),
            "displayName eq \"sales\"".into(), format!("not (not (members eq \"{}\"))", ann.id), "members pr".into(),
        ] {
            assert_eq!(list(&fresh.db, owner, Kind::Group, &text, 1, 10).await.unwrap().1, ["Sales"], "{text}");
        }
        assert_eq!(people(&fresh.db, owner, &format!("groups.value eq \"{}\"", group.id)).await, ["ann"]);
    }

    async fn pages_have_the_numbers_of_the_standard(fresh) {
        let owner = entra(&fresh.db).await;
        for i in 0..5 { create(&fresh.db, owner, Kind::Person, person(&format!("u{i}"))).await.unwrap(); }
        for filter in ["", "userName sw \"u\"", "userName co \"u\""] {
            let page = async |start, count| list(&fresh.db, owner, Kind::Person, filter, start, count).await.unwrap();
            assert_eq!(page(1, 2).await, (5, vec!["u0".into(), "u1".into()]), "{filter}");
            assert_eq!(page(5, 10).await, (5, vec!["u4".into()]), "{filter}");
            assert_eq!(page(6, 10).await, (5, vec![]), "{filter}");
            assert_eq!(page(1, 0).await, (5, vec![]), "{filter}");
        }
    }

    async fn pages_stay_right_across_buckets_and_holes(fresh) {
        let owner = entra(&fresh.db).await;
        let mut made = Vec::new();
        // Keys are shared with audit rows, so a few hundred people fill several buckets of 1,024 keys.
        for chunk in 0..12 {
            made.extend(fresh.db.write(move |tx| {
                (0..100).map(|i| {
                    let name = format!("u{:04}", chunk * 100 + i);
                    provost_store::directory::create(tx, &crate::harness::change(owner, 1), Kind::Person, uuid::Uuid::now_v7(), &person(&name))
                }).collect::<Result<Vec<_>, _>>()
            }).await.unwrap());
        }
        let gone: Vec<Object> = made.iter().step_by(3).cloned().collect();
        fresh.db.write(move |tx| gone.iter().try_for_each(|o| provost_store::directory::delete(tx, &crate::harness::change(owner, 2), o))).await.unwrap();
        let left: Vec<String> = made.iter().enumerate().filter(|(i, _)| i % 3 != 0).map(|(_, o)| o.label.clone()).collect();
        let mut walked = Vec::new();
        while walked.len() < left.len() {
            let (total, page) = list(&fresh.db, owner, Kind::Person, "", walked.len() as u64 + 1, 70).await.unwrap();
            assert_eq!(total as usize, left.len());
            assert!(!page.is_empty());
            walked.extend(page);
        }
        assert_eq!(walked, left);
    }

    /// Filter in SQL = filter in memory, for any filter over any people.
    async fn any_filter_means_the_same_in_sql_and_in_memory(fresh) {
        let owner = entra(&fresh.db).await;
        let mut runner = TestRunner::deterministic();
        let mut objects = Vec::new();
        for i in 0..40 {
            let value = any_person(i).new_tree(&mut runner).unwrap().current();
            objects.push(create(&fresh.db, owner, Kind::Person, document(value)).await.unwrap());
        }
        for _ in 0..150 {
            let text = any_filter().new_tree(&mut runner).unwrap().current();
            let parsed = filter::parse(&text, schema::user()).unwrap();
            let expected: Vec<String> = objects.iter().filter(|o| parsed.matches(schema::user(), &whole(o))).map(|o| o.label.clone()).collect();
            assert_eq!(people(&fresh.db, owner, &text).await, expected, "{text}");
        }
    }
}

fn whole(object: &Object) -> Value {
    let meta = resource::Meta {
        resource_type: "User",
        created: object.created,
        modified: object.modified,
        location: "",
        version: object.version,
    };
    resource::to_value(
        &serde_json::from_str(&object.document).unwrap(),
        &object.id.to_string(),
        &meta,
        None,
    )
}

const WORDS: [&str; 6] = ["ann", "Ann", "bob", "ÅSA", "åsa", "o'neil \\ \"x\""];

fn any_person(i: usize) -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(&WORDS[..]);
    (
        word(),
        prop::option::of(word()),
        prop::option::of(word()),
        prop::collection::vec((word(), prop::bool::ANY), 0..3),
        prop::option::of(prop::bool::ANY),
    )
        .prop_map(move |(name, title, external, emails, active)| {
            let mut value = json!({"userName": format!("{name}{i}"), "displayName": name});
            if let Some(t) = title {
                value["title"] = json!(t);
            }
            if let Some(e) = external {
                value["externalId"] = json!(e);
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
            value
        })
}

fn any_filter() -> impl Strategy<Value = String> {
    let attribute = prop::sample::select(
        &[
            "userName",
            "displayName",
            "title",
            "externalId",
            "emails",
            "emails.value",
            "emails.type",
        ][..],
    );
    let op = prop::sample::select(&["eq", "ne", "co", "sw", "ew", "gt", "le"][..]);
    let leaf = prop_oneof![
        (attribute, op, prop::sample::select(&WORDS[..]))
            .prop_map(|(a, o, w)| format!("{a} {o} {}", json!(w))),
        (prop::sample::select(&WORDS[..]), 0..40usize)
            .prop_map(|(w, i)| format!("userName eq {}", json!(format!("{w}{i}")))),
        prop::sample::select(&WORDS[..])
            .prop_map(|w| format!("emails[type eq \"work\" and value eq {}]", json!(w))),
        prop::sample::select(&WORDS[..])
            .prop_map(|w| format!("emails[type eq \"home\"].value eq {}", json!(w))),
        prop::bool::ANY.prop_map(|b| format!("active eq {b}")),
        Just("title pr".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|l| format!("({})", l.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|l| format!("({})", l.join(" or "))),
            inner.prop_map(|f| format!("not ({f})")),
        ]
    })
}
