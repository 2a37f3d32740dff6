//! Dates: reading, moving, comparing, and .NET's formats.

use super::*;

pub(super) const DATES: &[(&str, &str)] = &[
    ("Now()", "5/4/2026 10:15:00 PM"),
    (r#"DateDiff("d",Now(),"2026-05-06")"#, "1"),
    (r#"CDate("2026-05-04T22:15:00+03:00")"#, "5/4/2026 7:15:00 PM"),
    (r#"CDate("2026-05-04")"#, "5/4/2026 12:00:00 AM"),
    (r#"CDate("2026-05-04+03:00")"#, "5/3/2026 9:00:00 PM"),
    (r#"CDate("2026-05-04-03:00")"#, "5/4/2026 3:00:00 AM"),
    (r#"CDate("2026-05-04T22:15:00.1234567Z")"#, "5/4/2026 10:15:00 PM"),
    (r#"CDate("2026-05-04 22:15")"#, "5/4/2026 10:15:00 PM"),
    (r#"CDate("5/4/2026 7:15:00 PM")"#, "5/4/2026 7:15:00 PM"),
    (r#"CDate("05/04/2026")"#, "5/4/2026 12:00:00 AM"),
    (r#"CDate("5/4/2026 12:05 AM -05:00")"#, "5/4/2026 5:05:00 AM"),
    (r#"CDate("4 May 2026")"#, "5/4/2026 12:00:00 AM"),
    (r#"CDate("May 4, 2026 1:00 pm")"#, "5/4/2026 1:00:00 PM"),
    (
        r#"CDate("Mon, 04 May 2026 22:15:00 GMT")"#,
        "5/4/2026 10:15:00 PM",
    ),
    (r#"CDate("")"#, "! this is no date"),
    ("CDate([missing])", "! this is no date"),
    (r#"CDate("2026-13-04")"#, "! this is no date"),
    (r#"CDate("tomorrow")"#, "! this is no date"),
    (r#"DateAdd("m",1,CDate("2026-01-31"))"#, "2/28/2026 12:00:00 AM"),
    (
        r#"DateAdd("yyyy",-1,CDate("2024-02-29"))"#,
        "2/28/2023 12:00:00 AM",
    ),
    (
        r#"DateAdd("h","-1",CDate("2026-01-01"))"#,
        "12/31/2025 11:00:00 PM",
    ),
    (r#"DateAdd("n",1,CDate("2026-01-01"))"#, "1/1/2026 12:01:00 AM"),
    (r#"DateAdd("ww",2,Now())"#, "5/18/2026 10:15:00 PM"),
    (
        r#"DateAdd("yyyy",99999999999,"2026-01-01")"#,
        "! the date is out of range",
    ),
    (r#"DateDiff("ww",CDate("2026-01-03"),CDate("2026-01-04"))"#, "1"),
    (r#"DateDiff("ww",CDate("2026-01-04"),CDate("2026-01-10"))"#, "0"),
    (r#"DateDiff("m",CDate("2026-01-31"),CDate("2026-02-01"))"#, "1"),
    (r#"DateDiff("yyyy","2025-12-31","2026-01-01")"#, "1"),
    (
        r#"DateDiff("d","2026-01-02T12:00:00","2026-01-01T13:00:00")"#,
        "0",
    ),
    (r#"DateDiff("h","2026-01-02","2026-01-01T22:59:00")"#, "-1"),
    (r#"DateDiff("n","2026-01-01","2026-01-01T01:00:59")"#, "60"),
    (r#"DateDiff("s","2026-01-01","2026-01-01T00:01:00")"#, "60"),
    (
        r#"DateDiff("q","2026-01-01","2026-01-01")"#,
        "! this is no interval; write yyyy, m, ww, d, h, n (minutes) or s",
    ),
    (
        r#"DateDiff([title],"2026-01-01","2026-01-01")"#,
        "! this is no interval",
    ),
    (
        r#"NumFromDate("2026-09-30T23:59:59+02:00")"#,
        "134352791990000000",
    ),
    (
        r#"NumFromDate("2025-12-31 23:59:59 -05:00")"#,
        "134117171990000000",
    ),
    (r#"NumFromDate("1600-01-01")"#, "! the date is out of range"),
    ("DateFromNum(133536384000000000)", "2/29/2024 12:00:00 AM"),
    (r#"DateFromNum("0")"#, "1/1/1601 12:00:00 AM"),
    ("DateFromNum(9223372036854775807)", "! the date is out of range"),
    ("DateFromNum(-1)", "! the date is out of range"),
];

pub(super) const FORMATS: &[(&str, &str)] = &[
    // Both arities.
    (
        r#"FormatDateTime("07.11.2026", ,"dd.MM.yyyy","yyyyMMdd")"#,
        "20261107",
    ),
    (
        r#"FormatDateTime("07.11.2026","dd.MM.yyyy","yyyyMMdd")"#,
        "20261107",
    ),
    (
        r#"FormatDateTime("07.11.2026","dd.MM.yyyy","yyyyMMdd",)"#,
        "20261107",
    ),
    // The results of other functions.
    (
        r#"FormatDateTime(Now(), ,"M/d/yyyy h:mm:ss tt","yyyy-MM-dd HH:mm")"#,
        "2026-05-04 22:15",
    ),
    (r#"FormatDateTime([missing], ,"yyyy","yy")"#, "null"),
    (r#"FormatDateTime("", ,"yyyy","yy")"#, "null"),
    // Years, months, days.
    (
        r#"FormatDateTime("2026-3-9","yyyy-M-d","yy y yyy yyyyy")"#,
        "26 26 2026 02026",
    ),
    (
        r#"FormatDateTime("2026-3-9","yyyy-M-d","M MM MMM MMMM")"#,
        "3 03 Mar March",
    ),
    (
        r#"FormatDateTime("2026-3-9","yyyy-M-d","d dd ddd dddd")"#,
        "9 09 Mon Monday",
    ),
    (
        r#"FormatDateTime("9 march 26","d MMMM yy","yyyy-MM-dd")"#,
        "2026-03-09",
    ),
    (
        r#"FormatDateTime("Mon 9 Mar 99","ddd d MMM yy","yyyy-MM-dd")"#,
        "! the date does not look as the input format says",
    ),
    (
        r#"FormatDateTime("Tue 9 Mar 99","ddd d MMM yy","yyyy-MM-dd")"#,
        "1999-03-09",
    ),
    (
        r#"FormatDateTime("49/50","yy/","yyyy")"#,
        "! the date does not look as the input format says",
    ),
    // Times.
    (
        r#"FormatDateTime("2026-03-09T00:05:06","yyyy-MM-ddTHH:mm:ss","h hh H HH m mm s ss t tt")"#,
        "12 12 0 00 5 05 6 06 A AM",
    ),
    (
        r#"FormatDateTime("2026-03-09 11:05 pm","yyyy-MM-dd hh:mm tt","H:mm")"#,
        "23:05",
    ),
    (
        r#"FormatDateTime("2026-03-09 12:05 A","yyyy-MM-dd h:mm t","HH:mm")"#,
        "00:05",
    ),
    (
        r#"FormatDateTime("2026-03-09 13:05 PM","yyyy-MM-dd h:mm tt","HH:mm")"#,
        "! the date does not look as the input format says",
    ),
    // Fractions.
    (
        r#"FormatDateTime("00:00:01.2500000","HH:mm:ss.fffffff","f ff FFFF fff")"#,
        "2 25 25 250",
    ),
    (r#"FormatDateTime("00:00:01","HH:mm:ss.FFF","ss.FFF")"#, "01"),
    (r#"FormatDateTime("00:00:01.5","HH:mm:ss.FFF","ss.FFF")"#, "01.5"),
    // Zones: an offset is converted to UTC.
    (
        r#"FormatDateTime("2026-03-09T01:00:00+02:00","yyyy-MM-ddTHH:mm:sszzz","yyyy-MM-dd HH:mm z zz zzz")"#,
        "2026-03-08 23:00 +0 +00 +00:00",
    ),
    (
        r#"FormatDateTime("2026-03-09T01:00:00Z","yyyy-MM-ddTHH:mm:ssK","HH:mmK")"#,
        "01:00Z",
    ),
    (
        r#"FormatDateTime("2026-03-09T01:00:00-05:30","yyyy-MM-ddTHH:mm:ssK","HH:mmK")"#,
        "06:30+00:00",
    ),
    (
        r#"FormatDateTime("2026-03-09T01:00:00","yyyy-MM-ddTHH:mm:ssK","HH:mmK")"#,
        "01:00",
    ),
    (
        r#"FormatDateTime("20261231235959.0Z", ,"yyyyMMddHHmmss.fZ","yyyy-MM-dd")"#,
        "2026-12-31",
    ),
    // Literals.
    (
        r#"FormatDateTime("2026-03-09","yyyy-MM-dd","'day' d \\d \"of\" %M")"#,
        "day 9 d of 3",
    ),
    (r#"FormatDateTime("week 2026","'week' yyyy","yyyyZ")"#, "2026Z"),
    // Standard formats.
    (
        r#"FormatDateTime("2026-03-09T01:02:03","s","o")"#,
        "2026-03-09T01:02:03.0000000",
    ),
    (
        r#"FormatDateTime("2026-03-09","yyyy-MM-dd","R")"#,
        "Mon, 09 Mar 2026 00:00:00 GMT",
    ),
    // What is missing.
    (
        r#"FormatDateTime("08:30","HH:mm","yyyy-MM-dd HH:mm")"#,
        "2026-05-04 08:30",
    ),
    (
        r#"FormatDateTime("08:30","NoCurrentDateDefault","HH:mm","yyyy-MM-dd")"#,
        "0001-01-01",
    ),
    (r#"FormatDateTime("03-09","MM-dd","yyyy-MM-dd")"#, "2026-03-09"),
    (r#"FormatDateTime("2027","yyyy","yyyy-MM-dd")"#, "2027-01-01"),
    // Styles.
    (r#"FormatDateTime("  2026 ","yyyy","yyyy")"#, "2026"),
    (
        r#"FormatDateTime("  2026 ","None","yyyy","yyyy")"#,
        "! the date does not look as the input format says",
    ),
    (
        r#"FormatDateTime(" 2026 - 03","AllowWhiteSpaces","yyyy-MM","yyyyMM")"#,
        "202603",
    ),
    (
        r#"FormatDateTime("2026 - 03","AllowInnerWhite","yyyy-MM","yyyyMM")"#,
        "202603",
    ),
    (
        r#"FormatDateTime("2026","AssumeUniversal, AdjustToUniversal","yyyy","yyyyK")"#,
        "2026Z",
    ),
    (
        r#"FormatDateTime("2026","AssumeLocal","yyyy","yyyyK")"#,
        "2026+00:00",
    ),
    (
        r#"FormatDateTime("2026",[title],"yyyy","yyyyK")"#,
        "! there is no such date style",
    ),
    // Not so.
    (
        r#"FormatDateTime("2026-02-30","yyyy-MM-dd","d")"#,
        "! the date does not look as the input format says",
    ),
    (
        r#"FormatDateTime("2026-2-3","yyyy-MM-dd","d")"#,
        "! the date does not look as the input format says",
    ),
    (
        r#"FormatDateTime("2026-02-03x","yyyy-MM-dd","d")"#,
        "! the date does not look as the input format says",
    ),
    (
        r#"FormatDateTime("2026","yyyy","'yyyy")"#,
        "! a quote in the date format is not closed",
    ),
    (
        r#"FormatDateTime("2026","yyyy","ffffffff")"#,
        "! a second has at most 7 digits behind the point in a date format",
    ),
    (
        r#"FormatDateTime("2026","yyyy","%")"#,
        "! a % in the date format has no letter behind it",
    ),
    (
        r#"FormatDateTime("2026","yyyy","yyyy\\")"#,
        "! the date format ends with a backslash",
    ),
];

#[test]
fn dates() {
    check(DATES);
}

#[test]
fn formats_of_dotnet() {
    check(FORMATS);
}

#[test]
fn formats_and_styles_are_checked_when_a_rule_is_saved() {
    for (text, part) in [
        (r#"FormatDateTime([a],"yyyy","'x")"#, "not closed"),
        (
            r#"FormatDateTime([a],"Strict","yyyy","yy")"#,
            "there is no date style Strict",
        ),
        (r#"DateAdd("x",1,[a])"#, "no interval"),
    ] {
        let errors = errors(text);
        assert!(
            errors.len() == 1 && errors[0].1.contains(part),
            "{text}: {errors:?}"
        );
    }
}
