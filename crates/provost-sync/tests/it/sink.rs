//! A mail server that takes every letter and keeps it: a few commands of SMTP (RFC 5321), without protection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A letter that came in.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

#[derive(Default)]
struct Shelf {
    letters: Mutex<Vec<Letter>>,
    is_busy: AtomicBool,
}

#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    shelf: Arc<Shelf>,
}

impl Sink {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shelf = Arc::<Shelf>::default();
        let kept = shelf.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, kept.clone()));
            }
        });
        Self { port, shelf }
    }

    /// While it is busy it takes no letter for now.
    pub fn set_busy(&self, is_busy: bool) {
        self.shelf.is_busy.store(is_busy, Ordering::Relaxed);
    }

    /// The letters since the last time somebody looked.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.shelf.letters.lock().unwrap())
    }
}

async fn serve(stream: TcpStream, shelf: Arc<Shelf>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut to, mut data) = (String::new(), None::<Vec<String>>);
    let _ = write.write_all(b"220 sink\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match &mut data {
            Some(text) if line == "." => {
                let letter = letter(&to, text);
                shelf.letters.lock().unwrap().push(letter);
                data = None;
                "250 kept"
            }
            Some(text) => {
                text.push(line.strip_prefix('.').unwrap_or(&line).to_owned());
                continue;
            }
            None if line.starts_with("RCPT TO:") && shelf.is_busy.load(Ordering::Relaxed) => "451 later",
            None if line.starts_with("RCPT TO:") => {
                to = line["RCPT TO:".len()..].trim_matches(['<', '>', ' ']).to_owned();
                "250 ok"
            }
            None if line == "DATA" => {
                data = Some(Vec::new());
                "354 go on"
            }
            None if line == "QUIT" => "221 bye",
            None => "250 ok",
        };
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

fn letter(to: &str, lines: &[String]) -> Letter {
    let end = lines.iter().position(String::is_empty).unwrap_or(lines.len());
    let (head, body) = lines.split_at(end);
    // A folded header goes on in the next line.
    let head = head.join("\n").replace("\n ", " ");
    let subject = head
        .lines()
        .find_map(|l| l.strip_prefix("Subject: "))
        .unwrap_or_default();
    Letter {
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: body.join("\n"),
    }
}
