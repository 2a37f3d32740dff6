//! Creating, changing and deleting.

use reqwest::Method;
use serde_json::{Map, Value};

use super::lenient;
use super::patch::{self, Style};
use super::record::{account, create_body, merge};
use super::wire::{Call, failure, is_conflict};
use super::{Scim, collection};
use crate::http::Answer;
use crate::{Account, Error, Kind, Record, Result};

impl Scim {
    pub(crate) async fn create_one(&self, kind: Kind, key: &str, record: &Record) -> Result<Account> {
        let operation = match kind {
            Kind::Person => "creating the account",
            Kind::Group => "creating the group",
        };
        let mut body = create_body(kind, record)?;
        if self.external_id && !body.contains_key("externalId") {
            body.insert("externalId".to_owned(), Value::from(key));
        }
        let body = Value::Object(body);
        let url = self.wire.url(&[collection(kind)])?;
        let call = Call::write(Method::POST, url, Some(&body), operation);
        let answer = self
            .wire
            .send(&call)
            .await
            .map_err(|error| error.of_create(kind))?;
        if answer.is_success() {
            return self.created(kind, record, &answer, operation).await;
        }
        if self.is_taken(&answer) {
            return Err(self.taken(kind, record, &answer, operation).await);
        }
        let error = failure(&answer, operation, None);
        // A 4xx says that nothing was done; after a 5xx the object may exist.
        Err(if answer.status >= 500 {
            error.of_create(kind)
        } else {
            error
        })
    }

    /// The new object's id: from the body, else from `Location`, else by looking for it.
    async fn created(
        &self,
        kind: Kind,
        record: &Record,
        answer: &Answer,
        operation: &str,
    ) -> Result<Account> {
        let body = answer.try_json();
        if let Some(made) = body
            .as_ref()
            .and_then(Value::as_object)
            .and_then(|o| account(o, &[]))
        {
            return Ok(made);
        }
        if let Some(id) = self.id_in_location(kind, answer) {
            return Ok(Account {
                id,
                record: Record::new(),
                enabled: None,
            });
        }
        let mut found = self.natural_twins(kind, record).await.unwrap_or_default();
        match (found.pop(), found.is_empty()) {
            (Some(made), true) => Ok(made),
            _ => {
                let error = answer
                    .object(operation)
                    .err()
                    .unwrap_or_else(|| answer.unintelligible(operation, "an answer without an id"));
                Err(error.of_create(kind))
            }
        }
    }

    /// The last part of `Location`, when it points into the collection it should.
    fn id_in_location(&self, kind: Kind, answer: &Answer) -> Option<String> {
        let location = self.wire.base.join(answer.header("location")?).ok()?;
        let mut parts = location.path_segments()?.rev().filter(|part| !part.is_empty());
        let id = parts.next()?;
        let id = percent_decode(id)?;
        (parts.next() == Some(collection(kind))).then_some(id)
    }

    /// Objects with the name that is unique in most applications.
    async fn natural_twins(&self, kind: Kind, record: &Record) -> Result<Vec<Account>> {
        let name = match kind {
            Kind::Person => "userName",
            Kind::Group => "displayName",
        };
        match record.get(name) {
            Some(value) if !value.is_null() => {
                let found = self.find_by(kind, name, value).await?;
                if found.is_empty() {
                    return self.scan(kind, name, value).await;
                }
                Ok(found)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a refused create says that the object exists: 409, or a 400 that speaks of it.
    fn is_taken(&self, answer: &Answer) -> bool {
        let (scim_type, detail) = lenient::error(answer.try_json().as_ref());
        answer.status == 409 || (answer.status == 400 && is_conflict(&scim_type, &detail))
    }

    /// The conflict, with the object that holds the name if it can be found.
    async fn taken(&self, kind: Kind, record: &Record, answer: &Answer, operation: &str) -> Error {
        let found = self.natural_twins(kind, record).await.unwrap_or_default();
        let existing = match found.as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        };
        let known = existing.is_some().then(|| match kind {
            Kind::Person => "userName".to_owned(),
            Kind::Group => "displayName".to_owned(),
        });
        let (attribute, reason) = match failure(answer, operation, None) {
            Error::Conflict {
                attribute, reason, ..
            } => (attribute, reason),
            other => (None, other.to_string()),
        };
        Error::Conflict {
            operation: operation.to_owned(),
            attribute: attribute.or(known),
            existing,
            reason,
        }
    }

    pub(crate) async fn change(&self, kind: Kind, id: &str, changes: &Record) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        if self.capabilities.patches(&self.wire, self.patch).await {
            match self.change_by_patch(kind, id, changes).await {
                Err(Error::Unsupported { .. }) => self.capabilities.learn_no_patch(),
                outcome => return outcome,
            }
        }
        self.change_by_put(kind, id, changes).await
    }

    async fn change_by_patch(&self, kind: Kind, id: &str, changes: &Record) -> Result<()> {
        let elements = patch::names_elements(changes);
        let current = if elements {
            self.resource(kind, id, "reading before the change").await?.0
        } else {
            Map::new()
        };
        let value_paths = self.value_paths && !self.capabilities.refuses_value_paths();
        let outcome = self.patch_once(kind, id, changes, &current, value_paths).await;
        match outcome {
            // Refused once with value paths: the whole attribute is the plainer form.
            Err(Error::Rejected { .. }) if value_paths && elements => {
                self.patch_once(kind, id, changes, &current, false).await?;
                self.capabilities.learn_no_value_paths();
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn patch_once(
        &self,
        kind: Kind,
        id: &str,
        changes: &Record,
        current: &Map<String, Value>,
        value_paths: bool,
    ) -> Result<()> {
        let style = Style {
            dialect: self.dialect,
            value_paths,
        };
        match patch::body(changes, current, style)? {
            Some(body) => self.send_patch(kind, id, &body, operation(kind)).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn send_patch(&self, kind: Kind, id: &str, body: &Value, operation: &str) -> Result<()> {
        let url = self.wire.url(&[collection(kind), id])?;
        let call = Call::write(Method::PATCH, url, Some(body), operation);
        let answer = self.wire.send(&call).await?;
        accept(&answer, operation, kind, id)
    }

    async fn change_by_put(&self, kind: Kind, id: &str, changes: &Record) -> Result<()> {
        self.put_merged(kind, id, operation(kind), |resource| {
            merge(kind, resource, changes)
        })
        .await
    }

    /// GET, merge, PUT: a PUT clears what it does not name, so it always carries everything.
    pub(crate) async fn put_merged(
        &self,
        kind: Kind,
        id: &str,
        operation: &str,
        work: impl Fn(&mut Map<String, Value>) -> Result<()>,
    ) -> Result<()> {
        let checks_versions = self.capabilities.hints(&self.wire).await.etag;
        let mut collided = false;
        loop {
            let (mut resource, read) = self.resource(kind, id, "reading before the change").await?;
            let version = read.header("etag").map(str::to_owned);
            work(&mut resource)?;
            let body = Value::Object(resource);
            let url = self.wire.url(&[collection(kind), id])?;
            let mut call = Call::write(Method::PUT, url, Some(&body), operation);
            call.if_match = version.as_deref().filter(|_| checks_versions);
            let answer = self.wire.send(&call).await?;
            match accept(&answer, operation, kind, id) {
                // Somebody changed it between our GET and PUT: once more on the new state.
                Err(Error::Concurrent { .. }) if !collided => collided = true,
                outcome => return outcome,
            }
        }
    }

    pub(crate) async fn remove(&self, kind: Kind, id: &str) -> Result<()> {
        let operation = match kind {
            Kind::Person => "deleting the account",
            Kind::Group => "deleting the group",
        };
        let url = self.wire.url(&[collection(kind), id])?;
        let answer = self
            .wire
            .send(&Call::write(Method::DELETE, url, None, operation))
            .await?;
        match accept(&answer, operation, kind, id) {
            Err(Error::NotFound { .. }) => Ok(()),
            outcome => outcome,
        }
    }
}

/// A successful write needs no body; a web page instead of an answer is not a success.
fn accept(answer: &Answer, operation: &str, kind: Kind, id: &str) -> Result<()> {
    if !answer.is_success() {
        return Err(failure(answer, operation, Some((kind, id))));
    }
    let html = answer
        .header("content-type")
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    if html {
        return Err(answer.unintelligible(operation, "a web page"));
    }
    Ok(())
}

fn operation(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "changing the account",
        Kind::Group => "changing the group",
    }
}

/// Undoes percent-encoding; `None` when it is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    // The form decoder also turns `+` into a space, so a literal `+` is kept out of its way.
    let form = format!("x={}", text.replace('+', "%2B"));
    let (_, value) = url::form_urlencoded::parse(form.as_bytes()).next()?;
    (!value.contains('\u{fffd}')).then(|| value.into_owned())
}
