use super::*;
use anyhow::Context as _;
use provost_store::Error as Store;
use provost_sync::Error as Sync;

fn refused() -> Store {
    Store::Refused {
        code: "PRV-TEST",
        sentence: "this cannot be done".to_owned(),
        hint: "Do something else.".to_owned(),
    }
}

fn failed(failure: Failure) -> anyhow::Error {
    anyhow::Error::from(failure)
}

#[test]
fn a_guard_says_its_code_and_gives_its_hint_a_line() {
    let said = "error: this cannot be done (PRV-TEST)\nhint: Do something else.\n";
    assert_eq!(text(&refused().into(), false), said);
    assert_eq!(text(&Sync::Store(refused()).into(), false), said);
}

#[test]
fn the_chain_and_the_hint_are_shown_once() {
    let error = failed(Failure::new("the file is empty", "write something into it"));
    let error = error.context("cannot read the rule");
    assert_eq!(
        text(&error, false),
        "error: cannot read the rule\nbecause: the file is empty\nhint: write something into it\n"
    );
    assert_eq!(
        to_json(&error),
        json!({
            "error": "cannot read the rule", "because": ["the file is empty"], "code": null,
            "hint": "write something into it", "exit_status": 1,
        })
    );
    assert_eq!(to_json(&refused().into())["code"], "PRV-TEST");
}

#[test]
fn colours_are_on_the_words_and_a_stranger_brings_none() {
    let error = failed(Failure::new("the target says \u{1b}[2Jgone", "Look."));
    assert_eq!(
        text(&error, true),
        "\u{1b}[31merror:\u{1b}[0m the target says \u{fffd}[2Jgone\n\u{1b}[36mhint:\u{1b}[0m Look.\n"
    );
}

#[test]
fn what_passes_by_itself_has_a_status_of_its_own() {
    assert_eq!(status(&Sync::Running.into()), LATER);
    assert_eq!(status(&Sync::Store(Store::Busy { limit: 1 }).into()), LATER);
    assert_eq!(
        status(&Store::Retry("the leader changed".to_owned()).into()),
        LATER
    );
    let nested = Err::<(), _>(Sync::Running).context("cannot run the cycle");
    assert_eq!(nested.map_or_else(|error| status(&error), |()| 0), LATER);
    assert_eq!(status(&refused().into()), FAILED);
    assert_eq!(status(&failed(Failure::new("a", "b").with_status(USAGE))), USAGE);
}
