//! What a try of a connection found: the steps, and which permissions it has, lacks and has too many of.

use crate::failure::Failure;
use crate::output::{self, Table};
use provost_connect::Permissions;
use provost_sync::setup::{CheckLine, Tried};
use serde_json::{Value, json};

/// The steps and permissions for people.
pub(in crate::cli) fn text(tried: &Tried) -> String {
    let mut parts = vec![steps(&tried.checks)];
    parts.extend(tried.permissions.as_ref().map(permissions));
    parts.join("\n\n")
}

/// The same for programs.
pub(in crate::cli) fn to_json(tried: &Tried) -> Value {
    json!({"checks": tried.checks, "permissions": tried.permissions})
}

fn steps(checks: &[CheckLine]) -> String {
    let mut table = Table::new(["step", "", "outcome"]);
    for check in checks {
        let (word, text) = match check.ok {
            true => ("ok", check.sentence.clone()),
            false => (
                "failed",
                format!("{} ({}). {}", check.sentence, check.code, check.hint),
            ),
        };
        table.row([check.name.clone(), word.to_owned(), text]);
    }
    table.text_or("The connector has nothing to try.")
}

/// Every permission in one line, what is wrong first.
fn permissions(found: &Permissions) -> String {
    if found.unknown {
        return "The target does not tell which permissions it has granted.".to_owned();
    }
    let mut table = Table::new(["permission", "", "about"]);
    for need in &found.missing {
        let instead = match need.also_enough.is_empty() {
            true => String::new(),
            false => format!("; also enough: {}", need.also_enough.join(", ")),
        };
        let about = format!("{} needs it{instead}", need.function.name());
        table.row([need.permission.clone(), "missing".to_owned(), about]);
    }
    for name in &found.excess {
        let about = "nothing that is switched on needs it: take it away";
        table.row([name.clone(), "too much".to_owned(), about.to_owned()]);
    }
    for need in &found.advised {
        let about = "not needed, but good to have";
        table.row([need.permission.clone(), "advised".to_owned(), about.to_owned()]);
    }
    for need in &found.later {
        let about = format!("{} needs it, in a step that comes later", need.function.name());
        table.row([need.permission.clone(), "later".to_owned(), about]);
    }
    for name in found.granted.iter().filter(|name| !found.excess.contains(name)) {
        table.row([name.clone(), "granted".to_owned(), String::new()]);
    }
    table.text_or("No permission is granted.")
}

/// The refusal of a connection whose test fails, with everything that was found.
pub(super) fn refused(name: &str, tried: &Tried) -> anyhow::Error {
    let code = tried.failed().map_or("", |check| check.code.as_str());
    let found = output::indent(&steps(&tried.checks));
    let hint = "Do what the outcome says, then run the command again. --save-invalid keeps it although its test fails: \
                no cycle runs until a test succeeds. --untested does not try it.";
    Failure::new(
        format!("the connection \"{name}\" does not work ({code}), so nothing was saved\n\n{found}\n"),
        hint,
    )
    .into()
}
