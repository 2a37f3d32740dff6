//! JSON and HTTP as they come.

use super::*;
use crate::scim::conforms;

#[tokio::test]
async fn odd_shapes_conform() {
    let quirks = Quirks::default;
    for quirks in [
        Quirks {
            called_html: true,
            ..quirks()
        },
        Quirks {
            json_only: true,
            ..quirks()
        },
        Quirks {
            create_status: Some(200),
            ..quirks()
        },
        Quirks {
            delete_status: Some(200),
            ..quirks()
        },
        Quirks {
            delete_status: Some(202),
            ..quirks()
        },
        Quirks {
            refuses_null: true,
            ..quirks()
        },
        Quirks {
            refuses_null: true,
            patch_status: Some(501),
            ..quirks()
        },
        Quirks {
            refuses_missing: true,
            ..quirks()
        },
        Quirks {
            restless_versions: true,
            patch_status: Some(501),
            ..quirks()
        },
        Quirks {
            patch_status: Some(404),
            ..quirks()
        },
        Quirks {
            put_status: Some(405),
            ..quirks()
        },
    ] {
        conforms(quirks, quick(json!({}))).await;
    }
}

#[tokio::test]
async fn numbers_as_text_text_as_numbers_and_nulls() {
    let (application, target) = start(
        Quirks {
            odd_shape: true,
            ..Quirks::default()
        },
        json!({}),
    )
    .await;
    let target = target.as_ref();
    let (one, two) = (make(target, 1).await, make(target, 2).await);
    assert_eq!((one.as_str(), two.as_str()), ("1", "2"));
    let wanted = ["userName".to_owned()];
    let read = target.get(Kind::Person, &one, &wanted).await.unwrap().unwrap();
    assert_eq!(read.record["userName"], name(1));
    assert_eq!(all(target, Kind::Person).await.unwrap(), ["1", "2"]);
    assert_eq!(find(target, "userName", &name(2)).await, ["2"]);
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    let crew = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    assert!(
        target.members(&crew, None).await.unwrap().members.is_empty(),
        "null is nobody"
    );
    let adds = [crate::conformance::add(&one), crate::conformance::add(&two)];
    assert!(
        target
            .change_members(&crew, &adds)
            .await
            .iter()
            .all(Result::is_ok)
    );
    let members = target.members(&crew, None).await.unwrap().members;
    assert_eq!(members.len(), 2);
    assert_eq!(members[0].id, "1");
    target
        .update(Kind::Person, &one, &change(json!({"title": "Chief"})))
        .await
        .unwrap();
    assert_eq!(application.store().users[&one]["title"], "Chief");
}

#[tokio::test]
async fn plain_json_is_sent_after_one_refusal() {
    let (application, target) = start(
        Quirks {
            json_only: true,
            ..Quirks::default()
        },
        json!({}),
    )
    .await;
    make(target.as_ref(), 1).await;
    make(target.as_ref(), 2).await;
    assert_eq!(application.count("POST", "Users"), 3, "refused once");
    assert_eq!(application.store().users.len(), 2);
}

#[tokio::test]
async fn each_step_of_a_test_has_its_name() {
    let (_application, target) = start(Quirks::default(), json!({})).await;
    let names: Vec<&str> = target.test().await.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            "name resolution",
            "TLS",
            "token",
            "read people",
            "filter",
            "read groups",
            "schemas",
            "capabilities"
        ]
    );
}

#[tokio::test]
async fn the_first_step_that_fails_says_what_to_do() {
    use provost_connect::{Secrets, open};
    let failing = async |url: &str, lookup: Option<http::Lookup>| {
        let factory = match lookup {
            Some(lookup) => http::Factory::new().with_lookup(lookup),
            None => http::Factory::new(),
        };
        let settings = json!({"url": url, "allow_private_network": true});
        let target = open("scim", &settings, &Secrets::new().with("token", "t"), &factory).unwrap();
        let check = target.test().await.pop().unwrap();
        let error = check.outcome.unwrap_err();
        assert!(!error.hint().is_empty());
        (check.name, error.code())
    };
    let lookup = |found: std::io::Result<std::net::IpAddr>| -> http::Lookup {
        let found = found.map_err(|error| error.to_string());
        Arc::new(move |_| {
            let found = found.clone().map(|ip| vec![ip]).map_err(std::io::Error::other);
            Box::pin(async move { found })
        })
    };
    let nowhere = lookup(Err(std::io::Error::other("no such host is known")));
    assert_eq!(
        failing("https://scim.contoso.example/v2", Some(nowhere)).await,
        ("name resolution", "PRV-CONNECT-NAME")
    );
    let metadata = lookup(Ok("169.254.169.254".parse().unwrap()));
    assert_eq!(
        failing("https://scim.contoso.example/v2", Some(metadata)).await,
        ("name resolution", "PRV-CONNECT-ADDRESS")
    );
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(
        failing(&format!("http://{closed}/v2"), None).await,
        ("TLS", "PRV-CONNECT-UNREACHABLE")
    );
    // A server that does not speak TLS.
    let (application, _target) = start(Quirks::default(), json!({})).await;
    let encrypted = application.url.replace("http://", "https://");
    assert_eq!(failing(&encrypted, None).await, ("TLS", "PRV-CONNECT-TLS"));
    assert_eq!(
        failing(&application.url, None).await,
        ("token", "PRV-CONNECT-CREDENTIAL")
    );
    let elsewhere = application.url.replace("/scim/v2", "/api");
    assert_eq!(
        failing(&elsewhere, None).await,
        ("token", "PRV-CONNECT-CREDENTIAL")
    );
}

#[tokio::test]
async fn a_token_is_fetched_and_renewed_when_it_is_refused() {
    use crate::application::TOKEN;
    use provost_connect::{Secrets, open};
    use std::sync::atomic::{AtomicUsize, Ordering};
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    let tokens = move |body: String| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move {
            assert!(
                body.contains("grant_type=client_credentials") && body.contains("scope=scim.all"),
                "{body}"
            );
            let token = if number == 0 { "revoked" } else { TOKEN };
            json!({"access_token": token, "expires_in": 3600}).to_string()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token_url = format!("http://{}/token", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/token", axum::routing::post(tokens));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let application = Application::start(Quirks::default()).await;
    let settings = json!({"url": application.url, "allow_private_network": true,
        "token_url": token_url, "client_id": "provost", "scope": "scim.all"});
    let secrets = Secrets::new().with("client_secret", "canary-client");
    let target = open("scim", &settings, &secrets, &http::Factory::new()).unwrap();
    make(target.as_ref(), 1).await;
    make(target.as_ref(), 2).await;
    assert_eq!(
        given.load(Ordering::Relaxed),
        2,
        "fetched, refused once, fetched again"
    );
    assert_eq!(application.store().users.len(), 2);
}
