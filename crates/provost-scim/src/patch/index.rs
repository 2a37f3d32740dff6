//! Finding the elements of a list that a client names, without walking over the list for each.

use std::collections::BTreeMap;

use serde_json::Value;

use super::element;
use crate::resource::fold;
use crate::schema::Attribute;

/// The elements of one list by what identifies them.
pub(super) struct Index<'a> {
    attribute: &'a Attribute,
    by_value: BTreeMap<String, Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(attribute: &'a Attribute, list: &[Value]) -> Self {
        let mut index = Self {
            attribute,
            by_value: BTreeMap::new(),
        };
        for (position, element) in list.iter().enumerate() {
            index.insert(element, position);
        }
        index
    }

    pub(super) fn insert(&mut self, element: &Value, position: usize) {
        if let Some(key) = key(element) {
            self.by_value.entry(key).or_default().push(position);
        }
    }

    /// The positions of the elements of `list` that `named` names. One without a `value` is compared with
    /// every element.
    pub(super) fn named(&self, list: &[Value], named: &Value) -> Vec<usize> {
        let is_named = |position: &usize| {
            list.get(*position)
                .is_some_and(|there| element::is_named(self.attribute, there, named))
        };
        match key(named) {
            Some(key) => {
                let candidates = self.by_value.get(&key).map_or(&[][..], Vec::as_slice);
                candidates.iter().copied().filter(is_named).collect()
            }
            None => (0..list.len()).filter(is_named).collect(),
        }
    }
}

/// Equal for all that could be the same value; whether it is the same is decided on the element.
fn key(element: &Value) -> Option<String> {
    let value = match element {
        Value::Object(parts) => parts.get("value")?,
        simple => simple,
    };
    Some(match value {
        Value::String(text) => fold(text),
        other => other.to_string(),
    })
}
