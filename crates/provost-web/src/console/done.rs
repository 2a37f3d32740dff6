//! What a page says after a change: the change leads to the page with `?done=word`, so that reloading it does nothing
//! again, and the word, not a sentence, stands in the address.

use crate::texts::text;

/// What each word says. Words that are none of ours say nothing: nobody can put a sentence on a page by its address.
const WORDS: [(&str, &str); 43] = [
    ("accounts", text("The accounts were read.")),
    ("added", text("It was added.")),
    (
        "applied",
        text("The plan is being applied. Its cycle shows how far it is."),
    ),
    ("approved", text("It was approved.")),
    ("asked", text("The tenant was asked again.")),
    ("assigned", text("The assignment was added.")),
    ("backup", text("The backup was written.")),
    (
        "blocked",
        text("The person is blocked. Connections carry it out with their next cycle."),
    ),
    (
        "broken",
        text("The link was broken. The account in the target stays as it is."),
    ),
    ("checked", text("The checks were computed.")),
    (
        "consented",
        text("Microsoft has confirmed the tenant, and it is recorded."),
    ),
    ("decided", text("It is decided. The next cycle carries it out.")),
    ("deleted", text("It is in the recycle bin and can be restored.")),
    ("edited", text("The change was saved.")),
    ("ended", text("It has ended.")),
    (
        "invited",
        text("The administrator was added. Give them the link below: it is shown once."),
    ),
    ("linked", text("The account was linked.")),
    ("made", text("It was made.")),
    ("noted", text("Your note was saved.")),
    ("off", text("It is switched off. Nothing is written from now on.")),
    ("on", text("It is switched on.")),
    (
        "planned",
        text("The plan was made. Nothing is written before it is applied."),
    ),
    ("protected", text("The protection was added.")),
    (
        "provisioned",
        text("It was carried out. What each step did stands below."),
    ),
    ("read", text("The products and seats were read from the target.")),
    ("rejected", text("It was rejected. Nothing was written.")),
    (
        "released",
        text("The tenant was released. Another one can consent now."),
    ),
    ("removed", text("It was removed.")),
    ("restored", text("It was restored.")),
    ("resync", text("The next cycle looks at everybody again.")),
    ("retry", text("It is tried again with the next cycle.")),
    (
        "revoked",
        text("It was revoked. Whoever used it is refused from now on."),
    ),
    ("running", text("A cycle was started.")),
    ("saved", text("It was saved.")),
    ("sent", text("The test mail was handed to the mail server.")),
    ("stopping", text("The cycle stops after the step that it is at.")),
    (
        "switched",
        text(
            "The domain is switched: its people sign in here. Microsoft may need up to two hours to know it everywhere.",
        ),
    ),
    (
        "switched_back",
        text(
            "The domain is switched back: its people sign in at Microsoft, and each needs a new password there.",
        ),
    ),
    (
        "tested",
        text("The test sign-in was accepted. What the tenant said stands below."),
    ),
    ("unassigned", text("The assignment was removed.")),
    ("unblocked", text("The person is not blocked any more.")),
    ("unprotected", text("The protection was removed.")),
    (
        "written",
        text("The letters are written, and go out within the next minutes."),
    ),
];

/// The sentence of the page that was asked for, where it comes after a change.
pub(super) fn sentence(here: &str) -> Option<&'static str> {
    let query = here.split_once('?')?.1;
    let word = query.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    WORDS
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, sentence)| *sentence)
}

/// The same page's address after a change.
pub(crate) fn after(address: &str, word: &str) -> String {
    debug_assert!(
        WORDS.iter().any(|(known, _)| *known == word),
        "{word} says nothing"
    );
    let (path, place) = address
        .split_once('#')
        .map_or((address, None), |(path, place)| (path, Some(place)));
    let sign = if path.contains('?') { '&' } else { '?' };
    match place {
        Some(place) => format!("{path}{sign}done={word}#{place}"),
        None => format!("{path}{sign}done={word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_words_say_something() {
        assert_eq!(sentence("/w/A?done=saved"), Some("It was saved."));
        assert_eq!(sentence("/w/A?x=1&done=removed"), Some("It was removed."));
        assert_eq!(sentence("/w/A?done=<b>Call+0800"), None);
        assert_eq!(sentence("/w/A"), None);
        assert!(WORDS.is_sorted());
    }

    #[test]
    fn the_word_keeps_the_rest_of_the_address() {
        assert_eq!(after("/w/A", "saved"), "/w/A?done=saved");
        assert_eq!(
            after("/w/A?after=3#tokens", "saved"),
            "/w/A?after=3&done=saved#tokens"
        );
    }
}
