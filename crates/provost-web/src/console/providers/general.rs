//! `GET` and `POST /providers/{name}`: what a provider is, what its people get, and whether it is answered.

use super::place::{self, Head, Named, Place};
use super::setting::{self, Choice};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::provider::{self, Edit, Provider, Settings, State as Standing};
use provost_store::{Error as Store, Tx, directory, request, team, token};

/// Milliseconds for which requests are counted.
const HOUR: i64 = 3_600_000;
/// The most days that anything may be kept: ten years.
const MOST_DAYS: u32 = 3_650;

#[derive(Template)]
#[template(path = "providers/general.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    /// What the reader's role keeps them from.
    why: String,
    tenant_url: String,
    is_reachable: bool,
    is_draft: bool,
    is_saved: bool,
    people: i64,
    groups: i64,
    people_address: String,
    groups_address: String,
    first: Option<Moment>,
    last: Option<Moment>,
    hour: i64,
    failed: i64,
    requests_address: String,
    seen: String,
    tokens: i64,
    tokens_address: String,
    state_address: String,
    teams_address: String,
    action: String,
    fields: Fields,
}

/// The form.
struct Fields {
    role: String,
    roles: Vec<Choice>,
    team: String,
    teams: Vec<(String, String)>,
    permission: String,
    permissions: Vec<(String, String)>,
    dialect: String,
    dialects: Vec<(String, String)>,
    takeover: String,
    takeovers: Vec<Choice>,
    unknown_members: String,
    unknowns: Vec<Choice>,
    recycle_days: String,
}

/// What is known of a provider.
struct Known {
    people: i64,
    groups: i64,
    counts: request::Counts,
    tokens: i64,
    teams: Vec<team::Team>,
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let page = view(&state, &visitor, &place, &headers, Faults::none(), None).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Changes what is set.
pub(crate) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let (key, actor, sent) = (place.provider.key, visitor.actor(), form.clone());
    let language = visitor.language;
    let changed = match read(&form, &place.provider.settings, visitor.language) {
        Err(faults) => Err(faults),
        Ok(_) => {
            let write = move |tx: &mut Tx| {
                let before = provider::by_key(tx, key)?.ok_or(Store::Closed)?;
                // What the other pages set stays as another administrator may just have set it.
                let settings =
                    read(&sent, &before.settings, language).unwrap_or_else(|_| before.settings.clone());
                let edit = Edit {
                    role: Some(sent.get("role")),
                    team: Some(sent.text("team")),
                    settings: Some(&settings),
                    state: None,
                };
                provider::edit(tx, &actor, now(), &before, &edit)
            };
            match state.db().write(write).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    let field = field(error.code());
                    Err(entered::fault(error, field)?)
                }
            }
        }
    };
    match changed {
        Ok(()) => Ok(page::elsewhere(&done::after(&place.at(""), "saved"))),
        Err(faults) => {
            let page = view(&state, &visitor, &place, &headers, faults, Some(&form)).await?;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// The field that a refusal is about.
fn field(code: Option<&str>) -> &'static str {
    match code {
        Some("PRV-ROLE-OWNER" | "PRV-WORD") => "role",
        Some("PRV-TEAM-UNKNOWN") => "team",
        Some("PRV-PROVIDER-PERMISSION") => "permission",
        _ => "",
    }
}

/// Puts a provider in use, or switches it off.
pub(crate) async fn switch(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let (wanted, word) = match form.get("state") {
        "saved" => (Standing::Saved, "on"),
        "off" => (Standing::Off, "off"),
        _ => return Err(Refusal::address(())),
    };
    let (provider, actor) = (place.provider.clone(), visitor.actor());
    let write = move |tx: &mut Tx| {
        let edit = Edit {
            state: Some(wanted),
            ..Edit::default()
        };
        provider::edit(tx, &actor, now(), &provider, &edit)
    };
    state.db().write(write).await.map_err(entered::refused)?;
    Ok(page::elsewhere(&done::after(&place.at(""), word)))
}

/// The settings of this page, over what the others set.
fn read(form: &Form, before: &Settings, language: Language) -> std::result::Result<Settings, Faults> {
    let mut faults = Faults::none();
    let mut after = before.clone();
    after.permission = form.text("permission").and_then(|word| word.parse().ok());
    after.dialect = form.text("dialect").and_then(|word| word.parse().ok());
    match form.get("takeover").parse() {
        Ok(rule) => after.takeover = rule,
        Err(_) => faults.add("takeover", language.t("Choose one of these.")),
    }
    match form.get("unknown_members").parse() {
        Ok(rule) => after.unknown_members = rule,
        Err(_) => faults.add("unknown_members", language.t("Choose one of these.")),
    }
    match form.get("recycle_days").trim().parse::<u32>() {
        Ok(days) if days <= MOST_DAYS => after.recycle_days = days,
        _ => {
            let most = MOST_DAYS.to_string();
            faults.add(
                "recycle_days",
                language.f("Write a number from {} to {}.", &["0", &most]),
            );
        }
    }
    if faults.is_empty() { Ok(after) } else { Err(faults) }
}

async fn known(state: &State, provider: &Provider, now: i64) -> Result<Known> {
    let (key, owner, workspace) = (provider.key, provider.owner(), provider.workspace);
    let read = move |tx: &mut Tx| {
        let live = token::of_provider(tx, key)?
            .iter()
            .filter(|one| one.is_live(now))
            .count();
        Ok::<_, Store>(Known {
            people: directory::count_owned(tx, owner, Kind::Person)?,
            groups: directory::count_owned(tx, owner, Kind::Group)?,
            counts: request::counts(tx, key, now.saturating_sub(HOUR))?,
            tokens: i64::try_from(live).unwrap_or(i64::MAX),
            teams: team::all(tx, workspace)?,
        })
    };
    Ok(state.db().read(read).await?)
}

async fn view(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    headers: &HeaderMap,
    faults: Faults,
    typed: Option<&Form>,
) -> Result<Page> {
    let clock = Clock::of(visitor, now());
    let one = &place.provider;
    let known = known(state, one, clock.now).await?;
    let list = |path: &str| place.space.page(path.to_owned(), &[("owner", one.name.clone())]);
    let seen = one.seen.map(|dialect| dialect.as_str());
    Ok(Page {
        frame: place.frame(visitor),
        head: place.head(""),
        faults,
        why: acts::role(visitor, Act::Configure),
        tenant_url: place::tenant_url(state, headers),
        is_reachable: place::is_reachable(state),
        is_draft: one.state == Standing::Draft,
        is_saved: one.state == Standing::Saved,
        people: known.people,
        groups: known.groups,
        people_address: list("/people"),
        groups_address: list("/groups"),
        first: one.first_request.map(|at| clock.moment(at)),
        last: one.last_request.map(|at| clock.moment(at)),
        hour: known.counts.all,
        failed: known.counts.failed,
        requests_address: place.at("requests"),
        seen: seen.unwrap_or_default().to_owned(),
        tokens: known.tokens,
        tokens_address: place.at("tokens"),
        state_address: place.at("state"),
        teams_address: place.space.at("/teams"),
        action: place.at(""),
        fields: fields(visitor, one, known.teams, typed),
    })
}

/// What is set, or what was typed.
fn fields(visitor: &Visitor, one: &Provider, teams: Vec<team::Team>, typed: Option<&Form>) -> Fields {
    let (set, language) = (&one.settings, visitor.language);
    let value = |name: &str, kept: &str| typed.map_or(kept, |form| form.get(name)).to_owned();
    let none = (String::new(), language.t(text("none")).to_owned());
    Fields {
        role: value("role", &one.role),
        roles: setting::roles(language),
        team: value("team", one.team.as_deref().unwrap_or_default()),
        teams: std::iter::once(none)
            .chain(teams.into_iter().map(|one| (one.name.clone(), one.name)))
            .collect(),
        permission: value("permission", set.permission.map_or("", |one| one.as_str())),
        permissions: setting::permissions(language),
        dialect: value("dialect", set.dialect.map_or("", |one| one.as_str())),
        dialects: setting::dialects(language),
        takeover: value("takeover", set.takeover.as_str()),
        takeovers: setting::takeovers(language),
        unknown_members: value("unknown_members", set.unknown_members.as_str()),
        unknowns: setting::unknown_members(language),
        recycle_days: value("recycle_days", &set.recycle_days.to_string()),
    }
}
