//! What create, replace and PATCH have in common: the change inside the transaction, and the answer after it.

use super::done::{Done, Shown, View};
use super::edit::Edited;
use super::exchange::Exchange;
use super::{membership, render};
use crate::error::{Error, Result};
use axum::http::StatusCode;
use provost_engine::object::Kind;
use provost_scim::project::Projection;
use provost_scim::resource::{self, Document};
use provost_store::directory::Object;
use provost_store::member::Peer;
use provost_store::{Error as Store, Tx};

/// Bytes of a value by which a resource is found. An index entry of PostgreSQL holds 2,704, and case folding
/// can make a text three times as long.
const LONGEST_NAME: usize = 800;

/// Refuses values by which resources are found and which no index can hold.
///
/// # Errors
/// 400 `invalidValue` for a name, an identifier or an address over [`LONGEST_NAME`] bytes.
pub(crate) fn check_lengths(document: &Document) -> Result<()> {
    let single = [
        ("userName", resource::user_name(document)),
        ("displayName", resource::display_name(document)),
        ("externalId", resource::external_id(document)),
    ];
    let single = single
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let emails = resource::emails(document).map(|value| ("emails", value));
    match single.chain(emails).find(|(_, value)| value.len() > LONGEST_NAME) {
        None => Ok(()),
        Some((name, value)) => {
            let length = value.len();
            let detail = format!("{name}: a value of {length} bytes; it may have {LONGEST_NAME} at most");
            Err(provost_scim::Error::invalid_value(detail).into())
        }
    }
}

/// The error of a name that is taken, which says what name it is.
pub(crate) fn taken(kind: Kind, document: &Document) -> Error {
    let (attribute, value, whose) = match kind {
        Kind::Person => ("userName", resource::user_name(document), "person"),
        Kind::Group => ("displayName", resource::display_name(document), "group"),
    };
    let shown: String = value.unwrap_or_default().chars().take(256).collect();
    provost_scim::Error::uniqueness(format!(
        "{attribute} {shown} is already in use by another {whose}"
    ))
    .into()
}

/// Says which value a conflict is about; any other error stays what it is.
pub(crate) fn conflict(error: Store, kind: Kind, document: &Document) -> Error {
    if error == Store::Conflict {
        taken(kind, document)
    } else {
        error.into()
    }
}

/// A stored document as an editable one.
///
/// # Errors
/// When the stored text is damaged.
pub(crate) fn document(object: &Object) -> Result<Document> {
    let damaged =
        |e: serde_json::Error| Store::Damaged(format!("the document of {} cannot be read: {e}", object.id));
    Ok(serde_json::from_str(&object.document).map_err(damaged)?)
}

/// The body for an object that was just written, with its memberships if they are to be shown. Those are read
/// beside the writer: a large group must not hold up other people's changes.
pub(crate) async fn shown(x: &Exchange, object: &Object, view: &View) -> Result<Shown> {
    let Some(projection) = view.projection() else {
        return Ok(Shown::nothing(object));
    };
    let (kind, key) = (object.kind, object.key);
    let read = move |tx: &mut Tx| membership::peers(tx, kind, key);
    let peers = match (membership::is_wanted(kind, projection), kind) {
        (false, _) => Vec::new(),
        (true, Kind::Person) => x.state.db().read_short(read).await?,
        (true, Kind::Group) => x.state.db().read(read).await?,
    };
    with_peers(x, object, &peers, projection)
}

/// The answer about an object that was changed. A person's groups were read with it: a change of the person
/// does not change them.
pub(crate) async fn answer(x: &Exchange, edited: Edited, view: View) -> Result<Done> {
    let Edited {
        object,
        groups,
        requested,
    } = edited;
    let view = view.with_requested(requested);
    let shown = match view.projection() {
        Some(projection) if object.kind == Kind::Person => with_peers(x, &object, &groups, projection)?,
        _ => shown(x, &object, &view).await?,
    };
    Ok(Done::with(x, StatusCode::OK, &object, shown))
}

fn with_peers(x: &Exchange, object: &Object, peers: &[Peer], projection: &Projection) -> Result<Shown> {
    Ok(Shown {
        body: Some(render::one(x, object, peers, projection)?),
        version: render::version(object, peers),
    })
}
