//! Keys of a whole resource that are paths: `name.givenName`, `urn:…:User:department`, `manager`,
//! `emails[type eq "work"].value`. POST and PUT understand by habit what PATCH understands, and each such
//! key is carried out as an addition to the rest of the body.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::filter::ValuePath;
use crate::leniency::Tolerance;
use crate::patch::key::{self, Key};
use crate::patch::{self, Member, MemberChange, Operation, PatchOp};
use crate::resource::Document;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::validate::place::Place;

/// A key that is no name of an attribute, with its value; of the resource, or of an extension in it.
pub(super) struct Odd {
    pub(super) schema: Option<String>,
    pub(super) key: String,
    pub(super) value: Value,
}

/// Takes the keys with a dot out of an extension's object: none of its attributes is called so.
pub(super) fn take_dotted(schema: &Schema, value: &mut Value, odd: &mut Vec<Odd>) {
    let Some(object) = value.as_object_mut().filter(|object| has_dot(object)) else {
        return;
    };
    let (dotted, plain) = std::mem::take(object)
        .into_iter()
        .partition::<Map<_, _>, _>(|(key, _)| key.contains('.'));
    *object = plain;
    odd.extend(dotted.into_iter().map(|(key, value)| Odd {
        schema: Some(schema.id.clone()),
        key,
        value,
    }));
}

fn has_dot(object: &Map<String, Value>) -> bool {
    object.keys().any(|key| key.contains('.'))
}

/// Carries out the odd keys over what the other keys said.
///
/// # Errors
/// 400 `invalidSyntax` for an attribute that is given twice, and for habits that are not tolerated; what
/// the same addition by PATCH would be refused for.
pub(super) fn carry_out(
    rt: &ResourceType,
    document: &mut Document,
    members: &mut Option<Vec<Member>>,
    odd: Vec<Odd>,
    tolerance: &mut Tolerance<'_>,
) -> Result<()> {
    let mut target = Target {
        rt,
        document,
        members,
        effort: patch::MAX_EFFORT,
    };
    for Odd { schema, key, value } in odd {
        match schema.as_deref().and_then(|urn| rt.extension(urn)) {
            Some(schema) => target.in_extension(schema, &key, value, tolerance)?,
            None => target.set(&key, value, tolerance)?,
        }
    }
    Ok(())
}

struct Target<'a> {
    rt: &'a ResourceType,
    document: &'a mut Document,
    members: &'a mut Option<Vec<Member>>,
    effort: usize,
}

impl Target<'_> {
    fn set(&mut self, key: &str, value: Value, tolerance: &mut Tolerance<'_>) -> Result<()> {
        match key::read(self.rt, key, tolerance)? {
            Key::Path(path) => self.add(*path, value, tolerance),
            Key::Unknown => key::unknown(Place::new(None, key), key, &value, tolerance),
            Key::Core => object(key, value)?
                .into_iter()
                .try_for_each(|(key, value)| self.set(&key, value, tolerance)),
            Key::Extension(schema) => object(key, value)?
                .into_iter()
                .try_for_each(|(key, value)| self.in_extension(schema, &key, value, tolerance)),
        }
    }

    fn in_extension(
        &mut self,
        schema: &Schema,
        key: &str,
        value: Value,
        tolerance: &mut Tolerance<'_>,
    ) -> Result<()> {
        match key::read_in_extension(self.rt, schema, key, tolerance)? {
            Some(path) => self.add(path, value, tolerance),
            None => key::unknown(Place::new(Some(&schema.id), key), key, &value, tolerance),
        }
    }

    fn add(&mut self, path: ValuePath, value: Value, tolerance: &mut Tolerance<'_>) -> Result<()> {
        let Some(named) = named(self.rt, &path)? else {
            return Ok(());
        };
        let schemas = path.path.urn.is_none() && path.path.name == "schemas";
        if schemas || value.is_null() {
            return Ok(());
        }
        if path.filter.is_none() && self.is_given(&path, named) {
            return Err(Error::invalid_syntax(format!(
                "{path} is given twice, once by itself and once in another form"
            )));
        }
        let operation = Operation {
            op: PatchOp::Add,
            path,
            value: Some(value),
            number: 0,
        };
        match patch::add_to(self.rt, self.document, &operation, &mut self.effort, tolerance)? {
            None => Ok(()),
            Some(MemberChange::Add(more)) if self.members.is_none() => {
                *self.members = Some(more);
                Ok(())
            }
            Some(_) => Err(Error::invalid_syntax("members is given twice")),
        }
    }

    /// Whether another key gave a value to the attribute already. Lists take more elements.
    fn is_given(&self, path: &ValuePath, named: &Attribute) -> bool {
        let holder = match &path.path.urn {
            Some(urn) => self.document.get(urn).and_then(Value::as_object),
            None => Some(&*self.document),
        };
        let top = holder.and_then(|holder| holder.get(&path.path.name));
        match &path.path.sub {
            Some(sub) => top.is_some_and(|top| top.is_array() || top.get(sub).is_some()),
            None => top.is_some() && !named.multi_valued,
        }
    }
}

/// The attribute that the path names; `None` for one that only the server writes.
///
/// # Errors
/// 400 `invalidPath` for a sub-attribute that does not exist.
fn named<'a>(rt: &'a ResourceType, path: &ValuePath) -> Result<Option<&'a Attribute>> {
    let top = rt.top(&path.path);
    let sub = path.path.sub.as_deref().or(path.sub.as_deref());
    let named = top.and_then(|top| sub.map_or(Some(top), |sub| top.sub_attribute(sub)));
    match (top, named) {
        (Some(top), Some(named)) => {
            let writable = |attribute: &Attribute| attribute.mutability != Mutability::ReadOnly;
            Ok((writable(top) && writable(named)).then_some(named))
        }
        _ => Err(patch::not_an_attribute(rt, &path.path)),
    }
}

fn object(key: &str, value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(object) => Ok(object),
        Value::Null => Ok(Map::new()),
        other => Err(super::simple::wrong(Place::new(None, key), "an object", &other)),
    }
}
