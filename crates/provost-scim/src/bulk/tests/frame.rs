//! The frame, the operations with a fault, the addresses, and the shape of the answer.

use super::*;
use crate::error::ScimType;

fn refused(body: Value, limit: usize) -> (u16, Option<ScimType>, String) {
    let error = parse(body, limit).unwrap_err();
    (error.status, error.scim_type, error.detail)
}

#[test]
fn a_wrong_frame_is_refused_as_a_whole() {
    let one = json!([person("a")]);
    for body in [
        json!([]),
        json!({}),
        json!({"Operations": []}),
        json!({"Operations": {"method": "POST"}}),
    ] {
        let (status, kind, _) = refused(body, 10);
        assert_eq!((status, kind), (400, Some(ScimType::InvalidSyntax)));
    }
    for limit in [json!(0), json!(-1), json!(1.5), json!("1"), json!([])] {
        let (status, kind, detail) = refused(json!({"Operations": one, "failOnErrors": limit}), 10);
        assert_eq!((status, kind), (400, Some(ScimType::InvalidValue)));
        assert!(detail.starts_with("failOnErrors"), "{detail}");
    }
}

#[test]
fn too_many_operations_are_refused_with_the_limit() {
    let body = json!({"Operations": [person("a"), person("b"), person("c")]});
    assert!(parse(body.clone(), 3).is_ok());
    let (status, kind, detail) = refused(body, 2);
    assert_eq!((status, kind), (413, None));
    assert!(
        detail.contains("maxOperations is 2") && detail.contains("3 operations"),
        "{detail}"
    );
}

#[test]
fn keys_and_methods_have_no_letter_case() {
    let body = json!({"SCHEMAS": [BULK_REQUEST.to_uppercase()], "FAILONERRORS": 2, "operations":
        [{"Method": "post", "PATH": "/users/", "bulkid": "a", "Data": {"userName": "a"}}]});
    let request = parse(body, 1).unwrap();
    assert_eq!(request.fail_on_errors, Some(2));
    assert_eq!(request.operations[0].fault, None);
    assert!(request.check(&Leniency::strict(), &mut Habits::default()).is_ok());
    let null = json!({"failOnErrors": null, "Operations": [person("a")]});
    assert_eq!(parse(null, 1).unwrap().fail_on_errors, None);
}

#[test]
fn a_body_without_schemas_is_a_habit() {
    let request = parse(json!({"Operations": [person("a")]}), 1).unwrap();
    let mut used = Habits::default();
    let refused = request.check(&Leniency::strict(), &mut used).unwrap_err();
    assert_eq!(refused.scim_type, Some(ScimType::InvalidSyntax));
    assert!(used.is_empty());
    assert!(request.check(&Leniency::default(), &mut used).is_ok());
    assert_eq!(used.count(Habit::MissingSchemas), 1);
}

#[test]
fn a_fault_is_the_result_of_its_operation_alone() {
    let data = json!({"userName": "a"});
    let long = "x".repeat(300);
    let cases = [
        (json!("POST /Users"), "must be an object"),
        (json!({"path": "/Users", "bulkId": "m", "data": data}), "method"),
        (json!({"method": "GET", "path": "/Users/1"}), "method"),
        (
            json!({"method": "POST", "path": "/Bulk", "bulkId": "n", "data": {}}),
            "inside another",
        ),
        (
            json!({"method": "POST", "path": "/v2/bulk/", "bulkId": "o", "data": {}}),
            "inside another",
        ),
        (
            json!({"method": "POST", "path": "/Users/.search", "bulkId": "p", "data": {}}),
            "search",
        ),
        (
            json!({"method": "POST", "bulkId": "q", "data": data}),
            "path is missing",
        ),
        (
            json!({"method": "POST", "path": 7, "bulkId": "r", "data": data}),
            "path is missing",
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "s"}),
            "data is missing",
        ),
        (
            json!({"method": "PUT", "path": "/Users/1", "data": null}),
            "data is missing",
        ),
        (
            json!({"method": "PATCH", "path": "/Users/1", "data": []}),
            "data is missing",
        ),
        (
            json!({"method": "POST", "path": "/Users", "data": data}),
            "bulkId is missing",
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "", "data": data}),
            "bulkId is missing",
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": 5, "data": data}),
            "bulkId must be",
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": long, "data": data}),
            "bulkId is longer",
        ),
        (
            json!({"method": "PUT", "path": "/Users/1", "version": 5, "data": data}),
            "version must be",
        ),
    ];
    for (faulty, expected) in cases {
        let mut world = World::default();
        let results = run_in(&mut world, &[person("before"), faulty.clone(), person("after")]);
        assert_eq!(statuses(&results), ["201", "400", "201"], "{faulty}");
        assert_eq!(world.calls, ["POST /Users", "POST /Users"], "{faulty}");
        assert_eq!(results[1]["response"]["scimType"], "invalidSyntax", "{faulty}");
        assert!(
            detail(&results[1]).contains(expected),
            "{faulty}: {}",
            detail(&results[1])
        );
        assert_eq!(results[1].get("bulkId").and_then(Value::as_str), {
            let sent = faulty.get("bulkId").and_then(Value::as_str);
            sent.filter(|id| !id.is_empty() && id.len() < 300)
        });
    }
}

#[test]
fn a_repeated_bulk_id_is_the_fault_of_the_later_one_and_names_nobody() {
    let mut world = World::default();
    let results = run_in(
        &mut world,
        &[person("a"), person("a"), group_of("g", &["a"]), person("b")],
    );
    assert_eq!(statuses(&results), ["201", "400", "400", "201"]);
    assert!(detail(&results[1]).contains("earlier POST has the bulkId a"));
    assert!(
        detail(&results[2]).contains("several POST operations"),
        "{}",
        detail(&results[2])
    );
}

#[test]
fn addresses_are_read_in_every_spelling() {
    for (sent, read) in [
        ("/Users", "/Users"),
        ("Users", "/Users"),
        ("/users/", "/Users"),
        ("//GROUPS//7c2", "/Groups/7c2"),
        ("/Users/7C2?attributes=id#x", "/Users/7C2"),
        ("/v2/Users/7c2", "/Users/7c2"),
        ("/scim/v2//users/7c2", "/Users/7c2"),
        ("/scim/Users/7c2", "/Users/7c2"),
        ("https://hub.contoso.example/scim/v2/Users/7c2", "/Users/7c2"),
        (
            "https://hub.contoso.example/tenants/users/scim/V2/Groups",
            "/Groups",
        ),
        ("HTTPS://hub.contoso.example", ""),
        ("/Users/v2", "/Users/v2"),
        ("/Devices/1", "/Devices/1"),
        ("/Me", "/Me"),
        ("", ""),
    ] {
        assert_eq!(path::below_base(sent), read, "{sent}");
    }
    assert_eq!(path::split("/Users"), ("/Users", None));
    assert_eq!(path::split("/Users/a/b"), ("/Users", Some("a/b")));
    for (sent, read) in [
        ("a%20b", "a b"),
        ("50%", "50%"),
        ("%+1", "%+1"),
        ("%zz%C3%BC", "%zzü"),
        ("%FF", "%FF"),
    ] {
        assert_eq!(path::decoded(sent), read);
    }
}

#[test]
fn the_answer_is_the_rfcs() {
    let mut world = World::default();
    world
        .resources
        .insert("/Users/01J9Z".to_owned(), json!({"userName": "ada"}));
    world
        .resources
        .insert("/Users/01KAA".to_owned(), json!({"userName": "bob"}));
    world.refused.push("/Users/01J9Z".to_owned());
    let stale = json!({"op": "replace", "path": "active", "value": false});
    let mut stale = patch_of("/Users/01J9Z", stale);
    stale["version"] = json!("W/\"4\"");
    let results = run_in(
        &mut world,
        &[
            group_of("g", &["u"]),
            person("u"),
            stale,
            json!({"method": "DELETE", "path": "/Users/01KAA", "data": {"left": "over"}}),
            json!({"method": "PUT", "path": "/Users/01KAB"}),
        ],
    );
    let error = |status: &str, kind: &str, detail: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status, "scimType": kind, "detail": detail,
        })
    };
    assert_eq!(
        Value::from(results),
        json!([
            {"method": "POST", "bulkId": "g", "status": "201", "version": "W/\"2\"",
             "location": format!("{BASE}/Groups/2")},
            {"method": "POST", "bulkId": "u", "status": "201", "version": "W/\"1\"",
             "location": format!("{BASE}/Users/1")},
            {"method": "PATCH", "status": "409", "location": format!("{BASE}/Users/01J9Z"),
             "response": error("409", "uniqueness", "the name is taken")},
            {"method": "DELETE", "status": "200", "version": "W/\"4\"", "location": format!("{BASE}/Users/01KAA")},
            {"method": "PUT", "status": "400", "location": format!("{BASE}/Users/01KAB"),
             "response": error("400", "invalidSyntax", "data is missing: PUT needs it, as an object")},
        ])
    );
    assert_eq!(
        world.calls,
        [
            "POST /Users",
            "POST /Groups",
            "PATCH /Users/01J9Z",
            "DELETE /Users/01KAA"
        ]
    );
}

#[test]
fn the_version_goes_along_as_a_condition_but_not_with_post() {
    let mut post = person("a");
    post["version"] = json!("W/\"1\"");
    let put = json!({"method": "PUT", "path": "/Users/1", "version": "*", "data": {"userName": "a"}});
    let mut run = Run::new(request(&[post, put]));
    let versions: Vec<_> = std::iter::from_fn(|| run.next())
        .map(|call| call.version)
        .collect();
    assert_eq!(versions, [None, Some("*".to_owned())]);
}

#[test]
fn a_call_without_an_answer_has_failed() {
    let mut run = Run::new(request(&[person("a"), person("b")]));
    assert_eq!(run.next().unwrap().index, 0);
    run.record(
        1,
        Answer {
            status: 204,
            ..Answer::default()
        },
    );
    assert_eq!(run.next().unwrap().index, 1);
    let response = run.finish();
    let results = response["Operations"].as_array().unwrap();
    assert_eq!(statuses(results), ["500", "500"]);
    assert!(results[0].get("location").is_none());
}

#[test]
fn an_error_without_a_body_gets_one() {
    let mut run = Run::new(request(&[person("a")]));
    let call = run.next().unwrap();
    run.record(
        call.index,
        Answer {
            status: 503,
            ..Answer::default()
        },
    );
    let response = run.finish();
    assert_eq!(response["Operations"][0]["response"]["status"], "503");
    assert!(!detail(&response["Operations"][0]).is_empty());
}
