//! Regular expressions: bounded, and linear in the length of the text.

use regex::{Regex, RegexBuilder};

/// The largest compiled regular expression, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// Message and hint.
pub(crate) type Mistake = (String, String);

/// Compiles a regular expression of the author.
pub(crate) fn pattern(text: &str) -> Result<Regex, Mistake> {
    RegexBuilder::new(text)
        .size_limit(MAX_COMPILED)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => (
                "the regular expression is too large".to_owned(),
                "use smaller repetition counts".to_owned(),
            ),
            // The error's last line says what is wrong; the lines before it draw a picture.
            error => {
                let text = error.to_string();
                let cause = text
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                (
                    format!("the regular expression is not valid: {cause}"),
                    "look-around and back-references are not available, because matching must take \
                 linear time; inside a string a backslash may be doubled"
                        .to_owned(),
                )
            }
        })
}
