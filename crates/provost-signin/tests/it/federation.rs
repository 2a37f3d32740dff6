//! The identity provider of Microsoft 365, without HTTP: who gets an assertion, once, and who gets none and why.

use crate::bench::{MINUTE, START, code, visit};
use crate::staff::Staff;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provost_signin::federation::{Addresses, Asked, Door, Federation, Step, Tried, Why};
use provost_signin::person::{Opened, SignedIn};
use provost_signin::{Error, Result};
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::federated_signin::{self, Line};
use provost_store::federation::{self as stored, Pilot};
use provost_store::identifier::{self, Facts, Place};
use provost_store::microsoft_365::{self as m365, DomainState, Look, Mode, New, Provider};
use provost_store::{Tx, audit, directory, signing_key};
use serde_json::json;
use uuid::Uuid;

const BROWSER: &str = "another cookie";
const REQUEST: &str = "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r1\" Version=\"2.0\" \
    IssueInstant=\"2027-01-15T08:00:00Z\"><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
    urn:federation:MicrosoftOnline</saml:Issuer></samlp:AuthnRequest>";
const PASSIVE: &str = "wa=wsignin1.0&wtrealm=urn%3Afederation%3AMicrosoftOnline&wctx=a%26b";

/// Ada, signed in, with an account of the tenant.
struct Scene {
    staff: Staff,
    ada: Opened,
    federation: Federation,
    provider: Provider,
    connection: Connection,
}

fn addresses(provider: &Provider) -> Addresses {
    let issuer = format!("https://hub.contoso.example/idp/{}", provider.id);
    Addresses {
        sign_in: format!("{issuer}/saml"),
        passive: format!("{issuer}/wsfed"),
        sign_out: format!("{issuer}/logout"),
        issuer,
    }
}

impl Scene {
    async fn new() -> Self {
        let staff = Staff::new().await;
        let (ada, _) = staff.with_passkey().await;
        let workspace = staff.bench.workspace;
        let write = move |tx: &mut Tx| {
            let settings = json!({});
            let look = Look {
                domain: DomainState::Verified,
                tenant_id: None,
            };
            let new = New {
                id: Uuid::now_v7(),
                workspace,
                name: "Office 365",
                label: "",
                link_key: "User: UDI",
                domain: "contoso.example",
                tenant_name: "contoso",
                look: &look,
                settings: &settings,
            };
            let provider = m365::create(tx, "owner", START, &new)?;
            let guard = json!({});
            let new = connection::New {
                id: Uuid::now_v7(),
                workspace,
                name: "Office 365",
                connector: "graph",
                settings: &settings,
                guard: &guard,
            };
            let made = connection::create(tx, "owner", START, &new)?;
            let nobody = Preferences {
                assignment: Assignment::Assigned,
                ..Preferences::default()
            };
            connection::set_preferences(tx, "owner", START, &made, &nobody)?;
            m365::set_connection(tx, "owner", START, &provider, made.key)?;
            let provider = m365::set_authentication(tx, "owner", START, &provider)?;
            Ok::<_, provost_store::Error>((provider, made))
        };
        let (provider, connection) = staff.bench.db.write(write).await.unwrap();
        let scene = Self {
            federation: staff.bench.signin.federation(),
            staff,
            ada,
            provider,
            connection,
        };
        let own = scene.staff.ada.id.to_string();
        scene.link("ada@contoso.example", &own).await;
        scene
    }

    /// Ada's account has this name and this immutable id; an account that she had before is hers no more.
    async fn link(&self, name: &str, immutable: &str) {
        let (c, ada) = (self.connection.clone(), self.staff.ada.clone());
        let facts = Facts {
            id: "a-1".to_owned(),
            name: name.to_owned(),
            label: name.to_owned(),
            immutable_id: immutable.to_owned(),
            enabled: true,
            ..Facts::default()
        };
        self.unlink().await;
        let write = move |tx: &mut Tx| {
            identifier::begin(tx, START, &c, &[])?;
            let place = Place {
                connection: &c,
                began: START,
            };
            identifier::put_accounts(tx, START, &place, std::slice::from_ref(&facts))?;
            identifier::add_people(tx, c.key, &[(ada.key, "ada".to_owned())])?;
            identifier::end(tx, START, c.key, 1, "")?;
            identifier::tie(tx, "test", START, &c, &ada, "a-1")
        };
        self.staff.bench.db.write(write).await.unwrap();
    }

    async fn unlink(&self) {
        let c = self.connection.clone();
        let write = move |tx: &mut Tx| identifier::untie(tx, "test", START, &c, "a-1");
        self.staff.bench.db.write(write).await.unwrap();
    }

    async fn door(&self) -> Option<Door> {
        let id = self.provider.id.to_string();
        self.federation.door(&id, addresses).await.unwrap()
    }

    async fn ask(&self, asked: Asked<'_>, now: i64) -> Result<String> {
        let door = self.door().await.unwrap();
        let handle = self.federation.ask(&door, asked, BROWSER, &visit(), now).await?;
        Ok(handle.unwrap())
    }

    /// A request by POST.
    async fn asked(&self, request: &str, now: i64) -> String {
        let message = STANDARD.encode(request);
        self.ask(Asked::Post(&message, Some("state")), now).await.unwrap()
    }

    async fn go_on(&self, handle: &str, who: Option<&SignedIn>, now: i64) -> Result<Step> {
        let door = self.door().await.unwrap();
        self.federation
            .go_on(&door, handle, BROWSER, who, &visit(), now)
            .await
    }

    /// What Ada's session leads to.
    async fn step(&self, request: &str, now: i64) -> Step {
        let handle = self.asked(request, now).await;
        self.go_on(&handle, Some(&self.ada.signed), now).await.unwrap()
    }

    async fn lines(&self) -> Vec<Line> {
        let key = self.provider.key;
        let read = move |tx: &mut Tx| federated_signin::page(tx, key, None, None, 100);
        self.staff.bench.db.read(read).await.unwrap()
    }

    async fn refuses(&self, why: Why, now: i64) {
        let step = self.step(REQUEST, now).await;
        assert!(
            matches!(&step, Step::Refused(found) if *found == why),
            "{why:?}: {step:?}"
        );
        let line = self.lines().await.remove(0);
        assert_eq!(
            (line.outcome.as_str(), line.reason.as_str()),
            ("refused", why.as_str())
        );
        assert!(line.assertion.is_empty());
    }
}

/// The response, and the fields of the form.
fn carried(step: &Step) -> (String, Vec<(&'static str, String)>) {
    let Step::Answer(answer) = step else {
        panic!("{step:?}")
    };
    assert_eq!(answer.to, "https://login.microsoftonline.com/login.srf");
    assert!(!format!("{answer:?}").contains("SAML"));
    let fields = answer.fields.clone();
    let text = fields
        .iter()
        .find_map(|(name, value)| match *name {
            "SAMLResponse" => Some(String::from_utf8(STANDARD.decode(value).unwrap()).unwrap()),
            "wresult" => Some(value.clone()),
            _ => None,
        })
        .unwrap();
    (text, fields)
}

#[tokio::test]
async fn who_is_signed_in_gets_an_assertion_once_in_one_browser() {
    let scene = Scene::new().await;
    let handle = scene.asked(REQUEST, START).await;
    let who = Some(&scene.ada.signed);
    let door = scene.door().await.unwrap();
    let elsewhere = scene
        .federation
        .go_on(&door, &handle, "a third cookie", who, &visit(), START)
        .await;
    assert!(matches!(elsewhere, Err(Error::Expired)));
    let late = scene.go_on(&handle, who, START + 11 * MINUTE).await;
    assert!(matches!(late, Err(Error::Expired)));
    let (text, fields) = carried(&scene.go_on(&handle, who, START + 1).await.unwrap());
    for wanted in [
        format!(">{}</saml:NameID>", scene.staff.ada.id),
        "InResponseTo=\"_r1\"".to_owned(),
        ">ada@contoso.example</saml:AttributeValue>".to_owned(),
        "http://schemas.microsoft.com/claims/multipleauthn".to_owned(),
    ] {
        assert!(text.contains(&wanted), "{wanted}: {text}");
    }
    assert_eq!(fields[1], ("RelayState", "state".to_owned()));
    let again = scene.go_on(&handle, who, START + 2).await;
    assert!(matches!(again, Err(Error::Expired)), "a request works once");
    let lines = scene.lines().await;
    assert_eq!(lines.len(), 1);
    assert!(text.contains(&format!("ID=\"{}\"", lines[0].assertion)));
    let workspace = scene.provider.workspace;
    let read = move |tx: &mut Tx| audit::latest(tx, workspace, 5);
    let log = scene.staff.bench.db.read(read).await.unwrap();
    let row = log.iter().find(|row| row.action == "federation.issue").unwrap();
    assert!(
        row.detail.contains(&lines[0].assertion) && row.detail.contains("urn:federation:MicrosoftOnline")
    );
    assert_eq!(row.actor, "person ada@contoso.example");
}

#[tokio::test]
async fn ws_federation_is_answered_with_a_token_of_saml_1_1() {
    let scene = Scene::new().await;
    let handle = scene.ask(Asked::Passive(PASSIVE), START).await.unwrap();
    let step = scene
        .go_on(&handle, Some(&scene.ada.signed), START)
        .await
        .unwrap();
    let (text, fields) = carried(&step);
    assert!(text.contains("urn:oasis:names:tc:SAML:1.0:assertion"), "{text}");
    assert_eq!(fields[0], ("wa", "wsignin1.0".to_owned()));
    assert_eq!(fields[2], ("wctx", "a&b".to_owned()));
    // Half an hour later a proof of at most ten minutes is asked for.
    let now = START + 30 * MINUTE;
    let asked = format!("{PASSIVE}&wfresh=10");
    let handle = scene.ask(Asked::Passive(&asked), now).await.unwrap();
    let step = scene.go_on(&handle, Some(&scene.ada.signed), now).await.unwrap();
    assert!(matches!(step, Step::SignIn { again: true }), "{step:?}");
}

#[tokio::test]
async fn without_a_session_or_a_fresh_one_the_way_leads_to_the_sign_in() {
    let scene = Scene::new().await;
    let handle = scene.asked(REQUEST, START).await;
    let step = scene.go_on(&handle, None, START).await.unwrap();
    assert!(matches!(step, Step::SignIn { again: false }), "{step:?}");
    let forced = REQUEST.replace("ID=", "ForceAuthn=\"true\" ID=");
    let step = scene.step(&forced, START + MINUTE).await;
    assert!(matches!(step, Step::SignIn { again: true }), "{step:?}");
    let silent = REQUEST.replace("ID=", "IsPassive=\"true\" ID=");
    let handle = scene.asked(&silent, START).await;
    let (text, _) = carried(&scene.go_on(&handle, None, START).await.unwrap());
    assert!(
        text.contains("status:NoPassive") && !text.contains("<saml:Assertion"),
        "{text}"
    );
}

#[tokio::test]
async fn what_cannot_be_answered_says_only_that() {
    let scene = Scene::new().await;
    let foreign = REQUEST.replace(
        "ID=",
        "AssertionConsumerServiceURL=\"https://elsewhere.example/\" ID=",
    );
    let stranger = REQUEST.replace("urn:federation:MicrosoftOnline", "urn:somebody");
    for bad in [foreign.as_str(), &stranger, "<!DOCTYPE a><a/>", "nothing"] {
        let message = STANDARD.encode(bad);
        let refused = scene.ask(Asked::Post(&message, None), START).await;
        assert_eq!(code(refused), "PRV-FEDERATION-REQUEST", "{bad}");
    }
    let bomb = scene
        .ask(
            Asked::Redirect("SAMLRequest=7cEBDQAAAMKg909tDjegAAAAAAAAAAAAAADg"),
            START,
        )
        .await;
    assert_eq!(code(bomb), "PRV-FEDERATION-REQUEST");
    let realm = scene
        .ask(Asked::Passive("wa=wsignin1.0&wtrealm=urn:other"), START)
        .await;
    assert_eq!(code(realm), "PRV-FEDERATION-REQUEST");
    let lines = scene.lines().await;
    assert!(
        lines.len() == 6
            && lines
                .iter()
                .all(|line| line.reason.starts_with("request:PRV-SAML-")),
        "{lines:?}"
    );
    // Strangers do not fill the log.
    for _ in 0..20 {
        let _ = scene.ask(Asked::Passive("wa=x"), START).await;
    }
    assert!(matches!(
        scene.ask(Asked::Passive("wa=x"), START).await,
        Err(Error::Wait { .. })
    ));
    assert!(scene.lines().await.len() <= 20);
}

#[tokio::test]
async fn nobody_gets_an_assertion_whom_the_link_the_directory_or_the_key_does_not_carry() {
    let scene = Scene::new().await;
    let own = scene.staff.ada.id.to_string();
    scene.unlink().await;
    scene.refuses(Why::NotLinked, START).await;
    scene.link("ada@contoso.example", "somebody-elses").await;
    scene.refuses(Why::ImmutableId, START).await;
    scene.link("ada@contoso.example", "").await;
    scene.refuses(Why::NoImmutableId, START).await;
    for elsewhere in ["ada@contoso.onmicrosoft.com", "ada@notcontoso.example"] {
        scene.link(elsewhere, &own).await;
        scene.refuses(Why::Domain, START).await;
    }
    scene.link("ada@corp.contoso.example", &own).await;
    carried(&scene.step(REQUEST, START).await);

    // Blocked between the request and the answer: the session alone is not enough.
    let handle = scene.asked(REQUEST, START).await;
    let ada = scene.staff.ada.clone();
    let block = move |tx: &mut Tx| directory::block(tx, "test", START, &ada, "gone").map(drop);
    scene.staff.bench.db.write(block).await.unwrap();
    let step = scene
        .go_on(&handle, Some(&scene.ada.signed), START)
        .await
        .unwrap();
    assert!(matches!(step, Step::Refused(Why::Blocked)), "{step:?}");

    // Nobody signs in through a provider that does without, or is gone.
    let key = scene.provider.key;
    let found = move |tx: &mut Tx| m365::by_key(tx, key);
    let provider = scene.staff.bench.db.read(found).await.unwrap().unwrap();
    let mode =
        move |tx: &mut Tx| m365::set_mode(tx, "owner", START, &provider, Mode::ProvisioningOnly, "a trial");
    scene.staff.bench.db.write(mode).await.unwrap();
    assert!(scene.door().await.is_none());
}

#[tokio::test]
async fn a_key_that_is_over_or_retired_signs_nothing() {
    let scene = Scene::new().await;
    let (first, _) = carried(&scene.step(REQUEST, START).await);
    let provider = scene.provider.clone();
    let key = provider.key;
    let read = move |tx: &mut Tx| signing_key::certificates(tx, key);
    let kept = scene.staff.bench.db.read(read).await.unwrap();
    assert!(
        kept.len() == 1 && first.contains(&kept[0].certificate.base64()),
        "the first need made one"
    );
    // A session lasts twelve hours; the moment after the certificate's end is tried with one that began there.
    let late = kept[0].expires() + 1;
    let mut device = crate::authenticator::Authenticator::new(crate::bench::ORIGIN);
    let link = scene.staff.link(&scene.staff.ada, late).await.unwrap();
    let opened = scene.staff.enrol(&link, &mut device, late).await.unwrap();
    let handle = scene.asked(REQUEST, late).await;
    let step = scene.go_on(&handle, Some(&opened.signed), late).await.unwrap();
    assert!(matches!(step, Step::Refused(Why::KeyOver)), "{step:?}");
}

#[tokio::test]
async fn the_documents_carry_the_certificates_and_stay_the_same() {
    let scene = Scene::new().await;
    let door = scene.door().await.unwrap();
    let federation = &scene.federation;
    let text = federation.metadata(&door, START).await.unwrap();
    assert_eq!(text, federation.metadata(&door, START + 1).await.unwrap());
    assert!(
        text.contains(&format!("entityID=\"{}\"", door.addresses.issuer)),
        "{text}"
    );
    let passive = federation.passive_metadata(&door, START).await.unwrap();
    assert!(passive.contains(&door.addresses.passive), "{passive}");
    let exchange = federation.exchange(&door).unwrap();
    assert!(exchange.contains("WS-Trust is not offered"), "{exchange}");
    for nobody in ["none", &Uuid::nil().to_string()] {
        assert!(federation.door(nobody, addresses).await.unwrap().is_none());
    }
}

impl Scene {
    async fn try_out(&self, now: i64) -> Tried {
        let door = self.door().await.unwrap();
        let visit = visit();
        let tried = self.federation.try_out(&door, &self.ada.signed, &visit, now);
        tried.await.unwrap()
    }

    async fn pilots(&self) -> Vec<Pilot> {
        let id = self.provider.id;
        let read = move |tx: &mut Tx| {
            let provider = m365::by_id(tx, id)?.unwrap();
            stored::pilots(tx, &provider, 10)
        };
        self.staff.bench.db.read(read).await.unwrap()
    }

    async fn audited(&self, action: &str) -> usize {
        let workspace = self.provider.workspace;
        let read = move |tx: &mut Tx| audit::latest(tx, workspace, 50);
        let log = self.staff.bench.db.read(read).await.unwrap();
        log.iter().filter(|row| row.action == action).count()
    }
}

/// What Microsoft 365 would get is verified by what is published, kept, and sent nowhere.
#[tokio::test]
async fn a_trial_proves_the_assertion_that_microsoft_would_get() {
    let scene = Scene::new().await;
    let mine = scene.federation.trials(&scene.ada.signed).await.unwrap();
    assert_eq!(mine, [(scene.provider.id, "contoso.example".to_owned())]);
    let Tried::Proved(proof) = scene.try_out(START).await else {
        panic!("it is not proved");
    };
    let own = scene.staff.ada.id.to_string();
    assert_eq!(
        (proof.immutable_id.as_str(), proof.name.as_str(), proof.two_factor),
        (own.as_str(), "ada@contoso.example", true)
    );
    assert_eq!(proof.issuer, addresses(&scene.provider).issuer);
    assert_eq!(proof.audience, "urn:federation:MicrosoftOnline");
    let key = scene.provider.key;
    let kept = scene
        .staff
        .bench
        .db
        .read(move |tx| signing_key::certificates(tx, key));
    assert_eq!(kept.await.unwrap()[0].certificate.sha256(), proof.certificate);
    assert!(scene.lines().await.is_empty(), "nothing was issued");

    let pilots = scene.pilots().await;
    assert_eq!(pilots.len(), 1);
    let (one, trial) = (&pilots[0], &pilots[0].trial);
    assert!(one.is_open);
    assert_eq!((&one.name, &one.immutable_id), (&trial.name, &trial.immutable_id));
    assert_eq!(
        (trial.at, &trial.assertion, &trial.certificate),
        (START, &proof.assertion, &proof.certificate)
    );
    assert_eq!(scene.audited("federation.trial").await, 1);

    // Another one takes its place, and what the account says later stands beside what was proved.
    assert!(matches!(scene.try_out(START + MINUTE).await, Tried::Proved(_)));
    scene.link("ada.new@contoso.example", &own).await;
    let pilots = scene.pilots().await;
    assert_eq!((pilots.len(), pilots[0].trial.at), (1, START + MINUTE));
    assert_eq!(pilots[0].trial.name, "ada@contoso.example");
    assert_eq!(pilots[0].name, "ada.new@contoso.example");
    scene.unlink().await;
    assert_eq!(scene.pilots().await[0].name, "");
}

#[tokio::test]
async fn a_trial_stands_on_the_same_ground_as_a_sign_in() {
    let scene = Scene::new().await;
    scene.link("ada@contoso.example", "somebody-else").await;
    assert_eq!(scene.try_out(START).await, Tried::Refused(Why::ImmutableId));
    scene
        .link("ada@fabrikam.example", &scene.staff.ada.id.to_string())
        .await;
    assert_eq!(scene.try_out(START).await, Tried::Refused(Why::Domain));
    scene.unlink().await;
    assert_eq!(scene.try_out(START).await, Tried::Refused(Why::NotLinked));
    assert!(
        scene
            .federation
            .trials(&scene.ada.signed)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(scene.pilots().await.is_empty());
    assert_eq!(scene.audited("federation.trial.refused").await, 3);
}
