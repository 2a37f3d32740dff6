//! The one JSON reader. It refuses what two readers might understand differently.

mod names;

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{Error, Result};
use names::Names;

/// Arrays and objects may stand this deep in each other. SCIM itself needs five.
pub const MAX_DEPTH: usize = 32;

/// Reads a JSON text. Time and memory are linear in its length.
///
/// # Errors
/// 400 `invalidSyntax`, with line and column, for what RFC 8259 does not allow, and for what it leaves
/// open and attackers use: a key that stands twice in one object, also when only the letter case differs
/// (SCIM names have none); more than [`MAX_DEPTH`] levels; anything after the value; a byte order mark.
/// 400 `invalidValue` for the character U+0000, which not every database can hold.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Err(Error::invalid_syntax(
            "the body starts with a byte order mark at line 1 column 1: send UTF-8 without one",
        ));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid_syntax(
            "the body is empty: a JSON value is expected at line 1 column 1",
        ));
    }
    let nul = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    // U+0000 comes in by an escape only: bare, it is not JSON. Most bodies have no escape at all.
    let escapes = bytes.contains(&b'\\');
    let seed = Reader {
        depth: MAX_DEPTH,
        escapes,
        nul: &nul,
    };
    seed.deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| {
            if nul.get() {
                Error::invalid_value(format!("the body holds a value that cannot be kept: {error}"))
            } else {
                Error::invalid_syntax(format!("the body is not acceptable JSON: {error}"))
            }
        })
}

/// Reads one value. `depth` is how many more levels may open; `escapes` whether a text may hold U+0000;
/// `nul` tells the caller why reading ended, because the reader's own errors carry a sentence only.
#[derive(Clone, Copy)]
struct Reader<'a> {
    depth: usize,
    escapes: bool,
    nul: &'a Cell<bool>,
}

impl Reader<'_> {
    fn inside<E: serde::de::Error>(self) -> std::result::Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom(format_args!("more than {MAX_DEPTH} levels of nesting"))),
        }
    }

    fn clean<E: serde::de::Error>(self, text: &str) -> std::result::Result<(), E> {
        if self.escapes && text.as_bytes().contains(&0) {
            self.nul.set(true);
            return Err(E::custom("the character U+0000 stands in a text"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<Value, E> {
        self.clean(text)?;
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut map = Map::new();
        let mut names = Names::default();
        while let Some(key) = entries.next_key::<String>()? {
            self.clean(&key)?;
            if let Some(first) = names.clash(&map, &key) {
                return Err(A::Error::custom(clash_sentence(&first, &key)));
            }
            map.insert(key, entries.next_value_seed(inside)?);
        }
        Ok(Value::Object(map))
    }
}

fn clash_sentence(first: &str, second: &str) -> String {
    let short = |name: &str| name.chars().take(60).collect::<String>();
    if first == second {
        format!("the key \"{}\" stands twice in one object", short(first))
    } else {
        format!(
            "the keys \"{}\" and \"{}\" of one object differ in letter case only",
            short(first),
            short(second)
        )
    }
}

#[cfg(test)]
mod tests;
