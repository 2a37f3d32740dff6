//! An application sends somebody to sign out.

use super::front::{broken, wrong};
use super::within;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::signin::cookie;
use crate::signin::knock::Knock;
use crate::signin::me::{home, signed};
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::openid::{Leaving, Parameters};

#[derive(Template)]
#[template(path = "me/leave.html")]
struct Ask {
    frame: Frame,
    action: String,
    sentence: String,
    home: String,
    /// What the application sent, to be proven once more.
    fields: Vec<(String, String)>,
}

type Place = std::result::Result<Path<String>, PathRejection>;

/// Signs somebody out whom an ID token names; asks others first.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let Path(id) = place.map_err(Refusal::address)?;
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    answer(&state, &knock, &id, pairs, false).await
}

/// They have said yes.
pub(super) async fn confirm(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    form: Form,
) -> Result<Response> {
    let Path(id) = place.map_err(Refusal::address)?;
    let pairs = form
        .fields()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    answer(&state, &knock, &id, pairs.collect(), true).await
}

async fn answer(
    state: &State,
    knock: &Knock,
    id: &str,
    pairs: Vec<(String, String)>,
    confirmed: bool,
) -> Result<Response> {
    let (provider, workspace) = within(state, id).await?;
    let parameters = Parameters::from(pairs.clone());
    let who = signed(state, &knock.headers, workspace.key).await?;
    let left = provider
        .leave(&workspace, &parameters, who.as_ref(), confirmed, now())
        .await;
    let language = knock.language;
    match left.map_err(broken)? {
        Leaving::Wrong(refused) => Ok(wrong(knock, &workspace.name, refused)),
        Leaving::Ask { application } => {
            let sentence = match application {
                Some(name) => language.f(
                    text("{} asks to sign you out. It ends your sign-in here and at every application that you opened with it."),
                    &[&name],
                ),
                None => language
                    .t(text("This ends your sign-in here and at every application that you opened with it."))
                    .to_owned(),
            };
            let page = Ask {
                frame: Frame::bare(language, text("Sign out")).with_home(home(&workspace.name)),
                action: format!("/oidc/{}/logout/confirm", workspace.id),
                sentence,
                home: home(&workspace.name),
                fields: pairs,
            };
            Ok(page::html(StatusCode::OK, &page))
        }
        Leaving::Gone { to } => {
            let mut response = match to {
                // Browsers hold a form's answer to where forms may lead (CSP form-action): a way, not a redirection.
                Some(to) if !confirmed => page::elsewhere(&to),
                to => {
                    let frame = Frame::bare(language, text("Signed out")).with_home(home(&workspace.name));
                    let back = to.map(|to| (to, text("Back to the application").to_owned()));
                    let again = (
                        format!("{}/sign-in", home(&workspace.name)),
                        text("Sign in").to_owned(),
                    );
                    let links: Vec<(String, String)> = back.into_iter().chain([again]).collect();
                    let sentence = text("You are not signed in any more.");
                    page::message(frame, StatusCode::OK, text("Signed out"), sentence, &links)
                }
            };
            cookie::close_person(state, &mut response);
            Ok(response)
        }
    }
}
