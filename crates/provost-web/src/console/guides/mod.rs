//! Guides: the steps of a set-up in their order, each with checks that are computed from what Provost knows, the
//! evidence and its time. What no fact can show is signed off by a person.

mod application;
mod checks;
mod entra;
mod facts;
mod inbound;
mod list;
mod microsoft_365;
mod moving;
mod moving_facts;
mod okta;
mod page;
mod people;
mod people_and_groups;
mod sign;
mod step;

pub(super) use moving::{EARLY, address as moving, checklist_word, is_registered, registering};

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let operate = Policy::Workspace(Act::Operate);
    routes
        .get("/w/{workspace}/guides", look, list::show)
        .get("/w/{workspace}/guides/{guide}", look, page::show)
        .get("/w/{workspace}/guides/{guide}/live", look, page::live)
        .post("/w/{workspace}/guides/{guide}/sign", operate, sign::sign)
        .post("/w/{workspace}/guides/{guide}/unsign", operate, sign::take_back)
}
