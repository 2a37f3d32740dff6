//! `provost apply`.

use super::{Place, report};
use crate::hub::{self, Hub};
use anyhow::Result;
use uuid::Uuid;

/// Carry out a kept plan: exactly that, or nothing
///
/// The same objects are looked at again. When anything else would be done than what was planned, it is refused
/// with what has moved. Ctrl-C ends it in good order, and the next cycle goes on where it stopped.
#[derive(Debug, clap::Args)]
pub(crate) struct Apply {
    /// The plan's id, from `provost plan CONNECTION --save` or `provost plan list`
    id: Uuid,
}

impl Apply {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = self.apply(place, &hub).await;
        hub.close();
        done
    }

    async fn apply(self, place: &Place, hub: &Hub) -> Result<()> {
        let (engine, workspace, actor) = (hub.engine()?, hub.workspace.key, hub::actor());
        let applied = report::watched("applying", None, move |options| async move {
            engine.apply_plan(workspace, self.id, &actor, &options).await
        });
        report::tell(place, &applied.await?)
    }
}
