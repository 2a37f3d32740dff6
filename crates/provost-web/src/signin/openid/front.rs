//! A browser comes from an application.

use super::{MOST, within};
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::signin::knock::Knock;
use crate::signin::me::{home, people, signed};
use crate::state::{State, now};
use crate::texts::text;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path, RawQuery};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use provost_signin::openid::{Authorized, Fault, Parameters, Refused};
use provost_signin::person::{RETURN, Return};

type Place = std::result::Result<Path<String>, PathRejection>;

/// Lets a person in to an application, after they have signed in where that is needed.
pub(super) async fn authorize(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let Path(id) = place.map_err(Refusal::address)?;
    let (provider, workspace) = within(&state, &id).await?;
    let parameters = Parameters::read(query.unwrap_or_default().as_bytes());
    let who = signed(&state, &knock.headers, workspace.key).await?;
    let now = now();
    let answered = provider
        .authorize(&workspace, &parameters, who.as_ref(), &knock.visit, now)
        .await;
    match answered.map_err(broken)? {
        Authorized::Back(to) => Ok(page::elsewhere(&to)),
        Authorized::SignIn { to, again } => {
            let back = Return { to, again };
            let handle = people(&state)?
                .keep_return(workspace.key, &knock.browser, back, &knock.visit, now)
                .await?;
            let address = format!("{}/sign-in?{RETURN}={handle}", home(&workspace.name));
            Ok(knock.tell(&state, page::elsewhere(&address)))
        }
        Authorized::Denied { application, back } => {
            let language = knock.language;
            let frame = Frame::bare(language, text("No access")).with_home(home(&workspace.name));
            let heading = language.f(text("You may not use {}"), &[&application]);
            let sentence = text(
                "Nobody has assigned you to this application, or your access has ended. Ask your administrator if you need it.",
            );
            let links = [
                (back, language.f(text("Back to {}"), &[&application])),
                (home(&workspace.name), text("Your sign-in").to_owned()),
            ];
            Ok(page::message(
                frame,
                StatusCode::FORBIDDEN,
                &heading,
                sentence,
                &links,
            ))
        }
        Authorized::Wrong(refused) => Ok(wrong(&knock, &workspace.name, refused)),
    }
}

/// The same request once more, as one that browsers send the cookie of the session with: they send none with a form of
/// another site.
pub(super) async fn anew(uri: Uri, body: Body) -> Result<Response> {
    let bytes = to_bytes(body, MOST).await.map_err(|_| Refusal::TooLarge(MOST))?;
    let pairs = url::form_urlencoded::parse(&bytes);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    Ok(page::elsewhere(&format!("{}?{query}", uri.path())))
}

/// The page for a request of an application that is not proven: nobody is sent anywhere.
pub(super) fn wrong(knock: &Knock, workspace: &str, refused: Refused) -> Response {
    let language = knock.language;
    let frame = Frame::bare(language, text("Not now")).with_home(home(workspace));
    let sentence = language.f(
        text("The application asked for something that cannot be done: {}. Whoever keeps it has to correct that ({})."),
        &[language.t(refused.description), refused.error],
    );
    let links = [(home(workspace), text("Your sign-in").to_owned())];
    let heading = text("This request cannot be taken");
    page::message(frame, StatusCode::BAD_REQUEST, heading, &sentence, &links)
}

/// What is no fault of the application.
pub(super) fn broken(fault: Fault) -> Refusal {
    match fault {
        Fault::Broken(error) => error.into(),
        Fault::Refused(refused) => Refusal::Entered(refused.description.to_owned(), refused.error.to_owned()),
    }
}
