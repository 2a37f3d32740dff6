//! Why there is no assertion, and what to do next: said to a person who wanted to open their mail.

use crate::console::page::{self, Frame, reachable};
use crate::console::refusal::{Refusal, Result};
use crate::signin::me;
use crate::texts::{Language, text};
use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_signin::Error;
use provost_signin::federation::{Door, Why};

#[derive(Template)]
#[template(path = "idp/told.html")]
struct Page<'a> {
    frame: Frame,
    heading: &'a str,
    sentence: String,
    next: &'a str,
    /// The word by which an administrator finds it in the list.
    word: &'a str,
}

/// The page for a reason.
pub(super) fn why(language: Language, door: &Door, why: Why) -> Response {
    let (sentence, next) = said(why);
    let heading = text("You are not signed in to Microsoft 365");
    let sentence = language.t(sentence).to_owned();
    render(
        language,
        door,
        StatusCode::FORBIDDEN,
        heading,
        sentence,
        next,
        why.as_str(),
    )
}

/// That somebody has signed out.
pub(super) fn left(language: Language, door: &Door) -> Response {
    let sentence = text("Your session in this browser has ended.");
    let next = text("Close the browser if others use it too.");
    let sentence = language.t(sentence).to_owned();
    render(
        language,
        door,
        StatusCode::OK,
        text("You are signed out"),
        sentence,
        next,
        "",
    )
}

/// A refusal as a page; what only the machine can mend goes its usual way.
///
/// # Errors
/// Those of the store and the machine.
pub(super) fn failed(language: Language, door: &Door, error: Error) -> Result<Response> {
    let (status, sentence, next) = match &error {
        Error::Expired => (
            StatusCode::GONE,
            text(
                "This request to sign in is over: it was used already, is older than ten minutes, or was begun in another browser.",
            ),
            text("Open the application again, in one browser."),
        ),
        Error::Wait { .. } => (
            StatusCode::TOO_MANY_REQUESTS,
            text("Too many requests to sign in came from your network."),
            text("Wait a minute, then open the application again."),
        ),
        Error::Refused { .. } => (
            StatusCode::BAD_REQUEST,
            text("This request cannot be answered."),
            text(
                "Open the application again. If it happens once more, tell your administrator when it was: the reason stands in the list of sign-ins.",
            ),
        ),
        _ => return Err(Refusal::from(error)),
    };
    let heading = text("You are not signed in to Microsoft 365");
    let sentence = language.t(sentence).to_owned();
    let mut response = render(language, door, status, heading, sentence, next, error.code());
    if let Error::Wait { seconds } = error {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

fn render(
    language: Language,
    door: &Door,
    status: StatusCode,
    heading: &'static str,
    sentence: String,
    next: &'static str,
    word: &str,
) -> Response {
    let home = me::home(&door.workspace);
    let page = Page {
        frame: Frame::bare(language, text("Sign in")).with_home(format!("{home}/sign-in")),
        heading: language.t(heading),
        sentence,
        next: language.t(next),
        word,
    };
    reachable(page::html(status, &page))
}

/// What happened, and what to do next.
pub(crate) fn said(why: Why) -> (&'static str, &'static str) {
    let administrator = text("Tell your administrator: the word below says where to look.");
    let again = text("Open the application again.");
    match why {
        Why::Request => (text("This request cannot be answered."), again),
        Why::NoPassive => (
            text("Nobody is signed in, and the application does not allow to ask."),
            again,
        ),
        Why::NameIdPolicy => (
            text("The application asks for a kind of name that is not given."),
            administrator,
        ),
        Why::ProviderOff => (
            text("Nobody signs in through this provider at present."),
            administrator,
        ),
        Why::Cloud => (
            text("It is not known where the answer goes in the cloud of this tenant."),
            administrator,
        ),
        Why::Session => (text("Your session has ended."), again),
        Why::Inactive => (
            text("Your account is not active in the directory."),
            administrator,
        ),
        Why::Blocked => (text("An administrator has blocked your account."), administrator),
        Why::SourceOff => (
            text("The system that keeps your account is switched off."),
            administrator,
        ),
        Why::NotLinked => (
            text("You are linked to no account in Microsoft 365."),
            administrator,
        ),
        Why::NoImmutableId => (
            text("Your account in Microsoft 365 has no immutable id yet, by which it would know you."),
            administrator,
        ),
        Why::ImmutableId => (
            text(
                "The immutable id of your account in Microsoft 365 is not yours, or is still to be written.",
            ),
            administrator,
        ),
        Why::Domain => (
            text(
                "The name of your account in Microsoft 365 is in another domain than the one that signs in here.",
            ),
            administrator,
        ),
        Why::NoKey => (text("There is no key that could sign."), administrator),
        Why::KeyOver => (
            text("The certificate that signs is over, and Microsoft 365 would refuse it."),
            administrator,
        ),
        Why::Changed => (
            text("Something about your account changed at this very moment."),
            again,
        ),
        Why::Unverified => (
            text("The assertion about you could not be verified: Microsoft 365 would refuse it too."),
            administrator,
        ),
    }
}
