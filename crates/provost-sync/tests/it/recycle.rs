//! What the engine makes of blocked people, of the recycle bin, and of groups that come with their members.

use crate::harness::{GUARD_OFF, Hub, people_rule};
use m365_sim::Settings;
use provost_engine::plan::Action;
use provost_store::doubt::Decision;
use provost_store::{directory, rule};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_person_is_disabled_until_somebody_unblocks_them() {
    let hub = Hub::with(Settings::contoso(), GUARD_OFF).await;
    let people = hub.people(3).await;
    hub.run().await;
    let ann = people[0].clone();
    hub.db
        .write(move |tx| directory::block(tx, "owner", 2_000, &ann, "left their laptop"))
        .await
        .unwrap();
    let report = hub.run().await;
    assert_eq!(report.applied[&Action::Disable], 1, "{report:?}");
    // The provider's own word changes nothing while the block stands.
    hub.edit(&people[0], |p| p["active"] = json!(false)).await;
    hub.edit(&people[0], |p| p["active"] = json!(true)).await;
    hub.edit(&people[0], |p| p["title"] = json!("Boss")).await;
    hub.run().await;
    assert_eq!(
        hub.users()["user0@contoso.example"]["accountEnabled"],
        json!(false)
    );
    hub.assert_equal().await;
    let key = people[0].key;
    hub.db
        .write(move |tx| {
            let now = directory::by_key(tx, key)?.unwrap();
            directory::unblock(tx, "owner", 3_000, &now)
        })
        .await
        .unwrap();
    hub.run().await;
    assert_eq!(
        hub.users()["user0@contoso.example"]["accountEnabled"],
        json!(true)
    );
    hub.assert_equal().await;
}

/// With a rule that never deletes, a deleted person's account is disabled and its link stays; a restore must
/// enable that very account again.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_person_has_the_same_account_and_the_same_groups() {
    let hub = Hub::with(Settings::contoso(), GUARD_OFF).await;
    let (mut rule, connection) = (people_rule(), hub.connection.clone());
    rule.actions.delete = false;
    hub.db
        .write(move |tx| rule::put(tx, "test", 1, &connection, 1, &rule))
        .await
        .unwrap();
    let people = hub.people(4).await;
    hub.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    hub.run().await;
    let before = hub.users();
    hub.delete(&people[1]).await;
    hub.delete(&people[2]).await;
    // One comes back before the next cycle, the other after it.
    hub.restore(&people[2]).await;
    hub.run().await;
    let now = hub.users();
    let enabled = |users: &BTreeMap<String, Value>, i: usize| {
        users[&format!("user{i}@contoso.example")]["accountEnabled"].clone()
    };
    assert_eq!((enabled(&now, 1), enabled(&now, 2)), (json!(false), json!(true)));
    hub.restore(&people[1]).await;
    let report = hub.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    assert_eq!(report.applied[&Action::Restore], 1, "{report:?}");
    hub.assert_equal().await;
    assert_eq!(hub.groups()["Sales"].len(), 4);
    for (name, user) in hub.users() {
        assert_eq!(user["id"], before[&name]["id"], "{name}");
    }
    assert_eq!(hub.run().await.writes(), 0);
}

/// Where the rule deletes, a restored person's account lies in the bin, and a person decides what becomes of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_person_whose_account_was_deleted_gets_it_back_by_a_decision() {
    let hub = Hub::with(Settings::contoso(), GUARD_OFF).await;
    let people = hub.people(3).await;
    hub.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    hub.run().await;
    let id = hub.users()["user1@contoso.example"]["id"].clone();
    hub.delete(&people[1]).await;
    hub.run().await;
    assert_eq!(hub.users().len(), 2);
    hub.restore(&people[1]).await;
    hub.run().await;
    assert_eq!(hub.users().len(), 2, "nobody is made beside the one in the bin");
    hub.decide_twin("user1", id.as_str().unwrap(), Decision::Restore)
        .await;
    let report = hub.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    assert_eq!(hub.users()["user1@contoso.example"]["id"], id);
    hub.assert_equal().await;
    assert_eq!(hub.groups()["Sales"].len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_made_with_its_members_or_restored_with_them_is_whole() {
    let hub = Hub::with(Settings::contoso(), GUARD_OFF).await;
    let people = hub.people(30).await;
    hub.run().await;
    let sales = hub.founded("Sales", &people.iter().collect::<Vec<_>>()).await;
    let report = hub.run().await;
    assert_eq!(
        (report.mode, report.applied[&Action::AddMember]),
        ("incremental", 30),
        "{report:?}"
    );
    hub.assert_equal().await;
    // Deleted and restored between two cycles, and one of its members is gone for good.
    hub.delete(&sales).await;
    hub.delete(&people[0]).await;
    hub.restore(&sales).await;
    hub.run().await;
    hub.assert_equal().await;
    // With a cycle in between the group is made anew.
    hub.delete(&sales).await;
    hub.run().await;
    hub.assert_equal().await;
    hub.restore(&sales).await;
    hub.run().await;
    hub.assert_equal().await;
    assert_eq!(hub.groups()["Sales"].len(), 29);
    let again = hub.run().await;
    assert_eq!(again.writes(), 0);
}
