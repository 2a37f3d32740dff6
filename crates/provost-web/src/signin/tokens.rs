//! `/w/{workspace}/api-tokens`: tokens of the interface. Who makes one here answers for it: it ends with them, and does
//! no more than they may.

use super::administrators::Here;
use super::told;
use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY, Moment};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::api_token::{self, ApiToken, New as NewToken, Scope};
use serde::Deserialize;

/// Lines of a page.
const LINES: i64 = 50;
/// Days that a token may be good for; empty: until somebody ends it.
const DAYS: [(&str, &str); 5] = [
    ("7", text("7 days")),
    ("30", text("30 days")),
    ("90", text("90 days")),
    ("365", text("1 year")),
    ("", text("no end")),
];

#[derive(Template)]
#[template(path = "signin/tokens.html")]
struct Page {
    frame: Frame,
    here: Here,
    add: String,
    lines: Vec<Line>,
    is_later: bool,
    next: Option<String>,
}

struct Line {
    label: String,
    scope: String,
    maker: String,
    /// The state's class and word.
    state: (&'static str, &'static str),
    created: Moment,
    expires: Option<Moment>,
    used: Option<Moment>,
    /// Where the button that ends it leads; empty for one that has ended.
    revoke: String,
}

#[derive(Template)]
#[template(path = "signin/token_new.html")]
struct New {
    frame: Frame,
    faults: Faults,
    action: String,
    label: String,
    scope: String,
    scopes: Vec<(&'static str, String, String)>,
    days: String,
    all_days: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "signin/token.html")]
struct Made {
    frame: Frame,
    token: String,
    back: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The key of the last token of the page before.
    after: Option<i64>,
}

/// The list.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let inside = visitor.workspace()?;
    let (workspace, after) = (inside.key, asked.after.unwrap_or(0));
    let read = move |tx: &mut provost_store::Tx| api_token::list(tx, workspace, after, LINES + 1);
    let mut found = state.db().read_short(read).await?;
    let has_more = found.len() as i64 > LINES;
    found.truncate(LINES as usize);
    let (space, clock) = (Space::of(inside), Clock::of(&visitor, now()));
    let last = found.last().map(|one| one.token.key).filter(|_| has_more);
    let page = Page {
        lines: found.iter().map(|one| line(one, &space, &clock)).collect(),
        here: Here::of(&visitor, &space),
        add: space.at("/api-tokens/new"),
        is_later: asked.after.is_some(),
        next: last.map(|key| space.page("/api-tokens".to_owned(), &[("after", key.to_string())])),
        frame: Frame::new(&visitor, text("API tokens")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(one: &ApiToken, space: &Space, clock: &Clock) -> Line {
    let token = &one.token;
    let is_over = token.expires.is_some_and(|at| at <= clock.now);
    let state = match (token.revoked, is_over) {
        (Some(_), _) => ("failed", text("revoked")),
        (None, true) => ("stopped", text("expired")),
        (None, false) => ("active", text("active")),
    };
    Line {
        label: token.label.clone(),
        scope: clock.language.t(scope_name(one.scope)).to_owned(),
        maker: one.token.actor.clone(),
        state,
        created: clock.moment(token.created),
        expires: token.expires.map(|at| clock.moment(at)),
        used: token.last_used.map(|at| clock.moment(at)),
        revoke: match token.revoked {
            Some(_) => String::new(),
            None => space.to(&["api-tokens", &token.key.to_string(), "revoke"]),
        },
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => text("read"),
        Scope::Operate => text("operate"),
        Scope::Configure => text("configure"),
    }
}

fn scope_about(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => text("Reads everything of the workspace, and the metrics."),
        Scope::Operate => text("Also runs, approves, decides, and changes people and groups."),
        Scope::Configure => text("Also changes connections, rules and providers."),
    }
}

/// The form.
pub(super) async fn form(visitor: Visitor) -> Result<Response> {
    render(
        &visitor,
        ["", Scope::Read.as_str(), "90"],
        (StatusCode::OK, Faults::none()),
    )
}

fn render(
    visitor: &Visitor,
    [label, scope, days]: [&str; 3],
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let space = Space::of(visitor.workspace()?);
    let language = visitor.language;
    let page = New {
        frame: Frame::new(visitor, text("A new API token"))
            .below(space.at("/api-tokens"), language.t("API tokens")),
        faults,
        action: space.at("/api-tokens/new"),
        label: label.to_owned(),
        scope: scope.to_owned(),
        scopes: scopes(language),
        days: days.to_owned(),
        all_days: DAYS
            .iter()
            .map(|(days, words)| (*days, language.t(words).to_owned()))
            .collect(),
    };
    Ok(page::html(status, &page))
}

fn scopes(language: Language) -> Vec<(&'static str, String, String)> {
    let choice = |scope: Scope| {
        let words = (language.t(scope_name(scope)), language.t(scope_about(scope)));
        (scope.as_str(), words.0.to_owned(), words.1.to_owned())
    };
    Scope::ALL.iter().copied().map(choice).collect()
}

/// Makes a token, and shows it this once.
pub(super) async fn add(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let typed = ["label", "scope", "days"].map(|name| form.get(name).trim());
    let [label, scope, days] = typed;
    let is_offered = DAYS.iter().any(|(known, _)| *known == days);
    let (Ok(scope), true) = (scope.parse::<Scope>(), is_offered) else {
        let faults = Faults::one("", visitor.language.t("Choose one of what is offered."));
        return render(&visitor, typed, (StatusCode::UNPROCESSABLE_ENTITY, faults));
    };
    let (now, inside, actor) = (now(), visitor.workspace()?, visitor.actor());
    let expires = days
        .parse::<i64>()
        .ok()
        .map(|days| now.saturating_add(days * DAY));
    let (workspace, whose, label) = (inside.key, visitor.signed.administrator.key, label.to_owned());
    let make = move |tx: &mut provost_store::Tx| {
        let new = NewToken {
            workspace,
            label: &label,
            scope,
            expires,
            administrator: Some(whose),
        };
        api_token::make(tx, &actor, now, &new)
    };
    let made = match state.db().write(make).await {
        Ok(made) => made,
        Err(error) => {
            let (status, faults) = told::faults(visitor.language, provost_signin::Error::Store(error))?;
            let sentence = faults.of("name").to_owned();
            let faults = if sentence.is_empty() {
                faults
            } else {
                Faults::one("label", sentence)
            };
            return render(&visitor, typed, (status, faults));
        }
    };
    let list = Space::of(inside).at("/api-tokens");
    let page = Made {
        frame: Frame::new(&visitor, text("A new API token"))
            .below(list.clone(), visitor.language.t("API tokens")),
        token: made.text,
        back: list,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Ends a token, at once.
pub(super) async fn revoke(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: std::result::Result<Path<(String, i64)>, PathRejection>,
) -> Result<Response> {
    let Path((_, key)) = key.map_err(Refusal::address)?;
    let (now, inside, actor) = (now(), visitor.workspace()?, visitor.actor());
    let workspace = inside.key;
    let revoke = move |tx: &mut provost_store::Tx| api_token::revoke(tx, &actor, now, workspace, key);
    if !state.db().write(revoke).await? {
        return Err(Refusal::Absent(
            "There is no such token that is still good. The list shows all.".to_owned(),
        ));
    }
    let list = Space::of(inside).at("/api-tokens");
    Ok(page::elsewhere(&done::after(&list, "revoked")))
}
