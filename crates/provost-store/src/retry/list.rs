//! The queue of waiting steps as people see it.

use super::{Waiting, rules};
use crate::{Result, Row, Tx};

macro_rules! columns {
    () => {
        "y.rule, y.object, y.member, y.attempts, y.next_try, y.code, y.reason, y.first, COALESCE(o.label, l.label, ''), \
         COALESCE(p.name, '') FROM retry y LEFT JOIN object o ON o.key = y.object \
         LEFT JOIN link l ON l.rule = y.rule AND l.object = y.object LEFT JOIN product p ON p.key = y.member"
    };
}

crate::statements! {
    SOONEST = concat!("SELECT ", columns!(), " WHERE y.rule = $1 ORDER BY y.next_try LIMIT $2");
    AFTER = concat!("SELECT ", columns!(), " WHERE y.rule = $1 AND (y.object, y.member) > ($2, $3) \
             ORDER BY y.object, y.member LIMIT $4");
}

/// Rows that are read at once in a search.
const CHUNK: usize = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;

fn read(row: &Row) -> Result<Waiting> {
    Ok(Waiting {
        rule: row.int(0)?,
        object: row.int(1)?,
        member: row.int(2)?,
        attempts: row.int(3)?,
        next_try: row.int(4)?,
        code: row.text(5)?,
        reason: row.text(6)?,
        first: row.int(7)?,
        label: row.text(8)?,
        product: row.text(9)?,
    })
}

/// A connection's waiting steps, soonest first, what is given up last.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for rule in rules(tx, connection)? {
        found.extend(tx.query(SOONEST, &[rule.into(), limit.into()], read)?);
    }
    found.sort_by_key(|step| (step.next_try, step.rule, step.object, step.member));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// Which waiting steps are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The connection's key.
    pub connection: i64,
    /// What the label, the product, the reason or the code has in it, in any letter case.
    pub text: Option<String>,
    /// Only what is given up.
    pub given_up: bool,
    /// Only after this step (rule, object, member): the `next` of the page before.
    pub after: Option<(i64, i64, i64)>,
}

/// A page of waiting steps, in the order of rule, object and member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The steps.
    pub steps: Vec<Waiting>,
    /// Where to go on; none at the end. A page may have fewer steps than were asked for, even none, and still
    /// go on: one search looks at 20,000 rows at most.
    pub next: Option<(i64, i64, i64)>,
}

/// A page of a connection's waiting steps.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn page(tx: &mut Tx, asked: &Asked, limit: usize) -> Result<Page> {
    let text = asked.text.as_deref().map(|text| text.trim().to_lowercase());
    let (from, mut place) = match asked.after {
        Some((rule, object, member)) => (rule, (object, member)),
        None => (i64::MIN, (i64::MIN, i64::MIN)),
    };
    let (mut page, mut looked_at) = (Page::default(), 0);
    for rule in rules(tx, asked.connection)?
        .into_iter()
        .filter(|rule| *rule >= from)
    {
        if rule != from {
            place = (i64::MIN, i64::MIN);
        }
        loop {
            tx.keep_time()?;
            let params = [rule.into(), place.0.into(), place.1.into(), (CHUNK as i64).into()];
            let rows = tx.query(AFTER, &params, read)?;
            let is_last = rows.len() < CHUNK;
            for step in rows {
                if page.steps.len() >= limit || looked_at >= LOOKED_AT {
                    page.next = Some((rule, place.0, place.1));
                    return Ok(page);
                }
                looked_at += 1;
                place = (step.object, step.member);
                if fits(&step, asked.given_up, text.as_deref()) {
                    page.steps.push(step);
                }
            }
            if is_last {
                break;
            }
        }
    }
    Ok(page)
}

fn fits(step: &Waiting, given_up: bool, text: Option<&str>) -> bool {
    (!given_up || step.next_try == super::NEVER)
        && text.is_none_or(|text| {
            [&step.label, &step.product, &step.reason, &step.code]
                .iter()
                .any(|field| field.to_lowercase().contains(text))
        })
}
