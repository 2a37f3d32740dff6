//! Which IP addresses may be called.
//!
//! Sources: IANA special-purpose address registries (RFC 6890 and updates), RFC 6052 (NAT64),
//! RFC 6598 (carrier-grade NAT), RFC 4193 (unique local), and the fixed addresses under which
//! cloud providers serve machine credentials.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::Policy;

/// A range of addresses, `10.1.0.0/16` or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .trim()
            .parse()
            .map_err(|_| format!("`{text}` is not an address range such as 10.1.0.0/16"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(digits) => digits
                .trim()
                .parse()
                .ok()
                .filter(|bits| *bits <= width)
                .ok_or_else(|| format!("`{text}`: the prefix length must be 0 to {width}"))?,
        };
        Ok(Self { address, prefix })
    }
}

impl Network {
    /// Whether the address lies in this range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                high_bits(u128::from(u32::from(net)), 32, self.prefix)
                    == high_bits(u128::from(u32::from(ip)), 32, self.prefix)
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                high_bits(net.into(), 128, self.prefix) == high_bits(ip.into(), 128, self.prefix)
            }
            _ => false,
        }
    }
}

fn high_bits(value: u128, width: u8, prefix: u8) -> u128 {
    value.checked_shr(u32::from(width - prefix)).unwrap_or_default()
}

/// Why an address may not be called under this policy, or `None` when it may.
#[must_use]
pub fn refusal(address: IpAddr, policy: &Policy) -> Option<&'static str> {
    let address = inner(address);
    if let Some(reason) = never(address) {
        return Some(reason);
    }
    let Some(reason) = private(address) else {
        let plain = policy.origins.iter().any(|origin| !origin.is_https());
        return plain
            .then_some("it is public, where plain http would show the credential to everybody on the way");
    };
    let allowed = policy.allow_private_network
        || policy
            .allowed_networks
            .iter()
            .any(|network| network.contains(address));
    (!allowed).then_some(reason)
}

/// The IPv4 address that an IPv6 address stands for (mapped, compatible, NAT64, 6to4), so that no
/// notation gets around the IPv4 rules.
fn inner(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let s = v6.segments();
    let tail = || IpAddr::V4(Ipv4Addr::from((u32::from(s[6]) << 16) | u32::from(s[7])));
    match s {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => tail(),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => tail(),
        [0x2002, high, low, ..] => IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => address,
    }
}

/// Addresses that no setting opens.
fn never(address: IpAddr) -> Option<&'static str> {
    const METADATA_V4: [Ipv4Addr; 4] = [
        Ipv4Addr::new(169, 254, 169, 254),
        Ipv4Addr::new(169, 254, 170, 2),
        Ipv4Addr::new(100, 100, 100, 200),
        Ipv4Addr::new(168, 63, 129, 16),
    ];
    const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address {
        IpAddr::V4(ip) if METADATA_V4.contains(&ip) => Some("it serves machine credentials"),
        IpAddr::V6(ip) if ip == METADATA_V6 => Some("it serves machine credentials"),
        IpAddr::V4(ip) if ip.octets()[0] == 0 => Some("it is the unspecified network"),
        IpAddr::V6(ip) if ip.is_unspecified() => Some("it is the unspecified address"),
        _ if address.is_multicast() => Some("it is a multicast address"),
        IpAddr::V4(ip) if ip.octets()[0] >= 240 => Some("it is a reserved or broadcast address"),
        _ => None,
    }
}

/// Addresses that only a connection with `allow_private_network` may call.
fn private(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(ip) => private_v4(ip),
        IpAddr::V6(ip) => private_v6(ip),
    }
}

fn private_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        (127, ..) => Some("it is a loopback address"),
        (169, 254, _) => Some("it is a link-local address"),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some("it is in a private network"),
        (100, 64..=127, _) => Some("it is in a carrier-grade NAT network"),
        (192, 0, 0) | (198, 18..=19, _) => Some("it is in a special-purpose network"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some("it is a documentation address"),
        _ => None,
    }
}

fn private_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let s = ip.segments();
    if ip.is_loopback() {
        return Some("it is a loopback address");
    }
    match s[0] {
        0xfc00..=0xfdff => Some("it is a unique local address"),
        0xfe80..=0xfebf => Some("it is a link-local address"),
        0xfec0..=0xfeff => Some("it is a site-local address"),
        // Local-use NAT64 (RFC 8215), whose IPv4 part cannot be told from its length alone.
        0x64 if s[1] == 0xff9b => Some("it is a local address translation prefix"),
        0x2001 if s[1] == 0xdb8 => Some("it is a documentation address"),
        0x2001 if s[1] < 0x200 => Some("it is in a special-purpose network"),
        0x100 if s[1] == 0 => Some("it is in a discard-only network"),
        _ => None,
    }
}
