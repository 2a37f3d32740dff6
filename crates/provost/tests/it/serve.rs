use crate::run::Place;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Stdio};

/// A running server; killed when the test ends.
pub struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub fn start(place: &Place, words: &str) -> Self {
        let mut child = place
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

/// One request over a connection of its own.
fn get(url: &str, authorization: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn serve_is_ready_when_it_says_so_and_ends_in_good_order() {
    let place = Place::installed();
    let token = place.json("provider add Entra")["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut server = Server::start(&place, "serve --listen 127.0.0.1:0");
    let ready = server.line();
    let url = ready.strip_prefix("ready ").unwrap();
    assert!(get(&format!("{url}/scim/v2/Users"), &format!("Bearer {token}")).contains("totalResults"));
    assert!(get(&format!("{url}/scim/v2/Users"), "Bearer guess").starts_with("HTTP/1.1 401"));
    let link = server.line();
    let console = url.replace("127.0.0.1", "localhost");
    assert!(
        link.starts_with(&format!("owner {console}/welcome?key=")),
        "{link}"
    );
    terminate(&server.child);
    assert!(server.child.wait().unwrap().success());
    let logged = place.json("request list");
    assert_eq!(
        logged["requests"][0]["path"], "/scim/v2/Users",
        "the last rows are written: {logged}"
    );
}

/// A form over a connection of its own.
fn post(url: &str, body: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_owners_link_is_printed_until_there_is_one() {
    let place = Place::installed();
    let mut keys = Vec::new();
    for _ in 0..2 {
        let mut server = Server::start(&place, "serve --listen 127.0.0.1:0");
        let url = server.line().strip_prefix("ready ").unwrap().to_owned();
        let link = server.line();
        keys.push((url, link.split_once("key=").unwrap().1.to_owned(), server));
        if keys.len() == 1 {
            terminate(&keys[0].2.child);
            assert!(keys[0].2.child.wait().unwrap().success());
        }
    }
    // The link of an earlier start is as good.
    let (url, key) = (&keys[1].0, &keys[0].1);
    let body = format!("key={key}&name=Ann&email=ann%40contoso.example");
    let made = post(&format!("{url}/welcome"), &body);
    assert!(made.starts_with("HTTP/1.1 303"), "{made}");
    assert!(post(&format!("{url}/welcome"), &body).starts_with("HTTP/1.1 410"));
    terminate(&keys[1].2.child);
    assert!(keys[1].2.child.wait().unwrap().success());
    let mut server = Server::start(&place, "serve --listen 127.0.0.1:0");
    assert!(server.line().starts_with("ready "));
    terminate(&server.child);
    assert_eq!(server.line(), "", "nothing is printed any more");
    assert_eq!(
        place.json("administrator list")["administrators"][0]["email"],
        "ann@contoso.example"
    );
}

#[test]
fn limits_are_those_of_the_configuration() {
    let place = Place::installed();
    let text = "[limits]\npage = 1\nmax_page = 2\nbulk_operations = 3\nbulk_bytes = 2000000\n";
    std::fs::write(place.data().join("provost.toml"), text).unwrap();
    let token = place.json("provider add Entra")["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut server = Server::start(&place, "serve --listen 127.0.0.1:0");
    let ready = server.line();
    let url = ready.strip_prefix("ready ").unwrap();
    let answer = get(
        &format!("{url}/scim/v2/ServiceProviderConfig"),
        &format!("Bearer {token}"),
    );
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let said: Value = serde_json::from_str(body).unwrap();
    assert_eq!(said["filter"]["maxResults"], 2);
    assert_eq!(said["bulk"]["maxOperations"], 3);
    assert_eq!(said["bulk"]["maxPayloadSize"], 2_000_000);
}

#[test]
fn the_simulated_microsoft_365_says_how_to_reach_it() {
    let place = Place::empty();
    let mut sim = Server::start(
        &place,
        "sim microsoft-365 --listen 127.0.0.1:0 --journal tenant.journal --json",
    );
    let said: Value = serde_json::from_str(&sim.line()).unwrap();
    for name in [
        "url",
        "tenant",
        "client_id",
        "client_secret",
        "login_url",
        "graph_url",
    ] {
        assert!(said[name].is_string(), "{name}");
    }
    let state = get(&format!("{}/_sim/state", said["url"].as_str().unwrap()), "");
    assert!(state.contains("\"users\":[]"), "{state}");
    terminate(&sim.child);
    assert!(sim.child.wait().unwrap().success());
}

/// Asks a process to stop, as a service manager does.
fn terminate(child: &Child) {
    let done = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(done.success());
}
