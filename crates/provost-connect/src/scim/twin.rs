//! A create that is refused because the name is taken: by whom, and whether it is the person's own
//! account of former times.

use std::time::Duration;

use serde_json::Value;

use super::failure::failure;
use super::path::Path;
use super::wire::{Call, query};
use super::{Scim, collection};
use crate::http::Answer;
use crate::{Account, Error, Kind, Record, Result};

/// An index that is older than this is read anew to find who holds a name.
const INDEX_AGE: Duration = Duration::from_secs(60);

impl Scim {
    /// Objects with the name that is unique in most applications.
    pub(crate) async fn natural_twins(&self, kind: Kind, record: &Record) -> Result<Vec<Account>> {
        let name = natural_name(kind);
        let Some(value) = record.get(name).filter(|value| !value.is_null()) else {
            return Ok(Vec::new());
        };
        // What was read before may not know it: the application is asked.
        let found = self.by_filter(kind, name, &Path::parse(name)?, value).await?;
        match found {
            Some(found) if !found.is_empty() => Ok(found),
            _ => self.indexed_since(kind, name, value, INDEX_AGE).await,
        }
    }

    /// The inactive account that was brought back, or the conflict with the object that holds the
    /// name if it can be found.
    pub(crate) async fn taken(
        &self,
        kind: Kind,
        key: &str,
        record: &Record,
        answer: &Answer,
        operation: &str,
    ) -> Result<Account> {
        let mut found = self.natural_twins(kind, record).await.unwrap_or_default();
        if found.is_empty() {
            found = self.hidden_twins(kind, record, answer).await;
        }
        let existing = match found.as_slice() {
            [one] => Some(one.id.clone()),
            _ => None,
        };
        if let Some(id) = &existing {
            if self.reactivate && kind == Kind::Person && self.is_former(id, key, record).await? {
                return self.bring_back(id, record).await;
            }
            self.indexes.note(kind, id, record);
        }
        Err(conflict(kind, existing, answer, operation))
    }

    /// Inactive accounts, which some leave out of every list, and some show only when asked for them.
    async fn hidden_twins(&self, kind: Kind, record: &Record, answer: &Answer) -> Vec<Account> {
        if let Some(id) = self.id_in_location(kind, answer) {
            let found = self.get_by_id(kind, &id, &[]).await;
            return found.ok().flatten().into_iter().collect();
        }
        let Some(name) = record.get("userName").filter(|_| kind == Kind::Person) else {
            return Vec::new();
        };
        let filter = format!("userName eq {name} and active eq false");
        self.people_by(&filter, name).await.unwrap_or_default()
    }

    async fn people_by(&self, filter: &str, name: &Value) -> Result<Vec<Account>> {
        let operation = "searching";
        let mut url = self.wire.url(&[collection(Kind::Person)])?;
        query(&mut url, &[("filter", filter.to_owned())]);
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        let list = super::read::read_list(&answer, operation)?;
        let path = Path::parse("userName")?;
        Ok(super::read::matching(&list.resources, "userName", &path, name))
    }

    /// Whether an account is inactive, has this name, and is nobody else's.
    async fn is_former(&self, id: &str, key: &str, record: &Record) -> Result<bool> {
        let wanted = ["userName".to_owned(), "externalId".to_owned()];
        let Some(found) = self.get_by_id(Kind::Person, id, &wanted).await? else {
            return Ok(false);
        };
        let own = record.get("externalId").and_then(Value::as_str).unwrap_or(key);
        let nobody_else = match found.record.get("externalId").and_then(Value::as_str) {
            None => true,
            Some(external_id) => external_id == own || external_id == key,
        };
        let same_name = match (found.record.get("userName"), record.get("userName")) {
            (Some(found), Some(wanted)) => super::record::same(found, wanted),
            _ => false,
        };
        Ok(found.enabled == Some(false) && nobody_else && same_name)
    }

    async fn bring_back(&self, id: &str, record: &Record) -> Result<Account> {
        let mut changes = record.clone();
        changes.entry("active".to_owned()).or_insert(Value::Bool(true));
        self.change(Kind::Person, id, &changes).await?;
        tracing::info!(
            account = id,
            "an inactive account held the name and was brought back"
        );
        Ok(Account {
            id: id.to_owned(),
            record: Record::new(),
            enabled: None,
        })
    }
}

fn natural_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "userName",
        Kind::Group => "displayName",
    }
}

fn conflict(kind: Kind, existing: Option<String>, answer: &Answer, operation: &str) -> Error {
    let (attribute, reason) = match failure(answer, operation, None) {
        Error::Conflict {
            attribute, reason, ..
        } => (attribute, reason),
        other => (None, other.to_string()),
    };
    Error::Conflict {
        operation: operation.to_owned(),
        attribute: attribute.or_else(|| existing.is_some().then(|| natural_name(kind).to_owned())),
        existing,
        reason,
    }
}
