//! The consent of a tenant's administrator: leaving for Microsoft, and coming back. The pages from which it is begun are
//! the provider's and the setup link's.

mod explain;

use super::cookie::Cookie;
use super::knock::Knock;
use super::{signin, to};
use crate::console::done;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor;
use askama::Template;
use axum::extract::{self, RawQuery};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::Response;
use provost_signin::{ConsentBy, ConsentStep, Error};
use provost_store::provider::Provider;

pub(crate) use explain::Explained;

/// Leads on without a form: a form of ours may lead to our own pages only.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

#[derive(Template)]
#[template(path = "signin/consenting.html")]
struct Leaving<'a> {
    frame: Frame,
    address: &'a str,
}

#[derive(Template)]
#[template(path = "signin/consent_refused.html")]
struct Refused {
    frame: Frame,
    explained: Explained,
    back: String,
}

/// Leaves for Microsoft, to come back to the page at `to`.
///
/// # Errors
/// As [`provost_signin::SignIn::consent_begin`].
pub(crate) async fn leave(
    state: &State,
    knock: &Knock,
    provider: &Provider,
    by: ConsentBy<'_>,
    to: &str,
) -> provost_signin::Result<Response> {
    let Some(signin) = state.signin() else {
        return Err(Error::Expired);
    };
    let url = signin
        .consent_begin(provider, by, &knock.browser, &knock.visit, now())
        .await?;
    let page = Leaving {
        frame: Frame::bare(knock.language, text("On to Microsoft")),
        address: url.as_str(),
    };
    let mut response = knock.tell(state, page::html(StatusCode::OK, &page));
    if let Ok(header) = HeaderValue::try_from(format!("0; url={url}")) {
        response.headers_mut().insert(REFRESH, header);
    }
    Cookie::To.give(state, &mut response, to);
    Ok(response)
}

/// `GET` [`provost_signin::CONSENT`]: somebody comes back, from either leg.
pub(super) async fn back(
    extract::State(state): extract::State<State>,
    knock: Knock,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let to = Cookie::To.of(&state, &knock.headers).unwrap_or_default();
    let to = to::own(&to);
    let signed = visitor::signed(&state, &knock.headers).await?;
    let gone = signin(&state)?
        .consent_back(&query.unwrap_or_default(), &knock.browser, signed.as_ref(), now())
        .await;
    match gone {
        Ok(ConsentStep::Prove(url)) => Ok(page::elsewhere(url.as_str())),
        // The page of a setup link says it by what it shows.
        Ok(ConsentStep::Recorded(_)) if to.starts_with("/w/") => {
            Ok(page::elsewhere(&done::after(&to, "consented")))
        }
        Ok(ConsentStep::Recorded(_)) => Ok(page::elsewhere(&to)),
        Err(error) => refuse(&knock, error, to),
    }
}

/// The page that says why nothing was recorded.
fn refuse(knock: &Knock, error: Error, back: String) -> Result<Response> {
    let is_ours = !matches!(&error, Error::Machine(_))
        && !matches!(&error, Error::Store(inner) if !matches!(inner, provost_store::Error::Refused { .. }));
    if !is_ours {
        return Err(Refusal::from(error));
    }
    let status = super::told::status(&error);
    let page = Refused {
        frame: Frame::bare(knock.language, text("Nothing was recorded")),
        explained: Explained::of(knock.language, &error),
        back,
    };
    Ok(page::html(status, &page))
}
