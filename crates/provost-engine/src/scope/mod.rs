//! Scoping filters: who a rule is meant for.
//!
//! Filters are alternatives (OR), the clauses of a filter must all hold (AND); no filter means
//! everybody. Operators and their treatment of missing values follow the Entra documentation "Scoping
//! users or groups with scoping filters". Of a multi-valued attribute one value must satisfy a positive
//! operator; a negated operator must hold for every value.

mod compile;
mod operator;
mod scim;

pub use compile::Condition;
pub use operator::Operator;

pub(crate) use compile::{CompiledScope, ScopeFailure};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who a rule is meant for.
#[derive(Serialize, Deserialize, Debug, Default, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Alternatives; empty means everybody.
    #[serde(default)]
    pub filters: Vec<Filter>,
}

/// Clauses that must all hold, or a SCIM filter in their place.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The filter's name, shown when it keeps somebody out.
    #[serde(default)]
    pub name: String,
    /// The clauses; at least one, unless there is a SCIM filter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
    /// A filter in the language of RFC 7644 section 3.4.2.2, such as
    /// `title co "Sales" or emails[type eq "work"]`, instead of clauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scim: Option<String>,
}

/// One condition on one attribute.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// The attribute's path, as in a direct mapping.
    pub attribute: String,
    /// The comparison.
    pub operator: Operator,
    /// What it is compared with: text, number, boolean, or a list of these of which any may fit.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// How several values of the attribute count. Without it one is enough for a positive operator, and a
    /// negated one must hold for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multivalued: Option<Multivalued>,
}

/// How the values of a multi-valued attribute count in a clause.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Multivalued {
    /// One value that satisfies the operator is enough.
    Any,
    /// Every value must satisfy the operator.
    All,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
