//! The groups of an account, and those that it owns.

use serde_json::Value;

use super::read::success;
use super::step::{self, Step};
use super::{Graph, odata};
use crate::{Kind, Result};

const GROUPS: &str = "reading the groups of the account";
const OWNERS: &str = "reading the owners of a group";

impl Graph {
    /// Ids of the groups that a person is a direct member of. The cast to groups would be answered
    /// from an index that lags behind, so everything is read and groups are picked out.
    pub(crate) async fn direct_groups(&self, id: &str) -> Result<Vec<String>> {
        let url = self.wire.url(&member_of(id))?;
        let first = self.wire.read(&url, GROUPS, false).await?;
        if first.status == 404 {
            return Err(first.failure(GROUPS, Some(&(Kind::Person, id.to_owned()))));
        }
        let all = self.to_its_end(&first, GROUPS).await?;
        Ok(ids(&all, "#microsoft.graph.group"))
    }

    /// Ids of the groups that a person owns, as far as the person is a member of them too: Graph's
    /// list of owned objects is not in our contract, and a list of all groups with their owners
    /// would be a read of the whole tenant for one person.
    pub(crate) async fn groups_owned(&self, id: &str) -> Result<Vec<String>> {
        let groups = self.direct_groups(id).await?;
        let steps: Vec<Step> = groups.iter().map(|group| owners_of(group)).collect();
        let mut owned = Vec::new();
        for (group, answer) in groups.into_iter().zip(self.look(&steps).await) {
            let answer = answer?;
            // Gone since, or not ours to see: nothing to hand over.
            if matches!(answer.status, 403 | 404) {
                continue;
            }
            let owners = match success(&answer, OWNERS)? {
                body if body["@odata.nextLink"].is_string() => self.to_its_end(&answer, OWNERS).await?,
                body => body["value"].as_array().cloned().unwrap_or_default(),
            };
            if owners.iter().any(|owner| owner["id"] == id) {
                owned.push(group);
            }
        }
        Ok(owned)
    }

    pub(crate) async fn change_owner(&self, group: &str, id: &str, owns: bool) -> Result<()> {
        let step = step::set_owner(group, id, owns)?;
        self.run_one(vec![step]).await.map(drop)
    }
}

/// Everything that a person is a direct member of.
pub(crate) fn member_of(id: &str) -> String {
    let person = odata::object(Kind::Person, id);
    format!("{person}/memberOf?$select=id,displayName&$top=999")
}

fn owners_of(group: &str) -> Step {
    let path = format!("{}?$select=id&$top=999", odata::owners(group));
    Step::look(path, OWNERS, group)
}

fn ids(objects: &[Value], wanted: &str) -> Vec<String> {
    objects
        .iter()
        .filter(|object| object["@odata.type"] == wanted)
        .filter_map(|object| object["id"].as_str())
        .map(str::to_owned)
        .collect()
}
