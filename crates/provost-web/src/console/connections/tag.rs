//! Language tags: what applications expect as a person's language, and directories often have as a word.

/// Whether an attribute holds a language (RFC 7643 section 4.1.1: `preferredLanguage`, `locale`).
pub(super) fn is_about_language(target: &str) -> bool {
    matches!(target, "preferredLanguage" | "locale")
}

/// Whether a text has the form of a language tag (RFC 5646 section 2.1), or of several as a browser lists them (RFC 9110
/// section 12.5.4). A language is two or three letters: longer ones are reserved, and none is registered.
pub(super) fn is_language(text: &str) -> bool {
    text.split(',').all(|part| {
        let tag = part.split(';').next().unwrap_or_default().trim();
        let mut subtags = tag.split('-');
        let language = subtags.next().unwrap_or_default();
        let is_short = (2..=3).contains(&language.len());
        let is_fit = |rest: &str| (1..=8).contains(&rest.len()) && is_ascii(rest, u8::is_ascii_alphanumeric);
        tag == "*" || (is_short && is_ascii(language, u8::is_ascii_alphabetic) && subtags.all(is_fit))
    })
}

fn is_ascii(text: &str, is: fn(&u8) -> bool) -> bool {
    text.as_bytes().iter().all(is)
}

#[cfg(test)]
mod tests {
    use super::is_language;

    #[test]
    fn tags_are_told_from_words() {
        for tag in ["nl", "nl-BE", "zh-Hant-TW", "da, en-gb;q=0.8, *;q=0.1", "nob"] {
            assert!(is_language(tag), "{tag}");
        }
        for word in [
            "english",
            "English (UK)",
            "",
            "e",
            "nl_BE",
            "12",
            "nl-",
            "nl-averylongone",
        ] {
            assert!(!is_language(word), "{word}");
        }
    }
}
