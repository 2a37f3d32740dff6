//! Memberships: twenty at once where possible, one by one where that is refused.

use super::Graph;
use super::job::Job;
use super::step::{self, Step};
use super::wire::BATCH;
use crate::{Error, MemberChange, Result, Retry};

impl Graph {
    /// One outcome for each change, in order. Adds go before removals, so that a group that must
    /// keep an owner or a member is not emptied on the way.
    pub(crate) async fn change_group(&self, group: &str, changes: &[MemberChange]) -> Vec<Result<()>> {
        let mut outcomes: Vec<Result<()>> = changes.iter().map(|_| Ok(())).collect();
        let (add, remove): (Vec<usize>, Vec<usize>) =
            (0..changes.len()).partition(|index| changes[*index].add);
        let mut single = Vec::new();
        // One after the other: parallel changes to one group collide.
        for chunk in add.chunks(BATCH) {
            if chunk.len() == 1 || !self.add_together(group, changes, chunk, &mut outcomes).await {
                single.extend_from_slice(chunk);
            }
        }
        single.extend(remove);
        let jobs = single
            .iter()
            .map(|index| one(group, &changes[*index]).map_or_else(Job::failed, |step| Job::new([step])))
            .collect();
        for (index, outcome) in single.into_iter().zip(self.run(jobs).await) {
            outcomes[index] = outcome.map(|_| ());
        }
        outcomes
    }

    /// Adds a chunk in one request. `false` when it has to be tried one by one, because one
    /// existing or unknown member makes the service refuse all.
    async fn add_together(
        &self,
        group: &str,
        changes: &[MemberChange],
        chunk: &[usize],
        outcomes: &mut [Result<()>],
    ) -> bool {
        let members: Vec<_> = chunk
            .iter()
            .map(|index| (changes[*index].kind, changes[*index].member_id.as_str()))
            .collect();
        let Err(error) = self.run_one(vec![step::add_members(group, &members)]).await else {
            return true;
        };
        let about_group = matches!(&error, Error::NotFound { id, .. } if id == group);
        let one_by_one = matches!(
            error,
            Error::Rejected { .. } | Error::Conflict { .. } | Error::NotFound { .. }
        ) && !about_group;
        if !one_by_one {
            debug_assert_ne!(error.retry(), Retry::Now, "a lost create cannot come from here");
            for index in chunk {
                outcomes[*index] = Err(error.clone());
            }
        }
        !one_by_one
    }
}

fn one(group: &str, change: &MemberChange) -> Result<Step> {
    if change.add {
        Ok(step::add_member(group, change.kind, &change.member_id))
    } else {
        step::remove_member(group, change.kind, &change.member_id)
    }
}
