//! People and groups as pages list them: by name, or by the beginning of a name, a display name or an e-mail
//! address. Every list is a walk along an index from the place where the page before ended, so that its cost does
//! not grow with the directory or with the depth.

mod place;
mod walk;

pub(crate) use walk::STATEMENTS;

use super::Object;
use crate::{Error, Result, Tx};
use place::{Part, Place};
use provost_engine::object::Kind;
use provost_scim::resource::{self, Document};
use uuid::Uuid;
use walk::Walk;

/// Which people or groups are asked for.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The workspace.
    pub workspace: i64,
    /// People or groups.
    pub kind: Kind,
    /// The beginning of a name, a display name or the first e-mail address, in any letter case. Who is found by the
    /// name comes first, then by the display name, then by the address.
    pub search: Option<String>,
    /// Only after this place: the `next` of the page before.
    pub after: Option<String>,
    /// Only this owner's: an inbound provider's key, or the workspace's.
    pub owner: Option<i64>,
}

/// A person or a group as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedLine {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// What to call it: display name, else user name.
    pub label: String,
    /// A person's user name, a group's display name, as it was written.
    pub name: String,
    /// A person's first e-mail address.
    pub email: Option<String>,
    /// Person or group.
    pub kind: Kind,
    /// What the provider says of a person; groups always are.
    pub active: bool,
    /// Whether an administrator blocked the person.
    pub blocked: bool,
    /// Whose it is: an inbound provider's key, or the workspace's.
    pub owner: i64,
    /// When it last changed.
    pub modified: i64,
}

impl NamedLine {
    /// What a list shows of an object.
    ///
    /// # Errors
    /// [`Error::Damaged`] when its document is no JSON object.
    pub fn of(object: Object) -> Result<Self> {
        let document: Document =
            serde_json::from_str(&object.document).map_err(|e| Error::Damaged(e.to_string()))?;
        let is_person = object.kind == Kind::Person;
        let name = if is_person {
            resource::user_name(&document)
        } else {
            resource::display_name(&document)
        };
        let email = resource::emails(&document).next().filter(|_| is_person);
        Ok(Self {
            key: object.key,
            id: object.id,
            name: name.unwrap_or_default().to_owned(),
            email: email.map(str::to_owned),
            kind: object.kind,
            active: object.active,
            blocked: object.blocked.is_some(),
            owner: object.owner,
            modified: object.modified,
            label: object.label,
        })
    }
}

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamedPage {
    /// The lines.
    pub lines: Vec<NamedLine>,
    /// Where to go on; none at the end. A page of a search, or of one owner's, may have fewer lines than were asked for,
    /// even none, and still go on: one search looks at 3,000 rows, or 25,500 entries of an index, at most.
    pub next: Option<String>,
}

/// A page of a workspace's people or groups.
///
/// # Errors
/// [`Error::Refused`] (`PRV-LIST-POSITION`) for an `after` that is none of ours; any error of the database.
pub fn list_named(tx: &mut Tx, asked: &Listing, limit: usize) -> Result<NamedPage> {
    let low = asked.search.as_deref().map(str::trim).map(resource::fold);
    let low = low.unwrap_or_default().replace('\0', "");
    let from = match &asked.after {
        None => Place::before(Part::Name, &low),
        Some(text) => Place::of(text).ok_or_else(unknown_place)?,
    };
    let mut walk = Walk::new(asked, low, limit, from.clone());
    walk.run(tx, from)?;
    Ok(walk.into_page())
}

fn unknown_place() -> Error {
    Error::refused(
        "PRV-LIST-POSITION",
        "this place in the list is not known",
        "Begin with the first page.",
    )
}
