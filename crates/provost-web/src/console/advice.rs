//! What to do next about a person or group that is not as a rule wants it. The reason says what happened, in words
//! for this one case; what helps depends on its code alone.

use super::place::Place;

/// The next step, and where it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Next {
    pub sentence: &'static str,
    /// Address and text of the page where it goes on.
    pub page: Option<(String, &'static str)>,
    /// What to type.
    pub command: Option<String>,
}

/// Where the next step is done.
enum Way {
    /// It happens by itself, or outside of Provost.
    Nothing,
    Doubts,
    Licences,
    Connection,
    Command(&'static str),
}

/// The next step about an outcome with this code; none for a success.
pub(super) fn next(place: &Place, code: &str) -> Option<Next> {
    if code.is_empty() {
        return None;
    }
    let (sentence, way) = by_code(code);
    let (space, name) = (&place.space, &place.connection.name);
    let (page, command) = match way {
        Way::Nothing => (None, None),
        Way::Doubts => (Some((space.doubts(name, false, None), "Decide")), None),
        Way::Licences => (Some((space.licences(name, None), "Licences and seats")), None),
        Way::Connection => (Some((space.connection(name), "The connection")), None),
        Way::Command(words) => (None, Some(place.command(words, ""))),
    };
    Some(Next {
        sentence,
        page,
        command,
    })
}

fn by_code(code: &str) -> (&'static str, Way) {
    let found = match code.split('-').nth(1).unwrap_or_default() {
        "MATCH" | "TWIN" | "GROUP" | "DOUBT" => doubt(code),
        "LICENCE" | "SEATS" => licence(code),
        "CONNECT" => answer(code),
        "TARGET" => target(code),
        "M365" => Some((
            "Test the connection; the step that fails says what to correct.",
            Way::Command("connection test"),
        )),
        "MAPPING" | "VALUE" | "UPN" | "USAGE" | "IMMUTABLE" | "PASSWORD" => Some((
            "Correct the person's value in the directory, or the rule's mapping; the next cycle tries it again.",
            Way::Command("rule list"),
        )),
        _ => held(code),
    };
    found.unwrap_or((
        "It is tried again by itself, later and later. Once the cause is mended, you need not wait.",
        Way::Command("retry now"),
    ))
}

fn doubt(code: &str) -> Option<(&'static str, Way)> {
    Some(match code {
        "PRV-DOUBT-SKIPPED" => (
            "Somebody decided to leave it alone. Decide otherwise whenever you like.",
            Way::Doubts,
        ),
        _ => (
            "Look at the candidates and decide; the next cycle carries it out.",
            Way::Doubts,
        ),
    })
}

fn licence(code: &str) -> Option<(&'static str, Way)> {
    Some(match code {
        "PRV-LICENCE-SEATS" | "PRV-SEATS-SHORT" => (
            "Buy seats, or free some; the licence is given as soon as there is one.",
            Way::Licences,
        ),
        "PRV-LICENCE-LOCATION" => (
            "Fill in the person's country in the directory: no licence is given without a usage location.",
            Way::Nothing,
        ),
        "PRV-LICENCE-UNKNOWN" => (
            "Let the rule name a product that the organisation owns.",
            Way::Licences,
        ),
        "PRV-LICENCE-INHERITED" => (
            "A group of the target brings this licence: take it away there, or let it be.",
            Way::Nothing,
        ),
        _ => (
            "Compare the products that this person gets; two of them may not go together.",
            Way::Licences,
        ),
    })
}

fn answer(code: &str) -> Option<(&'static str, Way)> {
    Some(match code {
        "PRV-CONNECT-CONFLICT" => (
            "Somebody else in the target has a value that must be unique: change one of the two.",
            Way::Nothing,
        ),
        "PRV-CONNECT-REJECTED" => (
            "The target does not take a value: correct it in the directory, or in the rule's mapping.",
            Way::Command("rule list"),
        ),
        "PRV-CONNECT-FORBIDDEN" | "PRV-CONNECT-CREDENTIAL" => (
            "Test the connection: it names the permission or the credential that is missing.",
            Way::Connection,
        ),
        "PRV-CONNECT-QUOTA" => ("The target is full: make room there, or buy more.", Way::Nothing),
        "PRV-CONNECT-UNSUPPORTED" => (
            "The target cannot do this: take it out of the rule.",
            Way::Command("rule list"),
        ),
        _ => return None,
    })
}

fn target(code: &str) -> Option<(&'static str, Way)> {
    Some(match code {
        "PRV-TARGET-SHRANK" | "PRV-TARGET-MOVED" => (
            "Check that the connection leads to the right system before you switch it on again.",
            Way::Connection,
        ),
        "PRV-TARGET-PRIVILEGED" | "PRV-TARGET-PROTECTED" => (
            "Administrators and protected accounts are left alone: change this one there by hand, if it is meant.",
            Way::Nothing,
        ),
        "PRV-TARGET-SYNCHRONISED" | "PRV-TARGET-GUEST" => (
            "The account is looked after from elsewhere: change it there, or take the person out of the rule's scope.",
            Way::Nothing,
        ),
        _ => (
            "The target decides about this group itself: change it there, or take it out of the rule's scope.",
            Way::Nothing,
        ),
    })
}

fn held(code: &str) -> Option<(&'static str, Way)> {
    Some(match code {
        "PRV-STAGED" => (
            "Approve or reject the step; the list says why it is held.",
            Way::Command("staged list"),
        ),
        "PRV-CREATE-OFF" | "PRV-ACTION-OFF" => (
            "Make the account there, or allow the action; then have everybody looked at again.",
            Way::Command("connection preferences"),
        ),
        "PRV-RETRY-GIVEN-UP" => (
            "It is not tried by itself any more. Mend the cause, then have it tried again.",
            Way::Command("retry now"),
        ),
        "PRV-LINK-TAKEN" => (
            "The account belongs to somebody else of the directory: give one of the two another value.",
            Way::Nothing,
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::by_code;

    #[test]
    fn what_helps_depends_on_the_code() {
        for (code, part) in [
            ("PRV-MATCH-SEVERAL", "decide"),
            ("PRV-TWIN-DELETED", "decide"),
            ("PRV-DOUBT-SKIPPED", "Decide otherwise"),
            ("PRV-LICENCE-SEATS", "Buy seats"),
            ("PRV-LICENCE-LOCATION", "country"),
            ("PRV-CONNECT-CONFLICT", "unique"),
            ("PRV-CONNECT-UNAVAILABLE", "tried again by itself"),
            ("PRV-TARGET-PRIVILEGED", "left alone"),
            ("PRV-TARGET-DYNAMIC", "decides about this group itself"),
            ("PRV-M365-SECRET-EXPIRED", "Test the connection"),
            ("PRV-UPN-SUFFIX", "mapping"),
            ("PRV-STAGED", "Approve or reject"),
            ("PRV-CREATE-OFF", "allow the action"),
            ("PRV-RETRY-GIVEN-UP", "not tried by itself"),
            ("odd", "tried again by itself"),
        ] {
            assert!(by_code(code).0.contains(part), "{code}");
        }
    }
}
