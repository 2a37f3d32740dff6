//! Settings of a Microsoft Graph connection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::cloud::Cloud;
use super::permission::Function;
use super::tenant;
use crate::open::{base_url, parse_settings};
use crate::pace::{Pace, Rate};
use crate::{Error, Result};

/// The share of a published pace that is used, because clocks differ.
const BELOW: f64 = 0.98;
/// The longest strict window, in seconds: a day.
const LONGEST: f64 = 86_400.0;

/// What an administrator enters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entered {
    tenant: String,
    client_id: String,
    cloud: Option<Cloud>,
    functions: Option<Vec<Function>>,
    #[serde(default)]
    later: Vec<Function>,
    graph_url: Option<String>,
    login_url: Option<String>,
    #[serde(default)]
    allow_private_network: bool,
    #[serde(default)]
    allowed_networks: Vec<String>,
    #[serde(default = "writes_per_second")]
    writes_per_second: f64,
    #[serde(default = "write_burst")]
    write_burst: u32,
    #[serde(default = "fresh_retry_ms")]
    fresh_retry_ms: Vec<u64>,
}

/// The settings, checked. Hosts are those of the cloud unless both are given.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Tenant id or a domain of the tenant, in its canonical form.
    pub tenant: String,
    /// Application (client) id.
    pub client_id: String,
    pub functions: Vec<Function>,
    /// What a later step switches on: its permissions are not asked for yet, and not too much.
    pub later: Vec<Function>,
    graph_url: String,
    login_url: String,
    pub allow_private_network: bool,
    pub allowed_networks: Vec<String>,
    /// Steady writes per second; above 20 the tenant's own limit answers.
    writes_per_second: f64,
    /// Writes that may go at once.
    write_burst: u32,
    /// Pauses, in milliseconds, between attempts while a fresh object is not everywhere yet, and
    /// between attempts at a page that the service failed at.
    fresh_retry_ms: Vec<u64>,
}

fn writes_per_second() -> f64 {
    19.6
}

fn write_burst() -> u32 {
    3000
}

fn fresh_retry_ms() -> Vec<u64> {
    vec![1000, 2000, 4000, 8000, 16_000, 16_000]
}

impl Settings {
    /// Reads and checks the settings.
    pub(crate) fn parse(value: &Value) -> Result<Self> {
        let entered: Entered = parse_settings(value)?;
        let tenant = tenant::parse(&entered.tenant).map_err(|reason| wrong("tenant", &reason))?;
        let cloud = cloud(entered.cloud, tenant.cloud)?;
        let (graph_url, login_url) = hosts(&entered, cloud)?;
        if !(entered.writes_per_second > 0.0 && entered.writes_per_second <= 10_000.0) {
            return Err(wrong("writes_per_second", "it must be above 0 and at most 10000"));
        }
        if entered.write_burst == 0 {
            return Err(wrong("write_burst", "it must be at least 1"));
        }
        Ok(Self {
            tenant: tenant.name,
            client_id: client_id(&entered.client_id)?,
            functions: functions(entered.functions)?,
            later: entered.later,
            graph_url,
            login_url,
            allow_private_network: entered.allow_private_network,
            allowed_networks: entered.allowed_networks,
            writes_per_second: entered.writes_per_second,
            write_burst: entered.write_burst,
            fresh_retry_ms: entered.fresh_retry_ms,
        })
    }

    /// The Graph root, `https://graph.microsoft.com`.
    pub(crate) fn graph(&self) -> Result<Url> {
        base_url("graph_url", &self.graph_url)
    }

    /// The sign-in root, `https://login.microsoftonline.com`.
    pub(crate) fn login(&self) -> Result<Url> {
        base_url("login_url", &self.login_url)
    }

    /// The strict window is as long as the steady pace takes for what may go at once: 150 seconds for
    /// the published limit. Whoever leaves a part of it to others enters less of both.
    pub(crate) fn pace(&self) -> Pace {
        let seconds = f64::from(self.write_burst) / self.writes_per_second * BELOW;
        Pace {
            writes: Some(Rate {
                burst: self.write_burst,
                per_second: self.writes_per_second,
                span: Duration::from_secs_f64(seconds.clamp(0.001, LONGEST)),
            }),
            ..Pace::GRAPH
        }
    }

    pub(crate) fn fresh_retry(&self) -> Vec<Duration> {
        self.fresh_retry_ms
            .iter()
            .map(|ms| Duration::from_millis(*ms))
            .collect()
    }
}

/// The cloud that was chosen, that of the pasted address, or the worldwide one. Two that contradict each other are
/// refused: a token of one is worthless in the other.
fn cloud(chosen: Option<Cloud>, pasted: Option<Cloud>) -> Result<Cloud> {
    match (chosen, pasted) {
        (Some(chosen), Some(pasted)) if !chosen.shares_sign_in(pasted) => Err(wrong(
            "cloud",
            &format!(
                "`{}` is chosen, but the address in `tenant` belongs to `{}`: choose that one, or enter the tenant's id",
                chosen.name(),
                pasted.name()
            ),
        )),
        (Some(chosen), _) => Ok(chosen),
        (None, pasted) => Ok(pasted.unwrap_or_default()),
    }
}

/// Both addresses of a target that is not Microsoft's own, or none.
fn hosts(entered: &Entered, cloud: Cloud) -> Result<(String, String)> {
    let other = |lacking, given| {
        let reason =
            format!("it is needed together with `{given}`; for a national cloud set `cloud` instead of both");
        Err(wrong(lacking, &reason))
    };
    match (&entered.graph_url, &entered.login_url) {
        (Some(graph), Some(login)) => Ok((graph.clone(), login.clone())),
        (None, None) => Ok((cloud.graph_url().to_owned(), cloud.login_url().to_owned())),
        (Some(_), None) => other("login_url", "graph_url"),
        (None, Some(_)) => other("graph_url", "login_url"),
    }
}

fn client_id(text: &str) -> Result<String> {
    let text = text.trim();
    let next = "copy the application's id (\"Application (client) ID\") from the app registration's overview";
    if text.is_empty() {
        return Err(wrong("client_id", &format!("it is empty: {next}")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if !text.chars().all(plain) {
        return Err(wrong(
            "client_id",
            &format!("it is not an application's id: {next}"),
        ));
    }
    Ok(text.to_owned())
}

fn functions(chosen: Option<Vec<Function>>) -> Result<Vec<Function>> {
    let Some(mut functions) = chosen else {
        return Ok(Function::DEFAULT.to_vec());
    };
    functions.sort_unstable();
    functions.dedup();
    if !functions.contains(&Function::People) {
        return Err(wrong(
            "functions",
            "`people` cannot be left out: everything else is about them",
        ));
    }
    Ok(functions)
}

fn wrong(field: &str, reason: &str) -> Error {
    Error::Settings {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(more: Value) -> Result<Settings> {
        let mut settings =
            json!({"tenant": "contoso.example", "client_id": " 2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f "});
        settings
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        Settings::parse(&settings)
    }

    fn host(url: Url) -> String {
        url.host_str().unwrap().to_owned()
    }

    #[test]
    fn a_pasted_address_chooses_the_cloud() {
        let settings =
            parse(json!({"tenant": "https://login.chinacloudapi.cn/contoso.example/oauth2/token"})).unwrap();
        assert_eq!(settings.tenant, "contoso.example");
        assert_eq!(host(settings.graph().unwrap()), "microsoftgraph.chinacloudapi.cn");
        assert_eq!(host(settings.login().unwrap()), "login.chinacloudapi.cn");
        let settings =
            parse(json!({"cloud": "us-dod", "tenant": "https://login.microsoftonline.us/contoso.example"}));
        assert_eq!(host(settings.unwrap().graph().unwrap()), "dod-graph.microsoft.us");
        let plain = parse(json!({})).unwrap();
        assert_eq!(host(plain.login().unwrap()), "login.microsoftonline.com");
        assert_eq!(plain.client_id, "2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f");
        assert_eq!(plain.functions, Function::DEFAULT);
    }

    #[test]
    fn the_window_belongs_to_the_pace() {
        let span = |more| parse(more).unwrap().pace().writes.unwrap().span.as_secs_f64();
        for (more, seconds) in [
            (json!({}), 150.0),
            (json!({"writes_per_second": 9.8, "write_burst": 1500}), 150.0),
            (json!({"writes_per_second": 196}), 15.0),
            (
                json!({"writes_per_second": 1e-300, "write_burst": u32::MAX}),
                LONGEST,
            ),
        ] {
            assert!((span(more.clone()) - seconds).abs() < 1e-6, "{more}");
        }
    }

    #[test]
    fn each_mistake_names_its_field_and_the_next_step() {
        for (more, field, said) in [
            (json!({"tenant": "common"}), "tenant", "enter its id or domain"),
            (
                json!({"tenant": "https://login.microsoftonline.com/contoso.example", "cloud": "china"}),
                "cloud",
                "belongs to `global`",
            ),
            (json!({"cloud": "moon"}), "settings", "unknown variant `moon`"),
            (
                json!({"graph_url": "https://graph.contoso.example"}),
                "login_url",
                "set `cloud` instead",
            ),
            (
                json!({"login_url": "https://login.contoso.example"}),
                "graph_url",
                "set `cloud` instead",
            ),
            (
                json!({"client_id": ""}),
                "client_id",
                "app registration's overview",
            ),
            (
                json!({"client_id": "Provost at Contoso"}),
                "client_id",
                "not an application's id",
            ),
            (json!({"functions": ["groups"]}), "functions", "`people`"),
            (json!({"writes_per_second": 0}), "writes_per_second", "above 0"),
            (json!({"write_burst": 0}), "write_burst", "at least 1"),
        ] {
            let error = parse(more.clone()).unwrap_err();
            let Error::Settings { field: at, reason } = &error else {
                unreachable!("{error:?}");
            };
            assert!(at == field && reason.contains(said), "{more}: {error}");
        }
    }
}
