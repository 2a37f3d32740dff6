//! Whether a change that was answered with success was really made.

use serde_json::{Map, Value};

use super::Scim;
use super::lenient::{member, truth};
use super::path::Path;
use super::record::{at, same};
use crate::http::Answer;
use crate::{Error, Kind, Record, Result};

impl Scim {
    /// Looks at a change. That somebody who may no longer come in is inactive is always looked at;
    /// everything else where the settings ask for it.
    ///
    /// # Errors
    /// [`Error::Rejected`] that names the attribute which did not change.
    pub(crate) async fn took(
        &self,
        kind: Kind,
        id: &str,
        changes: &Record,
        answer: Option<&Answer>,
    ) -> Result<()> {
        let disables = kind == Kind::Person && changes.get("active").and_then(truth) == Some(false);
        if !disables && !self.read_back {
            return Ok(());
        }
        let said = answer.and_then(Answer::try_json);
        let said = said.as_ref().and_then(Value::as_object);
        // An answer that shows the account as wanted saves the look.
        if !self.read_back && said.and_then(active) == Some(false) {
            return Ok(());
        }
        let mut pauses = self.pauses.iter();
        loop {
            let found = match self.resource(kind, id, "reading back").await {
                Ok((resource, _)) => resource,
                // Disabled accounts are hidden by some.
                Err(Error::NotFound { .. }) if disables => return Ok(()),
                Err(error) => return Err(error),
            };
            let Some(attribute) = self.untouched(&found, changes, disables) else {
                return Ok(());
            };
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(not_made(disables, attribute)),
            }
        }
    }

    /// An attribute that is not as it was written.
    fn untouched(&self, found: &Map<String, Value>, changes: &Record, disables: bool) -> Option<String> {
        if disables && active(found) == Some(true) {
            return Some("active".to_owned());
        }
        if !self.read_back {
            return None;
        }
        let differs = |attribute: &str, wanted: &Value| {
            let Ok(path) = Path::parse(attribute) else {
                return false;
            };
            match (at(found, &path).filter(|value| !value.is_null()), wanted) {
                // Never shown (RFC 7643 section 4.1.1).
                _ if path.name.eq_ignore_ascii_case("password") => false,
                (None, Value::Null) => false,
                (Some(found), wanted) => !same(&found, wanted),
                (None, _) => true,
            }
        };
        let mut changes = changes.iter();
        changes
            .find(|(attribute, wanted)| differs(attribute, wanted))
            .map(|(attribute, _)| attribute.clone())
    }
}

fn active(resource: &Map<String, Value>) -> Option<bool> {
    member(resource, "active").and_then(truth)
}

fn not_made(disables: bool, attribute: String) -> Error {
    let (operation, reason) = if disables {
        (
            "disabling the account",
            "the application answers with success, but the account is still active (see the setting `deprovision`)",
        )
    } else {
        (
            "changing the account",
            "the application answers with success, but the value is not there afterwards",
        )
    };
    Error::Rejected {
        operation: operation.to_owned(),
        reason: reason.to_owned(),
        attribute: Some(attribute),
    }
}
