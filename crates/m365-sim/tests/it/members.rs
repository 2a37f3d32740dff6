use serde_json::json;

use crate::world::{World, group, merged, unified};

#[tokio::test]
async fn a_member_is_added_once_listed_and_removed_once() {
    let world = World::contoso().await;
    let (ada, team) = (world.user("ada").await, world.group("team").await);
    assert_eq!(world.add(&team, &ada).await.status, 204);
    let again = world.add(&team, &ada).await;
    assert_eq!(again.refusal(), (400, "Request_BadRequest"));
    assert_eq!(
        again.message(),
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    let list = world.get(&format!("/groups/{team}/members")).await;
    assert_eq!(list.column("id"), [ada.as_str()]);
    assert_eq!(list.column("@odata.type"), ["#microsoft.graph.user"]);
    assert_eq!(list.column("displayName"), ["User ada"]);
    assert_eq!(world.simulator.members(&team), [ada.as_str()]);
    let path = format!("/groups/{team}/members/{ada}/$ref");
    assert_eq!(world.delete(&path).await.status, 204);
    assert_eq!(
        world.delete(&path).await.refusal(),
        (404, "Request_ResourceNotFound")
    );
    assert!(
        world
            .get(&format!("/groups/{team}/members"))
            .await
            .values()
            .is_empty()
    );
    assert_eq!(world.get(&format!("/users/{ada}")).await.status, 200);
}

#[tokio::test]
async fn leaving_out_ref_deletes_the_user_itself() {
    let world = World::contoso().await;
    let (ada, bob, team) = (
        world.user("ada").await,
        world.user("bob").await,
        world.group("team").await,
    );
    world.add(&team, &ada).await;
    let not_in = world
        .outside("DELETE", &format!("/groups/{team}/members/{bob}"), &[], None)
        .await;
    assert_eq!(not_in.status, 404);
    let deleted = world
        .outside("DELETE", &format!("/groups/{team}/members/{ada}"), &[], None)
        .await;
    assert_eq!(deleted.status, 204);
    assert_eq!(world.get(&format!("/users/{ada}")).await.status, 404);
    assert_eq!(
        world
            .get("/directory/deletedItems/microsoft.graph.user")
            .await
            .column("id"),
        [ada]
    );
}

#[tokio::test]
async fn references_that_lead_nowhere_are_refused() {
    let world = World::contoso().await;
    let (team, other) = (world.group("team").await, world.group("other").await);
    let crew = world.post("/groups", unified("crew")).await.id();
    let path = format!("/groups/{team}/members/$ref");
    assert_eq!(
        world
            .post(&path, world.reference("00000000-0000-4000-8000-000000000000"))
            .await
            .status,
        404
    );
    for wrong in [
        json!({}),
        json!({"@odata.id": "x"}),
        json!({"@odata.id": format!("https://x/v1.0/devices/{other}")}),
    ] {
        assert_eq!(world.post(&path, wrong.clone()).await.status, 400, "{wrong}");
    }
    let as_user = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{other}")});
    assert_eq!(world.post(&path, as_user).await.status, 404, "a group is no user");
    assert_eq!(world.add(&team, &team).await.status, 400, "itself");
    assert_eq!(
        world.add(&crew, &other).await.status,
        400,
        "Microsoft 365 groups hold users"
    );
    assert_eq!(world.add(&team, &other).await.status, 204, "security groups nest");
    assert_eq!(
        world
            .add("00000000-0000-4000-8000-000000000000", &other)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn twenty_members_at_once_all_or_none() {
    let world = World::contoso().await;
    let team = world.group("team").await;
    let mut ids = Vec::new();
    for n in 0..21 {
        ids.push(world.user(&format!("u{n}")).await);
    }
    let path = format!("/groups/{team}");
    let bind = |ids: &[String]| world.patch(&path, json!({"members@odata.bind": world.references(ids)}));
    assert_eq!(bind(&ids).await.status, 400, "twenty-one");
    assert_eq!(bind(&ids[..2]).await.status, 204);
    let overlap = bind(&ids[1..4]).await;
    assert!(
        overlap.status == 400 && overlap.message().contains("already exist"),
        "{overlap:?}"
    );
    assert_eq!(
        world.simulator.members(&team).len(),
        2,
        "one that is there fails the lot"
    );
    assert_eq!(
        bind(&["00000000-0000-4000-8000-000000000000".to_owned()])
            .await
            .status,
        404
    );
    assert_eq!(bind(&ids[2..21]).await.status, 204);
    assert_eq!(world.simulator.members(&team).len(), 21);
    let pages = world.get(&format!("{path}/members?$top=20&$select=id")).await;
    assert_eq!(pages.values().len(), 20);
    assert_eq!(world.get(&pages.link("next").unwrap()).await.values().len(), 1);
}

#[tokio::test]
async fn casts_counts_and_nesting() {
    // Microsoft's list wants a permission to read for what a group is in; the one to write is not among them.
    let world = World::start(|settings| {
        settings.applications[0]
            .roles
            .push("GroupMember.Read.All".to_owned())
    })
    .await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let (outer, inner) = (world.group("outer").await, world.group("inner").await);
    world.add(&outer, &inner).await;
    world.add(&outer, &ada).await;
    world.add(&inner, &bob).await;
    world.add(&inner, &outer).await;
    let path = format!("/groups/{outer}");
    assert_eq!(world.get(&format!("{path}/members")).await.values().len(), 2);
    assert_eq!(
        world
            .get(&format!("{path}/members/microsoft.graph.user"))
            .await
            .refusal(),
        (400, "Request_UnsupportedQuery")
    );
    assert_eq!(
        world
            .advanced(&format!("{path}/members/microsoft.graph.user?$count=true"))
            .await
            .column("id"),
        [ada.as_str()]
    );
    assert_eq!(
        world.advanced(&format!("{path}/members/$count")).await.body,
        json!(2)
    );
    let all = world.get(&format!("{path}/transitiveMembers")).await;
    assert_eq!(all.values().len(), 4, "a circle ends");
    assert_eq!(
        world.get(&format!("/groups/{inner}/memberOf")).await.column("id"),
        [outer.as_str()]
    );
    let expanded = world.get(&format!("{path}?$expand=members($select=id)")).await;
    assert_eq!(expanded.body["members"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_groups_of_a_user() {
    let world = World::with_roles(&["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.Read.All"]).await;
    let bob = world.user("bob").await;
    let (outer, inner) = (world.group("outer").await, world.group("inner").await);
    world.add(&outer, &inner).await;
    world.add(&inner, &bob).await;
    let path = format!("/users/{bob}");
    assert_eq!(
        world.get(&format!("{path}/memberOf")).await.column("id"),
        [inner.as_str()]
    );
    assert_eq!(
        world
            .get(&format!("{path}/memberOf/microsoft.graph.group"))
            .await
            .column("displayName"),
        ["inner"]
    );
    assert_eq!(
        world
            .get(&format!("{path}/transitiveMemberOf"))
            .await
            .values()
            .len(),
        2
    );
    let groups = world
        .post(
            &format!("{path}/getMemberGroups"),
            json!({"securityEnabledOnly": true}),
        )
        .await;
    assert_eq!(groups.values().len(), 2);
    let checked = world
        .post(
            &format!("{path}/microsoft.graph.checkMemberGroups"),
            json!({"groupIds": [outer, bob]}),
        )
        .await;
    assert_eq!(checked.values(), [json!(outer)]);
    let many: Vec<&str> = std::iter::repeat_n(outer.as_str(), 21).collect();
    assert_eq!(
        world
            .post(&format!("{path}/checkMemberGroups"), json!({"groupIds": many}))
            .await
            .status,
        400
    );
    assert_eq!(
        world.get(&format!("/directoryObjects/{outer}")).await.body["@odata.type"],
        "#microsoft.graph.group"
    );
    let by_ids = world
        .post(
            "/directoryObjects/getByIds",
            json!({"ids": [bob, outer, "x"], "types": ["user"]}),
        )
        .await;
    assert_eq!(by_ids.column("id"), [bob]);
}

#[tokio::test]
async fn owners_have_a_quota_and_the_last_one_stays() {
    let world = World::contoso().await;
    let (ada, bob, team) = (
        world.user("ada").await,
        world.user("bob").await,
        world.group("team").await,
    );
    let crew = world
        .post(
            "/groups",
            merged(
                unified("crew"),
                json!({"owners@odata.bind": world.references(std::slice::from_ref(&ada))}),
            ),
        )
        .await
        .id();
    let path = format!("/groups/{crew}/owners");
    assert_eq!(
        world
            .post(&format!("{path}/$ref"), world.reference(&bob))
            .await
            .status,
        204
    );
    assert_eq!(
        world
            .post(&format!("{path}/$ref"), world.reference(&bob))
            .await
            .status,
        400
    );
    assert_eq!(
        world
            .post(&format!("{path}/$ref"), world.reference(&team))
            .await
            .status,
        400
    );
    assert_eq!(world.delete(&format!("{path}/{ada}/$ref")).await.status, 204);
    assert_eq!(world.delete(&format!("{path}/{ada}/$ref")).await.status, 404);
    assert_eq!(
        world.delete(&format!("{path}/{bob}/$ref")).await.status,
        400,
        "the last one"
    );
    let mut last = None;
    for n in 0..100 {
        let id = world.user(&format!("u{n}")).await;
        last = Some(world.post(&format!("{path}/$ref"), world.reference(&id)).await);
    }
    assert_eq!(last.unwrap().refusal(), (403, "Directory_QuotaExceeded"));
}

#[tokio::test]
async fn rules_and_roles_keep_hands_off_members() {
    let world = World::contoso().await;
    let ada = world.user("ada").await;
    let dynamic =
        json!({"groupTypes": ["DynamicMembership"], "membershipRule": "user.department -eq \"Sales\""});
    let dynamic = world
        .post("/groups", merged(group("dynamic"), dynamic))
        .await
        .id();
    assert_eq!(world.add(&dynamic, &ada).await.status, 400);
    assert_eq!(
        world
            .patch(
                &format!("/groups/{dynamic}"),
                json!({"members@odata.bind": world.references(&[ada])})
            )
            .await
            .status,
        400
    );
}
