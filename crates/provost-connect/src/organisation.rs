//! Who a target's organisation is.

/// The organisation that a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The target's id of it (Microsoft Graph: the tenant's id).
    pub id: String,
    /// Its display name.
    pub name: String,
    /// Its verified domains, the default one first.
    pub domains: Vec<OrganisationDomain>,
}

/// A domain that an organisation has proved to own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationDomain {
    /// Lower case.
    pub name: String,
    /// Whether it is the one that came with the organisation, as far as the target tells.
    pub is_initial: bool,
    /// Whether its people sign in at another identity provider.
    pub is_federated: bool,
}

impl Organisation {
    /// Its domain of this name.
    pub fn domain(&self, name: &str) -> Option<&OrganisationDomain> {
        self.domains
            .iter()
            .find(|domain| domain.name.eq_ignore_ascii_case(name))
    }
}
