//! `GET /groups/{id}/members`: who is in a group, page by page; and who comes and goes where administrators keep it.

use super::access::{Place, present};
use super::acts;
use super::entered::refused;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Asked, Somebody};
use crate::console::refusal::{Refusal, Result};
use crate::console::status::shown;
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::directory::{self, Change, NamedLine, Object};
use provost_store::member::{self, Joining, Of};
use provost_store::provider::{self, Provider};
use provost_store::{Error as Store, Tx};

/// Lines of one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "people/members.html")]
struct Page {
    frame: Frame,
    label: String,
    action: String,
    lines: Vec<Line>,
    /// Why nobody can be added or taken out here.
    why: String,
    faults: Faults,
    typed: String,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A member.
struct Line {
    id: String,
    address: String,
    label: String,
    name: String,
    is_person: bool,
    state: &'static str,
    class: &'static str,
}

type Wanted = std::result::Result<Query<Asked>, QueryRejection>;

/// The members.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    asked: Wanted,
) -> Result<Response> {
    let (Path((_, id)), Query(asked)) = (place.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let who = place::somebody(&state, &visitor, id).await?;
    if who.kind == Kind::Person {
        return Ok(page::elsewhere(&who.address()));
    }
    let page = read(&state, &visitor, &who, asked.after_key()?).await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Takes somebody in.
pub(crate) async fn add(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, group) = present(&state, &visitor, place).await?;
    refuse(&state, &visitor, &who).await?;
    let typed = form.text("member").unwrap_or_default().to_owned();
    match join(&state, &visitor, group, typed.clone()).await? {
        Ok(()) => Ok(page::elsewhere(&done::after(&who.below("/members"), "added"))),
        Err(sentence) => {
            let mut page = read(&state, &visitor, &who, None).await?;
            page.faults = Faults::one("member", visitor.language.f(sentence, &[&typed]));
            page.typed = typed;
            Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}

/// Takes somebody out.
pub(crate) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, group) = present(&state, &visitor, place).await?;
    refuse(&state, &visitor, &who).await?;
    let (actor, member, now) = (visitor.actor(), form.get("member").to_owned(), now());
    let write = move |tx: &mut Tx| {
        let (found, _) = member::resolve(tx, group.owned_by(), [(member.as_str(), None)])?;
        let leaving: Vec<_> = found.iter().map(|one| (one.key, one.id)).collect();
        member::remove(tx, &change(&group, &actor, now), &group, &leaving)
    };
    state.db().write(write).await.map_err(refused)?;
    Ok(page::elsewhere(&done::after(&who.below("/members"), "removed")))
}

fn change<'a>(group: &Object, actor: &'a str, now: i64) -> Change<'a> {
    Change {
        owner: group.owned_by(),
        actor,
        now,
    }
}

/// Takes somebody in who was typed; otherwise a sentence about what was typed.
async fn join(
    state: &State,
    visitor: &Visitor,
    group: Object,
    typed: String,
) -> Result<std::result::Result<(), &'static str>> {
    let (actor, now) = (visitor.actor(), now());
    let write = move |tx: &mut Tx| {
        let found = directory::find(tx, group.workspace, &typed)?;
        let mut one = found.iter().filter(|one| one.key != group.key);
        Ok::<_, Store>(match (one.next(), one.next()) {
            (None, _) => Err(text(
                "Nobody is known as \"{}\". Type a user name, an e-mail address or an id in full.",
            )),
            (Some(_), Some(_)) => Err(text(
                "\"{}\" can mean several of them. Type the user name or the id.",
            )),
            (Some(one), None) if one.owner != group.owner => Err(text(
                "\"{}\" comes from a provider. A group that is kept by hand has members that are kept by hand.",
            )),
            (Some(one), None) => {
                member::add(tx, &change(&group, &actor, now), &group, &[Joining::from(one)])?;
                Ok(())
            }
        })
    };
    state.db().write(write).await.map_err(refused)
}

async fn owner(state: &State, who: &Somebody) -> Result<Option<Provider>> {
    let key = who.owner().unwrap_or_default();
    Ok(state.db().read_short(move |tx| provider::by_key(tx, key)).await?)
}

async fn refuse(state: &State, visitor: &Visitor, who: &Somebody) -> Result<()> {
    let sentence = acts::by_provider(visitor, who, owner(state, who).await?.as_ref());
    if sentence.is_empty() {
        return Ok(());
    }
    let sentence = sentence.trim_end_matches('.').to_owned();
    Err(Refusal::Entered(sentence, "Nothing was changed.".to_owned()))
}

async fn read(state: &State, visitor: &Visitor, who: &Somebody, after: Option<i64>) -> Result<Page> {
    let key = who.key;
    let mut found = state
        .db()
        .read(move |tx| member::named_page(tx, Of::Group(key), after.unwrap_or(i64::MIN), PAGE + 1))
        .await?;
    let more = i64::try_from(found.len()).is_ok_and(|count| count > PAGE);
    found.truncate(usize::try_from(PAGE).unwrap_or(0));
    let last = found.last().filter(|_| more).map(|one| one.key);
    let role = acts::role(visitor, Act::Access);
    let why = match role.is_empty() {
        true => acts::by_provider(visitor, who, owner(state, who).await?.as_ref()),
        false => role,
    };
    let first = who.below("/members");
    let label = shown(&who.label);
    Ok(Page {
        frame: Frame::new(visitor, text("Members"))
            .below(who.space.at("/groups"), visitor.language.t(text("Groups")))
            .below(who.address(), label),
        label: label.to_owned(),
        lines: found.iter().map(|one| line(who, one)).collect(),
        why,
        faults: Faults::none(),
        typed: String::new(),
        is_later: after.is_some(),
        next: last.map(|key| format!("{first}?after={key}")),
        action: first.clone(),
        first,
    })
}

fn line(who: &Somebody, one: &NamedLine) -> Line {
    let (state, class) = match (one.blocked, one.active) {
        (true, _) => (text("blocked"), "failed"),
        (false, true) => (text("active"), "active"),
        (false, false) => (text("inactive"), "inactive"),
    };
    Line {
        id: one.id.to_string(),
        address: match one.kind {
            Kind::Person => who.space.person(one.id),
            Kind::Group => who.space.group(one.id),
        },
        label: shown(&one.label).to_owned(),
        name: one.name.clone(),
        is_person: one.kind == Kind::Person,
        state,
        class,
    }
}
