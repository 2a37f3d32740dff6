//! Reading groups.

use super::entity;
use crate::call::Call;
use crate::directory::Kind;
use crate::error::Result;
use crate::message::Reply;
use crate::query::{self, List, Options};

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let set = call.directory().serials(Kind::Group);
    query::list(
        call,
        &List {
            set,
            kind: Some(Kind::Group),
            binned: false,
            context: "groups",
        },
    )
}

pub(super) fn count(call: &mut Call<'_>) -> Result<Reply> {
    let set = call.directory().serials(Kind::Group);
    query::count(
        call,
        &List {
            set,
            kind: Some(Kind::Group),
            binned: false,
            context: "groups",
        },
    )
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let options = Options::parse(call.request, &[Kind::Group])?;
    let group = call.group()?;
    let view = call.view();
    let mut body = view.object(group, &options.selection, false);
    view.expand(group, &options.expand, &mut body);
    let context = format!(
        "{}/$metadata#groups{}/$entity",
        call.request.base,
        options.selection.suffix()
    );
    Ok(entity(200, context, body))
}
