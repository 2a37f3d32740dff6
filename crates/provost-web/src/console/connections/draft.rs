//! A connection as it is entered: the form's fields, what was typed in them, and the draft that comes out. A secret
//! that was typed goes back into the form sealed, so that nobody has to type it twice and nobody can read it.

use super::fields::{self, Field, Shape};
use crate::console::faults::Faults;
use crate::form::Form;
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use provost_connect::Secret;
use serde_json::{Map, Value};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What was entered.
#[derive(Debug, Default)]
pub(super) struct Entered {
    pub settings: Map<String, Value>,
    /// Those that were typed now or before.
    pub secrets: Vec<(String, Secret)>,
    /// The last moment of the day on which the credential ends.
    pub expires: Option<i64>,
    /// Settings that were emptied: what was saved for them goes.
    pub emptied: Vec<&'static str>,
}

/// A field as the page shows it.
pub(super) struct View {
    /// The name of the form's field.
    pub name: String,
    pub label: String,
    pub help: String,
    pub is_english: bool,
    pub is_required: bool,
    pub is_folded: bool,
    /// `text`, `url`, `choice`, `some`, `switch`, `secret`, `pem`.
    pub shape: &'static str,
    pub value: String,
    /// The words of a choice with their labels.
    pub options: Vec<(String, String, bool)>,
    /// A secret that was typed before, sealed; empty for none.
    pub sealed: String,
    /// Whether there is a secret already, so that nothing has to be typed.
    pub is_kept: bool,
}

impl View {
    /// The secret's own name.
    pub fn secret_name(&self) -> &str {
        self.name.trim_start_matches("x.")
    }
}

/// The name of the form's field for a setting or secret.
pub(super) fn name(field: &Field) -> String {
    let before = if field.is_secret() { "x" } else { "s" };
    format!("{before}.{}", field.name)
}

/// What a sealed secret is bound to: nobody else's session can open it.
fn bound(visitor: &Visitor, field: &Field) -> String {
    format!("form of session {}: {}", visitor.signed.session.key, field.name)
}

/// Reads a form.
pub(super) fn read(state: &State, visitor: &Visitor, connector: &str, form: &Form) -> (Entered, Faults) {
    let (mut entered, mut faults) = (Entered::default(), Faults::none());
    let language = visitor.language;
    for field in fields::of(connector) {
        let name = name(&field);
        if field.is_secret() {
            entered.secrets.extend(secret(state, visitor, &field, form));
            continue;
        }
        let typed: Vec<&str> = form.all(&name).collect();
        match field.value(&typed) {
            Ok(Some(value)) => drop(entered.settings.insert(field.name.to_owned(), value)),
            Ok(None) => entered.emptied.push(field.name),
            Err(sentence) => faults.add(&name, language.t(sentence)),
        }
    }
    match expiry(form.get("expires")) {
        Ok(expires) => entered.expires = expires,
        Err(()) => faults.add("expires", language.t(text("Type a day, such as 2027-01-31."))),
    }
    (entered, faults)
}

/// A secret that was typed, else one that came back sealed.
fn secret(state: &State, visitor: &Visitor, field: &Field, form: &Form) -> Option<(String, Secret)> {
    let typed = form.get(&name(field));
    if !typed.trim().is_empty() {
        return Some((field.name.to_owned(), Secret::new(typed)));
    }
    let sealed = form.text(&format!("sealed.{}", field.name))?;
    let plain = state.key().open_text(&bound(visitor, field), sealed).ok()?;
    Some((field.name.to_owned(), Secret::new(plain)))
}

/// The last moment of a day that was typed, UTC; none where nothing was.
///
/// # Errors
/// When it is no day.
pub(in crate::console) fn expiry(typed: &str) -> Result<Option<i64>, ()> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let day: Date = typed.parse().map_err(|_| ())?;
    let begins = day.to_zoned(TimeZone::UTC).map_err(|_| ())?;
    Ok(Some(begins.timestamp().as_millisecond() + DAY - 1))
}

/// The required fields in which nothing was typed. `kept` are the secrets that there are already.
pub(super) fn require(connector: &str, entered: &Entered, language: Language, faults: &mut Faults) {
    for field in fields::of(connector).iter().filter(|field| field.is_required) {
        if !entered.settings.contains_key(field.name) {
            faults.add(&name(field), language.t(text("This is needed.")));
        }
    }
}

/// The fields of a connector with these values. `form` has what was typed, where something was sent.
pub(super) fn views(
    state: &State,
    visitor: &Visitor,
    connector: &str,
    settings: &Value,
    form: Option<&Form>,
    kept: &[String],
) -> Vec<View> {
    let of = |field: Field| view(state, visitor, &field, settings, form, kept);
    fields::of(connector).into_iter().map(of).collect()
}

fn view(
    state: &State,
    visitor: &Visitor,
    field: &Field,
    settings: &Value,
    form: Option<&Form>,
    kept: &[String],
) -> View {
    let (language, name) = (visitor.language, name(field));
    let saved = settings.get(field.name).unwrap_or(&Value::Null);
    let value = match form {
        _ if field.is_secret() => String::new(),
        Some(form) => form.all(&name).collect::<Vec<_>>().join(", "),
        None => field.shown(saved),
    };
    let sealed = form.and_then(|form| {
        let (_, secret) = secret(state, visitor, field, form).filter(|_| field.is_secret())?;
        state
            .key()
            .seal_text(&bound(visitor, field), secret.expose())
            .ok()
    });
    View {
        label: language.t(field.label).to_owned(),
        help: language.t(field.help).to_owned(),
        is_english: field.is_folded,
        is_required: field.is_required,
        is_folded: field.is_folded,
        shape: match field.shape {
            Shape::Text | Shape::Number | Shape::List | Shape::Numbers => "text",
            Shape::Id => "id",
            Shape::Address => "url",
            Shape::Maybe | Shape::Choice(_) => "choice",
            Shape::Some(_) => "some",
            Shape::Switch => "switch",
            Shape::Secret => "secret",
            Shape::Pem => "pem",
        },
        options: options(field, &value, language),
        is_kept: sealed.is_some() || field.is_secret() && kept.iter().any(|one| one == field.name),
        sealed: sealed.unwrap_or_default(),
        value,
        name,
    }
}

fn options(field: &Field, value: &str, language: Language) -> Vec<(String, String, bool)> {
    let plain = |word: &str| (word.to_owned(), word.to_owned(), word == value);
    let default = (
        String::new(),
        language.t(text("as it is by default")).to_owned(),
        value.is_empty(),
    );
    match field.shape {
        Shape::Choice(words) => std::iter::once(default)
            .chain(words.iter().map(|word| plain(word)))
            .collect(),
        Shape::Maybe => {
            let yes = (
                "true".to_owned(),
                language.t(text("yes")).to_owned(),
                value == "true",
            );
            let no = (
                "false".to_owned(),
                language.t(text("no")).to_owned(),
                value == "false",
            );
            vec![default, yes, no]
        }
        Shape::Some(words) => {
            let chosen: Vec<&str> = value.split(", ").collect();
            words
                .iter()
                .map(|word| ((*word).to_owned(), (*word).to_owned(), chosen.contains(word)))
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_ends_with_its_day() {
        assert_eq!(expiry("1970-01-01"), Ok(Some(DAY - 1)));
        assert_eq!(expiry(" "), Ok(None));
        assert_eq!(expiry("soon"), Err(()));
    }
}
