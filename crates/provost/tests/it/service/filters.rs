//! The filters that every known client gets by with: `eq` on a dozen attributes, joined by `and`.

use super::harness::both;
use super::http::ENTERPRISE;
use serde_json::json;

both! {
    fn every_attribute_that_clients_ask_for_finds_the_one_person(hub) {
        let boss = hub.entra.make("/Users", &json!({"userName": "boss@contoso.example", "active": false}));
        let id = hub.entra.make("/Users", &json!({
            "userName": "ann@contoso.example", "externalId": "X1", "displayName": "Ann A.", "active": true,
            "emails": [{"type": "work", "value": "ann.work@contoso.example"}, {"type": "home", "value": "ann@home.example"}],
            ENTERPRISE: {"manager": {"value": boss}},
        }));
        let modified = hub.entra.read(&format!("/Users/{id}"))["meta"]["lastModified"].as_str().unwrap().to_owned();
        let terms = [
            r#"userName eq "ann@contoso.example""#.to_owned(), r#"externalId eq "X1""#.to_owned(), format!(r#"id eq "{id}""#),
            r#"displayName eq "Ann A.""#.to_owned(), r#"emails eq "ann@home.example""#.to_owned(),
            r#"emails.value eq "ann.work@contoso.example""#.to_owned(), r#"emails[type eq "work"].value eq "ann.work@contoso.example""#.to_owned(),
            r#"emails[type eq "work" and value eq "ann.work@contoso.example"]"#.to_owned(),
            "active eq true".to_owned(), r#"active eq "True""#.to_owned(), format!(r#"manager eq "{boss}""#),
            format!(r#"{ENTERPRISE}:manager.value eq "{boss}""#), format!(r#"meta.lastModified eq "{modified}""#),
        ];
        for term in &terms {
            // Milliseconds may fall together; everything else is hers alone.
            if !term.starts_with("meta.") {
                assert_eq!(hub.entra.ids("/Users", term), [id.as_str()], "{term}");
            }
            for other in &terms {
                assert_eq!(hub.entra.ids("/Users", &format!("{term} and {other}")), [id.as_str()], "{term} and {other}");
            }
            assert!(hub.entra.ids("/Users", &format!(r#"{term} and userName eq "boss@contoso.example""#)).is_empty() || term.starts_with("meta."), "{term}");
        }
    }

    fn groups_are_found_by_name_by_id_and_by_member(hub) {
        let ids = hub.entra.people(2);
        let group = hub.entra.make("/Groups", &json!({"displayName": "Crew", "externalId": "g1", "members": [{"value": ids[0]}]}));
        hub.entra.make("/Groups", &json!({"displayName": "Other", "externalId": "g2", "members": [{"value": ids[1]}]}));
        for filter in [
            r#"displayName eq "crew""#.to_owned(), r#"externalId eq "g1""#.to_owned(), format!(r#"id eq "{group}""#),
            format!(r#"members eq "{}""#, ids[0]), format!(r#"members.value eq "{}""#, ids[0]),
            format!(r#"members[value eq "{}"]"#, ids[0]), format!(r#"displayName eq "Crew" and members.value eq "{}""#, ids[0]),
        ] {
            assert_eq!(hub.entra.ids("/Groups", &filter), [group.as_str()], "{filter}");
        }
        assert!(hub.entra.ids("/Groups", r#"members eq "018f0000-0000-7000-8000-000000000000""#).is_empty());
    }

    fn changes_since_a_moment_are_found(hub) {
        let ids = hub.entra.people(2);
        let first = hub.entra.read(&format!("/Users/{}", ids[1]))["meta"]["lastModified"].as_str().unwrap().to_owned();
        // A change in the same millisecond would prove nothing.
        while hub.entra.read(&format!("/Users/{}", ids[0]))["meta"]["lastModified"].as_str().unwrap() <= first.as_str() {
            let title = format!("T{:?}", std::time::Instant::now());
            hub.entra.patch(&format!("/Users/{}", ids[0]), json!([{"op": "replace", "path": "title", "value": title}]));
        }
        assert_eq!(hub.entra.ids("/Users", &format!(r#"meta.lastModified gt "{first}""#)), [ids[0].as_str()]);
    }

    fn a_plus_in_an_address_is_meant_as_it_is_sent(hub) {
        let id = hub.entra.make("/Users", &json!({"userName": "ann+test@contoso.example"}));
        for query in ["userName%20eq%20%22ann%2Btest%40contoso.example%22", "userName+eq+%22ann%2Btest%40contoso.example%22"] {
            assert_eq!(hub.entra.read(&format!("/Users?filter={query}"))["Resources"][0]["id"], json!(id), "{query}");
        }
        assert_eq!(hub.entra.read("/Users?filter=userName+eq+%22ann+test%40contoso.example%22")["totalResults"], 0, "a plus is a blank");
    }
}
