//! What the groups of a person bring them. A cycle over everything lists it once; a cycle over a few changes asks
//! about each of them.

use super::catalogue::{Catalogue, Wish};
use crate::{nesting, touched};
use provost_store::{Db, Result, Tx};
use std::collections::HashMap;
use std::time::Duration;

/// How long the list may take to make.
const LIMIT: Duration = Duration::from_secs(60);

/// Licences that groups bring.
#[derive(Debug, Default)]
pub(crate) enum Brought {
    /// No group brings one.
    #[default]
    Nothing,
    /// By the groups of each person who is asked about.
    Asked,
    /// By person.
    Listed(HashMap<i64, Vec<Wish>>),
}

impl Brought {
    pub fn of(catalogue: &Catalogue) -> Self {
        if catalogue.by_member().is_empty() {
            Self::Nothing
        } else {
            Self::Asked
        }
    }

    /// What a person's groups bring.
    pub fn to(&self, tx: &mut Tx, catalogue: &Catalogue, nested: bool, person: i64) -> Result<Vec<Wish>> {
        match self {
            Self::Nothing => Ok(Vec::new()),
            Self::Listed(known) => Ok(known.get(&person).cloned().unwrap_or_default()),
            Self::Asked => {
                let groups = nesting::groups_of(tx, person, nested)?;
                let bring = groups.iter().filter_map(|group| catalogue.by_member().get(group));
                Ok(bring.flatten().cloned().collect())
            }
        }
    }

    /// The same for a look at the whole directory.
    pub async fn listed(db: &Db, catalogue: &Catalogue, nested: bool) -> Result<Self> {
        if catalogue.by_member().is_empty() {
            return Ok(Self::Nothing);
        }
        let groups = catalogue.by_member().clone();
        db.read_within(LIMIT, move |tx| {
            let mut listed: HashMap<i64, Vec<Wish>> = HashMap::new();
            for (group, wishes) in &groups {
                for person in touched::members_of(tx, *group, nested)? {
                    listed.entry(person).or_default().extend(wishes.iter().cloned());
                }
            }
            Ok(Self::Listed(listed))
        })
        .await
    }
}
