//! Who is meant by a text.

use crate::failure::Failure;
use crate::hub::Hub;
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::recycle::{self, Deleted};

/// The one person that is meant.
///
/// # Errors
/// When nobody is, with whether they are in the recycle bin; when several are, with their ids.
pub(super) async fn person(hub: &Hub, text: &str) -> Result<Object> {
    let (workspace, wanted) = (hub.workspace.key, text.to_owned());
    let (mut found, gone) = hub
        .db
        .read(move |tx| {
            let found = directory::find(tx, workspace, &wanted)?;
            let gone = recycle::find(tx, workspace, &wanted)?;
            Ok::<_, provost_store::Error>((found, gone))
        })
        .await?;
    found.retain(|one| one.kind == Kind::Person);
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => Err(nobody(text, &gone)),
        _ => Err(several(
            text,
            found.iter().map(|one| format!("{} ({})", one.label, one.id)),
        )),
    }
}

fn nobody(text: &str, gone: &[Deleted]) -> anyhow::Error {
    let hint = match gone.iter().find(|one| one.kind == Kind::Person) {
        Some(_) => format!("They were deleted and can be restored: `provost person restore \"{text}\"`"),
        None => "Give a user name, an e-mail address, a display name, an external id or the directory's id, in full."
            .to_owned(),
    };
    Failure::new(format!("nobody is known as \"{text}\""), hint).into()
}

/// The one deleted person or group that is meant.
///
/// # Errors
/// When there is none, and when there are several, with their keys.
pub(super) async fn deleted(hub: &Hub, text: &str) -> Result<Deleted> {
    let (workspace, wanted) = (hub.workspace.key, text.to_owned());
    let mut found = hub
        .db
        .read(move |tx| {
            let mut found = recycle::find(tx, workspace, &wanted)?;
            if found.is_empty()
                && let Ok(key) = wanted.parse()
            {
                found.extend(recycle::get(tx, key)?.filter(|one| one.workspace == workspace));
            }
            Ok::<_, provost_store::Error>(found)
        })
        .await?;
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => {
            let hint = "`provost person deleted` shows who can be restored, with the keys.";
            Err(Failure::new(format!("the recycle bin has nobody known as \"{text}\""), hint).into())
        }
        _ => Err(several(
            text,
            found.iter().map(|one| format!("{} (key {})", one.label, one.key)),
        )),
    }
}

fn several(text: &str, all: impl Iterator<Item = String>) -> anyhow::Error {
    let named: Vec<String> = all.collect();
    let hint = format!(
        "Name one of them by what stands in brackets:\n  {}",
        named.join("\n  ")
    );
    Failure::new(format!("\"{text}\" can mean {} of them", named.len()), hint).into()
}
