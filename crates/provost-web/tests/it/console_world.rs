//! A connection to Microsoft 365 with everything that the console has a page for, under names that mean harm.

use crate::console::sign_in;
use crate::harness::{Answer, Server};
use provost_engine::object::Kind;
use provost_engine::rule::Rule;
use provost_store::connection::{self, Connection};
use provost_store::doubt::{self, Candidate, Found};
use provost_store::group_licence::{self, New, Way};
use provost_store::link::{self, Link};
use provost_store::link_licence::{self, Given};
use provost_store::product::{self, Product};
use provost_store::provisioning_log::{self, Entry};
use provost_store::secret::{self, Key, Place};
use provost_store::sync_status::{self, State};
use provost_store::{Tx, directory, rule};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A name that would be a script, an image or an attribute if it were not escaped.
pub const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)> & 'x'";
/// The connection's name.
pub const NAME: &str = "Office <i>365</i>/?#&'\"";
/// The product's id.
pub const SKU: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";

pub struct World {
    pub connection: Connection,
    /// Public ids.
    pub person: Uuid,
    pub group: Uuid,
    pub cookie: String,
}

impl World {
    /// One person and one group of the directory, and beside them `others` linked accounts: of each ten, one failed,
    /// one is unsynced, one partially synced, seven are well, and eight have a licence.
    pub async fn new(server: &Server, others: usize) -> Self {
        let person = server
            .make(
                "/Users",
                json!({"userName": "ann@contoso.example", "displayName": HOSTILE}),
            )
            .await;
        let group = server.make("/Groups", json!({"displayName": HOSTILE})).await;
        let (workspace, sealing) = (server.provider.workspace, Arc::clone(&server.key));
        let (person, group): (Uuid, Uuid) = (person.parse().unwrap(), group.parse().unwrap());
        let made = server.db.write(move |tx| {
            let made = connect(tx, workspace, NAME)?;
            seal(tx, &sealing, &made)?;
            let rules = rule::of_connection(tx, made.key)?;
            let key = |kind| rules.iter().find(|one| one.kind == kind).unwrap().key;
            let (people, groups) = (key(Kind::Person), key(Kind::Group));
            fill(tx, &made, people, others)?;
            about(tx, &made, (people, groups), person, group)?;
            Ok::<_, provost_store::Error>(made)
        });
        let connection = made.await.unwrap();
        Self {
            connection,
            person,
            group,
            cookie: sign_in(server).await,
        }
    }

    /// A page, which must be one, and safe and small.
    pub async fn page(&self, server: &Server, path: &str) -> String {
        let page = self.answer(server, path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        check(path, &page);
        page.text
    }

    /// Whatever stands at `path`.
    pub async fn answer(&self, server: &Server, path: &str) -> Answer {
        Answer::of(server.request("GET", path).header("cookie", &self.cookie)).await
    }
}

/// What holds for every page.
pub fn check(path: &str, page: &Answer) {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
    assert!(page.text.len() < 100_000, "{path} has {} bytes", page.text.len());
    let scripts: Vec<_> = page.text.match_indices("<script").collect();
    assert_eq!(scripts.len(), 1, "{path} has our own script alone");
    assert!(page.text.contains("<script src=\"/assets/console."), "{path}");
    for harm in [
        "<img src=x",
        "style=",
        "<i>365",
        " onerror=alert(1)>",
        "opens-the-target",
    ] {
        assert!(!page.text.contains(harm), "{path} has {harm}");
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
}

/// The addresses on a page that lead to other pages, as a browser reads them.
pub fn links(page: &str) -> Vec<String> {
    page.split("<a ")
        .skip(1)
        .filter_map(|rest| rest.split_once("href=\"")?.1.split_once('"'))
        .map(|(address, _)| address.replace("&#38;", "&").replace("&amp;", "&"))
        .filter(|address| address.starts_with('/'))
        .map(|address| address.split('#').next().unwrap().to_owned())
        .collect()
}

/// A connection of this name with a rule about people and one about groups.
pub fn connect(tx: &mut Tx, workspace: i64, name: &str) -> Result<Connection, provost_store::Error> {
    let settings = json!({
        "tenant": "contoso.onmicrosoft.com", "client_id": Uuid::now_v7(), "graph_url": "http://127.0.0.1:9",
        "login_url": "http://127.0.0.1:9", "allow_private_network": true,
    });
    let new = connection::New {
        id: Uuid::now_v7(),
        workspace,
        name,
        connector: "graph",
        settings: &settings,
        guard: &json!({}),
    };
    let made = connection::create(tx, "test", 1, &new)?;
    for (position, (name, object, target, source)) in [
        (HOSTILE, "person", "userPrincipalName", "userName"),
        ("Groups", "group", "displayName", "displayName"),
    ]
    .into_iter()
    .enumerate()
    {
        let rule: Rule = serde_json::from_value(json!({
            "name": name, "object": object, "matching": [{"target": target, "precedence": 1}],
            "mappings": [{"target": target, "direct": source}],
        }))
        .unwrap();
        rule::put(tx, "test", 1, &made, position as i64, &rule)?;
    }
    Ok(made)
}

/// Gives a connection its credential.
pub fn seal(tx: &mut Tx, key: &Key, made: &Connection) -> Result<(), provost_store::Error> {
    let place = Place {
        table: "connection",
        owner: made.key,
        field: "client_secret",
    };
    secret::put(tx, key, 1, &place, "opens-the-target")
}

/// Many accounts whose people are gone from the directory.
fn fill(tx: &mut Tx, made: &Connection, people: i64, others: usize) -> Result<(), provost_store::Error> {
    let seats = Product {
        sku: SKU.to_owned(),
        name: HOSTILE.to_owned(),
        state: "Enabled".to_owned(),
        enabled: others as u64 + 5,
        warning: 0,
        suspended: 0,
        consumed: others as u64,
        assignable: true,
        plans: Vec::new(),
    };
    product::put_all(tx, made.key, 5, &[seats])?;
    let product = product::by_sku(tx, made.key, SKU)?.unwrap().key;
    let (mut links, mut given, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..others {
        // Far above the keys that a fresh database gives out.
        let object = 1_000_000 + index as i64;
        links.push(Link {
            rule: people,
            object,
            object_id: Uuid::now_v7(),
            target_id: format!("account-{index}"),
            label: format!("{HOSTILE} {index}"),
            ..Link::default()
        });
        if index % 10 < 8 {
            given.push(Given {
                rule: people,
                object,
                product,
                ..Given::default()
            });
        }
        let state = [State::Failed, State::Unsynced, State::Partial].get(index % 10);
        statuses.extend(state.map(|state| sync_status::Entry {
            rule: people,
            object,
            state: *state,
            code: "PRV-CONNECT-CONFLICT".to_owned(),
            reason: format!("PRV-CONNECT-CONFLICT: {HOSTILE} is taken."),
            since: 0,
        }));
    }
    link::put_all(tx, 7, &links)?;
    link_licence::put_all(tx, 8, &given)?;
    sync_status::put(tx, 9, &statuses)
}

/// What there is about the one person and the one group of the directory.
fn about(
    tx: &mut Tx,
    made: &Connection,
    (people, groups): (i64, i64),
    person: Uuid,
    group: Uuid,
) -> Result<(), provost_store::Error> {
    let key = |tx: &mut Tx, id| {
        Ok::<_, provost_store::Error>(directory::key_by_id(tx, made.workspace, id)?.unwrap().0)
    };
    let (person_key, group_key) = (key(tx, person)?, key(tx, group)?);
    let group_object = directory::by_key(tx, group_key)?.unwrap();
    let entry = |rule, object, code: &str| sync_status::Entry {
        rule,
        object,
        state: State::Unsynced,
        code: code.to_owned(),
        reason: format!("{code}: {HOSTILE}"),
        since: 0,
    };
    sync_status::put(
        tx,
        9,
        &[
            entry(people, person_key, "PRV-MATCH-SEVERAL"),
            entry(groups, group_key, "PRV-GROUP-NAME"),
        ],
    )?;
    let candidate = |id: &str, linked_to: String| Candidate {
        target_id: id.to_owned(),
        label: HOSTILE.to_owned(),
        matched_by: HOSTILE.to_owned(),
        detail: HOSTILE.to_owned(),
        linked_to,
        ..Candidate::default()
    };
    let candidates = [
        candidate("first", String::new()),
        candidate(HOSTILE, group.to_string()),
    ];
    let found = |rule, object, code| Found {
        rule,
        object,
        label: HOSTILE,
        code,
        reason: HOSTILE,
        candidates: &candidates,
    };
    doubt::put(
        tx,
        10,
        made.key,
        &[
            found(people, person_key, "PRV-MATCH-SEVERAL"),
            found(groups, group_key, "PRV-GROUP-NAME"),
        ],
    )?;
    let product = product::by_sku(tx, made.key, SKU)?.unwrap().key;
    let new = New {
        group: &group_object,
        product,
        disabled_plans: &[],
        way: Way::Member,
    };
    group_licence::add(tx, HOSTILE, 11, made, &new)?;
    for index in 0..60 {
        provisioning_log::append(tx, made.workspace, &line(made, person_key, person, index))?;
    }
    let checks = tested();
    connection::set_checked(tx, made.key, 12, &checks, true)
}

fn line(made: &Connection, object: i64, object_id: Uuid, index: i64) -> Entry {
    Entry {
        at: 20 + index,
        connection: made.key,
        kind: Kind::Person,
        object,
        object_id,
        label: HOSTILE.to_owned(),
        action: "create".to_owned(),
        status: "failure".to_owned(),
        code: "PRV-MATCH-SEVERAL".to_owned(),
        reason: format!("PRV-MATCH-SEVERAL: {HOSTILE} number {index}"),
        detail: HOSTILE.repeat(100),
        ..Entry::default()
    }
}

/// What a test of the connection leaves behind.
fn tested() -> Value {
    json!([
        {"name": "sign-in", "ok": true, "code": "", "sentence": HOSTILE, "hint": "", "link": null},
        {
            "name": "permissions", "ok": false, "code": "PRV-M365-PERMISSION-MISSING", "sentence": "some are missing",
            "hint": "Grant them.", "link": null,
            "permissions": {
                "granted": ["User.Read.All", "Application.ReadWrite.All"],
                "missing": [{"function": "groups", "permission": "Group.ReadWrite.All", "also_enough": ["Directory.ReadWrite.All"]}],
                "excess": ["Application.ReadWrite.All"], "advised": [], "unknown": false
            }
        }
    ])
}
