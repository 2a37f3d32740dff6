//! The recycle bin.

use super::super::body;
use super::super::caller::{Operator, Reader};
use super::super::connections::parameters;
use super::super::moment::Moment;
use super::super::paging;
use super::super::path::Path;
use super::super::problem::{Problem, Result};
use super::lists::word;
use super::shown::{Shown, shown};
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_engine::object::Kind;
use provost_store::Tx;
use provost_store::recycle::{self, Deleted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which of the deleted are listed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "DeletedAsked")]
pub(crate) struct Asked {
    /// `person`, or `group`; without it, people.
    kind: Option<KindWord>,
    /// The `next` of the page before; without it, the first.
    after: Option<i64>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// People or groups.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum KindWord {
    Person,
    Group,
}

/// Who was deleted and can be restored.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeletedPage")]
pub(crate) struct Bin {
    deleted: Vec<Line>,
    next: Option<i64>,
}

/// Somebody who was deleted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Deleted")]
struct Line {
    /// What restores and purges.
    key: i64,
    /// The id, before and after a restore.
    id: Uuid,
    /// `person` or `group`.
    kind: &'static str,
    /// What it was called.
    label: String,
    deleted: Moment,
    deleted_by: String,
    /// From when on it may be removed for good; none of who is blocked, whom the bin does not forget.
    purged_after: Option<Moment>,
    /// When an administrator had blocked the person.
    blocked: Option<Moment>,
}

/// `GET /deleted`.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    caller: Reader,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Bin>> {
    let asked = parameters(asked)?;
    let kind = match asked.kind {
        Some(KindWord::Group) => Kind::Group,
        Some(KindWord::Person) | None => Kind::Person,
    };
    let (workspace, limit) = (caller.workspace(), paging::lines(asked.limit));
    let after = asked.after.unwrap_or(0);
    let read = move |tx: &mut Tx| recycle::all(tx, workspace, kind, after, limit);
    let found: Vec<Deleted> = state.db().read(read).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().map(|last| last.key).filter(|_| is_full);
    let deleted = found.into_iter().map(line).collect();
    Ok(Json(Bin { deleted, next }))
}

fn line(one: Deleted) -> Line {
    Line {
        key: one.key,
        id: one.id,
        kind: word(one.kind),
        deleted: Moment::at(one.deleted),
        purged_after: one.blocked.is_none().then(|| Moment::at(one.purge_after)),
        blocked: one.blocked.map(Moment::at),
        label: one.label,
        deleted_by: one.deleted_by,
    }
}

fn find(tx: &mut Tx, workspace: i64, key: i64) -> Result<Deleted> {
    let found = recycle::get(tx, key)?.filter(|one| one.workspace == workspace);
    found.ok_or_else(|| {
        Problem::unknown(
            "PRV-DELETED-UNKNOWN",
            "deleted person or group",
            &key.to_string(),
            "deleted",
        )
    })
}

/// `POST /deleted/{key}/restore`.
pub(crate) async fn restore(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
) -> Result<Json<Shown>> {
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        find(tx, workspace, key)?;
        let back = recycle::restore(tx, &actor, now, key)?;
        shown(tx, &back)
    };
    Ok(Json(state.db().write(write).await?))
}

/// What a person has confirmed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Typed")]
pub(crate) struct Confirmed {
    confirm: Typed,
}

/// What was typed.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "TypedName")]
struct Typed {
    /// The label of who is removed for good.
    typed: String,
}

/// `POST /deleted/{key}/purge`: nothing brings them back, so their name has to be typed.
pub(crate) async fn purge(
    extract::State(state): extract::State<State>,
    caller: Operator,
    Path(key): Path<i64>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let Confirmed { confirm } = body::read(&state, &headers, body).await?;
    let (workspace, actor, now) = (caller.workspace(), caller.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = find(tx, workspace, key)?;
        if confirm.typed != found.label {
            let detail = format!(
                "{} would be removed for good with everything that is kept of them",
                found.label
            );
            let hint = "This cannot be undone. Send the label as `confirm.typed` to do it.";
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "PRV-PURGE-UNCONFIRMED",
                detail,
                hint,
            ));
        }
        Ok(recycle::purge(tx, &actor, now, key)?)
    };
    state.db().write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
