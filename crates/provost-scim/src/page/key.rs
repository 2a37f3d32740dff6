//! Sort keys: what a resource is ordered by, detached from the resource, so that a page can continue after
//! a key that was remembered.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::filter::instant;
use crate::resource::folded;
use crate::schema::{Attribute, AttributeType};

/// Longest text that takes part in an order, in characters. What is equal up to there is ordered by `id`.
/// A remembered key travels in a cursor, which has to fit into an address.
const MAX_TEXT: usize = 256;

/// What one resource is ordered by. Keys of different attributes are not worth comparing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SortKey(Key);

/// What is compared. No value is the greatest: last when ascending, first when descending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    #[serde(rename = "b")]
    Boolean(bool),
    #[serde(rename = "n")]
    Number(Total),
    #[serde(rename = "i")]
    Instant(Timestamp),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "-")]
    Nothing,
}

impl SortKey {
    /// The key of a resource that has no value.
    pub(super) const NOTHING: Self = Self(Key::Nothing);

    /// The key of a value of `attribute`.
    pub(super) fn of(attribute: &Attribute, value: &Value) -> Self {
        Self(match (attribute.kind, value) {
            (AttributeType::DateTime, Value::String(text)) => {
                instant(text).map_or(Key::Nothing, Key::Instant)
            }
            (_, Value::String(text)) if attribute.case_exact => Key::Text(beginning(text)),
            (_, Value::String(text)) => Key::Text(beginning(&folded(text))),
            (_, Value::Bool(value)) => Key::Boolean(*value),
            (_, Value::Number(number)) => Total::of(number).map_or(Key::Nothing, Key::Number),
            _ => Key::Nothing,
        })
    }

    /// Whether the resource had no value.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0 == Key::Nothing
    }
}

fn beginning(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => text.get(..end).unwrap_or(text).to_owned(),
        None => text.to_owned(),
    }
}

/// A number as the bits of its floating point form: JSON's decimal digits do not always come back as the
/// number that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Total(u64);

impl Total {
    fn of(number: &Number) -> Option<Self> {
        // Adding zero makes the two zeros one.
        number.as_f64().map(|value| Self((value + 0.0).to_bits()))
    }

    fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Total {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value().total_cmp(&other.value())
    }
}
