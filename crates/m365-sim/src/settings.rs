//! What the simulated tenant looks like and how it behaves.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time as milliseconds since the Unix epoch. Tests pass a closure over a counter, so that windows of
/// minutes and bins of thirty days pass in no time.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Everything that can be chosen about a simulated tenant. Start from [`Settings::contoso`] and change fields.
#[derive(Clone)]
pub struct Settings {
    /// The tenant's id, a GUID. The token endpoint also answers to the names of its verified domains.
    pub tenant_id: String,
    /// Shown by `GET /organization`.
    pub display_name: String,
    /// The domains of the tenant. One should be initial, one the default.
    pub domains: Vec<Domain>,
    /// The registered applications that may ask for tokens.
    pub applications: Vec<Application>,
    /// The licences that the tenant has bought.
    pub skus: Vec<Sku>,
    /// Names of registered directory extensions (`extension_<32 hex digits>_name`), accepted on users and groups.
    pub extensions: Vec<String>,
    /// The request budget (Graph documentation, "Identity and access service limits").
    pub throttle: Throttle,
    /// How long a new object stays invisible to reads and references, in milliseconds. 0: never.
    pub read_delay_ms: u64,
    /// Of the looks at an object that is still fresh, how many in a hundred miss it. 100: every one.
    pub read_delay_percent: u8,
    /// How long every Graph answer takes at least. Zero: as fast as it goes.
    pub latency: Duration,
    /// Lifetime of access tokens in seconds.
    pub token_lifetime_s: u64,
    /// Objects in one page of a delta query, and members in one entry of a group there.
    pub delta_page: usize,
    /// Pages as awkward as the documentation allows: empty pages that have a next link, objects repeated in delta.
    pub awkward_pages: bool,
    /// Append-only file that keeps the tenant's state over a restart, even a kill. `None`: memory only.
    pub journal: Option<PathBuf>,
    /// The clock that everything goes by.
    pub clock: Clock,
}

/// A domain of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// The domain name, lower case.
    pub name: String,
    /// User principal names may only use verified domains.
    pub verified: bool,
    /// New users made without a choice go here. One domain of a tenant.
    pub default: bool,
    /// The `onmicrosoft.com` domain that came with the tenant.
    pub initial: bool,
    /// Users sign in at another identity provider: an immutable id becomes a must.
    pub federated: bool,
}

impl Domain {
    /// A verified, managed domain that is neither initial nor the default.
    #[must_use]
    pub fn managed(name: &str) -> Domain {
        Domain {
            name: name.to_owned(),
            verified: true,
            default: false,
            initial: false,
            federated: false,
        }
    }

    /// A verified domain whose users sign in elsewhere.
    #[must_use]
    pub fn federated(name: &str) -> Domain {
        Domain {
            federated: true,
            ..Domain::managed(name)
        }
    }
}

/// An application registered in the tenant, with one client secret.
#[derive(Clone)]
pub struct Application {
    /// The application (client) id, a GUID.
    pub client_id: String,
    /// The secret; never shown by `Debug`.
    pub client_secret: String,
    /// Shown as the name of its service principal.
    pub display_name: String,
    /// Granted application permissions by name, such as `User.ReadWrite.All`.
    pub roles: Vec<String>,
    /// Entra roles given to its service principal, such as `User Administrator`: needed to set passwords.
    pub directory_roles: Vec<String>,
    /// Milliseconds since the epoch after which the secret is refused.
    pub secret_expires: Option<i64>,
    /// A disabled application gets no token.
    pub enabled: bool,
}

impl Application {
    /// An enabled application with these permissions and no Entra role.
    #[must_use]
    pub fn new(client_id: &str, client_secret: &str, roles: &[&str]) -> Application {
        Application {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            display_name: "Provisioning".to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            directory_roles: Vec::new(),
            secret_expires: None,
            enabled: true,
        }
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("client_id", &self.client_id)
            .field("display_name", &self.display_name)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// A product the tenant has bought, with its seats.
#[derive(Debug, Clone)]
pub struct Sku {
    /// The product's id, a GUID.
    pub sku_id: String,
    /// The product's short name, such as `SPE_E3`.
    pub part_number: String,
    /// The services it consists of.
    pub plans: Vec<Plan>,
    /// Seats bought.
    pub seats: u32,
    /// Assignable to users. Products for the whole company are not.
    pub for_users: bool,
}

/// A service plan within a product.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The plan's id, a GUID.
    pub id: String,
    /// The plan's short name. A licence with a plan named `EXCHANGE…` gives its user a mail address.
    pub name: String,
}

/// The request budget of an application in the tenant.
#[derive(Debug, Clone)]
pub struct Throttle {
    /// How the budget is counted.
    pub model: Model,
    /// Writes allowed in `window` to one application in one tenant.
    pub writes: u32,
    /// The window of `writes`.
    pub window: Duration,
    /// Writes allowed in `tenant_window` to all applications together.
    pub tenant_writes: u32,
    /// The window of `tenant_writes`.
    pub tenant_window: Duration,
    /// Resource units allowed in `unit_window`. `None`: by the number of users (3,500 under 50, 5,000 up to 500, else 8,000).
    pub units: Option<u32>,
    /// The window of `units`.
    pub unit_window: Duration,
    /// What a refusal says about when to come back.
    pub retry_after: RetryAfter,
}

impl Default for Throttle {
    fn default() -> Self {
        Throttle {
            model: Model::None,
            writes: 3_000,
            window: Duration::from_secs(150),
            tenant_writes: 18_000,
            tenant_window: Duration::from_secs(300),
            units: None,
            unit_window: Duration::from_secs(10),
            retry_after: RetryAfter::Whole,
        }
    }
}

/// How a budget is counted. Microsoft says "token bucket"; what is enforced has been seen to differ, so both are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// No limits.
    None,
    /// A bucket that holds one window's worth and refills evenly.
    TokenBucket,
    /// At most that many in any stretch of time as long as the window; refused requests count as well.
    SlidingWindow,
}

/// What the `Retry-After` header of a 429 looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// Whole seconds, rounded up.
    Whole,
    /// Seconds with a fraction.
    Fractional,
    /// No header at all.
    Missing,
}

impl Settings {
    /// The id of the sample tenant.
    pub const CONTOSO_TENANT: &'static str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";
    /// The id of the sample tenant's one application.
    pub const CONTOSO_CLIENT_ID: &'static str = "2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f";
    /// The secret of that application. It opens nothing but a simulator.
    pub const CONTOSO_CLIENT_SECRET: &'static str = "contoso~simulated.secret";

    /// The sample tenant: two verified managed domains (`contoso.onmicrosoft.com`, initial and default, and
    /// `contoso.example`), one application with the permissions that provisioning needs, two products with seats,
    /// no throttling, no delay, no journal, the system's clock.
    #[must_use]
    pub fn contoso() -> Settings {
        let initial = Domain {
            default: true,
            initial: true,
            ..Domain::managed("contoso.onmicrosoft.com")
        };
        Settings {
            tenant_id: Settings::CONTOSO_TENANT.to_owned(),
            display_name: "Contoso".to_owned(),
            domains: vec![initial, Domain::managed("contoso.example")],
            applications: vec![Application::new(
                Settings::CONTOSO_CLIENT_ID,
                Settings::CONTOSO_CLIENT_SECRET,
                &[
                    "User.ReadWrite.All",
                    "Group.ReadWrite.All",
                    "Organization.Read.All",
                ],
            )],
            skus: contoso_skus(),
            extensions: Vec::new(),
            throttle: Throttle::default(),
            read_delay_ms: 0,
            read_delay_percent: 100,
            latency: Duration::ZERO,
            token_lifetime_s: 3_599,
            delta_page: 100,
            awkward_pages: false,
            journal: None,
            clock: Arc::new(system_time),
        }
    }

    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains
            .iter()
            .find(|domain| domain.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn default_domain(&self) -> &str {
        self.domains
            .iter()
            .find(|domain| domain.default)
            .or_else(|| self.domains.first())
            .map_or("", |d| &d.name)
    }

    pub(crate) fn sku(&self, id: &str) -> Option<&Sku> {
        self.skus.iter().find(|sku| sku.sku_id.eq_ignore_ascii_case(id))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("tenant_id", &self.tenant_id)
            .field("domains", &self.domains)
            .field("applications", &self.applications)
            .field("throttle", &self.throttle)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

fn contoso_skus() -> Vec<Sku> {
    let plan = |id: &str, name: &str| Plan {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    let exchange = plan("efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE_S_ENTERPRISE");
    let teams = plan("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1");
    let flow = plan("50e68c76-46c6-4674-81f9-75456511b170", "FLOW_P2_VIRAL");
    vec![
        Sku {
            sku_id: "05e9a617-0261-4cee-bb44-138d3ef5d965".to_owned(),
            part_number: "SPE_E3".to_owned(),
            plans: vec![exchange, teams],
            seats: 250,
            for_users: true,
        },
        Sku {
            sku_id: "f30db892-07e9-47e9-837c-80727f46fd3d".to_owned(),
            part_number: "FLOW_FREE".to_owned(),
            plans: vec![flow],
            seats: 10_000,
            for_users: true,
        },
    ]
}

#[allow(clippy::disallowed_methods)] // The one place where the simulator looks at the real clock.
fn system_time() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
