//! `/microsoft-365/{name}/federation`: the cockpit of the switch. What is computed, who answers for what, the switch, the
//! roll-back, and what was done. Everything is done by [`provost_sync::federation`], as from the interface and the command.

mod act;
mod command;
mod decide;
mod show;
mod words;

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(super) fn routes(routes: Routes) -> Routes {
    let (look, own) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Own));
    let (operate, configure) = (Policy::Workspace(Act::Operate), Policy::Workspace(Act::Configure));
    let fresh = Policy::Fresh(Act::Own);
    routes
        .get("/w/{workspace}/microsoft-365/{name}/federation", look, show::show)
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/check",
            operate,
            act::check,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/probe",
            operate,
            act::probe,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/choice",
            configure,
            act::choose,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/sign-off",
            own,
            act::sign_off,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/certificate",
            fresh,
            act::renew,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/federation/command",
            look,
            command::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/command",
            configure,
            command::keep,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/federation/switch",
            fresh,
            decide::switch_page,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/switch",
            fresh,
            decide::switch,
        )
        .get(
            "/w/{workspace}/microsoft-365/{name}/federation/roll-back",
            fresh,
            decide::roll_back_page,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/federation/roll-back",
            fresh,
            decide::roll_back,
        )
}
