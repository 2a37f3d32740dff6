//! The answer around the resources of a list (RFC 7644 section 3.4.2, RFC 9865 section 2).

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::resource::push_json_string;
use crate::schema::LIST_RESPONSE;

/// What stands before the resources of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// How many match in all; absent where nobody counted.
    pub total: Option<u64>,
    /// The position of the first resource, counted from 1; absent on a page by cursor.
    pub start_index: Option<u64>,
    /// How many resources follow.
    pub items: u64,
    /// Where the next page begins. On a page by cursor its absence, and nothing else, is the end.
    pub next_cursor: Option<&'a str>,
}

impl Head<'_> {
    /// The beginning of the answer's text, up to the resources; they follow, with commas between, and then
    /// `]}`.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = format!("{{\"schemas\":[\"{LIST_RESPONSE}\"]");
        let mut number = |name: &str, value: Option<u64>| {
            if let Some(value) = value {
                // Writing into a String has no way to fail.
                let _ = write!(out, ",\"{name}\":{value}");
            }
        };
        number("totalResults", self.total);
        number("startIndex", self.start_index);
        number("itemsPerPage", Some(self.items));
        if let Some(cursor) = self.next_cursor {
            out.push_str(",\"nextCursor\":");
            push_json_string(&mut out, cursor);
        }
        out.push_str(",\"Resources\":[");
        out
    }
}

/// The beginning of a page by index: [`Head::render`] with a total and a position.
#[must_use]
pub fn list_response_head(total: u64, start_index: u64, items: u64) -> String {
    let head = Head {
        total: Some(total),
        start_index: Some(start_index),
        items,
        next_cursor: None,
    };
    head.render()
}

/// A list answer as a value, all on one page: for the discovery endpoints.
#[must_use]
pub fn list_response(resources: &[Value]) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn page(head: Head<'_>) -> Value {
        serde_json::from_str(&format!("{}{{\"id\":\"u1\"}}]}}", head.render())).unwrap()
    }

    #[test]
    fn a_page_by_cursor_has_no_position_and_may_have_no_total() {
        let head = Head {
            total: None,
            start_index: None,
            items: 1,
            next_cursor: Some("Zm9v-._~"),
        };
        assert_eq!(
            page(head),
            json!({"schemas": [LIST_RESPONSE], "itemsPerPage": 1, "nextCursor": "Zm9v-._~",
                   "Resources": [{"id": "u1"}]})
        );
        let last = Head {
            total: Some(51),
            next_cursor: None,
            ..head
        };
        assert_eq!(
            page(last),
            json!({"schemas": [LIST_RESPONSE], "totalResults": 51, "itemsPerPage": 1,
                   "Resources": [{"id": "u1"}]})
        );
    }
}
