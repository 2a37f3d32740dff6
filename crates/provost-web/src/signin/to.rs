//! Where somebody goes on after signing in: to a page of ours, whatever the address said.

use url::Url;

/// Bytes of an address that is believed.
const MOST: usize = 2_000;

/// The page of ours that `to` means; the first page where it means none of ours. Browsers take a backslash for a slash
/// and leave out tabs and line ends, so it is read as they read it, and written anew.
pub(super) fn own(to: &str) -> String {
    read(to).unwrap_or_else(|| "/".to_owned())
}

fn read(to: &str) -> Option<String> {
    if !to.starts_with('/') || to.len() > MOST {
        return None;
    }
    let here = Url::parse("http://console.invalid/").ok()?;
    let there = here.join(to).ok()?;
    if there.origin() != here.origin() || !there.username().is_empty() || there.password().is_some() {
        return None;
    }
    let path = there.path();
    // Two slashes would begin a host where this is read again; the sign-in itself leads nowhere.
    if path.starts_with("//") || path == "/signin" || path == "/signout" {
        return None;
    }
    match there.query() {
        Some(query) => Some(format!("{path}?{query}")),
        None => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn pages_of_ours_are_kept() {
        for to in [
            "/",
            "/w/Contoso",
            "/w/Contoso%20Labs/people?after=a%26b&x=%2F%2Fhost",
        ] {
            assert_eq!(own(to), to);
        }
        assert_eq!(own("/w/A/../B"), "/w/B");
        assert_eq!(own("/w/A#place"), "/w/A");
    }

    #[test]
    fn nothing_leads_to_another_host() {
        for to in [
            "",
            "https://host.example/",
            "//host.example/",
            "///host.example/",
            "/\\host.example/",
            "\\\\host.example",
            "/\t/host.example/",
            "/\n/host.example",
            "/.//host.example/",
            "/w/..//host.example/",
            "/%09/../..//host.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "http:host.example",
            "@host.example",
            "w/Contoso",
            "/signin?to=/signin",
            "/signout",
        ] {
            let led = own(to);
            assert!(
                led.starts_with('/') && !led.starts_with("//") && !led.contains('\\'),
                "{to} leads to {led}"
            );
            if led != "/" {
                assert!(led.starts_with("/%09"), "{to} leads to {led}");
            }
        }
        assert_eq!(own(&format!("/{}", "a".repeat(3_000))), "/");
    }
}
