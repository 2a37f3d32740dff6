//! What a provider's connection is to do, and the rights that each function needs. A right that is missing takes off
//! the function that needs it, and nothing else.

use super::draft::FieldLine;
use crate::setup::Tried;
use provost_connect::graph::permission::{Function, Need, needed};
use provost_store::microsoft_365::{Mode, Provider};
use serde_json::{Value, json};

/// The setting of the connection that names the functions.
const SETTING: &str = "functions";
/// The setting that names those of a later step.
const LATER: &str = "later";
/// The code of a function that stays off.
const OFF: &str = "PRV-FUNCTION-RIGHT";

/// What a provider can be asked to do. Federation is on by itself for the step that switches the domain ([`foresee`]).
pub const FUNCTIONS: [Function; 6] = [
    Function::People,
    Function::Groups,
    Function::Licences,
    Function::Passwords,
    Function::Sessions,
    Function::Restore,
];

/// The rights that a function needs, the fewest that do.
pub fn rights(function: Function) -> Vec<String> {
    needed(&[function])
        .into_iter()
        .map(|need| need.permission)
        .collect()
}

/// The functions that stand in a connection's settings; those of a new one where none do.
pub fn functions(settings: &Value) -> Vec<Function> {
    let named = settings.get(SETTING).cloned();
    let read = named.and_then(|list| serde_json::from_value(list).ok());
    read.unwrap_or_else(|| Function::DEFAULT.to_vec())
}

/// The settings with what the provider of this connection does in a step that comes later: unless it was declared for
/// provisioning only its domain is switched one day, so that function is on by itself. It is worked out whenever the
/// connection is opened and kept nowhere, so that it follows the provider's mode.
pub(crate) fn foresee(settings: &Value, provider: Option<&Provider>) -> Value {
    let mut seen = settings.clone();
    let switches = provider.is_some_and(|one| one.mode == Mode::Federation);
    if switches && seen.is_object() {
        seen[LATER] = json!([Function::Federation]);
    }
    seen
}

/// Puts the chosen ones into the settings. People are always among them: everything else is about them. What is not
/// offered here stays as it is.
pub(super) fn choose(settings: &mut Value, chosen: &[Function]) {
    let mut wanted = vec![Function::People];
    let before = functions(settings);
    wanted.extend(before.into_iter().filter(|one| !FUNCTIONS.contains(one)));
    wanted.extend(chosen.iter().filter(|one| FUNCTIONS.contains(one)));
    wanted.sort_unstable();
    wanted.dedup();
    settings[SETTING] = json!(wanted);
}

/// What is lacking, where the test failed for want of rights and something can be done without them: the functions
/// that need them are taken out of the settings.
pub(super) fn take_off(settings: &mut Value, tried: &Tried) -> Vec<Need> {
    let lacking = tried.permissions.as_ref().map(|found| found.missing.clone());
    let lacking = lacking.filter(|_| !tried.ok()).unwrap_or_default();
    if lacking.iter().any(|need| need.function == Function::People) {
        return Vec::new();
    }
    let left = functions(settings);
    let left = left
        .iter()
        .filter(|one| lacking.iter().all(|need| need.function != **one));
    if !lacking.is_empty() {
        settings[SETTING] = json!(left.collect::<Vec<_>>());
    }
    lacking
}

/// Which functions stay off, and which rights each needs; a line for each function.
pub(super) fn lines(off: &[Need]) -> Vec<FieldLine> {
    let is_first = |at: usize, need: &Need| off.iter().take(at).all(|one| one.function != need.function);
    let functions = off.iter().enumerate().filter(|(at, need)| is_first(*at, need));
    functions
        .map(|(_, need)| {
            let rights = off.iter().filter(|one| one.function == need.function);
            let rights: Vec<&str> = rights.map(|one| one.permission.as_str()).collect();
            FieldLine {
                code: OFF.to_owned(),
                hint: "Grant it to the application with an administrator's consent, then choose the function again."
                    .to_owned(),
                ..FieldLine::note(
                    SETTING,
                    format!(
                        "\"{}\" stays off: the application has no {}",
                        need.function.name(),
                        rights.join(", ")
                    ),
                )
            }
        })
        .collect()
}
