//! Giving a licence again that a cycle took back.

use super::restore::left_alone;
use super::{Outcome, Undo};
use crate::Result;
use crate::licence::{LEFT_OUT, PRODUCT};
use provost_connect::{Licence, LicenceChange};
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_store::link_licence::{self, Given, Origin};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{lease, revisit};

impl Undo<'_> {
    /// Gives a person the licence again, with the services left out that were left out.
    pub(super) async fn give_again(&self, entry: &Entry) -> Result<Outcome> {
        let Some((rule, person, link)) = self.linked(Kind::Person, entry.object).await? else {
            return Ok(left_alone());
        };
        let detail = |name: &str| {
            entry
                .trace
                .steps
                .iter()
                .find_map(|step| step.details.get(name))
                .cloned()
        };
        let known = detail(PRODUCT).and_then(|sku| Some((self.open.licences.key_of(&sku)?, sku)));
        let Some((product, sku)) = known else {
            return Ok(Outcome::Left(
                "The organisation does not own the product any more.".to_owned(),
            ));
        };
        let left_out = detail(LEFT_OUT).unwrap_or_default();
        let disabled_plans: Vec<String> = left_out.split_whitespace().map(str::to_owned).collect();
        let change = LicenceChange {
            id: link.target_id.clone(),
            add: vec![Licence {
                sku,
                disabled_plans: disabled_plans.clone(),
            }],
            remove: Vec::new(),
        };
        if let Some(Err(e)) = self.open.target.change_licences(&[change]).await.pop() {
            return Ok(Outcome::Failed(format!("{e}. {}", e.hint())));
        }
        let given = Given {
            rule: rule.key,
            object: person.key,
            product,
            disabled_plans,
            modified: 0,
            origin: Origin::Mapping,
        };
        let (line, note) = (self.line(entry, Action::AddLicence, &link.target_id), self.note());
        self.engine
            .db
            .write(move |tx| {
                lease::prove(tx, note.lease)?;
                link_licence::put(tx, note.now, &given)?;
                provisioning_log::append(tx, person.workspace, &line)?;
                revisit::ask(tx, note.lease.connection, person.key, 0, note.now, "undo")?;
                note.protect(tx, &person)
            })
            .await?;
        Ok(Outcome::Done(
            "The person has the licence again, and is protected.".to_owned(),
        ))
    }
}
