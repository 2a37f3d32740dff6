use crate::harness::{both, provider_named, read};
use crate::tokens::{accept, mint, set_state};
use provost_store::client::{self, AccessToken, Minted};
use provost_store::provider::{Provider, State};
use provost_store::token::{self, Refusal};
use provost_store::{Db, Error, retention};

async fn create(db: &Db, owner: &Provider, expires: Option<i64>) -> Result<Minted, Error> {
    let owner = owner.clone();
    db.write(move |tx| client::create(tx, "owner", 10, &owner, "HR", expires))
        .await
}

async fn exchange(db: &Db, id: &str, secret: &str, now: i64) -> Result<AccessToken, Refusal> {
    let (id, secret) = (id.to_owned(), secret.to_owned());
    db.write(move |tx| client::exchange(tx, &id, &secret, now))
        .await
        .unwrap()
}

async fn revoke(db: &Db, owner: &Provider, key: i64) -> bool {
    let owner = owner.clone();
    db.write(move |tx| client::revoke(tx, "owner", 50, &owner, key))
        .await
        .unwrap()
}

both! {
    async fn a_client_gets_tokens_of_an_hour(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let made = create(db, &owner, None).await.unwrap();
        assert!(made.id.starts_with("prc_") && made.secret.starts_with("prs_"));
        let got = exchange(db, &made.id, &made.secret, 1_000).await.unwrap();
        assert_eq!(got.seconds, 3_600);
        let accepted = accept(db, &got.text, 2_000).await.unwrap();
        assert_eq!((accepted.client, &accepted.provider), (Some(made.key), &owner));
        assert_eq!(accept(db, &got.text, 3_601_000).await.unwrap_err(), Refusal::Expired);
        // It counts neither among the two tokens, nor in their list.
        mint(db, &owner, 1, "first", None).await.unwrap();
        mint(db, &owner, 1, "second", None).await.unwrap();
        let key = owner.key;
        assert_eq!(read(db, move |tx| token::of_provider(tx, key)).await.len(), 2);
        let list = read(db, move |tx| client::of_provider(tx, key)).await;
        assert_eq!((list.len(), list[0].last_used, list[0].label.as_str()), (1, Some(1_000), "HR"));
    }

    async fn a_wrong_secret_looks_like_an_unknown_client(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let (one, other) = (create(db, &owner, None).await.unwrap(), create(db, &owner, None).await.unwrap());
        assert_eq!(exchange(db, &one.id, &other.secret, 20).await.unwrap_err(), Refusal::Unknown);
        assert_eq!(exchange(db, "prc_nobody", &one.secret, 20).await.unwrap_err(), Refusal::Unknown);
        assert!(revoke(db, &owner, one.key).await && !revoke(db, &owner, one.key).await);
        // What became of it is told only to who knows the secret.
        assert_eq!(exchange(db, &one.id, "prs_guess", 60).await.unwrap_err(), Refusal::Unknown);
        assert_eq!(exchange(db, &one.id, &one.secret, 60).await.unwrap_err(), Refusal::Revoked);
        let (id, secret) = (other.id.clone(), other.secret.clone());
        read(db, move |tx| client::check(tx, &id, &secret, 60)).await.unwrap();
    }

    async fn revoking_a_client_ends_its_tokens(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let (gone, stays) = (create(db, &owner, None).await.unwrap(), create(db, &owner, None).await.unwrap());
        let ended = exchange(db, &gone.id, &gone.secret, 20).await.unwrap();
        let lives = exchange(db, &stays.id, &stays.secret, 20).await.unwrap();
        // Another provider cannot revoke it.
        let other = provider_named(db, "Contoso", "Okta").await;
        assert!(!revoke(db, &other, gone.key).await);
        accept(db, &ended.text, 30).await.unwrap();
        assert!(revoke(db, &owner, gone.key).await);
        assert_eq!(accept(db, &ended.text, 60).await.unwrap_err(), Refusal::Revoked);
        accept(db, &lives.text, 60).await.unwrap();
    }

    async fn a_client_ends_with_its_time_and_rests_with_its_provider(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let made = create(db, &owner, Some(100_000)).await.unwrap();
        assert_eq!(exchange(db, &made.id, &made.secret, 40_000).await.unwrap().seconds, 60, "no longer than the client");
        assert_eq!(exchange(db, &made.id, &made.secret, 100_000).await.unwrap_err(), Refusal::Expired);
        set_state(db, &owner, State::Off).await;
        assert_eq!(exchange(db, &made.id, &made.secret, 50_000).await.unwrap_err(), Refusal::Off);
    }

    async fn tokens_of_a_client_are_bounded_and_swept(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let made = create(db, &owner, None).await.unwrap();
        let first = exchange(db, &made.id, &made.secret, 20).await.unwrap();
        let mut last = None;
        for _ in 0..100 {
            last = Some(exchange(db, &made.id, &made.secret, 20).await.unwrap());
        }
        assert_eq!(accept(db, &first.text, 30).await.unwrap_err(), Refusal::Unknown, "the oldest made room");
        accept(db, &last.unwrap().text, 30).await.unwrap();
        let lasting = mint(db, &owner, 1, "first", Some(40)).await.unwrap();
        let day_later = 20 + 3_600_000 + 86_400_000;
        let swept = |now, limit| db.write(move |tx| retention::sweep(tx, now, limit));
        assert_eq!(swept(day_later, 1_000).await.unwrap().tokens, 0);
        assert_eq!(swept(day_later + 1, 60).await.unwrap().tokens, 60);
        assert_eq!(swept(day_later + 1, 60).await.unwrap().tokens, 40);
        // What an administrator made stays in the list, also when it has expired.
        assert_eq!(accept(db, &lasting.text, 50).await.unwrap_err(), Refusal::Expired);
    }

    async fn a_provider_has_ten_live_clients_at_most(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let mut keys = Vec::new();
        for _ in 0..10 {
            keys.push(create(db, &owner, None).await.unwrap().key);
        }
        assert_eq!(create(db, &owner, None).await.unwrap_err().code(), Some("PRV-CLIENT-MANY"));
        assert!(revoke(db, &owner, keys[0]).await);
        let made = create(db, &owner, None).await.unwrap();
        assert!(!format!("{made:?}").contains(&made.secret));
    }
}
