//! `provost assign`, `unassign` and `assignments`: who is meant by a connection.

use super::Place;
use super::change::{self, Confirm};
use super::who::{self, Named};
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection::{Assignment, Connection};
use provost_store::{assignment, directory};
use provost_sync::Proposal;
use serde_json::{Value, json};

/// Mean people, and groups for their members.
#[derive(Debug, clap::Args)]
pub(crate) struct Assign {
    #[command(flatten)]
    whom: Whom,
}

/// Mean them no longer; whom nothing else means is disabled or deleted, as the rules say.
#[derive(Debug, clap::Args)]
pub(crate) struct Unassign {
    #[command(flatten)]
    whom: Whom,
}

/// Whom a connection means.
#[derive(Debug, clap::Args)]
struct Whom {
    /// The connection
    connection: String,
    /// People and groups: user name, e-mail address, display name, external id, or the directory's id
    #[arg(required = true)]
    who: Vec<String>,
    #[command(flatten)]
    confirm: Confirm,
}

/// Who is assigned.
#[derive(Debug, clap::Args)]
pub(crate) struct Assignments {
    /// The connection
    connection: String,
    /// Only those after this key
    #[arg(long, value_name = "KEY", default_value_t = 0)]
    after: i64,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

impl Assign {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.whom.change(place, &hub, true).await;
        hub.close();
        done
    }
}

impl Unassign {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.whom.change(place, &hub, false).await;
        hub.close();
        done
    }
}

impl Whom {
    /// Shows who enters and leaves, then saves.
    async fn change(self, place: &Place, hub: &Hub, in_it: bool) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let named = if in_it {
            who::all(hub, &self.who).await?
        } else {
            who::all_or_gone(hub, &self.who).await?
        };
        let keys: Vec<i64> = named.iter().map(|one| one.key).collect();
        let proposal = if in_it {
            Proposal {
                assign: keys,
                ..Proposal::default()
            }
        } else {
            Proposal {
                unassign: keys,
                ..Proposal::default()
            }
        };
        // Where everybody is meant, an assignment moves nobody.
        let (mut enter, mut leave) = (0, 0);
        if connection.preferences.assignment == Assignment::Assigned {
            let preview = change::preview(hub, connection.key, &proposal).await?;
            change::confirm(&preview, self.confirm)?;
            (enter, leave) = (preview.enter, preview.leave);
        }
        let changed = save(hub, &connection, &named, in_it).await?;
        let labels: Vec<&str> = changed.iter().map(|one| one.label.as_str()).collect();
        let answer = json!({
            "connection": connection.name, "changed": labels, "enter": enter, "leave": leave,
        });
        output::either(place.json, &answer, || told(&connection, &labels, in_it))
    }
}

fn told(connection: &Connection, labels: &[&str], in_it: bool) -> String {
    let name = &connection.name;
    if labels.is_empty() {
        let state = if in_it { "assigned already" } else { "not assigned" };
        return format!("Nothing was changed: all of them are {state}.");
    }
    let verb = if in_it {
        "Assigned to"
    } else {
        "Not assigned any more to"
    };
    let listed = labels.join(", ");
    match connection.preferences.assignment {
        Assignment::All => format!(
            "{verb} \"{name}\": {listed}.\nThe connection means everybody, so this changes nothing until \
             `provost connection set \"{name}\" assignment=assigned`."
        ),
        Assignment::Assigned => format!("{verb} \"{name}\": {listed}. The next cycle carries it out."),
    }
}

/// Saves the assignments, and answers which were not so before.
async fn save(hub: &Hub, connection: &Connection, named: &[Named], in_it: bool) -> Result<Vec<Named>> {
    let (owner, named) = (connection.clone(), named.to_vec());
    let done = hub
        .db
        .write(move |tx| {
            let (actor, now) = (hub::actor(), clock::now());
            let mut changed = Vec::new();
            for one in &named {
                let is_new = match directory::by_key(tx, one.key)? {
                    Some(object) if in_it => assignment::add(tx, &actor, now, &owner, &object)?,
                    // Who has been deleted in this moment is not assigned any more.
                    None if in_it => false,
                    _ => assignment::remove(tx, &actor, now, &owner, one.key)?,
                };
                if is_new {
                    changed.push(one.clone());
                }
            }
            Ok::<_, provost_store::Error>(changed)
        })
        .await;
    let engine = hub.engine()?;
    Ok(engine.told_assignment(connection, &hub::actor(), done).await?)
}

impl Assignments {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.list(place, &hub).await;
        hub.close();
        done
    }

    async fn list(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let (key, after, limit) = (connection.key, self.after, i64::from(self.limit));
        let (all, count) = hub
            .db
            .read(move |tx| {
                let all = assignment::list(tx, key, after, limit)?;
                Ok::<_, provost_store::Error>((all, assignment::count(tx, key)?))
            })
            .await?;
        let rows: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({
                    "key": one.object, "id": one.id, "kind": one.kind, "object": one.label, "since": clock::text(one.created),
                    "by": one.actor,
                })
            })
            .collect();
        let more = (all.len() == self.limit as usize)
            .then(|| all.last().map(|one| one.object))
            .flatten();
        let answer = json!({
            "connection": connection.name, "assignment": connection.preferences.assignment,
            "nested": connection.preferences.nested, "count": count, "assigned": rows, "next": more,
        });
        output::either(place.json, &answer, || {
            let mut table = Table::new(["kind", "who", "since", "by"]);
            for one in &all {
                table.row([
                    one.kind.to_string(),
                    one.label.clone(),
                    clock::text(one.created),
                    one.actor.clone(),
                ]);
            }
            let shown = table.text_or("Nobody is assigned.");
            let means = means(&connection);
            match more {
                Some(next) => format!("{means}\n\n{shown}\n\nMore: --after {next}"),
                None => format!("{means}\n\n{shown}"),
            }
        })
    }
}

/// Whom the connection means, in a sentence.
fn means(connection: &Connection) -> String {
    let name = &connection.name;
    match (connection.preferences.assignment, connection.preferences.nested) {
        (Assignment::All, _) => format!("\"{name}\" means everybody, whoever is assigned."),
        (Assignment::Assigned, false) => {
            format!("\"{name}\" means who is assigned, and the members of assigned groups.")
        }
        (Assignment::Assigned, true) => {
            format!(
                "\"{name}\" means who is assigned, and everybody in assigned groups and the groups in them."
            )
        }
    }
}
