//! `/w/{workspace}/administrators`: who may do what here. An owner of the whole installation sees everybody; an owner
//! of this workspace sees who has a role in it.

use super::administrator::{Choice, choices, everywhere_sentence, role_name};
use super::knock::Knock;
use super::{signin, told};
use crate::console::address::Space;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::{Inside, Visitor};
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{Error, Listed, SignIn};
use provost_store::administrator::{Grant, Role, role_of};
use serde::Deserialize;

/// Lines of a page.
const LINES: usize = 50;
/// Administrators that are read at a time while lines are looked for.
const BATCH: i64 = 200;

#[derive(Template)]
#[template(path = "signin/administrators.html")]
struct Page {
    frame: Frame,
    here: Here,
    lines: Vec<Line>,
    is_later: bool,
    next: Option<String>,
}

/// The ways to the pages beside this one.
pub(super) struct Here {
    pub administrators: String,
    pub tokens: String,
    /// The systems to sign in with; empty for whoever does not own the installation.
    pub providers: &'static str,
}

impl Here {
    pub fn of(visitor: &Visitor, space: &Space) -> Self {
        Self {
            administrators: space.at("/administrators"),
            tokens: space.at("/api-tokens"),
            providers: if visitor.signed.is_owner() {
                "/signin-providers"
            } else {
                ""
            },
        }
    }
}

struct Line {
    address: String,
    name: String,
    email: String,
    is_blocked: bool,
    role: String,
    ways: String,
    last: Option<Moment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The key of the last administrator of the page before.
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
    let (space, clock) = (Space::of(inside), Clock::of(&visitor, now()));
    let (mut found, has_more) = visible(signin(&state)?, &visitor, inside, asked.after.unwrap_or(0)).await?;
    found.truncate(LINES);
    let last = found.last().map(|one| one.administrator.key).filter(|_| has_more);
    let page = Page {
        lines: found
            .iter()
            .map(|one| line(one, inside, &space, &clock))
            .collect(),
        here: Here::of(&visitor, &space),
        is_later: asked.after.is_some(),
        next: last.map(|key| space.page("/administrators".to_owned(), &[("after", key.to_string())])),
        frame: Frame::new(&visitor, text("Administrators")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Those after a key whom the visitor may see, and whether there are more than a page has lines.
async fn visible(
    signin: &SignIn,
    visitor: &Visitor,
    inside: &Inside,
    after: i64,
) -> Result<(Vec<Listed>, bool)> {
    let (mut found, mut after) = (Vec::new(), after);
    loop {
        let batch = signin.administrators(after, BATCH).await?;
        let Some(last) = batch.last() else {
            return Ok((found, false));
        };
        after = last.administrator.key;
        found.extend(batch.into_iter().filter(|one| is_visible(one, visitor, inside)));
        if found.len() > LINES {
            return Ok((found, true));
        }
    }
}

/// Whether the visitor may know of an administrator.
pub(super) fn is_visible(one: &Listed, visitor: &Visitor, inside: &Inside) -> bool {
    visitor.signed.is_owner() || role_of(&one.grants, inside.key).is_some()
}

fn line(one: &Listed, inside: &Inside, space: &Space, clock: &Clock) -> Line {
    let who = &one.administrator;
    let language = clock.language;
    Line {
        address: space.to(&["administrators", &who.id.to_string()]),
        name: who.name.clone(),
        email: who.email.clone(),
        is_blocked: !who.is_active(),
        role: role_of(&one.grants, inside.key).map_or_else(
            || language.t(text("none here")).to_owned(),
            |role| language.t(role_name(role)).to_owned(),
        ),
        ways: ways(one, language),
        last: who.last_signin.map(|at| clock.moment(at)),
    }
}

/// How somebody signs in, in a few words.
pub(super) fn ways(one: &Listed, language: Language) -> String {
    let ways = &one.ways;
    let mut words = Vec::new();
    if let Ok(count @ 1..) = i64::try_from(ways.passkeys.len()) {
        words.push(language.n(count, "1 passkey", "{} passkeys"));
    }
    if ways.password.is_some() {
        let with_code = if ways.code {
            text("password and code")
        } else {
            text("password")
        };
        words.push(language.t(with_code).to_owned());
    }
    if !ways.identities.is_empty() {
        words.push(language.t(text("another system")).to_owned());
    }
    if words.is_empty() {
        return language.t(text("no way yet")).to_owned();
    }
    words.join(", ")
}

#[derive(Template)]
#[template(path = "signin/administrator_new.html")]
struct New {
    frame: Frame,
    faults: Faults,
    action: String,
    name: String,
    email: String,
    role: String,
    roles: Vec<Choice>,
    is_everywhere: bool,
    /// Why the role cannot be given in all workspaces; empty where it can.
    only_here: String,
}

#[derive(Template)]
#[template(path = "signin/link.html")]
pub(crate) struct LinkPage {
    pub frame: Frame,
    pub heading: &'static str,
    pub sentence: String,
    pub link: String,
    pub back: String,
}

/// The form.
pub(super) async fn form(visitor: Visitor) -> Result<Response> {
    let typed = ["", "", Role::Auditor.as_str()];
    render(&visitor, typed, false, (StatusCode::OK, Faults::none()))
}

fn render(
    visitor: &Visitor,
    [name, email, role]: [&str; 3],
    is_everywhere: bool,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let space = Space::of(visitor.workspace()?);
    let list = space.at("/administrators");
    let page = New {
        frame: Frame::new(visitor, text("A new administrator"))
            .below(list, visitor.language.t("Administrators")),
        faults,
        action: space.at("/administrators/new"),
        name: name.to_owned(),
        email: email.to_owned(),
        role: role.to_owned(),
        roles: choices(visitor.language),
        is_everywhere,
        only_here: everywhere_sentence(visitor),
    };
    Ok(page::html(status, &page))
}

/// Makes the administrator, and shows the link by which they come in.
pub(super) async fn invite(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let inside = visitor.workspace()?.clone();
    let typed = ["name", "email", "role"].map(|name| form.get(name).trim());
    let [name, email, role] = typed;
    let is_everywhere = form.is_on("everywhere");
    let Ok(role) = role.parse::<Role>() else {
        let faults = Faults::one("role", visitor.language.t("Choose a role."));
        return render(
            &visitor,
            typed,
            is_everywhere,
            (StatusCode::UNPROCESSABLE_ENTITY, faults),
        );
    };
    let grant = Grant {
        workspace: (!is_everywhere).then_some(inside.key),
        role,
    };
    let invited = signin(&state)?
        .invite(&visitor.signed, name, email, &[grant], now())
        .await;
    match invited {
        Ok((made, key)) => {
            let space = Space::of(&inside);
            let page = LinkPage {
                frame: Frame::new(&visitor, text("A new administrator"))
                    .below(space.at("/administrators"), visitor.language.t("Administrators")),
                heading: text("The administrator was added"),
                sentence: enrol_sentence(visitor.language, &made.name),
                link: link_to(&state, &knock, &key),
                back: space.to(&["administrators", &made.id.to_string()]),
            };
            Ok(page::html(StatusCode::OK, &page))
        }
        Err(Error::Stale) => Err(Refusal::Stale(visitor.here.clone())),
        Err(error) => render(
            &visitor,
            typed,
            is_everywhere,
            told::faults(visitor.language, error)?,
        ),
    }
}

/// What to do with a link by which somebody adds their first way in.
pub(super) fn enrol_sentence(language: Language, name: &str) -> String {
    language.f(
        "Give this link to {} by a way that nobody else reads. It is shown this once, works once and for seven days; with it they choose how they sign in.",
        &[name],
    )
}

/// The address of a one-time link.
pub(super) fn link_to(state: &State, knock: &Knock, key: &str) -> String {
    format!("{}/welcome?key={key}", knock.origin(state))
}
