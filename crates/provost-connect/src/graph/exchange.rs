//! An answer of Graph, whether it came alone or inside a batch, and the errors it stands for.
//!
//! Source: Microsoft Graph, "Error responses and resource types"; texts are matched only where the
//! codes do not tell cases apart.

use std::time::Duration;

use serde_json::Value;

use crate::error::quote;
use crate::http::Answer;
use crate::{Error, Receipt};

/// Status, pace and body of one answer.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub status: u16,
    pub after: Option<Duration>,
    /// Share of the limit that is used (`x-ms-throttle-limit-percentage`).
    pub used: Option<f64>,
    /// The body as JSON; `None` when there is none or it is something else.
    pub body: Option<Value>,
    /// What to say when the body had to be JSON and is not.
    pub unreadable: Option<Error>,
    pub place: String,
    /// The service's id of the answer.
    pub request_id: String,
    /// The id that we sent with the request.
    pub client_request_id: String,
    /// Which limit a refusal is about (`x-ms-throttle-information`).
    pub limit: Option<String>,
    /// What the service counted for it (`x-ms-resource-unit`).
    pub units: Option<u32>,
}

/// Codes that decide something here. An outer code may be a general one with a known one inside
/// (Microsoft Graph, "Error responses and resource types": go by the innermost that you know).
const KNOWN: [&str; 20] = [
    "Request_BadRequest",
    "Request_UnsupportedQuery",
    "Request_MultipleObjectsWithSameKeyValue",
    "Request_ResourceNotFound",
    "Request_ThrottledTemporarily",
    "TooManyRequests",
    "activityLimitReached",
    "Directory_ExpiredPageToken",
    "DirectoryPageTokenNotFoundException",
    "Directory_ResultSizeLimitExceeded",
    "DirectoryResultSizeLimitExceeded",
    "Directory_ConcurrencyViolation",
    "Directory_QuotaExceeded",
    "Authorization_RequestDenied",
    "Authorization_IdentityNotFound",
    "Authorization_IdentityDisabled",
    "InvalidAuthenticationToken",
    "resyncRequired",
    "syncStateNotFound",
    "serviceNotAvailable",
];
/// Words of a refusal because somebody has the value or the link already.
pub(super) const PRESENT: &str = "is present in the directory";
/// Codes that say no more than the status does.
const GENERAL: [&str; 4] = ["", "Request_BadRequest", "BadRequest", "UnknownError"];
/// Characters of the service's own sentence, so that ours around it can be read to its end.
const WORDS: usize = 200;
/// Errors inside errors that are looked at.
const DEPTH: usize = 8;

impl Exchange {
    /// Reads an answer that came alone.
    pub(crate) fn of(answer: &Answer, operation: &str) -> Self {
        let body = answer.try_json();
        let unreadable = (body.is_none() && !answer.body.is_empty())
            .then(|| answer.object(operation).err())
            .flatten();
        let header = |name: &str| answer.header(name).map(str::to_owned);
        let exchange = Self {
            status: answer.status,
            after: answer.retry_after(),
            used: header("x-ms-throttle-limit-percentage").and_then(|value| value.trim().parse().ok()),
            body,
            unreadable,
            place: answer.place(),
            request_id: header("request-id").unwrap_or_default(),
            client_request_id: header("client-request-id").unwrap_or_default(),
            limit: header("x-ms-throttle-information"),
            units: header("x-ms-resource-unit").and_then(|value| value.trim().parse().ok()),
        };
        exchange.with_inner_ids()
    }

    /// Reads one entry of a batch's answer; `None` when it is none.
    pub(crate) fn of_entry(entry: &Value, whole: &Self) -> Option<Self> {
        let status = entry["status"].as_u64().and_then(|s| u16::try_from(s).ok())?;
        let header = |wanted: &str| {
            let headers = entry["headers"].as_object()?;
            let (_, value) = headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let after = header("retry-after")
            .and_then(|value| crate::http::parse_retry_after(&value, jiff::Timestamp::now()));
        let exchange = Self {
            status,
            after,
            used: header("x-ms-throttle-limit-percentage").and_then(|value| value.trim().parse().ok()),
            body: entry.get("body").filter(|body| !body.is_null()).cloned(),
            unreadable: None,
            place: whole.place.clone(),
            request_id: header("request-id").unwrap_or_default(),
            client_request_id: header("client-request-id").unwrap_or_default(),
            limit: header("x-ms-throttle-information"),
            units: header("x-ms-resource-unit").and_then(|value| value.trim().parse().ok()),
        };
        let mut exchange = exchange.with_inner_ids();
        if exchange.request_id.is_empty() {
            exchange.request_id.clone_from(&whole.request_id);
        }
        Some(exchange)
    }

    /// An error repeats its ids in the body; inside a batch that may be the only place.
    fn with_inner_ids(mut self) -> Self {
        let id = |name: &str| self.layers().filter_map(|layer| layer[name].as_str()).last();
        let request = id("request-id").unwrap_or_default().to_owned();
        let client = id("client-request-id").unwrap_or_default().to_owned();
        if self.request_id.is_empty() {
            self.request_id = request;
        }
        if self.client_request_id.is_empty() {
            self.client_request_id = client;
        }
        self
    }

    /// What to write down about this answer.
    pub(crate) fn receipt(&self, operation: &str) -> Receipt {
        let refused = !self.is_success();
        Receipt {
            operation: operation.to_owned(),
            status: self.status,
            request_id: quote(&self.request_id),
            client_request_id: quote(&self.client_request_id),
            reason: if refused { self.reason() } else { String::new() },
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the service asks for a slower pace (509: for less to carry).
    pub(crate) fn is_throttled(&self) -> bool {
        let codes = [
            "Request_ThrottledTemporarily",
            "TooManyRequests",
            "activityLimitReached",
        ];
        matches!(self.status, 429 | 509) || (self.status >= 400 && codes.contains(&self.code()))
    }

    /// Whether a refusal is about the units of reads and writes, not about the number of writes.
    pub(crate) fn is_about_units(&self, writes: u32) -> bool {
        match self.limit.as_deref() {
            Some(limit) if limit.contains("WriteLimit") => false,
            Some(limit) if limit.contains("ResourceUnit") => true,
            _ => writes == 0,
        }
    }

    /// Whether the service failed on its side, so that the same read may succeed a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.status, 500 | 502 | 503 | 504)
    }

    /// The error object and those inside it, from the outside in.
    fn layers(&self) -> impl Iterator<Item = &Value> {
        let outer = self.body.as_ref().and_then(|body| body.get("error"));
        std::iter::successors(outer, |layer| {
            layer.get("innerError").or_else(|| layer.get("innererror"))
        })
        .take(DEPTH)
    }

    /// The innermost error code that is known here, else the outer one.
    pub(crate) fn code(&self) -> &str {
        let codes = || self.layers().filter_map(|layer| layer["code"].as_str());
        let known = codes().filter(|code| KNOWN.contains(code)).last();
        known.or_else(|| codes().next()).unwrap_or_default()
    }

    /// The message of the error, in the service's words.
    pub(crate) fn message(&self) -> &str {
        self.error("message")
    }

    /// Codes of the details of an error.
    pub(crate) fn detail_codes(&self) -> impl Iterator<Item = &str> {
        self.details().iter().filter_map(|detail| detail["code"].as_str())
    }

    pub(super) fn details(&self) -> &[Value] {
        self.body
            .as_ref()
            .and_then(|body| body.get("error")?.get("details")?.as_array())
            .map_or(&[], Vec::as_slice)
    }

    pub(super) fn error(&self, member: &str) -> &str {
        self.body
            .as_ref()
            .and_then(|body| body.get("error")?.get(member)?.as_str())
            .unwrap_or_default()
    }

    /// The service's sentence, for people.
    pub(crate) fn reason(&self) -> String {
        // It stands in the middle of a sentence of ours.
        let message = shortened(self.message().trim_end_matches('.'));
        match (self.code(), message.as_str()) {
            // What says that the service failed tells the status already.
            ("", "") if self.status >= 500 => "no reason was given".to_owned(),
            ("", "") => format!("status {} without a reason", self.status),
            (code, "") => quote(code),
            (code, message) if GENERAL.contains(&code) => quote(message),
            (code, message) => quote(&format!("{message} ({code})")),
        }
    }

    /// Whether the text of a refusal says that a reference to be added is there already.
    pub(crate) fn says_exists_already(&self) -> bool {
        self.status == 400
            && (self.message().contains("already exist")
                || self.message().contains(PRESENT)
                || self.code() == "Request_MultipleObjectsWithSameKeyValue")
    }

    /// Whether the text of a refusal says that a reference to be removed is not there.
    pub(crate) fn says_not_there(&self) -> bool {
        self.status == 400
            && self
                .error("message")
                .contains("removed object references do not exist")
    }

    /// Whether a delta round lost its place: 410, or a 400 that says so in one of many ways. A link
    /// that the service made itself is refused for no other reason.
    pub(crate) fn lost_its_round(&self) -> bool {
        self.status == 410 || self.status == 400 || ((401..500).contains(&self.status) && self.says_resync())
    }

    /// Whether the code of a refusal is one of a lost place.
    pub(crate) fn says_resync(&self) -> bool {
        let code = self.code().to_ascii_lowercase();
        let told = ["syncstate", "resync", "pagetoken", "deltatoken", "deltalink"];
        self.status == 410 || told.iter().any(|word| code.contains(word))
    }

    /// Whether a listing lost its place.
    pub(crate) fn lost_its_page(&self) -> bool {
        let code = self.code();
        self.status == 410 || code.contains("PageToken") || code.contains("ResultSizeLimit")
    }
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

#[cfg(test)]
impl Exchange {
    /// An answer without a body.
    pub(crate) fn sample(status: u16) -> Self {
        Self {
            status,
            after: None,
            used: None,
            body: None,
            unreadable: None,
            place: "graph.microsoft.com".to_owned(),
            request_id: String::new(),
            client_request_id: String::new(),
            limit: None,
            units: None,
        }
    }
}

#[cfg(test)]
mod tests;
