//! The overview, problems, the audit log, settings and the backup.

mod audit;
mod audit_export;
mod backup;
mod mail;
mod overview;
mod problem;
mod problems;
mod retention;
mod settings;
mod summary;

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let configure = Policy::Workspace(Act::Configure);
    let own = Policy::Workspace(Act::Own);
    routes
        .get("/", Policy::Signed, overview::workspaces)
        .get("/w/{workspace}", look, overview::overview)
        .get("/w/{workspace}/problems", look, problems::list)
        .get("/w/{workspace}/audit", look, audit::list)
        .get("/w/{workspace}/audit/verify", look, audit::verify)
        .get("/w/{workspace}/audit/export.csv", look, audit_export::csv)
        .get("/w/{workspace}/audit/export.ndjson", look, audit_export::ndjson)
        .get("/w/{workspace}/settings", look, settings::show)
        .post("/w/{workspace}/settings/mail", configure, mail::save)
        .post("/w/{workspace}/settings/mail/test", configure, mail::test)
        .post("/w/{workspace}/settings/retention", own, retention::save)
        .get("/backup", Policy::Installation(Act::Own), backup::show)
        .post("/backup", Policy::FreshInstallation(Act::Own), backup::write)
}
