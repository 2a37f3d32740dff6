//! A public document at an address of our own: no credential is sent.

use std::time::Duration;

use reqwest::Method;
use url::Url;

use super::{Factory, Origin, Policy, Request};
use crate::{Error, Result};

const OPERATION: &str = "reading the document";
/// Somebody waits in front of a page.
const CONNECT: Duration = Duration::from_secs(4);
const CALL: Duration = Duration::from_secs(8);

/// Reads the text at an address. `private`: whether the address may be one of a private network.
///
/// # Errors
/// [`Error::Settings`] for what is no address; [`Error::AddressRefused`]; what keeps the server from answering;
/// [`Error::Rejected`] for an answer that is no success, and for a text that is no UTF-8.
pub async fn document(factory: &Factory, address: &str, private: bool) -> Result<String> {
    let url = Url::parse(address).map_err(|error| Error::Settings {
        field: "public_url".to_owned(),
        reason: format!("it makes no address: {error}"),
    })?;
    let origin = Origin::of(&url).ok_or_else(|| Error::Settings {
        field: "public_url".to_owned(),
        reason: "it has no host".to_owned(),
    })?;
    let usual = factory.deadlines();
    let short = super::Deadlines {
        connect: usual.connect.min(CONNECT),
        call: usual.call.min(CALL),
        ..usual
    };
    let policy = Policy {
        origins: vec![origin],
        allow_private_network: private,
        allowed_networks: Vec::new(),
    };
    let client = factory.clone().with_deadlines(short).client(policy)?;
    let answer = client.send(Request::new(Method::GET, url)).await?;
    if let Some(error) = answer.redirected(OPERATION) {
        return Err(error);
    }
    let refused = |reason: String| Error::Rejected {
        operation: OPERATION.to_owned(),
        reason,
        attribute: None,
    };
    if !answer.is_success() {
        return Err(refused(format!("the answer has the status {}", answer.status)));
    }
    String::from_utf8(answer.body).map_err(|_| refused("it is no text".to_owned()))
}
