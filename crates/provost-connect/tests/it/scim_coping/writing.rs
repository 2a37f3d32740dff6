//! Writes that are half taken, refused in one form, or answered with success and not done.

use provost_connect::{DisableBy, Error};

use super::*;

#[tokio::test]
async fn a_disabled_account_is_looked_at() {
    // PATCH ignores it, PUT does it.
    let quirks = Quirks {
        ignores_active: true,
        ..Quirks::default()
    };
    let (application, target) = start(quirks.clone(), json!({})).await;
    let id = make(target.as_ref(), 1).await;
    target.disable(Kind::Person, &id).await.unwrap();
    assert_eq!(application.store().users[&id]["active"], json!(false));
    assert_eq!(application.count("PUT", "Users"), 1);
    // Nothing does it: that is not a success.
    let quirks = Quirks {
        put_status: Some(405),
        ..quirks
    };
    let (application, target) = start(quirks, json!({})).await;
    let id = make(target.as_ref(), 1).await;
    let error = target.disable(Kind::Person, &id).await.unwrap_err();
    assert_eq!(error.code(), "PRV-CONNECT-REJECTED");
    assert!(error.to_string().contains("still active"), "{error}");
    assert_eq!(application.store().users[&id]["active"], json!(true));
}

#[tokio::test]
async fn disabling_may_mean_deleting_or_nothing() {
    let (application, target) = start(Quirks::default(), json!({"deprovision": "delete"})).await;
    assert_eq!(target.describe().disable, DisableBy::Nothing);
    let id = make(target.as_ref(), 1).await;
    target.disable(Kind::Person, &id).await.unwrap();
    assert!(application.store().users.is_empty());
    let (application, target) = start(Quirks::default(), json!({"deprovision": "nothing"})).await;
    let id = make(target.as_ref(), 1).await;
    let error = target.disable(Kind::Person, &id).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    assert_eq!(application.store().users[&id]["active"], json!(true));
}

#[tokio::test]
async fn without_patch_and_put_there_is_no_change() {
    let quirks = Quirks {
        patch_status: Some(501),
        put_status: Some(405),
        ..Quirks::default()
    };
    let (_application, target) = start(quirks, json!({})).await;
    let id = make(target.as_ref(), 1).await;
    let error = target
        .update(Kind::Person, &id, &change(json!({"title": "Chief"})))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
}

#[tokio::test]
async fn a_change_is_read_back_when_asked_for() {
    let quirks = Quirks {
        folds_names: true,
        ..Quirks::default()
    };
    let (_application, target) = start(quirks, json!({"read_back": true})).await;
    let id = make(target.as_ref(), 1).await;
    let changes =
        change(json!({"userName": "New.Name@Contoso.example", "title": null, "displayName": "New"}));
    target.update(Kind::Person, &id, &changes).await.unwrap();
}

#[tokio::test]
async fn only_what_the_application_knows_is_sent() {
    let known: &[&str] = &["userName", "displayName", "active", "emails"];
    let quirks = Quirks {
        knows_only: Some(known),
        ..Quirks::default()
    };
    let listed = json!({"attributes": known});
    let (application, target) = start(quirks.clone(), listed).await;
    let id = make(target.as_ref(), 1).await;
    target
        .update(Kind::Person, &id, &change(json!({"title": "Chief"})))
        .await
        .unwrap();
    assert_eq!(application.count("PATCH", ""), 0, "there is nothing to send");
    assert_eq!(application.store().users[&id].get("title"), None);
    let omitted = json!({"omit": ["name", "title", "externalId",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]});
    let (application, target) = start(quirks, omitted).await;
    let id = make(target.as_ref(), 1).await;
    assert_eq!(application.store().users[&id]["emails"][0]["value"], name(1));
}

#[tokio::test]
async fn a_new_object_may_come_late() {
    let (application, target) = start(
        Quirks {
            lag: 2,
            ..Quirks::default()
        },
        json!({}),
    )
    .await;
    let id = make(target.as_ref(), 1).await;
    target
        .update(Kind::Person, &id, &change(json!({"title": "Chief"})))
        .await
        .unwrap();
    assert_eq!(application.store().users[&id]["title"], "Chief");
    let other = target
        .update(Kind::Person, "r-99999", &change(json!({"title": "x"})))
        .await
        .unwrap_err();
    assert!(matches!(other, Error::NotFound { .. }), "{other:?}");
}

#[tokio::test]
async fn an_external_id_that_does_not_come_back_is_not_asked_for() {
    for (quirks, asked) in [
        (Quirks::default(), true),
        (
            Quirks {
                drops_external_id: true,
                ..Quirks::default()
            },
            false,
        ),
    ] {
        let (_application, target) = start(quirks, json!({})).await;
        assert!(target.link_key(Kind::Person, "k").is_some());
        make(target.as_ref(), 1).await;
        assert_eq!(target.link_key(Kind::Person, "k").is_some(), asked);
    }
}

#[tokio::test]
async fn what_is_shown_in_other_letters_is_no_difference() {
    let (_application, target) = start(
        Quirks {
            folds_names: true,
            ..Quirks::default()
        },
        json!({}),
    )
    .await;
    let mut written = change(json!({"userName": " Ada.Byron@Contoso.example", "displayName": "Ada"}));
    let id = target.create(Kind::Person, "k", &written).await.unwrap().id;
    let attributes = ["userName".to_owned(), "displayName".to_owned()];
    let mut found = target
        .get(Kind::Person, &id, &attributes)
        .await
        .unwrap()
        .unwrap()
        .record;
    assert_ne!(found, written);
    target.comparable(Kind::Person, &mut written);
    target.comparable(Kind::Person, &mut found);
    assert_eq!(found, written);
}

#[tokio::test]
async fn aws_is_known_by_name() {
    let quirks = Quirks {
        aws: true,
        hides_members: true,
        taken_detail: Some("no"),
        ..Quirks::default()
    };
    let (application, target) = start(quirks, json!({"server": "aws"})).await;
    let mut record = person(1);
    record.insert(
        "emails[type eq \"home\"].value".to_owned(),
        json!("home@contoso.example"),
    );
    record.insert(
        "photos[type eq \"photo\"].value".to_owned(),
        json!("https://contoso.example/p"),
    );
    let id = target.create(Kind::Person, "k", &record).await.unwrap().id;
    let held = application.store().users[&id].clone();
    assert_eq!(
        held["emails"],
        json!([{"type": "work", "value": name(1), "primary": true}])
    );
    assert_eq!(held.get("photos"), None);
    let changes = change(json!({"emails[type eq \"work\"].value": "new@contoso.example", "title": "Chief"}));
    target.update(Kind::Person, &id, &changes).await.unwrap();
    assert_eq!(
        application.store().users[&id]["emails"][0]["value"],
        "new@contoso.example"
    );
    assert_eq!(
        find(
            target.as_ref(),
            "emails[type eq \"work\"].value",
            &json!("new@contoso.example")
        )
        .await,
        [id]
    );
    assert!(!target.describe().tells_members);
}

#[tokio::test]
async fn entra_as_a_target_is_known_by_name() {
    let (application, target) = start(
        Quirks {
            entra: true,
            ..Quirks::default()
        },
        json!({"server": "entra-scim"}),
    )
    .await;
    let id = make(target.as_ref(), 1).await;
    let changes = change(json!({"emails[type eq \"work\"].value": "new@contoso.example",
        "phoneNumbers[type eq \"mobile\"].value": "+47 1"}));
    target.update(Kind::Person, &id, &changes).await.unwrap();
    let held = application.store().users[&id].clone();
    assert_eq!(
        held["phoneNumbers"],
        json!([{"type": "mobile", "value": "+47 1"}])
    );
    assert_eq!(application.count("PUT", ""), 0);
    fill(&application, 250);
    assert_eq!(all(target.as_ref(), Kind::Person).await.unwrap().len(), 251);
    assert_eq!(application.count("GET", "startIndex"), 0);
}

#[tokio::test]
async fn what_is_entered_wins_over_the_preset() {
    let settings = json!({"server": "aws", "members_shown": true, "page_size": 10});
    let (_application, target) = start(Quirks::default(), settings).await;
    assert!(target.describe().tells_members);
    assert_eq!(target.describe().page_size, 10);
}
