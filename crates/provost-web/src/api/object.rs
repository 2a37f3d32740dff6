//! Finding the person or group that a request names.

use super::problem::{Problem, Result};
use crate::state::State;
use axum::http::StatusCode;
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::{Error as Store, Tx, recycle};
use uuid::Uuid;

/// The inside key of whoever `text` names in the workspace: by public id, or a person by userName. People and
/// groups that were deleted and can be restored are found by id too.
///
/// # Errors
/// 404 when there is nobody.
pub(super) async fn find(state: &State, workspace: i64, text: &str) -> Result<i64> {
    let wanted = text.trim().to_owned();
    let read = move |tx: &mut Tx| {
        if let Ok(id) = Uuid::try_parse(&wanted)
            && let Some((key, _)) = directory::key_by_id(tx, workspace, id)?
        {
            return Ok(Some(key));
        }
        if let Some(person) = directory::holder(tx, workspace, Kind::Person, &wanted)? {
            return Ok(Some(person.key));
        }
        let deleted = recycle::find(tx, workspace, &wanted)?;
        Ok::<_, Store>(deleted.first().map(|one| one.key))
    };
    state.db().read(read).await?.ok_or_else(|| nobody(text))
}

/// Whoever `text` names and is in the directory: by public id, or a person by userName.
///
/// # Errors
/// Any error of the store.
pub(super) fn present(tx: &mut Tx, workspace: i64, text: &str) -> std::result::Result<Option<Object>, Store> {
    let wanted = text.trim();
    match Uuid::try_parse(wanted) {
        Ok(id) => match directory::key_by_id(tx, workspace, id)? {
            Some((key, _)) => directory::by_key(tx, key),
            None => Ok(None),
        },
        Err(_) => directory::holder(tx, workspace, Kind::Person, wanted),
    }
}

/// The refusal of a name that is nobody's.
pub(super) fn nobody(text: &str) -> Problem {
    // What was asked for is repeated, but not at any length.
    let shown: String = text.chars().take(64).collect();
    Problem::new(
        StatusCode::NOT_FOUND,
        "PRV-OBJECT-UNKNOWN",
        format!("the workspace has nobody and no group \"{shown}\""),
        "Give the id of a person or group, or a person's userName.",
    )
}
