//! Being let in with the credential, and not without.

use crate::scim::self_test::call::{Call, Offer};
use crate::scim::self_test::check::{Check, Group, Judged, Level};
use crate::scim::self_test::reply::Reply;
use crate::scim::self_test::session::Session;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: super::GATE,
        title: "List people with the credential",
        group: Group::Access,
        level: Level::Required,
        needs: &[],
        expected: "status 200 with a list of at most one person",
        why: "Nothing can be provisioned before this works.",
        remedy: "Look at the address, which ends before /Users, and at the credential.",
        run: |session| Box::pin(list(session)),
    },
    Check {
        id: "access-wrong-credential",
        title: "Refuse a wrong credential",
        group: Group::Access,
        level: Level::Required,
        needs: &[],
        expected: "status 401 with a SCIM error body",
        why: "Everybody could read and change people. Okta's tests look at the body of this answer too.",
        remedy: "Check the credential of every request, and answer 401 with schemas, status and detail.",
        run: |session| Box::pin(wrong_credential(session)),
    },
    Check {
        id: "access-no-credential",
        title: "Refuse a request without a credential",
        group: Group::Access,
        level: Level::Required,
        needs: &[],
        expected: "status 401 with a SCIM error body",
        why: "Everybody could read and change people.",
        remedy: "Check the credential of every request, and answer 401 with schemas, status and detail.",
        run: |session| Box::pin(no_credential(session)),
    },
];

fn first_person() -> Call {
    Call::get(["Users"]).query("startIndex", 1).query("count", 1)
}

async fn list(session: &mut Session) -> Judged {
    let reply = session.send(first_person()).await?;
    let list = reply.list()?;
    if list.resources.len() > 1 {
        session.warn("`count` is not looked at: more than one person came");
    }
    Ok(())
}

async fn wrong_credential(session: &mut Session) -> Judged {
    let reply = session.send(first_person().offer(Offer::Wrong)).await?;
    refused(session, &reply)
}

async fn no_credential(session: &mut Session) -> Judged {
    let reply = session.send(first_person().offer(Offer::Nothing)).await?;
    refused(session, &reply)
}

fn refused(session: &mut Session, reply: &Reply) -> Judged {
    reply.refuses(&[401])?;
    if reply.challenge.is_none() {
        session.warn("no WWW-Authenticate header, which says how to sign in (RFC 9110 section 11.6.1)");
    }
    Ok(())
}
