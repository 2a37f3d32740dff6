//! Two people who are one: what was noted when the one who goes signed in is about the one who stays.

use crate::harness::{both, create, entra, person, write};
use provost_engine::object::Kind;
use provost_store::application::entry::{self, Entry};
use provost_store::directory::{Object, Owner};
use provost_store::federated_signin::{self, Outcome, Protocol};
use provost_store::federation::{self, Trial};
use provost_store::microsoft_365::{self as m365, DomainState, Look, New, Provider};
use provost_store::migration::{self, Conflict, Seen, Standing};
use provost_store::person_signin::Person;
use provost_store::{Db, Error, Tx, identifier};
use serde_json::json;
use uuid::Uuid;

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
        m365::create(tx, "owner", 1, &new)
    })
    .await
}

/// Everything that a sign-in of somebody leaves, with `mark` in it.
fn signs_in(tx: &mut Tx, p: &Provider, who: &Object, mark: &str, standing: Standing) -> Result<i64, Error> {
    let name = format!("{mark}@contoso.example");
    let seen = Seen {
        account: mark,
        name: &name,
        label: mark,
        typed: "",
        person: who.key,
        standing,
        conflict: Conflict::None,
    };
    migration::note(tx, 2, p, &seen)?;
    federated_signin::note(
        tx,
        3,
        &federated_signin::New {
            workspace: p.workspace,
            provider: p.key,
            person: Some(who.key),
            protocol: Protocol::Saml,
            outcome: Outcome::Issued,
            reason: "",
            name: &name,
            assertion: mark,
            method: "passkey",
            address: "192.0.2.1",
        },
    )?;
    trial(tx, p, who, mark)?;
    let person = Person {
        key: who.key,
        id: who.id,
        workspace: p.workspace,
        label: who.label.clone(),
        user_name: name,
    };
    let new = Entry {
        key: 0,
        workspace: p.workspace,
        connection: 7,
        person: who.key,
        session: 9,
        subject: mark.into(),
        sid: mark.into(),
        scope: "openid".into(),
        proved: 1,
        two_factor: true,
        created: 1,
        last_used: 1,
        expires: 99,
        ended: None,
        why: String::new(),
    };
    Ok(entry::open(tx, 4, &person, "Wiki", new)?.key)
}

fn trial(tx: &mut Tx, p: &Provider, who: &Object, mark: &str) -> Result<(), Error> {
    let trial = Trial {
        at: 5,
        name: format!("{mark}@contoso.example"),
        immutable_id: mark.into(),
        issuer: "https://hub.contoso.example".into(),
        certificate: "c".into(),
        two_factor: true,
        assertion: mark.into(),
    };
    federation::put_trial(tx, p, (who.key, "person", who.id), &trial)
}

both! {
    async fn what_a_sign_in_left_goes_over_with_the_person(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let own = Owner { workspace: owner.workspace, key: owner.workspace };
        let p = provider(db, owner.workspace).await;
        let stays = create(db, own, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let goes = create(db, own, Kind::Person, person("ann.b@contoso.example")).await.unwrap();
        let other = create(db, own, Kind::Person, person("bob@contoso.example")).await.unwrap();
        let (q, a, b, c) = (p.clone(), stays.clone(), goes.clone(), other.clone());
        let key = write(db, move |tx| {
            signs_in(tx, &q, &c, "c", Standing::Pending)?;
            signs_in(tx, &q, &a, "a", Standing::Pending)?;
            let key = signs_in(tx, &q, &b, "b", Standing::Onboarded)?;
            identifier::merge(tx, "owner", 9, &a, &b)?;
            Ok(key)
        }).await;
        let (q, a, b) = (p.clone(), stays.clone(), goes.clone());
        let (mine, theirs, listed, pilots, entries, gone) = write(db, move |tx| {
            let standing = |tx: &mut Tx, key| {
                let found = migration::of_person(tx, q.key, key)?;
                Ok::<Vec<_>, Error>(found.into_iter().map(|one| (one.account, one.standing)).collect())
            };
            Ok((
                standing(tx, a.key)?,
                standing(tx, b.key)?,
                federated_signin::page(tx, q.key, None, None, 10)?,
                federation::pilots(tx, &q, 10)?,
                entry::of_person(tx, a.key)?,
                entry::of_person(tx, b.key)?,
            ))
        }).await;
        let wanted = [("a".to_owned(), Standing::Pending), ("b".to_owned(), Standing::Onboarded)];
        assert_eq!((mine.as_slice(), theirs.as_slice()), (wanted.as_slice(), [].as_slice()), "both accounts, each as it was");
        let whose: Vec<_> = listed.iter().map(|one| (one.assertion.as_str(), one.person)).collect();
        assert_eq!(whose, [("b", Some(stays.id)), ("a", Some(stays.id)), ("c", Some(other.id))]);
        let mut tried: Vec<_> = pilots.iter().map(|one| (one.trial.assertion.as_str(), one.person)).collect();
        tried.sort();
        assert_eq!(tried, [("a", Some(stays.id)), ("c", Some(other.id))], "who stays keeps their own trial");
        let came = entries.iter().find(|one| one.key == key).unwrap();
        assert_eq!((entries.len(), gone.len()), (2, 0));
        assert_eq!((came.ended, came.why.as_str()), (Some(9), "closed"), "nothing goes on under the other's name");
        assert!(entries.iter().any(|one| one.ended.is_none()), "their own sign-in goes on");
    }

    async fn a_trial_goes_over_to_who_has_none(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let own = Owner { workspace: owner.workspace, key: owner.workspace };
        let p = provider(db, owner.workspace).await;
        let stays = create(db, own, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let goes = create(db, own, Kind::Person, person("ann.b@contoso.example")).await.unwrap();
        let (id, q) = (stays.id, p);
        let pilots = write(db, move |tx| {
            trial(tx, &q, &goes, "b")?;
            identifier::merge(tx, "owner", 9, &stays, &goes)?;
            federation::pilots(tx, &q, 10)
        }).await;
        assert_eq!(pilots.iter().map(|one| one.person).collect::<Vec<_>>(), [Some(id)]);
    }
}
