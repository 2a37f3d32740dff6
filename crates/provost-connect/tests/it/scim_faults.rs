//! Each bad day of a SCIM application, and the error it must become.

use std::time::{Duration, Instant};

use provost_connect::http::{Deadlines, Factory};
use provost_connect::{Error, Kind, Record, Retry, Secrets, Target, open};
use serde_json::{Value, json};

use crate::application::{Application, Fault, Quirks, TOKEN};
use crate::scim::{connect, person};

async fn start() -> (Application, std::sync::Arc<dyn Target>) {
    let application = Application::start(Quirks::default()).await;
    let factory = Factory::new().with_deadlines(Deadlines {
        call: Duration::from_millis(1_500),
        patience: Duration::from_secs(3),
        ..Deadlines::default()
    });
    let target = connect(&application, json!({}), &factory);
    (application, target)
}

async fn create(target: &dyn Target) -> Result<String, Error> {
    let made = target.create(Kind::Person, "key-1", &person(1)).await?;
    Ok(made.id)
}

async fn update(target: &dyn Target, id: &str) -> Result<(), Error> {
    let changes = Record::from([("title".to_owned(), json!("Chief"))]);
    target.update(Kind::Person, id, &changes).await
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_may_have_happened() {
    for fault in [Fault::Cut, Fault::Hang] {
        let (application, target) = start().await;
        application.fail("POST", "Users", fault.clone(), 1);
        let error = create(target.as_ref()).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::AnswerLost {
                    kind: Kind::Person,
                    ..
                }
            ),
            "{fault:?}: {error:?}"
        );
        assert_eq!(error.retry(), Retry::Now);
        assert_eq!(error.code(), "PRV-CONNECT-ANSWER-LOST");
        // The caller finds before it repeats: by name and by link key.
        let (attribute, value) = target.link_key(Kind::Person, "key-1").unwrap();
        let by_key = target.find(Kind::Person, &attribute, &value).await.unwrap();
        let name = json!("person1@contoso.example");
        let by_name = target.find(Kind::Person, "userName", &name).await.unwrap();
        assert_eq!((by_key.len(), by_name.len()), (1, 1));
        assert_eq!(by_key[0].id, by_name[0].id);
        assert_eq!(application.store().users.len(), 1);
    }
}

#[tokio::test]
async fn a_create_that_fails_on_their_side_may_have_happened_too() {
    for fault in [
        Fault::Status(500, None),
        Fault::Status(503, Some("1")),
        Fault::Html(502),
    ] {
        let (application, target) = start().await;
        application.fail("POST", "Users", fault.clone(), 1);
        let error = create(target.as_ref()).await.unwrap_err();
        assert!(matches!(error, Error::AnswerLost { .. }), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_web_page_is_not_an_answer() {
    let (application, target) = start().await;
    let id = create(target.as_ref()).await.unwrap();
    application.fail("", "Users", Fault::Html(200), 4);
    let name = json!("person1@contoso.example");
    let attributes = ["userName".to_owned()];
    for error in [
        target.find(Kind::Person, "userName", &name).await.unwrap_err(),
        target.get(Kind::Person, &id, &attributes).await.unwrap_err(),
        target.list(Kind::Person, None, &attributes).await.unwrap_err(),
        update(target.as_ref(), &id).await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::Unintelligible { .. }), "{error:?}");
        assert!(error.to_string().contains("text/html"), "{error}");
        assert_eq!(error.retry(), Retry::NextCycle);
    }
}

#[tokio::test]
async fn half_an_answer_and_none_are_no_answer() {
    for fault in [Fault::Cut, Fault::Hang] {
        let (application, target) = start().await;
        let id = create(target.as_ref()).await.unwrap();
        application.fail("GET", "Users", fault.clone(), 2);
        let name = json!("person1@contoso.example");
        for error in [
            target.find(Kind::Person, "userName", &name).await.unwrap_err(),
            target.get(Kind::Person, &id, &[]).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Interrupted { .. }), "{fault:?}: {error:?}");
            assert!(matches!(error.retry(), Retry::After(_)));
        }
        application.fail("PATCH", "Users", fault.clone(), 1);
        let error = update(target.as_ref(), &id).await.unwrap_err();
        assert!(matches!(error, Error::Interrupted { .. }), "{fault:?}: {error:?}");
        update(target.as_ref(), &id).await.unwrap();
    }
}

#[tokio::test]
async fn throttling_is_waited_out_in_both_forms() {
    let (application, target) = start().await;
    let start = Instant::now();
    application.fail("POST", "Users", Fault::Status(429, Some("1")), 1);
    let id = create(target.as_ref()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    application.fail(
        "PATCH",
        "Users",
        Fault::Status(429, Some("Mon, 05 Jan 2026 09:00:00 GMT")),
        1,
    );
    update(target.as_ref(), &id).await.unwrap();
    assert_eq!(application.store().users.len(), 1);
    assert_eq!(application.count("POST", "Users"), 2);
}

#[tokio::test]
async fn patience_ends_with_the_time_the_application_asked_for() {
    let (application, target) = start().await;
    application.fail("POST", "Users", Fault::Status(429, Some("120")), 1);
    let error = create(target.as_ref()).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error:?}");
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(120)));
}

#[tokio::test]
async fn statuses_become_what_the_caller_can_do() {
    let (stop, never) = (Retry::StopConnection, Retry::Never);
    let later = Retry::After(Duration::from_secs(2));
    let cases = [
        (Fault::Status(400, None), "PRV-CONNECT-REJECTED", never),
        (Fault::Status(401, None), "PRV-CONNECT-CREDENTIAL", stop),
        (Fault::Status(403, None), "PRV-CONNECT-FORBIDDEN", never),
        (Fault::Status(412, None), "PRV-CONNECT-CONCURRENT", later),
        (Fault::Status(500, None), "PRV-CONNECT-UNAVAILABLE", later),
        (Fault::Status(503, None), "PRV-CONNECT-UNAVAILABLE", later),
        (Fault::Redirect(301), "PRV-CONNECT-REDIRECTED", stop),
        (Fault::Redirect(302), "PRV-CONNECT-REDIRECTED", stop),
        (Fault::Redirect(307), "PRV-CONNECT-REDIRECTED", stop),
        (Fault::Redirect(308), "PRV-CONNECT-REDIRECTED", stop),
    ];
    for (fault, code, retry) in cases {
        let (application, target) = start().await;
        let id = create(target.as_ref()).await.unwrap();
        application.fail("PATCH", "Users", fault.clone(), 1);
        let error = update(target.as_ref(), &id).await.unwrap_err();
        assert_eq!(error.code(), code, "{fault:?}: {error:?}");
        assert_eq!(error.retry(), retry, "{fault:?}");
        assert!(!error.hint().is_empty());
        if code == "PRV-CONNECT-REDIRECTED" {
            assert!(error.to_string().contains("/login"), "{error}");
            assert!(error.hint().contains("redirects are not followed"));
        }
        assert_eq!(application.store().users[&id]["title"], "Engineer");
    }
}

#[tokio::test]
async fn a_wrong_token_stops_the_connection_and_is_shown_nowhere() {
    let application = Application::start(Quirks::default()).await;
    let settings = json!({"url": application.url, "allow_private_network": true});
    let secrets = Secrets::new().with("token", "canary-wrong");
    let target = open("scim", &settings, &secrets, &Factory::new()).unwrap();
    let error = create(target.as_ref()).await.unwrap_err();
    assert_eq!(error.retry(), Retry::StopConnection);
    let shown = format!("{error} {error:?} {}", error.hint());
    assert!(
        !shown.contains("canary-wrong") && !shown.contains(TOKEN),
        "{shown}"
    );
    let checks = target.test().await;
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["name resolution", "TLS", "token"]);
    assert!(matches!(checks[2].outcome, Err(Error::Credential { .. })));
}

#[tokio::test]
async fn a_group_that_does_not_answer_fails_every_change_once() {
    let (application, target) = start().await;
    let group = Record::from([("displayName".to_owned(), Value::from("Crew"))]);
    let group = target.create(Kind::Group, "g", &group).await.unwrap().id;
    let id = create(target.as_ref()).await.unwrap();
    application.fail("PATCH", "Groups", Fault::Status(500, None), 1);
    let changes = [crate::conformance::add(&id), crate::conformance::add("nobody")];
    let outcomes = target.change_members(&group, &changes).await;
    assert!(
        outcomes
            .iter()
            .all(|o| matches!(o, Err(Error::Unavailable { .. }))),
        "{outcomes:?}"
    );
    assert_eq!(application.count("PATCH", "Groups"), 1);
}

#[tokio::test]
async fn an_address_without_scim_is_told_apart_from_a_missing_person() {
    let application = Application::start(Quirks::default()).await;
    let settings = json!({"url": application.url.replace("/scim/v2", "/api"), "allow_private_network": true});
    let secrets = Secrets::new().with("token", TOKEN);
    let target = open("scim", &settings, &secrets, &Factory::new()).unwrap();
    let error = target.list(Kind::Person, None, &[]).await.unwrap_err();
    assert!(matches!(error, Error::Unintelligible { .. }), "{error:?}");
    let error = create(target.as_ref()).await.unwrap_err();
    assert!(!matches!(error, Error::AnswerLost { .. }), "{error:?}");
}
