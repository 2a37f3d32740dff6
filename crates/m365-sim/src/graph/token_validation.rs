//! For which domains the tenant checks whom a federated domain vouches for (Graph documentation,
//! "federatedTokenValidationPolicy resource type"). An administrator changes it by the control interface.

use serde_json::{Value, json};

use super::entity;
use crate::call::Call;
use crate::error::Result;
use crate::message::Reply;
use crate::settings::TokenValidation;

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let body = json!({
        "id": call.settings.tenant_id,
        "deletedDateTime": null,
        "validatingDomains": validating(&call.settings.token_validation),
    });
    let context = format!(
        "{}/$metadata#policies/federatedTokenValidationPolicy/$entity",
        call.request.base
    );
    Ok(entity(
        200,
        context,
        body.as_object().cloned().unwrap_or_default(),
    ))
}

/// Two types, by whether domains are named.
fn validating(of: &TokenValidation) -> Value {
    if of.root_domains.names_domains() {
        json!({
            "@odata.type": "#microsoft.graph.enumeratedDomains",
            "rootDomains": of.root_domains,
            "domainNames": of.domain_names,
        })
    } else {
        json!({"@odata.type": "#microsoft.graph.allDomains", "rootDomains": of.root_domains})
    }
}
