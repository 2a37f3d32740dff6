//! `GET /connections/{name}/licences`: the products of the organisation with their seats, and the groups that bring
//! them.

use super::bar::{self, Part};
use super::connections::{self, Tab};
use super::faults::Faults;
use super::page::{self, Frame};
use super::place::{self, Asked, Place};
use super::refusal::{Refusal, Result};
use super::status::shown;
use super::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::group_licence::{self, GroupLicence, Way};
use provost_sync::LicenceLine;

/// Groups of one page.
const GROUPS: i64 = 50;

#[derive(Template)]
#[template(path = "licences.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    name: String,
    /// Whether the target has licences at all.
    has_any: bool,
    products: Vec<Product>,
    /// Where the seats are read, and why this visitor cannot.
    read: String,
    lacks_operate: String,
    groups: Vec<Group>,
    /// Where a group is had to bring a product, and why this visitor cannot.
    bring: String,
    lacks_configure: String,
    faults: Faults,
    typed_group: String,
    typed_product: String,
    typed_way: String,
    /// The products that people can have: id and name.
    choices: Vec<(String, String)>,
    ways: Vec<(String, String)>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A product with its seats.
struct Product {
    /// The short name, else the target's id.
    name: String,
    id: String,
    /// What is unusual about it; empty for a product with seats for people.
    note: &'static str,
    /// What has to be done about it; the count of missing seats.
    short: Option<String>,
    seats: String,
    used: String,
    free: String,
    given: String,
    /// Used, and not given by Provost.
    others: String,
    planned: String,
    holders: String,
    parts: Vec<Part>,
    seen: Option<Moment>,
}

/// A group that brings a product.
struct Group {
    label: String,
    address: Option<String>,
    product: String,
    way: &'static str,
    left_out: i64,
    since: Moment,
    actor: String,
    /// Where that is ended; empty for one that is ending.
    ending: String,
    /// The id of the sentence that says why it cannot be.
    why: String,
}

/// What was typed to have a group bring a product.
#[derive(Default)]
pub(super) struct Typed {
    pub group: String,
    pub product: String,
    pub way: String,
}

impl Typed {
    pub fn of(form: &Form) -> Self {
        let typed = |name| form.get(name).to_owned();
        Self {
            group: typed("group"),
            product: typed("product"),
            way: typed("way"),
        }
    }
}

/// The licences of a connection.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    name: std::result::Result<Path<(String, String)>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (Path((_, name)), Query(asked)) = (name.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &visitor, &name).await?;
    let after = asked.after_key()?;
    let (typed, faults) = (Typed::default(), Faults::none());
    again(&state, &visitor, &place, after, typed, faults, StatusCode::OK).await
}

/// The page with what was typed and what is wrong with it.
pub(super) async fn again(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    after: Option<i64>,
    typed: Typed,
    faults: Faults,
    status: StatusCode,
) -> Result<Response> {
    let (key, clock, language) = (place.connection.key, Clock::of(visitor, now()), visitor.language);
    let mut lines = place::engine(state)?.licence_page(key).await?;
    lines.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let groups: Vec<GroupLicence> = state
        .db()
        .read(move |tx| group_licence::list(tx, key, after.unwrap_or(0), GROUPS))
        .await?;
    let is_full = i64::try_from(groups.len()).is_ok_and(|count| count == GROUPS);
    let connection = &place.connection.name;
    let next = groups.last().filter(|_| is_full).map(|last| last.key);
    let page = Page {
        frame: Frame::new(
            visitor,
            format!("{} · {connection}", visitor.language.t("Licences")),
        )
        .below(place.space.at("/connections"), visitor.language.t("Connections"))
        .below(place.space.connection(connection), connection),
        tabs: connections::tabs(place, "licences"),
        name: connection.clone(),
        has_any: place.connection.connector == "graph" || !lines.is_empty(),
        products: lines.iter().map(|line| product(place, line, &clock)).collect(),
        read: place.space.to(&["connections", connection, "licences", "read"]),
        lacks_operate: page::lack(visitor, Act::Operate),
        groups: groups.iter().map(|one| group(place, one, &clock)).collect(),
        bring: place.space.to(&["connections", connection, "licences", "groups"]),
        lacks_configure: page::lack(visitor, Act::Configure),
        faults,
        typed_group: typed.group,
        typed_product: typed.product,
        typed_way: typed.way,
        choices: lines
            .iter()
            .filter(|line| line.assignable && line.seen > 0)
            .map(|line| {
                (
                    line.product.clone(),
                    shown_product(&line.name, &line.product).to_owned(),
                )
            })
            .collect(),
        ways: ways(language),
        is_later: after.is_some(),
        first: place.space.licences(connection, None),
        next: next.map(|key| place.space.licences(connection, Some(key))),
    };
    Ok(page::html(status, &page))
}

/// What needs somebody first, then what is in use, then what could be; what is not for people last.
fn rank(line: &LicenceLine) -> (bool, bool, bool, &str) {
    let name = shown_product(&line.name, &line.product);
    (line.short == 0, line.given == 0, !line.assignable, name)
}

fn product(place: &Place, line: &LicenceLine, clock: &Clock) -> Product {
    let language: Language = clock.language;
    let count = |number: u64| language.number(i64::try_from(number).unwrap_or(i64::MAX));
    let others = line.used.saturating_sub(line.given);
    let ours = line.used - others;
    // Planned seats come out of the free ones; what goes beyond them is short.
    let fitting = line.planned.saturating_sub(line.short).min(line.free);
    let numbers = [
        ("given", ours),
        ("others", others),
        ("planned", fitting),
        ("free", line.free - fitting),
        ("short", line.short),
    ];
    Product {
        name: shown_product(&line.name, &line.product).to_owned(),
        id: line.product.clone(),
        note: note(line),
        short: (line.short > 0).then(|| count(line.short)),
        seats: count(line.seats),
        used: count(line.used),
        free: count(line.free),
        given: count(line.given),
        others: count(others),
        planned: count(line.planned),
        holders: place.space.holders(&place.connection.name, &line.product, None),
        parts: bar::parts(&numbers),
        seen: clock.moment_if(line.seen),
    }
}

/// What a product is called: by its short name where it has one.
pub(super) fn shown_product<'a>(name: &'a str, id: &'a str) -> &'a str {
    if name.is_empty() { id } else { name }
}

fn note(line: &LicenceLine) -> &'static str {
    match line.state.as_str() {
        _ if !line.assignable => text("for the whole organisation, not for single people"),
        "" => text("the organisation does not own it"),
        "Warning" => text("in its grace period: renew it"),
        "Suspended" => text("suspended: its seats cannot be used"),
        "Deleted" => text("it has ended"),
        "LockedOut" => text("locked: its seats cannot be used"),
        _ => "",
    }
}

fn ways(language: Language) -> Vec<(String, String)> {
    [
        ("member", text("Provost gives it to each member")),
        ("group", text("the target's group gives it to its members")),
    ]
    .map(|(value, label)| (value.to_owned(), language.t(label).to_owned()))
    .into()
}

fn group(place: &Place, one: &GroupLicence, clock: &Clock) -> Group {
    Group {
        label: shown(&one.label).to_owned(),
        address: one.group_id.map(|id| place.space.group(id)),
        product: shown_product(&one.product_name, &one.sku).to_owned(),
        way: match one.way {
            Way::Member => text("Provost gives it to each member"),
            Way::Group if one.written => text("the target's group gives it to its members"),
            Way::Group => text("the target's group gets it with the next cycle"),
            Way::Ending => text("the target's group loses it with the next cycle"),
        },
        left_out: i64::try_from(one.disabled_plans.len()).unwrap_or(i64::MAX),
        since: clock.moment(one.created),
        actor: one.actor.clone(),
        ending: match one.way {
            Way::Ending => String::new(),
            _ => place.space.to(&[
                "connections",
                &place.connection.name,
                "licences",
                "groups",
                &one.key.to_string(),
                "end",
            ]),
        },
        why: format!("why-{}", one.key),
    }
}
