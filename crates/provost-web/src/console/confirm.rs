//! The question before what has consequences: how many, which ones, what can be undone. The engine asks it
//! (`provost_sync::Error::Confirm`) with a digest; the answer carries the digest back with the same fields, so what is
//! done is what was shown.

use super::page::{self, Frame};
use super::refusal;
use crate::form::Form;
use crate::visitor::Visitor;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use provost_sync::Error;
use provost_sync::setup::Confirm;

/// The fields of an answer; the rest is the form that was sent first.
const DIGEST: &str = "confirm";
const TYPED: &str = "confirm_typed";
const UNDERSTOOD: &str = "confirm_understood";

/// The engine's word for what has to be understood, although it is bound to what was shown.
const UNDERSTAND: &str = "PRV-DOUBT-UNDERSTAND";

/// What is to be confirmed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question<'a> {
    /// The page's title and the button's text, with the verb and the number: "Delete 12 accounts". In the reader's
    /// language.
    pub verb: String,
    /// Where the form goes.
    pub action: &'a str,
    /// Where "Cancel" leads; empty: to the workspace.
    pub back: String,
    /// What can be undone and until when, in the reader's language; empty where the engine's sentence says it.
    pub undo: String,
    /// The name that has to be typed, where the guard wants it.
    pub typed: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct Page<'a> {
    frame: Frame,
    verb: &'a str,
    action: &'a str,
    back: String,
    undo: &'a str,
    code: &'a str,
    sentences: Vec<&'a str>,
    hint: &'a str,
    digest: &'a str,
    list: &'a [String],
    fields: Vec<(&'a str, &'a str)>,
    typed: Option<&'a str>,
    is_wrong: bool,
    wants_understanding: bool,
}

/// What the form confirms.
pub(crate) fn given(form: &Form) -> Confirm {
    Confirm {
        digest: form.text(DIGEST).map(str::to_owned),
        typed: form.text(TYPED).map(str::to_owned),
        understood: form.is_on(UNDERSTOOD),
    }
}

impl Question<'_> {
    /// The page that asks, for an error that is a question; any other error becomes the page that says it.
    pub fn ask(&self, visitor: &Visitor, error: &Error, form: &Form) -> Response {
        let Error::Confirm {
            code,
            sentence,
            hint,
            digest,
            list,
        } = error
        else {
            return refusal::told(error);
        };
        let is_again = form.is_on(DIGEST);
        let typed = form.get(TYPED).trim();
        let page = Page {
            verb: &self.verb,
            action: self.action,
            back: self.back(visitor),
            undo: &self.undo,
            code,
            sentences: sentence.lines().collect(),
            hint,
            digest,
            list,
            fields: form
                .fields()
                .filter(|(name, _)| ![DIGEST, TYPED, UNDERSTOOD].contains(name))
                .collect(),
            typed: self.typed,
            is_wrong: is_again && self.typed.is_some_and(|wanted| wanted != typed),
            wants_understanding: digest.is_empty() || *code == UNDERSTAND,
            frame: Frame::new(visitor, self.verb.clone()),
        };
        page::html(StatusCode::CONFLICT, &page)
    }

    fn back(&self, visitor: &Visitor) -> String {
        if !self.back.is_empty() {
            return self.back.clone();
        }
        let inside = visitor.inside.as_ref().map(super::address::Space::of);
        inside.map_or_else(|| "/".to_owned(), |space| space.overview())
    }
}
