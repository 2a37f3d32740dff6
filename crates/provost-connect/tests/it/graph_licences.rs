//! Licences of Microsoft 365: seats, swaps, and every refusal in words.

use m365_sim::{Effect, Rule, Settings, UnprovedDirectory};
use provost_connect::http::Factory;
use provost_connect::{Error, Kind, Licence, LicenceChange, Record, Refusal, Target};
use serde_json::{Value, json};

use crate::conformance::add;
use crate::graph::{Microsoft, person};

const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";
const E5: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";
const F1: &str = "66b55226-6b4f-492c-910c-a3b7a3c9d993";
const FLOW: &str = "f30db892-07e9-47e9-837c-80727f46fd3d";
const CALLING: &str = "e43b5b99-8dfb-405f-9987-dc307f34bcbd";
const MEETING: &str = "0c266dff-15dd-4b49-8397-2bb16070ed52";
const STORE: &str = "6470687e-a428-4b7a-bef2-8a291ad947c9";
const TEAMS: &str = "57ff2da0-773e-42df-b2af-ffb7a2317929";
const NOBODYS: &str = "00000000-0000-4000-8000-000000000365";

fn licence(sku: &str) -> Licence {
    Licence {
        sku: sku.to_owned(),
        disabled_plans: Vec::new(),
    }
}

fn change(id: &str, give: &[&str], take: &[&str]) -> LicenceChange {
    LicenceChange {
        id: id.to_owned(),
        add: give.iter().map(|sku| licence(sku)).collect(),
        remove: take.iter().map(|sku| (*sku).to_owned()).collect(),
    }
}

async fn change_one(target: &dyn Target, change: LicenceChange) -> Result<(), Error> {
    target.change_licences(&[change]).await.pop().unwrap()
}

async fn held(target: &dyn Target, id: &str) -> Vec<String> {
    let held = target.licences(id).await.unwrap();
    held.into_iter().map(|held| held.licence.sku).collect()
}

async fn refusal(target: &dyn Target, wanted: LicenceChange) -> Refusal {
    let error = change_one(target, wanted).await.unwrap_err();
    Refusal::of(&error).unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn products_with_their_seats() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
    change_one(target.as_ref(), change(&id, &[E3], &[]))
        .await
        .unwrap();
    let products = target.products().await.unwrap();
    let e3 = products.iter().find(|product| product.sku == E3).unwrap();
    assert_eq!((e3.name.as_str(), e3.state.as_str()), ("SPE_E3", "Enabled"));
    assert_eq!((e3.enabled, e3.consumed, e3.free()), (250, 1, 249));
    assert!(
        e3.plans
            .iter()
            .any(|plan| plan.id == TEAMS && plan.name == "TEAMS1" && plan.assignable)
    );
    assert!(products.iter().any(|product| !product.assignable));
}

#[tokio::test]
async fn twenty_people_get_their_licence_in_one_request() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let mut changes = Vec::new();
    for number in 0..20 {
        let key = number.to_string();
        let id = target
            .create(Kind::Person, &key, &person(number))
            .await
            .unwrap()
            .id;
        changes.push(change(&id, &[E3], &[]));
    }
    let before = microsoft.simulator.counters();
    let outcomes = target.change_licences(&changes).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let after = microsoft.simulator.counters();
    assert_eq!(after.batches - before.batches, 1);
    assert_eq!(target.products().await.unwrap()[0].consumed, 20);
    let nothing = target.change_licences(&[change(&changes[0].id, &[], &[])]).await;
    assert!(nothing[0].is_ok(), "no change is no request");
}

#[tokio::test]
async fn a_swap_is_one_call_and_plans_can_be_left_out() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
    let lean = LicenceChange {
        add: vec![Licence {
            sku: E3.to_owned(),
            disabled_plans: vec![TEAMS.to_owned()],
        }],
        ..change(&id, &[], &[])
    };
    change_one(target.as_ref(), lean).await.unwrap();
    let has = target.licences(&id).await.unwrap();
    assert_eq!(has[0].licence.disabled_plans, [TEAMS]);
    assert_eq!((&has[0].from_group, &has[0].error), (&None, &None));
    // Their mailboxes exclude each other: only a swap in one call can work.
    let swap = change(&id, &[F1], &[E3]);
    change_one(target.as_ref(), swap).await.unwrap();
    assert_eq!(held(target.as_ref(), &id).await, [F1]);
    assert!(matches!(
        target.licences(NOBODYS).await,
        Err(Error::NotFound { .. })
    ));
}

#[tokio::test]
async fn each_refusal_has_its_cause() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    microsoft.simulator.change(|settings| settings.skus[0].seats = 1);
    let target = microsoft.connect(&Factory::new());
    let target = target.as_ref();
    let mut nowhere = person(9);
    nowhere.remove("usageLocation");
    let one = target.create(Kind::Person, "1", &person(1)).await.unwrap().id;
    let two = target.create(Kind::Person, "2", &person(2)).await.unwrap().id;
    let mut in_cuba = person(3);
    in_cuba.insert("usageLocation".to_owned(), json!("CU"));
    let cuba = target.create(Kind::Person, "3", &in_cuba).await.unwrap().id;
    let nowhere = target.create(Kind::Person, "9", &nowhere).await.unwrap().id;
    change_one(target, change(&one, &[E3], &[])).await.unwrap();

    assert_eq!(refusal(target, change(&two, &[E3], &[])).await, Refusal::Seats);
    assert_eq!(
        refusal(target, change(&nowhere, &[FLOW], &[])).await,
        Refusal::Location
    );
    assert_eq!(refusal(target, change(&one, &[F1], &[])).await, Refusal::Clash);
    assert_eq!(
        refusal(target, change(&two, &[CALLING], &[])).await,
        Refusal::Prerequisite
    );
    assert_eq!(
        refusal(target, change(&cuba, &[E5, MEETING], &[])).await,
        Refusal::Prohibited
    );
    assert_eq!(
        refusal(target, change(&two, &[NOBODYS], &[])).await,
        Refusal::Product
    );
    assert_eq!(
        refusal(target, change(&two, &[STORE], &[])).await,
        Refusal::Product
    );
    let foreign = LicenceChange {
        add: vec![Licence {
            sku: FLOW.to_owned(),
            disabled_plans: vec![TEAMS.to_owned()],
        }],
        ..change(&two, &[], &[])
    };
    assert_eq!(refusal(target, foreign).await, Refusal::Plan);
    assert!(held(target, &two).await.is_empty(), "a refusal changes nothing");
    let error = change_one(target, change(&two, &[E3], &[])).await.unwrap_err();
    assert_eq!(error.code(), "PRV-LICENCE-SEATS");
    assert!(matches!(&error, Error::Rejected { attribute: Some(name), .. } if name == "assignedLicenses"));
}

#[tokio::test]
async fn what_is_not_there_need_not_be_taken_back() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let target = target.as_ref();
    let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
    change_one(target, change(&id, &[], &[E3])).await.unwrap();
    change_one(target, change(&id, &[E3], &[])).await.unwrap();
    change_one(target, change(&id, &[FLOW], &[E5, E3])).await.unwrap();
    assert_eq!(held(target, &id).await, [FLOW]);
}

/// A group that brings Flow, with this person in it.
async fn licensed_group(microsoft: &Microsoft, target: &dyn Target, id: &str) -> String {
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    let crew = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    assert!(target.change_members(&crew, &[add(id)]).await[0].is_ok());
    target
        .change_group_licences(&crew, &[licence(FLOW)], &[])
        .await
        .unwrap();
    microsoft.simulator.advance(60_000);
    crew
}

#[tokio::test]
async fn a_licence_from_a_group_is_told_as_such() {
    for ignored in [false, true] {
        let settings = Settings {
            unproved_directory: UnprovedDirectory {
                inherited_removal_ignored: ignored,
                ..UnprovedDirectory::default()
            },
            ..Settings::contoso()
        };
        let microsoft = Microsoft::start(settings).await;
        let target = microsoft.connect(&Factory::new());
        let target = target.as_ref();
        let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
        let crew = licensed_group(&microsoft, target, &id).await;
        let has = target.licences(&id).await.unwrap();
        assert_eq!(has.len(), 1, "{has:?}");
        assert_eq!(
            (has[0].licence.sku.as_str(), has[0].from_group.as_deref()),
            (FLOW, Some(crew.as_str()))
        );
        change_one(target, change(&id, &[E3], &[])).await.unwrap();
        let outcome = change_one(target, change(&id, &[], &[FLOW, E3])).await;
        if !ignored {
            let error = outcome.unwrap_err();
            assert_eq!(Refusal::of(&error), Some(Refusal::Inherited));
            assert!(error.to_string().contains(&crew), "{error}");
        }
        assert_eq!(
            held(target, &id).await,
            [FLOW],
            "the direct one is gone all the same"
        );
        // Twice is once; and what a group does not have need not be taken from it.
        target
            .change_group_licences(&crew, &[], &[FLOW.to_owned()])
            .await
            .unwrap();
        target
            .change_group_licences(&crew, &[], &[FLOW.to_owned()])
            .await
            .unwrap();
        microsoft.simulator.advance(60_000);
        assert!(held(target, &id).await.is_empty());
    }
}

#[tokio::test]
async fn a_usage_location_that_is_not_known_everywhere_yet_is_waited_for() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
    let late = Effect::Answer {
        error: "licence_location".to_owned(),
        after: false,
        retry_after: None,
        wait_s: 1.0,
        shape: Default::default(),
    };
    let rule = |times| Rule::next("POST /users/*/assignLicense", times, late.clone());
    microsoft.simulator.inject(rule(2)).unwrap();
    change_one(target.as_ref(), change(&id, &[E3], &[]))
        .await
        .unwrap();
    assert_eq!(held(target.as_ref(), &id).await, [E3]);
    microsoft.simulator.inject(rule(100)).unwrap();
    assert_eq!(
        refusal(target.as_ref(), change(&id, &[FLOW], &[])).await,
        Refusal::Location
    );
    microsoft.simulator.clear_faults();
}

#[tokio::test]
async fn one_refusal_in_a_batch_stops_nobody_else() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let mut changes = Vec::new();
    for number in 0..5 {
        let mut record = person(number);
        if number == 2 {
            record.remove("usageLocation");
        }
        let id = target
            .create(Kind::Person, &number.to_string(), &record)
            .await
            .unwrap()
            .id;
        changes.push(change(&id, &[FLOW], &[]));
    }
    changes.push(change(NOBODYS, &[FLOW], &[]));
    let outcomes = target.change_licences(&changes).await;
    let good = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(good, 4, "{outcomes:?}");
    assert_eq!(
        outcomes[2].as_ref().err().and_then(Refusal::of),
        Some(Refusal::Location)
    );
    assert!(matches!(&outcomes[5], Err(Error::NotFound { id, .. }) if id == NOBODYS));
}

#[tokio::test]
async fn a_fresh_account_gets_its_licence_as_soon_as_it_is_there() {
    let settings = Settings {
        read_delay_ms: 150,
        ..Settings::contoso()
    };
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
    change_one(target.as_ref(), change(&id, &[E3], &[]))
        .await
        .unwrap();
    let user = microsoft.simulator.users();
    let of: Vec<&Value> = user
        .iter()
        .map(|user| &user["assignedLicenses"][0]["skuId"])
        .collect();
    assert_eq!(of, [E3]);
}
