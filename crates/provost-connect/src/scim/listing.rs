//! Reading a list to its end, from applications that page in every way but the right one.
//!
//! A read is complete when as many objects as the application says there are have been seen. Pages
//! go on by what was received; what comes twice is dropped; a list that ends early is an error,
//! because absence from it would look like a removal.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::lenient::List;
use super::read::read_list;
use super::record::{Wanted, account};
use super::settings::Paging;
use super::wire::{Call, query};
use super::{Scim, collection};
use crate::{Account, AccountPage, Error, Kind, Result};

/// Pages after which a listing is taken to have no end.
const MOST_PAGES: u32 = 100_000;
/// Pages in a row that show nothing new before a cursor is taken to run in a circle.
const MOST_STALE: u32 = 3;
/// Listings that are kept at the same time; the oldest is given up.
const MOST_OPEN: usize = 16;

/// The listings that are under way.
#[derive(Default)]
pub(crate) struct Listings(Mutex<Open>);

#[derive(Default)]
struct Open {
    next: u64,
    listings: HashMap<u64, Arc<tokio::sync::Mutex<Listing>>>,
}

/// How far a listing has come.
struct Listing {
    kind: Kind,
    page: u32,
    /// The `startIndex` of the next page; `None` for the first, which needs none.
    start: Option<u64>,
    cursor: Option<String>,
    /// Hashes of the ids seen, so that a million of them stay small.
    seen: HashSet<u64>,
    hash: RandomState,
    /// Objects in the first page.
    first: u64,
    total: Option<u64>,
    stale: u32,
    /// A page that counts from 0 has been tried.
    zero_tried: bool,
}

impl Listings {
    fn begin(&self, kind: Kind) -> (u64, Arc<tokio::sync::Mutex<Listing>>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = open.next;
        open.next += 1;
        if open.listings.len() >= MOST_OPEN
            && let Some(oldest) = open.listings.keys().min().copied()
        {
            open.listings.remove(&oldest);
        }
        let listing = Arc::new(tokio::sync::Mutex::new(Listing::new(kind)));
        open.listings.insert(number, Arc::clone(&listing));
        (number, listing)
    }

    fn get(&self, number: u64) -> Option<Arc<tokio::sync::Mutex<Listing>>> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.listings.get(&number).cloned()
    }

    fn end(&self, number: u64) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.listings.remove(&number);
    }
}

impl Scim {
    /// A page. The mark of the next one is `<listing>:<page>`: it can be asked for again after an
    /// error, but not out of turn.
    pub(crate) async fn list_page(
        &self,
        kind: Kind,
        page: Option<&str>,
        attributes: &[String],
    ) -> Result<AccountPage> {
        let lost = || paging(kind, "the place in the list was lost");
        let (number, wanted, listing) = match page {
            None => {
                let (number, listing) = self.listings.begin(kind);
                (number, 0, listing)
            }
            Some(mark) => {
                let (number, wanted) = read_mark(mark).ok_or_else(lost)?;
                (number, wanted, self.listings.get(number).ok_or_else(lost)?)
            }
        };
        let mut listing = listing.lock().await;
        if listing.kind != kind || listing.page != wanted {
            return Err(lost());
        }
        let (accounts, more) = self.next_page(&mut listing, attributes).await?;
        if !more {
            self.listings.end(number);
        }
        let next = more.then(|| format!("{number}:{}", listing.page));
        Ok(AccountPage { accounts, next })
    }

    async fn next_page(&self, listing: &mut Listing, attributes: &[String]) -> Result<(Vec<Account>, bool)> {
        let operation = "listing";
        let kind = listing.kind;
        if listing.page >= MOST_PAGES {
            return Err(paging(kind, &format!("more than {MOST_PAGES} pages")));
        }
        let url = listing.url(self.wire.url(&[collection(kind)])?, self.page_size, self.paging);
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        if listing.is_beyond_the_end(answer.status) {
            return Ok((Vec::new(), false));
        }
        let list = read_list(&answer, operation).map_err(|error| listing.lost_cursor(error))?;
        let wanted = Wanted::new(attributes);
        let accounts = list
            .resources
            .iter()
            .map(|resource| account(resource, &wanted))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| answer.unintelligible(operation, "a resource without an id"))?;
        let used = listing.cursor.clone();
        let new = listing.take(accounts);
        let lessons = &self.capabilities;
        if list
            .total
            .is_some_and(|total| total > list.resources.len() as u64)
        {
            lessons.honest_totals.learn();
        }
        if listing.zero_tried && !new.is_empty() {
            lessons.zero_based.learn();
        }
        let next = match &list.next_cursor {
            Some(cursor) => listing.follow(used.as_deref(), cursor, &list, new.len())?,
            None if used.is_some() => listing.finish(&list, self.ignore_totals)?,
            None => self.turn(listing, &list, new.len())?,
        };
        listing.page += 1;
        Ok((new, next))
    }

    /// Whether an indexed list goes on, and where.
    fn turn(&self, listing: &mut Listing, list: &List, new: usize) -> Result<bool> {
        let received = list.resources.len() as u64;
        let before = listing.total;
        listing.total = list.total.or(before);
        let zero_based = self.capabilities.zero_based.is_known();
        if listing.page == 0 {
            listing.first = received;
        }
        // Objects that went away in the meantime moved the others towards the front: this
        // page is read again from as many places before.
        let moved = match (before, list.total) {
            (Some(before), Some(now)) => before.saturating_sub(now),
            _ => 0,
        };
        let seen = listing.seen.len() as u64;
        let certain = self.capabilities.honest_totals.is_known();
        let all_shown = listing.total == Some(seen) && (certain || received == 0);
        if moved == 0 && (all_shown || received == 0 || new == 0) {
            return self.early_end(listing);
        }
        listing.start = Some(match listing.start {
            None if zero_based => received,
            None => received + 1,
            Some(start) if moved > 0 => start.saturating_sub(moved).max(1),
            Some(start) => start + received,
        });
        Ok(true)
    }

    /// The list seems to be over. Where something is missing, the pages may count from 0.
    fn early_end(&self, listing: &mut Listing) -> Result<bool> {
        let missing = listing
            .total
            .is_some_and(|total| (listing.seen.len() as u64) < total);
        if !missing || self.ignore_totals {
            return Ok(false);
        }
        if !listing.zero_tried && listing.page > 0 && !self.capabilities.zero_based.is_known() {
            listing.zero_tried = true;
            listing.start = Some(listing.first);
            return Ok(true);
        }
        Err(listing.incomplete())
    }
}

impl Listing {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            page: 0,
            start: None,
            cursor: None,
            seen: HashSet::new(),
            hash: RandomState::new(),
            first: 0,
            total: None,
            stale: 0,
            zero_tried: false,
        }
    }

    fn url(&self, mut url: Url, size: usize, paging: Paging) -> Url {
        let mut pairs = Vec::new();
        // Groups are listed without their members, which can be very many.
        if self.kind == Kind::Group {
            pairs.push(("excludedAttributes", "members".to_owned()));
        }
        match (&self.cursor, self.start) {
            (Some(cursor), _) => pairs.push(("cursor", cursor.clone())),
            (None, Some(start)) => pairs.push(("startIndex", start.to_string())),
            (None, None) if paging == Paging::Cursor => pairs.push(("cursor", String::new())),
            (None, None) => {}
        }
        pairs.push(("count", size.to_string()));
        query(&mut url, &pairs);
        url
    }

    /// The accounts that were not there before.
    fn take(&mut self, accounts: Vec<Account>) -> Vec<Account> {
        let (seen, hash) = (&mut self.seen, &self.hash);
        accounts
            .into_iter()
            .filter(|account| seen.insert(hash.hash_one(&account.id)))
            .collect()
    }

    /// Some refuse a page after the last instead of showing it empty; and one that pages by cursor,
    /// has named none and does not count refuses every `startIndex`.
    fn is_beyond_the_end(&self, status: u16) -> bool {
        let all = self.total.is_none_or(|total| self.seen.len() as u64 >= total);
        self.start.is_some() && all && matches!(status, 400 | 404 | 416)
    }

    fn follow(&mut self, used: Option<&str>, cursor: &str, list: &List, new: usize) -> Result<bool> {
        if used == Some(cursor) {
            return Err(paging(self.kind, "a page names itself as the next one"));
        }
        self.stale = if new == 0 && !list.resources.is_empty() {
            self.stale + 1
        } else {
            0
        };
        if self.stale > MOST_STALE {
            return Err(paging(
                self.kind,
                "the pages show the same objects again and again",
            ));
        }
        self.cursor = Some(cursor.to_owned());
        Ok(true)
    }

    /// After the last page of a list by cursor.
    fn finish(&mut self, list: &List, ignore_totals: bool) -> Result<bool> {
        self.total = list.total.or(self.total);
        // Without a cursor the total may be that of the page (RFC 9865 lets it be left out).
        let of_page = self.total == Some(list.resources.len() as u64);
        let missing = self.total.is_some_and(|total| (self.seen.len() as u64) < total);
        if missing && !of_page && !ignore_totals {
            return Err(self.incomplete());
        }
        Ok(false)
    }

    fn incomplete(&self) -> Error {
        let total = self.total.unwrap_or_default();
        let reason = format!(
            "the application says that there are {total}, but shows {} (see the setting `ignore_totals`)",
            self.seen.len()
        );
        paging(self.kind, &reason)
    }

    /// A cursor that has expired is a lost place, not a wrong request (RFC 9865 section 2.2).
    fn lost_cursor(&self, error: Error) -> Error {
        match error {
            Error::Rejected { reason, .. } if self.cursor.is_some() => paging(self.kind, &reason),
            other => other,
        }
    }
}

fn paging(kind: Kind, reason: &str) -> Error {
    Error::Paging {
        kind,
        reason: reason.to_owned(),
    }
}

fn read_mark(mark: &str) -> Option<(u64, u32)> {
    let (number, page) = mark.split_once(':')?;
    Some((number.parse().ok()?, page.parse().ok()?))
}
