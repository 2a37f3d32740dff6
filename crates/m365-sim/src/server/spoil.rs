//! Faults at work on requests and answers of HTTP.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use serde_json::{Value, json};

use super::wire::{plain, respond, with_headers};
use crate::dice::Dice;
use crate::error::{Error, Trace};
use crate::fault::{Effect, catalogue};
use crate::message::{Content, Reply};
use crate::plug::Plug;
use crate::throttle;

/// What a page token begins with that is good for nothing.
pub(crate) const LOST: &str = "lost.";

/// A request that a fault befell.
pub(super) struct Struck<'a> {
    pub effect: &'a Effect,
    pub plug: Option<&'a Plug>,
    pub trace: &'a Trace,
    pub now: i64,
    /// The whole address of the request.
    pub address: &'a str,
}

impl Struck<'_> {
    /// The answer that a fault gives without carrying the request out, and its status; 0 when nothing arrives.
    pub(super) async fn instead(&self) -> Option<(u16, Response<Body>)> {
        let trace = self.trace;
        let json = "application/json";
        let whole = |status: u16, kind: &str, text: &'static str| {
            Some((
                status,
                with_headers(plain(status, kind, Body::from(text)), Vec::new(), trace),
            ))
        };
        match self.effect {
            Effect::Answer { after: false, .. } | Effect::Status { .. } => {
                let reply = answer(self.effect, self.address, trace, self.now)?;
                Some((reply.status, respond(reply, trace)))
            }
            // A proxy in between knows nothing of Graph's headers.
            Effect::Html { status } => {
                let page = "<!DOCTYPE html><html><body><h1>Our services aren't available right now</h1></body></html>";
                Some((*status, plain(*status, "text/html", Body::from(page))))
            }
            Effect::Garbage => whole(200, json, "{\"value\": [{\"id\": \"00000000-\u{fffd}\u{1}"),
            Effect::EmptyPage => {
                let body =
                    json!({"@odata.context": "$metadata", "@odata.nextLink": self.address, "value": []});
                Some((200, respond(Reply::json(200, body), trace)))
            }
            Effect::Drop { after: false } => {
                if let Some(plug) = self.plug {
                    plug.pull_after(0);
                }
                Some((0, plain(503, "text/plain", Body::empty())))
            }
            Effect::Hang => std::future::pending().await,
            Effect::Delay { ms } => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                None
            }
            _ => None,
        }
    }

    /// The answer that a fault makes of the right one.
    pub(super) fn spoil(&self, mut reply: Reply, dice: &mut Dice) -> Response<Body> {
        match self.effect {
            Effect::Answer { after: true, .. } => {
                if let Some(other) = answer(self.effect, self.address, self.trace, self.now) {
                    reply = other;
                }
            }
            Effect::MissingEntry { count } => entries(&mut reply, |list| {
                for _ in 0..*count {
                    list.pop();
                }
            }),
            Effect::ShuffledEntries => entries(&mut reply, |list| dice.shuffle(list)),
            Effect::LostPageToken => lose_token(&mut reply),
            _ => {}
        }
        let mut response = respond(reply, self.trace);
        self.disturb(&mut response);
        response
    }

    /// What happens to any answer on its way, whatever it says.
    pub(super) fn disturb(&self, response: &mut Response<Body>) {
        match self.effect {
            Effect::EmptyBody => *response.body_mut() = Body::empty(),
            Effect::Drop { after: true } => self.pull(0),
            Effect::Cut { bytes } => self.pull(*bytes),
            Effect::ContentType { value } => {
                if let Ok(value) = HeaderValue::from_str(value) {
                    response.headers_mut().insert(header::CONTENT_TYPE, value);
                }
            }
            _ => {}
        }
    }

    fn pull(&self, bytes: usize) {
        if let Some(plug) = self.plug {
            plug.pull_after(bytes);
        }
    }
}

/// The refusal that an effect stands for, if it stands for one of Graph's.
pub(crate) fn answer(effect: &Effect, address: &str, trace: &Trace, now: i64) -> Option<Reply> {
    match effect {
        Effect::Status { status } => {
            let error = Error::new(
                *status,
                "serviceNotAvailable",
                "The service is temporarily unavailable.",
            );
            let error = if *status == 503 {
                error.header("Retry-After", "1")
            } else {
                error
            };
            Some(Reply::error(&error, trace))
        }
        Effect::Answer {
            error,
            retry_after,
            wait_s,
            shape,
            ..
        } => {
            let mut error = catalogue::graph(error)?.error();
            if error.status == 410 {
                error = error.header("Location", start_over(address));
            }
            if let Some(form) = retry_after {
                error.headers.retain(|(name, _)| *name != "Retry-After");
                if let Some(text) = throttle::retry_after(*form, wait_s * 1_000.0, now) {
                    error = error.header("Retry-After", text);
                }
            }
            Some(Reply {
                content: Content::Json(catalogue::shaped(&error, *shape, trace)),
                ..Reply::error(&error, trace)
            })
        }
        _ => None,
    }
}

/// The address of a new round of a delta query.
fn start_over(address: &str) -> String {
    let bare = address.split('?').next().unwrap_or(address);
    format!("{bare}?$deltatoken=")
}

fn entries(reply: &mut Reply, change: impl FnOnce(&mut Vec<Value>)) {
    if let Content::Json(body) = &mut reply.content
        && let Some(list) = body.get_mut("responses").and_then(Value::as_array_mut)
    {
        change(list);
    }
}

fn lose_token(reply: &mut Reply) {
    if let Content::Json(body) = &mut reply.content
        && let Some(link) = body.get("@odata.nextLink").and_then(Value::as_str)
    {
        let lost = link
            .replace("$skiptoken=", &format!("$skiptoken={LOST}"))
            .replace("%24skiptoken=", &format!("%24skiptoken={LOST}"));
        body["@odata.nextLink"] = json!(lost);
    }
}
