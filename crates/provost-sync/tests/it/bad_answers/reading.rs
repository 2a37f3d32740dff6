//! Something is looked for or listed: a list that is not whole is no reason to remove or to double anybody.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::Effect;

const LIST: &str = "GET /users";

/// A reconcile of what is well, whose list is answered badly.
fn reconcile(name: &str) -> Case {
    Case::new(name).then(Change::Reconcile)
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("looking for somebody fails for a moment").answer(LIST, 1, "unavailable"),
        Case::new("looking for somebody fails for good")
            .always(LIST, "internal_error")
            .holds("; Sales: ")
            .told(Place::Failed, "ann", "PRV-CONNECT-UNAVAILABLE"),
        Case::new("looking for somebody is refused")
            .always(LIST, "denied")
            .holds("; Sales: ")
            .told(Place::Failed, "ann", "PRV-CONNECT-FORBIDDEN"),
        Case::new("the search is not supported")
            .always(LIST, "unsupported_query")
            .holds("; Sales: ")
            .told(Place::Failed, "ann", "PRV-CONNECT-UNSUPPORTED"),
        Case::new("a web page in place of an answer").strike(LIST, 1, Effect::Html { status: 200 }),
        Case::new("the page of a list has expired")
            .then(Change::Reconcile)
            .answer(LIST, 1, "expired_page_token"),
        reconcile("the page of a list is not found").answer(LIST, 1, "page_token_not_found"),
        reconcile("the result is too large").answer(LIST, 1, "too_many_ids"),
        reconcile("the list cannot be read at all")
            .always(LIST, "internal_error")
            .told(Place::Reading, "", "PRV-RECONCILE-INCOMPLETE"),
        reconcile("a page names itself as the next one")
            .strike(LIST, 1, Effect::EmptyPage)
            .told(Place::Reading, "", "PRV-RECONCILE-INCOMPLETE"),
        reconcile("the link to the next page is good for nothing")
            .settings(|settings| settings.awkward_pages = true)
            .strike(LIST, 1, Effect::LostPageToken),
        reconcile("the link of a repeated page is good for nothing")
            .settings(|settings| settings.awkward_pages = true)
            .strike(LIST, 1, Effect::LostTokenAfterRetry),
        reconcile("empty pages in between").settings(|settings| settings.awkward_pages = true),
        reconcile("a torn answer").strike(LIST, 1, Effect::Garbage),
        reconcile("the members of a group cannot be read")
            .always("GET /groups/*/members", "denied")
            .holds(WHOLE),
    ]
}
