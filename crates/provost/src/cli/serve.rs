//! `provost serve`.

use super::Place;
use crate::hub::{Hub, Purpose};
use crate::{logging, output, stop};
use anyhow::{Context as _, Result};
use provost_sync::Engine;
use provost_web::{ConsoleAccess, Settings, State};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How the hub is served.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// The address and port to listen on, instead of the configuration's; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open_for(place, Purpose::Serve).await?;
        logging::start(&hub.config.log)?;
        let address = self.listen.unwrap_or(hub.config.server.listen);
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let local = format!("http://{}", listener.local_addr()?);
        let access = ConsoleAccess::new();
        let settings = Settings {
            public_url: hub.config.server.public_url.clone(),
            ..Settings::default()
        };
        let state = State::with_console(hub.db.clone(), settings, access.clone());
        output::line(format!("ready {local}"))?;
        let public = hub.config.server.public_url.as_deref().unwrap_or(&local);
        output::line(format!("console {}", console_link(public, &access)))?;
        let cycles = if hub.config.sync.enabled {
            Some(hub.engine()?)
        } else {
            None
        };
        let ended = run(listener, state, cycles).await;
        hub.close();
        ended
    }
}

/// A link that opens the console once.
pub(crate) fn console_link(url: &str, access: &ConsoleAccess) -> String {
    format!("{url}/signin?key={}", access.one_time_key())
}

/// Serves until the process is asked to stop; requests and cycles under way end in good order.
async fn run(listener: TcpListener, state: State, engine: Option<Engine>) -> Result<()> {
    let (stop, stopping) = watch::channel(false);
    let mut stopped = stopping.clone();
    let asked = async move {
        // The sender only goes when the server has ended.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let cycles = tokio::spawn(async move {
        if let Some(engine) = engine {
            engine.serve(stopping).await;
        }
    });
    let mut server = tokio::spawn(provost_web::serve(listener, provost_web::router(state), asked));
    tracing::info!("started");
    tokio::select! {
        ended = &mut server => return ended.context("the server ended abnormally")?.context("the server cannot go on"),
        () = stop::requested() => {}
    }
    tracing::info!("stopping");
    let _ = stop.send(true);
    cycles.await.context("the cycles ended abnormally")?;
    server
        .await
        .context("the server ended abnormally")?
        .context("the server cannot go on")?;
    tracing::info!("stopped");
    Ok(())
}
