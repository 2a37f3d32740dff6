//! Who is written to, and through which server.

use super::words::Language;
use crate::{Engine, Error, Result};
use provost_connect::mail::{self, Mailer};
use provost_connect::{Secret, Secrets};
use provost_store::secret::{self, Key, Place};
use provost_store::{Tx, setting};
use serde::{Deserialize, Serialize};

/// The name of the setting.
const NAME: &str = "notification";
/// Under which the password is kept, and its name for the mailer.
const TABLE: &str = "notification";
const PASSWORD: &str = "password";
/// The longest address (RFC 5321 section 4.5.3.1.3: a path has at most 256 octets with its brackets).
const LONGEST_ADDRESS: usize = 254;
/// The stable word for settings that cannot be saved.
const CODE: &str = "PRV-NOTIFY-SETTINGS";

/// The mail settings of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether mail is sent at all.
    pub enabled: bool,
    /// One address: a person's or a list's.
    pub recipient: String,
    /// The mail server and the sender's address, without the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp: Option<mail::Settings>,
    /// Whether there is a daily digest.
    pub digest: bool,
    /// The hour (UTC, 0 to 23) after which it is sent.
    pub digest_hour: u8,
    /// Days before a credential ends at which it is written about; 0: never.
    pub expiry_days: u16,
    /// The console's address, for links; may be empty.
    pub console: String,
    /// The language of the letters.
    pub language: Language,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: false,
            recipient: String::new(),
            smtp: None,
            digest: true,
            digest_hour: 6,
            expiry_days: 14,
            console: String::new(),
            language: Language::English,
        }
    }
}

impl Settings {
    /// Checks what is going to be saved. The mail server's own settings are checked with its password.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-NOTIFY-SETTINGS`, for the first mistake.
    pub fn check(&self) -> Result<()> {
        if self.digest_hour > 23 {
            let sentence = format!("the digest hour {} is not one of 0 to 23", self.digest_hour);
            return Err(Error::refused(CODE, sentence, "Give the hour of the day in UTC."));
        }
        if self.enabled && !is_address(&self.recipient) {
            let sentence = format!("the recipient \"{}\" is not one mail address", self.recipient);
            let hint = "Give one address; for several readers, give the address of a list.";
            return Err(Error::refused(CODE, sentence, hint));
        }
        if self.enabled && self.smtp.is_none() {
            return Err(Error::refused(
                CODE,
                "the mail server is missing",
                "Give its host and the sender's address.",
            ));
        }
        Ok(())
    }
}

/// One address, not a list of them: something on both sides of one `@`, nothing that separates or hides.
pub(crate) fn is_address(text: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !",;<>()\"\\".contains(c);
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let has_both = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    has_both && text.len() <= LONGEST_ADDRESS && text.chars().all(is_plain)
}

pub(super) fn read(tx: &mut Tx, workspace: i64) -> Result<Settings> {
    let Some(value) = setting::get(tx, workspace, NAME)? else {
        return Ok(Settings::default());
    };
    serde_json::from_value(value).map_err(damaged)
}

fn damaged(error: serde_json::Error) -> Error {
    provost_store::Error::Damaged(format!("the mail settings: {error}")).into()
}

fn place(workspace: i64) -> Place<'static> {
    Place {
        table: TABLE,
        owner: workspace,
        field: PASSWORD,
    }
}

fn secrets(tx: &mut Tx, key: &Key, workspace: i64) -> Result<Secrets> {
    let mut secrets = Secrets::new();
    if let Some(password) = secret::get(tx, key, &place(workspace))? {
        secrets.insert(PASSWORD, Secret::new(password));
    }
    Ok(secrets)
}

/// The server that a password belongs to.
fn server(settings: &Settings) -> Option<(&str, u16)> {
    settings.smtp.as_ref().map(|s| (s.host.as_str(), s.port()))
}

impl Engine {
    /// The mail settings of a workspace, without the password; the defaults when nothing was saved.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn notification(&self, workspace: i64) -> Result<Settings> {
        self.db.read(move |tx| read(tx, workspace)).await
    }

    /// Saves the mail settings. `password`: the new one, an empty one removes it; `None` keeps the one that is
    /// there, unless the server has changed: a password is only ever sent to the server it was saved for.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-NOTIFY-SETTINGS`; any error of the store.
    pub async fn set_notification(
        &self,
        workspace: i64,
        actor: &str,
        settings: &Settings,
        password: Option<&Secret>,
    ) -> Result<()> {
        settings.check()?;
        let value = serde_json::to_value(settings).map_err(damaged)?;
        let (settings, password, actor) = (settings.clone(), password.cloned(), actor.to_owned());
        let (key, now) = (self.key.clone(), self.now());
        self.db
            .write(move |tx| {
                let moved = server(&read(tx, workspace)?) != server(&settings);
                match &password {
                    Some(password) if !password.expose().is_empty() => {
                        secret::put(tx, &key, now, &place(workspace), password.expose())?;
                    }
                    None if !moved => {}
                    _ => secret::wipe(tx, TABLE, workspace)?,
                }
                if let (true, Some(smtp)) = (settings.enabled, &settings.smtp) {
                    let secrets = secrets(tx, &key, workspace)?;
                    Mailer::open(smtp, &secrets)
                        .map_err(|failure| Error::refused(CODE, failure.to_string(), failure.hint()))?;
                }
                setting::put(tx, &actor, now, workspace, NAME, &value)?;
                Ok(())
            })
            .await
    }

    /// A mailer for a workspace, with whom it writes to; `None` when mail is switched off.
    pub(crate) async fn mailer(&self, workspace: i64) -> Result<Option<(Settings, Mailer)>> {
        let key = self.key.clone();
        let (settings, secrets) = self
            .db
            .read(move |tx| Ok::<_, Error>((read(tx, workspace)?, secrets(tx, &key, workspace)?)))
            .await?;
        let Some(smtp) = settings.smtp.as_ref().filter(|_| settings.enabled) else {
            return Ok(None);
        };
        let mailer = Mailer::open(smtp, &secrets)
            .map_err(|failure| Error::refused(CODE, failure.to_string(), failure.hint()))?;
        Ok(Some((settings, mailer)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_a_person_or_a_list() {
        for good in ["admin@contoso.example", "it-alerts+provost@mail.contoso.example"] {
            assert!(is_address(good), "{good}");
        }
        let bad = [
            "",
            "admin",
            "@contoso.example",
            "a@",
            "a@b@c",
            "a@x, b@x",
            "a@x;b@x",
            "A <a@x>",
            "a@x\r\nBcc: b@x",
        ];
        for bad in bad {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn settings_that_are_off_may_be_empty() {
        assert!(Settings::default().check().is_ok());
        let on = Settings {
            enabled: true,
            ..Settings::default()
        };
        assert_eq!(
            on.check().unwrap_err().to_string(),
            "PRV-NOTIFY-SETTINGS: the recipient \"\" is not one mail address"
        );
        let late = Settings {
            digest_hour: 24,
            ..Settings::default()
        };
        assert!(late.check().is_err());
    }
}
