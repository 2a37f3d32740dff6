//! Lists that are paged by cursor (RFC 9865).

use crate::groups::people;
use crate::harness::{Answer, Server, both, make_provider};
use provost_web::Limits;
use serde_json::{Value, json};

fn names(page: &Value) -> Vec<String> {
    let all = page["Resources"].as_array().unwrap().iter();
    all.map(|each| {
        each["userName"]
            .as_str()
            .or(each["displayName"].as_str())
            .unwrap()
            .to_owned()
    })
    .collect()
}

/// The pages of a query from the first to the last.
async fn walk(server: &Server, path: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.read(&format!("{path}&cursor={cursor}")).await;
        assert!(page.get("startIndex").is_none(), "{page}");
        pages.push(names(&page));
        assert_eq!(page["itemsPerPage"], json!(pages.last().unwrap().len()));
        match page.get("nextCursor") {
            None => return pages,
            Some(next) => next.as_str().unwrap().clone_into(&mut cursor),
        }
        let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        assert!(
            !cursor.is_empty() && cursor.chars().all(is_unreserved),
            "{cursor}"
        );
        assert!(pages.len() < 100, "the list does not end");
    }
}

async fn first(server: &Server, path: &str) -> String {
    let page = server.read(path).await;
    page["nextCursor"]
        .as_str()
        .unwrap_or_else(|| panic!("{page}"))
        .to_owned()
}

both! {
    async fn every_resource_comes_once_and_the_last_page_has_no_cursor(server) {
        people(server, 7).await;
        let all: Vec<String> = (0..7).map(|i| format!("u{i}@contoso.example")).collect();
        let pages = walk(server, "/Users?count=3").await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(pages.concat(), all);
        assert_eq!(walk(server, "/Users?count=7").await.concat(), all);
        let filtered = walk(server, "/Users?count=2&filter=displayName%20co%20%22U%22&sortBy=userName&sortOrder=descending").await;
        assert_eq!(filtered.concat(), all.iter().rev().cloned().collect::<Vec<_>>());
        let by_display = walk(server, "/Users?count=2&sortBy=displayName").await;
        assert_eq!(by_display.concat(), all);
    }

    async fn a_bare_cursor_begins_and_a_search_takes_one_in_its_body(server) {
        people(server, 3).await;
        let page = server.read("/Users?cursor&count=2").await;
        assert_eq!(page["totalResults"], 3);
        let mut body = json!({"cursor": "", "count": 2, "filter": "active eq true"});
        let begun = server.send("POST", "/Users/.search", body.clone()).await.json();
        body["cursor"] = begun["nextCursor"].clone();
        let ended = server.send("POST", "/Users/.search", body).await.json();
        assert_eq!((names(&begun).len(), names(&ended).len(), ended.get("nextCursor")), (2, 1, None));
        assert!(server.read("/Users?count=2").await.get("nextCursor").is_none(), "pages by number stay the default");
    }

    async fn people_and_groups_are_paged_together(server) {
        people(server, 3).await;
        server.make("/Groups", json!({"displayName": "Sales"})).await;
        let pages = walk(server, "/?count=2").await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(pages[1], ["u2@contoso.example", "Sales"]);
    }

    async fn what_is_there_throughout_is_seen_once_whatever_comes_and_goes(server) {
        let ids = people(server, 9).await;
        let cursor = first(server, "/Users?count=3&cursor=").await;
        server.delete(&format!("/Users/{}", ids[1])).await;
        server.delete(&format!("/Users/{}", ids[4])).await;
        server.make("/Users", json!({"userName": "new@contoso.example"})).await;
        let second = server.read(&format!("/Users?count=3&cursor={cursor}")).await;
        assert_eq!(names(&second), ["u3@contoso.example", "u5@contoso.example", "u6@contoso.example"]);
        let third = server.read(&format!("/Users?count=3&cursor={}", second["nextCursor"].as_str().unwrap())).await;
        assert_eq!(names(&third), ["u7@contoso.example", "u8@contoso.example", "new@contoso.example"]);
    }

    async fn a_cursor_of_another_list_and_a_made_up_one_are_refused_with_the_same_words(server) {
        people(server, 5).await;
        let cursor = first(server, "/Users?count=2&cursor=").await;
        let (_, token) = make_provider(&server.db, "Okta").await;
        for name in ["a@contoso.example", "b@contoso.example", "c@contoso.example"] {
            let body = json!({"userName": name}).to_string();
            assert_eq!(Answer::of(server.as_other(&token, "POST", "/Users").body(body)).await.status, 201);
        }
        let mut wrong = Vec::new();
        let mut flipped = cursor.clone();
        let last = flipped.pop().unwrap();
        flipped.push(if last == 'A' { 'B' } else { 'A' });
        for query in [
            format!("/Users?count=2&cursor={flipped}"), format!("/Users?count=2&cursor={}", &cursor[..cursor.len() / 2]), "/Users?count=2&cursor=abc".to_owned(),
            format!("/Groups?count=2&cursor={cursor}"), format!("/?count=2&cursor={cursor}"),
            format!("/Users?count=2&cursor={cursor}&filter=active%20eq%20true"), format!("/Users?count=2&cursor={cursor}&sortBy=userName"),
        ] {
            wrong.push(server.get(&query).await);
        }
        wrong.push(Answer::of(server.as_other(&token, "GET", &format!("/Users?count=2&cursor={cursor}"))).await);
        for answer in &wrong {
            assert_eq!(answer.error(400).0, "invalidCursor");
            assert_eq!(answer.text, wrong[0].text);
        }
        assert_eq!(server.get(&format!("/Users?count=2&cursor={cursor}")).await.status, 200);
    }

    async fn a_cursor_is_good_for_so_long_and_for_the_same_count(server) {
        people(server, 5).await;
        let cursor = first(server, "/Users?count=2&cursor=").await;
        assert_eq!(server.get(&format!("/Users?count=3&cursor={cursor}")).await.error(400).0, "invalidCount");
        assert_eq!(server.get("/Users?count=501&cursor=").await.error(400).0, "invalidCount");
        assert_eq!(names(&server.read(&format!("/Users?cursor={cursor}")).await).len(), 2, "the count of the first request holds");
        let other = server.beside(Limits { cursor_seconds: 0, ..Limits::default() }).await;
        let page = Answer::of(server.at(&other, "GET", "/Users?count=2&cursor=")).await.json();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let late = Answer::of(server.at(&other, "GET", &format!("/Users?count=2&cursor={}", page["nextCursor"].as_str().unwrap()))).await;
        assert_eq!(late.error(400).0, "expiredCursor");
        other.stop().await;
    }

    async fn a_count_of_nothing_asks_for_the_total(server) {
        people(server, 3).await;
        for count in ["0", "-3"] {
            let page = server.read(&format!("/Users?count={count}&cursor=")).await;
            assert_eq!((&page["totalResults"], page.get("nextCursor"), names(&page).len()), (&json!(3), None, 0));
        }
    }
}
