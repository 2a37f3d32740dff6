//! `provost link`: which account belongs to whom.

mod change;

use super::{Place, who};
use crate::clock;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::link::{self, Asked, Listed};
use provost_store::rule::{self, Stored};
use serde_json::{Value, json};

/// Links between people and groups of the directory and accounts and groups of the target.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Link {
    /// List or search a connection's links
    List(List),
    /// Show a link with what was last written
    Show {
        /// The connection
        connection: String,
        /// The person or group
        who: String,
    },
    /// Break a link: the account stays, and the next cycle looks for a match again
    Unlink(change::Unlink),
    /// Link to an account that you choose, by its id in the target
    ///
    /// The target is asked whether it has the account. The next cycle writes every mapped attribute there.
    Relink(change::Relink),
}

/// Which links are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    connection: String,
    /// Only with this in the name or in the target's id, or the directory's id in full
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only of this rule
    #[arg(long)]
    rule: Option<String>,
    /// Only accounts that Provost disabled
    #[arg(long)]
    disabled: bool,
    /// Only those after this place, from the page before
    #[arg(long, value_name = "PLACE")]
    after: Option<After>,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Where a page goes on: the keys of a rule and an object.
#[derive(Debug, Clone, Copy)]
struct After(i64, i64);

impl std::str::FromStr for After {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('-');
        match parts.and_then(|(rule, object)| rule.parse().ok().zip(object.parse().ok())) {
            Some((rule, object)) => Ok(Self(rule, object)),
            None => anyhow::bail!("write what the page before named behind \"More: --after\""),
        }
    }
}

impl Link {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Link::List(list) => list.run(place, &hub).await,
            Link::Show { connection, who } => show(place, &hub, &connection, &who).await,
            Link::Unlink(unlink) => unlink.run(place, &hub).await,
            Link::Relink(relink) => relink.run(place, &hub).await,
        };
        hub.close();
        done
    }
}

impl List {
    async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let key = hub.connection(&self.connection).await?.key;
        let rules = hub.db.read(move |tx| rule::of_connection(tx, key)).await?;
        let wanted = match &self.rule {
            Some(name) => Some(named(&rules, &self.connection, name)?.key),
            None => None,
        };
        let asked = Asked {
            connection: key,
            rule: wanted,
            text: self.find,
            disabled: self.disabled,
            after: self.after.map(|After(rule, object)| (rule, object)),
        };
        let limit = self.limit as usize;
        let page = hub.db.read(move |tx| link::list(tx, &asked, limit)).await?;
        let next = page.next.map(|(rule, object)| format!("{rule}-{object}"));
        let rows: Vec<Value> = page.links.iter().map(|one| row(one, &rules)).collect();
        output::either(place.json, &json!({"links": rows, "next": next}), || {
            let mut table = Table::new(["rule", "object", "in the target", "account", "written"]);
            for one in &page.links {
                table.row([
                    rule_name(one.rule, &rules).to_owned(),
                    one.label.clone(),
                    one.target_id.clone(),
                    if one.disabled > 0 { "disabled" } else { "enabled" }.to_owned(),
                    clock::text(one.modified),
                ]);
            }
            let shown = table.text_or("No link fits.");
            match next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}

fn row(one: &Listed, rules: &[Stored]) -> Value {
    json!({
        "rule": rule_name(one.rule, rules), "id": one.object_id, "object": one.label, "target_id": one.target_id,
        "enabled": one.enabled, "disabled": (one.disabled > 0).then(|| clock::text(one.disabled)),
        "written": clock::text(one.modified),
    })
}

fn rule_name(key: i64, rules: &[Stored]) -> &str {
    let found = rules.iter().find(|rule| rule.key == key);
    found.map_or("", |rule| rule.name.as_str())
}

/// The connection's rule of this name.
fn named<'a>(rules: &'a [Stored], connection: &str, name: &str) -> Result<&'a Stored> {
    rules.iter().find(|rule| rule.name == name).ok_or_else(|| {
        let hint = format!("`provost rule list \"{connection}\"` shows what there is.");
        Failure::new(format!("\"{connection}\" has no rule \"{name}\""), hint).into()
    })
}

/// The links that a person or group has in a connection; never none.
async fn of(hub: &Hub, connection: &str, text: &str) -> Result<(Vec<link::Link>, Vec<Stored>)> {
    let key = hub.connection(connection).await?.key;
    let who = who::present_or_gone(hub, text).await?;
    let object = who.key;
    let (mut links, rules) = hub
        .db
        .read(move |tx| {
            let rules = rule::of_connection(tx, key)?;
            Ok::<_, provost_store::Error>((link::of_object(tx, object)?, rules))
        })
        .await?;
    links.retain(|link| rules.iter().any(|rule| rule.key == link.rule));
    if links.is_empty() {
        let hint = format!("`provost link relink \"{connection}\" \"{text}\" TARGET-ID` links one.");
        let sentence = format!("{} has no account in \"{connection}\"", who.label);
        return Err(Failure::new(sentence, hint).into());
    }
    Ok((links, rules))
}

async fn show(place: &Place, hub: &Hub, connection: &str, text: &str) -> Result<()> {
    let (mut links, rules) = of(hub, connection, text).await?;
    links.iter_mut().for_each(|link| redact(link, &rules));
    let rows: Vec<Value> = links
        .iter()
        .map(|one| {
            json!({
                "rule": rule_name(one.rule, &rules), "id": one.object_id, "object": one.label,
                "target_id": one.target_id, "enabled": one.enabled, "written": one.written,
                "disabled": (one.disabled > 0).then(|| clock::text(one.disabled)),
            })
        })
        .collect();
    output::either(place.json, &rows, || {
        let shown: Vec<String> = links.iter().map(|one| whole(one, &rules)).collect();
        shown.join("\n\n")
    })
}

/// What nobody should read is not shown; nothing is, where the rule cannot say what that is.
fn redact(link: &mut link::Link, rules: &[Stored]) {
    let rule = rules.iter().find(|rule| rule.key == link.rule);
    let compiled = rule.and_then(|rule| rule.rule.compile().ok());
    for (name, value) in &mut link.written {
        if compiled
            .as_ref()
            .is_none_or(|compiled| compiled.is_sensitive(name))
        {
            *value = Value::String("[Redact]".to_owned());
        }
    }
}

fn whole(one: &link::Link, rules: &[Stored]) -> String {
    let state = if one.disabled > 0 {
        format!("disabled {}", clock::text(one.disabled))
    } else {
        "enabled".to_owned()
    };
    let head = output::pairs(&[
        ("rule", rule_name(one.rule, rules).to_owned()),
        ("in the target", one.target_id.clone()),
        ("account", state),
    ]);
    let mut table = Table::new(["attribute", "last written"]);
    for (name, value) in &one.written {
        table.row([name.clone(), crate::cli::field::shown(value)]);
    }
    let written = output::indent(&table.text_or("Nothing is known of what stands there."));
    format!("{} ({})\n{head}\n\n{written}", one.label, one.object_id)
}
