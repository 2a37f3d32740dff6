//! What can be set about a provider, as options of `add` and `set`, and as lines of `show`.

use crate::config::network;
use crate::failure::Failure;
use crate::hub::Hub;
use anyhow::{Context as _, Result};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use ipnet::IpNet;
use provost_scim::leniency::Dialect;
use provost_scim::schema::Catalogue;
use provost_scim::sheet::Sheet;
use provost_store::extension;
use provost_store::provider::{Permission, Provider, RequestLog, Settings, Takeover, UnknownMembers};
use serde_json::Value;

/// The options. What is not given stays as it is, or has its default.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct Given {
    /// The role that new people get: user, auditor, access-admin, provisioning-operator or configuration-admin
    #[arg(long)]
    role: Option<String>,
    /// The team that new people get; `provost team add` makes one
    #[arg(long, conflicts_with = "no_team")]
    team: Option<String>,
    /// Give new people no team
    #[arg(long)]
    no_team: bool,
    /// What new people may do in the team
    #[arg(long, value_parser = permission())]
    permission: Option<Setting<Permission>>,
    /// Whose habits are tolerated; detect: everybody's, and what is met is counted
    #[arg(long, value_parser = dialect())]
    dialect: Option<Setting<Dialect>>,
    /// Which attributes a person must have and may be filtered on: a JSON file, template:connecter,
    /// template:peripass, or none
    #[arg(long, value_name = "FILE")]
    sheet: Option<String>,
    /// What happens when it creates a person whom another provider has
    #[arg(long, value_name = "RULE", value_parser = takeover())]
    takeover: Option<Takeover>,
    /// A network that its requests may come from, such as 192.0.2.0/24; repeatable; any: from everywhere
    #[arg(long, value_name = "NETWORK", value_parser = one_network)]
    network: Vec<Setting<IpNet>>,
    /// Requests a second in the long run; 0: no limit
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Requests at once, before the rate holds
    #[arg(long, value_name = "N")]
    burst: Option<u32>,
    /// Which requests are kept in the request log
    #[arg(long, value_name = "WHICH", value_parser = request_log())]
    request_log: Option<RequestLog>,
    /// Days that the request log is kept
    #[arg(long, value_name = "DAYS")]
    log_days: Option<u32>,
    /// Days that deleted people and groups can be restored
    #[arg(long, value_name = "DAYS")]
    recycle_days: Option<u32>,
    /// What happens to a group's member that the provider does not have
    #[arg(long, value_name = "RULE", value_parser = unknown_members())]
    unknown_members: Option<UnknownMembers>,
}

/// A value, or that there is none.
#[derive(Debug, Clone, PartialEq)]
enum Setting<T> {
    To(T),
    Away,
}

impl<T> Setting<T> {
    fn value(self) -> Option<T> {
        match self {
            Setting::To(value) => Some(value),
            Setting::Away => None,
        }
    }
}

/// Takes one of `words`, or `away`.
fn setting<T>(words: Vec<&'static str>, away: &'static str) -> impl TypedValueParser<Value = Setting<T>>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words.into_iter().chain([away])).try_map(move |word| {
        if word == away {
            Ok(Setting::Away)
        } else {
            word.parse::<T>().map(Setting::To)
        }
    })
}

/// Takes one of `words`.
fn word<T>(words: Vec<&'static str>) -> impl TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse::<T>())
}

fn permission() -> impl TypedValueParser<Value = Setting<Permission>> {
    setting(Permission::ALL.iter().map(|one| one.as_str()).collect(), "none")
}

fn dialect() -> impl TypedValueParser<Value = Setting<Dialect>> {
    setting(Dialect::ALL.iter().map(|one| one.as_str()).collect(), "detect")
}

fn takeover() -> impl TypedValueParser<Value = Takeover> {
    word(Takeover::ALL.iter().map(|one| one.as_str()).collect())
}

fn request_log() -> impl TypedValueParser<Value = RequestLog> {
    word(RequestLog::ALL.iter().map(|one| one.as_str()).collect())
}

fn unknown_members() -> impl TypedValueParser<Value = UnknownMembers> {
    word(UnknownMembers::ALL.iter().map(|one| one.as_str()).collect())
}

fn one_network(text: &str) -> Result<Setting<IpNet>, String> {
    if text == "any" {
        return Ok(Setting::Away);
    }
    network(text).map(Setting::To)
}

impl Given {
    /// Whether no option was given.
    pub fn is_empty(&self) -> bool {
        let Given {
            role,
            team,
            no_team,
            permission,
            dialect,
            sheet,
            takeover,
            network,
            rate,
            burst,
            request_log,
            log_days,
            recycle_days,
            unknown_members,
        } = self;
        let given = [
            role.is_some(),
            team.is_some(),
            *no_team,
            permission.is_some(),
            dialect.is_some(),
            sheet.is_some(),
            takeover.is_some(),
            !network.is_empty(),
            rate.is_some(),
            burst.is_some(),
            request_log.is_some(),
            log_days.is_some(),
            recycle_days.is_some(),
            unknown_members.is_some(),
        ];
        !given.contains(&true)
    }

    /// Reads the sheet, if one is named.
    ///
    /// # Errors
    /// A sheet that cannot be read, or names an attribute that the workspace does not know.
    pub async fn resolve(mut self, hub: &Hub) -> Result<Wanted> {
        let sheet = match self.sheet.take() {
            None => None,
            Some(none) if none == "none" => Some(None),
            Some(named) => Some(Some(read_sheet(hub, &named).await?)),
        };
        Ok(Wanted { given: self, sheet })
    }
}

/// What is wanted, ready to be applied as often as a transaction has to be run again.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    given: Given,
    sheet: Option<Option<Sheet>>,
}

impl Wanted {
    /// The role, if one is given.
    pub fn role(&self) -> Option<&str> {
        self.given.role.as_deref()
    }

    /// The team, or that there is none, if either is given.
    pub fn team(&self) -> Option<Option<&str>> {
        match &self.given.team {
            Some(team) => Some(Some(team)),
            None => self.given.no_team.then_some(None),
        }
    }

    /// The settings with what is given put in the place of what was.
    pub fn settings(&self, before: &Settings) -> Settings {
        let given = self.given.clone();
        let mut after = before.clone();
        if let Some(permission) = given.permission {
            after.permission = permission.value();
        }
        if let Some(dialect) = given.dialect {
            after.dialect = dialect.value();
        }
        if let Some(sheet) = &self.sheet {
            after.sheet = sheet.clone();
        }
        if !given.network.is_empty() {
            after.networks = given.network.into_iter().filter_map(Setting::value).collect();
        }
        after.takeover = given.takeover.unwrap_or(after.takeover);
        after.requests_per_second = given.rate.unwrap_or(after.requests_per_second);
        after.burst = given.burst.unwrap_or(after.burst);
        after.request_log = given.request_log.unwrap_or(after.request_log);
        after.log_days = given.log_days.unwrap_or(after.log_days);
        after.recycle_days = given.recycle_days.unwrap_or(after.recycle_days);
        after.unknown_members = given.unknown_members.unwrap_or(after.unknown_members);
        after
    }
}

/// Reads a sheet from a template or a file.
async fn read_sheet(hub: &Hub, named: &str) -> Result<Sheet> {
    if let Some(template) = named.strip_prefix("template:") {
        return Sheet::template(template).ok_or_else(|| {
            let hint = format!("There are: {}", Sheet::TEMPLATES.join(", "));
            Failure::new(format!("there is no sheet template {template}"), hint).into()
        });
    }
    let text =
        std::fs::read_to_string(named).with_context(|| format!("cannot read the attribute sheet {named}"))?;
    let workspace = hub.workspace.key;
    let catalogue = hub.db.read(move |tx| extension::catalogue(tx, workspace)).await?;
    parse_sheet(&text, &catalogue).map_err(|reason| {
        let hint = "Nothing was changed. Correct the file and run the command again.";
        Failure::new(format!("{named} is not an attribute sheet: {reason}"), hint).into()
    })
}

fn parse_sheet(text: &str, catalogue: &Catalogue) -> Result<Sheet, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Sheet::parse(&value, catalogue).map_err(|error| error.detail)
}

/// Every setting of a provider in words, by the name of the option that changes it.
pub(super) fn fields(provider: &Provider) -> Vec<(&'static str, String)> {
    let settings = &provider.settings;
    let or = |value: Option<String>, none: &str| value.unwrap_or_else(|| none.to_owned());
    let rate = match settings.requests_per_second {
        0 => "no limit".to_owned(),
        number => format!("{number} a second"),
    };
    vec![
        ("role", provider.role.clone()),
        ("team", or(provider.team.clone(), "none")),
        (
            "permission",
            or(settings.permission.map(|one| one.to_string()), "none"),
        ),
        (
            "dialect",
            or(settings.dialect.map(|one| one.to_string()), "detect"),
        ),
        (
            "sheet",
            settings.sheet.as_ref().map_or("none".to_owned(), sheet_text),
        ),
        ("takeover", settings.takeover.to_string()),
        ("network", networks(&settings.networks)),
        ("rate", rate),
        ("burst", settings.burst.to_string()),
        ("request-log", settings.request_log.to_string()),
        ("log-days", settings.log_days.to_string()),
        ("recycle-days", settings.recycle_days.to_string()),
        ("unknown-members", settings.unknown_members.to_string()),
    ]
}

fn networks(networks: &[IpNet]) -> String {
    if networks.is_empty() {
        return "any".to_owned();
    }
    let texts: Vec<String> = networks.iter().map(IpNet::to_string).collect();
    texts.join(", ")
}

/// The attributes of a sheet in a line.
fn sheet_text(sheet: &Sheet) -> String {
    let marks = |required: bool, filterable: bool| match (required, filterable) {
        (true, true) => " (required, filterable)",
        (true, false) => " (required)",
        (false, true) => " (filterable)",
        (false, false) => "",
    };
    let all = sheet.attributes.iter();
    let texts: Vec<String> = all
        .map(|one| format!("{}{}", one.name, marks(one.required, one.filterable)))
        .collect();
    texts.join(", ")
}
