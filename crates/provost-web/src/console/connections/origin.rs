//! Which template a connection was made from: it knows the application's attributes better than the standard does.

use crate::api::templates::Template;
use crate::console::refusal::Result;
use crate::state::State;
use provost_store::connection::Connection;
use provost_store::setting;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The workspace's setting: names of templates by the ids of connections.
const SETTING: &str = "connection.templates";

/// The template of a connection; none where nobody noted one, or it is gone.
///
/// # Errors
/// Any error of the store.
pub(super) async fn of<'a>(state: &'a State, connection: &Connection) -> Result<Option<&'a Template>> {
    let workspace = connection.workspace;
    let kept = state
        .db()
        .read(move |tx| setting::get(tx, workspace, SETTING))
        .await?;
    let name = kept
        .as_ref()
        .and_then(|kept| kept.get(connection.id.to_string())?.as_str());
    Ok(name.and_then(|name| state.templates().iter().find(|one| one.name == name)))
}

/// Notes the template of a new connection; none forgets it.
///
/// # Errors
/// Any error of the store.
pub(super) async fn note(
    state: &State,
    workspace: i64,
    connection: Uuid,
    template: Option<&str>,
    actor: &str,
    now: i64,
) -> Result<()> {
    let (actor, template) = (actor.to_owned(), template.map(str::to_owned));
    state
        .db()
        .write(move |tx| {
            let mut kept = match setting::get(tx, workspace, SETTING)? {
                Some(Value::Object(kept)) => kept,
                _ => Map::new(),
            };
            let before = kept.len();
            match &template {
                Some(name) => drop(kept.insert(connection.to_string(), name.as_str().into())),
                None => drop(kept.remove(&connection.to_string())),
            }
            if template.is_none() && kept.len() == before {
                return Ok(());
            }
            setting::put(tx, &actor, now, workspace, SETTING, &Value::Object(kept))
        })
        .await?;
    Ok(())
}
