//! Connections: set-up, preferences, rules, mappings and scope. Everything that is changed here goes through the
//! functions of [`provost_sync::setup`], so that the interface and the command are held by the same guards; what a
//! guard says becomes a page: a question, or a sentence under the field that it is about.

pub(in crate::console) mod aside;
mod assignments;
mod base;
mod catalogue;
mod clauses;
mod draft;
mod editor;
mod evaluated;
mod excerpt;
mod fields;
mod gallery;
mod list;
mod mapping;
mod mappings;
mod matching;
mod moves;
mod new;
mod origin;
mod preferences;
mod removal;
mod rule;
mod rules;
mod save;
mod scope;
mod settings;
mod sign_in;
mod sources;
mod state;
mod tag;
pub(in crate::console) mod trouble;
mod typed;
mod words;

pub(in crate::console) use base::{OfConnection, Tab, tabs};
pub(in crate::console) use draft::expiry;

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    rules_of(settings_of(routes))
}

/// A connection as a whole.
fn settings_of(routes: Routes) -> Routes {
    let (look, operate) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Operate));
    let (access, configure) = (Policy::Workspace(Act::Access), Policy::Workspace(Act::Configure));
    routes
        .get("/w/{workspace}/connections", look, list::show)
        .get("/w/{workspace}/new-connection", look, gallery::show)
        .get("/w/{workspace}/new-connection/{template}", look, new::show)
        .post("/w/{workspace}/new-connection/{template}", configure, new::send)
        .post("/w/{workspace}/connections/{name}/on", operate, state::on)
        .post("/w/{workspace}/connections/{name}/off", operate, state::off)
        .post("/w/{workspace}/connections/{name}/run", operate, state::run)
        .post("/w/{workspace}/connections/{name}/resync", operate, state::resync)
        .post("/w/{workspace}/connections/{name}/test", operate, state::test)
        .get("/w/{workspace}/connections/{name}/settings", look, settings::show)
        .post(
            "/w/{workspace}/connections/{name}/settings",
            configure,
            settings::save,
        )
        .post(
            "/w/{workspace}/connections/{name}/remove",
            configure,
            settings::remove,
        )
        .get(
            "/w/{workspace}/connections/{name}/preferences",
            look,
            preferences::show,
        )
        .post(
            "/w/{workspace}/connections/{name}/preferences",
            configure,
            preferences::save,
        )
        .get(
            "/w/{workspace}/connections/{name}/assignments",
            look,
            assignments::show,
        )
        .post(
            "/w/{workspace}/connections/{name}/assignments",
            access,
            assignments::change,
        )
        .get("/w/{workspace}/connections/{name}/sign-in", look, sign_in::show)
        .post(
            "/w/{workspace}/connections/{name}/sign-in",
            configure,
            sign_in::save,
        )
        .post(
            "/w/{workspace}/connections/{name}/sign-in/secrets",
            configure,
            sign_in::add_secret,
        )
        .post(
            "/w/{workspace}/connections/{name}/sign-in/secrets/{key}/remove",
            configure,
            sign_in::remove_secret,
        )
}

/// Its rules.
fn rules_of(routes: Routes) -> Routes {
    let (look, configure) = (Policy::Workspace(Act::Look), Policy::Workspace(Act::Configure));
    routes
        .get("/w/{workspace}/connections/{name}/rules", look, rules::show)
        .get("/w/{workspace}/connections/{name}/new-rule", look, rules::begin)
        .post(
            "/w/{workspace}/connections/{name}/new-rule",
            configure,
            rules::add,
        )
        .get("/w/{workspace}/connections/{name}/rules/{rule}", look, rule::show)
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}",
            configure,
            rule::save,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/on",
            configure,
            rule::on,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/off",
            configure,
            rule::off,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/remove",
            configure,
            removal::remove,
        )
        .get(
            "/w/{workspace}/connections/{name}/rules/{rule}/matching",
            look,
            matching::show,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/matching",
            configure,
            matching::save,
        )
        .get(
            "/w/{workspace}/connections/{name}/rules/{rule}/scope",
            look,
            scope::show,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/scope",
            configure,
            scope::save,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/scope/count",
            look,
            scope::count,
        )
        .get(
            "/w/{workspace}/connections/{name}/rules/{rule}/mappings",
            look,
            mappings::show,
        )
        .get(
            "/w/{workspace}/connections/{name}/rules/{rule}/new-mapping",
            look,
            mappings::begin,
        )
        .get(
            "/w/{workspace}/connections/{name}/rules/{rule}/mappings/{attribute}",
            look,
            mapping::show,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/mappings/{attribute}",
            configure,
            mapping::save,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/mappings/{attribute}/try",
            look,
            mapping::attempt,
        )
        .post(
            "/w/{workspace}/connections/{name}/rules/{rule}/mappings/{attribute}/remove",
            configure,
            mapping::remove,
        )
}
