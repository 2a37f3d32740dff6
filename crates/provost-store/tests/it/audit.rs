use crate::harness::{both, create, entra, person, read};
use provost_engine::object::Kind;
use provost_store::audit::{self, Progress, Step, Verdict};
use provost_store::{Db, Location};

async fn verify(db: &Db, workspace: i64) -> Verdict {
    let mut progress = Progress::default();
    loop {
        let from = progress.clone();
        match read(db, move |tx| audit::verify_next(tx, workspace, &from)).await {
            Step::Further(next) => progress = next,
            Step::Done(verdict) => return verdict,
        }
    }
}

/// Changes a row behind the store's back, as somebody with the database's password could.
async fn tamper(location: &Location, sql: &'static str) {
    let location = location.clone();
    tokio::task::spawn_blocking(move || match location {
        Location::Sqlite(path) => rusqlite::Connection::open(path)
            .unwrap()
            .execute_batch(sql)
            .unwrap(),
        Location::Postgres(url) => postgres::Client::connect(&url, postgres::NoTls)
            .unwrap()
            .batch_execute(sql)
            .unwrap(),
    })
    .await
    .unwrap();
}

both! {
    async fn an_untouched_log_is_intact(fresh) {
        let owner = entra(&fresh.db).await;
        for i in 0..20 {
            create(&fresh.db, owner, Kind::Person, person(&format!("user{i}@contoso.example"))).await.unwrap();
        }
        assert!(matches!(verify(&fresh.db, owner.workspace).await, Verdict::Intact { rows: 22, .. }));
    }

    async fn an_edited_row_breaks_the_chain_where_it_stands(fresh) {
        let owner = entra(&fresh.db).await;
        for i in 0..5 {
            create(&fresh.db, owner, Kind::Person, person(&format!("user{i}@contoso.example"))).await.unwrap();
        }
        tamper(&fresh.location, "UPDATE audit_log SET actor = 'nobody' WHERE position = 4").await;
        assert!(matches!(verify(&fresh.db, owner.workspace).await, Verdict::Broken { position: 4, .. }));
    }

    async fn a_missing_row_and_a_cut_end_are_found(fresh) {
        let owner = entra(&fresh.db).await;
        for i in 0..5 {
            create(&fresh.db, owner, Kind::Person, person(&format!("user{i}@contoso.example"))).await.unwrap();
        }
        tamper(&fresh.location, "DELETE FROM audit_log WHERE position = 7").await;
        assert!(matches!(verify(&fresh.db, owner.workspace).await, Verdict::Broken { position: 7, .. }));
        tamper(&fresh.location, "DELETE FROM audit_log WHERE position = 3").await;
        assert!(matches!(verify(&fresh.db, owner.workspace).await, Verdict::Broken { position: 3, .. }));
    }
}
