//! Clients that dawdle: each is let go of, and the others do not notice.

use crate::harness::{Answer, Server, both};
use provost_web::Limits;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection on which the test writes what it likes.
pub struct Connection(TcpStream);

impl Connection {
    pub async fn open(address: &str) -> Self {
        Self(
            TcpStream::connect(address.strip_prefix("http://").unwrap())
                .await
                .unwrap(),
        )
    }

    /// Sends what the server takes: it may hang up before it has heard everything.
    pub async fn send(&mut self, text: &str) {
        let _ = self.0.write_all(text.as_bytes()).await;
    }

    /// What comes until the server closes the connection.
    pub async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        timeout(Duration::from_secs(10), self.0.read_to_end(&mut bytes))
            .await
            .expect("the server waits on")
            .unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn head(server: &Server, length: usize) -> String {
    format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n",
        server.token
    )
}

both! {
    async fn headers_have_to_arrive_in_time(server) {
        let other = server.beside(Limits { head_seconds: 1, ..Limits::default() }).await;
        let mut silent = Connection::open(&other.address).await;
        let mut dripping = Connection::open(&other.address).await;
        dripping.send("GET /scim/v2/Users HTTP/1.1\r\nx-").await;
        for _ in 0..4 {
            dripping.send("a").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        for connection in [&mut silent, &mut dripping] {
            let rest = connection.rest().await;
            assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{rest}");
        }
        assert_eq!(Answer::of(server.at(&other, "GET", "/Users")).await.status, 200);
        other.stop().await;
    }

    async fn a_body_has_to_arrive_in_time(server) {
        let other = server.beside(Limits { body_seconds: 1, ..Limits::default() }).await;
        let mut connection = Connection::open(&other.address).await;
        connection.send(&(head(server, 50) + "{")).await;
        let rest = connection.rest().await;
        assert!(rest.starts_with("HTTP/1.1 408"), "{rest}");
        assert!(rest.contains("did not arrive within 1 seconds"), "{rest}");
        other.stop().await;
    }

    async fn headers_have_to_be_of_a_reasonable_size(server) {
        let mut connection = Connection::open(&server.address).await;
        connection.send(&format!("GET /scim/v2/Users HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(512 * 1024))).await;
        let rest = connection.rest().await;
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 431"), "{rest}");
        assert_eq!(server.get("/Users").await.status, 200);
    }

    async fn a_stopping_server_finishes_what_it_has_begun(server) {
        let other = server.beside(Limits::default()).await;
        let body = json!({"userName": "ann@contoso.example"}).to_string();
        let mut connection = Connection::open(&other.address).await;
        connection.send(&(head(server, body.len()) + &body[..5])).await;
        let stopping = tokio::spawn(other.stop());
        tokio::time::sleep(Duration::from_millis(200)).await;
        connection.send(&body[5..]).await;
        let rest = connection.rest().await;
        assert!(rest.starts_with("HTTP/1.1 201"), "{rest}");
        stopping.await.unwrap();
    }
}
