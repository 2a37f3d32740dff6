//! What guides are made of.

use super::facts::{Chosen, Facts};
use super::{entra, microsoft_365, moving, okta, people, people_and_groups};
use crate::texts::text;
use provost_scim::leniency::Dialect;

/// A guide.
pub(super) struct Guide {
    /// Its part of the address, and its name in sign-offs.
    pub name: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    /// What it sets up.
    pub subject: Subject,
    /// Whether a step is closed, for reading too, as long as one before it is not done.
    pub is_strict: bool,
    /// Its steps, with what is known of each.
    pub steps: fn(&Facts) -> Vec<Step>,
}

/// What a guide sets up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A connection with this connector.
    Connection(&'static str),
    /// An inbound provider through which this system pushes.
    Provider(Dialect),
    /// A provider that people come from, and a connection with this connector that they go to.
    Both(&'static str),
    /// A provider of Microsoft 365.
    Microsoft365,
}

impl Subject {
    /// What its facts are read about, unless an address names something.
    pub fn chosen(self) -> Chosen {
        Chosen {
            connector: match self {
                Self::Connection(connector) | Self::Both(connector) => Some(connector),
                Self::Provider(_) | Self::Microsoft365 => None,
            },
            dialect: match self {
                Self::Provider(dialect) => Some(dialect),
                _ => None,
            },
            is_microsoft_365: self == Self::Microsoft365,
            ..Chosen::default()
        }
    }
}

/// All guides, in the order of the list.
pub(super) const GUIDES: [Guide; 6] = [
    Guide {
        name: moving::NAME,
        title: text("Move Microsoft 365 to Provost"),
        about: text(
            "Your people sign in to Microsoft 365 with Provost, and their accounts follow the directory: five steps, one after the other.",
        ),
        subject: Subject::Microsoft365,
        is_strict: true,
        steps: moving::steps,
    },
    Guide {
        name: "entra",
        title: text("Microsoft Entra pushes people in"),
        about: text("Entra sends people and groups by SCIM, and Provost keeps them in the directory."),
        subject: Subject::Provider(Dialect::Entra),
        is_strict: false,
        steps: entra::steps,
    },
    Guide {
        name: "okta",
        title: text("Okta pushes people in"),
        about: text("Okta sends people and groups by SCIM, and Provost keeps them in the directory."),
        subject: Subject::Provider(Dialect::Okta),
        is_strict: false,
        steps: okta::steps,
    },
    Guide {
        name: "microsoft-365",
        title: text("Microsoft 365: a connection and its rule"),
        about: text(
            "People of the directory become accounts of Microsoft 365, with their licences and groups.",
        ),
        subject: Subject::Connection("graph"),
        is_strict: false,
        steps: microsoft_365::steps,
    },
    Guide {
        name: "application-users",
        title: text("An application by SCIM: users"),
        about: text("People reach an application that takes users only, such as Connecter."),
        subject: Subject::Both("scim"),
        is_strict: false,
        steps: people::steps,
    },
    Guide {
        name: "application-users-groups",
        title: text("An application by SCIM: users and groups"),
        about: text("People and groups reach an application that takes both, such as Peripass."),
        subject: Subject::Both("scim"),
        is_strict: false,
        steps: people_and_groups::steps,
    },
];

/// The guide of this name.
pub(super) fn find(name: &str) -> Option<&'static Guide> {
    GUIDES.iter().find(|one| one.name == name)
}

/// A step of a guide.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Its name in sign-offs and addresses.
    pub key: &'static str,
    pub title: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// What the administrator does, in order.
    pub doing: Vec<&'static str>,
    /// Values to be copied: label and value.
    pub values: Vec<(&'static str, String)>,
    pub ways: Vec<Way>,
    pub checks: Vec<Check>,
    /// What a later step shows of this one: nothing waits for it.
    pub proofs: Vec<Check>,
    /// What a person signs off, where no fact can show it.
    pub sign: Option<&'static str>,
    /// Whether it can be signed off as done elsewhere.
    pub is_elsewhere: bool,
    /// Whether the signature is only needed as long as the checks are open: what they look at comes later.
    pub is_signed_ahead: bool,
}

/// A way to the page where a step is done.
#[derive(Debug)]
pub(super) struct Way {
    pub label: &'static str,
    pub address: String,
    /// Whether it leads to somebody else's pages.
    pub is_outside: bool,
}

/// One line of a checklist.
#[derive(Debug, Clone)]
pub(super) struct Check {
    /// What must be.
    pub sentence: &'static str,
    /// What shows it, and since when; else what is missing.
    pub found: Result<Evidence, &'static str>,
    /// Whether what shows it is in English, as the engine says it.
    pub is_english: bool,
}

/// What shows that something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Evidence {
    pub told: String,
    /// Milliseconds since 1970; none where the fact has no time.
    pub at: Option<i64>,
}

impl Step {
    pub fn new(key: &'static str, title: &'static str, about: &'static str) -> Self {
        Self {
            key,
            title,
            about,
            ..Self::default()
        }
    }

    pub fn doing(mut self, sentences: &[&'static str]) -> Self {
        self.doing.extend_from_slice(sentences);
        self
    }

    pub fn value(mut self, label: &'static str, value: impl Into<String>) -> Self {
        self.values.push((label, value.into()));
        self
    }

    /// A way to one of our pages.
    pub fn way(mut self, label: &'static str, address: String) -> Self {
        self.ways.push(Way {
            label,
            address,
            is_outside: false,
        });
        self
    }

    /// A way to somebody else's pages.
    pub fn outside(mut self, label: &'static str, address: &str) -> Self {
        self.ways.push(Way {
            label,
            address: address.to_owned(),
            is_outside: true,
        });
        self
    }

    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// What a later step shows of this one.
    pub fn proof(mut self, check: Check) -> Self {
        self.proofs.push(check);
        self
    }

    pub fn sign(mut self, sentence: &'static str) -> Self {
        self.sign = Some(sentence);
        self
    }

    /// What a person records, done here or elsewhere.
    pub fn record(mut self, sentence: &'static str) -> Self {
        self.is_elsewhere = true;
        self.sign(sentence)
    }

    /// What a person signs off as long as the checks cannot be made.
    pub fn sign_ahead(mut self, sentence: &'static str) -> Self {
        self.is_signed_ahead = true;
        self.sign(sentence)
    }

    /// Why the step is not done: what its first open check misses; none once it is done.
    pub fn missing(&self, facts: &Facts) -> Option<&'static str> {
        let open = self
            .checks
            .iter()
            .find_map(|check| check.found.as_ref().err().copied());
        let is_signed = facts.notes.contains_key(self.key);
        if self.is_signed_ahead {
            let is_done = is_signed || open.is_none();
            return (!is_done).then_some(text("Check them, or sign off that you have them."));
        }
        let unsigned = self.sign.is_some() && !is_signed;
        open.or_else(|| unsigned.then_some(text("Sign off that this is done, or why it is not needed.")))
    }
}

impl Check {
    /// A check with its evidence.
    pub fn done(sentence: &'static str, told: impl Into<String>, at: Option<i64>) -> Self {
        let told = told.into();
        Self {
            sentence,
            found: Ok(Evidence { told, at }),
            is_english: false,
        }
    }

    /// A check that is open, with what is missing.
    pub fn open(sentence: &'static str, missing: &'static str) -> Self {
        Self {
            sentence,
            found: Err(missing),
            is_english: false,
        }
    }

    /// The same with evidence in English.
    pub fn in_english(mut self) -> Self {
        self.is_english = true;
        self
    }

    /// Done with this evidence, or open.
    pub fn of(
        sentence: &'static str,
        evidence: Option<(String, Option<i64>)>,
        missing: &'static str,
    ) -> Self {
        match evidence {
            Some((told, at)) => Self::done(sentence, told, at),
            None => Self::open(sentence, missing),
        }
    }
}
