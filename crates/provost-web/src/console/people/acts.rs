//! What can be done with somebody, and why not where it cannot: the sentence on the dead button is the one that the
//! handler refuses with.

use crate::console::place::{Somebody, Standing};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use provost_engine::object::Kind;
use provost_store::protection::{self, Protected};
use provost_store::provider::{self, Provider};
use provost_store::{Error as Store, Tx, connection};

/// Protections that are read at once, and how often at most: a list that people keep by hand is short.
const PROTECTIONS: i64 = 500;
const READS: usize = 20;

/// What can be done. A sentence is empty where it can.
pub(super) struct Acts {
    /// Their page, below which the acts are.
    pub address: String,
    pub is_present: bool,
    pub is_deleted: bool,
    pub is_blocked: bool,
    /// Why the reader may not decide about people.
    pub access: String,
    /// Why they cannot be edited here.
    pub edit: String,
    /// Why they cannot be deleted here.
    pub delete: String,
    /// Why they cannot be provisioned now.
    pub provision: String,
    pub protections: Vec<Protection>,
    /// Where they can be protected: a connection's key, or nothing for all; and what to call it.
    pub places: Vec<(String, String)>,
    /// Until when they can be restored; none without an end.
    pub restorable: Option<Moment>,
}

impl Acts {
    /// The page at this path below theirs.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

/// A protection that holds.
pub(super) struct Protection {
    pub key: i64,
    /// The connection; none for all of them.
    pub connection: Option<String>,
    pub reason: String,
    pub actor: String,
    pub at: Moment,
}

/// Why a reader may not do something; empty when they may.
pub(in crate::console) fn role(visitor: &Visitor, act: Act) -> String {
    if visitor.may(act) {
        return String::new();
    }
    visitor
        .language
        .f("This takes the role {}.", &[visitor.language.t(act.roles())])
}

/// What can be done with somebody.
pub(super) async fn of(state: &State, visitor: &Visitor, who: &Somebody) -> Result<Acts> {
    let (workspace, key, owner) = (who.workspace, who.key, who.owner());
    let read = move |tx: &mut Tx| {
        let connections: Vec<_> = connection::all(tx, workspace)?;
        let owner = match owner {
            Some(owner) => provider::by_key(tx, owner)?,
            None => None,
        };
        Ok::<_, Store>((protections(tx, workspace, key)?, connections, owner))
    };
    let (protected, connections, owner) = state.db().read(read).await?;
    let clock = Clock::of(visitor, now());
    let named = |key: Option<i64>| {
        let found = connections.iter().find(|one| Some(one.key) == key);
        found.map(|one| one.name.clone())
    };
    let everywhere = visitor.language.t(text("every connection")).to_owned();
    let places = connections
        .iter()
        .map(|one| (one.key.to_string(), one.name.clone()));
    let access = role(visitor, Act::Access);
    Ok(Acts {
        address: who.address(),
        is_present: who.object.is_some(),
        is_deleted: who.deleted.is_some(),
        is_blocked: matches!(who.standing, Standing::Blocked(_)),
        edit: first(&access, || by_provider(visitor, who, owner.as_ref())),
        delete: first(&access, || undeletable(visitor, who, owner.as_ref())),
        provision: first(&role(visitor, Act::Operate), || {
            nowhere(visitor, connections.is_empty())
        }),
        protections: protected
            .into_iter()
            .map(|one| Protection {
                key: one.key,
                connection: named(one.connection),
                at: clock.moment(one.created),
                reason: one.reason,
                actor: one.actor,
            })
            .collect(),
        places: std::iter::once((String::new(), everywhere))
            .chain(places)
            .collect(),
        restorable: who
            .deleted
            .as_ref()
            .filter(|one| one.blocked.is_none())
            .map(|one| clock.moment(one.purge_after)),
        access,
    })
}

/// The first sentence that there is.
fn first(sentence: &str, other: impl FnOnce() -> String) -> String {
    if sentence.is_empty() {
        other()
    } else {
        sentence.to_owned()
    }
}

fn nowhere(visitor: &Visitor, is_nowhere: bool) -> String {
    let sentence = text("There is no connection yet that could provision anybody.");
    if is_nowhere {
        visitor.language.t(sentence).to_owned()
    } else {
        String::new()
    }
}

/// Why somebody's record cannot be edited here; empty when it can.
pub(super) fn by_provider(visitor: &Visitor, who: &Somebody, owner: Option<&Provider>) -> String {
    if who.is_by_hand() {
        return String::new();
    }
    let name = owner.map_or("", |one| one.name.as_str());
    visitor.language.f(
        "{} sends this record and would write over it. Change it there.",
        &[name],
    )
}

/// Why somebody cannot be deleted here; empty when they can. A provider that is answered makes them again.
pub(super) fn undeletable(visitor: &Visitor, who: &Somebody, owner: Option<&Provider>) -> String {
    let Some(owner) = owner.filter(|one| one.state != provider::State::Off) else {
        return String::new();
    };
    let sentence = match who.kind {
        Kind::Person => {
            text("{} sends this person and would make them again. Delete them there, or block them here.")
        }
        Kind::Group => text("{} sends this group and would make it again. Delete it there."),
    };
    visitor.language.f(sentence, &[&owner.name])
}

/// The protections of one person or group, in any connection.
fn protections(tx: &mut Tx, workspace: i64, object: i64) -> std::result::Result<Vec<Protected>, Store> {
    let (mut found, mut after) = (Vec::new(), 0);
    for _ in 0..READS {
        let page = protection::list(tx, workspace, None, after, PROTECTIONS)?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.key;
        found.extend(page.into_iter().filter(|one| one.object == object));
    }
    Ok(found)
}
