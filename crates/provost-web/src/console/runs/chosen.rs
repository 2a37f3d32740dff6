//! Choosing one connection on a page about all of them.

use crate::console::address::Space;
use provost_store::connection::Connection;

/// Connections to choose from.
pub(super) struct Chosen {
    /// Where all of them are shown.
    pub all: String,
    /// Whether all of them are.
    pub is_all: bool,
    pub connections: Vec<One>,
}

/// A connection.
pub(super) struct One {
    pub name: String,
    pub address: String,
    pub is_here: bool,
}

/// The choice on the page at `path`.
pub(super) fn of(space: &Space, path: &str, connections: &[Connection], name: &str) -> Chosen {
    Chosen {
        all: space.at(path),
        is_all: name.is_empty(),
        connections: connections
            .iter()
            .map(|one| One {
                name: one.name.clone(),
                address: space.page(path.to_owned(), &[("connection", one.name.clone())]),
                is_here: one.name == name,
            })
            .collect(),
    }
}
