//! Work that goes on when nobody waits for its end: a page answers after some seconds, a cycle may take hours.

use provost_sync::Result;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a page waits for the end.
const WAIT: Duration = Duration::from_secs(5);

/// Begins a deed and waits a little for it. None: it goes on, and tells of itself where its result is shown.
///
/// # Errors
/// What the deed answers in that time; an error that comes later is logged.
pub(super) async fn begun<T: Send + 'static>(
    deed: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<Option<T>> {
    let (send, receive) = oneshot::channel();
    tokio::spawn(async move {
        if let Err(Err(error)) = send.send(deed.await) {
            tracing::warn!(%error, "what a page had begun failed after the page was answered");
        }
    });
    match tokio::time::timeout(WAIT, receive).await {
        Ok(Ok(done)) => done.map(Some),
        // It goes on, or its task broke, which the runtime has told of.
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}
