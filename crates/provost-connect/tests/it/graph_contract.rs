//! Whatever the connector asks is held against Microsoft's own description of Graph.

use std::path::Path;
use std::sync::Arc;

use m365_sim::contract::{Contract, Watch};
use m365_sim::{Settings, Simulator};
use provost_connect::http::Factory;
use provost_connect::{Kind, Licence, LicenceChange, Record, Target};
use serde_json::json;

use crate::conformance::{add, remove};
use crate::graph::{Microsoft, person};

const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const FLOW: &str = "f30db892-07e9-47e9-837c-80727f46fd3d";
const NOBODY: &str = "00000000-0000-4000-8000-000000000365";

async fn watched() -> (Watch, Arc<dyn Target>) {
    let file = "../m365-sim/tests/contract/graph-v1.0-closed.openapi.json";
    let contract = Contract::load(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let watch = Watch::new(contract);
    let mut settings = Settings::contoso();
    let roles = ["Directory.Read.All", "User.DeleteRestore.All"].map(str::to_owned);
    settings.applications[0].roles.extend(roles);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let simulator = Simulator::new(settings).unwrap();
    let (serving, watching) = (simulator.clone(), watch.clone());
    tokio::spawn(async move { watching.serve(&serving, listener).await });
    let target = Microsoft { simulator, url }.connect(&Factory::new());
    (watch, target)
}

async fn licences(target: &dyn Target, id: &str) {
    target.products().await.unwrap();
    let licence = |sku: &str| Licence {
        sku: sku.to_owned(),
        disabled_plans: Vec::new(),
    };
    for (give, take) in [
        (vec![licence(E3)], vec![]),
        (vec![licence(FLOW)], vec![E3.to_owned()]),
    ] {
        let change = LicenceChange {
            id: id.to_owned(),
            add: give,
            remove: take,
        };
        let changes = [
            change.clone(),
            LicenceChange {
                id: NOBODY.to_owned(),
                ..change
            },
        ];
        let outcomes = target.change_licences(&changes).await;
        assert!(outcomes[0].is_ok() && outcomes[1].is_err(), "{outcomes:?}");
    }
    target.licences(id).await.unwrap();
}

async fn groups(target: &dyn Target, one: &str, two: &str) {
    let attributes = ["displayName".to_owned()];
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    let group = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    assert_eq!(target.create(Kind::Group, "g", &crew).await.unwrap().id, group);
    let outcomes = target.change_members(&group, &[add(one), add(two)]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    target.set_owner(&group, one, true).await.unwrap();
    target.set_owner(&group, two, true).await.unwrap();
    target.set_owner(&group, two, false).await.unwrap();
    assert_eq!(
        target.owned_groups(one).await.unwrap(),
        std::slice::from_ref(&group)
    );
    let licence = Licence {
        sku: FLOW.to_owned(),
        disabled_plans: Vec::new(),
    };
    target
        .change_group_licences(&group, &[licence], &[])
        .await
        .unwrap();
    target
        .change_group_licences(&group, &[], &[FLOW.to_owned()])
        .await
        .unwrap();
    target
        .standing(Kind::Group, std::slice::from_ref(&group))
        .await
        .unwrap();
    target.changes(Kind::Group, None, &attributes).await.unwrap();
    target.members(&group, None).await.unwrap();
    assert!(target.change_members(&group, &[remove(one)]).await[0].is_ok());
    target.deleted(Kind::Group, None, &attributes).await.unwrap();
    target.delete(Kind::Group, &group).await.unwrap();
}

#[tokio::test]
async fn every_request_is_one_that_graph_describes() {
    let (watch, target) = watched().await;
    let target = target.as_ref();
    let attributes = ["jobTitle", "userPrincipalName", "manager"].map(str::to_owned);
    let one = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let two = target.create(Kind::Person, "2", &person(2)).await.unwrap().id;
    licences(target, &one).await;
    groups(target, &one, &two).await;
    target.set_reference(&one, "manager", Some(&two)).await.unwrap();
    target.get(Kind::Person, &one, &attributes).await.unwrap();
    target.changes(Kind::Person, None, &attributes).await.unwrap();
    target.list(Kind::Person, None, &attributes).await.unwrap();
    target
        .standing(Kind::Person, &[one.clone(), two.clone()])
        .await
        .unwrap();
    target.set_reference(&one, "manager", None).await.unwrap();
    target.disable(Kind::Person, &one).await.unwrap();
    target.end_sessions(&one).await.unwrap();
    target.enable(Kind::Person, &one).await.unwrap();
    target.delete(Kind::Person, &one).await.unwrap();
    target.deleted(Kind::Person, None, &attributes).await.unwrap();
    target.undelete(Kind::Person, &one).await.unwrap();
    target.delete(Kind::Person, &one).await.unwrap();
    target.purge(Kind::Person, &one).await.unwrap();
    assert_eq!(watch.violations(), Vec::<String>::new());
    assert!(watch.calls() > 30, "{}", watch.calls());
}
