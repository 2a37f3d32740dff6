//! `provost expr`: expressions of mappings, tried and looked up.

use super::{Place, who};
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::{Context as _, Result};
use provost_engine::expr;
use provost_sync::{Answer, Evaluated, Remark, Subject};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Expressions: what they give, and which functions there are.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Expr {
    /// Evaluate an expression for a person, a group or a sample
    ///
    /// Takes what Microsoft Entra's portal shows. Every mistake is shown at once, under the very character.
    Eval {
        /// The expression, such as 'Join(".", [name.givenName], [name.familyName])'
        expression: String,
        /// For whom: a user name, an e-mail address, a name or an id of somebody in the directory
        #[arg(long = "for", value_name = "WHO", conflicts_with = "sample")]
        who: Option<String>,
        /// A file with a person's SCIM attributes as JSON
        #[arg(long, value_name = "FILE")]
        sample: Option<PathBuf>,
    },
    /// List the functions, or explain one
    Functions {
        /// The function
        name: Option<String>,
    },
}

impl Expr {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Functions { name } => functions(place, name.as_deref()),
            Self::Eval {
                expression,
                who,
                sample,
            } => {
                let hub = Hub::open(place).await?;
                let done = evaluate(place, &hub, &expression, who.as_deref(), sample).await;
                hub.close();
                done
            }
        }
    }
}

async fn evaluate(
    place: &Place,
    hub: &Hub,
    text: &str,
    who: Option<&str>,
    sample: Option<PathBuf>,
) -> Result<()> {
    let subject = match (who, sample) {
        (Some(who), _) => Subject::Object(who::present(hub, who).await?.key),
        (None, Some(path)) => {
            let name = path.display().to_string();
            let document = std::fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
            Subject::Sample(serde_json::from_str(&document).with_context(|| format!("{name} holds no JSON"))?)
        }
        (None, None) => Subject::Nobody,
    };
    let evaluated = hub.engine()?.evaluate(hub.workspace.key, text, &subject).await?;
    if place.json {
        output::json(&evaluated)?;
    }
    match &evaluated.result {
        Some(_) if place.json => Ok(()),
        Some(answer) => output::line(shown(text, &evaluated, answer)),
        None => Err(mistakes(text, &evaluated)),
    }
}

fn shown(text: &str, evaluated: &Evaluated, answer: &Answer) -> String {
    let warned: String = evaluated
        .warnings
        .iter()
        .map(|warning| format!("warning: {}\n", remark(text, warning)))
        .collect();
    let value = match answer {
        Answer::IgnoreAttribute => "(the attribute is left alone)".to_owned(),
        Answer::IgnoreObject => "(the whole object is left alone)".to_owned(),
        Answer::Value(Value::Null) => "(no value)".to_owned(),
        Answer::Value(Value::String(text)) => text.clone(),
        Answer::Value(other) => other.to_string(),
    };
    format!("{warned}{value}")
}

fn mistakes(text: &str, evaluated: &Evaluated) -> anyhow::Error {
    let many = output::count(evaluated.errors.len() as i64, "mistake", "mistakes");
    let list: Vec<String> = evaluated.errors.iter().map(|one| remark(text, one)).collect();
    let sentence = format!("the expression has {many}\n\n{}\n", list.join("\n\n"));
    Failure::new(sentence, "`provost expr functions` lists what there is.").into()
}

/// A remark with the stretch of the text that it is about.
fn remark(text: &str, remark: &Remark) -> String {
    let byte = |character: usize| {
        text.char_indices()
            .nth(character)
            .map_or(text.len(), |(at, _)| at)
    };
    let place = Excerpt {
        name: "expression",
        text,
        span: byte(remark.start)..byte(remark.end),
    };
    format!("{}\n{place}\n  {}", remark.message, remark.hint)
}

fn functions(place: &Place, name: Option<&str>) -> Result<()> {
    let all = expr::reference();
    let Some(name) = name else {
        let answer: Vec<Value> = all.iter().map(to_json).collect();
        return output::either(place.json, &answer, || {
            let mut table = Table::new(["function", "what it gives"]);
            for one in all {
                table.row([one.signature.to_owned(), one.summary.to_owned()]);
            }
            table.text_or("")
        });
    };
    let found = all
        .iter()
        .find(|one| one.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let hint = match crate::nearest::nearest(name, all.iter().map(|one| one.name)) {
                Some(near) => format!("Did you mean {near}? `provost expr functions` lists all."),
                None => "`provost expr functions` lists all.".to_owned(),
            };
            Failure::new(format!("there is no function {name}"), hint)
        })?;
    output::either(place.json, &to_json(found), || {
        format!(
            "{}\n\n{}\n\n  {}\n  → {}",
            found.signature, found.summary, found.example, found.result
        )
    })
}

fn to_json(one: &expr::FunctionDoc) -> Value {
    json!({
        "name": one.name, "signature": one.signature, "summary": one.summary, "example": one.example,
        "result": one.result,
    })
}
