//! `provost serve`.

use super::Place;
use crate::config::Config;
use crate::hub::{Hub, Purpose};
use crate::stop::Stop;
use crate::{address, back_channel, clock, logging, output, retention};
use anyhow::{Context as _, Result};
use provost_signin::SignIn;
use provost_store::Db;
use provost_sync::Engine;
use provost_web::{Limits, Operations, Rate, Settings, State};
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
        let bound = listener.local_addr()?;
        let console = address::of_console(&hub.config.server, bound);
        let signin = hub.signin(&console)?;
        let engine = hub.engine()?;
        let state = State::new(hub.db.clone(), settings(&hub.config), hub.key.clone())
            .with_signin(signin.clone())
            .with_engine(engine.clone())
            .with_templates(crate::template::all()?);
        let stop = Stop::listen();
        output::line(format!("ready http://{bound}"))?;
        if let Some(key) = signin.owner_link(clock::now()).await? {
            output::line(format!("owner {}", address::of_link(&console, &key)))?;
        }
        let cycles = hub.config.sync.enabled.then_some(engine);
        let ended = run(listener, state, &hub.db, cycles, &signin, stop).await;
        hub.close();
        ended
    }
}

/// What the configuration says about answering requests.
fn settings(config: &Config) -> Settings {
    let limits = &config.limits;
    // Every number was checked against bounds that any machine can count to.
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Settings {
        public_url: config.server.public_url.clone(),
        trusted_proxies: config.server.trusted_proxies.clone(),
        limits: Limits {
            body_bytes: size(limits.body_bytes),
            bulk_bytes: size(limits.bulk_bytes),
            bulk_operations: size(limits.bulk_operations),
            page: limits.page,
            max_page: limits.max_page,
            cursor_seconds: limits.cursor_seconds,
            in_flight: size(limits.in_flight),
            head_seconds: limits.head_seconds,
            body_seconds: limits.body_seconds,
            answer_seconds: limits.answer_seconds,
        },
        api_rate: Rate {
            per_second: limits.api_requests_per_second,
            burst: limits.api_burst,
        },
        import_operations: Operations(size(limits.import_operations)),
        metrics_on_loopback: config.server.metrics_on_loopback,
        ..Settings::default()
    }
}

/// Serves until the process is asked to stop; requests, cycles, imports and a sweep under way end in good order.
async fn run(
    listener: TcpListener,
    state: State,
    db: &Db,
    engine: Option<Engine>,
    signin: &SignIn,
    stop: Stop,
) -> Result<()> {
    let cycles = tokio::spawn({
        let stopping = stop.receiver();
        async move {
            if let Some(engine) = engine {
                tokio::join!(engine.serve(stopping.clone()), engine.serve_imports(stopping));
            }
        }
    });
    let sweeps = tokio::spawn(retention::run(db.clone(), stop.receiver()));
    let provider = signin.openid(provost_sync::is_meant);
    let logouts = tokio::spawn(back_channel::run(provider, stop.receiver()));
    let asked = {
        let stop = stop.clone();
        async move { stop.asked().await }
    };
    let mut server = tokio::spawn(provost_web::serve(listener, state, asked));
    tracing::info!("started");
    tokio::select! {
        biased;
        () = stop.asked() => {}
        ended = &mut server => return ended.context("the server ended abnormally")?.context("the server cannot go on"),
    }
    tracing::info!("stopping");
    cycles.await.context("the cycles ended abnormally")?;
    sweeps.await.context("the sweeps ended abnormally")?;
    logouts
        .await
        .context("telling applications of sign-outs ended abnormally")?;
    server
        .await
        .context("the server ended abnormally")?
        .context("the server cannot go on")?;
    tracing::info!("stopped");
    Ok(())
}
