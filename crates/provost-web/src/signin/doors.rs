//! The page with the ways in: what stands on it before somebody has signed in, and when they were refused.

use super::knock::{Knock, Passkeys};
use super::{signin, told};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::state::State;
use crate::texts::text;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::Error;

#[derive(Template)]
#[template(path = "signin/signin.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    email: String,
    to: String,
    passkeys: Passkeys,
    /// The names of the other systems.
    providers: Vec<String>,
}

/// What a page with the ways in begins with.
#[derive(Debug, Default)]
pub(super) struct Doors {
    pub status: StatusCode,
    pub faults: Faults,
    /// What was typed.
    pub email: String,
    /// Where to go on.
    pub to: String,
}

impl Doors {
    /// The page with the ways in.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn show(self, state: &State, knock: &Knock) -> Result<Response> {
        let all = signin(state)?.providers().await?;
        let page = Page {
            frame: Frame::bare(knock.language, text("Sign in")),
            faults: self.faults,
            email: self.email,
            to: self.to,
            passkeys: knock.passkeys(state),
            providers: all
                .into_iter()
                .filter(|one| one.enabled)
                .map(|one| one.name)
                .collect(),
        };
        Ok(knock.tell(state, page::html(self.status, &page)))
    }

    /// The page with the ways in, for somebody who was refused.
    ///
    /// # Errors
    /// As [`Doors::show`], and what no other try can mend.
    pub async fn refuse(mut self, state: &State, knock: &Knock, error: Error) -> Result<Response> {
        let waits = match &error {
            Error::Wait { seconds } => Some(Error::Wait { seconds: *seconds }),
            _ => None,
        };
        (self.status, self.faults) = told::faults(knock.language, error)?;
        let page = self.show(state, knock).await?;
        Ok(match waits {
            Some(wait) => told::waiting(&wait, page),
            None => page,
        })
    }
}
