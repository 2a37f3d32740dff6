//! What applications are told about a person: OpenID Connect Core 1.0 section 5.1, out of the directory.

use super::reach::Reached;
use crate::Result;
use provost_store::{Tx, link};
use serde_json::{Map, Value, json};

/// What can be asked for, in the order in which it is listed.
pub(super) const SCOPES: [&str; 6] = ["openid", "profile", "email", "phone", "groups", "offline_access"];
/// What may be told.
pub(super) const CLAIMS: [&str; 25] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "azp",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "locale",
    "zoneinfo",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "groups",
];
/// Groups that are named.
const MOST_GROUPS: i64 = 500;

/// What a scope lets an application know about a person.
pub(super) fn of_person(tx: &mut Tx, reached: &Reached, scope: &str) -> Result<Map<String, Value>> {
    let document = reached.object.value()?;
    let has = |wanted: &str| scope.split(' ').any(|one| one == wanted);
    let mut claims = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value);
        }
    };
    if has("profile") {
        let text = |path: &str| text(&document, path).map(Value::from);
        put("name", Some(json!(reached.person.label)));
        put("preferred_username", Some(json!(reached.person.user_name)));
        put("given_name", text("/name/givenName"));
        put("family_name", text("/name/familyName"));
        put("middle_name", text("/name/middleName"));
        put("nickname", text("/nickName"));
        put("locale", text("/locale"));
        put("zoneinfo", text("/timezone"));
        put("updated_at", Some(json!(reached.object.modified / 1_000)));
    }
    if has("email")
        && let Some(email) = first(&document, "emails")
    {
        put("email", Some(email));
        // Addresses come from the systems that keep people, never from the people themselves.
        put("email_verified", Some(json!(true)));
    }
    if has("phone") {
        put("phone_number", first(&document, "phoneNumbers"));
    }
    if has("groups") {
        let (connection, person) = (reached.known.connection.key, reached.object.key);
        let names = link::group_names(tx, connection, person, MOST_GROUPS)?;
        put("groups", Some(json!(names)));
    }
    Ok(claims)
}

fn text<'a>(document: &'a Value, path: &str) -> Option<&'a str> {
    let found = document.pointer(path).and_then(Value::as_str);
    found.filter(|text| !text.is_empty())
}

/// The primary value of a list, else its first.
fn first(document: &Value, name: &str) -> Option<Value> {
    let list = document.get(name)?.as_array()?;
    let primary = |one: &&Value| one.get("primary").and_then(Value::as_bool) == Some(true);
    let chosen = list.iter().find(primary).or_else(|| list.first())?;
    text(chosen, "/value").map(Value::from)
}
