//! List requests: the parameters (RFC 7644 sections 3.4.2 and 3.4.3), the window of a page, the order, and
//! the answer around the resources.

mod head;
mod key;
mod parameters;
mod sort;

use std::ops::Range;

use crate::filter::Filter;
use crate::project::Projection;

pub use head::{Head, list_response, list_response_head};
pub use key::SortKey;
pub use sort::Sort;

/// What a list request asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Who is meant; everybody when absent.
    pub filter: Option<Filter>,
    /// In which order; by creation when absent.
    pub sort: Option<Sort>,
    /// The position of the first resource of the page, counted from 1.
    pub start_index: u64,
    /// How many resources; the server's choice when absent.
    pub count: Option<u64>,
    /// Paging by cursor (RFC 9865): empty on the first page.
    pub cursor: Option<String>,
    /// What is shown of each.
    pub projection: Projection,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            filter: None,
            sort: None,
            start_index: 1,
            count: None,
            cursor: None,
            projection: Projection::default(),
        }
    }
}

impl ListQuery {
    /// How many resources this page may hold: `default` when the caller does not say, never over `maximum`.
    #[must_use]
    pub fn limit(&self, default: u64, maximum: u64) -> u64 {
        self.count.unwrap_or(default).min(maximum)
    }

    /// The positions, counted from 0, that this page shows of `total` matches; empty beyond the end.
    #[must_use]
    pub fn window(&self, total: u64, default: u64, maximum: u64) -> Range<u64> {
        let start = (self.start_index - 1).min(total);
        start..start.saturating_add(self.limit(default, maximum)).min(total)
    }
}

#[cfg(test)]
mod tests;
