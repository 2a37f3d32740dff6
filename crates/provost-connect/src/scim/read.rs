//! Finding, reading and listing.

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use super::lenient::{self, List, member};
use super::path::Path;
use super::record::{account, at, same};
use super::wire::{Call, failure};
use super::{Scim, collection};
use crate::http::Answer;
use crate::{Account, AccountPage, Error, Kind, Member, MemberPage, Result};

/// Attributes that compare exactly.
const EXACT: [&str; 2] = ["id", "externalId"];
/// Pages after which a listing is taken to have no end.
const MOST_PAGES: usize = 100_000;

/// What a filter query brought.
enum Filtered {
    Found(Vec<Account>),
    /// The application cannot filter by this, or ignores filters.
    Useless,
}

impl Scim {
    /// Accounts by attribute. A filter's answer counts only as far as it fits the question; when
    /// it does not, all objects are read.
    pub(crate) async fn find_by(&self, kind: Kind, attribute: &str, value: &Value) -> Result<Vec<Account>> {
        if attribute == "id" {
            let id = value.as_str().unwrap_or_default();
            return Ok(self.get_by_id(kind, id, &[]).await?.into_iter().collect());
        }
        let path = Path::parse(attribute)?;
        let filters = self.capabilities.hints(&self.wire).await.filter != Some(false);
        if filters && let Filtered::Found(found) = self.filter(kind, attribute, &path, value).await? {
            return Ok(found);
        }
        self.scan(kind, attribute, value).await
    }

    async fn filter(&self, kind: Kind, attribute: &str, path: &Path, value: &Value) -> Result<Filtered> {
        let operation = "searching";
        let Some(filter) = path.equals(value) else {
            return Ok(Filtered::Useless);
        };
        let mut url = self.wire.url(&[collection(kind)])?;
        query(&mut url, kind).append_pair("filter", &filter);
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        match answer.status {
            // Some answer 404 instead of an empty list.
            404 if answer.try_json().is_some() => return Ok(Filtered::Found(Vec::new())),
            400 | 403 | 405 | 422 | 501 if answer.try_json().is_some() => {
                return Ok(Filtered::Useless);
            }
            _ => {}
        }
        let list = read_list(&answer, operation)?;
        let found = matching(&list.resources, attribute, path, value);
        if found.is_empty() && !list.resources.is_empty() {
            tracing::warn!(attribute, "the application ignores filters; reading everything");
            return Ok(Filtered::Useless);
        }
        Ok(Filtered::Found(found))
    }

    /// Reads all objects and keeps those with the value. Slow, and the last resort.
    pub(crate) async fn scan(&self, kind: Kind, attribute: &str, value: &Value) -> Result<Vec<Account>> {
        let path = Path::parse(attribute)?;
        let wanted = [attribute.to_owned()];
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut page = None;
        for _ in 0..MOST_PAGES {
            let this = self.list_page(kind, page.as_deref(), &wanted).await?;
            for account in this.accounts {
                let same = account
                    .record
                    .get(attribute)
                    .is_some_and(|v| equal(attribute, &path, v, value));
                if seen.insert(account.id.clone()) && same {
                    found.push(account);
                }
            }
            page = this.next;
            if page.is_none() {
                return Ok(found);
            }
        }
        Err(Error::Paging {
            kind,
            reason: format!("more than {MOST_PAGES} pages"),
        })
    }

    pub(crate) async fn get_by_id(
        &self,
        kind: Kind,
        id: &str,
        attributes: &[String],
    ) -> Result<Option<Account>> {
        match self.resource(kind, id, "reading").await {
            Ok((resource, answer)) => {
                let account = account(&resource, attributes)
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
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        if !answer.is_success() {
            return Err(failure(&answer, operation, Some((kind, id))));
        }
        let resource = answer.object(operation)?;
        Ok((resource, answer))
    }

    /// A page. The mark for the next one is `i:<start>:<first id of this page>` or `c:<cursor>`;
    /// the id shows whether the application really moved on.
    pub(crate) async fn list_page(
        &self,
        kind: Kind,
        page: Option<&str>,
        attributes: &[String],
    ) -> Result<AccountPage> {
        let operation = "listing";
        let mark = Mark::parse(kind, page)?;
        let mut url = self.wire.url(&[collection(kind)])?;
        mark.query(&mut url, kind, self.page_size);
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        let list = read_list(&answer, operation)?;
        let accounts = list
            .resources
            .iter()
            .map(|resource| account(resource, attributes))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| answer.unintelligible(operation, "a resource without an id"))?;
        let first = accounts.first().map(|account| account.id.as_str());
        if mark.repeats(first) {
            // The application ignores where the page should start, so it has shown everything.
            return Ok(AccountPage {
                accounts: Vec::new(),
                next: None,
            });
        }
        let next = mark.next(&list, first, self.page_size, kind)?;
        Ok(AccountPage { accounts, next })
    }

    /// All members in one page: SCIM has no paging inside a resource.
    pub(crate) async fn member_page(&self, group: &str) -> Result<MemberPage> {
        let (resource, _) = self.resource(Kind::Group, group, "listing members").await?;
        let members = match member(&resource, "members") {
            Some(Value::Array(list)) => list.iter().filter_map(read_member).collect(),
            _ => Vec::new(),
        };
        Ok(MemberPage { members, next: None })
    }
}

/// Where a page starts.
enum Mark {
    Index { start: u64, before: Option<String> },
    Cursor(String),
}

impl Mark {
    fn parse(kind: Kind, page: Option<&str>) -> Result<Self> {
        let Some(page) = page else {
            return Ok(Self::Index {
                start: 1,
                before: None,
            });
        };
        if let Some(cursor) = page.strip_prefix("c:") {
            return Ok(Self::Cursor(cursor.to_owned()));
        }
        page.strip_prefix("i:")
            .and_then(|rest| rest.split_once(':'))
            .and_then(|(start, before)| {
                Some(Self::Index {
                    start: start.parse().ok()?,
                    before: Some(before.to_owned()),
                })
            })
            .ok_or_else(|| Error::Paging {
                kind,
                reason: "the mark of the next page is not one of ours".to_owned(),
            })
    }

    fn query(&self, url: &mut Url, kind: Kind, size: usize) {
        let mut query = query(url, kind);
        match self {
            Self::Index { start, .. } => query.append_pair("startIndex", &start.to_string()),
            Self::Cursor(cursor) => query.append_pair("cursor", cursor),
        };
        query.append_pair("count", &size.to_string());
    }

    fn repeats(&self, first: Option<&str>) -> bool {
        matches!(self, Self::Index { before: Some(before), .. } if first == Some(before))
    }

    fn next(&self, list: &List, first: Option<&str>, size: usize, kind: Kind) -> Result<Option<String>> {
        if let Some(cursor) = &list.next_cursor {
            if matches!(self, Self::Cursor(own) if own == cursor) {
                return Err(Error::Paging {
                    kind,
                    reason: "a page names itself as the next one".to_owned(),
                });
            }
            return Ok(Some(format!("c:{cursor}")));
        }
        let (Self::Index { start, .. }, Some(first)) = (self, first) else {
            return Ok(None);
        };
        let received = list.resources.len() as u64;
        let next = start.saturating_add(received);
        let all_shown = list.total.is_some_and(|total| next > total);
        // A total that equals a full page may be the size of the page: ask once more.
        let doubtful = received >= size as u64 && list.total == Some(received);
        Ok((!all_shown || doubtful).then(|| format!("i:{next}:{first}")))
    }
}

/// Groups are listed without their members, which can be very many.
fn query(url: &mut Url, kind: Kind) -> url::form_urlencoded::Serializer<'_, url::UrlQuery<'_>> {
    let mut query = url.query_pairs_mut();
    if kind == Kind::Group {
        query.append_pair("excludedAttributes", "members");
    }
    query
}

pub(crate) fn read_list(answer: &Answer, operation: &str) -> Result<List> {
    if !answer.is_success() {
        return Err(failure(answer, operation, None));
    }
    match answer.try_json() {
        Some(body) => lenient::list(&body)
            .ok_or_else(|| answer.unintelligible(operation, "JSON that is not a list response")),
        None => Err(answer
            .object(operation)
            .err()
            .unwrap_or_else(|| answer.unintelligible(operation, "something that is not a list response"))),
    }
}

fn matching(resources: &[Map<String, Value>], attribute: &str, path: &Path, value: &Value) -> Vec<Account> {
    let wanted = [attribute.to_owned()];
    resources
        .iter()
        .filter(|resource| at(resource, path).is_some_and(|found| equal(attribute, path, &found, value)))
        .filter_map(|resource| account(resource, &wanted))
        .collect()
}

fn equal(attribute: &str, path: &Path, found: &Value, value: &Value) -> bool {
    if EXACT.contains(&attribute) {
        return found == value;
    }
    match found {
        // `emails.value` without a filter: any element will do.
        Value::Array(list) if path.sub.is_none() => list.iter().any(|item| same(item, value)),
        found => same(found, value),
    }
}

fn read_member(entry: &Value) -> Option<Member> {
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
