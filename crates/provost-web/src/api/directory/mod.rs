//! `/api/v1/people` and `/api/v1/groups`: who is in the directory. What an inbound provider that is in use keeps is
//! changed there and only read here; a block, which no provider lifts, is set here.

mod bin;
mod block;
mod change;
mod lists;
mod members;
mod shown;
mod sign_in;

use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::State;
use axum::http::StatusCode;
use provost_engine::object::Kind;
use provost_store::directory::Object;
use provost_store::provider::{self, State as ProviderState};
use provost_store::{Tx, directory};
use uuid::Uuid;

const PEOPLE: &str = "People";
const GROUPS: &str = "Groups";

pub(super) fn routes(api: Interface) -> Interface {
    bin_routes(group_routes(sign_in::routes(person_routes(api))))
}

fn person_routes(api: Interface) -> Interface {
    let about = |summary| Operation::new(PEOPLE, summary);
    api.get(
        "/api/v1/people",
        Act::Look,
        lists::people,
        about("people by name")
            .query::<lists::Asked>()
            .answers::<lists::People>(),
    )
    .post(
        "/api/v1/people",
        Act::Access,
        change::add_person,
        about("adds a person of the directory's own")
            .body::<change::NewPerson>()
            .makes::<shown::Shown>()
            .tagged(),
    )
    .get(
        "/api/v1/people/{who}",
        Act::Look,
        shown::person,
        about("one person, with all attributes")
            .answers::<shown::Shown>()
            .tagged(),
    )
    .patch(
        "/api/v1/people/{who}",
        Act::Access,
        change::change_person,
        about("changes attributes; `null` takes one away")
            .body::<change::Changed>()
            .answers::<shown::Shown>()
            .tagged()
            .conditional(),
    )
    .delete(
        "/api/v1/people/{who}",
        Act::Access,
        change::delete_person,
        about("moves a person to the recycle bin").silent().conditional(),
    )
    .post(
        "/api/v1/people/{who}/block",
        Act::Access,
        block::block,
        about("every target disables the account, whatever a provider says")
            .body::<block::Because>()
            .answers::<shown::Shown>(),
    )
    .post(
        "/api/v1/people/{who}/unblock",
        Act::Access,
        block::unblock,
        about("the provider decides again").answers::<shown::Shown>(),
    )
    .get(
        "/api/v1/people/{who}/groups",
        Act::Look,
        members::of_person,
        about("the groups that a person is in")
            .query::<super::paging::Page>()
            .answers::<members::Groups>(),
    )
}

fn group_routes(api: Interface) -> Interface {
    let about = |summary| Operation::new(GROUPS, summary);
    api.get(
        "/api/v1/groups",
        Act::Look,
        lists::groups,
        about("groups by name")
            .query::<lists::Asked>()
            .answers::<lists::Groups>(),
    )
    .post(
        "/api/v1/groups",
        Act::Access,
        change::add_group,
        about("adds a group of the directory's own")
            .body::<change::NewGroup>()
            .makes::<shown::Shown>()
            .tagged(),
    )
    .get(
        "/api/v1/groups/{who}",
        Act::Look,
        shown::group,
        about("one group").answers::<shown::Shown>().tagged(),
    )
    .patch(
        "/api/v1/groups/{who}",
        Act::Access,
        change::change_group,
        about("changes attributes; `null` takes one away")
            .body::<change::Changed>()
            .answers::<shown::Shown>()
            .tagged()
            .conditional(),
    )
    .delete(
        "/api/v1/groups/{who}",
        Act::Access,
        change::delete_group,
        about("moves a group to the recycle bin").silent().conditional(),
    )
    .get(
        "/api/v1/groups/{who}/members",
        Act::Look,
        members::of_group,
        about("who is in a group")
            .query::<super::paging::Page>()
            .answers::<members::Members>(),
    )
    .post(
        "/api/v1/groups/{who}/members",
        Act::Access,
        members::change,
        about("adds and takes out members")
            .body::<members::Change>()
            .answers::<members::Changed>()
            .conditional(),
    )
}

fn bin_routes(api: Interface) -> Interface {
    let about = |summary| Operation::new(PEOPLE, summary);
    api.get(
        "/api/v1/deleted",
        Act::Look,
        bin::list,
        about("who was deleted and can be restored")
            .query::<bin::Asked>()
            .answers::<bin::Bin>(),
    )
    .post(
        "/api/v1/deleted/{key}/restore",
        Act::Access,
        bin::restore,
        about("brings somebody back with the id that they had").answers::<shown::Shown>(),
    )
    .post(
        "/api/v1/deleted/{key}/purge",
        Act::Access,
        bin::purge,
        about("removes somebody for good, with `confirm.typed`")
            .body::<bin::Confirmed>()
            .silent(),
    )
}

/// The one person or group that is meant: by id, a person by userName too.
///
/// # Errors
/// 404 when there is nobody of this kind.
async fn find(state: &State, workspace: i64, kind: Kind, text: &str) -> Result<Object> {
    let wanted = text.to_owned();
    let read = move |tx: &mut Tx| Ok::<_, Problem>(look(tx, workspace, kind, &wanted)?);
    state
        .db()
        .read_short(read)
        .await?
        .ok_or_else(|| nobody(kind, text))
}

/// The same within a transaction.
fn look(tx: &mut Tx, workspace: i64, kind: Kind, text: &str) -> provost_store::Result<Option<Object>> {
    if let Ok(id) = Uuid::try_parse(text.trim()) {
        let Some((key, found)) = directory::key_by_id(tx, workspace, id)? else {
            return Ok(None);
        };
        return if found == kind {
            directory::by_key(tx, key)
        } else {
            Ok(None)
        };
    }
    match kind {
        Kind::Person => directory::holder(tx, workspace, kind, text.trim()),
        Kind::Group => Ok(None),
    }
}

fn nobody(kind: Kind, text: &str) -> Problem {
    let shown: String = text.chars().take(64).collect();
    let (what, hint) = match kind {
        Kind::Person => (
            "person",
            "GET /api/v1/people lists who there is; give an id or a userName.",
        ),
        Kind::Group => (
            "group",
            "GET /api/v1/groups lists those that there are; give an id.",
        ),
    };
    let detail = format!("the directory has no {what} \"{shown}\"");
    Problem::new(StatusCode::NOT_FOUND, "PRV-OBJECT-UNKNOWN", detail, hint)
}

/// Refuses to change what an inbound provider keeps: its next request would be about something else than it believes.
///
/// # Errors
/// 409 `PRV-OBJECT-OWNED`.
fn refuse_owned(tx: &mut Tx, object: &Object) -> Result<()> {
    let Some(owner) = provider::by_key(tx, object.owner)? else {
        return Ok(());
    };
    if owner.state != ProviderState::Saved {
        return Ok(());
    }
    let detail = format!(
        "{} is kept by the inbound provider \"{}\"",
        object.label, owner.name
    );
    let hint = "Change it there. To take access away at once, block the person; no provider lifts that.";
    Err(Problem::new(
        StatusCode::CONFLICT,
        "PRV-OBJECT-OWNED",
        detail,
        hint,
    ))
}
