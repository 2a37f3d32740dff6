//! What an administrator enters for the application: its id, or an address that was copied from the portal.

use url::Url;
use uuid::Uuid;

/// Names under which addresses of the portals and of the sign-in service hold the application's id.
const NAMES: [&str; 3] = ["appid", "clientid", "client_id"];
/// What to do next.
const NEXT: &str =
    "copy the application's id (\"Application (client) ID\") from the app registration's overview";

/// The application's id (lower case, with hyphens) in what was entered.
///
/// # Errors
/// A sentence that says what it is instead and what to enter.
pub fn parse(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("it is empty: {NEXT}"));
    }
    if let Some(id) = guid(text) {
        return Ok(id);
    }
    if text.contains("://") {
        let shown = "the address does not hold an application's id";
        return in_address(text).ok_or_else(|| format!("{shown}: {NEXT}"));
    }
    // Not repeated: a secret is pasted into the wrong field more often than anything else.
    Err(format!(
        "what was entered is not an application's id, which looks like 2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f: {NEXT}"
    ))
}

/// Whether a text has the form of an id. No secret's value has: who enters one has copied the secret's id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    guid(text.trim()).is_some()
}

fn guid(text: &str) -> Option<String> {
    let bare = text.trim_start_matches('{').trim_end_matches('}');
    let id = Uuid::try_parse(bare).ok().filter(|id| !id.is_nil())?;
    (bare.len() == 36).then(|| id.hyphenated().to_string())
}

/// The portals put names and values between slashes behind the `#`; other addresses have them in their query.
fn in_address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let named = |name: &str| NAMES.contains(&name.to_ascii_lowercase().as_str());
    let mut pairs = url.query_pairs();
    if let Some((_, value)) = pairs.find(|(name, _)| named(name)) {
        return guid(&value);
    }
    let places = [url.fragment().unwrap_or_default(), url.path()];
    places.iter().find_map(|place| {
        let mut words = place.split(['/', '?', '&', '=']);
        words.find(|word| named(word))?;
        guid(words.next()?)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "2b7f1a90-4e3d-4c55-8f0a-1d2c3b4a5e6f";

    #[test]
    fn the_id_is_taken_out_of_what_the_portal_shows() {
        for text in [
            ID.to_owned(),
            format!("  {{{}}}\n", ID.to_uppercase()),
            format!(
                "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/{ID}/isMSAApp~/false"
            ),
            format!("https://entra.microsoft.com/#blade/Overview/appId/{ID}"),
            format!("https://entra.microsoft.com/?x=1#view/y?clientId={ID}"),
            format!(
                "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/authorize?client_id={ID}&scope=x"
            ),
        ] {
            assert_eq!(parse(&text).as_deref(), Ok(ID), "{text}");
        }
    }

    #[test]
    fn what_holds_none_is_refused_with_the_next_step() {
        for (text, said) in [
            ("", "is empty"),
            ("Provost at Contoso", "is not an application's id"),
            ("contoso~simulated.secret", "is not an application's id"),
            (
                "00000000-0000-0000-0000-000000000000",
                "is not an application's id",
            ),
            ("2b7f1a904e3d4c558f0a1d2c3b4a5e6f", "is not an application's id"),
            ("https://portal.azure.com/#home", "does not hold"),
            ("https://portal.azure.com/#view/appId/nobody", "does not hold"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.contains(said) && error.contains("overview"),
                "{text}: {error}"
            );
            assert!(
                text.is_empty() || !error.contains(text),
                "it may be a secret: {error}"
            );
        }
        assert!(is_id(ID) && !is_id("contoso~simulated.secret"));
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_gives_an_id_or_a_sentence(text in "\\PC{0,120}") {
            match parse(&text) {
                Ok(id) => prop_assert!(is_id(&id) && text.to_lowercase().contains(&id)),
                Err(said) => prop_assert!(!said.is_empty() && !said.contains('\n')),
            }
        }
    }
}
