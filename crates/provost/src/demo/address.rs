//! Where the demo's three servers listen. Connections remember their targets' addresses, so the ports are
//! chosen once and kept in the data folder.

use crate::failure::Failure;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use uuid::Uuid;

/// Its presence says that the folder is a demo's.
pub(super) const FILE: &str = "demo.json";
/// Below the range from which the system takes the ports of outgoing connections.
const PORTS: std::ops::Range<u16> = 20_000..30_000;
/// How long a port may still be held by a process that is just ending.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Serialize, Deserialize)]
struct Ports {
    hub: u16,
    microsoft_365: u16,
    application: u16,
}

/// The three listeners.
pub(super) struct Listeners {
    /// The hub's.
    pub hub: TcpListener,
    /// The simulated Microsoft 365's.
    pub microsoft_365: TcpListener,
    /// The sample application's.
    pub application: TcpListener,
}

/// Listens where the folder says, or on three free ports that it will say from now on.
///
/// # Errors
/// When a port is in use by another program, or the folder cannot be written to.
pub(super) async fn listen(folder: &Path) -> Result<Listeners> {
    let path = folder.join(FILE);
    match std::fs::read(&path) {
        Ok(text) => {
            let ports: Ports =
                serde_json::from_slice(&text).with_context(|| format!("{} is damaged", path.display()))?;
            Ok(Listeners {
                hub: again(ports.hub, folder).await?,
                microsoft_365: again(ports.microsoft_365, folder).await?,
                application: again(ports.application, folder).await?,
            })
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let listeners = Listeners {
                hub: any().await?,
                microsoft_365: any().await?,
                application: any().await?,
            };
            listeners.remember(&path)?;
            Ok(listeners)
        }
        Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
    }
}

impl Listeners {
    fn remember(&self, path: &Path) -> Result<()> {
        let ports = Ports {
            hub: self.hub.local_addr()?.port(),
            microsoft_365: self.microsoft_365.local_addr()?.port(),
            application: self.application.local_addr()?.port(),
        };
        // Renamed into place: a file that is there is whole.
        let draft = path.with_extension("new");
        std::fs::write(&draft, serde_json::to_vec(&ports)?)
            .and_then(|()| std::fs::rename(&draft, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The address of a listener, for a URL.
pub(super) fn url(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn any() -> Result<TcpListener> {
    for _ in 0..100 {
        let random = u16::from_be_bytes([Uuid::new_v4().as_bytes()[0], Uuid::new_v4().as_bytes()[1]]);
        if let Ok(listener) = bind(PORTS.start + random % (PORTS.end - PORTS.start)).await {
            return Ok(listener);
        }
    }
    bind(0).await.context("no port is free on 127.0.0.1")
}

async fn again(port: u16, folder: &Path) -> Result<TcpListener> {
    let started = Instant::now();
    loop {
        match bind(port).await {
            Ok(listener) => return Ok(listener),
            Err(e) if e.kind() == ErrorKind::AddrInUse && started.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(e) => {
                let hint = "Is the demo running already? Stop it, or start another with --data FOLDER.";
                let sentence = format!(
                    "cannot listen on port {port}, which {} uses: {e}",
                    folder.display()
                );
                return Err(Failure::new(sentence, hint).into());
            }
        }
    }
}

async fn bind(port: u16) -> std::io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}
