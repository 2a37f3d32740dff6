//! Changing the general settings, asking again whose the domain is, and the section Authentication.

use super::draft::{FieldLine, ProviderChecked, ProviderEdit};
use super::field;
use super::look::{Seen, Wanted};
use crate::setup::Attempt;
use crate::{Engine, Error, Result};
use provost_store::microsoft_365::{self, DomainState, Edit, Provider};
use provost_store::signing_key;

impl Engine {
    /// The workspace's provider of this display name.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub(crate) async fn provider_named(&self, workspace: i64, name: &str) -> Result<Provider> {
        let wanted = name.to_owned();
        let found = self
            .db
            .read(move |tx| microsoft_365::by_name(tx, workspace, &wanted))
            .await?;
        found.ok_or_else(|| {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
            Error::refused(
                "PRV-MICROSOFT-365-UNKNOWN",
                format!("there is no Microsoft 365 provider \"{shown}\""),
                "List the Microsoft 365 providers and choose one of them.",
            )
        })
    }

    /// Changes the general settings. Another domain or tenant name is looked at as when the provider was added.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-FIELD-IMMUTABLE` for the display name and the link key, and for domain and tenant
    /// name once somebody is assigned or the domain is federated; [`Error::Fields`]; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn edit_provider(
        &self,
        workspace: i64,
        name: &str,
        edit: &ProviderEdit,
        actor: &str,
    ) -> Result<Provider> {
        let found = self.provider_named(workspace, name).await?;
        let attempt = Attempt {
            workspace,
            actor,
            action: "microsoft_365.edit",
            subject: name,
        };
        let result = self.edited_provider(&found, edit, actor).await;
        self.audited(attempt, result).await
    }

    async fn edited_provider(&self, found: &Provider, edit: &ProviderEdit, actor: &str) -> Result<Provider> {
        refuse_immutable(found, edit)?;
        let wished = ProviderEdit {
            label: edit.label.clone().or_else(|| Some(found.label.clone())),
            domain: edit.domain.clone().or_else(|| Some(found.domain.clone())),
            tenant_name: edit
                .tenant_name
                .clone()
                .or_else(|| Some(found.tenant_name.clone())),
            ..ProviderEdit::default()
        };
        let mut checked = self.check_fields(found, &wished).await?;
        let moves = checked.domain_normal != found.domain || checked.tenant_name_normal != found.tenant_name;
        let mut look = None;
        if moves && checked.faults().is_empty() {
            self.refuse_settled(found).await?;
            let seen = self.look_for(found, &checked).await;
            look = Some(seen.look());
            seen.tell(&mut checked);
        }
        let mut faults = checked.faults();
        // A domain that stays is not at fault for what became of it since.
        faults.retain(|line| moves || line.field == "label");
        if !faults.is_empty() {
            return Err(Error::Fields(faults));
        }
        let (provider, label) = (found.clone(), wished.label);
        let (actor, now) = (actor.to_owned(), self.now());
        let saved = self
            .db
            .write(move |tx| {
                let edit = Edit {
                    label: label.as_deref(),
                    domain: Some(&checked.domain_normal),
                    tenant_name: Some(&checked.tenant_name_normal),
                    look: look.as_ref(),
                };
                microsoft_365::edit(tx, &actor, now, &provider, edit)
            })
            .await?;
        Ok(saved)
    }

    /// Asks again whose the domain is: the tenant itself once there are credentials, else the sign-in service. A draft
    /// whose domain is proved becomes active. Who cannot be asked changes nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; any error of the store. What is wrong stands in the lines.
    pub async fn recheck_provider(&self, workspace: i64, name: &str, actor: &str) -> Result<ProviderChecked> {
        let found = self.provider_named(workspace, name).await?;
        let edit = ProviderEdit {
            label: Some(found.label.clone()),
            domain: Some(found.domain.clone()),
            tenant_name: Some(found.tenant_name.clone()),
            ..ProviderEdit::default()
        };
        let mut checked = self.check_fields(&found, &edit).await?;
        let seen = self.look_for(&found, &checked).await;
        let (look, is_certain) = (seen.look(), seen.is_certain);
        let is_free = checked.faults().is_empty();
        seen.tell(&mut checked);
        if is_certain && is_free {
            let (actor, now) = (actor.to_owned(), self.now());
            self.db
                .write(move |tx| microsoft_365::note_look(tx, &actor, now, &found, &look))
                .await?;
        }
        Ok(checked)
    }

    async fn look_for(&self, found: &Provider, checked: &ProviderChecked) -> Seen {
        let wanted = Wanted {
            domain: &checked.domain_normal,
            tenant_name: &checked.tenant_name_normal,
            settings: &found.settings,
        };
        self.look_at(found, &wanted).await
    }

    /// The lines of a provider's fields, before anybody is asked whose the domain is.
    async fn check_fields(&self, found: &Provider, edit: &ProviderEdit) -> Result<ProviderChecked> {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let (domain, tenant) = (text(&edit.domain), text(&edit.tenant_name));
        let (normal, line) = kept(field::domain(&domain), domain);
        let line = if line.ok {
            let taken = self
                .free_domain(found.workspace, Some(found.key), &normal)
                .await?;
            taken.unwrap_or(line)
        } else {
            line
        };
        let (tenant_normal, tenant_line) = kept(field::tenant_name(&tenant), tenant);
        Ok(ProviderChecked {
            lines: vec![
                field::name(&found.name),
                field::label(&text(&edit.label)),
                field::link_key(&found.link_key),
                line,
                tenant_line,
            ],
            domain: DomainState::Unverified,
            domain_normal: normal,
            tenant_name_normal: tenant_normal,
            tenant_id: None,
        })
    }

    /// Before the tenant is asked about a domain that could not be taken anyway.
    async fn refuse_settled(&self, found: &Provider) -> Result<()> {
        let provider = found.clone();
        self.db
            .read(move |tx| microsoft_365::refuse_settled(tx, &provider))
            .await?;
        Ok(())
    }

    /// Saves the section Authentication, and makes the provider's signing key if there is none. It has no parameters: the
    /// addresses are [`super::provider_values`].
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn configure_provider_authentication(
        &self,
        workspace: i64,
        name: &str,
        actor: &str,
    ) -> Result<Provider> {
        let found = self.provider_named(workspace, name).await?;
        let made = self.made_if_missing(&found).await?;
        let (actor, now, sealing) = (actor.to_owned(), self.now(), self.key.clone());
        let saved = self
            .db
            .write(move |tx| {
                if let Some(made) = &made {
                    signing_key::ensure(tx, &sealing, &actor, now, &found, made)?;
                }
                microsoft_365::set_authentication(tx, &actor, now, &found)
            })
            .await?;
        Ok(saved)
    }
}

/// A field as it is kept with its line; one that cannot be kept stays as it was entered.
fn kept(
    checked: std::result::Result<(String, FieldLine), FieldLine>,
    entered: String,
) -> (String, FieldLine) {
    checked.unwrap_or_else(|line| (entered, line))
}

fn refuse_immutable(found: &Provider, edit: &ProviderEdit) -> Result<()> {
    let differs = |wished: &Option<String>, is: &str| wished.as_deref().is_some_and(|text| text != is);
    let (what, why) = if differs(&edit.name, &found.name) {
        ("display name", "other settings and the audit log know it by that")
    } else if differs(&edit.link_key, &found.link_key) {
        ("link key", "every account is tied to its person by it")
    } else {
        return Ok(());
    };
    Err(Error::refused(
        microsoft_365::IMMUTABLE,
        format!(
            "the {what} of the provider \"{}\" cannot be changed: {why}",
            found.name
        ),
        "Change the label, which is shown beside the name; for anything else add another provider.",
    ))
}
