//! The migration before the simulator: its configuration, decisions and end, with the guards G1-1 to G1-5, G1-8 and G1-11
//! to G1-13.

use super::{NAME, Stage, code, confirmed, faults};
use m365_sim::{Application, Saml, Settings};
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::microsoft_365::Provider;
use provost_store::migration::{self, Conflict, Seen, Standing, State};
use provost_store::{Tx, audit};
use provost_sync::migration::{MigrationChecked, MigrationDraft};
use provost_sync::setup::Confirm;
use provost_sync::{Error, Result};
use serde_json::json;

const APPLICATION: &str = "5c1d2e3f-0a1b-4c2d-8e3f-4a5b6c7d8e9f";
pub(super) const DAY: i64 = 86_400_000;
const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn text(at: i64) -> String {
    provost_sync::migration::moment_text(at)
}

/// A provider that may provision, in a tenant with an application for the migration.
pub(super) async fn ready() -> (Stage, MigrationDraft) {
    let mut settings = Settings::contoso();
    let mut application = Application::new(APPLICATION, "none", &[]);
    application.saml = Some(Saml::new("https://hub/m", "https://hub/a", now() - DAY));
    settings.applications.push(application);
    let certificate =
        settings.applications.last().unwrap().saml.as_ref().unwrap().keys[0].certificate_base64();
    let stage = Stage::with(settings).await;
    stage.add().await;
    stage.provision().await;
    let draft = MigrationDraft {
        application: APPLICATION.to_owned(),
        certificates: vec![certificate.into_bytes()],
        starts: text(now() - DAY),
        deadline: text(now() + 30 * DAY),
        owner: "Olga".to_owned(),
        contact: "it@contoso.example".to_owned(),
    };
    (stage, draft)
}

pub(super) async fn validate(stage: &Stage, draft: &MigrationDraft) -> MigrationChecked {
    let engine = &stage.hub.engine;
    engine
        .check_migration(stage.workspace(), NAME, draft, "owner")
        .await
        .unwrap()
}

pub(super) async fn save(stage: &Stage, draft: &MigrationDraft) -> Result<migration::Migration> {
    stage
        .hub
        .engine
        .save_migration(stage.workspace(), NAME, draft, "owner")
        .await
}

/// The fields at fault with their codes, of a draft that must not be green.
async fn wrong(stage: &Stage, draft: &MigrationDraft) -> Vec<(&'static str, String)> {
    let found = validate(stage, draft).await;
    assert!(!found.green);
    found
        .lines
        .into_iter()
        .filter(|line| !line.ok)
        .map(|line| (line.field, line.code))
        .collect()
}

async fn everything_said(stage: &Stage) -> String {
    let workspace = stage.workspace();
    let rows = stage
        .hub
        .db
        .read(move |tx| audit::latest(tx, workspace, 200))
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| format!("{} {}\n", row.action, row.detail))
        .collect()
}

#[tokio::test]
async fn a_green_check_is_saved_exactly_as_it_was() {
    let (stage, draft) = ready().await;
    assert_eq!(
        code(save(&stage, &draft).await),
        "PRV-MIGRATION-UNCHECKED",
        "G1-4"
    );
    let found = validate(&stage, &draft).await;
    assert!(found.green, "{found:?}");
    assert!(
        found.compared.contains(&found.certificates[0].sha1),
        "{}",
        found.compared
    );
    assert_eq!(found.certificates[0].sha256.len(), 64);
    let other = MigrationDraft {
        owner: "Otto".to_owned(),
        ..draft.clone()
    };
    assert_eq!(
        code(save(&stage, &other).await),
        "PRV-MIGRATION-UNCHECKED",
        "G1-4"
    );
    save(&stage, &draft).await.unwrap();
    let state = stage.hub.engine.migration(stage.workspace(), NAME).await.unwrap();
    assert_eq!(state.state, State::Open);
    assert!(
        everything_said(&stage)
            .await
            .contains("migration.save.refused PRV-MIGRATION-UNCHECKED")
    );
}

#[tokio::test]
async fn g1_1_g1_2_and_g1_3_what_cannot_be_is_named_and_a_private_key_is_nowhere() {
    let (stage, draft) = ready().await;
    let with = |change: &dyn Fn(&mut MigrationDraft)| {
        let mut other = draft.clone();
        change(&mut other);
        other
    };
    let window = |field: &'static str| vec![(field, "PRV-MIGRATION-WINDOW".to_owned())];
    let certificate = vec![("certificate", "PRV-MIGRATION-CERTIFICATE".to_owned())];
    let application = vec![("application", "PRV-MIGRATION-APPLICATION".to_owned())];
    for field in ["starts", "deadline", "owner", "contact"] {
        let other = with(&|one| {
            let place = match field {
                "starts" => &mut one.starts,
                "deadline" => &mut one.deadline,
                "owner" => &mut one.owner,
                _ => &mut one.contact,
            };
            place.clear();
        });
        let found = wrong(&stage, &other).await;
        assert!(found.contains(&window(field)[0]), "{field}: {found:?}");
        assert!(
            faults(save(&stage, &other).await).contains(&window(field)[0]),
            "G1-1 {field}"
        );
    }
    let own = with(&|one| one.application = Settings::CONTOSO_CLIENT_ID.to_uppercase());
    assert_eq!(wrong(&stage, &own).await, application, "G1-2");
    assert_eq!(faults(save(&stage, &own).await), application, "G1-2");
    let none = with(&|one| one.application = "contoso".to_owned());
    assert_eq!(wrong(&stage, &none).await, application);

    let key = with(&|one| one.certificates = vec![PRIVATE.as_bytes().to_vec()]);
    assert_eq!(wrong(&stage, &key).await, certificate, "G1-3");
    assert!(!everything_said(&stage).await.contains("MIIB"));
    let empty = with(&|one| one.certificates = vec![b" \n".to_vec()]);
    assert_eq!(wrong(&stage, &empty).await, certificate);
    let three = with(&|one| one.certificates = vec![one.certificates[0].clone(); 3]);
    assert_eq!(wrong(&stage, &three).await, certificate);
    let short = with(&|one| one.deadline = text(now() + 4 * 365 * DAY));
    assert_eq!(
        wrong(&stage, &short).await,
        certificate,
        "it ends before the deadline"
    );

    let foreign = Saml::new("https://hub/m", "https://hub/a", now() - DAY).keys[0].certificate_base64();
    let other = with(&|one| one.certificates = vec![foreign.clone().into_bytes()]);
    let metadata = |field| vec![(field, "PRV-MIGRATION-METADATA".to_owned())];
    assert_eq!(
        wrong(&stage, &other).await,
        metadata("certificate"),
        "another application's"
    );
    let unknown = with(&|one| one.application = "00000000-0000-4000-8000-000000000001".to_owned());
    assert_eq!(wrong(&stage, &unknown).await, metadata("application"));
    let state = stage.hub.engine.migration(stage.workspace(), NAME).await.unwrap();
    assert_eq!(state.state, State::Draft);
}

#[tokio::test]
async fn g1_5_an_open_migration_is_the_only_one_and_its_deadline_moves_with_a_reason() {
    let (stage, draft) = ready().await;
    validate(&stage, &draft).await;
    let first = save(&stage, &draft).await.unwrap();
    let later = MigrationDraft {
        starts: text(now() - 2 * DAY),
        ..draft.clone()
    };
    assert!(validate(&stage, &later).await.green);
    assert_eq!(code(save(&stage, &later).await), "PRV-MIGRATION-OPEN");
    let (engine, workspace) = (&stage.hub.engine, stage.workspace());
    let to = |deadline: String, reason: &'static str| async move {
        engine
            .move_migration_deadline(workspace, NAME, &deadline, reason, "owner")
            .await
    };
    let soon = text(now() + 40 * DAY);
    let moved = to(soon.clone(), "  ").await;
    assert_eq!(code(moved), "PRV-MIGRATION-REASON");
    let far = to(text(now() + 4 * 365 * DAY), "Holidays").await;
    assert_eq!(
        faults(far),
        [("certificate", "PRV-MIGRATION-CERTIFICATE".to_owned())]
    );
    let back = to(text(now() - DAY), "Holidays").await;
    assert_eq!(faults(back), [("deadline", "PRV-MIGRATION-WINDOW".to_owned())]);
    let moved = to(soon, "Holidays").await.unwrap();
    assert!(moved.deadline > first.deadline);
}

/// Somebody signed in, as the sign-in notes it.
pub(super) async fn came(stage: &Stage, account: &str, person: i64, standing: Standing, conflict: Conflict) {
    let (provider, account): (Provider, _) = (stage.provider().await, account.to_owned());
    let write = move |tx: &mut Tx| {
        let seen = Seen {
            account: &account,
            name: "ada@contoso.example",
            label: "Ada",
            typed: "",
            person,
            standing,
            conflict,
        };
        migration::note(tx, now(), &provider, &seen)
    };
    stage.hub.db.write(write).await.unwrap();
}

async fn object(stage: &Stage, name: &str) -> Object {
    let (workspace, name) = (stage.workspace(), name.to_owned());
    let read = move |tx: &mut Tx| directory::holder(tx, workspace, Kind::Person, &name);
    stage.hub.db.read(read).await.unwrap().expect("a person")
}

fn plant(stage: &Stage, name: &str) -> String {
    let user = json!({
        "userPrincipalName": format!("{name}@contoso.example"), "displayName": name, "mailNickname": name,
        "accountEnabled": true, "userType": "Member",
    });
    stage.hub.simulator.plant_user(user).unwrap()
}

#[tokio::test]
async fn people_are_approved_merged_and_denied_and_the_migration_closes_when_nobody_is_left() {
    let (stage, draft) = ready().await;
    validate(&stage, &draft).await;
    save(&stage, &draft).await.unwrap();
    let (engine, workspace) = (&stage.hub.engine, stage.workspace());
    let planted = ["ada", "bob", "cyd"].map(|name| plant(&stage, name));
    let [ada, bob, cyd] = [0, 1, 2].map(|at| planted[at].as_str());
    for name in ["ada", "bob"] {
        stage
            .hub
            .person(name, json!({"userName": format!("{name}@contoso.example")}))
            .await;
    }
    engine.read_identifiers(workspace, NAME, "owner").await.unwrap();
    let one = object(&stage, "ada@contoso.example").await;
    let two = object(&stage, "bob@contoso.example").await;
    came(&stage, ada, one.key, Standing::Pending, Conflict::None).await;
    came(&stage, bob, 0, Standing::Mismatched, Conflict::Stranger).await;
    came(&stage, cyd, 0, Standing::Mismatched, Conflict::Stranger).await;

    let early = engine
        .close_migration(workspace, NAME, &Confirm::default(), "owner")
        .await;
    let Err(Error::Refused {
        code: left, sentence, ..
    }) = early
    else {
        panic!("G1-11: it was closed")
    };
    assert_eq!(left, "PRV-MIGRATION-LEFT");
    assert!(
        sentence.contains("ada@contoso.example (pending") && sentence.contains("mismatched"),
        "{sentence}"
    );

    let bare = engine.approve_onboarding(workspace, NAME, bob, "owner").await;
    assert_eq!(code(bare), "PRV-ONBOARDING-STATE");
    engine
        .approve_onboarding(workspace, NAME, ada, "owner")
        .await
        .unwrap();
    let asked = engine
        .merge_onboarding(workspace, NAME, bob, two.id, &Confirm::default(), "owner")
        .await;
    let Err(Error::Confirm { list, .. }) = asked else {
        panic!("G1-8: both sides were not shown")
    };
    assert!(
        list[0].starts_with("Account: ") && list[1].starts_with("Person: "),
        "{list:?}"
    );
    confirmed(|confirm| async move {
        engine
            .merge_onboarding(workspace, NAME, bob, two.id, &confirm, "owner")
            .await
    })
    .await
    .unwrap();
    let bare = engine.deny_onboarding(workspace, NAME, cyd, " ", "owner").await;
    assert_eq!(code(bare), "PRV-MIGRATION-REASON");
    engine
        .deny_onboarding(workspace, NAME, cyd, "A stranger", "owner")
        .await
        .unwrap();

    // They sign in once more.
    let counts = engine.migration(workspace, NAME).await.unwrap().counts;
    assert_eq!(counts.approved, 2);
    for (account, person) in [(ada, one.key), (bob, two.key)] {
        came(&stage, account, person, Standing::Onboarded, Conflict::None).await;
    }
    // Whoever else the hub has is exempt by name.
    loop {
        let (provider, connection) = (stage.provider().await.key, stage.connection().await.key);
        let read = move |tx: &mut Tx| migration::left(tx, provider, connection, None, 100);
        let people = stage.hub.db.read(read).await.unwrap().people;
        if people.is_empty() {
            break;
        }
        let ids: Vec<_> = people.iter().map(|one| one.id).collect();
        engine
            .exempt_identifiers(workspace, NAME, (&[], &ids), ("A robot", "Olga"), "owner")
            .await
            .unwrap();
    }
    let found = engine.migration(workspace, NAME).await.unwrap();
    let counts = found.counts;
    assert_eq!(
        counts.people,
        counts.onboarded + counts.not_onboarded + counts.unlinked + counts.exempt
    );
    assert_eq!((counts.onboarded, counts.open()), (2, 0), "{counts:?}");
    let undone: Vec<_> = found
        .checklist
        .iter()
        .filter(|line| !line.done)
        .map(|line| line.key)
        .collect();
    assert_eq!(undone, ["closed"], "G1-13");

    let untyped =
        confirmed(|confirm| async move { engine.close_migration(workspace, NAME, &confirm, "owner").await })
            .await;
    assert_eq!(code(untyped), "PRV-MIGRATION-TYPED", "G1-12");
    let typed = |confirm: Confirm| Confirm {
        typed: Some(NAME.to_owned()),
        ..confirm
    };
    let closed = confirmed(|confirm| async move {
        engine
            .close_migration(workspace, NAME, &typed(confirm), "owner")
            .await
    })
    .await
    .unwrap();
    assert!(closed.application.is_empty() && closed.certificates.is_empty());
    let provider = stage.provider().await.key;
    assert!(
        stage
            .hub
            .db
            .read(move |tx| migration::is_closed(tx, provider))
            .await
            .unwrap()
    );
    assert_eq!(
        code(save(&stage, &draft).await),
        "PRV-MIGRATION-CLOSED",
        "it cannot be undone"
    );
    let archive = engine.migration_archive(workspace, NAME, "owner").await.unwrap();
    assert!(archive.document.contains(APPLICATION) && archive.document.contains("A stranger"));
    assert_eq!(archive.expires - archive.made, 30 * DAY);
    let found = engine.migration(workspace, NAME).await.unwrap();
    assert!(
        found.checklist.iter().all(|line| line.done),
        "{:?}",
        found.checklist
    );
}
