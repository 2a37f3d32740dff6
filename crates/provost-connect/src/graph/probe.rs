//! Finding out what the application was granted.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::permission::{Permissions, name_of};
use super::{Graph, odata};
use crate::{Error, Result};

/// The application id of Microsoft Graph itself, the same everywhere.
const GRAPH_APP: &str = "00000003-0000-0000-c000-000000000000";

impl Graph {
    /// What was granted, compared with what is needed: from the token where it shows it, by asking otherwise.
    pub(crate) async fn probe(&self) -> Result<Permissions> {
        let granted = match self.shown_by_token().await? {
            Some(roles) => Some(roles),
            None => self.assigned().await?,
        };
        Ok(granted.map_or_else(Permissions::unknown, |granted| {
            Permissions::foreseeing(&self.functions, &self.later, &granted)
        }))
    }

    /// The permissions that the token shows.
    pub(crate) async fn shown_by_token(&self) -> Result<Option<Vec<String>>> {
        let token = self.wire.tokens.get().await?;
        Ok(roles(token.expose()))
    }

    /// The roles that are assigned to our service principal on Microsoft Graph; `None` where asking is not
    /// permitted.
    async fn assigned(&self) -> Result<Option<Vec<String>>> {
        let path = format!(
            "/servicePrincipals(appId='{}')/appRoleAssignments?$top=999",
            odata::encode(&self.client_id)
        );
        let body = match self.read_json(&path, "reading the granted permissions").await {
            // A principal that may not read itself answers either way.
            Err(Error::Forbidden { .. } | Error::Rejected { .. }) => return Ok(None),
            other => other?,
        };
        let assignments = body["value"].as_array().into_iter().flatten();
        let ids: Vec<&str> = assignments
            .filter(|assignment| assignment["resourceDisplayName"] == "Microsoft Graph")
            .filter_map(|assignment| assignment["appRoleId"].as_str())
            .collect();
        if ids.iter().all(|id| name_of(id).is_some()) {
            return Ok(Some(
                ids.iter()
                    .filter_map(|id| name_of(id))
                    .map(str::to_owned)
                    .collect(),
            ));
        }
        let names = self.role_names().await?;
        let name = |id: &&str| {
            let known = name_of(id).map(str::to_owned);
            known.or_else(|| names.get(&id.to_ascii_lowercase()).cloned())
        };
        // One that has no name anywhere could be the one that is needed: then nothing can be told.
        Ok(ids.iter().map(name).collect())
    }

    /// Names of Graph's app roles by id, for those that the source of our table leaves out.
    async fn role_names(&self) -> Result<BTreeMap<String, String>> {
        let path = format!("/servicePrincipals(appId='{GRAPH_APP}')?$select=id,appRoles");
        let body = match self.read_json(&path, "reading the names of permissions").await {
            Err(Error::Forbidden { .. } | Error::Rejected { .. }) => Value::Null,
            other => other?,
        };
        let roles = body["appRoles"].as_array().into_iter().flatten();
        Ok(roles
            .filter_map(|role| {
                Some((
                    role["id"].as_str()?.to_ascii_lowercase(),
                    role["value"].as_str()?.to_owned(),
                ))
            })
            .collect())
    }
}

/// The permissions in a token; `None` for a token that cannot be read. Tokens are not made for us to read, so
/// what cannot be read is not an error.
fn roles(token: &str) -> Option<Vec<String>> {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    // Without any permission the claim is missing.
    let roles = claims.as_object()?.get("roles").cloned();
    serde_json::from_value(roles.unwrap_or_else(|| Value::Array(Vec::new()))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_its_permissions_or_nothing() {
        let token = |claims: &str| format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims));
        let found = roles(&token(r#"{"roles":["User.ReadWrite.All"]}"#));
        assert_eq!(found, Some(vec!["User.ReadWrite.All".to_owned()]));
        assert_eq!(roles(&token("{}")), Some(Vec::new()));
        for opaque in ["opaque", "a.b.c", &token("[]"), &token(r#"{"roles":7}"#)] {
            assert_eq!(roles(opaque), None, "{opaque}");
        }
    }
}
