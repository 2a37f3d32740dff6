//! `provost drift accept` and `repair`.

use crate::cli::{Place, who};
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_store::connection::Connection;
use provost_store::drift::{self, Drift, State};
use provost_store::{Error, Tx, rule};
use serde_json::json;

/// Which differences are decided.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// The connection
    connection: String,
    /// The person or group
    who: String,
    /// Only this attribute
    #[arg(long)]
    attribute: Option<String>,
}

impl Which {
    /// Lets them stand.
    pub(super) async fn accept(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let open = self.standing(hub, &connection, &[State::Open]).await?;
        let places = open.clone();
        hub.db
            .write(move |tx| {
                for one in &places {
                    accept(tx, &connection, one)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.told(
            place,
            &open,
            "stand as they were found, until the target changes them again",
        )
    }

    /// Has them written again.
    pub(super) async fn repair(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let open = self
            .standing(hub, &connection, &[State::Open, State::Accepted])
            .await?;
        let (first, attribute) = (open.first().map_or(0, |one| one.object), self.attribute.clone());
        let engine = hub.engine()?;
        engine
            .repair(connection.key, first, attribute.as_deref(), &hub::actor())
            .await?;
        self.told(place, &open, "are written again with the next cycle")
    }

    /// The differences in these states that are meant; never none.
    async fn standing(&self, hub: &Hub, connection: &Connection, states: &[State]) -> Result<Vec<Drift>> {
        let object = who::present_or_gone(hub, &self.who).await?;
        let connection = connection.key;
        let mut found = hub
            .db
            .read(move |tx| {
                let mut found = Vec::new();
                for stored in rule::of_connection(tx, connection)? {
                    found.extend(drift::of_object(tx, stored.key, object.key)?);
                }
                Ok::<_, Error>(found)
            })
            .await?;
        let attribute = self.attribute.as_deref();
        found.retain(|one| states.contains(&one.state) && attribute.is_none_or(|name| one.attribute == name));
        if found.is_empty() {
            let hint = format!("`provost drift list \"{}\"` shows what differs.", self.connection);
            let sentence = format!("nothing of {} differs in \"{}\"", object.label, self.connection);
            return Err(Failure::new(sentence, hint).into());
        }
        Ok(found)
    }

    fn told(&self, place: &Place, open: &[Drift], what: &str) -> Result<()> {
        let names: Vec<&str> = open.iter().map(|one| one.attribute.as_str()).collect();
        let answer = json!({"connection": self.connection, "object": self.who, "attributes": names});
        output::either(place.json, &answer, || {
            format!("{}: these {what}: {}.", self.who, names.join(", "))
        })
    }
}

fn accept(tx: &mut Tx, connection: &Connection, one: &Drift) -> Result<bool, Error> {
    let at = drift::Place {
        rule: one.rule,
        object: one.object,
        attribute: &one.attribute,
    };
    drift::accept(tx, &hub::actor(), clock::now(), connection, &at)
}
