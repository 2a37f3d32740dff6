//! Tolerated vendor habits, each named, traced to its source, and counted when it is met.
//!
//! Nothing in this crate forgives a body silently: a place that accepts more than the RFC asks first
//! whether the [`Habit`] is tolerated, and counts it. So an administrator can see what a provider really
//! sends, and a strict workspace gets the RFC and nothing else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Whose habits are tolerated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Nobody's: exactly RFC 7643 and RFC 7644.
    Strict,
    /// Everybody's. Right for a provider that is not known better.
    #[default]
    Generic,
    /// Those of Microsoft Entra, and those that several clients share.
    Entra,
    /// Those of Okta, and those that several clients share.
    Okta,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] = [Self::Strict, Self::Generic, Self::Entra, Self::Okta];

    /// The word in a configuration file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Generic => "generic",
            Self::Entra => "entra",
            Self::Okta => "okta",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let found = Self::ALL.into_iter().find(|dialect| dialect.as_str() == text);
        found.ok_or_else(|| UnknownDialect(text.chars().take(40).collect()))
    }
}

/// A word that is no [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no SCIM dialect: expected strict, generic, entra or okta")]
pub struct UnknownDialect(String);

/// Who is known for a habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vendor {
    Entra,
    Okta,
    Several,
}

/// Declares the habits: the variant, its wire name, whose it is, where it is described.
macro_rules! habits {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $vendor:ident, $source:literal;)*) => {
        /// One way in which real clients differ from the RFC, and which is understood all the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Habit { $($(#[$doc])* $variant,)* }

        impl Habit {
            /// Every habit, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in logs and reports, in kebab case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The document or report that describes it.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self { $(Self::$variant => $source,)* }
            }

            const fn known_for(self) -> Vendor {
                match self { $(Self::$variant => Vendor::$vendor,)* }
            }
        }
    };
}

habits! {
    /// `Add`, `Replace`, `Remove`.
    OpLetterCase, "op-letter-case", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance";
    /// `"True"` and `"False"`, in any letter case, for a boolean attribute, in values and in path filters.
    BooleanText, "boolean-text", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance";
    /// `""` for a reference (a manager, a member, an address) means that there is none.
    EmptyReference, "empty-reference", Entra,
        "Microsoft: SCIM validator, removal of a manager";
    /// A single complex attribute given as its `value` alone: `"manager": "7c2"`.
    BareReference, "bare-reference", Entra,
        "Microsoft: Develop a SCIM endpoint, update of a manager";
    /// An element of a list given as its `value` alone: `"members": ["7c2"]`.
    BareElement, "bare-element", Several,
        "Public reports from SCIM servers: group members as bare strings";
    /// One object where the attribute is a list.
    SingleElement, "single-element", Several,
        "RFC 7644 section 3.5.2.1 allows it for add; public reports show it elsewhere";
    /// A list of one where the attribute is single: `[{"value":"x"}]`.
    ListOfOne, "list-of-one", Entra,
        "Microsoft: reference code tests, manager as a list";
    /// Keys of a PATCH value without path that name a sub-attribute: `{"name.givenName":"A"}`.
    DottedKey, "dotted-key", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance, aadOptscim062020";
    /// Keys of a PATCH value without path that carry a schema URN and an attribute.
    UrnKey, "urn-key", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance, aadOptscim062020";
    /// Keys of a PATCH value without path that select elements: `{"emails[type eq \"work\"].value":"x"}`.
    ValuePathKey, "value-path-key", Entra,
        "Public reports from SCIM servers: path-less PATCH by Entra";
    /// An attribute of an extension named without its URN: path `manager`.
    BareExtensionName, "bare-extension-name", Entra,
        "Microsoft: SCIM validator, path manager";
    /// `remove` with the elements to remove in `value`. Read otherwise it would empty the list.
    RemoveByValue, "remove-by-value", Entra,
        "Microsoft: Develop a SCIM endpoint, remove members; JumpCloud does the same";
    /// `replace` of an element that does not exist creates it.
    ReplaceCreates, "replace-creates", Entra,
        "RFC 7644 section 3.5.2.3 asks for noTarget; Entra replaces addresses that the target has lost";
    /// Read-only attributes in a PATCH value without path are ignored: `id` in every group rename.
    ReadOnlyKey, "read-only-key", Okta,
        "Okta: SCIM 2.0 protocol reference, group rename";
    /// Attributes that no schema has are ignored.
    UnknownAttribute, "unknown-attribute", Several,
        "RFC 7644 section 3.3 leaves it open; mappings of several clients rely on it";
    /// A body without `schemas`, or without the URN of the resource or message.
    MissingSchemas, "missing-schemas", Several,
        "RFC 7643 section 3 requires it; several clients leave it out";
    /// A URN in `schemas` that is not declared: Entra's `…/ADSCIM/2.0/Group`.
    UnknownSchema, "unknown-schema", Entra,
        "Microsoft: Develop a SCIM endpoint, create a group";
    /// An extension's object is present, but its URN is not in `schemas`.
    UndeclaredExtension, "undeclared-extension", Entra,
        "Microsoft: Customize attribute mappings, custom extensions";
}

impl Habit {
    /// Who is known for it: `Microsoft Entra`, `Okta` or `several`.
    #[must_use]
    pub const fn vendor(self) -> &'static str {
        match self.known_for() {
            Vendor::Entra => "Microsoft Entra",
            Vendor::Okta => "Okta",
            Vendor::Several => "several",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which habits are tolerated: those of a [`Dialect`], with single ones added or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leniency {
    tolerated: u32,
}

impl Leniency {
    /// Exactly the RFC.
    #[must_use]
    pub fn strict() -> Self {
        Self::of(Dialect::Strict)
    }

    /// What a dialect tolerates.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        let tolerated = |habit: &&Habit| match (dialect, habit.known_for()) {
            (Dialect::Strict, _) => false,
            (Dialect::Generic, _) | (_, Vendor::Several) => true,
            (Dialect::Entra, vendor) => vendor == Vendor::Entra,
            (Dialect::Okta, vendor) => vendor == Vendor::Okta,
        };
        let bits = Habit::ALL
            .iter()
            .filter(tolerated)
            .fold(0, |bits, habit| bits | habit.bit());
        Self { tolerated: bits }
    }

    /// The same, and this habit too.
    #[must_use]
    pub const fn with(self, habit: Habit) -> Self {
        Self {
            tolerated: self.tolerated | habit.bit(),
        }
    }

    /// The same without this habit.
    #[must_use]
    pub const fn without(self, habit: Habit) -> Self {
        Self {
            tolerated: self.tolerated & !habit.bit(),
        }
    }

    /// Whether the habit is tolerated.
    #[must_use]
    pub const fn allows(&self, habit: Habit) -> bool {
        self.tolerated & habit.bit() != 0
    }
}

impl Default for Leniency {
    /// Everybody's habits ([`Dialect::Generic`]).
    fn default() -> Self {
        Self::of(Dialect::default())
    }
}

/// Which habits were met, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Habits {
    counts: [u32; Habit::ALL.len()],
}

impl Habits {
    /// Counts one use.
    pub fn note(&mut self, habit: Habit) {
        if let Some(count) = self.counts.get_mut(habit as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds what another body showed.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
    }

    /// How often the habit was met.
    #[must_use]
    pub fn count(&self, habit: Habit) -> u32 {
        self.counts.get(habit as usize).copied().unwrap_or(0)
    }

    /// Whether the habit was met.
    #[must_use]
    pub fn contains(&self, habit: Habit) -> bool {
        self.count(habit) > 0
    }

    /// Whether none was met: the body was what the RFC describes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }

    /// The habits that were met, each with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Habit, u32)> {
        Habit::ALL
            .iter()
            .copied()
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
    }
}

/// What a reader asks before it accepts more than the RFC.
pub(crate) struct Tolerance<'a> {
    leniency: Leniency,
    used: &'a mut Habits,
}

impl<'a> Tolerance<'a> {
    pub(crate) fn new(leniency: &Leniency, used: &'a mut Habits) -> Self {
        Self {
            leniency: *leniency,
            used,
        }
    }

    /// Whether the habit that was just met is tolerated. It is counted if so.
    pub(crate) fn of(&mut self, habit: Habit) -> bool {
        let tolerated = self.leniency.allows(habit);
        if tolerated {
            self.used.note(habit);
        }
        tolerated
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_habit_has_a_name_of_its_own_and_a_source() {
        let mut names: Vec<_> = Habit::ALL.iter().map(|habit| habit.name()).collect();
        for habit in Habit::ALL {
            assert!(
                habit.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{habit}"
            );
            assert!(!habit.source().is_empty() && !habit.vendor().is_empty());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Habit::ALL.len());
        assert!(Habit::ALL.len() <= 32, "one bit each");
    }

    #[test]
    fn strict_allows_nothing_and_generic_everything() {
        for habit in Habit::ALL {
            assert!(!Leniency::strict().allows(*habit));
            assert!(Leniency::default().allows(*habit));
        }
    }

    #[test]
    fn a_dialect_allows_its_own_habits_and_shared_ones() {
        let entra = Leniency::of(Dialect::Entra);
        assert!(entra.allows(Habit::BooleanText) && entra.allows(Habit::BareElement));
        assert!(!entra.allows(Habit::ReadOnlyKey));
        let okta = Leniency::of(Dialect::Okta);
        assert!(okta.allows(Habit::ReadOnlyKey) && !okta.allows(Habit::OpLetterCase));
        assert!(okta.with(Habit::OpLetterCase).allows(Habit::OpLetterCase));
        assert!(!okta.without(Habit::ReadOnlyKey).allows(Habit::ReadOnlyKey));
    }

    #[test]
    fn uses_are_counted_and_merged() {
        let mut used = Habits::default();
        let mut tolerance = Tolerance::new(&Leniency::default(), &mut used);
        assert!(tolerance.of(Habit::BooleanText) && tolerance.of(Habit::BooleanText));
        assert!(!Tolerance::new(&Leniency::strict(), &mut used).of(Habit::ListOfOne));
        let mut all = used.clone();
        all.merge(&used);
        assert_eq!(all.iter().collect::<Vec<_>>(), [(Habit::BooleanText, 4)]);
        assert!(!all.is_empty() && all.contains(Habit::BooleanText) && !all.contains(Habit::ListOfOne));
    }

    #[test]
    fn dialects_are_read_by_name() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse::<Dialect>().unwrap(), dialect);
        }
        assert!(
            "azure"
                .parse::<Dialect>()
                .unwrap_err()
                .to_string()
                .contains("azure")
        );
    }
}
