//! Groups that hide their members, take few at a time, or lose all of them.

use std::collections::BTreeSet;

use provost_connect::Error;

use super::*;
use crate::conformance::{Server, add, remove};

/// A group, and people who are not in it yet.
async fn crew(application: &Application, target: &dyn Target, people: usize) -> (String, Vec<String>) {
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    let crew = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    fill(application, people);
    let ids = (0..people).map(|number| format!("x-{number:05}")).collect();
    (crew, ids)
}

fn adds(ids: &[String]) -> Vec<provost_connect::MemberChange> {
    ids.iter().map(|id| add(id)).collect()
}

#[tokio::test]
async fn members_that_are_never_shown_are_not_taken_for_nobody() {
    let (application, target) = start(
        Quirks {
            hides_members: true,
            ..Quirks::default()
        },
        json!({}),
    )
    .await;
    let (crew, ids) = crew(&application, target.as_ref(), 3).await;
    assert!(target.describe().tells_members, "not known yet");
    assert!(
        target
            .change_members(&crew, &adds(&ids))
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert!(!target.describe().tells_members);
    let error = target.members(&crew, None).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert_eq!(application.members(&crew).len(), 3);
    let gone = [remove(&ids[0])];
    assert!(
        target
            .change_members(&crew, &gone)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(application.members(&crew).len(), 2);
}

#[tokio::test]
async fn a_request_that_is_too_large_is_halved_and_the_size_remembered() {
    let (application, target) = start(
        Quirks {
            most_members: Some(30),
            ..Quirks::default()
        },
        json!({}),
    )
    .await;
    let (crew, ids) = crew(&application, target.as_ref(), 200).await;
    assert!(
        target
            .change_members(&crew, &adds(&ids[..100]))
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(application.members(&crew).len(), 100);
    let before = application.count("PATCH", "Groups");
    assert!(
        target
            .change_members(&crew, &adds(&ids[100..]))
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(
        application.count("PATCH", "Groups") - before,
        4,
        "by 25, without a refusal"
    );
    let gone: Vec<_> = ids.iter().map(|id| remove(id)).collect();
    assert!(
        target
            .change_members(&crew, &gone)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert!(application.members(&crew).is_empty());
}

#[tokio::test]
async fn an_unknown_member_costs_nobody_else() {
    for names_unknown in [true, false] {
        let (application, target) = start(
            Quirks {
                names_unknown,
                ..Quirks::default()
            },
            json!({}),
        )
        .await;
        let (crew, mut ids) = crew(&application, target.as_ref(), 40).await;
        ids.insert(17, "stranger".to_owned());
        let outcomes = target.change_members(&crew, &adds(&ids)).await;
        let failed: Vec<usize> = (0..ids.len()).filter(|index| outcomes[*index].is_err()).collect();
        assert_eq!(failed, [17]);
        assert_eq!(application.members(&crew).len(), 40);
    }
}

#[tokio::test]
async fn a_group_that_is_emptied_by_a_stranger_is_put_right() {
    let quirks = Quirks {
        wipes_on_unknown: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({"read_back": true})).await;
    let (crew, ids) = crew(&application, target.as_ref(), 30).await;
    assert!(
        target
            .change_members(&crew, &adds(&ids[..20]))
            .await
            .iter()
            .all(Result::is_ok)
    );
    let mut more = ids[20..].to_vec();
    more.insert(4, "stranger".to_owned());
    let outcomes = target.change_members(&crew, &adds(&more)).await;
    let failed: Vec<usize> = (0..more.len())
        .filter(|index| outcomes[*index].is_err())
        .collect();
    assert_eq!(failed, [4], "{outcomes:?}");
    let wanted: BTreeSet<String> = ids.into_iter().collect();
    assert_eq!(application.members(&crew), wanted);
}

#[tokio::test]
async fn aws_takes_a_hundred_and_shows_none() {
    let quirks = Quirks {
        aws: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({"server": "aws"})).await;
    let (crew, ids) = crew(&application, target.as_ref(), 250).await;
    assert!(
        target
            .change_members(&crew, &adds(&ids))
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(application.members(&crew).len(), 250);
    assert_eq!(application.count("PATCH", "Groups"), 3);
    assert_eq!(
        application.count("GET", "Groups"),
        0,
        "what is known is not found out"
    );
    let gone: Vec<_> = ids.iter().map(|id| remove(id)).collect();
    assert!(
        target
            .change_members(&crew, &gone)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert!(application.members(&crew).is_empty());
}
