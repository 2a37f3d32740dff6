//! People and groups: the lists, the recycle bin, what administrators do with somebody, and the trace of each.

mod access;
pub(super) mod acts;
mod bin;
mod draft;
pub(super) mod entered;
mod list;
mod members;
mod provision;
mod record_form;
mod removal;
mod sign_in;
mod trace;

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let access = Policy::Workspace(Act::Access);
    let operate = Policy::Workspace(Act::Operate);
    let routes = routes
        .get("/w/{workspace}/people", look, list::people)
        .get("/w/{workspace}/people/deleted", look, bin::people)
        .get("/w/{workspace}/people/new", access, record_form::new_person)
        .post("/w/{workspace}/people/new", access, record_form::create_person)
        .get("/w/{workspace}/people/{id}", look, trace::person)
        .get("/w/{workspace}/people/{id}/edit", access, record_form::edit)
        .post("/w/{workspace}/people/{id}/edit", access, record_form::save)
        .post("/w/{workspace}/people/{id}/block", access, access::block)
        .post("/w/{workspace}/people/{id}/unblock", access, access::unblock)
        .post(
            "/w/{workspace}/people/{id}/sign-in/link",
            Policy::Fresh(Act::Access),
            sign_in::link,
        )
        .post(
            "/w/{workspace}/people/{id}/sign-in/withdraw",
            access,
            sign_in::withdraw,
        )
        .post("/w/{workspace}/people/{id}/sign-in/end", access, sign_in::end)
        .post(
            "/w/{workspace}/people/{id}/sign-in/remove",
            access,
            sign_in::remove,
        )
        .post("/w/{workspace}/people/{id}/protect", access, access::protect)
        .post("/w/{workspace}/people/{id}/unprotect", access, access::unprotect)
        .get("/w/{workspace}/people/{id}/delete", access, removal::ask)
        .post("/w/{workspace}/people/{id}/delete", access, removal::delete)
        .post("/w/{workspace}/people/{id}/restore", access, removal::restore)
        .get("/w/{workspace}/people/{id}/provision", operate, provision::ask)
        .post("/w/{workspace}/people/{id}/provision", operate, provision::run);
    routes
        .get("/w/{workspace}/groups", look, list::groups)
        .get("/w/{workspace}/groups/deleted", look, bin::groups)
        .get("/w/{workspace}/groups/new", access, record_form::new_group)
        .post("/w/{workspace}/groups/new", access, record_form::create_group)
        .get("/w/{workspace}/groups/{id}", look, trace::group)
        .get("/w/{workspace}/groups/{id}/edit", access, record_form::edit)
        .post("/w/{workspace}/groups/{id}/edit", access, record_form::save)
        .get("/w/{workspace}/groups/{id}/members", look, members::list)
        .post("/w/{workspace}/groups/{id}/members", access, members::add)
        .post(
            "/w/{workspace}/groups/{id}/members/remove",
            access,
            members::remove,
        )
        .post("/w/{workspace}/groups/{id}/protect", access, access::protect)
        .post("/w/{workspace}/groups/{id}/unprotect", access, access::unprotect)
        .get("/w/{workspace}/groups/{id}/delete", access, removal::ask)
        .post("/w/{workspace}/groups/{id}/delete", access, removal::delete)
        .post("/w/{workspace}/groups/{id}/restore", access, removal::restore)
        .get("/w/{workspace}/groups/{id}/provision", operate, provision::ask)
        .post("/w/{workspace}/groups/{id}/provision", operate, provision::run)
}
