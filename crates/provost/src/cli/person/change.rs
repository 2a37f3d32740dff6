//! `provost person add`, `set`, `delete` and `groups`.

use super::find;
use crate::cli::{Place, group, own};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::{ask, output};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::directory::Placed;
use provost_store::member::Of;
use provost_store::provider::{Permission, check_role};
use provost_store::team;
use serde_json::json;

/// A person who is added.
#[derive(Debug, clap::Args)]
pub(crate) struct Add {
    /// The user name
    user_name: String,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    #[command(flatten)]
    attributes: own::Attributes,
    /// The role: user, auditor, access-admin, provisioning-operator or configuration-admin
    #[arg(long, default_value = "user")]
    role: String,
    /// The team, by its name
    #[arg(long)]
    team: Option<String>,
    /// What the person may do in the team: read, write or manage
    #[arg(long, requires = "team")]
    permission: Option<String>,
}

impl Add {
    /// Adds the person.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        check_role(&self.role)?;
        let permission: Option<Permission> = self.permission.as_deref().map(str::parse).transpose()?;
        let mut attributes = self.attributes.read()?;
        own::put(&mut attributes, "userName", json!(self.user_name));
        if let Some(address) = &self.email {
            let email = json!([{"value": address, "type": "work", "primary": true}]);
            attributes.insert("emails".to_owned(), email);
        }
        let placed = Placed {
            role: Some(self.role),
            team: self.team,
            permission: permission.map(|one| one.as_str().to_owned()),
        };
        if let Some(name) = placed.team.clone() {
            known_team(hub, name).await?;
        }
        let (made, ()) = own::create(hub, Kind::Person, attributes, placed, |_, _, _| Ok(())).await?;
        let answer = json!({"id": made.id, "key": made.key, "label": made.label, "document": made.value()?});
        output::either(place.json, &answer, || {
            format!(
                "{} is in the directory, with the id {}. The next cycle of each connection sees to the account.",
                made.label, made.id
            )
        })
    }
}

/// # Errors
/// When the workspace has no such team.
async fn known_team(hub: &Hub, name: String) -> Result<()> {
    let (workspace, wanted) = (hub.workspace.key, name.clone());
    let found = hub
        .db
        .read(move |tx| team::by_name(tx, workspace, &wanted))
        .await?;
    match found {
        Some(_) => Ok(()),
        None => {
            let hint = "`provost team list` shows the teams; `provost team add` makes one.";
            Err(Failure::new(format!("there is no team \"{name}\""), hint).into())
        }
    }
}

/// What changes of a person.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The person
    person: String,
    #[command(flatten)]
    attributes: own::Attributes,
    /// An attribute that is taken away; repeatable
    #[arg(long, value_name = "NAME")]
    clear: Vec<String>,
}

impl Set {
    /// Changes the attributes.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        if self.attributes.is_empty() && self.clear.is_empty() {
            return Err(own::nothing_named());
        }
        let person = find::person(hub, &self.person).await?;
        let mut attributes = self.attributes.read()?;
        for name in &self.clear {
            own::put(&mut attributes, name, json!(null));
        }
        let after = own::change(hub, person.key, attributes).await?;
        own::tell(place, &person.label, after.as_ref())
    }
}

/// Moves a person to the recycle bin, once it is agreed to.
pub(super) async fn delete(place: &Place, hub: &Hub, text: &str, yes: bool) -> Result<()> {
    let person = find::person(hub, text).await?;
    let question = format!(
        "Delete {}? Each connection takes the account away as its rules say; `provost person restore` brings them back.",
        person.label
    );
    ask::agree(&question, yes)?;
    let gone = own::delete(hub, person.key).await?;
    let answer = json!({"label": gone.label, "id": gone.id, "deleted": true});
    output::either(place.json, &answer, || {
        format!(
            "{} is in the recycle bin. To bring them back: provost person restore {}",
            gone.label, gone.id
        )
    })
}

/// Lists the groups that a person is in.
pub(super) async fn groups(place: &Place, hub: &Hub, page: &group::Page, text: &str) -> Result<()> {
    let person = find::person(hub, text).await?;
    let nothing = format!("{} is in no group.", person.label);
    group::others(place, hub, page, "groups", Of::Member(person.key), &nothing).await
}
