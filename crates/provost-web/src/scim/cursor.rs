//! Cursors (RFC 9865): where the next page of a list begins, sealed so that nobody can read or make one.
//!
//! A cursor opens only for the provider that it was given to, and only for the same filter, order and kinds. One
//! of somebody else, one of another list and one that was made up are refused with the same words. It gives no
//! rights: every page is asked for with a token of its own.

use super::exchange::Exchange;
use super::list::Wanted;
use crate::error::Result;
use provost_scim::Error;
use provost_scim::filter::Filter;
use provost_store::query::{Kinds, Position, Window};
use serde::{Deserialize, Serialize};

/// What a cursor says.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Where the page before ended.
    after: Position,
    /// When it stops working, milliseconds since 1970.
    until: i64,
    /// The `count` of the first request.
    count: Option<u64>,
}

/// The cursors of one list.
pub(super) struct Cursors {
    /// What is sealed in: another list's cursor does not open with it.
    bound: String,
    /// The `count` of this request.
    count: Option<u64>,
}

impl Cursors {
    /// The cursors of the list that is asked for.
    ///
    /// # Errors
    /// 400 `invalidCount` for a count over the limit. A negative one counts as 0, as everywhere.
    pub fn of(x: &Exchange, wanted: &Wanted) -> Result<Self> {
        let limit = x.state.settings().limits.max_page;
        if wanted.count.is_some_and(|count| count > limit) {
            let detail = format!("count is a number from 0 to {limit} in a list that is paged by cursor");
            return Err(Error::invalid_count(detail).into());
        }
        let kinds = match wanted.kinds {
            Kinds::One(kind) => format!("{kind:?}"),
            Kinds::Both => "all".to_owned(),
        };
        // A filter's text has no line breaks of its own.
        let sort = wanted
            .sort
            .as_ref()
            .map(|sort| format!("{} {}", sort.path, sort.descending));
        let filter = |filter: &Option<Filter>| filter.as_ref().map(ToString::to_string).unwrap_or_default();
        let bound = [
            "scim cursor",
            &x.caller.provider().key.to_string(),
            &kinds,
            &sort.unwrap_or_default(),
            &filter(&wanted.people),
            &filter(&wanted.groups),
        ]
        .join("\n");
        Ok(Self {
            bound,
            count: wanted.count,
        })
    }

    /// The page that a cursor leads to; an empty cursor leads to the first.
    ///
    /// # Errors
    /// 400 `invalidCursor` for one that is not of this list, `expiredCursor` for one that is too old,
    /// `invalidCount` when the count is another than in the first request.
    pub fn window(&self, x: &Exchange, text: &str) -> Result<Window> {
        let limits = x.state.settings().limits;
        let (position, first) = if text.is_empty() {
            (None, self.count)
        } else {
            let sealed = self.open(x, text)?;
            if self.count.is_some() && self.count != sealed.count {
                let detail = "count must stay what it was in the first request of the list";
                return Err(Error::invalid_count(detail).into());
            }
            (Some(sealed.after), sealed.count)
        };
        Ok(match first.unwrap_or(limits.page).min(limits.max_page) {
            // Only the total is asked for.
            0 => Window::Index { start: 1, count: 0 },
            count => Window::After { position, count },
        })
    }

    fn open(&self, x: &Exchange, text: &str) -> Result<Sealed> {
        let opened = x.state.key().open_text(&self.bound, text).ok();
        let sealed: Option<Sealed> = opened.and_then(|plain| serde_json::from_str(&plain).ok());
        let Some(sealed) = sealed else {
            let detail = "the cursor is not one of this list; begin with an empty cursor, and repeat all other \
                          parameters as they were";
            return Err(Error::invalid_cursor(detail).into());
        };
        if sealed.until < x.now {
            let seconds = x.state.settings().limits.cursor_seconds;
            let detail = format!(
                "the cursor has expired: the next page has to be asked for within {seconds} seconds; begin again \
                 with an empty cursor"
            );
            return Err(Error::expired_cursor(detail).into());
        }
        Ok(sealed)
    }

    /// The cursor of the page after `position`.
    ///
    /// # Errors
    /// When the key cannot seal.
    pub fn seal(&self, x: &Exchange, after: Position) -> Result<String> {
        let seconds = x.state.settings().limits.cursor_seconds;
        let life = i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
        let sealed = Sealed {
            after,
            until: x.now.saturating_add(life),
            count: self.count,
        };
        let plain = serde_json::to_string(&sealed)
            .map_err(|error| Error::internal(format!("the cursor could not be written: {error}")))?;
        Ok(x.state.key().seal_text(&self.bound, &plain)?)
    }
}
