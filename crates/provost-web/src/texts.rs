//! The words of the pages in two languages. The English text is the key; `locales/de.toml` has the German one. A test
//! holds every text of the templates and of this crate to that file.

mod said;

pub(crate) use said::Said;

use axum::http::HeaderValue;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// The texts as they stand in the code.
    #[default]
    English,
    /// From the catalogue.
    German,
}

static GERMAN: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let read = toml::from_str(include_str!("../locales/de.toml"));
    read.unwrap_or_else(|error| {
        tracing::error!(%error, "the German texts cannot be read");
        HashMap::new()
    })
});

/// Marks a text that reaches a page by way of a table or a field, so that the test of the catalogue finds it.
pub(crate) const fn text(english: &'static str) -> &'static str {
    english
}

impl Language {
    /// The languages, with their own names, for a choice.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// What somebody chose; else the first of the browser's languages that there is.
    pub fn chosen(chosen: &str, accepted: Option<&HeaderValue>) -> Self {
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wanted = std::iter::once(chosen).chain(accepted.split(','));
        wanted.filter_map(Self::of).next().unwrap_or_default()
    }

    /// By a language tag, such as `de-AT;q=0.8`.
    fn of(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', ';']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The tag of the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// A text in this language.
    pub fn t(self, english: &str) -> &str {
        match self {
            Self::English => english,
            Self::German => GERMAN.get(english).map_or(english, String::as_str),
        }
    }

    /// A text with values in the places of its `{}`, in their order.
    pub fn f(self, english: &str, values: &[&str]) -> String {
        let mut values = values.iter();
        let mut parts = self.t(english).split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push_str(values.next().copied().unwrap_or_default());
            text.push_str(part);
        }
        text
    }

    /// A number with its word: `one` for 1, else `many`; `{}` stands for the number.
    pub fn n(self, count: i64, one: &str, many: &str) -> String {
        self.f(if count == 1 { one } else { many }, &[&self.number(count)])
    }

    /// A number with its thousands apart, as readers of the language write it.
    pub fn number(self, number: i64) -> String {
        let grouped = crate::console::time::grouped(number);
        match self {
            Self::English => grouped,
            Self::German => grouped.replace(',', "."),
        }
    }
}

#[cfg(test)]
mod tests;
