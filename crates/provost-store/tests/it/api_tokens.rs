use crate::harness::{audited, both, entra, read, write};
use provost_store::api_token::{self, Accepted, Scope};
use provost_store::token::{self, Refusal};
use provost_store::{Db, Location};

async fn accept(db: &Db, text: &str, now: i64) -> Result<Accepted, Refusal> {
    let text = text.to_owned();
    read(db, move |tx| api_token::accept(tx, &text, now)).await
}

both! {
    async fn a_token_works_until_it_expires_or_is_revoked(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let lasting = write(db, move |tx| api_token::create(tx, "owner", 10, space, "monitor", Scope::Read, None)).await;
        let short = write(db, move |tx| api_token::create(tx, "owner", 10, space, "deploy", Scope::Configure, Some(1_000))).await;
        assert!(lasting.text.starts_with(api_token::PREFIX) && api_token::is_well_formed(&lasting.text));
        assert!(!token::is_well_formed(&lasting.text), "no provider's token");
        let found = accept(db, &lasting.text, 20).await.unwrap();
        assert_eq!(found, Accepted { key: lasting.key, workspace: space, label: "monitor".into(), scope: Scope::Read, administrator: None });
        assert_eq!(accept(db, &short.text, 999).await.unwrap().scope, Scope::Configure);
        assert_eq!(accept(db, &short.text, 1_000).await.unwrap_err(), Refusal::Expired);
        assert_eq!(accept(db, "prv_api_guess", 20).await.unwrap_err(), Refusal::Unknown);
        let key = lasting.key;
        write(db, move |tx| {
            api_token::note_use(tx, key, 100)?;
            api_token::note_use(tx, key, 200)
        }).await;
        assert!(!write(db, move |tx| api_token::revoke(tx, "owner", 30, space + 1, key)).await, "another workspace's");
        assert!(write(db, move |tx| api_token::revoke(tx, "owner", 30, space, key)).await);
        assert!(!write(db, move |tx| api_token::revoke(tx, "owner", 31, space, key)).await);
        assert_eq!(accept(db, &lasting.text, 31).await.unwrap_err(), Refusal::Revoked);
        let list = read(db, move |tx| api_token::list(tx, space, 0, 9)).await;
        assert_eq!(list.iter().map(|t| (t.token.last_used, t.token.revoked, t.scope)).collect::<Vec<_>>(),
            [(Some(100), Some(30), Scope::Read), (None, None, Scope::Configure)], "the last use is kept to the minute");
        assert_eq!(read(db, move |tx| api_token::list(tx, space, key, 9)).await.len(), 1);
        assert_eq!(audited(db, space, 3).await, ["api_token.revoke", "api_token.create", "api_token.create"]);
    }

    async fn the_database_holds_no_usable_token(fresh) {
        let (db, space) = (&fresh.db, entra(&fresh.db).await.workspace);
        let made = write(db, move |tx| api_token::create(tx, "owner", 10, space, "monitor", Scope::Read, None)).await;
        assert!(!format!("{made:?}").contains(&made.text[8..]));
        if let Location::Sqlite(path) = &fresh.location {
            for file in [path.clone(), path.with_extension("db-wal")] {
                let bytes = std::fs::read(file).unwrap_or_default();
                assert!(!bytes.windows(made.text.len()).any(|w| w == made.text.as_bytes()));
            }
        }
    }
}

#[test]
fn each_scope_includes_the_one_before() {
    for (at, scope) in Scope::ALL.iter().enumerate() {
        for (needs, needed) in Scope::ALL.iter().enumerate() {
            assert_eq!(scope.allows(*needed), at >= needs, "{scope} {needed}");
        }
    }
}
