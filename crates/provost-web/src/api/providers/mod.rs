//! `/api/v1/providers`: the inbound providers with their tokens, clients, setup links, and what drives the directory.

mod change;
mod clients;
mod consent;
mod imports;
mod links;
mod shown;
mod source;
mod tokens;
mod validity;

use super::paging::Page;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::State;
use provost_store::Tx;
use provost_store::provider::{self, Provider};

const TAG: &str = "Inbound providers";

pub(super) fn routes(api: Interface) -> Interface {
    consent_routes(record_routes(credential_routes(own_routes(api))))
}

fn about(summary: &'static str) -> Operation {
    Operation::new(TAG, summary)
}

fn own_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/providers",
        Act::Look,
        shown::list,
        about("inbound providers by name")
            .query::<Page>()
            .answers::<shown::Providers>(),
    )
    .post(
        "/api/v1/providers",
        Act::Configure,
        change::add,
        about("makes one, with its first token, which is shown this once")
            .body::<change::New>()
            .makes::<change::Made>(),
    )
    .get(
        "/api/v1/providers/{provider}",
        Act::Look,
        shown::one,
        about("one of them, with settings, people, requests and habits")
            .answers::<shown::Whole>()
            .tagged(),
    )
    .patch(
        "/api/v1/providers/{provider}",
        Act::Configure,
        change::change,
        about("changes what is set about it; `null` takes one away")
            .body::<change::Changed>()
            .answers::<shown::Whole>()
            .tagged()
            .conditional(),
    )
    .post(
        "/api/v1/providers/{provider}/save",
        Act::Configure,
        change::save,
        about("its requests are answered").answers::<shown::Brief>(),
    )
    .post(
        "/api/v1/providers/{provider}/off",
        Act::Configure,
        change::off,
        about("its tokens are refused and its people cannot sign in; they stay").answers::<shown::Brief>(),
    )
}

fn credential_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/providers/{provider}/tokens",
        Act::Look,
        tokens::list,
        about("its tokens; their text is not kept").answers::<tokens::Tokens>(),
    )
    .post(
        "/api/v1/providers/{provider}/tokens",
        Act::Configure,
        tokens::add,
        about("makes another token, which is shown this once")
            .body::<validity::New>()
            .makes::<tokens::Made>(),
    )
    .delete(
        "/api/v1/providers/{provider}/tokens/{key}",
        Act::Configure,
        tokens::revoke,
        about("revokes a token at once and for good").silent(),
    )
    .get(
        "/api/v1/providers/{provider}/clients",
        Act::Look,
        clients::list,
        about("its OAuth clients; their secrets are not kept").answers::<clients::Clients>(),
    )
    .post(
        "/api/v1/providers/{provider}/clients",
        Act::Configure,
        clients::add,
        about("makes an OAuth client, whose secret is shown this once")
            .body::<validity::New>()
            .makes::<clients::Made>(),
    )
    .delete(
        "/api/v1/providers/{provider}/clients/{key}",
        Act::Configure,
        clients::revoke,
        about("revokes a client and the tokens that it was given").silent(),
    )
    .get(
        "/api/v1/providers/{provider}/setup-links",
        Act::Look,
        links::list,
        about("pages for a customer's administrator")
            .query::<Page>()
            .answers::<links::Links>(),
    )
    .delete(
        "/api/v1/providers/{provider}/setup-links/{key}",
        Act::Configure,
        links::revoke,
        about("the page is gone").silent(),
    )
}

fn record_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/providers/{provider}/source",
        Act::Look,
        source::show,
        about("how its records become people")
            .answers::<super::shape::source::Source>()
            .tagged(),
    )
    .put(
        "/api/v1/providers/{provider}/source",
        Act::Configure,
        source::set,
        about("has every record looked at again by another definition")
            .body::<super::shape::source::Source>()
            .answers::<super::shape::source::Source>()
            .tagged()
            .conditional(),
    )
    .get(
        "/api/v1/providers/{provider}/imports",
        Act::Look,
        imports::list,
        about("its import runs, newest first")
            .query::<Page>()
            .answers::<imports::Runs>(),
    )
    .post(
        "/api/v1/imports/{run}/approve",
        Act::Operate,
        imports::approve,
        about("carries out the absences that a run holds: exactly those that were shown")
            .body::<imports::Seen>()
            .answers::<super::shape::source::ImportReport>(),
    )
    .post(
        "/api/v1/imports/{run}/reject",
        Act::Operate,
        imports::reject,
        about("leaves whom a run holds as they are").silent(),
    )
}

fn consent_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/providers/{provider}/consent",
        Act::Look,
        consent::show,
        about("the tenant of Microsoft Entra that it belongs to, and where consent is asked for")
            .answers::<consent::Shown>(),
    )
    .delete(
        "/api/v1/providers/{provider}/consent",
        Act::Configure,
        consent::release,
        about("releases the recorded tenant, which is named; another one can consent from then on")
            .query::<consent::Released>()
            .silent(),
    )
    .get(
        "/api/v1/entra-application",
        Act::Look,
        consent::application,
        about("the application that administrators of tenants consent to").answers::<consent::Application>(),
    )
    .put(
        "/api/v1/entra-application",
        Act::Configure,
        consent::set_application,
        about("sets the application; another id or service forgets its secret")
            .body::<consent::Change>()
            .answers::<consent::Application>(),
    )
    .delete(
        "/api/v1/entra-application",
        Act::Configure,
        consent::remove_application,
        about("removes the application with its secret; recorded tenants stay").silent(),
    )
}

/// The workspace's provider of this name, or with this id.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn find(state: &State, workspace: i64, text: &str) -> Result<Provider> {
    let wanted = text.to_owned();
    let read = move |tx: &mut Tx| look(tx, workspace, &wanted);
    state.db().read_short(read).await
}

/// The same within a transaction.
///
/// # Errors
/// 404 when there is none.
pub(super) fn look(tx: &mut Tx, workspace: i64, text: &str) -> Result<Provider> {
    if let Some(found) = provider::by_name(tx, workspace, text)? {
        return Ok(found);
    }
    let mut all = provider::all(tx, workspace)?.into_iter();
    all.find(|one| one.id.to_string() == text)
        .ok_or_else(|| Problem::unknown("PRV-PROVIDER-UNKNOWN", "inbound provider", text, "providers"))
}

/// The address that goes into the identity provider.
fn tenant_url(state: &State) -> Option<String> {
    state
        .settings()
        .public_url
        .as_ref()
        .map(|url| format!("{url}/scim/v2"))
}
