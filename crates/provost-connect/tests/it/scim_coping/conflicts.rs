//! Names that are taken, in every way to say so.

use provost_connect::Error;

use super::*;

#[tokio::test]
async fn a_taken_name_is_a_conflict_whatever_the_answer() {
    let quirks = Quirks::default;
    let cases = [
        quirks(),
        Quirks {
            taken_detail: Some("no"),
            ..quirks()
        },
        Quirks {
            taken_status: Some(400),
            taken_detail: Some("User already exists"),
            ..quirks()
        },
        Quirks {
            taken_status: Some(422),
            taken_detail: Some("userName must be unique"),
            ..quirks()
        },
        Quirks {
            taken_status: Some(500),
            taken_detail: Some("duplicate key value"),
            ..quirks()
        },
        Quirks {
            taken_detail: Some("no"),
            ignores_filter: true,
            ..quirks()
        },
        Quirks {
            taken_detail: Some("no"),
            refuses_filter: true,
            ..quirks()
        },
    ];
    for quirks in cases {
        let label = format!("{quirks:?}");
        let (_application, target) = start(quirks, json!({})).await;
        let first = make(target.as_ref(), 1).await;
        let error = target
            .create(Kind::Person, "another", &person(1))
            .await
            .unwrap_err();
        let Error::Conflict {
            existing, attribute, ..
        } = error
        else {
            panic!("{label}: {error:?}");
        };
        assert_eq!(existing.as_deref(), Some(first.as_str()), "{label}");
        assert_eq!(attribute.as_deref(), Some("userName"), "{label}");
    }
}

#[tokio::test]
async fn a_refusal_for_another_reason_is_no_conflict() {
    let quirks = Quirks {
        knows_only: Some(&["userName"]),
        ..Quirks::default()
    };
    let (_application, target) = start(quirks, json!({})).await;
    let error = target.create(Kind::Person, "k", &person(1)).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { .. }), "{error:?}");
}

#[tokio::test]
async fn whoever_comes_back_gets_the_inactive_account_back() {
    let quirks = Quirks {
        soft_deletes: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({})).await;
    let id = make(target.as_ref(), 1).await;
    target.delete(Kind::Person, &id).await.unwrap();
    assert!(
        find(target.as_ref(), "userName", &name(1)).await.is_empty(),
        "out of sight"
    );
    let mut record = person(1);
    record.insert("title".to_owned(), json!("Chief"));
    let back = target.create(Kind::Person, "key-1", &record).await.unwrap();
    assert_eq!(back.id, id);
    let held = application.store().users[&id].clone();
    assert_eq!((&held["active"], &held["title"]), (&json!(true), &json!("Chief")));
    assert_eq!(application.store().users.len(), 1);
}

#[tokio::test]
async fn somebody_elses_inactive_account_stays_asleep() {
    let quirks = Quirks {
        soft_deletes: true,
        ..Quirks::default()
    };
    for (extra, key, why) in [
        (json!({}), "key-of-a-namesake", "the account has another key"),
        (json!({"reactivate": false}), "key-1", "it is switched off"),
    ] {
        let (application, target) = start(quirks.clone(), extra).await;
        let id = make(target.as_ref(), 1).await;
        target.delete(Kind::Person, &id).await.unwrap();
        let error = target.create(Kind::Person, key, &person(1)).await.unwrap_err();
        assert!(
            matches!(&error, Error::Conflict { existing: Some(found), .. } if *found == id),
            "{why}: {error:?}"
        );
        assert_eq!(application.store().users[&id]["active"], json!(false), "{why}");
    }
}

#[tokio::test]
async fn an_active_account_is_never_taken_over() {
    let (application, target) = start(Quirks::default(), json!({})).await;
    let id = make(target.as_ref(), 1).await;
    let error = target
        .create(Kind::Person, "key-1", &person(1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(application.store().versions[&id], 1, "nothing was written to it");
}
