//! Changing what is there: PATCH, or GET, merge and PUT.

use reqwest::Method;
use serde_json::{Map, Value};

use super::patch::{self, Style};
use super::path::Path;
use super::record::{at, merge, one_value};
use super::wire::Call;
use super::write::accept;
use super::{Scim, collection};
use crate::http::Answer;
use crate::{Error, Kind, Record, Result};

/// The two ways of changing an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Patch,
    Put,
}

impl Scim {
    /// Changes what the application takes of these attributes.
    pub(crate) async fn change(&self, kind: Kind, id: &str, changes: &Record) -> Result<()> {
        let changes = self.sent(changes);
        if changes.is_empty() {
            return Ok(());
        }
        let ways = if self.capabilities.patches(&self.wire, self.patch).await {
            [Way::Patch, Way::Put]
        } else {
            [Way::Put, Way::Patch]
        };
        let mut last = Error::Unsupported {
            operation: format!("{} by PATCH or PUT", operation(kind)),
        };
        for way in ways.into_iter().filter(|way| self.knows(*way)) {
            let outcome = match way {
                Way::Patch => self.change_by_patch(kind, id, &changes).await,
                Way::Put => self.change_by_put(kind, id, &changes).await,
            };
            match outcome {
                Err(error @ Error::Unsupported { .. }) => {
                    self.learn_missing(way);
                    // That the other way changed nothing says more.
                    if !matches!(last, Error::Rejected { .. }) {
                        last = error;
                    }
                }
                Err(Error::NotFound { .. }) if self.means_no_patch(way, kind, id).await => {
                    self.learn_missing(way);
                }
                Ok(answer) => {
                    self.indexes.note(kind, id, &changes);
                    match self.took(kind, id, &changes, answer.as_ref()).await {
                        // Answered with success and not done: the other way may do it.
                        Err(error @ Error::Rejected { .. }) => last = error,
                        outcome => return outcome,
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn knows(&self, way: Way) -> bool {
        match way {
            Way::Patch => !self.capabilities.no_patch.is_known(),
            Way::Put => !self.capabilities.no_put.is_known(),
        }
    }

    fn learn_missing(&self, way: Way) {
        match way {
            Way::Patch => self.capabilities.no_patch.learn(),
            Way::Put => self.capabilities.no_put.learn(),
        }
    }

    /// Whether a 404 is about the method: PATCH has never worked here, and the object is there.
    async fn means_no_patch(&self, way: Way, kind: Kind, id: &str) -> bool {
        way == Way::Patch
            && !self.capabilities.patch_works.is_known()
            && self.resource(kind, id, "reading").await.is_ok()
    }

    async fn change_by_patch(&self, kind: Kind, id: &str, changes: &Record) -> Result<Option<Answer>> {
        let elements = patch::names_elements(changes);
        let current = if elements {
            self.resource(kind, id, "reading before the change").await?.0
        } else {
            Map::new()
        };
        let value_paths = self.value_paths && !self.capabilities.no_value_paths.is_known();
        let outcome = self.patch_once(kind, id, changes, &current, value_paths).await;
        match outcome {
            // Refused once with value paths: the whole attribute is the plainer form.
            Err(Error::Rejected { .. }) if value_paths && elements => {
                let answer = self.patch_once(kind, id, changes, &current, false).await?;
                self.capabilities.no_value_paths.learn();
                Ok(answer)
            }
            Err(Error::Rejected { .. }) if changes.values().any(Value::is_null) => {
                self.patch_without_the_missing(kind, id, changes, outcome).await
            }
            outcome => outcome,
        }
    }

    /// Some refuse to remove what is not there: such removals are left out.
    async fn patch_without_the_missing(
        &self,
        kind: Kind,
        id: &str,
        changes: &Record,
        refused: Result<Option<Answer>>,
    ) -> Result<Option<Answer>> {
        let (current, _) = self.resource(kind, id, "reading before the change").await?;
        let is_there = |attribute: &str| {
            let found = Path::parse(attribute).ok().and_then(|path| at(&current, &path));
            found.is_some_and(|value| !value.is_null())
        };
        let fewer: Record = changes
            .iter()
            .filter(|(attribute, value)| !value.is_null() || is_there(attribute))
            .map(|(attribute, value)| (attribute.clone(), value.clone()))
            .collect();
        if fewer.len() == changes.len() {
            return refused;
        }
        self.patch_once(kind, id, &fewer, &current, false).await
    }

    async fn patch_once(
        &self,
        kind: Kind,
        id: &str,
        changes: &Record,
        current: &Map<String, Value>,
        value_paths: bool,
    ) -> Result<Option<Answer>> {
        let style = Style {
            dialect: self.dialect,
            value_paths,
            one_value: self.one_value,
            by_element: self.by_element,
        };
        match patch::body(changes, current, style)? {
            Some(body) => self.send_patch(kind, id, &body, operation(kind)).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn send_patch(
        &self,
        kind: Kind,
        id: &str,
        body: &Value,
        operation: &str,
    ) -> Result<Answer> {
        let url = self.wire.url(&[collection(kind), id])?;
        let call = Call::write(Method::PATCH, url, Some(body), operation);
        let answer = self.patiently(id, &call).await?;
        accept(&answer, operation, kind, id)?;
        self.capabilities.patch_works.learn();
        Ok(answer)
    }

    async fn change_by_put(&self, kind: Kind, id: &str, changes: &Record) -> Result<Option<Answer>> {
        let work = |resource: &mut Map<String, Value>| {
            merge(kind, resource, changes)?;
            if self.one_value {
                one_value(resource);
            }
            Ok(())
        };
        self.put_merged(kind, id, operation(kind), work).await.map(Some)
    }

    /// GET, merge, PUT: a PUT clears what it does not name, so it always carries everything.
    pub(crate) async fn put_merged(
        &self,
        kind: Kind,
        id: &str,
        operation: &str,
        work: impl Fn(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<Answer> {
        let told = self.capabilities.hints(&self.wire).await.etag;
        let mut collided = None;
        loop {
            let (mut resource, read) = self.resource(kind, id, "reading before the change").await?;
            let version = read.header("etag").map(str::to_owned);
            // Two reads of the same object under two versions: they say nothing.
            if collided
                .as_ref()
                .is_some_and(|(old, body)| *old != version && *body == resource)
            {
                self.capabilities.no_versions.learn();
            }
            let before = (version.clone(), resource.clone());
            work(&mut resource)?;
            let body = Value::Object(resource);
            let url = self.wire.url(&[collection(kind), id])?;
            let mut call = Call::write(Method::PUT, url, Some(&body), operation);
            let checks = told && !self.capabilities.no_versions.is_known();
            call.if_match = version.as_deref().filter(|_| checks);
            let answer = self.wire.send(&call).await?;
            match accept(&answer, operation, kind, id) {
                // Somebody changed it between our GET and PUT: once more on the new state.
                Err(Error::Concurrent { .. }) if collided.is_none() => collided = Some(before),
                outcome => return outcome.map(|()| answer),
            }
        }
    }
}

pub(crate) fn operation(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "changing the account",
        Kind::Group => "changing the group",
    }
}
