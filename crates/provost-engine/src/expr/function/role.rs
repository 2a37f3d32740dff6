//! The roles that an application gives to a person: `roles` of the directory, which Entra calls
//! `appRoleAssignments`.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::{Answer, Function};
use crate::expr::Value;
use crate::expr::eval::Arguments;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new(
        "AppRoleAssignments",
        "AppRoleAssignments(source)",
        "the values of all roles as a list of texts",
        (
            r#"AppRoleAssignments(Split("Reader;Author", ";"))"#,
            r#"["Reader","Author"]"#,
        ),
        (1, 1),
        texts,
    ),
    Function::new(
        "SingleAppRoleAssignment",
        "SingleAppRoleAssignment(source)",
        "the value of one role: the primary one, else the first",
        (
            r#"SingleAppRoleAssignment(Split("Reader;Author", ";"))"#,
            "Reader",
        ),
        (1, 1),
        single,
    ),
    Function::new(
        "AppRoleAssignmentsComplex",
        "AppRoleAssignmentsComplex(source)",
        "all roles as objects, for targets that keep roles they already have; map it with add_only",
        (r#"AppRoleAssignmentsComplex("Reader")"#, ROLE_EXAMPLE),
        (1, 1),
        complex,
    ),
    Function::new(
        "AssertiveAppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex(source)",
        "all roles as objects, which replace the roles that the target has",
        (r#"AssertiveAppRoleAssignmentsComplex("Reader")"#, ROLE_EXAMPLE),
        (1, 1),
        complex,
    ),
];

const ROLE_EXAMPLE: &str =
    r#"[{"display":"Reader","primary":false,"type":"WindowsAzureActiveDirectoryRole","value":"Reader"}]"#;

/// What Entra writes as the type of a role; used where the directory knows no type.
const TYPE: &str = "WindowsAzureActiveDirectoryRole";

/// One role.
struct Role {
    value: String,
    display: Option<String>,
    kind: Option<String>,
    is_primary: bool,
}

fn roles(arguments: &mut Arguments<'_, '_>) -> Result<Vec<Role>, crate::expr::ExprError> {
    let value = arguments.value(0)?;
    let objects: Vec<Role> = match &value {
        Value::Json(Json::Array(items)) => items.iter().filter_map(Role::of).collect(),
        Value::Json(one) => Role::of(one).into_iter().collect(),
        Value::Complex(items) => items.iter().filter_map(Role::of).collect(),
        texts => {
            let mut roles = Vec::new();
            texts.each(&mut |text| roles.extend(Role::named(text)));
            roles
        }
    };
    Ok(objects)
}

impl Role {
    fn named(text: Cow<'_, str>) -> Option<Self> {
        (!text.is_empty()).then(|| Self {
            value: text.into_owned(),
            display: None,
            kind: None,
            is_primary: false,
        })
    }

    fn of(json: &Json) -> Option<Self> {
        let Json::Object(map) = json else {
            return Self::named(Cow::Borrowed(json.as_str()?));
        };
        let role = Self::named(Cow::Borrowed(text(map, "value").or(text(map, "display"))?))?;
        Some(Self {
            display: text(map, "display").map(str::to_owned),
            kind: text(map, "type").map(str::to_owned),
            is_primary: map.get("primary") == Some(&Json::Bool(true)),
            ..role
        })
    }
}

fn text<'m>(map: &'m Map<String, Json>, name: &str) -> Option<&'m str> {
    map.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn texts<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let texts: Vec<Cow<'a, str>> = roles(arguments)?
        .into_iter()
        .map(|role| Cow::Owned(role.value))
        .collect();
    Ok(if texts.is_empty() {
        Value::Null
    } else {
        Value::List(texts)
    })
}

fn single<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let roles = roles(arguments)?;
    let primary = roles.iter().position(|role| role.is_primary).unwrap_or(0);
    Ok(roles
        .into_iter()
        .nth(primary)
        .map_or(Value::Null, |role| Value::from(role.value)))
}

fn complex<'a>(arguments: &mut Arguments<'_, 'a>) -> Answer<'a> {
    let objects: Vec<Json> = roles(arguments)?
        .into_iter()
        .map(|role| {
            json!({
                "primary": false,
                "type": role.kind.as_deref().unwrap_or(TYPE),
                "display": role.display.as_deref().unwrap_or(&role.value),
                "value": role.value,
            })
        })
        .collect();
    Ok(if objects.is_empty() {
        Value::Null
    } else {
        Value::Complex(objects)
    })
}
