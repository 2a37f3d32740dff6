//! Removes what is past its time: both logs, the recycle bin, ended tokens, old plans, repaired drift, notices.

use crate::clock;
use provost_store::retention::{self, Swept};
use provost_store::{Db, Error};
use std::time::Duration;
use tokio::sync::watch;

/// The time between two looks.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// Rows of a kind that one write removes: other writes wait that long.
const AT_ONCE: i64 = 500;

/// Looks at once and then every ten minutes, until `stopping` turns true; a sweep under way ends with the write
/// that it is at.
pub(crate) async fn run(db: Db, mut stopping: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            // The sender never goes before the process does.
            _ = stopping.wait_for(|stop| *stop) => return,
            _ = look.tick() => {}
        }
        if let Err(error) = sweep(&db, &stopping).await {
            tracing::warn!(%error, "what is past its time could not be removed; the next try is in ten minutes");
        }
    }
}

/// Removes everything that is past its time, a little with each write.
async fn sweep(db: &Db, stopping: &watch::Receiver<bool>) -> Result<(), Error> {
    let now = clock::now();
    let mut all = Swept::default();
    while !*stopping.borrow() {
        let swept = db.write(move |tx| retention::sweep(tx, now, AT_ONCE)).await?;
        all.requests += swept.requests;
        all.recycled += swept.recycled;
        all.tokens += swept.tokens;
        all.log_lines += swept.log_lines;
        all.plans += swept.plans;
        all.drift += swept.drift;
        all.notices += swept.notices;
        if !swept.is_cut(AT_ONCE) {
            break;
        }
    }
    if all != Swept::default() {
        let (requests, recycled, tokens, log_lines) = (all.requests, all.recycled, all.tokens, all.log_lines);
        let (plans, drift, notices) = (all.plans, all.drift, all.notices);
        tracing::info!(
            requests,
            recycled,
            tokens,
            log_lines,
            plans,
            drift,
            notices,
            "removed what is past its time"
        );
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::DAY;
    use provost_engine::object::Kind;
    use provost_scim::resource::Document;
    use provost_store::directory::{self, Change, Placement};
    use provost_store::provider::{self, Provider, Settings, State};
    use provost_store::{Location, Tx, recycle, workspace};
    use uuid::Uuid;

    /// A provider whose deleted people are kept for two days, and two people whom it deletes.
    fn fill(tx: &mut Tx) -> Result<Provider, Error> {
        let now = clock::now();
        let workspace = workspace::create(tx, "test", now, Uuid::now_v7(), "Main")?;
        let new = provider::New {
            id: Uuid::now_v7(),
            workspace: workspace.key,
            name: "Entra",
            role: "user",
            team: None,
            state: State::Saved,
            settings: &Settings {
                recycle_days: 2,
                ..Settings::default()
            },
        };
        let provider = provider::create(tx, "test", now, &new)?;
        for (name, days_ago) in [("long@contoso.example", 3), ("just@contoso.example", 1)] {
            let change = Change {
                owner: provider.owner(),
                actor: "test",
                now: now - days_ago * DAY,
            };
            let document = Document::from_iter([("userName".to_owned(), name.into())]);
            let placement = Placement {
                role: "user",
                team: None,
                permission: None,
            };
            let made = directory::create(tx, &change, Kind::Person, Uuid::now_v7(), &document, &placement)?;
            directory::delete(tx, &change, &made)?;
        }
        Ok(provider)
    }

    #[tokio::test]
    async fn what_is_past_its_time_goes_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Location::Sqlite(folder.path().join("x.db")), 1).unwrap();
        let workspace = db.write(fill).await.unwrap().workspace;
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(run(db.clone(), stopping));
        let one_is_left = async {
            loop {
                let kept = db
                    .read(move |tx| recycle::all(tx, workspace, Kind::Person, 0, 9))
                    .await;
                if let [one] = kept.unwrap().as_slice() {
                    return one.label.clone();
                }
                tokio::task::yield_now().await;
            }
        };
        let left = tokio::time::timeout(Duration::from_secs(10), one_is_left).await;
        assert_eq!(left.unwrap(), "just@contoso.example");
        stop.send(true).unwrap();
        task.await.unwrap();
        db.close();
    }
}
