//! Who signs a domain's people in, as Microsoft's sign-in service tells every program that asks.
//!
//! Source: Microsoft Authentication Library, "user realm discovery" (`/common/userrealm/{user}`): what Microsoft's own
//! libraries ask before they sign somebody in.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::{SignIn, failure};
use crate::Result;
use crate::http::{Request, http_date};

const OPERATION: &str = "asking who signs the domain's people in";
/// Nobody's name: the answer is about the domain.
const ANYBODY: &str = "provost";

/// What the sign-in service says of a domain, and when it said so by its own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    /// `Managed`, `Federated`, or `Unknown` for a domain that it does not know.
    pub account_type: String,
    /// The service's clock at the moment of its answer, to the second; none where it sent no date.
    pub date: Option<Timestamp>,
}

impl Realm {
    /// Whether the domain's people are sent elsewhere already.
    #[must_use]
    pub fn is_federated(&self) -> bool {
        self.account_type.eq_ignore_ascii_case("Federated")
    }
}

impl SignIn {
    /// Who signs the people of a domain in at this moment. After a switch this changes later than Graph does.
    ///
    /// # Errors
    /// [`crate::Error::Settings`] for what is no domain; what keeps the service from answering.
    pub async fn realm(&self, domain: &str) -> Result<Realm> {
        let mut url = self.address(domain)?;
        let base = self.root.path().trim_end_matches('/');
        url.set_path(&format!("{base}/common/userrealm/{ANYBODY}@{domain}"));
        url.set_query(Some("api-version=1.0"));
        let request = Request::new(Method::GET, url).header("accept", "application/json");
        let answer = self.client.send(request).await?;
        if let Some(error) = answer.redirected(OPERATION) {
            return Err(error);
        }
        if !answer.is_success() {
            return Err(failure(&answer));
        }
        let document = answer.object(OPERATION)?;
        let Some(account_type) = document.get("account_type").and_then(Value::as_str) else {
            return Err(answer.unintelligible(OPERATION, "an answer without `account_type`"));
        };
        Ok(Realm {
            account_type: account_type.to_owned(),
            date: answer.header("date").and_then(http_date),
        })
    }
}
