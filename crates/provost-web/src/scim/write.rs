//! What create, replace and PATCH have in common: the change inside the transaction, and the answer after it.

use super::exchange::{Exchange, tagged};
use super::membership::{self, Resolved};
use super::{render, resource_type};
use crate::error::{Error, Result};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::project::Projection;
use provost_scim::resource::{self, Document};
use provost_store::directory::{self, Change, Object};
use provost_store::member::Peer;
use provost_store::{Error as Store, Tx};

/// Bytes of a value by which a resource is found. An index entry of PostgreSQL holds 2,704, and case folding
/// can make a text three times as long.
const LONGEST_NAME: usize = 800;

/// Puts the new document, if there is one, and the new members in the place of `current`'s. When nothing
/// differs, nothing is written and the version stays.
///
/// # Errors
/// 409 `uniqueness` when the name is taken.
pub(crate) fn change(
    tx: &mut Tx,
    change: &Change,
    current: Object,
    document: Option<&Document>,
    members: &[Resolved],
) -> Result<Object> {
    let (kind, id) = (current.kind, current.id);
    let replaced = match document {
        Some(document) => {
            check_lengths(document)?;
            directory::replace(tx, change, &current, document).map_err(|e| taken(e, kind, document))?
        }
        None => None,
    };
    let object = replaced.unwrap_or(current);
    if membership::apply(tx, change, &object, members)? == 0 {
        return Ok(object);
    }
    // Members raise the version too.
    Ok(directory::get(tx, change.owner, kind, id)?.unwrap_or(object))
}

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

/// Says which value a conflict is about.
pub(crate) fn taken(error: Store, kind: Kind, document: &Document) -> Error {
    if error != Store::Conflict {
        return error.into();
    }
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

/// A stored document as an editable one.
///
/// # Errors
/// When the stored text is damaged.
pub(crate) fn document(object: &Object) -> Result<Document> {
    let damaged =
        |e: serde_json::Error| Store::Damaged(format!("the document of {} cannot be read: {e}", object.id));
    Ok(serde_json::from_str(&object.document).map_err(damaged)?)
}

/// The changed resource as the answer, with its memberships if they are to be shown.
pub(crate) async fn answer(x: &Exchange, object: Object, projection: &Projection) -> Result<Response> {
    let peers = peers(x, &object, projection).await?;
    let body = render::one(&x.base, &object, &peers, projection)?;
    Ok(tagged(x.json(StatusCode::OK, body), object.version))
}

/// The memberships to show of an object that was just written. They are read beside the writer: a large
/// group must not hold up other people's changes.
pub(crate) async fn peers(x: &Exchange, object: &Object, projection: &Projection) -> Result<Vec<Peer>> {
    if !membership::is_wanted(object.kind, projection) {
        return Ok(Vec::new());
    }
    let (kind, key) = (object.kind, object.key);
    let (db, read) = (x.state.db(), move |tx: &mut Tx| membership::peers(tx, kind, key));
    if kind == Kind::Person {
        db.read_short(read).await
    } else {
        db.read(read).await
    }
}

/// Says which habits of its client a request relied on.
pub(crate) fn note_habits(x: &Exchange, kind: Kind, habits: &Habits) {
    if !habits.is_empty() {
        let (provider, resource) = (&x.caller.provider().name, &resource_type(kind).name);
        tracing::debug!(%provider, %resource, ?habits, "tolerated what the standard does not say");
    }
}
