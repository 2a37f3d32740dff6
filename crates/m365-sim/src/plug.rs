//! Connections that can be pulled: what lets the simulator die in the middle of an answer.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Says how many more bytes a connection may send. Shared by the connection and the handlers that serve it.
#[derive(Debug, Clone)]
pub(crate) struct Plug {
    left: Arc<AtomicUsize>,
    peer: SocketAddr,
}

impl Plug {
    /// The connection closes after so many more bytes.
    pub(crate) fn pull_after(&self, bytes: usize) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// Whether the other end is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.peer.ip().to_canonical().is_loopback()
    }
}

impl Connected<IncomingStream<'_, PluggedListener>> for Plug {
    fn connect_info(stream: IncomingStream<'_, PluggedListener>) -> Self {
        stream.io().plug.clone()
    }
}

/// A listener whose connections can be pulled.
pub(crate) struct PluggedListener(pub TcpListener);

impl Listener for PluggedListener {
    type Io = Plugged;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Plugged, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers to small requests: waiting to fill a packet would only slow them down.
        let _ = stream.set_nodelay(true);
        (
            Plugged {
                stream,
                plug: Plug {
                    left: Arc::new(AtomicUsize::new(usize::MAX)),
                    peer: address,
                },
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection with its plug.
pub(crate) struct Plugged {
    stream: TcpStream,
    plug: Plug,
}

impl AsyncRead for Plugged {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Plugged {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.plug.left.load(Ordering::SeqCst);
        if left == usize::MAX {
            return Pin::new(&mut self.stream).poll_write(cx, data);
        }
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let part = data.get(..left.min(data.len())).unwrap_or(data);
        let sent = Pin::new(&mut self.stream).poll_write(cx, part);
        if let Poll::Ready(Ok(count)) = sent {
            self.plug.left.store(left - count, Ordering::SeqCst);
        }
        sent
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
