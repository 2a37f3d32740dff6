//! The steps of a kept plan, those that somebody looks for, by object: what each attribute, licence and membership is
//! before and after.

use super::{action, value};
use crate::console::address::Space;
use provost_engine::object::Kind;
use provost_store::plan::{self, PlanStep};
use provost_store::{Error as Store, Tx, directory, recycle};
use serde::Deserialize;

/// Steps of one page.
const PAGE: usize = 50;
/// Steps that are read at once in a search.
const CHUNK: i64 = 500;
/// Steps that one search looks at; the page says where to go on.
const LOOKED_AT: usize = 10_000;
/// Chunks in which a question looks for who loses something.
const LOSING_CHUNKS: usize = 100;
/// Attributes of one step that a page shows.
const ATTRIBUTES: usize = 60;
/// Attributes of one page: steps of accounts that are made anew have many, and the page stays under 100 KB.
const ATTRIBUTES_OF_PAGE: usize = 240;

/// Which steps are looked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// With this action.
    pub action: String,
    /// Only those that wait for a person.
    pub held: bool,
    /// With this in the name of the person or group.
    pub find: String,
    /// About the object with this inside key.
    pub object: Option<i64>,
    /// After this position.
    pub after: Option<i64>,
}

impl Wanted {
    fn fits(&self, step: &PlanStep) -> bool {
        let text = self.find.trim().to_lowercase();
        (self.action.is_empty() || self.action == step.action)
            && (!self.held || step.held)
            && self
                .object
                .is_none_or(|key| key == step.object || key == step.member)
            && (text.is_empty() || step.label.to_lowercase().contains(&text))
    }

    /// The same search as parameters of an address, from this position on.
    pub fn parameters(&self, after: Option<i64>) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        let texts = [("action", &self.action), ("find", &self.find)];
        all.extend(
            texts
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name, text.clone())),
        );
        all.extend(self.held.then(|| ("held", "true".to_owned())));
        all.extend(self.object.map(|key| ("object", key.to_string())));
        all.extend(after.map(|position| ("after", position.to_string())));
        all
    }

    /// Whether anything is left out.
    pub fn is_narrowed(&self) -> bool {
        !self.parameters(None).is_empty()
    }
}

/// A page of steps.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub found: Vec<PlanStep>,
    /// The public ids of their objects, where these are known.
    ids: Vec<(i64, uuid::Uuid)>,
    /// The position after which the next page begins. A page may be short, even empty, and still go on.
    pub next: Option<i64>,
}

/// Looks for steps.
pub(super) fn read(tx: &mut Tx, plan: i64, wanted: &Wanted) -> Result<Steps, Store> {
    let mut steps = Steps::default();
    let (mut after, mut looked_at, mut attributes) = (wanted.after.unwrap_or(-1), 0, 0);
    'search: loop {
        let chunk = plan::steps(tx, plan, after, CHUNK)?;
        let is_last = chunk.len() < CHUNK as usize;
        for (position, step) in chunk {
            let is_full = steps.found.len() >= PAGE || attributes >= ATTRIBUTES_OF_PAGE;
            if is_full || looked_at >= LOOKED_AT {
                steps.next = Some(after);
                break 'search;
            }
            (after, looked_at) = (position, looked_at + 1);
            if wanted.fits(&step) {
                attributes += step.changes.len().min(ATTRIBUTES);
                steps.found.push(step);
            }
        }
        if is_last {
            break;
        }
    }
    for step in &steps.found {
        if steps.ids.iter().any(|(key, _)| *key == step.object) {
            continue;
        }
        let id = match directory::by_key(tx, step.object)? {
            Some(object) => Some(object.id),
            None => recycle::get(tx, step.object)?.map(|one| one.id),
        };
        steps.ids.extend(id.map(|id| (step.object, id)));
    }
    Ok(steps)
}

/// Who loses something by a plan, each with what is done; the first of them, as far as one search looks.
pub(super) fn losing(tx: &mut Tx, plan: i64, most: usize) -> Result<Vec<String>, Store> {
    let (mut names, mut after) = (Vec::new(), -1);
    for _ in 0..LOSING_CHUNKS {
        let chunk = plan::steps(tx, plan, after, CHUNK)?;
        let Some((position, _)) = chunk.last() else {
            break;
        };
        after = *position;
        let losing = chunk.iter().filter(|(_, step)| action::is_removal(&step.action));
        names.extend(losing.map(|(_, step)| format!("{}: {}", step.label, step.action)));
        if names.len() >= most {
            break;
        }
    }
    names.truncate(most);
    Ok(names)
}

/// A person or group with its steps.
pub(super) struct ObjectView {
    pub label: String,
    pub kind: &'static str,
    /// Their page; none where the directory has forgotten them.
    pub address: Option<String>,
    /// The page that says why.
    pub why: String,
    pub steps: Vec<StepView>,
}

/// A step.
pub(super) struct StepView {
    pub word: &'static str,
    pub about: &'static str,
    pub is_removal: bool,
    pub held: bool,
    pub rows: Vec<Row>,
    /// Attributes that are not shown.
    pub more: usize,
}

/// An attribute before and after.
pub(super) struct Row {
    pub attribute: String,
    pub before: String,
    pub after: String,
}

impl Steps {
    /// By person and group, in the order of the plan. `why` is the address that leads to the reasons of one of them.
    pub fn by_object(&self, space: &Space, why: impl Fn(i64) -> String) -> Vec<ObjectView> {
        let mut keys: Vec<(i64, bool)> = Vec::new();
        let mut all: Vec<ObjectView> = Vec::new();
        for step in &self.found {
            let key = (step.object, step.kind == Kind::Group);
            let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                keys.push(key);
                all.push(self.object(space, step, why(step.object)));
                all.len() - 1
            });
            if let Some(object) = all.get_mut(at) {
                object.steps.push(view(step));
            }
        }
        all
    }

    fn object(&self, space: &Space, step: &PlanStep, why: String) -> ObjectView {
        let id = self
            .ids
            .iter()
            .find(|(key, _)| *key == step.object)
            .map(|(_, id)| *id);
        let (kind, address) = match step.kind {
            Kind::Person => ("person", id.map(|id| space.person(id))),
            Kind::Group => ("group", id.map(|id| space.group(id))),
        };
        ObjectView {
            label: step.label.clone(),
            kind,
            address,
            why,
            steps: Vec::new(),
        }
    }
}

fn view(step: &PlanStep) -> StepView {
    let rows = step.changes.iter().take(ATTRIBUTES).map(|change| Row {
        attribute: change.attribute.clone(),
        before: value::shown(&change.before),
        after: value::shown(&change.after),
    });
    StepView {
        word: action::word(&step.action),
        about: action::why(&step.action),
        is_removal: action::is_removal(&step.action),
        held: step.held,
        rows: rows.collect(),
        more: step.changes.len().saturating_sub(ATTRIBUTES),
    }
}
