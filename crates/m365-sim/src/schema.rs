//! The properties of users and groups: type, length, who may write them, whether they come without being asked for.
//!
//! Names and types are those of the Graph v1.0 metadata; lengths, defaults and writability those of the "user resource
//! type" and "group resource type" pages.

mod group;
mod user;

use crate::directory::Kind;

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string of at most so many characters.
    Text(usize),
    Flag,
    /// A 32-bit number.
    Number,
    /// A date and time with an offset.
    Moment,
    /// A list of at most so many strings.
    Texts(usize),
    /// An object with these members, all of them strings.
    Record(&'static [&'static str]),
    /// An object or list that is checked elsewhere, or that only the service writes.
    Composite,
    /// As `Composite`, and always a list.
    Composites,
}

/// Who may write a property, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    /// Only the service writes it.
    Read,
    /// Only when the object is made.
    Create,
    /// Only once the object exists.
    Update,
    /// Settable while it has no value, then for ever.
    Once,
    /// Only on behalf of a signed-in user, never by an application on its own.
    Delegated,
    /// Real, but not offered by this simulator.
    Unoffered,
}

/// One property of a user or group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub name: &'static str,
    pub shape: Shape,
    pub access: Access,
    /// Returned without `$select`.
    pub shown: bool,
    /// Null clears it.
    pub clears: bool,
    /// Usable in `$filter`.
    pub filters: bool,
}

const fn of(name: &'static str, shape: Shape) -> Property {
    let filters = !matches!(shape, Shape::Composite | Shape::Record(_));
    Property {
        name,
        shape,
        access: Access::Write,
        shown: false,
        clears: true,
        filters,
    }
}

const fn text(name: &'static str, max: usize) -> Property {
    of(name, Shape::Text(max))
}

const fn flag(name: &'static str) -> Property {
    of(name, Shape::Flag)
}

const fn moment(name: &'static str) -> Property {
    of(name, Shape::Moment)
}

const fn texts(name: &'static str, items: usize) -> Property {
    Property {
        clears: false,
        ..of(name, Shape::Texts(items))
    }
}

impl Property {
    const fn shown(self) -> Property {
        Property { shown: true, ..self }
    }

    /// Null is refused.
    const fn kept(self) -> Property {
        Property {
            clears: false,
            ..self
        }
    }

    const fn access(self, access: Access) -> Property {
        Property { access, ..self }
    }

    const fn read_only(self) -> Property {
        self.access(Access::Read)
    }

    const fn unfiltered(self) -> Property {
        Property {
            filters: false,
            ..self
        }
    }

    /// Collections are empty where other properties are null.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self.shape, Shape::Texts(_) | Shape::Composites)
    }
}

/// The properties of a kind of object, in alphabetical order.
pub(crate) fn properties(kind: Kind) -> &'static [Property] {
    match kind {
        Kind::User => user::PROPERTIES,
        Kind::Group => group::PROPERTIES,
    }
}

/// The property of that name. Names are compared without regard to case, as OData services of Microsoft do.
pub(crate) fn property(kind: Kind, name: &str) -> Option<&'static Property> {
    let all = properties(kind);
    match all.binary_search_by(|known| known.name.cmp(name)) {
        Ok(found) => all.get(found),
        Err(_) => all.iter().find(|known| known.name.eq_ignore_ascii_case(name)),
    }
}

/// The navigation properties that can be expanded.
pub(crate) fn relations(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &["directReports", "manager", "memberOf"],
        Kind::Group => &["memberOf", "members", "owners"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_so_that_lookups_find_everything() {
        for kind in [Kind::User, Kind::Group] {
            for pair in properties(kind).windows(2) {
                assert!(
                    pair[0].name < pair[1].name,
                    "{} before {}",
                    pair[0].name,
                    pair[1].name
                );
            }
            for known in properties(kind) {
                assert_eq!(
                    property(kind, known.name).map(|found| found.name),
                    Some(known.name)
                );
                assert_eq!(
                    property(kind, &known.name.to_uppercase()).map(|found| found.name),
                    Some(known.name)
                );
            }
        }
    }
}
