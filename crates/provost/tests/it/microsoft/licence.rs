use super::world::World;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn products_are_listed_with_what_is_used_planned_and_short() {
    let world = World::ready(&[]);
    let people: Vec<String> = (0..12)
        .map(|i| world.person(&format!("p{i:02}"), json!({})))
        .collect();
    let members: Vec<&str> = people.iter().map(String::as_str).collect();
    world.group("Shops", &members);
    world.tenant.change(|settings| {
        let frontline = settings.skus.iter_mut().find(|sku| sku.part_number == "SPE_F1");
        frontline.unwrap().seats = 10;
    });
    world.run("cycle run m365");
    assert_snapshot!(world.run("licence group add m365 Shops spe_f1"), @r#"
    The group "Shops" brings SPE_F1 to its members with the next cycle: provost plan "m365"
    exit 0
    "#);
    assert_snapshot!(world.run("licence group add m365 Shops SPE_F1"), @r#"
    The group "Shops" brings SPE_F1 already; nothing was changed.
    exit 0
    "#);
    assert_snapshot!(world.run("licence group list m365"), @r"
    GROUP  PRODUCT  WITHOUT  WAY     SINCE                     BY
    Shops  SPE_F1            member  TIME  command:tester
    exit 0
    ");
    assert_snapshot!(world.run("licence list m365"), @r"
    PRODUCT        STATE           SEATS  USED   FREE  FROM PROVOST  PLANNED  SHORT
    FLOW_FREE      enabled         10000     0  10000             0        0      0
    MCOEV          enabled            10     0     10             0        0      0
    MCOMEETADV     enabled            10     0     10             0        0      0
    SPE_E3         enabled           250     0    250             0        0      0
    SPE_E5         enabled            25     0     25             0        0      0
    SPE_F1         enabled            10     0     10             0       12      2
    WINDOWS_STORE  not for people     25     0     25             0        0      0

    2 people stay without SPE_F1 until there are seats.
    exit 0
    ");
    let planned = world.run("plan m365 --limit 0");
    assert_snapshot!(planned, @r#"
    The next cycle of "m365" (incremental) would do:

    RULE    ACTION       STEPS
    people  add licence     12

    PRODUCT  FREE  NEEDED  LEFT  SHORT
    SPE_F1     10      12     0      2

    warning: PRV-SEATS-SHORT: the plan needs 12 seats of SPE_F1, and 10 are free. 2 people get their account without this licence; it is given as soon as there are seats.
    exit 0
    "#);
    world.run("cycle run m365");
    let listed = world.place.json("licence list m365 --stored");
    let frontline = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "SPE_F1")
        .unwrap()
        .clone();
    assert_eq!(
        (&frontline["given"], &frontline["planned"], &frontline["short"]),
        (&json!(10), &json!(2), &json!(2)),
        "{frontline}"
    );
    let waiting = world.place.json("status m365 people --list partially-synced");
    let waiting = waiting[0]["objects"].as_array().unwrap();
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    assert_eq!(waiting[0]["code"], "PRV-LICENCE-SEATS");
    let holders = world.place.json("licence holders m365 spe_f1 --limit 6");
    assert_eq!(holders["holders"].as_array().unwrap().len(), 6);
    let next = holders["next"].as_str().unwrap();
    let rest = world
        .place
        .json(&format!("licence holders m365 spe_f1 --after {next}"));
    assert_eq!(rest["holders"].as_array().unwrap().len(), 4, "{rest}");
}

#[test]
fn services_are_left_out_by_name_and_what_is_unknown_is_named() {
    let world = World::ready(&["ada"]);
    let ada = world.place.json("person show ada@contoso.example")["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.group("Sales", &[&ada]);
    assert_snapshot!(world.run("licence plans m365 SPE_F1"), @r"
    SERVICE              CAN BE LEFT OUT  ID
    EXCHANGE_S_DESKLESS  yes              ID
    TEAMS1               yes              ID
    SHAREPOINTDESKLESS   yes              ID

    A licence without one: SPE_F1 -EXCHANGE_S_DESKLESS
    exit 0
    ");
    assert_snapshot!(world.say("licence group add m365 Sales SPE_F1 --without TEAMS"), @r#"
    --- stderr
    error: SPE_F1 has no service "TEAMS" that can be left out
    hint: `provost licence plans "m365" SPE_F1` shows its services.
    exit 1
    "#);
    assert_snapshot!(world.say("licence group add m365 Sales SPE_F2"), @r#"
    --- stderr
    error: "m365" has no product "SPE_F2"
    hint: did you mean SPE_F1? `provost licence list "m365"` shows what there is.
    exit 1
    "#);
    assert_snapshot!(world.say("licence group add m365 ada@contoso.example SPE_F1"), @r"
    --- stderr
    error: ada is no group
    hint: Name a group; what each person gets is mapped to assignedLicenses in the rule.
    exit 1
    ");
    world.run("licence group add m365 Sales SPE_F1 --without teams1");
    world.run("cycle run m365");
    assert_snapshot!(world.run("licence holders m365 SPE_F1"), @r"
    PERSON  ACCOUNT                               WITHOUT  BECAUSE OF  SINCE
    ada     ID  TEAMS1   group       TIME
    exit 0
    ");
    assert_snapshot!(world.run("licence group remove m365 Sales SPE_F1"), @r#"
    The group "Sales" brings SPE_F1 no more. Who has it only by that loses it with the next cycle: provost plan "m365"
    exit 0
    "#);
    assert_snapshot!(world.say("licence group remove m365 Sales SPE_F1"), @r#"
    --- stderr
    error: the group "Sales" does not bring SPE_F1
    hint: `provost licence group list "m365"` shows what there is.
    exit 1
    "#);
    world.run("cycle run m365");
    assert_eq!(world.account("ada").unwrap()["assignedLicenses"], json!([]));
}
