//! Versions, when the server advertises them (RFC 7644 section 3.14).

use serde_json::json;

use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Need, Stop};
use crate::scim::self_test::ledger::Made;
use crate::scim::self_test::reply::Reply;
use crate::scim::self_test::session::{Session, operation, patch_body};

const NEEDS: &[Need] = &[Need::Etag];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "etag-header",
        title: "Give every version an ETag that only a change changes",
        group: Group::Optional,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "an ETag, the same on a second read and another one after a change",
        why: "A tag that changes without a change, or stays with one, makes clients overwrite each other.",
        remedy: "Count the changes of a resource, and answer with the count as ETag and `meta.version`.",
        run: |session| Box::pin(header(session)),
    },
    Check {
        id: "etag-not-modified",
        title: "Answer 304 when nothing has changed",
        group: Group::Optional,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "304 without a body to If-None-Match with the current tag",
        why: "It saves both sides the work of reading again what is known.",
        remedy: "Compare If-None-Match with the tag, passing over `W/`.",
        run: |session| Box::pin(not_modified(session)),
    },
    Check {
        id: "etag-stale",
        title: "Refuse a change of a version that is no longer there",
        group: Group::Optional,
        level: Level::Recommended,
        needs: NEEDS,
        expected: "412 to If-Match with an old tag, 200 or 204 with the current one",
        why: "Without it the change of somebody else is lost silently.",
        remedy: "Compare If-Match with the tag before PUT, PATCH and DELETE; answer 412 when it differs.",
        run: |session| Box::pin(stale(session)),
    },
];

fn tag(reply: &Reply) -> Judged<String> {
    reply
        .is(&[200])?
        .etag
        .clone()
        .ok_or_else(|| Stop::wrong("an ETag header", "none"))
}

fn rename(made: &Made, name: &str) -> Call {
    let operations = json!([operation("replace", "displayName", json!(name))]);
    Call::patch(made.path(), patch_body(operations))
}

async fn header(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let read = session.read(&made).await?;
    let first = tag(&read)?;
    if read
        .at("meta.version")
        .is_some_and(|version| *version != json!(first))
    {
        session.warn("`meta.version` is not the ETag");
    }
    if tag(&session.read(&made).await?)? != first {
        return Err(Stop::wrong("the same tag on a second read", "another one"));
    }
    let changed = session.send(rename(&made, "provost-self-test-version")).await?;
    changed.is(&[200, 204])?;
    match tag(&session.read(&made).await?)? == first {
        true => Err(Stop::wrong("another tag after a change", "the same one")),
        false => Ok(()),
    }
}

async fn not_modified(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let current = tag(&session.read(&made).await?)?;
    let call = Call::get(made.path()).header("if-none-match", &current);
    session.send(call).await?.is(&[304])?;
    Ok(())
}

async fn stale(session: &mut Session) -> Judged {
    let made = session.person().await?;
    let old = tag(&session.read(&made).await?)?;
    let current = rename(&made, "provost-self-test-current").header("if-match", &old);
    session.send(current).await?.is(&[200, 204])?;
    let late = rename(&made, "provost-self-test-late").header("if-match", &old);
    session.send(late).await?.refuses(&[412])
}
