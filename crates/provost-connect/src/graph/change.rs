//! What changed since it was last read: delta queries.
//!
//! Source: Microsoft Graph, "Use delta query to track changes in Microsoft Graph data" and its
//! pages about users and groups.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::read::{always, success};
use super::wire::Manner;
use super::{Graph, odata, record};
use crate::{Account, ChangePage, Error, Kind, Member, MembersChanged, Record, Removal, Result, Then};

const READING: &str = "reading changes";
/// Pages of one round. A round of a million objects has some ten thousand; one that has more has
/// been seen to go in circles.
const MOST_PAGES: u32 = 50_000;

/// Where a round is. Handed out as text, and opaque to whoever keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// The link to follow, whole and unchanged.
    link: String,
    /// Pages of this round so far.
    pages: u32,
    /// Whether it is a round after the first, which may ask for what changed only.
    later: bool,
    /// The properties that the first call asked for: a token tracks no others.
    select: String,
}

impl Graph {
    pub(crate) async fn change_page(
        &self,
        kind: Kind,
        place: Option<&str>,
        attributes: &[String],
    ) -> Result<ChangePage> {
        let select = select(kind, attributes);
        let place = match place {
            None => self.beginning(kind, &select)?,
            Some(place) => match serde_json::from_str::<Place>(place) {
                Ok(place) if place.select == select => place,
                // Other attributes are asked for, or it is no place of ours: the token is no use.
                _ => return Ok(restart()),
            },
        };
        let url = self.link(kind, &place.link)?;
        let manner = Manner {
            low: true,
            prefer: place.later.then_some("return=minimal"),
        };
        let exchange = self.wire.read_page(&url, READING, manner).await?;
        let asked_anew = place.pages == 0 && !place.later;
        if !asked_anew && exchange.lost_its_round() {
            return Ok(restart());
        }
        if asked_anew && matches!(exchange.status, 400 | 410) && exchange.says_resync() {
            return Err(paging(
                kind,
                "the target wants the round of changes to begin anew at once",
            ));
        }
        let body = success(&exchange, READING)?;
        let Some(entries) = body["value"].as_array() else {
            return Err(paging(kind, "a page of changes has no list"));
        };
        let then = self.then(kind, &place, &url, body)?;
        let mut page = merge(kind, entries, attributes)?;
        page.then = then;
        Ok(page)
    }

    fn beginning(&self, kind: Kind, select: &str) -> Result<Place> {
        let path = format!("{}/delta?$select={select}", odata::collection(kind));
        Ok(Place {
            link: self.wire.url(&path)?.into(),
            pages: 0,
            later: false,
            select: select.to_owned(),
        })
    }

    fn then(&self, kind: Kind, place: &Place, url: &Url, body: &Value) -> Result<Then> {
        let link = |name: &str| body[name].as_str().map(|link| self.link(kind, link));
        let pages = place.pages + 1;
        if let Some(next) = link("@odata.nextLink").transpose()? {
            if next == *url || pages >= MOST_PAGES {
                return Err(paging(kind, "the round of changes does not come to an end"));
            }
            return Ok(Then::Page(written(&Place {
                link: next.into(),
                pages,
                ..place.clone()
            })?));
        }
        let Some(delta) = link("@odata.deltaLink").transpose()? else {
            return Err(paging(
                kind,
                "a page of changes has neither a next one nor an end",
            ));
        };
        Ok(Then::End(written(&Place {
            link: delta.into(),
            pages: 0,
            later: true,
            ..place.clone()
        })?))
    }
}

fn select(kind: Kind, attributes: &[String]) -> String {
    let mut select = odata::select(attributes, always(kind));
    match kind {
        Kind::Person if attributes.iter().any(|name| name == "manager") => select.push_str(",manager"),
        Kind::Person => {}
        Kind::Group => select.push_str(",members"),
    }
    select
}

fn written(place: &Place) -> Result<String> {
    serde_json::to_string(place).map_err(|error| Error::Local {
        reason: format!("a place among changes cannot be written down: {error}"),
    })
}

fn restart() -> ChangePage {
    ChangePage {
        changed: Vec::new(),
        removed: Vec::new(),
        members: Vec::new(),
        then: Then::Restart,
    }
}

fn paging(kind: Kind, reason: &str) -> Error {
    Error::Paging {
        kind,
        reason: reason.to_owned(),
    }
}

/// What a page says of one object in the end.
#[derive(Default)]
struct Told {
    /// Attributes that are known; cleared ones are null.
    record: Record,
    enabled: Option<bool>,
    /// Whether anything but members was told.
    itself: bool,
    removed: Option<bool>,
    members: BTreeMap<String, (Member, bool)>,
}

/// Entries by object: a large group comes in many, any object may come twice. What is told later
/// counts.
fn merge(kind: Kind, entries: &[Value], attributes: &[String]) -> Result<ChangePage> {
    let mut order: Vec<&str> = Vec::new();
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    for entry in entries {
        let Some(id) = entry["id"].as_str() else {
            return Err(paging(kind, "a change names no object"));
        };
        let told = match told.entry(id) {
            Entry::Vacant(vacant) => {
                order.push(id);
                vacant.insert(Told::default())
            }
            Entry::Occupied(known) => known.into_mut(),
        };
        told.hear(entry, attributes);
    }
    let mut page = restart();
    for id in order {
        if let Some(told) = told.remove(id) {
            told.into_page(id, &mut page);
        }
    }
    Ok(page)
}

impl Told {
    fn hear(&mut self, entry: &Value, attributes: &[String]) {
        if let Some(removed) = entry.get("@removed") {
            *self = Self {
                removed: Some(removed["reason"] == "changed"),
                ..Self::default()
            };
            return;
        }
        self.removed = None;
        let members = entry["members@delta"].as_array();
        for link in members.into_iter().flatten() {
            if let Some((member, there)) = linked(link) {
                self.members.insert(member.id.clone(), (member, there));
            }
        }
        let before = self.record.len();
        for path in attributes {
            if let Some(value) = known(entry, path) {
                self.record.insert(path.clone(), value);
            }
        }
        let enabled = entry["accountEnabled"].as_bool();
        self.enabled = enabled.or(self.enabled);
        self.itself |= members.is_none() || self.record.len() > before || enabled.is_some();
    }

    fn into_page(self, id: &str, page: &mut ChangePage) {
        if let Some(restorable) = self.removed {
            page.removed.push(Removal {
                id: id.to_owned(),
                restorable,
            });
            return;
        }
        if !self.members.is_empty() {
            let (added, removed): (Vec<_>, Vec<_>) =
                self.members.into_values().partition(|(_, there)| *there);
            page.members.push(MembersChanged {
                group: id.to_owned(),
                added: added.into_iter().map(|(member, _)| member).collect(),
                removed: removed.into_iter().map(|(member, _)| member).collect(),
            });
        }
        if self.itself {
            page.changed.push(Account {
                id: id.to_owned(),
                record: self.record,
                enabled: self.enabled,
            });
        }
    }
}

/// What an entry says of an attribute: a value, null, or nothing. Null for a whole object is null
/// for what is inside it.
fn known(entry: &Value, path: &str) -> Option<Value> {
    if path == "manager" {
        let links = entry["manager@delta"].as_array()?;
        let there = links.iter().filter_map(linked).rfind(|(_, there)| *there);
        return Some(there.map_or(Value::Null, |(manager, _)| Value::String(manager.id)));
    }
    if let Some(value) = record::at(entry, path) {
        return Some(value.clone());
    }
    let (top, _) = path.split_once('.')?;
    // An object comes whole: what is not in it has no value.
    entry.get(top).map(|_| Value::Null)
}

/// The object at the other end of a link, and whether it came (or went).
fn linked(link: &Value) -> Option<(Member, bool)> {
    let member = super::read::member(link)?;
    Some((member, link.get("@removed").is_none()))
}

#[cfg(test)]
mod tests;
