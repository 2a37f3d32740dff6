//! Times for people: how long ago, and the exact moment for whoever wants it.

use provost_scim::resource::rfc3339;

/// A moment as a page shows it.
pub(super) struct Moment {
    /// `3 minutes ago`.
    pub ago: String,
    /// RFC 3339, for the `datetime` attribute and the tooltip.
    pub exact: String,
}

impl Moment {
    /// A moment seen from `now`, both in milliseconds since 1970.
    pub fn new(at: i64, now: i64) -> Self {
        let distance = now.saturating_sub(at);
        let ago = match distance {
            ..-999 => format!("in {}", span(-distance)),
            -999..1_000 => "just now".to_owned(),
            _ => format!("{} ago", span(distance)),
        };
        Self {
            ago,
            exact: rfc3339(at),
        }
    }
}

/// A length of time in its largest unit.
pub(super) fn span(milliseconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [
        (86_400_000, "day"),
        (3_600_000, "hour"),
        (60_000, "minute"),
        (1_000, "second"),
    ];
    for (length, name) in UNITS {
        let count = milliseconds / length;
        if count > 0 {
            return format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        }
    }
    format!("{milliseconds} ms")
}

/// A number with its thousands apart.
pub(super) fn grouped(number: i64) -> String {
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

    #[test]
    fn times_are_told_in_their_largest_unit() {
        assert_eq!(Moment::new(0, 400).ago, "just now");
        assert_eq!(Moment::new(0, 61_000).ago, "1 minute ago");
        assert_eq!(Moment::new(0, 2 * 86_400_000 + 5).ago, "2 days ago");
        assert_eq!(Moment::new(5_000, 0).ago, "in 5 seconds");
        assert_eq!(Moment::new(0, 0).exact, "1970-01-01T00:00:00.000Z");
        assert_eq!(span(12), "12 ms");
    }

    #[test]
    fn thousands_stand_apart() {
        let all = [0, 12, 123, 1_234, 1_000_000, -45_678].map(grouped);
        assert_eq!(all, ["0", "12", "123", "1,234", "1,000,000", "-45,678"]);
    }
}
