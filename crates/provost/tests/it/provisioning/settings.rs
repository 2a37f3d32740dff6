use super::world::World;
use crate::run::Place;
use insta::assert_snapshot;
use serde_json::json;

/// An installation with a connection to an application that nobody reaches.
fn with_connection() -> Place {
    let place = Place::installed();
    let words = "connection add app --template scim --untested --setting url=https://app.contoso.example --secret-env token=T";
    let made = place.shown(place.command(words).env("T", "canary-1"));
    assert!(made.ends_with("exit 0"), "{made}");
    place
}

#[test]
fn preferences_and_settings_are_changed_by_their_names() {
    let place = with_connection();
    assert_snapshot!(place.run("connection set app mode=manual interval_seconds=600 page_size=50 --untested"), @r#"
    The connection "app" is saved. `provost connection show "app"` shows it.
    exit 0
    "#);
    let shown = place.json("connection show app");
    assert_eq!(shown["preferences"]["mode"], "manual");
    assert_eq!(shown["preferences"]["interval_seconds"], 600);
    assert_eq!(shown["settings"]["page_size"], 50);
    assert_snapshot!(place.run("connection set app page_size= --untested"), @r#"
    The connection "app" is saved. `provost connection show "app"` shows it.
    exit 0
    "#);
    assert_eq!(
        place.json("connection show app")["settings"].get("page_size"),
        None
    );
    assert_snapshot!(place.run("connection set app page_sise=5"), @r#"
    --- stderr
    error: the connection "app" cannot be saved
    because: setting `page_sise`: unknown field `page_sise`, expected one of `url`, `server`, `dialect`, `allow_private_network`, `allowed_networks`, `patch`, `put`, `value_paths`, `filter`, `paging`, `page_size`, `ignore_totals`, `external_id`, `attributes`, `omit`, `one_value`, `members_per_request`, `members_shown`, `read_back`, …
    hint: Correct the setting in the connection's configuration.
    exit 1
    "#);
    assert_snapshot!(place.run("connection set app interval_seconds=100000"), @r"
    --- stderr
    error: the preference interval_seconds cannot be 100000 (PRV-PREFERENCES)
    hint: Give it a whole number from 0 to 86400.
    exit 1
    ");
    assert_snapshot!(place.run("connection set app mode=sometimes"), @r"
    --- stderr
    error: the connection's mode cannot have this value: unknown variant `sometimes`, expected `automatic` or `manual`
    hint: Write true or false, a number, or one of the words that the field takes; none empties a limit.
    exit 1
    ");
}

#[test]
fn another_host_wipes_the_secrets_and_says_so() {
    let place = with_connection();
    assert_snapshot!(place.run("connection set app url=https://other.contoso.example --untested"), @r#"
    The connection "app" is saved. Its host is another one now, so its secrets were wiped: token.
    They were for the host before. Give those of the new one: provost connection set "app" --secret-stdin token
    exit 0
    "#);
    assert_eq!(place.json("connection show app")["secrets"], json!([]));
    let words = "connection set app url=https://third.contoso.example --untested --secret-env token=T";
    assert_snapshot!(place.shown(place.command(words).env("T", "canary-2")), @r#"
    The connection "app" is saved. `provost connection show "app"` shows it.
    exit 0
    "#);
    assert_eq!(place.json("connection show app")["secrets"][0]["name"], "token");
    let audit = place.json("audit list").to_string();
    assert!(
        audit.contains("connection.secrets_wiped") && audit.contains("\"connection.secrets\""),
        "{audit}"
    );
    assert!(!place.run("connection show app").contains("canary"));
}

#[test]
fn the_guard_is_shown_and_changed_by_words() {
    let place = with_connection();
    assert_snapshot!(place.run("connection guard app minimum=12 limit=500"), @r#"
    Deletion guard of "app"
      enabled           true
      licences_minimum  5
      licences_percent  2.0
      limit             500
      may_empty_groups  false
      members_limit     0
      members_minimum   5
      members_percent   2.0
      minimum           12
      per_day_limit     0
      per_day_percent   5.0
      percent           2.0
      shrink_minimum    20
      shrink_percent    20.0
    exit 0
    "#);
    assert_snapshot!(place.run("connection guard app limit=none"), @r#"
    Deletion guard of "app"
      enabled           true
      licences_minimum  5
      licences_percent  2.0
      limit             0
      may_empty_groups  false
      members_limit     0
      members_minimum   5
      members_percent   2.0
      minimum           12
      per_day_limit     0
      per_day_percent   5.0
      percent           2.0
      shrink_minimum    20
      shrink_percent    20.0
    exit 0
    "#);
    assert_snapshot!(place.run("connection guard app minimm=1"), @r"
    --- stderr
    error: the guard has no minimm
    hint: did you mean minimum? There are: enabled, licences_minimum, licences_percent, limit, may_empty_groups, members_limit, members_minimum, members_percent, minimum, per_day_limit, per_day_percent, percent, shrink_minimum, shrink_percent
    exit 1
    ");
    assert_eq!(place.json("connection guard app")["guard"]["minimum"], 12);
}

#[test]
fn a_connection_is_renamed_and_removed_with_its_name() {
    let place = with_connection();
    assert_snapshot!(place.run("connection rename app Shop"), @r#"
    The connection "app" is called "Shop" now. Nothing else was changed.
    exit 0
    "#);
    assert_snapshot!(place.run("connection remove Shop --confirm Shop"), @r#"
    --- stderr
    error: the connection "Shop" is in use by rules that are switched on: "people", "groups" (PRV-CONNECTION-IN-USE)
    hint: Switch these rules off or remove them, then remove the connection.
    exit 1
    "#);
    for rule in ["people", "groups"] {
        let off = place.run(&format!("rule off Shop {rule}"));
        assert!(off.ends_with("exit 0"), "{off}");
    }
    assert_snapshot!(place.run("connection remove Shop"), @r#"
    --- stderr
    error: not done without its name: The connection "Shop" is forgotten with its rules, its secrets and its links of 0 people and groups. What it made in the target stays there; nobody is disabled. This cannot be undone.
    hint: Say --confirm "Shop" when that is what you want; nothing was changed.
    exit 1
    "#);
    assert_snapshot!(place.run("connection remove Shop --confirm shop"), @r#"
    --- stderr
    error: "shop" is not the name "Shop"
    hint: Nothing was changed.
    exit 1
    "#);
    assert_snapshot!(place.run("connection remove Shop --confirm Shop"), @r#"
    The connection "Shop" is removed. It had linked nobody.
    exit 0
    "#);
    assert_snapshot!(place.run("connection list"), @r"
    No connection yet. `provost connection add NAME` makes one.
    exit 0
    ");
}

#[test]
fn a_connection_shows_its_state_with_the_next_step() {
    let place = with_connection();
    assert_snapshot!(place.run("connection show app"), @r#"
    app (ID)
      state           active, since TIME
      reason          –
      next step       The initial cycle is not through: provost plan "app" shows it, provost cycle run "app" runs it.
      connector       scim
      tested          never
      last cycle      never
      last reconcile  never

    Settings
      url    https://app.contoso.example
      token  secret, saved TIME

    Preferences
      allowed.create                        true
      allowed.deprovision                   true
      allowed.deprovision_on_rule_deletion  false
      allowed.disable                       true
      allowed.remove_action                 none
      allowed.update                        true
      assignment                            all
      clock_minutes                         15
      description                           none
      discover                              true
      interval_seconds                      0
      leaver.groups                         false
      leaver.licences                       false
      mode                                  automatic
      nested                                false
      protected_accounts                    none
      read_changes_minutes                  0
      reconcile_hours                       24
      remove_licences_when_empty            false
      skip_out_of_scope                     false

    Rules
      RULE    STATE  LINKED
      people  on          0
      groups  on          0

    Waiting
      Nothing.

    Last cycles
      None yet.
    exit 0
    "#);
    place.run("connection off app --reason audit");
    assert_snapshot!(place.json("connection show app")["next_step"].as_str().unwrap(), @r#"Switch it on: provost connection on "app""#);
}

#[test]
fn a_restart_names_what_it_resets_and_matches_everybody_again_only_when_told() {
    let world = World::new("");
    world.person("ada");
    world.run("cycle run app");
    assert_snapshot!(world.hub.run("connection restart app"), @r#"
    "app" begins again:
      the next cycle is an initial one and looks at everybody
      what waited for another try is tried with the next cycle
      the quarantine is lifted
    exit 0
    "#);
    assert_eq!(world.hub.json("connection show app")["initial_cycle_done"], false);
    assert_eq!(world.hub.json("connection show app")["rules"][0]["links"], 1);
    assert_snapshot!(world.hub.run("connection restart app --full"), @r#"
    --- stderr
    error: not done without a yes: Forget which account belongs to whom in "app", and match everybody again?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    "#);
    assert_snapshot!(world.hub.run("connection restart app --full --yes"), @r#"
    "app" begins again:
      watermark, retries, quarantine and links are reset: everybody is matched again
    exit 0
    "#);
    assert_eq!(world.hub.json("connection show app")["rules"][0]["links"], 0);
    let report = world.hub.json("cycle run app");
    assert_eq!(report["adopted"], 1, "the account is found again: {report}");
}
