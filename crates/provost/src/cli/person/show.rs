//! `provost person show`.

use super::{find, list};
use crate::cli::Place;
use crate::hub::Hub;
use crate::{clock, output};
use anyhow::Result;
use provost_store::directory::{self, Object, Placed};
use provost_store::{Error, provider};
use serde_json::json;

/// Shows one person.
pub(super) async fn run(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let person = find::person(hub, text).await?;
    let (key, owner) = (person.key, person.owner);
    let (placed, provider) = hub
        .db
        .read(move |tx| {
            let placed = directory::placement(tx, key)?.unwrap_or_default();
            let provider = provider::by_key(tx, owner)?.map(|one| one.name);
            Ok::<_, Error>((placed, provider))
        })
        .await?;
    let answer = json!({
        "key": person.key, "id": person.id, "name": list::user_name(&person), "label": person.label,
        "provider": provider, "state": list::state(&person), "active": person.active,
        "blocked": clock::text_or_none(person.blocked), "role": placed.role, "team": placed.team,
        "permission": placed.permission, "created": clock::text(person.created),
        "modified": clock::text(person.modified), "document": person.value()?,
    });
    output::either(place.json, &answer, || {
        lines(&person, &placed, provider.as_deref())
    })
}

fn lines(person: &Object, placed: &Placed, provider: Option<&str>) -> String {
    let name = list::user_name(person);
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let pairs = [
        ("user name", name.clone()),
        ("id", person.id.to_string()),
        ("provider", provider.unwrap_or("none").to_owned()),
        ("state", state(person)),
        ("role", or_none(&placed.role)),
        ("team", or_none(&placed.team)),
        ("permission", or_none(&placed.permission)),
        ("created", clock::text(person.created)),
        ("changed", clock::text(person.modified)),
    ];
    let pairs = output::pairs(&pairs);
    format!(
        "{}\n{pairs}\n\nAttributes and accounts: provost explain \"{name}\"\n\
         What was sent: provost request list --find {}",
        person.label, person.id
    )
}

/// Whether the person may use what they have, and who says otherwise.
fn state(person: &Object) -> String {
    let says = if person.active { "active" } else { "not active" };
    match person.blocked {
        Some(at) => format!("blocked since {}; the provider says {says}", clock::text(at)),
        None if person.active => "active".to_owned(),
        None => "inactive: the provider says so".to_owned(),
    }
}
