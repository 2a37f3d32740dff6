//! Deciding held steps: one, those that were chosen, or all that wait. An approval says first what is taken away from
//! whom, and is bound to what was shown.

use super::super::confirm::{self, Question};
use super::super::done;
use super::super::page;
use super::super::place::{self, Place};
use super::super::refusal::{Refusal, Result};
use super::found::{Address, Named};
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::connection::Connection;
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{Error as Store, Tx};
use provost_sync::Error;
use xxhash_rust::xxh3::Xxh3;

/// Steps that one form decides one by one.
const MOST: usize = 200;
/// Steps that are looked at for "all of them".
const ALL: i64 = 100_000;
/// Names that a question lists.
const NAMED: usize = 100;

/// What is decided about which steps.
struct Asked {
    decision: Decision,
    /// These; none for all that wait.
    keys: Option<Vec<i64>>,
}

impl Asked {
    fn of(form: &Form) -> Result<Self> {
        let decision = match form.get("decision") {
            "approve" | "approve-all" => Decision::Approved,
            "reject" | "reject-all" => Decision::Rejected,
            _ => return Err(Refusal::address(())),
        };
        if form.get("decision").ends_with("-all") {
            return Ok(Self { decision, keys: None });
        }
        let keys: std::result::Result<Vec<i64>, _> = form.all("step").map(str::parse).collect();
        let keys = keys.map_err(Refusal::address)?;
        if keys.is_empty() || keys.len() > MOST {
            return Err(Refusal::Entered(
                format!(
                    "{} steps are chosen, and from 1 to {MOST} can be decided at once",
                    keys.len()
                ),
                "Go back and tick the steps that you decide, or decide all.".to_owned(),
            ));
        }
        Ok(Self {
            decision,
            keys: Some(keys),
        })
    }
}

/// Decides.
pub(crate) async fn decide(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    form: Form,
) -> Result<Response> {
    let name = named.map_err(Refusal::address)?.0.name;
    let asked = Asked::of(&form)?;
    let place = place::connection(&state, &visitor, &name).await?;
    let (connection, keys) = (place.connection.clone(), asked.keys.clone());
    let steps = state
        .db()
        .read(move |tx| chosen(tx, &connection, keys.as_deref()))
        .await?;
    let list = place
        .space
        .page("/staged".to_owned(), &[("connection", name.clone())]);
    let steps = steps.ok_or_else(gone)?;
    let digest = digest(&steps);
    let given = confirm::given(&form).digest;
    if asked.decision == Decision::Approved && given.as_deref() != Some(digest.as_str()) {
        return Ok(question(&visitor, &place, &steps, digest, &form, list));
    }
    let decision = asked.decision;
    let (connection, actor, at) = (place.connection.clone(), visitor.actor(), now());
    let write = move |tx: &mut Tx| {
        // What came meanwhile, or changed, was not shown.
        let again = chosen(tx, &connection, asked.keys.as_deref())?;
        if again.as_deref().map(self::digest).as_deref() != Some(digest.as_str()) {
            return Ok::<_, Store>(false);
        }
        match &asked.keys {
            None => drop(staged::decide_all(tx, &actor, at, &connection, decision)?),
            Some(keys) => {
                for key in keys {
                    staged::decide_one(tx, &actor, at, &connection, *key, decision)?;
                }
            }
        }
        Ok(true)
    };
    if !state.db().write(write).await? {
        return Err(gone());
    }
    let word = if decision == Decision::Approved {
        "decided"
    } else {
        "rejected"
    };
    Ok(page::elsewhere(&done::after(&list, word)))
}

/// The steps that are meant; none where one of them is there no more.
fn chosen(
    tx: &mut Tx,
    connection: &Connection,
    keys: Option<&[i64]>,
) -> std::result::Result<Option<Vec<StagedStep>>, Store> {
    let Some(keys) = keys else {
        let mut all = staged::list(tx, connection.key, ALL)?;
        all.retain(|step| step.decision == Decision::Pending);
        return Ok(Some(all));
    };
    let mut steps = Vec::with_capacity(keys.len());
    for key in keys {
        match staged::get(tx, connection.key, *key)? {
            Some(step) => steps.push(step),
            None => return Ok(None),
        }
    }
    Ok(Some(steps))
}

/// Which steps, and of which plans: other ones need another confirmation.
fn digest(steps: &[StagedStep]) -> String {
    let mut hash = Xxh3::new();
    for step in steps {
        hash.update(&step.key.to_le_bytes());
        hash.update(step.digest.as_bytes());
        hash.update(step.action.as_bytes());
    }
    format!("{:016x}", hash.digest())
}

fn gone() -> Refusal {
    Refusal::Entered(
        "What is held has changed since you looked, and nothing was decided".to_owned(),
        "Open the list again: a step that was carried out, or whose plan has changed, waits for a new decision.".to_owned(),
    )
}

fn question(
    visitor: &Visitor,
    place: &Place,
    steps: &[StagedStep],
    digest: String,
    form: &Form,
    list: String,
) -> Response {
    let (language, count) = (visitor.language, i64::try_from(steps.len()).unwrap_or(i64::MAX));
    let names = steps
        .iter()
        .take(NAMED)
        .map(|step| format!("{}: {}", step.label, step.action));
    let error = Error::Confirm {
        code: "PRV-STAGED-CONFIRM",
        sentence: format!(
            "{count} held steps of the connection \"{}\" go ahead with its next cycle.",
            place.connection.name
        ),
        hint: "Look at who is named, then approve.",
        digest,
        list: names.collect(),
    };
    let action = place.space.to(&["connections", &place.connection.name, "staged"]);
    Question {
        verb: language.n(count, "Approve 1 step", "Approve {} steps"),
        action: &action,
        back: list,
        undo: language
            .t("Until the next cycle you can reject them again. Disabled accounts, memberships and licences can be given back from the cycle's page; what is deleted cannot.")
            .to_owned(),
        typed: None,
    }
    .ask(visitor, &error, form)
}
