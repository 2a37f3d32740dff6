//! The bin, where deleted people and Microsoft 365 groups wait for 30 days.
//!
//! Source: Microsoft Graph, "List deletedItems", "Restore deleted item", "Permanently delete item".

use reqwest::Method;
use serde_json::Value;

use super::read::PAGE;
use super::step::{Purpose, Step};
use super::wire::Manner;
use super::{Graph, odata, record};
use crate::{AccountPage, Error, Kind, Result};

const LISTING: &str = "listing deleted objects";

impl Graph {
    pub(crate) async fn deleted_page(
        &self,
        kind: Kind,
        page: Option<&str>,
        attributes: &[String],
    ) -> Result<AccountPage> {
        let url = match page {
            Some(page) => self.link(kind, page)?,
            None => {
                let cast = match kind {
                    Kind::Person => "user",
                    Kind::Group => "group",
                };
                let select = odata::select(attributes, &["id", "deletedDateTime"]);
                self.wire.url(&format!(
                    "/directory/deletedItems/microsoft.graph.{cast}?$select={select}&$top={PAGE}"
                ))?
            }
        };
        let manner = Manner {
            low: true,
            prefer: None,
        };
        let exchange = self.wire.read_page(&url, LISTING, manner).await?;
        let (objects, next) = self.page(kind, LISTING, &url, &exchange)?;
        let mut accounts = Vec::with_capacity(objects.len());
        for object in objects {
            let mut account = record::account(object, attributes).ok_or_else(|| Error::Paging {
                kind,
                reason: "a deleted object has no id".to_owned(),
            })?;
            if let Some(Value::String(name)) = account.record.get_mut("userPrincipalName") {
                *name = own_name(&account.id, name);
            }
            accounts.push(account);
        }
        Ok(AccountPage {
            accounts,
            next: next.map(String::from),
        })
    }

    /// Names that were taken meanwhile are told as [`Error::Conflict`], and it stays in the bin.
    pub(crate) async fn restore(&self, kind: Kind, id: &str) -> Result<()> {
        let operation = match kind {
            Kind::Person => "restoring the account",
            Kind::Group => "restoring the group",
        };
        let path = format!("{}/restore", odata::binned(id)?);
        let step = Step::new(Method::POST, path, operation, Purpose::Change).needs(kind, id);
        self.run_one(vec![step]).await?;
        self.fresh.note(id);
        Ok(())
    }

    pub(crate) async fn remove_for_good(&self, kind: Kind, id: &str) -> Result<()> {
        if kind == Kind::Group {
            let operation =
                "purging deleted groups: Microsoft 365 allows that to people only, not to applications";
            return Err(super::unsupported(operation));
        }
        let operation = "purging the account";
        let step = Step::new(Method::DELETE, odata::binned(id)?, operation, Purpose::Remove).needs(kind, id);
        self.run_one(vec![step]).await.map(drop)
    }
}

/// The name that an account has when it comes back: in the bin its id stands before it.
fn own_name(id: &str, name: &str) -> String {
    let prefix = id.replace('-', "").to_ascii_lowercase();
    let matches = name
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(&prefix));
    match name.get(prefix.len()..) {
        Some(rest) if matches && !prefix.is_empty() && !rest.starts_with('@') => rest.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_the_bin_is_shown_as_it_was() {
        let id = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";
        let name = "6f1c2c2e5b0a4d2e9a630f1e7c0de365ada@contoso.example";
        assert_eq!(own_name(id, name), "ada@contoso.example");
        assert_eq!(own_name(id, "ada@contoso.example"), "ada@contoso.example");
        let only = "6f1c2c2e5b0a4d2e9a630f1e7c0de365@contoso.example";
        assert_eq!(own_name(id, only), only);
        assert_eq!(own_name("", "é"), "é");
    }
}
