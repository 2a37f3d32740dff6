//! For which domains Microsoft checks whom a federated domain vouches for.
//!
//! Source: Microsoft Graph, "Get federatedTokenValidationPolicy", "validatingDomains", "allDomains" and "enumeratedDomains
//! resource type". Where a domain is checked, a sign-in there that names an account of another root domain is refused.
//! Reading it needs `Policy.Read.All`, which nothing else here needs; it is never written.

use serde::Deserialize;
use serde_json::Value;

use super::{read, success_of, unreadable};
use crate::Result;
use crate::graph::Graph;
use crate::graph::step::Step;

const PATH: &str = "/policies/federatedTokenValidationPolicy";
const READING: &str = "reading the policy about tokens of federated domains";

/// The policy of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenValidation {
    /// Microsoft's word for the domains that are checked: `all`, which a tenant begins with, `none`, `allFederated`,
    /// `allManaged`, `enumerated`, `allManagedAndEnumeratedFederated`, or one that is new.
    pub root_domains: String,
    /// The domains that are named; empty with words that name none.
    #[serde(default)]
    pub domain_names: Vec<String>,
}

impl TokenValidation {
    /// Whether a root domain is checked once it is federated. A word that is not known covers none.
    #[must_use]
    pub fn covers(&self, domain: &str) -> bool {
        match self.root_domains.as_str() {
            "all" | "allFederated" => true,
            "enumerated" | "allManagedAndEnumeratedFederated" => self
                .domain_names
                .iter()
                .any(|one| one.eq_ignore_ascii_case(domain)),
            _ => false,
        }
    }
}

impl Graph {
    /// For which domains the tenant checks whom a federated domain vouches for; `None` where it does not say.
    ///
    /// # Errors
    /// [`crate::Error::Forbidden`] with the permission that is missing.
    pub async fn token_validation(&self) -> Result<Option<TokenValidation>> {
        let step = Step::look(PATH.to_owned(), READING, "");
        let exchange = self.one(&step).await?;
        let body = success_of(&step, &exchange)?;
        match body.get("validatingDomains") {
            None if !body.is_object() => Err(unreadable(&exchange, READING, "no policy")),
            None | Some(Value::Null) => Ok(None),
            Some(domains) => read(&exchange, domains.clone(), READING).map(Some),
        }
    }
}
