//! The connection test: what answers and what it can do, without writing.

use super::read::read_list;
use super::wire::Call;
use super::{Scim, collection};
use crate::{Check, Kind, Result};

impl Scim {
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        let people = self.probe(Kind::Person).await;
        let good = people.is_ok();
        checks.push(Check {
            name: "read people",
            outcome: people,
        });
        if !good {
            return checks;
        }
        checks.push(Check {
            name: "search",
            outcome: self.search().await,
        });
        checks.push(Check {
            name: "read groups",
            outcome: self.probe(Kind::Group).await,
        });
        checks.push(Check {
            name: "capabilities",
            outcome: Ok(self.told().await),
        });
        checks
    }

    async fn probe(&self, kind: Kind) -> Result<String> {
        let operation = "listing";
        let mut url = self.wire.url(&[collection(kind)])?;
        url.query_pairs_mut()
            .append_pair("startIndex", "1")
            .append_pair("count", "1");
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        let list = read_list(&answer, operation)?;
        let what = crate::error::plural(kind);
        Ok(match list.total {
            Some(total) => format!("{total} {what} can be read"),
            None => format!("{what} can be read"),
        })
    }

    /// Asks for a name that nobody has.
    async fn search(&self) -> Result<String> {
        let operation = "searching";
        let nobody = uuid::Uuid::now_v7();
        let mut url = self.wire.url(&[collection(Kind::Person)])?;
        url.query_pairs_mut()
            .append_pair("filter", &format!("userName eq \"{nobody}\""));
        let answer = self.wire.send(&Call::read(url, operation)).await?;
        if matches!(answer.status, 400 | 501) {
            return Ok("filters are refused: everything is read to find one person".to_owned());
        }
        if answer.status == 404 {
            return Ok("people are found by filter".to_owned());
        }
        let list = read_list(&answer, operation)?;
        Ok(if list.resources.is_empty() {
            "people are found by filter".to_owned()
        } else {
            "filters are ignored: everything is read to find one person".to_owned()
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
