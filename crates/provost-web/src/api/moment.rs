//! Times as the interface shows them.

use super::problem::{Problem, Result};
use provost_scim::resource::rfc3339;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A time, shown in RFC 3339 with milliseconds, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(i64);

impl Moment {
    /// A time in milliseconds since 1970.
    pub fn at(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// The same, where 0 stands for never.
    pub fn after_all(milliseconds: i64) -> Option<Self> {
        (milliseconds != 0).then_some(Self(milliseconds))
    }

    /// Reads a parameter or a field; in milliseconds since 1970.
    ///
    /// # Errors
    /// 400 for what is no time of RFC 3339.
    pub fn read(name: &str, text: Option<&str>) -> Result<Option<i64>> {
        let Some(text) = text else {
            return Ok(None);
        };
        let read: std::result::Result<jiff::Timestamp, _> = text.parse();
        read.map(|at| Some(at.as_millisecond())).map_err(|_| {
            let hint = "Write it as in RFC 3339: 2027-01-31T12:00:00Z.";
            Problem::request(format!("`{name}` is no time of RFC 3339"), hint)
        })
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}
