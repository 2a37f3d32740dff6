use super::world::World;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn the_numbers_add_up_and_each_has_its_list() {
    let world = World::ready(&["ada"]);
    world.run("cycle run m365");
    world.run("connection preferences m365 allowed.create=false");
    world.person("ben", json!({}));
    world.person("eva", json!({"userName": "eva@elsewhere.contoso.example"}));
    world.run("cycle run m365");
    assert_snapshot!(world.run("status"), @r"
    CONNECTION  RULE    OF      IMPACTED  SUCCESS  UNSYNCED  PARTIALLY SYNCED  FAILED
    m365        people  person         3        1         1                 0       1
    m365        groups  group          0        0         0                 0       0

    Who that is: provost status CONNECTION RULE --list failed
    exit 0
    ");
    assert_snapshot!(world.run("status m365 people --list unsynced"), @r"
    RULE    NAME  STATUS    ACCOUNT  CODE            REASON                                                       SINCE
    people  ben   unsynced           PRV-CREATE-OFF  the rule does not create, and nothing in the target matches  TIME
    exit 0
    ");
    let numbers = world.place.json("status m365 people");
    let counts = &numbers[0]["counts"];
    for list in ["impacted", "success", "unsynced", "partially-synced", "failed"] {
        let listed = world.place.json(&format!("status m365 people --list {list}"));
        let name = list.replace('-', "_");
        assert_eq!(
            json!(listed[0]["objects"].as_array().unwrap().len()),
            counts[&name],
            "{list}: {counts}"
        );
    }
    assert_eq!(counts["impacted"], 3, "{counts}");
    assert_snapshot!(world.run("status --person ada@contoso.example"), @r"
    ada (ID)
      CONNECTION  RULE    STATUS   ACCOUNT                               REASON
      m365        people  success  ID
    exit 0
    ");
    assert_snapshot!(world.say("status m365 peeple"), @r#"
    --- stderr
    error: "m365" has no rule "peeple"
    hint: did you mean "people"? `provost rule list "m365"` shows all.
    exit 1
    "#);
    assert_snapshot!(world.say("status --person nobody"), @r#"
    --- stderr
    error: nobody is known as "nobody"
    hint: Give a user name, an e-mail address, a display name, an external id or the directory's id, in full.
    exit 1
    "#);
}
