use crate::harness::{GUARD_OFF, Hub};
use m365_sim::Settings;
use provost_engine::plan::Action;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_cycle_makes_the_target_equal_and_a_second_writes_nothing() {
    let hub = Hub::new().await;
    let people = hub.people(45).await;
    hub.group("Sales", &people.iter().take(30).collect::<Vec<_>>())
        .await;
    hub.group("Legal", &[]).await;
    let preview = hub.engine.plan(hub.connection.key, 3, None).await.unwrap();
    assert_eq!(
        (
            preview.mode,
            preview.rules[0].counts.people.create,
            preview.rules[1].counts.groups.add_member
        ),
        ("initial", 45, 30)
    );
    let report = hub.run().await;
    assert_eq!(
        (report.state, report.mode, report.failed),
        ("done", "initial", 0),
        "{report:?}"
    );
    assert_eq!(
        (
            report.applied[&Action::Create],
            report.applied[&Action::AddMember]
        ),
        (47, 30)
    );
    hub.assert_equal().await;
    let writes = hub.simulator.counters().writes;
    let again = hub.run().await;
    assert_eq!((again.mode, again.looked, again.writes()), ("incremental", 0, 0));
    assert_eq!(
        hub.simulator.counters().writes,
        writes,
        "nothing is written twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn joiner_mover_leaver_and_members_arrive_by_the_change_log() {
    let hub = Hub::with(Settings::contoso(), GUARD_OFF).await;
    let people = hub.people(10).await;
    let sales = hub.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    hub.run().await;
    let joiner = hub.person("Joiner", json!({"title": "Trainee"})).await;
    hub.join(&sales, &[&joiner]).await;
    hub.edit(&people[0], |p| p["title"] = json!("Director")).await;
    hub.edit(&people[1], |p| p["active"] = json!(false)).await;
    hub.delete(&people[2]).await;
    hub.leave(&sales, &[&people[3]]).await;
    hub.edit(&sales, |g| g["displayName"] = json!("Sales and more"))
        .await;
    let report = hub.run().await;
    assert_eq!(
        (report.state, report.failed, report.mode),
        ("done", 0, "incremental"),
        "{report:?}"
    );
    hub.assert_equal().await;
    assert_eq!(
        hub.users()["user1@contoso.example"]["accountEnabled"],
        json!(false)
    );
    // Back again: the account is enabled, not made anew.
    hub.edit(&people[1], |p| p["active"] = json!(true)).await;
    hub.run().await;
    hub.assert_equal().await;
    hub.assert_no_twins();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_is_written_once_both_ends_are_linked_and_again_when_he_changes() {
    let hub = Hub::new().await;
    let boss = hub.person("Boss", json!({})).await;
    let other = hub.person("Other", json!({"active": false})).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let ann = hub
        .person(
            "Ann",
            json!({enterprise: {"manager": {"value": boss.id.to_string()}}}),
        )
        .await;
    hub.run().await;
    let id = |name: &str| hub.users()[&format!("{name}@contoso.example")]["id"].clone();
    let manager = || {
        hub.users()["Ann@contoso.example"]
            .get("manager")
            .filter(|m| !m.is_null())
            .cloned()
    };
    assert_eq!(manager(), Some(id("Boss")));
    // Nobody without an account can be referred to yet: the reference waits, and nothing is planned for ever.
    let waiting = other.id.to_string();
    hub.edit(&ann, move |p| p[enterprise]["manager"]["value"] = json!(waiting))
        .await;
    hub.run().await;
    assert_eq!(manager(), Some(id("Boss")));
    assert_eq!(hub.run().await.looked, 0);
    hub.edit(&other, |p| p["active"] = json!(true)).await;
    hub.run().await;
    assert_eq!(manager(), Some(id("Other")), "without a restart");
    hub.edit(&ann, move |p| {
        p.as_object_mut().unwrap().remove(enterprise);
    })
    .await;
    hub.run().await;
    assert_eq!(manager(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_exist_are_matched_and_brought_up_to_date() {
    let hub = Hub::new().await;
    let people = hub.people(3).await;
    hub.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    hub.run().await;
    // A second hub with the same people and the same tenant finds everybody there.
    forget_links(&hub).await;
    hub.edit(&people[0], |p| p["title"] = json!("Boss")).await;
    let creates = hub.simulator.creations().len();
    let report = hub.run().await;
    assert_eq!(
        (report.mode, report.adopted, report.failed),
        ("initial", 4, 0),
        "{report:?}"
    );
    assert_eq!(hub.simulator.creations().len(), creates);
    hub.assert_equal().await;
}

/// As if the links had been lost: the next cycle is an initial one over a tenant that is full.
async fn forget_links(hub: &Hub) {
    let path = hub.folder.path().join("provost.db");
    tokio::task::spawn_blocking(move || {
        let raw = rusqlite::Connection::open(path).unwrap();
        raw.execute_batch("DELETE FROM link; DELETE FROM link_member; UPDATE connection SET watermark = -1")
            .unwrap();
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_mapping_fails_its_person_only() {
    let hub = Hub::new().await;
    hub.people(5).await;
    hub.person("Mute", json!({"userName": "no domain here"})).await;
    let report = hub.run().await;
    assert_eq!(
        (report.applied[&Action::Create], report.failed),
        (5, 1),
        "{report:?}"
    );
    let trace = &hub.engine.explain(hub.owner.workspace, "Mute").await.unwrap()[0];
    let line = &trace.log[0];
    assert_eq!(line["status"], "failure");
    assert!(
        line["reason"]
            .as_str()
            .unwrap()
            .starts_with("PRV-VALUE-CHARACTERS"),
        "{line}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_tells_of_people_present_and_gone() {
    let hub = Hub::with(Settings::contoso(), r#"{"enabled": false}"#).await;
    let ann = hub.person("Ann", json!({"title": "Boss"})).await;
    hub.run().await;
    let present = &hub
        .engine
        .explain(hub.owner.workspace, "ANN@contoso.example")
        .await
        .unwrap()[0];
    assert_eq!(
        (
            present.rules[0].decision.as_str(),
            present.rules[0].scope.as_str()
        ),
        ("nothing to do", "in scope")
    );
    assert_eq!(present.rules[0].attributes["jobTitle"], json!("Boss"));
    hub.delete(&ann).await;
    let gone = &hub
        .engine
        .explain(hub.owner.workspace, &ann.id.to_string())
        .await
        .unwrap()[0];
    assert_eq!(
        (gone.document.clone(), gone.rules[0].decision.as_str()),
        (None::<Value>, "delete")
    );
}
