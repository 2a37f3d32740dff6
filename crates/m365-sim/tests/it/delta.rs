use serde_json::{Value, json};

use crate::world::{World, merged, unified, user_with};

/// Follows a round to its end: all entries, and the link for the next round.
async fn round(world: &World, first: &str, headers: &[(&str, &str)]) -> (Vec<Value>, String) {
    let (mut entries, mut path) = (Vec::new(), first.to_owned());
    loop {
        let page = world.call("GET", &path, headers, None).await;
        assert_eq!(page.status, 200, "{page:?}");
        entries.extend(page.values().iter().cloned());
        match (page.link("next"), page.link("delta")) {
            (Some(next), None) => path = next,
            (None, Some(delta)) => return (entries, delta),
            links => panic!("one link or the other: {links:?}"),
        }
    }
}

#[tokio::test]
async fn a_round_tells_all_users_and_the_next_only_what_changed() {
    let world = World::start(|settings| settings.delta_page = 2).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(
            world
                .post("/users", user_with(&format!("u{n}"), json!({"city": "Oslo"})))
                .await
                .id(),
        );
    }
    let (all, link) = round(&world, "/users/delta?$select=displayName,city,jobTitle", &[]).await;
    assert_eq!(all.len(), 5);
    assert_eq!(
        all[0],
        json!({"id": ids[0], "displayName": "User u0", "city": "Oslo"}),
        "never-set properties are absent"
    );
    let (none, link) = round(&world, &link, &[]).await;
    assert!(none.is_empty());
    world
        .patch(&format!("/users/{}", ids[0]), json!({"city": null}))
        .await;
    world
        .patch(&format!("/users/{}", ids[1]), json!({"department": "Engines"}))
        .await;
    world.delete(&format!("/users/{}", ids[2])).await;
    let made = world.user("new").await;
    let (changes, link) = round(&world, &link, &[]).await;
    assert_eq!(
        changes.len(),
        3,
        "a change of what is not selected does not show: {changes:?}"
    );
    assert_eq!(
        changes[0],
        json!({"id": ids[0], "displayName": "User u0", "city": null}),
        "cleared is null"
    );
    assert_eq!(
        changes[1],
        json!({"id": ids[2], "@removed": {"reason": "changed"}})
    );
    assert_eq!(changes[2]["id"], made);
    let restore = format!("/directory/deletedItems/{}/restore", ids[2]);
    world.call("POST", &restore, &[], None).await;
    let (changes, _) = round(&world, &link, &[]).await;
    assert_eq!(
        changes,
        [json!({"id": ids[2], "displayName": "User u2", "city": "Oslo"})],
        "back like any other"
    );
}

#[tokio::test]
async fn all_spellings_of_delta_work() {
    let world = World::contoso().await;
    world.user("ada").await;
    for path in ["/users/delta", "/users/delta()", "/users/microsoft.graph.delta()"] {
        assert_eq!(round(&world, path, &[]).await.0.len(), 1, "{path}");
    }
    for path in [
        "/groups/delta",
        "/groups/delta()",
        "/groups/microsoft.graph.delta()",
    ] {
        assert!(round(&world, path, &[]).await.0.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn minimal_answers_hold_only_what_changed() {
    let world = World::contoso().await;
    let id = world.user("ada").await;
    let (_, link) = round(&world, "/users/delta", &[]).await;
    world
        .patch(&format!("/users/{id}"), json!({"jobTitle": "Countess"}))
        .await;
    let (changes, _) = round(&world, &link, &[("Prefer", "return=minimal")]).await;
    assert_eq!(changes, [json!({"id": id, "jobTitle": "Countess"})]);
}

#[tokio::test]
async fn what_is_purged_is_deleted() {
    let world = World::start(|s| s.applications[0].roles.push("User.DeleteRestore.All".to_owned())).await;
    let (ada, team) = (world.user("ada").await, world.group("team").await);
    world.add(&team, &ada).await;
    let (_, users) = round(&world, "/users/delta", &[]).await;
    let (_, groups) = round(&world, "/groups/delta", &[]).await;
    world.delete(&format!("/users/{ada}")).await;
    let (changes, groups) = round(&world, &groups, &[]).await;
    assert!(changes.is_empty(), "a soft-deleted user keeps its memberships");
    world.delete(&format!("/directory/deletedItems/{ada}")).await;
    let (changes, _) = round(&world, &users, &[]).await;
    assert_eq!(changes, [json!({"id": ada, "@removed": {"reason": "deleted"}})]);
    let (changes, _) = round(&world, &groups, &[]).await;
    assert_eq!(
        changes[0]["members@delta"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": ada, "@removed": {"reason": "deleted"}}])
    );
    let short_lived = world.user("short").await;
    world.delete(&format!("/users/{short_lived}")).await;
    let (fresh, _) = round(&world, "/users/delta", &[]).await;
    assert!(fresh.is_empty(), "made and deleted before the first call");
}

#[tokio::test]
async fn members_of_a_large_group_come_in_pieces() {
    let world = World::start(|settings| settings.delta_page = 3).await;
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(world.user(&format!("u{n}")).await);
    }
    let empty = world.group("empty").await;
    let crew = world
        .post(
            "/groups",
            merged(
                unified("crew"),
                json!({"members@odata.bind": world.references(&ids)}),
            ),
        )
        .await
        .id();
    let (all, link) = round(&world, "/groups/delta", &[]).await;
    let of = |entries: &[Value], id: &str| {
        entries
            .iter()
            .filter(|entry| entry["id"] == id)
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(&all, &empty)[0].get("members@delta"),
        None,
        "no members, no property"
    );
    let pieces = of(&all, &crew);
    let sizes: Vec<usize> = pieces
        .iter()
        .map(|piece| piece["members@delta"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [3, 3, 2]);
    let mut told: Vec<String> = pieces
        .iter()
        .flat_map(|piece| piece["members@delta"].as_array().unwrap())
        .map(|m| m["id"].as_str().unwrap().to_owned())
        .collect();
    told.sort();
    ids.sort();
    assert_eq!(told, ids, "each exactly once");
    world
        .delete(&format!("/groups/{crew}/members/{}/$ref", ids[0]))
        .await;
    world.add(&empty, &ids[0]).await;
    let (changes, _) = round(&world, &link, &[]).await;
    assert_eq!(
        of(&changes, &crew)[0]["members@delta"][0]["@removed"]["reason"],
        "deleted"
    );
    assert_eq!(
        of(&changes, &empty)[0]["members@delta"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": ids[0]}])
    );
    let (plain, _) = round(&world, "/groups/delta?$select=displayName", &[]).await;
    assert!(
        plain.iter().all(|entry| entry.get("members@delta").is_none()),
        "only when selected"
    );
    world.delete(&format!("/groups/{empty}")).await;
    let (changes, _) = round(&world, &link, &[]).await;
    assert_eq!(
        of(&changes, &empty),
        [json!({"id": empty, "@removed": {"reason": "deleted"}})]
    );
}

#[tokio::test]
async fn managers_are_followed_when_selected() {
    let world = World::contoso().await;
    let (ada, boss) = (world.user("ada").await, world.user("boss").await);
    let (_, link) = round(&world, "/users/delta?$select=displayName,manager", &[]).await;
    let (_, without) = round(&world, "/users/delta?$select=displayName", &[]).await;
    let path = format!("/users/{ada}/manager/$ref");
    world.call("PUT", &path, &[], Some(world.reference(&boss))).await;
    let (changes, link) = round(&world, &link, &[]).await;
    assert_eq!(
        changes[0]["manager@delta"],
        json!([{"@odata.type": "#microsoft.graph.user", "id": boss}])
    );
    assert!(round(&world, &without, &[]).await.0.is_empty());
    world.delete(&path).await;
    let (changes, _) = round(&world, &link, &[]).await;
    assert_eq!(changes[0]["manager@delta"][0]["@removed"]["reason"], "deleted");
}

#[tokio::test]
async fn tokens_end_and_options_have_limits() {
    let world = World::start(|settings| settings.token_lifetime_s = 30 * 24 * 60 * 60).await;
    let ada = world.user("ada").await;
    let latest = world.get("/users/delta?$deltatoken=latest").await;
    assert!(latest.values().is_empty());
    let link = latest.link("delta").unwrap();
    let bob = world.user("bob").await;
    assert_eq!(round(&world, &link, &[]).await.0.len(), 1, "only what came after");
    let (one, one_link) = round(
        &world,
        &format!("/users/delta?$filter=id eq '{ada}' or id eq '{ada}'"),
        &[],
    )
    .await;
    assert_eq!(one.len(), 1);
    world.patch(&format!("/users/{bob}"), json!({"city": "x"})).await;
    assert!(round(&world, &one_link, &[]).await.0.is_empty());
    for option in [
        "$expand=manager",
        "$orderby=displayName",
        "$search=\"displayName:x\"",
        "$filter=city eq 'x'",
    ] {
        assert_eq!(
            world.get(&format!("/users/delta?{option}")).await.refusal(),
            (400, "Request_UnsupportedQuery"),
            "{option}"
        );
    }
    assert_eq!(world.get("/users/delta?$select=nickname").await.status, 400);
    assert_eq!(world.get("/users/delta?$deltatoken=x").await.status, 400);
    let foreign = link.replace("/users/", "/groups/");
    assert_eq!(
        world.get(&foreign).await.status,
        400,
        "a token of users is none of groups"
    );
    world.advance(7 * 24 * 60 * 60 * 1_000);
    assert_eq!(world.get(&link).await.refusal(), (400, "syncStateNotFound"));
}

#[tokio::test]
async fn a_reset_sends_everybody_to_the_start() {
    let world = World::contoso().await;
    world.user("ada").await;
    let (_, link) = round(&world, "/users/delta?$select=displayName", &[]).await;
    world.simulator.reset_delta().unwrap();
    let gone = world.get(&link).await;
    assert_eq!(gone.status, 410);
    let (all, _) = round(&world, gone.header("location").unwrap(), &[]).await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        all[0].as_object().unwrap().len(),
        2,
        "the selection is kept: {all:?}"
    );
}

#[tokio::test]
async fn awkward_pages_are_empty_first_and_repeat_entries() {
    let world = World::start(|settings| settings.awkward_pages = true).await;
    world.user("ada").await;
    let first = world.get("/users/delta").await;
    assert!(first.values().is_empty() && first.link("next").is_some());
    let (all, _) = round(&world, "/users/delta", &[]).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], all[1]);
}

#[tokio::test]
async fn a_preferred_page_size_is_kept() {
    let world = World::contoso().await;
    for n in 0..4 {
        world.user(&format!("u{n}")).await;
    }
    let first = world
        .call("GET", "/users/delta", &[("Prefer", "odata.maxpagesize=3")], None)
        .await;
    assert_eq!(first.values().len(), 3);
}
