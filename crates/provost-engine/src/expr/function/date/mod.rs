//! Dates and times, always in UTC. Between functions they travel as text, `M/d/yyyy h:mm:ss tt`.

mod display;
mod exact;
mod moment;
mod picture;
mod styles;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use self::picture::Picture;
use self::styles::Styles;
use super::{Answer, Function};
use crate::expr::eval::Arguments;
use crate::expr::{Expr, ExprError, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "Now",
        "Now()",
        "the time of the evaluation, in UTC",
        ("Now()", "5/4/2026 10:15:00 PM"),
        (0, 0),
        now,
    ),
    Function::new(
        "CDate",
        "CDate(text)",
        "a date and time in UTC; no offset means UTC",
        (r#"CDate("2026-05-04T22:15:00+03:00")"#, "5/4/2026 7:15:00 PM"),
        (1, 1),
        c_date,
    ),
    Function {
        check: check_interval,
        ..Function::new(
            "DateAdd",
            "DateAdd(interval, value, dateTime)",
            "a date moved by years (yyyy), months (m), weeks (ww), days (d), hours (h), minutes (n) or \
             seconds (s)",
            (r#"DateAdd("m", 1, CDate("2026-01-31"))"#, "2/28/2026 12:00:00 AM"),
            (3, 3),
            date_add,
        )
    },
    Function {
        check: check_interval,
        ..Function::new(
            "DateDiff",
            "DateDiff(interval, date1, date2)",
            "how much later the second date is, in the units of DateAdd",
            (r#"DateDiff("d", CDate("2026-01-31"), CDate("2026-02-02"))"#, "2"),
            (3, 3),
            date_diff,
        )
    },
    Function {
        check: check_formats,
        ..Function::new(
            "FormatDateTime",
            "FormatDateTime(source, {dateTimeStyles}, inputFormat, outputFormat)",
            "a date in one format of .NET as text in another; the styles may also be left out with their \
             comma",
            (
                r#"FormatDateTime("07.11.2026", , "dd.MM.yyyy", "yyyyMMdd")"#,
                "20261107",
            ),
            (3, 4),
            format_date_time,
        )
    },
    Function::new(
        "NumFromDate",
        "NumFromDate(value)",
        "a date as the number of 100 ns since 1601 (Windows FILETIME)",
        (
            r#"NumFromDate("2026-09-30T23:59:59+02:00")"#,
            "134352791990000000",
        ),
        (1, 1),
        num_from_date,
    ),
    Function::new(
        "DateFromNum",
        "DateFromNum(value)",
        "the date of a Windows FILETIME number",
        ("DateFromNum(133536384000000000)", "2/29/2024 12:00:00 AM"),
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
    Value::from(moment::render(at))
}

fn at_evaluation(arguments: &Arguments<'_, '_>) -> Result<DateTime, ExprError> {
    let at = Timestamp::from_millisecond(arguments.env().now)
        .map_err(|_| arguments.fail("the time is out of range", "correct the machine's clock"))?;
    Ok(at.to_zoned(TimeZone::UTC).datetime())
}

fn now<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    at_evaluation(arguments).map(render)
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
        Ok(ticks @ 0..) => Ok(Value::Integer(ticks)),
        _ => Err(arguments.fail_at(0, "the date is out of range", "the first possible year is 1601")),
    }
}

fn date_from_num<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let ticks = arguments.required_integer(0)?;
    if ticks < 0 {
        return Err(arguments.fail_at(0, "the date is out of range", "the number counts from 1601"));
    }
    let seconds = SignedDuration::from_secs(ticks / 10_000_000);
    file_time_start().checked_add(seconds).map(render).map_err(|_| {
        arguments.fail_at(
            0,
            "the date is out of range",
            "9223372036854775807 means never: test for it",
        )
    })
}

/// Where the formats stand: with or without the styles before them.
fn format_places(has_styles: bool) -> (usize, usize) {
    if has_styles { (2, 3) } else { (1, 2) }
}

/// No date gives no text.
fn format_date_time<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let has_styles = arguments.is_given(3);
    let (input, output) = format_places(has_styles);
    let Some(text) = arguments.text(0)?.filter(|text| !text.is_empty()) else {
        return Ok(Value::Null);
    };
    let styles = if has_styles {
        arguments.text_or_empty(1)?
    } else {
        "".into()
    };
    let styles = Styles::parse(&styles)
        .map_err(|_| arguments.fail_at(1, "there is no such date style", KNOWN_STYLES))?;
    let from = picture(arguments, input)?;
    let to = picture(arguments, output)?;
    let today = at_evaluation(arguments)?.date();
    let stamp = exact::read(&text, &from, styles, today).ok_or_else(|| {
        arguments.fail_at(
            0,
            "the date does not look as the input format says",
            "correct the format, or test for the other shape first",
        )
    })?;
    Ok(Value::from(display::write(stamp, &to)))
}

const KNOWN_STYLES: &str = "the styles are None, AllowLeadingWhite, AllowTrailingWhite, AllowInnerWhite, \
                            AllowWhiteSpaces, NoCurrentDateDefault, AdjustToUniversal, AssumeLocal, \
                            AssumeUniversal and RoundtripKind";

fn picture(arguments: &mut Arguments<'_, '_>, index: usize) -> Result<Picture, ExprError> {
    let text = arguments.text_or_empty(index)?;
    Picture::parse(&text).map_err(|message| {
        arguments.fail_at(
            index,
            &message,
            "formats look like dd.MM.yyyy or yyyy-MM-ddTHH:mm:ssK",
        )
    })
}

/// Finds mistakes in constant formats and styles when the rule is saved.
fn check_formats(arguments: &[Expr]) -> Result<(), String> {
    let constant = |index: usize| arguments.get(index).and_then(Expr::constant);
    let has_styles = arguments.get(3).is_some_and(|last| !last.is_omitted());
    let (input, output) = format_places(has_styles);
    for format in [constant(input), constant(output)].into_iter().flatten() {
        Picture::parse(format)?;
    }
    match constant(1).filter(|_| has_styles) {
        Some(styles) => Styles::parse(styles)
            .map(|_| ())
            .map_err(|name| format!("there is no date style {name}; {KNOWN_STYLES}")),
        None => Ok(()),
    }
}

fn check_interval(arguments: &[Expr]) -> Result<(), String> {
    match arguments.first().and_then(Expr::constant) {
        Some(text) if interval_of(text).is_none() => Err(format!("{NO_INTERVAL}; {INTERVALS}")),
        _ => Ok(()),
    }
}

const NO_INTERVAL: &str = "this is no interval";
const INTERVALS: &str = "write yyyy, m, ww, d, h, n (minutes) or s";

fn interval(arguments: &mut Arguments<'_, '_>) -> Result<Interval, ExprError> {
    let text = arguments.text_or_empty(0)?;
    interval_of(&text).ok_or_else(|| arguments.fail_at(0, NO_INTERVAL, INTERVALS))
}

fn interval_of(text: &str) -> Option<Interval> {
    Some(match text.to_ascii_lowercase().as_str() {
        "yyyy" => Interval::Years,
        "m" => Interval::Months,
        "ww" => Interval::Weeks,
        "d" => Interval::Seconds(86_400),
        "h" => Interval::Seconds(3_600),
        "n" => Interval::Seconds(60),
        "s" => Interval::Seconds(1),
        _ => return None,
    })
}

/// The date in an argument, in UTC.
fn date(arguments: &mut Arguments<'_, '_>, index: usize) -> Result<DateTime, ExprError> {
    let text = arguments.text_or_empty(index)?;
    moment::parse(&text).ok_or_else(|| {
        arguments.fail_at(
            index,
            "this is no date",
            "dates look like 2026-05-04, 2026-05-04T22:15:00+03:00 or 5/4/2026 7:15:00 PM",
        )
    })
}
