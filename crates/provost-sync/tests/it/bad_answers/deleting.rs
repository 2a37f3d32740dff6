//! Somebody is to lose the account: it happens, or it is told that it did not.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::Effect;
use provost_store::connection::State;
use serde_json::{Value, json};

const OFF: &str = "ann off Clerk SPE_E3 under bob, bob; Sales: ann bob";
const GONE: &str = "bob; Sales: bob";

fn deletes(people: &mut Value, _: &mut Value) {
    people["remove"] = json!("delete");
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("the account may not be disabled")
            .then(Change::Disable)
            .always("PATCH /users/*", "denied")
            .told(Place::Failed, "ann", "PRV-CONNECT-FORBIDDEN")
            .mended(OFF),
        Case::new("sessions may not be ended")
            .then(Change::Disable)
            .always("POST /users/*/revokeSignInSessions", "denied")
            .holds(OFF)
            .told(Place::Failed, "ann", "PRV-CONNECT-FORBIDDEN")
            .mended(OFF),
        Case::new("disabled, and the end of the sessions fails once")
            .then(Change::Disable)
            .answer("POST /users/*/revokeSignInSessions", 1, "internal_error")
            .holds(OFF),
        Case::new("disabled, but the answer is lost")
            .then(Change::Disable)
            .strike("POST /$batch", 1, Effect::Drop { after: true })
            .strike("PATCH /users/*", 1, Effect::Drop { after: true })
            .holds(OFF),
        Case::new("an administrator leaves, and roles can be read")
            .settings(|settings| {
                settings.applications[0]
                    .roles
                    .push("Directory.Read.All".to_owned())
            })
            .then(Change::Promote)
            .then(Change::Leave)
            .holds(WHOLE)
            .state(State::Held)
            .told(Place::Staged, "ann", "PRV-TARGET-PRIVILEGED"),
        Case::new("an administrator leaves, and roles cannot be read")
            .then(Change::Promote)
            .then(Change::Leave)
            .holds(WHOLE)
            .told(Place::Retry, "ann", "PRV-CONNECT-FORBIDDEN"),
        Case::new("the account may not be deleted")
            .rules(deletes)
            .then(Change::Leave)
            .always("DELETE /users/*", "denied")
            .holds(WHOLE)
            .told(Place::Retry, "ann", "PRV-CONNECT-FORBIDDEN")
            .mended(GONE),
        Case::new("deleted, and then 500")
            .rules(deletes)
            .then(Change::Leave)
            .answer_after("DELETE /users/*", 1, "internal_error")
            .holds(GONE),
        Case::new("the account was deleted already, says Graph")
            .rules(deletes)
            .then(Change::Leave)
            .answer_after("DELETE /users/*", 1, "not_found")
            .holds(GONE),
        Case::new("the group may not be deleted")
            .rules(|_, groups| groups["remove"] = json!("delete"))
            .then(Change::NoGroup)
            .always("DELETE /groups/*", "denied")
            .told(Place::Retry, "Sales", "PRV-CONNECT-FORBIDDEN")
            .mended("ann Clerk SPE_E3 under bob, bob; "),
    ]
}
