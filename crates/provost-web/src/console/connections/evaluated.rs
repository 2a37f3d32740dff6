//! What a mapping that is being typed gives for one person: the value with its type, or each mistake at its place.

use super::excerpt::Excerpt;
use super::sources::{self, Path};
use super::tag;
use super::trouble::Mark;
use super::typed::{Typed, Way};
use super::words;
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::state::State;
use crate::texts::{Language, text};
use provost_engine::attribute::Lookup;
use provost_engine::expr;
use provost_engine::mapping::{NullPolicy, ValueType};
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_sync::{Answer, Error as Sync, Evaluated, Remark, Subject};
use serde_json::Value;

/// People or groups that a text names, at most.
const SEVERAL: usize = 10;
/// Characters of a value.
const SHOWN: usize = 2_000;

/// Whom a mapping is tried for.
#[derive(Debug, Clone, Default)]
pub(super) struct Whom {
    /// What was typed; else the label of the first in the directory.
    pub typed: String,
    /// Key and label of who is meant.
    pub found: Option<(i64, String)>,
    /// Where several are meant: their labels.
    pub others: Vec<String>,
    /// Nobody has this name.
    pub is_unknown: bool,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    pub whom: Whom,
    pub errors: Vec<Mark>,
    pub warnings: Vec<Mark>,
    /// The value; none where there is none or a mistake is in the way.
    pub value: Option<String>,
    /// The value's type, a text.
    pub form: &'static str,
    /// What happens in the target, in the reader's language.
    pub then: String,
}

impl Shown {
    /// Warns of a value that the target's attribute is known not to take.
    pub fn fit(mut self, target: &str, typed: &Typed) -> Self {
        let odd = self
            .value
            .as_deref()
            .filter(|value| tag::is_about_language(target) && !tag::is_language(value));
        if let Some(value) = odd {
            let message = format!("\"{value}\" is no language tag (RFC 5646)");
            let hint = "applications expect one such as en or nl-BE, and may refuse the word";
            self.warnings.push(whole(typed.text(), &message, hint));
        }
        self
    }
}

/// Who is meant by a text; the first of the directory where none was typed.
///
/// # Errors
/// Any error of the store.
pub(super) async fn whom(state: &State, workspace: i64, kind: Kind, typed: &str) -> Result<Whom> {
    let wanted = typed.trim().to_owned();
    let text = wanted.clone();
    let found: Vec<Object> = state
        .db()
        .read(move |tx| match text.as_str() {
            "" => directory::page(tx, workspace, kind, 0, 1),
            _ => directory::find(tx, workspace, &text),
        })
        .await?;
    let mut found = found.into_iter().filter(|one| one.kind == kind);
    let first = found.next();
    Ok(Whom {
        is_unknown: first.is_none() && !wanted.is_empty(),
        typed: match (&first, wanted.is_empty()) {
            (Some(one), true) => one.label.clone(),
            _ => wanted,
        },
        found: first.map(|one| (one.key, one.label)),
        others: found.take(SEVERAL).map(|one| one.label).collect(),
    })
}

/// Tries a mapping for somebody; for nobody every attribute is empty.
///
/// # Errors
/// Any error of the store; a process without an engine.
pub(super) async fn attempt(
    state: &State,
    workspace: i64,
    typed: &Typed,
    whom: Whom,
    paths: &[Path],
    language: Language,
) -> Result<Shown> {
    let subject = whom
        .found
        .as_ref()
        .map_or(Subject::Nobody, |(key, _)| Subject::Object(*key));
    let mut shown = Shown {
        whom,
        ..Shown::default()
    };
    // Nothing was typed yet: that is no mistake.
    if matches!(typed.way, Way::Direct | Way::Expression) && typed.text().trim().is_empty() {
        return Ok(shown);
    }
    let (expression, offset) = match typed.way {
        Way::Direct => {
            if let Err(message) = Lookup::parse(&typed.direct) {
                let hint = "write a path such as userName or emails[type eq \"work\"].value";
                shown.errors.push(whole(&typed.direct, &message, hint));
                return Ok(shown);
            }
            (format!("[{}]", typed.direct.trim()), 1)
        }
        Way::Expression => (typed.expression.clone(), 0),
        Way::Constant => {
            show(&mut shown, Ok(Some(typed.constant_value())), typed, language);
            return Ok(shown);
        }
        Way::Generated | Way::Sealed => {
            shown.then = language
                .t(text(
                    "A password is made or opened when the account is created. It is shown nowhere.",
                ))
                .to_owned();
            return Ok(shown);
        }
        Way::Nothing => {
            show(&mut shown, Ok(None), typed, language);
            return Ok(shown);
        }
    };
    let answer = place::engine(state)?
        .evaluate(workspace, &expression, &subject)
        .await;
    let evaluated = match answer {
        Ok(evaluated) => evaluated,
        Err(Sync::Store(error)) => return Err(error.into()),
        Err(other) => return Err(Refusal::Engine(other)),
    };
    take(&mut shown, &evaluated, typed, offset, language);
    shown.warnings.extend(unknown(typed, paths));
    Ok(shown)
}

fn take(shown: &mut Shown, evaluated: &Evaluated, typed: &Typed, offset: usize, language: Language) {
    let text_of = typed.text();
    let mark = |remark: &Remark| Mark {
        excerpt: Excerpt::of_characters(
            text_of,
            remark.start.saturating_sub(offset)..remark.end.saturating_sub(offset),
        ),
        message: remark.message.clone(),
        hint: remark.hint.clone(),
    };
    shown.errors = evaluated.errors.iter().map(mark).collect();
    shown.warnings = evaluated.warnings.iter().map(mark).collect();
    match &evaluated.result {
        None => {}
        Some(Answer::IgnoreAttribute) => {
            shown.then = language
                .t(text("The attribute is left alone for this person."))
                .to_owned();
        }
        Some(Answer::IgnoreObject) => {
            shown.then = language
                .t(text("This person is left alone altogether."))
                .to_owned();
        }
        Some(Answer::Value(value)) => {
            let value = expr::Value::from(value).into_json(typed.kind);
            show(shown, value, typed, language);
        }
    }
}

/// The value as the target is to get it, or what happens without one.
fn show(
    shown: &mut Shown,
    value: std::result::Result<Option<Value>, String>,
    typed: &Typed,
    language: Language,
) {
    match value {
        Err(message) => {
            let hint = "correct the person's attribute, or the mapping's type";
            shown.errors.push(whole(typed.text(), &message, hint));
        }
        Ok(Some(value)) => {
            shown.form = form(&value);
            shown.value = Some(printed(&value));
            shown.then = language.t(typed.when()).to_owned();
        }
        Ok(None) => {
            shown.form = text("no value");
            shown.then = without_value(typed, language);
        }
    }
}

fn without_value(typed: &Typed, language: Language) -> String {
    let default = typed.default.trim();
    match typed.null {
        _ if typed.way == Way::Nothing && default.is_empty() => {
            language.t(text("The target keeps what it has.")).to_owned()
        }
        _ if typed.way == Way::Nothing => language.f(
            text("The target keeps what it has; where it has nothing, {} is written."),
            &[default],
        ),
        NullPolicy::Clear => language.t(text("The target's value is removed.")).to_owned(),
        NullPolicy::Default => language.f(text("The default {} is written."), &[default]),
        NullPolicy::DefaultIfEmpty => language.f(
            text("The default {} is written where the target has nothing."),
            &[default],
        ),
        NullPolicy::Skip if !default.is_empty() => language.f(
            text("A new account gets the default {}; an existing one keeps what it has."),
            &[default],
        ),
        NullPolicy::Skip => language.t(text("The target keeps what it has.")).to_owned(),
    }
}

/// Names that no schema of the directory has, each with the one that it is most like.
fn unknown(typed: &Typed, paths: &[Path]) -> Vec<Mark> {
    let named = match typed.way {
        Way::Direct => vec![(0, typed.direct.trim().to_owned())],
        Way::Expression => words::attributes(&typed.expression),
        _ => Vec::new(),
    };
    let known = |name: &str| {
        let is = |path: &Path| path.name.eq_ignore_ascii_case(name);
        name.is_empty() || paths.iter().any(is) || provost_engine::attribute::alias(name).is_some()
    };
    let names = || paths.iter().map(|path| path.name.as_str());
    named
        .iter()
        .filter(|(_, name)| !known(name))
        .filter_map(|(start, name)| {
            let nearest = sources::nearest(name, names())?;
            Some(Mark {
                excerpt: Excerpt::of_characters(typed.text(), *start..start + name.chars().count()),
                message: format!("no schema of the directory has [{name}]"),
                hint: format!("did you mean [{nearest}]?"),
            })
        })
        .collect()
}

fn whole(typed: &str, message: &str, hint: &str) -> Mark {
    Mark {
        excerpt: Excerpt::of_characters(typed, 0..typed.chars().count()),
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

fn form(value: &Value) -> &'static str {
    match value {
        Value::Null => text("no value"),
        Value::Bool(_) => text("true or false"),
        Value::Number(_) => text("number"),
        Value::String(_) => text("text"),
        Value::Array(_) => text("list"),
        Value::Object(_) => text("structure"),
    }
}

fn printed(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    text.chars().take(SHOWN).collect()
}

/// The type as a mapping declares it, for a choice: the word of the form, and its label.
pub(super) const KINDS: [(&str, &str); 5] = [
    ("", text("as the value is")),
    ("string", text("text")),
    ("integer", text("whole number")),
    ("boolean", text("true or false")),
    ("strings", text("list of texts")),
];

/// The type by the word of the form.
pub(super) fn kind(word: &str) -> Option<ValueType> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

/// The word of the form for a type.
pub(super) fn word(kind: Option<ValueType>) -> &'static str {
    match kind {
        None => "",
        Some(ValueType::String) => "string",
        Some(ValueType::Integer) => "integer",
        Some(ValueType::Boolean) => "boolean",
        Some(ValueType::Strings) => "strings",
    }
}
