//! What is set about an inbound provider, and what that does.

use crate::run::Place;
use crate::service::harness::{Hub, on_sqlite};
use crate::service::http::{Answer, Client};
use insta::assert_snapshot;
use serde_json::json;
use std::time::{Duration, Instant};

/// Asks until the answer has this status; what a server remembers of a token lasts five seconds.
fn until(client: &Client, status: u16) -> Answer {
    let started = Instant::now();
    loop {
        let answer = client.get("/Users?count=0");
        if answer.status == status || started.elapsed() > Duration::from_secs(10) {
            assert_eq!(answer.status, status, "{}", answer.text);
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_draft_has_a_token_that_works_once_it_is_saved() {
    on_sqlite(|hub| {
        let place = hub.place();
        assert_snapshot!(place.run("provider add Okta --draft"), @r#"
        Tenant URL  http://127.0.0.1:8080/scim/v2
        Token       TOKEN
        The token is shown this once; it is valid until TIME.
        This is a draft: its requests are answered 401 until `provost provider save "Okta"`.
        exit 0
        "#);
        let made = place.json("provider add HR --draft");
        assert_eq!(made["state"], "draft");
        let client = hub.entra.with_token(made["token"].as_str().unwrap());
        assert_eq!(client.get("/Users").status, 401);
        assert_snapshot!(place.run("provider list"), @r"
        NAME   STATE  ROLE  TEAM  SENDS LIKE  LAST REQUEST
        Entra  saved  user                    none yet
        HR     draft  user                    none yet
        Okta   draft  user                    none yet

        Tenant URL  http://127.0.0.1:8080/scim/v2
        exit 0
        ");
        assert_snapshot!(place.run("provider save HR"), @r#"
        The inbound provider "HR" is saved (was draft): its requests are answered within 5 seconds at
        http://127.0.0.1:8080/scim/v2
        exit 0
        "#);
        until(&client, 200);
        assert_snapshot!(place.run("provider save HR"), @r#"
        The inbound provider "HR" is saved already; nothing was changed.
        exit 0
        "#);
    });
}

#[test]
fn off_is_refused_and_nobody_is_lost() {
    on_sqlite(|hub| {
        let place = hub.place();
        hub.entra.people(2);
        assert_snapshot!(place.run("provider off Entra"), @r#"
        The inbound provider "Entra" is off (was saved): within 5 seconds its tokens are refused.
        Its people are signed out of Provost; people and groups stay as they are. `provost provider save "Entra"` puts it in use again.
        exit 0
        "#);
        until(&hub.entra, 401);
        assert_eq!(place.json("person list").as_array().unwrap().len(), 2);
        place.json("provider save Entra");
        assert_eq!(until(&hub.entra, 200).json()["totalResults"], 2);
    });
}

#[test]
fn what_changes_is_shown_and_who_keeps_theirs_is_counted() {
    on_sqlite(|hub| {
        let place = hub.place();
        hub.entra.people(2);
        place.json("team add Sales");
        assert_snapshot!(place.run("provider set Entra --role auditor --team Sales --permission write --log-days 7"), @r"
        SETTING     WAS   IS
        role        user  auditor
        team        none  Sales
        permission  none  write
        log-days    30    7

        Role, team and permission are for new people only. 2 people who are there already keep theirs.
        exit 0
        ");
        assert_snapshot!(place.run("provider set Entra --role auditor"), @r"
        Everything is set so already; nothing was changed.
        exit 0
        ");
        assert_snapshot!(place.run("provider set Entra --no-team --permission none --dialect strict --network 127.0.0.0/8 --network ::1 --rate 0"), @r"
        SETTING     WAS           IS
        team        Sales         none
        permission  write         none
        dialect     detect        strict
        network     any           127.0.0.0/8, ::1/128
        rate        200 a second  no limit

        Role, team and permission are for new people only. 2 people who are there already keep theirs.
        exit 0
        ");
        assert_snapshot!(place.run("provider set Entra --dialect detect --network any --sheet template:connecter --request-log changes"), @r"
        SETTING      WAS                   IS
        dialect      strict                detect
        sheet        none                  userName (required, filterable), active, displayName (required), externalId
        network      127.0.0.0/8, ::1/128  any
        request-log  all                   changes
        exit 0
        ");
        assert_eq!(
            place.json("person show u0@contoso.example")["role"],
            "user",
            "the first keep theirs"
        );
        assert_snapshot!(place.run("audit list --limit 3"), @r"
        ROW  AT                        ACTOR           ACTION         SUBJECT                               DETAIL
        9    TIME  command:tester  provider.edit  ID  dialect, networks, request_log, sheet
        8    TIME  command:tester  provider.edit  ID  team, dialect, networks, permission, requests_per_second
        7    TIME  command:tester  provider.edit  ID  role, team, log_days, permission

        More: --before 7
        exit 0
        ");
    });
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let place = Place::installed();
    place.json("provider add Entra");
    assert_snapshot!(place.run("provider set Entra"), @r"
    --- stderr
    error: nothing is named that is to change
    hint: `provost provider set --help` shows what can be set.
    exit 2
    ");
    assert_snapshot!(place.run("provider set Entra --role owner"), @r"
    --- stderr
    error: an identity provider cannot make owners (PRV-ROLE-OWNER)
    hint: Choose a smaller role for its people; an owner makes another owner by hand.
    exit 1
    ");
    assert_snapshot!(place.run("provider add Okta --role wizard"), @r#"
    --- stderr
    error: "wizard" is no role (PRV-WORD)
    hint: Use one of: user, auditor, access-admin, provisioning-operator, configuration-admin.
    exit 1
    "#);
    assert_snapshot!(place.run("provider set Entra --team Sales"), @r#"
    --- stderr
    error: the workspace has no team "Sales" (PRV-TEAM-UNKNOWN)
    hint: Add the team first, or name one that exists.
    exit 1
    "#);
    assert_snapshot!(place.run("provider set Entra --permission read"), @r"
    --- stderr
    error: a permission says what people may do in a team, and the provider has no team (PRV-PROVIDER-PERMISSION)
    hint: Name a team too, or leave the permission out.
    exit 1
    ");
    assert_snapshot!(place.run("provider set Entra --network 10.0.0.1/8"), @r#"
    --- stderr
    error: invalid value '10.0.0.1/8' for '--network <NETWORK>': "10.0.0.1/8" has bits beside its prefix: write 10.0.0.0/8

    For more information, try '--help'.
    exit 2
    "#);
    assert_snapshot!(place.run("provider set Entra --takeover sometimes"), @r"
    --- stderr
    error: invalid value 'sometimes' for '--takeover <RULE>'
      [possible values: never, ask, unowned, always]

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(place.run("provider set Entra --burst 0"), @r"
    --- stderr
    error: a burst of 0 would refuse every request (PRV-PROVIDER-SETTINGS)
    hint: Set a burst of at least 1, or a rate of 0 for no limit.
    exit 1
    ");
    assert_snapshot!(place.run("provider set Entra --sheet template:nothing"), @r"
    --- stderr
    error: there is no sheet template nothing
    hint: There are: connecter, peripass
    exit 1
    ");
    let sheet = json!({"attributes": [{"name": "userName", "type": "string", "filterable": true, "required": true},
        {"name": "shoeSize", "type": "integer", "filterable": false, "required": false}]});
    place.write("sheet.json", &sheet.to_string());
    assert_snapshot!(place.run("provider set Entra --sheet sheet.json"), @r"
    --- stderr
    error: sheet.json is not an attribute sheet: attribute sheet: shoeSize is not an attribute of people in this workspace
    hint: Nothing was changed. Correct the file and run the command again.
    exit 1
    ");
    assert_eq!(
        place.json("provider list").as_array().unwrap().len(),
        1,
        "nothing was made"
    );
}

#[test]
fn a_third_token_is_refused_and_the_older_one_is_named() {
    let place = Place::installed();
    place.json("provider add Entra");
    place.json("token add Entra --label next");
    assert_snapshot!(place.run("token add Entra --label third"), @r#"
    --- stderr
    error: the inbound provider "Entra" has two live tokens; the older one is "first" (key 1005), never used (PRV-TOKEN-TWO)
    hint: Revoke the one that is not in use any more, then make the new one.
    exit 1
    "#);
}

#[test]
fn settings_reach_the_requests() {
    on_sqlite(|hub| {
        let place = hub.place();
        let sheet = hub.provider("Connecter --sheet template:connecter");
        let refused = sheet
            .post("/Users", &json!({"userName": "ann@contoso.example"}))
            .error(400);
        assert!(refused.1.contains("displayName"), "{}", refused.1);
        let elsewhere = hub.provider("Elsewhere --network 192.0.2.0/24");
        assert_eq!(elsewhere.get("/Users").status, 403);
        let slow = hub.provider("Slow --rate 1 --burst 2");
        let answers: Vec<_> = (0..4).map(|_| slow.get("/Users?count=0")).collect();
        let limited = answers
            .iter()
            .find(|one| one.status == 429)
            .expect("a burst of two is not four");
        assert!(limited.header("retry-after").parse::<u32>().unwrap() >= 1);
        let strict = hub.provider("Strict --dialect strict");
        let id = strict.make(
            "/Users",
            &json!({"schemas": [crate::service::http::USER], "userName": "bob@contoso.example"}),
        );
        let op = json!([{"op": "Replace", "path": "active", "value": false}]);
        assert_eq!(strict.try_patch(&format!("/Users/{id}"), op.clone()).status, 400);
        place.json("provider set Strict --dialect entra");
        let started = Instant::now();
        while strict.try_patch(&format!("/Users/{id}"), op.clone()).status == 400 {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "the setting did not arrive"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    });
}

/// What Entra sends to one person.
fn like_entra(hub: &Hub) {
    let id = hub.entra.make(
        "/Users",
        &json!({"userName": "ann@contoso.example", "active": "True"}),
    );
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    assert!(matches!(
        hub.entra.try_patch(&format!("/Users/{id}"), off).status,
        200 | 204
    ));
    assert_eq!(hub.entra.get("/Users/nobody").status, 404);
}

#[test]
fn everything_about_a_provider_stands_on_one_page() {
    on_sqlite(|hub| {
        let place = hub.place();
        place.json("client add Entra --label Connector");
        assert!(
            place
                .run("provider show Entra")
                .contains("waiting for the first request")
        );
        like_entra(hub);
        let started = Instant::now();
        let shown = loop {
            let shown = place.json("provider show Entra");
            if shown["requests_in_the_last_hour"]["all"] == 3
                && shown["tokens"][0]["last_used"].is_string()
                && shown["last_request"].is_string()
            {
                break shown;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{shown:#}");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!(
            (&shown["people"], &shown["seen_dialect"]),
            (&json!(1), &json!("entra"))
        );
        assert_eq!(shown["requests_in_the_last_hour"]["failed"], 1);
        let names: Vec<_> = shown["habits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert!(
            names.contains(&&json!("boolean-text")) && names.contains(&&json!("op-letter-case")),
            "{names:?}"
        );
        // Inside keys are handed out in turn, and the server takes some of them when it starts.
        let client = place.json("client list Entra")[0]["key"].to_string();
        let said = place.run("provider show Entra").replace(&client, "KEY ");
        assert_snapshot!(said, @r"
        Entra
          tenant URL     http://127.0.0.1:8080/scim/v2
          id             ID
          state          saved
          sends like     entra
          first request  TIME
          last request   TIME
          last hour      3 requests, 1 failed
          people         1
          groups         0

        Settings
          role             user
          team             none
          permission       none
          dialect          detect
          sheet            none
          takeover         ask
          network          any
          rate             200 a second
          burst            1000
          request-log      all
          log-days         30
          recycle-days     30
          unknown-members  refuse

        Tokens
          KEY   LABEL  STATE  EXPIRES                   LAST USED
          1005  first  valid  TIME  TIME

        OAuth clients
          KEY   LABEL      CLIENT ID                             STATE  EXPIRES                   LAST USED
          KEY   Connector  CLIENT  valid  TIME  never

        Habits beyond the RFC
          HABIT            USES  LAST SEEN                 VENDOR           SOURCE
          boolean-text        2  TIME  Microsoft Entra  Microsoft: Known issues with SCIM 2.0 protocol compliance
          missing-schemas     1  TIME  several          RFC 7643 section 3 requires it; several clients leave it out
          op-letter-case      1  TIME  Microsoft Entra  Microsoft: Known issues with SCIM 2.0 protocol compliance
        exit 0
        ");
    });
}

#[test]
fn the_configuration_says_how_fast_a_new_provider_may_be() {
    let place = Place::installed();
    let text = "[limits]\nrequests_per_second = 7\nburst = 9\n";
    std::fs::write(place.data().join("provost.toml"), text).unwrap();
    place.json("provider add Entra");
    place.json("provider add Okta --burst 20");
    let settings = |name: &str| place.json(&format!("provider show {name}"))["settings"].clone();
    let limits = |name: &str| {
        (
            settings(name)["requests_per_second"].clone(),
            settings(name)["burst"].clone(),
        )
    };
    assert_eq!(limits("Entra"), (json!(7), json!(9)));
    assert_eq!(limits("Okta"), (json!(7), json!(20)));
}
