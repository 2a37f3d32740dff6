//! What the guide to Microsoft 365 as a provider looks at: who administers, what the directory has, and how far the
//! provider is.

use crate::console::place;
use crate::console::refusal::Result;
use crate::state::State;
use crate::visitor::Visitor;
use provost_engine::object::Kind;
use provost_store::administrator::{self, Role};
use provost_store::microsoft_365::{self, Provider};
use provost_store::{Error as Store, Tx, directory};
use provost_sync::federation::Cockpit;
use provost_sync::microsoft_365::ChecklistLine;

/// Administrators that are looked at.
const ADMINISTRATORS: i64 = 500;
/// Providers to choose from.
const PROVIDERS: i64 = 100;

/// What is known.
#[derive(Default)]
pub(super) struct OfMicrosoft365 {
    /// Providers to choose from.
    pub names: Vec<String>,
    /// The one that is named, else the newest.
    pub provider: Option<Provider>,
    pub checklist: Vec<ChecklistLine>,
    /// The lines at the end of its migration.
    pub migration: Vec<ChecklistLine>,
    /// How far the switch of its domain is.
    pub federation: Option<Cockpit>,
    /// Somebody who owns the workspace, and somebody who configures it.
    pub owner: Option<String>,
    pub configuration: Option<String>,
    pub people: i64,
    pub groups: i64,
}

impl OfMicrosoft365 {
    /// Reads it, about the provider of this name.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn read(state: &State, visitor: &Visitor, name: &str) -> Result<Self> {
        let (workspace, wanted) = (visitor.workspace()?.key, name.to_owned());
        let mut known = state
            .db()
            .read(move |tx| Self::known(tx, workspace, &wanted))
            .await?;
        if let Some(provider) = &known.provider {
            known.checklist = place::engine(state)?
                .provider_checklist(workspace, &provider.name)
                .await?;
            let found = place::engine(state)?.migration(workspace, &provider.name).await?;
            known.migration = found.checklist;
            let found = place::engine(state)?.federation(workspace, &provider.name);
            known.federation = Some(found.await?);
        }
        Ok(known)
    }

    fn known(tx: &mut Tx, workspace: i64, wanted: &str) -> std::result::Result<Self, Store> {
        let mut known = Self {
            people: directory::count(tx, workspace, Kind::Person)?,
            groups: directory::count(tx, workspace, Kind::Group)?,
            ..Self::default()
        };
        for one in administrator::list(tx, 0, ADMINISTRATORS)? {
            let role = administrator::role_in(tx, one.key, workspace)?;
            let place = match role.filter(|_| one.is_active()) {
                Some(Role::Owner) => &mut known.owner,
                Some(Role::ConfigurationAdmin) => &mut known.configuration,
                _ => continue,
            };
            place.get_or_insert(one.name);
        }
        let all = microsoft_365::list(tx, workspace, "", PROVIDERS)?;
        known.names = all.iter().map(|one| one.name.clone()).collect();
        let named = all.iter().find(|one| one.name == wanted);
        known.provider = named.or_else(|| all.iter().max_by_key(|one| one.key)).cloned();
        Ok(known)
    }

    /// A line of the checklist, by its key.
    pub fn line(&self, key: &str) -> Option<&ChecklistLine> {
        self.checklist.iter().find(|line| line.key == key)
    }
}
