//! What a request means, in one line for people: `create ada@contoso.com`, `deactivate`,
//! `set title; clear manager`. Values are those that [`mask`] keeps.

mod change;

use serde_json::Value;

use crate::bulk::{self, Method};
use crate::mask;
use crate::page::ListQuery;
use crate::patch;
use crate::schema::ResourceType;

/// Longest line, in characters.
pub const MAX_LENGTH: usize = 200;

/// What was asked of resources of one type.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// POST to the endpoint, with the body as sent or as understood.
    Create(&'a Value),
    /// PUT, with the body as sent or as understood.
    Replace(&'a Value),
    /// PATCH, as understood.
    Patch(&'a patch::Request),
    /// DELETE.
    Delete,
    /// GET of one resource.
    Read,
    /// GET of the endpoint, or POST to its `.search`.
    List(&'a ListQuery),
}

/// The meaning of a request, at most [`MAX_LENGTH`] characters.
#[must_use]
pub fn of(rt: &ResourceType, asked: Asked<'_>) -> String {
    shortened(match asked {
        Asked::Create(body) => format!("create {}", change::described(rt, body)),
        Asked::Replace(body) => change::replacement(rt, body),
        Asked::Patch(request) => change::operations(rt, &request.operations),
        Asked::Delete => "delete".to_owned(),
        Asked::Read => "read".to_owned(),
        Asked::List(query) => list(rt, query),
    })
}

/// The meaning of a bulk request as a whole: `bulk: 3 creates, 1 delete`.
#[must_use]
pub fn of_bulk(request: &bulk::Request) -> String {
    let counted = Method::ALL
        .into_iter()
        .map(Some)
        .chain([None])
        .filter_map(|method| {
            let same = request
                .operations
                .iter()
                .filter(|operation| operation.method == method);
            let count = same.count();
            let word = match method {
                Some(Method::Post) => "create",
                Some(Method::Put) => "replace",
                Some(Method::Patch) => "change",
                Some(Method::Delete) => "delete",
                None => "unknown",
            };
            (count > 0).then(|| change::counted(count, word))
        });
    format!("bulk: {}", counted.collect::<Vec<_>>().join(", "))
}

fn list(rt: &ResourceType, query: &ListQuery) -> String {
    let mut line = match &query.filter {
        Some(filter) => {
            let filter = mask::expression(Some(rt), &filter.to_string());
            format!("find {}", change::without_urns(rt, filter))
        }
        None => "list".to_owned(),
    };
    if let Some(sort) = &query.sort {
        line.push_str(&format!(" by {}", change::short(rt, &sort.path)));
    }
    match &query.cursor {
        Some(cursor) if !cursor.is_empty() => line.push_str(", next page"),
        _ if query.start_index > 1 => line.push_str(&format!(" from {}", query.start_index)),
        _ => {}
    }
    line
}

fn shortened(line: String) -> String {
    match line.char_indices().nth(MAX_LENGTH - 1) {
        Some((end, _)) if line.chars().count() > MAX_LENGTH => {
            format!("{}…", line.get(..end).unwrap_or_default())
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests;
