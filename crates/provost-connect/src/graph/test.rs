//! The connection test: one named step after another, without writing.

use std::sync::Arc;

use super::Graph;
use super::cause;
use super::facts::{Domain, Facts};
use super::permission::{Function, Need, Permissions};
use crate::{Cause, Check, Error, Result, Target};

/// What a step found; whether to go on follows from it.
type Found = Result<String>;

impl Graph {
    /// Stops at the first step that fails: what follows would fail for the same reason.
    pub(crate) async fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        self.try_all(&mut checks).await;
        checks
    }

    /// `None` as soon as a step failed.
    async fn try_all(&self, checks: &mut Vec<Check>) -> Option<()> {
        add(checks, "name resolution", self.resolved().await)?;
        add(checks, "TLS", self.protected().await)?;
        add(checks, "sign-in", self.signed_in().await)?;
        let organisation = self.organisation().await;
        let (id, name, verified) = self.whose(checks, organisation)?;
        let permissions = self.probe().await;
        add(
            checks,
            "permissions",
            permissions.and_then(|found| self.judged(&found)),
        )?;
        let people = self.reads("/users?$top=1&$select=id", &cause::READ_PEOPLE).await;
        add(
            checks,
            "read people",
            people.map(|()| "people can be read".to_owned()),
        )?;
        if self.functions.contains(&Function::Groups) {
            let groups = self.reads("/groups?$top=1&$select=id", &cause::READ_GROUPS).await;
            add(
                checks,
                "read groups",
                groups.map(|()| "groups can be read".to_owned()),
            )?;
        }
        let products = if self.functions.contains(&Function::Licences) {
            let products = self.products().await;
            let said = products.as_ref().map(|p| seats(p)).map_err(Clone::clone);
            add(checks, "licences", because(said, &cause::READ_LICENCES))?;
            products.ok()
        } else {
            None
        };
        let domains = self.all_domains(verified).await;
        add(
            checks,
            "domains",
            domains.as_ref().map_err(Clone::clone).and_then(|d| named(d)),
        )?;
        if let Ok(domains) = domains {
            self.facts.put(Facts {
                id,
                name,
                domains,
                products,
            });
        }
        Some(())
    }

    /// Both hosts: the one that signs in and the one that is written to.
    async fn resolved(&self) -> Found {
        let (sign_in, login) = self.wire.tokens.place();
        let graph = self.wire.url("/organization")?;
        sign_in.resolve(login).await?;
        self.wire.client.resolve(&graph).await?;
        let host = |url: &url::Url| url.host_str().unwrap_or_default().to_owned();
        Ok(format!("{} and {} are known", host(login), host(&graph)))
    }

    async fn protected(&self) -> Found {
        let (sign_in, login) = self.wire.tokens.place();
        sign_in.reach(login).await?;
        self.wire.client.reach(&self.wire.url("/organization")?).await?;
        Ok("both hosts answer, and over https their certificates are trusted".to_owned())
    }

    async fn signed_in(&self) -> Found {
        self.wire.tokens.get().await?;
        Ok("the credential is accepted".to_owned())
    }

    /// The organisation, which has to be the one that was entered.
    fn whose(
        &self,
        checks: &mut Vec<Check>,
        organisation: Result<(String, String, Vec<Domain>)>,
    ) -> Option<(String, String, Vec<Domain>)> {
        let found = because(organisation, &cause::READ_TENANT).and_then(|found| {
            let (id, name, domains) = &found;
            let entered = &self.tenant;
            let is_id = uuid::Uuid::try_parse(entered).is_ok();
            let same = if is_id {
                id.eq_ignore_ascii_case(entered)
            } else {
                // The sign-in service knows domains that the list leaves out, so only an empty answer speaks against.
                !id.is_empty()
            };
            if !same {
                let detail = format!("{name} with the id {id}, not {entered}");
                return Err(setup(&cause::TENANT_OTHER, detail));
            }
            let names: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
            let said = format!("the tenant is {name} with the domains {}", names.join(", "));
            Ok((crate::error::quote(&said), found))
        });
        match found {
            Ok((said, organisation)) => {
                add(checks, "tenant", Ok(said))?;
                Some(organisation)
            }
            Err(error) => {
                add(checks, "tenant", Err(error));
                None
            }
        }
    }

    /// What the probe means for the functions that are switched on.
    fn judged(&self, permissions: &Permissions) -> Found {
        if permissions.unknown {
            return Ok(
                "what is granted cannot be told: the token does not show it, and asking needs Application.Read.All; what follows shows what works"
                    .to_owned(),
            );
        }
        if !permissions.missing.is_empty() {
            let detail = lines(&permissions.missing);
            return Err(setup(&cause::PERMISSION_MISSING, detail));
        }
        let mut said = format!(
            "all that {} need is granted",
            self.functions
                .iter()
                .map(|f| f.name())
                .collect::<Vec<_>>()
                .join(", ")
        );
        if !permissions.excess.is_empty() {
            said.push_str("; not needed: ");
            said.push_str(&permissions.excess.join(", "));
        }
        if !permissions.advised.is_empty() {
            said.push_str("; good to have, to see who is an administrator: ");
            let advised: Vec<&str> = permissions
                .advised
                .iter()
                .map(|n| n.permission.as_str())
                .collect();
            said.push_str(&advised.join(", "));
        }
        Ok(crate::error::quote(&said))
    }

    async fn reads(&self, path: &str, cause: &'static Cause) -> Result<()> {
        because(self.read_json(path, "reading").await.map(drop), cause)
    }

    /// The domains; those that the organisation tells where more is neither permitted nor needed.
    async fn all_domains(&self, verified: Vec<Domain>) -> Result<Vec<Domain>> {
        let needed = self.functions.contains(&Function::Federation);
        match self.domains().await {
            Err(Error::Forbidden { .. }) if !needed => Ok(verified),
            outcome => because(outcome, &cause::READ_DOMAINS),
        }
    }

    /// The facts as they were read last.
    pub(crate) fn known(&self) -> Option<Arc<Facts>> {
        self.facts.any()
    }
}

/// Notes a step; `None` when it failed.
fn add(checks: &mut Vec<Check>, name: &'static str, outcome: Found) -> Option<()> {
    let good = outcome.is_ok();
    checks.push(Check { name, outcome });
    good.then_some(())
}

fn setup(cause: &'static Cause, detail: String) -> Error {
    Error::Setup { cause, detail }
}

/// Gives a refusal of Graph its name. A token that the sign-in service gave and Graph refuses is one of another cloud.
fn because<T>(outcome: Result<T>, forbidden: &'static Cause) -> Result<T> {
    outcome.map_err(|error| match error {
        Error::Forbidden { reason, .. } => setup(forbidden, reason),
        Error::Credential {
            host,
            reason,
            cause: None,
        } => {
            let identity = reason.contains("Authorization_Identity");
            let cause = if identity {
                &cause::APP_DISABLED
            } else {
                &cause::CLOUD
            };
            Error::Credential {
                host,
                reason: format!("{}: {reason}", cause.sentence),
                cause: Some(cause),
            }
        }
        other => other,
    })
}

/// "people need User.ReadWrite.All (or Directory.ReadWrite.All)", one after the other.
fn lines(needs: &[Need]) -> String {
    let line = |need: &Need| {
        let mut line = format!("{} need {}", need.function.name(), need.permission);
        if !need.also_enough.is_empty() {
            line.push_str(&format!(" (or {})", need.also_enough.join(", ")));
        }
        line
    };
    needs.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn seats(products: &[crate::Product]) -> String {
    let line = |product: &crate::Product| {
        format!(
            "{}: {} of {} seats free",
            product.name,
            product.free(),
            product.enabled + product.warning
        )
    };
    let assignable: Vec<String> = products.iter().filter(|p| p.assignable).map(line).collect();
    if assignable.is_empty() {
        return "the organisation owns no licences that people could have".to_owned();
    }
    crate::error::quote(&assignable.join(", "))
}

fn named(domains: &[Domain]) -> Found {
    let verified: Vec<&Domain> = domains.iter().filter(|domain| domain.verified).collect();
    if verified.is_empty() {
        let detail = format!("{} domains, none of them verified", domains.len());
        return Err(setup(&cause::DOMAINS, detail));
    }
    let line = |domain: &&Domain| {
        let mut line = domain.name.clone();
        if domain.default {
            line.push_str(" (default)");
        }
        if domain.federated {
            line.push_str(" (people sign in elsewhere)");
        }
        line
    };
    let said = verified.iter().map(line).collect::<Vec<_>>().join(", ");
    Ok(crate::error::quote(&format!("accounts can be named in {said}")))
}
