//! `Retry-After` in its forms (RFC 9110 section 10.2.3): seconds or an HTTP date; Microsoft Graph
//! also sends fractions of a second.

use std::time::Duration;

/// No target is believed that asks for more than this.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Reads the header's value. `now` is what the date form is measured from.
pub(crate) fn parse(value: &str, now: jiff::Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())));
    }
    let then = http_date(value)?;
    let milliseconds = then.as_millisecond().saturating_sub(now.as_millisecond());
    let wait = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0));
    Some(wait.min(LONGEST))
}

/// The three date forms of RFC 9110 section 5.6.7; all mean UTC.
pub(crate) fn http_date(value: &str) -> Option<jiff::Timestamp> {
    const FORMS: [&str; 3] = [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    ];
    FORMS.iter().find_map(|form| {
        let civil = jiff::civil::DateTime::strptime(form, value).ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn seconds_fractions_and_dates() {
        let now: jiff::Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
        let seconds = |text: &str| parse(text, now).map(|d| d.as_secs_f64());
        assert_eq!(seconds("7"), Some(7.0));
        assert_eq!(seconds(" 0.5 "), Some(0.5));
        assert_eq!(seconds("Mon, 05 Jan 2026 09:01:30 GMT"), Some(90.0));
        assert_eq!(seconds("Monday, 05-Jan-26 09:01:30 GMT"), Some(90.0));
        assert_eq!(seconds("Mon Jan  5 09:01:30 2026"), Some(90.0));
        assert_eq!(seconds("Mon, 05 Jan 2026 08:00:00 GMT"), Some(0.0));
        assert_eq!(seconds("99999999999"), Some(86400.0));
        for bad in ["", "-1", "NaN", "inf", "soon"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
