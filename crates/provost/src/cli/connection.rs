//! `provost connection`: the applications that people and groups are provisioned into.

mod add;
mod secrets;

use super::Place;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::{clock, progress};
use anyhow::Result;
use provost_connect::Check;
use provost_store::connection::{self, Condition, State};
use provost_store::secret;
use serde_json::{Value, json};

/// Connections: one application each, with credentials, rules and a state.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Connection {
    /// Make a connection
    Add(add::Add),
    /// List the connections with their state
    List,
    /// Try a connection without changing anything
    Test {
        /// The connection
        name: String,
    },
    /// Stop a connection until it is resumed; a cycle under way ends in good order
    Pause {
        /// The connection
        name: String,
        /// Why, for whoever finds it paused
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let a paused or quarantined connection go on
    Resume {
        /// The connection
        name: String,
    },
}

impl Connection {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Connection::Add(add) => add.run(place, &hub).await,
            Connection::List => list(place, &hub).await,
            Connection::Test { name } => test(place, &hub, &name).await,
            Connection::Pause { name, reason } => set_state(place, &hub, &name, State::Paused, reason).await,
            Connection::Resume { name } => set_state(place, &hub, &name, State::Active, String::new()).await,
        };
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub) -> Result<()> {
    let workspace = hub.workspace.key;
    let all = hub
        .db
        .read(move |tx| {
            let mut all = Vec::new();
            for one in connection::all(tx, workspace)? {
                let secrets = secret::fields(tx, "connection", one.key)?;
                all.push((one, secrets));
            }
            Ok::<_, provost_store::Error>(all)
        })
        .await?;
    let answer: Vec<Value> = all
        .iter()
        .map(|(one, secrets)| {
            let secrets: Vec<&String> = secrets.iter().map(|(field, _)| field).collect();
            json!({
                "name": one.name, "id": one.id, "connector": one.connector, "settings": one.settings,
                "secrets": secrets, "state": one.state, "reason": one.reason, "failures": one.failures,
                "next_try": (one.state == State::Quarantine).then(|| clock::text(one.next_try)),
                "initial_cycle_done": one.watermark >= 0,
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["name", "connector", "state", "reason"]);
        for (one, _) in all {
            table.row([one.name, one.connector, one.state.name().to_owned(), one.reason]);
        }
        table.text_or("No connection yet. `provost connection add NAME` makes one.")
    })
}

async fn test(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    let bar = progress::spinner(&format!("trying {name}"));
    let checks = hub.engine()?.test(connection.key).await;
    bar.finish_and_clear();
    let checks = checks?;
    let failed = checks.iter().any(|check| check.outcome.is_err());
    let answer: Vec<Value> = checks.iter().map(check_json).collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["step", "", "outcome"]);
        for check in &checks {
            let (word, text) = match &check.outcome {
                Ok(text) => ("ok", text.clone()),
                Err(error) => ("failed", format!("{error}. {}", error.hint())),
            };
            table.row([check.name.to_owned(), word.to_owned(), text]);
        }
        table.text_or("The connector has nothing to try.")
    })?;
    if failed {
        let hint =
            format!("The outcome above says what to do; then try again: provost connection test \"{name}\"");
        return Err(Failure::new(format!("the connection \"{name}\" does not work"), hint).into());
    }
    Ok(())
}

fn check_json(check: &Check) -> Value {
    match &check.outcome {
        Ok(text) => json!({"step": check.name, "ok": true, "outcome": text}),
        Err(e) => json!({
            "step": check.name, "ok": false, "outcome": e.to_string(), "code": e.code(), "hint": e.hint(),
        }),
    }
}

async fn set_state(place: &Place, hub: &Hub, name: &str, state: State, reason: String) -> Result<()> {
    let connection = hub.connection(name).await?;
    let was = connection.state;
    if state == State::Active && was == State::Held {
        let hint = format!("Decide what is held: provost staged list \"{name}\"");
        return Err(Failure::new(
            format!("the connection \"{name}\" is held by the deletion guard"),
            hint,
        )
        .into());
    }
    let to = Condition {
        state,
        reason,
        failures: 0,
        next_try: 0,
    };
    hub.db
        .write(move |tx| connection::set_state(tx, &hub::actor(), clock::now(), &connection, &to))
        .await?;
    let answer = json!({"name": name, "state": state, "was": was});
    output::either(place.json, &answer, || {
        format!(
            "The connection \"{name}\" is {} (was {}).",
            state.name(),
            was.name()
        )
    })
}
