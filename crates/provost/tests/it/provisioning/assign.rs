use super::world::World;
use insta::assert_snapshot;

#[test]
fn nobody_is_meant_until_somebody_is_assigned_and_who_leaves_is_disabled() {
    let world = World::new("--assigned");
    let (ada, bob) = (world.person("ada"), world.person("bob"));
    world.group("Staff", &[&ada]);
    world.run("cycle run app");
    assert!(world.account("ada").is_none() && world.account("bob").is_none());

    assert_snapshot!(world.hub.run("assignments app"), @r#"
    "app" means who is assigned, and the members of assigned groups.

    Nobody is assigned.
    exit 0
    "#);
    assert_snapshot!(world.hub.run("assign app Staff bob@contoso.example"), @r#"
    Assigned to "app": Staff, bob. The next cycle carries it out.
    --- stderr
    3 enter:
      ada
      bob
      Staff

    WOULD BE DONE  STEPS
    create             3
    add member         1
    exit 0
    "#);
    assert_snapshot!(world.hub.run("assign app Staff"), @r"
    Nothing was changed: all of them are assigned already.
    --- stderr
    Nobody enters and nobody leaves.

    WOULD BE DONE  STEPS
    create             3
    add member         1
    exit 0
    ");
    assert_snapshot!(world.hub.run("assignments app"), @r#"
    "app" means who is assigned, and the members of assigned groups.

    KIND    WHO    SINCE                     BY
    person  bob    TIME  command:tester
    group   Staff  TIME  command:tester
    exit 0
    "#);
    world.run("cycle run app");
    assert!(world.is_active("ada") && world.is_active("bob"));

    // Somebody would leave: a script has to say that it means it.
    assert_snapshot!(world.hub.run("unassign app bob@contoso.example"), @r"
    --- stderr
    1 leaves:
      bob

    WOULD BE DONE  STEPS
    disable            1
    error: not done without a yes: 1 person or group would leave. Save this?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    ");
    world.run("cycle run app");
    assert!(world.is_active("bob"), "nothing was saved");
    assert_snapshot!(world.hub.run("unassign app bob@contoso.example --yes"), @r#"
    Not assigned any more to "app": bob. The next cycle carries it out.
    --- stderr
    1 leaves:
      bob

    WOULD BE DONE  STEPS
    disable            1
    exit 0
    "#);
    world.run("cycle run app");
    assert!(!world.is_active("bob") && world.is_active("ada"));
    let _ = bob;
}

#[test]
fn a_connection_that_means_everybody_says_that_an_assignment_changes_nothing() {
    let world = World::new("");
    world.person("ada");
    assert_snapshot!(world.hub.run("assign app ada@contoso.example"), @r#"
    Assigned to "app": ada.
    The connection means everybody, so this changes nothing until `provost connection set "app" assignment=assigned`.
    exit 0
    "#);
    // Meaning only who is assigned is a change of scope like any other.
    world.person("bob");
    world.run("cycle run app");
    assert_snapshot!(world.hub.run("connection set app assignment=assigned"), @r"
    --- stderr
    1 leaves:
      bob

    WOULD BE DONE  STEPS
    disable            1
    error: not done without a yes: 1 person or group would leave. Save this?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    ");
    assert_snapshot!(world.hub.run("connection set app assignment=assigned --yes"), @r#"
    The connection "app" is saved. `provost connection show "app"` shows it.
    --- stderr
    1 leaves:
      bob

    WOULD BE DONE  STEPS
    disable            1
    exit 0
    "#);
    world.run("cycle run app");
    assert!(world.is_active("ada") && !world.is_active("bob"));
}

#[test]
fn who_is_not_known_is_named() {
    let world = World::new("");
    assert_snapshot!(world.hub.run("assign app nobody@contoso.example"), @r#"
    --- stderr
    error: nobody is known as "nobody@contoso.example"
    hint: Give a user name, an e-mail address, a display name, an external id or the directory's id, in full.
    exit 1
    "#);
}

#[test]
fn an_assignment_switched_on_by_a_file_or_an_older_version_is_carried_out_too() {
    let world = World::new("");
    world.person("ada");
    world.run("cycle run app");
    world.run("config export app --folder files");
    world.run("connection set app assignment=assigned --yes");
    world.run("cycle run app");
    assert!(!world.is_active("ada"));
    world.run("config apply files --yes");
    world.run("cycle run app");
    assert!(world.is_active("ada"));
}
