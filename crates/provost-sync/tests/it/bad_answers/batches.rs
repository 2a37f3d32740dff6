//! Several requests in one: each is carried out once, whatever becomes of the answer.

use super::case::Case;
use m365_sim::Effect;

const BATCH: &str = "POST /$batch";

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("an answer is missing").strike(BATCH, 1, Effect::MissingEntry { count: 1 }),
        Case::new("all answers are missing").strike(BATCH, 1, Effect::MissingEntry { count: 20 }),
        Case::new("the answers come in another order").strike(BATCH, 9, Effect::ShuffledEntries),
        Case::new("one entry depends on another that failed").answer("POST /users", 1, "failed_dependency"),
        Case::new("the batch service is unavailable").answer(BATCH, 2, "unavailable"),
        Case::new("the batch goes to the wrong copy of the directory").answer(
            BATCH,
            1,
            "binding_redirection",
        ),
        Case::new("the batch is not allowed as a method").answer(BATCH, 1, "method_not_allowed"),
        Case::new("a web page in place of the batch's answer").strike(BATCH, 1, Effect::Html { status: 200 }),
        Case::new("an empty answer to a batch").strike(BATCH, 1, Effect::EmptyBody),
    ]
}
