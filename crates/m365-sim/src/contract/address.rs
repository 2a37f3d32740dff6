//! The many ways of writing one address.

/// The segments of an address, without host, version and query; keys in parentheses become segments of their own.
pub(super) fn segments(path: &str) -> Vec<String> {
    let path = path
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or(path, |(_, rest)| rest);
    let path = path.split('?').next().unwrap_or_default();
    let mut out = Vec::new();
    for segment in path
        .split('/')
        .filter(|segment| !segment.is_empty() && *segment != "v1.0")
    {
        let bare = segment.strip_suffix("()").unwrap_or(segment);
        let (name, key) = match bare.strip_suffix(')').and_then(|open| open.split_once('(')) {
            Some((name, key)) => (name, Some(key)),
            None => (bare, None),
        };
        out.push(short(name).to_owned());
        out.extend(key.map(str::to_owned));
    }
    out
}

/// Functions and actions by their short name; casts keep theirs.
fn short(name: &str) -> &str {
    match name.strip_prefix("microsoft.graph.") {
        Some("user" | "group") | None => name,
        Some(action) => action,
    }
}

pub(super) fn is_batch(path: &str) -> bool {
    segments(path) == ["$batch"]
}

/// `/groups/*` for the address of one group.
pub(super) fn template_of_key(path: &str) -> Option<String> {
    let segments = segments(path);
    let first = segments.first().filter(|_| segments.len() == 2)?;
    Some(format!("/{first}/*"))
}
