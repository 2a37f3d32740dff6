//! The provider that a connection belongs to, for the pages of the connection: what the store refuses stands beside
//! the dead button.

use super::words::LOCKED;
use crate::console::address::Space;
use crate::console::refusal::Result;
use crate::state::State;
use crate::texts::Language;
use provost_store::Tx;
use provost_store::microsoft_365;

/// The provider of a connection.
pub(in crate::console) struct Owner {
    pub name: String,
    pub address: String,
    /// Why nobody can be assigned; empty where they can.
    pub dead: String,
}

/// The provider that a connection belongs to, where it belongs to one.
///
/// # Errors
/// Any error of the store.
pub(in crate::console) async fn of_connection(
    state: &State,
    connection: i64,
    space: &Space,
    language: Language,
) -> Result<Option<Owner>> {
    let read = move |tx: &mut Tx| microsoft_365::by_connection(tx, connection);
    let found = state.db().read_short(read).await?;
    Ok(found.map(|one| Owner {
        address: space.to(&["microsoft-365", &one.name]),
        dead: match one.is_assignable() {
            true => String::new(),
            false => language.t(LOCKED).to_owned(),
        },
        name: one.name,
    }))
}
