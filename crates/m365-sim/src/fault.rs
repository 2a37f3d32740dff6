//! Faults on order: the answers that networks and services give on bad days.

pub(crate) mod catalogue;
mod effect;
mod rule;
mod strike;

use serde::Serialize;

pub use effect::{Effect, Shape};
pub use rule::{Rule, When};

pub(crate) use effect::Place;
pub(crate) use strike::{Asked, Faults};

/// A fault that befalls the next matching Graph requests. [`Rule`] can say more.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Only requests with this method; `None`: any.
    pub method: Option<String>,
    /// Only requests whose path contains this text. Empty: any.
    pub path: String,
    /// Matching requests that go well first.
    pub skip: u32,
    /// Matching requests that are struck after those.
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// What happens to a struck request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not carried out; the answer has this status and an error body. 503 comes with `Retry-After: 1`.
    Status(u16),
    /// It is not carried out; the answer is 200 with a page of HTML.
    Html,
    /// It is not carried out; the connection closes without an answer. Needs [`crate::Simulator::serve`].
    Drop,
    /// It is carried out, but the connection closes before the answer. Needs [`crate::Simulator::serve`].
    LoseAnswer,
    /// It is carried out, but the connection closes after so many bytes of the answer. Needs
    /// [`crate::Simulator::serve`].
    Truncate(usize),
    /// It is not carried out, and no answer ever comes.
    Hang,
}

impl FaultKind {
    fn effect(&self) -> Effect {
        match self {
            FaultKind::Status(status) => Effect::Status { status: *status },
            FaultKind::Html => Effect::Html { status: 200 },
            FaultKind::Drop => Effect::Drop { after: false },
            FaultKind::LoseAnswer => Effect::Drop { after: true },
            FaultKind::Truncate(bytes) => Effect::Cut { bytes: *bytes },
            FaultKind::Hang => Effect::Hang,
        }
    }
}

/// A rule that is in force, and what it has done so far.
#[derive(Debug, Clone, Serialize)]
pub struct InForce {
    /// Its number: for taking it back.
    pub id: u64,
    /// The rule as it was ordered.
    #[serde(flatten)]
    pub rule: Rule,
    /// Requests that it could have struck.
    pub met: u64,
    /// Requests that it has struck.
    pub struck: u64,
}
