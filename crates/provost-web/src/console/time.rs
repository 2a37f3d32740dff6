//! Times for people: how long ago, and the exact moment in the reader's zone for whoever wants it.

use crate::texts::{Language, text};
use crate::visitor::Visitor;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use provost_scim::resource::rfc3339;

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// The reader's clock: what time it is, and how they read times. It is cheap to clone and goes into reads of the
/// store.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// Milliseconds since 1970.
    pub now: i64,
    /// The language of the page.
    pub language: Language,
    zone: TimeZone,
}

impl Clock {
    /// A visitor's clock at `now`.
    pub fn of(visitor: &Visitor, now: i64) -> Self {
        Self::read(visitor.language, visitor.zone.as_deref(), now)
    }

    /// The clock of somebody who reads this language in the zone of this name; none, or none that is known: UTC.
    pub fn read(language: Language, zone: Option<&str>, now: i64) -> Self {
        let zone = zone.and_then(|name| TimeZone::get(name).ok());
        Self {
            now,
            language,
            zone: zone.unwrap_or(TimeZone::UTC),
        }
    }

    /// The clock of a page for anybody: English, UTC.
    pub fn bare(now: i64) -> Self {
        Self {
            now,
            language: Language::default(),
            zone: TimeZone::UTC,
        }
    }

    /// A moment, in milliseconds since 1970.
    pub fn moment(&self, at: i64) -> Moment {
        let distance = self.now.saturating_sub(at);
        let ago = match distance {
            ..-999 => self.counted(-distance, AHEAD),
            -999..1_000 => self.language.t("just now").to_owned(),
            _ => self.counted(distance, AGO),
        };
        Moment {
            ago,
            exact: rfc3339(at),
            shown: self.exact(at),
        }
    }

    /// A moment that may not have been; 0 is none, as in the store.
    pub fn moment_if(&self, at: i64) -> Option<Moment> {
        (at != 0).then(|| self.moment(at))
    }

    /// The day that somebody typed, of which `at` is the last moment: days are kept in UTC, wherever the reader is.
    pub fn day_typed(&self, at: i64) -> String {
        let there = Self {
            zone: TimeZone::UTC,
            ..self.clone()
        };
        there.day(at)
    }

    /// Day and time with the zone: `2026-11-21 16:05:09 CET`.
    pub fn exact(&self, at: i64) -> String {
        let format = match self.language {
            Language::English => "%Y-%m-%d %H:%M:%S %Z",
            Language::German => "%d.%m.%Y %H:%M:%S %Z",
        };
        self.written(at, format)
    }

    /// The day alone, in the reader's zone.
    pub fn day(&self, at: i64) -> String {
        let format = match self.language {
            Language::English => "%Y-%m-%d",
            Language::German => "%d.%m.%Y",
        };
        self.written(at, format)
    }

    /// A length of time in its largest unit.
    pub fn span(&self, milliseconds: i64) -> String {
        if milliseconds < 1_000 {
            return format!("{milliseconds} ms");
        }
        self.counted(milliseconds, LONG)
    }

    fn counted(&self, milliseconds: i64, words: Words) -> String {
        let whole = LENGTHS.into_iter().map(|length| milliseconds / length);
        let (count, (one, many)) = whole
            .zip(words)
            .find(|(count, _)| *count > 0)
            .unwrap_or((0, LONG[3]));
        self.language.n(count, one, many)
    }

    fn written(&self, at: i64, format: &str) -> String {
        let Ok(instant) = Timestamp::from_millisecond(at) else {
            return rfc3339(at);
        };
        instant.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

const LENGTHS: [i64; 4] = [DAY, 3_600_000, 60_000, 1_000];

/// For each length the text of one and of several.
type Words = [(&'static str, &'static str); 4];

const LONG: Words = [
    (text("1 day"), text("{} days")),
    (text("1 hour"), text("{} hours")),
    (text("1 minute"), text("{} minutes")),
    (text("1 second"), text("{} seconds")),
];

const AGO: Words = [
    (text("1 day ago"), text("{} days ago")),
    (text("1 hour ago"), text("{} hours ago")),
    (text("1 minute ago"), text("{} minutes ago")),
    (text("1 second ago"), text("{} seconds ago")),
];

const AHEAD: Words = [
    (text("in 1 day"), text("in {} days")),
    (text("in 1 hour"), text("in {} hours")),
    (text("in 1 minute"), text("in {} minutes")),
    (text("in 1 second"), text("in {} seconds")),
];

/// A moment as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// `3 minutes ago`.
    pub ago: String,
    /// RFC 3339 in UTC, for the `datetime` attribute.
    pub exact: String,
    /// The same in the reader's zone, for the tooltip and where the minute matters.
    pub shown: String,
}

impl Moment {
    /// A moment seen from `now`, both in milliseconds since 1970, for a reader whose zone is not known.
    pub fn new(at: i64, now: i64) -> Self {
        Clock::bare(now).moment(at)
    }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(language: Language, zone: &str, now: i64) -> Clock {
        Clock {
            now,
            language,
            zone: TimeZone::get(zone).unwrap(),
        }
    }

    #[test]
    fn times_are_told_in_their_largest_unit() {
        assert_eq!(Moment::new(0, 400).ago, "just now");
        assert_eq!(Moment::new(0, 61_000).ago, "1 minute ago");
        assert_eq!(Moment::new(0, 2 * DAY + 5).ago, "2 days ago");
        assert_eq!(Moment::new(5_000, 0).ago, "in 5 seconds");
        assert_eq!(Moment::new(0, 0).exact, "1970-01-01T00:00:00.000Z");
        assert_eq!(
            (Clock::bare(0).span(12), Clock::bare(0).span(90_000)),
            ("12 ms".to_owned(), "1 minute".to_owned())
        );
    }

    #[test]
    fn a_reader_sees_their_own_zone_and_language() {
        // 2026-07-01T22:30:00Z: summer time, and the next day in Berlin.
        let at = 1_782_945_000_000;
        let english = clock(Language::English, "Europe/Berlin", at + 3 * DAY);
        assert_eq!(english.moment(at).shown, "2026-07-02 00:30:00 CEST");
        assert_eq!(english.moment(at).exact, "2026-07-01T22:30:00.000Z");
        assert_eq!(english.day(at), "2026-07-02");
        let german = clock(Language::German, "Europe/Berlin", at + 3 * DAY);
        assert_eq!(german.moment(at).ago, "vor 3 Tagen");
        assert_eq!(german.moment(at + 6 * DAY).ago, "in 3 Tagen");
        assert_eq!(german.span(3 * DAY), "3 Tage");
        assert_eq!(german.day(at), "02.07.2026");
        assert_eq!(
            clock(Language::English, "UTC", at).exact(at),
            "2026-07-01 22:30:00 UTC"
        );
    }

    #[test]
    fn a_time_that_no_calendar_has_is_still_told() {
        assert!(!Moment::new(i64::MAX, 0).shown.is_empty());
        assert!(Clock::bare(0).moment_if(0).is_none());
    }

    #[test]
    fn thousands_stand_apart() {
        let all = [0, 12, 123, 1_234, 1_000_000, -45_678].map(grouped);
        assert_eq!(all, ["0", "12", "123", "1,234", "1,000,000", "-45,678"]);
    }
}
