//! The line: what was not answered is asked again, and what may have happened is looked for first.

use super::case::{Case, EMPTY, Place};
use m365_sim::{Effect, Rule, When};

/// Every third request meets this, ten times.
fn unsteady(name: &str, effect: Effect) -> Case {
    let mut case = Case::new(name).by_chance();
    case.faults.push(Rule {
        operation: String::new(),
        when: When {
            every: 3,
            times: Some(10),
            ..When::default()
        },
        effect,
    });
    case
}

pub fn cases() -> Vec<Case> {
    vec![
        unsteady("the line breaks before the answer", Effect::Drop { after: false }),
        unsteady("the line breaks after the deed", Effect::Drop { after: true }),
        unsteady("the answer is cut off", Effect::Cut { bytes: 120 }),
        unsteady("the answer is torn JSON", Effect::Garbage),
        unsteady(
            "the answer has another content type",
            Effect::ContentType {
                value: "text/plain".to_owned(),
            },
        ),
        unsteady("the answer is empty", Effect::EmptyBody),
        unsteady("a proxy asks for a sign-in", Effect::Html { status: 200 }),
        unsteady("a proxy has no way through", Effect::Html { status: 502 }),
        unsteady("answers come late", Effect::Delay { ms: 150 }),
        Case::new("no answer ever comes")
            .by_chance()
            .strike("GET /users", 1, Effect::Hang),
        Case::new("the service redirects elsewhere")
            .endlessly("", Effect::Status { status: 302 })
            .holds(EMPTY)
            .told(Place::Connection, "", "PRV-QUARANTINE-REFUSED")
            .state(provost_store::connection::State::Quarantine),
    ]
}
