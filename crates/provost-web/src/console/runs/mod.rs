//! What runs, and what a person decides about it: plans, staged steps, cycles, the provisioning log, drift, links and
//! doubts.

mod action;
mod aside;
mod chosen;
mod cycle;
mod cycle_change;
mod cycles;
mod doubt_decision;
mod drift;
mod drift_change;
mod found;
mod link_change;
mod links;
mod log;
mod log_line;
mod log_search;
mod plan;
mod plan_counts;
mod plan_decision;
mod plan_object;
mod plan_steps;
mod plans;
mod progress;
mod report;
mod retry;
mod staged;
mod staged_decision;
mod value;

pub(super) use action::told as told_action;
pub(super) use doubt_decision::verb;
pub(super) use found::dead_for;

use crate::policy::{Act, Policy, Routes};

/// The pages.
pub(crate) fn routes(routes: Routes) -> Routes {
    let look = Policy::Workspace(Act::Look);
    let operate = Policy::Workspace(Act::Operate);
    routes
        .get("/w/{workspace}/plans", look, plans::list)
        .get("/w/{workspace}/plans/{id}", look, plan::show)
        .get("/w/{workspace}/plans/{id}/objects/{key}", look, plan_object::show)
        .post(
            "/w/{workspace}/plans/{id}/approve",
            operate,
            plan_decision::approve,
        )
        .post("/w/{workspace}/plans/{id}/reject", operate, plan_decision::reject)
        .post("/w/{workspace}/plans/{id}/apply", operate, plan_decision::apply)
        .get("/w/{workspace}/connections/{name}/plan", look, plans::ask)
        .post("/w/{workspace}/connections/{name}/plan", operate, plans::make)
        .get("/w/{workspace}/staged", look, staged::list)
        .post(
            "/w/{workspace}/connections/{name}/staged",
            operate,
            staged_decision::decide,
        )
        .get("/w/{workspace}/connections/{name}/cycles", look, cycles::list)
        .get("/w/{workspace}/cycles/{key}", look, cycle::show)
        .get("/w/{workspace}/cycles/{key}/live", look, cycle::fragment)
        .post("/w/{workspace}/cycles/{key}/stop", operate, cycle_change::stop)
        .post("/w/{workspace}/cycles/{key}/off", operate, cycle_change::off)
        .post("/w/{workspace}/cycles/{key}/undo", operate, cycle_change::undo)
        .get("/w/{workspace}/log", look, log::list)
        .post("/w/{workspace}/log/retry", operate, retry::now_please)
        .get("/w/{workspace}/drift", look, drift::list)
        .post(
            "/w/{workspace}/connections/{name}/drift",
            operate,
            drift_change::decide,
        )
        .get("/w/{workspace}/connections/{name}/links", look, links::list)
        .post(
            "/w/{workspace}/connections/{name}/links",
            operate,
            link_change::make,
        )
        .post(
            "/w/{workspace}/connections/{name}/links/break",
            operate,
            link_change::sever,
        )
        .post(
            "/w/{workspace}/connections/{name}/doubts",
            operate,
            doubt_decision::decide_many,
        )
        .post(
            "/w/{workspace}/connections/{name}/doubts/{key}",
            operate,
            doubt_decision::decide,
        )
}
