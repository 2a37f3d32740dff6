//! `/new-microsoft-365`: the form General of a provider that is added. Each field is looked at while it is typed, also
//! at the tenant; nothing is saved as long as one of them is wrong.

use super::typed::{self, Line, Typed};
use crate::console::address::Space;
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::guides;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::policy::Act;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::Tx;
use provost_store::microsoft_365;
use provost_sync::microsoft_365::ProviderChecked;

/// The path of the form.
const HERE: &str = "/new-microsoft-365";
/// What the provider is called unless somebody has a better name.
const SUGGESTED: &str = "Microsoft 365";
/// How many of that name are looked for before nothing is suggested.
const SUGGESTIONS: usize = 20;

#[derive(Template)]
#[template(path = "microsoft_365/new.html")]
struct Page {
    frame: Frame,
    /// Why nothing can be added now; empty where it can.
    dead: String,
    /// The step of the guide that has to come first.
    guide: Option<String>,
    faults: Faults,
    here: String,
    back: String,
    typed: Typed,
    link_keys: &'static [(&'static str, &'static str)],
    clouds: Vec<(String, String)>,
    lines: Vec<Line>,
}

/// What was found, to be put into a page.
#[derive(Template)]
#[template(path = "microsoft_365/found.html")]
struct Found {
    frame: Frame,
    lines: Vec<Line>,
}

/// The form.
pub(super) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let suggested = suggestion(&state, &visitor).await?;
    let page = view(&state, &visitor, Typed::suggested(suggested), Vec::new()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Looks at what was typed, without saving anything.
pub(super) async fn check(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let typed = Typed::read(&form);
    let checked = checked(&state, &visitor, &typed).await?;
    let found = Found {
        frame: Frame::bare(visitor.language, ""),
        lines: typed::lines(&typed, &checked),
    };
    Ok(page::html(StatusCode::OK, &found))
}

/// Adds the provider, or only looks at what was typed.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let typed = Typed::read(&form);
    if form.get("do") == "check" {
        let checked = checked(&state, &visitor, &typed).await?;
        let lines = typed::lines(&typed, &checked);
        let mut page = view(&state, &visitor, typed, lines).await?;
        page.faults = typed::faults(&checked);
        let status = match page.faults.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        return Ok(page::html(status, &page));
    }
    let (engine, actor, draft) = (place::engine(&state)?.clone(), visitor.actor(), typed.draft());
    let inside = visitor.workspace()?;
    let workspace = inside.key;
    let deed = async move { engine.add_provider(workspace, &draft, &actor).await };
    let error = match aside::finish(deed).await? {
        Ok((provider, _)) => {
            let address = Space::of(inside).to(&["microsoft-365", &provider.name]);
            return Ok(page::elsewhere(&done::after(&address, "added")));
        }
        Err(error) if error.code().is_some() => error,
        Err(error) => return Err(error.into()),
    };
    let checked = checked(&state, &visitor, &typed).await?;
    let lines = typed::lines(&typed, &checked);
    let mut page = view(&state, &visitor, typed, lines).await?;
    page.faults = typed::faults(&checked);
    if page.faults.is_empty() {
        page.faults = trouble::all(&error);
    }
    Ok(page::html(aside::status(&error), &page))
}

async fn checked(state: &State, visitor: &Visitor, typed: &Typed) -> Result<ProviderChecked> {
    let workspace = visitor.workspace()?.key;
    let engine = place::engine(state)?;
    Ok(engine.check_provider(workspace, &typed.draft()).await?)
}

async fn view(state: &State, visitor: &Visitor, typed: Typed, lines: Vec<Line>) -> Result<Page> {
    let space = Space::of(visitor.workspace()?);
    let language = visitor.language;
    let role = page::lack(visitor, Act::Configure);
    let is_early = !guides::is_registered(state, visitor).await?;
    let dead = match (role.is_empty(), is_early) {
        (true, true) => language.t(guides::EARLY).to_owned(),
        _ => role,
    };
    Ok(Page {
        frame: Frame::new(visitor, text("Add Microsoft 365"))
            .below(space.at("/providers"), language.t(text("Providers")))
            .below(space.at("/add-provider"), language.t(text("Add provider"))),
        guide: is_early.then(|| guides::registering(&space)),
        dead,
        faults: Faults::none(),
        here: space.at(HERE),
        back: space.at("/add-provider"),
        typed,
        link_keys: &typed::LINK_KEYS,
        clouds: typed::clouds(language),
        lines,
    })
}

/// A name that no provider of the workspace has.
async fn suggestion(state: &State, visitor: &Visitor) -> Result<String> {
    let workspace = visitor.workspace()?.key;
    let read = move |tx: &mut Tx| {
        for number in 1..=SUGGESTIONS {
            let name = match number {
                1 => SUGGESTED.to_owned(),
                number => format!("{SUGGESTED} {number}"),
            };
            if microsoft_365::by_name(tx, workspace, &name)?.is_none() {
                return Ok(name);
            }
        }
        Ok::<_, provost_store::Error>(String::new())
    };
    Ok(state.db().read_short(read).await?)
}
