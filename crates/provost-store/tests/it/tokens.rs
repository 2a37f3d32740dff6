use crate::harness::{both, provider_named, read};
use provost_store::token::{self, Refusal};

both! {
    async fn a_token_works_until_it_expires_or_is_revoked(fresh) {
        let owner = provider_named(&fresh.db, "Contoso", "Entra").await;
        let p = owner.clone();
        let (lasting, short) = fresh.db.write(move |tx| Ok::<_, provost_store::Error>((
            token::mint(tx, "test", 10, &p, "Entra", None)?,
            token::mint(tx, "test", 10, &p, "Test", Some(1_000))?,
        ))).await.unwrap();
        assert!(token::is_well_formed(&lasting.text));
        let accept = |text: &str, now| { let (db, text) = (fresh.db.clone(), text.to_owned()); async move { read(&db, move |tx| token::accept(tx, &text, now)).await } };
        assert_eq!(accept(&lasting.text, 20).await.unwrap().provider, owner);
        assert_eq!(accept(&short.text, 999).await.unwrap().key, short.key);
        assert_eq!(accept(&short.text, 1_000).await, Err(Refusal::Expired));
        assert_eq!(accept("prv_guess", 20).await, Err(Refusal::Unknown));
        let (p, key) = (owner.clone(), lasting.key);
        assert_eq!(fresh.db.write(move |tx| token::revoke(tx, "test", 30, &p, key)).await, Ok(true));
        assert_eq!(accept(&lasting.text, 31).await, Err(Refusal::Revoked));
        let p = owner.key;
        let list = read(&fresh.db, move |tx| token::of_provider(tx, p)).await;
        assert_eq!(list.iter().map(|t| t.revoked).collect::<Vec<_>>(), [Some(30), None]);
    }

    async fn the_database_holds_no_usable_token(fresh) {
        let owner = provider_named(&fresh.db, "Contoso", "Entra").await;
        let text = fresh.db.write(move |tx| token::mint(tx, "test", 10, &owner, "Entra", None)).await.unwrap().text;
        if let provost_store::Location::Sqlite(path) = &fresh.location {
            for file in [path.clone(), path.with_extension("db-wal")] {
                let bytes = std::fs::read(file).unwrap_or_default();
                assert!(!bytes.windows(text.len()).any(|w| w == text.as_bytes()));
            }
        }
        assert!(!token::is_well_formed(&text.replace(&text[10..11], if &text[10..11] == "A" { "B" } else { "A" })));
    }
}
