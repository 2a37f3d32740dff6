//! The switch of the domain before the simulator: steps 1.23 and 1.24 of script S1 and the guards G1-13 to G1-17; G0-14
//! opens and closes with it. Every guard is tried to be broken, and every answer of a switch is lost once.

mod lost;
mod pilot;

use super::{NAME, Stage, code};
use m365_sim::{Effect, RootDomains, Rule, Settings, TokenValidation};
use provost_store::directory::Object;
use provost_store::federation::{ActKind, Outcome, State};
use provost_store::microsoft_365::{self as m365, State as Standing};
use provost_store::{assignment, connection, migration, signing_key};
use provost_sync::federation::{Cockpit, Renewal, SETTLES};
use provost_sync::{Engine, Error};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const URL: &str = "https://hub.contoso.example";
const DOMAIN: &str = "contoso.example";
const REST: i64 = 10 * 60_000;
/// Checks that somebody answers for here: nobody has a passkey, and this machine does not reach itself by the public name.
const SIGNED: [&str; 5] = [
    "accounts_linked",
    "passkeys",
    "pilot",
    "metadata",
    "break_glass_used",
];

/// A provider that may federate, with its people linked, two administrators of last resort, and a clock that can be put
/// forward.
struct Switchable {
    stage: Stage,
    engine: Engine,
    ahead: Arc<AtomicI64>,
    ann: Object,
}

fn settings() -> Settings {
    let mut settings = Settings::contoso();
    for role in [
        "Domain.Read.All",
        "Domain-InternalFederation.ReadWrite.All",
        "Directory.Read.All",
        "Policy.Read.All",
    ] {
        let roles = &mut settings.applications[0].roles;
        if !roles.iter().any(|one| one == role) {
            roles.push(role.to_owned());
        }
    }
    settings
}

impl Switchable {
    async fn new() -> Self {
        let one = Self::unclosed().await;
        one.close_migration().await;
        one
    }

    /// Everybody is linked or exempt, and the migration is not closed.
    async fn unclosed() -> Self {
        Self::with(settings()).await
    }

    async fn with(settings: Settings) -> Self {
        let stage = Stage::with(settings).await;
        stage.add().await;
        let ahead = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&ahead);
        let engine = stage.hub.engine.clone().with_clock(Arc::new(move || {
            jiff::Timestamp::now().as_millisecond() + moved.load(Ordering::SeqCst)
        }));
        let workspace = stage.workspace();
        engine
            .configure_provider_authentication(workspace, NAME, "owner")
            .await
            .unwrap();
        sign(&stage, false).await;
        stage.provision().await;
        let ann = stage.hub.person("ann", json!({})).await;
        let id = plant(
            &stage,
            "ann@contoso.example",
            json!({"onPremisesImmutableId": ann.id.to_string()}),
        );
        for name in ["root1@contoso.onmicrosoft.com", "root2@contoso.onmicrosoft.com"] {
            plant(&stage, name, json!({}));
            stage
                .hub
                .simulator
                .set_directory_roles(name, &["Global Administrator"])
                .unwrap();
        }
        name_protected(&stage, "root1@contoso.onmicrosoft.com").await;
        let one = Self {
            stage,
            engine,
            ahead,
            ann,
        };
        one.read().await;
        one.engine
            .link_identifier(workspace, NAME, one.ann.id, &id, "owner")
            .await
            .unwrap();
        one.exempt_the_rest().await;
        one
    }

    fn workspace(&self) -> i64 {
        self.stage.workspace()
    }

    async fn read(&self) {
        self.engine
            .read_identifiers(self.workspace(), NAME, "owner")
            .await
            .unwrap();
    }

    /// Everybody else of the tenant needs nobody here.
    async fn exempt_the_rest(&self) {
        let key = self.stage.connection().await.key;
        let all = self
            .stage
            .hub
            .db
            .read(move |tx| provost_store::identifier::accounts_after(tx, key, "", 1_000))
            .await
            .unwrap();
        let open: Vec<String> = all
            .into_iter()
            .filter(|one| one.state != provost_store::identifier::LinkState::Linked)
            .map(|one| one.facts.id)
            .collect();
        self.engine
            .exempt_identifiers(
                self.workspace(),
                NAME,
                (open.as_slice(), [].as_slice()),
                ("not a person", "Ann"),
                "owner",
            )
            .await
            .unwrap();
    }

    /// What closing leaves; its own gate is tried in `migration.rs`.
    async fn close_migration(&self) {
        let workspace = self.workspace();
        let close = move |tx: &mut provost_store::Tx| {
            let provider = provost_store::microsoft_365::by_name(tx, workspace, NAME)?.unwrap();
            let digest = "checked";
            migration::note_check(tx, "owner", 1, &provider, digest, "the tenant's metadata")?;
            let new = migration::New {
                application: "0b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f",
                certificates: &["MAA=".to_owned()],
                starts: 1,
                deadline: 2,
                owner: "Ann",
                contact: "Ann",
                digest,
            };
            migration::save(tx, "owner", 1, &provider, &new)?;
            migration::close(tx, "owner", 2, &provider, "closed")
        };
        self.stage.hub.db.write(close).await.unwrap();
    }

    async fn check(&self) -> Cockpit {
        self.engine
            .check_federation(self.workspace(), NAME, URL, "owner")
            .await
            .unwrap()
    }

    async fn show(&self) -> Cockpit {
        self.engine.federation(self.workspace(), NAME).await.unwrap()
    }

    async fn keep_roll_back_command(&self) {
        let way = self
            .engine
            .federation_roll_back_command(self.workspace(), NAME, URL)
            .await
            .unwrap();
        self.engine
            .keep_federation_roll_back_command(self.workspace(), NAME, URL, &way.check_word, "owner")
            .await
            .unwrap();
    }

    async fn sign(&self, line: &str) -> Result<(), Error> {
        self.engine
            .sign_off_federation(self.workspace(), NAME, line, ("Ann Owner", "seen by us"), "owner")
            .await
    }

    /// Everything that is not green is signed off.
    async fn ready(&self) -> Cockpit {
        self.keep_roll_back_command().await;
        let seen = self.check().await;
        for check in seen.checks.iter().filter(|one| !one.is_green) {
            assert!(
                SIGNED.contains(&check.key.as_str()),
                "{}: {}",
                check.key,
                check.evidence
            );
            self.sign(&check.key).await.unwrap();
        }
        let ready = self.show().await;
        assert!(ready.may_switch(), "{:?}", open(&ready));
        ready
    }

    async fn switch(&self, digest: &str) -> Result<Cockpit, Error> {
        self.engine
            .switch_federation(self.workspace(), NAME, URL, (DOMAIN, digest), "owner")
            .await
    }

    async fn roll_back(&self) -> Result<provost_sync::federation::RolledBack, Error> {
        self.engine
            .roll_back_federation(self.workspace(), NAME, DOMAIN, "owner")
            .await
    }

    async fn probe(&self) -> Result<Cockpit, Error> {
        self.engine
            .probe_federation(self.workspace(), NAME, "owner")
            .await
    }

    /// Puts both clocks forward.
    fn wait(&self, milliseconds: i64) {
        self.ahead.fetch_add(milliseconds, Ordering::SeqCst);
        self.stage.hub.simulator.advance(milliseconds);
    }

    /// Whether the tenant says that the domain is federated.
    async fn stands(&self) -> bool {
        let said = self.graph("GET", &format!("/domains/{DOMAIN}"), None).await;
        said["authenticationType"] == "Federated"
    }

    /// Asks the tenant as another program of its administrators.
    async fn graph(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (id, secret) = (Settings::CONTOSO_CLIENT_ID, Settings::CONTOSO_CLIENT_SECRET);
        let form = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        );
        let url = &self.stage.url;
        let asked = http
            .post(format!("{url}/{}/oauth2/v2.0/token", Settings::CONTOSO_TENANT))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let read = async |request: reqwest::RequestBuilder| {
            let bytes = request.send().await.unwrap().bytes().await.unwrap();
            serde_json::from_slice::<Value>(&bytes).unwrap_or(Value::Null)
        };
        let token = read(asked).await;
        let mut request = http
            .request(method.parse().unwrap(), format!("{url}/v1.0{path}"))
            .bearer_auth(token["access_token"].as_str().unwrap());
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        read(request).await
    }

    async fn provider(&self) -> m365::Provider {
        self.stage.provider().await
    }

    /// Whether people can be assigned.
    async fn assign(&self) -> provost_store::Result<bool> {
        let (connection, who) = (self.stage.connection().await, self.ann.clone());
        self.stage
            .hub
            .db
            .write(move |tx| assignment::add(tx, "owner", 1, &connection, &who))
            .await
    }

    fn fault(&self, operation: &str, effect: Value) {
        let effect: Effect = serde_json::from_value(effect).unwrap();
        self.stage
            .hub
            .simulator
            .inject(Rule::next(operation, 1, effect))
            .unwrap();
    }
}

fn plant(stage: &Stage, name: &str, more: Value) -> String {
    let mut user = json!({
        "userPrincipalName": name, "displayName": name, "mailNickname": name.split('@').next().unwrap(),
        "accountEnabled": true, "userType": "Member",
    });
    let fields = user.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    stage.hub.simulator.plant_user(user).unwrap()
}

/// Makes the provider's signing key, or the one beside it; its certificate.
async fn sign(stage: &Stage, is_next: bool) -> String {
    let (provider, key) = (stage.provider().await, Arc::clone(&stage.hub.key));
    let write = move |tx: &mut provost_store::Tx| {
        let now = jiff::Timestamp::now().as_millisecond();
        let made = signing_key::Made::new(DOMAIN, now)?;
        match is_next {
            true => signing_key::prepare_next(tx, &key, "owner", now, &provider, &made),
            false => signing_key::ensure(tx, &key, "owner", now, &provider, &made),
        }
    };
    stage.hub.db.write(write).await.unwrap().certificate.base64()
}

async fn name_protected(stage: &Stage, name: &str) {
    let (found, name) = (stage.connection().await, name.to_owned());
    let write = move |tx: &mut provost_store::Tx| {
        let mut preferences = found.preferences.clone();
        preferences.protected_accounts.push(name.clone());
        connection::set_preferences(tx, "owner", 1, &found, &preferences)
    };
    stage.hub.db.write(write).await.unwrap();
}

fn open(cockpit: &Cockpit) -> Vec<(&str, &str)> {
    let open = cockpit.checks.iter().filter(|one| one.is_open());
    open.map(|one| (one.key.as_str(), one.evidence.as_str()))
        .collect()
}

const CREATE: &str = "POST /domains/*/federationConfiguration";
const DELETE: &str = "DELETE /domains/*/federationConfiguration/*";

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_is_switched_and_switched_back_and_the_assignment_of_people_follows() {
    let one = Switchable::new().await;
    assert!(one.assign().await.is_err(), "G0-14: not before the switch");
    let ready = one.ready().await;
    let after = one.switch(&ready.digest).await.unwrap();
    assert_eq!(after.record.state, State::Federated);
    assert!(after.record.since > 0 && one.stands().await);
    assert_eq!(one.provider().await.state, Standing::Federated);
    assert!(one.assign().await.unwrap(), "G0-14 opens");
    assert!(after.record.everywhere > 0 && after.record.trouble.is_empty());
    let sent = after.sent["issuerUri"].as_str().unwrap().to_owned();
    assert!(sent.starts_with("https://hub.contoso.example/idp/"), "{sent}");
    let again = one.switch(&after.digest).await;
    assert_eq!(
        code(again),
        "PRV-FEDERATION-CHECKS",
        "a federated domain is not free"
    );

    let early = one.roll_back().await;
    assert_eq!(code(early), "PRV-FEDERATION-LOCKED", "G1-16: ten minutes");
    assert!(one.stands().await);
    one.wait(REST);
    let wrong = one
        .engine
        .roll_back_federation(one.workspace(), NAME, "contoso.com", "owner")
        .await;
    assert_eq!(code(wrong), "PRV-FEDERATION-TYPED");
    let told = one.roll_back().await.unwrap();
    assert_eq!(told.accounts, 1, "ann needs a new password");
    assert!(!one.stands().await);
    let back = one.show().await;
    assert_eq!(back.record.state, State::Managed);
    assert_eq!(one.provider().await.state, Standing::Active);
    let acts: Vec<_> = back.acts.iter().map(|act| (act.act, act.outcome)).collect();
    assert_eq!(
        acts,
        [
            (ActKind::RollBack, Outcome::Done),
            (ActKind::Switch, Outcome::Done)
        ]
    );
    assert_eq!(code(one.roll_back().await), "PRV-FEDERATION-STATE");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_is_closed_until_each_check_is_green_or_signed_off() {
    let one = Switchable::new().await;
    assert!(!one.show().await.may_switch(), "nothing was computed");
    let seen = one.check().await;
    assert!(!seen.may_switch());
    assert_eq!(
        code(one.switch(&seen.digest).await),
        "PRV-FEDERATION-CHECKS",
        "G1-14"
    );
    one.stage
        .assert_told("federation.switch", "PRV-FEDERATION-CHECKS")
        .await;
    assert_eq!(
        code(one.sign("roll_back_saved").await),
        "PRV-FEDERATION-BLOCKING",
        "G1-17"
    );
    assert_eq!(code(one.sign("domain_verified").await), "PRV-FEDERATION-GREEN");
    assert_eq!(code(one.sign("nonsense").await), "PRV-FEDERATION-CHECK-UNKNOWN");
    let nameless = one
        .engine
        .sign_off_federation(one.workspace(), NAME, "passkeys", ("", "because"), "owner")
        .await;
    assert_eq!(code(nameless), "PRV-FEDERATION-SIGN-OFF");
    let word = one
        .engine
        .keep_federation_roll_back_command(one.workspace(), NAME, URL, "0000-0000", "owner")
        .await;
    assert_eq!(code(word), "PRV-FEDERATION-WORD");
    let ready = one.ready().await;
    let untyped = one
        .engine
        .switch_federation(
            one.workspace(),
            NAME,
            URL,
            ("contoso.com", &ready.digest),
            "owner",
        )
        .await;
    assert_eq!(code(untyped), "PRV-FEDERATION-TYPED");
    assert_eq!(code(one.switch("0123").await), "PRV-FEDERATION-MOVED");
    // Somebody comes in between: the list that was signed off is another.
    plant(&one.stage, "bob@contoso.example", json!({}));
    one.read().await;
    assert_eq!(
        code(one.switch(&ready.digest).await),
        "PRV-FEDERATION-CHECKS",
        "G1-13 and the evidence"
    );
    assert!(!one.stands().await, "nothing was sent");
    let withdrawn = one
        .engine
        .withdraw_federation_sign_off(one.workspace(), NAME, "passkeys", "owner")
        .await;
    assert!(withdrawn.unwrap());
    assert!(open(&one.show().await).iter().any(|(key, _)| *key == "passkeys"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_opens_after_the_migration() {
    let one = Switchable::unclosed().await;
    one.keep_roll_back_command().await;
    let seen = one.check().await;
    let keys: Vec<&str> = open(&seen).into_iter().map(|(key, _)| key).collect();
    assert!(keys.contains(&"migration_finished"), "G1-13: {keys:?}");
    assert_eq!(
        code(one.sign("migration_finished").await),
        "PRV-FEDERATION-BLOCKING",
        "G1-13"
    );
    one.close_migration().await;
    assert!(
        !one.check()
            .await
            .checks
            .iter()
            .any(|it| it.key == "migration_finished" && !it.is_green)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_global_administrator_is_not_taken_along() {
    let one = Switchable::new().await;
    for name in ["root1@contoso.onmicrosoft.com", "root2@contoso.onmicrosoft.com"] {
        one.stage.hub.simulator.set_directory_roles(name, &[]).unwrap();
    }
    let seen = one.check().await;
    let keys: Vec<&str> = open(&seen).into_iter().map(|(key, _)| key).collect();
    assert!(keys.contains(&"last_administrator"), "{keys:?}");
    assert_eq!(
        code(one.sign("last_administrator").await),
        "PRV-FEDERATION-BLOCKING",
        "G1-15"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_named_and_the_other_checks_are_computed() {
    let mut settings = settings();
    settings.applications[0]
        .roles
        .retain(|role| !role.starts_with("Domain-"));
    let one = Switchable::with(settings).await;
    let seen = one.check().await;
    let find = |key: &str| seen.checks.iter().find(|check| check.key == key).unwrap();
    let lacks = find("permission");
    assert!(
        !lacks.is_green && lacks.evidence.contains("Domain-InternalFederation.ReadWrite.All"),
        "{}",
        lacks.evidence
    );
    assert!(!find("roll_back_tried").is_green, "G1-17");
    assert_eq!(code(one.sign("roll_back_tried").await), "PRV-FEDERATION-BLOCKING");
    for key in [
        "tenant_reached",
        "domain_verified",
        "domain_free",
        "last_administrator",
    ] {
        assert!(find(key).is_green, "{key}: {}", find(key).evidence);
    }
}

/// The policy about tokens is read with a permission of its own: without it this check alone is open, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn whom_the_domain_may_vouch_for_is_a_check_of_its_own() {
    let mut settings = settings();
    settings.applications[0]
        .roles
        .retain(|role| role != "Policy.Read.All");
    let one = Switchable::with(settings).await;
    let seen = one.check().await;
    let of = |seen: &Cockpit| {
        let found = seen.checks.iter().find(|check| check.key == "token_validation");
        found.unwrap().clone()
    };
    let lacks = of(&seen);
    assert!(
        lacks.is_open() && lacks.evidence.contains("Policy.Read.All"),
        "{}",
        lacks.evidence
    );
    let permission = seen
        .checks
        .iter()
        .find(|check| check.key == "permission")
        .unwrap();
    assert!(permission.is_green, "{}", permission.evidence);
    one.sign("token_validation").await.unwrap();

    let one = Switchable::new().await;
    let green = of(&one.check().await);
    assert!(
        green.is_green && green.evidence.contains("rootDomains: all"),
        "{}",
        green.evidence
    );
    let set = |root_domains, domain_names: &[&str]| {
        let domain_names = domain_names.iter().map(|name| (*name).to_owned()).collect();
        one.stage.hub.simulator.change(|settings| {
            settings.token_validation = TokenValidation {
                root_domains,
                domain_names,
            };
        });
    };
    set(RootDomains::Enumerated, &[DOMAIN]);
    assert!(of(&one.check().await).is_green);
    set(RootDomains::Enumerated, &["fabrikam.example"]);
    let other = of(&one.check().await);
    assert!(
        other.is_open() && other.evidence.contains("does not check"),
        "{}",
        other.evidence
    );
    one.sign("token_validation").await.unwrap();
    set(RootDomains::None, &[]);
    let none = of(&one.check().await);
    assert!(none.is_open(), "another word was signed off: {}", none.evidence);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_is_refused_leaves_the_domain_as_it_was() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.fault(CREATE, json!({"do": "answer", "error": "unknown_property"}));
    assert_eq!(code(one.switch(&ready.digest).await), "PRV-FEDERATION-FAILED");
    let after = one.show().await;
    assert_eq!((after.record.state, one.stands().await), (State::Managed, false));
    assert_eq!(after.acts[0].outcome, Outcome::Failed);
    assert_eq!(one.provider().await.state, Standing::Active);
    assert!(one.assign().await.is_err());
    one.stage
        .assert_told("federation.switch", "PRV-FEDERATION-FAILED")
        .await;
    // Nothing stands in the way of the next one.
    let ready = one.check().await;
    one.switch(&ready.digest).await.unwrap();
    assert!(one.stands().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_whose_answer_was_lost_is_found_by_reading() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.fault(CREATE, json!({"do": "drop", "after": true}));
    let after = one.switch(&ready.digest).await.unwrap();
    assert_eq!(after.record.state, State::Federated);
    assert!(one.stands().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_cannot_be_read_afterwards_stays_open_and_a_look_ends_it() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    let writes = one.stage.hub.simulator.counters().writes;
    one.fault(CREATE, json!({"do": "drop", "after": false}));
    assert_eq!(
        code(one.switch(&ready.digest).await),
        "PRV-FEDERATION-UNKNOWN-YET"
    );
    let during = one.show().await;
    assert_eq!(during.record.state, State::Switching);
    assert!(one.assign().await.is_err(), "not while nobody knows");
    assert_eq!(code(one.switch(&ready.digest).await), "PRV-FEDERATION-STATE");
    assert_eq!(
        code(one.probe().await),
        "PRV-FEDERATION-UNKNOWN-YET",
        "too early to tell"
    );
    one.wait(SETTLES);
    let after = one.probe().await.unwrap();
    assert_eq!(after.record.state, State::Managed);
    assert_eq!(after.acts[0].outcome, Outcome::Failed);
    assert!(
        one.stage.hub.simulator.counters().writes <= writes + 1,
        "nothing is sent twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_whose_answer_was_lost_is_found_by_reading() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.switch(&ready.digest).await.unwrap();
    one.wait(REST);
    one.fault(DELETE, json!({"do": "answer", "error": "unknown_property"}));
    assert_eq!(code(one.roll_back().await), "PRV-FEDERATION-FAILED");
    assert_eq!(one.show().await.record.state, State::Federated);
    assert!(one.assign().await.is_ok(), "people can be assigned as before");
    one.fault(DELETE, json!({"do": "drop", "after": true}));
    one.roll_back().await.unwrap();
    assert_eq!(one.show().await.record.state, State::Managed);
    assert!(!one.stands().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changes_is_told_and_never_corrected() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    one.switch(&ready.digest).await.unwrap();
    one.wait(REST);
    let path = format!("/domains/{DOMAIN}/federationConfiguration");
    let all = one.graph("GET", &path, None).await;
    let id = all["value"][0]["id"].as_str().unwrap();
    one.graph("DELETE", &format!("{path}/{id}"), None).await;
    let writes = one.stage.hub.simulator.counters().writes;
    let after = one.probe().await.unwrap();
    assert!(
        after.record.trouble.contains("managed at Microsoft"),
        "{}",
        after.record.trouble
    );
    assert_eq!(
        after.record.state,
        State::Federated,
        "what was decided here stays"
    );
    assert_eq!(
        one.stage.hub.simulator.counters().writes,
        writes,
        "nothing is written"
    );
    let workspace = one.workspace();
    let found = one.stage.hub.db.read(move |tx| {
        let asked = provost_store::problems::Asked {
            workspace,
            now: 1,
            after: None,
            kind: None,
            connection: None,
        };
        provost_store::problems::list(tx, &asked, 100)
    });
    let found = found.await.unwrap();
    assert!(
        found
            .problems
            .iter()
            .any(|one| one.code == "PRV-FEDERATION-OTHERWISE")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_is_renewed_and_goes_back_until_the_last_step() {
    let one = Switchable::new().await;
    let ready = one.ready().await;
    let first = one.switch(&ready.digest).await.unwrap().sent["signingCertificate"].clone();
    let renew = async |step| {
        one.engine
            .renew_federation(one.workspace(), NAME, step, "owner")
            .await
    };
    assert_eq!(code(renew(Renewal::Announce).await), "PRV-SIGNING-KEY-NO-NEXT");
    let second = json!(sign(&one.stage, true).await);
    let told = renew(Renewal::Announce).await.unwrap();
    assert_eq!(
        (
            &told.sent["signingCertificate"],
            &told.sent["nextSigningCertificate"]
        ),
        (&first, &second)
    );
    let swapped = renew(Renewal::Swap).await.unwrap();
    assert_eq!(swapped.sent["signingCertificate"], second);
    let back = renew(Renewal::Swap).await.unwrap();
    assert_eq!(back.sent["signingCertificate"], first, "it goes back");
    let once_more = renew(Renewal::Swap).await.unwrap();
    assert!(
        once_more.record.trouble.is_empty(),
        "{}",
        once_more.record.trouble
    );
    let done = renew(Renewal::Finish).await.unwrap();
    assert_eq!(done.sent["nextSigningCertificate"], Value::Null);
    assert!(done.record.trouble.is_empty());
    assert_eq!(
        code(renew(Renewal::Swap).await),
        "PRV-SIGNING-KEY-NO-NEXT",
        "the old key is gone"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_is_exact_and_holds_no_secret() {
    let one = Switchable::new().await;
    let way = one
        .engine
        .federation_roll_back_command(one.workspace(), NAME, URL)
        .await
        .unwrap();
    for text in [&way.shell, &way.powershell] {
        assert!(text.contains(DOMAIN) && text.contains(&way.check_word), "{text}");
        assert!(!text.contains(Settings::CONTOSO_CLIENT_SECRET));
    }
    let other = one
        .engine
        .federation_roll_back_command(one.workspace(), NAME, "https://other.contoso.example")
        .await
        .unwrap();
    assert_ne!(
        other.check_word, way.check_word,
        "another issuer is another command"
    );
}
