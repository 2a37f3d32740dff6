//! Finding a provider by the name in an address, and what stands on top of each of its pages.

use crate::console::address::Space;
use crate::console::page::Frame;
use crate::console::refusal::{Refusal, Result};
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use provost_scim::leniency::Dialect;
use provost_store::provider::{self, Provider, State as Standing};

/// The workspace and the provider's name of an address.
pub(super) type Named = std::result::Result<Path<(String, String)>, PathRejection>;

/// A provider and where its pages are.
pub(super) struct Place {
    pub provider: Provider,
    pub space: Space,
}

/// The provider of an address.
///
/// # Errors
/// [`Refusal::Absent`] when the workspace has none of that name.
pub(super) async fn find(state: &State, visitor: &Visitor, named: Named) -> Result<Place> {
    let Path((_, name)) = named.map_err(Refusal::address)?;
    let inside = visitor.workspace()?;
    let (workspace, wanted) = (inside.key, name.clone());
    let found = state
        .db()
        .read_short(move |tx| provider::by_name(tx, workspace, &wanted))
        .await?;
    let provider = found.ok_or_else(|| {
        let shown: String = name.chars().take(100).collect();
        Refusal::Absent(format!(
            "There is no inbound provider \"{shown}\". The list of providers shows those that there are."
        ))
    })?;
    Ok(Place {
        provider,
        space: Space::of(inside),
    })
}

/// What stands on top of every page of a provider.
pub(super) struct Head {
    pub name: String,
    /// The word of its state, a key of the catalogue, and the colour.
    pub state: &'static str,
    pub class: &'static str,
    /// Its sections.
    pub tabs: Vec<Tab>,
}

/// A section.
pub(super) struct Tab {
    pub label: &'static str,
    pub address: String,
    pub is_here: bool,
}

/// The section about the consent of Microsoft Entra: of no use to other systems.
const AUTHENTICATE: &str = "authenticate";

/// The sections of a provider: the path below its page, and the label.
const SECTIONS: [(&str, &str); 8] = [
    ("", text("General")),
    (AUTHENTICATE, text("Authenticate")),
    ("tokens", text("Tokens and clients")),
    ("traffic", text("Networks and limits")),
    ("sheet", text("Attribute sheet")),
    ("requests", text("Requests")),
    ("habits", text("Habits")),
    ("setup-links", text("Setup links")),
];

impl Place {
    /// A page of the provider; an empty path is its first one.
    pub fn at(&self, path: &str) -> String {
        let mut segments = vec!["providers", self.provider.name.as_str()];
        segments.extend(path.split('/').filter(|part| !part.is_empty()));
        self.space.to(&segments)
    }

    /// What stands on top of the page at this path.
    pub fn head(&self, here: &str) -> Head {
        let (state, class) = word(&self.provider);
        let tab = |(path, label): &(&str, &'static str)| Tab {
            label,
            address: self.at(path),
            is_here: *path == here,
        };
        Head {
            name: self.provider.name.clone(),
            state,
            class,
            tabs: SECTIONS
                .iter()
                .filter(|(path, _)| {
                    *path == here || *path != AUTHENTICATE || may_be(&self.provider, Dialect::Entra)
                })
                .map(tab)
                .collect(),
        }
    }

    /// The frame of a page of the provider.
    pub fn frame(&self, visitor: &Visitor) -> Frame {
        let above = visitor.language.t(text("Inbound providers"));
        Frame::new(visitor, self.provider.name.clone()).below(self.space.at("/providers"), above)
    }
}

/// Whether nothing says that a provider is another system than this one: neither its settings nor what it sent.
pub(in crate::console) fn may_be(provider: &Provider, system: Dialect) -> bool {
    let known = [provider.settings.dialect, provider.seen];
    known.into_iter().flatten().all(|dialect| dialect.may_be(system))
}

/// The word of a provider's state, and its colour.
pub(super) fn word(provider: &Provider) -> (&'static str, &'static str) {
    match (provider.state, provider.first_request) {
        (Standing::Draft, _) => (text("draft"), "partial"),
        (Standing::Off, _) => (text("off"), "paused"),
        (Standing::Saved, None) => (text("waiting for the first request"), "partial"),
        (Standing::Saved, Some(_)) => (text("in use"), "active"),
    }
}

/// The address that identity providers send to. Without a configured address it is the one by which the console was
/// reached.
pub(super) fn tenant_url(state: &State, headers: &HeaderMap) -> String {
    format!("{}/scim/v2", hub_url(state, headers))
}

/// The address of this server. Without a configured one it is that by which the console was reached.
pub(crate) fn hub_url(state: &State, headers: &HeaderMap) -> String {
    match &state.settings().public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", host(headers)),
    }
}

/// What identity providers can reach and will send to: they refuse an address without encryption.
pub(super) fn is_reachable(state: &State) -> bool {
    state.is_https()
}

/// Letters, digits and what separates labels, addresses and ports: nothing that could end an address early.
fn host(headers: &HeaderMap) -> &str {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let sent = headers.get(HOST).and_then(|host| host.to_str().ok());
    sent.filter(|host| !host.is_empty() && host.len() <= 255 && host.bytes().all(allowed))
        .unwrap_or("localhost")
}
