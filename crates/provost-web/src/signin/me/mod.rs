//! `/me/{workspace}`: where a person of the directory signs in for themselves, and keeps their passkeys and sessions.
//! Nothing here opens the console, and no administrator's session opens anything here.

mod enrol;
mod enter;
mod leave;
mod passkeys;
mod sessions;
mod settings;
mod show;
mod told;
mod who;

pub(crate) use show::{PasskeyLine, SessionLine};
pub(crate) use who::{Me, admit, home, link_to, signed};
pub(super) use who::{cookie_name, people};

use crate::policy::{Policy, Routes};

const ENTER: Policy = Policy::Open("whoever signs in is not signed in yet");
const LINK: Policy = Policy::Open("the link is the proof, and it works once");

/// The pages of people.
pub(super) fn routes(routes: Routes) -> Routes {
    let (own, fresh) = (Policy::Person, Policy::FreshPerson);
    routes
        .get("/me/{workspace}/sign-in", ENTER, enter::show)
        .post("/me/{workspace}/sign-in/options", ENTER, enter::options)
        .post("/me/{workspace}/sign-in", ENTER, enter::answer)
        .get("/me/{workspace}/enrol", LINK, enrol::show)
        .post("/me/{workspace}/enrol/options", LINK, enrol::options)
        .post("/me/{workspace}/enrol", LINK, enrol::answer)
        .get("/me/{workspace}", own, show::show)
        .post("/me/{workspace}/sign-out", own, leave::send)
        .get("/me/{workspace}/settings", own, settings::form)
        .post("/me/{workspace}/settings", own, settings::send)
        .get("/me/{workspace}/passkeys/new", fresh, passkeys::form)
        .post("/me/{workspace}/passkeys/options", own, passkeys::options)
        .post("/me/{workspace}/passkeys/new", own, passkeys::answer)
        .get("/me/{workspace}/passkeys/{key}", own, passkeys::one)
        .post("/me/{workspace}/passkeys/{key}", own, passkeys::rename)
        .post("/me/{workspace}/passkeys/{key}/remove", fresh, passkeys::remove)
        .post("/me/{workspace}/sessions/{key}/end", own, sessions::end)
        .post("/me/{workspace}/sessions/end-others", own, sessions::end_others)
}
