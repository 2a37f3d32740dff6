//! Writing a date as a format string says (.NET's `DateTime.ToString`, invariant culture).

use std::fmt::{self, Write};

use super::exact::{Stamp, Zone};
use super::moment::{DAYS, MONTHS};
use super::picture::{Picture, Token};

/// The text of a date.
pub(super) fn write(stamp: Stamp, picture: &Picture) -> String {
    let mut out = String::with_capacity(picture.0.len() * 2);
    for token in &picture.0 {
        // Writing to a text does not fail.
        let _ = write_token(&mut out, *token, stamp);
    }
    out
}

fn write_token(out: &mut String, token: Token, stamp: Stamp) -> fmt::Result {
    let at = stamp.at;
    let hour12 = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    match token {
        Token::Literal(c) => out.write_char(c),
        Token::Year(letters @ 1..=2) => write!(out, "{:0letters$}", at.year() % 100),
        Token::Year(letters) => write!(out, "{:0letters$}", at.year()),
        Token::Month(letters) => named(out, &MONTHS, at.month() - 1, at.month(), letters),
        Token::Day(letters) => {
            let weekday = at.weekday().to_sunday_zero_offset();
            named(out, &DAYS, weekday, at.day(), letters)
        }
        Token::Hour24(letters) => two(out, at.hour(), letters),
        Token::Hour12(letters) => two(out, hour12, letters),
        Token::Minute(letters) => two(out, at.minute(), letters),
        Token::Second(letters) => two(out, at.second(), letters),
        Token::Fraction(digits) => out.write_str(&fraction(stamp)[..digits]),
        Token::ShortFraction(digits) => {
            let fraction = fraction(stamp);
            let short = fraction[..digits].trim_end_matches('0');
            if short.is_empty() && out.ends_with('.') {
                out.pop();
            }
            out.write_str(short)
        }
        Token::Half(letters) => {
            let half = if at.hour() < 12 { "AM" } else { "PM" };
            out.write_str(&half[..letters.min(2)])
        }
        Token::Offset(1) => out.write_str("+0"),
        Token::Offset(2) => out.write_str("+00"),
        Token::Offset(_) => out.write_str("+00:00"),
        Token::Zone => out.write_str(match stamp.zone {
            Zone::Unspecified => "",
            Zone::Utc => "Z",
            Zone::Local => "+00:00",
        }),
        Token::Era => out.write_str("A.D."),
    }
}

/// Nine digits of the second.
fn fraction(stamp: Stamp) -> String {
    format!("{:09}", stamp.at.subsec_nanosecond())
}

fn two(out: &mut String, number: i8, letters: usize) -> fmt::Result {
    let width = letters.min(2);
    write!(out, "{number:0width$}")
}

/// A number for one or two letters, a short name for three, a full one for more.
fn named(out: &mut String, names: &[&str], index: i8, number: i8, letters: usize) -> fmt::Result {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index));
    match (letters, name) {
        (1..=2, _) | (_, None) => two(out, number, letters),
        (3, Some(name)) => out.write_str(&name[..3]),
        (_, Some(name)) => out.write_str(name),
    }
}
