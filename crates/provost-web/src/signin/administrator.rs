//! One administrator: their role, the ways back in, and the end. What concerns them everywhere takes an owner of the
//! whole installation; the button says so to others.

use super::administrators::{LinkPage, enrol_sentence, is_visible, link_to, ways};
use super::knock::Knock;
use super::{signin, told};
use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{Error, Listed, Purpose};
use provost_store::administrator::Role;
use uuid::Uuid;

/// A role to choose: its word, its name, and what it may do.
pub(super) type Choice = (&'static str, String, String);

/// What a role is called.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => text("owner"),
        Role::ConfigurationAdmin => text("configuration admin"),
        Role::ProvisioningOperator => text("provisioning operator"),
        Role::AccessAdmin => text("access admin"),
        Role::Auditor => text("auditor"),
    }
}

fn role_about(role: Role) -> &'static str {
    match role {
        Role::Owner => text("Everything, and who the administrators are."),
        Role::ConfigurationAdmin => {
            text("Connections, rules, providers and settings; runs and decisions too.")
        }
        Role::ProvisioningOperator => text("Runs cycles, approves plans, decides what waits for a person."),
        Role::AccessAdmin => text("People, groups, assignments and leavers."),
        Role::Auditor => text("Looks at everything and changes nothing."),
    }
}

/// The roles, for a form.
pub(super) fn choices(language: Language) -> Vec<Choice> {
    let choice = |role: Role| {
        let words = (language.t(role_name(role)), language.t(role_about(role)));
        (role.as_str(), words.0.to_owned(), words.1.to_owned())
    };
    Role::ALL.iter().copied().map(choice).collect()
}

/// Why a visitor cannot do what concerns the whole installation; empty where they can.
pub(super) fn everywhere_sentence(visitor: &Visitor) -> String {
    if visitor.signed.is_owner() {
        return String::new();
    }
    visitor
        .language
        .t("This takes an owner of all workspaces.")
        .to_owned()
}

#[derive(Template)]
#[template(path = "signin/administrator.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    address: String,
    name: String,
    email: String,
    is_blocked: bool,
    is_self: bool,
    /// Their role in this workspace, and the one in all of them.
    here: Option<&'static str>,
    everywhere: Option<&'static str>,
    /// Whether it is the one in all of them that counts here.
    is_everywhere: bool,
    role: String,
    roles: Vec<Choice>,
    ways: String,
    created: Moment,
    last: Option<Moment>,
    /// Why something cannot be done: by the visitor at all, and to themselves.
    only_owner: String,
    not_self: String,
}

type Who = std::result::Result<Path<(String, Uuid)>, PathRejection>;

/// The page of an administrator.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    who: Who,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    render(&visitor, &found, (StatusCode::OK, Faults::none()))
}

/// Whom the address means; somebody whom the visitor may not know of is not there.
async fn find(state: &State, visitor: &Visitor, who: Who) -> Result<Listed> {
    let Path((_, id)) = who.map_err(Refusal::address)?;
    let inside = visitor.workspace()?;
    let found = signin(state)?.administrator(id).await?;
    found
        .filter(|one| is_visible(one, visitor, inside))
        .ok_or_else(|| {
            Refusal::Absent(
                "There is no such administrator. The list of administrators shows all.".to_owned(),
            )
        })
}

fn render(visitor: &Visitor, found: &Listed, (status, faults): (StatusCode, Faults)) -> Result<Response> {
    let inside = visitor.workspace()?;
    let (space, clock) = (Space::of(inside), Clock::of(visitor, now()));
    let who = &found.administrator;
    let of = |place| {
        found
            .grants
            .iter()
            .find(|one| one.workspace == place)
            .map(|one| one.role)
    };
    let (here, everywhere) = (of(Some(inside.key)), of(None));
    let is_self = who.key == visitor.signed.administrator.key;
    let only_owner = everywhere_sentence(visitor);
    let not_self = if is_self {
        visitor
            .language
            .t("You cannot do this to yourself. Ask another owner.")
            .to_owned()
    } else {
        only_owner.clone()
    };
    let name = |role| visitor.language.t(role_name(role));
    let page = Page {
        frame: Frame::new(visitor, who.name.clone())
            .below(space.at("/administrators"), visitor.language.t("Administrators")),
        faults,
        address: space.to(&["administrators", &who.id.to_string()]),
        name: who.name.clone(),
        email: who.email.clone(),
        is_blocked: !who.is_active(),
        is_self,
        role: here.or(everywhere).map_or("", Role::as_str).to_owned(),
        here: here.map(name),
        everywhere: everywhere.map(name),
        is_everywhere: here.is_none() && everywhere.is_some(),
        roles: choices(visitor.language),
        ways: ways(found, visitor.language),
        created: clock.moment(who.created),
        last: who.last_signin.map(|at| clock.moment(at)),
        only_owner,
        not_self,
    };
    Ok(page::html(status, &page))
}

/// After a change: back to the page, or to the page again with what was refused.
fn after(
    visitor: &Visitor,
    found: &Listed,
    done: std::result::Result<(), Error>,
    word: &str,
) -> Result<Response> {
    let id = found.administrator.id.to_string();
    match done {
        Ok(()) => {
            let address = Space::of(visitor.workspace()?).to(&["administrators", &id]);
            Ok(page::elsewhere(&done::after(&address, word)))
        }
        Err(error) => render(visitor, found, told::faults(visitor.language, error)?),
    }
}

/// Gives a role here or everywhere, or takes it.
pub(super) async fn role(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    who: Who,
    form: Form,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    let inside = visitor.workspace()?;
    let place = (!form.is_on("everywhere")).then_some(inside.key);
    let (signin, id) = (signin(&state)?, found.administrator.id);
    let done = match form.get("role") {
        "none" => signin
            .take_role(&visitor.signed, id, place, now())
            .await
            .map(|_| ()),
        word => match word.parse::<Role>() {
            Ok(role) => signin.set_role(&visitor.signed, id, place, role, now()).await,
            Err(_) => {
                let faults = Faults::one("role", visitor.language.t("Choose a role."));
                return render(&visitor, &found, (StatusCode::UNPROCESSABLE_ENTITY, faults));
            }
        },
    };
    if done.is_ok()
        && signin
            .administrator(id)
            .await?
            .is_none_or(|now| !is_visible(&now, &visitor, inside))
    {
        // Whoever has no role here any more is not seen from here.
        let list = Space::of(inside).at("/administrators");
        return Ok(page::elsewhere(&done::after(&list, "removed")));
    }
    after(&visitor, &found, done, "saved")
}

/// Refuses everything to them from now on.
pub(super) async fn block(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    who: Who,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    let blocked = signin(&state)?
        .block(&visitor.signed, found.administrator.id, now())
        .await;
    after(&visitor, &found, blocked.map(|_| ()), "saved")
}

/// Lets them sign in again.
pub(super) async fn unblock(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    who: Who,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    let unblocked = signin(&state)?
        .unblock(&visitor.signed, found.administrator.id, now())
        .await;
    after(&visitor, &found, unblocked.map(|_| ()), "saved")
}

/// Ends their sessions.
pub(super) async fn end_sessions(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    who: Who,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    let ended = signin(&state)?
        .end_sessions(&visitor.signed, found.administrator.id, now())
        .await;
    after(&visitor, &found, ended.map(|_| ()), "ended")
}

/// A link that signs them in once.
pub(super) async fn link(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    who: Who,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    let made = signin(&state)?
        .link(&visitor.signed, found.administrator.id, Purpose::Signin, now())
        .await;
    let sentence = visitor.language.f(
        "Give this link to {} by a way that nobody else reads. It is shown this once, and signs them in once within the next hour.",
        &[&found.administrator.name],
    );
    shown(
        (&state, &visitor, &knock),
        &found,
        made,
        (text("A link to sign in"), sentence),
    )
}

/// Ends every way in that they have, and makes a link by which they begin anew.
pub(super) async fn reset(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    who: Who,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    let made = signin(&state)?
        .reset(&visitor.signed, found.administrator.id, now())
        .await;
    let sentence = enrol_sentence(visitor.language, &found.administrator.name);
    shown(
        (&state, &visitor, &knock),
        &found,
        made,
        (text("Everything they signed in with has ended"), sentence),
    )
}

fn shown(
    (state, visitor, knock): (&State, &Visitor, &Knock),
    found: &Listed,
    made: std::result::Result<String, Error>,
    (heading, sentence): (&'static str, String),
) -> Result<Response> {
    let key = match made {
        Ok(key) => key,
        Err(error) => return after(visitor, found, Err(error), "saved"),
    };
    let space = Space::of(visitor.workspace()?);
    let page = LinkPage {
        frame: Frame::new(visitor, found.administrator.name.clone())
            .below(space.at("/administrators"), visitor.language.t("Administrators")),
        heading,
        sentence,
        link: link_to(state, knock, &key),
        back: space.to(&["administrators", &found.administrator.id.to_string()]),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Removes them.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    who: Who,
    form: Form,
) -> Result<Response> {
    let found = find(&state, &visitor, who).await?;
    if form.get("email").trim() != found.administrator.email {
        let sentence = visitor.language.t("Type the e-mail address as it stands above.");
        let told = (StatusCode::UNPROCESSABLE_ENTITY, Faults::one("email", sentence));
        return render(&visitor, &found, told);
    }
    let removed = signin(&state)?
        .remove(&visitor.signed, found.administrator.id, now())
        .await;
    match removed {
        Ok(()) => {
            let list = Space::of(visitor.workspace()?).at("/administrators");
            Ok(page::elsewhere(&done::after(&list, "removed")))
        }
        Err(error) => after(&visitor, &found, Err(error), "removed"),
    }
}
