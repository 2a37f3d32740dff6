//! The database's address.

use crate::failure::Failure;
use anyhow::Result;
use provost_store::Location;
use std::fmt;
use std::path::{Path, PathBuf};

/// Holds the password of the PostgreSQL user, so that it need not stand in a file.
const PASSWORD: &str = "PROVOST_DATABASE_PASSWORD";

/// Where the data is. `Debug` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self::Sqlite("provost.db".into())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

impl DatabaseUrl {
    /// Reads the text of the configuration.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(file) = text.strip_prefix("sqlite:") {
            if file.is_empty() {
                return Err("the database file has no name; write sqlite:provost.db".to_owned());
            }
            return Ok(Self::Sqlite(file.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("the database must begin with sqlite: or postgres://".to_owned())
    }

    /// The place itself, with the password of the environment.
    ///
    /// # Errors
    /// When there is a password in the environment but no user to whom it belongs.
    pub fn locate(&self, folder: &Path) -> Result<Location> {
        match self {
            Self::Sqlite(path) => Ok(Location::Sqlite(folder.join(path))),
            Self::Postgres(url) => match std::env::var(PASSWORD) {
                Ok(password) => Ok(Location::Postgres(with_password(url, &password)?)),
                Err(_) => Ok(Location::Postgres(url.clone())),
            },
        }
    }
}

/// Puts a password into a URL that has a user, in the place of one that stands there.
fn with_password(url: &str, password: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest[..authority_end].rfind('@') else {
        let hint = "Write the user into database.url: postgres://provost@host/database";
        return Err(Failure::new(format!("{PASSWORD} is set, but database.url names no user"), hint).into());
    };
    let user = rest[..at].split(':').next().unwrap_or_default();
    Ok(format!("{scheme}://{user}:{}{}", encode(password), &rest[at..]))
}

/// Percent-encodes everything that is not unreserved (RFC 3986 section 2.3).
fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_between_user_and_host() {
        let with = |url| with_password(url, "p@ss/w:rd").unwrap();
        assert_eq!(with("postgres://ann@db/p"), "postgres://ann:p%40ss%2Fw%3Ard@db/p");
        assert_eq!(
            with("postgres://ann:old@db:5432/p?x=1"),
            "postgres://ann:p%40ss%2Fw%3Ard@db:5432/p?x=1"
        );
        assert!(with_password("postgres://db/p?user=a@b", "x").is_err());
    }

    #[test]
    fn debug_shows_no_password() {
        let url = DatabaseUrl::parse("postgres://ann:canary@db/p").unwrap();
        assert!(!format!("{url:?} {:?}", url.locate(Path::new("/")).unwrap()).contains("canary"));
    }

    #[test]
    fn a_file_lies_in_the_folder_unless_it_is_absolute() {
        let place = |text| {
            DatabaseUrl::parse(text)
                .unwrap()
                .locate(Path::new("/data"))
                .unwrap()
        };
        assert_eq!(place("sqlite:a.db"), Location::Sqlite("/data/a.db".into()));
        assert_eq!(place("sqlite:/b/a.db"), Location::Sqlite("/b/a.db".into()));
    }
}
