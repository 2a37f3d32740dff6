use super::world::World;
use insta::assert_snapshot;

#[test]
fn who_leaves_loses_everything_in_one_run_with_a_result_for_each_step() {
    let world = World::new();
    world.tenant.change(|settings| {
        settings.applications[0]
            .roles
            .push("Directory.Read.All".to_owned())
    });
    let ada = world.person("ada", serde_json::json!({}));
    world.person("ben", serde_json::json!({}));
    world.group("Sales", &[&ada]);
    world.run(&world.add("m365 --mode manual --yes"));
    world.run("licence group add m365 Sales SPE_E3");
    world.run("cycle run m365");
    assert_eq!(
        world.account("ada").unwrap()["assignedLicenses"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_snapshot!(world.run("leaver run m365 ada@contoso.example --heir ben@contoso.example"), @r#"
    When ada leaves "m365" and ben takes over, this is done:
      STEP          COUNT                 DETAIL
      end sessions      1  planned        Every session is ended.
      disable           1  planned        The account is disabled.
      groups            1  planned        Left: Sales.
      licences          1  planned        Taken back: SPE_E3.
      owned groups      0  nothing to do  It owns no group.

    Nothing was done. Carry it out: --apply
    exit 0
    "#);
    assert_eq!(
        world.account("ada").unwrap()["accountEnabled"],
        true,
        "shown, not done"
    );
    assert_snapshot!(world.run("leaver list m365"), @r"
    Nobody leaves.
    exit 0
    ");
    assert_snapshot!(world.run("leaver run m365 ada@contoso.example --apply"), @r#"
    ada leaves "m365":
      STEP          COUNT                 DETAIL
      end sessions      1  done           Every session is ended.
      disable           1  done           The account is disabled.
      groups            1  done           1 groups were left.
      licences          1  done           Taken back: SPE_E3.
      owned groups      0  nothing to do  It owns no group.

    No cycle gives it back until: provost leaver end "m365" ada@contoso.example
    exit 0
    "#);
    let account = world.account("ada").unwrap();
    assert_eq!(account["accountEnabled"], false);
    assert_eq!(account["assignedLicenses"], serde_json::json!([]));
    assert_snapshot!(world.run("leaver list m365"), @r"
    PERSON  STATE  STEPS LEFT  SINCE                     BY
    ada     done            0  TIME  command:tester
    exit 0
    ");
    // The directory still says that she works here.
    world.run("connection resync m365");
    world.run("cycle run m365");
    assert_eq!(
        world.account("ada").unwrap()["assignedLicenses"],
        serde_json::json!([])
    );
    assert_snapshot!(world.run("leaver end m365 ada@contoso.example"), @r#"
    ada stays. The next cycle of "m365" gives the account what the directory says.
    exit 0
    "#);
    assert_snapshot!(world.say("leaver end m365 ada@contoso.example"), @r#"
    --- stderr
    error: ada does not leave "m365"
    hint: `provost leaver list "m365"` shows who does.
    exit 1
    "#);
    world.run("cycle run m365");
    assert_eq!(world.account("ada").unwrap()["accountEnabled"], true);
    assert_snapshot!(world.say("leaver run m365 Sales"), @r"
    --- stderr
    error: Sales is a group
    hint: Name a person.
    exit 1
    ");
}
