//! `provost licence`: products, their seats, and who has them from where.

mod group;
mod holders;
mod list;
mod plans;

use super::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::nearest::nearest;
use anyhow::Result;
use provost_store::connection::Connection;
use provost_store::product::{self, Row};

/// Licences of a connection. A product is named by its short name or its id, in any letter case.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Licence {
    /// List the organisation's products: seats used, planned and short
    List(list::List),
    /// List who has a product from Provost
    Holders(holders::Holders),
    /// Groups that bring a licence
    #[command(subcommand)]
    Group(group::Group),
    /// List the services of a product, which a licence can leave out
    Plans {
        /// The connection
        connection: String,
        /// The product
        product: String,
    },
}

impl Licence {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Licence::List(list) => list.run(place, &hub).await,
            Licence::Holders(holders) => holders.run(place, &hub).await,
            Licence::Group(group) => group.run(place, &hub).await,
            Licence::Plans { connection, product } => plans::list(place, &hub, &connection, &product).await,
        };
        hub.close();
        done
    }
}

/// The connection's products, as they were last read.
async fn products(hub: &Hub, connection: &Connection) -> Result<Vec<Row>> {
    let key = connection.key;
    Ok(hub.db.read(move |tx| product::list(tx, key)).await?)
}

/// The product that is meant; one that is owned before one that is not.
///
/// # Errors
/// When there is none; the hint names the nearest one.
async fn find(hub: &Hub, connection: &Connection, wanted: &str) -> Result<Row> {
    let mut all = products(hub, connection).await?;
    if all.is_empty() {
        // Nothing has asked for them so far.
        hub.engine()?.read_products(connection.key).await?;
        all = products(hub, connection).await?;
    }
    all.sort_by_key(|row| row.seen == 0);
    let fits = |row: &Row| {
        row.product.sku.eq_ignore_ascii_case(wanted) || row.product.name.eq_ignore_ascii_case(wanted)
    };
    if let Some(at) = all.iter().position(fits) {
        return Ok(all.swap_remove(at));
    }
    let name = &connection.name;
    let shown = format!("`provost licence list \"{name}\"` shows what there is.");
    let hint = match nearest(wanted, all.iter().map(|row| row.product.name.as_str())) {
        Some(meant) => format!("did you mean {meant}? {shown}"),
        None => shown,
    };
    Err(Failure::new(format!("\"{name}\" has no product \"{wanted}\""), hint).into())
}
