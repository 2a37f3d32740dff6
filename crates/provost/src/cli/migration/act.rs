//! What is decided.

use crate::ask;
use crate::cli::Place;
use crate::cli::question::{self, Names};
use crate::cli::who;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_sync::Error;
use provost_sync::setup::Confirm;
use serde_json::{Value, json};

pub(super) async fn deadline(
    place: &Place,
    hub: &Hub,
    provider: &str,
    deadline: &str,
    reason: &str,
) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    let moved = engine
        .move_migration_deadline(hub.workspace.key, provider, deadline, reason, &actor)
        .await?;
    let at = clock::text(moved.deadline);
    output::either(place.json, &json!({"deadline": at}), || {
        format!("The deadline is {at}.")
    })
}

pub(super) async fn approve(place: &Place, hub: &Hub, provider: &str, account: &str) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    engine
        .approve_onboarding(hub.workspace.key, provider, account, &actor)
        .await?;
    output::either(place.json, &json!({"account": account}), || {
        format!("{account} is approved and linked; its person signs in once more.")
    })
}

pub(super) async fn deny(
    place: &Place,
    hub: &Hub,
    provider: &str,
    account: &str,
    reason: &str,
) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    engine
        .deny_onboarding(hub.workspace.key, provider, account, reason, &actor)
        .await?;
    output::either(place.json, &json!({"account": account}), || {
        format!("{account} is denied.")
    })
}

pub(super) async fn merge(
    place: &Place,
    hub: &Hub,
    provider: &str,
    (account, person): (&str, &str),
    yes: bool,
) -> Result<()> {
    let who = who::present(hub, person).await?;
    let (engine, actor) = (hub.engine()?, hub::actor());
    question::confirmed(yes, Names::Shown, async |confirm| {
        engine
            .merge_onboarding(hub.workspace.key, provider, account, who.id, confirm, &actor)
            .await
    })
    .await?;
    output::either(place.json, &json!({"account": account, "person": who.id}), || {
        format!("{account} is {}'s; they sign in once more.", who.label)
    })
}

pub(super) async fn close(place: &Place, hub: &Hub, provider: &str, typed: &str, yes: bool) -> Result<()> {
    let (engine, actor, workspace) = (hub.engine()?, hub::actor(), hub.workspace.key);
    let first = engine
        .close_migration(workspace, provider, &Confirm::default(), &actor)
        .await;
    let closed = match first {
        Err(Error::Confirm {
            code,
            sentence,
            digest,
            ..
        }) => {
            ask::agree(
                &format!("{} ({code}). Go on?", sentence.trim_end_matches('.')),
                yes,
            )?;
            let confirm = Confirm {
                digest: Some(digest),
                typed: Some(typed.to_owned()),
                understood: true,
            };
            engine
                .close_migration(workspace, provider, &confirm, &actor)
                .await?
        }
        other => other?,
    };
    let at = clock::text(closed.closed.unwrap_or_default());
    output::either(place.json, &json!({"closed": at}), || {
        format!(
            "The migration of \"{provider}\" is closed for good. What it was is kept for 30 days: provost migration archive \"{provider}\""
        )
    })
}

pub(super) async fn archive(place: &Place, hub: &Hub, provider: &str) -> Result<()> {
    let (engine, actor) = (hub.engine()?, hub::actor());
    let found = engine
        .migration_archive(hub.workspace.key, provider, &actor)
        .await?;
    let document: Value = serde_json::from_str(&found.document)?;
    let shown = serde_json::to_string_pretty(&document)?;
    output::either(place.json, &document, || {
        format!("{shown}\n\nKept until {}.", clock::text(found.expires))
    })
}
