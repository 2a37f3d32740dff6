//! Bodies with attributes that a workspace defined itself.

use super::*;
use crate::project::Projection;
use crate::resource::{self, Meta};
use crate::schema::{Catalogue, Extension};

const CARD: &str = "urn:contoso:card:1.0:User";

fn catalogue() -> Catalogue {
    let definition = json!({"id": CARD, "resource": "User", "attributes": [
        {"name": "number", "mutability": "immutable"}, {"name": "pin", "returned": "never"},
        {"name": "photoId", "returned": "request"}, {"name": "floor", "type": "integer"},
        {"name": "office", "type": "complex", "subAttributes": [
            {"name": "city", "required": true}, {"name": "code", "mutability": "immutable"}]}]});
    Catalogue::with(&[Extension::parse(&definition).unwrap()]).unwrap()
}

#[test]
fn custom_extensions_are_kept_like_the_standard_one() {
    let catalogue = catalogue();
    let post = |mut body: Value, leniency: Leniency| {
        body["userName"] = json!("a");
        create(catalogue.user(), body, &leniency, &mut Habits::default())
    };
    let card = json!({"FLOOR": 3, "office": {"city": "Gent"}});
    let body = json!({"schemas": [USER, CARD.to_uppercase()], (CARD): card});
    let made = post(body, Leniency::strict()).unwrap();
    assert_eq!(
        made.document[CARD],
        json!({"floor": 3, "office": {"city": "Gent"}})
    );
    let bare = post(json!({"floor": 3, "photoId": "p"}), Leniency::default()).unwrap();
    assert_eq!(bare.document[CARD], json!({"floor": 3, "photoId": "p"}));
    assert_eq!(bare.requested.len(), 1);
    for (value, sentence) in [
        (json!({"floor": "3"}), "floor: expected a whole number"),
        (json!({"office": {"code": "x"}}), "office.city is required"),
        (json!({"shoeSize": 44}), "shoeSize is not an attribute"),
    ] {
        let body = json!({"schemas": [USER, CARD], (CARD): value});
        let error = post(body, Leniency::strict()).unwrap_err();
        assert!(error.detail.starts_with(&format!("{CARD}:{sentence}")), "{error}");
    }
}

fn current() -> Document {
    let card = json!({"number": "7", "pin": "1234", "photoId": "p", "floor": 3,
                      "office": {"city": "Gent", "code": "x"}});
    let current = json!({"userName": "a", "active": true, (CARD): card});
    current.as_object().unwrap().clone()
}

fn put_card(card: Value) -> Result<Value> {
    let body = json!({"userName": "a", (CARD): card});
    let rt = catalogue();
    let used = &mut Habits::default();
    let accepted = replace(rt.user(), &current(), body, &Leniency::default(), used)?;
    Ok(accepted.document[CARD].clone())
}

#[test]
fn what_is_set_once_is_kept_and_cannot_be_changed() {
    let kept = put_card(json!({"office": {"city": "Oslo"}, "pin": "9"})).unwrap();
    assert_eq!(
        kept,
        json!({"number": "7", "pin": "9", "photoId": "p", "office": {"city": "Oslo", "code": "x"}})
    );
    for card in [
        json!({"number": "8"}),
        json!({"office": {"city": "Oslo", "code": "y"}}),
    ] {
        let error = put_card(card.clone()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::Mutability), "{card}: {error}");
    }
}

/// A client that sends back what it read cannot know what it was not shown: nothing changes.
#[test]
fn a_put_of_what_was_read_changes_nothing() {
    let catalogue = catalogue();
    let rt = catalogue.user();
    let meta = Meta {
        rt,
        created: 0,
        modified: 0,
        location: "https://hub.contoso.example/scim/v2/Users/u1",
        version: 1.into(),
    };
    let read = Projection::default().apply(rt, resource::to_value(&current(), "u1", &meta, None));
    assert!(read[CARD].get("pin").is_none() && read[CARD].get("photoId").is_none());
    let mut used = Habits::default();
    let put = replace(rt, &current(), read, &Leniency::strict(), &mut used).unwrap();
    assert_eq!(put.document, current());
    assert!(used.is_empty());
}
