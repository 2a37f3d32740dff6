//! What is done on the page: each act by the function that the interface and the command use.

use super::super::place::{self as places, Named, Place};
use super::show::{Asked, Typed, render};
use crate::console::confirm::{self, Question};
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page;
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::directory;
use provost_sync::identifier::Chosen;
use provost_sync::{Engine, Error as Sync};
use uuid::Uuid;

/// What came of an act.
enum Came {
    /// All of it was done: what the page says, and the tab that it shows.
    Done(&'static str),
    /// Some of it was left: a line each.
    Left(Vec<String>),
    /// A plan to be read.
    Plan(Option<Uuid>),
}

/// Reads the accounts of the tenant.
pub(in crate::console) async fn read(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move { engine.read_identifiers(workspace, &name, &actor).await };
    match aside::finish(deed).await? {
        Ok(_) => Ok(page::elsewhere(&done::after(
            &place.at("identifiers"),
            "accounts",
        ))),
        Err(error) => {
            let wrong = (aside::status(&error), trouble::all(&error), Vec::new());
            render(&state, &visitor, &place, Default::default(), wrong).await
        }
    }
}

/// Does what the pressed button says.
pub(in crate::console) async fn act(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let asked = Asked::from(&form);
    let list = asked.address(&place);
    let typed = typed(&form);
    let wish = match Wish::of(&state, &place, &form).await? {
        Ok(wish) => wish,
        Err(faults) => {
            let wrong = (StatusCode::UNPROCESSABLE_ENTITY, faults, Vec::new());
            return render(&state, &visitor, &place, (asked, typed), wrong).await;
        }
    };
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move { wish.carry_out(&engine, workspace, &name, &actor).await };
    match aside::finish(deed).await? {
        Ok(Came::Done(word)) => Ok(page::elsewhere(&done::after(&list, word))),
        Ok(Came::Plan(Some(id))) => Ok(page::elsewhere(&place.space.to(&["plans", &id.to_string()]))),
        Ok(Came::Plan(None)) => Ok(page::elsewhere(&done::after(&list, "planned"))),
        Ok(Came::Left(notes)) => {
            let came = (StatusCode::OK, Faults::none(), notes);
            render(&state, &visitor, &place, (asked, Typed::default()), came).await
        }
        Err(error @ Sync::Confirm { .. }) => {
            let question = Question {
                verb: visitor.language.t(verb(form.get("do"))).to_owned(),
                action: &place.at("identifiers"),
                back: list,
                ..Question::default()
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) if error.code().is_some() => {
            let mut faults = Faults::none();
            let field = field(&error, &asked, &typed);
            for (_, sentence) in trouble::all(&error).each() {
                faults.add(field, sentence);
            }
            let wrong = (aside::status(&error), faults, Vec::new());
            render(&state, &visitor, &place, (asked, typed), wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

fn verb(word: &str) -> &'static str {
    match word {
        "create" | "create-all" => text("Create people here"),
        "accept" | "accept-all" => text("Link as suggested"),
        "immutable" => text("Write immutable ids"),
        _ => text("Merge the two"),
    }
}

fn typed(form: &Form) -> Typed {
    let given = |name: &str| form.get(name).to_owned();
    let ticked = form.all("account").chain(form.all("person"));
    Typed {
        who: given("who"),
        target: given("target"),
        reason: given("reason"),
        owner: given("owner"),
        ticked: ticked.map(str::to_owned).collect(),
    }
}

/// The field that a refusal is about; empty for none.
fn field(error: &Sync, asked: &Asked, typed: &Typed) -> &'static str {
    match error.code() {
        Some("PRV-EXEMPTION-INCOMPLETE") if typed.reason.trim().is_empty() => "reason",
        Some("PRV-EXEMPTION-INCOMPLETE") => "owner",
        Some("PRV-IDENTIFIER-TAKEN" | "PRV-IDENTIFIER-LINKED" | "PRV-LINK-ABSENT") if asked.is_people() => {
            "target"
        }
        Some("PRV-IDENTIFIER-TAKEN" | "PRV-IDENTIFIER-LINKED") => "who",
        _ => "",
    }
}

/// What the form says.
struct Wish {
    act: String,
    accounts: Vec<String>,
    people: Vec<Uuid>,
    /// The person whom the field names; none for nobody, or several.
    who: Option<Uuid>,
    target: String,
    reason: String,
    owner: String,
    confirm: provost_sync::Confirm,
}

impl Wish {
    /// Reads the form; what is wrong with it, where it names nobody, or more than one.
    async fn of(state: &State, place: &Place, form: &Form) -> Result<std::result::Result<Self, Faults>> {
        let people: std::result::Result<Vec<Uuid>, _> = form.all("person").map(Uuid::parse_str).collect();
        let people = people.map_err(Refusal::address)?;
        let accounts: Vec<String> = form.all("account").map(str::to_owned).collect();
        let act = form.get("do").to_owned();
        let ticked = people.len() + accounts.len();
        if matches!(act.as_str(), "link" | "unlink" | "merge") && ticked != 1 {
            let sentence =
                "Tick the one line that is meant: this is done for one at a time. PRV-IDENTIFIER-MANY";
            return Ok(Err(Faults::one("", sentence)));
        }
        let (workspace, text) = (place.provider.workspace, form.get("who").trim().to_owned());
        let found = state
            .db()
            .read(move |tx| match text.is_empty() {
                true => Ok(Vec::new()),
                false => directory::find(tx, workspace, &text),
            })
            .await?;
        let found: Vec<_> = found.into_iter().filter(|one| one.kind == Kind::Person).collect();
        let wants_who = act == "merge" || (act == "link" && people.is_empty());
        if wants_who && found.len() != 1 {
            let sentence = match (form.get("who").trim(), found.len()) {
                ("", _) => {
                    "Say who is meant, by id, user name or mail address. PRV-OBJECT-UNKNOWN".to_owned()
                }
                (who, 0) => format!(
                    "Nobody in the directory has the id, user name or mail address \"{who}\". PRV-OBJECT-UNKNOWN"
                ),
                (who, _) => {
                    format!(
                        "\"{who}\" fits several people: give the id of one, or the user name. PRV-OBJECT-UNKNOWN"
                    )
                }
            };
            return Ok(Err(Faults::one("who", sentence)));
        }
        Ok(Ok(Self {
            act,
            accounts,
            people,
            who: found.first().map(|one| one.id),
            target: form.get("target").trim().to_owned(),
            reason: form.get("reason").to_owned(),
            owner: form.get("owner").to_owned(),
            confirm: confirm::given(form),
        }))
    }

    async fn carry_out(
        self,
        engine: &Engine,
        workspace: i64,
        name: &str,
        actor: &str,
    ) -> provost_sync::Result<Came> {
        let both = (self.accounts.as_slice(), self.people.as_slice());
        let why = (self.reason.as_str(), self.owner.as_str());
        // Nobody has the id that stands for none: the engine says that there is nobody.
        let who = self.who.unwrap_or_default();
        let confirm = &self.confirm;
        match self.act.as_str() {
            "link" => {
                let (person, account) = match (self.people.first(), self.accounts.first()) {
                    (Some(person), _) => (*person, self.target.as_str()),
                    (None, account) => (who, account.map_or("", String::as_str)),
                };
                engine
                    .link_identifier(workspace, name, person, account, actor)
                    .await?;
                Ok(Came::Done("linked"))
            }
            "unlink" => {
                let account = self.accounts.first().map_or("", String::as_str);
                engine.unlink_identifier(workspace, name, account, actor).await?;
                Ok(Came::Done("broken"))
            }
            "exempt" => {
                engine
                    .exempt_identifiers(workspace, name, both, why, actor)
                    .await?;
                Ok(Came::Done("saved"))
            }
            "withdraw" => {
                engine.withdraw_exemptions(workspace, name, both, actor).await?;
                Ok(Came::Done("saved"))
            }
            "accept" | "accept-all" => {
                let chosen = either(&self.act, self.people);
                engine
                    .accept_suggestions(workspace, name, &chosen, confirm, actor)
                    .await?;
                Ok(Came::Done("linked"))
            }
            "plan" | "plan-all" => {
                let chosen = either(&self.act, self.people);
                let plan = engine.plan_accounts(workspace, name, &chosen, actor).await?;
                Ok(Came::Plan(plan.id))
            }
            "create" | "create-all" => {
                let chosen = either(&self.act, self.accounts);
                let made = engine
                    .create_people(workspace, name, &chosen, confirm, actor)
                    .await?;
                Ok(lines("made", made.left))
            }
            "immutable" => {
                let done = engine
                    .write_immutable_ids(workspace, name, confirm, actor)
                    .await?;
                Ok(lines("saved", done.failed))
            }
            _ => {
                let goes = self.people.first().copied().unwrap_or_default();
                engine.merge_people(workspace, who, goes, confirm, actor).await?;
                Ok(Came::Done("saved"))
            }
        }
    }
}

fn either<T>(act: &str, some: Vec<T>) -> Chosen<T> {
    if act.ends_with("-all") {
        Chosen::All
    } else {
        Chosen::These(some)
    }
}

fn lines(word: &'static str, left: Vec<(String, String)>) -> Came {
    if left.is_empty() {
        return Came::Done(word);
    }
    Came::Left(
        left.into_iter()
            .map(|(account, reason)| format!("{account}: {reason}"))
            .collect(),
    )
}
