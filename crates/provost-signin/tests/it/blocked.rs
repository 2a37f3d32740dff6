//! Blocked is blocked: on every path, for every kind of credential, also for one that is under way.

use crate::authenticator::Authenticator;
use crate::bench::{BROWSER, Bench, ORIGIN, START, VISIT, code, is_denied, visit};
use crate::code::{app, set_up};
use crate::oidc::{CLIENT, SECRET, Server};
use provost_connect::Secret;
use provost_signin::{Method, NewProvider, Opened, ProviderDone, ProviderPurpose, Purpose, Signed, Step};
use provost_store::administrator::Role;
use provost_store::api_token::{self, Scope};
use serde_json::Value;

const PASSWORD: &str = "kw7 plum";
const EMAIL: &str = "ann@contoso.example";

/// Ann, with every way in that there is; the owner, who can block her.
struct Scene {
    bench: Bench,
    owner: Signed,
    ann: Opened,
    device: Authenticator,
    secret: String,
    recovery: Vec<String>,
    server: Server,
    token: String,
    link: String,
}

/// What Ann has begun before she is blocked.
struct Begun {
    passkey: (String, Value),
    /// In a session of its own: the other one is confirmed by password.
    second: Signed,
    confirm: (String, Value),
    new_passkey: (String, Value),
    code: String,
    recovery: String,
    provider: String,
}

impl Scene {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let (owner, _) = bench.owner_with_passkey().await;
        let server = Server::start().await;
        let provider = NewProvider {
            name: "Contoso".to_owned(),
            issuer: server.issuer(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(Secret::new(SECRET)),
        };
        bench.signin.provider_add(&owner, provider, START).await.unwrap();
        let mut ann = bench.invited(&owner, "Ann", Role::Owner).await.signed;
        let mut device = Authenticator::new(ORIGIN);
        bench.add_passkey(&ann, &mut device, START).await.unwrap();
        ann = bench.again(&ann, START).await;
        let secret = set_up(&bench, &ann, START).await;
        ann = bench.again(&ann, START).await;
        let recovery = bench.signin.recovery_codes_new(&ann, START).await.unwrap();
        bench.signin.password_set(&ann, PASSWORD, START).await.unwrap();
        ann = bench.again(&ann, START).await;
        let signin = &bench.signin;
        let tie = ProviderPurpose::Tie(&ann);
        let url = signin
            .provider_begin("Contoso", BROWSER, tie, &visit(), START)
            .await
            .unwrap();
        let back = server.sign_in(&url, "ann");
        signin
            .provider_finish(&back, BROWSER, Some(&ann), &visit(), START)
            .await
            .unwrap();
        let key = ann.administrator.key;
        let ann = signin.open(key, Method::Passkey, &visit(), START).await.unwrap();
        let workspace = bench.workspace;
        let make = move |tx: &mut provost_store::Tx| {
            let new = api_token::New {
                workspace,
                label: "Ann's",
                scope: Scope::Configure,
                expires: None,
                administrator: Some(key),
            };
            api_token::make(tx, "test", START, &new)
        };
        let token = bench.db.write(make).await.unwrap().text;
        let whose = ann.signed.administrator.id;
        let link = signin.link(&owner, whose, Purpose::Signin, START).await.unwrap();
        Self {
            owner,
            ann,
            device,
            secret,
            recovery,
            server,
            token,
            link,
            bench,
        }
    }

    async fn begin(&self) -> Begun {
        let signin = &self.bench.signin;
        let enter = ProviderPurpose::Enter;
        let url = signin
            .provider_begin("Contoso", BROWSER, enter, &visit(), START)
            .await
            .unwrap();
        let second = self.bench.again(&self.ann.signed, START).await;
        Begun {
            passkey: signin
                .passkey_begin_signin(BROWSER, &visit(), START)
                .await
                .unwrap(),
            confirm: signin.passkey_begin_confirm(&second, START).await.unwrap(),
            new_passkey: signin
                .passkey_begin_registration(&self.ann.signed, START)
                .await
                .unwrap(),
            second,
            code: self.half().await,
            recovery: self.half().await,
            provider: self.server.sign_in(&url, "ann"),
        }
    }

    async fn half(&self) -> String {
        match self
            .bench
            .enter_by_password(EMAIL, PASSWORD, "192.0.2.10", START)
            .await
            .unwrap()
        {
            Step::Code { ceremony } => ceremony,
            Step::Done(_) => panic!("no code is asked for"),
        }
    }

    /// What comes in, by name. Everything is tried.
    async fn who_comes_in(&mut self, begun: Begun) -> Vec<&'static str> {
        let mut tried = Tried::default();
        self.try_what_is_open(&mut tried).await;
        self.try_to_confirm(&begun, &mut tried).await;
        self.try_what_is_under_way(&begun, &mut tried).await;
        self.try_anew(&mut tried).await;
        let ann = &self.ann.signed;
        let answer = Authenticator::new(ORIGIN).create(&begun.new_passkey.1);
        let ceremony = &begun.new_passkey.0;
        let added = self
            .bench
            .signin
            .passkey_finish_registration(ann, ceremony, answer, "New", START);
        tried.note("new passkey", added.await.is_ok());
        tried.0
    }

    async fn try_what_is_open(&self, tried: &mut Tried) {
        let (signin, ann) = (&self.bench.signin, &self.ann.signed);
        let found = signin.check(&self.ann.cookie, START).await.unwrap();
        tried.note("session", found.is_some());
        let invited = signin.invite(ann, "Eve", "eve@contoso.example", &ann.grants, START);
        tried.note("administering", invited.await.is_ok());
        let token = self.token.clone();
        let accepted = self.bench.db.read(move |tx| api_token::accept(tx, &token, START));
        tried.note("API token", accepted.await.unwrap().is_ok());
    }

    async fn try_to_confirm(&mut self, begun: &Begun, tried: &mut Tried) {
        let (signin, ann) = (&self.bench.signin, &self.ann.signed);
        let done = signin.password_confirm(ann, PASSWORD, &self.recovery[2], &VISIT, START);
        tried.note("confirm by password and recovery code", done.await.is_ok());
        let answer = self.device.get(&begun.confirm.1);
        let done = signin.passkey_finish_confirm(&begun.second, &begun.confirm.0, answer, &VISIT, START);
        tried.note("confirm by passkey", done.await.is_ok());
    }

    async fn try_what_is_under_way(&mut self, begun: &Begun, tried: &mut Tried) {
        let signin = &self.bench.signin;
        let answer = self.device.get(&begun.passkey.1);
        let done = signin.passkey_finish_signin(&begun.passkey.0, BROWSER, answer, &VISIT, START);
        tried.note("passkey under way", done.await.is_ok());
        let given = app(&self.secret, START);
        let done = signin.code_signin(&begun.code, BROWSER, &given, &VISIT, START);
        tried.note("code under way", done.await.is_ok());
        let done = signin.code_signin(&begun.recovery, BROWSER, &self.recovery[3], &VISIT, START);
        tried.note("recovery code under way", done.await.is_ok());
        let done = signin.provider_finish(&begun.provider, BROWSER, None, &VISIT, START);
        tried.note(
            "provider under way",
            matches!(done.await, Ok(ProviderDone::Entered(_))),
        );
    }

    async fn try_anew(&mut self, tried: &mut Tried) {
        let entered = self.bench.enter_by_passkey(&mut self.device, START).await;
        tried.note("passkey", entered.is_ok());
        let step = self
            .bench
            .enter_by_password(EMAIL, PASSWORD, "192.0.2.10", START)
            .await;
        tried.note("password", step.is_ok());
        let signin = &self.bench.signin;
        let url = signin.provider_begin("Contoso", BROWSER, ProviderPurpose::Enter, &VISIT, START);
        let back = self.server.sign_in(&url.await.unwrap(), "ann");
        let done = signin.provider_finish(&back, BROWSER, None, &VISIT, START);
        tried.note("provider", done.await.is_ok());
        let followed = signin.follow(&self.link, &VISIT, START);
        tried.note("link", followed.await.is_ok());
        let key = self.ann.signed.administrator.key;
        let opened = signin.open(key, Method::Link, &VISIT, START);
        tried.note("opened session", opened.await.is_ok());
    }
}

/// What came in.
#[derive(Default)]
struct Tried(Vec<&'static str>);

impl Tried {
    fn note(&mut self, name: &'static str, is_in: bool) {
        if is_in {
            self.0.push(name);
        }
    }
}

/// Everything that lets Ann in while she is not blocked.
const WAYS: &[&str] = &[
    "session",
    "administering",
    "API token",
    "confirm by password and recovery code",
    "confirm by passkey",
    "passkey under way",
    "code under way",
    "recovery code under way",
    "provider under way",
    "passkey",
    "password",
    "provider",
    "link",
    "opened session",
    "new passkey",
];

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_blocked_comes_in_everywhere() {
    // Without this, the test below could be right for the wrong reason.
    let mut scene = Scene::new().await;
    let begun = scene.begin().await;
    assert_eq!(scene.who_comes_in(begun).await, WAYS);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_blocked_comes_in_nowhere() {
    let mut scene = Scene::new().await;
    let begun = scene.begin().await;
    let ann = scene.ann.signed.administrator.id;
    scene.bench.signin.block(&scene.owner, ann, START).await.unwrap();
    let none: [&str; 0] = [];
    assert_eq!(scene.who_comes_in(begun).await, none);
    // Nor is a link made for her, nor one looked at.
    let made = scene
        .bench
        .signin
        .link(&scene.owner, ann, Purpose::Signin, START)
        .await;
    assert_eq!(code(made), "PRV-ADMINISTRATOR-BLOCKED");
    assert!(
        scene
            .bench
            .signin
            .look_at_link(&scene.link, START)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        code(scene.bench.signin.reset(&scene.owner, ann, START).await),
        "PRV-ADMINISTRATOR-BLOCKED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unblocking_revives_no_session_and_no_link() {
    let mut scene = Scene::new().await;
    let ann = scene.ann.signed.administrator.id;
    let signin = scene.bench.signin.clone();
    signin.block(&scene.owner, ann, START).await.unwrap();
    signin.unblock(&scene.owner, ann, START).await.unwrap();
    assert!(signin.check(&scene.ann.cookie, START).await.unwrap().is_none());
    assert_eq!(
        code(signin.follow(&scene.link, &visit(), START).await),
        "PRV-SIGNIN-LINK"
    );
    assert!(is_denied(&signin.end_others(&scene.ann.signed, START).await));
    assert!(
        scene
            .bench
            .enter_by_passkey(&mut scene.device, START)
            .await
            .is_ok()
    );
}
