//! Credentials near their end: of connections, of inbound providers, our own tokens, and the certificates of sign-ins.

use super::cause::{Cause, DAY};
use super::settings::Settings;
use super::text::{Letter, moment};
use super::words::Language;
use crate::Result;
use provost_store::certificate::{self, Usage};
use provost_store::connection::Connection;
use provost_store::{Tx, api_token, client, provider, setting, token};
use serde_json::{Value, json};

/// API tokens that are looked at.
const TOKENS: i64 = 1_000;
/// Days before the end at which a connection's credential or a certificate is written about, each time anew.
pub const ALARMS: [i64; 3] = [30, 7, 1];

/// When a connection's credential ends, as somebody has noted: most targets do not tell.
pub(super) fn setting_name(connection: i64) -> String {
    format!("expiry.connection.{connection}")
}

pub(super) fn value(at: i64) -> Value {
    json!({ "at": at })
}

pub(super) fn noted(tx: &mut Tx, connection: &Connection) -> Result<Option<i64>> {
    let value = setting::get(tx, connection.workspace, &setting_name(connection.key))?;
    Ok(value.and_then(|v| v.get("at").and_then(Value::as_i64)))
}

/// The alarm about a connection's credential that holds now.
pub(super) fn of_connection(
    tx: &mut Tx,
    connection: &Connection,
    settings: &Settings,
    now: i64,
) -> Result<Option<Cause>> {
    let found = noted(tx, connection)?.and_then(|at| Some((at, stage(settings, at, now)?)));
    Ok(found.map(|(at, stage)| {
        let one = Ending {
            name: format!("connection:{}:{stage}", connection.key),
            what: Of::Connection(&connection.name),
            at: Some(at),
        };
        one.told(connection.key, at, now, settings.language)
    }))
}

/// The alarm that holds: the days of the last one that has come, 0 once the credential has ended; none while the end
/// is far, long past, or nobody wants to be told.
fn stage(settings: &Settings, at: i64, now: i64) -> Option<i64> {
    let left = at - now;
    if settings.expiry_days == 0 || left < -ALARMS[0] * DAY {
        return None;
    }
    if left <= 0 {
        return Some(0);
    }
    ALARMS.into_iter().filter(|days| left <= days * DAY).min()
}

/// Tokens and clients of an inbound provider.
pub(super) fn of_provider(
    tx: &mut Tx,
    provider: &provider::Provider,
    settings: &Settings,
    now: i64,
) -> Result<Vec<Cause>> {
    let tokens = token::of_provider(tx, provider.key)?;
    let clients = client::of_provider(tx, provider.key)?;
    let tokens = tokens.iter().map(|token| Ending {
        name: format!("token:{}", token.key),
        what: Of::Token(&token.label, &provider.name),
        at: token.expires.filter(|_| token.revoked.is_none()),
    });
    let clients = clients.iter().map(|client| Ending {
        name: format!("client:{}", client.key),
        what: Of::Client(&client.label, &provider.name),
        at: client.expires.filter(|_| client.revoked.is_none()),
    });
    Ok(tokens
        .chain(clients)
        .filter_map(|one| one.cause(settings, now))
        .collect())
}

/// Tokens of the interface.
pub(super) fn of_api_tokens(
    tx: &mut Tx,
    workspace: i64,
    settings: &Settings,
    now: i64,
) -> Result<Vec<Cause>> {
    let tokens = api_token::list(tx, workspace, 0, TOKENS)?;
    let endings = tokens.iter().map(|one| Ending {
        name: format!("api-token:{}", one.token.key),
        what: Of::ApiToken(&one.token.label),
        at: one.token.expires.filter(|_| one.token.revoked.is_none()),
    });
    Ok(endings.filter_map(|one| one.cause(settings, now)).collect())
}

/// The certificates of Microsoft 365 providers: the alarm that holds now for each.
pub(super) fn of_certificates(
    tx: &mut Tx,
    workspace: i64,
    settings: &Settings,
    now: i64,
) -> Result<Vec<Cause>> {
    let held = certificate::of_workspace(tx, workspace)?;
    let near = held
        .iter()
        .filter_map(|one| Some((one, stage(settings, one.ends, now)?)));
    let told = near.map(|(one, stage)| {
        let ending = Ending {
            name: format!("certificate:{}:{}:{stage}", one.usage, one.thumbprint),
            what: Of::Certificate(one.usage, &one.provider),
            at: Some(one.ends),
        };
        ending.told(0, one.ends, now, settings.language)
    });
    Ok(told.collect())
}

/// A credential that may be near its end.
struct Ending<'a> {
    name: String,
    what: Of<'a>,
    /// When it ends; none when it never does, or was revoked.
    at: Option<i64>,
}

/// Which credential: its label, and whose it is.
enum Of<'a> {
    Connection(&'a str),
    Token(&'a str, &'a str),
    Client(&'a str, &'a str),
    ApiToken(&'a str),
    Certificate(Usage, &'a str),
}

impl Of<'_> {
    /// What it is called in the middle of a sentence.
    fn called(&self, language: Language) -> String {
        match self {
            Self::Connection(name) => language.say("the credential of the connection \"{}\"", &[name]),
            Self::Token(label, of) => {
                language.say("the token \"{}\" of the inbound provider \"{}\"", &[label, of])
            }
            Self::Client(label, of) => language.say(
                "the OAuth client \"{}\" of the inbound provider \"{}\"",
                &[label, of],
            ),
            Self::ApiToken(label) => language.say("the API token \"{}\"", &[label]),
            Self::Certificate(Usage::Signing, of) => {
                language.say("the certificate that signs the sign-ins of \"{}\"", &[of])
            }
            Self::Certificate(Usage::NextSigning, of) => {
                language.say("the next signing certificate of \"{}\"", &[of])
            }
            Self::Certificate(Usage::Onboarding, of) => language.say(
                "the tenant's certificate in the onboarding window of \"{}\"",
                &[of],
            ),
        }
    }

    /// What is over with it.
    fn why(&self, language: Language) -> String {
        match self {
            Self::Certificate(Usage::Signing, _) => {
                language.say("After that, nobody signs in to Microsoft 365 through it.", &[])
            }
            Self::Certificate(Usage::NextSigning, _) => {
                language.say("After that, nothing can be changed over to it.", &[])
            }
            Self::Certificate(Usage::Onboarding, _) => {
                language.say("After that, nobody is let through the window with it.", &[])
            }
            _ => language.say("After that, nothing is taken in or sent out with it.", &[]),
        }
    }

    fn next(&self, language: Language) -> String {
        match self {
            Self::Connection(_) => language.say(
                "Make a new one in the target, save it here (provost connection set), and note when that one ends.",
                &[],
            ),
            Self::Token(..) => language.say(
                "Make a new token, enter it at the sender, then revoke this one.",
                &[],
            ),
            Self::Client(..) => language.say(
                "Make a new client, enter it at the sender, then revoke this one.",
                &[],
            ),
            Self::ApiToken(_) => language.say(
                "Make a new token, give it to the program that uses this one, then revoke this one.",
                &[],
            ),
            Self::Certificate(Usage::Signing, of) => language.say(
                "Prepare the next signing key (provost microsoft-365 signing-key prepare \"{}\"), then renew the \
                 certificate at Microsoft step by step (provost federation certificate \"{}\" announce).",
                &[of, of],
            ),
            Self::Certificate(Usage::NextSigning, of) => language.say(
                "Retire it (provost microsoft-365 signing-key retire \"{}\"), and prepare a new one when the key that \
                 signs is to be changed.",
                &[of],
            ),
            Self::Certificate(Usage::Onboarding, of) => language.say(
                "Make a new certificate for the application in Entra, paste it beside this one, validate and save \
                 (provost migration validate \"{}\"); or close the window.",
                &[of],
            ),
        }
    }
}

impl Ending<'_> {
    fn cause(self, settings: &Settings, now: i64) -> Option<Cause> {
        let at = self.at.filter(|at| is_near(settings, *at, now))?;
        Some(self.told(0, at, now, settings.language))
    }

    fn told(&self, connection: i64, at: i64, now: i64, language: Language) -> Cause {
        let (what, on) = (self.what.called(language), moment(at));
        let ends = match at > now {
            true => language.say("{} ends on {}", &[&what, &on]),
            false => language.say("{} has ended on {}", &[&what, &on]),
        };
        Cause {
            connection,
            name: format!("expiry:{}:{at}", self.name),
            letter: Letter {
                subject: format!("Provost: {ends}"),
                what: format!("{}.", capitalised(&ends)),
                why: self.what.why(language),
                next: self.what.next(language),
                names: Vec::new(),
                concerned: 0,
            },
        }
    }
}

/// Near its end, or past it for no longer than it was near: an old token that nobody misses is no news.
fn is_near(settings: &Settings, at: i64, now: i64) -> bool {
    let days = i64::from(settings.expiry_days) * DAY;
    days > 0 && at - now <= days && now - at <= days
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
