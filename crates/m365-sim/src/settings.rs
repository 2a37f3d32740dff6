//! What the simulated tenant looks like and how it behaves.

mod catalogue;
mod directory;
mod saml;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

pub use catalogue::{Plan, Sku};
pub use directory::UnprovedDirectory;
pub use saml::{Algorithm, NameId, Saml, Signs};

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
    /// The domains that the tenant starts with. One should be initial, one the default. What becomes of them later is
    /// kept with the tenant's state.
    pub domains: Vec<Domain>,
    /// Other tenants, of which the sign-in service only tells whose a domain is.
    pub neighbours: Vec<Neighbour>,
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
    /// Within that time, the same share of reads of one object meets it as it was before its latest changes.
    pub stale_reads: bool,
    /// How long every Graph answer takes at least. Zero: as fast as it goes.
    pub latency: Duration,
    /// What comes on top of `latency`, drawn anew for every answer from `seed`.
    pub latency_spread: Spread,
    /// Where everything random begins: latencies, faults by percentage, the order of a batch's answers. The same seed
    /// and the same requests give the same run.
    pub seed: u64,
    /// Lifetime of access tokens in seconds.
    pub token_lifetime_s: u64,
    /// Objects in one page of a delta query, and members in one entry of a group there.
    pub delta_page: usize,
    /// Pages as awkward as the documentation allows: empty pages that have a next link, objects repeated in delta.
    pub awkward_pages: bool,
    /// How long links of delta queries are good, in seconds. Microsoft says seven days for directory objects.
    pub delta_life_s: u64,
    /// Facts that no source settles, each with both behaviours.
    pub unproved: Unproved,
    /// The same about users, groups, licences and domains.
    pub unproved_directory: UnprovedDirectory,
    /// The tenant's country, ISO 3166 in capitals: where members of a licensed group are who have no usage location.
    pub country: String,
    /// How long a change to a group's licences or licensed members takes to reach the members, in milliseconds. 0: it
    /// is there at once.
    pub license_processing_ms: u64,
    /// How long a new user's usage location stays unknown to the licence service, in milliseconds: licences are refused
    /// as if it had none.
    pub location_lag_ms: u64,
    /// How long an entry of the audit log stays invisible, in milliseconds.
    pub audit_delay_ms: u64,
    /// Domains whose verification record nobody has published: they cannot be verified.
    pub unpublished_dns: Vec<String>,
    /// How long the sign-in service takes to learn of a change to a domain's federation, in milliseconds. Graph knows at
    /// once.
    pub federation_delay_ms: u64,
    /// How long a domain cannot be switched again after it was federated or made managed, in milliseconds.
    pub federation_lock_ms: u64,
    /// Issuers that domains of other tenants have: nobody else can have them.
    pub foreign_issuers: Vec<String>,
    /// For which domains the tenant checks whom a federated domain vouches for.
    pub token_validation: TokenValidation,
    /// Serves the control interface and the page at `/_sim`, to callers on this machine only.
    pub control: bool,
    /// Append-only file that keeps the tenant's state over a restart, even a kill. `None`: memory only.
    pub journal: Option<PathBuf>,
    /// The clock that everything goes by.
    pub clock: Clock,
}

/// The tenant's policy about tokens of federated domains (Graph documentation, "validatingDomains resource type").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenValidation {
    /// Which domains.
    pub root_domains: RootDomains,
    /// Their names, where they are named.
    #[serde(default)]
    pub domain_names: Vec<String>,
}

/// The domains that are checked, by Microsoft's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RootDomains {
    /// None: any federated domain can vouch for every account of the tenant.
    None,
    /// All, which is what a tenant begins with.
    #[default]
    All,
    /// Those that are federated.
    AllFederated,
    /// Those that are managed.
    AllManaged,
    /// Those that are named.
    Enumerated,
    /// Those that are managed, and the federated ones that are named.
    AllManagedAndEnumeratedFederated,
}

impl RootDomains {
    pub(crate) fn names_domains(self) -> bool {
        matches!(self, Self::Enumerated | Self::AllManagedAndEnumeratedFederated)
    }
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

/// Another tenant: it is known to be there, and nothing else of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its id, a GUID.
    pub tenant_id: String,
    /// Its verified domains, lower case, the initial one too.
    pub domains: Vec<String>,
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
    /// Certificates that may sign an assertion in place of the secret, each base64 of its DER or PEM.
    pub certificates: Vec<String>,
    /// Addresses to which browsers may be sent back.
    pub redirect_uris: Vec<String>,
    /// Its single sign-on by SAML, if it has one.
    pub saml: Option<Saml>,
    /// Whether ID tokens name the directory roles of who signs in (the claim `wids`).
    pub tells_roles: bool,
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
            certificates: Vec::new(),
            redirect_uris: Vec::new(),
            saml: None,
            tells_roles: true,
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

/// The request budget of an application in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Requests with `x-ms-throttle-priority: low` are refused from nine tenths of a budget on.
    pub shed_low_priority: bool,
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
            shed_low_priority: false,
        }
    }
}

/// How a budget is counted. Microsoft says "token bucket"; what is enforced has been seen to differ, so both are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// No limits.
    None,
    /// A bucket that holds one window's worth and refills evenly.
    TokenBucket,
    /// At most that many in any stretch of time as long as the window; refused requests count as well.
    SlidingWindow,
}

/// What the `Retry-After` header of a refusal looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// Whole seconds, rounded up.
    Whole,
    /// Seconds with a fraction.
    Fractional,
    /// No header at all.
    Missing,
    /// A date as HTTP writes it (RFC 9110 section 10.2.3), by the simulator's clock.
    Date,
    /// A day, whatever the budget says.
    Huge,
}

/// What answers take on top of the least: a point of the distribution at each of four shares, in milliseconds, straight
/// lines between them. All zero: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spread {
    /// Half of all answers take at most this long.
    pub p50_ms: u32,
    /// Nine in ten do.
    pub p90_ms: u32,
    /// Ninety-nine in a hundred do.
    pub p99_ms: u32,
    /// All do.
    pub max_ms: u32,
}

impl Spread {
    /// The point of the distribution below which this share of all answers lies.
    pub(crate) fn at(&self, share: f64) -> Duration {
        let points = [
            (0.0, 0.0),
            (0.5, f64::from(self.p50_ms)),
            (0.9, f64::from(self.p90_ms)),
            (0.99, f64::from(self.p99_ms)),
            (1.0, f64::from(self.max_ms)),
        ];
        let mut low = points[0];
        for high in points {
            if share <= high.0 && high.0 > low.0 {
                let part = (share - low.0) / (high.0 - low.0);
                return Duration::from_secs_f64((low.1 + part * (high.1 - low.1)).max(0.0) / 1_000.0);
            }
            low = high;
        }
        Duration::from_secs_f64(low.1 / 1_000.0)
    }
}

/// Facts about tokens, permissions and delta that were not found in a source: either behaviour may be met, so a client
/// has to work with both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unproved {
    /// Token answers carry `ext_expires_in`.
    pub ext_expires_in: bool,
    /// Tokens live 60 to 90 minutes, drawn at random, in place of `token_lifetime_s`.
    pub random_token_life: bool,
    /// Graph refuses an application that was disabled or taken away at once, in place of when its token ends.
    pub disabled_at_once: bool,
    /// A permission to write includes the permission to read the same, and `.All` includes `Basic`.
    pub wide_permissions: bool,
    /// What an outlived delta link is answered with.
    pub outlived_delta: OutlivedDelta,
}

impl Default for Unproved {
    fn default() -> Self {
        Unproved {
            ext_expires_in: true,
            random_token_life: false,
            disabled_at_once: true,
            wide_permissions: false,
            outlived_delta: OutlivedDelta::SyncStateNotFound,
        }
    }
}

/// The refusal of a delta link that has outlived its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlivedDelta {
    /// 400 `syncStateNotFound`.
    SyncStateNotFound,
    /// 400 `resyncRequired`, without a `Location`.
    ResyncRequired,
    /// 410 `resyncRequired` with a `Location`, as after maintenance.
    Gone,
}

impl Settings {
    /// The id of the sample tenant.
    pub const CONTOSO_TENANT: &'static str = "6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365";
    /// The id of the tenant beside it.
    pub const LAB_TENANT: &'static str = "c0a1d7b4-3e52-4f6a-8b19-5d2f7e9a1c64";
    /// The id of the sample tenant's one application.
    pub const CONTOSO_CLIENT_ID: &'static str = "2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f";
    /// The secret of that application. It opens nothing but a simulator.
    pub const CONTOSO_CLIENT_SECRET: &'static str = "contoso~simulated.secret";

    /// The sample tenant: two verified managed domains (`contoso.onmicrosoft.com`, initial and default, and
    /// `contoso.example`), another tenant beside it (`contosolab.onmicrosoft.com` and `lab.contoso.example`), one application with the permissions that provisioning needs, seven products with seats,
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
            neighbours: vec![Neighbour {
                tenant_id: Settings::LAB_TENANT.to_owned(),
                domains: vec![
                    "contosolab.onmicrosoft.com".to_owned(),
                    "lab.contoso.example".to_owned(),
                ],
            }],
            applications: vec![Application::new(
                Settings::CONTOSO_CLIENT_ID,
                Settings::CONTOSO_CLIENT_SECRET,
                &[
                    "User.ReadWrite.All",
                    "Group.ReadWrite.All",
                    "Organization.Read.All",
                ],
            )],
            skus: catalogue::contoso(),
            extensions: Vec::new(),
            throttle: Throttle::default(),
            read_delay_ms: 0,
            read_delay_percent: 100,
            stale_reads: false,
            latency: Duration::ZERO,
            latency_spread: Spread::default(),
            seed: 365,
            token_lifetime_s: 3_599,
            delta_page: 100,
            awkward_pages: false,
            delta_life_s: 7 * 24 * 60 * 60,
            unproved: Unproved::default(),
            unproved_directory: UnprovedDirectory::default(),
            country: "NO".to_owned(),
            license_processing_ms: 0,
            location_lag_ms: 0,
            audit_delay_ms: 0,
            unpublished_dns: Vec::new(),
            federation_delay_ms: 0,
            federation_lock_ms: 10 * 60 * 1_000,
            foreign_issuers: Vec::new(),
            token_validation: TokenValidation::default(),
            control: false,
            journal: None,
            clock: Arc::new(system_time),
        }
    }

    pub(crate) fn federation_delay(&self) -> i64 {
        i64::try_from(self.federation_delay_ms).unwrap_or(i64::MAX)
    }

    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains
            .iter()
            .find(|domain| domain.name.eq_ignore_ascii_case(name))
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

#[allow(clippy::disallowed_methods)] // The one place where the simulator looks at the real clock.
fn system_time() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_met_at_its_points_and_rises_between_them() {
        let spread = Spread {
            p50_ms: 10,
            p90_ms: 50,
            p99_ms: 200,
            max_ms: 1_000,
        };
        let at = |share: f64| spread.at(share).as_millis();
        assert_eq!((at(0.0), at(0.25), at(0.5), at(0.7), at(0.9)), (0, 5, 10, 30, 50));
        assert_eq!((at(0.99), at(1.0)), (200, 1_000));
        assert!(Spread::default().at(0.99).is_zero());
    }
}
