//! People and groups by name, page by page, while others come and go.

use crate::administrators::refused;
use crate::harness::{both, change, create, document, entra, provider_named, put, read, write};
use provost_engine::object::Kind;
use provost_store::Db;
use provost_store::directory::{self, Listing, NamedPage, Object, Owner};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

fn everybody(owner: Owner, kind: Kind) -> Listing {
    Listing {
        workspace: owner.workspace,
        kind,
        search: None,
        after: None,
        owner: None,
    }
}

async fn page(db: &Db, asked: &Listing, limit: usize) -> NamedPage {
    let asked = asked.clone();
    read(db, move |tx| directory::list_named(tx, &asked, limit)).await
}

/// The names of a whole list, in pages of `limit`.
async fn walk(db: &Db, asked: &Listing, limit: usize) -> Vec<String> {
    let (mut asked, mut names) = (asked.clone(), Vec::new());
    loop {
        let page = page(db, &asked, limit).await;
        names.extend(page.lines.into_iter().map(|line| line.name));
        match page.next {
            Some(next) => asked.after = Some(next),
            None => return names,
        }
    }
}

/// A person whose name, display name and address begin as given.
async fn person(db: &Db, owner: Owner, name: &str, display: Option<&str>, email: Option<&str>) -> Object {
    let mut value = json!({"userName": name, "active": true});
    if let Some(display) = display {
        value["displayName"] = json!(display);
    }
    if let Some(email) = email {
        value["emails"] = json!([{"type": "work", "value": email, "primary": true}]);
    }
    create(db, owner, Kind::Person, document(value)).await.unwrap()
}

both! {
    async fn a_line_says_who_it_is(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let ann = person(db, owner, "Ann@Contoso.example", Some("Ann Lee"), Some("Ann.Lee@contoso.example")).await;
        create(db, owner, Kind::Group, document(json!({"displayName": "Sales"}))).await.unwrap();
        let blocked = ann.clone();
        write(db, move |tx| directory::block(tx, "x", 9, &blocked, "")).await;
        let people = page(db, &everybody(owner, Kind::Person), 9).await;
        let line = &people.lines[0];
        assert_eq!((people.lines.len(), people.next), (1, None));
        assert_eq!((line.key, line.id, line.label.as_str(), line.name.as_str()), (ann.key, ann.id, "Ann Lee", "Ann@Contoso.example"));
        assert_eq!((line.email.as_deref(), line.active, line.blocked, line.owner), (Some("Ann.Lee@contoso.example"), true, true, owner.key));
        let groups = page(db, &everybody(owner, Kind::Group), 9).await;
        assert_eq!((groups.lines[0].name.as_str(), groups.lines[0].email.as_deref()), ("Sales", None));
        let other = Owner { workspace: owner.workspace + 1, ..owner };
        assert_eq!(page(db, &everybody(other, Kind::Person), 9).await, NamedPage::default());
    }

    async fn a_search_finds_each_once_by_name_then_display_name_then_address(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        for (name, display, email) in [
            ("anna", Some("Anna Berg"), Some("anna@contoso.example")),
            ("Ann", None, None),
            ("u1", Some("Ann Lee"), Some("ann.lee@contoso.example")),
            ("u2", Some("Lee, Ann"), Some("ANN2@contoso.example")),
            ("u3", Some("Ännchen"), Some("x@contoso.example")),
            ("ANNE@contoso.example", Some("Lee, Anne"), Some("anne@contoso.example")),
            ("u4", Some("u4"), Some("ann4@contoso.example")),
        ] {
            person(db, owner, name, display, email).await;
        }
        create(db, owner, Kind::Group, document(json!({"displayName": "Annual report"}))).await.unwrap();
        let search = |text: &str| Listing { search: Some(text.into()), ..everybody(owner, Kind::Person) };
        let expected = ["Ann", "anna", "ANNE@contoso.example", "u1", "u2", "u4"];
        for limit in 1..9 {
            assert_eq!(walk(db, &search("aNN"), limit).await, expected, "{limit}");
        }
        assert_eq!(walk(db, &search(" ännchen "), 9).await, ["u3"]);
        assert_eq!(walk(db, &search("lee, a"), 1).await, ["u2", "ANNE@contoso.example"]);
        assert_eq!(walk(db, &search("%"), 9).await, [""; 0]);
        assert_eq!(walk(db, &search("ann\0a"), 9).await, ["anna"]);
        assert_eq!(walk(db, &search(""), 3).await.len(), 7);
        let groups = Listing { kind: Kind::Group, ..search("ann") };
        assert_eq!(walk(db, &groups, 1).await, ["Annual report"]);
    }

    async fn a_list_can_be_one_owner_s(fresh) {
        let db = &fresh.db;
        let entra = provider_named(db, "Contoso", "Entra").await.owner();
        let okta = provider_named(db, "Contoso", "Okta").await.owner();
        for i in 0..6 {
            let owner = if i % 2 == 0 { entra } else { okta };
            person(db, owner, &format!("u{i}"), Some(&format!("Ann {i}")), Some(&format!("v{i}@contoso.example"))).await;
            // Two owners may have a group of the same name.
            if i < 4 {
                create(db, owner, Kind::Group, document(json!({"displayName": format!("Team {}", i / 2)}))).await.unwrap();
            }
        }
        for limit in 1..4 {
            let of = |kind, owner: Option<Owner>, search: Option<&str>| Listing {
                workspace: entra.workspace, kind, search: search.map(Into::into), after: None, owner: owner.map(|o| o.key),
            };
            assert_eq!(walk(db, &of(Kind::Person, Some(okta), None), limit).await, ["u1", "u3", "u5"]);
            assert_eq!(walk(db, &of(Kind::Person, Some(entra), Some("u")), limit).await, ["u0", "u2", "u4"]);
            assert_eq!(walk(db, &of(Kind::Person, Some(okta), Some("ann")), limit).await, ["u1", "u3", "u5"]);
            assert_eq!(walk(db, &of(Kind::Person, Some(entra), Some("v4")), limit).await, ["u4"]);
            assert_eq!(walk(db, &of(Kind::Group, None, None), limit).await, ["Team 0", "Team 0", "Team 1", "Team 1"]);
            assert_eq!(walk(db, &of(Kind::Group, Some(okta), None), limit).await, ["Team 0", "Team 1"]);
        }
    }

    async fn an_owner_of_many_is_walked_as_one_of_few(fresh) {
        let db = &fresh.db;
        let entra = provider_named(db, "Contoso", "Entra").await.owner();
        let okta = provider_named(db, "Contoso", "Okta").await.owner();
        for chunk in 0..5 {
            write(db, move |tx| {
                for i in 0..500 {
                    let n = chunk * 500 + i;
                    let owner = if n % 10 == 0 { okta } else { entra };
                    let value = json!({"userName": format!("u{:05}", n * 7919 % 2500), "displayName": format!("Ann {n}")});
                    put(tx, &change(owner, 1), Kind::Person, &document(value))?;
                }
                Ok(())
            }).await;
        }
        let of = |owner: Owner, search: Option<&str>| Listing {
            owner: Some(owner.key), search: search.map(Into::into), ..everybody(owner, Kind::Person)
        };
        let names = walk(db, &of(entra, None), 400).await;
        assert_eq!(names.len(), 2_250);
        assert!(names.is_sorted());
        assert_eq!(walk(db, &of(okta, None), 100).await.len(), 250);
        assert_eq!(walk(db, &of(okta, Some("ann 1")), 100).await.len(), 1 + 10 + 100);
    }

    async fn who_is_there_all_the_time_is_listed_once_whoever_comes_and_goes(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let mut seed = 42_u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for search in [None, Some("a")] {
            let mut there: Vec<Object> = Vec::new();
            for i in 0..120_u64 {
                let tail = format!("{}{i}", random(1_000));
                let name = if i % 3 == 0 { format!("a{tail}") } else { format!("b{tail}") };
                let display = if i % 3 == 1 { format!("A {tail}") } else { format!("B {tail}") };
                let email = format!("a{tail}@contoso.example");
                there.push(person(db, owner, &format!("{name}{}", search.unwrap_or("z")), Some(&display), Some(&email)).await);
            }
            let mut asked = Listing { search: search.map(Into::into), ..everybody(owner, Kind::Person) };
            let (mut seen, mut gone, mut rounds) = (Vec::<Uuid>::new(), BTreeSet::new(), 0);
            loop {
                let found = page(db, &asked, 7).await;
                seen.extend(found.lines.iter().map(|line| line.id));
                let Some(next) = found.next else { break };
                asked.after = Some(next);
                rounds += 1;
                // The last line of the page goes, another one goes, and two come.
                for id in [found.lines.last().unwrap().id, there[random(there.len() as u64) as usize].id] {
                    if gone.insert(id) {
                        let object = there.iter().find(|o| o.id == id).cloned();
                        let Some(object) = object else { continue };
                        write(db, move |tx| directory::delete(tx, &change(owner, 5), &object)).await;
                    }
                }
                for _ in 0..2 {
                    let tail = Uuid::now_v7().simple().to_string();
                    let name = if random(2) == 0 { format!("a{}{tail}", random(1_000)) } else { format!("c{tail}") };
                    person(db, owner, &name, Some(&format!("A {tail}")), None).await;
                }
            }
            assert!(rounds > 10, "{rounds}");
            let once: BTreeSet<Uuid> = seen.iter().copied().collect();
            assert_eq!(once.len(), seen.len(), "nobody twice");
            let missed: Vec<_> = there.iter().filter(|o| !gone.contains(&o.id) && !once.contains(&o.id)).map(|o| &o.label).collect();
            assert!(missed.is_empty(), "{missed:?}");
        }
    }

    async fn a_place_of_another_make_is_refused(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        for wrong in ["", "x", "n", "n1", "nx.a", "q1.a", "é1.a", "n1.a\0b"] {
            let asked = Listing { after: Some(wrong.into()), ..everybody(owner, Kind::Person) };
            assert_eq!(refused(db, move |tx| directory::list_named(tx, &asked, 5)).await, "PRV-LIST-POSITION", "{wrong:?}");
        }
    }
}
