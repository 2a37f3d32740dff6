//! Which person or group is meant by a text.

use crate::failure::Failure;
use crate::hub::Hub;
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::{Tx, directory, link, recycle};
use uuid::Uuid;

/// A person or group that is or was in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// What to call it.
    pub label: String,
    /// Person or group.
    pub kind: Kind,
    /// Whether it has left the directory.
    pub gone: bool,
}

/// The one person or group that is meant and is in the directory.
///
/// # Errors
/// When nobody is, and when several are, with their ids.
pub(crate) async fn present(hub: &Hub, text: &str) -> Result<Named> {
    let (workspace, wanted) = (hub.workspace.key, text.to_owned());
    let found = hub.db.read(move |tx| living(tx, workspace, &wanted)).await?;
    one(text, found)
}

/// The same for each text, in their order and each once.
///
/// # Errors
/// As [`present`], for the first text that is not one of them.
pub(crate) async fn all(hub: &Hub, texts: &[String]) -> Result<Vec<Named>> {
    each_once(texts, async |text| present(hub, text).await).await
}

/// [`all`], also of those who have left the directory.
///
/// # Errors
/// As [`all`].
pub(crate) async fn all_or_gone(hub: &Hub, texts: &[String]) -> Result<Vec<Named>> {
    each_once(texts, async |text| present_or_gone(hub, text).await).await
}

async fn each_once(texts: &[String], find: impl AsyncFn(&str) -> Result<Named>) -> Result<Vec<Named>> {
    let mut all: Vec<Named> = Vec::new();
    for text in texts {
        let named = find(text).await?;
        if !all.contains(&named) {
            all.push(named);
        }
    }
    Ok(all)
}

/// The one that is meant, also when it has left the directory.
///
/// # Errors
/// As [`present`].
pub(crate) async fn present_or_gone(hub: &Hub, text: &str) -> Result<Named> {
    let (workspace, wanted) = (hub.workspace.key, text.to_owned());
    let found = hub
        .db
        .read(move |tx| {
            let mut found = living(tx, workspace, &wanted)?;
            if found.is_empty() {
                found = deleted(tx, workspace, &wanted)?;
            }
            if found.is_empty() {
                found = linked(tx, workspace, &wanted)?;
            }
            Ok::<_, provost_store::Error>(found)
        })
        .await?;
    one(text, found)
}

fn living(tx: &mut Tx, workspace: i64, text: &str) -> provost_store::Result<Vec<Named>> {
    let found = directory::find(tx, workspace, text)?.into_iter();
    Ok(found
        .map(|one| Named {
            key: one.key,
            id: one.id,
            label: one.label,
            kind: one.kind,
            gone: false,
        })
        .collect())
}

fn deleted(tx: &mut Tx, workspace: i64, text: &str) -> provost_store::Result<Vec<Named>> {
    let found = recycle::find(tx, workspace, text)?.into_iter();
    Ok(found
        .map(|one| Named {
            key: one.key,
            id: one.id,
            label: one.label,
            kind: one.kind,
            gone: true,
        })
        .collect())
}

/// Somebody who is remembered by an account only: the recycle bin has let them go.
fn linked(tx: &mut Tx, workspace: i64, text: &str) -> provost_store::Result<Vec<Named>> {
    let links = match Uuid::parse_str(text) {
        Ok(id) => link::by_object_id(tx, id)?,
        Err(_) => link::by_label(tx, text)?,
    };
    let mut found: Vec<Named> = Vec::new();
    for connection in provost_store::connection::all(tx, workspace)? {
        for rule in provost_store::rule::of_connection(tx, connection.key)? {
            let of_rule = links.iter().filter(|link| link.rule == rule.key);
            for link in of_rule {
                if !found.iter().any(|named| named.key == link.object) {
                    found.push(Named {
                        key: link.object,
                        id: link.object_id,
                        label: link.label.clone(),
                        kind: rule.kind,
                        gone: true,
                    });
                }
            }
        }
    }
    Ok(found)
}

fn one(text: &str, mut found: Vec<Named>) -> Result<Named> {
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => {
            let hint = "Give a user name, an e-mail address, a display name, an external id or the directory's id, in full.";
            Err(Failure::new(format!("nobody is known as \"{text}\""), hint).into())
        }
        many => {
            let named: Vec<String> = found
                .iter()
                .map(|one| format!("{} {} ({})", one.kind, one.label, one.id))
                .collect();
            let hint = format!(
                "Name one of them by what stands in brackets:\n  {}",
                named.join("\n  ")
            );
            Err(Failure::new(format!("\"{text}\" can mean {many} of them"), hint).into())
        }
    }
}
