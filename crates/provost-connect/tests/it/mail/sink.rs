//! A mail server that keeps what it is sent, and refuses what it is told to.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// How the server behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    /// TLS from the beginning.
    pub tls: bool,
    /// STARTTLS is offered and taken.
    pub starttls: bool,
    /// The command that begins so is answered with this line.
    pub refuses: Option<(&'static str, &'static str)>,
    /// After this command nothing is answered.
    pub hangs_at: Option<&'static str>,
    /// The credential that is taken, as AUTH PLAIN sends it.
    pub wants: Option<&'static str>,
}

#[derive(Clone)]
pub struct Sink {
    pub port: u16,
    /// Every line that was received, and the mail.
    pub lines: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    pub async fn start(habits: Habits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            lines: Arc::default(),
        };
        let kept = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = kept.clone();
                tokio::spawn(async move {
                    if !habits.tls {
                        return sink.plain(stream, habits).await;
                    }
                    if let Ok(stream) = acceptor().accept(stream).await {
                        sink.talk(&mut BufReader::new(stream), habits, true).await;
                    }
                });
            }
        });
        sink
    }

    pub fn has(&self, text: &str) -> bool {
        self.lines.lock().unwrap().iter().any(|line| line.contains(text))
    }

    pub fn count(&self, text: &str) -> usize {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line.starts_with(text)).count()
    }

    async fn plain(&self, stream: tokio::net::TcpStream, habits: Habits) {
        let mut stream = BufReader::new(stream);
        if self.talk(&mut stream, habits, true).await
            && let Ok(stream) = acceptor().accept(stream.into_inner()).await
        {
            let after = Habits {
                starttls: false,
                ..habits
            };
            self.talk(&mut BufReader::new(stream), after, false).await;
        }
    }

    /// Talks until the end; whether STARTTLS was asked for.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        habits: Habits,
        greets: bool,
    ) -> bool {
        if greets {
            stream
                .write_all(b"220 mail.contoso.example ESMTP\r\n")
                .await
                .unwrap();
        }
        let (mut line, mut in_data) = (String::new(), false);
        loop {
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return false;
            }
            let text = line.trim_end().to_owned();
            self.lines.lock().unwrap().push(text.clone());
            if in_data && text != "." {
                continue;
            }
            if habits.hangs_at.is_some_and(|at| text.starts_with(at)) {
                std::future::pending::<()>().await;
            }
            let (answer, over) = match habits.refuses {
                Some((command, answer)) if text.starts_with(command) => (answer.to_owned(), false),
                _ => reply(&text, in_data, habits),
            };
            in_data = answer.starts_with("354");
            if stream
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .is_err()
                || over
            {
                return answer.starts_with("220");
            }
        }
    }
}

fn reply(text: &str, in_data: bool, habits: Habits) -> (String, bool) {
    let word = text.split([' ', ':']).next().unwrap_or_default();
    let said = match word {
        _ if in_data => "250 kept",
        "EHLO" if habits.starttls => "250-mail.contoso.example\r\n250 STARTTLS",
        "EHLO" if habits.wants.is_some() => "250-mail.contoso.example\r\n250 AUTH PLAIN",
        "EHLO" => "250 mail.contoso.example",
        "STARTTLS" if habits.starttls => return ("220 go on".to_owned(), true),
        "AUTH" if habits.wants.is_some_and(|wants| text.ends_with(wants)) => "235 welcome",
        "AUTH" => "535 5.7.8 who are you",
        "MAIL" | "RCPT" | "NOOP" => "250 ok",
        "DATA" => "354 go on",
        "QUIT" => return ("221 bye".to_owned(), true),
        _ => "500 what",
    };
    (said.to_owned(), false)
}

fn acceptor() -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server-key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
