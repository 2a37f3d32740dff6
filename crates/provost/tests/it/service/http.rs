//! A client that shows exactly what went over the wire: no library adds, hides or repairs anything.

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// Somebody with a token. The paths of its methods begin after `/scim/v2`.
#[derive(Clone)]
pub struct Client {
    host: String,
    token: String,
    /// Query parameters that the client adds to every address, as Entra does with its flags.
    flags: &'static str,
    headers: Vec<(&'static str, &'static str)>,
}

impl Client {
    /// A client of the server at `host`, which is `127.0.0.1:PORT`.
    pub fn new(host: &str, token: &str) -> Self {
        Self {
            host: host.to_owned(),
            token: token.to_owned(),
            flags: "",
            headers: vec![("Content-Type", "application/scim+json")],
        }
    }

    /// The same client with `?flags` at the end of its tenant URL.
    pub fn with_flags(&self, flags: &'static str) -> Self {
        Self {
            flags,
            ..self.clone()
        }
    }

    /// The same client with its own headers in the place of `Content-Type`.
    pub fn with_headers(&self, headers: &[(&'static str, &'static str)]) -> Self {
        Self {
            headers: headers.to_vec(),
            ..self.clone()
        }
    }

    /// The same client with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The server, as `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A request to an address of the SCIM service.
    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let flags = if self.flags.is_empty() {
            String::new()
        } else {
            format!("{joint}{}", self.flags)
        };
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", bearer.as_str())];
        all.extend(
            self.headers
                .iter()
                .filter(|(name, _)| !headers.iter().any(|(other, _)| other == name)),
        );
        all.extend(headers);
        exchange(&self.host, method, &format!("/scim/v2{path}{flags}"), &all, body)
    }

    /// A request with a JSON body.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.call(method, path, &[], &body.to_string())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], "")
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, body)
    }

    /// A PATCH of these operations, whatever becomes of it.
    pub fn try_patch(&self, path: &str, operations: Value) -> Answer {
        self.send(
            "PATCH",
            path,
            &json!({"schemas": [PATCH_OP], "Operations": operations}),
        )
    }

    /// A PATCH that must succeed.
    #[track_caller]
    pub fn patch(&self, path: &str, operations: Value) -> Answer {
        let answer = self.try_patch(path, operations);
        assert!(
            matches!(answer.status, 200 | 204),
            "{} {}",
            answer.status,
            answer.text
        );
        answer
    }

    /// Creates a resource that must not be refused, and answers its id.
    #[track_caller]
    pub fn make(&self, path: &str, body: &Value) -> String {
        let answer = self.post(path, body);
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// What is at this path.
    #[track_caller]
    pub fn read(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// What a filter finds at `/Users` or `/Groups`; `more` is appended to the query as it is.
    #[track_caller]
    pub fn find(&self, endpoint: &str, filter: &str, more: &str) -> Vec<Value> {
        let list = self.read(&format!("{endpoint}?filter={}{more}", encoded(filter)));
        let found = list["Resources"].as_array().unwrap().clone();
        assert_eq!(list["totalResults"], found.len(), "{filter}");
        found
    }

    /// The ids that a filter finds.
    #[track_caller]
    pub fn ids(&self, endpoint: &str, filter: &str) -> Vec<String> {
        let found = self.find(endpoint, filter, "");
        found
            .iter()
            .map(|each| each["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The ids of a group's members, sorted.
    #[track_caller]
    pub fn members(&self, group: &str) -> Vec<String> {
        let body = self.read(&format!("/Groups/{group}"));
        let members = body["members"].as_array().unwrap();
        let mut ids: Vec<_> = members
            .iter()
            .map(|each| each["value"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    }

    /// People `u0@contoso.example`, `u1@…` and so on; their ids, sorted.
    #[track_caller]
    pub fn people(&self, count: usize) -> Vec<String> {
        let name = |i| json!({"userName": format!("u{i}@contoso.example"), "displayName": format!("U {i}")});
        let mut ids: Vec<_> = (0..count).map(|i| self.make("/Users", &name(i))).collect();
        ids.sort();
        ids
    }
}

/// An answer that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {:?}", self.status, self.text))
    }

    /// A header by its name in any letter case; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// A SCIM error in the standard's form: its `scimType` (or nothing) and its sentence.
    #[track_caller]
    pub fn error(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            "application/scim+json",
            "{}",
            self.text
        );
        let body = self.json();
        assert_eq!(
            (&body["schemas"], &body["status"]),
            (&json!([ERROR]), &json!(status.to_string()))
        );
        let detail = body["detail"].as_str().unwrap();
        assert!(!detail.is_empty());
        (
            body["scimType"].as_str().unwrap_or_default().to_owned(),
            detail.to_owned(),
        )
    }
}

/// One request over a connection of its own, exactly as given.
pub fn exchange(host: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        // A content type without content would say something that no client says.
        if !body.is_empty() || !name.eq_ignore_ascii_case("content-type") {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
    }
    if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
        write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    head.push_str("\r\n");
    // A server that refuses a body before its end may close while we still write.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()));
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    assert!(ended.is_ok() || !bytes.is_empty(), "{method} {target}: {ended:?}");
    understood(&bytes)
}

fn understood(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("an answer has a head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = &bytes[end + 4..];
    let chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if chunked { joined(body) } else { body.to_vec() };
    Answer {
        status,
        headers,
        text: String::from_utf8(body).unwrap(),
    }
}

/// A body that came in chunks.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        out.extend(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 2 + length + 2..];
    }
    out
}

/// A value as it stands in a query.
pub fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().fold(String::new(), |mut out, b| {
        if plain(b) {
            out.push(char::from(b));
        } else {
            write!(out, "%{b:02X}").unwrap();
        }
        out
    })
}
