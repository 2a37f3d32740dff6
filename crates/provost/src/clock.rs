//! The one place of the command that reads the clock, and how times are read and shown.

use anyhow::{Result, bail};
use jiff::Timestamp;

/// Milliseconds in a day.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// Milliseconds since 1970 (UTC).
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// A time as RFC 3339 in UTC with milliseconds.
pub(crate) fn text(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |at| format!("{at:.3}"))
}

/// The same for a time that may not have come.
pub(crate) fn text_or_none(millis: Option<i64>) -> Option<String> {
    millis.map(text)
}

/// The same for people, with a word for what has not come.
pub(crate) fn text_or(millis: Option<i64>, none: &str) -> String {
    text_or_none(millis).unwrap_or_else(|| none.to_owned())
}

/// How long something is valid: `365d`, `12h`, `30m`, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity(Option<i64>);

impl Validity {
    /// When it began, if it ends now; none when it never began.
    pub fn began(self, now: i64) -> Option<i64> {
        self.0.map(|millis| now.saturating_sub(millis))
    }

    /// When it ends, if it begins now.
    pub fn ends(self, now: i64) -> Option<i64> {
        self.0.map(|millis| now.saturating_add(millis))
    }
}

impl std::str::FromStr for Validity {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "never" {
            return Ok(Self(None));
        }
        let unit = match text.chars().last() {
            Some('d') => DAY,
            Some('h') => DAY / 24,
            Some('m') => DAY / 24 / 60,
            _ => bail!("write a number and a unit, such as 365d, 12h or 30m, or never"),
        };
        match text[..text.len() - 1].parse::<u32>() {
            Ok(count) if count > 0 => Ok(Self(Some(i64::from(count).saturating_mul(unit)))),
            _ => bail!("write a whole number above 0 before the unit, such as 365d"),
        }
    }
}

/// When something ends: a day (`2027-01-31`, from its first moment on in UTC), a time (RFC 3339), a while from now
/// (`180d`), or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// At this moment, in milliseconds since 1970.
    At(i64),
    /// After this while.
    After(Validity),
}

impl End {
    /// The moment, for who asks now; none for never.
    pub fn at(self, now: i64) -> Option<i64> {
        match self {
            Self::At(at) => Some(at),
            Self::After(validity) => validity.ends(now),
        }
    }
}

impl std::str::FromStr for End {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(validity) = text.parse() {
            return Ok(Self::After(validity));
        }
        let whole = match text.len() {
            10 => format!("{text}T00:00:00Z"),
            _ => text.to_owned(),
        };
        match whole.parse::<Timestamp>() {
            Ok(at) => Ok(Self::At(at.as_millisecond())),
            Err(_) => bail!(
                "write a day such as 2027-01-31, a time such as 2027-01-31T12:00:00Z, 180d from now, or never"
            ),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_day_a_time_or_a_while() {
        assert_eq!("1970-01-02".parse::<End>().unwrap().at(7), Some(DAY));
        assert_eq!("1970-01-01T00:00:01Z".parse::<End>().unwrap().at(7), Some(1000));
        assert_eq!("1d".parse::<End>().unwrap().at(7), Some(DAY + 7));
        assert_eq!("never".parse::<End>().unwrap().at(7), None);
        for wrong in ["", "soon", "2027-13-01", "2027-1-1"] {
            assert!(wrong.parse::<End>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn validity_is_a_number_and_a_unit() {
        assert_eq!("2d".parse::<Validity>().unwrap().ends(5), Some(2 * DAY + 5));
        assert_eq!("3h".parse::<Validity>().unwrap().ends(0), Some(3 * 3_600_000));
        assert_eq!("30m".parse::<Validity>().unwrap().ends(0), Some(1_800_000));
        assert_eq!("never".parse::<Validity>().unwrap().ends(0), None);
        for wrong in ["", "d", "0d", "-1d", "5", "5y", "1.5d", "é"] {
            assert!(wrong.parse::<Validity>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_milliseconds_and_no_zone() {
        assert_eq!(text(1_767_603_600_000), "2026-01-05T09:00:00.000Z");
    }
}
