//! `provost group add`, `set`, `delete`, `add-member` and `remove-member`.

use crate::cli::{Place, own, who};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{ask, clock, output};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::Tx;
use provost_store::directory::{self, Change, Placed};
use provost_store::member::{self, Joining};
use serde_json::json;

/// A group that is added.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The display name
    name: String,
    /// Who is in it; repeatable
    #[arg(long, value_name = "WHO")]
    member: Vec<String>,
    #[command(flatten)]
    attributes: own::Attributes,
}

impl Add {
    /// Adds the group with its members, or nothing.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let keys = keys(who::all(hub, &self.member).await?);
        let mut attributes = self.attributes.read()?;
        own::put(&mut attributes, "displayName", json!(self.name));
        let placed = Placed::default();
        let (made, members) = own::create(hub, Kind::Group, attributes, placed, move |tx, change, group| {
            let joining = joining(tx, &keys)?;
            Ok(member::add(tx, change, group, &joining)?)
        })
        .await?;
        let answer = json!({"id": made.id, "key": made.key, "label": made.label, "members": members});
        output::either(place.json, &answer, || {
            let members = output::count(members as i64, "member", "members");
            format!(
                "{} is in the directory with {members}, with the id {}.",
                made.label, made.id
            )
        })
    }
}

fn keys(named: Vec<who::Named>) -> Vec<i64> {
    named.into_iter().map(|one| one.key).collect()
}

fn joining(tx: &mut Tx, keys: &[i64]) -> Result<Vec<Joining>> {
    let mut all = Vec::with_capacity(keys.len());
    for key in keys {
        all.extend(directory::by_key(tx, *key)?.as_ref().map(Joining::from));
    }
    Ok(all)
}

/// What changes of a group.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The group
    group: String,
    #[command(flatten)]
    attributes: own::Attributes,
}

impl Set {
    /// Changes the attributes.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        if self.attributes.is_empty() {
            return Err(own::nothing_named());
        }
        let group = own::find(hub, Kind::Group, &self.group).await?;
        let after = own::change(hub, group.key, self.attributes.read()?).await?;
        own::tell(place, &group.label, after.as_ref())
    }
}

/// Moves a group to the recycle bin, once it is agreed to.
pub(super) async fn delete(place: &Place, hub: &Hub, text: &str, yes: bool) -> Result<()> {
    let group = own::find(hub, Kind::Group, text).await?;
    let question = format!(
        "Delete the group {}? Each connection takes it away as its rules say; `provost person restore` brings it back.",
        group.label
    );
    ask::agree(&question, yes)?;
    let gone = own::delete(hub, group.key).await?;
    let answer = json!({"label": gone.label, "id": gone.id, "deleted": true});
    output::either(place.json, &answer, || {
        format!(
            "{} is in the recycle bin. To bring it back: provost person restore {}",
            gone.label, gone.id
        )
    })
}

/// Who comes into a group, or leaves it.
#[derive(Debug, clap::Args)]
pub(crate) struct Members {
    /// The group
    group: String,
    /// Who: people and groups
    #[arg(required = true)]
    who: Vec<String>,
}

impl Members {
    /// Adds them, all or nothing.
    pub(super) async fn add(self, place: &Place, hub: &Hub) -> Result<()> {
        let (label, changed) = self.change(hub, true).await?;
        let answer = json!({"group": label, "added": changed});
        output::either(place.json, &answer, || {
            format!(
                "{} to {label}.",
                output::count(changed as i64, "member is added", "members are added")
            )
        })
    }

    /// Takes them out, all or nothing.
    pub(super) async fn remove(self, place: &Place, hub: &Hub) -> Result<()> {
        let (label, changed) = self.change(hub, false).await?;
        let answer = json!({"group": label, "removed": changed});
        output::either(place.json, &answer, || {
            format!(
                "{} out of {label}.",
                output::count(changed as i64, "member is taken", "members are taken")
            )
        })
    }

    async fn change(&self, hub: &Hub, joins: bool) -> Result<(String, usize)> {
        let group = own::find(hub, Kind::Group, &self.group).await?;
        let named = who::all(hub, &self.who).await?;
        if joins && named.iter().any(|one| one.key == group.key) {
            let hint = "Leave it out of the list.";
            return Err(Failure::new("a group cannot be a member of itself", hint).into());
        }
        let ids: Vec<_> = named.iter().map(|one| (one.key, one.id)).collect();
        let (key, keys) = (group.key, keys(named));
        let changed = hub
            .db
            .write(move |tx| {
                let actor = hub::actor();
                let group = own::kept_here(tx, key)?;
                let change = Change {
                    owner: group.owned_by(),
                    actor: &actor,
                    now: clock::now(),
                };
                let changed = if joins {
                    let joining = joining(tx, &keys)?;
                    member::add(tx, &change, &group, &joining)?
                } else {
                    member::remove(tx, &change, &group, &ids)?
                };
                Ok::<_, anyhow::Error>(changed)
            })
            .await?;
        Ok((group.label, changed))
    }
}
