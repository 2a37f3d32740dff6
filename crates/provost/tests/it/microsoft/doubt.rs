use super::world::World;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_group_of_the_same_name_waits_until_somebody_understands_and_decides() {
    let world = World::ready(&[]);
    let existing = world.tenant.plant_group(json!({
        "displayName": "Crew", "mailEnabled": false, "mailNickname": "crew", "securityEnabled": true,
    }));
    let existing = existing.unwrap();
    world.group("Crew", &[]);
    world.run("cycle run m365");
    let key = world.place.json("doubt list m365")["doubts"][0]["key"]
        .as_i64()
        .unwrap();
    let listed = world.run("doubt list m365");
    assert!(
        listed.contains("Crew") && listed.contains("PRV-GROUP-NAME"),
        "{listed}"
    );
    let shown = world.run(&format!("doubt show m365 {key}"));
    assert_snapshot!(shown.replace(&format!("({key})"), "(KEY)").replace(&format!("\" {key} "), "\" KEY "), @r#"
    Crew (KEY)
      why       PRV-GROUP-NAME: a group of the same name is in the target, and it was not made for this one. Say whether the two are merged, or the one there is overwritten, or another one is made beside it.
      since     TIME
      decision  open

    Candidates
      ID                                    NAME  FOUND BY     ABOUT
      ID  Crew  displayName

    Decide: provost doubt decide "m365" KEY merge|overwrite|create|skip
    exit 0
    "#);
    assert_snapshot!(world.say(&format!("doubt decide m365 {key} merge")), @r"
    --- stderr
      Crew
    error: not done without a yes: Crew: The group gets this group's attributes and members beside its own, and whatever its members may do in the target, these may do then (PRV-DOUBT-UNDERSTAND). Go on?
    hint: Say --yes when that is what you want; nothing was changed.
    exit 1
    ");
    assert_snapshot!(world.say(&format!("doubt decide m365 {key} restore")), @r#"
    --- stderr
    error: "restore" is no answer to Crew (PRV-GROUP-NAME): merge, overwrite, create, skip are (PRV-DOUBT-DECISION)
    hint: Choose one of these.
    exit 1
    "#);
    assert_snapshot!(world.run(&format!("doubt decide m365 {key} merge --target {existing} --understood")), @r#"
    Crew: "merge" is decided. The next cycle carries it out: provost cycle run "m365"
    --- stderr
      Crew
    exit 0
    "#);
    world.run("cycle run m365");
    assert_eq!(world.tenant.groups().len(), 1);
    assert_eq!(world.place.json("status m365 groups")[0]["counts"]["success"], 1);
    assert_snapshot!(world.run("doubt list m365 --decided"), @r"
    Nobody waits for a decision.
    exit 0
    ");
    assert_snapshot!(world.say("doubt decide m365 7 skip"), @r#"
    --- stderr
    error: "m365" has no doubt 7; perhaps it is settled
    hint: `provost doubt list "m365" --decided` shows what there is.
    exit 1
    "#);
}
