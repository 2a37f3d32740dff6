//! Lists in pages (RFC 7644 section 3.4.2.4).

use serde_json::Value;

use crate::scim::self_test::call::Call;
use crate::scim::self_test::check::{Check, Group, Judged, Level, Stop};
use crate::scim::self_test::reply::Reply;
use crate::scim::self_test::session::Session;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "paging-integers",
        title: "Count in JSON numbers",
        group: Group::Paging,
        level: Level::Required,
        needs: &[],
        expected: "totalResults, startIndex and itemsPerPage as whole JSON numbers",
        why: "Okta's import stops at counts that are texts.",
        remedy: "Write the counts without quotation marks, and itemsPerPage as what is in this page.",
        run: |session| Box::pin(integers(session)),
    },
    Check {
        id: "paging-pages",
        title: "Show everybody once, in the same order on every page",
        group: Group::Paging,
        level: Level::Required,
        needs: &[],
        expected: "two pages of one person hold the same two people as one page of two",
        why: "An import misses people, or sees them twice, when the order changes or startIndex counts from 0.",
        remedy: "Sort every list by something that does not change, and take startIndex from 1.",
        run: |session| Box::pin(pages(session)),
    },
    Check {
        id: "paging-edges",
        title: "Page at the edges",
        group: Group::Paging,
        level: Level::Recommended,
        needs: &[],
        expected: "startIndex 0 is 1; behind the end is an empty page; count 0 or below gives the total alone",
        why: "Clients ask for count=0 to learn the total, and for one page more than there is.",
        remedy: "Follow the table of RFC 7644 section 3.4.2.4; never answer 404 or an error to these.",
        run: |session| Box::pin(edges(session)),
    },
    Check {
        id: "paging-not-a-number",
        title: "Refuse a page that is not a number",
        group: Group::Paging,
        level: Level::Recommended,
        needs: &[],
        expected: "400 with a SCIM error body",
        why: "Page 1 in answer to a spelling mistake makes a client read it for ever.",
        remedy: "Answer 400 with scimType invalidValue.",
        run: |session| Box::pin(not_a_number(session)),
    },
];

fn page(start: i64, count: i64) -> Call {
    Call::get(["Users"])
        .query("startIndex", start)
        .query("count", count)
}

fn whole(reply: &Reply, name: &str) -> Judged<u64> {
    let found = reply.at(name);
    found.and_then(Value::as_u64).ok_or_else(|| {
        let came = found.map_or_else(|| "it is not there".to_owned(), |value| format!("it is {value}"));
        Stop::wrong(format!("`{name}` as a whole JSON number"), came)
    })
}

async fn integers(session: &mut Session) -> Judged {
    session.person().await?;
    let reply = session.send(page(1, 100)).await?;
    let here = reply.list()?.resources.len();
    whole(&reply, "startIndex")?;
    let items = whole(&reply, "itemsPerPage")?;
    if u64::try_from(here).ok() != Some(items) {
        session.warn(format!("itemsPerPage is {items}, but the page holds {here}"));
    }
    Ok(())
}

async fn pages(session: &mut Session) -> Judged {
    session.person().await?;
    session.person().await?;
    let both = session.send(page(1, 2)).await?.list()?.ids();
    if both.len() != 2 {
        return Err(Stop::wrong("a page of two", format!("a page of {}", both.len())));
    }
    let mut single = Vec::new();
    for start in [1, 2] {
        let ids = session.send(page(start, 1)).await?.list()?.ids();
        if ids.len() != 1 {
            let came = format!("a page of {}", ids.len());
            return Err(Stop::wrong("a page of one with count=1", came));
        }
        single.extend(ids);
    }
    if single == both {
        return Ok(());
    }
    let came = if single.first() == single.get(1) {
        "the same person on both pages"
    } else {
        "other people, or in another order"
    };
    Err(Stop::wrong("the same two people in the same order", came))
}

async fn edges(session: &mut Session) -> Judged {
    session.person().await?;
    let zero = session.send(page(0, 1)).await?;
    let total = zero.list()?.total;
    if zero.list()?.resources.len() != 1 {
        return Err(Stop::wrong("the first person for startIndex=0", "an empty page"));
    }
    for count in [0, -3] {
        let reply = session.send(page(1, count)).await?;
        let list = reply.list()?;
        if !list.resources.is_empty() || list.total == 0 {
            let came = format!("{} of {}", list.resources.len(), list.total);
            return Err(Stop::wrong(format!("only the total for count={count}"), came));
        }
    }
    let behind = i64::try_from(total).unwrap_or(i64::MAX / 2).saturating_add(1000);
    let reply = session.send(page(behind, 10)).await?;
    let list = reply.list()?;
    if !list.resources.is_empty() || list.total == 0 {
        let came = format!("{} of {}", list.resources.len(), list.total);
        return Err(Stop::wrong(
            "an empty page with the right total behind the end",
            came,
        ));
    }
    Ok(())
}

async fn not_a_number(session: &mut Session) -> Judged {
    let call = Call::get(["Users"])
        .query("startIndex", "first")
        .query("count", 10);
    session.send(call).await?.refuses(&[400])
}
