//! The settings that can be read and changed while the simulator runs.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::saml::{SamlChange, view as view_saml};
use crate::settings::{
    Application, Model, RetryAfter, Settings, Spread, TokenValidation, Unproved, UnprovedDirectory,
};

/// What is to change; what is absent stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Change {
    latency_ms: Option<u64>,
    latency_spread: Option<Spread>,
    seed: Option<u64>,
    throttle: Option<ThrottleChange>,
    read_delay_ms: Option<u64>,
    read_delay_percent: Option<u8>,
    stale_reads: Option<bool>,
    token_lifetime_s: Option<u64>,
    delta_life_s: Option<u64>,
    delta_page: Option<usize>,
    awkward_pages: Option<bool>,
    country: Option<String>,
    license_processing_ms: Option<u64>,
    location_lag_ms: Option<u64>,
    audit_delay_ms: Option<u64>,
    unpublished_dns: Option<Vec<String>>,
    federation_delay_ms: Option<u64>,
    federation_lock_ms: Option<u64>,
    foreign_issuers: Option<Vec<String>>,
    token_validation: Option<TokenValidation>,
    unproved: Option<Value>,
    unproved_directory: Option<Value>,
    applications: Option<Vec<ApplicationChange>>,
    seats: Option<std::collections::BTreeMap<String, u32>>,
}

/// The budget: resource units and writes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ThrottleChange {
    model: Option<Model>,
    writes: Option<u32>,
    window_ms: Option<u64>,
    tenant_writes: Option<u32>,
    tenant_window_ms: Option<u64>,
    /// 0: by the number of users.
    units: Option<u32>,
    unit_window_ms: Option<u64>,
    retry_after: Option<RetryAfter>,
    shed_low_priority: Option<bool>,
}

/// One application, found by its client id; a new one is registered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationChange {
    client_id: String,
    client_secret: Option<String>,
    display_name: Option<String>,
    roles: Option<Vec<String>>,
    directory_roles: Option<Vec<String>>,
    secret_expires: Option<i64>,
    certificates: Option<Vec<String>>,
    redirect_uris: Option<Vec<String>>,
    tells_roles: Option<bool>,
    saml: Option<SamlChange>,
    enabled: Option<bool>,
}

/// The settings as they are, without secrets.
pub(super) fn view(settings: &Settings) -> Value {
    let throttle = &settings.throttle;
    let application = |application: &Application| {
        json!({
            "client_id": application.client_id,
            "display_name": application.display_name,
            "roles": application.roles,
            "directory_roles": application.directory_roles,
            "secret_expires": application.secret_expires,
            "certificates": application.certificates.len(),
            "redirect_uris": application.redirect_uris,
            "tells_roles": application.tells_roles,
            "saml": application.saml.as_ref().map(|saml| view_saml(&settings.tenant_id, &application.client_id, saml)),
            "enabled": application.enabled,
        })
    };
    let seats: serde_json::Map<String, Value> = settings
        .skus
        .iter()
        .map(|sku| (sku.part_number.clone(), json!(sku.seats)))
        .collect();
    json!({
        "latency_ms": milliseconds(settings.latency),
        "latency_spread": settings.latency_spread,
        "seed": settings.seed,
        "throttle": {
            "model": throttle.model,
            "writes": throttle.writes,
            "window_ms": milliseconds(throttle.window),
            "tenant_writes": throttle.tenant_writes,
            "tenant_window_ms": milliseconds(throttle.tenant_window),
            "units": throttle.units.unwrap_or(0),
            "unit_window_ms": milliseconds(throttle.unit_window),
            "retry_after": throttle.retry_after,
            "shed_low_priority": throttle.shed_low_priority,
        },
        "read_delay_ms": settings.read_delay_ms,
        "read_delay_percent": settings.read_delay_percent,
        "stale_reads": settings.stale_reads,
        "token_lifetime_s": settings.token_lifetime_s,
        "delta_life_s": settings.delta_life_s,
        "delta_page": settings.delta_page,
        "awkward_pages": settings.awkward_pages,
        "country": settings.country,
        "license_processing_ms": settings.license_processing_ms,
        "location_lag_ms": settings.location_lag_ms,
        "audit_delay_ms": settings.audit_delay_ms,
        "unpublished_dns": settings.unpublished_dns,
        "federation_delay_ms": settings.federation_delay_ms,
        "federation_lock_ms": settings.federation_lock_ms,
        "foreign_issuers": settings.foreign_issuers,
        "token_validation": settings.token_validation,
        "unproved": settings.unproved,
        "unproved_directory": settings.unproved_directory,
        "applications": settings.applications.iter().map(application).collect::<Vec<_>>(),
        "seats": seats,
    })
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

impl Change {
    /// # Errors
    /// A sentence about what cannot be meant.
    pub(super) fn apply(self, settings: &mut Settings) -> Result<(), String> {
        if self.read_delay_percent.is_some_and(|percent| percent > 100) {
            return Err("`read_delay_percent` must be from 0 to 100.".to_owned());
        }
        if let Some(spread) = self.latency_spread
            && !(spread.p50_ms <= spread.p90_ms
                && spread.p90_ms <= spread.p99_ms
                && spread.p99_ms <= spread.max_ms)
        {
            return Err("`latency_spread` must rise from `p50_ms` to `max_ms`.".to_owned());
        }
        set(&mut settings.latency, self.latency_ms.map(Duration::from_millis));
        set(&mut settings.latency_spread, self.latency_spread);
        set(&mut settings.seed, self.seed);
        set(&mut settings.read_delay_ms, self.read_delay_ms);
        set(&mut settings.read_delay_percent, self.read_delay_percent);
        set(&mut settings.stale_reads, self.stale_reads);
        set(&mut settings.token_lifetime_s, self.token_lifetime_s);
        set(&mut settings.delta_life_s, self.delta_life_s);
        set(&mut settings.delta_page, self.delta_page.map(|size| size.max(1)));
        set(&mut settings.awkward_pages, self.awkward_pages);
        set(&mut settings.country, self.country);
        set(&mut settings.license_processing_ms, self.license_processing_ms);
        set(&mut settings.location_lag_ms, self.location_lag_ms);
        set(&mut settings.audit_delay_ms, self.audit_delay_ms);
        set(&mut settings.unpublished_dns, self.unpublished_dns);
        set(&mut settings.federation_delay_ms, self.federation_delay_ms);
        set(&mut settings.federation_lock_ms, self.federation_lock_ms);
        set(&mut settings.foreign_issuers, self.foreign_issuers);
        set(&mut settings.token_validation, self.token_validation);
        if let Some(throttle) = self.throttle {
            throttle.apply(settings)?;
        }
        if let Some(change) = self.unproved {
            settings.unproved = merged::<Unproved>(&settings.unproved, &change)?;
        }
        if let Some(change) = self.unproved_directory {
            settings.unproved_directory = merged::<UnprovedDirectory>(&settings.unproved_directory, &change)?;
        }
        for application in self.applications.into_iter().flatten() {
            application.apply(settings)?;
        }
        for (name, seats) in self.seats.into_iter().flatten() {
            let sku = settings
                .skus
                .iter_mut()
                .find(|sku| sku.part_number.eq_ignore_ascii_case(&name));
            sku.ok_or_else(|| format!("The tenant has no product `{name}`."))?
                .seats = seats;
        }
        Ok(())
    }
}

impl ThrottleChange {
    fn apply(self, settings: &mut Settings) -> Result<(), String> {
        if [self.window_ms, self.tenant_window_ms, self.unit_window_ms].contains(&Some(0)) {
            return Err("A window must be longer than 0 ms.".to_owned());
        }
        let throttle = &mut settings.throttle;
        set(&mut throttle.model, self.model);
        set(&mut throttle.writes, self.writes);
        set(&mut throttle.window, self.window_ms.map(Duration::from_millis));
        set(&mut throttle.tenant_writes, self.tenant_writes);
        set(
            &mut throttle.tenant_window,
            self.tenant_window_ms.map(Duration::from_millis),
        );
        set(
            &mut throttle.units,
            self.units.map(|units| Some(units).filter(|units| *units > 0)),
        );
        set(
            &mut throttle.unit_window,
            self.unit_window_ms.map(Duration::from_millis),
        );
        set(&mut throttle.retry_after, self.retry_after);
        set(&mut throttle.shed_low_priority, self.shed_low_priority);
        Ok(())
    }
}

impl ApplicationChange {
    fn apply(self, settings: &mut Settings) -> Result<(), String> {
        let known = settings
            .applications
            .iter()
            .position(|application| application.client_id.eq_ignore_ascii_case(&self.client_id));
        let index = match (known, &self.client_secret) {
            (Some(index), _) => index,
            (None, Some(secret)) => {
                settings
                    .applications
                    .push(Application::new(&self.client_id, secret, &[]));
                settings.applications.len() - 1
            }
            (None, None) => {
                return Err(format!(
                    "No application `{}` is registered; give a `client_secret` to register it.",
                    self.client_id
                ));
            }
        };
        let now = (settings.clock)();
        let Some(application) = settings.applications.get_mut(index) else {
            return Ok(());
        };
        set(&mut application.client_secret, self.client_secret);
        set(&mut application.display_name, self.display_name);
        set(&mut application.roles, self.roles);
        set(&mut application.directory_roles, self.directory_roles);
        set(&mut application.secret_expires, self.secret_expires.map(Some));
        set(&mut application.certificates, self.certificates);
        set(&mut application.redirect_uris, self.redirect_uris);
        set(&mut application.tells_roles, self.tells_roles);
        set(&mut application.enabled, self.enabled);
        if let Some(change) = self.saml {
            change.apply(application, now)?;
        }
        Ok(())
    }
}

/// The switches with some of them changed.
fn merged<T: serde::Serialize + serde::de::DeserializeOwned>(
    current: &T,
    change: &Value,
) -> Result<T, String> {
    let mut all = serde_json::to_value(current).map_err(|error| error.to_string())?;
    let Some(change) = change.as_object() else {
        return Err("Switches are given as an object.".to_owned());
    };
    for (name, value) in change {
        all[name.as_str()] = value.clone();
    }
    serde_json::from_value(all).map_err(|error| format!("The switches cannot be used: {error}."))
}
