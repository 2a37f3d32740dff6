//! The habits, one by one.

use std::fmt;

/// Who is known for a habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vendor {
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

            pub(super) const fn known_for(self) -> Vendor {
                match self { $(Self::$variant => Vendor::$vendor,)* }
            }
        }
    };
}

habits! {
    /// `Add`, `Replace`, `Remove`.
    OpLetterCase, "op-letter-case", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance";
    /// `"True"` and `"False"`, in any letter case, for a boolean attribute: in values, in filters, in paths.
    BooleanText, "boolean-text", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance";
    /// `""` for a reference (a manager, a member, an address) means that there is none.
    EmptyReference, "empty-reference", Entra,
        "Microsoft: SCIM validator, removal of a manager";
    /// A single complex attribute stands for its `value`: `"manager": "7c2"`, and `manager eq "7c2"`.
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
    /// Keys that name a sub-attribute, in a PATCH value without path or in a whole resource:
    /// `{"name.givenName":"A"}`.
    DottedKey, "dotted-key", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance, aadOptscim062020";
    /// Keys that carry a schema URN and an attribute, in the same places.
    UrnKey, "urn-key", Entra,
        "Microsoft: Known issues with SCIM 2.0 protocol compliance, aadOptscim062020";
    /// Keys that select elements, in the same places: `{"emails[type eq \"work\"].value":"x"}`.
    ValuePathKey, "value-path-key", Entra,
        "Public reports from SCIM servers: path-less PATCH by Entra";
    /// An attribute of an extension named without its URN: the path, the key or the filter `manager`.
    BareExtensionName, "bare-extension-name", Entra,
        "Microsoft: SCIM validator, path manager; Develop a SCIM endpoint, filter by manager";
    /// `remove` with the elements to remove in `value`. Read otherwise it would empty the list.
    RemoveByValue, "remove-by-value", Several,
        "Microsoft: Develop a SCIM endpoint, remove members; JumpCloud does the same";
    /// `replace` of an element that does not exist creates it.
    ReplaceCreates, "replace-creates", Entra,
        "RFC 7644 section 3.5.2.3 asks for noTarget; Entra replaces addresses that the target has lost";
    /// Read-only attributes in a PATCH value without path are ignored: `id` in every group rename.
    ReadOnlyKey, "read-only-key", Okta,
        "Okta: SCIM 2.0 protocol reference, group rename";
    /// Attributes that no schema has are ignored, beside others that are understood.
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
    /// A filter that goes on behind the brackets: `emails[type eq "work"].value eq "x"`.
    ValuePathTail, "value-path-tail", Entra,
        "Microsoft: Customize attribute mappings, matching by e-mail; not in RFC 7644 figure 1";
    /// A filter over one resource type asks about an attribute that it does not have: nobody is meant.
    UnknownFilterAttribute, "unknown-filter-attribute", Several,
        "RFC 7644 section 3.4.2.1 says so for queries over several types only";
    /// Spaces where the grammar of filters has none, several for one, or none for one.
    FilterSpacing, "filter-spacing", Several,
        "RFC 7644 figure 1 has single spaces; its own figures and several clients have others";
    /// `sortBy` names an attribute that the resource type does not have: the order is the usual one.
    UnknownSortAttribute, "unknown-sort-attribute", Several,
        "RFC 7644 section 3.4.2.3 leaves it open";
    /// `attributes` and `excludedAttributes` of a search body as one text with commas.
    CommaList, "comma-list", Several,
        "RFC 7644 section 3.4.3 asks for an array; the address has a text with commas";
    /// `count` and `startIndex` of a search body as text.
    NumberText, "number-text", Several,
        "RFC 7644 section 3.4.3 asks for a number; the address has text";
    /// A body without `Content-Type`.
    MissingContentType, "missing-content-type", Several,
        "RFC 7644 section 3.8 asks for application/scim+json; public reports from SCIM servers";
    /// An endpoint in another letter case, with a slash at its end, or with an empty segment.
    PathSpelling, "path-spelling", Several,
        "RFC 3986 section 6.2.2.1: paths have letter case; a base address with a slash at its end doubles it";
}

impl Habit {
    /// The habit of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|habit| habit.name() == name)
    }

    /// Who is known for it: `Microsoft Entra`, `Okta` or `several`.
    #[must_use]
    pub const fn vendor(self) -> &'static str {
        match self.known_for() {
            Vendor::Entra => "Microsoft Entra",
            Vendor::Okta => "Okta",
            Vendor::Several => "several",
        }
    }

    pub(super) const fn bit(self) -> u64 {
        1 << self as u64
    }
}

impl fmt::Display for Habit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
