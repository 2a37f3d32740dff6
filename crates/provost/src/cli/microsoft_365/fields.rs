//! What a look at each field of a provider found.

use crate::failure::Failure;
use crate::output;
use provost_sync::Error;
use provost_sync::microsoft_365::{FieldLine, ProviderChecked};
use serde_json::{Value, json};

/// For people: a line for each field. What there is to say of one is never cut.
pub(super) fn text(lines: &[FieldLine]) -> String {
    let shown: Vec<(&str, String)> = lines.iter().map(|line| (title(line.field), told(line))).collect();
    output::pairs(&shown)
}

fn told(line: &FieldLine) -> String {
    match (line.ok, line.sentence.is_empty()) {
        (true, true) => "ok".to_owned(),
        (true, false) => format!("ok: {}", line.sentence),
        (false, _) => format!("refused: {} ({})", line.sentence, line.code),
    }
}

/// The refusal of what was entered, with the reason and the next step of each field at fault.
pub(super) fn refused(sentence: String, lines: Vec<FieldLine>) -> anyhow::Error {
    let faults = lines.into_iter().filter(|line| !line.ok).collect();
    let hint = "Correct what is named, then run the command again.";
    anyhow::Error::new(Error::Fields(faults)).context(Failure::new(sentence, hint))
}

/// For programs.
pub(super) fn to_json(found: &ProviderChecked) -> Value {
    json!({
        "is_ok": found.ok(), "lines": found.lines,
        "domain_state": found.domain, "domain": found.domain_normal, "tenant_name": found.tenant_name_normal,
        "tenant_id": found.tenant_id,
    })
}

/// What people call a field.
fn title(field: &str) -> &str {
    match field {
        "name" => "display name",
        "link_key" => "pseudonym link",
        "tenant_name" => "tenant name",
        "client_id" => "client id",
        "secret" => "client secret",
        other => other,
    }
}
