//! `provost connection rename` and `remove`.

use crate::cli::Place;
use crate::hub::{self, Hub};
use crate::{ask, output, progress};
use anyhow::Result;
use provost_store::connection::Connection;
use provost_store::{link, rule};
use provost_sync::setup::ConnectionChange;
use serde_json::json;

/// What is removed.
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    /// The connection
    name: String,
    /// Its name once more, instead of typing it when asked
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// Gives a connection another name.
pub(super) async fn rename(place: &Place, hub: &Hub, name: &str, to: String) -> Result<()> {
    let connection = hub.connection(name).await?;
    let change = ConnectionChange {
        name: Some(to.clone()),
        ..ConnectionChange::default()
    };
    let engine = hub.engine()?;
    engine
        .change_connection(connection.key, &change, &hub::actor(), false)
        .await?;
    let answer = json!({"was": name, "name": to});
    output::either(place.json, &answer, || {
        format!("The connection \"{name}\" is called \"{to}\" now. Nothing else was changed.")
    })
}

impl Remove {
    /// Forgets the connection. The accounts in the target stay as they are.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let key = connection.key;
        let (linked, is_used) = hub
            .db
            .read(move |tx| {
                let (mut linked, mut is_used) = (0, false);
                for stored in rule::of_connection(tx, key)? {
                    linked += link::count(tx, stored.key)?;
                    is_used |= stored.rule.enabled;
                }
                Ok::<_, provost_store::Error>((linked, is_used))
            })
            .await?;
        if is_used {
            // The guard refuses it, and says by which rules: nobody has to type a name for that.
            return forget(hub, &connection).await;
        }
        let accounts = output::count(linked, "person or group", "people and groups");
        let question = format!(
            "The connection \"{}\" is forgotten with its rules, its secrets and its links of {accounts}. What it made \
             in the target stays there; nobody is disabled. This cannot be undone.",
            self.name
        );
        ask::name(&question, &self.name, self.confirm.as_deref())?;
        forget(hub, &connection).await?;
        let answer = json!({"removed": self.name, "links": linked});
        output::either(place.json, &answer, || {
            let name = &self.name;
            match linked {
                0 => format!("The connection \"{name}\" is removed. It had linked nobody."),
                _ => format!(
                    "The connection \"{name}\" is removed. {accounts} stay in the target as they are."
                ),
            }
        })
    }
}

async fn forget(hub: &Hub, connection: &Connection) -> Result<()> {
    let spinner = progress::spinner(&format!("removing {}", connection.name));
    let gone = hub.engine()?.drop_connection(connection.key, &hub::actor()).await;
    spinner.finish_and_clear();
    Ok(gone?)
}
