//! Whom a connection's assignment means: everybody, or who is assigned directly or through a group.
//!
//! A cycle over everything lists them once; a cycle over a few changes asks about each of them, so that one
//! change among a million people costs one lookup.

use provost_engine::object::Kind;
use provost_store::connection::{Assignment, Preferences};
use provost_store::{Db, Tx, assignment};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long the list of everybody who is assigned may take to make.
const LIMIT: Duration = Duration::from_secs(60);

/// The objects that are meant.
#[derive(Debug)]
pub(crate) enum Assigned {
    /// All of them: the connection does not look at assignments.
    Everybody,
    /// Whom the store names, asked one by one.
    Asked { connection: i64, nested: bool },
    /// These keys, in order.
    Listed(Vec<i64>),
}

impl Assigned {
    pub fn of(preferences: &Preferences, connection: i64) -> Self {
        match preferences.assignment {
            Assignment::All => Self::Everybody,
            Assignment::Assigned => Self::Asked {
                connection,
                nested: preferences.nested,
            },
        }
    }

    /// Whether the object is meant. A group is meant only when it is assigned itself; a person also when one of
    /// their groups is.
    pub fn contains(&self, tx: &mut Tx, kind: Kind, object: i64) -> provost_store::Result<bool> {
        let (connection, nested) = match self {
            Self::Everybody => return Ok(true),
            Self::Listed(_) => return Ok(self.has_listed(object)),
            Self::Asked { connection, nested } => (*connection, *nested),
        };
        match kind {
            Kind::Group => assignment::contains(tx, connection, object),
            Kind::Person => assignment::covers(tx, connection, object, nested),
        }
    }

    /// Whether the object is meant, where that is known without the store; an object that nobody has listed is
    /// not.
    pub fn has_listed(&self, object: i64) -> bool {
        match self {
            Self::Everybody => true,
            Self::Listed(keys) => keys.binary_search(&object).is_ok(),
            Self::Asked { .. } => false,
        }
    }
}

/// Lists everybody who is meant. `assign` and `unassign` are changes that are not saved yet.
pub(crate) async fn list(
    db: &Db,
    preferences: &Preferences,
    connection: i64,
    assign: &[i64],
    unassign: &[i64],
) -> provost_store::Result<Assigned> {
    if preferences.assignment == Assignment::All {
        return Ok(Assigned::Everybody);
    }
    let nested = preferences.nested;
    let (assign, unassign) = (assign.to_vec(), unassign.to_vec());
    db.read_within(LIMIT, move |tx| {
        if assign.is_empty() && unassign.is_empty() {
            return Ok(Assigned::Listed(assignment::effective(tx, connection, nested)?));
        }
        let mut direct: BTreeSet<i64> = assignment::set(tx, connection)?.into_iter().collect();
        direct.extend(assign.iter().copied());
        direct.retain(|key| !unassign.contains(key));
        let mut keys: Vec<i64> = direct.iter().copied().collect();
        for key in direct {
            keys.extend(assignment::people_of(tx, key, nested)?);
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(Assigned::Listed(keys))
    })
    .await
}
