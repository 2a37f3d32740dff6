//! What the last test of a connection found, as it was kept: each step, and the permissions where the target tells.

use super::time::Moment;
use provost_connect::Permissions;
use provost_store::connection::Connection;
use provost_sync::setup::CheckLine;
use serde::Deserialize;

/// The last test.
#[derive(Default)]
pub(super) struct Tested {
    /// When a test last succeeded.
    pub succeeded: Option<Moment>,
    pub checks: Vec<CheckLine>,
    pub permissions: Option<PermissionsView>,
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
pub(super) fn read(connection: &Connection, now: i64) -> Tested {
    let kept: Vec<Kept> = Vec::deserialize(&connection.checks).unwrap_or_default();
    let permissions = kept.iter().find_map(|kept| kept.permissions.as_ref()).map(view);
    Tested {
        succeeded: (connection.tested > 0).then(|| Moment::new(connection.tested, now)),
        checks: kept.into_iter().map(|kept| kept.line).collect(),
        permissions,
    }
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
        lines.push(line(&need.permission, "missing", about));
    }
    for name in &found.excess {
        let about = "nothing that is switched on needs it: take it away".to_owned();
        lines.push(line(name, "excess", about));
    }
    for need in &found.advised {
        let about = "not needed, but good to have: it shows who is an administrator".to_owned();
        lines.push(line(&need.permission, "advised", about));
    }
    for name in found.granted.iter().filter(|name| !found.excess.contains(name)) {
        lines.push(line(name, "granted", String::new()));
    }
    PermissionsView {
        unknown: found.unknown,
        lines,
    }
}
