//! `/account/passkeys`: adding, renaming and removing a passkey.

use super::{nothing, refused, require_may_change, ways};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::{done, refusal};
use crate::form::Form;
use crate::signin::knock::{Knock, Passkeys};
use crate::signin::passkey::{self, Brought};
use crate::signin::{signin, told};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use refusal::{Refusal, Result};

/// The page above those of the passkeys.
const BASE: &str = "/account";

/// The page on which a passkey is made, of an administrator or a person.
#[derive(Template)]
#[template(path = "signin/passkey_new.html")]
pub(in crate::signin) struct NewPasskey {
    pub frame: Frame,
    pub faults: Faults,
    /// The page above, below which the form leads.
    pub base: String,
    pub passkeys: Passkeys,
    pub name: String,
}

/// The page of one passkey, of an administrator or a person.
#[derive(Template)]
#[template(path = "signin/passkey.html")]
pub(in crate::signin) struct OnePasskey {
    pub frame: Frame,
    pub faults: Faults,
    /// The page above, below which the form leads.
    pub base: String,
    pub key: i64,
    pub name: String,
    /// Why it cannot be removed; empty where it can.
    pub kept: &'static str,
    /// Where the button that removes it leads.
    pub remove: String,
}

/// The page on which a passkey is made.
pub(super) async fn form(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
) -> Result<Response> {
    require_may_change(&visitor, &ways(&state, &visitor).await?)?;
    Ok(blank(&state, &visitor, &knock, (StatusCode::OK, Faults::none())))
}

fn blank(
    state: &State,
    visitor: &Visitor,
    knock: &Knock,
    (status, faults): (StatusCode, Faults),
) -> Response {
    let page = NewPasskey {
        frame: Frame::new(visitor, text("A new passkey"))
            .below("/account".to_owned(), visitor.language.t("Your account")),
        faults,
        base: BASE.to_owned(),
        passkeys: knock.passkeys(state),
        name: device(&knock.visit.agent).to_owned(),
    };
    page::html(status, &page)
}

/// What the device may be called, as far as its browser tells.
pub(in crate::signin) fn device(agent: &str) -> &'static str {
    const KNOWN: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    let found = KNOWN.iter().find(|(part, _)| agent.contains(part));
    found.map_or("", |(_, name)| name)
}

/// Begins.
pub(super) async fn options(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let begun = signin(&state)?
        .passkey_begin_registration(&visitor.signed, now())
        .await;
    Ok(match begun {
        Ok((ceremony, options)) => passkey::begun_with(&ceremony, &options),
        Err(error) => told::to_script(visitor.language, error),
    })
}

/// Ends; a form instead of the script's JSON comes from a browser that runs no script.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    body: Bytes,
) -> Result<Response> {
    let Ok(brought) = serde_json::from_slice::<Brought>(&body) else {
        let told = (
            StatusCode::UNPROCESSABLE_ENTITY,
            Faults::one("", passkey::without_script(&knock)),
        );
        return Ok(blank(&state, &visitor, &knock, told));
    };
    let added = signin(&state)?
        .passkey_finish_registration(
            &visitor.signed,
            &brought.ceremony,
            brought.answer,
            &brought.name,
            now(),
        )
        .await;
    Ok(match added {
        Ok(_) => passkey::goes_to(&done::after("/account", "added")),
        Err(error) => told::to_script(visitor.language, error),
    })
}

type Key = std::result::Result<Path<i64>, PathRejection>;

/// One passkey: its name, and the way to take it away.
pub(super) async fn one(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Key,
) -> Result<Response> {
    let Path(key) = key.map_err(Refusal::address)?;
    render(&state, &visitor, key, None, (StatusCode::OK, Faults::none())).await
}

async fn render(
    state: &State,
    visitor: &Visitor,
    key: i64,
    typed: Option<&str>,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let ways = ways(state, visitor).await?;
    let found = ways
        .passkeys
        .iter()
        .find(|one| one.key == key)
        .ok_or_else(nothing)?;
    let page = OnePasskey {
        frame: Frame::new(visitor, text("A passkey"))
            .below("/account".to_owned(), visitor.language.t("Your account")),
        faults,
        base: BASE.to_owned(),
        key,
        remove: format!("/account/passkeys/{key}/remove"),
        name: typed.unwrap_or(&found.name).to_owned(),
        kept: if ways.count() > 1 {
            ""
        } else {
            visitor
                .language
                .t(text("It is your last way to sign in. Add another one first."))
        },
    };
    Ok(page::html(status, &page))
}

/// Gives it another name.
pub(super) async fn rename(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Key,
    form: Form,
) -> Result<Response> {
    let Path(key) = key.map_err(Refusal::address)?;
    let name = form.get("name");
    match signin(&state)?
        .passkey_rename(&visitor.signed, key, name, now())
        .await
    {
        Ok(true) => Ok(page::elsewhere(&done::after("/account", "saved"))),
        Ok(false) => Err(nothing()),
        Err(error) => {
            let told = told::faults(visitor.language, error)?;
            render(&state, &visitor, key, Some(name), told).await
        }
    }
}

/// Takes it away.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    key: Key,
) -> Result<Response> {
    let Path(key) = key.map_err(Refusal::address)?;
    let page = format!("/account/passkeys/{key}");
    let done = signin(&state)?.passkey_remove(&visitor.signed, key, now()).await;
    if !done.map_err(|error| refused(error, &page))? {
        return Err(nothing());
    }
    Ok(page::elsewhere(&done::after("/account", "removed")))
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_device_is_named_as_its_owner_calls_it() {
        assert_eq!(
            device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"),
            "iPhone"
        );
        assert_eq!(device("Mozilla/5.0 (Linux; Android 15)"), "Android");
        assert_eq!(device("curl"), "");
    }
}
