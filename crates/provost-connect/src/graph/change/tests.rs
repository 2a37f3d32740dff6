#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn ids(members: &[Member]) -> Vec<&str> {
    members.iter().map(|member| member.id.as_str()).collect()
}

#[test]
fn absent_is_unknown_and_null_is_cleared() {
    let entries = [
        json!({"id": "a", "accountEnabled": false, "jobTitle": null, "city": "Oslo",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "x"}}),
    ];
    let asked = names(&[
        "jobTitle",
        "city",
        "surname",
        "onPremisesExtensionAttributes.extensionAttribute1",
        "onPremisesExtensionAttributes.extensionAttribute2",
    ]);
    let page = merge(Kind::Person, &entries, &asked).unwrap();
    let [account] = page.changed.as_slice() else {
        panic!("{page:?}");
    };
    let wanted = json!({"jobTitle": null, "city": "Oslo",
        "onPremisesExtensionAttributes.extensionAttribute1": "x",
        "onPremisesExtensionAttributes.extensionAttribute2": null});
    assert_eq!(serde_json::to_value(&account.record).unwrap(), wanted);
    assert_eq!(account.enabled, Some(false));
}

#[test]
fn parts_of_a_large_group_become_one() {
    let user = |id: &str| json!({"@odata.type": "#microsoft.graph.user", "id": id});
    let gone = |id: &str| json!({"id": id, "@removed": {"reason": "deleted"}});
    let entries = [
        json!({"id": "g", "displayName": "Crew", "members@delta": [user("a"), user("b"), user("c")]}),
        json!({"id": "h", "members@delta": [user("x")]}),
        json!({"id": "g", "members@delta": [gone("b"), user("d")]}),
    ];
    let page = merge(Kind::Group, &entries, &names(&["displayName"])).unwrap();
    assert_eq!(page.changed.len(), 1, "`h` itself did not change");
    assert_eq!(page.changed[0].record["displayName"], "Crew");
    let [crew, other] = page.members.as_slice() else {
        panic!("{page:?}");
    };
    assert_eq!((crew.group.as_str(), other.group.as_str()), ("g", "h"));
    assert_eq!(ids(&crew.added), ["a", "c", "d"]);
    assert_eq!(ids(&crew.removed), ["b"]);
    assert_eq!(crew.added[0].kind, Some(Kind::Person));
}

#[test]
fn the_later_of_removal_and_return_counts() {
    let away = json!({"id": "a", "@removed": {"reason": "changed"}});
    let there = json!({"id": "a", "city": "Oslo"});
    let asked = names(&["city"]);
    let page = merge(Kind::Person, &[there.clone(), away.clone()], &asked).unwrap();
    let removal = Removal {
        id: "a".to_owned(),
        restorable: true,
    };
    assert_eq!((page.changed.len(), page.removed), (0, vec![removal]));
    let page = merge(Kind::Person, &[away, there], &asked).unwrap();
    assert_eq!((page.changed.len(), page.removed.len()), (1, 0));
    let purged = json!({"id": "a", "@removed": {"reason": "deleted"}});
    let page = merge(Kind::Person, &[purged], &asked).unwrap();
    assert!(!page.removed[0].restorable);
}

#[test]
fn a_manager_comes_goes_and_is_replaced() {
    let told = |links: Value| {
        let entry = json!({"id": "a", "manager@delta": links});
        let page = merge(Kind::Person, &[entry], &names(&["manager"])).unwrap();
        page.changed[0].record.get("manager").cloned()
    };
    let gone = json!({"id": "m1", "@removed": {"reason": "deleted"}});
    assert_eq!(told(json!([{"id": "m1"}])), Some(json!("m1")));
    assert_eq!(told(json!([gone])), Some(Value::Null));
    assert_eq!(told(json!([gone, {"id": "m2"}])), Some(json!("m2")));
    let silent = merge(Kind::Person, &[json!({"id": "a"})], &names(&["manager"])).unwrap();
    assert!(silent.changed[0].record.is_empty());
}

#[test]
fn members_and_manager_are_asked_for_by_name() {
    assert_eq!(
        select(Kind::Person, &names(&["city", "manager"])),
        "id,accountEnabled,city,manager"
    );
    assert_eq!(
        select(Kind::Group, &names(&["displayName"])),
        "id,displayName,members"
    );
}

proptest! {
    /// However a sequence of entries is cut into pages and repeated, what holds in the end is the
    /// same: the last word about each object and each member.
    #[test]
    fn cutting_and_repeating_changes_nothing(
        entries in prop::collection::vec((0..4u8, 0..5u8, any::<bool>()), 1..30),
        cut in 0..30usize,
    ) {
        let entries: Vec<Value> = entries
            .into_iter()
            .map(|(group, member, there)| {
                let mut link = json!({"id": format!("m{member}")});
                if !there {
                    link["@removed"] = json!({"reason": "deleted"});
                }
                json!({"id": format!("g{group}"), "members@delta": [link]})
            })
            .collect();
        let held = |pages: &[&[Value]]| {
            let mut all = BTreeMap::new();
            for page in pages {
                for change in merge(Kind::Group, page, &[]).unwrap().members {
                    for (members, there) in [(&change.added, true), (&change.removed, false)] {
                        for member in members {
                            all.insert((change.group.clone(), member.id.clone()), there);
                        }
                    }
                }
            }
            all
        };
        let cut = cut.min(entries.len());
        let (one, two) = entries.split_at(cut);
        let whole = held(&[&entries]);
        prop_assert_eq!(&held(&[one, two]), &whole);
        prop_assert_eq!(&held(&[one, two, two]), &whole);
        prop_assert_eq!(&held(&[&entries, &entries]), &whole);
    }
}
