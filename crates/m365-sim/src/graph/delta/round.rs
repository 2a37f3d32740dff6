//! What a delta token remembers.

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::directory::{Kind, Serial};
use crate::error::{Error, Result};
use crate::query::Selection;
use crate::query::filter::{self, Filter, Literal, Op};
use crate::schema;

const MAX_FILTERED: usize = 50;

/// A round: what is asked for, and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Round {
    pub kind: Kind,
    /// Tokens of another epoch are void.
    pub epoch: u64,
    pub issued: i64,
    /// `$select` of the first call, relations included; fixed from then on.
    pub select: Option<Vec<String>>,
    /// Only these objects. Empty: all.
    pub ids: Vec<String>,
    pub at: At,
}

/// How far a round has come.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum At {
    /// The first round: objects after this one are to come, after the rest of its members.
    All {
        after: Serial,
        /// Members of the object `after` up to this one have been told.
        member_after: Option<Serial>,
        /// Where the log ended when the round began.
        begun: usize,
    },
    /// A later round: the log from this position on is to come.
    Since(usize),
}

impl Round {
    /// The first round by the options of a request.
    ///
    /// # Errors
    /// 400 for unknown properties and for options that delta does not have.
    pub(super) fn first(call: &Call<'_>, kind: Kind) -> Result<Round> {
        for option in ["expand", "orderby", "search"] {
            if call.request.option(option).is_some() {
                return Err(Error::unsupported_query(format!(
                    "${option} is not supported with delta."
                )));
            }
        }
        let begun = call.directory().log().end();
        Ok(Round {
            kind,
            epoch: call.directory().delta_epoch(),
            issued: call.now,
            select: call
                .request
                .option("select")
                .map(|text| select(text, kind))
                .transpose()?,
            ids: call
                .request
                .option("filter")
                .map(ids)
                .transpose()?
                .unwrap_or_default(),
            at: At::All {
                after: 0,
                member_after: None,
                begun,
            },
        })
    }

    /// Whether a relation is followed. Without `$select`, members of groups are.
    pub(super) fn follows(&self, relation: &str) -> bool {
        match &self.select {
            Some(names) => names.iter().any(|name| name == relation),
            None => relation == "members",
        }
    }

    /// The properties that are followed.
    pub(super) fn properties(&self) -> Selection {
        let own = |name: &&String| !schema::relations(self.kind).contains(&name.as_str());
        match &self.select {
            Some(names) => Selection::Names(names.iter().filter(own).cloned().collect()),
            None => Selection::Default,
        }
    }

    pub(super) fn wants(&self, id: &str) -> bool {
        self.ids.is_empty() || self.ids.iter().any(|wanted| wanted.eq_ignore_ascii_case(id))
    }
}

fn select(text: &str, kind: Kind) -> Result<Vec<String>> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| match schema::property(kind, name) {
            Some(property) => Ok(property.name.to_owned()),
            None if schema::relations(kind).contains(&name) || name.starts_with("extension_") => Ok(name.to_owned()),
            None => Err(Error::malformed(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                kind.type_name()
            ))),
        })
        .collect()
}

/// The only filter that delta has: `id eq '…' or id eq '…'`.
fn ids(text: &str) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    collect(&filter::parse(text)?, &mut ids)?;
    if ids.len() > MAX_FILTERED {
        return Err(Error::unsupported_query(format!(
            "At most {MAX_FILTERED} ids can be followed."
        )));
    }
    Ok(ids)
}

fn collect(filter: &Filter, ids: &mut Vec<String>) -> Result<()> {
    match filter {
        Filter::Or(left, right) => {
            collect(left, ids)?;
            collect(right, ids)
        }
        Filter::Compare {
            path,
            op: Op::Eq,
            value: Literal::Text(id),
        } if path == "id" => {
            ids.push(id.clone());
            Ok(())
        }
        _ => Err(Error::unsupported_query("Delta can be filtered by id only.")),
    }
}
