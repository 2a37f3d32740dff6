//! Small cases of the standard: which filter finds whom, what a PATCH leaves, what a page holds.

use super::harness::both;
use super::http::{Client, ENTERPRISE, encoded};
use serde_json::{Value, json};

/// Ann has a title and two addresses; bob is inactive and has neither.
fn ann_and_bob(client: &Client) -> (String, String) {
    let ann = client.make("/Users", &json!({
        "userName": "Ann", "title": "Boss", "active": true, "externalId": "X1",
        "emails": [{"type": "work", "value": "ann@a.test", "primary": true}, {"type": "home", "value": "a@b.test"}],
    }));
    let bob =
        json!({"userName": "bob", "active": false, "emails": [{"type": "work", "value": "bob@a.test"}]});
    (ann, client.make("/Users", &bob))
}

fn names(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .map(|each| each["userName"].as_str().unwrap())
        .collect()
}

const FOUND: &[(&str, &[&str])] = &[
    (r#"userName eq "ANN""#, &["Ann"]),
    (r#"USERNAME Sw "a""#, &["Ann"]),
    (r#"externalId eq "x1""#, &[]),
    (r#"externalId eq "X1""#, &["Ann"]),
    ("title pr", &["Ann"]),
    ("not (title pr)", &["bob"]),
    (r#"title ne "Clerk""#, &["Ann", "bob"]),
    ("title eq null", &["bob"]),
    (r#"emails.type eq "home""#, &["Ann"]),
    (r#"emails[type eq "home" and value co "a.test"]"#, &[]),
    (r#"emails.type eq "home" and emails.value co "a.test""#, &["Ann"]),
    (r#"emails[type eq "work"].value eq "bob@a.test""#, &["bob"]),
    (r#"emails co "@b.test""#, &["Ann"]),
    (r#"emails[type ne "work"]"#, &["Ann"]),
    ("active eq false or active eq true and title pr", &["Ann", "bob"]),
    ("(active eq false or active eq true) and title pr", &["Ann"]),
    (r#"not (userName sw "b") and active eq true"#, &["Ann"]),
    (
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bob""#,
        &["bob"],
    ),
    (
        r#"meta.lastModified ge "2020-01-01T00:00:00+02:00""#,
        &["Ann", "bob"],
    ),
];

const REFUSED: &[&str] = &[
    "active gt true",
    r#"userName regex "a""#,
    "userName eq ann",
    "userName eq 'ann'",
    "userName eq",
    "not userName pr",
    r#"emails[type eq "work""#,
    "title eq 5",
];

both! {
    fn every_filter_finds_whom_it_means(hub) {
        ann_and_bob(&hub.entra);
        for (filter, expected) in FOUND {
            let found = hub.entra.find("/Users", filter, "");
            assert_eq!(names(&found), *expected, "{filter}");
            let searched = hub.entra.post("/Users/.search", &json!({"filter": filter})).json();
            assert_eq!(names(searched["Resources"].as_array().unwrap()), *expected, ".search {filter}");
        }
    }

    fn every_wrong_filter_is_refused_as_one(hub) {
        ann_and_bob(&hub.entra);
        for filter in REFUSED {
            let asked = hub.entra.get(&format!("/Users?filter={}", encoded(filter)));
            assert_eq!(asked.error(400).0, "invalidFilter", "{filter}");
            let searched = hub.entra.post("/Users/.search", &json!({"filter": filter}));
            assert_eq!(searched.error(400).0, "invalidFilter", ".search {filter}");
        }
    }

    fn an_entry_that_is_missing_is_made_by_its_filter(hub) {
        let (_, bob) = ann_and_bob(&hub.entra);
        let path = format!("/Users/{bob}");
        hub.entra.patch(&path, json!([{"op": "Add", "path": r#"phoneNumbers[type eq "mobile"].value"#, "value": "+1"}]));
        assert_eq!(hub.entra.read(&path)["phoneNumbers"], json!([{"type": "mobile", "value": "+1"}]));
        hub.entra.patch(&path, json!([
            {"op": "Add", "path": r#"emails[type eq "home"].value"#, "value": "b@b.test"},
            {"op": "Add", "path": r#"emails[type eq "home"].primary"#, "value": "true"},
        ]));
        let emails = hub.entra.read(&path)["emails"].clone();
        let of = |kind: &str| -> Vec<Value> {
            emails.as_array().unwrap().iter().filter(|each| each["type"] == kind).cloned().collect()
        };
        assert_eq!(of("home"), [json!({"type": "home", "value": "b@b.test", "primary": true})]);
        assert_eq!(of("work").len(), 1);
        assert_ne!(of("work")[0]["primary"], true);
    }

    fn a_patch_without_a_path_sets_what_its_keys_name(hub) {
        let (_, bob) = ann_and_bob(&hub.entra);
        let path = format!("/Users/{bob}");
        hub.entra.patch(&path, json!([{"op": "Replace", "path": "active", "value": "True"}]));
        assert_eq!(hub.entra.read(&path)["active"], true);
        let department = format!("{ENTERPRISE}:department");
        hub.entra.patch(&path, json!([{"op": "replace", "value": {"name.givenName": "B", department: "D"}}]));
        hub.entra.patch(&path, json!([{"op": "add", "path": "manager", "value": "7c2"}]));
        let read = hub.entra.read(&path);
        assert_eq!((&read["name"], &read[ENTERPRISE]["department"]), (&json!({"givenName": "B"}), &json!("D")));
        assert_eq!(read[ENTERPRISE]["manager"]["value"], "7c2");
        assert!(read["schemas"].as_array().unwrap().contains(&json!(ENTERPRISE)));
        hub.entra.patch(&path, json!([{"op": "replace", "value": {"id": "zz", "displayName": "N"}}]));
        let read = hub.entra.read(&path);
        assert_eq!((&read["displayName"], &read["id"]), (&json!("N"), &json!(bob)));
    }

    fn a_patch_that_is_refused_changes_nothing(hub) {
        let (_, bob) = ann_and_bob(&hub.entra);
        let path = format!("/Users/{bob}");
        let before = hub.entra.read(&path);
        for (operations, kind) in [
            (json!([{"op": "remove"}]), "noTarget"),
            (json!([{"op": "remove", "path": "userName"}]), "mutability"),
            (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
            (json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "id", "value": "x"}]), "mutability"),
            (json!([{"op": "move", "path": "title", "value": "T"}]), "invalidSyntax"),
            (json!([]), "invalidSyntax"),
        ] {
            assert_eq!(hub.entra.try_patch(&path, operations.clone()).error(400).0, kind, "{operations}");
            assert_eq!(hub.entra.read(&path), before, "{operations}");
        }
    }

    fn removing_what_is_not_there_changes_nothing(hub) {
        let (_, bob) = ann_and_bob(&hub.entra);
        let path = format!("/Users/{bob}");
        let before = hub.entra.get(&path);
        let answer = hub.entra.patch(&path, json!([{"op": "remove", "path": r#"emails[type eq "fax"]"#}]));
        assert_eq!(answer.header("etag"), before.header("etag"));
        assert_eq!(hub.entra.read(&path), before.json());
    }

    fn pages_over_five_people_have_the_numbers_of_the_standard(hub) {
        hub.entra.people(5);
        for (query, resources, start) in [
            ("startIndex=0&count=2", 2, 1), ("startIndex=5&count=10", 1, 5), ("startIndex=6", 0, 6),
            ("count=0", 0, 1), ("count=-3", 0, 1),
        ] {
            let page = hub.entra.read(&format!("/Users?{query}"));
            assert_eq!(page["Resources"].as_array().unwrap().len(), resources, "{query}");
            assert_eq!((&page["startIndex"], &page["totalResults"]), (&json!(start), &json!(5)), "{query}");
            assert_eq!(page["itemsPerPage"], resources, "{query}");
        }
        assert_eq!(hub.entra.get("/Users?count=many").error(400).0, "invalidValue");
    }
}
