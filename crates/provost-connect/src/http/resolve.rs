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

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let policy = Arc::clone(&self.policy);
        let lookup = self.lookup.clone();
        Box::pin(async move {
            let found = match lookup {
                Some(lookup) => lookup(host.clone()).await?,
                None => system(&host).await?,
            };
            permitted(&host, found, &policy)
        })
    }
}

async fn system(host: &str) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((host, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

fn permitted(
    host: &str,
    found: Vec<IpAddr>,
    policy: &Policy,
) -> Result<Addrs, Box<dyn std::error::Error + Send + Sync>> {
    let mut refused = None;
    let mut good = Vec::with_capacity(found.len());
    for address in found {
        match refusal(address, policy) {
            None => good.push(SocketAddr::new(address, 0)),
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
        (false, _) => Ok(Box::new(good.into_iter())),
        (true, Some(refused)) => Err(refused.into()),
        (true, None) => Err("the name has no address".into()),
    }
}
