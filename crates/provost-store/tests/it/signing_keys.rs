//! The keys of an identity provider: made once, changed over, retired; and the list of sign-ins.

use crate::harness::{audited, both, create, entra, person, read, write};
use provost_engine::object::Kind;
use provost_store::certificate::{self, Usage};
use provost_store::federated_signin::{self, Outcome, Protocol};
use provost_store::microsoft_365::{self as m365, DomainState, Look, New, Provider};
use provost_store::problems::{self, Asked, Problem, ProblemKind};
use provost_store::secret::{self, Key};
use provost_store::signing_key::{self, Made, Slot};
use provost_store::{Db, Error, directory, migration, recycle};
use serde_json::json;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

const DAY: i64 = 86_400_000;
/// 2026-11-22, in the morning.
const NOW: i64 = 1_795_335_000_000;

/// Two keys for all of the tests: making one takes a while.
static MADE: LazyLock<[Arc<Made>; 2]> =
    LazyLock::new(|| [0, 1].map(|_| Arc::new(Made::new("contoso.example", NOW).unwrap())));

async fn provider(db: &Db, workspace: i64) -> Provider {
    write(db, move |tx| {
        let settings = json!({});
        let look = Look {
            domain: DomainState::Verified,
            tenant_id: None,
        };
        let new = New {
            id: Uuid::now_v7(),
            workspace,
            name: "Microsoft 365",
            label: "",
            link_key: "User: UDI",
            domain: "contoso.example",
            tenant_name: "contoso",
            look: &look,
            settings: &settings,
        };
        m365::create(tx, "owner", 5, &new)
    })
    .await
}

#[test]
fn a_key_has_a_certificate_that_says_whose_and_when() {
    let made = &MADE[0];
    let certificate = made.certificate();
    assert!(
        certificate
            .subject()
            .contains("Provost contoso.example 2026-11-22"),
        "{}",
        certificate.subject()
    );
    let life = certificate.ends().as_millisecond() - NOW;
    assert_eq!(life / DAY, signing_key::LIFE_DAYS);
    assert!(certificate.starts().as_millisecond() < NOW);
    assert!(!format!("{made:?}").contains("private"), "{made:?}");
    let long = Made::new(&format!("{}.example", "a".repeat(90)), NOW);
    assert!(long.is_ok(), "{long:?}");
}

/// The problems of a workspace at a time, page by page.
async fn problems_at(db: &Db, workspace: i64, now: i64, limit: usize) -> Vec<Problem> {
    let mut asked = Asked {
        workspace,
        now,
        ..Asked::default()
    };
    let mut seen = Vec::new();
    loop {
        let one = asked.clone();
        let page = read(db, move |tx| problems::list(tx, &one, limit)).await;
        seen.extend(page.problems);
        match page.next {
            Some(next) => asked.after = Some(next),
            None => return seen,
        }
    }
}

both! {
    async fn certificates_near_their_end_are_problems_that_say_what_to_do(fresh) {
        let db = &fresh.db;
        let workspace = entra(db).await.workspace;
        let p = provider(db, workspace).await;
        let sealing = Arc::new(Key::random().unwrap());
        let [one, two] = [0, 1].map(|at: usize| MADE[at].clone());
        let ends = one.certificate().ends().as_millisecond();
        assert_eq!(read(db, move |tx| certificate::of_workspace(tx, workspace)).await, []);
        let (q, key) = (p.clone(), sealing.clone());
        write(db, move |tx| {
            signing_key::ensure(tx, &key, "owner", NOW, &q, &one)?;
            signing_key::prepare_next(tx, &key, "owner", NOW, &q, &two)?;
            migration::note_check(tx, "owner", NOW, &q, "d", "compared")?;
            let pasted = [one.certificate().base64(), two.certificate().base64()];
            let window = migration::New {
                application: "a", certificates: &pasted, starts: NOW, deadline: NOW + DAY, owner: "Olga",
                contact: "it@contoso.example", digest: "d",
            };
            migration::save(tx, "owner", NOW, &q, &window)
        }).await;
        let held = read(db, move |tx| certificate::of_workspace(tx, workspace)).await;
        let seen: Vec<_> = held.iter().map(|one| (one.usage, one.number, one.provider.as_str(), one.ends)).collect();
        assert_eq!(seen, [
            (Usage::Signing, 0, "Microsoft 365", ends), (Usage::NextSigning, 0, "Microsoft 365", ends),
            (Usage::Onboarding, 0, "Microsoft 365", ends), (Usage::Onboarding, 1, "Microsoft 365", ends),
        ]);
        assert!(held.iter().all(|one| one.thumbprint.len() == 40 && one.subject.contains("contoso.example")), "{held:?}");
        assert_eq!(read(db, move |tx| certificate::of_workspace(tx, workspace + 1)).await, []);

        assert_eq!(problems_at(db, workspace, ends - 30 * DAY, 9).await, []);
        let near = problems_at(db, workspace, ends - 30 * DAY + 1, 9).await;
        assert_eq!(near.len(), 4, "{near:?}");
        assert_eq!(problems_at(db, workspace, ends - 30 * DAY + 1, 1).await, near, "two of one day, page by page");
        for one in &near {
            assert_eq!((one.kind, one.code.as_str(), one.since), (ProblemKind::CredentialExpiring, "PRV-CREDENTIAL-ENDS", ends - 30 * DAY));
        }
        let signs = "The certificate that signs the sign-ins of \"Microsoft 365\" ends on 2029-11-21. Prepare the next signing key";
        for begins in [signs, "The next signing certificate of", "The tenant's certificate in the onboarding window of"] {
            assert!(near.iter().any(|one| one.sentence.starts_with(begins)), "{begins}: {near:?}");
        }
        let over = problems_at(db, workspace, ends + 1, 9).await;
        assert!(over.len() == 4 && over.iter().all(|one| one.code == "PRV-CREDENTIAL-ENDED"), "{over:?}");
        assert_eq!(problems_at(db, workspace, ends + 30 * DAY, 9).await, [], "old ones that nobody misses are no news");

        // What is retired, or was closed, ends nothing.
        write(db, move |tx| {
            signing_key::retire(tx, "owner", NOW, &p)?;
            migration::close(tx, "owner", NOW, &p, "done")
        }).await;
        let left = read(db, move |tx| certificate::of_workspace(tx, workspace)).await;
        assert_eq!(left.iter().map(|one| one.usage).collect::<Vec<_>>(), [Usage::Signing]);
        assert_eq!(problems_at(db, workspace, ends - DAY, 9).await.len(), 1);
    }

    async fn a_key_is_made_once_changed_over_and_retired(fresh) {
        let db = &fresh.db;
        let owner = entra(db).await;
        let p = provider(db, owner.workspace).await;
        let sealing = Arc::new(Key::random().unwrap());
        let [one, two] = [0, 1].map(|at: usize| MADE[at].clone());

        // Nothing can be done before there is one.
        let q = p.clone();
        let refused = db.write(move |tx| signing_key::swap(tx, "owner", NOW, &q)).await;
        assert_eq!(refused.unwrap_err().code(), Some("PRV-SIGNING-KEY-NONE"));

        let (q, key, made, other) = (p.clone(), sealing.clone(), one.clone(), two.clone());
        let (first, again) = write(db, move |tx| {
            let first = signing_key::ensure(tx, &key, "owner", NOW, &q, &made)?;
            let again = signing_key::ensure(tx, &key, "owner", NOW + 1, &q, &other)?;
            Ok((first, again))
        }).await;
        assert_eq!(first, again, "a second one was made");
        assert_eq!((first.slot, &first.certificate), (Slot::Current, one.certificate()));

        let (q, key) = (p.key, sealing.clone());
        let signing = db.read(move |tx| signing_key::current(tx, &key, q)).await.unwrap().unwrap();
        assert!(signing.key().unwrap().bits() >= 2_048);
        assert!(!format!("{signing:?}").contains("private"), "{signing:?}");
        // Another key file opens nothing.
        let q = p.key;
        let other = Key::random().unwrap();
        let closed = db.read(move |tx| signing_key::current(tx, &other, q)).await;
        assert!(matches!(closed, Err(Error::Damaged(_))));

        let (q, key, made) = (p.clone(), sealing.clone(), two.clone());
        let (next, twice) = db.write(move |tx| {
            let next = signing_key::prepare_next(tx, &key, "owner", NOW + 2, &q, &made)?;
            let twice = signing_key::prepare_next(tx, &key, "owner", NOW + 3, &q, &made);
            Ok::<_, Error>((next, twice.unwrap_err().code()))
        }).await.unwrap();
        assert_eq!((next.slot, twice), (Slot::Next, Some("PRV-SIGNING-KEY-NEXT")));

        let q = p.clone();
        let [signs, beside] = write(db, move |tx| signing_key::swap(tx, "owner", NOW + 4, &q)).await;
        assert_eq!((signs.key, beside.key), (next.key, first.key));
        // Once more goes back, and once more again forward.
        let q = p.clone();
        let published = write(db, move |tx| {
            signing_key::swap(tx, "owner", NOW + 5, &q)?;
            signing_key::swap(tx, "owner", NOW + 6, &q)?;
            signing_key::certificates(tx, q.key)
        }).await;
        let slots: Vec<_> = published.iter().map(|kept| (kept.slot, kept.key)).collect();
        assert_eq!(slots, [(Slot::Current, next.key), (Slot::Next, first.key)]);

        let q = p.clone();
        let (retired, none, left, history, sealed) = write(db, move |tx| {
            let retired = signing_key::retire(tx, "owner", NOW + 7, &q)?;
            let none = signing_key::retire(tx, "owner", NOW + 8, &q).unwrap_err().code();
            let left = signing_key::certificates(tx, q.key)?.len();
            let history = signing_key::history(tx, q.key, 10)?;
            let sealed = secret::fields(tx, "signing_key", retired.key)?;
            Ok((retired, none, left, history, sealed))
        }).await;
        assert_eq!((retired.key, retired.slot), (first.key, Slot::Retired));
        assert_eq!((none, left, history.len()), (Some("PRV-SIGNING-KEY-NO-NEXT"), 1, 2));
        assert!(sealed.is_empty(), "the private half of a retired key is still there");

        let log = audited(db, owner.workspace, 9).await;
        for wanted in ["signing_key.make", "signing_key.prepare", "signing_key.swap", "signing_key.retire"] {
            assert!(log.iter().any(|line| line.contains(wanted)), "{wanted}: {log:?}");
        }

        // With the provider everything of its keys goes.
        let (q, signs) = (p.clone(), next.key);
        let (rows, sealed) = write(db, move |tx| {
            m365::remove(tx, "owner", NOW + 9, &q, 100)?;
            Ok((signing_key::history(tx, q.key, 10)?, secret::fields(tx, "signing_key", signs)?))
        }).await;
        assert!(rows.is_empty() && sealed.is_empty());
    }

    async fn nobody_changes_over_to_a_key_that_is_over(fresh) {
        let owner = entra(&fresh.db).await;
        let p = provider(&fresh.db, owner.workspace).await;
        let sealing = Key::random().unwrap();
        let [one, two] = [0, 1].map(|at: usize| MADE[at].clone());
        let refused = fresh.db.write(move |tx| {
            signing_key::ensure(tx, &sealing, "owner", NOW, &p, &one)?;
            signing_key::prepare_next(tx, &sealing, "owner", NOW, &p, &two)?;
            let late = NOW + (signing_key::LIFE_DAYS + 1) * DAY;
            Ok::<_, Error>(signing_key::swap(tx, "owner", late, &p))
        }).await.unwrap();
        assert_eq!(refused.unwrap_err().code(), Some("PRV-SIGNING-KEY-OVER"));
    }

    async fn sign_ins_are_listed_newest_first_and_forgotten(fresh) {
        let db = &fresh.db;
        let owner = entra(db).await;
        let p = provider(db, owner.workspace).await;
        let ann = create(db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let (q, who) = (p.clone(), ann.key);
        let (all, refused, below) = write(db, move |tx| {
            for at in 0..5 {
                let is_issued = at % 2 == 0;
                let name = format!("_{at}");
                federated_signin::note(tx, NOW + at, &federated_signin::New {
                    workspace: q.workspace,
                    provider: q.key,
                    person: is_issued.then_some(who),
                    protocol: Protocol::Saml,
                    outcome: if is_issued { Outcome::Issued } else { Outcome::Refused },
                    reason: if is_issued { "" } else { "no_passive" },
                    name: "ann@contoso.example",
                    assertion: &name,
                    method: "passkey",
                    address: "192.0.2.1",
                })?;
            }
            let all = federated_signin::page(tx, q.key, None, None, 3)?;
            let refused = federated_signin::page(tx, q.key, Some(Outcome::Refused), None, 10)?;
            let below = federated_signin::page(tx, q.key, None, all.last().map(|line| line.key), 10)?;
            Ok((all, refused, below))
        }).await;
        let ids = |lines: &[federated_signin::Line]| -> Vec<String> {
            lines.iter().map(|line| line.assertion.clone()).collect()
        };
        assert_eq!((ids(&all), ids(&refused), ids(&below)), (
            vec!["_4".to_owned(), "_3".to_owned(), "_2".to_owned()],
            vec!["_3".to_owned(), "_1".to_owned()],
            vec!["_1".to_owned(), "_0".to_owned()],
        ));
        assert_eq!((all[0].person, all[1].person), (Some(ann.id), None));
        assert_eq!(all[0].label, ann.label);

        let q = p.key;
        let (gone, left) = write(db, move |tx| {
            let gone = federated_signin::forget_old(tx, NOW + 1, 10)?;
            Ok((gone, federated_signin::page(tx, q, None, None, 10)?.len()))
        }).await;
        assert_eq!((gone, left), (2, 3));

        // Who is gone for good leaves none behind.
        let (q, gone) = (p.key, ann.clone());
        let left = write(db, move |tx| {
            directory::delete(tx, &crate::harness::change(owner, NOW), &gone)?;
            recycle::sweep(tx, NOW + 400 * DAY, 10)?;
            federated_signin::page(tx, q, Some(Outcome::Issued), None, 10)
        }).await;
        assert!(left.is_empty(), "{left:?}");
    }
}
