//! Whose the domain is: asked of Microsoft's sign-in service, which tells everybody, or, once there are credentials,
//! of the tenant itself.

use super::draft::{FieldLine, ProviderChecked};
use super::field;
use crate::Engine;
use crate::open;
use crate::proposal::Proposal;
use provost_connect::graph::cloud::Cloud;
use provost_connect::graph::whose::SignIn;
use provost_connect::{Error as TargetError, Organisation};
use provost_store::microsoft_365::{DomainState, Look, Provider};
use serde_json::Value;
use uuid::Uuid;

/// What is looked for: both names in their canonical form.
pub(super) struct Wanted<'a> {
    pub domain: &'a str,
    pub tenant_name: &'a str,
    /// The cloud, and addresses that are not Microsoft's.
    pub settings: &'a Value,
}

/// What a look showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub state: DomainState,
    pub tenant_id: Option<String>,
    /// Whether the answer was one: else nobody knows more than before.
    pub is_certain: bool,
    /// Lines for the fields `domain` and `tenant_name` that replace those of their form.
    pub lines: Vec<FieldLine>,
}

impl Seen {
    fn verified(tenant_id: String) -> Self {
        Self {
            state: DomainState::Verified,
            tenant_id: Some(tenant_id),
            is_certain: true,
            lines: Vec::new(),
        }
    }

    fn not(tenant_id: Option<String>, is_certain: bool, line: FieldLine) -> Self {
        Self {
            state: DomainState::Unverified,
            tenant_id,
            is_certain,
            lines: vec![line],
        }
    }

    pub(super) fn look(&self) -> Look {
        Look {
            domain: self.state,
            tenant_id: self.tenant_id.clone(),
        }
    }

    /// Puts what was seen into what is said to the fields.
    pub(super) fn tell(self, checked: &mut ProviderChecked) {
        for line in self.lines {
            match checked.lines.iter_mut().find(|known| known.field == line.field) {
                Some(known) if known.ok => *known = line,
                _ => {}
            }
        }
        checked.domain = self.state;
        checked.tenant_id = self.tenant_id;
    }
}

/// The initial domain of a tenant.
pub(crate) fn initial_domain(settings: &Value, tenant_name: &str) -> String {
    let word = settings.get("cloud").and_then(Value::as_str).unwrap_or_default();
    let cloud = field::cloud(word).unwrap_or(Cloud::Global);
    format!("{tenant_name}.{}", cloud.initial_suffix())
}

impl Engine {
    /// Asks Microsoft's sign-in service. No credential is needed.
    pub(super) async fn look_publicly(&self, wanted: &Wanted<'_>) -> Seen {
        let service = match SignIn::of(wanted.settings, &self.http) {
            Ok(service) => service,
            Err(error) => return unreachable(&error),
        };
        let initial = initial_domain(wanted.settings, wanted.tenant_name);
        let (domain, tenant) = futures::join!(service.tenant_of(wanted.domain), service.tenant_of(&initial));
        match (domain, tenant) {
            (Ok(domain), Ok(tenant)) => judge(wanted, &initial, domain, tenant),
            (Err(error), _) | (_, Err(error)) => unreachable(&error),
        }
    }

    /// Asks the tenant itself where the provider's connection works, else the sign-in service.
    pub(super) async fn look_at(&self, provider: &Provider, wanted: &Wanted<'_>) -> Seen {
        if let Some(connection) = provider.connection {
            match self.organisation(connection).await {
                Ok(Some(organisation)) => return judge_organisation(wanted, &organisation),
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "the tenant cannot be asked, so the sign-in service is");
                }
            }
        }
        self.look_publicly(wanted).await
    }

    async fn organisation(&self, connection: i64) -> crate::Result<Option<Organisation>> {
        let open = open::open_with(self, connection, &Proposal::without_rules()).await?;
        Ok(open.target.organisation().await?)
    }
}

fn unreachable(error: &TargetError) -> Seen {
    let sentence = format!(
        "it could not be asked whose the domain is, so it stays unverified: {error}. {}",
        error.hint()
    );
    Seen::not(None, false, FieldLine::note("domain", sentence))
}

/// What the sign-in service's two answers mean together.
fn judge(wanted: &Wanted<'_>, initial: &str, domain: Option<Uuid>, tenant: Option<Uuid>) -> Seen {
    let of = tenant.map(|id| id.hyphenated().to_string());
    match (domain, tenant) {
        (Some(one), Some(other)) if one == other => Seen::verified(one.hyphenated().to_string()),
        (Some(_), Some(_)) => Seen::not(of, true, mismatch(wanted.domain, initial)),
        (Some(_), None) => {
            let sentence = format!(
                "{} is proved, but not in a tenant with the initial domain {initial}: there is none",
                wanted.domain
            );
            Seen::not(None, true, of_another(sentence))
        }
        (None, _) => {
            let sentence = format!(
                "no tenant has proved {} yet, so the provider stays a draft until one has",
                wanted.domain
            );
            Seen::not(of, true, FieldLine::note("domain", sentence))
        }
    }
}

/// What the tenant itself says of its domains.
pub(super) fn judge_organisation(wanted: &Wanted<'_>, organisation: &Organisation) -> Seen {
    let id = Some(organisation.id.to_ascii_lowercase());
    let Some(domain) = organisation.domain(wanted.domain) else {
        let names: Vec<&str> = organisation.domains.iter().map(|d| d.name.as_str()).collect();
        let sentence = format!(
            "{} is not among the verified domains of the tenant {}: {}",
            wanted.domain,
            organisation.name,
            names.join(", ")
        );
        let hint =
            "Verify the domain in the tenant (admin.microsoft.com, Settings, Domains), or enter one that is.";
        return Seen::not(
            None,
            true,
            FieldLine::wrong("domain", "PRV-DOMAIN-NOT-IN-TENANT", sentence, hint),
        );
    };
    if domain.is_initial {
        let sentence = format!(
            "{} is the initial domain of the tenant, and it cannot be federated",
            domain.name
        );
        let hint = "Enter a domain of your own that is verified in the tenant.";
        return Seen::not(
            id,
            true,
            FieldLine::wrong("domain", "PRV-DOMAIN-INITIAL", sentence, hint),
        );
    }
    let initial = initial_domain(wanted.settings, wanted.tenant_name);
    if organisation.domain(&initial).is_none() {
        return Seen::not(id, true, mismatch(wanted.domain, &initial));
    }
    Seen::verified(organisation.id.to_ascii_lowercase())
}

fn mismatch(domain: &str, initial: &str) -> FieldLine {
    of_another(format!("{domain} and {initial} belong to two different tenants"))
}

fn of_another(sentence: String) -> FieldLine {
    let hint = "Enter the name of the tenant in which the domain is verified; its overview shows it as the initial domain.";
    FieldLine::wrong("tenant_name", "PRV-TENANT-MISMATCH", sentence, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_connect::OrganisationDomain;

    const NULL: Value = Value::Null;

    fn wanted() -> Wanted<'static> {
        Wanted {
            domain: "contoso.example",
            tenant_name: "contoso",
            settings: &NULL,
        }
    }

    fn codes(seen: &Seen) -> Vec<(&str, &str)> {
        seen.lines
            .iter()
            .map(|line| (line.field, line.code.as_str()))
            .collect()
    }

    #[test]
    fn both_names_of_one_tenant_prove_the_domain_and_nothing_less() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let judged = |domain, tenant| judge(&wanted(), "contoso.onmicrosoft.com", domain, tenant);
        let seen = judged(Some(one), Some(one));
        assert_eq!(
            (seen.state, seen.tenant_id),
            (DomainState::Verified, Some(one.to_string()))
        );
        let seen = judged(Some(one), Some(other));
        assert_eq!(codes(&seen), [("tenant_name", "PRV-TENANT-MISMATCH")]);
        assert_eq!(
            codes(&judged(Some(one), None)),
            [("tenant_name", "PRV-TENANT-MISMATCH")]
        );
        for tenant in [Some(other), None] {
            let seen = judged(None, tenant);
            assert_eq!(codes(&seen), [("domain", "")]);
            assert!(seen.is_certain && seen.state == DomainState::Unverified);
            assert_eq!(seen.tenant_id, tenant.map(|id| id.to_string()));
        }
    }

    #[test]
    fn the_tenant_itself_has_the_last_word() {
        let domain = |name: &str, is_initial| OrganisationDomain {
            name: name.to_owned(),
            is_initial,
            is_federated: false,
        };
        let of = |domains: Vec<OrganisationDomain>| Organisation {
            id: "6F1C2C2E-5B0A-4D2E-9A63-0F1E7C0DE365".to_owned(),
            name: "Contoso".to_owned(),
            domains,
        };
        let initial = domain("contoso.onmicrosoft.com", true);
        let own = domain("contoso.example", false);
        let judged = |domains| judge_organisation(&wanted(), &of(domains));
        let seen = judged(vec![own.clone(), initial.clone()]);
        assert_eq!(
            seen,
            Seen::verified("6f1c2c2e-5b0a-4d2e-9a63-0f1e7c0de365".to_owned())
        );
        assert_eq!(
            codes(&judged(vec![initial])),
            [("domain", "PRV-DOMAIN-NOT-IN-TENANT")]
        );
        assert_eq!(
            codes(&judged(vec![own])),
            [("tenant_name", "PRV-TENANT-MISMATCH")]
        );
        let taken_as_own = judged(vec![domain("contoso.example", true)]);
        assert_eq!(codes(&taken_as_own), [("domain", "PRV-DOMAIN-INITIAL")]);
    }

    #[test]
    fn the_initial_domain_follows_the_cloud() {
        let of = |settings: Value| initial_domain(&settings, "contoso");
        assert_eq!(of(Value::Null), "contoso.onmicrosoft.com");
        assert_eq!(
            of(serde_json::json!({"cloud": "china"})),
            "contoso.partner.onmschina.cn"
        );
    }
}
