//! `/microsoft-365/{name}/migration` and `…/onboarding`: the window in which people of the tenant sign in at both sides,
//! the list of what is done in Entra, a test of it, the letters to them, who has come, what is decided about the others, and its end.

mod act;
mod letters;
mod onboarding;
mod show;
mod test;

pub(in crate::console) use show::word;

use crate::policy::{Act, Policy, Routes};

/// The pages, and what is done there.
pub(super) fn routes(routes: Routes) -> Routes {
    let (look, configure) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Configure));
    routes
        .get("/w/{workspace}/microsoft-365/{name}/migration", look, show::show)
        .post(
            "/w/{workspace}/microsoft-365/{name}/migration",
            configure,
            act::send,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/migration/test",
            configure,
            test::fetch,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/migration/close",
            Policy::Fresh(Act::Own),
            act::close,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/migration/archive",
            Policy::Fresh(Act::Own),
            act::archive,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/migration/letters",
            look,
            letters::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/migration/letters",
            configure,
            letters::send,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/onboarding",
            look,
            onboarding::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/onboarding",
            configure,
            onboarding::send,
        )
}

/// The word of a migration's state and its colour.
fn state(state: provost_store::migration::State) -> (&'static str, &'static str) {
    use crate::texts::text;
    use provost_store::migration::State;
    match state {
        State::Draft => (text("not configured"), "partial"),
        State::Scheduled => (text("scheduled"), "partial"),
        State::Open => (text("open"), "active"),
        State::Overdue => (text("overdue"), "failed"),
        State::Closed => (text("closed"), "done"),
    }
}
