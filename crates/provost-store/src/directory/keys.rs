//! The values by which a person or a group is found, computed from the document and folded in Rust.

use crate::Param;
use provost_engine::object::Kind;
use provost_scim::resource::{self, Document};

/// What the index columns of an object hold, and what is read off its document beside them.
pub(crate) struct Keys {
    pub name: String,
    pub display: Option<String>,
    pub external: Option<String>,
    pub emails: Vec<String>,
    pub label: String,
    pub active: bool,
}

impl Keys {
    pub fn of(kind: Kind, document: &Document) -> Self {
        let display = resource::display_name(document);
        let is_person = kind == Kind::Person;
        let name = if is_person {
            resource::user_name(document)
        } else {
            display
        };
        let name = name.unwrap_or_default();
        Self {
            name: resource::fold(name),
            display: display.filter(|_| is_person).map(resource::fold),
            external: resource::external_id(document).map(str::to_owned),
            emails: if is_person {
                resource::emails(document).map(resource::fold).collect()
            } else {
                Vec::new()
            },
            label: display.unwrap_or(name).to_owned(),
            active: !is_person || resource::active(document),
        }
    }

    pub fn first_email(&self) -> Option<&str> {
        self.emails.first().map(String::as_str)
    }

    /// The first e-mail address stands in the object's row; these stand in rows of their own.
    pub fn further_emails(&self) -> &[String] {
        self.emails.get(1..).unwrap_or_default()
    }

    /// Whether every index column of the object's row has the same value.
    pub fn same_columns(&self, other: &Self) -> bool {
        self.name == other.name
            && self.display == other.display
            && self.external == other.external
            && self.first_email() == other.first_email()
    }

    pub fn external_param(&self) -> Param<'_> {
        self.external.as_deref().into()
    }
}
