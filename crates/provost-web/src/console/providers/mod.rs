//! Inbound providers with their sections, the gallery of templates, credentials of both directions, and setup links.

mod application;
mod authenticate;
mod credentials;
mod gallery;
mod general;
mod habits;
mod links;
mod list;
mod new;
mod place;
mod requests;
mod setting;
mod setup;
mod sheet;
mod teams;
mod tokens;
mod traffic;

pub(crate) use place::hub_url;
pub(in crate::console) use place::may_be;
pub use setup::key as setup_key;

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let configure = Policy::Workspace(Act::Configure);
    let routes = routes
        .get("/w/{workspace}/providers", look, list::list)
        .get("/w/{workspace}/providers/new", configure, new::form)
        .post("/w/{workspace}/providers/new", configure, new::create)
        .get("/w/{workspace}/providers/{name}", look, general::show)
        .post("/w/{workspace}/providers/{name}", configure, general::save)
        .post(
            "/w/{workspace}/providers/{name}/state",
            configure,
            general::switch,
        )
        .get("/w/{workspace}/providers/{name}/traffic", look, traffic::show)
        .post(
            "/w/{workspace}/providers/{name}/traffic",
            configure,
            traffic::save,
        )
        .get("/w/{workspace}/providers/{name}/sheet", look, sheet::show)
        .post("/w/{workspace}/providers/{name}/sheet", configure, sheet::save)
        .get("/w/{workspace}/providers/{name}/requests", look, requests::list)
        .get("/w/{workspace}/providers/{name}/habits", look, habits::list);
    let routes = routes
        .get("/w/{workspace}/providers/{name}/tokens", look, tokens::list)
        .post("/w/{workspace}/providers/{name}/tokens", configure, tokens::mint)
        .post(
            "/w/{workspace}/providers/{name}/tokens/revoke",
            configure,
            tokens::revoke,
        )
        .post(
            "/w/{workspace}/providers/{name}/clients",
            configure,
            tokens::make_client,
        )
        .post(
            "/w/{workspace}/providers/{name}/clients/revoke",
            configure,
            tokens::revoke_client,
        )
        .get("/w/{workspace}/providers/{name}/setup-links", look, links::list)
        .post(
            "/w/{workspace}/providers/{name}/setup-links",
            configure,
            links::make,
        )
        .post(
            "/w/{workspace}/providers/{name}/setup-links/revoke",
            configure,
            links::revoke,
        );
    let routes = consent(routes);
    let routes = routes.get("/w/{workspace}/teams", look, teams::list).post(
        "/w/{workspace}/teams",
        configure,
        teams::make,
    );
    let routes = routes
        .get("/w/{workspace}/add-provider", look, gallery::show)
        .get("/w/{workspace}/credentials", look, credentials::list);
    setup::routes(routes)
}

/// The consent of a tenant's administrator, and the application that it is given to.
fn consent(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let configure = Policy::Workspace(Act::Configure);
    routes
        .get(
            "/w/{workspace}/providers/{name}/authenticate",
            look,
            authenticate::show,
        )
        .post(
            "/w/{workspace}/providers/{name}/authenticate/begin",
            configure,
            authenticate::begin,
        )
        .post(
            "/w/{workspace}/providers/{name}/authenticate/release",
            configure,
            authenticate::release,
        )
        .get("/w/{workspace}/entra-application", look, application::show)
        .post("/w/{workspace}/entra-application", configure, application::save)
        .post(
            "/w/{workspace}/entra-application/remove",
            configure,
            application::remove,
        )
}
