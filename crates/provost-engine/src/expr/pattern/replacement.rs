//! What a replacement says, in the manner of .NET: `$1`, `${name}`, `$$`, `$&`, `` $` ``, `$'`, `$+`, `$_`.
//! What names no group means itself.

use super::{Groups, Pattern};

/// Puts what the groups captured into a replacement, part by part.
pub(in crate::expr) fn expand<E>(
    pattern: &Pattern,
    groups: &Groups,
    text: &str,
    replacement: &str,
    push: &mut impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        push(&rest[..at])?;
        rest = &rest[at..];
        let (reference, length) = reference(&rest[1..]);
        let whole = groups.whole();
        let part = match reference {
            Reference::Dollar => Some("$"),
            Reference::Before => Some(&text[..whole.start]),
            Reference::Behind => Some(&text[whole.end..]),
            Reference::Input => Some(text),
            Reference::Last => captured(pattern, groups, text, &pattern.last_group().to_string()),
            Reference::Group(name) => captured(pattern, groups, text, name),
            Reference::None => None,
        };
        push(part.unwrap_or(&rest[..1 + length]))?;
        rest = &rest[1 + length..];
    }
    push(rest)
}

enum Reference<'r> {
    Dollar,
    Before,
    Behind,
    Input,
    Last,
    Group(&'r str),
    None,
}

/// The reference behind a dollar sign, and its length.
fn reference(text: &str) -> (Reference<'_>, usize) {
    match text.as_bytes().first() {
        Some(b'$') => (Reference::Dollar, 1),
        Some(b'&') => (Reference::Group("0"), 1),
        Some(b'`') => (Reference::Before, 1),
        Some(b'\'') => (Reference::Behind, 1),
        Some(b'_') => (Reference::Input, 1),
        Some(b'+') => (Reference::Last, 1),
        Some(b'{') => match text.find('}') {
            Some(end) => (Reference::Group(&text[1..end]), end + 1),
            None => (Reference::None, 1),
        },
        Some(b) if b.is_ascii_digit() => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            (Reference::Group(&text[..digits]), digits)
        }
        _ => (Reference::None, 0),
    }
}

/// `None` when there is no such group; empty when it captured nothing.
fn captured<'t>(pattern: &Pattern, groups: &Groups, text: &'t str, name: &str) -> Option<&'t str> {
    let range = pattern.group(groups, name)?;
    Some(range.map_or("", |range| &text[range]))
}
