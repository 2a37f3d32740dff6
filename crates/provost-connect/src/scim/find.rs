//! Finding accounts by attribute. A filter's answer counts only as far as it fits the question.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::failure::failure;
use super::lenient::member;
use super::path::Path;
use super::read::{matching, read_list};
use super::record::{at, same};
use super::wire::{Call, query};
use super::{Scim, collection};
use crate::{Account, Check, Error, Kind, Result};

/// Attributes that compare exactly.
pub(crate) const EXACT: [&str; 2] = ["id", "externalId"];
/// Looks at an application with nobody to try a filter on, before its answers are believed.
const MOST_DOUBTS: u32 = 3;
/// Searches in vain after which reading everything is considered.
const FIRST_LOOK: u32 = 16;

/// What is known about searching.
#[derive(Default)]
pub(crate) struct Searches(Mutex<HashMap<(Kind, String), Search>>);

/// What is known about searching by one attribute.
#[derive(Debug, Clone, Copy, Default)]
struct Search {
    trust: Trust,
    /// Which form of the filter the application takes.
    form: usize,
    doubts: u32,
    misses: u32,
    /// Misses at which the size of the application is looked at (again).
    look_at: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Trust {
    /// An empty answer may mean anything.
    #[default]
    Unknown,
    /// An account that is there was found, whatever the letter case.
    Good,
    /// It was found by the exact letter case only.
    Exact,
    /// Refused, ignored, or always empty.
    Useless,
}

/// What a filter query brought.
enum Filtered {
    Found(Vec<Account>),
    Empty,
    /// Refused in this form, with what the application says.
    Refused(Error),
    /// The answer does not fit the question.
    Ignored,
}

impl Searches {
    fn get(&self, kind: Kind, attribute: &str) -> Search {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(kind, attribute.to_owned()))
            .copied()
            .unwrap_or_default()
    }

    fn learn(&self, kind: Kind, attribute: &str, change: impl FnOnce(&mut Search)) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(known.entry((kind, attribute.to_owned())).or_default());
    }

    /// The attributes that were asked for.
    pub(crate) fn attributes(&self, kind: Kind) -> BTreeSet<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = known.keys().filter(|(of, _)| *of == kind);
        asked.map(|(_, attribute)| attribute.clone()).collect()
    }
}

impl Scim {
    /// Accounts by attribute: by filter where the application can, else out of the index.
    pub(crate) async fn find_by(&self, kind: Kind, attribute: &str, value: &Value) -> Result<Vec<Account>> {
        if attribute == "id" {
            let id = value.as_str().unwrap_or_default();
            return Ok(self.get_by_id(kind, id, &[]).await?.into_iter().collect());
        }
        let path = Path::parse(attribute)?;
        if self.indexes.holds(kind, attribute) || self.filters == Some(false) {
            return self.indexed(kind, attribute, value).await;
        }
        match self.by_filter(kind, attribute, &path, value).await? {
            Some(found) if found.is_empty() => {
                if self.is_worth_an_index(kind, attribute).await? {
                    return self.indexed(kind, attribute, value).await;
                }
                Ok(found)
            }
            Some(found) => Ok(found),
            None => self.indexed(kind, attribute, value).await,
        }
    }

    /// Accounts by filter; `None` when the application's answer proves nothing.
    pub(crate) async fn by_filter(
        &self,
        kind: Kind,
        attribute: &str,
        path: &Path,
        value: &Value,
    ) -> Result<Option<Vec<Account>>> {
        let known = self.searches.get(kind, attribute);
        if known.trust == Trust::Useless || self.filters == Some(false) {
            return Ok(None);
        }
        for (form, filter) in path.equals(value).into_iter().enumerate().skip(known.form) {
            match self.filter(kind, attribute, path, value, &filter).await? {
                Filtered::Found(found) => {
                    self.searches.learn(kind, attribute, |search| search.form = form);
                    return Ok(Some(found));
                }
                Filtered::Empty => {
                    self.searches.learn(kind, attribute, |search| search.form = form);
                    let trust = self.trust(kind, attribute, path, form).await?;
                    let proves = matches!(trust, Trust::Good | Trust::Unknown);
                    return Ok(proves.then(Vec::new));
                }
                Filtered::Refused(_) => {}
                Filtered::Ignored => {
                    tracing::warn!(attribute, "the application ignores filters; reading everything");
                    break;
                }
            }
        }
        self.searches
            .learn(kind, attribute, |search| search.trust = Trust::Useless);
        Ok(None)
    }

    async fn filter(
        &self,
        kind: Kind,
        attribute: &str,
        path: &Path,
        value: &Value,
        filter: &str,
    ) -> Result<Filtered> {
        let operation = "searching";
        let mut url = self.wire.url(&[collection(kind)])?;
        let mut pairs = vec![("filter", filter.to_owned())];
        if kind == Kind::Group {
            pairs.push(("excludedAttributes", "members".to_owned()));
        }
        query(&mut url, &pairs);
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        match answer.status {
            // Some answer 404 instead of an empty list.
            404 if answer.try_json().is_some() => return Ok(Filtered::Empty),
            400 | 403 | 405 | 422 | 501 if answer.try_json().is_some() => {
                return Ok(Filtered::Refused(failure(&answer, operation, None)));
            }
            _ => {}
        }
        let list = read_list(&answer, operation)?;
        let found = matching(&list.resources, attribute, path, value);
        // A plain form of the question also finds other elements with the same value.
        let about = |resource: &Map<String, Value>| mentions(resource, path, value);
        if found.is_empty() && !list.resources.is_empty() && list.resources.iter().all(about) {
            return Ok(Filtered::Empty);
        }
        Ok(match (found.is_empty(), list.resources.is_empty()) {
            (false, _) => Filtered::Found(found),
            (true, true) => Filtered::Empty,
            // One that filters by a part of the question shows others besides; one that ignores the
            // question shows anybody.
            (true, false) => Filtered::Ignored,
        })
    }

    /// Asks for a value that nobody has. The answer must be empty, and a person who is there must be
    /// found by the same question.
    pub(crate) async fn probe_matching(&self, kind: Kind, attribute: &str) -> Result<Check> {
        let what = crate::error::plural(kind);
        let named = |outcome| Check {
            name: "matching",
            outcome,
        };
        let operation = format!("filtering {what} by `{attribute}`");
        let path = match Path::parse(attribute) {
            Ok(path) => path,
            Err(error) => return Ok(named(Err(error))),
        };
        let nobody = Value::from(uuid::Uuid::now_v7().to_string());
        let mut refused = Error::Unsupported {
            operation: operation.clone(),
        };
        for (form, filter) in path.equals(&nobody).into_iter().enumerate() {
            match self.filter(kind, attribute, &path, &nobody, &filter).await? {
                Filtered::Empty => {
                    let trust = self.trust(kind, attribute, &path, form).await?;
                    return Ok(named(believed(trust, kind, attribute)));
                }
                Filtered::Refused(error) => refused = error,
                Filtered::Found(_) | Filtered::Ignored => {
                    refused = Error::Unsupported {
                        operation: format!("{operation}: it answers with others than those asked for"),
                    };
                    break;
                }
            }
        }
        Ok(named(Err(refused)))
    }

    /// Whether an empty answer can be believed: an account that is there must be found.
    async fn trust(&self, kind: Kind, attribute: &str, path: &Path, form: usize) -> Result<Trust> {
        let known = self.searches.get(kind, attribute);
        let believed = self.filters == Some(true) || known.doubts >= MOST_DOUBTS;
        if known.trust != Trust::Unknown || believed {
            return Ok(known.trust);
        }
        let Some(there) = self.somebody(kind, path).await? else {
            self.searches.learn(kind, attribute, |search| search.doubts += 1);
            return Ok(Trust::Unknown);
        };
        let mut trust = Trust::Useless;
        if self.finds(kind, attribute, path, &there, form).await? {
            let other = turned(&there).filter(|_| !EXACT.contains(&attribute));
            trust = match other {
                Some(other) if !self.finds(kind, attribute, path, &other, form).await? => Trust::Exact,
                _ => Trust::Good,
            };
        }
        if trust != Trust::Good {
            tracing::warn!(
                attribute,
                ?trust,
                "the application does not find everybody; reading everything"
            );
        }
        self.searches
            .learn(kind, attribute, |search| search.trust = trust);
        Ok(trust)
    }

    async fn finds(
        &self,
        kind: Kind,
        attribute: &str,
        path: &Path,
        value: &Value,
        form: usize,
    ) -> Result<bool> {
        let Some(filter) = path.equals(value).into_iter().nth(form) else {
            return Ok(false);
        };
        let found = self.filter(kind, attribute, path, value, &filter).await?;
        Ok(matches!(found, Filtered::Found(_)))
    }

    /// The value of an object that is there.
    async fn somebody(&self, kind: Kind, path: &Path) -> Result<Option<Value>> {
        let list = self.glance(kind, "5").await?;
        let values = list.resources.iter().filter(|r| member(r, "id").is_some());
        let mut texts = values.filter_map(|resource| at(resource, path));
        Ok(texts.find(|value| value.as_str().is_some_and(|text| !text.trim().is_empty())))
    }

    /// The first objects, and how many there are.
    async fn glance(&self, kind: Kind, count: &str) -> Result<super::lenient::List> {
        let operation = "listing";
        let mut url = self.wire.url(&[collection(kind)])?;
        let mut pairs = vec![("count", count.to_owned())];
        if kind == Kind::Group {
            pairs.push(("excludedAttributes", "members".to_owned()));
        }
        query(&mut url, &pairs);
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        read_list(&answer, operation)
    }

    /// Whether so many searches were in vain that one listing costs less than they did. An initial
    /// cycle asks for everybody, and mostly in vain.
    async fn is_worth_an_index(&self, kind: Kind, attribute: &str) -> Result<bool> {
        let mut due = None;
        self.searches.learn(kind, attribute, |search| {
            search.misses += 1;
            let look_at = search.look_at.max(FIRST_LOOK);
            if search.misses >= look_at {
                search.look_at = look_at.saturating_mul(2);
                due = Some(search.misses);
            }
        });
        let Some(misses) = due.filter(|_| self.filters.is_none()) else {
            return Ok(false);
        };
        let total = self.glance(kind, "1").await?.total;
        Ok(total.is_some_and(|total| total / (self.page_size as u64) < u64::from(misses)))
    }
}

/// What an empty answer to a question about nobody is worth.
fn believed(trust: Trust, kind: Kind, attribute: &str) -> Result<String> {
    let what = crate::error::plural(kind);
    match trust {
        Trust::Good => Ok(format!("{what} are found by `{attribute}`")),
        Trust::Unknown => Ok(format!(
            "`{attribute}` can be filtered by; there is nobody with it yet to try whether {what} are found"
        )),
        Trust::Exact => Ok(format!(
            "{what} are found by `{attribute}` only in the exact letter case; all of them are read to find the others"
        )),
        Trust::Useless => Err(Error::Unsupported {
            operation: format!("filtering {what} by `{attribute}`: it does not find those who are there"),
        }),
    }
}

/// Whether any element of the attribute has the value.
fn mentions(resource: &Map<String, Value>, path: &Path, value: &Value) -> bool {
    let Some(Value::Array(elements)) = at(resource, &path.whole()) else {
        return false;
    };
    let sub = path.sub.as_deref().unwrap_or("value");
    let mut elements = elements.iter().filter_map(Value::as_object);
    !path.terms.is_empty() && elements.any(|e| member(e, sub).is_some_and(|found| same(found, value)))
}

/// The same text in other letter case; `None` when it has no letters.
fn turned(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let other: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    (other != text).then(|| Value::from(other))
}
