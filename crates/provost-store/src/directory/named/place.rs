//! Places in a list, as a page hands them to the next one.

/// The index that a stretch of a list goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Name,
    Display,
    Email,
}

/// A place in a list: the part, the value in its index, and what tells two of the same value apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub part: Part,
    pub value: String,
    pub tie: i64,
}

impl Place {
    pub fn to_text(&self) -> String {
        let part = match self.part {
            Part::Name => 'n',
            Part::Display => 'd',
            Part::Email => 'e',
        };
        format!("{part}{}.{}", self.tie, self.value)
    }

    pub fn of(text: &str) -> Option<Self> {
        let part = match text.as_bytes().first()? {
            b'n' => Part::Name,
            b'd' => Part::Display,
            b'e' => Part::Email,
            _ => return None,
        };
        let (tie, value) = text.get(1..)?.split_once('.')?;
        // A NUL cannot be kept by PostgreSQL, and no name has one.
        (!value.contains('\0')).then_some(())?;
        Some(Self {
            part,
            value: value.to_owned(),
            tie: tie.parse().ok()?,
        })
    }

    /// A name, and whose it is.
    pub fn named(value: String, owner: i64) -> Self {
        Self {
            part: Part::Name,
            value,
            tie: owner,
        }
    }

    /// Before the first entry that begins with `low`.
    pub fn before(part: Part, low: &str) -> Self {
        Self {
            part,
            value: low.to_owned(),
            tie: i64::MIN,
        }
    }
}
