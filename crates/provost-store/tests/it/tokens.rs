use crate::harness::{both, provider_named, read};
use provost_scim::schema::Catalogue;
use provost_store::provider::{self, Edit, Provider, State};
use provost_store::token::{self, Accepted, Minted, Refusal};
use provost_store::{Db, Error};
use std::sync::Arc;

pub async fn mint(
    db: &Db,
    owner: &Provider,
    now: i64,
    label: &'static str,
    expires: Option<i64>,
) -> Result<Minted, Error> {
    let owner = owner.clone();
    db.write(move |tx| token::mint(tx, "test", now, &owner, label, expires))
        .await
}

pub async fn accept(db: &Db, text: &str, now: i64) -> Result<Accepted, Refusal> {
    let text = text.to_owned();
    read(db, move |tx| token::accept(tx, &text, now)).await
}

pub async fn set_state(db: &Db, owner: &Provider, state: State) {
    let owner = owner.clone();
    let edit = Edit {
        state: Some(state),
        ..Edit::default()
    };
    db.write(move |tx| provider::edit(tx, "test", 5, &owner, &edit))
        .await
        .unwrap();
}

both! {
    async fn a_token_works_until_it_expires_or_is_revoked(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let lasting = mint(db, &owner, 10, "Entra", None).await.unwrap();
        let short = mint(db, &owner, 10, "Test", Some(1_000)).await.unwrap();
        assert!(token::is_well_formed(&lasting.text));
        let accepted = accept(db, &lasting.text, 20).await.unwrap();
        assert_eq!((accepted.key, accepted.client, &accepted.provider), (lasting.key, None, &owner));
        assert!(Arc::ptr_eq(&accepted.catalogue, &Catalogue::standard()), "nothing is parsed where nothing was defined");
        assert_eq!(accept(db, &short.text, 999).await.unwrap().key, short.key);
        assert_eq!(accept(db, &short.text, 1_000).await.unwrap_err(), Refusal::Expired);
        assert_eq!(accept(db, "prv_guess", 20).await.unwrap_err(), Refusal::Unknown);
        let (p, key) = (owner.clone(), lasting.key);
        assert_eq!(db.write(move |tx| token::revoke(tx, "test", 30, &p, key)).await, Ok(true));
        assert_eq!(accept(db, &lasting.text, 31).await.unwrap_err(), Refusal::Revoked);
        let p = owner.key;
        let list = read(db, move |tx| token::of_provider(tx, p)).await;
        assert_eq!(list.iter().map(|t| t.revoked).collect::<Vec<_>>(), [Some(30), None]);
        assert_eq!((list[0].start.as_str(), list[0].actor.as_str()), (&lasting.text[..10], "test"), "told apart by its beginning");
    }

    async fn a_provider_has_two_live_tokens_at_most(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let first = mint(db, &owner, 1, "first", None).await.unwrap();
        mint(db, &owner, 2, "brief", Some(100)).await.unwrap();
        let key = first.key;
        db.write(move |tx| token::note_use(tx, key, 5)).await.unwrap();
        let refused = mint(db, &owner, 65, "third", None).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-TOKEN-TWO"));
        let text = refused.to_string();
        assert!(text.contains(&format!("the older one is \"first\" (key {key}), last used just now")), "{text}");
        // An expired one does not count, nor does a revoked one.
        mint(db, &owner, 100, "second", None).await.unwrap();
        assert_eq!(mint(db, &owner, 7_200_100, "third", None).await.unwrap_err().to_string().matches("2 hours ago").count(), 1);
        let p = owner.clone();
        db.write(move |tx| token::revoke(tx, "test", 200, &p, key)).await.unwrap();
        mint(db, &owner, 201, "third", None).await.unwrap();
        let text = mint(db, &owner, 202, "fourth", None).await.unwrap_err().to_string();
        assert!(text.contains("\"second\"") && text.contains("never used"), "{text}");
        // Another provider has its own two.
        let other = provider_named(db, "Contoso", "Okta").await;
        mint(db, &other, 203, "first", None).await.unwrap();
    }

    async fn only_a_saved_provider_is_answered(fresh) {
        let (db, owner) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await);
        let text = mint(db, &owner, 1, "first", Some(100)).await.unwrap().text;
        accept(db, &text, 2).await.unwrap();
        set_state(db, &owner, State::Off).await;
        assert_eq!(accept(db, &text, 2).await.unwrap_err(), Refusal::Off);
        // What is wrong with the token itself is said first: it stays wrong when the provider is on again.
        assert_eq!(accept(db, &text, 100).await.unwrap_err(), Refusal::Expired);
        set_state(db, &owner, State::Saved).await;
        accept(db, &text, 2).await.unwrap();
    }

    async fn a_draft_has_tokens_that_do_not_work_yet(fresh) {
        let db = &fresh.db;
        let space = provider_named(db, "Contoso", "Entra").await.workspace;
        let draft = db.write(move |tx| provider::create(tx, "test", 1, &provider::New {
            id: uuid::Uuid::now_v7(), workspace: space, name: "Okta", role: "user", team: None,
            state: State::Draft, settings: &provider::Settings::default(),
        })).await.unwrap();
        let text = mint(db, &draft, 1, "first", None).await.unwrap().text;
        assert_eq!(accept(db, &text, 2).await.unwrap_err(), Refusal::NotSaved);
        set_state(db, &draft, State::Saved).await;
        accept(db, &text, 2).await.unwrap();
    }

    async fn the_database_holds_no_usable_token(fresh) {
        let owner = provider_named(&fresh.db, "Contoso", "Entra").await;
        let minted = mint(&fresh.db, &owner, 10, "Entra", None).await.unwrap();
        let text = minted.text.clone();
        assert!(!format!("{minted:?}").contains(&text[4..]));
        if let provost_store::Location::Sqlite(path) = &fresh.location {
            for file in [path.clone(), path.with_extension("db-wal")] {
                let bytes = std::fs::read(file).unwrap_or_default();
                assert!(!bytes.windows(text.len()).any(|w| w == text.as_bytes()));
            }
        }
        assert!(!token::is_well_formed(&text.replace(&text[10..11], if &text[10..11] == "A" { "B" } else { "A" })));
    }
}
