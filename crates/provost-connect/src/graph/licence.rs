//! Licences: products, seats, and who has them.
//!
//! Source: Microsoft Graph, "subscribedSku resource type", "user: assignLicense",
//! "licenseAssignmentState resource type".

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::job::Job;
use super::read::success;
use super::step::{Purpose, Step};
use super::{Graph, odata};
use crate::{HeldLicence, Kind, Licence, LicenceChange, Product, Refusal, Result, ServicePlan};

const CHANGING: &str = "changing the licences";
const READING: &str = "reading the licences";
/// Attempts after the first while a usage location that is set is not known everywhere.
const LOCATION_AGAIN: usize = 4;

/// What a refusal leaves to be done.
enum Rest {
    /// Nothing: this is the outcome.
    Ended(Result<()>),
    /// This, at once, and afterwards each of these removals alone; a removal that is impossible is told in the end.
    Narrowed(Option<LicenceChange>, Vec<String>, Option<crate::Error>),
    /// The same again after a pause.
    Later(crate::Error),
}

/// A change on its way.
struct Open {
    index: usize,
    change: LicenceChange,
    /// Told when everything else has been done.
    finally: Option<crate::Error>,
    /// Removals that follow, one by one.
    alone: Vec<String>,
    narrowed: bool,
}

impl Open {
    /// The next removal that goes alone.
    fn next_alone(&mut self) -> bool {
        let Some(sku) = self.alone.pop() else {
            return false;
        };
        self.change.add.clear();
        self.change.remove = vec![sku];
        // By itself its refusal says all: what it is to take is not there.
        self.narrowed = false;
        true
    }
}

impl Graph {
    pub(crate) async fn owned_products(&self) -> Result<Vec<Product>> {
        let operation = "reading the products";
        let url = self.wire.url("/subscribedSkus")?;
        let exchange = self.wire.read(&url, operation, false).await?;
        let list = self.to_its_end(&exchange, operation).await?;
        Ok(list.iter().filter_map(product).collect())
    }

    pub(crate) async fn licences_of(&self, id: &str) -> Result<Vec<HeldLicence>> {
        let step = held_step(Kind::Person, id);
        let exchange = self
            .wire
            .read(&self.wire.url(&step.path)?, READING, false)
            .await?;
        if exchange.status == 404 {
            return Err(exchange.failure(READING, Some(&(Kind::Person, id.to_owned()))));
        }
        Ok(held(success(&exchange, READING)?))
    }

    /// Adds and removes of one account go in one call, so that a swap loses no data. What the
    /// service refuses as a whole is narrowed to what is possible and sent again.
    pub(crate) async fn assign_licences(&self, changes: &[LicenceChange]) -> Vec<Result<()>> {
        let mut outcomes: Vec<Result<()>> = changes.iter().map(|_| Ok(())).collect();
        let mut open: Vec<Open> = changes
            .iter()
            .enumerate()
            .filter(|(_, change)| !change.add.is_empty() || !change.remove.is_empty())
            .map(|(index, change)| Open {
                index,
                change: change.clone(),
                finally: None,
                alone: Vec::new(),
                narrowed: false,
            })
            .collect();
        let mut pauses = self.fresh_retry.iter().take(LOCATION_AGAIN);
        while !open.is_empty() {
            let jobs = open
                .iter()
                .map(|open| Job::new([assign(Kind::Person, &open.change)]));
            let answers = self.run(jobs.collect()).await;
            let rests = self.rests(&open, answers).await;
            let waits = rests.iter().any(|rest| matches!(rest, Rest::Later(_)));
            let pause = if waits { pauses.next() } else { None };
            let mut next = Vec::new();
            for (mut one, rest) in open.into_iter().zip(rests) {
                match rest {
                    Rest::Narrowed(change, alone, finally) => {
                        one.alone.extend(alone);
                        one.finally = finally.or(one.finally);
                        one.narrowed = true;
                        match change {
                            Some(change) => one.change = change,
                            None => drop(one.next_alone()),
                        }
                        next.push(one);
                    }
                    Rest::Later(_) if pause.is_some() => next.push(one),
                    Rest::Later(error) => outcomes[one.index] = Err(error),
                    Rest::Ended(Ok(())) if one.next_alone() => next.push(one),
                    Rest::Ended(outcome) => {
                        outcomes[one.index] = outcome.and_then(|()| one.finally.map_or(Ok(()), Err));
                    }
                }
            }
            open = next;
            if let Some(pause) = pause {
                tokio::time::sleep(*pause).await;
            }
        }
        outcomes
    }

    /// What is left of each change after its answer. Who has to be looked at is looked at
    /// together.
    async fn rests(&self, open: &[Open], answers: Vec<Result<Option<crate::Account>>>) -> Vec<Rest> {
        let refusal = |answer: &Result<_>| answer.as_ref().err().and_then(Refusal::of);
        let in_question = |open: &Open, answer: &Result<_>| match refusal(answer) {
            Some(Refusal::Location) => true,
            Some(Refusal::NotHeld | Refusal::Inherited) => !open.narrowed,
            _ => false,
        };
        let asked: Vec<Step> = open
            .iter()
            .zip(&answers)
            .filter(|(open, answer)| in_question(open, answer))
            .map(|(open, _)| held_step(Kind::Person, &open.change.id))
            .collect();
        let mut seen = self.look(&asked).await.into_iter();
        open.iter()
            .zip(answers)
            .map(|(open, answer)| {
                if !in_question(open, &answer) {
                    return Rest::Ended(answer.map(drop));
                }
                let Err(error) = answer else {
                    return Rest::Ended(Ok(()));
                };
                // A look that failed says nothing: the refusal may be one because all is done already, and would be
                // taken for good.
                let looked = match seen.next() {
                    Some(Err(failed)) => return Rest::Ended(Err(failed)),
                    Some(Ok(seen)) if !seen.is_success() && seen.status != 404 => {
                        return Rest::Ended(Err(seen.failure(READING, None)));
                    }
                    Some(Ok(seen)) => seen.body.filter(|body| body.get("error").is_none()),
                    None => None,
                };
                match (Refusal::of(&error), looked) {
                    (Some(Refusal::Location), Some(body)) if body["usageLocation"].is_string() => {
                        Rest::Later(error)
                    }
                    (Some(Refusal::NotHeld | Refusal::Inherited), Some(body)) => {
                        narrow(&open.change, &held(&body))
                    }
                    _ => Rest::Ended(Err(error)),
                }
            })
            .collect()
    }

    /// The service accepts (202) and works it off in its own time.
    pub(crate) async fn assign_to_group(
        &self,
        group: &str,
        add: &[Licence],
        remove: &[String],
    ) -> Result<()> {
        let mut change = LicenceChange {
            id: group.to_owned(),
            add: add.to_vec(),
            remove: remove.to_vec(),
        };
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let outcome = self.run_one(vec![assign(Kind::Group, &change)]).await.map(drop);
        let Err(error) = outcome else { return Ok(()) };
        if Refusal::of(&error) != Some(Refusal::NotHeld) {
            return Err(error);
        }
        let step = held_step(Kind::Group, group);
        let exchange = self
            .wire
            .read(&self.wire.url(&step.path)?, READING, false)
            .await?;
        let has = held(success(&exchange, READING)?);
        change
            .remove
            .retain(|sku| has.iter().any(|held| same(&held.licence.sku, sku)));
        if change.add.is_empty() && change.remove.is_empty() {
            return Ok(());
        }
        self.run_one(vec![assign(Kind::Group, &change)]).await.map(drop)
    }
}

/// Both lists are always sent; the service asks for both.
fn assign(kind: Kind, change: &LicenceChange) -> Step {
    let add: Vec<Value> = change
        .add
        .iter()
        .map(|licence| json!({"skuId": licence.sku, "disabledPlans": licence.disabled_plans}))
        .collect();
    let path = format!("{}/assignLicense", odata::object(kind, &change.id));
    Step::new(Method::POST, path, CHANGING, Purpose::Licence)
        .body(json!({"addLicenses": add, "removeLicenses": change.remove}))
        .needs(kind, &change.id)
}

fn held_step(kind: Kind, id: &str) -> Step {
    let select = match kind {
        Kind::Person => "id,usageLocation,assignedLicenses,licenseAssignmentStates",
        Kind::Group => "id,assignedLicenses",
    };
    Step::look(
        format!("{}?$select={select}", odata::object(kind, id)),
        READING,
        id,
    )
}

/// Without the removals of what the account does not seem to have: the look may have met a copy that is behind, so
/// each of these is tried by itself. What it has from a group only stays, and is told.
fn narrow(change: &LicenceChange, has: &[HeldLicence]) -> Rest {
    let mut narrowed = change.clone();
    let (mut alone, mut inherited) = (Vec::new(), None);
    narrowed.remove.retain(|sku| {
        let mut here = has.iter().filter(|held| same(&held.licence.sku, sku)).peekable();
        let is_seen = here.peek().is_some();
        let group = here.clone().find_map(|held| held.from_group.clone());
        let is_own = here.any(|held| held.from_group.is_none());
        match group {
            _ if is_own => return true,
            Some(group) => inherited = inherited.take().or(Some((sku.clone(), group))),
            None if !is_seen => alone.push(sku.clone()),
            None => {}
        }
        false
    });
    let finally = inherited.map(|(sku, group)| {
        let words = format!("product {sku}, group {group}");
        Refusal::Inherited.error(CHANGING, &words)
    });
    let is_left = !narrowed.add.is_empty() || !narrowed.remove.is_empty();
    // What was refused alone is not there.
    let was_alone = change.add.is_empty() && change.remove.len() == 1;
    if !is_left && (was_alone || alone.is_empty()) {
        return Rest::Ended(finally.map_or(Ok(()), Err));
    }
    Rest::Narrowed(is_left.then_some(narrowed), alone, finally)
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The licences in an object. Where the service tells their states, these count: the plain list
/// mixes what is direct with what comes from groups.
fn held(body: &Value) -> Vec<HeldLicence> {
    let list = |name: &str| body[name].as_array().map_or(&[][..], Vec::as_slice);
    let mut held: BTreeMap<(String, Option<String>), HeldLicence> = BTreeMap::new();
    for state in list("licenseAssignmentStates") {
        let Some(licence) = licence(state) else { continue };
        let text = |name: &str| state[name].as_str().filter(|text| !text.is_empty());
        let from_group = text("assignedByGroup").map(str::to_owned);
        let failed = matches!(text("state"), Some("Error" | "ActiveWithError"));
        let error = text("error").filter(|error| *error != "None");
        let error = error.or(failed.then_some("Other")).map(str::to_owned);
        let key = (licence.sku.clone(), from_group.clone());
        held.insert(
            key,
            HeldLicence {
                licence,
                from_group,
                error,
            },
        );
    }
    for licence in list("assignedLicenses").iter().filter_map(licence) {
        if !held.keys().any(|(sku, _)| *sku == licence.sku) {
            let key = (licence.sku.clone(), None);
            held.insert(
                key,
                HeldLicence {
                    licence,
                    from_group: None,
                    error: None,
                },
            );
        }
    }
    held.into_values().collect()
}

fn licence(body: &Value) -> Option<Licence> {
    let plans = body["disabledPlans"].as_array().map_or(&[][..], Vec::as_slice);
    let mut disabled_plans: Vec<String> = plans.iter().filter_map(Value::as_str).map(lower).collect();
    disabled_plans.sort();
    Some(Licence {
        sku: lower(body["skuId"].as_str()?),
        disabled_plans,
    })
}

fn product(body: &Value) -> Option<Product> {
    let number = |object: &Value, name: &str| object[name].as_u64().unwrap_or(0);
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let units = &body["prepaidUnits"];
    let plans = body["servicePlans"].as_array().map_or(&[][..], Vec::as_slice);
    Some(Product {
        sku: lower(body["skuId"].as_str()?),
        name: text("skuPartNumber")?,
        state: text("capabilityStatus").unwrap_or_else(|| "Enabled".to_owned()),
        enabled: number(units, "enabled"),
        warning: number(units, "warning"),
        suspended: number(units, "suspended") + number(units, "lockedOut"),
        consumed: number(body, "consumedUnits"),
        assignable: body["appliesTo"] == "User",
        plans: plans.iter().filter_map(plan).collect(),
    })
}

fn plan(body: &Value) -> Option<ServicePlan> {
    Some(ServicePlan {
        id: lower(body["servicePlanId"].as_str()?),
        name: body["servicePlanName"].as_str()?.to_owned(),
        assignable: body["appliesTo"] == "User",
    })
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
