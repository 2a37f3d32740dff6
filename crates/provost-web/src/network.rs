//! Where a request comes from.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::IpAddr;

/// The other end of a connection. An IPv4 address that was written as IPv6 is an IPv4 address here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer(pub IpAddr);

/// The header in which a proxy names who it speaks for.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who sent the request: the other end of the connection or, when that is a proxy that is trusted, the last
/// address in `X-Forwarded-For` that is not such a proxy itself. What stands left of it anybody can write.
pub(crate) fn client(peer: Peer, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| contains(trusted, *address);
    if !is_trusted(&peer.0) {
        return peer.0;
    }
    let named = headers.get_all(FORWARDED_FOR).iter().rev();
    let mut client = peer.0;
    for list in named {
        for text in list.to_str().unwrap_or_default().rsplit(',') {
            // What is no address ends the chain: the proxy before it is all that is known.
            let Some(address) = parse(text) else { return client };
            client = address;
            if !is_trusted(&address) {
                return client;
            }
        }
    }
    client
}

/// Whether one of the networks has the address.
pub(crate) fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sent(peer: &str, headers: &[&str], trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for text in headers {
            map.append(FORWARDED_FOR, text.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client(Peer(peer.parse().unwrap()), &map, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_it_speaks_for() {
        assert_eq!(sent("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(sent("192.0.2.1", &["198.51.100.7"], &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(
            sent("10.0.0.1", &["198.51.100.7"], &["10.0.0.0/8"]),
            "198.51.100.7"
        );
        assert_eq!(sent("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn what_the_client_wrote_itself_is_not_believed() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            sent("10.0.0.1", &["10.9.9.9, 198.51.100.7, 10.0.0.2"], &trusted),
            "198.51.100.7"
        );
        assert_eq!(
            sent("10.0.0.1", &["192.0.2.66", "198.51.100.7"], &trusted),
            "198.51.100.7"
        );
        assert_eq!(sent("10.0.0.1", &["192.0.2.66, unknown"], &trusted), "10.0.0.1");
        assert_eq!(
            sent("10.0.0.1", &["192.0.2.66, nonsense, 10.0.0.2"], &trusted),
            "10.0.0.2"
        );
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_understood() {
        let trusted = ["10.0.0.0/8"];
        for (text, address) in [
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(sent("10.0.0.1", &[text], &trusted), address, "{text}");
        }
    }
}
