//! A connection that really writes: into another workspace of the same server, over its own SCIM service.

use crate::browser::Browser;
use crate::harness::{Answer, Server};
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection};
use provost_store::provider::{self, State};
use provost_store::secret::{self, Place};
use provost_store::{Error as Store, audit, rule, token, workspace};
use provost_sync::{Engine, Mode, Options, Report};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// The connection's name, and it as a part of an address.
pub const NAME: &str = "Sample & application";
pub const AT: &str = "/w/Contoso/connections/Sample%20%26%20application";

pub struct Loop {
    pub connection: Connection,
    pub engine: Engine,
    pub rule: i64,
}

impl Loop {
    /// The connection with a rule about people. `approval` is what a second person has to approve.
    pub async fn new(server: &Server, approval: &str) -> Self {
        let (address, key) = (server.address.clone(), Arc::clone(&server.key));
        let (space, people) = (server.provider.workspace, people(approval));
        let made = server.db.write(move |tx| {
            let target = workspace::create(tx, "test", 1, Uuid::now_v7(), "Target")?;
            let settings = provider::Settings::default();
            let new = provider::New {
                id: Uuid::now_v7(),
                workspace: target.key,
                name: "Provost",
                role: "user",
                team: None,
                state: State::Saved,
                settings: &settings,
            };
            let owner = provider::create(tx, "test", 1, &new)?;
            let minted = token::mint(tx, "test", 1, &owner, "test", None)?;
            let new = connection::New {
                id: Uuid::now_v7(),
                workspace: space,
                name: NAME,
                connector: "scim",
                settings: &json!({"url": format!("{address}/scim/v2"), "allow_private_network": true}),
                guard: &json!({}),
            };
            let made = connection::create(tx, "test", 1, &new)?;
            let place = Place {
                table: "connection",
                owner: made.key,
                field: "token",
            };
            secret::put(tx, &key, 1, &place, &minted.text)?;
            rule::put(tx, "test", 1, &made, 1, &people)?;
            let rule = rule::of_connection(tx, made.key)?[0].key;
            Ok::<_, Store>((made, rule))
        });
        let (connection, rule) = made.await.unwrap();
        Self {
            connection,
            engine: server.engine(),
            rule,
        }
    }

    /// Runs a cycle to its end.
    pub async fn run(&self) -> Report {
        let options = Options {
            mode: Some(Mode::Incremental),
            ..Options::default()
        };
        self.engine
            .run_cycle(self.connection.key, &options)
            .await
            .unwrap()
    }
}

fn people(approval: &str) -> Rule {
    serde_json::from_value(json!({
        "name": "People", "object": "person", "approval": approval,
        "matching": [{"target": "userName", "precedence": 1}],
        "mappings": [
            {"target": "userName", "direct": "userName"},
            {"target": "active", "expression": "Not([IsSoftDeleted])", "kind": "boolean"},
            {"target": "displayName", "direct": "displayName"}
        ]
    }))
    .unwrap()
}

/// A person of the directory; the public id.
pub async fn person(server: &Server, name: &str) -> String {
    let user_name = format!("{}@contoso.example", name.to_lowercase());
    server
        .make(
            "/Users",
            json!({"userName": user_name, "displayName": name, "active": true}),
        )
        .await
}

/// Somebody is not active any more.
pub async fn leave(server: &Server, id: &str) {
    let operations: Value = json!([{"op": "replace", "path": "active", "value": false}]);
    server.patch(&format!("/Users/{id}"), operations).await;
}

/// The value of the first hidden field of this name on a page.
pub fn field(page: &str, name: &str) -> String {
    let marked = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&marked)
        .unwrap_or_else(|| panic!("no field {name} in {page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// Follows the answer of a form to the page that it leads to.
pub async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 303, "{}", answer.text);
    browser.follow(answer.header("location")).await
}

/// How many rows of the audit log have this action.
pub async fn audited(server: &Server, action: &str) -> usize {
    let workspace = server.provider.workspace;
    let rows = server
        .db
        .read(move |tx| audit::latest(tx, workspace, 1_000))
        .await
        .unwrap();
    rows.iter().filter(|row| row.action == action).count()
}
