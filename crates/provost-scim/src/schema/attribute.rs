//! One attribute and its characteristics (RFC 7643 sections 2.2, 2.3 and 7).

use serde::{Deserialize, Serialize};

/// The data types of RFC 7643 section 2.3. Serialized as the word in a schema document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number that may have a fraction.
    Decimal,
    /// A number without fraction or exponent.
    Integer,
    /// An instant: date, time and offset.
    DateTime,
    /// Base64 text.
    Binary,
    /// An address: absolute, or relative to the base.
    Reference,
    /// An object of sub-attributes, which are never complex themselves.
    Complex,
}

impl AttributeType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::String,
        Self::Boolean,
        Self::Decimal,
        Self::Integer,
        Self::DateTime,
        Self::Binary,
        Self::Reference,
        Self::Complex,
    ];

    /// The word in a schema document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may write an attribute, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// Read and written at any time.
    ReadWrite,
    /// Written by the server only; what a client sends is ignored.
    ReadOnly,
    /// Set once, then kept.
    Immutable,
    /// Written, never returned.
    WriteOnly,
}

impl Mutability {
    /// Every mutability.
    pub const ALL: [Self; 4] = [Self::ReadWrite, Self::ReadOnly, Self::Immutable, Self::WriteOnly];

    /// The word in a schema document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadWrite => "readWrite",
            Self::ReadOnly => "readOnly",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute is part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// Unless the caller excludes it.
    Default,
    /// Whatever the caller asks for.
    Always,
    /// In no answer, whatever the caller asks for.
    Never,
    /// Only when the caller names it.
    Request,
}

impl Returned {
    /// Every occasion.
    pub const ALL: [Self; 4] = [Self::Default, Self::Always, Self::Never, Self::Request];

    /// The word in a schema document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Always => "always",
            Self::Never => "never",
            Self::Request => "request",
        }
    }
}

/// Where a value may stand once only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uniqueness {
    /// Nowhere.
    None,
    /// In the workspace.
    Server,
    /// In the world.
    Global,
}

impl Uniqueness {
    /// Every reach.
    pub const ALL: [Self; 3] = [Self::None, Self::Server, Self::Global];

    /// The word in a schema document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}

/// An attribute or sub-attribute with its characteristics.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name in its canonical letter case.
    pub name: String,
    /// The data type.
    pub kind: AttributeType,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// One line for people.
    pub description: String,
    /// Whether it must have a value after every write.
    pub required: bool,
    /// Suggested values. Never enforced: clients send others.
    pub canonical_values: Vec<String>,
    /// Whether letter case matters in comparisons.
    pub case_exact: bool,
    /// Who may write it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Where it is unique.
    pub uniqueness: Uniqueness,
    /// For references: `User`, `Group`, `external` or `uri`.
    pub reference_types: Vec<String>,
    /// For complex attributes.
    pub sub_attributes: Vec<Attribute>,
}

/// The attribute of that name in any letter case. A walk: the longest list has about twenty names, and
/// nearly all are told apart by length.
pub(super) fn by_name<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// Building a table row: the characteristics that differ from RFC 7643 section 2.2's defaults.
impl Attribute {
    /// An attribute with default characteristics. References, binary values and dates compare exactly.
    #[must_use]
    pub fn new(name: &str, kind: AttributeType, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: description.to_owned(),
            required: false,
            canonical_values: Vec::new(),
            case_exact: matches!(kind, AttributeType::Reference | AttributeType::Binary),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }

    /// A text attribute.
    #[must_use]
    pub fn string(name: &str, description: &str) -> Self {
        Self::new(name, AttributeType::String, description)
    }

    /// An object with these sub-attributes.
    #[must_use]
    pub fn complex(name: &str, description: &str, sub_attributes: Vec<Self>) -> Self {
        Self {
            sub_attributes,
            ..Self::new(name, AttributeType::Complex, description)
        }
    }

    /// An address of one of these kinds.
    #[must_use]
    pub fn reference(name: &str, description: &str, types: &[&str]) -> Self {
        Self {
            reference_types: types.iter().map(|&kind| kind.to_owned()).collect(),
            ..Self::new(name, AttributeType::Reference, description)
        }
    }

    /// The same, as a list.
    #[must_use]
    pub fn many(self) -> Self {
        Self {
            multi_valued: true,
            ..self
        }
    }

    /// The same, required.
    #[must_use]
    pub fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The same, compared with letter case.
    #[must_use]
    pub fn exact(self) -> Self {
        Self {
            case_exact: true,
            ..self
        }
    }

    /// The same, compared without letter case.
    #[must_use]
    pub fn caseless(self) -> Self {
        Self {
            case_exact: false,
            ..self
        }
    }

    /// The same, with this mutability. What is write-only is never returned.
    #[must_use]
    pub fn mutability(self, mutability: Mutability) -> Self {
        let returned = match mutability {
            Mutability::WriteOnly => Returned::Never,
            _ => self.returned,
        };
        Self {
            mutability,
            returned,
            ..self
        }
    }

    /// The same, returned at this occasion.
    #[must_use]
    pub fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    /// The same, unique.
    #[must_use]
    pub fn unique(self, uniqueness: Uniqueness) -> Self {
        Self { uniqueness, ..self }
    }

    /// The same, with suggested values.
    #[must_use]
    pub fn canonical(self, values: &[&str]) -> Self {
        Self {
            canonical_values: values.iter().map(|&value| value.to_owned()).collect(),
            ..self
        }
    }

    /// The sub-attribute of that name, in any letter case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&Self> {
        by_name(&self.sub_attributes, name)
    }

    /// What a comparison or a sort order that names this attribute, and perhaps a sub-attribute, looks at:
    /// the sub-attribute; without one, the `value` of a complex attribute, or the attribute itself. `None`
    /// when there is no such sub-attribute, or a complex attribute has no `value`.
    #[must_use]
    pub fn comparand(&self, sub: Option<&str>) -> Option<&Self> {
        match sub {
            Some(sub) => self.sub_attribute(sub),
            None if self.kind == AttributeType::Complex => self.sub_attribute("value"),
            None => Some(self),
        }
    }
}
