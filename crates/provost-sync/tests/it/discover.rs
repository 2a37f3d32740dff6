use crate::world::{World, people_rule};
use provost_connect::Kind;
use provost_store::unowned::{self, Sort};
use provost_store::{connection, link, rule};
use provost_sync::{Discovered, Error};
use serde_json::json;

fn two_ways() -> serde_json::Value {
    let mut rule = people_rule();
    rule["matching"] =
        json!([{"target": "userName", "precedence": 1}, {"target": "employeeNumber", "precedence": 2}]);
    rule["mappings"]
        .as_array_mut()
        .unwrap()
        .push(json!({"target": "employeeNumber", "direct": "employeeNumber"}));
    rule["scope"] = json!({"filters": [{"clauses": [{"attribute": "title", "operator": "NOT EQUALS", "value": "Guest"}]}]});
    rule
}

async fn list(world: &World) -> Vec<(String, Sort)> {
    let key = world.connection;
    let found = world
        .read(move |tx| unowned::list(tx, key, None, None, 100))
        .await;
    found.into_iter().map(|u| (u.label, u.sort)).collect()
}

async fn discover(world: &World) -> provost_sync::Result<Discovered> {
    let (engine, connection) = (world.engine.clone(), world.connection);
    tokio::spawn(async move { engine.discover(connection).await })
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_nobody_owns_are_sorted_by_every_matching_attribute() {
    let world = World::with(&[two_ways()], json!({}), "{}").await;
    let ada = json!({"title": "Boss", "employeeNumber": "7"});
    world.person("ada", ada).await;
    world.run().await;
    world.person("bo", json!({"title": "Cook"})).await;
    world.person("cy", json!({"title": "Guest"})).await;
    world
        .person("di", json!({"title": "Cook", "employeeNumber": "9"}))
        .await;
    {
        let mut held = world.held();
        held.page = 2;
        for record in [
            json!({"userName": "nobody", "displayName": "Nobody"}),
            json!({"userName": "BO", "displayName": "Bo"}),
            json!({"userName": "cy", "displayName": "Cy"}),
            json!({"userName": "diana.old", "displayName": "Di", "employeeNumber": "9"}),
        ] {
            held.plant(Kind::Person, record);
        }
    }
    let found = discover(&world).await.unwrap();
    let expected = Discovered {
        seen: 5,
        linked: 1,
        local: 1,
        unassigned: 1,
        assigned: 2,
    };
    assert_eq!(found, expected);
    let pairs = |names: &[(&str, Sort)]| {
        names
            .iter()
            .map(|(n, s)| ((*n).to_owned(), *s))
            .collect::<Vec<_>>()
    };
    let all = [
        ("nobody", Sort::Local),
        ("BO", Sort::Assigned),
        ("cy", Sort::Unassigned),
        ("diana.old", Sort::Assigned),
    ];
    assert_eq!(list(&world).await, pairs(&all));
    // What is gone is forgotten, but only after a list that came to its end.
    world.held().lose("nobody");
    world.held().broken_list = Some(1);
    world.pass(1_000);
    assert!(matches!(discover(&world).await, Err(Error::Target(_))));
    assert_eq!(list(&world).await.len(), 4);
    world.held().broken_list = None;
    discover(&world).await.unwrap();
    assert_eq!(list(&world).await, pairs(&all[1..]));
    assert!(
        world.held().writes.iter().all(|w| w.starts_with("create")),
        "a discovery writes nothing"
    );
}

async fn rule_key(world: &World) -> i64 {
    let key = world.connection;
    world.read(move |tx| rule::of_connection(tx, key)).await[0].key
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_made_only_to_what_is_there_and_free() {
    let world = World::new().await;
    let people = world.people(2).await;
    world.run().await;
    let ada = world.person("ada", json!({})).await;
    let planted = world
        .held()
        .plant(Kind::Person, json!({"userName": "a.lovelace"}));
    let (rule, engine, connection) = (rule_key(&world).await, &world.engine, world.connection);
    let absent = engine
        .relink(connection, rule, ada.key, "t99", "Ada")
        .await
        .unwrap_err();
    assert!(
        matches!(
            absent,
            Error::Refused {
                code: "PRV-LINK-ABSENT",
                ..
            }
        ),
        "{absent}"
    );
    let theirs = world.held().id("user0");
    let taken = engine
        .relink(connection, rule, ada.key, &theirs, "Ada")
        .await
        .unwrap_err();
    assert!(taken.to_string().contains("PRV-LINK-TAKEN"), "{taken}");
    let foreign = engine
        .relink(connection, rule + 1_000, ada.key, &planted, "Ada")
        .await
        .unwrap_err();
    assert!(
        matches!(
            foreign,
            Error::Refused {
                code: "PRV-LINK-RULE",
                ..
            }
        ),
        "{foreign}"
    );
    let account = engine
        .relink(connection, rule, ada.key, &planted, "Ada")
        .await
        .unwrap();
    assert_eq!(account.record["userName"], "a.lovelace");
    world.run().await;
    assert_eq!(
        world.held().people[&planted]["userName"],
        "ada",
        "the next cycle writes what is mapped"
    );
    assert_eq!(world.held().people.len(), 3, "and makes nobody new");
    // Unlinked, the account stays, and is matched again.
    assert!(
        engine
            .unlink(connection, rule, people[0].key, "Ada")
            .await
            .unwrap()
    );
    assert!(
        !engine
            .unlink(connection, rule, people[0].key, "Ada")
            .await
            .unwrap()
    );
    let object = people[0].key;
    assert_eq!(world.read(move |tx| link::get(tx, rule, object)).await, None);
    world.run().await;
    let found = world.read(move |tx| link::get(tx, rule, object)).await.unwrap();
    assert_eq!((found.target_id, world.held().people.len()), (theirs, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_target_is_asked_about_matching_attributes_before_they_are_saved() {
    let world = World::new().await;
    let rules = [serde_json::from_value(two_ways()).unwrap()];
    let checks = world
        .engine
        .check_matching(world.connection, &rules)
        .await
        .unwrap();
    let told: Vec<_> = checks
        .iter()
        .map(|c| (c.name.as_str(), c.outcome.is_ok()))
        .collect();
    assert_eq!(
        told,
        [("People, userName", true), ("People, employeeNumber", true)]
    );
    let key = world.connection;
    assert_eq!(
        world.read(move |tx| rule::of_connection(tx, key)).await.len(),
        2,
        "nothing was saved"
    );
    assert_eq!(world.connection().await.state, connection::State::Active);
}
