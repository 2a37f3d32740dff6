//! What Microsoft Entra calls its refusals ("Microsoft Entra authentication and authorization error codes"), and what
//! each means for who stands before it.

use crate::Error;
use uuid::Uuid;

/// Characters of a description that are looked at.
const MOST: usize = 4_000;

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// They did not accept, or went back.
    Declined,
    /// A personal account, a guest, or one of another organisation.
    Account,
    /// An account of the organisation that may not consent for it.
    Administrator,
    /// A rule of the organisation, or the account itself, keeps them from signing in.
    Policy,
    /// The application is not set up as it must be.
    Application,
    /// The sign-in service cannot answer now.
    Later,
    /// Anything else.
    Other,
}

/// Numbers that begin `AADSTS`, by what they mean.
const KNOWN: [(Kind, &[u32]); 6] = [
    (Kind::Declined, &[65_004]),
    (
        Kind::Account,
        &[
            50_020, 50_034, 50_107, 50_177, 50_178, 51_004, 165_100, 500_200, 500_202, 500_207, 500_208,
            500_212, 500_213, 7_000_113,
        ],
    ),
    (
        Kind::Administrator,
        &[65_001, 65_005, 90_093, 90_094, 90_095, 900_971],
    ),
    (
        Kind::Policy,
        &[
            50_005, 50_053, 50_055, 50_057, 50_058, 50_072, 50_074, 50_076, 50_079, 50_105, 50_126, 50_131,
            50_158, 53_000, 53_001, 53_002, 53_003, 53_004, 65_002, 530_003, 530_032,
        ],
    ),
    (
        Kind::Application,
        &[
            50_011, 50_194, 70_001, 70_011, 90_002, 90_008, 90_009, 90_013, 90_014, 500_011, 500_113,
            650_052, 650_053, 650_056, 650_057, 700_016, 700_022, 700_030, 700_054, 900_144, 7_000_112,
            7_000_215, 7_000_218, 7_000_222,
        ],
    ),
    (Kind::Later, &[50_000, 90_006, 90_033, 90_055, 130_500]),
];

impl Kind {
    /// What an OAuth error and Microsoft's description of it mean. The number counts where there is one that is known;
    /// else the name (RFC 6749 section 4.1.2.1).
    pub fn of(error: &str, description: &str) -> Self {
        let number = number(description);
        let known = KNOWN
            .iter()
            .find(|(_, numbers)| number.is_some_and(|number| numbers.contains(&number)));
        if let Some((kind, _)) = known {
            return *kind;
        }
        match error {
            "access_denied" | "permission_denied" => Self::Declined,
            "consent_required" => Self::Administrator,
            "interaction_required" | "login_required" => Self::Policy,
            "invalid_client"
            | "unauthorized_client"
            | "invalid_scope"
            | "invalid_resource"
            | "invalid_request" => Self::Application,
            "server_error" | "temporarily_unavailable" => Self::Later,
            _ => Self::Other,
        }
    }

    /// The error for people.
    pub fn error(self) -> Error {
        let (code, sentence, hint) = match self {
            Self::Declined => (
                "PRV-CONSENT-DECLINED",
                "the consent was not given: whoever was asked has cancelled",
                "Begin again and choose Accept, or have an administrator of the tenant do it.",
            ),
            Self::Account => (
                "PRV-CONSENT-ACCOUNT",
                "this account cannot consent: it is a personal account, a guest, or of another organisation",
                "Sign out there, or use a private window, and sign in with an administrator's work account of the tenant.",
            ),
            Self::Administrator => (
                "PRV-CONSENT-ADMINISTRATOR",
                "this account may not consent for its organisation",
                "Have it done by a Global Administrator, Privileged Role Administrator, Application Administrator or \
                 Cloud Application Administrator.",
            ),
            Self::Policy => (
                "PRV-CONSENT-POLICY",
                "the organisation did not let this account sign in",
                "Its administrators see why in the sign-in log of Microsoft Entra; begin again when it is mended.",
            ),
            Self::Application => (
                "PRV-CONSENT-APPLICATION",
                "the application is not set up as Microsoft Entra needs it",
                "A configuration admin compares its id, secret, redirect address and account types with the registration.",
            ),
            Self::Later => (
                "PRV-CONSENT-LATER",
                "the sign-in service of Microsoft cannot answer at this moment",
                "Begin again in a few minutes.",
            ),
            Self::Other => (
                "PRV-CONSENT-REFUSED",
                "Microsoft Entra refused the consent",
                "Begin again; if it stays, look up the number that the audit log keeps.",
            ),
        };
        Error::refused(code, sentence, hint)
    }
}

/// The number behind `AADSTS`.
fn number(description: &str) -> Option<u32> {
    let head: String = description.chars().take(MOST).collect();
    let (_, rest) = head.split_once("AADSTS")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).take(9).collect();
    digits.parse().ok()
}

/// What the audit log keeps of a refusal: the error's name, Microsoft's number and the trace by which its support finds
/// it. None of the rest, which anybody could have written.
pub(super) fn note(error: &str, description: &str) -> String {
    let is_name = !error.is_empty()
        && error.len() <= 60
        && error.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let mut words = vec![if is_name { error } else { "no name" }.to_owned()];
    words.extend(number(description).map(|number| format!("AADSTS{number}")));
    words.extend(trace(description).map(|trace| format!("trace {trace}")));
    words.join(", ")
}

fn trace(description: &str) -> Option<Uuid> {
    let head: String = description.chars().take(MOST).collect();
    let (_, rest) = head.split_once("Trace ID: ")?;
    let text: String = rest.chars().take(36).collect();
    Uuid::try_parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn refusals_mean_what_microsoft_says() {
        for (error, number, kind) in [
            ("access_denied", 65_004, Kind::Declined),
            ("invalid_request", 50_020, Kind::Account),
            ("invalid_request", 500_200, Kind::Account),
            ("access_denied", 90_094, Kind::Administrator),
            ("unauthorized_client", 700_016, Kind::Application),
            ("invalid_client", 7_000_215, Kind::Application),
            ("interaction_required", 50_076, Kind::Policy),
            ("access_denied", 53_003, Kind::Policy),
            ("temporarily_unavailable", 90_033, Kind::Later),
        ] {
            assert_eq!(
                Kind::of(error, &format!("AADSTS{number}: Words.")),
                kind,
                "{number}"
            );
        }
        for (error, kind) in [
            ("access_denied", Kind::Declined),
            ("consent_required", Kind::Administrator),
            ("server_error", Kind::Later),
            ("<script>", Kind::Other),
        ] {
            assert_eq!(Kind::of(error, "AADSTS999999: unheard of"), kind, "{error}");
        }
    }

    #[test]
    fn no_number_means_two_things() {
        let mut all: Vec<u32> = KNOWN
            .iter()
            .flat_map(|(_, numbers)| numbers.iter().copied())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn the_note_keeps_number_and_trace_and_nothing_that_a_stranger_wrote() {
        let description = format!("AADSTS65004: User declined. Trace ID: {TRACE} Correlation ID: x");
        assert_eq!(
            note("access_denied", &description),
            format!("access_denied, AADSTS65004, trace {TRACE}")
        );
        assert_eq!(
            note("<script>alert(1)</script>", "AADSTS<b>1</b> Trace ID: call 0800"),
            "no name"
        );
        assert_eq!(note("", "AADSTS99999999999999"), "no name, AADSTS999999999");
    }
}
