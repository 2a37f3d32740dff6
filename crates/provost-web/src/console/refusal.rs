//! Why a page is not shown; it becomes the page that says so.

use super::{address, page};
use crate::error::Error;
use crate::texts::text;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use provost_store::Error as Store;
use provost_sync::Error as Sync;

/// Result of a handler of the console.
pub(crate) type Result<T> = std::result::Result<T, Refusal>;

/// Why a page is not shown.
pub(crate) enum Refusal {
    /// Nobody is signed in; the page that was asked for.
    Closed(String),
    /// Nobody is signed in as a person of the directory; the address of their sign-in.
    Outside(String),
    /// The sign-in is too long ago for what was asked; the page that was asked for.
    Stale(String),
    /// A change that none of our pages sent, or one that was opened in an earlier session.
    Foreign,
    /// A form of more bytes than this.
    TooLarge(usize),
    /// What was entered cannot be taken: the sentence, and what to do.
    Entered(String, String),
    /// The address leads to nothing: what there is not, and where to look instead.
    Absent(String),
    /// This process runs no connections.
    NoEngine,
    /// The engine cannot answer.
    Engine(Sync),
    /// The store cannot answer.
    Web(Error),
}

impl Refusal {
    /// As if there were no such workspace.
    pub fn nothing() -> Self {
        Self::Absent("The overview leads to every page.".to_owned())
    }

    /// The address has a part that is none of ours.
    pub fn address<E>(_: E) -> Self {
        Self::Absent("The address is not complete. The overview leads to every page.".to_owned())
    }
}

impl From<provost_signin::Error> for Refusal {
    fn from(error: provost_signin::Error) -> Self {
        match error {
            provost_signin::Error::Store(error) => error.into(),
            error => Self::Entered(error.sentence(), format!("{} {}", error.hint(), error.code())),
        }
    }
}

impl From<Store> for Refusal {
    fn from(error: Store) -> Self {
        Self::Web(error.into())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Web(error)
    }
}

impl From<Sync> for Refusal {
    fn from(error: Sync) -> Self {
        match error {
            Sync::Store(error) => error.into(),
            error => Self::Engine(error),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Closed(here) => page::elsewhere(&address::signin(&here)),
            Self::Outside(signin) => page::elsewhere(&signin),
            Self::Stale(here) => page::elsewhere(&address::confirm(&here)),
            Self::Foreign => page::told(
                StatusCode::FORBIDDEN,
                text(
                    "This form was not sent by a page of this session. Open the page again and send it from there.",
                ),
            ),
            Self::TooLarge(most) => page::told(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("A form may have {most} bytes. Send less at a time, or use the command."),
            ),
            Self::Entered(sentence, hint) => page::told(StatusCode::CONFLICT, &format!("{sentence}. {hint}")),
            Self::Absent(sentence) => page::absent(&sentence),
            Self::NoEngine => page::told(
                StatusCode::SERVICE_UNAVAILABLE,
                "This process answers requests only and runs no connections. Ask one that does, or set \
                 `enabled = true` under [sync].",
            ),
            Self::Web(error) => page::failed(&error),
            Self::Engine(error) => told(&error),
        }
    }
}

/// The page that says what the engine refuses.
pub(super) fn told(error: &Sync) -> Response {
    let is_absent = match error {
        Sync::Refused { code, .. } => code.ends_with("-UNKNOWN"),
        Sync::NoConnection(_) => true,
        _ => false,
    };
    let code = error.code().unwrap_or_default();
    let sentence = format!("{error}. {} {code}", error.hint());
    let sentence = sentence.trim_end();
    if is_absent {
        page::absent(sentence)
    } else {
        page::told(StatusCode::CONFLICT, sentence)
    }
}
