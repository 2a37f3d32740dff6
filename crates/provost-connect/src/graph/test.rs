//! The connection test: what works and what was granted, without writing.

use base64::Engine as _;
use serde_json::Value;

use super::Graph;
use super::read::success;
use crate::{Check, Result};

/// What provisioning needs; any one of a line is enough (Microsoft Graph permissions reference).
const NEEDED: [(&str, &[&str]); 2] = [
    ("people", &["User.ReadWrite.All", "Directory.ReadWrite.All"]),
    ("groups", &["Group.ReadWrite.All", "Directory.ReadWrite.All"]),
];

impl Graph {
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        let reached = add(&mut checks, "name resolution", self.resolved().await)
            && add(&mut checks, "TLS", self.protected().await);
        if !reached {
            return checks;
        }
        let token = self.wire.tokens.get().await;
        let hint = token.as_ref().ok().map(|token| granted(token.expose()));
        let go_on = add(
            &mut checks,
            "sign-in",
            token.map(|_| "the credential is accepted".to_owned()),
        );
        if let Some(outcome) = hint.filter(|_| go_on) {
            add(&mut checks, "permissions", Ok(outcome));
        }
        if go_on && add(&mut checks, "tenant", self.tenant().await) {
            for (name, path, said) in [
                ("read people", "/users?$top=1&$select=id", "people can be read"),
                ("read groups", "/groups?$top=1&$select=id", "groups can be read"),
            ] {
                let read = self.read_json(path, name).await;
                if !add(&mut checks, name, read.map(|_| said.to_owned())) {
                    break;
                }
            }
        }
        checks
    }

    /// Both hosts: the one that signs in and the one that is written to.
    async fn resolved(&self) -> Result<String> {
        let (sign_in, login) = self.wire.tokens.place();
        let graph = self.wire.url("/organization")?;
        sign_in.resolve(login).await?;
        self.wire.client.resolve(&graph).await?;
        let host = |url: &url::Url| url.host_str().unwrap_or_default().to_owned();
        Ok(format!("{} and {} are known", host(login), host(&graph)))
    }

    async fn protected(&self) -> Result<String> {
        let (sign_in, login) = self.wire.tokens.place();
        sign_in.reach(login).await?;
        self.wire.client.reach(&self.wire.url("/organization")?).await?;
        Ok("both hosts answer, and over https their certificates are trusted".to_owned())
    }

    async fn tenant(&self) -> Result<String> {
        let path = "/organization?$select=id,displayName,verifiedDomains";
        let body = self.read_json(path, "reading the tenant").await?;
        let tenant = &body["value"][0];
        let name = tenant["displayName"].as_str().unwrap_or("without a name");
        let domains: Vec<&str> = tenant["verifiedDomains"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|domain| domain["name"].as_str())
            .collect();
        let said = format!("the tenant is {name} with the domains {}", domains.join(", "));
        Ok(crate::error::quote(&said))
    }

    async fn read_json(&self, path: &str, operation: &str) -> Result<Value> {
        let exchange = self.wire.read(&self.wire.url(path)?, operation, false).await?;
        success(&exchange, operation).cloned()
    }
}

/// Notes a step; whether to go on.
fn add(checks: &mut Vec<Check>, name: &'static str, outcome: Result<String>) -> bool {
    let good = outcome.is_ok();
    checks.push(Check { name, outcome });
    good
}

/// What the token says about permissions. Tokens are not ours to interpret, so this is a hint.
fn granted(token: &str) -> String {
    let Some(roles) = roles(token) else {
        return "the token does not tell which permissions are granted".to_owned();
    };
    let missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(_, enough)| !enough.iter().any(|role| roles.iter().any(|r| r == role)))
        .map(|(what, _)| *what)
        .collect();
    if missing.is_empty() {
        "people and groups may be written".to_owned()
    } else {
        format!(
            "the token shows no permission to write {}: grant User.ReadWrite.All and Group.ReadWrite.All to the application",
            missing.join(" and ")
        )
    }
}

fn roles(token: &str) -> Option<Vec<String>> {
    let payload = token.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    let roles = claims.get("roles").cloned().unwrap_or(Value::Array(Vec::new()));
    serde_json::from_value(roles).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_permissions_are_named() {
        let token = |claims: &str| {
            let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
            format!("h.{payload}.s")
        };
        assert!(granted(&token(r#"{"roles":["User.ReadWrite.All"]}"#)).contains("write groups:"));
        assert!(granted(&token("{}")).contains("people and groups:"));
        assert!(granted(&token(r#"{"roles":["Directory.ReadWrite.All"]}"#)).contains("may be written"));
        assert!(granted("opaque").contains("does not tell"));
    }
}
