//! Running the router on a listener.

use axum::Router;
use axum::serve::ListenerExt as _;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests that are being answered may keep a stopping server alive.
const GRACE: Duration = Duration::from_secs(10);

/// Answers requests on `listener` until `shutdown` resolves; then accepts none, finishes those that are under
/// way within ten seconds, and returns.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Answers are small and written at once: waiting to fill a packet only costs the client time.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let (stopping, stopped) = oneshot::channel();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        shutdown.await;
        // Nobody listens any more when the server has ended by itself.
        let _ = stopping.send(());
    });
    let grace = async {
        if stopped.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended,
        () = grace => Ok(()),
    }
}
