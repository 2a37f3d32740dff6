//! What real applications get wrong, one habit after another, and that people and groups arrive all
//! the same.

mod conflicts;
mod finding;
mod groups;
mod paging;
mod shapes;
mod writing;

use std::sync::Arc;

use provost_connect::{Kind, Record, Target, http};
use serde_json::{Value, json};

use crate::application::{Application, Quirks};
use crate::scim::{connect, person};

/// Settings that do not wait for an application that is only slow by habit.
fn quick(extra: Value) -> Value {
    let mut settings = json!({"read_back_ms": [5, 10]});
    settings
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    settings
}

async fn start(quirks: Quirks, extra: Value) -> (Application, Arc<dyn Target>) {
    let application = Application::start(quirks).await;
    let target = connect(&application, quick(extra), &http::Factory::new());
    (application, target)
}

fn name(number: usize) -> Value {
    json!(format!("person{number}@contoso.example"))
}

async fn make(target: &dyn Target, number: usize) -> String {
    let made = target
        .create(Kind::Person, &format!("key-{number}"), &person(number))
        .await;
    made.unwrap().id
}

/// People that the application holds without us.
fn fill(application: &Application, count: usize) {
    let mut store = application.store();
    for number in 0..count {
        let id = format!("x-{number:05}");
        let person = json!({"id": id, "userName": name(number), "externalId": format!("e-{number}"),
            "emails": [{"type": "work", "value": name(number)}], "active": true});
        store.users.insert(id, person);
    }
}

async fn find(target: &dyn Target, attribute: &str, value: &Value) -> Vec<String> {
    let found = target.find(Kind::Person, attribute, value).await.unwrap();
    found.into_iter().map(|account| account.id).collect()
}

/// All ids of a listing, or the error that it ends in.
async fn all(target: &dyn Target, kind: Kind) -> provost_connect::Result<Vec<String>> {
    let (mut ids, mut page) = (Vec::new(), None);
    loop {
        let this = target
            .list(kind, page.as_deref(), &["userName".to_owned()])
            .await?;
        ids.extend(this.accounts.into_iter().map(|account| account.id));
        page = this.next;
        if page.is_none() {
            return Ok(ids);
        }
        assert!(ids.len() < 100_000, "the listing does not end");
    }
}

fn change(value: Value) -> Record {
    serde_json::from_value(value).unwrap()
}
