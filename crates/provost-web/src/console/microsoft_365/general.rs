//! `/microsoft-365/{name}/general`: the four fields that say which tenant it is, and a label. What cannot be changed
//! any more says so.

use super::place::{self as places, Head, Named, Place};
use super::saved::Saved;
use super::typed::Typed;
use super::words;
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_connect::graph::cloud::INITIAL_SUFFIXES;
use provost_store::Tx;
use provost_store::microsoft_365::{self, State as Standing};
use provost_sync::microsoft_365::ProviderEdit;
use std::time::Duration;

/// How long the page waits for the tenant's domains.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Template)]
#[template(path = "microsoft_365/general.html")]
struct Page {
    frame: Frame,
    head: Head,
    /// What the reader's role keeps them from.
    why: String,
    faults: Faults,
    here: String,
    recheck: String,
    typed: Typed,
    /// Why domain and tenant name cannot be changed any more; empty where they can.
    settled: String,
    /// The tenant's domains to choose from, once Graph has told them.
    domains: Vec<(String, String)>,
    domain: String,
    initial: String,
    tenant_id: String,
    domain_word: &'static str,
    domain_class: &'static str,
    looked: Option<Moment>,
    added: Moment,
    actor: String,
}

/// The section.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let typed = Typed::saved(&place.provider);
    let page = view(&state, &visitor, &place, typed, Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Changes what can be changed.
pub(super) async fn save(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let sent = |name: &str| form.is_on(name).then(|| form.get(name).trim().to_owned());
    let edit = ProviderEdit {
        name: sent("name"),
        label: sent("label"),
        link_key: sent("link_key"),
        domain: sent("domain"),
        tenant_name: sent("tenant_name"),
    };
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move { engine.edit_provider(workspace, &name, &edit, &actor).await };
    let error = match aside::finish(deed).await? {
        Ok(_) => return Ok(page::elsewhere(&done::after(&place.at("general"), "saved"))),
        Err(error) if error.code().is_some() => error,
        Err(error) => return Err(error.into()),
    };
    let saved = Typed::saved(&place.provider);
    let or = |name: &str, saved: String| sent(name).unwrap_or(saved);
    let typed = Typed {
        label: or("label", saved.label.clone()),
        domain: or("domain", saved.domain.clone()),
        tenant_name: or("tenant_name", saved.tenant_name.clone()),
        ..saved
    };
    let page = view(&state, &visitor, &place, typed, trouble::all(&error)).await?;
    Ok(page::html(aside::status(&error), &page))
}

/// The domains that can be chosen, once Graph can be asked for them: only while the domain may still change, and only
/// for somebody who may change it.
async fn domains(state: &State, place: &Place) -> Result<Vec<(String, String)>> {
    let Some(saved) = Saved::read(state, &place.provider).await? else {
        return Ok(Vec::new());
    };
    let (engine, provider, credentials) = (place::engine(state)?, &place.provider, saved.credentials());
    let asked = engine.try_provider_credentials(provider.workspace, &provider.name, &credentials);
    // Without an answer the domain is typed, as before.
    let Ok(Ok(tried)) = tokio::time::timeout(PATIENCE, asked).await else {
        return Ok(Vec::new());
    };
    let of_tenant = tried.domains.into_iter();
    let own = of_tenant.filter(|domain| !INITIAL_SUFFIXES.iter().any(|suffix| domain.ends_with(suffix)));
    Ok(own.map(|domain| (domain.clone(), domain)).collect())
}

async fn view(state: &State, visitor: &Visitor, place: &Place, typed: Typed, faults: Faults) -> Result<Page> {
    let provider = place.provider.clone();
    let read = move |tx: &mut Tx| microsoft_365::is_in_use(tx, &provider);
    let is_in_use = state.db().read_short(read).await?;
    let (provider, language) = (&place.provider, visitor.language);
    let settled = match (is_in_use, provider.state) {
        (false, _) => "",
        (true, Standing::Federated) => {
            text("Domain and tenant name cannot be changed: the domain is federated.")
        }
        (true, _) => text("Domain and tenant name cannot be changed: somebody is assigned."),
    };
    let clock = Clock::of(visitor, now());
    let (domain_word, domain_class) = words::domain(provider.domain_state);
    let why = page::lack(visitor, Act::Configure);
    let domains = match settled.is_empty() && why.is_empty() {
        true => domains(state, place).await?,
        false => Vec::new(),
    };
    Ok(Page {
        frame: place.frame(visitor, text("General")),
        head: place.head("general"),
        faults,
        here: place.at("general"),
        recheck: place.at("recheck"),
        settled: language.t(settled).to_owned(),
        domains,
        typed,
        why,
        domain: provider.domain.clone(),
        initial: words::initial_domain(provider),
        tenant_id: provider.tenant_id.clone().unwrap_or_default(),
        domain_word,
        domain_class,
        looked: clock.moment_if(provider.domain_checked),
        added: clock.moment(provider.created),
        actor: provider.actor.clone(),
    })
}
