//! Clickjacking, and what else the headers of a page keep out: each page, of every role and of none, says that nobody
//! may put it into a frame, that nothing inline runs, and who gets to know its address.

use crate::harness::{Answer, Server, both};
use crate::matrix::{address, is_unsafe, routes};
use provost_store::administrator::Role;
use provost_web::policy::Policy;

/// Directives without which a page could be framed, scripted or sent elsewhere.
const DIRECTIVES: [&str; 7] = [
    "default-src 'none'",
    "script-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types provost",
];

fn check(path: &str, answer: &Answer) {
    let is_page = answer.header("content-type").starts_with("text/html");
    if !is_page && answer.status != 303 {
        return;
    }
    let policy = answer.header("content-security-policy");
    for directive in DIRECTIVES {
        let has = policy.split("; ").any(|one| one.trim() == directive);
        assert!(has, "{path} lacks {directive}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    for (header, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        // `no-referrer` would take the origin from the pages' own forms (WHATWG Fetch).
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(header), value, "{path}: {header}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
}

/// Every address that a browser may be sent to, also those that are refused.
async fn every_page(server: &Server, role: Option<Role>) -> usize {
    let browser = match role {
        Some(role) => server.signed_in(role).await,
        None => server.browser(),
    };
    let mut pages = 0;
    for route in routes(server) {
        if is_unsafe(&route) || matches!(route.policy, Policy::Provider | Policy::Token(_)) {
            continue;
        }
        let path = address(&route, "Contoso");
        let answer = browser.get(&path).await;
        pages += usize::from(answer.header("content-type").starts_with("text/html"));
        check(&path, &answer);
    }
    for path in [
        "/nowhere",
        "/w/Nowhere",
        "/w/Contoso/people/not-an-id",
        "/%00",
        "/w/%3Cscript%3E",
    ] {
        check(path, &browser.get(path).await);
    }
    // A form without a secret, and one that is too large.
    check("/signout", &browser.post("/signout", &[("csrf", "x")]).await);
    check(
        "/signin",
        &browser.post("/signin", &[("email", &"a".repeat(70_000))]).await,
    );
    pages
}

both! {
    async fn no_page_can_be_put_into_a_frame(server) {
        assert!(every_page(server, Some(Role::Owner)).await > 60);
        assert!(every_page(server, Some(Role::Auditor)).await > 60);
        assert!(every_page(server, None).await >= 2);
    }
}
