//! The words of letters in two languages. The English text is the key. What the engine or a target says of an error is
//! quoted as it is.

use super::german::GERMAN;
use serde::{Deserialize, Serialize};

/// The language of a workspace's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    /// The texts as they stand in the code.
    #[default]
    #[serde(rename = "en")]
    English,
    /// From the catalogue.
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// Its tag: `en` or `de`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The language with this tag; English for any other text.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        match tag {
            "de" => Self::German,
            _ => Self::English,
        }
    }

    /// The language for somebody who prefers this one (RFC 7643 section 4.1.1: a tag as in Accept-Language): German for
    /// `de` and what begins with it, such as `de-AT`; English for every other.
    #[must_use]
    pub fn preferred(tag: &str) -> Self {
        let first = tag.trim().split(['-', '_', ',', ';']).next().unwrap_or_default();
        match first.trim().eq_ignore_ascii_case("de") {
            true => Self::German,
            false => Self::English,
        }
    }

    /// A text with values in the places of its `{}`, in their order.
    pub(super) fn say(self, english: &str, values: &[&str]) -> String {
        let mut parts = self.text(english).split("{}");
        let mut said = parts.next().unwrap_or_default().to_owned();
        let mut values = values.iter();
        for part in parts {
            said.push_str(values.next().unwrap_or(&""));
            said.push_str(part);
        }
        said
    }

    /// What a step does.
    pub(super) fn action(self, action: &str) -> String {
        match action.strip_prefix("staged ") {
            Some(action) => self.say("held: {}", &[self.text(action)]),
            None => self.text(action).to_owned(),
        }
    }

    fn text(self, english: &str) -> &str {
        match self {
            Self::English => english,
            Self::German => {
                let found = GERMAN.iter().find(|(key, _)| *key == english);
                found.map_or(english, |(_, german)| german)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_engine::plan::Action;

    /// The sources that say something in letters.
    const SOURCES: [&str; 6] = [
        include_str!("cause.rs"),
        include_str!("digest.rs"),
        include_str!("expiry.rs"),
        include_str!("joining.rs"),
        include_str!("mod.rs"),
        include_str!("text.rs"),
    ];

    /// The texts that a source hands to [`Language::say`].
    fn said(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let after = |part: &str| {
            let text = part.trim_start().strip_prefix('"')?;
            let mut said = String::new();
            let mut letters = text.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '"' => return Some(said),
                    '\\' => match letters.next()? {
                        '\n' => letters = letters.as_str().trim_start().chars(),
                        'n' => said.push('\n'),
                        other => said.push(other),
                    },
                    other => said.push(other),
                }
            }
            None
        };
        code.split(".say(").skip(1).filter_map(after).collect()
    }

    #[test]
    fn every_text_of_a_letter_has_a_german_one_and_no_other_is_kept() {
        let mut used: Vec<String> = SOURCES.iter().flat_map(|source| said(source)).collect();
        used.extend(Action::ALL.iter().map(ToString::to_string));
        used.push("held: {}".to_owned());
        assert!(used.len() > 40, "{used:?}");
        for text in &used {
            let german = Language::German.text(text);
            assert_ne!(german, text, "no German text");
            let places = |text: &str| text.matches("{}").count();
            assert_eq!(places(german), places(text), "{text}");
        }
        for (english, _) in GERMAN {
            assert!(used.iter().any(|text| text == english), "nobody says {english}");
        }
    }

    #[test]
    fn a_preferred_language_is_german_or_english() {
        for tag in ["de", "de-AT", "DE_ch", " de-DE, en;q=0.8"] {
            assert_eq!(Language::preferred(tag), Language::German, "{tag}");
        }
        for tag in ["", "en-US", "deu", "fr", "german"] {
            assert_eq!(Language::preferred(tag), Language::English, "{tag}");
        }
    }

    #[test]
    fn values_stand_in_their_places_also_when_they_look_like_one() {
        let said = Language::German.say("{} ends on {}", &["{}", "heute"]);
        assert_eq!(said, "{} endet am heute");
        assert_eq!(Language::English.action("staged delete"), "held: delete");
        assert_eq!(
            Language::German.action("staged delete"),
            "zurückgehalten: löschen"
        );
    }
}
