//! Who a verified response speaks of.

use provost_saml::Error;
use provost_saml::entra::{Guid, identity, issuer};

use crate::attacks::{verdict, with};
use crate::generator::Response;
use crate::kit::{ISSUER, OBJECT, TENANT, tenant};

const TENANT_CLAIM: &str = "http://schemas.microsoft.com/identity/claims/tenantid";
const OBJECT_CLAIM: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
const PROVIDER_CLAIM: &str = "http://schemas.microsoft.com/identity/claims/identityprovider";

fn identified(change: impl FnOnce(&mut Response)) -> Result<provost_saml::entra::Identity, Error> {
    identity(&verdict(&with(change)).unwrap(), &tenant())
}

fn set(response: &mut Response, claim: &str, value: &str) {
    let found = response
        .claims
        .iter_mut()
        .find(|(name, _)| name == claim)
        .unwrap();
    found.1 = vec![value.to_owned()];
}

#[test]
fn the_object_id_is_the_key() {
    let found = identified(|_| {}).unwrap();
    assert_eq!(found.object_id.as_str(), OBJECT);
    assert_eq!(found.tenant.as_str(), TENANT);
    assert_eq!(found.user_principal_name.as_deref(), Some("anna@contoso.example"));
    assert_eq!(found.display_name, None);
    assert_eq!(found.methods.len(), 2);
    // Another name of the same account is the same account.
    let renamed = identified(|response| response.name_id = "someone@else.example".to_owned()).unwrap();
    assert_eq!(renamed.object_id, found.object_id);
    let upper = identified(|response| set(response, OBJECT_CLAIM, &OBJECT.to_uppercase())).unwrap();
    assert_eq!(upper.object_id, found.object_id);
    assert!(!format!("{found:?}").contains("anna"));
}

#[test]
fn a_claim_that_somebody_took_off_is_named() {
    for claim in [TENANT_CLAIM, OBJECT_CLAIM, PROVIDER_CLAIM] {
        let refusal = identified(|response| response.claims.retain(|(name, _)| name != claim));
        assert_eq!(refusal.unwrap_err(), Error::ClaimMissing { claim });
        let other_case = identified(|response| {
            for (name, _) in &mut response.claims {
                if name == claim {
                    *name = name.to_uppercase();
                }
            }
        });
        assert_eq!(other_case.unwrap_err(), Error::ClaimMissing { claim });
    }
}

#[test]
fn another_tenant_a_guest_and_an_id_that_is_none() {
    let other = "99999999-2222-4333-8444-555555555555";
    assert_eq!(
        identified(|response| set(response, TENANT_CLAIM, other)),
        Err(Error::Tenant)
    );
    assert_eq!(
        identified(|response| set(response, TENANT_CLAIM, "")),
        Err(Error::Tenant)
    );
    let foreign = format!("https://sts.windows.net/{other}/");
    assert_eq!(
        identified(|response| set(response, PROVIDER_CLAIM, &foreign)),
        Err(Error::Guest)
    );
    assert_eq!(
        identified(|response| set(response, PROVIDER_CLAIM, "live.com")),
        Err(Error::Guest)
    );
    assert_eq!(
        identified(|response| set(response, OBJECT_CLAIM, "anna")),
        Err(Error::ObjectId)
    );
}

#[test]
fn the_issuer_follows_from_the_tenant() {
    assert_eq!(issuer(&tenant()).unwrap().as_str(), ISSUER);
    for wrong in [
        "",
        "x",
        "11111111-2222-4333-8444-55555555555g",
        "{11111111-2222-4333-8444-555555555555}",
        "11111111222243338444555555555555",
    ] {
        assert_eq!(Guid::parse(wrong), Err(Error::Guid));
    }
}
