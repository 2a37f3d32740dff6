//! `provost licence holders`.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::link_licence::{self, Holder};
use serde_json::{Value, json};

/// Whose licences.
#[derive(Debug, clap::Args)]
pub(crate) struct Holders {
    /// The connection
    connection: String,
    /// The product
    product: String,
    /// Only those after this place, as the page before told it
    #[arg(long, value_name = "PLACE", value_parser = place)]
    after: Option<(i64, i64)>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// `RULE.OBJECT`, the keys of the last one that was shown.
fn place(text: &str) -> Result<(i64, i64), String> {
    let keys = text
        .split_once('.')
        .and_then(|(rule, object)| Some((rule.parse().ok()?, object.parse().ok()?)));
    keys.ok_or_else(|| "take it from the page before: two numbers with a dot between".to_owned())
}

impl Holders {
    /// Lists who has the product from Provost.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let row = super::find(hub, &connection, &self.product).await?;
        let (product, after, limit) = (row.key, self.after, i64::from(self.limit));
        let all = hub
            .db
            .read(move |tx| link_licence::holders(tx, product, after, limit))
            .await?;
        let last = all.last().filter(|_| all.len() == self.limit as usize);
        let next = last.map(|one| format!("{}.{}", one.given.rule, one.given.object));
        let name = |id: &String| {
            let known = row.product.plans.iter().find(|plan| plan.id == *id);
            known.map_or(id.clone(), |plan| plan.name.clone())
        };
        let without = |one: &Holder| one.given.disabled_plans.iter().map(name).collect::<Vec<_>>();
        let rows: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "label": one.label, "target_id": one.target_id, "without": without(one),
                    "origin": one.given.origin, "since": clock::text(one.given.modified),
                })
            })
            .collect();
        let answer = json!({"product": row.product.name, "holders": rows, "next": next});
        output::either(place.json, &answer, || {
            let mut table = Table::new(["person", "account", "without", "because of", "since"]);
            for one in &all {
                table.row([
                    one.label.clone(),
                    one.target_id.clone(),
                    without(one).join(", "),
                    one.given.origin.to_string(),
                    clock::text(one.given.modified),
                ]);
            }
            let shown = table.text_or("Nobody has it from Provost.");
            match &next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}
