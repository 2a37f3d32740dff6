//! Tells applications that somebody has signed out, and tends the keys that sign their tokens, while a server runs.

use crate::clock;
use provost_signin::openid::Openid;
use std::time::Duration;
use tokio::sync::watch;

/// How often it is looked whether somebody is to be told.
const LOOK: Duration = Duration::from_secs(2);
/// How often the keys are looked at.
const TEND: Duration = Duration::from_secs(3_600);

/// Looks until `stopping` turns true; what is being told ends first.
pub(crate) async fn run(provider: Openid, mut stopping: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(LOOK);
    let mut tend = tokio::time::interval(TEND);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tend.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let keys_are_due = tokio::select! {
            biased;
            // The sender never goes before the process does.
            _ = stopping.wait_for(|stop| *stop) => return,
            _ = tend.tick() => true,
            _ = look.tick() => false,
        };
        let done = if keys_are_due {
            provider.tend_keys(clock::now()).await
        } else {
            provider.tell(clock::now()).await.map(drop)
        };
        if let Err(error) = done {
            tracing::warn!(%error, "applications could not be told, or keys not be looked at; it is tried again");
        }
    }
}
