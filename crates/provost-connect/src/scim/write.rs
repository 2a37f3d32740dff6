//! Creating and deleting.

use std::borrow::Cow;

use reqwest::Method;
use serde_json::Value;

use super::failure::{failure, says_taken};
use super::record::{Wanted, account, create_body, one_value};
use super::wire::Call;
use super::{Scim, collection};
use crate::http::Answer;
use crate::{Account, Error, Kind, Record, Result};

impl Scim {
    pub(crate) async fn create_one(&self, kind: Kind, key: &str, record: &Record) -> Result<Account> {
        let operation = match kind {
            Kind::Person => "creating the account",
            Kind::Group => "creating the group",
        };
        let record = self.sent(record);
        let mut body = create_body(kind, &record)?;
        if self.external_id && !body.contains_key("externalId") && self.sends("externalId") {
            body.insert("externalId".to_owned(), Value::from(key));
        }
        if self.one_value {
            one_value(&mut body);
        }
        let body = Value::Object(body);
        let url = self.wire.url(&[collection(kind)])?;
        let call = Call::write(Method::POST, url, Some(&body), operation);
        let outcome = match self.wire.send(&call).await {
            Ok(answer) if answer.is_success() => self.created(kind, &record, &body, &answer, operation).await,
            Ok(answer) if says_taken(&answer) => self.taken(kind, key, &record, &answer, operation).await,
            Ok(answer) => {
                let error = failure(&answer, operation, None);
                // A 4xx says that nothing was done; after a 5xx the object may exist.
                Err(if answer.status >= 500 {
                    error.of_create(kind)
                } else {
                    error
                })
            }
            Err(error) => Err(error.of_create(kind)),
        };
        match &outcome {
            Ok(made) => {
                self.fresh.note(&made.id);
                self.indexes.note(kind, &made.id, &record);
            }
            // What may exist now is not in what was read before.
            Err(Error::AnswerLost { .. }) => self.indexes.forget(kind),
            Err(_) => {}
        }
        outcome
    }

    /// The new object's id: from the body, else from `Location`, else by looking for it.
    async fn created(
        &self,
        kind: Kind,
        record: &Record,
        sent: &Value,
        answer: &Answer,
        operation: &str,
    ) -> Result<Account> {
        let body = answer.try_json();
        if let Some(shown) = body.as_ref().and_then(Value::as_object)
            && let Some(made) = account(shown, &Wanted::new(&["externalId".to_owned()]))
        {
            let whole = shown.len() > 3;
            if whole && sent.get("externalId") != made.record.get("externalId") {
                self.capabilities.no_external_id.learn();
            }
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
    pub(crate) fn id_in_location(&self, kind: Kind, answer: &Answer) -> Option<String> {
        let location = self.wire.base.join(answer.header("location")?).ok()?;
        let mut parts = location.path_segments()?.rev().filter(|part| !part.is_empty());
        let id = parts.next()?;
        let id = percent_decode(id)?;
        (parts.next() == Some(collection(kind))).then_some(id)
    }

    /// What of a record goes to this application.
    pub(crate) fn sent<'a>(&self, record: &'a Record) -> Cow<'a, Record> {
        if self.only.is_empty() && self.omit.is_empty() {
            return Cow::Borrowed(record);
        }
        let sent = record.iter().filter(|(attribute, _)| self.sends(attribute));
        Cow::Owned(sent.map(|(a, v)| (a.clone(), v.clone())).collect())
    }

    fn sends(&self, attribute: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|entry| covers(entry, attribute));
        (self.only.is_empty() || listed(&self.only)) && !listed(&self.omit)
    }

    pub(crate) async fn remove(&self, kind: Kind, id: &str) -> Result<()> {
        let operation = match kind {
            Kind::Person => "deleting the account",
            Kind::Group => "deleting the group",
        };
        let url = self.wire.url(&[collection(kind), id])?;
        let call = Call::write(Method::DELETE, url, None, operation);
        let answer = self.patiently(id, &call).await?;
        match accept(&answer, operation, kind, id) {
            Ok(()) | Err(Error::NotFound { .. }) => {
                self.fresh.forget(id);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether an entry of a list of attributes means this attribute: itself, or what is below it.
fn covers(entry: &str, attribute: &str) -> bool {
    let Some((head, tail)) = attribute.split_at_checked(entry.len()) else {
        return false;
    };
    head.eq_ignore_ascii_case(entry) && (tail.is_empty() || tail.starts_with(['.', '[', ':']))
}

/// A successful write needs no body; a web page instead of an answer is not a success.
pub(crate) fn accept(answer: &Answer, operation: &str, kind: Kind, id: &str) -> Result<()> {
    if !answer.is_success() {
        return Err(failure(answer, operation, Some((kind, id))));
    }
    let html = answer
        .header("content-type")
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    // Some name the wrong type for an answer that is one.
    if html && !answer.body.is_empty() && answer.try_json().is_none() {
        return Err(answer.unintelligible(operation, "a web page"));
    }
    Ok(())
}

/// Undoes percent-encoding; `None` when it is not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    // The form decoder also turns `+` into a space, so a literal `+` is kept out of its way.
    let form = format!("x={}", text.replace('+', "%2B"));
    let (_, value) = url::form_urlencoded::parse(form.as_bytes()).next()?;
    (!value.contains('\u{fffd}')).then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_covers_what_is_below_it() {
        for (entry, attribute, wanted) in [
            ("emails", "emails[type eq \"work\"].value", true),
            ("name", "name.givenName", true),
            ("Title", "title", true),
            ("name", "nameSuffix", false),
            ("name.givenName", "name", false),
            ("urn:a:b", "urn:a:b:c", true),
        ] {
            assert_eq!(covers(entry, attribute), wanted, "{entry} {attribute}");
        }
    }
}
