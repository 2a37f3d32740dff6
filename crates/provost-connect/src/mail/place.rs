//! The addresses of the mail server, checked before anything is sent to them.

use std::net::IpAddr;

use super::failure::{Cause, Failure};
use super::settings::{Security, Settings};
use crate::http::{self, Policy};

/// The addresses that may be called.
pub(super) async fn addresses(settings: &Settings) -> Result<Vec<IpAddr>, Failure> {
    let host = settings.host.as_str();
    let found: Vec<IpAddr> = match host.parse() {
        Ok(address) => vec![address],
        Err(_) => tokio::net::lookup_host((host, settings.port()))
            .await
            .map_err(|error| Failure::new(Cause::Name, settings.place(), error.to_string()))?
            .map(|address| address.ip())
            .collect(),
    };
    let mut refused = None;
    let mut good = Vec::with_capacity(found.len());
    for address in found {
        match refusal(address, settings) {
            None => good.push(address),
            Some(reason) => {
                refused.get_or_insert((address, reason));
            }
        }
    }
    match (good.is_empty(), refused) {
        (true, Some((address, reason))) => {
            let reason = format!("{address}: {reason}");
            Err(Failure::new(Cause::Address, settings.place(), reason))
        }
        _ => Ok(good),
    }
}

/// Why an address is not called.
fn refusal(address: IpAddr, settings: &Settings) -> Option<&'static str> {
    let open = Policy {
        allow_private_network: true,
        ..Policy::default()
    };
    if let Some(reason) = http::refusal(address, &open) {
        return Some(reason);
    }
    if settings.security != Security::None || settings.allow_plain {
        return None;
    }
    if http::refusal(address, &Policy::default()).is_none() {
        return Some("it is public, where everybody on the way could read the mail");
    }
    let on_this_machine = address.to_canonical().is_loopback();
    (settings.user.is_some() && !on_this_machine).then_some("the password would be sent without protection")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refused(address: &str, security: Security, user: bool, allow_plain: bool) -> Option<&'static str> {
        let settings = Settings {
            host: "mail.contoso.example".to_owned(),
            port: None,
            security,
            user: user.then(|| "provost".to_owned()),
            from: "provost@contoso.example".to_owned(),
            allow_plain,
            trusted: None,
        };
        refusal(address.parse().unwrap(), &settings)
    }

    #[test]
    fn a_plain_line_stays_in_the_house() {
        assert_eq!(refused("127.0.0.1", Security::None, true, false), None);
        assert_eq!(refused("::ffff:127.0.0.1", Security::None, true, false), None);
        assert_eq!(refused("10.0.0.25", Security::None, false, false), None);
        assert!(
            refused("10.0.0.25", Security::None, true, false)
                .unwrap()
                .contains("password")
        );
        assert!(
            refused("8.8.8.8", Security::None, false, false)
                .unwrap()
                .contains("public")
        );
        assert_eq!(refused("8.8.8.8", Security::None, true, true), None);
        assert_eq!(refused("8.8.8.8", Security::StartTls, true, false), None);
        assert_eq!(refused("10.0.0.25", Security::Tls, true, false), None);
    }

    #[test]
    fn machine_credentials_are_never_asked_for() {
        for security in [Security::None, Security::Tls, Security::StartTls] {
            assert!(refused("169.254.169.254", security, false, true).is_some());
        }
    }
}
