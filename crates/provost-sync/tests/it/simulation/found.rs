//! What worlds by chance have found: each list of steps went wrong once.

use super::configuration::{Approval, Shape, Title, Vanished};
use super::play;
use super::stage::PLAIN;
use super::step::{Crash, Edit, Meddling, Mode, Step, Trouble, Who};

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

#[test]
fn a_group_that_is_its_own_member_can_be_deleted_and_brought_back() {
    goes_well(&[
        Step::Hire(0, true),
        Step::Found(0, vec![0]),
        Step::Enter(0, Who::Group(0)),
        cycle(),
        Step::Close(0),
        cycle(),
        Step::Reopen(0),
        Step::Quiet,
    ]);
}

#[test]
fn a_reference_that_waits_is_dropped_when_the_directory_changes_its_mind() {
    goes_well(&[
        Step::Configure(Shape {
            scoped: true,
            ..PLAIN
        }),
        Step::Hire(0, false),
        Step::Hire(1, true),
        Step::Change(1, Edit::Manager(Some(0))),
        cycle(),
        Step::Change(1, Edit::Manager(None)),
        cycle(),
        Step::Change(0, Edit::Staff(true)),
        Step::Quiet,
    ]);
}

#[test]
fn a_reference_whose_writing_was_cut_short_is_taken_back_when_nobody_wants_it_any_more() {
    let dies = Trouble {
        crash: Some(Crash::After(1)),
        ..Trouble::default()
    };
    goes_well(&[
        Step::Hire(0, true),
        Step::Hire(1, true),
        cycle(),
        Step::Change(1, Edit::Manager(Some(0))),
        Step::Cycle(Mode::Due, dies),
        Step::Change(1, Edit::Manager(None)),
        Step::Quiet,
    ]);
}

#[test]
fn an_account_whose_making_was_never_told_goes_with_its_person() {
    let dies = Trouble {
        crash: Some(Crash::After(2)),
        ..Trouble::default()
    };
    goes_well(&[
        Step::Hire(0, true),
        Step::Hire(1, true),
        Step::Hire(2, true),
        Step::Cycle(Mode::Due, dies),
        Step::Dismiss(0),
        Step::Quiet,
    ]);
}

#[test]
fn the_guard_counts_people_and_groups_of_one_cycle_together() {
    goes_well(&[
        Step::Guard {
            enabled: true,
            objects: 3,
            members: 2,
        },
        Step::Hire(0, true),
        Step::Hire(1, true),
        Step::Found(0, vec![]),
        Step::Found(1, vec![]),
        cycle(),
        Step::Dismiss(0),
        Step::Dismiss(1),
        Step::Close(0),
        Step::Close(1),
        cycle(),
    ]);
}

#[test]
fn attributes_that_could_not_follow_a_disable_are_written_later() {
    let down = Trouble {
        down: Some((2, 40)),
        ..Trouble::default()
    };
    goes_well(&[
        Step::Hire(0, true),
        cycle(),
        Step::Change(0, Edit::Active(false)),
        Step::Change(0, Edit::Title(Some(0))),
        Step::Cycle(Mode::Due, down),
        Step::Quiet,
    ]);
}

#[test]
fn the_account_of_somebody_who_is_gone_is_closed_again_when_it_was_opened_by_hand() {
    let shape = Shape {
        may_delete: false,
        ..PLAIN
    };
    goes_well(&[
        Step::Configure(shape),
        Step::Hire(0, true),
        cycle(),
        Step::Dismiss(0),
        cycle(),
        Step::Meddle(Meddling::Switch(0)),
        Step::Quiet,
    ]);
}

#[test]
fn who_left_a_group_and_then_was_deleted_is_not_in_it_when_they_are_back() {
    let shape = Shape {
        may_delete: false,
        approval: Approval::Removals,
        ..PLAIN
    };
    goes_well(&[
        Step::Configure(shape),
        Step::Hire(0, true),
        Step::Found(0, vec![0]),
        cycle(),
        Step::Leave(0, Who::Person(0)),
        Step::Dismiss(0),
        cycle(),
        Step::Return(0),
        Step::Quiet,
    ]);
}

#[test]
fn an_account_made_again_right_before_a_crash_is_not_made_a_third_time() {
    let shape = Shape {
        vanished: Vanished::CreateAgain,
        ..PLAIN
    };
    // The writes are the update that finds nothing, and the create.
    let trouble = Trouble {
        crash: Some(Crash::After(2)),
        ..Trouble::default()
    };
    goes_well(&[
        Step::Configure(shape),
        Step::Hire(4, true),
        cycle(),
        Step::Meddle(Meddling::Lose(Who::Person(4))),
        Step::Change(4, Edit::Name(true)),
        Step::Cycle(Mode::Due, trouble),
        Step::Quiet,
    ]);
}

#[test]
fn members_of_a_group_that_a_plan_made_arrive_once_they_are_approved() {
    let shape = Shape {
        approval: Approval::Always,
        ..PLAIN
    };
    goes_well(&[
        Step::Hire(9, true),
        Step::Configure(shape),
        Step::Found(1, vec![9, 0]),
        Step::Plan,
        Step::Apply(Trouble::default()),
        Step::Quiet,
    ]);
}

#[test]
fn a_membership_that_waits_for_approval_still_waits_when_its_group_is_looked_at_again() {
    let shape = Shape {
        approval: Approval::Always,
        ..PLAIN
    };
    goes_well(&[
        Step::Configure(shape),
        Step::Hire(5, true),
        Step::Found(3, vec![5]),
        cycle(),
        Step::Decide(None, true),
        cycle(),
        Step::Rewind(53),
        cycle(),
        Step::Quiet,
    ]);
}
