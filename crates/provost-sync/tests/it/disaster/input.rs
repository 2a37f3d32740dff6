//! A file that drives the directory breaks: it is cut, it is empty, everybody in it has another number.

use super::{Having, assert_healed};
use crate::world::{World, group_rule, people_rule};
use provost_store::provider::{self, Provider};
use provost_sync::import::{Broken, ImportReport, Mode, Record};
use serde_json::{Value, json};

/// A directory that comes from a file, in a target.
struct Fed {
    world: World,
    provider: Provider,
    before: Having,
}

impl Fed {
    async fn with(people: usize) -> Self {
        let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
        let key = world.owner.key;
        let provider = world.read(move |tx| provider::by_key(tx, key)).await.unwrap();
        let mut fed = Self {
            before: Having::of(&world),
            world,
            provider,
        };
        let report = fed.file(workers(people)).await;
        assert_eq!(report.created, people as u64, "{report:?}");
        fed.world.run().await;
        fed.before = Having::of(&fed.world);
        assert_eq!(fed.before.accounts.len(), people);
        fed
    }

    /// The whole file comes in.
    async fn file(&self, records: Vec<Result<Record, Broken>>) -> ImportReport {
        let engine = &self.world.engine;
        engine
            .import(&self.provider, records, Mode::Full, "test")
            .await
            .unwrap()
    }

    /// Nothing of it reached the target.
    async fn assert_untouched(&self) {
        let report = self.world.run().await;
        assert_eq!((report.state, report.writes()), ("done", 0), "{report:?}");
        assert_eq!(Having::of(&self.world), self.before);
    }
}

fn worker(anchor: String, number: usize) -> Result<Record, Broken> {
    let value: Value = json!({
        "externalId": anchor, "userName": format!("user{number}@contoso.example"),
        "displayName": format!("User {number}"), "active": true
    });
    Ok(value.as_object().unwrap().clone())
}

fn workers(count: usize) -> Vec<Result<Record, Broken>> {
    (0..count)
        .map(|number| worker(format!("e{number}"), number))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_within_a_row_removes_nobody() {
    let fed = Fed::with(40).await;
    let mut cut = workers(15);
    cut.push(Err(Broken {
        place: "line 16".into(),
        reason: "the file ends within a row".into(),
    }));
    let report = fed.file(cut).await;
    assert_eq!(
        (report.state.as_str(), report.absent, report.disabled),
        ("incomplete", 0, 0),
        "{report:?}"
    );
    fed.assert_untouched().await;
    let report = fed.file(workers(40)).await;
    assert_eq!(
        (report.state.as_str(), report.unchanged),
        ("done", 40),
        "{report:?}"
    );
    assert_healed(&fed.world, &fed.before).await;
}

/// Cut exactly at the end of a row, nobody can see it in the file; the guard of the source sees it in the numbers.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_between_two_rows_waits_for_a_person() {
    let fed = Fed::with(40).await;
    let report = fed.file(workers(15)).await;
    let held = report.held.clone().unwrap();
    assert_eq!(
        (report.state.as_str(), held.people, report.disabled),
        ("held", 25, 0),
        "{report:?}"
    );
    fed.assert_untouched().await;
    let report = fed.file(workers(40)).await;
    assert_eq!((report.state.as_str(), report.absent), ("done", 0), "{report:?}");
    assert_healed(&fed.world, &fed.before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_removes_nobody() {
    let fed = Fed::with(40).await;
    let report = fed.file(Vec::new()).await;
    assert_eq!(
        (report.state.as_str(), report.disabled),
        ("incomplete", 0),
        "{report:?}"
    );
    fed.assert_untouched().await;
}

/// The numbers of all employees were given out anew: nobody is removed, and nobody comes a second time.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_which_every_anchor_changed_doubles_and_removes_nobody() {
    let fed = Fed::with(40).await;
    let renumbered = (0..40)
        .map(|number| worker(format!("n{}", number + 1_000), number))
        .collect();
    let report = fed.file(renumbered).await;
    assert_eq!(
        (report.created, report.disabled, report.deleted),
        (0, 0, 0),
        "{report:?}"
    );
    fed.assert_untouched().await;
    let report = fed.file(workers(40)).await;
    assert_eq!(
        (report.created, report.disabled, report.deleted),
        (0, 0, 0),
        "{report:?}"
    );
    assert_healed(&fed.world, &fed.before).await;
}
