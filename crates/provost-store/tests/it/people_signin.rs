use crate::harness::{both, change, create, entra, person, read, write};
use provost_engine::object::Kind;
use provost_store::directory::{self, Object};
use provost_store::person_signin::{self, Closed, Person, account, ceremony, grant, passkey, session};
use provost_store::provider::{self, Edit, State};
use provost_store::{Db, recycle, retention};

const DAY: i64 = 86_400_000;

async fn ada(db: &Db) -> (Object, Person) {
    let owner = entra(db).await;
    let object = create(db, owner, Kind::Person, person("ada@contoso.example"))
        .await
        .unwrap();
    let key = object.key;
    let (found, closed) = read(db, move |tx| person_signin::standing(tx, key))
        .await
        .unwrap();
    assert_eq!(closed, None);
    assert_eq!(found.actor(), "person ada@contoso.example");
    (object, found)
}

fn visit(person: i64) -> session::New<'static> {
    session::New {
        person,
        method: session::Method::Passkey,
        csrf: "c",
        expires: 1_000,
        address: "127.0.0.1",
        agent: "a browser",
    }
}

async fn signed_in(db: &Db, person: i64, hash: &'static [u8]) -> i64 {
    write(db, move |tx| session::open(tx, 10, hash, &visit(person)))
        .await
        .0
        .key
}

both! {
    async fn a_session_is_found_used_and_ended(fresh) {
        let db = &fresh.db;
        let (_, ada) = ada(db).await;
        let key = signed_in(db, ada.key, b"one").await;
        let (found, whose, chosen) = read(db, |tx| session::find(tx, b"one")).await.unwrap();
        assert_eq!((found.key, found.fresh, whose.id, chosen.last_signin), (key, 10, ada.id, Some(10)));
        assert_eq!(read(db, |tx| session::find(tx, b"two")).await, None);
        write(db, move |tx| session::touch(tx, key, 20)).await;
        assert_eq!(read(db, move |tx| session::by_key(tx, key)).await.unwrap().0.seen, 20);
        signed_in(db, ada.key, b"two").await;
        let whose = ada.clone();
        assert_eq!(write(db, move |tx| session::end_all_of(tx, "x", 30, &whose, Some(key))).await, 1);
        assert_eq!(read(db, move |tx| session::list(tx, ada.key)).await.len(), 1);
        let whose = ada.clone();
        assert!(write(db, move |tx| session::end(tx, "x", 40, &whose, key)).await);
        let whose = ada.clone();
        assert!(!write(db, move |tx| session::end(tx, "x", 40, &whose, key)).await);
    }

    async fn who_is_closed_has_no_session_and_no_link(fresh) {
        let db = &fresh.db;
        let (object, ada) = ada(db).await;
        let owner = object.owned_by();
        let begin = async |link: &'static [u8]| {
            signed_in(db, object.key, b"cookie").await;
            let ada = ada.clone();
            write(db, move |tx| grant::make(tx, "x", 10, link, &ada, 1_000)).await;
        };
        let is_out = async |why: Option<Closed>| {
            let key = object.key;
            let standing = read(db, move |tx| person_signin::standing(tx, key)).await;
            assert_eq!(standing.map(|(_, closed)| closed), why.map(Some));
            assert_eq!(read(db, move |tx| session::list(tx, key)).await, []);
            assert!(read(db, |tx| session::find(tx, b"cookie")).await.is_none());
            let links = read(db, move |tx| grant::list(tx, key)).await;
            assert!(links.iter().all(|one| !one.is_live(11)), "{links:?}");
            let refused = db.write(move |tx| session::open(tx, 12, b"again", &visit(key))).await;
            assert_eq!(refused.err().and_then(|error| error.code()), Some("PRV-PERSON-CLOSED"));
        };
        begin(b"1").await;
        let blocked = object.clone();
        let blocked = write(db, move |tx| directory::block(tx, "x", 11, &blocked, "")).await;
        is_out(Some(Closed::Blocked)).await;
        let current = write(db, move |tx| directory::unblock(tx, "x", 11, &blocked)).await;
        begin(b"2").await;
        let mut off = person("ada@contoso.example");
        off.insert("active".to_owned(), false.into());
        let current = write(db, move |tx| directory::replace(tx, &change(owner, 11), &current, &off)).await.unwrap();
        is_out(Some(Closed::Inactive)).await;
        let on = person("ada@contoso.example");
        let current = write(db, move |tx| directory::replace(tx, &change(owner, 11), &current, &on)).await.unwrap();
        begin(b"3").await;
        let switch = async |state| {
            let key = owner.key;
            write(db, move |tx| {
                let provider = provider::by_key(tx, key)?.unwrap();
                provider::edit(tx, "x", 11, &provider, &Edit { state: Some(state), ..Edit::default() })
            }).await;
        };
        switch(State::Off).await;
        is_out(Some(Closed::ProviderOff)).await;
        switch(State::Saved).await;
        begin(b"4").await;
        write(db, move |tx| directory::delete(tx, &change(owner, 11), &current)).await;
        is_out(None).await;
    }

    async fn who_is_purged_has_nothing_left(fresh) {
        let db = &fresh.db;
        let (object, ada) = ada(db).await;
        let (owner, key) = (object.owned_by(), object.key);
        let whose = ada.clone();
        write(db, move |tx| {
            let new = passkey::New { credential_id: "id", name: "Key", credential: "{}" };
            passkey::add(tx, 10, &whose, &new)?;
            account::choose(tx, 10, &whose, "de", "")?;
            grant::make(tx, "x", 10, b"link", &whose, 1_000)
        }).await;
        let again = ada.clone();
        let known = db.write(move |tx| {
            let new = passkey::New { credential_id: "id", name: "Key", credential: "{}" };
            passkey::add(tx, 10, &again, &new)
        }).await;
        assert_eq!(known.err().and_then(|error| error.code()), Some("PRV-PASSKEY-KNOWN"));
        write(db, move |tx| directory::delete(tx, &change(owner, 11), &object)).await;
        assert_eq!(read(db, move |tx| passkey::list(tx, key)).await.len(), 1, "the bin keeps it");
        write(db, move |tx| recycle::purge(tx, "x", 12, key)).await;
        assert_eq!(read(db, move |tx| passkey::list(tx, key)).await, []);
        assert_eq!(read(db, move |tx| grant::list(tx, key)).await, []);
        assert_eq!(read(db, move |tx| account::get(tx, key)).await, account::Account::default());
    }

    async fn a_link_and_a_ceremony_work_once(fresh) {
        let db = &fresh.db;
        let (_, ada) = ada(db).await;
        let (whose, workspace) = (ada.clone(), ada.workspace);
        let made = write(db, move |tx| grant::make(tx, "x", 10, b"link", &whose, 1_000)).await;
        assert_eq!(read(db, move |tx| grant::find(tx, workspace, b"link")).await.as_ref(), Some(&made));
        assert_eq!(read(db, move |tx| grant::find(tx, workspace + 1, b"link")).await, None);
        let (first, second) = (ada.clone(), ada.clone());
        assert!(!write(db, { let ada = ada.clone(); move |tx| grant::use_up(tx, 1_000, &ada, made.key) }).await, "it has expired");
        assert!(write(db, move |tx| grant::use_up(tx, 20, &first, made.key)).await);
        assert!(!write(db, move |tx| grant::use_up(tx, 21, &second, made.key)).await);
        write(db, move |tx| {
            let new = ceremony::New { kind: "signin", workspace, person: None, browser: b"browser", state: "{}", expires: 100 };
            ceremony::begin(tx, 10, b"name", &new)
        }).await;
        for (kind, at, browser, now, is) in [
            ("enrol", workspace, b"browser", 20, false), ("signin", workspace + 1, b"browser", 20, false),
            ("signin", workspace, b"another", 20, false), ("signin", workspace, b"browser", 100, false),
            ("signin", workspace, b"browser", 99, true), ("signin", workspace, b"browser", 99, false),
        ] {
            let taken = write(db, move |tx| {
                let wanted = ceremony::Wanted { kind, workspace: at, browser };
                ceremony::take(tx, b"name", wanted, now)
            }).await;
            assert_eq!(taken.is_some(), is, "{kind} {at} {now}");
        }
    }

    async fn what_ended_is_forgotten_and_links_a_month_later(fresh) {
        let db = &fresh.db;
        let (_, ada) = ada(db).await;
        signed_in(db, ada.key, b"cookie").await;
        let (whose, workspace) = (ada.clone(), ada.workspace);
        write(db, move |tx| {
            let new = ceremony::New { kind: "signin", workspace, person: None, browser: b"b", state: "", expires: 100 };
            ceremony::begin(tx, 10, b"name", &new)?;
            grant::make(tx, "x", 10, b"link", &whose, 1_000)
        }).await;
        assert_eq!(write(db, |tx| retention::sweep(tx, 99, 10)).await.signins, 0);
        assert_eq!(write(db, |tx| retention::sweep(tx, 1_000, 10)).await.signins, 2);
        assert_eq!(write(db, |tx| retention::sweep(tx, 1_000 + 30 * DAY, 10)).await.signins, 1);
        assert_eq!(read(db, move |tx| grant::list(tx, ada.key)).await, []);
    }
}
