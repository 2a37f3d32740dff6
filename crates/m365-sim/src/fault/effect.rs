//! What a rule does to a request.

use serde::{Deserialize, Serialize};

use super::catalogue;
use crate::idp::wrong;
use crate::settings::RetryAfter;

/// What happens to a struck request. `after`: it is carried out all the same, only its answer is another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// A refusal from the catalogue, by its name.
    Answer {
        /// The name, such as `throttled` or, at the token endpoint, `AADSTS7000222`.
        error: String,
        /// The request was carried out.
        #[serde(default)]
        after: bool,
        /// The form of `Retry-After`; without it, as the catalogue has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<RetryAfter>,
        /// The time that `Retry-After` speaks of, in seconds.
        #[serde(default = "one")]
        wait_s: f64,
        /// How the error body is built.
        #[serde(default)]
        shape: Shape,
    },
    /// This status with the body of `serviceNotAvailable`.
    Status {
        /// The status.
        status: u16,
    },
    /// A page of HTML.
    Html {
        /// Its status.
        #[serde(default = "ok")]
        status: u16,
    },
    /// 200, the content type of JSON, and a body that is none.
    Garbage,
    /// The connection closes without an answer. Needs [`crate::Simulator::serve`].
    Drop {
        /// The request was carried out.
        #[serde(default)]
        after: bool,
    },
    /// Carried out; the connection closes after so many bytes of the answer. Needs [`crate::Simulator::serve`].
    Cut {
        /// Bytes of the answer, its head included, that still arrive.
        bytes: usize,
    },
    /// Answered late.
    Delay {
        /// By how much.
        ms: u64,
    },
    /// Never carried out, never answered.
    Hang,
    /// The right body under another content type.
    ContentType {
        /// The content type.
        value: String,
    },
    /// The right status and an empty body.
    EmptyBody,
    /// A batch's answer without so many of its entries; they were carried out.
    MissingEntry {
        /// How many are missing.
        #[serde(default = "single")]
        count: usize,
    },
    /// A batch's answer in another order.
    ShuffledEntries,
    /// A page without entries, whose next link is the same address again.
    EmptyPage,
    /// The next link that comes with the answer is good for nothing.
    LostPageToken,
    /// An address is answered 503 once; the next link that its retry gives is good for nothing; from the third time on all
    /// is well.
    LostTokenAfterRetry,
    /// The answer to an application's sign-in by SAML (`* /saml2`) is wrong in the way of this name. What would be posted is
    /// spoilt; everything else about the sign-in is as always.
    WrongResponse {
        /// The name, such as `expired` or `xsw_3`; `GET /_sim/control/catalogue` lists them.
        name: String,
        /// Whom the attacker wants to be, by id or user principal name. Without it, any other person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        victim: Option<String>,
    },
    /// One of several, drawn anew each time among those that fit where the request stands.
    OneOf {
        /// The several; none of them chooses itself.
        of: Vec<Effect>,
    },
}

/// How an error body is built: the documentation has all three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `innerError`, flat.
    #[default]
    Usual,
    /// `innererror`.
    LowerCase,
    /// The code that matters is two levels down; the outer one says `UnknownError`.
    Nested,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A request of HTTP.
    Outer,
    /// An entry of a batch.
    Entry,
}

fn one() -> f64 {
    1.0
}

fn ok() -> u16 {
    200
}

fn single() -> usize {
    1
}

impl Effect {
    /// A refusal from the catalogue, in place of carrying the request out.
    #[must_use]
    pub fn answer(error: &str) -> Effect {
        Effect::Answer {
            error: error.to_owned(),
            after: false,
            retry_after: None,
            wait_s: one(),
            shape: Shape::Usual,
        }
    }

    /// A wrong answer to an application's sign-in by SAML, in the way of this name.
    #[must_use]
    pub fn wrong_response(name: &str) -> Effect {
        Effect::WrongResponse {
            name: name.to_owned(),
            victim: None,
        }
    }

    /// A refusal from the catalogue of a request that was carried out.
    #[must_use]
    pub fn answer_after(error: &str) -> Effect {
        Effect::Answer {
            error: error.to_owned(),
            after: true,
            retry_after: None,
            wait_s: one(),
            shape: Shape::Usual,
        }
    }

    /// # Errors
    /// A sentence about what cannot be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        match self {
            Effect::Answer { error, wait_s, .. } => {
                if !catalogue::knows(error) {
                    return Err(format!(
                        "`{error}` is not in the catalogue; GET /_sim/control/catalogue lists the names."
                    ));
                }
                if !wait_s.is_finite() || *wait_s < 0.0 {
                    return Err("`wait_s` must be a number of seconds, 0 or more.".to_owned());
                }
                Ok(())
            }
            Effect::Status { status } | Effect::Html { status } if !(200..600).contains(status) => {
                Err(format!("`status` is {status}, it must be from 200 to 599."))
            }
            Effect::WrongResponse { name, .. } if wrong::named(name).is_none() => Err(format!(
                "`{name}` is no wrong response; GET /_sim/control/catalogue lists them."
            )),
            Effect::OneOf { of } if of.is_empty() => Err("`of` must name at least one effect.".to_owned()),
            Effect::OneOf { of } => of.iter().try_for_each(|one| match one {
                Effect::OneOf { .. } | Effect::LostTokenAfterRetry => {
                    Err("`of` must name effects that do not choose themselves.".to_owned())
                }
                one => one.check(),
            }),
            _ => Ok(()),
        }
    }

    /// An entry of a batch has no connection and no content of its own to spoil.
    pub(super) fn fits(&self, place: Place) -> bool {
        match self {
            Effect::OneOf { of } => of.iter().any(|one| one.fits(place)),
            _ => place == Place::Outer || matches!(self, Effect::Answer { .. } | Effect::Status { .. }),
        }
    }
}
