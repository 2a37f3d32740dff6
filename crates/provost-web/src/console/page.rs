//! Pages as answers: the headers that every page has, and the pages that say no.

use super::address::Space;
use super::asset::{MARK_PATH, SCRIPT_PATH, STYLE_PATH};
use super::{done, rail};
use crate::error::Error;
use crate::policy::Act;
use crate::signin::me::Me;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::borrow::Cow;

/// Only our own style sheet, script and images; nothing inline, no frame, no form to elsewhere. The script may put
/// fragments of our own pages into a page, through the one policy of that name, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types provost";

/// What every answer of the console carries. Browsers write `Origin: null` on the forms of pages that allow no referrer
/// at all (WHATWG Fetch, "append a request Origin header"), and every form is asked for its origin: so other hosts get
/// none, and our own pages the whole of it.
const HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (OPENER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];
/// A window that one of our pages opens, or was opened from, cannot reach into it.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What the frame around every page needs.
pub(crate) struct Frame {
    /// The title, shown in the browser's tab.
    pub title: Cow<'static, str>,
    /// The pages above this one, from the top: address and name.
    pub trail: Vec<(String, String)>,
    /// The address of the style sheet.
    pub style: &'static str,
    /// The address of the script, which only makes pages quicker.
    pub script: &'static str,
    /// The address of the icon.
    pub mark: &'static str,
    /// The language of the page.
    pub language: Language,
    /// Who is signed in; none on pages before that.
    pub who: Option<Who>,
    /// Where one can go from here.
    pub rail: Vec<rail::Section>,
    /// What was done just now, when the page comes after a change.
    pub done: Option<&'static str>,
    /// Where the name of the service leads.
    pub home: Cow<'static, str>,
}

/// Who is signed in, as the frame shows it.
pub(crate) struct Who {
    /// Their name.
    pub name: String,
    /// What forms carry.
    pub csrf: String,
    /// The workspace's name and address, on its pages.
    pub workspace: Option<(String, String)>,
    /// The page about themselves.
    pub account: String,
    /// What the button that signs out is sent to.
    pub signout: String,
}

impl Frame {
    /// The frame of a page for somebody who is signed in.
    pub fn new(visitor: &Visitor, title: impl Into<Cow<'static, str>>) -> Self {
        let space = visitor.inside.as_ref().map(Space::of);
        Self {
            who: Some(Who {
                name: visitor.signed.administrator.name.clone(),
                csrf: visitor.csrf().to_owned(),
                workspace: visitor
                    .inside
                    .as_ref()
                    .zip(space)
                    .map(|(inside, space)| (inside.name.clone(), space.overview())),
                account: "/account".to_owned(),
                signout: "/signout".to_owned(),
            }),
            rail: rail::of(visitor),
            done: done::sentence(&visitor.here),
            ..Self::bare(visitor.language, title)
        }
    }

    /// The frame of a page for anybody.
    pub fn bare(language: Language, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            trail: Vec::new(),
            style: STYLE_PATH.as_str(),
            script: SCRIPT_PATH.as_str(),
            mark: MARK_PATH.as_str(),
            language,
            who: None,
            rail: Vec::new(),
            done: None,
            home: Cow::Borrowed("/"),
        }
    }

    /// The frame of a page of a person of the directory.
    pub fn of_person(me: &Me, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            who: Some(Who {
                name: me.signed.person.label.clone(),
                csrf: me.signed.session.csrf.clone(),
                workspace: None,
                account: me.home(),
                signout: me.at("/sign-out"),
            }),
            done: done::sentence(&me.here),
            ..Self::bare(me.language, title)
        }
        .with_home(me.home())
    }

    /// The same frame, whose name of the service leads to this address.
    pub fn with_home(mut self, home: String) -> Self {
        self.home = Cow::Owned(home);
        self
    }

    /// The same frame, below the page at this address.
    pub fn below(mut self, address: String, name: &str) -> Self {
        self.trail.push((address, name.to_owned()));
        self
    }

    /// A text in the language of the page.
    pub fn t<'a>(&self, english: &'a str) -> &'a str {
        self.language.t(english)
    }

    /// A text with values in the places of its `{}`.
    pub fn f(&self, english: &str, values: &[&str]) -> String {
        self.language.f(english, values)
    }

    /// What the engine said, in the language of the page where that is known.
    pub fn said(&self, english: &str) -> crate::texts::Said {
        self.language.said(english)
    }

    /// A number with its word.
    pub fn n(&self, count: &i64, one: &str, many: &str) -> String {
        self.language.n(*count, one, many)
    }

    /// The secret that a form carries; empty on pages for anybody.
    pub fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.csrf.as_str())
    }
}

/// Why there is nothing to see, before it is known to whom that is said: whatever stands before the handler puts it into
/// the reader's frame and language.
#[derive(Clone)]
struct Said {
    title: &'static str,
    heading: &'static str,
    sentence: String,
}

impl Said {
    fn page(&self, frame: Frame, status: StatusCode, way: (String, String)) -> Response {
        let page = Message {
            frame,
            heading: self.heading,
            sentence: &self.sentence,
            commands: &[],
            links: &[way],
        };
        html(status, &page)
    }

    /// The page for anybody.
    fn bare(self, status: StatusCode) -> Response {
        let mut response = self.page(Frame::bare(Language::default(), self.title), status, overview());
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer of a handler in the frame of the one who is signed in, where it says why there is nothing to see.
pub(crate) fn framed(visitor: &Visitor, mut response: Response) -> Response {
    match response.extensions_mut().remove::<Said>() {
        Some(said) => said.page(Frame::new(visitor, said.title), response.status(), overview()),
        None => response,
    }
}

/// The same in the frame of a person of the directory.
pub(crate) fn framed_for(me: &Me, mut response: Response) -> Response {
    let way = (me.home(), text("Your sign-in").to_owned());
    match response.extensions_mut().remove::<Said>() {
        Some(said) => said.page(Frame::of_person(me, said.title), response.status(), way),
        None => response,
    }
}

/// The way on for administrators.
fn overview() -> (String, String) {
    ("/".to_owned(), text("Overview").to_owned())
}

/// A page that says why there is nothing to see and what to do about it.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame,
    heading: &'a str,
    sentence: &'a str,
    commands: &'a [&'a str],
    /// Where to go instead: address and name.
    links: &'a [(String, String)],
}

/// Why the visitor's role does not allow this, in their language; empty where it does. For the sentence beside a dead
/// button.
pub(crate) fn lack(visitor: &Visitor, act: Act) -> String {
    if visitor.may(act) {
        return String::new();
    }
    let roles = visitor.language.t(act.roles());
    visitor
        .language
        .f("Your role does not allow this. It takes the role {}.", &[roles])
}

/// An answer without a body.
pub(crate) fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A rendered page.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = plain(status);
            *response.body_mut() = Body::from(text);
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            plain(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A window that an application opened for the sign-in has to stay the one that it opened, on the way to us and back:
/// the header that would part the two is for our own pages.
pub(crate) fn reachable(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
    response
}

/// 303: the answer is another page.
pub(crate) fn elsewhere(address: &str) -> Response {
    let mut response = plain(StatusCode::SEE_OTHER);
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// The page for an error: what happened, and under which reference the log tells more.
pub(crate) fn failed(error: &Error) -> Response {
    let shown = error.to_scim();
    told(
        StatusCode::from_u16(shown.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &shown.detail,
    )
}

/// A page in a frame of the caller's that says one thing, and where to go.
pub(crate) fn message(
    frame: Frame,
    status: StatusCode,
    heading: &str,
    sentence: &str,
    links: &[(String, String)],
) -> Response {
    let page = Message {
        frame,
        heading,
        sentence,
        commands: &[],
        links,
    };
    html(status, &page)
}

/// The page that says why another one cannot be shown.
pub(crate) fn told(status: StatusCode, sentence: &str) -> Response {
    let heading = match status {
        StatusCode::FORBIDDEN => text("This is not allowed"),
        StatusCode::CONFLICT | StatusCode::PAYLOAD_TOO_LARGE => text("This was not done"),
        _ => text("This page could not be made"),
    };
    let said = Said {
        title: text("Not now"),
        heading,
        sentence: sentence.to_owned(),
    };
    said.bare(status)
}

/// 404 for an address whose form is known and that leads to nothing.
pub(crate) fn absent(sentence: &str) -> Response {
    let said = Said {
        title: text("Not found"),
        heading: text("There is no such page"),
        sentence: sentence.to_owned(),
    };
    said.bare(StatusCode::NOT_FOUND)
}

/// 404 for every address that is none of ours.
pub(crate) async fn not_found() -> Response {
    absent("The console begins at / and the SCIM service at /scim/v2.")
}
