//! The published budget, per application and per tenant.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::error::Error;
use crate::meter::{Meter, Verdict};
use crate::moment;
use crate::settings::{RetryAfter, Settings, Throttle};

/// From this share on, answers carry how much of the budget is used.
const WARN_FROM: f64 = 0.8;
/// From this share on, requests of low priority are refused, where that is chosen.
const SHED_FROM: f64 = 0.9;
/// The highest share that is ever reported.
const WARN_UP_TO: f64 = 1.8;

/// What one request costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub units: u32,
    pub write: bool,
    /// Asked for with `x-ms-throttle-priority: low`.
    pub low_priority: bool,
}

/// The meters of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    applications: HashMap<String, Pair>,
    tenant: Option<Meter>,
}

/// The meters of one application in the tenant.
#[derive(Debug)]
struct Pair {
    writes: Option<Meter>,
    units: Option<Meter>,
}

impl Budget {
    /// Charges a request. Answers the headers that go with it.
    ///
    /// # Errors
    /// 429 when a limit is reached.
    pub(crate) fn charge(
        &mut self,
        settings: &Settings,
        client_id: &str,
        cost: Cost,
        users: usize,
        now: i64,
    ) -> Result<Vec<(&'static str, String)>, Error> {
        let throttle = &settings.throttle;
        let mut headers = vec![("x-ms-resource-unit", cost.units.to_string())];
        let unit_limit = f64::from(throttle.units.unwrap_or_else(|| units_for(users)));
        if !self.applications.contains_key(client_id) {
            self.applications
                .insert(client_id.to_owned(), Pair::new(throttle, unit_limit, now));
        }
        let Some(pair) = self.applications.get_mut(client_id) else {
            return Ok(headers);
        };
        let mut load = 0.0_f64;
        let mut refused = None;
        if let Some(meter) = &mut pair.units {
            refused = refusal(
                meter.take(now, f64::from(cost.units), unit_limit),
                "ResourceUnitLimitExceeded",
            );
            load = load.max(meter.load(now, unit_limit));
        }
        if let Some(meter) = pair.writes.as_mut().filter(|_| cost.write) {
            let limit = f64::from(throttle.writes);
            refused = refused.or(refusal(meter.take(now, 1.0, limit), "WriteLimitExceeded"));
            load = load.max(meter.load(now, limit));
        }
        if cost.write && refused.is_none() {
            refused = self.charge_tenant(throttle, now);
        }
        if cost.low_priority && throttle.shed_low_priority && load >= SHED_FROM {
            refused = refused.or(Some((1_000.0, "CPULimitExceeded")));
        }
        if load >= WARN_FROM {
            headers.push((
                "x-ms-throttle-limit-percentage",
                format!("{:.2}", load.min(WARN_UP_TO)),
            ));
        }
        match refused {
            None => Ok(headers),
            Some((wait_ms, why)) => Err(too_many(settings, client_id, wait_ms, why, headers, now)),
        }
    }

    /// How much of each budget is used, by application: for the control interface.
    pub(crate) fn used(&mut self, settings: &Settings, users: usize, now: i64) -> Value {
        let throttle = &settings.throttle;
        let unit_limit = f64::from(throttle.units.unwrap_or_else(|| units_for(users)));
        let mut applications = serde_json::Map::new();
        let mut ids: Vec<String> = self.applications.keys().cloned().collect();
        ids.sort_unstable();
        for id in ids {
            if let Some(pair) = self.applications.get_mut(&id) {
                let share = |meter: &mut Option<Meter>, limit: f64| {
                    meter.as_mut().map(|meter| meter.load(now, limit))
                };
                let writes = share(&mut pair.writes, f64::from(throttle.writes));
                let units = share(&mut pair.units, unit_limit);
                applications.insert(id, json!({"writes": writes, "units": units}));
            }
        }
        json!({
            "writesPerWindow": throttle.writes,
            "windowMs": milliseconds(throttle.window),
            "unitsPerWindow": unit_limit,
            "unitWindowMs": milliseconds(throttle.unit_window),
            "usedByApplication": applications,
        })
    }

    fn charge_tenant(&mut self, throttle: &Throttle, now: i64) -> Option<(f64, &'static str)> {
        let limit = f64::from(throttle.tenant_writes);
        if self.tenant.is_none() {
            self.tenant = Meter::new(throttle.model, limit, milliseconds(throttle.tenant_window), now);
        }
        let meter = self.tenant.as_mut()?;
        refusal(meter.take(now, 1.0, limit), "WriteLimitExceeded")
    }
}

impl Pair {
    fn new(throttle: &Throttle, unit_limit: f64, now: i64) -> Pair {
        let writes = Meter::new(
            throttle.model,
            f64::from(throttle.writes),
            milliseconds(throttle.window),
            now,
        );
        let units = Meter::new(
            throttle.model,
            unit_limit,
            milliseconds(throttle.unit_window),
            now,
        );
        Pair { writes, units }
    }
}

/// Resource units per ten seconds by the size of the tenant.
fn units_for(users: usize) -> u32 {
    match users {
        0..50 => 3_500,
        50..=500 => 5_000,
        _ => 8_000,
    }
}

fn milliseconds(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn refusal(verdict: Verdict, why: &'static str) -> Option<(f64, &'static str)> {
    match verdict {
        Verdict::Granted => None,
        Verdict::Refused { wait_ms } => Some((wait_ms, why)),
    }
}

fn too_many(
    settings: &Settings,
    client_id: &str,
    wait_ms: f64,
    why: &'static str,
    headers: Vec<(&'static str, String)>,
    now: i64,
) -> Error {
    let mut error = Error::new(429, "TooManyRequests", "Too many requests. Wait, then try again.")
        .header(
            "x-ms-throttle-scope",
            format!("Tenant_Application/ReadWrite/{client_id}/{}", settings.tenant_id),
        )
        .header("x-ms-throttle-information", why);
    error.headers.extend(headers);
    match retry_after(settings.throttle.retry_after, wait_ms, now) {
        Some(text) => error.header("Retry-After", text),
        None => error,
    }
}

/// The text of a `Retry-After` header that asks for this long. `None`: no header.
pub(crate) fn retry_after(form: RetryAfter, wait_ms: f64, now: i64) -> Option<String> {
    let seconds = (wait_ms / 1_000.0).max(0.001);
    match form {
        RetryAfter::Whole => Some(format!("{:.0}", seconds.ceil())),
        RetryAfter::Fractional => Some(format!("{seconds:.3}")),
        RetryAfter::Missing => None,
        #[allow(clippy::cast_possible_truncation, reason = "seconds of a wait")]
        RetryAfter::Date => Some(moment::http(now.saturating_add(seconds.ceil() as i64 * 1_000))),
        RetryAfter::Huge => Some("86400".to_owned()),
    }
}
