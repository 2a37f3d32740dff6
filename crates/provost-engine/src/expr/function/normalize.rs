//! Letter case and accents, character by character.

use std::borrow::Cow;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Whose rules for letter case hold. Only Turkish and Azeri differ for single characters (Lithuanian only
/// for accents written as characters of their own, which .NET does not look at either).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Culture {
    Invariant,
    /// i ↔ İ and ı ↔ I.
    Turkic,
}

impl Culture {
    /// The culture of a language tag (RFC 4646), such as `tr-TR`.
    pub(super) fn of(tag: &str) -> Self {
        match tag.split('-').next().map(str::to_ascii_lowercase).as_deref() {
            Some("tr" | "az") => Self::Turkic,
            _ => Self::Invariant,
        }
    }
}

/// Lower case, one character for one: a character whose lower case is longer stays.
pub(super) fn lower_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    single(c, c.to_lowercase())
}

/// Upper case, one character for one: a character whose upper case is longer (ß) stays, and so does the
/// dotless ı, which .NET's invariant culture leaves alone.
pub(super) fn upper_char(c: char) -> char {
    match c {
        'ı' => c,
        c if c.is_ascii() => c.to_ascii_uppercase(),
        c => single(c, c.to_uppercase()),
    }
}

fn single(c: char, mut cased: impl Iterator<Item = char>) -> char {
    match (cased.next(), cased.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

pub(super) fn lower(text: Cow<'_, str>, culture: Culture) -> Cow<'_, str> {
    change(text, |c| match (c, culture) {
        ('I', Culture::Turkic) => 'ı',
        ('İ', Culture::Turkic) => 'i',
        _ => lower_char(c),
    })
}

pub(super) fn upper(text: Cow<'_, str>, culture: Culture) -> Cow<'_, str> {
    change(text, |c| match (c, culture) {
        ('i', Culture::Turkic) => 'İ',
        ('ı', Culture::Turkic) => 'I',
        _ => upper_char(c),
    })
}

/// Changes characters, and copies only when one really changes.
fn change(text: Cow<'_, str>, change: impl Fn(char) -> char) -> Cow<'_, str> {
    let Some(first) = text.char_indices().find(|(_, c)| change(*c) != *c) else {
        return text;
    };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first.0]);
    out.extend(text[first.0..].chars().map(change));
    Cow::Owned(out)
}

/// Letters without accents: decomposed, combining marks dropped, and the letters that do not decompose
/// spelt out. Umlauts become the bare letter. Hangul syllables, whose parts are no accents, stay.
pub(super) fn without_accents(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() || matches!(c, '\u{ac00}'..='\u{d7a3}') {
            out.push(c);
        } else {
            decompose_canonical(c, |part| bare(part, &mut out));
        }
    }
    Cow::Owned(out)
}

fn bare(c: char, out: &mut String) {
    match c {
        'æ' => out.push_str("ae"),
        'Æ' => out.push_str("AE"),
        'ø' => out.push_str("oe"),
        'Ø' => out.push_str("OE"),
        'œ' => out.push_str("oe"),
        'Œ' => out.push_str("OE"),
        'ß' => out.push_str("ss"),
        'ẞ' => out.push_str("SS"),
        'ł' => out.push('l'),
        'Ł' => out.push('L'),
        'ı' => out.push('i'),
        other if is_combining_mark(other) => {}
        other => out.push(other),
    }
}
