//! The application that tenants consent to, and the tenant that a provider belongs to.

use crate::administrators::refused;
use crate::harness::{audited, both, provider_named, read, write};
use provost_store::entra_application::{self, LOGIN, New as Application, PERMISSIONS};
use provost_store::secret::{self, Key};
use provost_store::tenant_consent::{self, New};
use provost_store::{Db, Error};

const ID: &str = "5D3F0C1E-8B5A-4A53-9A38-3F7F1F0C4A11";
const ONE: &str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";
const TWO: &str = "1e6b2c58-0f2b-4c58-9a35-3c9f8d6a1b77";

fn proved(tenant: &'static str) -> New<'static> {
    New {
        tenant,
        account: "admin@contoso.example",
        client_id: ID,
    }
}

async fn set(db: &Db, workspace: i64, login: &'static str) -> Result<(), Error> {
    let set = move |tx: &mut provost_store::Tx| {
        let new = Application {
            client_id: ID,
            login,
            permissions: PERMISSIONS,
        };
        entra_application::put(tx, "ann", 5, workspace, &new).map(drop)
    };
    db.write(set).await
}

both! {
    async fn a_provider_belongs_to_one_tenant_until_it_is_released(fresh) {
        let db = &fresh.db;
        let provider = provider_named(db, "Contoso", "Entra").await;
        let (key, space) = (provider.key, provider.workspace);
        assert_eq!(read(db, move |tx| tenant_consent::get(tx, key)).await, None);
        let one = provider.clone();
        let made = write(db, move |tx| tenant_consent::record(tx, "ann", 5, &one, &proved(ONE))).await;
        assert_eq!((made.first, made.at, made.actor.as_str()), (5, 5, "ann"));
        let one = provider.clone();
        let again = write(db, move |tx| tenant_consent::record(tx, "bob", 9, &one, &proved(ONE))).await;
        assert_eq!((again.first, again.at, again.actor.as_str()), (5, 9, "bob"));
        assert_eq!(read(db, move |tx| tenant_consent::get(tx, key)).await, Some(again));
        let one = provider.clone();
        assert_eq!(refused(db, move |tx| tenant_consent::record(tx, "eve", 9, &one, &proved(TWO))).await, "PRV-CONSENT-TENANT");
        let one = provider.clone();
        assert_eq!(refused(db, move |tx| tenant_consent::release(tx, "ann", 9, &one, TWO)).await, "PRV-CONSENT-RELEASE");
        assert_eq!(audited(db, space, 2).await, ["consent.renew", "consent.record"]);
        let one = provider.clone();
        assert!(write(db, move |tx| tenant_consent::release(tx, "ann", 9, &one, &ONE.to_uppercase())).await);
        let one = provider.clone();
        assert!(!write(db, move |tx| tenant_consent::release(tx, "ann", 9, &one, ONE)).await);
        let one = provider.clone();
        assert_eq!(write(db, move |tx| tenant_consent::record(tx, "ann", 12, &one, &proved(TWO))).await.first, 12);
        assert_eq!(audited(db, space, 2).await, ["consent.record", "consent.release"]);
    }

    async fn others_of_the_same_tenant_are_those_of_the_workspace(fresh) {
        let db = &fresh.db;
        let entra = provider_named(db, "Contoso", "Entra").await;
        let mut kept = Vec::new();
        for (space, name, tenant) in [("Contoso", "Second", ONE), ("Contoso", "Third", TWO), ("Elsewhere", "Hidden", ONE)] {
            let provider = provider_named(db, space, name).await;
            kept.push(write(db, move |tx| tenant_consent::record(tx, "ann", 5, &provider, &proved(tenant))).await);
        }
        let mine = write(db, move |tx| tenant_consent::record(tx, "ann", 5, &entra, &proved(ONE))).await;
        assert_eq!(read(db, move |tx| tenant_consent::others(tx, &mine, 9)).await, ["Second"]);
        let hidden = kept.remove(2);
        assert_eq!(read(db, move |tx| tenant_consent::others(tx, &hidden, 9)).await, Vec::<String>::new());
    }

    async fn another_application_or_service_forgets_the_secret(fresh) {
        let db = &fresh.db;
        let space = provider_named(db, "Contoso", "Entra").await.workspace;
        let key = Key::open(&fresh.folder.path().join("key")).unwrap();
        set(db, space, "https://login.microsoftonline.com/").await.unwrap();
        let found = read(db, move |tx| entra_application::get(tx, space)).await.unwrap();
        assert_eq!((found.client_id.as_str(), found.login.as_str()), (ID.to_lowercase().as_str(), LOGIN));
        write(db, move |tx| secret::put(tx, &key, 5, &entra_application::place(space), "s3cret")).await;
        set(db, space, LOGIN).await.unwrap();
        assert!(read(db, move |tx| entra_application::has_secret(tx, space)).await, "nothing has changed");
        assert_eq!(audited(db, space, 1).await, ["entra_application.set"]);
        set(db, space, "https://login.microsoftonline.us").await.unwrap();
        assert!(!read(db, move |tx| entra_application::has_secret(tx, space)).await);
        assert!(write(db, move |tx| entra_application::remove(tx, "ann", 9, space)).await);
        assert!(!write(db, move |tx| entra_application::remove(tx, "ann", 9, space)).await);
        assert_eq!(audited(db, space, 3).await, ["entra_application.remove", "entra_application.set", "entra_application.set"]);
        for (client_id, permissions, code) in [
            ("nobody", PERMISSIONS, "PRV-CONSENT-CLIENT"),
            (ID, " ", "PRV-CONSENT-PERMISSIONS"),
            (ID, "User.Read \u{7}", "PRV-CONSENT-PERMISSIONS"),
        ] {
            let put = move |tx: &mut provost_store::Tx| {
                entra_application::put(tx, "ann", 5, space, &Application { client_id, login: LOGIN, permissions })
            };
            assert_eq!(refused(db, put).await, code);
        }
    }
}
