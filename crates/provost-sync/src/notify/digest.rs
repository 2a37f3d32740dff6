//! The daily digest: what failed since the last one, by reason and with the first names, and what is still open.

use super::cause::{DAY, NAMED};
use super::settings::Settings;
use super::text::{footer, moment, one_line};
use super::words::Language;
use crate::Result;
use provost_store::provisioning_log::{self, Asked};
use provost_store::{Tx, connection, drift, notice, retry};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Lines of the log that a digest looks at.
const LINES: usize = 20_000;
/// Lines that are read at once.
const PAGE: usize = 1_000;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// A digest that is due.
pub(super) struct Digest {
    /// The name of its notice: one a day.
    pub name: String,
    pub subject: String,
    /// `None`: there is nothing to tell.
    pub body: Option<String>,
}

/// The last moment at which a digest was due, and the one before.
pub(super) fn last_due(settings: &Settings, now: i64) -> i64 {
    let hour = i64::from(settings.digest_hour) * HOUR;
    let due = now.div_euclid(DAY) * DAY + hour;
    if due <= now { due } else { due - DAY }
}

/// The digest of the 24 hours before `due`.
pub(super) fn make(tx: &mut Tx, workspace: i64, settings: &Settings, due: i64) -> Result<Digest> {
    let language = settings.language;
    let failures = failures(tx, workspace, due - DAY, due)?;
    let open = open_matters(tx, workspace, language)?;
    let day = moment(due);
    let day = day.get(..10).unwrap_or_default();
    let total: u64 = failures.values().map(|f| f.count).sum();
    let (from, to) = (moment(due - DAY), moment(due));
    let mut body = format!("{}\n", language.say("What failed from {} to {}", &[&from, &to]));
    if failures.is_empty() {
        let _ = writeln!(body, "{}", language.say("Nothing.", &[]));
    }
    for ((connection, action, code), failure) in &failures {
        let (action, count) = (language.action(action), failure.count.to_string());
        let code = match code.as_str() {
            "" => language.say("no code", &[]),
            code => code.to_owned(),
        };
        let head = language.say("{}: {}, {} times ({})", &[connection, &action, &count, &code]);
        let _ = writeln!(body, "\n{head}");
        for name in &failure.names {
            let _ = writeln!(body, "- {}", one_line(name));
        }
        let more = failure.people.saturating_sub(failure.names.len());
        if more > 0 {
            let _ = writeln!(body, "- {}", language.say("and {} more", &[&more.to_string()]));
        }
    }
    if !open.is_empty() {
        let _ = writeln!(body, "\n{}", language.say("What is still open", &[]));
        for line in &open {
            let _ = writeln!(body, "- {line}");
        }
    }
    let next = language.say("What to do next", &[]);
    let by_itself = language.say(
        "Each failure is tried again by itself. provost log shows the reasons.",
        &[],
    );
    let _ = writeln!(body, "\n{next}\n{by_itself}");
    body.push_str(&footer(settings));
    Ok(Digest {
        name: format!("digest:{day}"),
        subject: language.say("Provost: {} failures on {}", &[&total.to_string(), day]),
        body: (total > 0 || !open.is_empty()).then_some(body),
    })
}

/// What failed for the same reason.
#[derive(Default)]
struct Failure {
    count: u64,
    people: usize,
    names: BTreeSet<String>,
}

/// Failures by connection, action and code.
fn failures(
    tx: &mut Tx,
    workspace: i64,
    since: i64,
    until: i64,
) -> Result<BTreeMap<(String, String, String), Failure>> {
    let mut names = BTreeMap::new();
    for connection in connection::all(tx, workspace)? {
        names.insert(connection.key, connection.name);
    }
    let mut asked = Asked {
        status: Some("failure".to_owned()),
        since: Some(since),
        until: Some(until),
        limit: PAGE,
        ..Asked::default()
    };
    let (mut failures, mut seen, mut looked_at) = (BTreeMap::<_, Failure>::new(), BTreeSet::new(), 0);
    loop {
        let page = provisioning_log::search(tx, workspace, &asked)?;
        looked_at += page.entries.len();
        for entry in &page.entries {
            let connection = names.get(&entry.connection).cloned().unwrap_or_default();
            let place = (connection, entry.action.clone(), entry.code.clone());
            let failure = failures.entry(place.clone()).or_default();
            failure.count += 1;
            if seen.insert((place, entry.object)) {
                failure.people += 1;
                if failure.names.len() < NAMED {
                    failure.names.insert(entry.label.clone());
                }
            }
        }
        match page.next {
            Some(next) if looked_at < LINES => asked.before_key = Some(next),
            _ => return Ok(failures),
        }
    }
}

/// What still stands: steps that are tried again, drift that was reported, and what was written about before.
fn open_matters(tx: &mut Tx, workspace: i64, language: Language) -> Result<Vec<String>> {
    let mut open = Vec::new();
    for connection in connection::all(tx, workspace)? {
        let waiting = retry::list(tx, connection.key, PAGE as i64)?.len();
        if waiting > 0 {
            let count = match waiting {
                PAGE => language.say("{} or more", &[&waiting.to_string()]),
                fewer => fewer.to_string(),
            };
            open.push(language.say(
                "{}: {} steps wait for their next try",
                &[&connection.name, &count],
            ));
        }
        let drifted = drift::count(tx, connection.key, drift::State::Open)?;
        if drifted > 0 {
            open.push(language.say(
                "{}: {} values were changed in the target",
                &[&connection.name, &drifted.to_string()],
            ));
        }
    }
    for notice in notice::standing(tx, workspace, 0, NAMED as i64)? {
        if !notice.cause.starts_with("digest:") {
            open.push(language.say(
                "since {}: {}",
                &[&moment(notice.created), &one_line(&notice.subject)],
            ));
        }
    }
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_due_once_a_day_at_its_hour() {
        let settings = Settings {
            digest_hour: 6,
            ..Settings::default()
        };
        let midnight = 20_000 * DAY;
        assert_eq!(last_due(&settings, midnight + 6 * HOUR), midnight + 6 * HOUR);
        assert_eq!(last_due(&settings, midnight + 23 * HOUR), midnight + 6 * HOUR);
        assert_eq!(last_due(&settings, midnight + 6 * HOUR - 1), midnight - 18 * HOUR);
    }
}
