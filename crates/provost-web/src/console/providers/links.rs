//! `GET /providers/{name}/setup-links`: pages for a customer's administrator, who has no account here. The address is
//! shown once; the list says who opened one, and whether a token was made through it.

use super::place::{self, Head, Named, Place};
use super::setup::key;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::place::Asked;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_store::Tx;
use provost_store::setup_link::{self, New, SetupLink};

/// Lines of one page.
const PAGE: i64 = 50;
/// For how many days a link may work.
const DAYS: [i64; 3] = [1, 7, 30];

#[derive(Template)]
#[template(path = "providers/links.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    /// The address of a link that was made just now.
    made: Option<String>,
    why: String,
    action: String,
    typed: String,
    days: String,
    choices: Vec<(String, String)>,
    lines: Vec<Line>,
    is_later: bool,
    next: Option<String>,
}

/// A link.
struct Line {
    key: i64,
    label: String,
    actor: String,
    created: Moment,
    expires: Moment,
    opened: Option<Moment>,
    has_token: bool,
    state: &'static str,
    class: &'static str,
    is_live: bool,
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let place = place::find(&state, &visitor, named).await?;
    let page = view(&state, &visitor, &place, asked.after_key()?).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Makes a link.
pub(crate) async fn make(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let mut page = view(&state, &visitor, &place, None).await?;
    page.typed = form.get("label").to_owned();
    form.get("days").clone_into(&mut page.days);
    let days = form
        .get("days")
        .parse::<i64>()
        .ok()
        .filter(|days| DAYS.contains(days));
    let (Some(label), Some(days)) = (form.text("label"), days) else {
        let (field, sentence) = match form.text("label") {
            None => (
                "label",
                text("Say for whom it is: the audit log and this list name it so."),
            ),
            Some(_) => ("days", text("Choose one of these.")),
        };
        page.faults = Faults::one(field, visitor.language.t(sentence));
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let text = key::make()?;
    let hash = key::hash(&text);
    let (actor, label) = (visitor.actor(), label.to_owned());
    let (workspace, provider) = (place.provider.workspace, place.provider.key);
    let write = move |tx: &mut Tx| {
        let now = now();
        let new = New {
            workspace,
            provider,
            label: &label,
            expires: now.saturating_add(days * DAY),
        };
        setup_link::make(tx, &actor, now, &hash, &new)
    };
    if let Err(error) = state.db().write(write).await {
        page.faults = entered::fault(error, "label")?;
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let tenant = place::tenant_url(&state, &headers);
    let mut page = view(&state, &visitor, &place, None).await?;
    page.made = Some(format!("{}/setup/{text}", tenant.trim_end_matches("/scim/v2")));
    Ok(page::html(StatusCode::OK, &page))
}

/// Revokes a link.
pub(crate) async fn revoke(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let key: i64 = form.get("key").parse().map_err(Refusal::address)?;
    let (actor, workspace) = (visitor.actor(), place.provider.workspace);
    // One that has ended in the meantime has ended all the same.
    state
        .db()
        .write(move |tx| setup_link::revoke(tx, &actor, now(), workspace, key))
        .await?;
    Ok(page::elsewhere(&done::after(&place.at("setup-links"), "revoked")))
}

async fn view(state: &State, visitor: &Visitor, place: &Place, after: Option<i64>) -> Result<Page> {
    let (workspace, provider) = (place.provider.workspace, place.provider.key);
    let mut found = state
        .db()
        .read_short(move |tx| setup_link::list(tx, workspace, provider, after.unwrap_or(0), PAGE + 1))
        .await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count > PAGE);
    found.truncate(usize::try_from(PAGE).unwrap_or(0));
    let last = found.last().filter(|_| more).map(|one| one.key);
    let clock = Clock::of(visitor, now());
    let action = place.at("setup-links");
    let choice = |days: &i64| (days.to_string(), visitor.language.n(*days, "1 day", "{} days"));
    Ok(Page {
        frame: place.frame(visitor),
        head: place.head("setup-links"),
        faults: Faults::none(),
        made: None,
        why: acts::role(visitor, Act::Configure),
        typed: String::new(),
        days: "7".to_owned(),
        choices: DAYS.iter().map(choice).collect(),
        lines: found.into_iter().map(|one| line(one, &clock)).collect(),
        is_later: after.is_some(),
        next: last.map(|key| format!("{action}?after={key}")),
        action,
    })
}

fn line(one: SetupLink, clock: &Clock) -> Line {
    let is_live = one.revoked.is_none() && one.expires > clock.now;
    let (state, class) = match (one.revoked, is_live, one.opened) {
        (Some(_), ..) => (text("revoked"), "unsynced"),
        (None, false, _) => (text("expired"), "unsynced"),
        (None, true, None) => (text("not opened yet"), "partial"),
        (None, true, Some(_)) => (text("opened"), "success"),
    };
    Line {
        key: one.key,
        label: one.label,
        actor: one.actor,
        created: clock.moment(one.created),
        expires: clock.moment(one.expires),
        opened: one.opened.map(|at| clock.moment(at)),
        has_token: one.token.is_some(),
        state,
        class,
        is_live,
    }
}
