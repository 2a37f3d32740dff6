use serde_json::json;

use crate::world::{World, user_with};

async fn crowd(world: &World, count: usize) {
    for n in 0..count {
        let more = json!({"department": if n % 2 == 0 { "Even" } else { "Odd" }, "employeeId": format!("{n}"), "surname": "O'Neil"});
        assert_eq!(
            world
                .post("/users", user_with(&format!("u{n:03}"), more))
                .await
                .status,
            201
        );
    }
}

/// All entries of a list, page by page, and the sizes of the pages.
async fn pages(world: &World, first: &str, headers: &[(&str, &str)]) -> (Vec<String>, Vec<usize>) {
    let (mut names, mut sizes, mut next) = (Vec::new(), Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let page = world.call("GET", &path, headers, None).await;
        assert_eq!(page.status, 200, "{page:?}");
        names.extend(page.column("userPrincipalName").into_iter().map(str::to_owned));
        sizes.push(page.values().len());
        next = page.link("next");
    }
    (names, sizes)
}

#[tokio::test]
async fn pages_hold_a_hundred_or_what_was_asked_for_and_their_links_work() {
    let world = World::contoso().await;
    crowd(&world, 205).await;
    let (names, sizes) = pages(&world, "/users", &[]).await;
    assert_eq!((sizes, names.len()), (vec![100, 100, 5], 205));
    let (names, sizes) = pages(&world, "/users?$top=70&$select=userPrincipalName&$filter=startswith(surname,'o''n') and accountEnabled eq true", &[]).await;
    assert_eq!((sizes, names.len()), (vec![70, 70, 65], 205));
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), 205);
    let (_, sizes) = pages(&world, "/users?$top=205", &[]).await;
    assert_eq!(sizes, [205], "no link to an empty page");
}

#[tokio::test]
async fn page_sizes_and_page_tokens_have_limits() {
    let world = World::contoso().await;
    for top in ["0", "1000"] {
        assert_eq!(
            world.get(&format!("/users?$top={top}")).await.refusal(),
            (400, "Request_UnsupportedQuery"),
            "{top}"
        );
    }
    assert_eq!(world.get("/users?$top=999").await.status, 200);
    assert_eq!(world.get("/users?$top=x").await.refusal(), (400, "BadRequest"));
    assert_eq!(
        world.get("/users?$skip=5").await.refusal(),
        (400, "Request_UnsupportedQuery")
    );
    assert_eq!(
        world.get("/users?$skiptoken=x").await.refusal(),
        (400, "Directory_ExpiredPageToken")
    );
    assert_eq!(
        world.get("/users?$unknown=x&top=1").await.status,
        200,
        "unknown options are ignored, $ is optional"
    );
}

#[tokio::test]
async fn awkward_pages_begin_empty() {
    let world = World::start(|settings| settings.awkward_pages = true).await;
    crowd(&world, 3).await;
    let (names, sizes) = pages(&world, "/users?$top=2", &[]).await;
    assert_eq!((sizes, names.len()), (vec![0, 2, 1], 3));
}

#[tokio::test]
async fn filters_for_correlation_work_without_ceremony() {
    let world = World::contoso().await;
    crowd(&world, 4).await;
    let ada = world.post("/users", user_with("ada", json!({
        "accountEnabled": false, "mail": "ada@contoso.example", "onPremisesImmutableId": "aB+/=", "employeeId": "E7", "surname": "O'Hara",
    }))).await.id();
    let filters = [
        "userPrincipalName eq 'ADA@contoso.example'",
        "mail eq 'ada@contoso.example'",
        "onPremisesImmutableId eq 'aB%2B/='",
        "employeeId eq 'e7'",
        "proxyAddresses/any(p:p eq 'smtp:ada@contoso.example')",
        "accountEnabled eq false",
        "surname eq 'O''Hara'",
        "displayName eq 'User ada' and accountEnabled eq false",
        "mailNickname in ('ada','nobody')",
        "mail ge 'a'",
    ];
    for filter in filters {
        let found = world.get(&format!("/users?$filter={filter}")).await;
        assert_eq!(found.status, 200, "{filter}: {found:?}");
        assert_eq!(found.column("id"), [ada.as_str()], "{filter}");
    }
    let by_id = world
        .get(&format!("/users?$filter=id eq '{ada}' or employeeId eq '1'"))
        .await;
    assert_eq!(by_id.values().len(), 2);
    let none = world
        .get("/users?$filter=onPremisesImmutableId eq 'AB%2B/='")
        .await;
    assert!(none.values().is_empty(), "immutable ids are exact");
    assert_eq!(
        world
            .get("/users?$filter=employeeId in ('0','3')")
            .await
            .values()
            .len(),
        2
    );
    assert_eq!(
        world
            .get("/users?$filter=department eq 'Odd'")
            .await
            .values()
            .len(),
        2
    );
}

#[tokio::test]
async fn advanced_queries_need_the_header_and_the_count() {
    let world = World::contoso().await;
    crowd(&world, 5).await;
    let advanced = [
        ("/users?$filter=department ne 'Odd'&$count=true", 3),
        ("/users?$filter=not(department eq 'Odd')&$count=true", 3),
        (
            "/users?$filter=endswith(userPrincipalName,'003@contoso.example')&$count=true",
            1,
        ),
        ("/users?$filter=assignedLicenses/$count eq 0&$count=true", 5),
        (
            "/users?$filter=department eq 'Odd'&$orderby=displayName desc&$count=true",
            2,
        ),
    ];
    for (path, count) in advanced {
        assert_eq!(
            world.get(path).await.refusal(),
            (400, "Request_UnsupportedQuery"),
            "{path}"
        );
        let without_count = path.replace("&$count=true", "");
        assert_eq!(
            world.advanced(&without_count).await.refusal(),
            (400, "Request_UnsupportedQuery"),
            "{path}"
        );
        let found = world.advanced(path).await;
        assert_eq!(found.body["@odata.count"], count, "{path}: {found:?}");
        assert_eq!(found.values().len(), count, "{path}");
    }
    assert_eq!(
        world.get("/users?$search=\"displayName:u00\"").await.refusal(),
        (400, "Request_UnsupportedQuery")
    );
    assert_eq!(
        world
            .advanced("/users?$search=\"displayName:u00\"")
            .await
            .values()
            .len(),
        5
    );
    assert_eq!(
        world.get("/users?$count=true").await.body.get("@odata.count"),
        None,
        "silently ignored"
    );
    assert_eq!(
        world.get("/users/$count").await.refusal(),
        (400, "Request_BadRequest")
    );
    assert_eq!(world.advanced("/users/$count").await.body, json!(5));
    assert_eq!(
        world
            .advanced("/users/$count?$filter=department eq 'Odd'")
            .await
            .body,
        json!(2)
    );
    let first = world.advanced("/users?$count=true&$top=2").await;
    assert_eq!(first.body["@odata.count"], 5);
    let second = world.advanced(&first.link("next").unwrap()).await;
    assert_eq!(second.body.get("@odata.count"), None, "only on the first page");
}

#[tokio::test]
async fn sorted_lists_page_as_well() {
    let world = World::contoso().await;
    crowd(&world, 5).await;
    let (names, sizes) = pages(
        &world,
        "/users?$orderby=displayName desc&$top=2&$select=userPrincipalName",
        &[],
    )
    .await;
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(names.first().map(String::as_str), Some("u004@contoso.example"));
    assert_eq!(names.last().map(String::as_str), Some("u000@contoso.example"));
    assert_eq!(
        world.get("/users?$orderby=city").await.refusal(),
        (400, "Request_UnsupportedQuery")
    );
    assert_eq!(
        world.get("/users?$orderby=displayName up").await.refusal(),
        (400, "BadRequest")
    );
}

#[tokio::test]
async fn unknown_properties_in_options_are_refused_and_distant_ones_not_implemented() {
    let world = World::contoso().await;
    for path in [
        "/users?$select=nickname",
        "/users?$filter=nickname eq 'x'",
        "/users?$orderby=nickname",
        "/users?$expand=nickname",
        "/users?$filter=displayName",
    ] {
        assert_eq!(world.get(path).await.refusal(), (400, "BadRequest"), "{path}");
    }
    assert_eq!(
        world.get("/users?$filter=displayName eq 'x").await.refusal(),
        (400, "BadRequest")
    );
    assert_eq!(
        world.get("/users?$select=aboutMe").await.refusal(),
        (501, "NotImplemented")
    );
    let id = world.user("ada").await;
    assert_eq!(
        world.get(&format!("/users/{id}?$select=aboutMe")).await.status,
        200
    );
}
