use crate::harness::{both, create, document, person, provider_named, put, read};
use crate::tokens::{accept, mint};
use provost_engine::object::Kind;
use provost_scim::schema::Extension;
use provost_scim::sheet::Sheet;
use provost_store::directory::{self, Change, Owner};
use provost_store::extension::{self, Unused};
use provost_store::provider::{self, Edit, Settings};
use provost_store::{Db, Error, recycle};
use serde_json::{Value, json};

const BADGE: &str = "urn:contoso:scim:schemas:badge:1.0:User";
/// With signs that mean something in a pattern of SQL.
const URN: &str = "urn:contoso:scim:schemas:badge_100%:1.0:User";

fn badge(attributes: Value) -> Extension {
    Extension::parse(&json!({"id": BADGE, "resource": "User", "attributes": attributes})).unwrap()
}

fn number() -> Extension {
    badge(json!([{"name": "number"}]))
}

async fn define(db: &Db, workspace: i64, one: Extension) -> Result<(), Error> {
    db.write(move |tx| extension::put(tx, "owner", 5, workspace, &one))
        .await
}

async fn unused(db: &Db, workspace: i64, urn: &'static str) -> Result<Unused, Error> {
    db.read(move |tx| extension::unused(tx, workspace, urn)).await
}

async fn remove(db: &Db, workspace: i64, urn: &'static str, proof: Unused) -> Result<bool, Error> {
    db.write(move |tx| extension::remove(tx, "owner", 6, workspace, urn, &proof))
        .await
}

fn ann(urn: &str) -> Value {
    json!({"userName": "ann@contoso.example", "displayName": "Ann", "active": true, urn: {"number": "7"}})
}

fn by(owner: Owner) -> Change<'static> {
    Change {
        owner,
        actor: "test",
        now: 9,
    }
}

both! {
    async fn an_extension_is_part_of_what_a_token_brings(fresh) {
        let db = &fresh.db;
        let owner = provider_named(db, "Contoso", "Entra").await;
        let (here, elsewhere) = (owner.workspace, provider_named(db, "Contoso Lab", "Entra").await);
        define(db, here, number()).await.unwrap();
        assert_eq!(read(db, move |tx| extension::all(tx, here)).await, [number()]);
        let text = mint(db, &owner, 1, "first", None).await.unwrap().text;
        assert!(accept(db, &text, 2).await.unwrap().catalogue.user().extension(BADGE).is_some());
        let text = mint(db, &elsewhere, 1, "first", None).await.unwrap().text;
        assert!(accept(db, &text, 2).await.unwrap().catalogue.user().extension(BADGE).is_none());
    }

    async fn the_version_changes_with_every_change(fresh) {
        let (db, here) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await.workspace);
        let version = || read(db, move |tx| extension::version(tx, here));
        let none = version().await;
        define(db, here, number()).await.unwrap();
        let one = version().await;
        define(db, here, number()).await.unwrap();
        assert_eq!(version().await, one, "the same definition changes nothing");
        define(db, here, badge(json!([{"name": "number"}, {"name": "colour"}]))).await.unwrap();
        let more = version().await;
        let proof = unused(db, here, BADGE).await.unwrap();
        assert_eq!(remove(db, here, BADGE, proof).await, Ok(true));
        assert_eq!(remove(db, here, BADGE, proof).await, Ok(false));
        assert!(none != one && one != more && version().await == none);
    }

    async fn what_people_may_have_values_of_stays(fresh) {
        let (db, here) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await.workspace);
        define(db, here, badge(json!([{"name": "number"}, {"name": "door", "type": "complex", "subAttributes": [{"name": "floor", "type": "integer"}]}]))).await.unwrap();
        for (attributes, said) in [
            (json!([{"name": "number"}]), "the attribute door would go"),
            (json!([{"name": "number", "type": "integer"}, {"name": "door", "type": "complex", "subAttributes": [{"name": "floor", "type": "integer"}]}]), "number would get another type"),
            (json!([{"name": "number", "multiValued": true}, {"name": "door", "type": "complex", "subAttributes": [{"name": "floor", "type": "integer"}]}]), "number would get another type"),
            (json!([{"name": "number"}, {"name": "door", "type": "complex", "subAttributes": [{"name": "floor"}]}]), "floor would get another type"),
        ] {
            let error = define(db, here, badge(attributes)).await.unwrap_err();
            assert_eq!(error.code(), Some("PRV-SCHEMA-CHANGE"));
            assert!(error.to_string().contains(said), "{error}");
        }
        let group = Extension::parse(&json!({"id": BADGE, "resource": "Group", "attributes": [{"name": "number"}]})).unwrap();
        let error = define(db, here, group).await.unwrap_err();
        assert!(error.to_string().contains("it is for User and would be for Group"), "{error}");
    }

    async fn extensions_that_do_not_go_together_are_refused(fresh) {
        let (db, here) = (&fresh.db, provider_named(&fresh.db, "Contoso", "Entra").await.workspace);
        for i in 0..20 {
            let id = format!("urn:contoso:scim:schemas:one{i}:1.0:User");
            define(db, here, Extension::parse(&json!({"id": id, "resource": "User", "attributes": [{"name": "number"}]})).unwrap()).await.unwrap();
        }
        let error = define(db, here, number()).await.unwrap_err();
        assert_eq!(error.code(), Some("PRV-SCHEMA"));
        assert!(error.to_string().contains("20"), "{error}");
    }

    async fn an_extension_in_use_cannot_be_removed(fresh) {
        let db = &fresh.db;
        let owner = provider_named(db, "Contoso", "Entra").await.owner();
        let here = owner.workspace;
        define(db, here, number()).await.unwrap();
        // A value that spells the key, and a list that names it, are no use of it.
        let mut decoy = person("bob@contoso.example");
        decoy.insert("title".into(), json!(format!("\"{BADGE}\":")));
        decoy.insert("schemas".into(), json!([BADGE]));
        create(db, owner, Kind::Person, decoy).await.unwrap();
        let early = unused(db, here, BADGE).await.unwrap();
        let made = create(db, owner, Kind::Person, document(ann(BADGE))).await.unwrap();
        let error = unused(db, here, BADGE).await.unwrap_err();
        assert_eq!(error.code(), Some("PRV-SCHEMA-IN-USE"));
        assert!(error.to_string().contains("\"Ann\""), "{error}");
        // She came after the look: the removal sees her all the same, also in the recycle bin.
        assert_eq!(remove(db, here, BADGE, early).await.unwrap_err().code(), Some("PRV-SCHEMA-IN-USE"));
        let key = made.key;
        db.write(move |tx| directory::delete(tx, &by(owner), &made)).await.unwrap();
        assert_eq!(unused(db, here, BADGE).await.unwrap_err().code(), Some("PRV-SCHEMA-IN-USE"));
        assert_eq!(remove(db, here, BADGE, early).await.unwrap_err().code(), Some("PRV-SCHEMA-IN-USE"));
        db.write(move |tx| recycle::purge(tx, "owner", 10, key)).await.unwrap();
        let proof = unused(db, here, BADGE).await.unwrap();
        assert_eq!(remove(db, here, BADGE, proof).await, Ok(true));
    }

    async fn signs_in_a_urn_stand_for_themselves(fresh) {
        let db = &fresh.db;
        let owner = provider_named(db, "Contoso", "Entra").await.owner();
        let almost = document(ann(&URN.replace('_', "x").replace('%', "anything")));
        db.write(move |tx| put(tx, &by(owner), Kind::Person, &almost)).await.unwrap();
        unused(db, owner.workspace, URN).await.unwrap();
        let exact = document(json!({"userName": "bob@contoso.example", URN: {"number": "8"}}));
        create(db, owner, Kind::Person, exact).await.unwrap();
        unused(db, owner.workspace, URN).await.unwrap_err();
    }

    async fn an_extension_on_a_sheet_cannot_be_removed(fresh) {
        let db = &fresh.db;
        let owner = provider_named(db, "Contoso", "Entra").await;
        let here = owner.workspace;
        define(db, here, number()).await.unwrap();
        let sheet: Sheet = serde_json::from_value(json!({"attributes": [{"name": format!("{BADGE}:number"), "type": "string"}]})).unwrap();
        let settings = Settings { sheet: Some(sheet), ..Settings::default() };
        let p = owner.clone();
        db.write(move |tx| provider::edit(tx, "owner", 7, &p, &Edit { settings: Some(&settings), ..Edit::default() })).await.unwrap();
        let proof = unused(db, here, BADGE).await.unwrap();
        let error = remove(db, here, BADGE, proof).await.unwrap_err();
        assert_eq!(error.code(), Some("PRV-SCHEMA-SHEET"));
        assert!(error.to_string().contains("\"Entra\""), "{error}");
    }
}
