//! The console: pages for administrators, rendered on the server; script only makes them quicker.
//!
//! Every page is declared with what it asks of its reader ([`crate::policy`]), and takes a
//! [`Visitor`](crate::visitor::Visitor). Pages about a workspace are below `/w/{workspace}`.

pub(crate) mod address;
mod advice;
pub(crate) mod asset;
mod bar;
pub(crate) mod chart;
pub(crate) mod confirm;
mod connection;
mod connections;
pub(crate) mod connector;
pub(crate) mod csv;
pub(crate) mod done;
mod doubts;
pub(crate) mod faults;
mod general;
mod guides;
mod history;
mod holders;
pub(crate) mod lack;
mod licence_change;
mod licences;
mod microsoft_365;
pub(crate) mod page;
mod people;
mod place;
mod providers;
mod rail;
pub(crate) mod refusal;
mod runs;
mod status;
mod style;
mod tested;
pub(crate) mod time;

pub(crate) use page::not_found;
pub(crate) use providers::hub_url;
pub use providers::setup_key;

use crate::policy::{Act, Policy, Routes};

/// The pages, and the files that they need.
pub(crate) fn routes(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let routes = general::routes(people::routes(providers::routes(routes)));
    let routes = microsoft_365::routes(guides::routes(routes));
    connections::routes(runs::routes(routes))
        .get(
            "/assets/{name}",
            Policy::Public("the style and script of the sign-in page"),
            asset::asset,
        )
        .get("/w/{workspace}/connections/{name}", look, connection::show)
        .get(
            "/w/{workspace}/connections/{name}/status/{rule}/{status}",
            look,
            status::list,
        )
        .get("/w/{workspace}/connections/{name}/licences", look, licences::list)
        .post(
            "/w/{workspace}/connections/{name}/licences/read",
            Policy::Workspace(Act::Operate),
            licence_change::read,
        )
        .post(
            "/w/{workspace}/connections/{name}/licences/groups",
            Policy::Workspace(Act::Configure),
            licence_change::bring,
        )
        .post(
            "/w/{workspace}/connections/{name}/licences/groups/{key}/end",
            Policy::Workspace(Act::Configure),
            licence_change::end,
        )
        .get(
            "/w/{workspace}/connections/{name}/licences/{product}/holders",
            look,
            holders::list,
        )
        .get("/w/{workspace}/connections/{name}/doubts", look, doubts::list)
}
