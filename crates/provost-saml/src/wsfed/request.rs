//! Reading a request: parameters of a query or a form.

use percent_encoding::percent_decode_str;

use crate::binding::MAX_QUERY;
use crate::error::{Error, Result};
use crate::response::Party;

/// The longest `wctx`, which goes back unchanged. Microsoft 365 sends about two thousand characters.
pub const MAX_CONTEXT: usize = 8 * 1024;

/// What somebody's browser came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInRequest {
    /// `wsignin1.0`.
    SignIn(SignIn),
    /// `wsignout1.0`: sign out here, and show it.
    SignOut,
    /// `wsignoutcleanup1.0`: forget the application's session; it may come from a frame or a picture.
    CleanUp,
}

/// A request to sign in.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SignIn {
    /// `wctx`: goes back unchanged.
    pub context: Option<String>,
    /// `wreply`, if it is one of the application's addresses; any other one is left out of account.
    pub reply: Option<String>,
    /// `wfresh`: how old the sign-in may be, in minutes; 0 asks for a fresh one.
    pub max_age_minutes: Option<u32>,
    /// `wauth` asks for two factors.
    pub multiple_factors: bool,
    /// Who it probably is: fills a field in, and decides nothing.
    pub login_hint: Option<String>,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("max_age_minutes", &self.max_age_minutes)
            .field("multiple_factors", &self.multiple_factors)
            .finish_non_exhaustive()
    }
}

impl SignInRequest {
    /// Reads a query, or the body of a form. Unknown parameters are left alone; `wreq` and `wreqptr` are never followed.
    ///
    /// # Errors
    /// [`Error::TooLarge`] over 16 KiB, [`Error::Parameter`] for one that stands there twice or is not readable,
    /// [`Error::Action`] for another action, [`Error::UnknownParty`] for another realm.
    pub fn parse(query: &str, party: &Party) -> Result<Self> {
        if query.len() > MAX_QUERY {
            return Err(Error::TooLarge { limit: MAX_QUERY });
        }
        match one(query, "wa")?.as_deref() {
            Some("wsignin1.0") => {}
            Some("wsignout1.0") => return Ok(Self::SignOut),
            Some("wsignoutcleanup1.0") => return Ok(Self::CleanUp),
            _ => return Err(Error::Action),
        }
        if !one(query, "wtrealm")?.is_some_and(|realm| party.is(&realm)) {
            return Err(Error::UnknownParty);
        }
        let context = one(query, "wctx")?;
        if context
            .as_ref()
            .is_some_and(|context| context.len() > MAX_CONTEXT)
        {
            return Err(Error::Parameter { name: "wctx" });
        }
        let fresh = match one(query, "wfresh")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| Error::Parameter { name: "wfresh" })?),
        };
        let hint = match one(query, "login_hint")? {
            None => one(query, "username")?,
            hint => hint,
        };
        Ok(Self::SignIn(SignIn {
            context,
            reply: one(query, "wreply")?.filter(|reply| party.reply(Some(reply)).is_ok()),
            max_age_minutes: fresh,
            multiple_factors: one(query, "wauth")?.as_deref()
                == Some("http://schemas.microsoft.com/claims/multipleauthn"),
            login_hint: hint.filter(|hint| !hint.is_empty() && hint.len() <= 320),
        }))
    }
}

/// The value of a parameter that may stand there once.
fn one(query: &str, name: &'static str) -> Result<Option<String>> {
    let mut found = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| *key == name);
    let Some((_, value)) = found.next() else {
        return Ok(None);
    };
    if found.next().is_some() {
        return Err(Error::Parameter { name });
    }
    let spaced = value.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| Error::Parameter { name })?;
    Ok(Some(decoded.into_owned()))
}
