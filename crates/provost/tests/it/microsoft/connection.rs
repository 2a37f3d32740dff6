use super::world::World;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_connection_is_made_once_its_test_has_succeeded() {
    let world = World::new();
    let words = world.add("m365 --mode manual --secret-expires 2030-01-31");
    assert_snapshot!(world.run(&words), @r#"
    STEP                 OUTCOME
    name resolution  ok  127.0.0.1 and 127.0.0.1 are known
    TLS              ok  both hosts answer, and over https their certificates are trusted
    sign-in          ok  the credential is accepted
    tenant           ok  the tenant is Contoso with the domains contoso.onmicrosoft.com, contoso.example
    permissions      ok  all that people, groups, licences, sessions need is granted; good to have, to see who is an administrator: Directory.Read.All
    read people      ok  people can be read
    read groups      ok  groups can be read
    licences         ok  SPE_E3: 250 of 250 seats free, FLOW_FREE: 10000 of 10000 seats free, SPE_E5: 25 of 25 seats free, SPE_F1: 100 of 100 seats free, MCOEV: 10 of 10 seats free, MCOMEETADV: 10 of 10 seats free
    domains          ok  accounts can be named in contoso.onmicrosoft.com (default), contoso.example

    PERMISSION                      ABOUT
    Directory.Read.All     advised  not needed, but good to have
    Group.ReadWrite.All    granted
    Organization.Read.All  granted
    User.ReadWrite.All     granted

    The connection "m365" is made. Next: provost plan "m365".
    The rule "people" is switched off: PRV-RULE-NOBODY: The rule "people" means nobody of 0 people in the directory. Switch it on: provost rule on "m365" "people"
    exit 0
    "#);
    let shown = world.place.json("connection show m365");
    assert_eq!(shown["state"], "active");
    assert_snapshot!(world.run("connection test m365"), @r"
    STEP                 OUTCOME
    name resolution  ok  127.0.0.1 and 127.0.0.1 are known
    TLS              ok  both hosts answer, and over https their certificates are trusted
    sign-in          ok  the credential is accepted
    tenant           ok  the tenant is Contoso with the domains contoso.onmicrosoft.com, contoso.example
    permissions      ok  all that people, groups, licences, sessions need is granted; good to have, to see who is an administrator: Directory.Read.All
    read people      ok  people can be read
    read groups      ok  groups can be read
    licences         ok  SPE_E3: 250 of 250 seats free, FLOW_FREE: 10000 of 10000 seats free, SPE_E5: 25 of 25 seats free, SPE_F1: 100 of 100 seats free, MCOEV: 10 of 10 seats free, MCOMEETADV: 10 of 10 seats free
    domains          ok  accounts can be named in contoso.onmicrosoft.com (default), contoso.example

    PERMISSION                      ABOUT
    Directory.Read.All     advised  not needed, but good to have
    Group.ReadWrite.All    granted
    Organization.Read.All  granted
    User.ReadWrite.All     granted
    exit 0
    ");
    assert_snapshot!(world.say(&words), @r#"
    --- stderr
    error: there is a connection "m365" already (PRV-CONNECTION-NAME-TAKEN)
    hint: Choose another name; the list of connections shows those in use.
    exit 1
    "#);
}

#[test]
fn a_connection_that_does_not_work_is_kept_only_as_invalid() {
    let world = World::new();
    let words = world.add("m365 --mode manual");
    let refused = world.say_with(&words, "SECRET", "wrong");
    assert!(refused.contains(
        "error: the connection \"m365\" does not work (PRV-M365-SECRET-WRONG), so nothing was saved"
    ));
    assert!(
        refused.contains("  sign-in          failed") && refused.ends_with("exit 1"),
        "{refused}"
    );
    assert_eq!(world.place.json("connection list"), json!([]));
    let kept = world.say_with(&format!("{words} --save-invalid"), "SECRET", "wrong");
    assert!(
        kept.contains("The connection \"m365\" is made. It is invalid") && kept.ends_with("exit 0"),
        "{kept}"
    );
    assert!(
        kept.contains("The rule \"people\" is switched off: the connection is invalid."),
        "{kept}"
    );
    for words in [
        "connection on m365",
        "rule on m365 people --yes",
        "cycle run m365",
    ] {
        let refused = world.say(words);
        assert!(
            refused.contains("PRV-CONNECTION-INVALID") && refused.ends_with("exit 1"),
            "{words}: {refused}"
        );
    }
    assert_snapshot!(world.run("connection set m365 --secret-env client_secret=SECRET"), @r#"
    The connection "m365" is saved. `provost connection show "m365"` shows it.
    exit 0
    "#);
    assert_eq!(world.place.json("connection show m365")["state"], "active");
    let refused = world.say_with(
        "connection set m365 --secret-env client_secret=SECRET",
        "SECRET",
        "wrong",
    );
    assert!(
        refused.contains("PRV-CONNECTION-TEST") && refused.ends_with("exit 1"),
        "{refused}"
    );
    assert_eq!(world.place.json("connection show m365")["state"], "active");
}

#[test]
fn what_is_granted_and_what_is_missing_and_too_much_is_named() {
    let world = World::ready(&[]);
    world.tenant.change(|settings| {
        let roles = [
            "User.ReadWrite.All",
            "Organization.Read.All",
            "Application.ReadWrite.All",
        ];
        settings.applications[0].roles = roles.map(str::to_owned).to_vec();
    });
    let said = world.say("connection test m365");
    let (_, permissions) = said.split_once("\n\n").unwrap();
    assert_snapshot!(permissions, @r#"
    PERMISSION                           ABOUT
    Group.ReadWrite.All        missing   groups needs it
    Application.ReadWrite.All  too much  nothing that is switched on needs it: take it away
    Directory.Read.All         advised   not needed, but good to have
    Organization.Read.All      granted
    User.ReadWrite.All         granted

    The connection is invalid now (was active).
    --- stderr
    error: the connection "m365" does not work
    hint: The outcome above says what to do; then try again: provost connection test "m365"
    exit 1
    "#);
}

#[test]
fn a_certificate_comes_from_a_file() {
    let world = World::new();
    let words = world.add("m365").replace(
        "--secret-env client_secret=SECRET",
        "--secret-file certificate=cert.pem",
    );
    assert_snapshot!(world.say(&words), @r"
    --- stderr
    error: cannot read the secret certificate from cert.pem
    because: No such file or directory (os error 2)
    exit 1
    ");
    world.place.write("cert.pem", "no certificate\n");
    assert_snapshot!(world.say(&words), @r#"
    --- stderr
    error: the connection "m365" cannot be made
    because: setting `certificate`: it is not PEM text: it has to hold -----BEGIN CERTIFICATE----- and a private key (a .pfx file has to be converted)
    hint: Correct the setting in the connection's configuration.
    exit 1
    "#);
}

#[test]
fn preferences_are_shown_and_changed_and_contradictions_are_refused() {
    let world = World::ready(&["ada"]);
    assert_snapshot!(world.run("connection preferences m365"), @r#"
    Preferences of "m365"
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
      mode                                  manual
      nested                                false
      protected_accounts                    none
      read_changes_minutes                  15
      reconcile_hours                       24
      remove_licences_when_empty            false
      skip_out_of_scope                     false
    exit 0
    "#);
    let words =
        "connection preferences m365 allowed.create=false leaver.groups=true protected_accounts=a,b --json";
    let changed: serde_json::Value =
        serde_json::from_str(world.run(words).strip_suffix("exit 0").unwrap()).unwrap();
    assert_eq!(changed["preferences"]["protected_accounts"], json!(["a", "b"]));
    assert_eq!(changed["preferences"]["allowed"]["create"], false);
    assert_snapshot!(world.say("connection preferences m365 allowed.deprovision=false allowed.remove_action=delete"), @r"
    --- stderr
    error: The remove action is to delete, but deprovisioning is not allowed, so nobody would be deleted (PRV-ACTIONS-CONTRADICT)
    hint: Allow deprovisioning, or choose another remove action.
    exit 1
    ");
    assert_snapshot!(world.say("connection preferences m365 leaver.group=false"), @r"
    --- stderr
    error: the connection has no leaver.group
    hint: did you mean leaver.groups? There are: allowed.create, allowed.deprovision, allowed.deprovision_on_rule_deletion, allowed.disable, allowed.update, assignment, clock_minutes, description, discover, interval_seconds, leaver.groups, leaver.licences, mode, nested, protected_accounts, read_changes_minutes, reconcile_hours, remove_licences_when_empty, skip_out_of_scope
    exit 1
    ");
    world.run("cycle run m365");
    assert!(world.account("ada").is_none());
    let allowed = world.run("connection preferences m365 allowed.create=true");
    let (_, follows) = allowed.split_once("\n\n").unwrap();
    assert_snapshot!(follows, @r#"
    "create" is allowed from now on, but 1 unsynced and 0 partially synced people and groups were left out while it was not. Run a full resync to make up for it.
    It begins with: provost connection resync "m365"
    exit 0
    "#);
    world.run("connection resync m365");
    world.run("cycle run m365");
    assert!(world.account("ada").is_some());
}

#[test]
fn who_would_lose_a_licence_is_named_before_it_is_taken_back() {
    let world = World::ready(&["ada"]);
    world.save_rule("people", "--yes", |rule| {
        let mapping = json!({"target": "assignedLicenses", "constant": "SPE_E3"});
        rule["mappings"].as_array_mut().unwrap().push(mapping);
    });
    world.run("cycle run m365");
    world.save_rule("people", "--yes", |rule| {
        rule["mappings"]
            .as_array_mut()
            .unwrap()
            .retain(|one| one["target"] != "assignedLicenses");
    });
    world.run("cycle run m365");
    assert_eq!(
        world.account("ada").unwrap()["assignedLicenses"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_snapshot!(world.say("connection preferences m365 remove_licences_when_empty=true"), @r"
    --- stderr
      ada: SPE_E3
    error: not done without a yes: 1 people would lose licences: SPE_E3 from 1 (PRV-LICENCES-CONFIRM). Go on?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    ");
    world.run("connection preferences m365 remove_licences_when_empty=true --yes");
}

#[test]
fn a_connection_in_use_is_not_removed() {
    let world = World::ready(&["ada"]);
    assert_snapshot!(world.say("connection remove m365 --confirm m365"), @r#"
    --- stderr
    error: the connection "m365" is in use by rules that are switched on: "people", "groups" (PRV-CONNECTION-IN-USE)
    hint: Switch these rules off or remove them, then remove the connection.
    exit 1
    "#);
    for rule in ["people", "groups"] {
        world.run(&format!("rule off m365 {rule} --yes"));
    }
    assert_snapshot!(world.run("connection remove m365 --confirm m365"), @r#"
    The connection "m365" is removed. It had linked nobody.
    exit 0
    "#);
    assert_eq!(world.place.json("connection list"), json!([]));
}
