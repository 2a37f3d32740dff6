//! What connectors are called.

/// A connector's name for people.
pub(crate) fn connector(name: &str) -> &str {
    match name {
        "graph" => "Microsoft 365",
        "scim" => "SCIM application",
        other => other,
    }
}
