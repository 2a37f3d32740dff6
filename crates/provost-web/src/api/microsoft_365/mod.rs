//! `/api/v1/microsoft-365-providers`: the Microsoft 365 tenants that are being moved to Provost, each with its general
//! settings, its sections, and what it still needs before the next step of the move.

mod change;
mod check;
mod checklist;
mod detached;
mod federation;
mod identifiers;
mod migration;
mod mode;
mod remove;
mod section;
mod shown;
mod signing;

use super::paging::Page;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::State;
use provost_store::microsoft_365::{self, Provider};
use provost_sync::Engine;

const TAG: &str = "Microsoft 365 providers";

pub(super) fn routes(api: Interface) -> Interface {
    let api = signing_routes(people_routes(section_routes(check_routes(own_routes(api)))));
    federation::routes(migration::routes(identifiers::routes(api)))
}

fn about(summary: &'static str) -> Operation {
    Operation::new(TAG, summary)
}

fn own_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers",
        Act::Look,
        shown::list,
        about("Microsoft 365 providers by name")
            .query::<Page>()
            .answers::<shown::Providers>(),
    )
    .post(
        "/api/v1/microsoft-365-providers",
        Act::Configure,
        change::add,
        about("makes one, once every field passes; adds a connection later, and touches no account")
            .body::<change::New>()
            .makes::<change::Made>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}",
        Act::Look,
        shown::one,
        about("one of them, with its sections and the values for Entra")
            .answers::<shown::Whole>()
            .tagged(),
    )
    .patch(
        "/api/v1/microsoft-365-providers/{name}",
        Act::Configure,
        change::change,
        about("changes what may change; what may not is refused by name")
            .body::<change::Changed>()
            .answers::<shown::Whole>()
            .tagged()
            .conditional(),
    )
    .delete(
        "/api/v1/microsoft-365-providers/{name}",
        Act::Configure,
        remove::remove,
        about("removes it with its connection, once that is confirmed; who was assigned is kept as detached")
            .query::<remove::Confirmed>()
            .silent()
            .conditional(),
    )
}

fn check_routes(api: Interface) -> Interface {
    api.post(
        "/api/v1/microsoft-365-provider-checks",
        Act::Configure,
        check::draft,
        about("checks each field of what is entered, and saves nothing")
            .body::<change::New>()
            .answers::<check::Checked>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/check",
        Act::Configure,
        check::again,
        about("asks again whose domain it is; a draft whose domain is proved becomes active")
            .answers::<check::Checked>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/checklist",
        Act::Look,
        checklist::show,
        about("what has to be true before people are moved, each with its evidence")
            .answers::<checklist::Checklist>(),
    )
}

fn section_routes(api: Interface) -> Interface {
    api.put(
        "/api/v1/microsoft-365-providers/{name}/authentication",
        Act::Configure,
        section::authentication,
        about("saves the section Authentication; nothing has to be entered")
            .body::<section::Authentication>()
            .answers::<shown::Whole>()
            .tagged()
            .conditional(),
    )
    .put(
        "/api/v1/microsoft-365-providers/{name}/provisioning",
        Act::Configure,
        section::provisioning,
        about("saves the credentials, once the test succeeds with them; a failed test replaces nothing")
            .body::<section::Credential>()
            .answers::<shape::setup::ProviderTried>()
            .conditional(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/provisioning/test",
        Act::Configure,
        section::attempt,
        about("tries credentials step by step, and saves nothing")
            .body::<section::Credential>()
            .answers::<shape::setup::ProviderTried>(),
    )
    .put(
        "/api/v1/microsoft-365-providers/{name}/mode",
        Act::Configure,
        mode::set,
        about("an owner's: whether it is used without federation, with `reason` and `confirm`")
            .body::<mode::Chosen>()
            .answers::<shown::Whole>()
            .tagged()
            .conditional(),
    )
}

fn people_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/detached",
        Act::Look,
        detached::list,
        about("who was assigned before a provider of the domain was removed")
            .query::<Page>()
            .answers::<detached::Listed>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/reattach",
        Act::Configure,
        detached::reattach,
        about("assigns them again: those that are named, or all")
            .body::<detached::Chosen>()
            .answers::<detached::Reattached>(),
    )
}

fn signing_routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/signing-keys",
        Act::Look,
        signing::list,
        about("the keys with which it signs, newest first: certificates only").answers::<signing::Keys>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/signing-keys",
        Act::Configure,
        signing::prepare,
        about("makes a second key, which is published beside the one that signs").answers::<signing::Key>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/signing-keys/swap",
        Act::Configure,
        signing::swap,
        about("signs with the second key from now on and keeps the first beside it; once more goes back")
            .answers::<signing::Keys>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/signing-keys/retire",
        Act::Configure,
        signing::retire,
        about("retires the second key: its private half is gone for good").answers::<signing::Key>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/sign-ins",
        Act::Look,
        signing::sign_ins,
        about("what became of sign-ins at Microsoft 365 through it, newest first")
            .query::<signing::Asked>()
            .answers::<signing::SignIns>(),
    )
}

/// The workspace's Microsoft 365 provider of this name.
///
/// # Errors
/// 404 when there is none.
async fn find(state: &State, workspace: i64, name: &str) -> Result<Provider> {
    let wanted = name.to_owned();
    let read = move |tx: &mut provost_store::Tx| microsoft_365::by_name(tx, workspace, &wanted);
    let found = state.db().read_short(read).await?;
    found.ok_or_else(|| {
        Problem::unknown(
            "PRV-MICROSOFT-365-UNKNOWN",
            "Microsoft 365 provider",
            name,
            "microsoft-365-providers",
        )
    })
}

fn engine(state: &State) -> Result<Engine> {
    state.engine().cloned().ok_or_else(Problem::without_engine)
}
