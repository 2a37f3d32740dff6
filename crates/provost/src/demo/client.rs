//! What an HR system would be: a SCIM client that knows nothing of Provost but its tenant URL and a token.

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Resources on one page of a list.
const PAGE: usize = 200;

/// A SCIM client. Clones share its connections.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    /// A client of the service at `base`.
    ///
    /// # Errors
    /// When this machine cannot make HTTP clients at all.
    pub fn new(base: String, token: String) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { http, base, token })
    }

    /// Every resource of an endpoint: the value of `attribute`, and its id.
    ///
    /// # Errors
    /// When the service does not answer as SCIM says.
    pub async fn all(&self, endpoint: &str, attribute: &str) -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        loop {
            let start = found.len() + 1;
            let path = format!("{endpoint}?startIndex={start}&count={PAGE}&attributes={attribute}");
            let page = self
                .send(Method::GET, &path, None)
                .await?
                .accepted("list", endpoint)?;
            let resources = page["Resources"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            for resource in resources {
                if let (Some(name), Some(id)) = (resource[attribute].as_str(), resource["id"].as_str()) {
                    found.insert(name.to_owned(), id.to_owned());
                }
            }
            let total = page["totalResults"].as_u64().unwrap_or_default() as usize;
            if resources.is_empty() || found.len() >= total {
                return Ok(found);
            }
        }
    }

    /// Makes a resource and answers its id.
    ///
    /// # Errors
    /// When the service refuses it.
    pub async fn create(&self, endpoint: &str, body: Value) -> Result<String> {
        let made = self
            .send(Method::POST, endpoint, Some(body))
            .await?
            .accepted("create", endpoint)?;
        made["id"]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("{endpoint} answered without an id"))
    }

    /// Changes a resource.
    ///
    /// # Errors
    /// When the service refuses it.
    pub async fn patch(&self, endpoint: &str, id: &str, operations: Value) -> Result<()> {
        let body =
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        self.send(Method::PATCH, &format!("{endpoint}/{id}"), Some(body))
            .await?
            .accepted("change", endpoint)?;
        Ok(())
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/scim+json")
                .body(body.to_string());
        }
        let response = request.send().await.context("the SCIM service does not answer")?;
        let status = response.status().as_u16();
        let text = response
            .text()
            .await
            .context("the SCIM service did not finish its answer")?;
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text)?
        };
        Ok(Answer { status, body })
    }
}

struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    fn accepted(self, what: &str, endpoint: &str) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            let detail = self.body["detail"].as_str().unwrap_or("no reason was given");
            bail!(
                "the SCIM service refused to {what} in {endpoint} with {}: {detail}",
                self.status
            );
        }
        Ok(self.body)
    }
}
