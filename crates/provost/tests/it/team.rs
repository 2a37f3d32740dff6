use crate::run::Place;
use insta::assert_snapshot;

#[test]
fn a_team_is_made_once_and_lists_who_places_people_in_it() {
    let place = Place::installed();
    assert_snapshot!(place.run("team list"), @r"
    No team yet. `provost team add NAME` makes one.
    exit 0
    ");
    assert_snapshot!(place.run("team add Sales"), @r#"
    The team "Sales" is made.
    `provost provider set NAME --team "Sales"` places a provider's new people in it.
    exit 0
    "#);
    assert_snapshot!(place.run("team add Sales"), @r#"
    --- stderr
    error: there is a team "Sales" already
    hint: `provost team list` shows the teams that there are.
    exit 1
    "#);
    place.json("team add Purchasing");
    place.json("provider add Entra --team Sales");
    place.json("provider add Okta --team Sales");
    assert_snapshot!(place.run("team list"), @r"
    NAME        PROVIDERS    CREATED
    Purchasing               TIME
    Sales       Entra, Okta  TIME
    exit 0
    ");
    assert_eq!(place.json("team list")[1]["providers"][0], "Entra");
}

#[test]
fn a_name_that_nobody_could_read_is_refused() {
    let place = Place::installed();
    let mut command = place.command("team add");
    assert_snapshot!(place.shown(command.arg(" ")), @r"
    --- stderr
    error: the name of the team is empty (PRV-NAME)
    hint: Give it a name of 1 to 100 printable characters.
    exit 1
    ");
}
