//! What the demo runs: the hub, a simulated Microsoft 365, and a SCIM application, each on its own address in
//! this one process. Everything is made if it is missing and taken as it is if it is there.

use super::address::{self as ports, Listeners};
use super::client::Client;
use super::compare::{self, Comparison, Snapshot};
use crate::cli::{Place, init};
use crate::draft::Draft;
use crate::failure::Failure;
use crate::hub::{self, Hub, Purpose};
use crate::template::Template;
use crate::{address, clock, config};
use anyhow::{Context as _, Result};
use m365_sim::{Settings as Tenant, Simulator};
use provost_connect::Secret;
use provost_signin::SignIn;
use provost_store::connection::{self, Connection, Preferences};
use provost_store::provider::{self, Provider};
use provost_store::workspace::{self, Workspace};
use provost_store::{Db, Location, Tx, token};
use provost_web::{Settings, State};
use serde_json::{Value, json};
use std::path::Path;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The company that is loaded; also the name of its workspace.
const COMPANY: &str = "Contoso";
/// The inbound provider that loads it.
const SOURCE: &str = "HR system";
const MICROSOFT_365: &str = "Microsoft 365";
const APPLICATION: &str = "Sample application";

/// Everything that runs.
pub(super) struct World {
    /// The hub.
    pub hub: Hub,
    /// Where the hub is.
    pub url: String,
    /// Where the simulated Microsoft 365 is.
    pub microsoft_365_url: String,
    /// The HR system.
    pub client: Client,
    /// Where browsers open the console.
    pub console: String,
    /// Opens the console.
    pub signin: SignIn,
    /// The two targets, in the order of the summary.
    pub targets: [Target; 2],
    application: Application,
    simulator: Simulator,
    servers: JoinSet<std::io::Result<()>>,
}

/// A target and how it is reached.
pub(super) struct Target {
    /// Its name, which is its connection's.
    pub name: &'static str,
    /// Its connection.
    pub connection: Connection,
}

/// The sample application: a SCIM service with a directory of its own.
struct Application {
    db: Db,
    workspace: Workspace,
}

impl World {
    /// Starts everything.
    ///
    /// # Errors
    /// When the folder belongs to a real installation, or something cannot be started.
    pub async fn start(place: &Place) -> Result<World> {
        refuse_real_installation(place.data())?;
        init::make_folder(place.data())?;
        let Listeners {
            hub: hub_at,
            microsoft_365: graph_at,
            application: application_at,
        } = ports::listen(place.data()).await?;
        let (url, graph_url) = (ports::url(&hub_at)?, ports::url(&graph_at)?);
        let application_url = ports::url(&application_at)?;
        init::install(place.data(), Some(COMPANY)).await?;
        let place = place.in_workspace(COMPANY);
        let mut hub = Hub::open_for(&place, Purpose::Serve).await?;
        // Everything of the demo is on this machine, and so may be what somebody tries to sign in with.
        hub.config.signin.allow_private_network = true;

        let journal = place.data().join("microsoft-365.journal");
        let simulator = Simulator::new(Tenant {
            journal: Some(journal),
            ..Tenant::contoso()
        })
        .context("cannot open the simulated Microsoft 365")?;
        let application = Application::open(place.data()).await?;
        let microsoft_365 = microsoft_365(&hub, &graph_url).await?;
        let sample = application.connect(&hub, &application_url).await?;

        let token = hub.db.write({
            let workspace = hub.workspace.clone();
            move |tx| fresh_token(tx, &workspace, SOURCE)
        });
        let client = Client::new(format!("{url}/scim/v2"), token.await?)?;
        let console = address::on_this_machine(hub_at.local_addr()?);
        let signin = hub.signin(&console)?;
        let mut servers = JoinSet::new();
        servers.spawn(simulator.clone().serve(graph_at));
        serve(
            &mut servers,
            application_at,
            State::new(application.db.clone(), Settings::default(), hub.key.clone()),
        );
        serve(
            &mut servers,
            hub_at,
            State::new(hub.db.clone(), Settings::default(), hub.key.clone())
                .with_signin(signin.clone())
                .with_engine(hub.engine()?)
                .with_templates(crate::template::all()?),
        );
        let targets = [
            Target {
                name: MICROSOFT_365,
                connection: microsoft_365,
            },
            Target {
                name: APPLICATION,
                connection: sample,
            },
        ];
        Ok(World {
            hub,
            url,
            microsoft_365_url: graph_url,
            client,
            console,
            signin,
            targets,
            application,
            simulator,
            servers,
        })
    }

    /// What the directory holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn directory(&self) -> Result<Snapshot> {
        compare::of_database(&self.hub.db, self.hub.workspace.key, false).await
    }

    /// Each target beside the directory, in the order of [`World::targets`].
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn compare(&self) -> Result<[Comparison; 2]> {
        let directory = self.directory().await?;
        let sample = compare::of_database(&self.application.db, self.application.workspace.key, true).await?;
        let sample = Comparison::of(&directory, &sample);
        let microsoft_365 = compare::of_microsoft_365(&self.simulator);
        Ok([
            Comparison::of(&directory.for_microsoft_365(), &microsoft_365),
            sample,
        ])
    }

    /// Resolves when a server cannot go on, with the reason.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.servers.join_next().await {
            Some(Ok(Err(error))) => anyhow::Error::new(error).context("a server of the demo cannot go on"),
            _ => anyhow::anyhow!("a server of the demo has ended"),
        }
    }
}

fn serve(servers: &mut JoinSet<std::io::Result<()>>, listener: TcpListener, state: State) {
    // They end with the process: nothing is in memory only but the last rows of the request log.
    servers.spawn(provost_web::serve(listener, state, std::future::pending()));
}

fn refuse_real_installation(folder: &Path) -> Result<()> {
    if folder.join(config::FILE).exists() && !folder.join(ports::FILE).exists() {
        let sentence = format!(
            "{} is a real installation, and the demo would add Contoso to it",
            folder.display()
        );
        return Err(Failure::new(sentence, "Name another folder with --data.").into());
    }
    Ok(())
}

async fn microsoft_365(hub: &Hub, url: &str) -> Result<Connection> {
    if let Some(found) = existing(hub, MICROSOFT_365).await? {
        return Ok(found);
    }
    let settings = json!({
        "tenant": Tenant::CONTOSO_TENANT, "client_id": Tenant::CONTOSO_CLIENT_ID,
        "graph_url": url, "login_url": url, "allow_private_network": true,
    });
    let secret = (
        "client_secret".to_owned(),
        Secret::new(Tenant::CONTOSO_CLIENT_SECRET),
    );
    draft(MICROSOFT_365, "microsoft-365", settings, secret)?
        .save(hub)
        .await
}

fn draft(name: &str, template: &str, settings: Value, secret: (String, Secret)) -> Result<Draft> {
    let Template { connector, rules, .. } = Template::named(template)?;
    Ok(Draft {
        name: name.to_owned(),
        connector,
        settings,
        preferences: Preferences::default(),
        rules,
        secrets: vec![secret],
        template: None,
    })
}

async fn existing(hub: &Hub, name: &'static str) -> Result<Option<Connection>> {
    let workspace = hub.workspace.key;
    Ok(hub
        .db
        .read(move |tx| connection::by_name(tx, workspace, name))
        .await?)
}

impl Application {
    async fn open(folder: &Path) -> Result<Self> {
        let db = Db::open(&Location::Sqlite(folder.join("application.db")), 2)
            .context("cannot open the sample application's database")?;
        let workspace = db.write(|tx| match workspace::by_name(tx, APPLICATION)? {
            Some(found) => Ok(found),
            None => workspace::create(tx, &hub::actor(), clock::now(), Uuid::now_v7(), APPLICATION),
        });
        let workspace = workspace.await.map_err(|error: provost_store::Error| error)?;
        Ok(Self { db, workspace })
    }

    /// The hub's connection to the application. Its token is minted first, so a run that was interrupted in
    /// between leaves a token that nobody knows; the next run revokes it.
    async fn connect(&self, hub: &Hub, url: &str) -> Result<Connection> {
        if let Some(found) = existing(hub, APPLICATION).await? {
            return Ok(found);
        }
        let workspace = self.workspace.clone();
        let token = self
            .db
            .write(move |tx| fresh_token(tx, &workspace, "Provost"))
            .await?;
        let settings = json!({"url": format!("{url}/scim/v2"), "allow_private_network": true});
        draft(
            APPLICATION,
            "scim",
            settings,
            ("token".to_owned(), Secret::new(token)),
        )?
        .save(hub)
        .await
    }
}

/// A new token of an inbound provider, which is made if it is missing. Its older tokens are revoked: nobody
/// has their texts any more.
fn fresh_token(tx: &mut Tx, workspace: &Workspace, name: &str) -> Result<String, provost_store::Error> {
    let (actor, now) = (hub::actor(), clock::now());
    let provider: Provider = match provider::by_name(tx, workspace.key, name)? {
        Some(found) => found,
        None => {
            let new = provider::New {
                id: Uuid::now_v7(),
                workspace: workspace.key,
                name,
                role: "user",
                team: None,
                state: provider::State::Saved,
                settings: &provider::Settings {
                    // The whole company comes in at once, from this machine.
                    requests_per_second: 0,
                    ..provider::Settings::default()
                },
            };
            provider::create(tx, &actor, now, &new)?
        }
    };
    for old in token::of_provider(tx, provider.key)?
        .iter()
        .filter(|token| token.revoked.is_none())
    {
        token::revoke(tx, &actor, now, &provider, old.key)?;
    }
    Ok(token::mint(tx, &actor, now, &provider, "demo", None)?.text)
}
