//! `/idp/{id}`: Provost as the identity provider of Microsoft 365, for the provider with that id. What is decided stands
//! in `provost_signin::federation`; here it gets addresses and pages.
//!
//! Requests come from another site, so browsers send no session along with them: each is kept, and gone on with at
//! `/idp/{id}/go-on`, which is a page of our own. A provider through which nobody signs in has none of these addresses.

mod answer;
mod ask;
mod documents;
mod go_on;
mod leave;
mod told;
mod trial;

pub(crate) use told::said;

use crate::console::refusal::{Refusal, Result};
use crate::policy::{Policy, Routes};
use crate::signin::signin;
use crate::state::State;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use provost_signin::federation::{Addresses, Door, Federation};
use provost_store::microsoft_365::Provider;
use provost_sync::microsoft_365::provider_values;

const READ: Policy =
    Policy::Public("everybody may read the certificates and addresses of an identity provider");
const ASK: Policy = Policy::Public(
    "Microsoft 365 sends browsers here; who gets an assertion is decided by the person's session",
);

const TRY: Policy =
    Policy::Open("whoever tries their sign-in is known by their session, and nothing is sent");

/// The addresses that Microsoft 365 is given.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/idp/{id}/metadata", READ, documents::saml)
        .get(
            "/idp/{id}/FederationMetadata/2007-06/FederationMetadata.xml",
            READ,
            documents::passive,
        )
        .get("/idp/{id}/mex", READ, documents::exchange)
        .get("/idp/{id}/saml", ASK, ask::redirect)
        .post("/idp/{id}/saml", ASK, ask::post)
        .get("/idp/{id}/wsfed", ASK, ask::passive)
        .post("/idp/{id}/wsfed", ASK, ask::passive_post)
        .get("/idp/{id}/go-on", ASK, go_on::show)
        .get("/idp/{id}/logout", ASK, leave::show)
        .get("/idp/{id}/try", TRY, trial::show)
        .post("/idp/{id}/try", TRY, trial::send)
}

/// The id of an address.
type Id = std::result::Result<Path<String>, PathRejection>;

fn federation(state: &State) -> Result<Federation> {
    Ok(signin(state)?.federation())
}

/// The provider that an address means.
///
/// # Errors
/// 404 where nobody signs in through one, whatever the reason.
async fn door(state: &State, headers: &HeaderMap, id: Id) -> Result<Door> {
    let Path(id) = id.map_err(Refusal::address)?;
    let hub = crate::console::hub_url(state, headers);
    let addresses = |provider: &Provider| {
        let values = provider_values(&hub, provider);
        Addresses {
            issuer: values.issuer,
            sign_in: values.sign_in,
            passive: values.ws_federation,
            sign_out: values.sign_out,
        }
    };
    let found = federation(state)?.door(&id, addresses).await?;
    found.ok_or_else(|| Refusal::Absent("Nobody signs in by this address.".to_owned()))
}

/// A path below a provider's addresses, at this server.
fn at(door: &Door, rest: &str) -> String {
    format!("/idp/{}/{rest}", door.provider.id.hyphenated())
}
