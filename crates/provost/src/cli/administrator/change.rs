//! `provost administrator add|set|role|link`.

use super::{Door, Given, Place, role as read_role};
use crate::clock;
use crate::failure::{Failure, USAGE};
use crate::hub::Hub;
use crate::output;
use anyhow::Result;
use provost_signin::{Actor, Details, Purpose};
use provost_store::administrator::Grant;
use serde_json::json;

/// Adds somebody.
pub(super) async fn add(
    place: &Place,
    hub: &Hub,
    door: &Door,
    name: &str,
    email: &str,
    given: Given,
) -> Result<()> {
    let grant = Grant {
        workspace: (!given.everywhere).then_some(hub.workspace.key),
        role: given.role,
    };
    let (made, key) = door
        .signin
        .invite(Actor::Command, name, email, &[grant], clock::now())
        .await?;
    let (link, role) = (door.link(&key), given.role);
    let answer = json!({"id": made.id, "email": made.email, "role": role.as_str(), "link": link});
    output::either(place.json, &answer, || {
        let whole = if given.everywhere {
            "in all workspaces".to_owned()
        } else {
            format!("in \"{}\"", hub.workspace.name)
        };
        format!(
            "{} is {role} {whole}.\nLink  {link}\nIt is shown this once and works once, within seven days: with it \
             they choose how they sign in.",
            made.name
        )
    })
}

/// What is to change of an administrator.
#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The administrator's e-mail address
    who: String,
    /// What to call them
    #[arg(long)]
    name: Option<String>,
    /// The e-mail address, with which they sign in
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The language of their pages: en, de, or browser for what their browser says
    #[arg(long)]
    language: Option<String>,
    /// The time zone of their pages, such as Europe/Brussels, or browser
    #[arg(long)]
    zone: Option<String>,
}

impl Set {
    /// Changes it.
    pub(super) async fn run(self, place: &Place, door: &Door) -> Result<()> {
        let own =
            |text: Option<String>| text.map(|text| if text == "browser" { String::new() } else { text });
        let details = Details {
            name: self.name,
            email: self.email,
            language: own(self.language),
            zone: own(self.zone),
        };
        let is_empty = details.name.is_none()
            && details.email.is_none()
            && details.language.is_none()
            && details.zone.is_none();
        if is_empty {
            let hint = "Name what changes: --name, --email, --language or --zone.";
            return Err(Failure::new("nothing to change was named", hint)
                .with_status(USAGE)
                .into());
        }
        let found = door.find(&self.who).await?.administrator;
        let after = door
            .signin
            .edit(Actor::Command, found.id, details, clock::now())
            .await?;
        let answer = json!({
            "id": after.id, "name": after.name, "email": after.email, "language": after.language, "zone": after.zone,
        });
        output::either(place.json, &answer, || {
            format!("{} ({}) is changed.", after.name, after.email)
        })
    }
}

/// Gives or takes a role.
pub(super) async fn role(
    place: &Place,
    hub: &Hub,
    door: &Door,
    who: &str,
    word: &str,
    everywhere: bool,
) -> Result<()> {
    let found = door.find(who).await?;
    let (id, name) = (found.administrator.id, &found.administrator.name);
    let workspace = (!everywhere).then_some(hub.workspace.key);
    let whole = if everywhere {
        "all workspaces".to_owned()
    } else {
        format!("\"{}\"", hub.workspace.name)
    };
    if word == "none" {
        let had = door
            .signin
            .take_role(Actor::Command, id, workspace, clock::now())
            .await?;
        if !had {
            let hint = "`provost administrator list` shows who has which role where.";
            return Err(Failure::new(format!("{name} has no role in {whole}"), hint).into());
        }
        let answer = json!({"id": id, "role": null});
        return output::either(place.json, &answer, || {
            format!("{name} has no role in {whole} any more.")
        });
    }
    let role = read_role(word)
        .map_err(|told| Failure::new(format!("there is no role \"{word}\""), told).with_status(USAGE))?;
    door.signin
        .set_role(Actor::Command, id, workspace, role, clock::now())
        .await?;
    let answer = json!({"id": id, "role": role.as_str()});
    output::either(place.json, &answer, || {
        format!("{name} is {role} in {whole}. It takes effect at once.")
    })
}

/// Makes a link that signs somebody in.
pub(super) async fn link(place: &Place, door: &Door, who: &str) -> Result<()> {
    let found = door.find(who).await?;
    let id = found.administrator.id;
    let key = door
        .signin
        .link(Actor::Command, id, Purpose::Signin, clock::now())
        .await?;
    let link = door.link(&key);
    output::either(place.json, &json!({"id": id, "link": link}), || {
        format!(
            "Link  {link}\nIt is shown this once and signs {} in once, within an hour.",
            found.administrator.name
        )
    })
}
