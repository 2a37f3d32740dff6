//! Delta queries (Graph documentation, "Use delta query to track changes in Microsoft Graph data").
//!
//! The first round goes through all objects in the order they were made; later rounds go through the log from where
//! the round before began. Nothing is lost that way, and some things are told twice, as with the real service.

mod round;
mod write;

use serde_json::{Map, Value, json};

use super::deleted;
use crate::call::Call;
use crate::directory::Kind;
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::token;
use crate::settings::OutlivedDelta;
use round::{At, Round};
use write::Page;

pub(super) fn users(call: &mut Call<'_>) -> Result<Reply> {
    answer(call, Kind::User)
}

pub(super) fn groups(call: &mut Call<'_>) -> Result<Reply> {
    answer(call, Kind::Group)
}

fn answer(call: &mut Call<'_>, kind: Kind) -> Result<Reply> {
    deleted::expire(call)?;
    let end = call.directory().log().end();
    let token = |name: &str| call.request.option(name).filter(|token| !token.is_empty());
    let mut round = match (token("skiptoken"), token("deltatoken")) {
        (None, Some("latest")) => {
            let round = Round {
                at: At::Since(end),
                ..Round::first(call, kind)?
            };
            return Ok(reply(call, &round, Vec::new(), Link::Delta));
        }
        (Some(given), _) | (None, Some(given)) => open(call, kind, given)?,
        (None, None) => {
            let round = Round::first(call, kind)?;
            if call.settings.awkward_pages {
                return Ok(reply(call, &round, Vec::new(), Link::Next));
            }
            round
        }
    };
    let size = call
        .request
        .headers
        .preferred_number("odata.maxpagesize")
        .filter(|size| *size > 0);
    let mut page = Page::new(call, &round, size.unwrap_or(call.settings.delta_page).max(1));
    let (at, finished) = match round.at {
        At::All {
            after,
            member_after,
            begun,
        } => page.all(after, member_after, begun),
        At::Since(position) => page.since(position),
    };
    let mut value = page.into_entries();
    if call.settings.awkward_pages {
        value.extend(value.last().cloned());
    }
    round.at = at;
    Ok(reply(
        call,
        &round,
        value,
        if finished { Link::Delta } else { Link::Next },
    ))
}

#[derive(Clone, Copy)]
enum Link {
    Next,
    Delta,
}

fn reply(call: &Call<'_>, round: &Round, value: Vec<Value>, link: Link) -> Reply {
    let collection = format!("{}s", round.kind.type_name());
    let (name, option) = match link {
        Link::Next => ("@odata.nextLink", "$skiptoken"),
        Link::Delta => ("@odata.deltaLink", "$deltatoken"),
    };
    let address = format!(
        "{}/{collection}/delta?{option}={}",
        call.request.base,
        token::seal(round)
    );
    let mut body = Map::new();
    body.insert(
        "@odata.context".to_owned(),
        json!(format!("{}/$metadata#{collection}", call.request.base)),
    );
    body.insert(name.to_owned(), json!(address));
    body.insert("value".to_owned(), Value::Array(value));
    Reply::json(200, Value::Object(body))
}

/// # Errors
/// 400 for a token that is none of ours or too old, 410 with `Location` for one that was declared void.
fn open(call: &Call<'_>, kind: Kind, given: &str) -> Result<Round> {
    let round: Option<Round> = token::open(given).filter(|round: &Round| round.kind == kind);
    let round = round.ok_or_else(|| Error::malformed("The delta token is not valid."))?;
    if round.epoch != call.directory().delta_epoch() {
        return Err(start_over(call, &round));
    }
    let life = i64::try_from(call.settings.delta_life_s).unwrap_or(i64::MAX);
    if round.issued.saturating_add(life.saturating_mul(1_000)) <= call.now {
        return Err(outlived(call, &round));
    }
    Ok(Round {
        issued: call.now,
        ..round
    })
}

/// 410 with the address of a new round that asks for the same.
fn start_over(call: &Call<'_>, round: &Round) -> Error {
    let select = round
        .select
        .as_ref()
        .map_or(String::new(), |names| format!("$select={}&", names.join(",")));
    let address = format!(
        "{}/{}s/delta?{select}$deltatoken=",
        call.request.base,
        round.kind.type_name()
    );
    let text = "Resync is required: start over at the address in the Location header.";
    Error::new(410, "resyncRequired", text).header("Location", address)
}

/// What a token is answered that is too old: the documentation leaves it open.
fn outlived(call: &Call<'_>, round: &Round) -> Error {
    match call.settings.unproved.outlived_delta {
        OutlivedDelta::SyncStateNotFound => Error::new(
            400,
            "syncStateNotFound",
            "The sync state generation is not found; continuing is not possible.",
        ),
        OutlivedDelta::ResyncRequired => Error::new(
            400,
            "resyncRequired",
            "Resync is required. The delta token is no longer valid, and the application must reset the sync state.",
        ),
        OutlivedDelta::Gone => start_over(call, round),
    }
}
