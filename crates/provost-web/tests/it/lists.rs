//! Lists: filters, pages, projection, and the same query in a body.

use crate::harness::{Server, answers, both};
use serde_json::{Value, json};

async fn five(server: &Server) {
    for i in 0..5 {
        let body = json!({"userName": format!("u{i}@contoso.example"), "title": if i % 2 == 0 { "Even" } else { "Odd" }, "externalId": format!("x{i}")});
        server.make("/Users", body).await;
    }
}

fn numbers(list: &Value) -> (u64, u64, u64, usize) {
    let number = |name: &str| list[name].as_u64().unwrap();
    (
        number("totalResults"),
        number("startIndex"),
        number("itemsPerPage"),
        list["Resources"].as_array().unwrap().len(),
    )
}

both! {
    async fn pages_have_the_numbers_of_the_standard(server) {
        five(server).await;
        for (query, expected) in [
            ("", (5, 1, 5, 5)), ("?startIndex=0&count=2", (5, 1, 2, 2)), ("?startIndex=5&count=10", (5, 5, 1, 1)),
            ("?startIndex=6", (5, 6, 0, 0)), ("?count=0", (5, 1, 0, 0)), ("?count=-3", (5, 1, 0, 0)), ("?startIndex=-4&count=1", (5, 1, 1, 1)),
            ("?filter=title%20eq%20%22odd%22&count=1", (2, 1, 1, 1)),
        ] {
            assert_eq!(numbers(&server.read(&format!("/Users{query}")).await), expected, "{query}");
        }
        assert_eq!(server.get("/Users?count=many").await.error(400).0, "invalidValue");
    }

    async fn a_filter_finds_whom_it_means_or_nobody(server) {
        five(server).await;
        let found = server.get("/Users?filter=userName+eq+%22U3%40contoso.example%22&attributes=userName,externalId").await;
        answers!(found, @r#"
        200
        content-type: application/scim+json
        Resources: [{"externalId":"x3","id":"<id 1>","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u3@contoso.example"}]
        itemsPerPage: 1
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
        startIndex: 1
        totalResults: 1
        "#);
        let nobody = server.get("/Users?filter=userName%20eq%20%22nobody%22").await;
        answers!(nobody, @r#"
        200
        content-type: application/scim+json
        Resources: []
        itemsPerPage: 0
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
        startIndex: 1
        totalResults: 0
        "#);
        for filter in ["externalId eq \"x1\"", "id pr and externalId eq \"x1\"", "title eq \"Odd\" and userName sw \"u1\"", "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\" and externalId eq \"x1\""] {
            let query = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter});
            let list = server.send("POST", "/Users/.search", query).await.json();
            assert_eq!((&list["totalResults"], &list["Resources"][0]["externalId"]), (&json!(1), &json!("x1")), "{filter}");
        }
    }

    async fn a_search_takes_the_same_parameters_in_a_body(server) {
        five(server).await;
        let query = json!({"filter": "title eq \"even\"", "attributes": ["userName"], "startIndex": 2, "count": 1});
        let list = server.send("POST", "/users/.Search", query).await.json();
        assert_eq!(numbers(&list), (3, 2, 1, 1));
        let only = list["Resources"][0].as_object().unwrap();
        assert_eq!(only.keys().collect::<Vec<_>>(), ["id", "schemas", "userName"]);
    }

    async fn a_page_is_never_longer_than_the_limit(server) {
        let config = server.read("/ServiceProviderConfig").await;
        assert_eq!(config["filter"]["maxResults"], 500);
        five(server).await;
        assert_eq!(numbers(&server.read("/Users?count=100000").await), (5, 1, 5, 5));
    }

    async fn lists_come_in_the_order_that_is_asked_for(server) {
        for (name, display, title) in [("c@contoso.example", "Ann", Some("z")), ("a@contoso.example", "bob", None), ("B@contoso.example", "Cas", Some("Y"))] {
            let mut body = json!({"userName": name, "displayName": display});
            if let Some(title) = title {
                body["title"] = json!(title);
            }
            server.make("/Users", body).await;
        }
        for (query, expected) in [
            ("sortBy=userName", ["a@contoso.example", "B@contoso.example", "c@contoso.example"]),
            ("sortBy=USERNAME&sortOrder=Descending", ["c@contoso.example", "B@contoso.example", "a@contoso.example"]),
            ("sortBy=displayName", ["c@contoso.example", "a@contoso.example", "B@contoso.example"]),
            ("sortBy=title", ["B@contoso.example", "c@contoso.example", "a@contoso.example"]),
            ("sortBy=title&sortOrder=descending", ["a@contoso.example", "c@contoso.example", "B@contoso.example"]),
            ("sortBy=meta.created&sortOrder=descending", ["B@contoso.example", "a@contoso.example", "c@contoso.example"]),
            ("sortBy=nobodyKnows", ["c@contoso.example", "a@contoso.example", "B@contoso.example"]),
        ] {
            let list = server.read(&format!("/Users?{query}")).await;
            let names: Vec<_> = list["Resources"].as_array().unwrap().iter().map(|each| each["userName"].as_str().unwrap()).collect();
            assert_eq!(names, expected, "{query}");
        }
        let page = server.read("/Users?sortBy=userName&startIndex=2&count=1").await;
        assert_eq!((numbers(&page), &page["Resources"][0]["userName"]), ((3, 2, 1, 1), &json!("B@contoso.example")));
        assert_eq!(server.get("/Users?sortBy=userName&sortOrder=upwards").await.error(400).0, "invalidValue");
    }

    async fn a_query_at_the_root_is_about_people_and_groups(server) {
        five(server).await;
        let group = server.make("/Groups", json!({"displayName": "Sales", "externalId": "x1"})).await;
        let all = server.read("/").await;
        assert_eq!(numbers(&all), (6, 1, 6, 6));
        assert_eq!(all["Resources"][5]["members"], json!([]), "each as it is shown at its own endpoint");
        for (filter, expected) in [
            ("externalId eq \"x1\"", 2), ("userName pr", 5), ("displayName eq \"sales\"", 1), ("meta.resourceType eq \"Group\"", 1), ("meta.resourceType eq \"User\"", 5),
            ("userName sw \"u1\" or displayName eq \"Sales\"", 2), ("not (userName pr)", 1),
        ] {
            let list = server.send("POST", "/.search", json!({"filter": filter, "excludedAttributes": ["members"]})).await.json();
            assert_eq!(list["totalResults"], expected, "{filter}: {list}");
            assert!(list["Resources"].as_array().unwrap().iter().all(|each| each.get("members").is_none()));
        }
        let window = server.read("/?startIndex=5&count=5").await;
        assert_eq!((numbers(&window), &window["Resources"][1]["id"]), ((6, 5, 2, 2), &json!(group)));
        let named = server.read("/?attributes=displayName&sortBy=displayName&count=1").await;
        assert_eq!(named["Resources"][0], json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": group, "displayName": "Sales"}));
        for path in ["", "/", "//"] {
            let head = crate::harness::Answer::of(server.request("HEAD", &format!("/scim/v2{path}")).bearer_auth(&server.token)).await;
            assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        }
        assert_eq!(server.send("POST", "/.search", json!({"filter": "userName eq"})).await.error(400).0, "invalidFilter");
    }
}
