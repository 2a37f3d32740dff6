//! Products, licences that were given, and groups that bring them.

use crate::harness::{app, audited, both, change, create, document, entra, person, put, read, write};
use provost_engine::object::Kind;
use provost_store::config_version::{self, GroupLicence};
use provost_store::connection::{self, Connection, Preferences};
use provost_store::directory::{Object, Owner};
use provost_store::group_licence::{self, New, Way};
use provost_store::link_licence::{self, Given};
use provost_store::member::{self, Joining};
use provost_store::product::{self, Product, ServicePlan};
use provost_store::{Db, link, retry, revisit, staged};
use serde_json::json;
use uuid::Uuid;

/// A product with ten seats of which `consumed` are used.
fn owned(sku: &str, name: &str, consumed: u64) -> Product {
    let plan = ServicePlan {
        id: format!("{sku}-mail"),
        name: "EXCHANGE".into(),
        assignable: true,
    };
    Product {
        sku: sku.into(),
        name: name.into(),
        state: "Enabled".into(),
        enabled: 9,
        warning: 1,
        suspended: 3,
        consumed,
        assignable: true,
        plans: vec![plan],
    }
}

async fn two_products(db: &Db, connection: i64) -> (i64, i64) {
    write(db, move |tx| {
        let products = [
            owned("sku-a", "ENTERPRISEPACK", 4),
            owned("sku-b", "FLOW_FREE", 12),
        ];
        product::put_all(tx, connection, 5, &products)?;
        let all = product::list(tx, connection)?;
        Ok((all[0].key, all[1].key))
    })
    .await
}

async fn group(db: &Db, owner: Owner, name: &str, members: &[Object]) -> Object {
    let (name, members) = (document(json!({"displayName": name})), members.to_vec());
    write(db, move |tx| {
        let group = put(tx, &change(owner, 5), Kind::Group, &name)?;
        let joining: Vec<Joining> = members.iter().map(Joining::from).collect();
        member::add(tx, &change(owner, 5), &group, &joining)?;
        Ok(group)
    })
    .await
}

async fn bring(db: &Db, c: &Connection, group: &Object, product: i64, plans: &[&str], way: Way) -> bool {
    let (c, group) = (c.clone(), group.clone());
    let plans: Vec<String> = plans.iter().map(ToString::to_string).collect();
    write(db, move |tx| {
        let new = New {
            group: &group,
            product,
            disabled_plans: &plans,
            way,
        };
        group_licence::add(tx, "owner", 7, &c, &new)
    })
    .await
}

async fn asked(db: &Db, connection: i64) -> Vec<i64> {
    let due = write(db, move |tx| {
        let due = revisit::due(tx, connection, 99, 99)?;
        revisit::settle_due(tx, connection, 99)?;
        Ok(due)
    })
    .await;
    let mut objects: Vec<i64> = due.into_iter().map(|(object, _)| object).collect();
    objects.sort_unstable();
    objects
}

both! {
    async fn products_are_known_by_id_and_name_and_keep_their_keys(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let key = app(db, owner.workspace).await.0.key;
        let (a, b) = two_products(db, key).await;
        let found = read(db, move |tx| Ok((
            product::by_sku(tx, key, "SKU-A")?.unwrap(), product::by_name(tx, key, " enterprisepack")?.unwrap(),
            product::by_name(tx, key, "sku-a")?, product::by_name(tx, key + 1, "ENTERPRISEPACK")?,
        ))).await;
        assert_eq!((found.0.key, found.1.key, found.2, found.3), (a, a, None, None));
        assert_eq!((found.0.product.clone(), found.0.product.free(), found.0.seen), (owned("sku-a", "ENTERPRISEPACK", 4), 6, 5));
        let again = [owned("sku-b", "FLOW_FREE", 12), owned("sku-b", "TWICE", 1)];
        write(db, move |tx| {
            link_licence::put(tx, 5, &Given { rule: 1, object: 1, product: a, ..Given::default() })?;
            product::put_all(tx, key, 4, &again)
        }).await;
        let all = read(db, move |tx| product::list(tx, key)).await;
        assert_eq!(all.iter().map(|row| (row.key, row.seen, row.product.free())).collect::<Vec<_>>(), [(a, 0, 0), (b, 4, 0)], "overdrawn is none free");
        write(db, move |tx| product::put_all(tx, key, 9, &[owned("sku-a", "ENTERPRISEPACK", 0)])).await;
        let back = read(db, move |tx| product::list(tx, key)).await;
        assert_eq!(back.iter().map(|row| (row.key, row.seen)).collect::<Vec<_>>(), [(a, 9)], "what nothing names is forgotten");
    }

    async fn a_product_that_a_mapping_names_is_kept_while_something_waits_for_it(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, _) = app(db, owner.workspace).await;
        let key = c.key;
        let (a, _) = two_products(db, key).await;
        let intern = move |text: &'static str| write(db, move |tx| product::intern(tx, key, text));
        assert_eq!((intern("SKU-A").await, intern("EnterprisePack").await), (Some(a), Some(a)));
        assert_eq!((intern("  ").await, intern("a\nb").await), (None, None));
        let unknown = intern("VISIO").await.unwrap();
        assert_eq!(intern("visio").await, Some(unknown));
        let held = intern("PROJECT").await.unwrap();
        write(db, move |tx| {
            let failure = retry::Failure { rule: people, object: 9, member: unknown, wait: None, code: "PRV-LICENCE-UNKNOWN", reason: "not owned" };
            retry::note(tx, 1, &failure)?;
            let step = staged::StagedStep {
                key: 0, rule: people, object: 9, member: held, action: "remove licence".into(), label: "Ann".into(), digest: "d".into(),
                decision: staged::Decision::Pending, created: 0,
            };
            staged::put(tx, key, 1, &step)?;
            product::intern(tx, key, "MISSPELT")?;
            product::put_all(tx, key, 6, &[])
        }).await;
        let names = read(db, move |tx| product::names(tx, &[unknown, held, a, 1])).await;
        assert_eq!(names.into_iter().collect::<Vec<_>>(), [(unknown, "VISIO".to_owned()), (held, "PROJECT".to_owned())]);
        let waiting = read(db, move |tx| retry::list(tx, key, 9)).await;
        assert_eq!((waiting[0].member, waiting[0].product.as_str()), (unknown, "VISIO"));
        let searched = retry::Asked { connection: key, text: Some("vis".into()), ..retry::Asked::default() };
        assert_eq!(read(db, move |tx| retry::page(tx, &searched, 5)).await.steps.len(), 1);
        let many = write(db, move |tx| (0..1_100).map(|i| product::intern(tx, key, &format!("P{i}"))).collect::<Result<Vec<_>, _>>()).await;
        assert_eq!(many.iter().flatten().count(), 998, "mistakes do not pile up");
    }

    async fn a_given_licence_is_kept_counted_and_taken_back(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        let key = c.key;
        let (a, b) = two_products(db, key).await;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let ann_key = ann.key;
        let given = |object, product, plans: &[&str]| Given {
            rule: people, object, product, disabled_plans: plans.iter().map(ToString::to_string).collect(), ..Given::default()
        };
        let (first, again) = (given(ann.key, a, &["z", "y", "y"]), given(ann.key, a, &["x"]));
        let others: Vec<Given> = (10_000..10_600).map(|object| given(object, b, &[])).collect();
        write(db, move |tx| {
            let linked = link::Link { rule: people, object: ann_key, object_id: Uuid::now_v7(), target_id: "T1".into(), label: "old".into(), ..link::Link::default() };
            link::put(tx, 1, &linked)?;
            link_licence::put(tx, 2, &first)?;
            link_licence::put_all(tx, 2, &others)
        }).await;
        let of = move |tx: &mut provost_store::Tx| link_licence::of(tx, people, ann_key);
        assert_eq!(read(db, of).await[0].disabled_plans, ["y", "z"]);
        write(db, move |tx| link_licence::put(tx, 3, &again)).await;
        assert_eq!(read(db, of).await, [Given { modified: 3, ..given(ann_key, a, &["x"]) }]);
        let counts = read(db, move |tx| Ok((link_licence::count(tx, key)?, link_licence::count_rule(tx, people)?, link_licence::count_rule(tx, groups)?))).await;
        assert_eq!((counts.0.into_iter().collect::<Vec<_>>(), counts.1, counts.2), (vec![(a, 1), (b, 600)], 601, 0));
        let many = read(db, move |tx| link_licence::of_many(tx, people, &(10_000..10_600).chain([ann_key, 5]).collect::<Vec<_>>())).await;
        assert_eq!((many.len(), many[&ann_key].len(), many.get(&5)), (601, 1, None));
        let holders = read(db, move |tx| link_licence::holders(tx, a, None, 9)).await;
        assert_eq!((holders[0].label.as_str(), holders[0].id, holders[0].target_id.as_str()), ("ann@contoso.example", Some(ann.id), "T1"));
        let page = read(db, move |tx| link_licence::holders(tx, b, Some((people, 10_400)), 150)).await;
        assert_eq!((page.len(), page[0].given.object, page[0].id), (150, 10_401, None));
        write(db, move |tx| {
            link_licence::remove_all(tx, people, &[(10_000, b), (10_001, b), (10_002, a)])?;
            link_licence::drop_object(tx, people, 10_003)?;
            link::remove(tx, people, ann_key)
        }).await;
        let left = read(db, move |tx| link_licence::count(tx, key)).await;
        assert_eq!(left.into_iter().collect::<Vec<_>>(), [(a, 0), (b, 597)], "who is unlinked has nothing from us");
    }

    async fn a_group_brings_its_people_what_no_group_leaves_out(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let key = c.key;
        let (a, b) = two_products(db, key).await;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let inner = group(db, owner, "Inner", std::slice::from_ref(&ann)).await;
        let sales = group(db, owner, "Sales", std::slice::from_ref(&ann)).await;
        let outer = group(db, owner, "Outer", std::slice::from_ref(&inner)).await;
        assert!(!read(db, move |tx| group_licence::any(tx, key)).await);
        assert!(bring(db, &c, &inner, a, &["mail", "chat"], Way::Member).await);
        assert_eq!(asked(db, key).await, [ann.key, inner.key]);
        assert!(!bring(db, &c, &inner, a, &["chat", "mail"], Way::Member).await, "it is so already");
        assert!(bring(db, &c, &sales, a, &["mail", "sites"], Way::Member).await);
        assert!(bring(db, &c, &outer, b, &[], Way::Member).await);
        assert!(bring(db, &c, &sales, b, &["x"], Way::Group).await);
        let of = |nested| read(db, move |tx| group_licence::for_person(tx, key, ann.key, nested));
        assert_eq!(of(false).await, [(a, vec!["mail".to_owned()])]);
        assert_eq!(of(true).await, [(a, vec!["mail".to_owned()]), (b, vec![])]);
        assert!(read(db, move |tx| group_licence::any(tx, key)).await);
        let map = read(db, move |tx| group_licence::by_group(tx, key)).await;
        assert_eq!((map.len(), map[&outer.key].clone()), (3, vec![(b, vec![])]));
        asked(db, key).await;
        let nested = Connection { preferences: Preferences { nested: true, ..Preferences::default() }, ..c.clone() };
        assert!(bring(db, &nested, &outer, b, &["y"], Way::Member).await);
        assert_eq!(asked(db, key).await, [ann.key, outer.key], "people of groups inside it");
        assert_eq!(audited(db, owner.workspace, 1).await, ["group_licence.add"]);
        let listed = read(db, move |tx| group_licence::list(tx, key, 0, 9)).await;
        assert_eq!(listed.len(), 4);
        assert_eq!((listed[0].label.as_str(), listed[0].sku.as_str(), listed[0].product_name.as_str()), ("Inner", "sku-a", "ENTERPRISEPACK"));
        let (one, first) = (c.clone(), listed[0].key);
        assert!(write(db, move |tx| group_licence::remove(tx, "owner", 8, &one, first)).await);
        assert_eq!(asked(db, key).await, [ann.key, inner.key]);
        assert_eq!(of(false).await, [(a, vec!["mail".to_owned(), "sites".to_owned()])]);
        assert_eq!(audited(db, owner.workspace, 1).await, ["group_licence.remove"]);
        assert!(!write(db, move |tx| group_licence::remove(tx, "owner", 8, &c, first)).await);
    }

    async fn what_the_targets_group_has_is_remembered_until_it_is_taken_back(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let key = c.key;
        let (a, _) = two_products(db, key).await;
        let sales = group(db, owner, "Sales", &[]).await;
        bring(db, &c, &sales, a, &[], Way::Group).await;
        let group_key = sales.key;
        let of = move |tx: &mut provost_store::Tx| Ok(group_licence::of_group(tx, key, group_key)?.into_iter().map(|one| (one.way, one.written)).collect::<Vec<_>>());
        let first = read(db, move |tx| group_licence::of_group(tx, key, group_key)).await[0].key;
        write(db, move |tx| group_licence::set_written(tx, first, true)).await;
        assert_eq!(read(db, of).await, [(Way::Group, true)]);
        let (one, two, sold) = (c.clone(), c.clone(), sales.clone());
        let refused = db.write(move |tx| {
            let new = New { group: &sold, product: a, disabled_plans: &[], way: Way::Member };
            group_licence::add(tx, "owner", 8, &one, &new)
        }).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-GROUP-LICENCE"), "the target's group would keep it for ever");
        assert!(write(db, move |tx| group_licence::remove(tx, "owner", 8, &two, first)).await);
        assert_eq!(read(db, of).await, [(Way::Ending, true)]);
        assert!(bring(db, &c, &sales, a, &[], Way::Group).await, "it is wanted again");
        assert_eq!(read(db, of).await, [(Way::Group, true)]);
        bring(db, &c, &sales, a, &["mail"], Way::Group).await;
        assert_eq!(read(db, of).await, [(Way::Group, false)], "other services are written anew");
        write(db, move |tx| {
            group_licence::set_written(tx, first, true)?;
            group_licence::remove(tx, "owner", 9, &c, first)?;
            group_licence::set_written(tx, first, false)
        }).await;
        assert_eq!(read(db, of).await, []);
    }

    async fn licences_of_groups_belong_to_the_configuration(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let key = c.key;
        let (a, b) = two_products(db, key).await;
        let sales = group(db, owner, "Sales", &[]).await;
        let group_key = sales.key;
        let made = read(db, move |tx| config_version::latest(tx, key)).await.unwrap();
        bring(db, &c, &sales, a, &["mail"], Way::Member).await;
        let kept = read(db, move |tx| config_version::latest(tx, key)).await.unwrap();
        assert_eq!(kept.0.number, made.0.number + 1);
        let expected = GroupLicence { group: sales.id, product: "sku-a".into(), disabled_plans: vec!["mail".into()], way: Way::Member };
        assert_eq!(kept.1.group_licences, Some(vec![expected.clone()]));
        let mut to = kept.1.clone();
        to.group_licences = Some(vec![GroupLicence { product: "flow_free".into(), ..expected }]);
        let (one, silent) = (c.clone(), config_version::Definition { group_licences: None, ..to.clone() });
        write(db, move |tx| connection::configure(tx, "owner", 8, &one, &silent, "file")).await;
        let products = move |tx: &mut provost_store::Tx| Ok(group_licence::of_group(tx, key, group_key)?.into_iter().map(|one| one.product).collect::<Vec<_>>());
        assert_eq!(read(db, products).await, [a], "a file that says nothing of them changes nothing");
        let (one, other) = (c.clone(), to.clone());
        write(db, move |tx| connection::configure(tx, "owner", 8, &one, &other, "file")).await;
        assert_eq!(read(db, products).await, [b]);
        let (one, back) = (c.clone(), made.1);
        write(db, move |tx| connection::configure(tx, "owner", 9, &one, &back, "back")).await;
        assert_eq!(read(db, products).await, [] as [i64; 0]);
        to.group_licences.as_mut().unwrap()[0].group = Uuid::now_v7();
        let refused = db.write(move |tx| connection::configure(tx, "owner", 9, &c, &to, "file")).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-GROUP-LICENCE"));
    }

    async fn a_person_and_anothers_product_bring_no_licence(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let c = app(db, owner.workspace).await.0;
        let key = c.key;
        let (a, _) = two_products(db, key).await;
        let (elsewhere, _) = two_products(db, key + 1_000_000).await;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let sales = group(db, owner, "Sales", &[]).await;
        for (group, product, way) in [(&ann, a, Way::Member), (&sales, elsewhere, Way::Member), (&sales, a, Way::Ending)] {
            let (one, group) = (c.clone(), group.clone());
            let refused = db.write(move |tx| {
                group_licence::add(tx, "owner", 7, &one, &New { group: &group, product, disabled_plans: &[], way })
            }).await.unwrap_err();
            assert_eq!(refused.code(), Some("PRV-GROUP-LICENCE"), "{way}");
        }
    }
}
