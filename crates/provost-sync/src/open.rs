//! A connection made ready: its rules compiled, its target opened.

use crate::{Error, Result};
use provost_connect::{Secret, Secrets, Target, http};
use provost_engine::object::Kind;
use provost_engine::policy::Guard;
use provost_engine::rule::Compiled;
use provost_store::connection::{self, Connection};
use provost_store::secret::{self, Key, Place};
use provost_store::{Db, rule};
use std::sync::Arc;

/// A compiled rule with its key.
pub(crate) struct ActiveRule {
    pub key: i64,
    pub kind: Kind,
    pub name: String,
    pub compiled: Compiled,
    /// Target attributes that the rule writes: what is read when an account is adopted.
    pub attributes: Vec<String>,
}

/// A connection that can be worked with.
#[derive(Clone)]
pub(crate) struct Open {
    pub connection: Arc<Connection>,
    pub rules: Arc<Vec<Arc<ActiveRule>>>,
    pub target: Arc<dyn Target>,
    pub guard: Guard,
}

/// Reads the connection, its rules and its secrets, and opens the target. No request is made.
pub(crate) async fn open(db: &Db, key: &Arc<Key>, http: &http::Factory, connection: i64) -> Result<Open> {
    let key = key.clone();
    let (connection, rules, secrets) = db
        .read(move |tx| {
            let Some(found) = connection::by_key(tx, connection)? else {
                return Err(Error::NoConnection(connection));
            };
            let mut secrets = Secrets::new();
            for (field, _) in secret::fields(tx, "connection", found.key)? {
                let place = Place {
                    table: "connection",
                    owner: found.key,
                    field: &field,
                };
                if let Some(plain) = secret::get(tx, &key, &place)? {
                    secrets.insert(field, Secret::new(plain));
                }
            }
            Ok((found, rule::of_connection(tx, connection)?, secrets))
        })
        .await?;
    let rules = compile(rules)?;
    let target = provost_connect::open(&connection.connector, &connection.settings, &secrets, http)?;
    let guard = serde_json::from_value(connection.guard.clone())
        .map_err(|e| provost_store::Error::Damaged(format!("the guard of {}: {e}", connection.name)))?;
    Ok(Open {
        connection: Arc::new(connection),
        rules: Arc::new(rules),
        target,
        guard,
    })
}

/// Compiles all rules; the errors of all of them are reported at once.
fn compile(stored: Vec<rule::Stored>) -> Result<Vec<Arc<ActiveRule>>> {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for one in stored {
        let attributes = one.rule.mappings.iter().map(|m| m.target.clone()).collect();
        match one.rule.compile() {
            Ok(compiled) => {
                let rule = ActiveRule {
                    key: one.key,
                    kind: one.kind,
                    name: one.name,
                    compiled,
                    attributes,
                };
                rules.push(Arc::new(rule));
            }
            Err(mut found) => errors.append(&mut found),
        }
    }
    if errors.is_empty() {
        Ok(rules)
    } else {
        Err(Error::Rules(errors))
    }
}

impl Open {
    /// The rules for one kind of object, in their order.
    pub fn rules_for(&self, kind: Kind) -> impl Iterator<Item = &Arc<ActiveRule>> {
        self.rules.iter().filter(move |r| r.kind == kind)
    }
}
