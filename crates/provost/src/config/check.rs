//! What is accepted in the configuration, and how a mistake is shown.

use super::DatabaseUrl;
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::nearest::nearest;
use ipnet::IpNet;
use serde::de::{Deserialize, Deserializer, Error as _};
use std::net::{IpAddr, SocketAddr};

pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| {
        D::Error::custom("this is not an address with a port, such as 127.0.0.1:8080 or [::1]:8080")
    })
}

pub(super) fn public_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    let wrong = |reason| D::Error::custom(format!("{reason}, such as https://provost.contoso.example"));
    let uri: axum::http::Uri = text.parse().map_err(|_| wrong("this is not an address"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong("the address must begin with https:// or http://"));
    }
    if uri.query().is_some() || !matches!(uri.path(), "" | "/") || text.contains('@') {
        return Err(wrong("the address must be a host without a path"));
    }
    Ok(Some(text.trim_end_matches('/').to_owned()))
}

/// A whole number from `MIN` to `MAX`.
pub(super) fn within<'de, D: Deserializer<'de>, const MIN: u64, const MAX: u64>(
    from: D,
) -> Result<u64, D::Error> {
    let wrong = || D::Error::custom(format!("this must be a whole number from {MIN} to {MAX}"));
    let number = i64::deserialize(from)?;
    u64::try_from(number)
        .ok()
        .filter(|number| (MIN..=MAX).contains(number))
        .ok_or_else(wrong)
}

/// Networks as `10.0.0.0/8`, or single addresses.
pub(super) fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    Ok(Vec::deserialize(from)?
        .into_iter()
        .map(|Network(one)| one)
        .collect())
}

/// One of several networks, so that a mistake is shown at its place.
struct Network(IpNet);

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        network(&String::deserialize(from)?)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

/// A network as `10.0.0.0/8`, or a single address.
///
/// # Errors
/// A sentence with the text and two examples.
pub(crate) fn network(text: &str) -> Result<IpNet, String> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => Ok(IpNet::from(address)),
        Err(_) => text.parse::<IpNet>(),
    };
    let network = network
        .map_err(|_| format!("\"{text}\" is not a network or an address, such as 10.0.0.0/8 or 192.0.2.7"))?;
    if network.addr() != network.network() {
        return Err(format!(
            "\"{text}\" has bits beside its prefix: write {}",
            network.trunc()
        ));
    }
    Ok(network)
}

pub(super) fn database_url<'de, D: Deserializer<'de>>(from: D) -> Result<DatabaseUrl, D::Error> {
    DatabaseUrl::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// A mistake with its line, a caret under it, and the nearest known key.
pub(super) fn explain(error: &toml::de::Error, text: &str, name: &str) -> Failure {
    let message = error.message();
    let excerpt = |span| Excerpt { name, text, span };
    let shown = error
        .span()
        .map(|span| format!("\n{}", excerpt(span)))
        .unwrap_or_default();
    Failure::new(
        format!(
            "{name} is not a valid configuration: {}{shown}",
            sentence(message)
        ),
        next_step(message),
    )
}

/// The parser's message without the list of what it expected, which is in the hint.
fn sentence(message: &str) -> String {
    match message.split_once(", expected") {
        Some((what, _)) if message.starts_with("unknown") => {
            what.replace("unknown field", "unknown key").replace('`', "\"")
        }
        _ => message.trim_end().replace('\n', ", ").replace('`', "\""),
    }
}

/// The parser names the wrong word and the known ones between backquotes.
fn next_step(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    match words.next() {
        Some(wrong) if message.starts_with("unknown") => {
            let known: Vec<&str> = words.collect();
            match nearest(wrong, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"? Known here: {}", known.join(", ")),
                None => format!("known here: {}", known.join(", ")),
            }
        }
        _ => "Correct the line; `provost config check` tells when the file is right.".to_owned(),
    }
}
