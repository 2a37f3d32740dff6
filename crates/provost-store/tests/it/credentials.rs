//! What an administrator signs in with.

use crate::administrators::{hire, refused};
use crate::harness::{audited, both, read, write};
use provost_store::secret::{self, Key};
use provost_store::{
    Error, audit, one_time_code, passkey, password, recovery_code, signin_identity, signin_provider,
};

both! {
    async fn passkeys_are_kept_used_renamed_and_removed(fresh) {
        let db = &fresh.db;
        let (ann, bob) = (hire(db, "Ann").await.key, hire(db, "Bob").await.key);
        let add = |administrator, credential_id: &'static str| db.write(move |tx| {
            let new = passkey::New { administrator, credential_id, name: "laptop", credential: "{\"counter\":0}" };
            passkey::add(tx, "ann", 5, &new)
        });
        let made = add(ann, "id-A").await.unwrap();
        assert_eq!(add(bob, "id-A").await.unwrap_err().code(), Some("PRV-PASSKEY-KNOWN"), "one authenticator, one administrator");
        add(bob, "id-a").await.unwrap();
        let key = made.key;
        write(db, move |tx| passkey::update_after_use(tx, key, "{\"counter\":1}", 9)).await;
        let found = read(db, |tx| passkey::by_credential_id(tx, "id-A")).await.unwrap();
        assert_eq!((found.administrator, found.credential.as_str(), found.last_used, made.last_used), (ann, "{\"counter\":1}", Some(9), None));
        assert!(!write(db, move |tx| passkey::rename(tx, "bob", 9, bob, key, "mine")).await, "another's");
        assert!(!write(db, move |tx| passkey::remove(tx, "bob", 9, bob, key)).await, "another's");
        assert!(write(db, move |tx| passkey::rename(tx, "ann", 9, ann, key, "phone")).await);
        assert_eq!(read(db, move |tx| passkey::list(tx, ann)).await[0].name, "phone");
        assert!(write(db, move |tx| passkey::remove(tx, "ann", 9, ann, key)).await);
        assert_eq!(read(db, move |tx| passkey::list(tx, ann)).await, []);
        assert_eq!(audited(db, audit::INSTALLATION, 3).await, ["passkey.remove", "passkey.rename", "passkey.add"]);
        for i in 0..passkey::MOST {
            write(db, move |tx| {
                let new = passkey::New { administrator: ann, credential_id: &format!("more{i}"), name: "k", credential: "{}" };
                passkey::add(tx, "ann", 9, &new)
            }).await;
        }
        assert_eq!(add(ann, "one-too-many").await.unwrap_err().code(), Some("PRV-PASSKEY-MANY"));
    }

    async fn a_password_replaces_the_one_before(fresh) {
        let db = &fresh.db;
        let ann = hire(db, "Ann").await.key;
        assert_eq!(read(db, move |tx| password::get(tx, ann)).await, None);
        for (hash, at) in [("one", 5), ("two", 6)] {
            write(db, move |tx| password::set(tx, "ann", at, ann, hash)).await;
        }
        assert_eq!(read(db, move |tx| password::get(tx, ann)).await, Some(("two".into(), 6)));
        assert!(write(db, move |tx| password::remove(tx, "ann", 7, ann)).await);
        assert!(!write(db, move |tx| password::remove(tx, "ann", 7, ann)).await);
        assert_eq!(refused(db, |tx| password::set(tx, "ann", 7, 5, "x")).await, "PRV-ADMINISTRATOR-GONE");
        assert_eq!(audited(db, audit::INSTALLATION, 3).await, ["password.remove", "password.set", "password.set"]);
    }

    async fn a_code_is_used_once_and_an_attempt_loses_no_confirmed_codes(fresh) {
        let db = &fresh.db;
        let ann = hire(db, "Ann").await.key;
        let begin = |plain: &'static str| {
            let key = Key::open(&fresh.folder.path().join("key")).unwrap();
            db.write(move |tx| {
                one_time_code::begin(tx, 5, ann)?;
                secret::put(tx, &key, 5, &one_time_code::place(ann), plain)
            })
        };
        assert!(!write(db, move |tx| one_time_code::confirm(tx, "ann", 5, ann)).await, "nothing was begun");
        begin("first").await.unwrap();
        begin("second").await.unwrap();
        assert!(!read(db, move |tx| one_time_code::get(tx, ann)).await.unwrap().confirmed);
        assert!(write(db, move |tx| one_time_code::confirm(tx, "ann", 6, ann)).await);
        assert_eq!(begin("third").await.unwrap_err().code(), Some("PRV-CODE-ALREADY"));
        let key = Key::open(&fresh.folder.path().join("key")).unwrap();
        let kept = read(db, move |tx| secret::get(tx, &key, &one_time_code::place(ann))).await;
        assert_eq!(kept.as_deref(), Some("second"));
        let mut used = Vec::new();
        for step in [100, 100, 99, 101] {
            used.push(write(db, move |tx| one_time_code::use_step(tx, ann, step)).await);
        }
        assert_eq!(used, [true, false, false, true], "neither again nor an older one");
        assert!(write(db, move |tx| one_time_code::remove(tx, "ann", 7, ann)).await);
        let left = read(db, move |tx| Ok((one_time_code::get(tx, ann)?, secret::fields(tx, "one_time_code", ann)?.len()))).await;
        assert_eq!(left, (None, 0), "the secret goes along");
        assert!(!write(db, move |tx| one_time_code::use_step(tx, ann, 200)).await);
    }

    async fn a_recovery_code_works_once_and_new_ones_end_the_old(fresh) {
        let db = &fresh.db;
        let (ann, bob) = (hire(db, "Ann").await.key, hire(db, "Bob").await.key);
        write(db, move |tx| recovery_code::replace(tx, "ann", 5, ann, &[vec![1], vec![2], vec![3]])).await;
        assert!(!write(db, move |tx| recovery_code::use_one(tx, "bob", 6, bob, &[1])).await, "another's");
        let tries: Vec<_> = (0..8).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.write(move |tx| recovery_code::use_one(tx, "ann", 6, ann, &[1])).await })
        }).collect();
        let mut wins = 0;
        for one in tries { wins += usize::from(one.await.unwrap().unwrap()); }
        assert_eq!(wins, 1, "of eight at once");
        assert_eq!(read(db, move |tx| recovery_code::left(tx, ann)).await, 2);
        write(db, move |tx| recovery_code::replace(tx, "ann", 7, ann, &[vec![9]])).await;
        assert!(!write(db, move |tx| recovery_code::use_one(tx, "ann", 8, ann, &[2])).await);
        assert!(write(db, move |tx| recovery_code::use_one(tx, "ann", 8, ann, &[9])).await);
    }

    async fn an_identity_belongs_to_one_administrator(fresh) {
        let db = &fresh.db;
        let (ann, bob) = (hire(db, "Ann").await.key, hire(db, "Bob").await.key);
        let issuer = "https://id.contoso.example";
        let tie = |administrator, subject: &'static str| db.write(move |tx| {
            signin_identity::tie(tx, "x", 5, &signin_identity::Tie { administrator, issuer, subject, shown: "ann@contoso.example" })
        });
        tie(ann, "S1").await.unwrap();
        tie(ann, "S1").await.unwrap();
        assert_eq!(tie(bob, "S1").await.unwrap_err().code(), Some("PRV-IDENTITY-TIED"));
        tie(bob, "s1").await.unwrap();
        let find = |issuer: &'static str, subject: &'static str| read(db, move |tx| signin_identity::find(tx, issuer, subject));
        assert_eq!((find(issuer, "S1").await, find(issuer, "s1").await), (Some(ann), Some(bob)), "subjects are compared exactly");
        assert_eq!(find("https://other.contoso.example", "S1").await, None);
        write(db, move |tx| signin_identity::note_use(tx, issuer, "S1", 9)).await;
        let of = read(db, move |tx| signin_identity::of(tx, ann)).await;
        assert_eq!((of.len(), of[0].last_used, of[0].shown.as_str()), (1, Some(9), "ann@contoso.example"));
        assert!(!write(db, move |tx| signin_identity::untie(tx, "x", 9, ann, issuer, "s1")).await);
        assert!(write(db, move |tx| signin_identity::untie(tx, "x", 9, ann, issuer, "S1")).await);
    }

    async fn another_issuer_wipes_the_secret_of_the_old_one(fresh) {
        let db = &fresh.db;
        let key = Key::open(&fresh.folder.path().join("key")).unwrap();
        let made = write(db, move |tx| {
            let new = signin_provider::New { name: "Entra", issuer: "https://id.contoso.example", client_id: "c" };
            let made = signin_provider::add(tx, "x", 1, &new)?;
            secret::put(tx, &key, 1, &signin_provider::place(made.key), "the client's secret")?;
            Ok::<_, Error>(made)
        }).await;
        let provider = made.key;
        let fields = || read(db, move |tx| secret::fields(tx, "signin_provider", provider));
        let edit = |edit: signin_provider::Edit<'static>| db.write(move |tx| signin_provider::edit(tx, "x", 2, provider, edit));
        edit(signin_provider::Edit { name: Some("Entra ID"), client_id: Some("d"), ..Default::default() }).await.unwrap();
        assert_eq!(fields().await.len(), 1);
        edit(signin_provider::Edit { issuer: Some("https://elsewhere.contoso.example"), ..Default::default() }).await.unwrap();
        assert_eq!(fields().await, []);
        let second = write(db, |tx| signin_provider::add(tx, "x", 3, &signin_provider::New { name: "Okta", issuer: "i", client_id: "c" })).await;
        assert_eq!(edit(signin_provider::Edit { name: Some("Okta"), ..Default::default() }).await.unwrap_err().code(), Some("PRV-SIGNIN-PROVIDER-NAME"));
        let names: Vec<_> = read(db, signin_provider::list).await.into_iter().map(|p| p.name).collect();
        assert_eq!(names, ["Entra ID", "Okta"]);
        assert!(write(db, move |tx| signin_provider::remove(tx, "x", 4, second.key)).await);
        assert_eq!(read(db, |tx| signin_provider::by_name(tx, "Okta")).await, None);
    }
}
