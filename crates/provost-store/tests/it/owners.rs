//! The last owner, from every side, also when two come at once.

use crate::administrators::{hire, hire_owner, refused};
use crate::harness::{both, entra, read, write};
use provost_store::administrator::{self, Role};
use provost_store::one_time_link::{self, Purpose};
use provost_store::signin_provider::{self, Edit};
use provost_store::{Db, Error, Tx, passkey, password, signin_identity};

const LAST: &str = "PRV-OWNER-LAST";
const ISSUER: &str = "https://id.contoso.example";

/// Takes the role, the access or the person of an owner away; numbered, so that a test can go through all.
fn lose(tx: &mut Tx, way: usize, key: i64) -> Result<(), Error> {
    match way {
        0 => administrator::block(tx, "x", 9, key).map(drop),
        1 => administrator::remove(tx, "x", 9, key),
        2 => administrator::revoke(tx, "x", 9, key, None).map(drop),
        3 => administrator::grant(tx, "x", 9, key, None, Role::Auditor),
        _ => password::remove(tx, "x", 9, key).map(drop),
    }
}

both! {
    async fn the_last_owner_cannot_be_lost(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let ann = hire_owner(db, "Ann").await.key;
        let bob = hire(db, "Bob").await.key;
        // The owner of one workspace, and an owner of all who has no way to sign in, are no help.
        write(db, move |tx| {
            administrator::grant(tx, "x", 2, bob, Some(space), Role::Owner)?;
            password::set(tx, "x", 2, bob, "$argon2id$")
        }).await;
        let cat = hire(db, "Cat").await.key;
        write(db, move |tx| administrator::grant(tx, "x", 2, cat, None, Role::Owner)).await;
        let dan = hire_owner(db, "Dan").await.key;
        write(db, move |tx| administrator::block(tx, "x", 2, dan)).await;
        assert_eq!(read(db, administrator::owners).await, 2, "Ann and Cat; Dan is blocked");
        for way in 0..5 {
            assert_eq!(refused(db, move |tx| lose(tx, way, ann)).await, LAST, "{way}");
        }
        let still = read(db, move |tx| Ok((administrator::role_in(tx, ann, space)?, password::get(tx, ann)?.is_some()))).await;
        assert_eq!(still, (Some(Role::Owner), true));
        // A blocked owner counts for nothing, and may go. So may one who cannot come in, while Ann can.
        write(db, move |tx| administrator::remove(tx, "x", 9, dan)).await;
        write(db, move |tx| administrator::revoke(tx, "x", 9, cat, None)).await;
        // An open link is a way in; a used or expired one is none.
        write(db, move |tx| administrator::grant(tx, "x", 9, cat, None, Role::Owner)).await;
        write(db, move |tx| one_time_link::make(tx, "x", 9, b"old", Purpose::Enrol, Some(cat), 9)).await;
        assert_eq!(refused(db, move |tx| lose(tx, 0, ann)).await, LAST);
        write(db, move |tx| one_time_link::make(tx, "x", 9, b"new", Purpose::Enrol, Some(cat), 99)).await;
        write(db, move |tx| lose(tx, 0, ann)).await;
        assert_eq!(refused(db, move |tx| lose(tx, 1, cat)).await, LAST);
    }

    async fn the_last_way_in_of_the_last_owner_stays(fresh) {
        let db = &fresh.db;
        let ann = hire(db, "Ann").await.key;
        let (pass, provider) = write(db, move |tx| {
            administrator::grant(tx, "x", 1, ann, None, Role::Owner)?;
            let new = passkey::New { administrator: ann, credential_id: "id1", name: "key", credential: "{}" };
            let pass = passkey::add(tx, "x", 1, &new)?.key;
            let new = signin_provider::New { name: "Entra", issuer: ISSUER, client_id: "c" };
            let provider = signin_provider::add(tx, "x", 1, &new)?.key;
            let tie = signin_identity::Tie { administrator: ann, issuer: ISSUER, subject: "1", shown: "Ann" };
            signin_identity::tie(tx, "x", 1, &tie)?;
            Ok::<_, Error>((pass, provider))
        }).await;
        assert!(write(db, move |tx| passkey::remove(tx, "x", 2, ann, pass)).await, "the provider is left");
        assert_eq!(refused(db, move |tx| signin_identity::untie(tx, "x", 3, ann, ISSUER, "1")).await, LAST);
        assert_eq!(refused(db, move |tx| signin_provider::remove(tx, "x", 3, provider)).await, LAST);
        let off = Edit { enabled: Some(false), ..Edit::default() };
        assert_eq!(refused(db, move |tx| signin_provider::edit(tx, "x", 3, provider, off)).await, LAST);
        let moved = Edit { issuer: Some("https://other.contoso.example"), ..Edit::default() };
        assert_eq!(refused(db, move |tx| signin_provider::edit(tx, "x", 3, provider, moved)).await, LAST);
        write(db, move |tx| password::set(tx, "x", 4, ann, "$argon2id$")).await;
        assert!(!write(db, move |tx| signin_provider::edit(tx, "x", 4, provider, off)).await.enabled);
        assert_eq!(refused(db, move |tx| password::remove(tx, "x", 5, ann)).await, LAST, "a provider that is off is no way in");
    }

    async fn of_two_owners_who_end_each_other_one_remains(fresh) {
        let location = fresh.location.clone();
        let other = tokio::task::spawn_blocking(move || Db::open(&location, 1).unwrap()).await.unwrap();
        let nodes = [fresh.db.clone(), other];
        let mut survivor = hire_owner(&nodes[0], "Ann").await.key;
        for round in 0..20 {
            let rival = hire_owner(&nodes[0], &format!("Rival{round}")).await.key;
            // Each through a node of its own, at the same time.
            let ends = [(0, survivor), (1, rival)].map(|(node, key)| {
                let db = nodes[node].clone();
                tokio::spawn(async move { db.write(move |tx| lose(tx, round % 5, key)).await })
            });
            let mut results = Vec::new();
            for end in ends { results.push(end.await.unwrap()); }
            let refusals: Vec<_> = results.iter().filter_map(|r| r.as_ref().err()).map(|e| e.code()).collect();
            assert_eq!(refusals, [Some(LAST)], "round {round}");
            let lost = if results[0].is_ok() { survivor } else { rival };
            survivor = if results[0].is_ok() { rival } else { survivor };
            write(&nodes[1], move |tx| match administrator::by_key(tx, lost)? {
                Some(_) => administrator::remove(tx, "x", 9, lost),
                None => Ok(()),
            }).await;
            assert_eq!(read(&nodes[0], administrator::owners).await, 1);
        }
        let [_, other] = nodes;
        tokio::task::spawn_blocking(move || other.close()).await.unwrap();
    }
}
