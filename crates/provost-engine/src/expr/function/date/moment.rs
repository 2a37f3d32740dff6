//! Dates and times in free form: what `CDate` reads, and how dates travel between functions.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

/// The months' English names; the first three letters are their short names.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The days' English names, from Sunday; the first three letters are their short names.
pub(super) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// `M/d/yyyy h:mm:ss tt`.
pub(super) fn render(at: DateTime) -> String {
    let (half, hour) = match at.hour() {
        0 => ("AM", 12),
        hour @ 1..12 => ("AM", hour),
        12 => ("PM", 12),
        hour => ("PM", hour - 12),
    };
    let (month, day, year) = (at.month(), at.day(), at.year());
    let (minute, second) = (at.minute(), at.second());
    format!("{month}/{day}/{year:04} {hour}:{minute:02}:{second:02} {half}")
}

/// A date, then optionally a time, then optionally an offset; in UTC, which is also what no offset means.
pub(super) fn parse(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let (date, rest) = numeric(text).or_else(|| named(text))?;
    let (rest, offset) = split_offset(rest)?;
    let time = match rest.strip_prefix(['T', 't', ' ', ',']) {
        Some(time) if time.trim().is_empty() => Time::midnight(),
        Some(time) => clock(time.trim())?,
        None if rest.is_empty() => Time::midnight(),
        None => return None,
    };
    date.to_datetime(time)
        .checked_sub(SignedDuration::from_secs(offset))
        .ok()
}

/// `yyyy-MM-dd`, `yyyy/MM/dd` or `M/d/yyyy`, and what follows it.
fn numeric(text: &str) -> Option<(Date, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '/'))
        .unwrap_or(text.len());
    let sign = text.bytes().find(|b| !b.is_ascii_digit())? as char;
    if !matches!(sign, '-' | '/') {
        return None;
    }
    let mut fields = text[..end].splitn(3, sign);
    let (first, second, third) = (fields.next()?, fields.next()?, fields.next()?);
    // An offset may follow the date directly: 2026-05-04-03:00.
    let third_end = third.find(['-', '/']).unwrap_or(third.len());
    let (third, rest_at) = (&third[..third_end], end - (third.len() - third_end));
    let rest = &text[rest_at..];
    let (year, month, day) = match (first.len(), third.len(), sign) {
        (4, 1..=2, _) => (first, second, third),
        (1..=2, 4, '/') => (third, first, second),
        _ => return None,
    };
    Some((
        date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?,
        rest,
    ))
}

/// `4 May 2026`, `May 4, 2026`, also after a day's name (RFC 5322), and what follows it.
fn named(text: &str) -> Option<(Date, &str)> {
    let mut words = Words { rest: text };
    let mut first = words.next()?;
    if DAYS.iter().any(|day| is_name(day, first)) {
        first = words.next()?;
    }
    let second = words.next()?;
    let year = words.next()?;
    if year.len() != 4 {
        return None;
    }
    let (month, day) = match month_of(first) {
        Some(month) => (month, second),
        None => (month_of(second)?, first),
    };
    Some((date(year.parse().ok()?, month, day.parse().ok()?)?, words.rest))
}

/// Words of letters or digits, with blanks, commas and hyphens between them.
struct Words<'t> {
    rest: &'t str,
}

impl<'t> Words<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest.trim_start_matches([' ', ',', '-']);
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        self.rest = &rest[end..];
        (end > 0).then_some(&rest[..end])
    }
}

fn date(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

fn is_name(name: &str, text: &str) -> bool {
    text.eq_ignore_ascii_case(name) || text.eq_ignore_ascii_case(&name[..3])
}

fn month_of(text: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|month| is_name(month, text))?;
    i8::try_from(at + 1).ok()
}

/// `h:mm`, `h:mm:ss` or `h:mm:ss.f`, then optionally `AM` or `PM`.
fn clock(text: &str) -> Option<Time> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))
        .unwrap_or(text.len());
    let mut fields = text[..end].split(':');
    let hour: i8 = fields.next()?.parse().ok()?;
    let minute = fields.next()?.parse().ok()?;
    let (second, fraction) = match fields.next() {
        Some(second) => second.split_once('.').unwrap_or((second, "")),
        None => ("0", ""),
    };
    if fields.next().is_some() || fraction.len() > 9 {
        return None;
    }
    let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
    let half = text[end..].trim();
    let hour = match hour {
        hour if half.is_empty() => hour,
        1..=12 if half.eq_ignore_ascii_case("AM") => hour % 12,
        1..=12 if half.eq_ignore_ascii_case("PM") => hour % 12 + 12,
        _ => return None,
    };
    Time::new(hour, minute, second.parse().ok()?, nanos).ok()
}

/// Takes `Z`, `GMT`, `UTC`, `+03:00` or `-0300` off the end; in seconds, 0 when there is none.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    for name in ["Z", "z", "GMT", "UTC"] {
        if let Some(rest) = text.strip_suffix(name) {
            return Some((rest.trim_end(), 0));
        }
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let seconds = offset(&text[at + 1..])?;
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    Some((text[..at].trim_end(), sign * seconds))
}

/// `03:00` or `0300`, in seconds; at most 14 hours.
fn offset(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let seconds = (number / 100) * 3_600 + (number % 100) * 60;
    (number % 100 < 60 && seconds <= 14 * 3_600).then_some(seconds)
}
