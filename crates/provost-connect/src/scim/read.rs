//! Reading one object, and what a list answer holds.

use serde_json::{Map, Value};

use super::failure::failure;
use super::find::EXACT;
use super::lenient::{self, List, member};
use super::path::Path;
use super::record::{Wanted, account, at, same};
use super::wire::Call;
use super::{Scim, collection};
use crate::http::Answer;
use crate::{Account, Error, Kind, Member, MemberPage, Result};

impl Scim {
    pub(crate) async fn get_by_id(
        &self,
        kind: Kind,
        id: &str,
        attributes: &[String],
    ) -> Result<Option<Account>> {
        match self.resource(kind, id, "reading").await {
            Ok((resource, answer)) => {
                let account = account(&resource, &Wanted::new(attributes))
                    .ok_or_else(|| answer.unintelligible("reading", "a resource without an id"))?;
                if account.id != id {
                    return Err(answer.unintelligible("reading", "another object than the one asked for"));
                }
                Ok(Some(account))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A whole resource and the answer that it came in.
    pub(crate) async fn resource(
        &self,
        kind: Kind,
        id: &str,
        operation: &str,
    ) -> Result<(Map<String, Value>, Answer)> {
        let url = self.wire.url(&[collection(kind), id])?;
        let answer = self.patiently(id, &Call::read(url, operation)).await?;
        if !answer.is_success() {
            return Err(failure(&answer, operation, Some((kind, id))));
        }
        let resource = answer.object(operation)?;
        Ok((resource, answer))
    }

    /// Sends a call about an object. A new object may not be everywhere yet: for it a 404 is
    /// waited out.
    pub(crate) async fn patiently(&self, id: &str, call: &Call<'_>) -> Result<Answer> {
        let mut pauses = self.pauses.iter();
        loop {
            let answer = self.wire.send(call).await?;
            match pauses.next() {
                Some(pause) if answer.status == 404 && self.fresh.is(id) => {
                    tokio::time::sleep(*pause).await;
                }
                _ => return Ok(answer),
            }
        }
    }

    /// All members in one page: SCIM has no paging inside a resource.
    pub(crate) async fn member_page(&self, group: &str) -> Result<MemberPage> {
        if self.capabilities.members_shown.get() == Some(false) {
            return Err(Error::Unsupported {
                operation: "reading the members of a group".to_owned(),
            });
        }
        let (resource, _) = self.resource(Kind::Group, group, "listing members").await?;
        let members = match member(&resource, "members") {
            Some(Value::Array(list)) => {
                self.capabilities.members_shown.learn(true);
                list.iter().filter_map(read_member).collect()
            }
            _ => Vec::new(),
        };
        Ok(MemberPage { members, next: None })
    }
}

pub(crate) fn read_list(answer: &Answer, operation: &str) -> Result<List> {
    if !answer.is_success() {
        return Err(failure(answer, operation, None));
    }
    match answer.try_json() {
        Some(body) => lenient::list(body)
            .ok_or_else(|| answer.unintelligible(operation, "JSON that is not a list response")),
        None => Err(answer
            .object(operation)
            .err()
            .unwrap_or_else(|| answer.unintelligible(operation, "something that is not a list response"))),
    }
}

pub(crate) fn matching(
    resources: &[Map<String, Value>],
    attribute: &str,
    path: &Path,
    value: &Value,
) -> Vec<Account> {
    let wanted = Wanted::new(&[attribute.to_owned()]);
    resources
        .iter()
        .filter(|resource| at(resource, path).is_some_and(|found| equal(attribute, path, &found, value)))
        .filter_map(|resource| account(resource, &wanted))
        .collect()
}

pub(crate) fn equal(attribute: &str, path: &Path, found: &Value, value: &Value) -> bool {
    if EXACT.contains(&attribute) {
        return found == value;
    }
    match found {
        // `emails.value` without a filter: any element will do.
        Value::Array(list) if path.sub.is_none() => list.iter().any(|item| same(item, value)),
        found => same(found, value),
    }
}

pub(crate) fn read_member(entry: &Value) -> Option<Member> {
    let object = match entry {
        Value::String(id) => {
            return Some(Member {
                id: id.clone(),
                kind: None,
            });
        }
        other => other.as_object()?,
    };
    let id = match member(object, "value")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let text = |name: &str| member(object, name).and_then(Value::as_str).unwrap_or_default();
    let (kind, link) = (text("type"), text("$ref"));
    let kind = if kind.eq_ignore_ascii_case("user") || link.contains("/Users/") {
        Some(Kind::Person)
    } else if kind.eq_ignore_ascii_case("group") || link.contains("/Groups/") {
        Some(Kind::Group)
    } else {
        None
    };
    Some(Member { id, kind })
}
