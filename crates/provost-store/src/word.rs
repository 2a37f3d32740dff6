//! Small enumerations that are one word each: in the database, in JSON, on the command line.

/// Declares an enumeration whose variants are words. `$noun` is what one of them is called in a refusal.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $noun:literal: $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every one, in the order in which a list shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(text: &str) -> $crate::Result<Self> {
                let found = Self::ALL.iter().copied().find(|one| one.as_str() == text);
                found.ok_or_else(|| $crate::word::unknown($noun, text, &[$($word),*]))
            }
        }
    };
}
pub(crate) use words;

/// Characters of a mistaken word that are repeated to the person who wrote it.
const SHOWN: usize = 40;

/// The refusal of a word that is none of `known`.
pub(crate) fn unknown(noun: &str, text: &str, known: &[&str]) -> crate::Error {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    crate::Error::refused(
        "PRV-WORD",
        format!("\"{shown}\" is no {noun}"),
        format!("Use one of: {}.", known.join(", ")),
    )
}

/// Characters that a name may have.
const NAME: usize = 100;

/// Refuses a name that could not be told apart from another on a page, or would break a line of a log.
pub(crate) fn check_name(noun: &str, name: &str) -> crate::Result<()> {
    let fault = if name.trim().is_empty() {
        "is empty"
    } else if name.trim() != name {
        "begins or ends with a space"
    } else if name.chars().count() > NAME {
        "is longer than 100 characters"
    } else if name.chars().any(char::is_control) {
        "has a control character"
    } else {
        return Ok(());
    };
    Err(crate::Error::refused(
        "PRV-NAME",
        format!("the name of the {noun} {fault}"),
        "Give it a name of 1 to 100 printable characters.",
    ))
}
