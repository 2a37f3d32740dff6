//! Checking a draft, and adding it, all or nothing.

use super::draft::{FieldLine, ProviderChecked, ProviderDraft};
use super::field;
use super::look::Wanted;
use crate::setup::Attempt;
use crate::{Engine, Error, Result};
use provost_connect::graph::cloud::Cloud;
use provost_store::connection;
use provost_store::microsoft_365::{self, DomainState, New, Provider};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The settings of a connection that a draft may bring: where the cloud is.
const PLACES: [&str; 4] = [
    "login_url",
    "graph_url",
    "allow_private_network",
    "allowed_networks",
];

impl Engine {
    /// What would be said to a draft: a line for each field, and whether the domain is the tenant's. Changes nothing.
    ///
    /// # Errors
    /// Any error of the store. What is wrong with a field stands in its line, also that nobody could be asked.
    pub async fn check_provider(&self, workspace: i64, draft: &ProviderDraft) -> Result<ProviderChecked> {
        let cloud = field::cloud(&draft.cloud);
        let domain = field::domain(&draft.domain);
        let tenant = field::tenant_name(&draft.tenant_name);
        let of = |found: &std::result::Result<(String, FieldLine), FieldLine>, entered: &str| match found {
            Ok((normal, _)) => normal.clone(),
            Err(_) => entered.trim().to_owned(),
        };
        let mut checked = ProviderChecked {
            lines: vec![
                self.free_name(workspace, &draft.name).await?,
                field::label(&draft.label),
                field::link_key(&draft.link_key),
            ],
            domain: DomainState::Unverified,
            domain_normal: of(&domain, &draft.domain),
            tenant_name_normal: of(&tenant, &draft.tenant_name),
            tenant_id: None,
        };
        let is_fine = domain.is_ok() && tenant.is_ok() && cloud.is_ok();
        checked.lines.push(match domain {
            Ok((name, line)) => self.free_domain(workspace, None, &name).await?.unwrap_or(line),
            Err(line) => line,
        });
        checked
            .lines
            .push(tenant.map_or_else(|line| line, |(_, line)| line));
        checked.lines.extend(cloud.err());
        if is_fine {
            let settings = settings(draft);
            let wanted = Wanted {
                domain: &checked.domain_normal,
                tenant_name: &checked.tenant_name_normal,
                settings: &settings,
            };
            self.look_publicly(&wanted).await.tell(&mut checked);
        }
        Ok(checked)
    }

    /// Adds a provider. It is active when its domain is proved to be the tenant's, else a draft. Nobody can be
    /// assigned to it yet.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-GUIDE-ORDER` before the application was registered; [`Error::Fields`] with every
    /// field at fault, and nothing is saved.
    pub async fn add_provider(
        &self,
        workspace: i64,
        draft: &ProviderDraft,
        actor: &str,
    ) -> Result<(Provider, ProviderChecked)> {
        let attempt = Attempt {
            workspace,
            actor,
            action: "microsoft_365.add",
            subject: &draft.name,
        };
        let result = self.added_provider(workspace, draft, actor).await;
        self.audited(attempt, result).await
    }

    async fn added_provider(
        &self,
        workspace: i64,
        draft: &ProviderDraft,
        actor: &str,
    ) -> Result<(Provider, ProviderChecked)> {
        self.refuse_early(workspace).await?;
        let checked = self.check_provider(workspace, draft).await?;
        let faults = checked.faults();
        if !faults.is_empty() {
            return Err(Error::Fields(faults));
        }
        let (draft, actor, now) = (draft.clone(), actor.to_owned(), self.now());
        let kept = checked.clone();
        let made = self
            .db
            .write(move |tx| {
                let (look, settings) = (kept.look(), settings(&draft));
                let new = New {
                    id: Uuid::now_v7(),
                    workspace,
                    name: &draft.name,
                    label: &draft.label,
                    link_key: &draft.link_key,
                    domain: &kept.domain_normal,
                    tenant_name: &kept.tenant_name_normal,
                    look: &look,
                    settings: &settings,
                };
                microsoft_365::create(tx, &actor, now, &new)
            })
            .await?;
        Ok((made, checked))
    }

    /// The display name, which no other provider and no connection may have: its connection is called so.
    async fn free_name(&self, workspace: i64, name: &str) -> Result<FieldLine> {
        let line = field::name(name);
        if !line.ok {
            return Ok(line);
        }
        let wanted = name.to_owned();
        let (provider, connection) = self
            .db
            .read(move |tx| {
                let provider = microsoft_365::by_name(tx, workspace, &wanted)?;
                Ok::<_, provost_store::Error>((provider, connection::by_name(tx, workspace, &wanted)?))
            })
            .await?;
        let what = match (provider, connection) {
            (None, None) => return Ok(line),
            (Some(_), _) => "Microsoft 365 provider",
            (None, Some(_)) => "connection",
        };
        Ok(FieldLine::wrong(
            "name",
            "PRV-PROVIDER-NAME-TAKEN",
            format!("there is a {what} \"{name}\" already"),
            "Choose another name; it cannot be changed later.",
        ))
    }

    /// The line of a domain that another provider has; none when it is free.
    pub(super) async fn free_domain(
        &self,
        workspace: i64,
        own: Option<i64>,
        domain: &str,
    ) -> Result<Option<FieldLine>> {
        let domain = domain.to_owned();
        let taken = self
            .db
            .read(
                move |tx| match microsoft_365::refuse_taken(tx, workspace, own, &domain) {
                    Err(provost_store::Error::Refused { code, sentence, hint }) => {
                        Ok(Some(FieldLine::wrong("domain", code, sentence, hint)))
                    }
                    other => other.map(|()| None),
                },
            )
            .await?;
        Ok(taken)
    }
}

/// What is kept of a draft's cloud and addresses.
fn settings(draft: &ProviderDraft) -> Value {
    let mut kept = Map::new();
    for name in PLACES {
        if let Some(value) = draft.settings.get(name).filter(|value| !value.is_null()) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    let cloud = field::cloud(&draft.cloud).unwrap_or(Cloud::Global);
    if cloud != Cloud::Global {
        kept.insert("cloud".to_owned(), Value::from(cloud.name()));
    }
    Value::Object(kept)
}
