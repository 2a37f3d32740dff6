//! What people are told when their sign-in is refused: they have an administrator to ask, and no password to try.

use crate::signin::told;
use crate::texts::{Language, text};
use axum::response::Response;
use provost_signin::Error;

/// A refusal for our script.
pub(super) fn to_script(language: Language, error: Error) -> Response {
    match sentence(language, &error) {
        Some(sentence) => told::saying(sentence, &error),
        None => told::to_script(language, error),
    }
}

/// What is said to people in other words than to administrators.
fn sentence(language: Language, error: &Error) -> Option<String> {
    let fixed = match error {
        Error::Denied => text(
            "The sign-in was not accepted. Try another passkey, or ask your administrator for a link by which you make a new one.",
        ),
        Error::Link => {
            text("This link cannot be used any more. Open it once more: its page says what happened.")
        }
        Error::Stale => {
            text("Your sign-in is too long ago for this. Load the page anew, and sign in once more.")
        }
        Error::Wait { seconds } => {
            let minutes = seconds / 60 + 1;
            return Some(language.n(
                minutes,
                "Too many attempts. Wait a minute.",
                "Too many attempts. Wait {} minutes.",
            ));
        }
        _ => return None,
    };
    Some(language.t(fixed).to_owned())
}

/// What a browser without script is told.
pub(super) fn without_script(language: Language) -> String {
    let sentence = text(
        "Browsers offer passkeys to scripts only, and this one runs none of this page's. Allow it, or take another browser.",
    );
    language.t(sentence).to_owned()
}
