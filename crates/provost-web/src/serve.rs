//! Running the service on a listener.
//!
//! Each connection is spoken to with deadlines: a client that sends its headers a byte at a time, or that does
//! not read its answer, is let go of.

use crate::network::Peer;
use crate::router::router;
use crate::stall::Stream;
use crate::state::State;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::{TowerToHyperService, TowerToHyperServiceFuture};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long requests that are being answered may keep a stopping server alive.
const GRACE: Duration = Duration::from_secs(10);
/// Bytes of a request's first line and headers, beyond which a head that is not complete is refused. A filter of
/// 8 KB has three times as many when it is encoded.
const HEAD_BYTES: usize = 64 * 1024;
/// The wait after a connection could not be accepted, as when no more files may be open.
const RECOVERY: Duration = Duration::from_secs(1);
/// Refusals of the operating system in a row after which there is nothing left to wait for.
const REFUSALS: u32 = 60;

/// Answers requests on `listener` until `shutdown` resolves; then accepts none, finishes those that are under
/// way within ten seconds, writes what waits for the request log, and returns.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    state: State,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let log = state.request_log().start(state.db());
    let mut connections = Connections::new(state);
    let ended = connections.accept(&listener, shutdown).await;
    drop(listener);
    connections.finish().await;
    if let Some(log) = log {
        log.finish().await;
    }
    ended
}

/// The open connections.
struct Connections {
    http: http1::Builder,
    router: TowerToHyperService<Router>,
    graceful: GracefulShutdown,
    open: JoinSet<()>,
    patience: Duration,
}

impl Connections {
    fn new(state: State) -> Self {
        let limits = state.settings().limits;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.head_seconds))
            .max_buf_size(HEAD_BYTES);
        Self {
            http,
            router: TowerToHyperService::new(router(state)),
            graceful: GracefulShutdown::new(),
            open: JoinSet::new(),
            patience: Duration::from_secs(limits.answer_seconds),
        }
    }

    /// Accepts connections until `shutdown` resolves.
    async fn accept(&mut self, listener: &TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let mut shutdown = pin!(shutdown);
        let mut refusals = 0;
        loop {
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        refusals = 0;
                        self.open(stream, peer);
                    }
                    Err(error) if is_about_the_client(&error) => {}
                    Err(error) => {
                        refusals += 1;
                        tracing::warn!(%error, "a connection could not be accepted");
                        if refusals == REFUSALS {
                            return Err(error);
                        }
                        tokio::time::sleep(RECOVERY).await;
                    }
                },
                // Nothing but the end of a connection is to be learned from its task.
                _ = self.open.join_next(), if !self.open.is_empty() => {}
            }
        }
    }

    fn open(&mut self, stream: TcpStream, peer: SocketAddr) {
        // Answers are small and written at once: waiting to fill a packet only costs the client time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let stream = TokioIo::new(Stream::new(stream, self.patience));
        let answering = Answering {
            router: self.router.clone(),
            peer: Peer(peer.ip().to_canonical()),
        };
        let connection = self.http.serve_connection(stream, answering);
        let connection = self.graceful.watch(connection);
        self.open.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }

    /// Lets the answers under way be finished, and ends what takes longer than [`GRACE`].
    async fn finish(self) {
        let Self {
            graceful, mut open, ..
        } = self;
        if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
            tracing::warn!(connections = open.len(), "some requests did not end in time");
        }
        open.shutdown().await;
    }
}

/// Whether only the one connection failed, before it was accepted.
fn is_about_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// The router for the requests of one connection: each carries who is at its other end.
struct Answering {
    router: TowerToHyperService<Router>,
    peer: Peer,
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = TowerToHyperServiceFuture<Router, Request<Incoming>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.router.call(request)
    }
}
