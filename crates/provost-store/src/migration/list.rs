//! The lists of a migration and the numbers on top of them.

use super::onboarding::{self, Request, Standing, columns, joined};
use crate::identifier::LinkState;
use crate::{Result, Row, Tx};
use serde::Serialize;
use uuid::Uuid;

crate::statements! {
    REQUESTS = concat!("SELECT ", columns!(), joined!(), "WHERE n.provider = $1 AND (n.state, n.key) > ($2, $3) \
                ORDER BY n.state, n.key LIMIT $4");
    REQUESTS_OF = concat!("SELECT ", columns!(), joined!(), "WHERE n.provider = $1 AND n.state = $2 AND n.key > $3 \
                   ORDER BY n.state, n.key LIMIT $4");
    REQUEST_COUNTS = "SELECT state, COUNT(*) FROM onboarding WHERE provider = $1 GROUP BY state";
    LEFT = "SELECT p.object, p.state, p.name_key, o.id, o.label, CAST(CASE WHEN EXISTS (SELECT 1 FROM onboarding n \
            WHERE n.provider = $1 AND n.person = p.object AND n.state = 5) THEN 1 ELSE 0 END AS BIGINT) \
            FROM tenant_person p JOIN object o ON o.key = p.object WHERE p.connection = $2 \
            AND (p.state, p.name_key, p.object) > ($3, $4, $5) ORDER BY p.state, p.name_key, p.object LIMIT $6";
    ONBOARDED = "SELECT COUNT(*) FROM onboarding n JOIN tenant_person p ON p.connection = $1 AND p.object = n.person \
                 WHERE n.provider = $2 AND n.state = 5 AND p.state = 4";
    DAYS = "SELECT n.onboarded / 86400000, COUNT(*) FROM onboarding n WHERE n.provider = $1 AND n.state = 5 \
            AND n.onboarded >= $2 GROUP BY n.onboarded / 86400000";
    PEOPLE = "SELECT state, COUNT(*) FROM tenant_person WHERE connection = $1 GROUP BY state";
}

/// Rows of people that are read at once.
const CHUNK: i64 = 500;
/// Rows that one page looks at; the answer says where to go on.
const LOOKED_AT: i64 = 20_000;

/// A page of sign-ins: mismatched ones first, then pending, approved, denied and onboarded ones, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestsPage {
    /// The sign-ins.
    pub requests: Vec<Request>,
    /// Where to go on: state and key; none at the end.
    pub next: Option<(i64, i64)>,
}

/// A page of a provider's sign-ins, of one state or of all.
///
/// # Errors
/// Any error of the database.
pub fn requests(
    tx: &mut Tx,
    provider: i64,
    standing: Option<Standing>,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<RequestsPage> {
    let (state, key) = after.unwrap_or((0, 0));
    let more = limit.saturating_add(1);
    let mut found = match standing {
        Some(one) => tx.query(
            REQUESTS_OF,
            &[provider.into(), one.number().into(), key.into(), more.into()],
            onboarding::read,
        )?,
        None => tx.query(
            REQUESTS,
            &[provider.into(), state.into(), key.into(), more.into()],
            onboarding::read,
        )?,
    };
    let limit = usize::try_from(limit).unwrap_or(0);
    let goes_on = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|one| (one.standing.number(), one.key));
    Ok(RequestsPage {
        requests: found,
        next: next.filter(|_| goes_on),
    })
}

/// Somebody who is not onboarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The inside key.
    pub object: i64,
    /// The public id.
    pub id: Uuid,
    /// What to call them.
    pub label: String,
    /// The folded user name.
    pub name: String,
    /// How they stand to the tenant.
    pub link: LinkState,
}

/// A page of people who are not onboarded and not exempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftPage {
    /// The people: unlinked ones first, then suggested and linked ones, each by user name.
    pub people: Vec<Left>,
    /// Where to go on; none at the end. A page may have fewer lines than were asked for, even none, and still go on.
    pub next: Option<(i64, String, i64)>,
}

fn left_row(row: &Row) -> Result<(Left, i64, bool)> {
    let state = row.int(1)?;
    let left = Left {
        object: row.int(0)?,
        name: row.text(2)?,
        id: row.uuid(3)?,
        label: row.text(4)?,
        link: LinkState::of(state),
    };
    Ok((left, state, row.int(5)? > 0))
}

/// A page of a workspace's people who are not onboarded by this provider's migration.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn left(
    tx: &mut Tx,
    provider: i64,
    connection: i64,
    after: Option<(i64, String, i64)>,
    limit: usize,
) -> Result<LeftPage> {
    let mut page = LeftPage::default();
    let mut place = after.unwrap_or_default();
    let mut looked_at = 0;
    loop {
        tx.keep_time()?;
        let params = [
            provider.into(),
            connection.into(),
            place.0.into(),
            place.1.as_str().into(),
            place.2.into(),
            CHUNK.into(),
        ];
        let rows = tx.query(LEFT, &params, left_row)?;
        let is_last = (rows.len() as i64) < CHUNK;
        for (one, state, is_onboarded) in rows {
            if page.people.len() >= limit || looked_at >= LOOKED_AT {
                page.next = Some(place);
                return Ok(page);
            }
            looked_at += 1;
            place = (state, one.name.clone(), one.object);
            let is_done = one.link == LinkState::Linked && is_onboarded;
            if one.link != LinkState::Exempt && !is_done {
                page.people.push(one);
            }
        }
        if is_last {
            return Ok(page);
        }
    }
}

/// How a migration stands. The people add up: all are onboarded, not onboarded, unlinked or exempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// People of the workspace, as far as the tenant was read.
    pub people: i64,
    /// Who are linked and onboarded.
    pub onboarded: i64,
    /// Who are linked and are not.
    pub not_onboarded: i64,
    /// Who are linked to no account.
    pub unlinked: i64,
    /// Of whom somebody said that they need none.
    pub exempt: i64,
    /// Sign-ins that wait for an approval.
    pub pending: i64,
    /// Sign-ins in which something does not fit.
    pub mismatched: i64,
    /// Sign-ins that were approved and wait for their people.
    pub approved: i64,
    /// Sign-ins that were denied.
    pub denied: i64,
}

impl Counts {
    /// How many keep the migration open.
    pub fn open(&self) -> i64 {
        self.not_onboarded + self.unlinked + self.pending + self.mismatched
    }
}

/// How a provider's migration stands.
///
/// # Errors
/// Any error of the database.
pub fn counts(tx: &mut Tx, provider: i64, connection: i64) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut linked = 0;
    tx.for_each(PEOPLE, &[connection.into()], |r| {
        let number = r.int(1)?;
        match LinkState::of(r.int(0)?) {
            LinkState::Linked => linked += number,
            LinkState::Exempt => counts.exempt += number,
            _ => counts.unlinked += number,
        }
        counts.people += number;
        Ok(true)
    })?;
    tx.for_each(REQUEST_COUNTS, &[provider.into()], |r| {
        let number = r.int(1)?;
        match Standing::of(r.int(0)?) {
            Standing::Mismatched => counts.mismatched = number,
            Standing::Pending => counts.pending = number,
            Standing::Approved => counts.approved = number,
            Standing::Denied => counts.denied = number,
            Standing::Onboarded => {}
        }
        Ok(true)
    })?;
    let done = tx.first(ONBOARDED, &[connection.into(), provider.into()], |r| r.int(0))?;
    counts.onboarded = done.unwrap_or(0);
    counts.not_onboarded = linked - counts.onboarded;
    Ok(counts)
}

/// How many were onboarded on each day since a moment: the number of the day since 1970, and how many.
///
/// # Errors
/// Any error of the database.
pub fn days(tx: &mut Tx, provider: i64, since: i64) -> Result<Vec<(i64, i64)>> {
    let mut found = tx.query(DAYS, &[provider.into(), since.into()], |r| {
        Ok((r.int(0)?, r.int(1)?))
    })?;
    found.sort_unstable();
    Ok(found)
}
