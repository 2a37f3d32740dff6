//! What the last test of a connection found, as it was kept: each step, and the permissions where the target tells.

use super::address::Space;
use super::time::{Clock, Moment};
use crate::texts::text;
use provost_connect::Permissions;
use provost_store::connection::Connection;
use provost_sync::setup::{CheckLine, Tried};
use serde::Deserialize;

/// The last test.
#[derive(Default)]
pub(super) struct Tested {
    /// When a test last succeeded.
    pub succeeded: Option<Moment>,
    pub checks: Vec<CheckLine>,
    pub permissions: Option<PermissionsView>,
    /// The step of the guide that explains what has failed; none where all is well.
    pub help: Option<String>,
}

/// Permissions by what is to be done about them.
pub(super) struct PermissionsView {
    /// The target does not tell; then there are no lines.
    pub unknown: bool,
    /// What is wrong first.
    pub lines: Vec<PermissionLine>,
}

/// One permission.
pub(super) struct PermissionLine {
    pub name: String,
    /// The state's word, also the name of its colour.
    pub state: &'static str,
    pub about: String,
}

/// A step as it is kept; the one about permissions has them with it.
#[derive(Deserialize)]
struct Kept {
    #[serde(flatten)]
    line: CheckLine,
    #[serde(default)]
    permissions: Option<Permissions>,
}

/// What is kept of the last test; nothing where there was none.
pub(super) fn read(connection: &Connection, space: &Space, clock: &Clock) -> Tested {
    let kept: Vec<Kept> = Vec::deserialize(&connection.checks).unwrap_or_default();
    let permissions = kept.iter().find_map(|kept| kept.permissions.as_ref()).map(view);
    let checks: Vec<CheckLine> = kept.into_iter().map(|kept| kept.line).collect();
    Tested {
        succeeded: clock.moment_if(connection.tested),
        help: help(&connection.connector, &checks, space),
        checks,
        permissions,
    }
}

/// What a test found that is not kept.
pub(super) fn of(tried: &Tried, connector: &str, space: &Space) -> Tested {
    Tested {
        succeeded: None,
        help: help(connector, &tried.checks, space),
        checks: tried.checks.clone(),
        permissions: tried.permissions.as_ref().map(view),
    }
}

/// Where the guide explains the step that has failed: what is entered, or what has to be there before.
fn help(connector: &str, checks: &[CheckLine], space: &Space) -> Option<String> {
    let failed = checks.iter().find(|check| !check.ok)?;
    let is_entered = matches!(
        failed.name.as_str(),
        "settings" | "name resolution" | "TLS" | "sign-in" | "tenant"
    );
    let (guide, step) = match (connector, is_entered) {
        ("graph", true) => ("/guides/microsoft-365", "credentials"),
        ("graph", false) => ("/guides/microsoft-365", "before"),
        _ => ("/guides/application-users", "test"),
    };
    Some(space.page(guide.to_owned(), &[("step", step.to_owned())]))
}

fn view(found: &Permissions) -> PermissionsView {
    let line = |name: &str, state, about: String| PermissionLine {
        name: name.to_owned(),
        state,
        about,
    };
    let mut lines = Vec::new();
    for need in &found.missing {
        let mut about = format!("{} needs it", need.function.name());
        if !need.also_enough.is_empty() {
            about.push_str("; also enough: ");
            about.push_str(&need.also_enough.join(", "));
        }
        lines.push(line(&need.permission, text("missing"), about));
    }
    for name in &found.excess {
        let about = "nothing that is switched on needs it: take it away".to_owned();
        lines.push(line(name, text("excess"), about));
    }
    for need in &found.advised {
        let about = "not needed, but good to have: it shows who is an administrator".to_owned();
        lines.push(line(&need.permission, text("advised"), about));
    }
    for need in &found.later {
        let about = format!("{} needs it, in a step that comes later", need.function.name());
        lines.push(line(&need.permission, text("later"), about));
    }
    for name in found.granted.iter().filter(|name| !found.excess.contains(name)) {
        lines.push(line(name, text("granted"), String::new()));
    }
    PermissionsView {
        unknown: found.unknown,
        lines,
    }
}
