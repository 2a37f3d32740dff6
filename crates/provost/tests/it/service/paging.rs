//! Walking a list while it changes: with a cursor nobody comes twice, and nobody who was there all the time is
//! left out.

use super::harness::both;
use super::http::{Client, encoded};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn names(page: &Value) -> Vec<String> {
    let resources = page["Resources"].as_array().unwrap();
    resources
        .iter()
        .map(|each| each["userName"].as_str().unwrap().to_owned())
        .collect()
}

/// Walks to the end; `between` runs after each page.
fn walk(client: &Client, query: &str, mut between: impl FnMut(usize)) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for page in 0..100 {
        let body = client.read(&format!("/Users?count=4&cursor={cursor}{query}"));
        seen.extend(names(&body));
        let Some(next) = body["nextCursor"].as_str() else {
            return seen;
        };
        assert!(
            next.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)),
            "{next}"
        );
        cursor = next.to_owned();
        between(page);
    }
    panic!("the list does not end: {seen:?}");
}

fn person(client: &Client, number: usize) -> String {
    let title = if number.is_multiple_of(2) { "Boss" } else { "Clerk" };
    client.make(
        "/Users",
        &json!({"userName": format!("u{number:03}@contoso.example"), "title": title}),
    )
}

both! {
    fn nobody_comes_twice_and_nobody_is_left_out_while_people_come_and_go(hub) {
        for (round, query) in ["", "&sortBy=userName", "&sortBy=userName&sortOrder=descending", "&sortBy=title"].into_iter().enumerate() {
            let client = hub.provider(&format!("Walked{round}"));
            let ids: Vec<String> = (0..30).map(|i| person(&client, round * 100 + i)).collect();
            let (mut joiners, mut leavers) = (40, 0);
            let seen = walk(&client, query, |_| {
                person(&client, round * 100 + joiners);
                client.delete(&format!("/Users/{}", ids[leavers]));
                client.delete(&format!("/Users/{}", ids[29 - leavers]));
                joiners += 1;
                leavers += 2;
            });
            let once: BTreeSet<&String> = seen.iter().collect();
            assert_eq!(once.len(), seen.len(), "{query}: somebody came twice: {seen:?}");
            let stayed = ids.iter().enumerate().filter(|(i, _)| *i >= leavers || i % 2 == 1).filter(|(i, _)| *i <= 29 - leavers || i % 2 == 0);
            for (i, _) in stayed {
                let name = format!("u{:03}@contoso.example", round * 100 + i);
                assert!(once.contains(&name), "{query}: {name} was there all the time");
            }
        }
    }

    fn a_walk_by_cursor_and_one_by_index_see_the_same(hub) {
        for i in 0..11 {
            person(&hub.entra, i);
        }
        for query in ["", "&sortBy=userName&sortOrder=descending", "&sortBy=title", "&filter=title%20eq%20%22Boss%22", "&filter=userName%20co%20%22u0%22"] {
            let by_cursor = walk(&hub.entra, query, |_| {});
            let mut by_index = Vec::new();
            loop {
                let page = names(&hub.entra.read(&format!("/Users?count=4&startIndex={}{query}", by_index.len() + 1)));
                if page.is_empty() {
                    break;
                }
                by_index.extend(page);
            }
            assert_eq!(by_cursor, by_index, "{query}");
        }
    }

    fn a_cursor_in_a_body_works_like_one_in_the_address(hub) {
        for i in 0..5 {
            person(&hub.entra, i);
        }
        let mut body = json!({"cursor": "", "count": 2, "filter": "title pr"});
        let mut seen = Vec::new();
        loop {
            let page = hub.entra.post("/Users/.search", &body).json();
            seen.extend(names(&page));
            assert!(page.get("startIndex").is_none(), "{page}");
            let Some(next) = page["nextCursor"].as_str() else { break };
            body["cursor"] = json!(next);
        }
        assert_eq!(seen.len(), 5);
    }

    fn a_cursor_is_for_its_own_list_only(hub) {
        for i in 0..5 {
            person(&hub.entra, i);
        }
        let first = hub.entra.read(&format!("/Users?count=2&cursor&filter={}", encoded("title pr")));
        let cursor = first["nextCursor"].as_str().unwrap();
        for other in ["/Users?count=2&cursor=CURSOR", "/Users?count=2&filter=userName%20pr&cursor=CURSOR", "/Groups?count=2&cursor=CURSOR", "/Users?count=2&filter=title%20pr&sortBy=title&cursor=CURSOR"] {
            assert_eq!(hub.entra.get(&other.replace("CURSOR", cursor)).error(400).0, "invalidCursor", "{other}");
        }
        for wrong in ["x", "AAAA", &cursor[1..], &format!("{cursor}A"), &"A".repeat(5000)] {
            let path = format!("/Users?count=2&filter=title%20pr&cursor={wrong}");
            assert_eq!(hub.entra.get(&path).error(400).0, "invalidCursor", "{wrong}");
        }
        let again = hub.entra.get(&format!("/Users?count=2&filter=title%20pr&cursor={cursor}"));
        assert_eq!(again.status, 200, "a page can be asked for again: {}", again.text);
    }
}
