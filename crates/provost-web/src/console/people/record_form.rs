//! `GET` and `POST /people/new`, `/groups/new` and `…/{id}/edit`: who is kept by hand, because no provider sends them.

use super::access::present;
use super::draft::{self, fields};
use super::{acts, entered};
use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place::Somebody;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::resource::Document;
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::{Error as Store, Tx, extension, provider};
use uuid::Uuid;

pub(super) use super::access::Place;

/// What a person kept by hand may do here: no more than who a provider sends.
const ROLE: &str = "user";

#[derive(Template)]
#[template(path = "people/form.html")]
struct Page {
    frame: Frame,
    heading: &'static str,
    is_new: bool,
    is_person: bool,
    is_active: bool,
    fields: Vec<FieldView>,
    faults: Faults,
    action: String,
    back: String,
}

/// A field with what stands in it.
struct FieldView {
    name: &'static str,
    label: &'static str,
    value: String,
    is_required: bool,
}

/// What came of a form.
enum Written {
    Done(Object),
    Wrong(Faults),
}

/// The empty form of a person.
pub(crate) async fn new_person(visitor: Visitor) -> Result<Response> {
    new(&visitor, Kind::Person)
}

/// The empty form of a group.
pub(crate) async fn new_group(visitor: Visitor) -> Result<Response> {
    new(&visitor, Kind::Group)
}

fn new(visitor: &Visitor, kind: Kind) -> Result<Response> {
    let space = Space::of(visitor.workspace()?);
    let view = view(visitor, kind, None, &space, Faults::none(), |one| {
        (one.of(&Document::default()), true)
    });
    Ok(page::html(StatusCode::OK, &view))
}

/// Adds a person.
pub(crate) async fn create_person(
    state: extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    create(&state, &visitor, Kind::Person, form).await
}

/// Adds a group.
pub(crate) async fn create_group(
    state: extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    create(&state, &visitor, Kind::Group, form).await
}

async fn create(state: &State, visitor: &Visitor, kind: Kind, form: Form) -> Result<Response> {
    let inside = visitor.workspace()?;
    let (owner, space) = (by_hand(inside.key), Space::of(inside));
    let (actor, sent, id, now) = (visitor.actor(), form.clone(), Uuid::now_v7(), now());
    let language = visitor.language;
    let write = move |tx: &mut Tx| {
        let catalogue = extension::catalogue(tx, owner.workspace)?;
        let document = match draft::written(&catalogue, kind, &Document::default(), &sent, language) {
            Ok(document) => document,
            Err(faults) => return Ok(Written::Wrong(faults)),
        };
        let change = Change {
            owner,
            actor: &actor,
            now,
        };
        let placement = Placement {
            role: ROLE,
            team: None,
            permission: None,
        };
        directory::create(tx, &change, kind, id, &document, &placement).map(Written::Done)
    };
    let faults = match settled(state.db().write(write).await, kind, visitor)? {
        Written::Done(object) => {
            let address = match kind {
                Kind::Person => space.person(object.id),
                Kind::Group => space.group(object.id),
            };
            return Ok(page::elsewhere(&done::after(&address, "added")));
        }
        Written::Wrong(faults) => faults,
    };
    Ok(again(visitor, kind, None, &space, faults, &form))
}

/// The form of somebody.
pub(crate) async fn edit(state: extract::State<State>, visitor: Visitor, place: Place) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    refuse(&state, &visitor, &who).await?;
    let document = document(&object)?;
    let view = view(
        &visitor,
        who.kind,
        Some(&who),
        &who.space,
        Faults::none(),
        |one| (one.of(&document), object.active),
    );
    Ok(page::html(StatusCode::OK, &view))
}

/// Changes somebody.
pub(crate) async fn save(
    state: extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, object) = present(&state, &visitor, place).await?;
    refuse(&state, &visitor, &who).await?;
    let (actor, sent, kind, now) = (visitor.actor(), form.clone(), who.kind, now());
    let language = visitor.language;
    let write = move |tx: &mut Tx| {
        // What somebody else changed in the meantime, and the form does not ask for, stays.
        let current = directory::by_key(tx, object.key)?.unwrap_or_else(|| object.clone());
        let catalogue = extension::catalogue(tx, current.workspace)?;
        let document = match draft::written(&catalogue, kind, &document(&current)?, &sent, language) {
            Ok(document) => document,
            Err(faults) => return Ok(Written::Wrong(faults)),
        };
        let change = Change {
            owner: current.owned_by(),
            actor: &actor,
            now,
        };
        let changed = directory::replace(tx, &change, &current, &document)?;
        Ok(Written::Done(changed.unwrap_or(current)))
    };
    match settled(state.db().write(write).await, kind, &visitor)? {
        Written::Done(_) => Ok(page::elsewhere(&done::after(&who.address(), "edited"))),
        Written::Wrong(faults) => Ok(again(&visitor, kind, Some(&who), &who.space, faults, &form)),
    }
}

/// A name that is taken is a fault of its field.
fn settled(written: std::result::Result<Written, Store>, kind: Kind, visitor: &Visitor) -> Result<Written> {
    match written {
        Err(Store::Conflict) => {
            let (field, sentence) = match kind {
                Kind::Person => (
                    "user_name",
                    text("Somebody in this workspace has this user name already."),
                ),
                Kind::Group => ("display_name", text("There is a group of this name already.")),
            };
            Ok(Written::Wrong(Faults::one(field, visitor.language.t(sentence))))
        }
        Err(error) => entered::fault(error, "").map(Written::Wrong),
        Ok(written) => Ok(written),
    }
}

/// Only who is kept by hand is changed by hand.
async fn refuse(state: &State, visitor: &Visitor, who: &Somebody) -> Result<()> {
    if who.is_by_hand() {
        return Ok(());
    }
    let owner = who.owner().unwrap_or_default();
    let owner = state
        .db()
        .read_short(move |tx| provider::by_key(tx, owner))
        .await?;
    let sentence = acts::by_provider(visitor, who, owner.as_ref());
    let sentence = sentence.trim_end_matches('.').to_owned();
    Err(Refusal::Entered(sentence, "Nothing was changed.".to_owned()))
}

/// Whose objects administrators keep.
pub(super) fn by_hand(workspace: i64) -> Owner {
    Owner {
        workspace,
        key: workspace,
    }
}

fn document(object: &Object) -> std::result::Result<Document, Store> {
    serde_json::from_str(&object.document)
        .map_err(|error| Store::Damaged(format!("the document of {} cannot be read: {error}", object.id)))
}

/// The same form with what was typed, and what is wrong with it.
fn again(
    visitor: &Visitor,
    kind: Kind,
    who: Option<&Somebody>,
    space: &Space,
    faults: Faults,
    form: &Form,
) -> Response {
    let typed = |one: &draft::Field| (form.get(one.name).to_owned(), form.is_on("active"));
    page::html(
        StatusCode::UNPROCESSABLE_ENTITY,
        &view(visitor, kind, who, space, faults, typed),
    )
}

fn view(
    visitor: &Visitor,
    kind: Kind,
    who: Option<&Somebody>,
    space: &Space,
    faults: Faults,
    value: impl Fn(&draft::Field) -> (String, bool),
) -> Page {
    let (path, above, heading) = match (kind, who.is_some()) {
        (Kind::Person, false) => ("/people", text("People"), text("Add a person")),
        (Kind::Person, true) => ("/people", text("People"), text("Edit a person")),
        (Kind::Group, false) => ("/groups", text("Groups"), text("Add a group")),
        (Kind::Group, true) => ("/groups", text("Groups"), text("Edit a group")),
    };
    let mut frame = Frame::new(visitor, heading).below(space.at(path), visitor.language.t(above));
    if let Some(who) = who {
        frame = frame.below(who.address(), &who.label);
    }
    let is_active = fields(kind).first().is_some_and(|one| value(one).1);
    let shown = |one: &draft::Field| FieldView {
        name: one.name,
        label: one.label,
        value: value(one).0,
        is_required: one.is_required,
    };
    Page {
        frame,
        heading,
        is_new: who.is_none(),
        is_person: kind == Kind::Person,
        is_active,
        fields: fields(kind).iter().map(shown).collect(),
        faults,
        action: who.map_or_else(|| space.at(&format!("{path}/new")), |who| who.below("/edit")),
        back: who.map_or_else(|| space.at(path), Somebody::address),
    }
}
