//! `provost group list`, `show`, `members`, and the groups of a person.

use crate::cli::{Place, own};
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::{cli::person::standing, clock};
use anyhow::Result;
use provost_engine::object::Kind;
use provost_store::directory::{self, Listing, NamedLine};
use provost_store::member::{self, Of};
use provost_store::{Error, Tx, provider};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Members that are counted at a time.
const COUNTED: i64 = 10_000;

/// Which groups are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Only groups whose name begins so
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only groups of this inbound provider
    #[arg(long)]
    provider: Option<String>,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// A stretch of a list that goes by keys.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Page {
    /// Go on after this key
    #[arg(long, value_name = "KEY", default_value_t = 0, hide_default_value = true)]
    after: i64,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

type Names = BTreeMap<i64, String>;

fn names(tx: &mut Tx, workspace: i64) -> Result<Names, Error> {
    let all = provider::all(tx, workspace)?.into_iter();
    Ok(all.map(|one| (one.key, one.name)).collect())
}

impl List {
    /// Lists a page.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let owner = match &self.provider {
            Some(name) => Some(hub.provider(name).await?.key),
            None => None,
        };
        let workspace = hub.workspace.key;
        let asked = Listing {
            workspace,
            kind: Kind::Group,
            search: self.find,
            after: self.after,
            owner,
        };
        let limit = self.limit as usize;
        let (page, names) = hub
            .db
            .read(move |tx| {
                Ok::<_, Error>((directory::list_named(tx, &asked, limit)?, names(tx, workspace)?))
            })
            .await?;
        let rows: Vec<Value> = page.lines.iter().map(|one| row(one, &names)).collect();
        output::either(place.json, &json!({"groups": rows, "next": page.next}), || {
            let mut table = Table::new(["key", "name", "provider", "changed"]);
            for one in &page.lines {
                table.row([
                    one.key.to_string(),
                    one.name.clone(),
                    owner_of(one, &names),
                    clock::text(one.modified),
                ]);
            }
            let shown = table.text_or("No group fits. `provost group add NAME` makes one.");
            match &page.next {
                Some(next) => format!("{shown}\n\nMore: --after \"{next}\""),
                None => shown,
            }
        })
    }
}

fn owner_of(one: &NamedLine, names: &Names) -> String {
    names
        .get(&one.owner)
        .cloned()
        .unwrap_or_else(|| "none".to_owned())
}

fn row(one: &NamedLine, names: &Names) -> Value {
    json!({
        "key": one.key, "id": one.id, "kind": one.kind, "name": one.name, "label": one.label, "email": one.email,
        "provider": names.get(&one.owner), "state": standing(one.blocked, one.active),
        "modified": clock::text(one.modified),
    })
}

/// Lists the other ends of memberships.
///
/// # Errors
/// Any error of the store.
pub(in crate::cli) async fn others(
    place: &Place,
    hub: &Hub,
    page: &Page,
    what: &str,
    of: Of,
    nothing: &str,
) -> Result<()> {
    let (after, limit, workspace) = (page.after, i64::from(page.limit), hub.workspace.key);
    let (lines, names) = hub
        .db
        .read(move |tx| Ok::<_, Error>((member::named_page(tx, of, after, limit)?, names(tx, workspace)?)))
        .await?;
    let next = lines
        .last()
        .filter(|_| lines.len() as i64 == limit)
        .map(|last| last.key);
    let rows: Vec<Value> = lines.iter().map(|one| row(one, &names)).collect();
    output::either(place.json, &json!({what: rows, "next": next}), || {
        let mut table = Table::new(["key", "kind", "name", "label", "provider", "state"]);
        for one in &lines {
            table.row([
                one.key.to_string(),
                one.kind.to_string(),
                one.name.clone(),
                one.label.clone(),
                owner_of(one, &names),
                standing(one.blocked, one.active).to_owned(),
            ]);
        }
        let shown = table.text_or(nothing);
        match next {
            Some(next) => format!("{shown}\n\nMore: --after {next}"),
            None => shown,
        }
    })
}

/// Shows a group.
pub(super) async fn show(place: &Place, hub: &Hub, text: &str) -> Result<()> {
    let key = own::find(hub, Kind::Group, text).await?.key;
    let (group, provider, members) = hub
        .db
        .read(move |tx| {
            let group = directory::by_key(tx, key)?;
            let owner = group.as_ref().map_or(0, |group| group.owner);
            let provider = provider::by_key(tx, owner)?.map(|one| one.name);
            Ok::<_, Error>((group, provider, count(tx, key)?))
        })
        .await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("the group was deleted a moment ago"))?;
    let answer = json!({
        "key": group.key, "id": group.id, "label": group.label, "provider": provider, "members": members,
        "created": clock::text(group.created), "modified": clock::text(group.modified), "document": group.value()?,
    });
    output::either(place.json, &answer, || {
        let pairs = output::pairs(&[
            ("id", group.id.to_string()),
            ("provider", provider.clone().unwrap_or_else(|| "none".to_owned())),
            ("members", members.to_string()),
            ("created", clock::text(group.created)),
            ("changed", clock::text(group.modified)),
        ]);
        format!(
            "{}\n{pairs}\n\nWho is in it: provost group members {}\nAttributes and targets: provost explain {}",
            group.label, group.id, group.id
        )
    })
}

fn count(tx: &mut Tx, group: i64) -> Result<usize, Error> {
    let (mut members, mut after) = (0, 0);
    loop {
        let page = member::of_group(tx, group, after, COUNTED)?;
        members += page.len();
        match page.last() {
            Some(last) if page.len() as i64 == COUNTED => after = last.key,
            _ => return Ok(members),
        }
    }
}
