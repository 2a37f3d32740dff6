//! Who may use which route, tried for every route that there is: the table comes from the product, so that a route that
//! is added is tried with the next run, and shows up in [`the_table`].

use crate::browser::{Browser, Sends as _};
use crate::harness::{Answer, Server, both};
use provost_store::administrator::{self, Role};
use provost_store::api_token::Scope;
use provost_store::workspace;
use provost_web::policy::{Act, Declared, Policy};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The routes, as the server declares them.
pub fn routes(server: &Server) -> Vec<Declared> {
    provost_web::declared(&server.state)
}

/// An address of a route, with something in every place.
pub fn address(route: &Declared, workspace: &str) -> String {
    let place = |part: &str| match part {
        "{workspace}" => workspace.to_owned(),
        "{id}" | "{who}" => Uuid::nil().to_string(),
        other if other.starts_with('{') => "1".to_owned(),
        other => other.to_owned(),
    };
    route.path.split('/').map(place).collect::<Vec<_>>().join("/")
}

pub fn method(route: &Declared) -> &str {
    route.method.as_ref().map_or("GET", |method| method.as_str())
}

pub fn is_unsafe(route: &Declared) -> bool {
    route.method.as_ref().is_some_and(|method| !method.is_safe())
}

/// What a signed-in person needs, and where; none for routes that ask for no session.
pub fn asked(policy: Policy) -> Option<(Act, Place)> {
    match policy {
        Policy::Signed => Some((Act::Look, Place::Anywhere)),
        Policy::Workspace(act) | Policy::Fresh(act) => Some((act, Place::Workspace)),
        Policy::Installation(act) | Policy::FreshInstallation(act) => Some((act, Place::Installation)),
        Policy::Public(_)
        | Policy::Open(_)
        | Policy::Provider
        | Policy::Token(_)
        | Policy::Person
        | Policy::FreshPerson => None,
    }
}

/// Where a role is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Anywhere,
    Workspace,
    Installation,
}

/// Sends what the route takes: nothing that would be done, because the form is empty and every key is nobody's.
async fn knock(browser: &Browser, route: &Declared, path: &str) -> Answer {
    if is_unsafe(route) {
        let request = browser
            .bare(method(route), path)
            .header("origin", browser.address());
        let csrf = browser.csrf();
        return browser.send(request.form(&[("csrf", csrf.as_str())])).await;
    }
    browser.send(browser.bare(method(route), path)).await
}

/// Whether an answer is a refusal by role.
fn is_refused_by_role(answer: &Answer) -> bool {
    answer.status == 403 && answer.text.contains("Your role does not allow this")
}

/// Whether an answer is the one for a workspace that is not there.
fn is_absent(answer: &Answer) -> bool {
    answer.status == 404 && answer.text.contains("The overview leads to every page.")
}

/// Leads to the sign-in and nowhere else.
fn is_led_to_signin(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/signin")
}

both! {
    async fn each_role_may_what_its_table_says_and_nothing_else(server) {
        let own = server.provider.workspace;
        for role in Role::ALL.iter().copied() {
            for everywhere in [false, true] {
                let (browser, _) = server.signed_in_at((!everywhere).then_some(own), role).await;
                for route in routes(server) {
                    let Some((act, place)) = asked(route.policy) else { continue };
                    if route.path == "/signout" || route.path.starts_with("/account/sessions") {
                        continue;
                    }
                    let path = address(&route, "Contoso");
                    let answer = knock(&browser, &route, &path).await;
                    let shown = format!("{role} everywhere={everywhere}: {} {path}: {} {}", method(&route), answer.status, answer.text);
                    match place {
                        Place::Installation if !everywhere => assert!(is_absent(&answer), "{shown}"),
                        Place::Anywhere => assert!(!is_refused_by_role(&answer), "{shown}"),
                        _ => assert_eq!(is_refused_by_role(&answer), !act.is_allowed_to(role), "{shown}"),
                    }
                    assert!(answer.status < 500 || answer.status == 503, "{shown}");
                }
            }
        }
    }

    async fn another_workspace_looks_as_if_there_were_none(server) {
        let made = server.db.write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso Labs")).await.unwrap();
        let (browser, _) = server.signed_in_at(Some(made.key), Role::Owner).await;
        for route in routes(server) {
            if !matches!(asked(route.policy), Some((_, Place::Workspace))) {
                continue;
            }
            let there = knock(&browser, &route, &address(&route, "Contoso")).await;
            let nowhere = knock(&browser, &route, &address(&route, "Nowhere")).await;
            assert!(is_absent(&there), "{} {}: {}", method(&route), route.path, there.text);
            assert_eq!((there.status, &there.text), (nowhere.status, &nowhere.text), "{}", route.path);
        }
    }

    async fn without_a_session_nothing_is_shown_and_nothing_is_done(server) {
        for route in routes(server) {
            if asked(route.policy).is_none() {
                continue;
            }
            for cookie in [None, Some("guess"), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
                let browser = server.browser();
                if let Some(cookie) = cookie {
                    browser.set_cookie("provost_session", cookie);
                }
                let answer = knock(&browser, &route, &address(&route, "Contoso")).await;
                assert!(is_led_to_signin(&answer), "{} {}: {}", method(&route), route.path, answer.text);
                assert!(answer.text.is_empty());
            }
        }
    }

    async fn whoever_is_blocked_is_outside_at_once(server) {
        let (browser, id) = server.signed_in_at(None, Role::ConfigurationAdmin).await;
        assert_eq!(browser.get("/account").await.status, 200);
        let blocked = server.db.write(move |tx| {
            let key = administrator::by_id(tx, id)?.unwrap().key;
            administrator::block(tx, "test", 2, key)
        });
        blocked.await.unwrap();
        for route in routes(server) {
            if asked(route.policy).is_none() {
                continue;
            }
            let answer = knock(&browser, &route, &address(&route, "Contoso")).await;
            assert!(is_led_to_signin(&answer), "{} {}: {}", method(&route), route.path, answer.text);
        }
    }

    async fn what_changes_something_comes_from_one_of_our_pages(server) {
        let browser = server.signed_in(Role::Owner).await;
        let (ours, csrf) = (browser.address().to_owned(), browser.csrf());
        for route in routes(server).iter().filter(|route| is_unsafe(route)) {
            let is_session = asked(route.policy).is_some();
            if !is_session && !matches!(route.policy, Policy::Open(_)) {
                continue;
            }
            let path = address(route, "Contoso");
            let send = |origin: Option<&str>, csrf: Option<&str>| {
                let mut request = browser.bare(method(route), &path);
                if let Some(origin) = origin {
                    request = request.header("origin", origin);
                }
                browser.send(request.form(csrf.map(|csrf| ("csrf", csrf)).as_slice()))
            };
            for origin in [None, Some("null"), Some("http://host.example"), Some("https://127.0.0.1"), Some("")] {
                let answer = send(origin, Some(&csrf)).await;
                assert_eq!(answer.status, 403, "{path} from {origin:?}: {}", answer.text);
                assert!(answer.text.contains("was not sent by a page of this session"), "{}", answer.text);
            }
            if is_session {
                let guess = csrf.chars().rev().collect::<String>();
                for wrong in [None, Some(""), Some(guess.as_str()), Some(&csrf[1..])] {
                    let answer = send(Some(&ours), wrong).await;
                    assert_eq!(answer.status, 403, "{path} with {wrong:?}: {}", answer.text);
                }
            }
        }
    }

    async fn a_token_opens_no_page_and_a_session_no_interface(server) {
        let token = server.api_token(Scope::Configure).await;
        let browser = server.signed_in(Role::Owner).await;
        for route in routes(server) {
            let path = address(&route, "Contoso");
            if asked(route.policy).is_some() {
                let answer = Answer::of(server.request(method(&route), &path).bearer_auth(&token)).await;
                assert!(is_led_to_signin(&answer), "{path}: {}", answer.text);
            }
            if matches!(route.policy, Policy::Token(_)) {
                let answer = knock(&browser, &route, &path).await;
                assert_eq!(answer.status, 401, "{path}: {}", answer.text);
            }
        }
    }
}

/// The acts that each route asks for. A route that is added, or asks for something else, shows up here.
#[tokio::test]
async fn the_table() {
    crate::harness::run(provost_testkit::sqlite, |server| Box::pin(table(server))).await;
}

async fn table(server: &Server) {
    let mut by_policy: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for route in routes(server) {
        let method = route.method.as_ref().map_or("*", |method| method.as_str());
        let line = format!("{method} {}", route.path);
        by_policy
            .entry(format!("{:?}", route.policy))
            .or_default()
            .push(line);
    }
    let mut out = String::new();
    for (policy, mut routes) in by_policy {
        routes.sort();
        out.push_str(&format!("{policy}\n"));
        out.extend(routes.iter().map(|route| format!("  {route}\n")));
    }
    insta::assert_snapshot!(out);
}
