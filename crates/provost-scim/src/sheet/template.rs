//! The sheets of the applications that are known by name.

use super::{Sheet, SheetAttribute};
use crate::schema::AttributeType;

fn line(name: &str, kind: AttributeType) -> SheetAttribute {
    SheetAttribute {
        name: name.to_owned(),
        kind,
        filterable: false,
        required: false,
    }
}

fn text(name: &str) -> SheetAttribute {
    line(name, AttributeType::String)
}

fn required(line: SheetAttribute) -> SheetAttribute {
    SheetAttribute {
        required: true,
        ..line
    }
}

/// Four attributes: who the person is, and whether the person may come in.
pub(super) fn connecter() -> Sheet {
    let user_name = SheetAttribute {
        filterable: true,
        ..required(text("userName"))
    };
    Sheet {
        attributes: vec![
            user_name,
            line("active", AttributeType::Boolean),
            required(text("displayName")),
            text("externalId"),
        ],
    }
}

/// The same, and how to address and to reach the person.
pub(super) fn peripass() -> Sheet {
    let mut sheet = connecter();
    sheet.attributes.extend([
        text("preferredLanguage"),
        text("name.givenName"),
        text("name.familyName"),
        text("name.formatted"),
        text("phoneNumbers[type eq \"mobile\"].value"),
        text("emails[type eq \"work\"].value"),
    ]);
    sheet
}
