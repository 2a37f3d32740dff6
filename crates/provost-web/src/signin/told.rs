//! What is said when a sign-in or a change of it is refused.

use crate::console::faults::Faults;
use crate::console::refusal::Refusal;
use crate::texts::{Language, text};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use provost_signin::Error;
use serde_json::json;

/// A refusal in the reader's language, as far as it is one of those that everybody meets; the others say what an
/// administrator needs in English.
pub(super) fn sentence(language: Language, error: &Error) -> String {
    let fixed = match error {
        Error::Denied => text(
            "The sign-in was not accepted. Check what you entered, or sign in another way. An owner can reset your sign-in.",
        ),
        Error::Wait { seconds } => {
            let minutes = seconds / 60 + 1;
            return language.n(
                minutes,
                "Too many attempts. Wait a minute, or sign in with a passkey.",
                "Too many attempts. Wait {} minutes, or sign in with a passkey.",
            );
        }
        Error::Busy => text("Too many people are signing in at this moment. Try again in a few seconds."),
        Error::Expired => text("This step of the sign-in is over. Begin again, in one browser."),
        Error::Link => {
            text("This link was used already, has expired, or is not complete. Ask for a new one.")
        }
        Error::Stale => text("Confirm who you are, then do it again."),
        other => return format!("{} {}", plain(&other.sentence(), &other.hint()), other.code()),
    };
    language.t(fixed).to_owned()
}

/// Two sentences of another layer as one text for people.
fn plain(sentence: &str, hint: &str) -> String {
    let mut letters = sentence.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}. {hint}", letters.as_str())
}

/// The status of a page that says so.
pub(super) fn status(error: &Error) -> StatusCode {
    match error {
        Error::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Error::Link | Error::Expired => StatusCode::GONE,
        Error::Provider(_) => StatusCode::BAD_GATEWAY,
        guarded if guarded.code() == "PRV-OWNER-LAST" => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// An error as faults of a form: what the field has that it is about, else the form as a whole.
///
/// # Errors
/// What no form can mend: the store and the machine.
pub(super) fn faults(language: Language, error: Error) -> Result<(StatusCode, Faults), Refusal> {
    let is_ours = !matches!(&error, Error::Machine(_))
        && !matches!(&error, Error::Store(inner) if !matches!(inner, provost_store::Error::Refused { .. }));
    if !is_ours {
        return Err(error.into());
    }
    let field = match error.code() {
        "PRV-NAME" => "name",
        "PRV-EMAIL" | "PRV-EMAIL-TAKEN" => "email",
        code if code.starts_with("PRV-PASSWORD-") => "password",
        code if code.starts_with("PRV-CODE-") => "code",
        "PRV-SIGNIN-PROVIDER-ISSUER" => "issuer",
        "PRV-SIGNIN-PROVIDER-CLIENT" => "client_id",
        _ => "",
    };
    Ok((status(&error), Faults::one(field, sentence(language, &error))))
}

/// An answer that may say how long to wait.
pub(super) fn waiting(error: &Error, mut response: Response) -> Response {
    if let Error::Wait { seconds } = error {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// A refusal for our script.
pub(super) fn to_script(language: Language, error: Error) -> Response {
    match &error {
        Error::Store(inner) if !matches!(inner, provost_store::Error::Refused { .. }) => {
            Refusal::from(error).into_response()
        }
        Error::Machine(_) => Refusal::from(error).into_response(),
        _ => saying(sentence(language, &error), &error),
    }
}

/// A refusal for our script, in these words.
pub(super) fn saying(sentence: String, error: &Error) -> Response {
    let body = json!({"error": sentence, "code": error.code()});
    waiting(error, (status(error), Json(body)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_guesses_learns_nothing_from_the_sentence() {
        let denied = sentence(Language::English, &Error::Denied);
        assert!(denied.starts_with("The sign-in was not accepted."), "{denied}");
        let wait = sentence(Language::English, &Error::Wait { seconds: 59 });
        assert!(wait.contains("a minute"), "{wait}");
        assert!(sentence(Language::English, &Error::Wait { seconds: 200 }).contains("4 minutes"));
    }

    #[test]
    fn other_refusals_are_whole_sentences() {
        assert_eq!(
            plain("this is no client id", "Copy it."),
            "This is no client id. Copy it."
        );
    }
}
