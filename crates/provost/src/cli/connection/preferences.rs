//! `provost connection preferences`: how a connection runs and what it may do.

use crate::cli::change::{self, Confirm};
use crate::cli::question::{self, Names};
use crate::cli::setting::Setting;
use crate::cli::{Place, field};
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::connection::{Connection, Preferences as Stored};
use provost_sync::Proposal;
use provost_sync::setup::PreferencesSaved;
use serde_json::{Value, json};

/// Which preferences.
#[derive(Debug, clap::Args)]
pub(crate) struct Preferences {
    /// The connection
    name: String,
    /// Preferences to change, such as mode=manual, allowed.create=false or leaver.groups=true; without any, they
    /// are shown
    #[arg(value_name = "NAME=VALUE")]
    words: Vec<Setting>,
    #[command(flatten)]
    confirm: Confirm,
}

impl Preferences {
    /// Shows them, or changes them and says what follows.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        let after = field::with("connection", &connection.preferences, &self.words)?;
        let mut saved = PreferencesSaved::default();
        if !self.words.is_empty() {
            means_others(hub, &connection, &after, self.confirm).await?;
            saved = save(hub, &connection, &after, self.confirm).await?;
        }
        let answer = json!({
            "connection": self.name, "preferences": after, "resync": saved.resync, "unsynced": saved.unsynced,
            "partially_synced": saved.partially_synced,
        });
        let text = shown(&after)?;
        output::either(place.json, &answer, || {
            let shown = format!("Preferences of \"{}\"\n{text}", self.name);
            match follows(&self.name, &saved) {
                Some(follows) => format!("{shown}\n\n{follows}"),
                None => shown,
            }
        })
    }
}

/// All of them, also what is empty.
pub(super) fn shown(preferences: &Stored) -> Result<String> {
    let mut fields = field::fields(preferences)?;
    if let Some(Value::Object(allowed)) = fields.get_mut("allowed") {
        allowed.entry("remove_action").or_insert(Value::Null);
    }
    field::text(&fields)
}

/// What a person should do after preferences were saved.
pub(super) fn follows(name: &str, saved: &PreferencesSaved) -> Option<String> {
    let resync = saved.resync.as_ref()?;
    Some(format!(
        "{resync}\nIt begins with: provost connection resync \"{name}\""
    ))
}

/// Where others are meant than before, shows who and asks.
pub(super) async fn means_others(
    hub: &Hub,
    connection: &Connection,
    after: &Stored,
    confirm: Confirm,
) -> Result<()> {
    after.check()?;
    if !change::means_others(&connection.preferences, after) {
        return Ok(());
    }
    let proposal = Proposal {
        preferences: Some(after.clone()),
        ..Proposal::default()
    };
    let preview = change::preview(hub, connection.key, &proposal).await?;
    change::confirm(&preview, confirm)
}

/// Saves them once the guards agree. Where others are meant than before, the next cycle looks at everybody: nobody's
/// row has changed, so nothing else would carry it out.
pub(super) async fn save(
    hub: &Hub,
    connection: &Connection,
    after: &Stored,
    confirm: Confirm,
) -> Result<PreferencesSaved> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    let saved = question::confirmed(confirm.yes, Names::Shown, async |confirmed| {
        engine
            .save_preferences(connection.key, after.clone(), &actor, confirmed)
            .await
    })
    .await?;
    if change::means_others(&connection.preferences, after) {
        engine.resync(connection.key, &actor).await?;
    }
    Ok(saved)
}

/// Has everybody looked at again by the next cycle.
pub(super) async fn resync(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    hub.engine()?.resync(connection.key, &hub::actor()).await?;
    output::either(place.json, &json!({"connection": name, "resync": true}), || {
        format!("The next cycle of \"{name}\" looks at everybody: provost cycle run \"{name}\"")
    })
}
