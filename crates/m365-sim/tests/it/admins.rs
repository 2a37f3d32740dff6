//! Administrators are protected, permissions are exact, copies are old: what an application meets besides its request.

use m365_sim::{Model, OutlivedDelta, Settings};
use serde_json::json;

use crate::world::{Answer, World, group, merged};

const DENIED: (u16, &str) = (403, "Authorization_RequestDenied");
const ROLES: [&str; 5] = [
    "User.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "User.DeleteRestore.All",
    "RoleManagement.ReadWrite.Directory",
];

async fn with_entra_role(role: &str) -> World {
    World::start(|settings| {
        let application = &mut settings.applications[0];
        application.roles = ROLES.iter().map(|role| (*role).to_owned()).collect();
        application.directory_roles = vec![role.to_owned()]
            .into_iter()
            .filter(|role| !role.is_empty())
            .collect();
    })
    .await
}

/// Every sensitive action on a user, each answered.
async fn sensitive(world: &World, id: &str) -> Vec<Answer> {
    let path = format!("/users/{id}");
    let mut answers = Vec::new();
    for change in [
        json!({"accountEnabled": false}),
        json!({"mobilePhone": "1"}),
        json!({"businessPhones": []}),
        json!({"otherMails": []}),
        json!({"onPremisesImmutableId": id}),
        json!({"userPrincipalName": format!("{id}@contoso.example")}),
    ] {
        answers.push(world.patch(&path, change).await);
    }
    answers.push(world.delete(&path).await);
    answers.push(
        world
            .post(&format!("/directory/deletedItems/{id}/restore"), json!({}))
            .await,
    );
    answers
}

#[tokio::test]
async fn an_administrator_asks_for_a_higher_role_and_others_do_not() {
    for (mine, theirs, allowed) in [
        ("", "Reports Reader", false),
        ("User Administrator", "Reports Reader", true),
        ("User Administrator", "Global Administrator", false),
        ("User Administrator", "A role of our own", false),
        (
            "Privileged Authentication Administrator",
            "Global Administrator",
            true,
        ),
        ("Global Administrator", "Global Administrator", true),
        ("", "", true),
    ] {
        let world = with_entra_role(mine).await;
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let roles: Vec<&str> = [theirs].into_iter().filter(|role| !role.is_empty()).collect();
        world.simulator.set_directory_roles(&ada, &roles).unwrap();
        let answers = sensitive(&world, &ada).await;
        if allowed {
            assert!(
                answers.iter().all(|answer| answer.status < 300),
                "{mine} on {theirs}: {answers:?}"
            );
        } else {
            // The restore finds nothing in the bin.
            assert!(
                answers[..7].iter().all(|answer| answer.refusal() == DENIED),
                "{mine} on {theirs}: {answers:?}"
            );
        }
        let harmless = world
            .patch(&format!("/users/{ada}"), json!({"city": "Oslo"}))
            .await;
        assert_eq!(harmless.status, 204, "what is not sensitive may be changed");
        let other = world
            .patch(&format!("/users/{bob}"), json!({"accountEnabled": false}))
            .await;
        assert_eq!(other.status, 204, "for that user only");
    }
}

#[tokio::test]
async fn who_belongs_to_a_group_that_can_hold_roles_counts_as_an_administrator() {
    let world = with_entra_role("User Administrator").await;
    let ada = world.user("ada").await;
    let privileged = merged(
        group("privileged"),
        json!({"isAssignableToRole": true, "visibility": "Private"}),
    );
    let created = world
        .post(
            "/groups",
            merged(
                privileged,
                json!({"members@odata.bind": world.references(std::slice::from_ref(&ada))}),
            ),
        )
        .await;
    assert_eq!(created.status, 201, "{created:?}");
    let answer = world
        .patch(&format!("/users/{ada}"), json!({"accountEnabled": false}))
        .await;
    assert_eq!(answer.refusal(), DENIED);
}

#[tokio::test]
async fn roles_are_shown_among_the_groups() {
    let world = with_entra_role("").await;
    let ada = world.user("ada").await;
    let team = world.group("team").await;
    world.add(&team, &ada).await;
    world
        .simulator
        .set_directory_roles("ada@contoso.example", &["Global Administrator", "Reports Reader"])
        .unwrap();
    let found = world.get(&format!("/users/{ada}/memberOf")).await;
    assert_eq!(
        found.column("displayName"),
        ["Global Administrator", "Reports Reader", "team"]
    );
    assert_eq!(found.values()[0]["@odata.type"], "#microsoft.graph.directoryRole");
    let selected = world.get(&format!("/users/{ada}/memberOf?$select=id")).await;
    assert!(selected.values()[0].get("displayName").is_none());
    assert_eq!(
        selected.values()[0]["@odata.type"],
        "#microsoft.graph.directoryRole"
    );
    let all = world.get(&format!("/users/{ada}/transitiveMemberOf")).await;
    assert_eq!(all.values().len(), 3);
    let groups = world
        .get(&format!("/users/{ada}/memberOf/microsoft.graph.group"))
        .await;
    assert_eq!(groups.column("id"), [team.as_str()]);
    assert!(
        world
            .simulator
            .set_directory_roles("nobody@contoso.example", &[])
            .is_err()
    );
}

#[tokio::test]
async fn roles_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let start = |path: std::path::PathBuf| {
        World::start(move |settings| {
            settings.journal = Some(path);
            settings.applications[0]
                .roles
                .push("Directory.Read.All".to_owned());
        })
    };
    let world = start(journal.clone()).await;
    let ada = world.user("ada").await;
    world
        .simulator
        .set_directory_roles(&ada, &["Global Administrator"])
        .unwrap();
    drop(world);
    let world = start(journal).await;
    assert_eq!(
        world
            .get(&format!("/users/{ada}/memberOf"))
            .await
            .column("displayName"),
        ["Global Administrator"]
    );
}

#[tokio::test]
async fn a_permission_to_write_reads_only_where_that_is_chosen() {
    let world = World::contoso().await;
    let ada = world.user("ada").await;
    let path = format!("/users/{ada}/memberOf");
    assert_eq!(world.get(&path).await.refusal(), DENIED, "by Microsoft's list");
    world
        .simulator
        .change(|settings| settings.unproved.wide_permissions = true);
    assert_eq!(world.get(&path).await.status, 200);
    assert_eq!(
        world.get("/servicePrincipals").await.refusal(),
        DENIED,
        "not of something else"
    );
}

#[tokio::test]
async fn reads_meet_old_copies_for_a_while() {
    let world = World::start(|settings| {
        settings.read_delay_ms = 5_000;
        settings.read_delay_percent = 50;
        settings.stale_reads = true;
    })
    .await;
    let (ada, team) = (world.user("ada").await, world.group("team").await);
    world.advance(5_000);
    world
        .patch(&format!("/users/{ada}"), json!({"jobTitle": "New"}))
        .await;
    world.add(&team, &ada).await;
    let mut titles = Vec::new();
    let mut members = Vec::new();
    for _ in 0..6 {
        titles.push(world.get(&format!("/users/{ada}")).await.body["jobTitle"].clone());
        members.push(world.get(&format!("/groups/{team}/members")).await.values().len());
    }
    assert!(
        titles.contains(&json!("New")) || members.contains(&1),
        "some reads meet the newest copy"
    );
    assert!(
        titles.contains(&json!(null)) || members.contains(&0),
        "and some an old one"
    );
    let again = world
        .patch(&format!("/users/{ada}"), json!({"department": "Sales"}))
        .await;
    assert_eq!(again.status, 204, "writes always meet the newest");
    world.advance(5_000);
    let user = world
        .get(&format!("/users/{ada}?$select=jobTitle,department"))
        .await
        .body;
    assert_eq!(
        (&user["jobTitle"], &user["department"]),
        (&json!("New"), &json!("Sales"))
    );
    assert_eq!(
        world.get(&format!("/groups/{team}/members")).await.column("id"),
        [ada.as_str()]
    );
}

#[tokio::test]
async fn outlived_delta_links_are_refused_in_each_way() {
    let mut world = World::contoso().await;
    world.user("ada").await;
    let link = world.get("/users/delta").await.link("delta").unwrap();
    world.simulator.change(|settings| settings.delta_life_s = 3_500);
    world.advance(3_499_000);
    assert_eq!(world.get(&link).await.status, 200);
    world.advance(1_000);
    world.renew_token().await;
    for (chosen, refusal, located) in [
        (
            OutlivedDelta::SyncStateNotFound,
            (400, "syncStateNotFound"),
            false,
        ),
        (OutlivedDelta::ResyncRequired, (400, "resyncRequired"), false),
        (OutlivedDelta::Gone, (410, "resyncRequired"), true),
    ] {
        world
            .simulator
            .change(|settings| settings.unproved.outlived_delta = chosen);
        let answer = world.get(&link).await;
        assert_eq!(
            (answer.refusal(), answer.header("location").is_some()),
            (refusal, located)
        );
    }
}

#[tokio::test]
async fn low_priority_is_shed_first_where_that_is_chosen() {
    let world = World::start(|settings| {
        settings.throttle.model = Model::TokenBucket;
        settings.throttle.units = Some(20);
        settings.throttle.shed_low_priority = true;
    })
    .await;
    let low = [("x-ms-throttle-priority", "low")];
    for _ in 0..17 {
        assert_eq!(world.call("GET", "/groups", &low, None).await.status, 200);
    }
    let refused = world.call("GET", "/groups", &low, None).await;
    assert_eq!(
        (refused.status, refused.header("x-ms-throttle-information")),
        (429, Some("CPULimitExceeded"))
    );
    assert_eq!(world.get("/groups").await.status, 200);
}

#[tokio::test]
async fn lives_of_tokens_may_be_drawn_and_settings_keep_the_tenant() {
    let world = World::start(|settings| settings.unproved.random_token_life = true).await;
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        Settings::CONTOSO_CLIENT_ID,
        Settings::CONTOSO_CLIENT_SECRET
    );
    let mut lives = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let token = world
            .form("/contoso.example/oauth2/v2.0/token", &form, None)
            .await;
        let life = token.body["expires_in"].as_u64().unwrap();
        assert!((3_600..5_400).contains(&life), "{life}");
        lives.insert(life);
    }
    assert!(lives.len() > 1, "{lives:?}");
    world
        .simulator
        .change(|settings| settings.tenant_id = "another".to_owned());
    assert_eq!(world.simulator.settings().tenant_id, Settings::CONTOSO_TENANT);
}
