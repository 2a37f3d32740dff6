//! What must hold for any input. The fuzz targets (`fuzz/fuzz_targets`) check these functions for minutes, the
//! tests beside this file for a moment.

use provost_scim::bulk::{self, Answer, Method, Run};
use provost_scim::leniency::{Habits, Leniency};
use provost_scim::schema::{self, ResourceType};
use provost_scim::{Error, filter, json, mask, meaning, patch, path, resource, validate};
use serde_json::{Value, json};

/// A filter that parses prints to a text that parses to the same filter, and can be asked of anything. What
/// the strict reader accepts, the tolerant one understands in the same way.
pub fn filter(text: &str) {
    for rt in [schema::user(), schema::group()] {
        match filter::parse(text, rt, &Leniency::default(), &mut Habits::default()) {
            Ok(parsed) => {
                let again = filter::parse(
                    &parsed.to_string(),
                    rt,
                    &Leniency::default(),
                    &mut Habits::default(),
                );
                assert_eq!(again.as_ref(), Ok(&parsed), "{parsed}");
                for resource in [
                    sample(),
                    json!({}),
                    json!({"userName": 5, "emails": {"value": []}}),
                ] {
                    let _ = parsed.matches(rt, &resource);
                }
            }
            Err(error) => is_refusal(&error),
        }
        strict_agrees(text, rt);
    }
    assert!(mask::expression(None, text).len() <= 4 * text.len() + 64);
}

fn strict_agrees(text: &str, rt: &ResourceType) {
    let mut used = Habits::default();
    if let Ok(strict) = filter::parse(text, rt, &Leniency::strict(), &mut used) {
        let tolerant = filter::parse(text, rt, &Leniency::default(), &mut Habits::default());
        assert_eq!(tolerant, Ok(strict), "{text}");
        assert!(used.is_empty(), "the strict reader relied on a habit: {text}");
    }
}

/// A path that parses prints to a text that parses to the same path.
pub fn path(text: &str) {
    for rt in [schema::user(), schema::group()] {
        match path::parse(text, rt) {
            Ok(parsed) => {
                assert_eq!(path::parse(&parsed.to_string(), rt), Ok(parsed.clone()), "{text}");
                let _ = (rt.attribute(&parsed), rt.top(&parsed));
            }
            Err(error) => is_refusal(&error),
        }
        match filter::parse_value_path(text, rt, &Leniency::default(), &mut Habits::default()) {
            Ok(parsed) => {
                let printed = parsed.to_string();
                let again =
                    filter::parse_value_path(&printed, rt, &Leniency::default(), &mut Habits::default());
                assert_eq!(again, Ok(parsed), "{printed}");
            }
            Err(error) => is_refusal(&error),
        }
    }
}

/// A PATCH that is accepted leaves a valid document, and the same one in the strictest reader's eyes; one that
/// is not is refused. The log can say what it meant.
pub fn patch(bytes: &[u8]) {
    let Ok(body) = json::parse(bytes) else { return };
    assert!(mask::body(&body).to_string().len() <= mask::MAX_BYTES);
    for leniency in [Leniency::default(), Leniency::strict()] {
        for rt in [schema::user(), schema::group()] {
            let request = match patch::parse(rt, body.clone(), &leniency) {
                Ok(request) => request,
                Err(error) => {
                    is_refusal(&error);
                    continue;
                }
            };
            assert!(meaning::of(rt, meaning::Asked::Patch(&request)).chars().count() <= meaning::MAX_LENGTH);
            let document = sample();
            let Some(document) = document.as_object() else {
                return;
            };
            match patch::apply(rt, document, &request, &leniency, &mut Habits::default()) {
                Ok(outcome) => {
                    assert_eq!(validate::check(rt, &outcome.document), Ok(()));
                    let _ = resource::to_text(&outcome.document);
                }
                Err(error) => is_refusal(&error),
            }
        }
    }
}

/// A bulk request comes to an end after a bounded number of calls, each about an operation that there is and
/// to an address without a placeholder; and each operation has one result.
pub fn bulk(bytes: &[u8]) {
    let Ok(body) = json::parse(bytes) else { return };
    let request = match bulk::parse(body, 1000) {
        Ok(request) => request,
        Err(error) => return is_refusal(&error),
    };
    let _ = meaning::of_bulk(&request);
    let (count, stops) = (request.operations.len(), request.fail_on_errors.is_some());
    // Which calls fail is part of the input.
    let pattern = bytes
        .iter()
        .fold(0u32, |sum, byte| sum.rotate_left(3) ^ u32::from(*byte));
    let (mut run, mut calls) = (Run::new(request).below("http://localhost/scim/v2"), 0);
    while let Some(call) = run.next() {
        assert!(call.index < count);
        let id = call
            .path
            .strip_prefix("/Users/")
            .or_else(|| call.path.strip_prefix("/Groups/"));
        assert!(id.is_none_or(|id| !id.starts_with("bulkId:")), "{}", call.path);
        calls += 1;
        assert!(calls <= 3 * count, "{calls} calls for {count} operations");
        let fails = pattern.rotate_right(calls as u32).is_multiple_of(5);
        run.record(call.index, answered(call.method, call.index, fails));
    }
    let response = run.finish();
    let results = response["Operations"].as_array().map_or(0, Vec::len);
    assert!(
        results == count || (stops && results < count),
        "{results} results for {count} operations"
    );
    for result in response["Operations"].as_array().into_iter().flatten() {
        let status = result["status"]
            .as_str()
            .and_then(|text| text.parse::<u16>().ok());
        assert!(
            status.is_some_and(|status| (status < 300) != result["response"].is_object()),
            "{result}"
        );
    }
}

fn answered(method: Method, index: usize, fails: bool) -> Answer {
    if fails {
        return Answer::from(&Error::invalid_value("it was refused"));
    }
    let status = match method {
        Method::Post => 201,
        Method::Put | Method::Patch => 200,
        Method::Delete => 204,
    };
    Answer {
        status,
        id: Some(format!("id-{index}")),
        location: Some(format!("http://localhost/scim/v2/Users/id-{index}")),
        ..Answer::default()
    }
}

/// Not understood, or too much of it.
fn is_refusal(error: &Error) {
    assert!(
        matches!(error.status, 400 | 413) && !error.detail.is_empty(),
        "{error:?}"
    );
}

/// A person that is a valid group as well.
fn sample() -> Value {
    json!({
        "userName": "ann", "displayName": "Ann", "title": "Boss", "active": true, "name": {"givenName": "Ann"},
        "emails": [{"value": "a@b.example", "type": "work", "primary": true}, {"value": "ann@home.example", "type": "home"}],
    })
}
