//! The cockpit itself.

use super::super::place::{self as places, Head, Named, Place};
use super::words;
use crate::console::faults::Faults;
use crate::console::guides;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::federation::State as Standing;
use provost_sync::federation::{Cockpit, FederationCheck, FederationTrial, Group};

/// The groups in their order.
const GROUPS: [Group; 5] = [
    Group::Domain,
    Group::People,
    Group::LastResort,
    Group::Signing,
    Group::RollBack,
];

#[derive(Template)]
#[template(path = "microsoft_365/federation.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    domain: String,
    word: &'static str,
    class: &'static str,
    since: Option<Moment>,
    free: Option<Moment>,
    seen: Option<Moment>,
    everywhere: Option<Moment>,
    trouble: String,
    /// Where it is managed, so that checks are shown.
    is_managed: bool,
    is_federated: bool,
    checked: Option<Moment>,
    green: i64,
    signed: i64,
    open: i64,
    groups: Vec<Shown>,
    /// Why the switch is closed; empty where it is open.
    dead_switch: String,
    dead_back: String,
    dead_operate: String,
    dead_configure: String,
    dead_own: String,
    protocol: &'static str,
    protocols: Vec<(&'static str, String)>,
    mfa: &'static str,
    mfas: Vec<(&'static str, String)>,
    acts: Vec<Line>,
    /// Under the check `pilot`.
    trials: Vec<Trial>,
    guide: String,
}

/// A group of checks.
struct Shown {
    title: &'static str,
    checks: Vec<Check>,
}

/// A check as a line of the list.
struct Check {
    key: String,
    title: &'static str,
    word: &'static str,
    class: &'static str,
    evidence: String,
    list: Vec<String>,
    /// How many the list does not show.
    more: i64,
    next: String,
    address: String,
    /// Who vouches and why; empty for nobody.
    signed: String,
    reason: String,
    at: Option<Moment>,
    /// Whether the form to sign it off is shown.
    is_signable: bool,
}

/// A trial of the sign-in.
struct Trial {
    name: String,
    at: Moment,
    immutable_id: String,
    certificate: String,
    /// Why it counts no more; empty where it does.
    doubt: String,
}

/// Something that was done.
struct Line {
    act: &'static str,
    word: &'static str,
    class: &'static str,
    began: Moment,
    told: String,
    actor: String,
}

/// The page.
pub(in crate::console) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    render(&state, &visitor, &place, (StatusCode::OK, Faults::none())).await
}

/// The page, with what was refused.
pub(super) async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let cockpit = place::engine(state)?
        .federation(place.provider.workspace, &place.provider.name)
        .await?;
    Ok(page::html(status, &view(visitor, place, cockpit, faults)))
}

fn view(visitor: &Visitor, place: &Place, cockpit: Cockpit, faults: Faults) -> Page {
    let (clock, language) = (Clock::of(visitor, now()), visitor.language);
    let t = |key: &'static str| language.t(key).to_owned();
    let record = &cockpit.record;
    let (word, class) = words::state(record.state);
    let count =
        |is: &dyn Fn(&FederationCheck) -> bool| cockpit.checks.iter().filter(|one| is(one)).count() as i64;
    let groups = GROUPS.iter().map(|group| Shown {
        title: words::group(*group),
        checks: cockpit
            .checks
            .iter()
            .filter(|check| check.group == *group)
            .map(|one| check(place, &clock, one))
            .collect(),
    });
    Page {
        here: place.at("federation"),
        domain: place.provider.domain.clone(),
        word,
        class,
        since: clock.moment_if(record.since),
        free: clock.moment_if(cockpit.free_at),
        seen: clock.moment_if(record.seen),
        everywhere: clock.moment_if(record.everywhere),
        trouble: record.trouble.clone(),
        is_managed: record.state == Standing::Managed,
        is_federated: record.state == Standing::Federated,
        checked: clock.moment_if(record.checked),
        green: count(&|one| one.is_green),
        signed: count(&|one| !one.is_green && one.signed.is_some()),
        open: cockpit.open() as i64,
        groups: groups.filter(|group| !group.checks.is_empty()).collect(),
        dead_switch: dead_switch(visitor, &cockpit),
        dead_back: match cockpit.free_at {
            0 => page::lack(visitor, Act::Own),
            _ => t(RESTING),
        },
        dead_operate: page::lack(visitor, Act::Operate),
        dead_configure: page::lack(visitor, Act::Configure),
        dead_own: page::lack(visitor, Act::Own),
        protocol: record.protocol.as_str(),
        protocols: vec![
            ("saml", t(text("SAML 2.0: browsers and applications"))),
            (
                "ws_federation",
                t(text("WS-Federation: also for joining Windows to Entra")),
            ),
        ],
        mfa: record.mfa.as_str(),
        mfas: vec![
            (
                "accept",
                t(text("Ours where there was one, else Microsoft asks for one")),
            ),
            (
                "enforce",
                t(text("Only ours: Microsoft sends people back for it")),
            ),
            ("reject", t(text("Only Microsoft's"))),
        ],
        acts: cockpit.acts.iter().map(|one| line(&clock, one)).collect(),
        trials: cockpit.trials.iter().map(|one| trial(&clock, one)).collect(),
        guide: guides::moving(&place.space, "federate"),
        frame: place.frame(visitor, text("Federation")),
        head: place.head("federation"),
        faults,
    }
}

const RESTING: &str = text("Microsoft takes one switch in ten minutes: wait until the time is over.");

/// Why the switch is closed.
fn dead_switch(visitor: &Visitor, cockpit: &Cockpit) -> String {
    let lack = page::lack(visitor, Act::Own);
    if !lack.is_empty() {
        return lack;
    }
    let sentence = if cockpit.checks.is_empty() {
        text("Compute the checks first.")
    } else if cockpit.free_at > 0 {
        RESTING
    } else if cockpit.open() > 0 {
        text("It opens once each check is green or signed off.")
    } else {
        return String::new();
    };
    visitor.language.t(sentence).to_owned()
}

fn check(place: &Place, clock: &Clock, check: &FederationCheck) -> Check {
    let (word, class) = match (check.is_green, &check.signed) {
        (true, _) => (text("green"), "success"),
        (false, Some(_)) => (text("signed off"), "partial"),
        (false, None) if check.may_be_signed => (text("open"), "paused"),
        (false, None) => (text("blocks"), "failed"),
    };
    let (signed, reason, at) = match &check.signed {
        Some(one) => (one.person.clone(), one.reason.clone(), one.at),
        None => (String::new(), String::new(), 0),
    };
    Check {
        key: check.key.clone(),
        title: words::check(&check.key),
        word,
        class,
        evidence: check.evidence.clone(),
        list: check.list.clone(),
        more: check.count.saturating_sub(check.list.len()) as i64,
        next: check.next.clone(),
        address: match check.place.as_str() {
            "" => String::new(),
            path => place.at(path),
        },
        signed,
        reason,
        at: clock.moment_if(at),
        is_signable: !check.is_green && check.may_be_signed,
    }
}

fn trial(clock: &Clock, one: &FederationTrial) -> Trial {
    Trial {
        name: one.name.clone(),
        at: clock.moment(one.at),
        immutable_id: one.immutable_id.clone(),
        certificate: one.certificate.clone(),
        doubt: one.doubt.clone(),
    }
}

fn line(clock: &Clock, act: &provost_store::federation::Act) -> Line {
    let (word, class) = words::outcome(act.outcome);
    Line {
        act: words::act(act.act),
        word,
        class,
        began: clock.moment(act.began),
        told: act.told.clone(),
        actor: act.actor.clone(),
    }
}
