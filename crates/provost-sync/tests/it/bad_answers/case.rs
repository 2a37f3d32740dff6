//! One bad answer: the world it is met in, what it does, and what must hold in the end.

use m365_sim::{Effect, Rule, Settings, Simulator, When};
use provost_store::connection::State;
use serde_json::{Value, json};

/// What the tenant holds when all went well.
pub const WHOLE: &str = "ann Clerk SPE_E3 under bob, bob; Sales: ann bob";
/// What it holds when nothing was written.
pub const EMPTY: &str = "; ";

/// What happens after a first cycle in which all went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Ann gets another title.
    Title,
    /// Ann has no manager any more.
    NoManager,
    /// Ann is disabled.
    Disable,
    /// Ann leaves: she is deleted in the directory.
    Leave,
    /// Ann was deleted; somebody of her name comes.
    LeaveAndCome,
    /// Bob is taken out of the group.
    OutOfGroup,
    /// A third person joins the group.
    Join,
    /// The group is deleted in the directory.
    NoGroup,
    /// The group gets another name, and changes in the target therefore.
    RenameGroup,
    /// Ann gets another licence in place of hers.
    OtherLicence,
    /// Ann loses her licence.
    NoLicence,
    /// Everything in the target is compared.
    Reconcile,
    /// The target is asked for its changes.
    ReadChanges,
    /// Ann gets an administrator's role in the tenant.
    Promote,
    /// The places up to which changes were read are declared void.
    ResetDelta,
    /// Time passes in the tenant, a week and a day.
    WeekPasses,
}

/// Where an administrator finds the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The connection's own state.
    Connection,
    /// How far an object is synchronised.
    Unsynced,
    Partial,
    Failed,
    /// A step that is tried again: a member, a licence.
    Retry,
    /// A step that waits for a person.
    Staged,
    /// A question that a person has to answer.
    Doubt,
    /// The line of the log; nothing is left to do.
    Log,
    /// The report of the reading.
    Reading,
}

/// What is told, where, and with which code.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub place: Place,
    /// The object's name; empty for the connection.
    pub about: &'static str,
    pub code: &'static str,
}

pub struct Case {
    pub name: String,
    pub settings: Vec<fn(&mut Settings)>,
    /// Changes of the rules: people, groups.
    pub rules: Vec<fn(&mut Value, &mut Value)>,
    /// Changes of ann's document before she is made.
    pub ann: Value,
    pub plant: Option<fn(&Simulator)>,
    pub changes: Vec<Change>,
    pub faults: Vec<Rule>,
    /// What the tenant holds when nothing is to be done any more.
    pub holds: String,
    pub state: State,
    pub told: Option<Told>,
    /// What it holds after the cause is gone. `None`: the cause stays until somebody decides.
    pub mended: Option<String>,
    /// Who is met first depends on the moment, and with it what stands in the log until it has healed.
    pub by_chance: bool,
    /// What takes the cause away, beside the end of the faults.
    pub mend: Option<fn(&Simulator)>,
}

impl Case {
    /// A case in which all goes well until somebody says otherwise.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            settings: Vec::new(),
            rules: Vec::new(),
            ann: json!({}),
            plant: None,
            changes: Vec::new(),
            faults: Vec::new(),
            holds: WHOLE.to_owned(),
            state: State::Active,
            told: None,
            mended: None,
            by_chance: false,
            mend: None,
        }
    }

    /// The next so many of these requests are answered badly.
    pub fn strike(mut self, operation: &str, times: u32, effect: Effect) -> Self {
        self.faults.push(Rule::next(operation, times, effect));
        self
    }

    /// The first so many go well.
    pub fn strike_after(mut self, operation: &str, skip: u32, times: u32, effect: Effect) -> Self {
        self.faults.push(Rule {
            operation: operation.to_owned(),
            when: When {
                skip,
                ..When::next(times)
            },
            effect,
        });
        self
    }

    /// The same by the name of a refusal.
    pub fn answer(self, operation: &str, times: u32, error: &str) -> Self {
        self.strike(operation, times, Effect::answer(error))
    }

    /// The answer is a refusal although the request was carried out.
    pub fn answer_after(self, operation: &str, times: u32, error: &str) -> Self {
        self.strike(operation, times, Effect::answer_after(error))
    }

    /// All of these requests are answered badly until the cause is gone.
    pub fn endlessly(mut self, operation: &str, effect: Effect) -> Self {
        self.faults.push(Rule {
            operation: operation.to_owned(),
            when: When::default(),
            effect,
        });
        self.mended.get_or_insert_with(|| WHOLE.to_owned());
        self
    }

    /// The same by the name of a refusal.
    pub fn always(self, operation: &str, error: &str) -> Self {
        self.endlessly(operation, Effect::answer(error))
    }

    pub fn settings(mut self, change: fn(&mut Settings)) -> Self {
        self.settings.push(change);
        self
    }

    pub fn rules(mut self, change: fn(&mut Value, &mut Value)) -> Self {
        self.rules.push(change);
        self
    }

    pub fn ann(mut self, more: Value) -> Self {
        self.ann = more;
        self
    }

    pub fn plant(mut self, plant: fn(&Simulator)) -> Self {
        self.plant = Some(plant);
        self
    }

    /// Something happens after a good first cycle, and the faults are met from then on.
    pub fn then(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    pub fn holds(mut self, holds: &str) -> Self {
        holds.clone_into(&mut self.holds);
        self
    }

    pub fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    pub fn told(mut self, place: Place, about: &'static str, code: &'static str) -> Self {
        self.told = Some(Told { place, about, code });
        self
    }

    pub fn by_chance(self) -> Self {
        Self {
            by_chance: true,
            ..self
        }
    }

    /// What the tenant holds after the cause is gone.
    pub fn mended(mut self, holds: &str) -> Self {
        self.mended = Some(holds.to_owned());
        self
    }

    /// How the cause goes.
    pub fn mend(mut self, mend: fn(&Simulator), holds: &str) -> Self {
        self.mend = Some(mend);
        self.mended(holds)
    }

    /// It cannot work before somebody mends the connection: nothing was written.
    pub fn stops(self, code: &'static str) -> Self {
        self.state(State::Invalid).told(Place::Connection, "", code)
    }
}
