//! `provost notify`: who is written to when a connection needs a person.

use super::connection::Given;
use super::setting::{FromEnvironment, Setting};
use super::{Place, field};
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::output;
use anyhow::Result;
use provost_connect::mail;
use provost_sync::notify::Settings;
use serde_json::{Map, Value, json};

/// Mail about what needs a person: quarantine, held removals, plans to approve, credentials that end.
///
/// One mail for each cause until it is over, and a digest of the rest once a day.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Notify {
    /// Show the settings; the password is never shown
    Show,
    /// Change settings, such as recipient=it@contoso.example smtp.host=mail.contoso.example
    /// smtp.from=provost@contoso.example enabled=true
    Set {
        /// Settings to change
        #[arg(value_name = "NAME=VALUE")]
        words: Vec<Setting>,
        /// The mail server's password, from an environment variable, as password=VARIABLE
        #[arg(long, value_name = "password=VARIABLE")]
        secret_env: Vec<FromEnvironment>,
        /// The mail server's password is read from standard input: password
        #[arg(long, value_name = "NAME", value_parser = ["password"])]
        secret_stdin: Option<String>,
    },
    /// Send a mail now, to see that the settings are right
    Test,
}

impl Notify {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Self::Show => show(place, &hub).await,
            Self::Set {
                words,
                secret_env,
                secret_stdin,
            } => match Given::read(&secret_env, secret_stdin.as_deref()) {
                Ok(given) => set(place, &hub, &words, given).await,
                Err(error) => Err(error),
            },
            Self::Test => test(place, &hub).await,
        };
        hub.close();
        done
    }
}

async fn show(place: &Place, hub: &Hub) -> Result<()> {
    let settings = hub.engine()?.notification(hub.workspace.key).await?;
    output::either(place.json, &settings, || text(&settings))
}

fn text(settings: &Settings) -> String {
    let or_none = |text: &str| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text.to_owned()
        }
    };
    let digest = if settings.digest {
        format!("every day after {:02}:00 UTC", settings.digest_hour)
    } else {
        "none".to_owned()
    };
    let smtp = |shown: fn(&mail::Settings) -> String| {
        or_none(&settings.smtp.as_ref().map(shown).unwrap_or_default())
    };
    output::pairs(&[
        ("enabled", settings.enabled.to_string()),
        ("recipient", or_none(&settings.recipient)),
        ("from", smtp(|one| one.from.clone())),
        (
            "server",
            smtp(|one| format!("{}:{} ({:?})", one.host, one.port(), one.security).to_lowercase()),
        ),
        ("user", smtp(|one| one.user.clone().unwrap_or_default())),
        ("digest", digest),
        (
            "credentials",
            format!("{} days before they end", settings.expiry_days),
        ),
        ("console", or_none(&settings.console)),
        ("language", settings.language.tag().to_owned()),
    ])
}

async fn set(place: &Place, hub: &Hub, words: &[Setting], given: Given) -> Result<()> {
    let engine = hub.engine()?;
    let before = engine.notification(hub.workspace.key).await?;
    let (smtp, own): (Vec<Setting>, Vec<Setting>) = words
        .iter()
        .cloned()
        .partition(|word| word.name.starts_with("smtp."));
    let smtp: Vec<Setting> = smtp
        .into_iter()
        .map(|word| Setting {
            name: word.name.trim_start_matches("smtp.").to_owned(),
            value: word.value,
        })
        .collect();
    let mut settings = field::with("notification", &before, &own)?;
    if !smtp.is_empty() {
        settings.smtp = Some(mail_server(before.smtp.as_ref(), smtp)?);
    }
    let password = given.into_parts().into_iter().map(|(_, secret)| secret).next();
    engine
        .set_notification(hub.workspace.key, &hub::actor(), &settings, password.as_ref())
        .await?;
    output::either(place.json, &settings, || {
        format!("{}\n\n`provost notify test` sends a mail.", text(&settings))
    })
}

/// The mail server with the words' fields in the place of its own; `none` takes one back.
fn mail_server(before: Option<&mail::Settings>, words: Vec<Setting>) -> Result<mail::Settings> {
    let mut map = match before {
        Some(before) => field::fields(before)?,
        None => Map::new(),
    };
    for word in words {
        if word.value.as_str() == Some("none") && word.name != "security" {
            map.remove(&word.name);
        } else {
            map.insert(word.name, word.value);
        }
    }
    serde_json::from_value(Value::Object(map)).map_err(|error| {
        let hint = "The mail server has smtp.host and smtp.from, and may have smtp.port, smtp.security (starttls, tls \
                    or none), smtp.user, smtp.allow_plain and smtp.trusted.";
        Failure::new(format!("the mail server cannot be saved like this: {error}"), hint).into()
    })
}

async fn test(place: &Place, hub: &Hub) -> Result<()> {
    let said = hub.engine()?.test_notification(hub.workspace.key).await?;
    output::either(place.json, &json!({"sent": true, "message": said}), || {
        format!("Sent: {said}. When it does not arrive, look into the spam folder.")
    })
}
