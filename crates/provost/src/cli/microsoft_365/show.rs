//! `provost microsoft-365 show`.

use super::checklist;
use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output;
use anyhow::Result;
use provost_store::connection::{self, Connection};
use provost_store::microsoft_365::{self, DomainState, Mode, Provider, State};
use provost_store::{Tx, assignment};
use provost_sync::microsoft_365::{ChecklistLine, Values, provider_values};
use serde_json::{Value, json};

/// A provider with what stands around it.
struct Known {
    provider: Provider,
    connection: Option<Connection>,
    assigned: i64,
    detached: i64,
    values: Values,
    checklist: Vec<ChecklistLine>,
}

/// Shows one provider.
pub(super) async fn show(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let provider = hub.microsoft_365(name).await?;
    let engine = hub.engine()?;
    let checklist = engine
        .provider_checklist(hub.workspace.key, &provider.name)
        .await?;
    let values = values(hub, &provider);
    let one = provider.clone();
    let (connection, assigned, detached) = hub.db.read(move |tx| around(tx, &one)).await?;
    let known = Known {
        provider,
        connection,
        assigned,
        detached,
        values,
        checklist,
    };
    output::either(place.json, &to_json(&known), || text(&known))
}

/// Its connection, how many are assigned, how many are kept from a provider before.
type Around = (Option<Connection>, i64, i64);

fn around(tx: &mut Tx, provider: &Provider) -> provost_store::Result<Around> {
    let connection = match provider.connection {
        Some(key) => connection::by_key(tx, key)?,
        None => None,
    };
    let assigned = match &connection {
        Some(connection) => assignment::count(tx, connection.key)?,
        None => 0,
    };
    let detached = microsoft_365::detached_count(tx, provider.workspace, &provider.domain)?;
    Ok((connection, assigned, detached))
}

/// What a list says of a provider, for programs.
pub(super) fn summary(one: &Provider, connection: Option<&str>) -> Value {
    let at = |millis: i64| (millis > 0).then(|| clock::text(millis));
    json!({
        "name": one.name, "id": one.id, "label": one.label, "link_key": one.link_key, "domain": one.domain,
        "tenant_name": one.tenant_name, "tenant_id": one.tenant_id, "domain_state": one.domain_state,
        "domain_checked": at(one.domain_checked), "state": one.state, "since": clock::text(one.since),
        "mode": one.mode, "mode_changed": at(one.mode_changed), "mode_reason": one.mode_reason,
        "is_assignable": one.is_assignable(), "connection": connection, "authentication": at(one.authentication),
        "created": clock::text(one.created), "actor": one.actor,
    })
}

/// The same of one provider, with the name of its connection.
///
/// # Errors
/// Any error of the store.
pub(super) async fn described(hub: &Hub, one: &Provider) -> Result<Value> {
    let provider = one.clone();
    let (connection, ..) = hub.db.read(move |tx| around(tx, &provider)).await?;
    Ok(summary(one, connection.as_ref().map(|found| found.name.as_str())))
}

fn to_json(known: &Known) -> Value {
    let connection = known.connection.as_ref();
    let mut answer = summary(&known.provider, connection.map(|one| one.name.as_str()));
    answer["connection_state"] = json!(connection.map(|one| one.state));
    answer["values"] = values_json(&known.values);
    answer["assigned"] = known.assigned.into();
    answer["detached"] = known.detached.into();
    answer["checklist"] = checklist::to_json(&known.checklist);
    answer
}

/// What it is for, in words.
pub(super) fn mode(one: &Provider) -> &'static str {
    match one.mode {
        Mode::Federation => "federation",
        Mode::ProvisioningOnly => "provisioning only",
    }
}

/// The values under the address by which people reach this server.
pub(super) fn values(hub: &Hub, provider: &Provider) -> Values {
    provider_values(&hub.public_url(), provider)
}

/// The values for programs.
pub(super) fn values_json(values: &Values) -> Value {
    json!(values)
}

/// The values for people.
pub(super) fn values_text(values: &Values) -> String {
    output::pairs(&[
        ("identifier (entity ID)", values.sp_entity_id.clone()),
        ("reply URL", values.sp_acs.clone()),
        ("issuer", values.issuer.clone()),
        ("sign-in", values.sign_in.clone()),
        ("sign-in (WS-Federation)", values.ws_federation.clone()),
        ("MEX (WS-Federation)", values.mex.clone()),
        ("sign-out", values.sign_out.clone()),
        ("metadata", values.metadata.clone()),
        ("metadata (WS-Federation)", values.ws_federation_metadata.clone()),
    ])
}

fn text(known: &Known) -> String {
    let one = &known.provider;
    let head = match one.label.is_empty() {
        true => one.name.clone(),
        false => format!("{}, \"{}\"", one.name, one.label),
    };
    let mut parts = vec![
        format!("{head} ({})\n{}", one.id, output::pairs(&general(one))),
        format!("Sections\n{}", output::pairs(&sections(known))),
        format!("Values for Microsoft\n{}", values_text(&known.values)),
        format!("Checklist\n{}", checklist::text(&known.checklist)),
    ];
    if known.detached > 0 {
        let kept = output::count(known.detached, "person or group", "people and groups");
        parts.push(format!(
            "{kept} assigned to a provider of {} before: provost microsoft-365 detached \"{}\"",
            one.domain, one.name
        ));
    }
    parts.join("\n\n")
}

fn general(one: &Provider) -> Vec<(&'static str, String)> {
    let domain = match one.domain_state {
        DomainState::Verified => format!("{}, verified {}", one.domain, clock::text(one.domain_checked)),
        DomainState::Unverified => format!("{}, not verified yet", one.domain),
    };
    let mode = match one.mode_reason.is_empty() {
        true => mode(one).to_owned(),
        false => format!("{}: {}", mode(one), one.mode_reason),
    };
    vec![
        (
            "state",
            format!("{}, since {}", one.state, clock::text(one.since)),
        ),
        ("mode", mode),
        ("domain", domain),
        ("tenant name", one.tenant_name.clone()),
        (
            "tenant id",
            one.tenant_id
                .clone()
                .unwrap_or_else(|| "not known yet".to_owned()),
        ),
        ("pseudonym link", one.link_key.clone()),
    ]
}

fn sections(known: &Known) -> Vec<(&'static str, String)> {
    let one = &known.provider;
    let name = &one.name;
    let authentication = match one.authentication {
        0 => format!("not configured: provost microsoft-365 authentication \"{name}\""),
        at => format!("configured {}", clock::text(at)),
    };
    let provisioning = match &known.connection {
        None => format!("not configured: provost microsoft-365 provisioning \"{name}\""),
        Some(found) => format!(
            "connection \"{}\", {}; {} assigned",
            found.name,
            found.state.name(),
            known.assigned
        ),
    };
    let later = match (one.state, known.checklist.iter().all(|line| line.done)) {
        (State::Federated, _) => "the domain is federated",
        (_, false) => "locked until every line of the checklist is done",
        (_, true) => "not in this version of Provost",
    };
    vec![
        ("authentication", authentication),
        ("provisioning", provisioning),
        ("migration", later.to_owned()),
        ("federation", later.to_owned()),
    ]
}
