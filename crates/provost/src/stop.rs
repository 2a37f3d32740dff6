//! Being asked to stop: Ctrl-C, or SIGTERM from whoever runs the process.

use crate::failure;
use tokio::sync::watch;

/// Knows whether the process was asked to stop; from [`Stop::listen`] on, no request is missed.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Begins to listen. A second request ends the process at once: nothing that was acknowledged is lost, and
    /// what was under way is found again by the next run.
    pub fn listen() -> Self {
        let (asked, stop) = watch::channel(false);
        let mut signals = Signals::new();
        tokio::spawn(async move {
            signals.next().await;
            // Everybody who wanted to know may be gone already.
            let _ = asked.send(true);
            signals.next().await;
            std::process::exit(failure::INTERRUPTED.into())
        });
        Self(stop)
    }

    /// Resolves when the process was asked to stop.
    pub async fn asked(&self) {
        // The sender never goes before the process does.
        let _ = self.0.clone().wait_for(|asked| *asked).await;
    }

    /// Turns true when the process was asked to stop.
    pub fn receiver(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        // A signal that cannot be listened to ends the process, as it does without us.
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    async fn next(&mut self) {
        tokio::select! {
            () = received(&mut self.interrupt) => {}
            () = received(&mut self.terminate) => {}
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
