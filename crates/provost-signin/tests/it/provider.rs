//! Signing in with another system, and what passes itself off as its word.

use crate::bench::{BROWSER, Bench, MINUTE, START, code, is_denied, visit};
use crate::oidc::{CLIENT, SECRET, Script, Server};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use provost_connect::Secret;
use provost_signin::{
    Actor, Error, Method, NewProvider, Opened, ProviderDone, ProviderEdit, ProviderPurpose, Result, Signed,
};
use provost_store::administrator::Role;
use serde_json::{Value, json};

const NAME: &str = "Contoso Entra";

/// A hub, its owner, and a provider that is set up.
struct Scene {
    bench: Bench,
    owner: Signed,
    server: Server,
    key: i64,
}

impl Scene {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let (owner, _) = bench.owner_with_passkey().await;
        let server = Server::start().await;
        let added = bench
            .signin
            .provider_add(&owner, offered(&server), START)
            .await
            .unwrap();
        Self {
            bench,
            owner,
            server,
            key: added.key,
        }
    }

    /// The same, where the owner is tied to `olga` there.
    async fn tied() -> Self {
        let scene = Self::new().await;
        let done = scene
            .go(ProviderPurpose::Tie(&scene.owner), "olga")
            .await
            .unwrap();
        assert!(matches!(done, ProviderDone::Tied));
        let owner = scene.bench.again(&scene.owner, START).await;
        Self { owner, ..scene }
    }

    /// There and back.
    async fn go(&self, purpose: ProviderPurpose<'_>, subject: &str) -> Result<ProviderDone> {
        let signed = match purpose {
            ProviderPurpose::Enter => None,
            ProviderPurpose::Tie(signed) | ProviderPurpose::Confirm(signed) => Some(signed),
        };
        let url = self
            .bench
            .signin
            .provider_begin(NAME, BROWSER, purpose, &visit(), START)
            .await?;
        let query = self.server.sign_in(&url, subject);
        self.bench
            .signin
            .provider_finish(&query, BROWSER, signed, &visit(), START)
            .await
    }

    async fn enter(&self, subject: &str) -> Result<ProviderDone> {
        self.go(ProviderPurpose::Enter, subject).await
    }
}

fn offered(server: &Server) -> NewProvider {
    NewProvider {
        name: NAME.to_owned(),
        issuer: server.issuer(),
        client_id: CLIENT.to_owned(),
        client_secret: Some(Secret::new(SECRET)),
    }
}

fn entered(done: Result<ProviderDone>) -> Opened {
    match done.unwrap() {
        ProviderDone::Entered(opened) => opened,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_tied_comes_in() {
    let scene = Scene::tied().await;
    let opened = entered(scene.enter("olga").await);
    assert_eq!(opened.signed.administrator.id, scene.owner.administrator.id);
    assert_eq!(opened.signed.session.method, Method::Provider);
    let identity = &scene.bench.signin.ways(&opened.signed).await.unwrap().identities[0];
    assert_eq!(identity.shown, "olga@contoso.example");
    assert_eq!(identity.last_used, Some(START));
    assert!(
        !scene.bench.find_everywhere(SECRET),
        "the client's secret itself is in the database"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_by_an_address() {
    let scene = Scene::new().await;
    // The provider says that this is olga@contoso.example, which is the owner's address here.
    assert_eq!(code(scene.enter("olga").await), "PRV-SIGNIN-NOT-TIED");
    let scene = Scene::tied().await;
    scene.server.script(|script| {
        script.change = |_, claims| {
            claims["email"] = json!("olga@contoso.example");
            claims["oid"] = json!("olga");
            claims["preferred_username"] = json!("olga");
        }
    });
    assert_eq!(code(scene.enter("mallory").await), "PRV-SIGNIN-NOT-TIED");
    // The same subject at another provider is somebody else.
    let other = Server::start().await;
    let mut second = offered(&other);
    second.name = "Other".to_owned();
    scene
        .bench
        .signin
        .provider_add(&scene.owner, second, START)
        .await
        .unwrap();
    let url = scene
        .bench
        .signin
        .provider_begin("Other", BROWSER, ProviderPurpose::Enter, &visit(), START)
        .await
        .unwrap();
    let query = other.sign_in(&url, "olga");
    let done = scene
        .bench
        .signin
        .provider_finish(&query, BROWSER, None, &visit(), START)
        .await;
    assert_eq!(code(done), "PRV-SIGNIN-NOT-TIED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_algorithms_of_the_list_are_accepted() {
    let scene = Scene::tied().await;
    for algorithm in ["RS256", "PS256", "ES256", "EdDSA"] {
        scene.server.script(|script| script.algorithm = algorithm);
        entered(scene.enter("olga").await);
    }
}

type Falsify = fn(&mut Script);

/// What an ID token must not be.
const FALSE_TOKENS: &[(&str, Falsify)] = &[
    ("alg none", |s| {
        s.change = |header, _| header["alg"] = json!("none")
    }),
    ("alg none, unsigned", |s| {
        s.change = |header, _| header["alg"] = json!("none");
        s.spoil = |token| format!("{}.", token.rsplit_once('.').unwrap().0);
    }),
    ("a shared secret", |s| {
        s.change = |header, _| {
            header["alg"] = json!("HS256");
            header["kid"] = json!("HS256-0");
        }
    }),
    ("another algorithm of the same key", |s| {
        s.change = |header, _| header["alg"] = json!("PS256")
    }),
    ("RS384", |s| s.change = |header, _| header["alg"] = json!("RS384")),
    ("a key for encryption", |s| {
        s.change = |header, _| header["kid"] = json!("encryption")
    }),
    ("a key that is not listed", |s| {
        s.change = |header, _| header["kid"] = json!("mine")
    }),
    ("a key that it brings along", |s| {
        s.change = |header, _| {
            header["kid"] = json!("mine");
            header["jwk"] = json!({"kty": "RSA"});
            header["jku"] = json!("http://127.0.0.1:9/keys");
        }
    }),
    ("a critical extension", |s| {
        s.change = |header, _| header["crit"] = json!(["exp"])
    }),
    ("an access token", |s| {
        s.change = |header, _| header["typ"] = json!("at+jwt")
    }),
    ("a logout token", |s| {
        s.change = |header, _| header["typ"] = json!("logout+jwt")
    }),
    ("a spoiled signature", |s| {
        s.spoil = |token| {
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let mut bytes = BASE64.decode(signature).unwrap();
            bytes[9] ^= 1;
            format!("{signed}.{}", BASE64.encode(bytes))
        }
    }),
    ("claims changed after signing", |s| {
        s.spoil = |token| {
            let parts: Vec<&str> = token.split('.').collect();
            let mut claims: Value = serde_json::from_slice(&BASE64.decode(parts[1]).unwrap()).unwrap();
            claims["sub"] = json!("olga ");
            format!("{}.{}.{}", parts[0], BASE64.encode(claims.to_string()), parts[2])
        }
    }),
    ("two parts", |s| {
        s.spoil = |token| token.rsplit_once('.').unwrap().0.to_owned()
    }),
    ("five parts", |s| s.spoil = |token| format!("{token}.x.y")),
    ("nothing", |s| s.spoil = |_| String::new()),
    ("another issuer", |s| {
        s.change = |_, claims| claims["iss"] = json!("http://127.0.0.1:1")
    }),
    ("no issuer", |s| {
        s.change = |_, claims| claims["iss"] = Value::Null
    }),
    ("another audience", |s| {
        s.change = |_, claims| claims["aud"] = json!("another")
    }),
    ("audiences without us", |s| {
        s.change = |_, claims| claims["aud"] = json!(["one", "two"])
    }),
    ("several audiences, nobody's", |s| {
        s.change = |_, claims| claims["aud"] = json!([CLIENT, "two"])
    }),
    ("another party's", |s| {
        s.change = |_, claims| {
            claims["aud"] = json!([CLIENT, "two"]);
            claims["azp"] = json!("two");
        }
    }),
    ("no audience", |s| {
        s.change = |_, claims| claims["aud"] = Value::Null
    }),
    ("another nonce", |s| {
        s.change = |_, claims| claims["nonce"] = json!("another")
    }),
    ("no nonce", |s| {
        s.change = |_, claims| claims["nonce"] = Value::Null
    }),
    ("expired", |s| {
        s.change = |_, claims| claims["exp"] = json!(START / 1_000 - 61)
    }),
    ("without an end", |s| {
        s.change = |_, claims| claims["exp"] = Value::Null
    }),
    ("an end that is a text", |s| {
        s.change = |_, claims| claims["exp"] = json!("never")
    }),
    ("from the future", |s| {
        s.change = |_, claims| claims["iat"] = json!(START / 1_000 + 120)
    }),
    ("not yet", |s| {
        s.change = |_, claims| claims["nbf"] = json!(START / 1_000 + 120)
    }),
    ("made long ago", |s| {
        s.change = |_, claims| claims["iat"] = json!(START / 1_000 - 3_600)
    }),
    ("without a beginning", |s| {
        s.change = |_, claims| claims["iat"] = Value::Null
    }),
    ("about nobody", |s| {
        s.change = |_, claims| claims["sub"] = json!("")
    }),
    ("about a number", |s| {
        s.change = |_, claims| claims["sub"] = json!(7)
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_false_token_opens_nothing() {
    let scene = Scene::tied().await;
    let before = scene.bench.rows("session");
    for (what, falsify) in FALSE_TOKENS {
        scene.server.script(|script| {
            script.change = |_, _| {};
            script.spoil = |token| token;
            falsify(script);
        });
        assert_eq!(
            code(scene.enter("olga").await),
            "PRV-SIGNIN-PROVIDER-ANSWER",
            "{what}"
        );
        assert_eq!(scene.bench.rows("session"), before, "{what}");
    }
    scene.server.script(|script| script.change = |_, _| {});
    scene.server.script(|script| script.spoil = |token| token);
    entered(scene.enter("olga").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_several_is_good_when_it_was_made_for_us() {
    let scene = Scene::tied().await;
    scene.server.script(|script| {
        script.change = |_, claims| {
            claims["aud"] = json!(["two", CLIENT]);
            claims["azp"] = json!(CLIENT);
            claims["exp"] = json!(1_800_000_000.5);
        }
    });
    entered(scene.enter("olga").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_is_read_again_but_not_for_every_token() {
    let scene = Scene::tied().await;
    entered(scene.enter("olga").await);
    let before = scene.server.script(|script| {
        script.generation = 1;
        script.key_reads
    });
    // Within a minute the keys are not read again, whatever a token names.
    assert_eq!(code(scene.enter("olga").await), "PRV-SIGNIN-PROVIDER-ANSWER");
    assert_eq!(scene.server.script(|script| script.key_reads), before);
    let late = START + MINUTE;
    let signin = &scene.bench.signin;
    let url = signin
        .provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &visit(), late)
        .await
        .unwrap();
    let query = scene.server.sign_in(&url, "olga");
    entered(
        signin
            .provider_finish(&query, BROWSER, None, &visit(), late)
            .await,
    );
    assert_eq!(scene.server.script(|script| script.key_reads), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_good_once_in_its_browser_and_with_its_state() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    let begin = || signin.provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &crate::bench::VISIT, START);
    let finish = |query: String, browser: &'static str| async move {
        signin
            .provider_finish(&query, browser, None, &visit(), START)
            .await
    };
    let query = scene.server.sign_in(&begin().await.unwrap(), "olga");
    assert_eq!(
        code(finish(query.clone(), "another browser").await),
        "PRV-SIGNIN-EXPIRED"
    );
    entered(finish(query.clone(), BROWSER).await);
    assert_eq!(code(finish(query, BROWSER).await), "PRV-SIGNIN-EXPIRED");
    // Two sign-ins at once: the code of one is no good with the state of the other.
    let (one, other) = (begin().await.unwrap(), begin().await.unwrap());
    let (one, other) = (
        scene.server.sign_in(&one, "olga"),
        scene.server.sign_in(&other, "olga"),
    );
    let swapped = format!(
        "{}&{}",
        one.split('&').next().unwrap(),
        other.split('&').nth(1).unwrap()
    );
    assert_eq!(
        code(finish(swapped, BROWSER).await),
        "PRV-SIGNIN-PROVIDER-REFUSED"
    );
    for query in ["", "code=x", "code=x&state=y", "state=y"] {
        assert_eq!(
            code(finish(query.to_owned(), BROWSER).await),
            "PRV-SIGNIN-EXPIRED",
            "{query}"
        );
    }
    let twice = format!("{one}&code=another");
    assert_eq!(code(finish(twice, BROWSER).await), "PRV-SIGNIN-PROVIDER-ANSWER");
    let long = format!("{one}&x={}", "y".repeat(20_000));
    assert_eq!(code(finish(long, BROWSER).await), "PRV-SIGNIN-PROVIDER-ANSWER");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuers_name_in_the_answer_is_checked() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    for (query, accepted) in [("&iss=http%3A%2F%2F127.0.0.1%3A1", false), ("", true)] {
        let url = signin
            .provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &visit(), START)
            .await
            .unwrap();
        let back = format!("{}{query}", scene.server.sign_in(&url, "olga"));
        let done = signin
            .provider_finish(&back, BROWSER, None, &visit(), START)
            .await;
        assert_eq!(done.is_ok(), accepted, "{query}");
    }
    // One that says that it names itself must do so.
    let naming = Scene::new().await;
    naming.server.script(|script| {
        script.description = json!({"authorization_response_iss_parameter_supported": true});
    });
    let late = START + 3_600_000;
    let owner = naming.bench.again(&naming.owner, late).await;
    let begin = || {
        naming.bench.signin.provider_begin(
            NAME,
            BROWSER,
            ProviderPurpose::Tie(&owner),
            &crate::bench::VISIT,
            late,
        )
    };
    let back = naming.server.sign_in(&begin().await.unwrap(), "olga");
    let done = naming
        .bench
        .signin
        .provider_finish(&back, BROWSER, Some(&owner), &visit(), late)
        .await;
    assert_eq!(code(done), "PRV-SIGNIN-PROVIDER-ANSWER");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_provider_is_told_by_its_name_only() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    for (error, shown) in [
        ("access_denied", "access_denied"),
        ("<script>alert(1)</script>", "no reason given"),
    ] {
        let url = signin
            .provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &visit(), START)
            .await
            .unwrap();
        let state = url
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        let back: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("state", &state)
            .append_pair("error", error)
            .append_pair("error_description", "<b>all of it</b>")
            .finish();
        let refused = signin
            .provider_finish(&back, BROWSER, None, &visit(), START)
            .await
            .unwrap_err();
        assert_eq!(refused.code(), "PRV-SIGNIN-PROVIDER-REFUSED");
        assert!(refused.sentence().contains(shown), "{refused}");
        assert!(!refused.to_string().contains('<'), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_goes_the_way_that_the_provider_takes() {
    let scene = Scene::tied().await;
    let (header, form) = scene.server.script(|script| script.redeemed.take()).unwrap();
    assert!(header.is_some() && !form.contains_key("client_secret"));
    assert!(form["code_verifier"].len() >= 43);
    let server = Server::start().await;
    server.script(|script| {
        script.description = json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
    });
    let mut second = offered(&server);
    second.name = "Second".to_owned();
    let signin = &scene.bench.signin;
    signin.provider_add(&scene.owner, second, START).await.unwrap();
    let url = signin
        .provider_begin("Second", BROWSER, ProviderPurpose::Enter, &visit(), START)
        .await
        .unwrap();
    let back = server.sign_in(&url, "olga");
    assert_eq!(
        code(
            signin
                .provider_finish(&back, BROWSER, None, &visit(), START)
                .await
        ),
        "PRV-SIGNIN-NOT-TIED"
    );
    let (header, form) = server.script(|script| script.redeemed.take()).unwrap();
    assert_eq!((header, form["client_secret"].as_str()), (None, SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn tying_belongs_to_the_session_that_began_it() {
    let scene = Scene::new().await;
    let signin = &scene.bench.signin;
    let eve = scene
        .bench
        .invited(&scene.owner, "Eve", Role::Auditor)
        .await
        .signed;
    let tie = ProviderPurpose::Tie(&scene.owner);
    // A link that somebody else clicks on: tied to whoever began, in the session that began, or not at all.
    for present in [None, Some(&eve)] {
        let url = signin
            .provider_begin(NAME, BROWSER, tie, &visit(), START)
            .await
            .unwrap();
        let back = scene.server.sign_in(&url, "mallory");
        let done = signin
            .provider_finish(&back, BROWSER, present, &visit(), START)
            .await;
        assert_eq!(code(done), "PRV-SIGNIN-EXPIRED");
    }
    assert_eq!(scene.bench.rows("signin_identity"), 0);
    let late = START + 11 * MINUTE;
    assert_eq!(
        code(signin.provider_begin(NAME, BROWSER, tie, &visit(), late).await),
        "PRV-SIGNIN-STALE"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_identity_belongs_to_one_person() {
    let scene = Scene::tied().await;
    let eve = scene
        .bench
        .invited(&scene.owner, "Eve", Role::Auditor)
        .await
        .signed;
    assert_eq!(
        code(scene.go(ProviderPurpose::Tie(&eve), "olga").await),
        "PRV-IDENTITY-TIED"
    );
    assert!(matches!(
        scene.go(ProviderPurpose::Tie(&eve), "eve").await,
        Ok(ProviderDone::Tied)
    ));
    let opened = entered(scene.enter("eve").await);
    assert_eq!(opened.signed.administrator.id, eve.administrator.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_sign_in_that_was_just_now_is_fresh_here() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    let mut fresh = Vec::new();
    for at in [
        Some(START),
        Some(START - 3_600_000),
        None,
        // Within what clocks may differ.
        Some(START + 30_000),
    ] {
        let url = signin
            .provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &visit(), START)
            .await
            .unwrap();
        let back = scene.server.sign_in_at(&url, "olga", at);
        let done = signin
            .provider_finish(&back, BROWSER, None, &visit(), START)
            .await;
        fresh.push(entered(done).signed.is_fresh(START));
    }
    assert_eq!(fresh, [true, false, false, true]);
    // One that is still to come would be fresh for as long as that takes.
    let url = signin
        .provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &visit(), START)
        .await
        .unwrap();
    let back = scene.server.sign_in_at(&url, "olga", Some(START + 3_600_000));
    let done = signin
        .provider_finish(&back, BROWSER, None, &visit(), START)
        .await;
    assert_eq!(code(done), "PRV-SIGNIN-PROVIDER-ANSWER");
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_asks_for_a_sign_in_of_the_same_person_now() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    let confirm = ProviderPurpose::Confirm(&scene.owner);
    let tries = [
        ("mallory", Some(START), Some("PRV-SIGNIN-REFUSED")),
        ("olga", None, Some("PRV-SIGNIN-PROVIDER-TIME")),
        (
            "olga",
            Some(START - 5 * MINUTE),
            Some("PRV-SIGNIN-PROVIDER-ANSWER"),
        ),
        (
            "olga",
            Some(START + 5 * MINUTE),
            Some("PRV-SIGNIN-PROVIDER-ANSWER"),
        ),
        ("olga", Some(START), None),
    ];
    for (subject, at, refusal) in tries {
        let url = signin
            .provider_begin(NAME, BROWSER, confirm, &visit(), START)
            .await
            .unwrap();
        assert!(url.query().unwrap().contains("prompt=login&max_age=0"));
        let back = scene.server.sign_in_at(&url, subject, at);
        let done = signin
            .provider_finish(&back, BROWSER, Some(&scene.owner), &visit(), START)
            .await;
        match (refusal, done) {
            (Some(refusal), refused) => assert_eq!(code(refused), refusal),
            (None, Ok(ProviderDone::Confirmed(opened))) => {
                assert_ne!(opened.signed.session.key, scene.owner.session.key);
            }
            (None, other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_switched_off_or_removed_lets_nobody_in() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    let url = signin
        .provider_begin(NAME, BROWSER, ProviderPurpose::Enter, &visit(), START)
        .await
        .unwrap();
    let off = ProviderEdit {
        enabled: Some(false),
        ..ProviderEdit::default()
    };
    signin
        .provider_edit(&scene.owner, scene.key, off, START)
        .await
        .unwrap();
    let back = scene.server.sign_in(&url, "olga");
    let on_the_way = signin
        .provider_finish(&back, BROWSER, None, &visit(), START)
        .await;
    assert_eq!(code(on_the_way), "PRV-SIGNIN-PROVIDER-UNKNOWN");
    assert_eq!(code(scene.enter("olga").await), "PRV-SIGNIN-PROVIDER-UNKNOWN");
    assert!(
        signin
            .provider_remove(&scene.owner, scene.key, START)
            .await
            .unwrap()
    );
    assert_eq!(code(scene.enter("olga").await), "PRV-SIGNIN-PROVIDER-UNKNOWN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_asked_before_it_is_added() {
    let scene = Scene::new().await;
    let signin = &scene.bench.signin;
    let with = |issuer: &str| NewProvider {
        name: "Another".to_owned(),
        issuer: issuer.to_owned(),
        ..offered(&scene.server)
    };
    let other = Server::start().await;
    other.script(|script| script.issuer = Some("https://login.contoso.example".to_owned()));
    for (issuer, refusal) in [
        (other.issuer(), "PRV-SIGNIN-PROVIDER-ANSWER"),
        (
            format!("{}/", scene.server.issuer()),
            "PRV-SIGNIN-PROVIDER-ANSWER",
        ),
        ("no address".to_owned(), "PRV-SIGNIN-PROVIDER-ISSUER"),
        ("file:///etc/passwd".to_owned(), "PRV-SIGNIN-PROVIDER-ISSUER"),
        (
            "https://login.contoso.example/?tenant=x".to_owned(),
            "PRV-SIGNIN-PROVIDER-ISSUER",
        ),
        ("http://169.254.169.254".to_owned(), "PRV-CONNECT-ADDRESS"),
    ] {
        let added = signin.provider_add(&scene.owner, with(&issuer), START).await;
        assert_eq!(code(added), refusal, "{issuer}");
    }
    let eve = scene
        .bench
        .invited(&scene.owner, "Eve", Role::Auditor)
        .await
        .signed;
    let reads = scene.server.script(|script| script.key_reads);
    let added = signin
        .provider_add(&eve, with(&scene.server.issuer()), START)
        .await;
    assert_eq!(code(added), "PRV-SIGNIN-ROLE");
    assert_eq!(
        scene.server.script(|script| script.key_reads),
        reads,
        "nobody was asked for her"
    );
    assert_eq!(signin.providers().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_called_only_where_that_is_allowed() {
    let bench = Bench::new().await;
    bench.owner().await;
    let server = Server::start().await;
    let strict = bench.started_again();
    let added = strict.provider_add(Actor::Command, offered(&server), START).await;
    assert!(matches!(added, Err(Error::Provider(_))), "{added:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn untying_takes_the_way_in() {
    let scene = Scene::tied().await;
    let signin = &scene.bench.signin;
    let issuer = scene.server.issuer();
    assert!(
        signin
            .provider_untie(&scene.owner, &issuer, "olga", START)
            .await
            .unwrap()
    );
    assert_eq!(code(scene.enter("olga").await), "PRV-SIGNIN-NOT-TIED");
    let blocked = scene.bench.again(&scene.owner, START).await;
    assert!(!is_denied(
        &signin.provider_untie(&blocked, &issuer, "olga", START).await
    ));
}
