//! The page for somebody whose role does not allow what they asked for: which one does, who can give it, and the way
//! back.

use super::address::Space;
use super::page::{self, Frame};
use super::refusal::Refusal;
use crate::policy::Act;
use crate::signin::role_name;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use provost_store::administrator::{self, Role};
use provost_store::audit::INSTALLATION;

/// Owners that are named.
const NAMED: i64 = 5;

#[derive(Template)]
#[template(path = "lack.html")]
struct Page {
    frame: Frame,
    /// What the visitor is here.
    own: &'static str,
    /// What it takes.
    needed: &'static str,
    /// Who can give it: name and address of mail.
    owners: Vec<(String, String)>,
    /// The page before this one, where the browser told.
    back: Option<String>,
    overview: String,
}

/// The page.
pub(crate) async fn page(
    state: &State,
    visitor: &Visitor,
    act: Act,
    role: Role,
    headers: &HeaderMap,
) -> Response {
    let workspace = visitor.inside.as_ref().map_or(INSTALLATION, |inside| inside.key);
    let read = move |tx: &mut provost_store::Tx| administrator::owners_of(tx, workspace, NAMED);
    let owners = match state.db().read_short(read).await {
        Ok(owners) => owners,
        Err(error) => return Refusal::from(error).into_response(),
    };
    let space = visitor.inside.as_ref().map(Space::of);
    let page = Page {
        frame: Frame::new(visitor, text("Not now")),
        own: role_name(role),
        needed: act.roles(),
        owners: owners.into_iter().map(|one| (one.name, one.email)).collect(),
        back: back(headers, &visitor.here),
        overview: space.map_or_else(|| "/".to_owned(), |space| space.overview()),
    };
    page::html(StatusCode::FORBIDDEN, &page)
}

/// The page that led here: only its path is used, so that it is one of ours whatever the browser says.
fn back(headers: &HeaderMap, here: &str) -> Option<String> {
    let from: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let path = from.path_and_query()?.as_str();
    let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    (is_ours && path != here).then(|| path.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_console() {
        let told = |referer: &str| {
            let headers = HeaderMap::from_iter([(header::REFERER, referer.parse().unwrap())]);
            back(&headers, "/w/A/settings")
        };
        assert_eq!(
            told("https://provost.contoso.example/w/A/people?search=a").as_deref(),
            Some("/w/A/people?search=a")
        );
        for none in [
            "https://provost.contoso.example/w/A/settings",
            "https://elsewhere.example//elsewhere.example/",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(told(none), None, "{none}");
        }
    }
}
