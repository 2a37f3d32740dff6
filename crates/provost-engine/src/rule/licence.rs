//! Licences in a rule: a mapping that says which products a person gets, and is no attribute of an account.

use serde_json::Value as Json;

use super::compiled::{Compiled, Producer};

/// The target attribute whose mapping says which licences a person gets (Microsoft Graph `user` resource). It
/// is never part of what is written to an account: licences are steps of their own, see
/// [`super::Evaluation::licences`].
pub const LICENCES: &str = "assignedLicenses";

/// Whether a target attribute is [`LICENCES`], in any letter case.
pub fn is_licences(target: &str) -> bool {
    target.eq_ignore_ascii_case(LICENCES)
}

impl Compiled {
    /// Whether the rule has a mapping to [`LICENCES`]. Where it has none, the connection's preference says
    /// what happens to licences that nobody asked for; where it has one,
    /// [`Evaluation::licences`](super::Evaluation::licences) alone does.
    pub fn maps_licences(&self) -> bool {
        self.licences.is_some()
    }

    /// What the leaver mapping to [`LICENCES`] says of somebody whose document is gone; `None` where there is
    /// none, or where it needs the document.
    pub fn leaver_licences(&self) -> Option<Vec<String>> {
        let mapping = self.leaver_licences.as_ref()?;
        match &mapping.producer {
            Producer::Constant(value) => Some(names(Some(value.clone()))),
            Producer::Nothing => Some(Vec::new()),
            _ => None,
        }
    }
}

/// The products in the value of a mapping to [`LICENCES`]: a text, or a list of texts; each once, in their
/// order.
pub(super) fn names(value: Option<Json>) -> Vec<String> {
    let values = match value {
        Some(Json::Array(values)) => values,
        Some(value) => vec![value],
        None => Vec::new(),
    };
    let mut names = Vec::new();
    for value in values {
        if let Json::String(text) = value {
            let name = text.trim();
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
