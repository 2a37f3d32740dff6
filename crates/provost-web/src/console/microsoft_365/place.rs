//! Finding a provider by the name in an address, and what stands on top of each of its pages.

use super::words;
use crate::console::address::Space;
use crate::console::connections::Tab;
use crate::console::page::Frame;
use crate::console::refusal::{Refusal, Result};
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use provost_store::microsoft_365::{self, Provider};

/// The workspace and the provider's name of an address.
pub(super) type Named = std::result::Result<Path<(String, String)>, PathRejection>;

/// A provider and where its pages are.
pub(super) struct Place {
    pub provider: Provider,
    pub space: Space,
}

/// What stands on top of every page of a provider.
pub(super) struct Head {
    pub name: String,
    pub label: String,
    /// The word of its state, a key of the catalogue, and the colour.
    pub state: &'static str,
    pub class: &'static str,
    /// What it does and does not do yet, a key of the catalogue.
    pub does: &'static str,
    pub tabs: Vec<Tab>,
}

/// The sections of a provider: the path below its page, and the label.
const SECTIONS: [(&str, &str); 8] = [
    ("", text("State")),
    ("general", text("General")),
    ("authentication", text("Authentication")),
    ("provisioning", text("Provisioning")),
    ("migration", text("Migration")),
    ("identifiers", text("Identifiers")),
    ("federation", text("Federation")),
    ("mode", text("Mode")),
];

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
        .read_short(move |tx| microsoft_365::by_name(tx, workspace, &wanted))
        .await?;
    let provider = found.ok_or_else(|| {
        let shown: String = name.chars().take(100).collect();
        Refusal::Absent(format!(
            "There is no Microsoft 365 provider \"{shown}\". The list of providers shows those that there are."
        ))
    })?;
    Ok(Place {
        provider,
        space: Space::of(inside),
    })
}

impl Place {
    /// A page of the provider; an empty path is its first one.
    pub fn at(&self, path: &str) -> String {
        let mut segments = vec!["microsoft-365", self.provider.name.as_str()];
        segments.extend(path.split('/').filter(|part| !part.is_empty()));
        self.space.to(&segments)
    }

    /// What stands on top of the page at this path.
    pub fn head(&self, here: &str) -> Head {
        let (state, class) = words::state(&self.provider);
        let tab = |(path, label): &(&str, &'static str)| Tab {
            label,
            address: self.at(path),
            is_here: *path == here,
        };
        Head {
            name: self.provider.name.clone(),
            label: self.provider.label.clone(),
            state,
            class,
            does: words::does(&self.provider),
            tabs: SECTIONS.iter().map(tab).collect(),
        }
    }

    /// The frame of a page of the provider.
    pub fn frame(&self, visitor: &Visitor, title: &'static str) -> Frame {
        let language = visitor.language;
        let name = &self.provider.name;
        let frame = match title {
            "" => Frame::new(visitor, name.clone()),
            title => Frame::new(visitor, format!("{} · {name}", language.t(title))),
        };
        let frame = frame.below(self.space.at("/providers"), language.t(text("Providers")));
        match title {
            "" => frame,
            _ => frame.below(self.at(""), name),
        }
    }
}
