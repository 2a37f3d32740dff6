//! A Graph request and its answer, free of HTTP: single requests and the entries of a batch look the same from here on.

use serde_json::{Map, Value, json};

use crate::error::{Error, Result, Trace};
use crate::query::encoding;

/// The methods that Graph knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Patch,
    Put,
    Delete,
}

impl Method {
    pub(crate) fn parse(name: &str) -> Option<Method> {
        match name {
            "GET" => Some(Method::Get),
            "POST" => Some(Method::Post),
            "PATCH" => Some(Method::Patch),
            "PUT" => Some(Method::Put),
            "DELETE" => Some(Method::Delete),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// Stands in a path where a key was given as `(name='value')`; the key itself is in [`Request::alternate`].
pub(crate) const ALTERNATE: &str = "()";

/// Header names are lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headers(pub Vec<(String, String)>);

impl Headers {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether `Prefer` lists this preference.
    pub(crate) fn prefers(&self, preference: &str) -> bool {
        self.get("prefer").is_some_and(|all| {
            all.split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(preference))
        })
    }

    /// The number in a preference such as `odata.maxpagesize=50`.
    pub(crate) fn preferred_number(&self, name: &str) -> Option<usize> {
        let all = self.get("prefer")?;
        all.split(',')
            .filter_map(|one| one.trim().split_once('='))
            .find(|(key, _)| *key == name)?
            .1
            .parse()
            .ok()
    }
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: Method,
    /// Decoded segments with action names shortened: `microsoft.graph.delta()` reads `delta`.
    pub path: Vec<String>,
    /// The key of an address such as `/groups(uniqueName='x')`.
    pub alternate: Option<(String, String)>,
    /// Decoded options, names without `$`.
    pub options: Vec<(String, String)>,
    pub headers: Headers,
    pub body: Option<Value>,
    /// Where the service is, such as `http://127.0.0.1:4010/v1.0`.
    pub base: String,
    /// The path as the client wrote it, for links back to it.
    pub written_path: String,
    /// Addresses for notifications in the body that have said they want them.
    pub validated: Vec<String>,
}

impl Request {
    /// Takes apart an address relative to the service's root, such as `/users/x?$select=id`.
    ///
    /// # Errors
    /// 400 for broken percent-encoding or key syntax.
    pub(crate) fn parse(method: Method, url: &str, base: &str) -> Result<Request> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut segments = Vec::new();
        let mut alternate = None;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let segment = encoding::decode(segment, false)
                .ok_or_else(|| Error::malformed("The request URI contains invalid percent-encoding."))?;
            enter(&segment, &mut segments, &mut alternate)?;
        }
        Ok(Request {
            method,
            path: segments,
            alternate,
            options: encoding::options(query),
            headers: Headers::default(),
            body: None,
            base: base.to_owned(),
            written_path: path.to_owned(),
            validated: Vec::new(),
        })
    }

    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as an object.
    ///
    /// # Errors
    /// 400 when there is none.
    pub(crate) fn object(&self) -> Result<&Map<String, Value>> {
        match &self.body {
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(Error::malformed("The request body must be a JSON object.")),
            None => Err(Error::malformed("Empty Payload. JSON content expected.")),
        }
    }
}

/// Adds one decoded segment to a path, taking keys in parentheses apart.
fn enter(segment: &str, path: &mut Vec<String>, alternate: &mut Option<(String, String)>) -> Result<()> {
    let bare = segment.strip_suffix("()").unwrap_or(segment);
    let Some((name, key)) = bare.strip_suffix(')').and_then(|open| open.split_once('(')) else {
        path.push(shorten(bare).to_owned());
        return Ok(());
    };
    let wrong = || Error::malformed(format!("The key in segment '{segment}' is not valid."));
    let text = |quoted: &str| {
        let inner = quoted
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            .ok_or_else(wrong)?;
        Ok(inner.replace("''", "'"))
    };
    path.push(shorten(name).to_owned());
    match key
        .split_once('=')
        .filter(|(name, _)| name.chars().all(char::is_alphanumeric))
    {
        Some((name, value)) => {
            *alternate = Some((name.to_owned(), text(value)?));
            path.push(ALTERNATE.to_owned());
        }
        None => path.push(text(key)?),
    }
    Ok(())
}

/// Actions and functions may be called by their full name; casts to a type must be.
fn shorten(segment: &str) -> &str {
    // The namespace's alias, which Microsoft's own libraries write in casts.
    match segment {
        "graph.user" => return "microsoft.graph.user",
        "graph.group" => return "microsoft.graph.group",
        _ => {}
    }
    match segment.strip_prefix("microsoft.graph.") {
        Some("user" | "group" | "directoryObject") | None => segment,
        Some(action) => action,
    }
}

/// What an answer consists of besides its status and headers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Text(String),
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content: Content,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            content: Content::Json(body),
        }
    }

    pub(crate) fn no_content() -> Reply {
        Reply {
            status: 204,
            headers: Vec::new(),
            content: Content::Empty,
        }
    }

    /// Plain text, as `/$count` answers.
    pub(crate) fn text(body: String) -> Reply {
        Reply {
            status: 200,
            headers: Vec::new(),
            content: Content::Text(body),
        }
    }

    pub(crate) fn error(error: &Error, trace: &Trace) -> Reply {
        Reply {
            status: error.status,
            headers: error.headers.clone(),
            content: Content::Json(error.body(trace)),
        }
    }

    /// As one entry of a batch's answer.
    pub(crate) fn into_batch_entry(self, id: &str) -> Value {
        let mut headers: Map<String, Value> = self
            .headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        let body = match self.content {
            Content::Empty => None,
            Content::Json(body) => {
                headers.insert("Content-Type".to_owned(), json!("application/json"));
                Some(body)
            }
            Content::Text(text) => {
                headers.insert("Content-Type".to_owned(), json!("text/plain"));
                Some(Value::String(text))
            }
        };
        let mut entry = json!({"id": id, "status": self.status, "headers": headers});
        if let Some(body) = body {
            entry["body"] = body;
        }
        entry
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn path(url: &str) -> (Vec<String>, Option<(String, String)>) {
        let request = Request::parse(Method::Get, url, "").unwrap();
        (request.path, request.alternate)
    }

    #[test]
    fn every_spelling_of_delta_is_the_same() {
        for url in [
            "/users/delta",
            "/users/delta()",
            "/users/microsoft.graph.delta()",
            "users/delta?$select=id",
        ] {
            assert_eq!(path(url).0, ["users", "delta"], "{url}");
        }
        for cast in ["microsoft.graph.user", "graph.user"] {
            let (segments, _) = path(&format!("/directory/deletedItems/{cast}"));
            assert_eq!(segments[2], "microsoft.graph.user");
        }
        assert_eq!(
            path("/users/graph.user@contoso.example").0[1],
            "graph.user@contoso.example"
        );
    }

    #[test]
    fn keys_in_parentheses_are_taken_apart() {
        let (segments, alternate) = path("/groups(uniqueName='it''s%20us')/members/$ref");
        assert_eq!(segments, ["groups", ALTERNATE, "members", "$ref"]);
        assert_eq!(alternate, Some(("uniqueName".to_owned(), "it's us".to_owned())));
        assert_eq!(
            path("/users('a@contoso.example')").0,
            ["users", "a@contoso.example"]
        );
        assert_eq!(
            path("/users/a%23b@contoso.example").0,
            ["users", "a#b@contoso.example"]
        );
    }

    #[test]
    fn broken_addresses_are_refused() {
        for url in ["/users/%zz", "/users(x)", "/groups(uniqueName=x)", "/users/%ff"] {
            let refusal = Request::parse(Method::Get, url, "").unwrap_err();
            assert_eq!((refusal.status, refusal.code), (400, "BadRequest"), "{url}");
        }
    }
}
