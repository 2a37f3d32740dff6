//! Why a page is not shown; it becomes the page that says so.

use super::page;
use crate::error::Error;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use provost_store::Error as Store;
use provost_sync::Error as Sync;

/// Result of a handler of the console.
pub(crate) type Result<T> = std::result::Result<T, Refusal>;

/// Why a page is not shown.
pub(crate) enum Refusal {
    /// Nobody is signed in.
    Closed,
    /// The address leads to nothing: what there is not, and where to look instead.
    Absent(String),
    /// The name stands for something in several workspaces: the addresses of each, with the workspace's name.
    Several(Vec<(String, String)>),
    /// This process runs no connections.
    NoEngine,
    /// The engine cannot answer.
    Engine(Sync),
    /// The store cannot answer.
    Web(Error),
}

impl Refusal {
    /// The address has a part that is none of ours.
    pub fn address<E>(_: E) -> Self {
        Self::Absent("The address is not complete. The overview leads to every page.".to_owned())
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
            Self::Closed => page::closed("You are not signed in."),
            Self::Absent(sentence) => page::absent(&sentence),
            Self::Several(choices) => page::choice(&choices),
            Self::NoEngine => page::told(
                StatusCode::SERVICE_UNAVAILABLE,
                "This process answers requests only and runs no connections. Ask one that does, or set \
                 `enabled = true` under [sync].",
            ),
            Self::Web(error) => page::failed(&error),
            Self::Engine(error) => {
                let is_absent = match &error {
                    Sync::Refused { code, .. } => code.ends_with("-UNKNOWN"),
                    Sync::NoConnection(_) => true,
                    _ => false,
                };
                let sentence = format!("{error}. {}", error.hint());
                if is_absent {
                    page::absent(&sentence)
                } else {
                    page::told(StatusCode::CONFLICT, &sentence)
                }
            }
        }
    }
}
