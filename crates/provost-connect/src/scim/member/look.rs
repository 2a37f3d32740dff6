//! Looking at a group after its members were changed: whether it shows them at all, and whether it
//! still has those that it had.

use std::collections::HashSet;

use super::ids_of;
use crate::scim::Scim;
use crate::scim::lenient::member;
use crate::{Error, Kind, Result};

impl Scim {
    /// The members before a change, when they are to be compared.
    pub(super) async fn members_before(&self, group: &str) -> Result<Option<HashSet<String>>> {
        if !self.read_back || self.capabilities.members_shown.get() == Some(false) {
            return Ok(None);
        }
        let (resource, _) = self.resource(Kind::Group, group, "reading the group").await?;
        Ok(Some(ids_of(&resource).unwrap_or_default()))
    }

    /// Compares the members with what they should be. Some answer a request with an unknown member
    /// with success and empty the group: those that it had are put back.
    ///
    /// # Errors
    /// [`Error::Rejected`] when the change was not made, so that the chunk is tried in halves.
    pub(super) async fn members_after(
        &self,
        group: &str,
        add: bool,
        ids: &[&str],
        before: &HashSet<String>,
    ) -> Result<()> {
        let made = |found: &HashSet<String>| ids.iter().all(|id| found.contains(*id) == add);
        let kept = |id: &&String| add || !ids.contains(&id.as_str());
        let mut pauses = self.pauses.iter();
        loop {
            let (resource, _) = self
                .resource(Kind::Group, group, "reading back the members")
                .await?;
            let Some(found) = ids_of(&resource).or_else(|| before.is_empty().then(HashSet::new)) else {
                // It had members, and shows none now: that is emptied, not hidden.
                return self.put_back(group, before.iter().filter(kept).collect()).await;
            };
            let lost: Vec<&String> = before
                .iter()
                .filter(kept)
                .filter(|id| !found.contains(*id))
                .collect();
            if lost.is_empty() && made(&found) {
                return Ok(());
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None if lost.is_empty() => return Err(not_made()),
                None => return self.put_back(group, lost).await,
            }
        }
    }

    async fn put_back(&self, group: &str, lost: Vec<&String>) -> Result<()> {
        tracing::warn!(
            group,
            members = lost.len(),
            "the application dropped members; they are put back"
        );
        let lost: Vec<&str> = lost.into_iter().map(String::as_str).collect();
        for chunk in lost.chunks(self.capabilities.members_per_request()) {
            self.send_members(group, true, chunk).await?;
        }
        Err(not_made())
    }

    /// Whether groups show their members: looked at once, after somebody was added.
    pub(super) async fn learn_members_shown(&self, group: &str, added: bool) {
        if !added || self.capabilities.members_shown.get().is_some() {
            return;
        }
        let mut pauses = self.pauses.iter();
        while let Ok((resource, _)) = self.resource(Kind::Group, group, "reading the group").await {
            let shows = member(&resource, "members").is_some_and(|members| !members.is_null());
            match pauses.next() {
                Some(pause) if !shows => tokio::time::sleep(*pause).await,
                _ => return self.capabilities.members_shown.learn(shows),
            }
        }
    }
}

fn not_made() -> Error {
    Error::Rejected {
        operation: "changing members".to_owned(),
        reason: "the application answers with success, but the members are not as they should be".to_owned(),
        attribute: Some("members".to_owned()),
    }
}
