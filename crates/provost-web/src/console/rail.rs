//! The rail on the left: where one can go from a page.

use super::address::Space;
use crate::policy::Act;
use crate::texts::text;
use crate::visitor::Visitor;

/// Pages that belong together.
pub(crate) struct Section {
    /// The heading; none above the first pages.
    pub heading: Option<&'static str>,
    pub items: Vec<Item>,
}

/// A way to a page.
pub(crate) struct Item {
    pub label: &'static str,
    pub address: String,
    /// Whether the page is this one, or above it.
    pub is_here: bool,
}

/// A path below a workspace, its label, and what a role has to allow.
type Way = (&'static str, &'static str, Act);

/// Paths below a workspace with their labels. What leads nowhere for a role is left out, not shown dead.
const SECTIONS: [(Option<&str>, &[Way]); 4] = [
    (
        None,
        &[
            ("", text("Overview"), Act::Look),
            ("/problems", text("Problems"), Act::Look),
            ("/guides", text("Guides"), Act::Look),
        ],
    ),
    (
        Some(text("Configuration")),
        &[
            ("/providers", text("Providers"), Act::Look),
            ("/add-provider", text("Add provider"), Act::Look),
            ("/credentials", text("Credentials"), Act::Look),
        ],
    ),
    (
        Some(text("Provisioning")),
        &[
            ("/connections", text("Connections"), Act::Look),
            ("/plans", text("Plans"), Act::Look),
            ("/staged", text("Staged steps"), Act::Look),
            ("/log", text("Provisioning log"), Act::Look),
            ("/drift", text("Drift"), Act::Look),
        ],
    ),
    (
        Some(text("Users & access")),
        &[
            ("/people", text("People"), Act::Look),
            ("/groups", text("Groups"), Act::Look),
            ("/administrators", text("Administrators"), Act::Own),
            ("/api-tokens", text("API tokens"), Act::Own),
            ("/audit", text("Audit"), Act::Look),
            ("/settings", text("Settings"), Act::Look),
        ],
    ),
];

/// Pages of a way whose path is another one: the way's path, and how theirs begins.
const BESIDE: [(&str, &str); 2] = [
    ("/providers", "/microsoft-365/"),
    ("/add-provider", "/new-microsoft-365"),
];

/// The rail of a page.
pub(crate) fn of(visitor: &Visitor) -> Vec<Section> {
    let Some(inside) = &visitor.inside else {
        return Vec::new();
    };
    let space = Space::of(inside);
    let path = visitor.here.split('?').next().unwrap_or_default();
    let item = |(below, label, act): &Way| {
        let address = space.at(below);
        let rest = path.strip_prefix(address.as_str());
        let is_beside = |(of, beside): &(&str, &str)| of == below && path.starts_with(&space.at(beside));
        let is_here = match rest {
            Some("") => true,
            Some(rest) => !below.is_empty() && rest.starts_with('/'),
            None => BESIDE.iter().any(is_beside),
        };
        visitor.may(*act).then_some(Item {
            label,
            address,
            is_here,
        })
    };
    let mut sections: Vec<Section> = SECTIONS
        .iter()
        .map(|(heading, items)| Section {
            heading: *heading,
            items: items.iter().filter_map(item).collect(),
        })
        .collect();
    // They belong to the installation, beside the tokens that an owner of it looks for at the same place.
    if let (true, Some(last)) = (visitor.signed.is_owner(), sections.last_mut()) {
        let tokens = space.at("/api-tokens");
        let after = last.items.iter().position(|item| item.address == tokens);
        let providers = Item {
            label: text("Sign-in providers"),
            address: "/signin-providers".to_owned(),
            is_here: false,
        };
        last.items.insert(after.map_or(0, |at| at + 1), providers);
    }
    sections
}
