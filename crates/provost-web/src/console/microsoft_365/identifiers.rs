//! `/microsoft-365/{name}/identifiers`: the accounts of the tenant and the people of the directory, who belongs to whom,
//! and what is done about the others.

mod act;
mod show;

use crate::policy::{Act, Policy, Routes};

/// The page, the reading, and what is done there.
pub(super) fn routes(routes: Routes) -> Routes {
    let (look, configure) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Configure));
    routes
        .get(
            "/w/{workspace}/microsoft-365/{name}/identifiers",
            look,
            show::show,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/identifiers",
            configure,
            act::act,
        )
        .post(
            "/w/{workspace}/microsoft-365/{name}/identifiers/read",
            Policy::Workspace(Act::Operate),
            act::read,
        )
}
