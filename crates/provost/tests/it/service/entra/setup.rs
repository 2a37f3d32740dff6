//! The first minutes: the address, the token, "Test connection", reading the schema.

use crate::service::harness::both;
use crate::service::http::{LIST, encoded, exchange};
use serde_json::{Value, json};

const NOBODY: &str = r#"userName eq "3f0c4f3e-0000-4b1c-9d5f-2b6f7f9f0a11""#;

/// Every value of a document, with its path.
fn each<'a>(value: &'a Value, path: String, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(&path, value);
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| each(value, format!("{path}.{key}"), visit)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(i, value)| each(value, format!("{path}[{i}]"), visit)),
        _ => {}
    }
}

both! {
    fn the_connection_test_finds_nobody_and_is_content(hub) {
        let answer = hub.entra.get(&format!("/Users?filter={}", encoded(NOBODY)));
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/scim+json"));
        assert_eq!(answer.json(), json!({"schemas": [LIST], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []}));
        for endpoint in ["/Users", "/Groups"] {
            let any = hub.entra.read(&format!("{endpoint}?startIndex=1&count=1"));
            assert_eq!((&any["totalResults"], &any["Resources"]), (&json!(0), &json!([])));
        }
    }

    fn flags_of_the_tenant_url_do_not_disturb(hub) {
        for flags in ["aadOptscim062020", "aadOptscim062020=true", "AzureAdScimPatch2017", "aadOptscim062020&AzureAdScimPatch2017"] {
            let flagged = hub.entra.with_flags(flags);
            assert_eq!(flagged.read(&format!("/Users?filter={}", encoded(NOBODY)))["totalResults"], 0, "{flags}");
            assert_eq!(flagged.get("/ServiceProviderConfig").status, 200, "{flags}");
        }
        // The flag comes before the query that the client appends.
        assert_eq!(hub.entra.read(&format!("/Users?aadOptscim062020&filter={}", encoded(NOBODY)))["totalResults"], 0);
    }

    fn a_tenant_url_that_ends_in_a_slash_works(hub) {
        let path = format!("//Users?filter={}", encoded(NOBODY));
        assert_eq!(hub.entra.read(&path)["totalResults"], 0);
    }

    fn a_wrong_token_is_told_apart_from_everything_else(hub) {
        for authorization in ["Bearer wrong", "Bearer", "Basic YTpi", "wrong"] {
            let target = format!("/scim/v2/Users?filter={}", encoded(NOBODY));
            let answer = exchange(hub.entra.host(), "GET", &target, &[("Authorization", authorization)], "");
            answer.error(401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{authorization}");
        }
        exchange(hub.entra.host(), "GET", "/scim/v2/Users", &[], "").error(401);
    }

    fn the_schema_is_read_when_the_page_is_opened(hub) {
        let schemas = hub.entra.read("/Schemas");
        let listed = schemas["Resources"].as_array().unwrap();
        assert_eq!(schemas["totalResults"], listed.len());
        let mut properties = 0;
        each(&schemas, String::new(), &mut |path, value| {
            assert!(!value.is_null(), "{path} is null");
            if path.ends_with(".mutability") {
                assert!(["readOnly", "readWrite", "immutable", "writeOnly"].contains(&value.as_str().unwrap()), "{path}");
                properties += 1;
            }
        });
        assert!(properties > 50, "only {properties} attributes are described");
        let names: Vec<_> = listed.iter().map(|each| each["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"User") && names.contains(&"Group"), "{names:?}");
    }

    fn every_answer_has_the_media_type_of_scim(hub) {
        let path = super::created(&hub.entra);
        for (answer, status) in [
            (hub.entra.get(&path), 200),
            (hub.entra.get("/Users"), 200),
            (hub.entra.post("/Users", &super::lotte()), 409),
            (hub.entra.get("/Users/none"), 404),
            (hub.entra.get("/Users?filter=userName%20eq"), 400),
            (hub.entra.with_token("wrong").get("/Users"), 401),
            (hub.entra.get("/Schemas"), 200),
            (hub.entra.put("/Users", &json!({})), 405),
        ] {
            assert_eq!((answer.status, answer.header("content-type")), (status, "application/scim+json"), "{}", answer.text);
        }
    }
}
