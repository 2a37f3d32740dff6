use crate::service::harness::on_sqlite;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_block_is_seen_everywhere_but_by_the_provider_and_lifted_by_no_provider() {
    on_sqlite(|hub| {
        let place = hub.place();
        let id = hub.entra.people(1).remove(0);
        // The inside key depends on how many rows the installation has made before.
        let listed = place.run("person list");
        let key = place.json("person list")[0]["key"].as_i64().unwrap().to_string();
        assert_snapshot!(listed.replace(&key, "KEY."), @r"
        KEY   USER NAME           DISPLAY NAME  PROVIDER  STATE
        KEY.  u0@contoso.example  U 0           Entra     active
        exit 0
        ");
        assert_snapshot!(place.run("person block u0@contoso.example --reason left-in-anger"), @r"
        U 0 is blocked: the next cycle of each connection disables the account.
        No provider lifts this; `provost person unblock` does.
        exit 0
        ");
        assert_snapshot!(place.run("person block u0@contoso.example --reason again"), @r"
        U 0 is blocked already, since TIME.
        exit 0
        ");
        let path = format!("/Users/{id}");
        assert_eq!(
            hub.entra.read(&path)["active"],
            true,
            "the provider's own word stays"
        );
        for active in [false, true] {
            hub.entra.patch(
                &path,
                json!([{"op": "replace", "path": "active", "value": active}]),
            );
        }
        assert_snapshot!(place.run("person show u0@contoso.example"), @r#"
        U 0
          user name   u0@contoso.example
          id          ID
          provider    Entra
          state       blocked since TIME; the provider says active
          role        user
          team        none
          permission  none
          created     TIME
          changed     TIME

        Attributes and accounts: provost explain "u0@contoso.example"
        What was sent: provost request list --find ID
        exit 0
        "#);
        assert_eq!(
            place.json("person show u0@contoso.example")["document"]["active"],
            false
        );
        assert_snapshot!(place.run("person unblock u0@contoso.example"), @r"
        U 0 is no longer blocked. The next cycle of each connection enables the account.
        exit 0
        ");
        assert_snapshot!(place.run("person unblock u0@contoso.example"), @r"
        U 0 is not blocked; nothing was changed.
        exit 0
        ");
        hub.entra.patch(
            &path,
            json!([{"op": "replace", "path": "active", "value": false}]),
        );
        place.json("person block u0@contoso.example --reason both");
        assert_snapshot!(place.run("person unblock u0@contoso.example"), @r"
        U 0 is no longer blocked, and stays disabled: the provider says that they are not active.
        exit 0
        ");
        assert_eq!(place.json("person list")[0]["state"], "inactive");
    });
}

#[test]
fn who_was_deleted_comes_back_with_the_same_id_and_groups() {
    on_sqlite(|hub| {
        let place = hub.place();
        let ids = hub.entra.people(2);
        let members = json!([{"value": ids[0]}, {"value": ids[1]}]);
        let group = hub
            .entra
            .make("/Groups", &json!({"displayName": "Crew", "members": members}));
        let name = hub.entra.read(&format!("/Users/{}", ids[0]))["userName"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_snapshot!(place.run("person deleted"), @r"
        Nobody can be restored.
        exit 0
        ");
        assert_eq!(hub.entra.delete(&format!("/Users/{}", ids[0])).status, 204);
        let listed = place.json("person deleted");
        assert_eq!(
            (&listed[0]["name"], listed.as_array().unwrap().len()),
            (&json!(name), 1)
        );
        assert!(
            place
                .run(&format!("person show {name}"))
                .contains("can be restored")
        );
        let restored = place.json(&format!("person restore {name}"));
        assert_eq!(restored["id"], ids[0].as_str());
        assert_eq!(hub.entra.members(&group), ids);
        assert_snapshot!(place.run(&format!("person restore {name}")).replace(&name, "NAME"), @r#"
        --- stderr
        error: the recycle bin has nobody known as "NAME"
        hint: `provost person deleted` shows who can be restored, with the keys.
        exit 1
        "#);
    });
}

#[test]
fn a_name_that_was_taken_since_is_not_taken_back() {
    on_sqlite(|hub| {
        let place = hub.place();
        let id = hub.entra.people(1).remove(0);
        assert_eq!(hub.entra.delete(&format!("/Users/{id}")).status, 204);
        let again = hub.entra.people(1).remove(0);
        assert_ne!(id, again);
        assert_snapshot!(place.run("person restore u0@contoso.example"), @r"
        --- stderr
        error: U 0 cannot be restored, because the name now belongs to U 0 (ID) of provider Entra (PRV-RECYCLE-NAME-TAKEN)
        hint: Rename or delete that one first, then restore.
        exit 1
        ");
    });
}

#[test]
fn purging_asks_first() {
    on_sqlite(|hub| {
        let place = hub.place();
        let id = hub.entra.people(1).remove(0);
        let group = hub.entra.make("/Groups", &json!({"displayName": "Crew"}));
        for path in [format!("/Users/{id}"), format!("/Groups/{group}")] {
            assert_eq!(hub.entra.delete(&path).status, 204);
        }
        assert_snapshot!(place.run("person purge u0@contoso.example"), @r"
        --- stderr
        error: U 0, deleted TIME by provider Entra, would be removed for good with everything that is kept of them
        hint: This cannot be undone; until TIME they can be restored. Say --yes to do it.
        exit 2
        ");
        assert_snapshot!(place.run("person purge u0@contoso.example --yes"), @r"
        U 0 is removed for good. The audit log keeps that it was done.
        exit 0
        ");
        assert_snapshot!(place.run("person purge u0@contoso.example --yes"), @r#"
        --- stderr
        error: the recycle bin has nobody known as "u0@contoso.example"
        hint: `provost person deleted` shows who can be restored, with the keys.
        exit 1
        "#);
        assert_eq!(place.json("person deleted --groups")[0]["label"], "Crew");
        assert_eq!(place.json("person restore Crew")["kind"], "group");
        assert_eq!(hub.entra.read(&format!("/Groups/{group}"))["displayName"], "Crew");
    });
}

#[test]
fn lists_are_paged_and_strangers_are_unknown() {
    on_sqlite(|hub| {
        let place = hub.place();
        hub.entra.people(3);
        let first = place.json("person list --limit 2");
        let rest = place.json(&format!("person list --limit 2 --after {}", first[1]["key"]));
        assert_eq!(
            (first.as_array().unwrap().len(), rest.as_array().unwrap().len()),
            (2, 1)
        );
        assert!(place.run("person list --limit 2").contains("More: --after "));
        assert_snapshot!(place.run("person block nobody --reason x"), @r#"
        --- stderr
        error: nobody is known as "nobody"
        hint: Give a user name, an e-mail address, a display name, an external id or the directory's id, in full.
        exit 1
        "#);
        hub.entra.make(
            "/Users",
            &json!({"userName": "v@contoso.example", "displayName": "U 1"}),
        );
        let mut command = place.command("person show");
        assert_snapshot!(place.shown(command.arg("u 1")), @r#"
        --- stderr
        error: "u 1" can mean 2 of them
        hint: Name one of them by what stands in brackets:
          U 1 (ID)
          U 1 (ID)
        exit 1
        "#);
    });
}
