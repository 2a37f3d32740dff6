//! Providers of Microsoft 365: how one is added, their sections General, Authentication,
//! Provisioning, Migration, Identifiers and Federation, their mode, and their end. What is entered goes through
//! [`provost_sync::microsoft_365`] alone, so that the interface and the command are held by the same guards.

mod authentication;
mod federation;
mod general;
mod identifiers;
mod keys;
mod lock;
mod migration;
mod mode;
mod new;
mod place;
mod provisioning;
mod reattach;
mod remove;
mod saved;
mod show;
mod signins;
mod typed;
mod words;

pub(in crate::console) use lock::{Owner, of_connection};
pub(in crate::console) use migration::word as migration_word;
pub(in crate::console) use words::{mode, state};

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    let (look, configure) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Configure));
    let routes = routes
        .get("/w/{workspace}/new-microsoft-365", look, new::show)
        .post("/w/{workspace}/new-microsoft-365", configure, new::send)
        .post("/w/{workspace}/new-microsoft-365/check", configure, new::check)
        .get("/w/{workspace}/microsoft-365/{name}", look, show::show)
        .post(
            "/w/{workspace}/microsoft-365/{name}/recheck",
            configure,
            show::recheck,
        );
    federation::routes(migration::routes(identifiers::routes(ends(signing(sections(
        routes,
    ))))))
}

/// The sections.
fn sections(routes: Routes) -> Routes {
    let (look, configure) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Configure));
    routes
        .get("/w/{workspace}/microsoft-365/{name}/general", look, general::show)
        .post(
            "/w/{workspace}/microsoft-365/{name}/general",
            configure,
            general::save,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/authentication",
            look,
            authentication::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/authentication",
            configure,
            authentication::save,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/provisioning",
            look,
            provisioning::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/provisioning",
            configure,
            provisioning::send,
        )
}

/// The keys that sign, and what became of sign-ins. Whoever holds such a key is everybody of the domain, so a change of
/// them asks for a fresh proof.
fn signing(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    routes
        .get(
            "/w/{workspace}/microsoft-365/{name}/authentication/certificate",
            look,
            keys::certificate,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/authentication/key",
            Policy::Fresh(Act::Configure),
            keys::act,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/sign-ins",
            look,
            signins::show,
        )
}

/// Its mode, its end, and who comes back after it.
fn ends(routes: Routes) -> Routes {
    let (look, configure) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Configure));
    routes
        .get("/w/{workspace}/microsoft-365/{name}/mode", look, mode::show)
        .post(
            "/w/{workspace}/microsoft-365/{name}/mode",
            Policy::Workspace(Act::Own),
            mode::save,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/remove",
            configure,
            remove::remove,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/reattach",
            look,
            reattach::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/reattach",
            configure,
            reattach::attach,
        )
}
