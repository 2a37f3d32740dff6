//! The checker itself: a checker that never complains is worse than none.

use m365_sim::contract::{Contract, ContractError};
use serde_json::json;

use crate::world::{World, contract, contract_file, user, user_with};

#[test]
fn good_requests_pass_in_every_spelling() {
    let good = [
        ("POST", "/users", Some(user("ada"))),
        ("GET", "/users?$select=id", None),
        ("GET", "https://graph.microsoft.com/v1.0/users/delta()", None),
        ("GET", "/groups/microsoft.graph.delta()", None),
        ("GET", "/groups(uniqueName='x')", None),
        ("GET", "/servicePrincipals(appId='x')", None),
        (
            "POST",
            "/users/x/microsoft.graph.assignLicense",
            Some(json!({"addLicenses": [], "removeLicenses": []})),
        ),
        ("GET", "/directory/deletedItems/microsoft.graph.user", None),
    ];
    for (method, path, body) in good {
        contract()
            .check_request(method, path, body.as_ref())
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
    }
}

#[test]
fn bad_requests_and_answers_are_named() {
    let violation = |result: Result<(), ContractError>| match result.unwrap_err() {
        ContractError::Violation { operation, problems } => (operation, problems.join("; ")),
        other => panic!("{other}"),
    };
    let (operation, problems) = violation(contract().check_request(
        "POST",
        "/users",
        Some(&user_with("a", json!({"nickname": "x", "accountEnabled": "yes"}))),
    ));
    assert_eq!(operation, "POST /users request");
    assert!(
        problems.contains("nickname") && problems.contains("accountEnabled"),
        "{problems}"
    );
    violation(contract().check_request("POST", "/users", None));
    violation(contract().check_request("GET", "/users", Some(&json!({}))));
    violation(contract().check_response("GET", "/users", 200, Some(&json!({"value": [{"nickname": "x"}]}))));
    violation(contract().check_response("GET", "/users", 404, Some(&json!({"message": "x"}))));
    violation(contract().check_response("PATCH", "/users/x", 204, Some(&json!({}))));
    violation(contract().check_response("POST", "/users", 201, None));
    let status = contract()
        .check_response("PATCH", "/users/x", 200, None)
        .unwrap_err();
    assert!(
        matches!(status, ContractError::UnknownStatus { status: 200, .. }),
        "{status}"
    );
    let unknown = contract().check_request("GET", "/people", None).unwrap_err();
    assert!(
        matches!(unknown, ContractError::UnknownOperation { .. }),
        "{unknown}"
    );
}

#[test]
fn batches_are_checked_entry_by_entry() {
    let bad =
        json!({"requests": [{"id": "1", "method": "POST", "url": "/users", "body": {"displayName": "x"}}]});
    contract()
        .check_request("POST", "/$batch", Some(&bad))
        .unwrap_err();
    let asked = json!({"requests": [{"id": "1", "method": "GET", "url": "/users"}]});
    let answer = |status: u16, body: serde_json::Value| json!({"responses": [{"id": "1", "status": status, "body": body}]});
    contract()
        .check_batch(&asked, &answer(200, json!({"value": []})))
        .unwrap();
    contract()
        .check_batch(&asked, &answer(200, json!({"value": 7})))
        .unwrap_err();
    contract()
        .check_batch(&asked, &json!({"responses": []}))
        .unwrap_err();
}

#[test]
fn files_that_are_no_contract_are_refused() {
    assert!(matches!(
        Contract::load("/nonexistent"),
        Err(ContractError::Unusable(_))
    ));
    assert!(
        Contract::load(contract_file())
            .unwrap()
            .operations()
            .contains(&("POST".to_owned(), "/users".to_owned()))
    );
}

#[tokio::test]
async fn every_operation_of_the_contract_is_offered() {
    let world = World::contoso().await;
    let mut unoffered = Vec::new();
    for (method, path) in contract().operations() {
        let filled = path.split('/').map(|part| {
            if part.starts_with('{') {
                "00000000-0000-4000-8000-000000000000"
            } else {
                part
            }
        });
        let filled = filled.collect::<Vec<_>>().join("/");
        let body = (method != "GET" && method != "DELETE").then(|| json!({}));
        let answer = world.outside(&method, &filled, &[], body).await;
        assert!(
            answer.status != 405 && !answer.message().contains("segment"),
            "{method} {path}: {answer:?}"
        );
        if answer.status == 501 {
            unoffered.push(format!("{method} {path}"));
        }
    }
    assert_eq!(contract().operations().len(), 91);
    assert!(unoffered.is_empty(), "{unoffered:?}");
}
