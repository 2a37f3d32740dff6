//! What one workspace knows: the standard resource types, and the extensions that it defined.

use std::sync::{Arc, LazyLock};

use super::{Extension, MAX_EXTENSIONS, ResourceType, Schema, tables};
use crate::error::{Error, Result};

static STANDARD: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    Arc::new(Catalogue {
        user: tables::user_type(),
        group: tables::group_type(),
    })
});

/// The resource type of people, with the enterprise extension and no other.
#[must_use]
pub fn user() -> &'static ResourceType {
    &STANDARD.user
}

/// The resource type of groups, without extensions.
#[must_use]
pub fn group() -> &'static ResourceType {
    &STANDARD.group
}

/// The resource types of a workspace. Large and unchanging: it is shared, never copied.
#[derive(Debug, PartialEq)]
pub struct Catalogue {
    user: ResourceType,
    group: ResourceType,
}

impl Catalogue {
    /// What a workspace knows that defined nothing itself.
    #[must_use]
    pub fn standard() -> Arc<Self> {
        Arc::clone(&STANDARD)
    }

    /// The standard resource types with these extensions.
    ///
    /// # Errors
    /// 400 `invalidValue` for more than [`MAX_EXTENSIONS`], for two with the same URN in any letter case,
    /// and for a URN that goes on from another one by a colon: `urn:a:b:c` would be the attribute `c` of
    /// `urn:a:b`.
    pub fn with(extensions: &[Extension]) -> Result<Self> {
        if extensions.len() > MAX_EXTENSIONS {
            return Err(Error::invalid_value(format!(
                "a workspace has at most {MAX_EXTENSIONS} schema extensions; these are {}",
                extensions.len()
            )));
        }
        let mut catalogue = Self {
            user: tables::user_type(),
            group: tables::group_type(),
        };
        for extension in extensions {
            catalogue.add(extension)?;
        }
        Ok(catalogue)
    }

    fn add(&mut self, extension: &Extension) -> Result<()> {
        let urn = extension.schema.id.as_str();
        let mut known = self.schemas();
        if let Some(other) = known.find(|schema| collide(&schema.id, urn)) {
            return Err(Error::invalid_value(if other.id.eq_ignore_ascii_case(urn) {
                format!("{urn} is defined already: a schema has one definition in a workspace")
            } else {
                format!(
                    "{urn} and {} cannot be told apart in a path: choose another URN",
                    other.id
                )
            }));
        }
        drop(known);
        let rt = if extension.resource == self.group.name {
            &mut self.group
        } else {
            &mut self.user
        };
        rt.extensions.push((extension.schema.clone(), extension.required));
        Ok(())
    }

    /// The resource type of people.
    #[must_use]
    pub fn user(&self) -> &ResourceType {
        &self.user
    }

    /// The resource type of groups.
    #[must_use]
    pub fn group(&self) -> &ResourceType {
        &self.group
    }

    /// Both, in the order in which they are listed.
    #[must_use]
    pub fn all(&self) -> [&ResourceType; 2] {
        [&self.user, &self.group]
    }

    /// The resource type of that name, `User` or `Group`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&ResourceType> {
        self.all().into_iter().find(|rt| rt.name == name)
    }

    /// Every schema: the cores first, then the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        let cores = self.all().into_iter().map(|rt| &rt.schema);
        let extensions = self.all().into_iter().flat_map(|rt| &rt.extensions);
        cores.chain(extensions.map(|(schema, _)| schema))
    }
}

/// Whether two URNs are the same, or one is the beginning of the other up to a colon.
fn collide(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let begins = long
        .get(..short.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(short));
    begins && matches!(long.as_bytes().get(short.len()), None | Some(b':'))
}
