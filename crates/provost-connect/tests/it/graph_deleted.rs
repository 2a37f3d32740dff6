//! The bin of Microsoft 365.

use m365_sim::{Settings, UnprovedDirectory};
use provost_connect::http::Factory;
use provost_connect::{Error, Kind, Record};
use serde_json::json;

use crate::graph::{Microsoft, person};

fn settings() -> Settings {
    let mut settings = Settings::contoso();
    settings.applications[0]
        .roles
        .push("User.DeleteRestore.All".to_owned());
    settings
}

#[tokio::test]
async fn deleted_people_are_shown_by_their_own_name_and_come_back_whole() {
    for bin_keeps_names in [false, true] {
        let settings = Settings {
            unproved_directory: UnprovedDirectory {
                bin_keeps_names,
                ..UnprovedDirectory::default()
            },
            ..settings()
        };
        let microsoft = Microsoft::start(settings).await;
        let target = microsoft.connect(&Factory::new());
        let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
        target.delete(Kind::Person, &id).await.unwrap();
        let attributes = ["userPrincipalName", "deletedDateTime", "jobTitle"].map(str::to_owned);
        let page = target.deleted(Kind::Person, None, &attributes).await.unwrap();
        assert_eq!((page.accounts.len(), page.next), (1, None));
        let twin = &page.accounts[0];
        assert_eq!(twin.id, id);
        assert_eq!(twin.record["userPrincipalName"], "person1@contoso.example");
        assert!(twin.record["deletedDateTime"].is_string());
        assert!(target.get(Kind::Person, &id, &[]).await.unwrap().is_none());
        target.undelete(Kind::Person, &id).await.unwrap();
        let back = target.get(Kind::Person, &id, &attributes).await.unwrap().unwrap();
        assert_eq!(back.record["userPrincipalName"], "person1@contoso.example");
        assert!(
            target
                .deleted(Kind::Person, None, &[])
                .await
                .unwrap()
                .accounts
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_keeps_the_old_one_in_the_bin() {
    let microsoft = Microsoft::start(settings()).await;
    let target = microsoft.connect(&Factory::new());
    let old = target.create(Kind::Person, "k1", &person(1)).await.unwrap().id;
    target.delete(Kind::Person, &old).await.unwrap();
    let new = target.create(Kind::Person, "k2", &person(1)).await.unwrap().id;
    let error = target.undelete(Kind::Person, &old).await.unwrap_err();
    assert!(
        matches!(&error, Error::Conflict { attribute: Some(name), existing: Some(id), .. }
            if name == "userPrincipalName" && *id == new),
        "{error:?}"
    );
    target.purge(Kind::Person, &old).await.unwrap();
    target.purge(Kind::Person, &old).await.unwrap();
    assert!(
        target
            .deleted(Kind::Person, None, &[])
            .await
            .unwrap()
            .accounts
            .is_empty()
    );
    assert_eq!(microsoft.simulator.users().len(), 1, "the live one is untouched");
    let error = target.undelete(Kind::Person, &old).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn the_bin_is_read_page_by_page() {
    let microsoft = Microsoft::start(settings()).await;
    let target = microsoft.connect(&Factory::new());
    for number in 0..25 {
        let key = number.to_string();
        let id = target
            .create(Kind::Person, &key, &person(number))
            .await
            .unwrap()
            .id;
        target.delete(Kind::Person, &id).await.unwrap();
    }
    let (mut seen, mut page) = (0, None);
    loop {
        let this = target.deleted(Kind::Person, page.as_deref(), &[]).await.unwrap();
        seen += this.accounts.len();
        page = this.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(seen, 25);
}

#[tokio::test]
async fn groups_come_back_and_cannot_be_purged_by_an_application() {
    let microsoft = Microsoft::start(settings()).await;
    let target = microsoft.connect(&Factory::new());
    let crew = Record::from([
        ("displayName".to_owned(), json!("Crew")),
        ("groupTypes".to_owned(), json!(["Unified"])),
    ]);
    let id = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    target.delete(Kind::Group, &id).await.unwrap();
    let attributes = ["displayName".to_owned()];
    let page = target.deleted(Kind::Group, None, &attributes).await.unwrap();
    assert_eq!(page.accounts[0].record["displayName"], "Crew");
    let error = target.purge(Kind::Group, &id).await.unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
    target.undelete(Kind::Group, &id).await.unwrap();
    assert_eq!(microsoft.simulator.groups().len(), 1);
}

#[tokio::test]
async fn ids_that_name_something_else_are_not_sent() {
    let microsoft = Microsoft::start(settings()).await;
    let target = microsoft.connect(&Factory::new());
    target.create(Kind::Person, "k", &person(1)).await.unwrap();
    for nasty in ["", ".", "..", "../../users", "x/../..", "%2e%2e", "a?b", "a#b"] {
        assert!(target.purge(Kind::Person, nasty).await.is_err(), "{nasty}");
        assert!(target.delete(Kind::Person, nasty).await.is_err(), "{nasty}");
        assert!(target.delete(Kind::Group, nasty).await.is_err(), "{nasty}");
        let outcome = target
            .change_members("g", &[crate::conformance::remove(nasty)])
            .await;
        assert!(outcome[0].is_err(), "{nasty}");
        assert!(target.set_owner("g", nasty, false).await.is_err(), "{nasty}");
        assert!(
            target.set_reference(nasty, "manager", None).await.is_err(),
            "{nasty}"
        );
    }
    let deletes = microsoft.simulator.answered();
    assert!(
        deletes
            .iter()
            .all(|(operation, ..)| !operation.starts_with("DELETE")),
        "{deletes:?}"
    );
    assert_eq!(microsoft.simulator.users().len(), 1);
}
