//! The addresses that are printed for people to open in a browser.

use crate::config::Server;
use std::net::SocketAddr;

/// Where browsers open the console: the public address, else this machine. A passkey belongs to a name and never to an
/// IP address, so a server that listens on the loopback, or everywhere, is called `localhost`.
pub(crate) fn of_console(server: &Server, bound: SocketAddr) -> String {
    server
        .public_url
        .clone()
        .unwrap_or_else(|| on_this_machine(bound))
}

/// The same for a server without a public address.
pub(crate) fn on_this_machine(bound: SocketAddr) -> String {
    let ip = bound.ip();
    if ip.is_loopback() || ip.is_unspecified() {
        format!("http://localhost:{}", bound.port())
    } else {
        format!("http://{bound}")
    }
}

/// A link that works once, by its key.
pub(crate) fn of_link(console: &str, key: &str) -> String {
    format!("{console}/welcome?key={key}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_led_to_a_name_where_there_is_one() {
        for (bound, expected) in [
            ("127.0.0.1:8080", "http://localhost:8080"),
            ("[::1]:8080", "http://localhost:8080"),
            ("0.0.0.0:80", "http://localhost:80"),
            ("192.0.2.7:8080", "http://192.0.2.7:8080"),
            ("[2001:db8::7]:8080", "http://[2001:db8::7]:8080"),
        ] {
            assert_eq!(of_console(&Server::default(), bound.parse().unwrap()), expected);
        }
        let public = Server {
            public_url: Some("https://provost.contoso.example".to_owned()),
            ..Server::default()
        };
        let console = of_console(&public, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(
            of_link(&console, "k"),
            "https://provost.contoso.example/welcome?key=k"
        );
    }
}
