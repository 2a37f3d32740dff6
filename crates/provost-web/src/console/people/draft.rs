//! A record that an administrator keeps by hand: its form's fields, and the document that follows from what was typed.

use crate::console::faults::Faults;
use crate::form::Form;
use crate::texts::{Language, text};
use provost_engine::object::Kind;
use provost_scim::leniency::{Habits, Leniency};
use provost_scim::patch;
use provost_scim::resource::Document;
use provost_scim::schema::{Catalogue, PATCH_OP};
use serde_json::{Value, json};

/// Bytes of a value: what an index of either database can hold after case folding.
const LONGEST: usize = 800;

/// One field of the form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its name in the form.
    pub name: &'static str,
    /// Its label; a key of the catalogue.
    pub label: &'static str,
    /// The attribute, as the path of a PATCH.
    path: &'static str,
    /// What is removed when nothing is typed: the attribute, or the whole element of a list.
    whole: &'static str,
    /// Where its value stands in a document.
    at: &'static [&'static str],
    pub is_required: bool,
}

const fn field(
    name: &'static str,
    label: &'static str,
    path: &'static str,
    at: &'static [&'static str],
) -> Field {
    Field {
        name,
        label,
        path,
        whole: path,
        at,
        is_required: false,
    }
}

const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What the form of a person asks for.
const PERSON: [Field; 10] = [
    Field {
        is_required: true,
        ..field("user_name", text("User name"), "userName", &["userName"])
    },
    field(
        "display_name",
        text("Display name"),
        "displayName",
        &["displayName"],
    ),
    field(
        "given_name",
        text("First name"),
        "name.givenName",
        &["name", "givenName"],
    ),
    field(
        "family_name",
        text("Last name"),
        "name.familyName",
        &["name", "familyName"],
    ),
    Field {
        whole: "emails[type eq \"work\"]",
        ..field(
            "email",
            text("E-mail at work"),
            "emails[type eq \"work\"].value",
            &["emails", "work"],
        )
    },
    Field {
        whole: "phoneNumbers[type eq \"mobile\"]",
        ..field(
            "mobile",
            text("Mobile phone"),
            "phoneNumbers[type eq \"mobile\"].value",
            &["phoneNumbers", "mobile"],
        )
    },
    field("title", text("Job title"), "title", &["title"]),
    field(
        "department",
        text("Department"),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        &[DEPARTMENT, "department"],
    ),
    field(
        "language",
        text("Preferred language"),
        "preferredLanguage",
        &["preferredLanguage"],
    ),
    field("external_id", text("External id"), "externalId", &["externalId"]),
];

/// What the form of a group asks for.
const GROUP: [Field; 2] = [
    Field {
        is_required: true,
        ..field("display_name", text("Name"), "displayName", &["displayName"])
    },
    field("external_id", text("External id"), "externalId", &["externalId"]),
];

/// The fields of a kind's form.
pub(super) fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Person => &PERSON,
        Kind::Group => &GROUP,
    }
}

impl Field {
    /// The field's value in a document.
    pub fn of(&self, document: &Document) -> String {
        let mut at = self.at.iter();
        let mut value = at.next().and_then(|name| document.get(*name));
        for name in at {
            value = match value {
                Some(Value::Array(elements)) => elements
                    .iter()
                    .find(|one| one.get("type").and_then(Value::as_str) == Some(name))
                    .and_then(|one| one.get("value")),
                other => other.and_then(|one| one.get(name)),
            };
        }
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The document that follows from a form over `current`; what the form does not ask for stays.
///
/// # Errors
/// What is wrong, by field.
pub(super) fn written(
    catalogue: &Catalogue,
    kind: Kind,
    current: &Document,
    form: &Form,
    language: Language,
) -> Result<Document, Faults> {
    check(kind, form, language)?;
    let mut operations: Vec<Value> = fields(kind)
        .iter()
        .filter_map(|one| operation(one, current, form))
        .collect();
    if kind == Kind::Person {
        operations.push(json!({"op": "replace", "path": "active", "value": form.is_on("active")}));
    }
    let rt = match kind {
        Kind::Person => catalogue.user(),
        Kind::Group => catalogue.group(),
    };
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    let (leniency, mut used) = (Leniency::default(), Habits::default());
    patch::parse(rt, body, &leniency)
        .and_then(|request| patch::apply(rt, current, &request, &leniency, &mut used))
        .map(|outcome| outcome.document)
        .map_err(|error| Faults::one("", error.detail))
}

fn check(kind: Kind, form: &Form, language: Language) -> Result<(), Faults> {
    let mut faults = Faults::none();
    for one in fields(kind) {
        let typed = form.text(one.name);
        if one.is_required && typed.is_none() {
            faults.add(
                one.name,
                language.t("This is needed: others know the record by it."),
            );
        }
        if typed.is_some_and(|typed| typed.len() > LONGEST) {
            faults.add(
                one.name,
                language.f(
                    "This is too long: {} bytes are the most.",
                    &[&LONGEST.to_string()],
                ),
            );
        }
        if typed.is_some_and(|typed| typed.chars().any(char::is_control)) {
            faults.add(
                one.name,
                language.t("This has a character that cannot be printed. Type it again."),
            );
        }
    }
    let mail = form.text("email").filter(|_| kind == Kind::Person);
    if mail.is_some_and(|mail| !is_address(mail)) {
        faults.add(
            "email",
            language.t("This is no e-mail address. Write it like ann@contoso.example."),
        );
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Enough to find a slip of the hand; who can receive mail is known to the mail server alone.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(one, other)| {
        !one.is_empty() && other.contains('.') && !text.contains(char::is_whitespace)
    })
}

/// What a field changes; none where it stays.
fn operation(field: &Field, current: &Document, form: &Form) -> Option<Value> {
    let (was, typed) = (field.of(current), form.text(field.name).unwrap_or_default());
    if was == typed {
        return None;
    }
    Some(if typed.is_empty() {
        json!({"op": "remove", "path": field.whole})
    } else {
        json!({"op": "replace", "path": field.path, "value": typed})
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn person(form: &str, current: &Document) -> Result<Document, Faults> {
        let form = Form::read(form.as_bytes());
        written(
            &Catalogue::standard(),
            Kind::Person,
            current,
            &form,
            Language::English,
        )
    }

    #[test]
    fn a_form_becomes_a_document_and_back() {
        let made = person(
            "user_name=ann&given_name=Ann&email=ann%40contoso.example&department=Sales&active=on",
            &Document::default(),
        )
        .unwrap();
        assert_eq!(made["active"], json!(true));
        let shown: Vec<String> = PERSON
            .iter()
            .map(|one| one.of(&made))
            .filter(|one| !one.is_empty())
            .collect();
        assert_eq!(shown, ["ann", "Ann", "ann@contoso.example", "Sales"]);
    }

    #[test]
    fn what_the_form_does_not_ask_for_stays_and_what_is_emptied_goes() {
        let current = json!({
            "userName": "ann", "active": true, "nickName": "A", "title": "Cook",
            "emails": [{"type": "work", "value": "ann@contoso.example"}, {"type": "home", "value": "a@contoso.example"}],
        });
        let current = current.as_object().unwrap().clone();
        let made = person("user_name=ann&active=on", &current).unwrap();
        assert_eq!(made.get("title"), None);
        assert_eq!(made["nickName"], json!("A"));
        assert_eq!(made["emails"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn every_mistake_is_told_at_its_field() {
        let faults = person("email=nobody", &Document::default()).unwrap_err();
        assert!(!faults.of("user_name").is_empty() && !faults.of("email").is_empty());
    }
}
