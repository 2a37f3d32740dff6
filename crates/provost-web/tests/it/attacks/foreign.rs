//! Forms of other sites (CSRF): what they send, with the session's cookie, changes nothing; and no address that a
//! picture or a link can ask for changes anything either.

use super::state;
use crate::browser::{Browser, Sends as _, csrf_of};
use crate::console_world::{NAME, World};
use crate::harness::{Server, both};
use crate::matrix::{address, asked, is_unsafe, method, routes};
use provost_store::administrator::Role;
use provost_web::policy::{Declared, Policy};
use uuid::Uuid;

/// What some form of ours asks for, filled in so that it would be done.
const FIELDS: [(&str, &str); 22] = [
    ("sure", "yes"),
    ("name", "Planted"),
    ("label", "Planted"),
    ("email", "planted@contoso.example"),
    ("role", "owner"),
    ("everywhere", "on"),
    ("scope", "configure"),
    ("days", "365"),
    ("password", "an otter reads old maps"),
    ("again", "an otter reads old maps"),
    ("reason", "planted"),
    ("user_name", "planted@contoso.example"),
    ("display_name", "Planted"),
    ("system", "entra"),
    ("member", "ann@contoso.example"),
    ("who", "ann@contoso.example"),
    ("connection", NAME),
    ("decision", "approve-all"),
    ("mode", "initial"),
    ("state", "off"),
    ("language", "de"),
    ("confirm_understood", "on"),
];

/// A request of another site, as far as a browser lets it go.
struct Attempt<'a> {
    origin: Option<&'a str>,
    csrf: Option<&'a str>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Form,
    /// What a form of another site may call itself without a question in advance (WHATWG Fetch, CORS-safelisted).
    Text,
    Json,
}

impl Attempt<'_> {
    async fn send(&self, browser: &Browser, method: &str, path: &str) -> u16 {
        let mut request = browser.bare(method, path);
        if let Some(origin) = self.origin {
            request = request.header("origin", origin);
        }
        let mut fields = FIELDS.to_vec();
        fields.extend(self.csrf.map(|csrf| ("csrf", csrf)));
        let request = match self.kind {
            Kind::Form => request.form(&fields),
            Kind::Text => {
                let mut body = url::form_urlencoded::Serializer::new(String::new());
                body.extend_pairs(&fields);
                request.header("content-type", "text/plain").body(body.finish())
            }
            Kind::Json => request.json(&fields.into_iter().collect::<serde_json::Value>()),
        };
        browser.send(request).await.status
    }
}

/// The address of a route, at things that there are.
fn real(route: &Declared, world: &World, provider: &str, id: Uuid) -> String {
    let place = |part: &str, before: &str| match (part, before) {
        ("{workspace}", _) => "Contoso".to_owned(),
        ("{name}", "providers") => provider.to_owned(),
        ("{name}", _) => percent_encoding(NAME),
        ("{rule}", _) => "people".to_owned(),
        ("{id}", "groups") => world.group.to_string(),
        ("{id}", "administrators") => id.to_string(),
        ("{id}", _) => world.person.to_string(),
        (other, _) if other.starts_with('{') => "1".to_owned(),
        (other, _) => other.to_owned(),
    };
    let mut before = "";
    let mut parts = Vec::new();
    for part in route.path.split('/') {
        parts.push(place(part, before));
        before = part;
    }
    parts.join("/")
}

fn percent_encoding(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn everything_foreign(server: &Server) {
    let world = World::new(server, 1).await;
    let (browser, id) = server.signed_in_at(None, Role::Owner).await;
    let other = server.signed_in(Role::Owner).await;
    let (ours, csrf, theirs) = (browser.address().to_owned(), browser.csrf(), other.csrf());
    let form = |origin, csrf| Attempt {
        origin,
        csrf,
        kind: Kind::Form,
    };
    let attempts = [
        form(None, Some(csrf.as_str())),
        form(Some("null"), Some(&csrf)),
        form(Some("http://contoso.example"), Some(&csrf)),
        form(Some("http://127.0.0.1.contoso.example"), Some(&csrf)),
        form(Some(&ours), None),
        form(Some(&ours), Some(&theirs)),
        form(Some(&ours), Some(&csrf[..csrf.len() - 1])),
        Attempt {
            origin: Some(&ours),
            csrf: Some(&csrf),
            kind: Kind::Text,
        },
        Attempt {
            origin: Some(&ours),
            csrf: Some(&csrf),
            kind: Kind::Json,
        },
    ];
    let before = state(server, id).await;
    let mut tried = 0;
    for route in routes(server).iter().filter(|route| is_unsafe(route)) {
        if asked(route.policy).is_none() {
            continue;
        }
        let path = real(route, &world, &server.provider.name, id);
        for attempt in &attempts {
            let status = attempt.send(&browser, method(route), &path).await;
            assert_eq!(status, 403, "{path}");
            tried += 1;
        }
    }
    assert!(tried > 700, "{tried}");
    assert_eq!(state(server, id).await, before);
    // The same, sent by a page of ours, is done: so nothing else has kept it from happening.
    let path = format!("/w/Contoso/people/{}/block", world.person);
    let done = form(Some(&ours), Some(&csrf)).send(&browser, "POST", &path).await;
    assert_eq!(done, 303);
    assert_ne!(state(server, id).await, before);
}

async fn everything_open(server: &Server) {
    let (browser, id) = server.signed_in_at(None, Role::Owner).await;
    let before = state(server, id).await;
    for route in routes(server).iter().filter(|route| is_unsafe(route)) {
        if !matches!(route.policy, Policy::Open(_)) {
            continue;
        }
        for origin in [None, Some("null"), Some("http://contoso.example")] {
            let attempt = Attempt {
                origin,
                csrf: None,
                kind: Kind::Form,
            };
            let stranger = server.browser();
            let status = attempt.send(&stranger, method(route), route.path).await;
            assert_eq!(
                (status, stranger.cookie("provost_session")),
                (403, None),
                "{}",
                route.path
            );
        }
    }
    assert_eq!(state(server, id).await, before);
    assert_eq!(browser.get("/account").await.status, 200);
}

async fn looking(server: &Server) {
    let world = World::new(server, 3).await;
    let (browser, id) = server.signed_in_at(None, Role::Owner).await;
    let before = state(server, id).await;
    for route in routes(server) {
        if !is_unsafe(&route) && asked(route.policy).is_some() {
            let path = real(&route, &world, &server.provider.name, id);
            browser
                .get(&format!("{path}?confirm=1&sure=yes&delete=1&done=saved"))
                .await;
            browser.get(&address(&route, "Contoso")).await;
        }
    }
    assert_eq!(state(server, id).await, before);
}

both! {
    async fn a_form_of_another_site_changes_nothing(server) {
        everything_foreign(server).await;
    }

    async fn nobody_is_signed_in_by_another_site(server) {
        everything_open(server).await;
    }

    async fn looking_changes_nothing(server) {
        looking(server).await;
    }

    async fn each_session_has_a_secret_of_its_own(server) {
        let id = server.administrator(None, Role::Owner).await;
        let (one, two) = (server.signed_in_as(id).await, server.signed_in_as(id).await);
        assert_ne!(one.csrf(), two.csrf());
        let page = one.get("/account").await;
        assert_eq!(csrf_of(&page.text).unwrap(), one.csrf());
        assert!(page.text.matches(&one.csrf()).count() > 1 && !page.text.contains(&two.csrf()));
    }
}
