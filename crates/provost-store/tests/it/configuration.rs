use crate::filled::fill;
use crate::harness::{a_rule, app, audited, both, entra, read, write};
use provost_engine::object::Kind;
use provost_engine::policy::Guard;
use provost_store::config_version::{self, Definition};
use provost_store::connection::{self, Connection, Mode, Preferences};
use provost_store::{Db, foreign_schema, link, retry, rule, secret, setting, staged};
use serde_json::{Value, json};

async fn watermark(db: &Db, key: i64) -> i64 {
    read(db, move |tx| connection::by_key(tx, key))
        .await
        .unwrap()
        .watermark
}

async fn through(db: &Db, c: &Connection) {
    let key = c.key;
    write(db, move |tx| connection::set_watermark(tx, key, 50)).await;
}

both! {
    async fn every_save_has_a_version_and_one_that_changes_nothing_has_none(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let key = c.key;
        let numbers = move |tx: &mut provost_store::Tx| {
            Ok(config_version::list(tx, key, None, 9)?.into_iter().map(|v| (v.number, v.note)).collect::<Vec<_>>())
        };
        let made = [(3, "rule Groups".to_owned()), (2, "rule People".to_owned()), (1, "made".to_owned())];
        assert_eq!(read(db, numbers).await, made);
        through(db, &c).await;
        let one = c.clone();
        write(db, move |tx| rule::put(tx, "owner", 5, &one, 0, &a_rule("People", Kind::Person))).await;
        assert_eq!(read(db, numbers).await.len(), 3, "it was so already");
        assert_eq!(watermark(db, key).await, 50);
        let older = read(db, move |tx| config_version::list(tx, key, Some(3), 1)).await;
        assert_eq!((older.len(), older[0].number), (1, 2));
        let first = read(db, move |tx| config_version::get(tx, key, 1)).await.unwrap().1;
        assert_eq!((first.rules.len(), first.settings["url"].as_str()), (0, Some("https://app.contoso.example/scim")));
        assert_eq!(read(db, move |tx| config_version::get(tx, key, 9)).await, None);
    }

    async fn a_rule_that_means_something_else_starts_over(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let key = c.key;
        through(db, &c).await;
        let mut moved = a_rule("People", Kind::Person);
        moved.scope = serde_json::from_value(json!({"filters": [{"clauses": [
            {"attribute": "active", "operator": "IS TRUE"}]}]})).unwrap();
        let (one, changed) = (c.clone(), moved.clone());
        write(db, move |tx| rule::put(tx, "owner", 5, &one, 0, &changed)).await;
        assert_eq!(watermark(db, key).await, -1);
        through(db, &c).await;
        let (one, twins) = (c.clone(), vec![moved.clone(), moved.clone()]);
        let refused = db.write(move |tx| rule::replace_all(tx, "owner", 6, &one, &twins, "file")).await.unwrap_err();
        assert_eq!(refused.code(), Some("PRV-RULE-TWICE"));
        let (one, same) = (c.clone(), vec![moved.clone(), a_rule("Groups", Kind::Group)]);
        write(db, move |tx| rule::replace_all(tx, "owner", 6, &one, &same, "file")).await;
        assert_eq!(watermark(db, key).await, 50, "nothing changed");
        write(db, move |tx| rule::replace_all(tx, "owner", 7, &c, &[a_rule("Staff", Kind::Person)], "file")).await;
        assert_eq!(watermark(db, key).await, -1);
        let (version, definition) = read(db, move |tx| config_version::latest(tx, key)).await.unwrap();
        assert_eq!((version.number, version.note.as_str(), definition.rules.len()), (5, "file", 1));
        assert_eq!(definition.rules[0].name, "Staff");
    }

    async fn an_older_version_comes_back_as_one_new_version(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let key = c.key;
        let before = read(db, move |tx| config_version::get(tx, key, 3)).await.unwrap().1;
        let after = Definition {
            rules: vec![a_rule("Staff", Kind::Person)],
            preferences: Preferences { mode: Mode::Manual, ..Preferences::default() },
            guard: Guard { minimum: 1, ..Guard::default() },
            settings: json!({"url": "https://other.contoso.example"}),
            group_licences: Some(vec![]),
        };
        let (one, to) = (c.clone(), after.clone());
        assert!(write(db, move |tx| connection::configure(tx, "owner", 5, &one, &to, "file")).await, "another host");
        assert_eq!(read(db, move |tx| config_version::current(tx, key)).await, after);
        let (one, to) = (c.clone(), before.clone());
        write(db, move |tx| connection::configure(tx, "owner", 6, &one, &to, "back to 3")).await;
        let (version, found) = read(db, move |tx| config_version::latest(tx, key)).await.unwrap();
        assert_eq!((version.number, version.note.as_str()), (5, "back to 3"));
        assert_eq!(found, before);
        write(db, move |tx| connection::configure(tx, "owner", 7, &c, &before, "again")).await;
        assert_eq!(read(db, move |tx| config_version::latest(tx, key)).await.unwrap().0.number, 5, "nothing changed");
    }

    async fn settings_and_imported_schemas_are_kept_as_they_are(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let (space, key) = (owner.workspace, c.key);
        assert_eq!(read(db, move |tx| setting::get(tx, space, "mail")).await, None);
        write(db, move |tx| {
            setting::put(tx, "owner", 5, space, "mail", &json!({"to": "it@contoso.example"}))?;
            setting::put(tx, "owner", 5, space, "mail", &json!({"to": "ops@contoso.example"}))?;
            foreign_schema::put(tx, "owner", 5, &c, &json!({"directories": [1]}))?;
            foreign_schema::put(tx, "owner", 6, &c, &json!({"directories": [2]}))
        }).await;
        assert_eq!(read(db, move |tx| setting::all(tx, space)).await, [("mail".to_owned(), json!({"to": "ops@contoso.example"}))]);
        let kept = read(db, move |tx| foreign_schema::get(tx, key)).await.unwrap();
        assert_eq!((kept.definition, kept.imported), (json!({"directories": [2]}), 6));
        assert!(write(db, move |tx| setting::remove(tx, "owner", 7, space, "mail")).await);
        assert!(!write(db, move |tx| setting::remove(tx, "owner", 7, space, "mail")).await);
        assert_eq!(audited(db, space, 2).await, ["setting.remove", "schema.import"]);
    }

    async fn a_password_stands_in_no_rule_and_goes_with_the_rule_that_used_it(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, _, _) = app(db, owner.workspace).await;
        let with = |name: &str, mapping: Value| {
            let mut rule = a_rule(name, Kind::Person);
            rule.mappings.push(serde_json::from_value(mapping).unwrap());
            rule
        };
        for (mapping, code) in [
            (json!({"target": "passwordProfile.password", "constant": "Summer2026"}), Some("PRV-PASSWORD-PLAIN")),
            (json!({"target": "userPassword", "expression": "Join(\"\", \"Sum\", \"mer\")"}), Some("PRV-PASSWORD-PLAIN")),
            (json!({"target": "password", "direct": "title", "default": "Summer2026"}), Some("PRV-PASSWORD-PLAIN")),
            (json!({"target": "password", "expression": "RandomString(24)"}), None),
            (json!({"target": "password", "expression": "[title]"}), None),
            (json!({"target": "passwordPolicies", "constant": "DisablePasswordExpiration"}), None),
            (json!({"target": "resetPassword", "constant": true}), None),
        ] {
            let (one, rule, shown) = (c.clone(), with("Staff", mapping.clone()), mapping);
            let done = db.write(move |tx| rule::put(tx, "owner", 5, &one, 2, &rule)).await;
            let error = done.err();
            assert_eq!(error.as_ref().and_then(provost_store::Error::code), code, "{shown}");
            assert!(!error.is_some_and(|e| e.to_string().contains("Summer")), "the value is in no sentence");
        }
        let sealed = with("Staff", json!({"target": "password", "secret": "password.Staff", "apply": "on_create"}));
        let renamed = provost_engine::rule::Rule { name: "Everybody".into(), ..sealed.clone() };
        let key = c.key;
        let (one, sealing) = (c.clone(), secret::Key::random().unwrap());
        write(db, move |tx| {
            let place = secret::Place { table: "connection", owner: key, field: "password.Staff" };
            secret::put(tx, &sealing, 5, &place, "Summer2026")?;
            rule::replace_all(tx, "owner", 5, &one, std::slice::from_ref(&sealed), "file")?;
            rule::replace_all(tx, "owner", 5, &one, std::slice::from_ref(&renamed), "file")
        }).await;
        let fields = move |tx: &mut provost_store::Tx| Ok(secret::fields(tx, "connection", key)?.len());
        assert_eq!(read(db, fields).await, 1, "the rule has another name and the same password");
        write(db, move |tx| {
            let named = provost_engine::rule::Rule { name: "Staff".into(), ..rule::of_connection(tx, key)?.remove(0).rule };
            rule::replace_all(tx, "owner", 6, &c, &[named], "file")?;
            rule::remove(tx, "owner", 7, &c, "Staff")
        }).await;
        assert_eq!(read(db, fields).await, 0);
    }

    async fn a_removed_rule_takes_its_own_rows_with_it(fresh) {
        let (db, owner) = (&fresh.db, entra(&fresh.db).await);
        let (c, people, groups) = app(db, owner.workspace).await;
        let full = c.clone();
        write(db, move |tx| fill(tx, &full, people, groups)).await;
        let one = c.clone();
        assert!(!write(db, move |tx| rule::remove(tx, "owner", 5, &one, "Nobody")).await);
        let (one, key) = (c.clone(), c.key);
        assert!(write(db, move |tx| rule::remove(tx, "owner", 5, &one, "People")).await);
        let left = read(db, move |tx| Ok((link::count(tx, people)?, retry::list(tx, key, 9)?.len(), staged::list(tx, key, 9)?.len()))).await;
        assert_eq!(left, (0, 0, 0));
        let names: Vec<_> = read(db, move |tx| rule::of_connection(tx, key)).await.into_iter().map(|r| r.name).collect();
        assert_eq!(names, ["Groups"]);
        assert_eq!(audited(db, owner.workspace, 1).await, ["rule.remove"]);
        let latest = read(db, move |tx| config_version::latest(tx, key)).await.unwrap();
        assert_eq!((latest.0.note.as_str(), latest.1.rules.len()), ("rule People removed", 1));
    }
}
