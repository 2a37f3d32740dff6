//! Onboarding in a browser: `/join/{workspace}` is where an announcement leads, `/saml/{id}/start` goes to the tenant,
//! `/saml/{id}/acs` receives its answer, and `/saml/{id}/done` goes on in the browser that asked, which the answer itself
//! cannot show: it comes from another site, without our cookies.
//!
//! Whoever brings an answer that is not accepted is told that, and nothing else; the audit log has the reason.

use super::Knock;
use super::me::home;
use super::signin;
use crate::console::address::escaped;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::{Policy, Routes};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path, Query};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_signin::person::{Entry, Onboarded, People, Received};
use serde::Deserialize;
use uuid::Uuid;

/// Bytes of a form that a tenant sends: an assertion has a few kilobytes.
const MOST: usize = 512 * 1024;

const JOIN: Policy = Policy::Open("whoever joins is not signed in yet");
const DOOR: Policy = Policy::Public("people of the tenant come here before they are anybody");
const ANSWER: Policy = Policy::Public(
    "the tenant's answer comes from its own site; its signature is the proof, and it works once",
);

/// The pages.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/join/{workspace}", JOIN, join)
        .post("/join/{workspace}", JOIN, go)
        .get("/saml/{id}/metadata", DOOR, metadata)
        .get("/saml/{id}/start", DOOR, start)
        .post("/saml/{id}/acs", ANSWER, acs)
        .get("/saml/{id}/done", JOIN, done)
}

type Place = std::result::Result<Path<String>, PathRejection>;

#[derive(Template)]
#[template(path = "me/join.html")]
struct Join {
    frame: Frame,
    faults: Faults,
    workspace: String,
    here: String,
    mail: String,
}

#[derive(Template)]
#[template(path = "me/onboard.html")]
struct Told {
    frame: Frame,
    heading: &'static str,
    sentence: &'static str,
    at: Option<Moment>,
    contact: String,
    /// Where to go on, and what the button says.
    way: Option<(String, &'static str)>,
}

fn people(state: &State) -> Result<People> {
    Ok(signin(state)?.people())
}

/// The page is the same for every workspace, also for one that there is not.
async fn join(extract::State(state): extract::State<State>, knock: Knock, place: Place) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    let here = format!("/join/{}", escaped(&name));
    let page = Join {
        frame: Frame::bare(knock.language, text("Join")).with_home(here.clone()),
        faults: Faults::none(),
        workspace: name,
        here,
        mail: String::new(),
    };
    Ok(knock.keep(&state, page::html(StatusCode::OK, &page)))
}

/// Leads on to the tenant, where a window is open.
async fn go(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    form: Form,
) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    let here = format!("/join/{}", escaped(&name));
    let Some(id) = people(&state)?.open_onboarding(&name, now()).await? else {
        return Ok(tell(
            &knock,
            StatusCode::NOT_FOUND,
            here,
            text("Nobody can join at present"),
            text(
                "No window is open under this name. Compare it with the announcement, or ask your administrator.",
            ),
        ));
    };
    let mail = form.get("mail").trim();
    let address = match mail {
        "" => format!("/saml/{id}/start"),
        mail => format!("/saml/{id}/start?mail={}", escaped(mail)),
    };
    let mut told = told(
        &knock,
        here,
        text("On to Microsoft"),
        text("You sign in at Microsoft with your account of the company, and come back here."),
    );
    told.way = Some((address, text("Continue with Microsoft")));
    Ok(knock.keep(&state, page::html(StatusCode::OK, &told)))
}

fn told(knock: &Knock, home: String, heading: &'static str, sentence: &'static str) -> Told {
    Told {
        frame: Frame::bare(knock.language, heading).with_home(home),
        heading,
        sentence,
        at: None,
        contact: String::new(),
        way: None,
    }
}

fn tell(
    knock: &Knock,
    status: StatusCode,
    home: String,
    heading: &'static str,
    sentence: &'static str,
) -> Response {
    page::html(status, &told(knock, home, heading, sentence))
}

fn id_of(place: Place) -> Result<Uuid> {
    let Path(text) = place.map_err(Refusal::address)?;
    Uuid::try_parse(&text).map_err(Refusal::address)
}

/// What keeps somebody out.
fn shut(knock: &Knock, id: Uuid, entry: Entry) -> Result<Response> {
    let home = format!("/saml/{id}/start");
    let zone = visitor::zone("", &knock.headers);
    let clock = Clock::read(knock.language, zone.as_deref(), now());
    let (status, page) = match entry {
        Entry::Go(address) => return Ok(page::elsewhere(&address)),
        Entry::None => return Err(Refusal::nothing()),
        Entry::Early(at) => {
            let mut page = told(
                knock,
                home,
                text("Not open yet"),
                text("You can sign in here once with your account of the company, from this time on."),
            );
            page.at = Some(clock.moment(at));
            (StatusCode::FORBIDDEN, page)
        }
        Entry::Late(contact) => {
            let mut page = told(
                knock,
                home,
                text("The deadline is over"),
                text("Nobody can join by this way any more. Ask who is named here."),
            );
            page.contact = contact;
            (StatusCode::FORBIDDEN, page)
        }
        Entry::Closed => (
            StatusCode::GONE,
            told(
                knock,
                home,
                text("This is closed for good"),
                text(
                    "The migration is over. Sign in with your passkey, or ask your administrator for a link to one.",
                ),
            ),
        ),
    };
    Ok(page::html(status, &page))
}

/// Our metadata, for who sets the application up.
async fn metadata(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
) -> Result<Response> {
    let id = id_of(place)?;
    let people = people(&state)?;
    let Some((provider, migration)) = people.onboarding_provider(id).await? else {
        return Err(Refusal::nothing());
    };
    if migration.is_some_and(|one| one.closed.is_some()) {
        return shut(&knock, id, Entry::Closed);
    }
    let document = people.onboarding_metadata(&provider)?;
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = document.into();
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/samlmetadata+xml"),
    );
    Ok(response)
}

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The mail address that was typed.
    mail: String,
    /// The handle of an answer that holds.
    key: String,
}

/// Goes to the tenant.
async fn start(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let id = id_of(place)?;
    let entry = people(&state)?
        .begin_onboarding(id, &asked.mail, &knock.browser, &knock.visit, now())
        .await?;
    Ok(knock.keep(&state, shut(&knock, id, entry)?))
}

/// Receives the tenant's answer. The browser goes on at an address of ours, where its cookie comes along: that of a person
/// here, that of an administrator who tests in the console.
async fn acs(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    body: Bytes,
) -> Result<Response> {
    let id = id_of(place)?;
    if body.len() > MOST {
        return Err(Refusal::TooLarge(MOST));
    }
    let form = Form::read(&body);
    let once = |name: &str| {
        let mut all = form.all(name);
        all.next()
            .filter(|_| form.all(name).count() == 1)
            .map(str::to_owned)
    };
    let relay = once("RelayState").unwrap_or_default();
    let received = people(&state)?
        .receive_onboarding(id, once("SAMLResponse"), &relay, &knock.visit, now())
        .await?;
    match received {
        Received::Holds(handle) => Ok(page::elsewhere(&format!("/saml/{id}/done?key={handle}"))),
        Received::Tested {
            workspace,
            provider,
            handle,
        } => Ok(page::elsewhere(&format!(
            "/w/{}/microsoft-365/{}/migration/test?key={handle}",
            escaped(&workspace),
            escaped(&provider)
        ))),
        Received::Shut(entry) => shut(&knock, id, entry),
        Received::Refused => Ok(refused(&knock, id)),
    }
}

fn refused(knock: &Knock, id: Uuid) -> Response {
    let again = format!("/saml/{id}/start");
    let mut page = told(
        knock,
        again.clone(),
        text("The sign-in was not accepted"),
        text("Begin it again here. If that does not help, ask your administrator: the audit log says why."),
    );
    page.way = Some((again, text("Continue with Microsoft")));
    page::html(StatusCode::FORBIDDEN, &page)
}

/// What follows, in the browser that asked.
async fn done(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let id = id_of(place)?;
    let done = people(&state)?
        .finish_onboarding(id, &asked.key, &knock.browser, now())
        .await;
    let done = match done {
        Ok(done) => done,
        Err(provost_signin::Error::Expired) => return Ok(refused(&knock, id)),
        Err(error) => return Err(error.into()),
    };
    let (heading, sentence, contact) = match done {
        Onboarded::Enrol { workspace, key } => {
            let address = format!("{}/enrol?key={key}", home(&workspace));
            return Ok(knock.keep(&state, page::elsewhere(&address)));
        }
        Onboarded::SignIn { workspace } => {
            return Ok(page::elsewhere(&format!("{}/sign-in", home(&workspace))));
        }
        Onboarded::Waits(contact) => (
            text("Somebody has to look at it"),
            text(
                "Your sign-in was received, and waits for an administrator. You will hear from them; nothing else has to be done.",
            ),
            contact,
        ),
        Onboarded::Denied(contact) => (
            text("You were not let in"),
            text("An administrator has denied this sign-in. Ask who is named here."),
            contact,
        ),
    };
    let mut page = told(&knock, format!("/saml/{id}/start"), heading, sentence);
    page.contact = contact;
    Ok(page::html(StatusCode::OK, &page))
}
