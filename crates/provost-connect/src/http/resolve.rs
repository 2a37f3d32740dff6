//! Name resolution with the address check at the last moment before connecting.
//!
//! The addresses that pass are exactly the ones the connection is made to, so a name that
//! resolves differently a second time (DNS rebinding) gains nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Policy, Refused, refusal};
use crate::BoxFuture;

/// A name resolution: host name to addresses.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The resolver that a client is built with.
pub(crate) struct Guarded {
    pub policy: Arc<Policy>,
    pub lookup: Option<Lookup>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Guarded {
    /// The addresses of a host that the policy allows.
    pub(crate) async fn addresses(self, host: String) -> Result<Vec<IpAddr>, Failure> {
        let found = match &self.lookup {
            Some(lookup) => lookup(host.clone()).await?,
            None => system(&host).await?,
        };
        permitted(&host, found, &self.policy)
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let guarded = Self {
            policy: Arc::clone(&self.policy),
            lookup: self.lookup.clone(),
        };
        Box::pin(async move {
            let good = guarded.addresses(host).await?;
            let addresses: Addrs = Box::new(good.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

async fn system(host: &str) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((host, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

fn permitted(host: &str, found: Vec<IpAddr>, policy: &Policy) -> Result<Vec<IpAddr>, Failure> {
    let mut refused = None;
    let mut good = Vec::with_capacity(found.len());
    for address in found {
        match refusal(address, policy) {
            None => good.push(address),
            Some(reason) => {
                refused.get_or_insert(Refused {
                    host: host.to_owned(),
                    address,
                    reason,
                });
            }
        }
    }
    match (good.is_empty(), refused) {
        (false, _) => Ok(good),
        (true, Some(refused)) => Err(refused.into()),
        (true, None) => Err("the name has no address".into()),
    }
}
