//! `/providers/{name}/authenticate`: the consent of the tenant's administrator, and the tenant that it proved.

use super::place::{self, Head, Named, Place};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::signin::Knock;
use crate::signin::consent::{self, Explained};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{ConsentBy, Error};
use provost_store::entra_application;
use provost_store::provider::Provider;
use provost_store::tenant_consent::{self, TenantConsent};
use provost_store::{Error as Store, Tx};

/// Other providers of the same tenant that are named.
const OTHERS: i64 = 10;

#[derive(Template)]
#[template(path = "providers/authenticate.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    /// What the reader's role keeps them from.
    role: String,
    /// Why consent cannot be asked for; empty when it can.
    why: String,
    recorded: Option<Recorded>,
    others: Vec<(String, String)>,
    application_address: String,
    links_address: String,
    begin_address: String,
    release_address: String,
    typed: String,
}

/// What is recorded, for people.
pub(super) struct Recorded {
    pub tenant: String,
    pub account: String,
    pub actor: String,
    pub first: Moment,
    pub at: Moment,
    /// Whether they consented again since.
    pub is_renewed: bool,
}

impl Recorded {
    pub fn of(one: TenantConsent, clock: &Clock) -> Self {
        Self {
            first: clock.moment(one.first),
            at: clock.moment(one.at),
            is_renewed: one.at > one.first,
            tenant: one.tenant,
            account: one.account,
            actor: one.actor,
        }
    }
}

/// What is known of a provider's consent.
pub(super) struct Known {
    pub recorded: Option<TenantConsent>,
    pub others: Vec<String>,
    /// Whether there is an application with its secret.
    pub is_set: bool,
}

impl Known {
    pub fn read(tx: &mut Tx, provider: &Provider) -> std::result::Result<Self, Store> {
        let recorded = tenant_consent::get(tx, provider.key)?;
        let others = match &recorded {
            Some(one) => tenant_consent::others(tx, one, OTHERS)?,
            None => Vec::new(),
        };
        let workspace = provider.workspace;
        let is_set =
            entra_application::get(tx, workspace)?.is_some() && entra_application::has_secret(tx, workspace)?;
        Ok(Self {
            recorded,
            others,
            is_set,
        })
    }
}

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let page = view(&state, &visitor, &place, Faults::none(), "").await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Leaves for Microsoft.
pub(crate) async fn begin(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    knock: Knock,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let by = ConsentBy::Signed(&visitor.signed);
    let to = place.at("authenticate");
    match consent::leave(&state, &knock, &place.provider, by, &to).await {
        Ok(response) => Ok(response),
        Err(error @ (Error::Refused { .. } | Error::Wait { .. })) => {
            let told = Explained::of(visitor.language, &error);
            let sentence = format!("{} {}", told.sentence, told.next);
            let faults = Faults::one("", sentence.trim_end());
            let page = view(&state, &visitor, &place, faults, "").await?;
            Ok(page::html(StatusCode::CONFLICT, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Releases the tenant, whose id was typed.
pub(crate) async fn release(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let (actor, provider) = (visitor.actor(), place.provider.clone());
    let typed = form.get("tenant").to_owned();
    let wanted = typed.clone();
    let released = state
        .db()
        .write(move |tx| tenant_consent::release(tx, &actor, now(), &provider, &wanted))
        .await;
    match released {
        // One that somebody else has released meanwhile is released all the same.
        Ok(_) => Ok(page::elsewhere(&done::after(
            &place.at("authenticate"),
            "released",
        ))),
        Err(error) => {
            let faults = entered::fault(error, "tenant")?;
            let page = view(&state, &visitor, &place, faults, &typed).await?;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

async fn view(state: &State, visitor: &Visitor, place: &Place, faults: Faults, typed: &str) -> Result<Page> {
    let (clock, provider) = (Clock::of(visitor, now()), place.provider.clone());
    let known = state
        .db()
        .read_short(move |tx| Known::read(tx, &provider))
        .await?;
    let role = acts::role(visitor, Act::Configure);
    let unset = text("Set the application first: its ID and its client secret.");
    let why = match (role.is_empty(), known.is_set) {
        (true, false) => visitor.language.t(unset).to_owned(),
        _ => role.clone(),
    };
    let other = |name: String| {
        let address = place.space.to(&["providers", &name, "authenticate"]);
        (name, address)
    };
    Ok(Page {
        frame: place.frame(visitor),
        head: place.head("authenticate"),
        faults,
        role,
        why,
        recorded: known.recorded.map(|one| Recorded::of(one, &clock)),
        others: known.others.into_iter().map(other).collect(),
        application_address: place.space.at("/entra-application"),
        links_address: place.at("setup-links"),
        begin_address: place.at("authenticate/begin"),
        release_address: place.at("authenticate/release"),
        typed: typed.to_owned(),
    })
}
