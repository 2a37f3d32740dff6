//! What worlds by chance have found: each list of steps went wrong once.

use super::configuration::{Approval, Shape, Title};
use super::play;
use super::stage::PLAIN;
use super::step::{Edit, Meddling, Mode, Step, Trouble, Who};

fn goes_well(steps: &[Step]) {
    if let (_, Some((place, wrong))) = play(steps) {
        panic!("after {:?}:\n{}", steps[place], wrong.join("\n"));
    }
}

fn cycle() -> Step {
    Step::Cycle(Mode::Due, Trouble::default())
}

#[test]
fn a_namesake_does_not_open_the_account_of_somebody_who_left() {
    let shape = Shape {
        may_delete: false,
        ..PLAIN
    };
    goes_well(&[
        Step::Configure(shape),
        Step::Hire(0, true),
        cycle(),
        Step::Dismiss(0),
        Step::Hire(0, true),
        Step::Quiet,
    ]);
}

#[test]
fn what_one_mapping_left_alone_the_next_one_repairs() {
    let kept = Shape {
        title: Title::Kept,
        ..PLAIN
    };
    goes_well(&[
        Step::Configure(kept),
        Step::Hire(0, true),
        cycle(),
        Step::Meddle(Meddling::Title(0)),
        Step::Cycle(Mode::Reconcile, Trouble::default()),
        Step::Configure(PLAIN),
        Step::Quiet,
    ]);
}

#[test]
fn a_manager_whose_account_is_another_one_is_referred_to_anew() {
    goes_well(&[
        Step::Hire(0, true),
        Step::Hire(1, true),
        Step::Change(1, Edit::Manager(Some(0))),
        cycle(),
        Step::Meddle(Meddling::Lose(Who::Person(0))),
        Step::Quiet,
    ]);
}

#[test]
fn a_group_that_was_provisioned_on_demand_gets_its_members() {
    let approved = Shape {
        approval: Approval::Always,
        ..PLAIN
    };
    goes_well(&[
        Step::Hire(0, true),
        cycle(),
        Step::Configure(approved),
        Step::Found(0, vec![0]),
        cycle(),
        Step::Decide(None, true),
        Step::Demand(Who::Group(0), Trouble::default()),
        Step::Quiet,
    ]);
}
