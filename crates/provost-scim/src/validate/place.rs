//! Where a value stands, for the sentence that says what is wrong with it.

use std::fmt;

/// A place in a resource: `emails[0].value`, or `urn:…:User:manager.value`. Borrowed all through, so that
/// carrying it costs nothing until it is printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    urn: Option<&'a str>,
    name: &'a str,
    index: Option<usize>,
    sub: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// An attribute of the core schema, or of the extension with that URN.
    pub(crate) const fn new(urn: Option<&'a str>, name: &'a str) -> Self {
        Self {
            urn,
            name,
            index: None,
            sub: None,
        }
    }

    /// One element of the list, counted from 0.
    pub(crate) const fn element(self, index: usize) -> Self {
        Self {
            index: Some(index),
            ..self
        }
    }

    /// A sub-attribute.
    pub(crate) const fn sub<'b>(self, name: &'b str) -> Place<'b>
    where
        'a: 'b,
    {
        Place {
            urn: self.urn,
            name: self.name,
            index: self.index,
            sub: Some(name),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&shown(self.name))?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        match self.sub {
            Some(sub) => write!(f, ".{}", shown(sub)),
            None => Ok(()),
        }
    }
}

/// Names come from the caller: a long one is cut, so that an answer stays short.
fn shown(name: &str) -> String {
    const LIMIT: usize = 120;
    match name.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_like_a_path() {
        assert_eq!(Place::new(None, "userName").to_string(), "userName");
        assert_eq!(
            Place::new(None, "emails").element(2).sub("value").to_string(),
            "emails[2].value"
        );
        assert_eq!(
            Place::new(Some("urn:x"), "manager").sub("value").to_string(),
            "urn:x:manager.value"
        );
        assert_eq!(
            Place::new(None, &"ü".repeat(500)).to_string().chars().count(),
            121
        );
    }
}
