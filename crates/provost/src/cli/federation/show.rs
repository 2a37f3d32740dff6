//! The federation of a domain, for people and for programs.

use crate::clock;
use crate::output::{self, count};
use provost_store::federation::{Act, State};
use provost_sync::federation::{Cockpit, FederationCheck, FederationTrial};
use serde_json::{Value, json};

/// For programs.
pub(super) fn to_json(cockpit: &Cockpit) -> Value {
    let record = &cockpit.record;
    json!({
        "domain": cockpit.provider.domain,
        "state": record.state.as_str(),
        "since": clock::text_or_none(when(record.since)),
        "protocol": record.protocol.as_str(),
        "mfa": record.mfa.as_str(),
        "may_switch": cockpit.may_switch(),
        "open": cockpit.open(),
        "digest": cockpit.digest,
        "checked": clock::text_or_none(when(record.checked)),
        "checks": cockpit.checks.iter().map(check).collect::<Vec<_>>(),
        "free_at": clock::text_or_none(when(cockpit.free_at)),
        "roll_back_command_kept": clock::text_or_none(when(record.saved)),
        "seen": clock::text_or_none(when(record.seen)),
        "everywhere": clock::text_or_none(when(record.everywhere)),
        "trouble": record.trouble,
        "sent": cockpit.sent,
        "acts": cockpit.acts.iter().map(act).collect::<Vec<_>>(),
        "trials": cockpit.trials.iter().map(trial).collect::<Vec<_>>(),
    })
}

fn when(at: i64) -> Option<i64> {
    Some(at).filter(|at| *at > 0)
}

fn check(check: &FederationCheck) -> Value {
    json!({
        "key": check.key, "is_green": check.is_green, "may_be_signed": check.may_be_signed, "is_open": check.is_open(),
        "evidence": check.evidence, "list": check.list, "count": check.count, "next": check.next,
        "signed_by": check.signed.as_ref().map_or("", |one| one.person.as_str()),
        "reason": check.signed.as_ref().map_or("", |one| one.reason.as_str()),
    })
}

fn act(act: &Act) -> Value {
    json!({
        "act": act.act.as_str(), "began": clock::text(act.began), "ended": clock::text_or_none(when(act.ended)),
        "outcome": act.outcome.as_str(), "told": act.told, "actor": act.actor,
    })
}

fn trial(one: &FederationTrial) -> Value {
    json!({
        "at": clock::text(one.at), "person": one.person.map(|id| id.hyphenated().to_string()), "name": one.name,
        "immutable_id": one.immutable_id, "certificate": one.certificate, "two_factor": one.two_factor,
        "counts": one.doubt.is_empty(), "doubt": one.doubt,
    })
}

/// For people. Evidence is never cut.
pub(super) fn text(cockpit: &Cockpit) -> String {
    let record = &cockpit.record;
    let mut head = vec![
        ("domain", cockpit.provider.domain.clone()),
        ("state", record.state.to_string()),
        ("protocol", record.protocol.to_string()),
        ("second factor", record.mfa.to_string()),
    ];
    if record.since > 0 {
        head.push(("since", clock::text(record.since)));
    }
    if cockpit.free_at > 0 {
        head.push(("next switch", clock::text(cockpit.free_at)));
    }
    if !record.trouble.is_empty() {
        head.push(("trouble", record.trouble.clone()));
    }
    let mut parts = vec![output::pairs(&head)];
    if record.state == State::Managed {
        let lines: Vec<(&str, String)> = cockpit
            .checks
            .iter()
            .map(|one| (one.key.as_str(), told(one)))
            .collect();
        if !lines.is_empty() {
            parts.push(output::pairs(&lines));
        }
        parts.push(match (cockpit.checks.is_empty(), cockpit.open()) {
            (true, _) => "The checks were not computed yet.".to_owned(),
            (false, 0) => "Every check is green or signed off: the domain can be switched.".to_owned(),
            (false, open) => format!(
                "{} the switch closed.",
                count(open as i64, "check keeps", "checks keep")
            ),
        });
    }
    let trials: Vec<String> = cockpit.trials.iter().map(tried).collect();
    if record.state == State::Managed && !trials.is_empty() {
        parts.push(trials.join("\n"));
    }
    let acts: Vec<String> = cockpit.acts.iter().map(line).collect();
    if !acts.is_empty() {
        parts.push(acts.join("\n"));
    }
    parts.join("\n\n")
}

fn told(check: &FederationCheck) -> String {
    let word = match (check.is_green, &check.signed, check.may_be_signed) {
        (true, _, _) => "green",
        (false, Some(_), _) => "signed off",
        (false, None, true) => "open",
        (false, None, false) => "blocks",
    };
    let mut text = format!("{word}: {}", check.evidence);
    if let Some(one) = &check.signed {
        text.push_str(&format!(" {}: {}", one.person, one.reason));
    } else if !check.next.is_empty() {
        text.push(' ');
        text.push_str(&check.next);
    }
    text
}

/// A trial: when, who, what Microsoft would have been told, by which key, and whether it counts.
fn tried(one: &FederationTrial) -> String {
    let counts = match one.doubt.as_str() {
        "" => "counts",
        doubt => doubt,
    };
    format!(
        "{}  trial  {}  immutable id {}  certificate {}  {counts}",
        clock::text(one.at),
        one.name,
        one.immutable_id,
        one.certificate
    )
}

fn line(act: &Act) -> String {
    format!(
        "{}  {}  {}  {}  {}",
        clock::text(act.began),
        act.act,
        act.outcome,
        act.actor,
        act.told
    )
}
