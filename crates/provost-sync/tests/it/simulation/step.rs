//! What happens in a world, one thing after another. A step names people and groups by their place, never by
//! anything that an earlier step made: any step can be left out and the others still mean something.

use super::configuration::{Preference, Shape};
use super::dice::Dice;

/// Places for people and for groups.
pub const PEOPLE: usize = 10;
pub const GROUPS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Person(usize),
    Group(usize),
}

/// A change of one person in the directory.
#[derive(Debug, Clone, Copy)]
pub enum Edit {
    Active(bool),
    /// One of two user names of this place.
    Name(bool),
    Title(Option<u8>),
    Department(Option<u8>),
    /// In scope or not, where the rule has a scope.
    Staff(bool),
    Manager(Option<usize>),
}

/// What somebody does in the target by hand.
#[derive(Debug, Clone, Copy)]
pub enum Meddling {
    Title(usize),
    /// Writes an attribute that nobody maps.
    Phone(usize),
    Switch(usize),
    Lose(Who),
    /// Makes an account with the user name of this place.
    Twin(usize),
    /// Makes an account that is nobody's, and puts it into a group.
    Outsider(Option<usize>),
    AddMember(usize, usize),
    RemoveMember(usize, usize),
}

/// How one call of the target fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Refused,
    /// A write happens, but nobody hears of it.
    Lost,
    Throttled,
    Unavailable,
    Locked,
}

/// Where the process dies.
#[derive(Debug, Clone, Copy)]
pub enum Crash {
    /// Before the call with this number is carried out.
    Before(u32),
    /// After the write with this number was carried out, before its answer is read.
    After(u32),
    /// At the next wait after the clock was read so many times.
    Clock(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Due,
    Initial,
    Reconcile,
}

/// Everything that goes wrong in one cycle.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    /// By the number of the write.
    pub faults: Vec<(u32, Fault)>,
    /// The target is down for the calls from the first to the second number.
    pub down: Option<(u32, u32)>,
    pub crash: Option<Crash>,
    /// Searches find nothing.
    pub blind: bool,
    /// Lists break off after so many pages, of so many accounts.
    pub broken_list: Option<(usize, usize)>,
    /// Lists leave out every account whose number is divided by this one.
    pub hides: Option<usize>,
    /// The directory changes at this call.
    pub change: Option<(u32, Box<Step>)>,
}

#[derive(Debug, Clone)]
pub enum Step {
    Hire(usize, bool),
    Change(usize, Edit),
    Dismiss(usize),
    Return(usize),
    Found(usize, Vec<usize>),
    Close(usize),
    Reopen(usize),
    Rename(usize, bool),
    Enter(usize, Who),
    Leave(usize, Who),
    Assign(Who),
    Unassign(Who),
    Protect(Who),
    Unprotect(Who),
    Configure(Shape),
    Prefer(Preference),
    Guard {
        enabled: bool,
        objects: u32,
        members: u32,
    },
    Meddle(Meddling),
    /// Minutes.
    Pass(i64),
    Cycle(Mode, Trouble),
    Demand(Who, Trouble),
    /// Decides the waiting step with this number, counted in a circle; `None`: all of them.
    Decide(Option<usize>, bool),
    Plan,
    Apply(Trouble),
    /// Changes are told of again: the watermark goes back to this share, of 256, of the log.
    Rewind(u8),
    Revisit(Who),
    /// All faults stop and everything held is approved: the target must come to agree with the directory.
    Quiet,
}

/// The steps of a world.
pub fn of_seed(seed: u64) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let mut steps = vec![
        Step::Configure(Shape::by_chance(&mut dice)),
        Step::Prefer(Preference::by_chance(&mut dice)),
        guard(&mut dice),
    ];
    for place in 0..PEOPLE {
        if !dice.one_in(3) {
            steps.push(Step::Hire(place, !dice.one_in(4)));
        }
    }
    for place in 0..GROUPS {
        steps.push(Step::Found(
            place,
            (0..dice.below(5)).map(|_| dice.below(PEOPLE)).collect(),
        ));
        steps.push(Step::Assign(who(&mut dice)));
    }
    for _ in 0..1 + dice.below(2) {
        for _ in 0..60 + dice.below(120) {
            steps.push(any(&mut dice));
        }
        steps.push(Step::Quiet);
    }
    steps
}

fn any(dice: &mut Dice) -> Step {
    match dice.below(26) {
        0..=13 => in_directory(dice),
        14..=19 => cycle(dice),
        20 => Step::Meddle(meddling(dice)),
        21 => Step::Pass(dice.pick(&[1, 10, 61, 61, 400, 1_000, 1_441, 1_441, 4_400, 10_000])),
        22 | 23 => by_administrator(dice),
        24 => match dice.below(4) {
            0 => Step::Plan,
            1 => Step::Apply(Trouble::default()),
            2 => Step::Apply(trouble(dice)),
            _ => Step::Demand(who(dice), Trouble::default()),
        },
        _ => match dice.below(3) {
            0 => Step::Rewind(dice.below(256) as u8),
            _ => Step::Revisit(who(dice)),
        },
    }
}

fn who(dice: &mut Dice) -> Who {
    if dice.one_in(3) {
        Who::Group(dice.below(GROUPS))
    } else {
        Who::Person(dice.below(PEOPLE))
    }
}

fn in_directory(dice: &mut Dice) -> Step {
    let (person, group) = (dice.below(PEOPLE), dice.below(GROUPS));
    match dice.below(22) {
        0 | 1 => Step::Hire(person, !dice.one_in(4)),
        2..=9 => Step::Change(person, edit(dice)),
        10 | 11 => Step::Dismiss(person),
        12 | 13 => Step::Return(person),
        14 => Step::Found(group, (0..dice.below(4)).map(|_| dice.below(PEOPLE)).collect()),
        15 => match dice.below(3) {
            0 => Step::Close(group),
            1 => Step::Reopen(group),
            _ => Step::Rename(group, dice.one_in(2)),
        },
        16..=18 => Step::Enter(group, who(dice)),
        19 => Step::Leave(group, who(dice)),
        20 => Step::Assign(who(dice)),
        _ => Step::Unassign(who(dice)),
    }
}

fn edit(dice: &mut Dice) -> Edit {
    let value = (!dice.one_in(3)).then(|| dice.below(3) as u8);
    match dice.below(8) {
        0..=2 => Edit::Active(dice.one_in(2)),
        3 => Edit::Name(dice.one_in(2)),
        4 => Edit::Title(value),
        5 => Edit::Department(value),
        6 => Edit::Staff(dice.one_in(2)),
        _ => Edit::Manager((!dice.one_in(4)).then(|| dice.below(PEOPLE))),
    }
}

fn meddling(dice: &mut Dice) -> Meddling {
    let (person, group) = (dice.below(PEOPLE), dice.below(GROUPS));
    match dice.below(10) {
        0 | 1 => Meddling::Title(person),
        2 => Meddling::Phone(person),
        3 => Meddling::Switch(person),
        4 => Meddling::Lose(who(dice)),
        5 | 6 => Meddling::Twin(person),
        7 => Meddling::Outsider((!dice.one_in(3)).then_some(group)),
        8 => Meddling::AddMember(group, person),
        _ => Meddling::RemoveMember(group, person),
    }
}

fn by_administrator(dice: &mut Dice) -> Step {
    match dice.below(10) {
        0..=2 => Step::Decide(None, true),
        3 => Step::Decide(Some(dice.below(8)), true),
        4 => Step::Decide(Some(dice.below(8)), false),
        5 => Step::Protect(who(dice)),
        6 => Step::Unprotect(who(dice)),
        7 => Step::Configure(Shape::by_chance(dice)),
        8 => Step::Prefer(Preference::by_chance(dice)),
        _ => guard(dice),
    }
}

fn guard(dice: &mut Dice) -> Step {
    Step::Guard {
        enabled: !dice.one_in(3),
        objects: dice.below(4) as u32,
        members: dice.below(4) as u32,
    }
}

fn cycle(dice: &mut Dice) -> Step {
    let mode = match dice.below(10) {
        0 => Mode::Initial,
        1 | 2 => Mode::Reconcile,
        _ => Mode::Due,
    };
    let trouble = if dice.one_in(2) {
        trouble(dice)
    } else {
        Trouble::default()
    };
    Step::Cycle(mode, trouble)
}

fn trouble(dice: &mut Dice) -> Trouble {
    // Most cycles make few calls.
    let call = |dice: &mut Dice| {
        let most = dice.pick(&[4, 4, 8, 16, 32]);
        1 + dice.below(most) as u32
    };
    let mut trouble = Trouble::default();
    match dice.below(10) {
        0..=2 => {
            let kinds = [
                Fault::Refused,
                Fault::Lost,
                Fault::Lost,
                Fault::Throttled,
                Fault::Unavailable,
                Fault::Locked,
            ];
            for _ in 0..1 + dice.below(4) {
                trouble.faults.push((1 + dice.below(5) as u32, dice.pick(&kinds)));
            }
        }
        3 | 4 => {
            let at = call(dice);
            trouble.crash = Some(if dice.one_in(2) {
                Crash::Before(at)
            } else {
                Crash::After(at)
            });
        }
        5 => trouble.crash = Some(Crash::Clock(1 + dice.below(16) as u32)),
        6 => {
            let from = call(dice);
            trouble.down = Some((from, from + dice.below(40) as u32));
        }
        7 => trouble.blind = true,
        8 => match dice.below(2) {
            0 => trouble.broken_list = Some((dice.below(3), 2)),
            _ => trouble.hides = Some(1 + dice.below(3)),
        },
        _ => trouble.change = Some((call(dice), Box::new(in_directory(dice)))),
    }
    trouble
}
