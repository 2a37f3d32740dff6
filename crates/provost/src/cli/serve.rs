//! `provost serve`.

use super::Place;
use crate::hub::{Hub, Purpose};
use crate::stop::Stop;
use crate::{logging, output};
use anyhow::{Context as _, Result};
use provost_sync::Engine;
use provost_web::{ConsoleAccess, Settings, State};
use std::net::SocketAddr;
use tokio::net::TcpListener;

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
        let stop = Stop::listen();
        output::line(format!("ready {local}"))?;
        let public = hub.config.server.public_url.as_deref().unwrap_or(&local);
        output::line(format!("console {}", console_link(public, &access)))?;
        let cycles = if hub.config.sync.enabled {
            Some(hub.engine()?)
        } else {
            None
        };
        let ended = run(listener, state, cycles, stop).await;
        hub.close();
        ended
    }
}

/// A link that opens the console once.
pub(crate) fn console_link(url: &str, access: &ConsoleAccess) -> String {
    format!("{url}/signin?key={}", access.one_time_key())
}

/// Serves until the process is asked to stop; requests and cycles under way end in good order.
async fn run(listener: TcpListener, state: State, engine: Option<Engine>, stop: Stop) -> Result<()> {
    let cycles = tokio::spawn({
        let stopping = stop.receiver();
        async move {
            if let Some(engine) = engine {
                engine.serve(stopping).await;
            }
        }
    });
    let asked = {
        let stop = stop.clone();
        async move { stop.asked().await }
    };
    let mut server = tokio::spawn(provost_web::serve(listener, provost_web::router(state), asked));
    tracing::info!("started");
    tokio::select! {
        biased;
        () = stop.asked() => {}
        ended = &mut server => return ended.context("the server ended abnormally")?.context("the server cannot go on"),
    }
    tracing::info!("stopping");
    cycles.await.context("the cycles ended abnormally")?;
    server
        .await
        .context("the server ended abnormally")?
        .context("the server cannot go on")?;
    tracing::info!("stopped");
    Ok(())
}
