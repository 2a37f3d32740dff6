//! `provost connection test`.

use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::progress;
use anyhow::Result;
use provost_connect::Check;
use serde_json::{Value, json};

/// Tries a connection step by step; fails when a step does.
pub(super) async fn test(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    let bar = progress::spinner(&format!("trying {name}"));
    let checks = hub.engine()?.test(connection.key).await;
    bar.finish_and_clear();
    let checks = checks?;
    let failed = checks.iter().any(|check| check.outcome.is_err());
    let answer: Vec<Value> = checks.iter().map(check_json).collect();
    output::either(place.json, &answer, || table(&checks))?;
    if failed {
        let hint =
            format!("The outcome above says what to do; then try again: provost connection test \"{name}\"");
        return Err(Failure::new(format!("the connection \"{name}\" does not work"), hint).into());
    }
    Ok(())
}

fn table(checks: &[Check]) -> String {
    let mut table = Table::new(["step", "", "outcome"]);
    for check in checks {
        let (word, text) = match &check.outcome {
            Ok(text) => ("ok", text.clone()),
            Err(error) => ("failed", format!("{error}. {}", error.hint())),
        };
        table.row([check.name.to_owned(), word.to_owned(), text]);
    }
    table.text_or("The connector has nothing to try.")
}

fn check_json(check: &Check) -> Value {
    match &check.outcome {
        Ok(text) => json!({"step": check.name, "ok": true, "outcome": text}),
        Err(e) => json!({
            "step": check.name, "ok": false, "outcome": e.to_string(), "code": e.code(), "hint": e.hint(),
        }),
    }
}
