//! One connection that is kept: HTTP/1.1 over loopback, as little of it as a measurement needs.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::mix::Request;

/// Longer than any answer may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Where the service is.
#[derive(Debug, Clone)]
pub struct Address {
    host: String,
    path: String,
}

impl Address {
    /// Reads `http://HOST:PORT/scim/v2`.
    ///
    /// # Errors
    /// When it is no such address; TLS is not spoken here.
    pub fn parse(text: &str) -> Result<Self> {
        let rest = text
            .strip_prefix("http://")
            .context("the base must begin with http://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self {
            host: host.to_owned(),
            path: format!("/{path}").trim_end_matches('/').to_owned(),
        })
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// A connection, opened when it is needed and again after it broke.
pub struct Connection {
    address: Address,
    token: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    /// A connection for the holder of a token.
    pub fn new(address: Address, token: &str) -> Self {
        Self {
            address,
            token: token.to_owned(),
            stream: None,
        }
    }

    /// The token that it speaks with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sends a request and reads the answer to its end.
    ///
    /// # Errors
    /// When the connection breaks. A kept connection that the server has closed meanwhile is opened again once.
    pub fn send(&mut self, request: &Request) -> io::Result<Answer> {
        let kept = self.stream.is_some();
        match self.exchange(request) {
            Err(_) if kept => self.exchange(request),
            other => other,
        }
    }

    fn exchange(&mut self, request: &Request) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address.host)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(DEADLINE))?;
                BufReader::with_capacity(16 * 1024, stream)
            }
        };
        let Address { host, path } = &self.address;
        let mut text = format!(
            "{} {path}{} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nAccept: application/scim+json\r\n",
            request.method, request.path, self.token
        );
        if !request.body.is_empty() {
            text.push_str(&format!(
                "Content-Type: application/scim+json\r\nContent-Length: {}\r\n",
                request.body.len()
            ));
        }
        text.push_str("\r\n");
        text.push_str(&request.body);
        stream.get_mut().write_all(text.as_bytes())?;
        let (answer, closes) = read(&mut stream)?;
        if !closes {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

/// An answer, and whether the connection ends with it.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| bad("no status line"))?;
    let (mut length, mut closes) = (0usize, false);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().map_err(|_| bad("no length"))?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(bad("an answer in chunks: Provost sends none"));
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((Answer { status, body }, closes))
}
