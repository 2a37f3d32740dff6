//! A scoping filter in SCIM's own language.

use provost_scim::filter::{self, Filter};
use provost_scim::leniency::{Habits, Leniency};
use provost_scim::schema::{self, ResourceType};
use serde_json::Value as Json;

use crate::expr::Mistake;
use crate::object::Kind;

/// Attributes that are not part of the document the engine sees.
const ABSENT: [&str; 5] = ["id", "meta", "schemas", "groups", "members"];

/// A parsed SCIM filter.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    filter: Filter,
    resource_type: &'static ResourceType,
    /// What to say when the filter keeps somebody out.
    reason: String,
}

impl Condition {
    /// Reads and checks a filter.
    pub(super) fn compile(title: &str, text: &str, object: Kind) -> Result<Self, Mistake> {
        let resource_type = match object {
            Kind::Person => schema::user(),
            Kind::Group => schema::group(),
        };
        let filter = filter::parse(text, resource_type, &Leniency::strict(), &mut Habits::default())
            .map_err(|error| {
                let hint = "write it as in RFC 7644, for example title co \"Sales\" and active eq true; \
                            attributes of an extension of your own go into clauses";
                (error.detail, hint.to_owned())
            })?;
        if let Some(name) = ABSENT.iter().find(|name| filter.asks_about(name)) {
            return Err((
                format!("{name} cannot decide who is meant"),
                "filter by the object's own attributes; for groups, assign them to the connection".to_owned(),
            ));
        }
        Ok(Self {
            reason: format!("{title} needs {filter}"),
            filter,
            resource_type,
        })
    }

    /// What the filter asks for.
    pub(super) fn reason(&self) -> &str {
        &self.reason
    }

    /// What to say when the filter keeps the object out; `None` when it lets it in. A SCIM filter always
    /// has a verdict: a value of another type than asked for does not fit.
    pub(super) fn refusal(&self, document: &Json) -> Option<&str> {
        let fits = self.filter.matches(self.resource_type, document);
        (!fits).then_some(self.reason.as_str())
    }
}
