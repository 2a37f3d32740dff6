//! Addresses of applications: what may be registered, and whether one that was sent is one of them.

use crate::{Error, Result};
use url::{Host, Url};

/// Addresses of one kind that may be registered.
const MOST: usize = 20;
/// Characters of an address.
const LENGTH: usize = 2_000;

/// Whether browsers are sent on this machine itself, to an application that runs there (RFC 8252 section 7.3). Its name
/// may be any machine's, so only the addresses count.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// Whether an address that was sent is one that is registered: the same text, but for the port of one on the machine itself.
pub(super) fn is_registered(registered: &[String], sent: &str) -> bool {
    registered
        .iter()
        .any(|one| one == sent || is_same_but_port(one, sent))
}

fn is_same_but_port(registered: &str, sent: &str) -> bool {
    let (Ok(mut one), Ok(mut other)) = (Url::parse(registered), Url::parse(sent)) else {
        return false;
    };
    if one.scheme() != "http" || !is_loopback(&one) || !is_loopback(&other) {
        return false;
    }
    // What the parser would mend, such as a backslash, is not what was registered.
    let is_plain = other.as_str() == sent || other.as_str() == format!("{sent}/");
    is_plain && one.set_port(None).is_ok() && other.set_port(None).is_ok() && one == other
}

/// Refuses what no browser may be sent to.
pub(super) fn check(addresses: &[String], what: &str) -> Result<()> {
    if addresses.len() > MOST {
        return Err(wrong(what, &format!("there are more than {MOST} of them")));
    }
    for one in addresses {
        check_one(one, what, true)?;
    }
    Ok(())
}

/// The same for one address; `loopback`: plain `http` to this machine itself is possible.
pub(super) fn check_one(address: &str, what: &str, loopback: bool) -> Result<()> {
    let url = Url::parse(address).map_err(|_| wrong(what, "it is no whole address"))?;
    let why = if address.len() > LENGTH {
        "it is longer than 2000 characters"
    } else if url.as_str() != address && url.as_str() != format!("{address}/") {
        "it is not written as browsers write it"
    } else if url.fragment().is_some() {
        "it has a part behind #"
    } else if !url.username().is_empty() || url.password().is_some() {
        "it carries a name or a password"
    } else if url.scheme() == "https" || (loopback && url.scheme() == "http" && is_loopback(&url)) {
        return Ok(());
    } else {
        "it does not begin with https://"
    };
    Err(wrong(what, why))
}

fn wrong(what: &str, why: &str) -> Error {
    Error::refused(
        "PRV-APPLICATION-ADDRESS",
        format!("the {what} cannot be taken: {why}"),
        "Enter whole addresses with https, as the application names them; http is for 127.0.0.1 and [::1] only.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_compared_as_a_whole_but_for_the_port_of_this_machine() {
        let registered = [
            "https://app.contoso.example/back".to_owned(),
            "http://127.0.0.1/back".to_owned(),
        ];
        let is_ours = |sent| is_registered(&registered, sent);
        assert!(is_ours("https://app.contoso.example/back"));
        assert!(is_ours("http://127.0.0.1:51004/back"));
        for other in [
            "https://app.contoso.example/back/",
            "https://app.contoso.example/back?x=1",
            "https://app.contoso.example:8443/back",
            "https://app.contoso.example/BACK",
            "http://127.0.0.1:51004/other",
            "http://127.0.0.1:51004/back?x",
            "http://127.0.0.1:51004\\back",
            "http://localhost:51004/back",
            "http://[::1]:51004/back",
            "https://127.0.0.1/back",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn what_no_browser_may_be_sent_to_is_not_registered() {
        for fine in [
            "https://app.contoso.example/back?x=1",
            "https://app.contoso.example",
            "http://[::1]/x",
        ] {
            assert!(check_one(fine, "address", true).is_ok(), "{fine}");
        }
        for wrong in [
            "app",
            "/back",
            "http://app.contoso.example/",
            "http://localhost/back",
            "javascript:alert(1)",
            "https://a@app.contoso.example/",
            "https://app.contoso.example/#x",
            "https://APP.contoso.example/",
            "https://app.contoso.example/a b",
        ] {
            assert!(check_one(wrong, "address", true).is_err(), "{wrong}");
        }
        assert!(check_one("http://127.0.0.1/x", "address", false).is_err());
    }
}
