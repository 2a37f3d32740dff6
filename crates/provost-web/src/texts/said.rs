//! What the engine says, in the reader's language. A sentence is recorded once, in English, with the values that it is
//! about in their places: the record, the log and the interface never depend on who looks. A page finds out by which
//! template the sentence was made, takes the values out of it, and puts them into the sentence of the other language.
//!
//! `locales/de.said.toml` has a line for each template: holes are `{named}`, and the same ones stand on both sides.
//! What no template fits stays English, and the page says so by its `lang`.

use super::Language;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Longer texts stay as they are: no sentence of the engine is so long, but what a target quotes may be.
const MOST: usize = 4_000;
/// Sentences of a text that is looked at.
const SENTENCES: usize = 10;
/// Sentences that one template may hold.
const JOINED: usize = 4;

/// A sentence for a page, and the language it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The sentence.
    pub text: String,
    /// For the `lang` attribute.
    pub lang: &'static str,
}

/// A sentence with holes: what stands between them, and their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    literals: Vec<String>,
    names: Vec<String>,
    german: String,
}

pub(super) static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let read: Result<BTreeMap<String, String>, _> =
        toml::from_str(include_str!("../../locales/de.said.toml"));
    let pairs = read.unwrap_or_else(|error| {
        tracing::error!(%error, "the German sentences of the engine cannot be read");
        BTreeMap::new()
    });
    let mut templates: Vec<Template> = pairs
        .iter()
        .map(|(english, german)| Template::of(english, german))
        .collect();
    // The one that says most comes first, so that a general one never takes a particular one's place.
    templates
        .sort_by_key(|template| std::cmp::Reverse(template.literals.iter().map(String::len).sum::<usize>()));
    templates
});

impl Template {
    fn of(english: &str, german: &str) -> Self {
        let (mut literals, mut names) = (Vec::new(), Vec::new());
        let mut rest = english;
        while let Some((literal, (name, after))) = rest
            .split_once('{')
            .and_then(|(literal, hole)| Some((literal, hole.split_once('}')?)))
        {
            literals.push(literal.to_owned());
            names.push(name.to_owned());
            rest = after;
        }
        literals.push(rest.to_owned());
        Self {
            literals,
            names,
            german: german.to_owned(),
        }
    }

    /// The English sentence, without what stands in its holes.
    #[cfg(test)]
    pub(super) fn literals(&self) -> &[String] {
        &self.literals
    }

    /// The names of its holes.
    #[cfg(test)]
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The German sentence with its holes.
    #[cfg(test)]
    pub(super) fn german(&self) -> &str {
        &self.german
    }

    /// The values in the holes, when the text was made by this template.
    fn values<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, others) = self.literals.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let Some((last, between)) = others.split_last() else {
            return rest.is_empty().then(Vec::new);
        };
        let mut values = Vec::with_capacity(self.names.len());
        for literal in between {
            let (value, after) = rest.split_once(literal.as_str())?;
            values.push(value);
            rest = after;
        }
        values.push(rest.strip_suffix(last.as_str())?);
        values.iter().all(|value| !value.is_empty()).then_some(values)
    }

    /// The German sentence with these values. One that is a sentence of the engine itself is said in German too.
    fn fill(&self, values: &[&str]) -> String {
        let mut text = self.german.clone();
        for (name, value) in self.names.iter().zip(values) {
            let value = sentence(value).unwrap_or_else(|| (*value).to_owned());
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        text
    }
}

impl Language {
    /// What the engine said, in this language where there is a template for each of its sentences; else as it was
    /// said. A stable code before it stays where it is.
    pub fn said(self, english: &str) -> Said {
        let (code, sentences) = match english.split_once(": ") {
            Some((code, rest)) if code.starts_with("PRV-") && !code.contains(' ') => (Some(code), rest),
            _ => (None, english),
        };
        match german(sentences).filter(|_| self == Self::German) {
            Some(text) => Said {
                text: code.map(|code| format!("{code}: {text}")).unwrap_or(text),
                lang: Self::German.tag(),
            },
            None => Said {
                text: english.to_owned(),
                lang: Self::English.tag(),
            },
        }
    }
}

/// All sentences of a text in German; none when one of them is not known.
fn german(english: &str) -> Option<String> {
    if english.len() > MOST || english.is_empty() {
        return None;
    }
    let sentences: Vec<&str> = english.split_inclusive(". ").collect();
    let said = (sentences.len() <= SENTENCES).then(|| all(&sentences))??;
    Some(said.join(" "))
}

/// Each sentence by a template of its own where that can be; else some of them together, which have one template, or of
/// which the later ones belong to what the first one quotes.
fn all(sentences: &[&str]) -> Option<Vec<String>> {
    if sentences.is_empty() {
        return Some(Vec::new());
    }
    (1..=JOINED.min(sentences.len())).find_map(|count| {
        let (now, later) = sentences.split_at_checked(count)?;
        let said = sentence(now.concat().trim_end())?;
        let mut rest = all(later)?;
        rest.insert(0, said);
        Some(rest)
    })
}

/// One sentence, or several that belong together; its full stop stays as it was.
fn sentence(english: &str) -> Option<String> {
    let (bare, stop) = match english.strip_suffix('.') {
        Some(bare) => (bare, "."),
        None => (english, ""),
    };
    TEMPLATES.iter().find_map(|template| {
        let values = template.values(bare)?;
        Some(format!("{}{stop}", template.fill(&values)))
    })
}

#[cfg(test)]
mod tests;
