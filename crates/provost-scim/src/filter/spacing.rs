//! Whether a filter has exactly the spaces of RFC 7644 figure 1: one between two words, none beside
//! brackets and parentheses, `not` with one before its parenthesis or with none (the RFC writes both).

/// What came before the place that is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// The beginning, or an opening bracket or parenthesis.
    Opening,
    /// A closing bracket or parenthesis, or the end of a text.
    End,
    /// Within a word.
    Word,
    /// One space behind a word, or behind the end of something.
    Space,
}

/// Looks at every character outside of texts once. A filter that cannot be read at all may pass: reading it
/// is not done here.
pub(super) fn is_exact(filter: &str) -> bool {
    let mut before = Before::Opening;
    let mut bytes = filter.bytes();
    while let Some(byte) = bytes.next() {
        before = match (byte, before) {
            (b' ', Before::Word | Before::End) => Before::Space,
            (b'(', Before::Opening | Before::Space | Before::Word) => Before::Opening,
            (b'[', Before::Word) => Before::Opening,
            (b')' | b']', Before::Word | Before::End) => Before::End,
            (b'"', Before::Space | Before::Opening) => {
                skip_text(&mut bytes);
                Before::End
            }
            // Behind a bracket a sub-attribute may follow: a matter of grammar, not of spaces.
            (b'.', Before::End | Before::Word) => Before::Word,
            (byte, Before::Opening | Before::Space | Before::Word) if is_word(byte) => Before::Word,
            _ => return false,
        };
    }
    before != Before::Space
}

fn is_word(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'(' | b')' | b'[' | b']' | b'"' | b'.')
}

/// Up to and with the closing quote.
fn skip_text(bytes: &mut std::str::Bytes<'_>) {
    let mut escaped = false;
    for byte in bytes.by_ref() {
        match byte {
            b'"' if !escaped => return,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spaces_of_the_grammar_are_exact() {
        for filter in [
            "userName eq \"a  b\"",
            "title pr and userType eq \"x\"",
            "not (title pr)",
            "not(title pr) and (active eq true or id eq \"\\\" \")",
            "emails[type eq \"work\" and not (value pr)]",
            "emails[type eq \"work\"].value eq \"x\"",
            "((title pr))",
        ] {
            assert!(is_exact(filter), "{filter}");
        }
    }

    #[test]
    fn other_spaces_are_not() {
        for filter in [
            " title pr",
            "title pr ",
            "title  pr",
            "title\tpr",
            "( title pr)",
            "(title pr )",
            "emails [type pr]",
            "emails[ type pr]",
            "userName eq\"a\"",
            "userName eq \"a\"and title pr",
            "(title pr)and id pr",
            "emails[type pr] .value pr",
        ] {
            assert!(!is_exact(filter), "{filter}");
        }
    }
}
