//! `GET /Users`, `GET /Groups`, `GET /` and their `.search` (RFC 7644 sections 3.4.2 and 3.4.3), paged by
//! position or by cursor (RFC 9865).

use super::cursor::Cursors;
use super::exchange::Exchange;
use super::trace::Trace;
use super::{membership, render, resource_type};
use crate::auth::ScimCaller;
use crate::error::{Error, Result};
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::filter::Filter;
use provost_scim::leniency::{Habit, Habits, Leniency};
use provost_scim::page::{ListQuery, Sort};
use provost_scim::project::Projection;
use provost_scim::schema::{Catalogue, ResourceType};
use provost_store::Tx;
use provost_store::directory::Owner;
use provost_store::query::{self, Asked, Filters, Kinds, Window};

/// What a list request asks for, people and groups apart: names mean other attributes in each.
pub(super) struct Wanted {
    pub kinds: Kinds,
    pub people: Option<Filter>,
    pub groups: Option<Filter>,
    pub sort: Option<Sort>,
    pub start: u64,
    pub count: Option<u64>,
    pub cursor: Option<String>,
    projections: [Projection; 2],
}

/// A query in the address.
pub(crate) async fn query(x: &mut Exchange, kinds: Kinds) -> Result<Response> {
    x.trace.query(kinds);
    let Exchange {
        caller,
        query,
        habits,
        trace,
        ..
    } = x;
    let read = |rt: &ResourceType, leniency: &Leniency, habits: &mut Habits| {
        let pairs = query.iter().map(|(name, value)| (name, value));
        ListQuery::from_pairs(rt, pairs, leniency, habits)
    };
    let wanted = Wanted::read(caller, kinds, habits, trace, read)?;
    answer(x, wanted).await
}

/// A query in the body, which keeps personal data out of addresses and logs.
pub(crate) async fn search(x: &mut Exchange, kinds: Kinds, body: Body) -> Result<Response> {
    let limit = x.state.settings().limits.body_bytes;
    let sent = x.body(body, limit).await?;
    x.trace.query(kinds);
    x.trace.search(&x.caller, &sent);
    let Exchange {
        caller,
        habits,
        trace,
        ..
    } = x;
    let read = |rt: &ResourceType, leniency: &Leniency, habits: &mut Habits| {
        ListQuery::from_search(rt, &sent, leniency, habits)
    };
    let wanted = Wanted::read(caller, kinds, habits, trace, read)?;
    answer(x, wanted).await
}

impl Wanted {
    fn read(
        caller: &ScimCaller,
        kinds: Kinds,
        habits: &mut Habits,
        trace: &mut Trace,
        read: impl Fn(&ResourceType, &Leniency, &mut Habits) -> provost_scim::Result<ListQuery>,
    ) -> Result<Self> {
        let (catalogue, leniency) = (caller.catalogue(), caller.leniency());
        if let Kinds::One(kind) = kinds {
            let rt = resource_type(catalogue, kind);
            let query = read(rt, &leniency, habits)?;
            trace.list(rt, &query);
            return Ok(match kind {
                Kind::Person => Self::of(kinds, query, ListQuery::default()),
                Kind::Group => Self::of(kinds, ListQuery::default(), query),
            });
        }
        // An attribute that one of the types lacks has no value there (RFC 7644 section 3.4.2.1): in a query
        // over both that is the standard and no habit.
        let leniency = leniency.with(Habit::UnknownFilterAttribute);
        let mut used = [Habits::default(), Habits::default()];
        let [of_people, of_groups] = &mut used;
        let people = read(catalogue.user(), &leniency, of_people)?;
        let groups = read(catalogue.group(), &leniency, of_groups)?;
        trace.list(catalogue.user(), &people);
        let met = used
            .iter()
            .find(|used| !used.contains(Habit::UnknownFilterAttribute));
        if let Some(met) = met {
            habits.merge(met);
        }
        Ok(Self::of(kinds, people, groups))
    }

    fn of(kinds: Kinds, people: ListQuery, groups: ListQuery) -> Self {
        let paging = if kinds == Kinds::One(Kind::Group) {
            &groups
        } else {
            &people
        };
        Self {
            kinds,
            start: paging.start_index,
            count: paging.count,
            cursor: paging.cursor.clone(),
            people: people.filter,
            groups: groups.filter,
            sort: people.sort.or(groups.sort),
            projections: [people.projection, groups.projection],
        }
    }

    fn asked<'a>(&'a self, owner: Owner, catalogue: &'a Catalogue, window: Window) -> Asked<'a> {
        Asked {
            owner,
            catalogue,
            kinds: self.kinds,
            filter: Filters {
                people: self.people.as_ref(),
                groups: self.groups.as_ref(),
            },
            sort: self.sort.as_ref(),
            window,
        }
    }

    fn projection(&self, kind: Kind) -> &Projection {
        let [people, groups] = &self.projections;
        if kind == Kind::Person { people } else { groups }
    }

    /// Whether memberships of this kind are shown.
    fn is_related(&self, kind: Kind) -> bool {
        membership::is_wanted(kind, self.projection(kind))
    }
}

async fn answer(x: &mut Exchange, wanted: Wanted) -> Result<Response> {
    x.check_filter(Kind::Person, wanted.people.as_ref())?;
    let limits = x.state.settings().limits;
    let count = wanted.count.unwrap_or(limits.page).min(limits.max_page);
    let cursors = match &wanted.cursor {
        None => None,
        Some(_) => Some(Cursors::of(x, &wanted)?),
    };
    let window = match (&wanted.cursor, &cursors) {
        (Some(text), Some(cursors)) => cursors.window(x, text)?,
        _ => Window::Index {
            start: wanted.start,
            count,
        },
    };
    let start = wanted.cursor.is_none().then_some(wanted.start);
    let (page, peers, projections) = read(x, wanted, window).await?;
    let next = match (cursors, page.next) {
        (Some(cursors), Some(position)) => Some(cursors.seal(x, position)?),
        _ => None,
    };
    let listed = render::Listed {
        total: page.total,
        start,
        next,
        objects: page.objects,
        peers,
    };
    Ok(x.json(StatusCode::OK, render::list(x, &listed, &projections)?))
}

type Read = (
    query::Page,
    Vec<Vec<provost_store::member::Peer>>,
    [Projection; 2],
);

/// The page and, where they are shown, the memberships of what is on it.
async fn read(x: &Exchange, wanted: Wanted, window: Window) -> Result<Read> {
    let (owner, catalogue) = (x.caller.owner(), x.catalogue());
    let has_groups = wanted.kinds != Kinds::One(Kind::Person);
    // A group's members may be many; everything else here is short when the filter is answered by an index.
    let is_short = query::is_short(&wanted.asked(owner, &catalogue, window.clone()))
        && !(has_groups && wanted.is_related(Kind::Group));
    let related = [Kind::Person, Kind::Group].map(|kind| wanted.is_related(kind));
    let projections = wanted.projections.clone();
    let run = move |tx: &mut Tx| {
        let page = query::list(tx, &wanted.asked(owner, &catalogue, window.clone()))?;
        let mut peers = Vec::new();
        if related.contains(&true) {
            peers.reserve(page.objects.len());
            for object in &page.objects {
                let is_related = related[usize::from(object.kind == Kind::Group)];
                peers.push(if is_related {
                    membership::peers(tx, object.kind, object.key)?
                } else {
                    Vec::new()
                });
            }
        }
        Ok::<_, Error>((page, peers))
    };
    let db = x.state.db();
    let (page, peers) = if is_short {
        db.read_short(run).await?
    } else {
        db.read(run).await?
    };
    Ok((page, peers, projections))
}
