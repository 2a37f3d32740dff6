//! How fast strangers may ask for setup pages: a bucket for all of them together, which costs nothing to look at, and in
//! the store one for each network that guesses and one for each link that makes tokens.

use crate::budget::{Budget, Pace};
use crate::network::{self, Peer};
use crate::state::{State, now};
use axum::http::HeaderMap;
use provost_store::attempt;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Instant;

/// Pages a second in the long run, and at once, for everybody together.
const ALL: (u32, u32) = (50, 200);
/// Keys that lead nowhere, from one network: an hour, and at once.
const GUESSES: (i64, i64) = (60, 20);
/// Tries to make a token through one link: an hour, and at once.
const TOKENS: (i64, i64) = (10, 5);

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
static SPENT: LazyLock<Budget> = LazyLock::new(Budget::default);

/// Takes one page out of everybody's bucket.
///
/// # Errors
/// The seconds to wait.
pub(super) fn page() -> Result<(), u64> {
    let Some(pace) = Pace::new(ALL.0, ALL.1) else {
        return Ok(());
    };
    let elapsed = u64::try_from(STARTED.elapsed().as_nanos()).unwrap_or(u64::MAX);
    SPENT.take(elapsed, pace)
}

/// Counts a key that led nowhere. Answers the seconds to wait, when there have been too many.
///
/// # Errors
/// Any error of the store.
pub(super) async fn guess(
    state: &State,
    peer: Option<Peer>,
    headers: &HeaderMap,
) -> Result<Option<i64>, provost_store::Error> {
    let subject = format!("setup:{}", network_of(client(state, peer, headers)));
    let now = now();
    state
        .db()
        .write(move |tx| attempt::take(tx, &subject, now, GUESSES.0, GUESSES.1))
        .await
}

/// The subject under which a link's tokens are counted, and how many there may be.
pub(super) fn tokens(link: i64) -> (String, i64, i64) {
    (format!("setup-token:{link}"), TOKENS.0, TOKENS.1)
}

fn client(state: &State, peer: Option<Peer>, headers: &HeaderMap) -> Option<IpAddr> {
    peer.map(|peer| network::client(peer, headers, &state.settings().trusted_proxies))
}

/// The network of an address: /24, or /64, which one site has at least (RFC 6177).
fn network_of(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}
