//! `GET /audit`: who did what; `GET /audit/verify`: whether any of it was changed afterwards.

use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::audit::{self, AuditAsked, Entry, Progress, Step, Verdict};
use serde::Deserialize;

/// Lines of a page: each carries its details.
const LINES: usize = 25;
/// Characters of its details: those of a group may name every member. The exports hold them whole.
const DETAIL: usize = 1_200;

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Search {
    before: Option<i64>,
    action: String,
    actor: String,
    subject: String,
    /// The log of the installation, not of the workspace: administrators, their credentials and sessions.
    installation: bool,
}

impl Search {
    /// The same question, for the store.
    pub fn asked(&self, visitor: &Visitor) -> Result<AuditAsked> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let workspace = if self.is_of_installation(visitor) {
            audit::INSTALLATION
        } else {
            visitor.workspace()?.key
        };
        Ok(AuditAsked {
            workspace,
            before: self.before,
            action: given(&self.action),
            actor: given(&self.actor),
            subject: given(&self.subject),
        })
    }

    /// Only who has a role in the whole installation reads its log.
    pub fn is_of_installation(&self, visitor: &Visitor) -> bool {
        self.installation && visitor.signed.role_everywhere().is_some()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let texts = [
            ("action", &self.action),
            ("actor", &self.actor),
            ("subject", &self.subject),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let mut parameters: Vec<_> = texts.map(|(name, text)| (name, text.clone())).collect();
        parameters.extend(self.installation.then(|| ("installation", "true".to_owned())));
        parameters
    }

    fn is_narrow(&self) -> bool {
        [&self.action, &self.actor, &self.subject]
            .iter()
            .any(|text| !text.is_empty())
    }
}

/// One row.
struct Line {
    position: String,
    at: Moment,
    actor: String,
    action: String,
    subject: String,
    /// The page about it, also when it is gone.
    address: Option<String>,
    detail: String,
}

fn line(clock: &Clock, space: &Space, entry: Entry) -> Line {
    Line {
        address: address(space, &entry),
        position: clock.language.number(entry.position),
        at: clock.moment(entry.at),
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        detail: cut(entry.detail),
    }
}

fn cut(detail: String) -> String {
    match detail.char_indices().nth(DETAIL) {
        Some((end, _)) => format!("{}…", &detail[..end]),
        None => detail,
    }
}

fn address(space: &Space, entry: &Entry) -> Option<String> {
    let (kind, _) = entry.action.split_once('.')?;
    let id = entry.subject.parse().ok()?;
    match kind {
        "person" => Some(space.person(id)),
        "group" => Some(space.group(id)),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "general/audit.html")]
struct Page {
    frame: Frame,
    here: String,
    search: Search,
    lines: Vec<Line>,
    /// The log of the workspace and of the installation, where the reader may see both: address, label, whether it is
    /// this one.
    tabs: Vec<(String, &'static str, bool)>,
    is_later: bool,
    first: String,
    next: Option<String>,
    verify: String,
    csv: String,
    ndjson: String,
}

/// The page.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Response> {
    let asked = search.asked(&visitor)?;
    let found = state.db().read(move |tx| audit::page(tx, &asked, LINES)).await?;
    let (space, clock) = (Space::of(visitor.workspace()?), Clock::of(&visitor, now()));
    let at = |path: &str, before: Option<i64>| {
        let mut parameters = search.parameters();
        parameters.extend(before.map(|before| ("before", before.to_string())));
        space.page(path.to_owned(), &parameters)
    };
    let page = Page {
        here: space.at("/audit"),
        tabs: tabs(&space, &visitor, &search),
        lines: found
            .entries
            .into_iter()
            .map(|entry| line(&clock, &space, entry))
            .collect(),
        is_later: search.before.is_some(),
        first: at("/audit", None),
        next: found.next.map(|before| at("/audit", Some(before))),
        verify: space.page("/audit/verify".to_owned(), &whose(&search)),
        csv: at("/audit/export.csv", None),
        ndjson: at("/audit/export.ndjson", None),
        frame: Frame::new(&visitor, text("Audit")),
        search,
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn whose(search: &Search) -> Vec<(&'static str, String)> {
    let one = search.installation.then(|| ("installation", "true".to_owned()));
    one.into_iter().collect()
}

fn tabs(space: &Space, visitor: &Visitor, search: &Search) -> Vec<(String, &'static str, bool)> {
    if visitor.signed.role_everywhere().is_none() {
        return Vec::new();
    }
    let here = search.is_of_installation(visitor);
    let installation = [("installation", "true".to_owned())];
    vec![
        (space.at("/audit"), text("This workspace"), !here),
        (
            space.page("/audit".to_owned(), &installation),
            text("The installation"),
            here,
        ),
    ]
}

#[derive(Template)]
#[template(path = "general/audit_verified.html")]
struct Verified {
    frame: Frame,
    back: String,
    again: String,
    is_intact: bool,
    rows: String,
    /// The hash of the last row, or what is wrong with the first one that does not fit.
    told: String,
    since: Moment,
}

/// Checks every row of the chain, by short reads.
pub(crate) async fn verify(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Response> {
    let workspace = search.asked(&visitor)?.workspace;
    let verdict = verdict(&state, workspace).await?;
    let (space, clock) = (Space::of(visitor.workspace()?), Clock::of(&visitor, now()));
    let (is_intact, rows, told) = match verdict {
        Verdict::Intact { rows, head } => (true, rows, head),
        Verdict::Broken { position, reason } => (false, position, reason),
    };
    let back = space.page("/audit".to_owned(), &whose(&search));
    let page = Verified {
        frame: Frame::new(&visitor, text("Audit verified")).below(back.clone(), visitor.language.t("Audit")),
        again: space.page("/audit/verify".to_owned(), &whose(&search)),
        back,
        is_intact,
        rows: clock.language.number(rows),
        told,
        since: clock.moment(clock.now),
    };
    Ok(page::html(StatusCode::OK, &page))
}

async fn verdict(state: &State, workspace: i64) -> Result<Verdict> {
    let mut from = Progress::default();
    loop {
        let at = from.clone();
        let step = state
            .db()
            .read(move |tx| audit::verify_next(tx, workspace, &at))
            .await?;
        match step {
            Step::Further(further) => from = further,
            Step::Done(verdict) => return Ok(verdict),
        }
    }
}
