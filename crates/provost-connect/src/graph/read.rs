//! Reading people, groups and members.

use serde_json::Value;
use url::Url;

use super::exchange::Exchange;
use super::wire::Manner;
use super::{Graph, odata, record, unit};
use crate::{Account, AccountPage, Error, Kind, Member, MemberPage, Result};

/// Attributes that compare exactly; all others without regard to letter case.
const EXACT: [&str; 3] = ["id", "onPremisesImmutableId", "uniqueName"];
/// Reading in bulk is the first that may be shed when the tenant is busy.
const BULK: Manner = Manner {
    low: true,
    prefer: None,
};
/// Largest page that Graph gives.
pub(crate) const PAGE: usize = 999;

impl Graph {
    pub(crate) async fn find_by(&self, kind: Kind, attribute: &str, value: &Value) -> Result<Vec<Account>> {
        let operation = match kind {
            Kind::Person => "looking for the account",
            Kind::Group => "looking for the group",
        };
        if attribute == "id" {
            let id = value.as_str().unwrap_or_default();
            return Ok(self.get_by_id(kind, id, &[]).await?.into_iter().collect());
        }
        let Some(filter) = odata::equals(attribute, value) else {
            return Err(Error::Rejected {
                operation: operation.to_owned(),
                reason: "this attribute or value cannot be searched for".to_owned(),
                attribute: Some(attribute.to_owned()),
            });
        };
        let wanted = [attribute.to_owned()];
        let select = odata::select(&wanted, always(kind));
        let path = format!("{}?$filter={filter}&$select={select}", odata::collection(kind));
        let mut url = self.wire.url(&path)?;
        let mut found = Vec::new();
        // A page may be empty and still have a next one.
        for _ in 0..PAGE {
            let exchange = self.wire.read(&url, operation, false).await?;
            let (page, next) = self.page(kind, operation, &url, &exchange)?;
            found.extend(
                page.iter()
                    .filter_map(|body| record::account(body, &wanted))
                    .filter(|account| holds(account, attribute, value)),
            );
            match next {
                Some(next) if found.is_empty() => url = next,
                _ => break,
            }
        }
        Ok(found)
    }

    pub(crate) async fn get_by_id(
        &self,
        kind: Kind,
        id: &str,
        attributes: &[String],
    ) -> Result<Option<Account>> {
        let operation = "reading";
        let select = odata::select(attributes, always(kind));
        let url = self
            .wire
            .url(&format!("{}?$select={select}", odata::object(kind, id)))?;
        let mut pauses = self.fresh.pauses(id, &self.fresh_retry).iter();
        let exchange = loop {
            let exchange = self.wire.read(&url, operation, false).await?;
            match pauses.next() {
                Some(pause) if exchange.status == 404 => tokio::time::sleep(*pause).await,
                _ => break exchange,
            }
        };
        if exchange.status == 404 {
            return Ok(None);
        }
        let body = success(&exchange, operation)?;
        let mut account = record::account(body, attributes)
            .ok_or_else(|| shape(&exchange, operation, "an object without an id"))?;
        if account.id != id && !id.contains('@') {
            return Err(shape(
                &exchange,
                operation,
                "another object than the one asked for",
            ));
        }
        let asks_manager = kind == Kind::Person && attributes.iter().any(|a| a == "manager");
        if asks_manager && let Some(manager) = self.manager_of(id).await? {
            account
                .record
                .insert("manager".to_owned(), Value::String(manager));
        }
        Ok(Some(account))
    }

    async fn manager_of(&self, id: &str) -> Result<Option<String>> {
        let operation = "reading the manager";
        let path = format!("{}/manager?$select=id", odata::object(Kind::Person, id));
        let exchange = self.wire.read(&self.wire.url(&path)?, operation, false).await?;
        if exchange.status == 404 {
            return Ok(None);
        }
        let body = success(&exchange, operation)?;
        Ok(body["id"].as_str().map(str::to_owned))
    }

    pub(crate) async fn list_page(
        &self,
        kind: Kind,
        page: Option<&str>,
        attributes: &[String],
    ) -> Result<AccountPage> {
        let operation = match kind {
            Kind::Person => "listing the accounts",
            Kind::Group => "listing the groups",
        };
        let url = match page {
            Some(page) => self.link(kind, page)?,
            None => {
                let select = odata::select(attributes, always(kind));
                let path = format!("{}?$select={select}&$top={PAGE}", odata::collection(kind));
                self.wire.url(&path)?
            }
        };
        let exchange = self.wire.read_page(&url, operation, BULK).await?;
        let (objects, next) = self.page(kind, operation, &url, &exchange)?;
        if kind == Kind::Person {
            // A tenant pays by its size, and shows it here first.
            let more = usize::from(page.is_some() || next.is_some()) * PAGE;
            self.wire.pacer.allow(unit::rate(objects.len() + more));
        }
        let accounts = objects
            .iter()
            .map(|body| record::account(body, attributes))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| shape(&exchange, operation, "an object without an id"))?;
        Ok(AccountPage {
            accounts,
            next: next.map(String::from),
        })
    }

    pub(crate) async fn member_page(&self, group: &str, page: Option<&str>) -> Result<MemberPage> {
        let operation = "listing members";
        let url = match page {
            Some(page) => self.link(Kind::Group, page)?,
            None => {
                let path = format!("{}?$select=id&$top={PAGE}", odata::members(group));
                self.wire.url(&path)?
            }
        };
        let exchange = self.wire.read_page(&url, operation, BULK).await?;
        if exchange.status == 404 {
            return Err(exchange.failure(operation, Some(&(Kind::Group, group.to_owned()))));
        }
        let (objects, next) = self.page(Kind::Group, operation, &url, &exchange)?;
        let members = objects
            .iter()
            .map(member)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| shape(&exchange, operation, "a member without an id"))?;
        Ok(MemberPage {
            members,
            next: next.map(String::from),
        })
    }

    /// The objects of a page and the checked link to the next.
    pub(crate) fn page<'a>(
        &self,
        kind: Kind,
        operation: &str,
        url: &Url,
        exchange: &'a Exchange,
    ) -> Result<(&'a [Value], Option<Url>)> {
        if exchange.lost_its_page() {
            return Err(Error::Paging {
                kind,
                reason: exchange.reason(),
            });
        }
        let body = success(exchange, operation)?;
        let Some(objects) = body["value"].as_array() else {
            return Err(shape(exchange, operation, "a list without `value`"));
        };
        let next = match body["@odata.nextLink"].as_str() {
            None => None,
            Some(link) => Some(self.link(kind, link)?),
        };
        if next.as_ref() == Some(url) {
            return Err(Error::Paging {
                kind,
                reason: "a page names itself as the next one".to_owned(),
            });
        }
        Ok((objects, next))
    }

    /// A link to follow, if it stays where the credential belongs.
    pub(crate) fn link(&self, kind: Kind, link: &str) -> Result<Url> {
        let url = Url::parse(link).map_err(|_| Error::Paging {
            kind,
            reason: "the link to the next page is not a URL".to_owned(),
        })?;
        self.wire.client.check(&url)?;
        Ok(url)
    }
}

pub(crate) fn always(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Person => &["id", "accountEnabled"],
        Kind::Group => &["id"],
    }
}

/// Whether an account really has the value that was asked for.
fn holds(account: &Account, attribute: &str, value: &Value) -> bool {
    let same = |found: &Value| match (found, value) {
        (Value::String(found), Value::String(value)) if !EXACT.contains(&attribute) => {
            provost_scim::resource::fold(found) == provost_scim::resource::fold(value)
        }
        _ => found == value,
    };
    match account.record.get(attribute) {
        Some(Value::Array(list)) => list.iter().any(same),
        Some(found) => same(found),
        None => false,
    }
}

pub(crate) fn member(body: &Value) -> Option<Member> {
    let kind = match body["@odata.type"].as_str() {
        Some("#microsoft.graph.user") => Some(Kind::Person),
        Some("#microsoft.graph.group") => Some(Kind::Group),
        _ => None,
    };
    let id = body["id"].as_str()?.to_owned();
    Some(Member { id, kind })
}

/// The body of a successful answer.
pub(crate) fn success<'a>(exchange: &'a Exchange, operation: &str) -> Result<&'a Value> {
    if !exchange.is_success() {
        return Err(exchange.failure(operation, None));
    }
    exchange
        .body
        .as_ref()
        .filter(|body| body.is_object())
        .ok_or_else(|| shape(exchange, operation, "an answer that is not a JSON object"))
}

fn shape(exchange: &Exchange, operation: &str, found: &str) -> Error {
    Error::Unintelligible {
        host: exchange.place.clone(),
        operation: operation.to_owned(),
        found: format!("{found} (status {})", exchange.status),
    }
}
