//! PostgreSQL connections that end in the middle of the work.

use crate::harness::{both, create, entra, person};
use provost_engine::object::Kind;
use provost_store::{Db, Error, Location, change_log};

/// A database handle whose connections can be told from all others on the server.
async fn named(fresh: &provost_testkit::Fresh, name: &str) -> Option<(Db, String)> {
    let Location::Postgres(url) = &fresh.location else {
        return None;
    };
    let joint = if url.contains('?') { '&' } else { '?' };
    let location = Location::Postgres(format!("{url}{joint}application_name={name}"));
    let db = tokio::task::spawn_blocking(move || Db::open(&location, 1).unwrap())
        .await
        .unwrap();
    Some((db, url.clone()))
}

/// Ends every connection of this name, as a restart of the server or a failover would.
fn cut(url: &str, name: &str) -> i64 {
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
    client.query_one(sql, &[&name]).unwrap().get(0)
}

both! {
    async fn connections_that_were_cut_are_opened_anew(fresh) {
        let Some((db, url)) = named(fresh, "cut_between").await else { return };
        let owner = entra(&db).await;
        create(&db, owner, Kind::Person, person("ann@contoso.example")).await.unwrap();
        let ended = tokio::task::spawn_blocking(move || cut(&url, "cut_between")).await.unwrap();
        assert_eq!(ended, 2, "the writer and one reader");
        create(&db, owner, Kind::Person, person("bob@contoso.example")).await.unwrap();
        let workspace = owner.workspace;
        let people = db.read(move |tx| provost_store::directory::count(tx, workspace, Kind::Person)).await;
        assert_eq!(people, Ok(2));
        tokio::task::spawn_blocking(move || db.close()).await.unwrap();
    }

    async fn a_closure_whose_connection_is_cut_is_run_again(fresh) {
        let Some((db, url)) = named(fresh, "cut_within").await else { return };
        let owner = entra(&db).await;
        let mut runs = 0;
        let made = db.write(move |tx| {
            runs += 1;
            if runs == 1 {
                // Off this thread: the driver's own runtime is busy with this connection.
                let url = url.clone();
                let cutter = std::thread::Builder::new().name("cutter".into());
                cutter.spawn(move || cut(&url, "cut_within")).unwrap().join().unwrap();
            }
            let change = crate::harness::change(owner, 1);
            crate::harness::put(tx, &change, Kind::Person, &person("ann@contoso.example"))?;
            Ok::<_, Error>(runs)
        }).await;
        assert_eq!(made, Ok(2), "once for nothing, once for good");
        let log = db.read(move |tx| change_log::since(tx, owner.workspace, 0, 10)).await.unwrap();
        assert_eq!(log.len(), 1);
        tokio::task::spawn_blocking(move || db.close()).await.unwrap();
    }
}
