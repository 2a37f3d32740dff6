//! `GET /audit/export.csv` and `.ndjson`: the rows that the page shows, all of them, newest first, written while they
//! are read, so that a log of any length needs no more memory than a page of it.

use super::audit::Search;
use crate::console::csv as sheet;
use crate::console::page;
use crate::console::refusal::Result;
use crate::state::State;
use crate::visitor::Visitor;
use axum::body::{Body, Bytes};
use axum::extract::{self, Query};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use hyper::body::Frame;
use provost_scim::resource::rfc3339;
use provost_store::Db;
use provost_store::audit::{self, AuditAsked, Entry};
use serde_json::json;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Rows that are read at once.
const ROWS: usize = 1_000;
/// Stretches that wait for a slow reader.
const WAITING: usize = 2;

/// The first line of the sheet.
const HEAD: [&str; 6] = ["position", "at", "actor", "action", "subject", "detail"];

type Written = fn(&Entry) -> String;

/// As a sheet.
pub(crate) async fn csv(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Response> {
    let asked = search.asked(&visitor)?;
    let body = rows(state.db().clone(), asked, sheet::line(HEAD), in_sheet);
    Ok(file(body, "text/csv; charset=utf-8; header=present", "audit.csv"))
}

/// As JSON, an object a line.
pub(crate) async fn ndjson(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    Query(search): Query<Search>,
) -> Result<Response> {
    let asked = search.asked(&visitor)?;
    let body = rows(state.db().clone(), asked, String::new(), in_json);
    Ok(file(body, "application/x-ndjson", "audit.ndjson"))
}

fn in_sheet(entry: &Entry) -> String {
    let (position, at) = (entry.position.to_string(), rfc3339(entry.at));
    let texts = [&entry.actor, &entry.action, &entry.subject, &entry.detail];
    let fields = [position.as_str(), at.as_str()];
    sheet::line(fields.into_iter().chain(texts.into_iter().map(String::as_str)))
}

fn in_json(entry: &Entry) -> String {
    let row = json!({
        "position": entry.position, "at": rfc3339(entry.at), "actor": entry.actor, "action": entry.action,
        "subject": entry.subject, "detail": entry.detail,
    });
    format!("{row}\n")
}

fn file(body: Rows, media_type: &'static str, name: &str) -> Response {
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = Body::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

/// A body whose rows are read while it is sent.
struct Rows(mpsc::Receiver<std::result::Result<Bytes, provost_store::Error>>);

impl hyper::body::Body for Rows {
    type Data = Bytes;
    type Error = provost_store::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        self.0
            .poll_recv(context)
            .map(|next| next.map(|part| part.map(Frame::data)))
    }
}

/// Begins to read. Who hangs up ends it; an error breaks the file off, so that half a log is not taken for a whole one.
fn rows(db: Db, mut asked: AuditAsked, head: String, written: Written) -> Rows {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut text = head;
        loop {
            let question = asked.clone();
            let found = db.read(move |tx| audit::page(tx, &question, ROWS)).await;
            let page = match found {
                Ok(page) => page,
                Err(error) => {
                    let _ = sender.send(Err(error)).await;
                    return;
                }
            };
            page.entries
                .iter()
                .for_each(|entry| text.push_str(&written(entry)));
            let is_gone = sender
                .send(Ok(Bytes::from(std::mem::take(&mut text))))
                .await
                .is_err();
            if is_gone || page.next.is_none() {
                return;
            }
            asked.before = page.next;
        }
    });
    Rows(receiver)
}
