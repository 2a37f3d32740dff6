use crate::service::harness::{Hub, on_sqlite};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The log, once it holds this many requests.
fn log(hub: &Hub, count: usize) -> Vec<Value> {
    let started = Instant::now();
    loop {
        let page = hub.place().json("request list");
        let entries = page["requests"].as_array().unwrap();
        if entries.len() >= count {
            return entries.clone();
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{page:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Keys and durations differ from run to run.
fn steady(shown: &str, entries: &[Value]) -> String {
    let mut shown = shown.to_owned();
    for one in entries {
        shown = shown.replace(&one["key"].to_string(), "KEY");
    }
    let mut lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    for line in &mut lines {
        if let Some((before, _)) = line.split_once(", after ") {
            *line = format!("{before}, after SOME ms");
        }
    }
    lines.join("\n")
}

#[test]
fn what_was_sent_is_told_masked_and_with_what_it_meant() {
    on_sqlite(|hub| {
        let place = hub.place();
        assert_snapshot!(place.run("request list"), @r"
        No request is kept that fits.
        exit 0
        ");
        let person = json!({"userName": "ann@contoso.example", "displayName": "Ann Archer", "title": "Buyer",
            "password": "a very secret one"});
        let id = hub.entra.make("/Users", &person);
        hub.entra.patch(
            &format!("/Users/{id}"),
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
        );
        hub.entra
            .find("/Users", r#"userName eq "ann@contoso.example""#, "");
        assert_eq!(hub.entra.post("/Users", &person).status, 409);
        let entries = log(hub, 4);
        assert_snapshot!(steady(&place.run("request list"), &entries), @r#"
        KEY   AT                        METHOD  MEANT                                   STATUS  WHO                  HABITS
        KEY  TIME  POST    create ann@contoso.example              409     ann@contoso.example       1
        KEY  TIME  GET     find userName eq "ann@contoso.example"  200
        KEY  TIME  PATCH   deactivate                              200     Ann Archer                2
        KEY  TIME  POST    create ann@contoso.example              201     Ann Archer                1
        exit 0
        "#);
        let show = |at: usize| {
            steady(
                &place.run(&format!("request show {}", entries[at]["key"])),
                &entries,
            )
        };
        assert_snapshot!(show(3), @r#"
        POST /scim/v2/Users

          at        TIME
          provider  Entra
          meant     create ann@contoso.example
          who       Ann Archer
          id        ID
          status    201, after SOME ms
          error     –

        Understood by habits beyond the RFC
          HABIT            VENDOR   SOURCE
          missing-schemas  several  RFC 7643 section 3 requires it; several clients leave it out

        Sent, masked
          {
            "displayName": "A…(10)",
            "password": "…",
            "title": "B…(5)",
            "userName": "ann@contoso.example"
          }
        exit 0
        "#);
        assert_snapshot!(show(2), @r#"
        PATCH /scim/v2/Users/ID

          at        TIME
          provider  Entra
          meant     deactivate
          who       Ann Archer
          id        ID
          status    200, after SOME ms
          error     –

        Understood by habits beyond the RFC
          HABIT           VENDOR           SOURCE
          op-letter-case  Microsoft Entra  Microsoft: Known issues with SCIM 2.0 protocol compliance
          boolean-text    Microsoft Entra  Microsoft: Known issues with SCIM 2.0 protocol compliance

        Sent, masked
          {
            "Operations": [
              {
                "op": "Replace",
                "path": "active",
                "value": "False"
              }
            ],
            "schemas": [
              "urn:ietf:params:scim:api:messages:2.0:PatchOp"
            ]
          }
        exit 0
        "#);
        assert_snapshot!(show(0), @r#"
        POST /scim/v2/Users

          at        TIME
          provider  Entra
          meant     create ann@contoso.example
          who       ann@contoso.example
          id        –
          status    409, after SOME ms
          error     userName ann@contoso.example is already in use by another person

        Understood by habits beyond the RFC
          HABIT            VENDOR   SOURCE
          missing-schemas  several  RFC 7643 section 3 requires it; several clients leave it out

        Sent, masked
          {
            "displayName": "A…(10)",
            "password": "…",
            "title": "B…(5)",
            "userName": "ann@contoso.example"
          }
        exit 0
        "#);
        let everything = place.run("request list --json") + &show(3);
        for secret in ["a very secret one", "Buyer"] {
            assert!(!everything.contains(secret), "{everything}");
        }
        assert_eq!(
            place.json(&format!("request show {}", entries[3]["key"]))["request"]["userName"],
            "ann@contoso.example"
        );
    });
}

#[test]
fn a_log_is_searched_and_paged() {
    on_sqlite(|hub| {
        let place = hub.place();
        let ids = hub.entra.people(2);
        hub.entra
            .make("/Users", &json!({"userName": "zoe@contoso.example"}));
        let okta = hub.provider("Okta");
        assert_eq!(okta.get("/Users/unknown").status, 404);
        okta.read("/Users");
        log(hub, 5);
        let found = |words: &str| {
            let page = place.json(&format!("request list {words}"));
            page["requests"].as_array().unwrap().len()
        };
        assert_eq!(
            (
                found("Okta"),
                found("Entra"),
                found("--failed"),
                found("--changes")
            ),
            (2, 3, 1, 3)
        );
        assert_eq!(
            (found("--find ZOE"), found(&format!("--find {}", ids[0]))),
            (1, 1)
        );
        assert_eq!(
            (
                found("--since 1h"),
                found("Okta --changes"),
                found("--find nobody-at-all")
            ),
            (5, 0, 0)
        );
        let first = place.json("request list --limit 3");
        let rest = place.json(&format!("request list --before {}", first["next"]));
        assert_eq!(rest["requests"].as_array().unwrap().len(), 2);
        assert!(rest["next"].is_null());
        assert_snapshot!(place.run("request show 7"), @r"
        --- stderr
        error: there is no request 7 in the log
        hint: `provost request list` shows what is kept; a provider's log-days say for how long.
        exit 1
        ");
    });
}

#[test]
fn a_request_that_could_not_be_read_says_why_where_others_say_what_they_meant() {
    on_sqlite(|hub| {
        assert_eq!(
            hub.entra.call("POST", "/Users", &[], "{\"userName\":").status,
            400
        );
        log(hub, 1);
        let list = hub.place().run("request list");
        assert!(list.contains("the body is not acceptable JSON"), "{list}");
    });
}

#[test]
fn what_is_not_wanted_is_not_kept() {
    on_sqlite(|hub| {
        let changes = hub.provider("Changes --request-log changes");
        let off = hub.provider("Off --request-log off");
        changes.people(1);
        changes.read("/Users");
        off.read("/Users");
        assert_eq!(off.get("/Users/unknown").status, 404);
        // Written in order: once the last is there, so are all that came before.
        hub.entra.read("/Users");
        let entries = log(hub, 2);
        let providers: Vec<_> = entries.iter().map(|one| &one["provider"]).collect();
        assert_eq!(providers, ["Entra", "Changes"]);
    });
}
