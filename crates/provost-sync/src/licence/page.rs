//! The licences of a connection at a glance: seats, who has them, what the next cycle needs, what is short.

use super::catalogue::stored;
use crate::proposal::Proposal;
use crate::{Engine, Result};
use provost_store::{link_licence, product, retry};
use serde::Serialize;
use std::collections::BTreeMap;

/// The stable word for a licence that waits for a seat.
const SEATS: &str = "PRV-LICENCE-SEATS";

/// A product with its seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LicenceLine {
    /// The target's id of the product.
    pub product: String,
    /// Its short name.
    pub name: String,
    /// `Enabled`, `Warning`, `Suspended`, `Deleted` or `LockedOut`; empty for a product that is only named by a mapping
    /// and that the organisation does not own.
    pub state: String,
    /// Whether people can have it; other products belong to the whole organisation.
    pub assignable: bool,
    /// Seats that can be used, those in their grace period included.
    pub seats: u64,
    /// Seats in use, whoever gave them.
    pub used: u64,
    /// Seats that nobody has.
    pub free: u64,
    /// How many of those in use Provost gave.
    pub given: u64,
    /// Seats that are needed beyond those that the next cycle gives back: by what it is to give, and by people who
    /// wait for a seat since an earlier one.
    pub planned: u64,
    /// How many of them are missing.
    pub short: u64,
    /// When the seats were read from the target, in milliseconds since 1970; 0 for never.
    pub seen: i64,
}

fn count(counts: &BTreeMap<i64, i64>, product: i64) -> u64 {
    let count = counts.get(&product).copied().unwrap_or(0);
    u64::try_from(count).unwrap_or(0)
}

impl Engine {
    /// Reads the products of a connection's organisation with their seats, and keeps them. Cycles do so by themselves
    /// where the connection deals with licences; before it does, somebody may want to choose among them.
    ///
    /// # Errors
    /// [`crate::Error::Target`] when the target cannot be asked; [`crate::Error::Refused`] with
    /// `PRV-CONNECTION-INVALID`; [`crate::Error::NoConnection`]; any error of the store.
    pub async fn read_products(&self, connection: i64) -> Result<()> {
        self.refuse_invalid(connection).await?;
        let open = self.open(connection).await?;
        let products = open.target.products().await?;
        let now = self.now();
        let products: Vec<product::Product> = products.into_iter().map(stored).collect();
        self.db
            .write(move |tx| product::put_all(tx, connection, now, &products))
            .await?;
        Ok(())
    }

    /// Reads the products after a test that succeeded, so that they can be chosen at once. A target without licences
    /// has none; one that does not tell them now is asked again by the first cycle that needs them.
    pub(crate) async fn learn_products(&self, connection: i64) {
        if let Err(error) = self.read_products(connection).await {
            tracing::debug!(%error, "the products are not read yet");
        }
    }

    /// The products of a connection with their seats, and what the next cycle needs of them. The seats are those that
    /// were read last; [`LicenceLine::seen`] says when.
    ///
    /// # Errors
    /// [`crate::Error::Rules`] when a rule does not compile; [`crate::Error::NoConnection`]; any error of the store.
    pub async fn licence_page(&self, connection: i64) -> Result<Vec<LicenceLine>> {
        let proposal = Proposal::default();
        let plan = self
            .make_plan(connection, None, &proposal, "", false, None)
            .await?;
        let (rows, given, waiting) = self
            .db
            .read(move |tx| {
                let given = link_licence::count(tx, connection)?;
                let waiting = retry::by_member(tx, connection, SEATS)?;
                Ok::<_, provost_store::Error>((product::list(tx, connection)?, given, waiting))
            })
            .await?;
        let line = |row: &product::Row| {
            let needs = plan.seats.iter().find(|one| one.product == row.product.sku);
            let given = count(&given, row.key);
            let waiting = count(&waiting, row.key);
            // What was given since the seats were read is in use as well.
            let (seats, used) = (
                row.product.enabled + row.product.warning,
                row.product.consumed.max(given),
            );
            let free = seats.saturating_sub(used);
            LicenceLine {
                product: row.product.sku.clone(),
                name: row.product.name.clone(),
                state: row.product.state.clone(),
                assignable: row.product.assignable,
                seats,
                used,
                free,
                given,
                // Those who wait are part of the plan once they are due again.
                planned: needs.map_or(0, |one| one.needed).max(waiting),
                short: needs.map_or(0, |one| one.short).max(waiting.saturating_sub(free)),
                seen: row.seen,
            }
        };
        Ok(rows.iter().map(line).collect())
    }
}
