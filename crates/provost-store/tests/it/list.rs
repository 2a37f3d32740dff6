//! Lists and filters: the same answer from SQL, from memory, and on both databases.

use crate::harness::{both, change, create, document, entra, person, put};
use crate::query::Query;
use provost_engine::object::Kind;
use provost_store::directory::{self, Object, Owner};
use provost_store::query::{Kinds, Page, Position, Window};
use provost_store::{Db, Error};
use serde_json::json;

async fn list(
    db: &Db,
    owner: Owner,
    kind: Kind,
    text: &str,
    start: u64,
    count: u64,
) -> Result<(u64, Vec<String>), Error> {
    let page = Query::of(owner, Kinds::One(kind), text)
        .page(db, Window::Index { start, count })
        .await?;
    Ok((page.total.unwrap(), labels(&page)))
}

fn labels(page: &Page) -> Vec<String> {
    page.objects.iter().map(|o| o.label.clone()).collect()
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
        fresh.db.write(move |tx| provost_store::member::add(tx, &change(owner, 2), &g, &pair)).await.unwrap();
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
                    put(tx, &change(owner, 1), Kind::Person, &person(&name))
                }).collect::<Result<Vec<_>, _>>()
            }).await.unwrap());
        }
        let gone: Vec<Object> = made.iter().step_by(3).cloned().collect();
        fresh.db.write(move |tx| gone.iter().try_for_each(|o| directory::delete(tx, &change(owner, 2), o))).await.unwrap();
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

    async fn both_kinds_are_one_list(fresh) {
        let owner = entra(&fresh.db).await;
        for i in 0..3 { create(&fresh.db, owner, Kind::Person, person(&format!("u{i}"))).await.unwrap(); }
        for i in 0..3 { create(&fresh.db, owner, Kind::Group, document(json!({"displayName": format!("g{i}")}))).await.unwrap(); }
        let all = Query::of(owner, Kinds::Both, "");
        let page = |start, count| all.page(&fresh.db, Window::Index { start, count });
        let seen = page(1, 10).await.unwrap();
        assert_eq!((seen.total, labels(&seen)), (Some(6), ["u0", "u1", "u2", "g0", "g1", "g2"].map(String::from).to_vec()));
        let seen = page(3, 2).await.unwrap();
        assert_eq!((seen.total, labels(&seen)), (Some(6), vec!["u2".into(), "g0".into()]));
        assert_eq!(labels(&page(5, 2).await.unwrap()), ["g1", "g2"]);
        assert_eq!(labels(&page(7, 2).await.unwrap()), [""; 0]);
        assert_eq!(page(1, 0).await.unwrap().total, Some(6));
        // By position, with pages that end inside, between and at the end of the kinds.
        for count in 1..8 {
            let walked = all.walk(&fresh.db, count).await;
            assert_eq!(walked.iter().map(|o| o.label.as_str()).collect::<Vec<_>>(), ["u0", "u1", "u2", "g0", "g1", "g2"], "{count}");
        }
        for (text, expected) in [
            ("meta.resourceType eq \"Group\"", vec!["g0", "g1", "g2"]), ("meta.resourceType eq \"User\" and userName eq \"U1\"", vec!["u1"]),
            ("userName eq \"u0\" or displayName eq \"g0\"", vec!["u0", "g0"]), ("not (userName pr)", vec!["g0", "g1", "g2"]),
        ] {
            let query = Query::of(owner, Kinds::Both, text);
            let page = query.page(&fresh.db, Window::Index { start: 1, count: 10 }).await.unwrap();
            assert_eq!((page.total, labels(&page)), (Some(expected.len() as u64), expected.iter().map(ToString::to_string).collect()), "{text}");
            assert_eq!(query.walk(&fresh.db, 1).await.len(), expected.len(), "{text}");
        }
        let sorted = Query::of(owner, Kinds::Both, "").sorted("displayName", true);
        let expected = ["u0", "u1", "u2", "g2", "g1", "g0"];
        assert_eq!(sorted.walk(&fresh.db, 2).await.iter().map(|o| o.label.as_str()).collect::<Vec<_>>(), expected, "no value comes first downwards");
    }

    async fn an_order_goes_by_type_and_letter_case(fresh) {
        let owner = entra(&fresh.db).await;
        for (name, title) in [("b", Some("Zoo")), ("A", None), ("c", Some("abc")), ("å", Some("Abc"))] {
            let mut value = json!({"userName": name});
            if let Some(title) = title { value["title"] = json!(title); }
            create(&fresh.db, owner, Kind::Person, document(value)).await.unwrap();
        }
        for (by, descending, expected) in [
            ("userName", false, ["A", "b", "c", "å"]), ("userName", true, ["å", "c", "b", "A"]),
            ("title", false, ["c", "å", "b", "A"]), ("title", true, ["A", "b", "c", "å"]),
            ("id", false, ["b", "A", "c", "å"]), ("meta.created", false, ["b", "A", "c", "å"]),
        ] {
            let query = Query::of(owner, Kinds::One(Kind::Person), "").sorted(by, descending);
            let page = query.page(&fresh.db, Window::Index { start: 1, count: 10 }).await.unwrap();
            assert_eq!((page.total, labels(&page)), (Some(4), expected.map(String::from).to_vec()), "{by} {descending}");
            let second = query.page(&fresh.db, Window::Index { start: 2, count: 2 }).await.unwrap();
            assert_eq!(labels(&second), expected[1..3], "{by} {descending}");
            let walked = query.walk(&fresh.db, 1).await;
            assert_eq!(walked.iter().map(|o| o.label.as_str()).collect::<Vec<_>>(), expected, "{by} {descending}");
        }
    }

    async fn a_position_belongs_to_its_list(fresh) {
        let owner = entra(&fresh.db).await;
        for i in 0..3 { create(&fresh.db, owner, Kind::Person, person(&format!("u{i}"))).await.unwrap(); }
        let plain = Query::of(owner, Kinds::One(Kind::Person), "");
        let first = plain.page(&fresh.db, Window::After { position: None, count: 2 }).await.unwrap();
        assert_eq!((first.total, first.objects.len()), (Some(3), 2));
        // It survives being written down.
        let position: Option<Position> = serde_json::from_str(&serde_json::to_string(&first.next).unwrap()).unwrap();
        assert_eq!(position, first.next);
        let sorted = plain.clone().sorted("userName", false);
        let refused = sorted.page(&fresh.db, Window::After { position: position.clone(), count: 2 }).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-LIST-POSITION"));
        let groups = Query::of(owner, Kinds::One(Kind::Group), "");
        assert!(groups.page(&fresh.db, Window::After { position: position.clone(), count: 2 }).await.is_err());
        let last = plain.page(&fresh.db, Window::After { position: position.clone(), count: 2 }).await.unwrap();
        assert_eq!((labels(&last), last.next), (vec!["u2".into()], None));
        let none = plain.page(&fresh.db, Window::After { position: position.clone(), count: 0 }).await.unwrap();
        assert_eq!((none.objects.len(), none.next), (0, position), "nothing is passed over");
    }
}
