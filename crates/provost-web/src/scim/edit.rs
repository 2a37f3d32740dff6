//! What PUT and PATCH have in common: a change that is worked out on a snapshot, beside the writer, and written
//! only when it changes something. When the resource has moved in the meantime it is worked out once more,
//! inside the writer.

use super::etag::Condition;
use super::exchange::{Exchange, check_sheet};
use super::membership::{self, Resolved};
use super::{find, resource_type, write};
use crate::auth::ScimCaller;
use crate::error::Result;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::patch::MemberChange;
use provost_scim::path::AttrPath;
use provost_scim::resource::Document;
use provost_scim::schema::ResourceType;
use provost_store::Tx;
use provost_store::directory::{self, Object};
use provost_store::member::Peer;
use std::sync::Arc;

/// Changes of members for which a reader is asked whether they change anything. To look at more costs about as
/// much as to write them.
const FEW: usize = 1_000;

/// What a request makes of a resource.
pub(super) struct Draft {
    /// The document afterwards; none when it stays as it is.
    pub document: Option<Document>,
    /// What happens to the members, in order.
    pub members: Vec<MemberChange>,
    /// Attributes that are returned on request only, and that the client wrote.
    pub requested: Vec<AttrPath>,
    /// What was tolerated.
    pub habits: Habits,
}

/// A request, with what it makes of the document that it finds.
pub(super) struct Edit<D> {
    pub kind: Kind,
    pub id: String,
    pub condition: Condition,
    /// Whether the answer shows the groups of a person.
    pub with_groups: bool,
    pub draft: D,
}

/// A resource after a change.
pub(super) struct Edited {
    pub object: Object,
    /// The groups of a person, if they are to be shown.
    pub groups: Vec<Peer>,
    /// Attributes that are to be shown because the client wrote them.
    pub requested: Vec<AttrPath>,
}

/// What was worked out on a snapshot.
struct Prepared {
    current: Object,
    draft: Draft,
    groups: Vec<Peer>,
    /// Whether nothing has to be written.
    is_idle: bool,
}

impl<D> Edit<D>
where
    D: Fn(&ResourceType, &Document) -> Result<Draft> + Send + Sync + 'static,
{
    /// Carries the change out, if there is anything to it.
    ///
    /// # Errors
    /// 404, 412, 409 `uniqueness`, and those of the draft; nothing is changed then.
    pub async fn carry_out(self, x: &mut Exchange) -> Result<Edited> {
        let edit = Arc::new(self);
        let prepared = edit.prepare(x).await?;
        x.trace.object(&prepared.current);
        x.habits.merge(&prepared.draft.habits);
        let Prepared {
            current,
            mut draft,
            groups,
            is_idle,
        } = prepared;
        let requested = std::mem::take(&mut draft.requested);
        let object = if is_idle {
            current
        } else {
            edit.write(x, current.version, draft).await?
        };
        Ok(Edited {
            object,
            groups,
            requested,
        })
    }

    async fn prepare(self: &Arc<Self>, x: &Exchange) -> Result<Prepared> {
        let (edit, caller) = (Arc::clone(self), x.caller.clone());
        let read = move |tx: &mut Tx| edit.work_out(tx, &caller);
        // A group's members may be many.
        if self.kind == Kind::Person {
            x.state.db().read_short(read).await
        } else {
            x.state.db().read(read).await
        }
    }

    fn work_out(&self, tx: &mut Tx, caller: &ScimCaller) -> Result<Prepared> {
        let current = find(tx, caller, self.kind, &self.id)?;
        self.condition.check(current.version)?;
        let draft = self.draft_of(caller, &current)?;
        let is_idle = draft.document.is_none() && is_idle(tx, caller, &current, &draft.members)?;
        let groups = if self.with_groups {
            membership::peers(tx, self.kind, current.key)?
        } else {
            Vec::new()
        };
        Ok(Prepared {
            current,
            draft,
            groups,
            is_idle,
        })
    }

    fn draft_of(&self, caller: &ScimCaller, current: &Object) -> Result<Draft> {
        let rt = resource_type(caller.catalogue(), self.kind);
        let draft = (self.draft)(rt, &write::document(current)?)?;
        if let Some(document) = &draft.document {
            write::check_lengths(document)?;
            check_sheet(caller, rt, self.kind, document)?;
        }
        Ok(draft)
    }

    async fn write(self: &Arc<Self>, x: &mut Exchange, version: i64, draft: Draft) -> Result<Object> {
        let (edit, caller, now) = (Arc::clone(self), x.caller.clone(), x.now);
        let written = x.state.db().write(move |tx| {
            let current = find(tx, &caller, edit.kind, &edit.id)?;
            edit.condition.check(current.version)?;
            if current.version == version {
                return edit.put(tx, &caller, now, current, &draft);
            }
            let draft = edit.draft_of(&caller, &current)?;
            edit.put(tx, &caller, now, current, &draft)
        });
        let (object, skipped) = written.await?;
        x.trace.skipped(&skipped);
        Ok(object)
    }

    /// Puts the new document and the new members in the place of `current`'s. Also answers the members that were
    /// left out.
    fn put(
        &self,
        tx: &mut Tx,
        caller: &ScimCaller,
        now: i64,
        current: Object,
        draft: &Draft,
    ) -> Result<(Object, Vec<String>)> {
        let change = caller.change(now);
        let (members, skipped) = membership::resolve(tx, caller.provider(), &draft.members)?;
        let replaced = match &draft.document {
            Some(document) => directory::replace(tx, &change, &current, document)
                .map_err(|error| write::conflict(error, self.kind, document))?,
            None => None,
        };
        let object = replaced.unwrap_or(current);
        if membership::apply(tx, &change, &object, &members)? == 0 {
            return Ok((object, skipped));
        }
        // Members raise the version too.
        let id = object.id;
        Ok((
            directory::get(tx, change.owner, self.kind, id)?.unwrap_or(object),
            skipped,
        ))
    }
}

/// Whether the changes of members change nothing. Of very many it is not asked: the writer finds out.
fn is_idle(tx: &mut Tx, caller: &ScimCaller, group: &Object, changes: &[MemberChange]) -> Result<bool> {
    if changes.is_empty() {
        return Ok(true);
    }
    let named: usize = changes.iter().map(named).sum();
    if named > FEW {
        return Ok(false);
    }
    let (resolved, skipped) = membership::resolve(tx, caller.provider(), changes)?;
    if !skipped.is_empty() {
        // The log has to say who was left out; the writer tells.
        return Ok(false);
    }
    for change in &resolved {
        if !Resolved::is_idle(change, tx, group)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn named(change: &MemberChange) -> usize {
    match change {
        MemberChange::Add(members) | MemberChange::Replace(members) => members.len(),
        MemberChange::Remove(ids) => ids.len(),
        MemberChange::RemoveAll => 0,
    }
}
