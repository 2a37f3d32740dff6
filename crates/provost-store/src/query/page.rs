//! Pages in the order of creation.

use super::compile::{Bound, Narrow, borrow};
use super::select::One;
use crate::directory::{Object, columns, kind_number, read};
use crate::{BUCKET, Result, Tx};

crate::statements! {
    BUCKETS = "SELECT bucket, objects FROM live_count WHERE owner = $1 AND kind = $2 AND objects > 0 ORDER BY bucket";
    TOTAL = "SELECT CAST(COALESCE(SUM(objects), 0) AS BIGINT) FROM live_count WHERE owner = $1 AND kind = $2";
    PAGE = concat!("SELECT ", columns!(), " FROM object o WHERE o.owner = $1 AND o.kind = $2 AND o.key >= $3 \
            ORDER BY o.key LIMIT $4 OFFSET $5");
    AFTER = concat!("SELECT ", columns!(), " FROM object o WHERE o.owner = $1 AND o.kind = $2 AND o.key > $3 \
             ORDER BY o.key LIMIT $4");
}

/// A page by number.
#[derive(Default)]
pub(super) struct Numbered {
    pub total: u64,
    pub objects: Vec<Object>,
}

/// A page after a key.
pub(super) struct Continued {
    /// Known where it costs nothing.
    pub total: Option<u64>,
    pub objects: Vec<Object>,
    /// The last key that was looked at; the next page begins after it.
    pub last: i64,
    /// Whether there is a next page.
    pub is_more: bool,
}

/// How many people or groups an owner has, by the counters.
pub(super) fn total(tx: &mut Tx, one: &One) -> Result<u64> {
    let params = [one.owner.into(), kind_number(one.kind).into()];
    let total = tx.first(TOTAL, &params, |row| row.int(0))?.unwrap_or(0);
    Ok(u64::try_from(total).unwrap_or(0))
}

/// The page that follows the first `skip` objects.
pub(super) fn by_number(tx: &mut Tx, one: &One, skip: u64, count: u64) -> Result<Numbered> {
    let (skip, count) = (number(skip), number(count));
    match &one.narrow {
        Narrow::Everybody => everybody(tx, one, skip, count),
        Narrow::Nobody => Ok(Numbered::default()),
        Narrow::Some(part) if part.exact => exact(tx, one, skip, count),
        Narrow::Some(_) | Narrow::Unknown => looked_at(tx, one, skip, count),
    }
}

fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A page of the whole list: the bucket counts say where it begins, so its cost does not grow with its position.
fn everybody(tx: &mut Tx, one: &One, skip: i64, count: i64) -> Result<Numbered> {
    let (owner, kind) = (one.owner.into(), kind_number(one.kind).into());
    let (mut total, mut begin) = (0, None);
    tx.for_each(BUCKETS, &[owner, kind], |row| {
        let (bucket, objects) = (row.int(0)?, row.int(1)?);
        if begin.is_none() && total + objects > skip {
            begin = Some((bucket * BUCKET, skip - total));
        }
        total += objects;
        Ok(true)
    })?;
    let objects = match begin {
        Some((key, offset)) if count > 0 => {
            let params = [owner, kind, key.into(), count.into(), offset.into()];
            tx.query(PAGE, &params, read)?
        }
        _ => Vec::new(),
    };
    Ok(Numbered {
        total: u64::try_from(total).unwrap_or(0),
        objects,
    })
}

/// The condition is the filter: the database pages and counts its matches.
fn exact(tx: &mut Tx, one: &One, skip: i64, count: i64) -> Result<Numbered> {
    let from = one.from();
    let mut objects = Vec::new();
    if count > 0 {
        let mut params = one.params.clone();
        let n = params.len();
        params.extend([Bound::Int(count), Bound::Int(skip)]);
        let page = format!(
            "SELECT {} {from} ORDER BY {} LIMIT ${} OFFSET ${}",
            columns!(),
            one.key(),
            n + 1,
            n + 2
        );
        objects = tx.query(&page, &borrow(&params), read)?;
    }
    let seen = objects.len() as i64;
    let is_whole = seen < count && (seen > 0 || skip == 0);
    let total = if is_whole {
        skip + seen
    } else {
        let sql = format!("SELECT COUNT(*) {from}");
        tx.first(&sql, &borrow(&one.params), |row| row.int(0))?
            .unwrap_or(0)
    };
    Ok(Numbered {
        total: u64::try_from(total).unwrap_or(0),
        objects,
    })
}

/// The condition selects too much: the filter itself is asked about every row.
fn looked_at(tx: &mut Tx, one: &One, skip: i64, count: i64) -> Result<Numbered> {
    let (mut total, mut objects) = (0, Vec::new());
    one.walk(tx, None, 0, u64::MAX, |seen, _| {
        if total >= skip && (objects.len() as i64) < count {
            objects.push(seen.object()?);
        }
        total += 1;
        Ok(true)
    })?;
    Ok(Numbered {
        total: u64::try_from(total).unwrap_or(0),
        objects,
    })
}

/// The page after the key `after`. One object more than wanted is looked for, to know whether there is a next.
pub(super) fn after(tx: &mut Tx, one: &One, after: i64, count: u64) -> Result<Continued> {
    let wanted = number(count.saturating_add(1));
    let mut objects = match &one.narrow {
        Narrow::Everybody => {
            let params = [
                one.owner.into(),
                kind_number(one.kind).into(),
                after.into(),
                wanted.into(),
            ];
            tx.query(AFTER, &params, read)?
        }
        Narrow::Nobody => Vec::new(),
        Narrow::Some(part) if part.exact => exact_after(tx, one, after, wanted)?,
        Narrow::Some(_) | Narrow::Unknown => {
            let mut objects = Vec::new();
            one.walk(tx, None, after, count.saturating_add(1), |seen, _| {
                objects.push(seen.object()?);
                Ok((objects.len() as i64) < wanted)
            })?;
            objects
        }
    };
    let is_more = objects.len() as i64 >= wanted;
    objects.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    let total = match one.narrow {
        Narrow::Everybody => Some(total(tx, one)?),
        _ if after == 0 && !is_more => Some(objects.len() as u64),
        _ => None,
    };
    Ok(Continued {
        total,
        last: objects.last().map_or(after, |object| object.key),
        objects,
        is_more,
    })
}

fn exact_after(tx: &mut Tx, one: &One, after: i64, wanted: i64) -> Result<Vec<Object>> {
    let mut params = one.params.clone();
    let n = params.len();
    params.extend([Bound::Int(after), Bound::Int(wanted)]);
    let sql = format!(
        "SELECT {} {} AND {key} > ${} ORDER BY {key} LIMIT ${}",
        columns!(),
        one.from(),
        n + 1,
        n + 2,
        key = one.key()
    );
    tx.query(&sql, &borrow(&params), read)
}
