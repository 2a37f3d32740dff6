//! `provost leaver run` and `end`.

use crate::cli::{Place, who};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use crate::progress;
use anyhow::Result;
use provost_engine::object::Kind;
use provost_sync::{LeaverRun, LeaverStep, StepStatus};
use serde_json::json;

/// Who leaves.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// The connection
    connection: String,
    /// The person
    person: String,
    /// Who takes over the groups that the account owns
    #[arg(long, value_name = "PERSON")]
    heir: Option<String>,
    /// Carry the steps out; without it they are shown. Done again, it does what is left
    #[arg(long)]
    apply: bool,
}

impl Run {
    /// Shows the steps, or carries them out; fails when one does.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let leaving = person(hub, &self.person).await?;
        let heir = match &self.heir {
            Some(text) => Some(person(hub, text).await?.key),
            None => None,
        };
        let bar = progress::spinner(&format!("looking at the account of {}", leaving.label));
        let run = hub
            .engine()?
            .leave(connection.key, leaving.key, heir, &hub::actor(), self.apply)
            .await;
        bar.finish_and_clear();
        let run = run?;
        output::either(place.json, &run, || self.text(&run))?;
        if run.is_done() {
            return Ok(());
        }
        let (what, hint) = match run.applied {
            true => (
                "was done",
                "The step says why. Run the command again: it does what is left.",
            ),
            false => (
                "can be done",
                "The step says why. Mend that first; what can be done is done with --apply.",
            ),
        };
        Err(Failure::new(format!("not everything {what} for {}", run.person), hint).into())
    }

    fn text(&self, run: &LeaverRun) -> String {
        let (name, person) = (&run.connection, &run.person);
        let head = match (run.applied, &run.heir) {
            (true, _) => format!("{person} leaves \"{name}\":"),
            (false, None) => format!("When {person} leaves \"{name}\", this is done:"),
            (false, Some(heir)) => {
                format!("When {person} leaves \"{name}\" and {heir} takes over, this is done:")
            }
        };
        let next = if run.applied {
            format!(
                "No cycle gives it back until: provost leaver end \"{name}\" {}",
                self.person
            )
        } else {
            "Nothing was done. Carry it out: --apply".to_owned()
        };
        format!("{head}\n{}\n\n{next}", output::indent(&steps(&run.steps)))
    }
}

/// The person of the directory that is meant.
async fn person(hub: &Hub, text: &str) -> Result<who::Named> {
    let named = who::present(hub, text).await?;
    if named.kind == Kind::Person {
        return Ok(named);
    }
    Err(Failure::new(format!("{} is a group", named.label), "Name a person.").into())
}

/// The steps with how they ended.
pub(super) fn steps(all: &[LeaverStep]) -> String {
    let mut table = Table::new(["step", "count", "", "detail"]);
    for step in all {
        table.row([
            step.name.replace('_', " "),
            step.count.to_string(),
            status(step.status).to_owned(),
            step.detail.clone(),
        ]);
    }
    table.text_or("There is nothing to do.")
}

fn status(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Planned => "planned",
        StepStatus::Done => "done",
        StepStatus::Nothing => "nothing to do",
        StepStatus::Skipped => "skipped",
        StepStatus::Failed => "failed",
    }
}

/// The person stays after all.
pub(super) async fn end(place: &Place, hub: &Hub, connection: &str, text: &str) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let person = who::present_or_gone(hub, text).await?;
    let engine = hub.engine()?;
    let name = &connection.name;
    if !engine
        .end_leave(connection.key, person.key, &hub::actor())
        .await?
    {
        let hint = format!("`provost leaver list \"{name}\"` shows who does.");
        return Err(Failure::new(format!("{} does not leave \"{name}\"", person.label), hint).into());
    }
    let answer = json!({"connection": name, "person": person.label, "id": person.id, "leaves": false});
    output::either(place.json, &answer, || {
        format!(
            "{} stays. The next cycle of \"{name}\" gives the account what the directory says.",
            person.label
        )
    })
}
