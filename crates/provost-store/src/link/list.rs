//! Many links at once: pages for people, and the compact forms that a reconcile compares.

use crate::directory::Range;
use crate::{Result, Row, Tx};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "rule, object, object_id, target_id, label, enabled, disabled, modified"
    };
}

crate::statements! {
    RULES = "SELECT key FROM rule WHERE connection = $1 ORDER BY key";
    AFTER = concat!("SELECT ", columns!(), " FROM link WHERE rule = $1 AND object > $2 ORDER BY object LIMIT $3");
    HASHES = "SELECT object, target_id, hash FROM link WHERE rule = $1 AND object > $2 AND object <= $3 ORDER BY object";
    BY_TARGET = "SELECT object, target_id, hash FROM link WHERE rule = $1 AND target_id > $2 ORDER BY target_id LIMIT $3";
}

/// Rows that are read at once in a search.
const CHUNK: usize = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;

/// A link as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The rule it belongs to.
    pub rule: i64,
    /// The directory object's key.
    pub object: i64,
    /// The directory object's public id.
    pub object_id: Uuid,
    /// The target object's id.
    pub target_id: String,
    /// What to call it.
    pub label: String,
    /// Whether the account is enabled there, as far as we wrote.
    pub enabled: bool,
    /// When we disabled the account; 0 when it is enabled.
    pub disabled: i64,
    /// When it was last written.
    pub modified: i64,
}

fn read(row: &Row) -> Result<Listed> {
    Ok(Listed {
        rule: row.int(0)?,
        object: row.int(1)?,
        object_id: row.uuid(2)?,
        target_id: row.text(3)?,
        label: row.text(4)?,
        enabled: row.bool(5)?,
        disabled: row.int(6)?,
        modified: row.int(7)?,
    })
}

/// Which links are asked for. Every condition must hold.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The connection's key.
    pub connection: i64,
    /// Of this rule.
    pub rule: Option<i64>,
    /// With this in the label or in the target's id, in any letter case, or with this public id.
    pub text: Option<String>,
    /// Only accounts that we disabled.
    pub disabled: bool,
    /// Only after this link (rule, object): the `next` of the page before.
    pub after: Option<(i64, i64)>,
}

/// A page of links, in the order of rule and object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The links.
    pub links: Vec<Listed>,
    /// Where to go on; none at the end. A page may have fewer links than were asked for, even none, and still
    /// go on: one search looks at 20,000 rows at most.
    pub next: Option<(i64, i64)>,
}

/// A page of a connection's links. Who knows the target's id or the whole label asks [`super::by_target_id`] or
/// [`super::by_label`], which need no search.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn list(tx: &mut Tx, asked: &Asked, limit: usize) -> Result<Page> {
    let text = asked.text.as_deref().map(|text| text.trim().to_lowercase());
    let id = asked
        .text
        .as_deref()
        .and_then(|text| Uuid::try_parse(text.trim()).ok());
    let (from, first) = asked.after.unwrap_or((i64::MIN, i64::MIN));
    let rules = tx.query(RULES, &[asked.connection.into()], |r| r.int(0))?;
    let (mut page, mut looked_at) = (Page::default(), 0);
    let wanted = |rule: &i64| *rule >= from && asked.rule.is_none_or(|one| one == *rule);
    for rule in rules.into_iter().filter(wanted) {
        let mut place = if rule == from { first } else { i64::MIN };
        loop {
            tx.keep_time()?;
            let rows = tx.query(AFTER, &[rule.into(), place.into(), (CHUNK as i64).into()], read)?;
            let is_last = rows.len() < CHUNK;
            for link in rows {
                if page.links.len() >= limit || looked_at >= LOOKED_AT {
                    page.next = Some((rule, place));
                    return Ok(page);
                }
                looked_at += 1;
                place = link.object;
                let fits = text.as_deref().is_none_or(|text| is_about(&link, text, id));
                if fits && (!asked.disabled || link.disabled > 0) {
                    page.links.push(link);
                }
            }
            if is_last {
                break;
            }
        }
    }
    Ok(page)
}

fn is_about(link: &Listed, text: &str, id: Option<Uuid>) -> bool {
    id == Some(link.object_id)
        || link.label.to_lowercase().contains(text)
        || link.target_id.to_lowercase().contains(text)
}

/// Object, target id and hash of what was written ([`super::Link::hash`]), of a rule's links in a stretch of the
/// directory, in key order.
///
/// # Errors
/// Any error of the database.
pub fn hashes(tx: &mut Tx, rule: i64, range: Range) -> Result<Vec<(i64, String, i64)>> {
    let params = [rule.into(), range.after.into(), range.upto.into()];
    tx.query(HASHES, &params, |r| Ok((r.int(0)?, r.text(1)?, r.int(2)?)))
}

/// Hands object, target id and hash of at most `limit` links of a rule to `each`, in the order of the target's
/// ids (by bytes), after the id `after` (empty: from the first). Answers the last id, none when nothing
/// followed.
///
/// # Errors
/// Any error of the database or of `each`.
pub fn for_each_by_target(
    tx: &mut Tx,
    rule: i64,
    after: &str,
    limit: i64,
    mut each: impl FnMut(i64, &str, i64) -> Result<()>,
) -> Result<Option<String>> {
    let mut last = None;
    tx.for_each(BY_TARGET, &[rule.into(), after.into(), limit.into()], |r| {
        each(r.int(0)?, r.str(1)?, r.int(2)?)?;
        // One copy for each row would be the most of the work: the last one is enough.
        let kept: &mut String = last.get_or_insert_with(String::new);
        kept.clear();
        kept.push_str(r.str(1)?);
        Ok(true)
    })?;
    Ok(last)
}
