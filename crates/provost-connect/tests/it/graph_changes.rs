//! Reading what changed: rounds, places that are lost, and groups that come in parts.

use std::collections::{BTreeMap, BTreeSet};

use m365_sim::{Effect, OutlivedDelta, Rule, Settings, Unproved};
use provost_connect::http::Factory;
use provost_connect::{ChangePage, Error, Kind, Record, Target, Then};
use serde_json::{Value, json};

use crate::conformance::{add, remove};
use crate::graph::{Microsoft, person};

fn asked(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// One round to its end: what was told, the place for the next one, and how many pages it had.
async fn round(
    target: &dyn Target,
    kind: Kind,
    place: Option<&str>,
    attributes: &[String],
) -> (Vec<ChangePage>, String) {
    let (mut pages, mut place) = (Vec::new(), place.map(str::to_owned));
    for _ in 0..1000 {
        let page = target.changes(kind, place.as_deref(), attributes).await.unwrap();
        let then = page.then.clone();
        pages.push(page);
        match then {
            Then::Page(next) => place = Some(next),
            Then::End(end) => return (pages, end),
            Then::Restart => panic!("the place is good"),
        }
    }
    panic!("the round does not end");
}

fn changed(pages: &[ChangePage]) -> BTreeMap<String, Record> {
    let all = pages.iter().flat_map(|page| &page.changed);
    all.map(|account| (account.id.clone(), account.record.clone()))
        .collect()
}

/// Members after applying pages in order.
fn members(pages: &[ChangePage], held: &mut BTreeMap<String, BTreeSet<String>>) {
    for change in pages.iter().flat_map(|page| &page.members) {
        let group = held.entry(change.group.clone()).or_default();
        group.extend(change.added.iter().map(|member| member.id.clone()));
        for member in &change.removed {
            group.remove(&member.id);
        }
    }
}

#[tokio::test]
async fn rounds_tell_everything_then_only_what_changed() {
    for awkward_pages in [false, true] {
        let settings = Settings {
            delta_page: 7,
            awkward_pages,
            ..Settings::contoso()
        };
        let microsoft = Microsoft::start(settings).await;
        let target = microsoft.connect(&Factory::new());
        let target = target.as_ref();
        let mut ids = Vec::new();
        for number in 0..30 {
            let key = number.to_string();
            ids.push(
                target
                    .create(Kind::Person, &key, &person(number))
                    .await
                    .unwrap()
                    .id,
            );
        }
        let attributes = asked(&["jobTitle", "userPrincipalName", "manager"]);
        let (pages, place) = round(target, Kind::Person, None, &attributes).await;
        assert!(pages.len() > 3);
        let told = changed(&pages);
        assert_eq!(told.len(), 30);
        assert_eq!(told[&ids[3]]["userPrincipalName"], "person3@contoso.example");
        assert!(
            pages
                .iter()
                .flat_map(|page| &page.changed)
                .all(|account| account.enabled == Some(true))
        );

        let chief = Record::from([("jobTitle".to_owned(), json!("Chief"))]);
        target.update(Kind::Person, &ids[0], &chief).await.unwrap();
        let none = Record::from([("jobTitle".to_owned(), Value::Null)]);
        target.update(Kind::Person, &ids[1], &none).await.unwrap();
        target
            .set_reference(&ids[2], "manager", Some(&ids[3]))
            .await
            .unwrap();
        target.delete(Kind::Person, &ids[4]).await.unwrap();
        target.delete(Kind::Person, &ids[5]).await.unwrap();
        target.undelete(Kind::Person, &ids[5]).await.unwrap();
        target.disable(Kind::Person, &ids[6]).await.unwrap();
        let (pages, next) = round(target, Kind::Person, Some(&place), &attributes).await;
        let told = changed(&pages);
        assert_eq!(told[&ids[0]]["jobTitle"], "Chief");
        assert_eq!(told[&ids[1]]["jobTitle"], Value::Null, "cleared is not unknown");
        assert_eq!(told[&ids[2]]["manager"], json!(ids[3]));
        assert!(
            !told[&ids[0]].contains_key("userPrincipalName"),
            "only what changed"
        );
        assert!(
            told.contains_key(&ids[5]),
            "a restored account comes as an ordinary one"
        );
        let off = pages
            .iter()
            .flat_map(|page| &page.changed)
            .find(|account| account.id == ids[6]);
        assert_eq!(off.unwrap().enabled, Some(false));
        let removed: Vec<_> = pages.iter().flat_map(|page| &page.removed).collect();
        assert!(
            removed
                .iter()
                .any(|removal| removal.id == ids[4] && removal.restorable)
        );
        assert!(!told.contains_key(&ids[7]));
        let (pages, _) = round(target, Kind::Person, Some(&next), &attributes).await;
        assert!(changed(&pages).is_empty(), "{pages:?}");
    }
}

#[tokio::test]
async fn a_large_group_comes_in_parts() {
    let settings = Settings {
        delta_page: 10,
        ..Settings::contoso()
    };
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    let target = target.as_ref();
    let mut changes = Vec::new();
    for number in 0..45 {
        let key = number.to_string();
        let id = target
            .create(Kind::Person, &key, &person(number))
            .await
            .unwrap()
            .id;
        changes.push(add(&id));
    }
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    let crew = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    let outcomes = target.change_members(&crew, &changes).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let attributes = asked(&["displayName"]);
    let (pages, place) = round(target, Kind::Group, None, &attributes).await;
    assert!(pages.len() > 1);
    let mut held = BTreeMap::new();
    members(&pages, &mut held);
    let real: BTreeSet<String> = microsoft.simulator.members(&crew).into_iter().collect();
    assert_eq!(held[&crew], real);
    let gone: Vec<_> = changes[..30]
        .iter()
        .map(|change| remove(&change.member_id))
        .collect();
    assert!(
        target
            .change_members(&crew, &gone)
            .await
            .iter()
            .all(Result::is_ok)
    );
    let (pages, _) = round(target, Kind::Group, Some(&place), &attributes).await;
    members(&pages, &mut held);
    let real: BTreeSet<String> = microsoft.simulator.members(&crew).into_iter().collect();
    assert_eq!((held[&crew].len(), &held[&crew]), (15, &real));
}

#[tokio::test]
async fn a_place_that_is_lost_begins_anew() {
    let outlived = [
        OutlivedDelta::SyncStateNotFound,
        OutlivedDelta::ResyncRequired,
        OutlivedDelta::Gone,
    ];
    for outlived_delta in outlived {
        let settings = Settings {
            unproved: Unproved {
                outlived_delta,
                ..Unproved::default()
            },
            ..Settings::contoso()
        };
        let microsoft = Microsoft::start(settings).await;
        let target = microsoft.connect(&Factory::new());
        target.create(Kind::Person, "k", &person(1)).await.unwrap();
        let attributes = asked(&["jobTitle"]);
        let (_, place) = round(target.as_ref(), Kind::Person, None, &attributes).await;
        microsoft.simulator.advance(8 * 24 * 3_600_000);
        let page = target
            .changes(Kind::Person, Some(&place), &attributes)
            .await
            .unwrap();
        assert_eq!(page.then, Then::Restart, "{outlived_delta:?}");
        assert!(page.changed.is_empty() && page.removed.is_empty());
        let (pages, place) = round(target.as_ref(), Kind::Person, None, &attributes).await;
        assert_eq!(changed(&pages).len(), 1);
        microsoft.simulator.reset_delta().unwrap();
        let page = target
            .changes(Kind::Person, Some(&place), &attributes)
            .await
            .unwrap();
        assert_eq!(page.then, Then::Restart, "410 with a Location");
    }
}

#[tokio::test]
async fn a_place_serves_only_the_attributes_that_it_was_made_for() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let (_, place) = round(target.as_ref(), Kind::Person, None, &asked(&["jobTitle"])).await;
    let other = asked(&["jobTitle", "city"]);
    for place in [place.as_str(), "", "{}", "https://elsewhere.example/"] {
        let page = target.changes(Kind::Person, Some(place), &other).await.unwrap();
        assert_eq!(page.then, Then::Restart, "{place}");
    }
    let foreign = json!({"link": "http://127.0.0.1:9/v1.0/users/delta", "pages": 0, "later": true,
        "select": "id,accountEnabled,jobTitle"});
    let error = target
        .changes(Kind::Person, Some(&foreign.to_string()), &asked(&["jobTitle"]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::ForeignLink { .. }), "{error:?}");
}

#[tokio::test]
async fn a_refused_first_call_is_an_error_and_not_a_new_beginning() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let error = target
        .changes(Kind::Person, None, &asked(&["noSuchProperty"]))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Rejected { .. }), "{error:?}");
}

#[tokio::test]
async fn a_round_that_goes_in_circles_ends_with_an_error() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    microsoft
        .simulator
        .inject(Rule::next("GET /users/delta", 10, Effect::EmptyPage))
        .unwrap();
    let mut place = None;
    let error = loop {
        match target.changes(Kind::Person, place.as_deref(), &[]).await {
            Ok(ChangePage {
                then: Then::Page(next),
                ..
            }) => place = Some(next),
            other => break other.unwrap_err(),
        }
    };
    assert!(matches!(error, Error::Paging { .. }), "{error:?}");
}
