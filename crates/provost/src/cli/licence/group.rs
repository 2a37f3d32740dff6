//! `provost licence group`: groups that bring a licence.

use crate::cli::{Place, who};
use crate::clock;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::directory;
use provost_store::group_licence::{self, GroupLicence, New, Way};
use provost_store::product::{Product, Row};
use serde_json::{Value, json};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// A group of the directory brings a licence to its members: Provost gives it to each of them, or the target's group
/// gets it and the target gives it on.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Group {
    /// List which group brings what
    List {
        /// The connection
        connection: String,
    },
    /// Have a group bring a licence; done again, what is left out is another
    Add(Add),
    /// Have it bring the licence no more: who has it only by that loses it with the next cycle
    Remove(Remove),
}

/// Which licence.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The connection
    connection: String,
    /// The group
    group: String,
    /// The product
    product: String,
    /// A service that is left out, by name or id; repeatable
    #[arg(long, value_name = "SERVICE")]
    without: Vec<String>,
    /// How it gets to the members
    #[arg(long, value_enum, default_value = "member")]
    way: By,
}

/// Which licence.
#[derive(Debug, clap::Args)]
pub(crate) struct Remove {
    /// The connection
    connection: String,
    /// The group
    group: String,
    /// The product
    product: String,
}

/// How it gets to the members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    /// Provost gives it to each member's account
    Member,
    /// The target's group has it, and the target gives it to the members
    Group,
}

impl Group {
    /// Runs the command.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        match self {
            Group::List { connection } => list(place, hub, &connection).await,
            Group::Add(add) => add.run(place, hub).await,
            Group::Remove(remove) => remove.run(place, hub).await,
        }
    }
}

async fn list(place: &Place, hub: &Hub, connection: &str) -> Result<()> {
    let connection = hub.connection(connection).await?;
    let all = all(hub, connection.key).await?;
    let products = super::products(hub, &connection).await?;
    let without = |one: &GroupLicence| {
        let product = products.iter().find(|row| row.key == one.product);
        plan_names(product, &one.disabled_plans)
    };
    let answer: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "group": one.label, "group_id": one.group_id, "product": one.product_name, "sku": one.sku,
                "without": without(one), "way": one.way, "written": one.written,
                "since": clock::text(one.created), "by": one.actor,
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["group", "product", "without", "way", "since", "by"]);
        for one in &all {
            table.row([
                one.label.clone(),
                one.product_name.clone(),
                without(one).join(", "),
                one.way.to_string(),
                clock::text(one.created),
                one.actor.clone(),
            ]);
        }
        let name = &connection.name;
        table.text_or(&format!(
            "No group brings a licence. `provost licence group add \"{name}\" GROUP PRODUCT` has one do it."
        ))
    })
}

/// Every licence of a group, in their order.
async fn all(hub: &Hub, connection: i64) -> Result<Vec<GroupLicence>> {
    let all = hub.db.read(move |tx| {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = group_licence::list(tx, connection, after, PAGE)?;
            let is_last = (page.len() as i64) < PAGE;
            after = page.last().map_or(after, |one| one.key);
            all.extend(page);
            if is_last {
                return Ok::<_, provost_store::Error>(all);
            }
        }
    });
    Ok(all.await?)
}

fn plan_names(product: Option<&Row>, ids: &[String]) -> Vec<String> {
    let name = |id: &String| {
        let known = product.and_then(|row| row.product.plans.iter().find(|plan| plan.id == *id));
        known.map_or(id.clone(), |plan| plan.name.clone())
    };
    ids.iter().map(name).collect()
}

impl Add {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let group = group(hub, &self.group).await?;
        let row = super::find(hub, &connection, &self.product).await?;
        let plans = self.plans(&row.product)?;
        let way = match self.way {
            By::Member => Way::Member,
            By::Group => Way::Group,
        };
        let (label, product) = (group.label.clone(), row.product.name.clone());
        let (owner, left_out) = (connection.clone(), plans.clone());
        let changed = hub
            .db
            .write(move |tx| {
                let Some(group) = directory::by_key(tx, group.key)? else {
                    return Ok(false);
                };
                let new = New {
                    group: &group,
                    product: row.key,
                    disabled_plans: &left_out,
                    way,
                };
                group_licence::add(tx, &hub::actor(), clock::now(), &owner, &new)
            })
            .await?;
        let answer = json!({
            "group": label, "product": product, "without": self.without, "way": way, "changed": changed,
        });
        output::either(place.json, &answer, || match changed {
            true => format!(
                "The group \"{label}\" brings {product} to its members with the next cycle: provost plan \"{}\"",
                connection.name
            ),
            false => format!("The group \"{label}\" brings {product} already; nothing was changed."),
        })
    }

    /// The ids of the services that are left out.
    fn plans(&self, product: &Product) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for wanted in &self.without {
            let is_it =
                |id: &str, name: &str| id.eq_ignore_ascii_case(wanted) || name.eq_ignore_ascii_case(wanted);
            let found = product.plans.iter().find(|plan| is_it(&plan.id, &plan.name));
            let Some(plan) = found.filter(|plan| plan.assignable) else {
                let sentence = format!(
                    "{} has no service \"{wanted}\" that can be left out",
                    product.name
                );
                let hint = format!(
                    "`provost licence plans \"{}\" {}` shows its services.",
                    self.connection, product.name
                );
                return Err(Failure::new(sentence, hint).into());
            };
            ids.push(plan.id.clone());
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

/// The group of the directory that is meant.
async fn group(hub: &Hub, text: &str) -> Result<who::Named> {
    let named = who::present(hub, text).await?;
    if named.kind == Kind::Group {
        return Ok(named);
    }
    let hint = "Name a group; what each person gets is mapped to assignedLicenses in the rule.";
    Err(Failure::new(format!("{} is no group", named.label), hint).into())
}

impl Remove {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let group = who::present_or_gone(hub, &self.group).await?;
        let row = super::find(hub, &connection, &self.product).await?;
        let (owner, product) = (connection.clone(), row.key);
        let removed = hub
            .db
            .write(move |tx| {
                let all = group_licence::of_group(tx, owner.key, group.key)?;
                let Some(one) = all.iter().find(|one| one.product == product) else {
                    return Ok(false);
                };
                group_licence::remove(tx, &hub::actor(), clock::now(), &owner, one.key)
            })
            .await?;
        let (label, product) = (&group.label, &row.product.name);
        if !removed {
            let hint = format!(
                "`provost licence group list \"{}\"` shows what there is.",
                connection.name
            );
            return Err(Failure::new(format!("the group \"{label}\" does not bring {product}"), hint).into());
        }
        let answer = json!({"group": label, "product": product, "removed": true});
        output::either(place.json, &answer, || {
            format!(
                "The group \"{label}\" brings {product} no more. Who has it only by that loses it with the next cycle: \
                 provost plan \"{}\"",
                connection.name
            )
        })
    }
}
