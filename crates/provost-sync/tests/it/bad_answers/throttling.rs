//! Graph wants to be asked more slowly: nothing fails for it, unless it wants to be left alone for long.

use super::case::{Case, Place};
use m365_sim::{Effect, Model, RetryAfter, Rule, Settings, Shape};
use std::time::Duration;

/// A refusal whose `Retry-After` has this form.
fn slow(operation: &str, retry_after: RetryAfter, shape: Shape) -> Rule {
    Rule::next(
        operation,
        2,
        Effect::Answer {
            error: "throttled".to_owned(),
            after: false,
            retry_after: Some(retry_after),
            wait_s: 0.3,
            shape,
        },
    )
}

fn throttled(name: &str, rule: Rule) -> Case {
    let mut case = Case::new(name);
    case.faults.push(rule);
    case
}

fn budget(settings: &mut Settings, model: Model) {
    settings.throttle.model = model;
    settings.throttle.writes = 3;
    settings.throttle.window = Duration::from_millis(500);
    settings.throttle.units = Some(8);
    settings.throttle.unit_window = Duration::from_millis(500);
}

pub fn cases() -> Vec<Case> {
    all().into_iter().map(Case::by_chance).collect()
}

fn all() -> Vec<Case> {
    vec![
        Case::new("429 for one request of a batch").answer("POST /users", 1, "throttled"),
        Case::new("429 by its other name").answer("PATCH /groups/**", 1, "throttled_temporarily"),
        Case::new("429 for a batch as a whole").answer("POST /$batch", 1, "activity_limit"),
        throttled(
            "429 without Retry-After",
            slow("GET /users", RetryAfter::Missing, Shape::Usual),
        ),
        throttled(
            "429 with a fraction of a second",
            slow("POST /users", RetryAfter::Fractional, Shape::Usual),
        ),
        throttled(
            "429 with a date",
            slow("POST /users", RetryAfter::Date, Shape::Usual),
        ),
        throttled(
            "429 whose code is two levels down",
            slow("POST /users", RetryAfter::Whole, Shape::Nested),
        ),
        throttled(
            "429 with innererror in lower case",
            slow("POST /users/*/assignLicense", RetryAfter::Whole, Shape::LowerCase),
        ),
        Case::new("429 for a day")
            .holds("ann Clerk; ")
            .told(Place::Failed, "bob", "PRV-CONNECT-THROTTLED")
            .strike(
                "POST /users",
                1,
                Effect::Answer {
                    error: "throttled".to_owned(),
                    after: false,
                    retry_after: Some(RetryAfter::Huge),
                    wait_s: 86_400.0,
                    shape: Shape::Usual,
                },
            ),
        Case::new("509: too much to carry").answer("GET /users", 1, "bandwidth"),
        Case::new("a bucket that is soon empty").settings(|settings| budget(settings, Model::TokenBucket)),
        Case::new("a window that counts refusals too")
            .settings(|settings| budget(settings, Model::SlidingWindow)),
        Case::new("what is less urgent is shed first")
            .then(super::case::Change::Reconcile)
            .settings(|settings| {
                budget(settings, Model::SlidingWindow);
                settings.throttle.shed_low_priority = true;
            }),
    ]
}
