//! Reading a date that must look exactly as a format string says (.NET's `DateTime.ParseExact`).

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::moment::{DAYS, MONTHS};
use super::picture::{Picture, Token};
use super::styles::Styles;

/// A date and time, and what is known about its zone. The machine's zone is UTC, as in Entra.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) at: DateTime,
    pub(super) zone: Zone,
}

/// .NET's `DateTimeKind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Unspecified,
    Utc,
    Local,
}

/// Reads a text; `None` when it does not look like the picture. `today` stands in for a missing date.
pub(super) fn read(text: &str, picture: &Picture, styles: Styles, today: Date) -> Option<Stamp> {
    let mut text = text;
    if styles.leading_white {
        text = text.trim_start();
    }
    if styles.trailing_white {
        text = text.trim_end();
    }
    let mut reader = Reader {
        rest: text,
        inner_white: styles.inner_white,
        fields: Fields::default(),
    };
    let mut tokens = picture.0.iter().copied().peekable();
    while let Some(token) = tokens.next() {
        // The point before a fraction that is not there is not there either.
        if token == Token::Literal('.')
            && matches!(tokens.peek(), Some(Token::ShortFraction(_)))
            && !reader.rest.starts_with('.')
        {
            tokens.next();
            continue;
        }
        reader.token(token)?;
    }
    reader.white();
    if !reader.rest.is_empty() {
        return None;
    }
    reader.fields.stamp(styles, today)
}

#[derive(Default)]
struct Fields {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    weekday: Option<i8>,
    hour: Option<i8>,
    is_hour12: bool,
    minute: Option<i8>,
    second: Option<i8>,
    nanos: Option<i32>,
    is_afternoon: Option<bool>,
    /// Seconds to the east, and whether it was written as a letter.
    offset: Option<(i64, bool)>,
}

struct Reader<'t> {
    rest: &'t str,
    inner_white: bool,
    fields: Fields,
}

/// Sets a field, unless it already has another value.
fn set<T: PartialEq + Copy>(field: &mut Option<T>, value: T) -> Option<()> {
    match field {
        Some(known) if *known != value => None,
        _ => {
            *field = Some(value);
            Some(())
        }
    }
}

impl Reader<'_> {
    fn white(&mut self) {
        if self.inner_white {
            self.rest = self.rest.trim_start();
        }
    }

    fn eat(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// So many digits, at least and at most.
    fn digits(&mut self, least: usize, most: usize) -> Option<&str> {
        let count = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(digits)
    }

    /// One or two digits for a single letter, otherwise exactly two.
    fn two(&mut self, letters: usize) -> Option<i8> {
        self.digits(letters.min(2), 2)?.parse().ok()
    }

    /// A name in full or its first three letters; its position.
    fn name(&mut self, names: &[&str], full: bool) -> Option<i8> {
        let position = names.iter().position(|name| {
            let name = if full { name } else { &name[..3] };
            let start = self.rest.get(..name.len());
            let found = start.is_some_and(|start| start.eq_ignore_ascii_case(name));
            if found {
                self.rest = &self.rest[name.len()..];
            }
            found
        })?;
        i8::try_from(position).ok()
    }

    fn token(&mut self, token: Token) -> Option<()> {
        self.white();
        match token {
            Token::Literal(c) if self.inner_white && c.is_whitespace() => Some(()),
            // A letter that .NET reads as UTC.
            Token::Literal('Z') => {
                self.eat('Z').or_else(|| self.eat('z'))?;
                set(&mut self.fields.offset, (0, true))
            }
            Token::Literal(c) => self.eat(c),
            Token::Year(letters) => {
                let year = self.year(letters)?;
                set(&mut self.fields.year, year)
            }
            Token::Month(letters) => {
                let month = match letters {
                    1..=2 => self.two(letters)?,
                    letters => self.name(&MONTHS, letters > 3)? + 1,
                };
                set(&mut self.fields.month, month)
            }
            Token::Day(letters @ 1..=2) => {
                let day = self.two(letters)?;
                set(&mut self.fields.day, day)
            }
            Token::Day(letters) => {
                let weekday = self.name(&DAYS, letters > 3)?;
                set(&mut self.fields.weekday, weekday)
            }
            Token::Hour24(letters) => {
                let hour = self.two(letters)?;
                set(&mut self.fields.hour, hour)
            }
            Token::Hour12(letters) => {
                let hour = self.two(letters)?;
                self.fields.is_hour12 = true;
                set(&mut self.fields.hour, hour)
            }
            Token::Minute(letters) => {
                let minute = self.two(letters)?;
                set(&mut self.fields.minute, minute)
            }
            Token::Second(letters) => {
                let second = self.two(letters)?;
                set(&mut self.fields.second, second)
            }
            Token::Fraction(digits) => self.fraction(digits, digits),
            Token::ShortFraction(digits) => self.fraction(0, digits),
            Token::Half(letters) => self.half(letters),
            Token::Offset(letters) => self.offset(letters),
            Token::Zone => match self.rest.as_bytes().first() {
                Some(b'Z' | b'z') => {
                    self.rest = &self.rest[1..];
                    set(&mut self.fields.offset, (0, true))
                }
                Some(b'+' | b'-') => self.offset(3),
                _ => Some(()),
            },
            Token::Era => {
                self.rest = ["A.D.", "AD"]
                    .iter()
                    .find_map(|era| self.rest.strip_prefix(era))?;
                Some(())
            }
        }
    }

    /// Years of two digits lie between 1950 and 2049, as .NET's invariant calendar has it.
    fn year(&mut self, letters: usize) -> Option<i16> {
        let digits = match letters {
            1 => self.digits(1, 2)?,
            letters => self.digits(letters, letters)?,
        };
        let year: i16 = digits.parse().ok()?;
        Some(match letters {
            1..=2 if year < 50 => year + 2000,
            1..=2 => year + 1900,
            _ => year,
        })
    }

    fn fraction(&mut self, least: usize, most: usize) -> Option<()> {
        let digits = self.digits(least, most)?;
        let nanos = format!("{digits:0<9}").parse().ok()?;
        set(&mut self.fields.nanos, nanos)
    }

    fn half(&mut self, letters: usize) -> Option<()> {
        let written = if letters > 1 { 2 } else { 1 };
        let is_afternoon = match self.rest.get(..written)?.to_ascii_uppercase().as_str() {
            "A" | "AM" => false,
            "P" | "PM" => true,
            _ => return None,
        };
        self.rest = &self.rest[written..];
        set(&mut self.fields.is_afternoon, is_afternoon)
    }

    fn offset(&mut self, letters: usize) -> Option<()> {
        let sign = match self.rest.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = i64::from(self.two(letters)?);
        let mut minutes = 0;
        if letters > 2 {
            // The colon may be missing.
            self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
            minutes = i64::from(self.two(2)?);
        }
        if hours > 14 || minutes > 59 {
            return None;
        }
        set(
            &mut self.fields.offset,
            (sign * (hours * 3_600 + minutes * 60), false),
        )
    }
}

impl Fields {
    fn stamp(&self, styles: Styles, today: Date) -> Option<Stamp> {
        let date = self.date(styles, today)?;
        let weekday = date.weekday().to_sunday_zero_offset();
        if self.weekday.is_some_and(|said| said != weekday) {
            return None;
        }
        let time = Time::new(
            self.hour()?,
            self.minute.unwrap_or(0),
            self.second.unwrap_or(0),
            self.nanos.unwrap_or(0),
        )
        .ok()?;
        let (offset, zone) = match self.offset {
            Some((offset, true)) => (offset, Zone::Utc),
            Some((offset, false)) => (offset, Zone::Local),
            None if styles.assume_local || styles.assume_universal => (0, Zone::Local),
            None => (0, Zone::Unspecified),
        };
        let at = date.to_datetime(time);
        let known = zone != Zone::Unspecified;
        Some(Stamp {
            at: at.checked_sub(SignedDuration::from_secs(offset)).ok()?,
            zone: if known && styles.to_universal {
                Zone::Utc
            } else {
                zone
            },
        })
    }

    /// A missing month or day is the first, a missing year is this one, and no date at all is today.
    fn date(&self, styles: Styles, today: Date) -> Option<Date> {
        let date = match (self.year, self.month, self.day) {
            (None, None, None) if styles.no_current_date => Date::new(1, 1, 1),
            (None, None, None) => Ok(today),
            (year, month, day) => {
                Date::new(year.unwrap_or(today.year()), month.unwrap_or(1), day.unwrap_or(1))
            }
        };
        date.ok()
    }

    fn hour(&self) -> Option<i8> {
        let hour = self.hour.unwrap_or(0);
        match (self.is_hour12, self.is_afternoon) {
            (true, _) if hour > 12 => None,
            (true, Some(true)) => Some(hour % 12 + 12),
            (true, _) => Some(hour % 12),
            // A day of 24 hours contradicts the other half.
            (false, Some(true)) if hour < 12 => self.hour.is_none().then_some(12),
            (false, Some(false)) if hour >= 12 => None,
            (false, _) => Some(hour),
        }
    }
}
