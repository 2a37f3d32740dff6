//! The connection test: what answers and what it can do, one named step after another, without
//! writing.

use serde_json::Value;

use super::credential::Credential;
use super::lenient::{List, member};
use super::read::read_list;
use super::wire::{Call, query};
use super::{ENTERPRISE, Scim, collection};
use crate::http::{Answer, Origin};
use crate::{Check, Error, Kind, Result};

impl Scim {
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut add = |name, outcome: Result<String>| {
            let good = outcome.is_ok();
            checks.push(Check { name, outcome });
            good
        };
        let reached = add("name resolution", self.resolved().await) && add("TLS", self.protected().await);
        if !reached {
            return checks;
        }
        let people = self.first(Kind::Person).await;
        let go_on = add("token", self.token_taken(&people).await)
            && add(
                "read people",
                people.and_then(|answer| counted(&answer, Kind::Person)),
            );
        if !go_on {
            return checks;
        }
        add("filter", self.filter_tried().await);
        let groups = self.first(Kind::Group).await;
        add(
            "read groups",
            groups.and_then(|answer| counted(&answer, Kind::Group)),
        );
        add("schemas", self.schemas().await);
        add("capabilities", Ok(self.told().await));
        checks
    }

    async fn resolved(&self) -> Result<String> {
        let base = &self.wire.base;
        let found = self.wire.client.resolve(base).await?;
        let host = base.host_str().unwrap_or_default();
        let addresses: Vec<String> = found.iter().take(4).map(ToString::to_string).collect();
        Ok(format!("{host} is at {}", addresses.join(", ")))
    }

    /// A request without the credential: any answer shows that the line is there.
    async fn protected(&self) -> Result<String> {
        let base = &self.wire.base;
        let encrypted = Origin::of(base).is_some_and(|origin| origin.is_https());
        self.wire.client.reach(base).await?;
        Ok(if encrypted {
            "the certificate is trusted and belongs to this host".to_owned()
        } else {
            "the host answers; plain http, as this private network allows".to_owned()
        })
    }

    /// One object of a kind.
    async fn first(&self, kind: Kind) -> Result<Answer> {
        let mut url = self.wire.url(&[collection(kind)])?;
        query(&mut url, &[("count", "1".to_owned())]);
        self.wire.send(&Call::read(url, "listing")).await
    }

    async fn token_taken(&self, people: &Result<Answer>) -> Result<String> {
        let how = match &self.wire.credential {
            Credential::Token(_) => "the token",
            Credential::Fetched(_) => "the token that was fetched",
        };
        self.wire.credential.token().await?;
        match people {
            Ok(answer) if answer.is_success() => Ok(format!("the application takes {how}")),
            Ok(answer) if matches!(answer.status, 401 | 403) => Err(unprivileged(super::failure::failure(
                answer,
                "reading people with this token",
                None,
            ))),
            Err(error @ (Error::Credential { .. } | Error::Redirected { .. })) => Err(error.clone()),
            Ok(_) | Err(_) => Ok(format!("{how} is sent; the next step shows what comes of it")),
        }
    }

    async fn filter_tried(&self) -> Result<String> {
        match self.probe_matching(Kind::Person, "userName").await?.outcome {
            Ok(said) => Ok(said),
            // Everything works without, only slower: this is not a failure of the connection.
            Err(error) => Ok(format!(
                "{error}; everything is read once to find people, which is slower"
            )),
        }
    }

    async fn schemas(&self) -> Result<String> {
        let url = self.wire.url(&["Schemas"])?;
        let answer = self.wire.send(&Call::read(url, "reading the schemas")).await?;
        let list: Option<List> = answer
            .is_success()
            .then(|| read_list(&answer, "reading the schemas").ok())
            .flatten();
        let Some(list) = list else {
            return Ok(
                "the application does not describe its schemas; the usual ones are assumed".to_owned(),
            );
        };
        let knows = |urn: &str| {
            let ids = list.resources.iter().filter_map(|schema| member(schema, "id"));
            ids.filter_map(Value::as_str)
                .any(|id| id.eq_ignore_ascii_case(urn))
        };
        let count = list.resources.len();
        Ok(if knows(ENTERPRISE) {
            format!("{count} schemas, with the enterprise extension (department, manager)")
        } else {
            format!("{count} schemas; the enterprise extension (department, manager) is not among them")
        })
    }

    async fn told(&self) -> String {
        let hints = self.capabilities.hints(&self.wire).await;
        match (hints.told, hints.patch) {
            (false, _) => "the application does not tell what it can do; the usual is assumed".to_owned(),
            (true, Some(false)) => "changes are made by PUT".to_owned(),
            (true, _) => "changes are made by PATCH".to_owned(),
        }
    }
}

/// A token that is known and not allowed belongs to an account of too small a role; the application often says less.
fn unprivileged(error: Error) -> Error {
    match error {
        Error::Forbidden { operation, reason } => Error::Forbidden {
            operation,
            reason: match reason.as_str() {
                "" => "the token's account lacks admin permission".to_owned(),
                reason => format!("the token's account lacks admin permission ({reason})"),
            },
        },
        other => other,
    }
}

fn counted(answer: &Answer, kind: Kind) -> Result<String> {
    let list = read_list(answer, "listing")?;
    let what = crate::error::plural(kind);
    Ok(match list.total {
        Some(total) => format!("{total} {what} can be read"),
        None => format!("{what} can be read"),
    })
}
