//! Identifiers in the console and by the interface: what is shown, and the acts for which no tenant has to answer. The
//! rest is lived before the simulated tenant.

use crate::api_once::send;
use crate::browser::Browser;
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use crate::microsoft_365_pages::{AT, active};
use crate::run_world::field;
use provost_engine::object::Kind;
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::connection::Connection;
use provost_store::directory::{self, Change, Owner, Placement};
use provost_store::identifier::{self, Facts, Place, Suggestion};
use provost_store::{Error, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

const PATH: &str = "/microsoft-365-providers/Office%20%3Ci%3E365/identifiers";

fn account(id: &str) -> Facts {
    Facts {
        id: id.to_owned(),
        name: format!("{id}@contoso.example"),
        label: format!("<b>{id}</b>"),
        enabled: true,
        ..Facts::default()
    }
}

fn person(tx: &mut Tx, workspace: i64, name: &str) -> Result<directory::Object, Error> {
    let owner = Owner {
        workspace,
        key: workspace,
    };
    let change = Change {
        owner,
        actor: "test",
        now: 1,
    };
    let document = json!({"userName": name, "displayName": name, "active": true});
    let document = document.as_object().cloned().unwrap_or_default();
    let placement = Placement {
        role: "user",
        team: None,
        permission: None,
    };
    directory::create(tx, &change, Kind::Person, Uuid::now_v7(), &document, &placement)
}

/// The accounts were read, as far as the store knows: a, b and c, of which a is suggested for ann.
async fn read(server: &Server, c: &Connection) -> Uuid {
    let c = c.clone();
    let write = move |tx: &mut Tx| {
        identifier::begin(tx, 5, &c, &[])?;
        let shared = Facts {
            enabled: false,
            shared: true,
            ..account("c")
        };
        let place = Place {
            connection: &c,
            began: 5,
        };
        identifier::put_accounts(tx, 5, &place, &[account("a"), account("b"), shared])?;
        let range = directory::Range {
            after: 0,
            upto: i64::MAX,
        };
        let mut people = Vec::new();
        directory::for_each(tx, c.workspace, Kind::Person, range, |row| {
            people.push((row.key()?, row.label()?.to_owned()));
            Ok(())
        })?;
        identifier::add_people(tx, c.key, &people)?;
        identifier::end(tx, 6, c.key, 3, "")?;
        let ann = person(tx, c.workspace, "ann")?;
        let one = Suggestion {
            account: "a".into(),
            object: ann.key,
            score: 90,
            why: "same userPrincipalName".into(),
        };
        identifier::suggest(tx, c.key, &one)?;
        Ok::<_, Error>(ann.id)
    };
    server.db.write(write).await.unwrap()
}

async fn page(browser: &Browser, query: &str) -> String {
    let path = format!("{AT}/identifiers{query}");
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(&path, &page);
    page.text
}

async fn get(server: &Server, token: &str, path: &str) -> Value {
    Answer::of(server.api(token, "GET", &format!("{PATH}{path}")))
        .await
        .json()
}

async fn post(server: &Server, token: &str, path: &str, body: Value) -> Answer {
    send(server, token, "POST", &format!("{PATH}{path}"), body, &[]).await
}

both! {
    async fn the_page_begins_with_who_needs_something(server) {
        let (_, connection) = active(server).await;
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let unread = page(&browser, "").await;
        assert!(unread.contains("were not read yet") && !unread.contains("With those that are ticked"), "{unread}");
        read(server, &connection).await;
        let shown = page(&browser, "").await;
        let order: Vec<_> = ["b@contoso", "c@contoso", "a@contoso"].iter().map(|name| shown.find(name).unwrap()).collect();
        assert!(order.is_sorted() && shown.contains("shared mailbox") && shown.contains("same userPrincipalName"), "{shown}");
        let narrow = page(&browser, "?state=suggested").await;
        assert!(narrow.contains("a@contoso") && !narrow.contains("b@contoso"), "{narrow}");
        let narrow = page(&browser, "?mark=shared&search=C%40contoso").await;
        assert!(narrow.contains("c@contoso") && !narrow.contains("b@contoso"), "{narrow}");
        assert!(page(&browser, "?tab=people").await.contains("ann"));
        let reader = server.signed_in(Role::Auditor).await;
        assert!(page(&reader, "").await.contains("<fieldset disabled"), "who may only look sees why");
    }

    async fn people_are_made_exempted_and_unlinked_on_the_page(server) {
        let (_, connection) = active(server).await;
        read(server, &connection).await;
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let at = format!("{AT}/identifiers");
        let bare = browser.post(&at, &[("do", "exempt"), ("account", "c"), ("reason", "a mailbox")]).await;
        assert!(bare.status == 409 && bare.text.contains("PRV-EXEMPTION-INCOMPLETE"), "{}", bare.text);
        let done = browser.post(&at, &[("do", "exempt"), ("account", "c"), ("reason", "a mailbox"), ("owner", "Bob")]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert!(page(&browser, "?state=exempt").await.contains("a mailbox"));
        for (act, fields) in [("create", vec![("account", "b")]), ("accept-all", vec![("tab", "people")])] {
            let mut form = vec![("do", act)];
            form.extend(fields);
            let asked = browser.post(&at, &form).await;
            assert_eq!(asked.status, 409, "{act}: {}", asked.text);
            check(&at, &asked);
            let digest = field(&asked.text, "confirm");
            form.push(("confirm", &digest));
            assert_eq!(browser.post(&at, &form).await.status, 303, "{act}");
        }
        let linked = page(&browser, "?state=linked").await;
        assert!(linked.contains("a@contoso") && linked.contains("b@contoso"), "{linked}");
        assert_eq!(browser.post(&at, &[("do", "unlink"), ("account", "b")]).await.status, 303);
        assert!(page(&browser, "?state=unlinked").await.contains("b@contoso"));
        let locked = browser.post(&at, &[("do", "plan-all"), ("tab", "people")]).await;
        assert!(locked.status == 409 && locked.text.contains("PRV-PROVIDER-NOT-ASSIGNABLE"), "{}", locked.text);
    }

    async fn the_interface_does_the_same(server) {
        let (_, connection) = active(server).await;
        let token = server.api_token(Scope::Configure).await;
        let numbers = get(server, &token, "").await;
        assert_eq!((&numbers["read"], &numbers["accounts"]["total"]), (&Value::Null, &json!(0)), "{numbers}");
        let early = post(server, &token, "/unlink", json!({"account": "a"})).await;
        assert_eq!(early.problem(404).0, "PRV-IDENTIFIER-UNKNOWN");
        let early = post(server, &token, "/exempt", json!({"accounts": ["a"], "reason": "x", "owner": "y"})).await;
        assert_eq!(early.problem(409).0, "PRV-IDENTIFIER-UNREAD");
        let ann = read(server, &connection).await;
        let numbers = get(server, &token, "").await;
        assert_eq!(numbers["accounts"], json!({"linked": 0, "suggested": 1, "unlinked": 2, "exempt": 0, "total": 3}), "{numbers}");
        let bare = post(server, &token, "/exempt", json!({"people": [ann], "reason": "x"})).await;
        assert_eq!(bare.problem(422).0, "PRV-EXEMPTION-INCOMPLETE");
        let none = post(server, &token, "/exempt", json!({"reason": "x", "owner": "y"})).await;
        assert_eq!(none.problem(422).0, "PRV-IDENTIFIER-MANY");
        let first = get(server, &token, "/accounts?limit=1").await;
        assert_eq!(first["accounts"][0]["id"], "b", "{first}");
        let after = first["next"].as_str().unwrap().to_owned();
        let rest = get(server, &token, &format!("/accounts?after={after}")).await;
        assert_eq!(rest["accounts"].as_array().map(Vec::len), Some(2), "{rest}");
        let people = get(server, &token, "/people?state=suggested").await;
        assert_eq!((&people["people"][0]["id"], &people["people"][0]["score"]), (&json!(ann), &json!(90)), "{people}");
        let asked = post(server, &token, "/accept", json!({})).await;
        assert_eq!(asked.problem(409).0, "PRV-IDENTIFIER-ACCEPT");
        let digest = asked.json()["confirm"]["digest"].clone();
        let done = post(server, &token, "/accept", json!({"confirm": {"digest": digest}})).await.json();
        assert_eq!(done, json!({"linked": 1, "left": 0}));
        let asked = post(server, &token, "/create-people", json!({"accounts": ["b"]})).await;
        let digest = asked.json()["confirm"]["digest"].clone();
        let made = post(server, &token, "/create-people", json!({"accounts": ["b"], "confirm": {"digest": digest}})).await.json();
        assert_eq!(made["made"], 1, "{made}");
        let linked = get(server, &token, "/accounts?state=linked&search=b%40").await;
        let placeholder = linked["accounts"][0]["person"].clone();
        let two = post(server, &token, "/merge", json!({"stays": ann, "goes": placeholder})).await;
        assert_eq!(two.problem(409).0, "PRV-MERGE-ACCOUNTS");
        assert_eq!(post(server, &token, "/unlink", json!({"account": "a"})).await.status, 204);
        let asked = post(server, &token, "/merge", json!({"stays": ann, "goes": placeholder})).await;
        assert_eq!(asked.problem(409).0, "PRV-MERGE-CONFIRM", "{}", asked.text);
        let digest = asked.json()["confirm"]["digest"].clone();
        let merged = post(server, &token, "/merge", json!({"stays": ann, "goes": placeholder, "confirm": {"digest": digest}})).await;
        assert_eq!(merged.json()["accounts"], json!(["b@contoso.example"]), "{}", merged.text);
        let exempt = post(server, &token, "/exempt", json!({"accounts": ["c", "a"], "reason": "x", "owner": "y"})).await.json();
        assert_eq!(exempt["count"], 2);
        assert_eq!(post(server, &token, "/withdraw", json!({"accounts": ["c"]})).await.json()["count"], 1);
        let word = Answer::of(server.api(&token, "GET", &format!("{PATH}/accounts?state=lost"))).await;
        assert_eq!(word.problem(400).0, "PRV-API-REQUEST");
        let operate = server.api_token(Scope::Operate).await;
        let refused = post(server, &operate, "/unlink", json!({"account": "a"})).await;
        assert_eq!(refused.status, 403, "{}", refused.text);
    }
}
