//! A person who is to be made exists already, under another owner: the provider's rule says what becomes of it.
//! Nobody changes hands in silence: what is done is in the audit log, and what is refused waits for a person.

use super::create::New;
use super::exchange::Exchange;
use crate::error::{Error, Result};
use provost_engine::object::Kind;
use provost_scim::resource;
use provost_store::Tx;
use provost_store::directory::{self, Object};
use provost_store::provider::{self, State, Takeover};
use provost_store::takeover;
use std::sync::Arc;

/// The person as the caller's, when the rule gives them over. `None`: the name is taken, and stays so.
pub(super) async fn adopt(x: &Exchange, new: &Arc<New>) -> Result<Option<Object>> {
    let rule = x.caller.provider().settings.takeover;
    if new.kind == Kind::Group || rule == Takeover::Never {
        return Ok(None);
    }
    let name = resource::user_name(&new.document).unwrap_or_default().to_owned();
    let owner = x.caller.owner();
    let wanted = name.clone();
    let find = move |tx: &mut Tx| directory::holder(tx, owner.workspace, Kind::Person, &wanted);
    let holder: Option<Object> = x.state.db().read_short(find).await.map_err(Error::Store)?;
    // The caller's own person is no matter for anybody else.
    if holder.is_none_or(|holder| holder.owner == owner.key) {
        return Ok(None);
    }
    let (caller, new, now) = (x.caller.clone(), Arc::clone(new), x.now);
    let written = x.state.db().write(move |tx| {
        let change = caller.change(now);
        let Some(holder) = directory::holder(tx, owner.workspace, Kind::Person, &name)? else {
            return Ok(None);
        };
        if holder.owner == owner.key {
            return Ok(None);
        }
        if !is_given(tx, rule, &holder)? {
            takeover::ask(tx, caller.provider(), &holder, now)?;
            return Ok(None);
        }
        let moved = takeover::apply(tx, &change, &holder)?;
        let replaced = directory::replace(tx, &change, &moved, &new.document)?;
        Ok::<_, Error>(Some(replaced.unwrap_or(moved)))
    });
    written.await
}

/// Whether the rule gives this person over without asking anybody.
fn is_given(tx: &mut Tx, rule: Takeover, holder: &Object) -> Result<bool> {
    Ok(match rule {
        Takeover::Always => true,
        // The workspace itself is no provider: it holds what administrators keep by hand.
        Takeover::Unowned => {
            provider::by_key(tx, holder.owner)?.is_none_or(|owner| owner.state == State::Off)
        }
        Takeover::Never | Takeover::Ask => false,
    })
}
