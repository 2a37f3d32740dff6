//! Open redirects: whatever `to` says, signing in and confirming lead to a page of this server.

use super::{PASSWORD, email, set_password};
use crate::browser::{Browser, Sends as _};
use crate::harness::{Answer, Server, both};
use provost_store::administrator::Role;
use url::Url;

/// Addresses that lead away in some reading of them: of browsers, of proxies, of libraries.
const AWAY: [&str; 34] = [
    "https://contoso.invalid/",
    "http:contoso.invalid",
    "//contoso.invalid/",
    "///contoso.invalid/",
    "////contoso.invalid",
    "/\\contoso.invalid/",
    "\\\\contoso.invalid\\",
    "\\/contoso.invalid",
    "/\t/contoso.invalid/",
    "/\n/contoso.invalid/",
    "/\r\n/contoso.invalid/",
    "\t//contoso.invalid",
    " //contoso.invalid",
    "\u{0}//contoso.invalid",
    "/.//contoso.invalid/",
    "/..//contoso.invalid/",
    "/w/..//contoso.invalid/",
    "/w/../..//contoso.invalid",
    "/%2e%2e//contoso.invalid",
    "/;//contoso.invalid",
    "/%5ccontoso.invalid",
    "/%2f/contoso.invalid",
    "/w/x\r\nLocation: https://contoso.invalid",
    "/w/x\r\nSet-Cookie: provost_session=planted",
    "/w/x%0d%0aSet-Cookie:%20a=b",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "@contoso.invalid",
    "https:/\\contoso.invalid",
    "http://127.0.0.1@contoso.invalid/",
    "/\u{ff0f}contoso.invalid",
    "/\u{3002}//contoso.invalid",
];

/// Whether a browser that is led there stays here.
fn stays(browser: &Browser, to: &str, answer: &Answer) {
    assert_eq!(answer.status, 303, "{to:?}: {}", answer.text);
    let here = Url::parse(browser.address()).unwrap();
    for location in answer.headers.get_all("location") {
        let location = location.to_str().unwrap();
        let there = here.join(location).unwrap();
        assert_eq!(there.origin(), here.origin(), "{to:?} leads to {location}");
        assert!(
            location.starts_with('/') && !location.starts_with("//"),
            "{to:?} leads to {location}"
        );
        assert!(!there.path().starts_with("//"), "{to:?} leads to {location}");
    }
    for line in answer.headers.get_all("set-cookie") {
        assert!(!line.to_str().unwrap().contains("planted"), "{to:?}: {line:?}");
    }
    let count = answer.headers.get_all("location").iter().count();
    assert_eq!(count, 1, "{to:?}");
}

/// Sends a form from a network of its own: whoever tries often from one is made to wait.
async fn send(browser: &Browser, path: &str, fields: &[(&str, &str)], network: usize) -> Answer {
    let csrf = browser.csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    let request = browser
        .bare("POST", path)
        .header("origin", browser.address())
        .header("x-forwarded-for", format!("198.51.{network}.7"));
    browser.send(request.form(&all)).await
}

async fn confirming(server: &Server) {
    let browser = server.signed_in(Role::Owner).await;
    set_password(&browser).await;
    for (network, to) in AWAY.into_iter().enumerate() {
        browser.get("/account").await;
        let fields = [("to", to), ("password", PASSWORD)];
        stays(&browser, to, &send(&browser, "/confirm", &fields, network).await);
    }
}

async fn signing_in(server: &Server) {
    let (owner, id) = server.signed_in_at(None, Role::Auditor).await;
    set_password(&owner).await;
    let email = email(server, id).await;
    for (network, to) in AWAY.into_iter().enumerate() {
        let browser = server.browser();
        let page = browser.get(&format!("/signin?to={}", encoded(to))).await;
        assert_eq!(page.status, 200, "{to:?}: {}", page.text);
        assert!(
            !page.text.contains("href=\"javascript") && !page.text.contains("href=\"//"),
            "{}",
            page.text
        );
        let fields = [("to", to), ("email", email.as_str()), ("password", PASSWORD)];
        stays(&browser, to, &send(&browser, "/signin", &fields, network).await);
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn asking(server: &Server) {
    let stranger = server.browser();
    let led = stranger
        .get("/w/Contoso/people?after=%2F%2Fcontoso.invalid&x=%0d%0aa:b")
        .await;
    stays(&stranger, "the page that was asked for", &led);
    assert!(
        led.header("location").starts_with("/signin?to=%2Fw%2FContoso"),
        "{}",
        led.header("location")
    );
    // A path that would be a host if it were repeated as it came.
    for path in [
        "//contoso.invalid/",
        "//contoso.invalid/w/Contoso",
        "/\\contoso.invalid",
    ] {
        let answer = stranger.get(path).await;
        let location = answer.header("location");
        assert!(
            answer.status == 404 || location.starts_with("/signin"),
            "{path}: {} {location}",
            answer.status
        );
    }
}

both! {
    async fn signing_in_leads_to_a_page_of_ours(server) {
        signing_in(server).await;
    }

    async fn confirming_leads_to_a_page_of_ours(server) {
        confirming(server).await;
    }

    async fn asking_for_a_page_leads_to_the_sign_in(server) {
        asking(server).await;
    }
}
