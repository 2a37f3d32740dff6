//! Whether a 404 to a removal says that it is done already, or that the copy that answered has not heard of a fresh
//! object yet. The difference matters when an answer was lost: the removal was carried out, and its repeat meets a 404.

use super::step::Step;
use super::{Graph, odata};
use crate::Kind;

/// Tries after which a deletion that left nothing in the bin counts as done: a security group leaves nothing there.
const DELETED_WITHOUT_TRACE: usize = 3;

impl Graph {
    /// Whether what `step` takes away is away. `tried` is how many of its tries have met a 404 before this one.
    pub(super) async fn is_gone(&self, step: &Step, tried: usize) -> bool {
        let deleted = match step.needs.as_slice() {
            [(kind, id)] if odata::deletable(*kind, id).is_ok_and(|path| path == step.path) => Some(id),
            _ => None,
        };
        if let Some(id) = deleted {
            return tried >= DELETED_WITHOUT_TRACE || self.is_in_bin(id).await;
        }
        // Both ends are known where it was asked, so what is missing is the tie between them. One copy may know them
        // and another not: the second 404 counts.
        tried > 0 && self.are_there(&step.needs).await
    }

    async fn is_in_bin(&self, id: &str) -> bool {
        match odata::binned(id) {
            Ok(path) => self.answers(&format!("{path}?$select=id")).await,
            Err(_) => false,
        }
    }

    async fn are_there(&self, objects: &[(Kind, String)]) -> bool {
        for (kind, id) in objects {
            if !self
                .answers(&format!("{}?$select=id", odata::object(*kind, id)))
                .await
            {
                return false;
            }
        }
        true
    }

    /// Whether an address leads to an object. What cannot be read counts as not there: then time decides.
    async fn answers(&self, path: &str) -> bool {
        let Ok(url) = self.wire.url(path) else {
            return false;
        };
        let exchange = self.wire.read(&url, "looking for what was removed", false).await;
        exchange.is_ok_and(|exchange| exchange.is_success())
    }
}
