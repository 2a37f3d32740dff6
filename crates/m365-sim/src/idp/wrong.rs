//! Answers that are wrong on purpose, each by its name: what an application must refuse.

mod content;
mod document;
mod signature;
mod wrapping;

use super::Person;
use super::plan::Plan;
use crate::SigningKey;
use crate::saml::seal::Seal;
use crate::saml::tree::Element;
use crate::settings::Signs;

/// What is at hand when an answer is spoilt.
pub(crate) struct Stage {
    /// A key that nobody trusts.
    pub stranger: SigningKey,
    /// Whom the attacker wants to be.
    pub victim: Person,
    /// The document that the application got last.
    pub last: Option<String>,
    pub plan: Plan,
}

/// Changes the fields of a form.
type SpoilForm = fn(&mut Vec<(String, String)>);

/// One way to be wrong. What it does happens in this order.
#[derive(Clone, Copy)]
pub(crate) struct Wrong {
    pub name: &'static str,
    pub about: &'static str,
    signs: Option<Signs>,
    plan: Option<fn(&mut Plan, &Stage)>,
    /// The unsigned response.
    draft: Option<fn(&mut Element, &Stage)>,
    seal: Option<fn(&mut Seal, &Stage)>,
    unsigned: bool,
    /// The signed response.
    tree: Option<fn(&mut Element, &Stage)>,
    /// The document as text.
    text: Option<fn(String, &Stage) -> String>,
    /// The document as bytes.
    bytes: Option<fn(String) -> Vec<u8>>,
    /// The form that the browser posts.
    form: Option<SpoilForm>,
}

const fn wrong(name: &'static str, about: &'static str) -> Wrong {
    Wrong {
        name,
        about,
        signs: None,
        plan: None,
        draft: None,
        seal: None,
        unsigned: false,
        tree: None,
        text: None,
        bytes: None,
        form: None,
    }
}

impl Wrong {
    const fn signs(self, signs: Signs) -> Wrong {
        Wrong {
            signs: Some(signs),
            ..self
        }
    }

    const fn plan(self, change: fn(&mut Plan, &Stage)) -> Wrong {
        Wrong {
            plan: Some(change),
            ..self
        }
    }

    const fn draft(self, change: fn(&mut Element, &Stage)) -> Wrong {
        Wrong {
            draft: Some(change),
            ..self
        }
    }

    const fn seal(self, change: fn(&mut Seal, &Stage)) -> Wrong {
        Wrong {
            seal: Some(change),
            ..self
        }
    }

    const fn unsigned(self) -> Wrong {
        Wrong {
            unsigned: true,
            ..self
        }
    }

    const fn tree(self, change: fn(&mut Element, &Stage)) -> Wrong {
        Wrong {
            tree: Some(change),
            ..self
        }
    }

    const fn text(self, change: fn(String, &Stage) -> String) -> Wrong {
        Wrong {
            text: Some(change),
            ..self
        }
    }

    const fn bytes(self, change: fn(String) -> Vec<u8>) -> Wrong {
        Wrong {
            bytes: Some(change),
            ..self
        }
    }

    const fn form(self, change: SpoilForm) -> Wrong {
        Wrong {
            form: Some(change),
            ..self
        }
    }

    /// The document, spoilt. `None` only when this machine cannot sign.
    pub(crate) fn document(&self, stage: &mut Stage) -> Option<Vec<u8>> {
        if let Some(signs) = self.signs {
            stage.plan.signs = signs;
        }
        let mut plan = stage.plan.clone();
        if let Some(change) = self.plan {
            change(&mut plan, stage);
        }
        if let Some(change) = self.seal {
            change(&mut plan.seal, stage);
        }
        let mut response = plan.write()?;
        stage.plan = plan;
        if let Some(change) = self.draft {
            change(&mut response, stage);
        }
        if !self.unsigned {
            stage.plan.sign(&mut response)?;
        }
        if let Some(change) = self.tree {
            change(&mut response, stage);
        }
        let text = response.write();
        let text = match self.text {
            Some(change) => change(text, stage),
            None => text,
        };
        Some(match self.bytes {
            Some(change) => change(text),
            None => text.into_bytes(),
        })
    }

    pub(crate) fn spoil_form(&self, fields: &mut Vec<(String, String)>) {
        if let Some(change) = self.form {
            change(fields);
        }
    }
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Wrong> {
    [
        content::ALL,
        signature::ALL,
        wrapping::ALL,
        document::ALL,
        document::SENT,
    ]
    .into_iter()
    .flatten()
}

pub(crate) fn named(name: &str) -> Option<&'static Wrong> {
    all().find(|one| one.name == name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
