//! The self-test against servers that are wrong in one way each: it names that way and nothing else.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use provost_connect::http::{Deadlines, Factory};
use provost_connect::scim::self_test::{Credential, Options, Profile, Report, Server, Verdict, Watch, run};
use provost_connect::{Error, Secret};
use serde_json::{Value, json};

use crate::application::{Application, Fault, Quirks, TOKEN};

fn server(application: &Application) -> Server {
    Server {
        url: format!("{}?aadOptscim062020", application.url),
        credential: Credential::Bearer(Secret::new(TOKEN)),
        allow_private_network: true,
    }
}

const ALONE: Watch<'_> = Watch {
    progress: &|_, _, _| {},
    stopped: &|| false,
};

async fn examine(application: &Application, profile: Profile) -> Report {
    let options = Options {
        profile,
        ..Options::default()
    };
    run(&server(application), &options, &Factory::new(), &ALONE)
        .await
        .unwrap()
}

/// People and a group that are there before the run, and must be there after it as they were.
fn settle(application: &Application) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let mut store = application.store();
    for n in 1..=3 {
        let id = format!("old-{n}");
        let name = format!("person{n}@contoso.example");
        let person = json!({"id": id, "userName": name, "active": true, "displayName": "Ada Contoso",
            "name": {"givenName": "Ada", "familyName": "Contoso"}, "emails": [{"type": "work", "value": name}]});
        store.users.insert(id, person);
    }
    let group =
        json!({"id": "old-g", "displayName": "Crew", "members": [{"value": "old-1"}, {"value": "old-2"}]});
    store.groups.insert("old-g".to_owned(), group);
    (store.users.clone(), store.groups.clone())
}

fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report.findings.iter().filter(|f| f.verdict == Verdict::Fail);
    failed.map(|finding| finding.id).collect()
}

fn came<'a>(report: &'a Report, id: &str) -> &'a str {
    &report.finding(id).unwrap().came
}

/// Runs everything against a server with these habits. Whatever it finds, nothing stays behind and
/// nobody else is touched or shown.
async fn wrong(quirks: Quirks) -> Report {
    let application = Application::start(quirks).await;
    let before = settle(&application);
    let report = examine(&application, Profile::All).await;
    let after = {
        let store = application.store();
        (store.users.clone(), store.groups.clone())
    };
    assert_eq!(before, after);
    assert!(report.cleanup.left.is_empty(), "{:?}", report.cleanup.left);
    assert!(report.cleanup.made > 0 && report.cleanup.made == report.cleanup.deleted);
    let shown = serde_json::to_string(&report).unwrap();
    for private in [TOKEN, "person1@contoso.example", "Ada Contoso", "Crew"] {
        assert!(!shown.contains(private), "the report shows {private}");
    }
    report
}

#[tokio::test]
async fn a_good_server_passes() {
    let report = wrong(Quirks::default()).await;
    assert_eq!(failed(&report), Vec::<&str>::new(), "{report:#?}");
    assert!(report.is_good() && report.count(Verdict::Pass) > 50);
    let sent = report
        .findings
        .iter()
        .map(|f| f.exchanges.len() as u64)
        .sum::<u64>();
    // The rest is the cleaning up.
    assert!(report.requests > sent && sent > 200, "{} {sent}", report.requests);
}

#[tokio::test]
async fn who_answers_404_for_no_match_is_told_so() {
    let quirks = Quirks {
        missing_is_404: true,
        ..Quirks::default()
    };
    let report = wrong(quirks).await;
    let failed = failed(&report);
    for id in [
        "entra-connection",
        "entra-user-filter-missing",
        "okta-user-missing-name",
    ] {
        assert!(failed.contains(&id), "{failed:?}");
        assert_eq!(came(&report, id), "status 404: nobody matches");
    }
    let finding = report.finding("entra-user-filter-missing").unwrap();
    assert!(finding.why.contains("quarantine"), "{}", finding.why);
    assert!(
        finding.expected.contains("status 200 with an empty list"),
        "{}",
        finding.expected
    );
    assert_eq!(
        report.finding("entra-user-filter").unwrap().verdict,
        Verdict::Pass
    );
}

#[tokio::test]
async fn who_ignores_the_filter_is_told_so() {
    let quirks = Quirks {
        ignores_filter: true,
        ..Quirks::default()
    };
    let report = wrong(quirks).await;
    let failed = failed(&report);
    for id in [
        "entra-connection",
        "entra-user-filter",
        "entra-user-filter-case",
        "entra-group-filter",
    ] {
        assert!(failed.contains(&id), "{id}: {failed:?}");
    }
    assert!(came(&report, "entra-connection").contains("the filter is not applied"));
    assert!(came(&report, "entra-user-filter").contains("with it among them"));
    assert_eq!(
        report.finding("entra-user-add-missing-phone").unwrap().verdict,
        Verdict::Pass
    );
}

#[tokio::test]
async fn who_fails_at_the_first_phone_number_is_told_so() {
    let quirks = Quirks {
        add_needs_element: true,
        ..Quirks::default()
    };
    let report = wrong(quirks).await;
    let expected = [
        "entra-user-add-missing-phone",
        "entra-user-add-address",
        "entra-flag-add-missing-phone",
    ];
    assert_eq!(failed(&report), expected);
    let finding = report.finding(expected[0]).unwrap();
    assert!(
        finding.came.starts_with("status 400 (noTarget)"),
        "{}",
        finding.came
    );
    assert!(finding.remedy.contains("make one"), "{}", finding.remedy);
    let patch = finding.exchanges.iter().find(|e| e.method == "PATCH").unwrap();
    assert_eq!(patch.status, Some(400));
    let operation = &patch.body.as_ref().unwrap()["Operations"][0];
    assert_eq!(operation["path"], "phoneNumbers[type eq \"mobile\"].value");
}

#[tokio::test]
async fn who_wipes_members_is_told_so() {
    let quirks = Quirks {
        wipes_members: true,
        ..Quirks::default()
    };
    let report = wrong(quirks).await;
    assert_eq!(failed(&report), ["entra-group-remove-member"]);
    assert_eq!(came(&report, "entra-group-remove-member"), "no members at all");
}

#[tokio::test]
async fn who_takes_false_for_a_text_is_told_so() {
    let quirks = Quirks {
        keeps_text: true,
        ..Quirks::default()
    };
    let report = wrong(quirks).await;
    assert_eq!(failed(&report), ["entra-user-disable"]);
    assert_eq!(came(&report, "entra-user-disable"), "`active` is \"False\"");
}

#[tokio::test]
async fn who_hides_the_disabled_is_told_so() {
    let quirks = Quirks {
        hides_inactive: true,
        ..Quirks::default()
    };
    let report = wrong(quirks).await;
    assert_eq!(failed(&report), ["entra-user-disable", "okta-user-deactivate"]);
    assert_eq!(came(&report, "entra-user-disable"), "nothing (totalResults 0)");
}

#[tokio::test]
async fn what_cannot_be_deleted_is_listed() {
    let application = Application::start(Quirks {
        never_deletes: true,
        ..Quirks::default()
    })
    .await;
    let report = examine(&application, Profile::Okta).await;
    assert_eq!(failed(&report), ["okta-group-delete"]);
    let left = {
        let store = application.store();
        store.users.len() + store.groups.len()
    };
    assert!(left > 0 && report.cleanup.left.len() == left && report.cleanup.deleted == 0);
    let first = &report.cleanup.left[0];
    assert!(first.name.starts_with("provost-self-test-"), "{first:?}");
    assert!(first.reason.contains("nobody is deleted here"), "{first:?}");
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_and_deleted() {
    let application = Application::start(Quirks::default()).await;
    application.fail("POST", "/Users", Fault::Cut, 2);
    let report = examine(&application, Profile::Entra).await;
    assert_eq!(report.finding("protocol-create").unwrap().verdict, Verdict::Fail);
    assert!(came(&report, "protocol-create").contains("did not answer completely"));
    assert!(application.store().users.is_empty());
    assert!(report.cleanup.left.is_empty(), "{:?}", report.cleanup.left);
}

#[tokio::test]
async fn a_server_that_asks_to_slow_down_is_obeyed() {
    let application = Application::start(Quirks::default()).await;
    application.fail("", "/Users", Fault::Status(429, Some("0")), 3);
    let report = examine(&application, Profile::Okta).await;
    assert_eq!(failed(&report), Vec::<&str>::new());
}

#[tokio::test]
async fn who_does_not_let_us_in_is_not_asked_further() {
    let application = Application::start(Quirks::default()).await;
    let server = Server {
        credential: Credential::Basic {
            user: "provost".to_owned(),
            password: Secret::new("guess"),
        },
        ..server(&application)
    };
    let report = run(&server, &Options::default(), &Factory::new(), &ALONE)
        .await
        .unwrap();
    assert_eq!(failed(&report), ["access-list"]);
    assert_eq!(report.requests, 1);
    assert_eq!(report.count(Verdict::Skipped), report.findings.len() - 1);
    assert!(!report.is_good());
}

#[tokio::test]
async fn who_is_not_there_is_an_error() {
    let application = Application::start(Quirks::default()).await;
    let mut server = server(&application);
    server.allow_private_network = false;
    let error = run(&server, &Options::default(), &Factory::new(), &ALONE)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Settings { .. }), "{error:?}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    server.url = format!("http://{}/scim", listener.local_addr().unwrap());
    server.allow_private_network = true;
    drop(listener);
    let error = run(&server, &Options::default(), &Factory::new(), &ALONE)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn who_stops_answering_ends_the_run() {
    let application = Application::start(Quirks::default()).await;
    let factory = Factory::new().with_deadlines(Deadlines {
        connect: Duration::from_secs(1),
        ..Deadlines::default()
    });
    let asked = AtomicUsize::new(0);
    let watch = Watch {
        progress: &|_, _, _| {
            // After ten checks, every answer breaks off.
            if asked.fetch_add(1, Ordering::SeqCst) == 10 {
                application.fail("", "/", Fault::Cut, 1_000_000);
            }
        },
        stopped: &|| false,
    };
    let report = run(&server(&application), &Options::default(), &factory, &watch)
        .await
        .unwrap();
    let silent = report
        .findings
        .iter()
        .filter(|f| f.came == "the server stopped answering");
    assert!(silent.count() > 30);
}

#[tokio::test]
async fn a_run_that_is_stopped_tidies_up() {
    let application = Application::start(Quirks::default()).await;
    let asked = AtomicUsize::new(0);
    let watch = Watch {
        progress: &|_, _, _| {},
        stopped: &|| asked.fetch_add(1, Ordering::SeqCst) >= 12,
    };
    let report = run(
        &server(&application),
        &Options::default(),
        &Factory::new(),
        &watch,
    )
    .await
    .unwrap();
    let stopped = report
        .findings
        .iter()
        .filter(|f| f.came == "the self-test was stopped");
    assert!(stopped.count() > 30);
    assert!(report.cleanup.made > 0 && application.store().users.is_empty());
}

#[tokio::test]
async fn what_is_to_be_kept_is_kept_and_listed() {
    let application = Application::start(Quirks::default()).await;
    let options = Options {
        keep: true,
        profile: Profile::Okta,
        domain: "people.contoso.example".to_owned(),
    };
    let report = run(&server(&application), &options, &Factory::new(), &ALONE)
        .await
        .unwrap();
    let store = application.store();
    assert_eq!(report.cleanup.left.len(), store.users.len() + store.groups.len());
    assert!(!store.users.is_empty());
    for person in store.users.values() {
        let name = person["userName"].as_str().unwrap();
        assert!(
            name.starts_with("provost-self-test-") && name.ends_with("@people.contoso.example"),
            "{name}"
        );
    }
}
