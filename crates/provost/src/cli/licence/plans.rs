//! `provost licence plans`.

use crate::cli::Place;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use serde_json::json;

/// The services of a product.
pub(super) async fn list(place: &Place, hub: &Hub, connection: &str, product: &str) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let product = super::find(hub, &connection, product).await?.product;
    let answer = json!({"sku": product.sku, "name": product.name, "plans": product.plans});
    output::either(place.json, &answer, || {
        let mut table = Table::new(["service", "can be left out", "id"]);
        for plan in &product.plans {
            let can = if plan.assignable { "yes" } else { "no" };
            table.row([plan.name.clone(), can.to_owned(), plan.id.clone()]);
        }
        let shown = table.text_or("The target names no service of it.");
        let left_out = product.plans.iter().find(|plan| plan.assignable);
        match left_out {
            Some(plan) => format!(
                "{shown}\n\nA licence without one: {} -{}",
                product.name, plan.name
            ),
            None => shown,
        }
    })
}
