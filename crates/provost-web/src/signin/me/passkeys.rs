//! `/me/{workspace}/passkeys`: adding, renaming and removing a passkey of one's own.

use super::told;
use super::who::{Me, people};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::signin::account::{NewPasskey, OnePasskey, device};
use crate::signin::knock::Knock;
use crate::signin::passkey::{Brought, begun_with, goes_to};
use crate::state::{State, now};
use crate::texts::text;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;

/// There is no such thing of theirs.
pub(super) fn nothing() -> Refusal {
    Refusal::Absent(text("It is not there any more. Your sign-in shows what there is.").to_owned())
}

/// The page on which a passkey is made.
pub(super) async fn form(
    extract::State(state): extract::State<State>,
    me: Me,
    knock: Knock,
) -> Result<Response> {
    Ok(blank(&state, &me, &knock, (StatusCode::OK, Faults::none())))
}

fn blank(state: &State, me: &Me, knock: &Knock, (status, faults): (StatusCode, Faults)) -> Response {
    let page = NewPasskey {
        frame: Frame::of_person(me, text("A new passkey")).below(me.home(), me.language.t("Your sign-in")),
        faults,
        base: me.home(),
        passkeys: knock.passkeys(state),
        name: device(&knock.visit.agent).to_owned(),
    };
    page::html(status, &page)
}

/// Begins.
pub(super) async fn options(extract::State(state): extract::State<State>, me: Me) -> Result<Response> {
    let begun = people(&state)?.begin_passkey(&me.signed, now()).await;
    Ok(match begun {
        Ok((ceremony, options)) => begun_with(&ceremony, &options),
        Err(error) => told::to_script(me.language, error),
    })
}

/// Ends; a form instead of the script's JSON comes from a browser that runs no script.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    me: Me,
    knock: Knock,
    body: Bytes,
) -> Result<Response> {
    let Ok(brought) = serde_json::from_slice::<Brought>(&body) else {
        let faults = Faults::one("", told::without_script(me.language));
        let refused = (StatusCode::UNPROCESSABLE_ENTITY, faults);
        return Ok(blank(&state, &me, &knock, refused));
    };
    let added = people(&state)?
        .finish_passkey(
            &me.signed,
            &brought.ceremony,
            brought.answer,
            &brought.name,
            now(),
        )
        .await;
    Ok(match added {
        Ok(_) => goes_to(&done::after(&me.home(), "added")),
        Err(error) => told::to_script(me.language, error),
    })
}

type Key = std::result::Result<Path<(String, i64)>, PathRejection>;

/// One passkey: its name, and the way to take it away.
pub(super) async fn one(extract::State(state): extract::State<State>, me: Me, key: Key) -> Result<Response> {
    let Path((_, key)) = key.map_err(Refusal::address)?;
    render(&state, &me, key, None, (StatusCode::OK, Faults::none())).await
}

async fn render(
    state: &State,
    me: &Me,
    key: i64,
    typed: Option<&str>,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let own = people(state)?.passkeys(&me.signed).await?;
    let found = own.iter().find(|one| one.key == key).ok_or_else(nothing)?;
    let page = OnePasskey {
        frame: Frame::of_person(me, text("A passkey")).below(me.home(), me.language.t("Your sign-in")),
        faults,
        key,
        remove: me.at(&format!("/passkeys/{key}/remove")),
        base: me.home(),
        name: typed.unwrap_or(&found.name).to_owned(),
        kept: if own.len() > 1 {
            ""
        } else {
            me.language
                .t(text("It is your last way to sign in. Add another one first."))
        },
    };
    Ok(page::html(status, &page))
}

/// Gives it another name.
pub(super) async fn rename(
    extract::State(state): extract::State<State>,
    me: Me,
    key: Key,
    form: Form,
) -> Result<Response> {
    let Path((_, key)) = key.map_err(Refusal::address)?;
    let name = form.get("name");
    match people(&state)?.rename_passkey(&me.signed, key, name, now()).await {
        Ok(true) => Ok(page::elsewhere(&done::after(&me.home(), "saved"))),
        Ok(false) => Err(nothing()),
        Err(error) => {
            let refused = crate::signin::told::faults(me.language, error)?;
            render(&state, &me, key, Some(name), refused).await
        }
    }
}

/// Takes it away.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    me: Me,
    key: Key,
) -> Result<Response> {
    let Path((_, key)) = key.map_err(Refusal::address)?;
    if !people(&state)?.remove_passkey(&me.signed, key, now()).await? {
        return Err(nothing());
    }
    Ok(page::elsewhere(&done::after(&me.home(), "removed")))
}
