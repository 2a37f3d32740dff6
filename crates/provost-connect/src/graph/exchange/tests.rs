#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::*;
use crate::{Kind, Retry};

fn refused(status: u16, error: Value) -> Exchange {
    let mut exchange = Exchange::sample(status);
    exchange.body = Some(json!({ "error": error }));
    exchange
}

fn code(status: u16, code: &str) -> Exchange {
    refused(status, json!({"code": code, "message": "The target's words."}))
}

/// Status and code to the stable code of the error, and what may be done after it.
#[test]
fn the_table_of_errors() {
    let again = |seconds| Retry::After(Duration::from_secs(seconds));
    let rows = [
        (400, "Request_BadRequest", "PRV-CONNECT-REJECTED", Retry::Never),
        (
            400,
            "Request_UnsupportedQuery",
            "PRV-CONNECT-UNSUPPORTED",
            Retry::Never,
        ),
        (
            400,
            "Request_MultipleObjectsWithSameKeyValue",
            "PRV-CONNECT-CONFLICT",
            Retry::Never,
        ),
        (
            401,
            "InvalidAuthenticationToken",
            "PRV-M365-TOKEN",
            Retry::StopConnection,
        ),
        (
            403,
            "Authorization_RequestDenied",
            "PRV-CONNECT-FORBIDDEN",
            Retry::Never,
        ),
        (
            403,
            "Authorization_IdentityNotFound",
            "PRV-M365-APP-UNKNOWN",
            Retry::StopConnection,
        ),
        (
            403,
            "Authorization_IdentityDisabled",
            "PRV-M365-APP-DISABLED",
            Retry::StopConnection,
        ),
        (403, "Directory_QuotaExceeded", "PRV-CONNECT-QUOTA", Retry::Never),
        (
            404,
            "Request_ResourceNotFound",
            "PRV-CONNECT-NOT-FOUND",
            Retry::Now,
        ),
        (405, "Request_BadRequest", "PRV-CONNECT-UNSUPPORTED", Retry::Never),
        (406, "", "PRV-CONNECT-UNSUPPORTED", Retry::Never),
        (415, "Request_BadRequest", "PRV-CONNECT-UNSUPPORTED", Retry::Never),
        (409, "Conflict", "PRV-CONNECT-CONCURRENT", again(2)),
        (
            409,
            "Directory_ConcurrencyViolation",
            "PRV-CONNECT-CONCURRENT",
            again(2),
        ),
        (412, "PreconditionFailed", "PRV-CONNECT-CONCURRENT", again(2)),
        (424, "FailedDependency", "PRV-CONNECT-UNAVAILABLE", again(2)),
        (429, "TooManyRequests", "PRV-CONNECT-THROTTLED", again(30)),
        (429, "activityLimitReached", "PRV-CONNECT-THROTTLED", again(30)),
        (
            400,
            "Request_ThrottledTemporarily",
            "PRV-CONNECT-THROTTLED",
            again(30),
        ),
        (503, "TooManyRequests", "PRV-CONNECT-THROTTLED", again(30)),
        (509, "", "PRV-CONNECT-THROTTLED", again(30)),
        (
            500,
            "Service_InternalServerError",
            "PRV-CONNECT-UNAVAILABLE",
            again(2),
        ),
        (502, "", "PRV-CONNECT-UNAVAILABLE", again(2)),
        (503, "serviceNotAvailable", "PRV-CONNECT-UNAVAILABLE", again(2)),
        (
            503,
            "Directory_BindingRedirection",
            "PRV-CONNECT-UNAVAILABLE",
            again(2),
        ),
        (504, "UnknownError", "PRV-CONNECT-UNAVAILABLE", again(2)),
        (501, "NotImplemented", "PRV-CONNECT-UNSUPPORTED", Retry::Never),
    ];
    let object = (Kind::Person, "a1".to_owned());
    for (status, name, wanted, retry) in rows {
        let error = code(status, name).failure("changing the account", Some(&object));
        assert_eq!(error.code(), wanted, "{status} {name}");
        assert_eq!(error.retry(), retry, "{status} {name}");
        assert!(error.hint().ends_with('.') && !error.to_string().is_empty());
    }
}

#[test]
fn the_innermost_known_code_counts() {
    let nested = json!({"code": "BadRequest", "message": "m",
        "innerError": {"code": "Request_UnsupportedQuery", "innererror": {"code": "Whatever"}}});
    assert_eq!(refused(400, nested).code(), "Request_UnsupportedQuery");
    let unknown = json!({"code": "Outer", "message": "m", "innerError": {"code": "Inner"}});
    assert_eq!(refused(400, unknown).code(), "Outer");
    let mut deep = json!({"code": "TooManyRequests"});
    for _ in 0..50 {
        deep = json!({"code": "x", "innerError": deep});
    }
    assert_eq!(refused(400, deep).code(), "x", "only so deep is looked");
}

#[test]
fn a_conflict_names_attribute_and_holder() {
    let holder = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";
    let by_details = json!({"code": "Request_BadRequest", "message": "m", "details": [
        {"code": "ObjectConflict", "target": "proxyAddresses", "message": "taken"},
        {"code": "ConflictingObjects", "target": format!("User_{holder}"), "message": ""}]});
    let by_text = json!({"code": "Request_BadRequest",
        "message": "Another object with the same value for property userPrincipalName already exists."});
    let in_the_bin = json!({"code": "Request_BadRequest", "message": "Property netId is invalid."});
    let unnamed = json!({"code": "Request_BadRequest",
        "message": "A conflicting object with one or more of the specified property values is present in the directory."});
    let rows = [
        (by_details, Some("proxyAddresses"), Some(holder)),
        (by_text, Some("userPrincipalName"), None),
        (in_the_bin, Some("userPrincipalName"), None),
        (unnamed, None, None),
    ];
    for (error, wanted, held_by) in rows {
        match refused(400, error.clone()).failure("creating the account", None) {
            Error::Conflict {
                attribute, existing, ..
            } => {
                assert_eq!(
                    (attribute.as_deref(), existing.as_deref()),
                    (wanted, held_by),
                    "{error}"
                );
            }
            other => panic!("{error}: {other:?}"),
        }
    }
}

#[test]
fn places_that_are_lost() {
    for name in [
        "Directory_ExpiredPageToken",
        "DirectoryPageTokenNotFoundException",
        "Directory_ResultSizeLimitExceeded",
    ] {
        assert!(code(400, name).lost_its_page(), "{name}");
    }
    assert!(!code(400, "Request_BadRequest").lost_its_page());
    for (status, name) in [
        (410, "resyncRequired"),
        (400, "syncStateNotFound"),
        (404, "SyncStateNotFound"),
        (400, "Request_BadRequest"),
    ] {
        assert!(code(status, name).lost_its_round(), "{name}");
    }
    for (status, name) in [
        (403, "Authorization_RequestDenied"),
        (404, "Request_ResourceNotFound"),
        (503, "resyncRequired"),
    ] {
        assert!(!code(status, name).lost_its_round(), "{name}");
    }
}

#[test]
fn ids_of_an_answer_inside_a_batch() {
    let mut whole = Exchange::sample(200);
    whole.request_id = "batch".to_owned();
    let entry = json!({"id": "1", "status": 403, "headers": {"Request-Id": "inner", "Retry-After": "2.5", "x-ms-resource-unit": "3"},
        "body": {"error": {"code": "Authorization_RequestDenied", "message": "No."}}});
    let exchange = Exchange::of_entry(&entry, &whole).unwrap();
    assert_eq!(exchange.request_id, "inner");
    assert_eq!(
        (exchange.units, exchange.after),
        (Some(3), Some(Duration::from_millis(2500)))
    );
    let receipt = exchange.receipt("changing the account");
    assert_eq!(
        (receipt.status, receipt.reason.as_str()),
        (403, "No (Authorization_RequestDenied)")
    );
    let told_inside = json!({"id": "1", "status": 400, "body": {"error": {"code": "x", "message": "m",
        "innerError": {"request-id": "told", "client-request-id": "ours"}}}});
    let exchange = Exchange::of_entry(&told_inside, &whole).unwrap();
    assert_eq!(
        (exchange.request_id.as_str(), exchange.client_request_id.as_str()),
        ("told", "ours")
    );
    let silent = json!({"id": "1", "status": 204});
    assert_eq!(Exchange::of_entry(&silent, &whole).unwrap().request_id, "batch");
    assert!(Exchange::of_entry(&json!({"id": "1"}), &whole).is_none());
}

#[test]
fn which_limit_a_refusal_is_about() {
    let mut exchange = code(429, "TooManyRequests");
    assert!(exchange.is_about_units(0) && !exchange.is_about_units(1));
    exchange.limit = Some("WriteLimitExceeded".to_owned());
    assert!(!exchange.is_about_units(0));
    exchange.limit = Some("ResourceUnitLimitExceeded".to_owned());
    assert!(exchange.is_about_units(5));
}

#[test]
fn what_is_kept_elsewhere_needs_no_permission() {
    for (status, message, said) in [
        (
            400,
            "Unable to update the specified properties for on-premises mastered Directory Sync objects.",
            "changed there",
        ),
        (
            403,
            "Cannot Update a mail-enabled security groups and or distribution list.",
            "only Exchange",
        ),
    ] {
        let mut exchange = Exchange::sample(status);
        exchange.body = Some(json!({"error": {"code": "Request_BadRequest", "message": message}}));
        let error = exchange.failure("changing it", None);
        assert_eq!(error.code(), "PRV-CONNECT-FORBIDDEN");
        assert!(
            error.to_string().contains(said) && error.hint().contains("where it is kept"),
            "{error}"
        );
    }
}

#[test]
fn a_sentence_of_the_service_stands_within_ours() {
    let mut exchange = Exchange::sample(400);
    let long = "é".repeat(500);
    exchange.body = Some(json!({"error": {"code": "Request_BadRequest", "message": long}}));
    assert_eq!(exchange.reason().chars().count(), 201);
    exchange.body = Some(json!({"error": {"code": "Directory_QuotaExceeded", "message": "Full."}}));
    assert_eq!(exchange.reason(), "Full (Directory_QuotaExceeded)");
    assert_eq!(Exchange::sample(502).reason(), "no reason was given");
}
