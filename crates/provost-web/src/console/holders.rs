//! `GET /connections/{name}/licences/{product}/holders`: who has a product from Provost, a page at a time.

use super::licences::shown_product;
use super::page::{self, Frame};
use super::place::{self, Asked, Place};
use super::refusal::{Refusal, Result};
use super::status::shown;
use super::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::link_licence::{self, Holder, Origin};
use provost_store::product::{self, Product};
use provost_store::{Error as Store, Tx};

/// Lines of one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "holders.html")]
struct Page {
    frame: Frame,
    product: String,
    number: String,
    lines: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// Somebody who has it.
struct Line {
    label: String,
    address: Option<String>,
    target_id: String,
    origin: &'static str,
    left_out: String,
    since: Moment,
}

/// What is read of a product.
struct Found {
    product: Product,
    given: i64,
    holders: Vec<Holder>,
}

/// The holders of a product.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<(String, String, String)>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (Path((_, name, wanted)), Query(asked)) =
        (path.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &visitor, &name).await?;
    let (connection, after) = (place.connection.key, asked.after_pair()?);
    let found = state
        .db()
        .read(move |tx| read(tx, connection, &wanted, after))
        .await?;
    let found = found.ok_or_else(|| {
        Refusal::Absent(
            "The organisation has no such product. The licence page shows those that it has.".to_owned(),
        )
    })?;
    let is_full = i64::try_from(found.holders.len()).is_ok_and(|count| count == PAGE);
    let last = found.holders.last().filter(|_| is_full);
    let (name, sku) = (&place.connection.name, &found.product.sku);
    let (language, clock) = (visitor.language, Clock::of(&visitor, now()));
    let product = shown_product(&found.product.name, sku);
    let page = Page {
        frame: Frame::new(&visitor, format!("{product} · {name}"))
            .below(place.space.at("/connections"), language.t("Connections"))
            .below(place.space.connection(name), name)
            .below(place.space.licences(name, None), language.t("Licences")),
        number: language.number(found.given),
        lines: found
            .holders
            .iter()
            .map(|one| line(&place, &found.product, one, &clock))
            .collect(),
        is_later: after.is_some(),
        first: place.space.holders(name, sku, None),
        next: last.map(|last| {
            place
                .space
                .holders(name, sku, Some((last.given.rule, last.given.object)))
        }),
        product: product.to_owned(),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn read(
    tx: &mut Tx,
    connection: i64,
    wanted: &str,
    after: Option<(i64, i64)>,
) -> std::result::Result<Option<Found>, Store> {
    let row = match product::by_sku(tx, connection, wanted)? {
        Some(row) => Some(row),
        None => product::by_name(tx, connection, wanted)?,
    };
    let Some(row) = row else { return Ok(None) };
    let given = link_licence::count(tx, connection)?;
    Ok(Some(Found {
        given: given.get(&row.key).copied().unwrap_or(0),
        holders: link_licence::holders(tx, row.key, after, PAGE)?,
        product: row.product,
    }))
}

fn line(place: &Place, product: &Product, one: &Holder, clock: &Clock) -> Line {
    let name = |id: &String| {
        let plan = product.plans.iter().find(|plan| plan.id == *id);
        plan.map_or_else(|| id.clone(), |plan| plan.name.clone())
    };
    let left_out: Vec<String> = one.given.disabled_plans.iter().map(name).collect();
    Line {
        label: shown(&one.label).to_owned(),
        address: one.id.map(|id| place.space.person(id)),
        target_id: one.target_id.clone(),
        origin: match one.given.origin {
            Origin::Mapping => text("by the rule's mapping"),
            Origin::Group => text("by a group"),
            Origin::Found => text("found on the account"),
            Origin::Begun => text("asked for; the answer is not known yet"),
        },
        left_out: left_out.join(", "),
        since: clock.moment(one.given.modified),
    }
}
