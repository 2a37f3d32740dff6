//! The clouds that Microsoft runs, each with hosts of its own.
//!
//! Source: Microsoft Graph, "Microsoft Graph and identity service deployments".

use serde::{Deserialize, Serialize};

/// A cloud. A token of one is worthless in another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The worldwide cloud, and US Government GCC.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovernment,
    /// US Government L5 (Department of Defense).
    UsDod,
    /// China, operated by 21Vianet.
    China,
}

/// What initial domains end with, in clouds that are and in one that was. No such domain can be federated.
pub const INITIAL_SUFFIXES: [&str; 4] = [
    "onmicrosoft.com",
    "onmicrosoft.us",
    "partner.onmschina.cn",
    "onmicrosoft.de",
];

/// Hosts by which an address gives its cloud away: of sign-in, of Graph and of the portals.
const HOSTS: &[(&str, Cloud)] = &[
    ("login.microsoftonline.com", Cloud::Global),
    ("login.windows.net", Cloud::Global),
    ("login.microsoft.com", Cloud::Global),
    ("sts.windows.net", Cloud::Global),
    ("graph.microsoft.com", Cloud::Global),
    ("graph.windows.net", Cloud::Global),
    ("portal.azure.com", Cloud::Global),
    ("entra.microsoft.com", Cloud::Global),
    ("aad.portal.azure.com", Cloud::Global),
    ("login.microsoftonline.us", Cloud::UsGovernment),
    ("graph.microsoft.us", Cloud::UsGovernment),
    ("portal.azure.us", Cloud::UsGovernment),
    ("entra.microsoft.us", Cloud::UsGovernment),
    ("dod-graph.microsoft.us", Cloud::UsDod),
    ("login.chinacloudapi.cn", Cloud::China),
    ("login.partner.microsoftonline.cn", Cloud::China),
    ("microsoftgraph.chinacloudapi.cn", Cloud::China),
    ("portal.azure.cn", Cloud::China),
    ("entra.microsoftonline.cn", Cloud::China),
];

impl Cloud {
    /// Every cloud.
    pub const ALL: [Cloud; 4] = [Cloud::Global, Cloud::UsGovernment, Cloud::UsDod, Cloud::China];

    /// The word that stands in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGovernment => "us-government",
            Self::UsDod => "us-dod",
            Self::China => "china",
        }
    }

    /// The address that gives tokens, without a slash at the end.
    #[must_use]
    pub fn login_url(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovernment | Self::UsDod => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The root of Graph, without a slash at the end.
    #[must_use]
    pub fn graph_url(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGovernment => "https://graph.microsoft.us",
            Self::UsDod => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// What the initial domains of its tenants end with, without a dot in front.
    #[must_use]
    pub fn initial_suffix(self) -> &'static str {
        match self {
            Self::Global => "onmicrosoft.com",
            Self::UsGovernment | Self::UsDod => "onmicrosoft.us",
            Self::China => "partner.onmschina.cn",
        }
    }

    /// The cloud that a host belongs to. Both US Government clouds share their sign-in host; it stands for the
    /// first of them.
    pub(crate) fn of_host(host: &str) -> Option<Cloud> {
        HOSTS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(host))
            .map(|(_, cloud)| *cloud)
    }

    /// Whether an address of `other` may be used with this cloud: they sign in at the same place.
    pub(crate) fn shares_sign_in(self, other: Cloud) -> bool {
        self.login_url() == other.login_url()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_owns_its_hosts_and_its_word() {
        for cloud in Cloud::ALL {
            let host = |url: &'static str| url.strip_prefix("https://").unwrap();
            assert_eq!(Cloud::of_host(host(cloud.graph_url())), Some(cloud));
            let login = Cloud::of_host(host(cloud.login_url())).unwrap();
            assert!(cloud.shares_sign_in(login));
            assert_eq!(serde_json::to_value(cloud).unwrap(), cloud.name());
        }
        assert_eq!(Cloud::of_host("login.microsoftonline.de"), None, "it is gone");
        let known = |cloud: Cloud| INITIAL_SUFFIXES.contains(&cloud.initial_suffix());
        assert!(Cloud::ALL.into_iter().all(known));
    }
}
