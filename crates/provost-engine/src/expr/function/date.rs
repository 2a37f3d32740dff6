//! Dates and times, always in UTC. Between functions they travel as text, `M/d/yyyy h:mm:ss tt`.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::{Answer, Function};
use crate::expr::eval::Arguments;
use crate::expr::{ExprError, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("Now", "Now()", "the time of the evaluation, in UTC", (0, 0), now),
    Function::new(
        "CDate",
        "CDate(text)",
        "a date and time in UTC; no offset means UTC",
        (1, 1),
        c_date,
    ),
    Function::new(
        "DateAdd",
        "DateAdd(interval, number, date)",
        "a date moved by years (yyyy), months (m), weeks (ww), days (d), hours (h), minutes (n) or \
         seconds (s)",
        (3, 3),
        date_add,
    ),
    Function::new(
        "DateDiff",
        "DateDiff(interval, date1, date2)",
        "how much later the second date is, in the units of DateAdd",
        (3, 3),
        date_diff,
    ),
    Function::new(
        "NumFromDate",
        "NumFromDate(date)",
        "a date as the number of 100 ns since 1601 (Windows FILETIME)",
        (1, 1),
        num_from_date,
    ),
    Function::new(
        "DateFromNum",
        "DateFromNum(number)",
        "the date of a Windows FILETIME number",
        (1, 1),
        date_from_num,
    ),
];

/// 1601-01-01T00:00:00Z.
fn file_time_start() -> DateTime {
    Date::constant(1601, 1, 1).to_datetime(Time::midnight())
}

/// What an interval means.
enum Interval {
    Years,
    Months,
    Weeks,
    /// A fixed number of seconds.
    Seconds(i64),
}

fn render<'a>(at: DateTime) -> Value<'a> {
    let (half, hour) = match at.hour() {
        0 => ("AM", 12),
        hour @ 1..12 => ("AM", hour),
        12 => ("PM", 12),
        hour => ("PM", hour - 12),
    };
    let (month, day, year) = (at.month(), at.day(), at.year());
    let (minute, second) = (at.minute(), at.second());
    Value::from(format!(
        "{month}/{day}/{year:04} {hour}:{minute:02}:{second:02} {half}"
    ))
}

fn now<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let at = Timestamp::from_millisecond(arguments.env().now)
        .map_err(|_| arguments.fail("the time is out of range", "correct the machine's clock"))?;
    Ok(render(at.to_zoned(TimeZone::UTC).datetime()))
}

fn c_date<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    date(arguments, 0).map(render)
}

fn date_add<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let interval = interval(arguments)?;
    let number = arguments.required_integer(1)?;
    let at = date(arguments, 2)?;
    // Month and year steps end on the last day of a shorter month.
    let moved = match interval {
        Interval::Years => Span::new()
            .try_years(number)
            .and_then(|span| at.checked_add(span)),
        Interval::Months => Span::new()
            .try_months(number)
            .and_then(|span| at.checked_add(span)),
        Interval::Weeks => Span::new()
            .try_weeks(number)
            .and_then(|span| at.checked_add(span)),
        Interval::Seconds(unit) => at.checked_add(SignedDuration::from_secs(number.saturating_mul(unit))),
    };
    moved
        .map(render)
        .map_err(|_| arguments.fail("the date is out of range", "use a smaller number"))
}

/// Seconds to days count elapsed time, cut towards zero; months and years compare the calendar fields;
/// weeks count the Sundays between (VB.NET `DateDiff`).
fn date_diff<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let interval = interval(arguments)?;
    let (from, to) = (date(arguments, 1)?, date(arguments, 2)?);
    let months = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month());
    let week = |at: DateTime| {
        let sunday = i64::from(at.date().weekday().to_sunday_zero_offset());
        (days(at.date()) - sunday).div_euclid(7)
    };
    Ok(Value::Integer(match interval {
        Interval::Years => i64::from(to.year()) - i64::from(from.year()),
        Interval::Months => months(to) - months(from),
        Interval::Weeks => week(to) - week(from),
        Interval::Seconds(unit) => to.duration_since(from).as_secs() / unit,
    }))
}

/// Days since a Sunday, for counting weeks.
fn days(date: Date) -> i64 {
    let sunday = Date::constant(1600, 12, 31);
    date.duration_since(sunday).as_hours() / 24
}

fn num_from_date<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let elapsed = date(arguments, 0)?.duration_since(file_time_start());
    let ticks = elapsed.as_nanos() / 100;
    match i64::try_from(ticks) {
        Ok(ticks) => Ok(Value::Integer(ticks)),
        Err(_) => Err(arguments.fail_at(0, "the date is out of range", "use a later date")),
    }
}

fn date_from_num<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let ticks = arguments.required_integer(0)?;
    let seconds = SignedDuration::from_secs(ticks.div_euclid(10_000_000));
    file_time_start().checked_add(seconds).map(render).map_err(|_| {
        arguments.fail_at(
            0,
            "the date is out of range",
            "9223372036854775807 means never: test for it",
        )
    })
}

fn interval(arguments: &mut Arguments<'_, '_>) -> Result<Interval, ExprError> {
    Ok(match arguments.text_or_empty(0)?.as_ref() {
        "yyyy" => Interval::Years,
        "m" => Interval::Months,
        "ww" => Interval::Weeks,
        "d" => Interval::Seconds(86_400),
        "h" => Interval::Seconds(3_600),
        "n" => Interval::Seconds(60),
        "s" => Interval::Seconds(1),
        _ => {
            let hint = "write yyyy, m, ww, d, h, n (minutes) or s";
            return Err(arguments.fail_at(0, "this is no interval", hint));
        }
    })
}

/// The date in an argument, in UTC.
fn date(arguments: &mut Arguments<'_, '_>, index: usize) -> Result<DateTime, ExprError> {
    let text = arguments.text_or_empty(index)?;
    parse(text.trim()).ok_or_else(|| {
        arguments.fail_at(
            index,
            "this is no date",
            "dates look like 2026-05-04, 2026-05-04T22:15:00+03:00 or 5/4/2026 7:15:00 PM",
        )
    })
}

fn parse(text: &str) -> Option<DateTime> {
    iso(text).or_else(|| us(text))
}

/// `yyyy-MM-dd`, then optionally a time after a blank or T, then optionally an offset.
fn iso(text: &str) -> Option<DateTime> {
    let (date, rest) = text.split_at_checked(10)?;
    let date: Date = date.parse().ok()?;
    let (rest, offset) = split_offset(rest)?;
    let time = match rest.strip_prefix(['T', 't', ' ']) {
        Some(time) => time.trim().parse().ok()?,
        None if rest.is_empty() => Time::midnight(),
        None => return None,
    };
    date.to_datetime(time)
        .checked_sub(SignedDuration::from_secs(offset))
        .ok()
}

/// Takes `Z`, `+03:00` or `-0300` off the end; in seconds, 0 when there is none.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(rest) = text.strip_suffix(['Z', 'z']) {
        return Some((rest.trim_end(), 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let seconds = (number / 100) * 3_600 + (number % 100) * 60;
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    (seconds <= 14 * 3_600).then_some((text[..at].trim_end(), sign * seconds))
}

/// `M/d/yyyy`, then optionally `h:mm:ss AM`.
fn us(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(' ').unwrap_or((text, ""));
    let mut fields = date.split('/');
    let (month, day, year) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() || year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let time = time.trim();
    if time.is_empty() {
        return Some(date.to_datetime(Time::midnight()));
    }
    let (clock, half) = time.split_once(' ')?;
    let mut fields = clock.split(':').map(|field| field.parse::<i8>().ok());
    let (hour, minute, second) = (fields.next()??, fields.next()??, fields.next()??);
    if !(1..=12).contains(&hour) || fields.next().is_some() {
        return None;
    }
    let hour = hour % 12 + if half.eq_ignore_ascii_case("PM") { 12 } else { 0 };
    Some(date.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}
