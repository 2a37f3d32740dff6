//! `provost person deleted`, `restore` and `purge`.

use super::find;
use crate::cli::Place;
use crate::clock;
use crate::failure::{Failure, USAGE};
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::recycle::{self, Deleted};
use serde_json::{Value, json};

/// Which of the deleted are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Groups instead of people
    #[arg(long)]
    groups: bool,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Go on after this key
    #[arg(long, value_name = "KEY", default_value_t = 0, hide_default_value = true)]
    after: i64,
}

impl List {
    /// Shows a page of the recycle bin.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let kind = if self.groups { Kind::Group } else { Kind::Person };
        let (workspace, limit) = (hub.workspace.key, i64::from(self.limit));
        let all = hub
            .db
            .read(move |tx| recycle::all(tx, workspace, kind, self.after, limit))
            .await?;
        let answer: Vec<Value> = all.iter().map(to_json).collect();
        output::either(place.json, &answer, || {
            let mut table = Table::new(["key", "name", "deleted", "by", "purged after"]);
            for one in &all {
                table.row([
                    one.key.to_string(),
                    one.label.clone(),
                    clock::text(one.deleted),
                    one.deleted_by.clone(),
                    purged(one),
                ]);
            }
            let shown = table.text_or("Nobody can be restored.");
            match all.last() {
                Some(last) if all.len() as i64 == limit => format!("{shown}\n\nMore: --after {}", last.key),
                _ => shown,
            }
        })
    }
}

/// Until when the bin keeps somebody. It does not forget a block.
fn purged(one: &Deleted) -> String {
    match one.blocked {
        Some(_) => "never, as blocked".to_owned(),
        None => clock::text(one.purge_after),
    }
}

fn to_json(one: &Deleted) -> Value {
    json!({
        "key": one.key, "id": one.id, "kind": one.kind, "name": one.name, "label": one.label,
        "deleted": clock::text(one.deleted), "deleted_by": one.deleted_by,
        "purged_after": one.blocked.is_none().then(|| clock::text(one.purge_after)),
        "blocked": clock::text_or_none(one.blocked),
    })
}

/// Brings somebody back.
pub(super) async fn restore(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let key = find::deleted(hub, text).await?.key;
    let back = hub
        .db
        .write(move |tx| recycle::restore(tx, &hub::actor(), clock::now(), key))
        .await?;
    let answer = json!({"label": back.label, "id": back.id, "kind": back.kind, "restored": true});
    output::either(place.json, &answer, || {
        format!(
            "{} is restored with the id that they had. The next cycle of each connection sees to the account.",
            back.label
        )
    })
}

/// Removes somebody for good, when that is confirmed.
pub(super) async fn purge(place: &Place, hub: &Hub, text: &str, yes: bool) -> Result<()> {
    let deleted = find::deleted(hub, text).await?;
    if !yes {
        let sentence = format!(
            "{}, deleted {} by {}, would be removed for good with everything that is kept of them",
            deleted.label,
            clock::text(deleted.deleted),
            deleted.deleted_by
        );
        let hint = format!(
            "This cannot be undone; until {} they can be restored. Say --yes to do it.",
            purged(&deleted)
        );
        return Err(Failure::new(sentence, hint).with_status(USAGE).into());
    }
    let key = deleted.key;
    hub.db
        .write(move |tx| recycle::purge(tx, &hub::actor(), clock::now(), key))
        .await?;
    let answer = json!({"label": deleted.label, "id": deleted.id, "purged": true});
    output::either(place.json, &answer, || {
        format!(
            "{} is removed for good. The audit log keeps that it was done.",
            deleted.label
        )
    })
}
