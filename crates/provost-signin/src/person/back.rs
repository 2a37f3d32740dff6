//! Where a browser goes on after a person has signed in: kept here under a handle that works once, in one browser.

use super::People;
use super::ceremony::{self, Begun, Kind, Place};
use crate::limit::{self, Subject};
use crate::{Error, Result, Visit, random};
use serde::{Deserialize, Serialize};

/// The name of the parameter, and of the form's field, that carries the handle.
pub const RETURN: &str = "return";

/// Milliseconds for which a way back is kept.
const LIFE: i64 = 10 * 60_000;

/// Where a browser goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// The path and query at this server, as the part that sends the browser has put them together itself.
    pub to: String,
    /// Whether the person has to prove who they are once more, also when they are signed in.
    pub again: bool,
}

impl People {
    /// Keeps a way back for a browser, and answers the handle for the address of the sign-in:
    /// `/me/{workspace}/sign-in?return={handle}`. `browser` is the cookie by which the browser is known.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PERSON-RETURN`) for what is no path of this server; [`Error::Wait`] when too many are
    /// kept for one network.
    pub async fn keep_return(
        &self,
        workspace: i64,
        browser: &str,
        back: Return,
        visit: &Visit,
        now: i64,
    ) -> Result<String> {
        if !is_path(&back.to) {
            let sentence = "a way back has to be a path of this server";
            return Err(Error::refused(
                "PRV-PERSON-RETURN",
                sentence,
                "Begin at the application again.",
            ));
        }
        let text = random::text()?;
        let (name, place) = (text.clone(), Place::of_cookie(workspace, browser));
        let network = Subject::people(visit.address);
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::PEOPLE)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let begun = Begun {
                    text: &name,
                    kind: kind(back.again),
                    person: None,
                    state: &back,
                    life: LIFE,
                };
                Ok(Ok(ceremony::begin(tx, now, &place, &begun)?))
            })
            .await?;
        Ok(text)
    }

    /// Takes the way back of a browser whose person was signed in before: none where they have to prove it again first
    /// (it stays), and for a handle that is over, of another browser or workspace, or none.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn pass_return(
        &self,
        workspace: i64,
        browser: &str,
        handle: &str,
        now: i64,
    ) -> Result<Option<Return>> {
        self.take(workspace, browser, handle, &[Kind::Return], now).await
    }

    /// Takes the way back of a browser whose person has just proved who they are; none as for [`People::pass_return`].
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn take_return(
        &self,
        workspace: i64,
        browser: &str,
        handle: &str,
        now: i64,
    ) -> Result<Option<Return>> {
        self.take(
            workspace,
            browser,
            handle,
            &[Kind::Return, Kind::ReturnAgain],
            now,
        )
        .await
    }

    async fn take(
        &self,
        workspace: i64,
        browser: &str,
        handle: &str,
        kinds: &'static [Kind],
        now: i64,
    ) -> Result<Option<Return>> {
        if !random::is_well_formed(handle) {
            return Ok(None);
        }
        let (text, place) = (handle.to_owned(), Place::of_cookie(workspace, browser));
        self.0
            .write(move |tx| {
                for kind in kinds {
                    match ceremony::take(tx, now, &place, &text, *kind) {
                        Ok((_, back)) => return Ok(Some(back)),
                        Err(Error::Expired) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(None)
            })
            .await
    }
}

fn kind(again: bool) -> Kind {
    if again { Kind::ReturnAgain } else { Kind::Return }
}

/// Whether a text is a path that every browser takes for one of this server.
fn is_path(to: &str) -> bool {
    let begins = to.starts_with('/') && !to.starts_with("//");
    begins && !to.contains('\\') && !to.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn only_paths_of_this_server_are_ways_back() {
        assert!(is_path("/idp/Contoso/saml?request=1"));
        for to in [
            "",
            "idp",
            "//host.example/",
            "/\\host.example",
            "https://host.example/",
            "/\t/host.example",
            "/a b",
        ] {
            assert!(!is_path(to), "{to}");
        }
    }
}
