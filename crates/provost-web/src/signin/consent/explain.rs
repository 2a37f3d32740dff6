//! Why consent was not recorded, in the words of whoever stands before it.

use crate::texts::{Language, text};
use provost_signin::Error;

/// A refusal: what happened, what to do, and the code by which it is looked up.
pub(crate) struct Explained {
    pub sentence: String,
    pub next: String,
    pub code: &'static str,
}

impl Explained {
    /// In the reader's language, as far as it is one of those that everybody meets.
    pub fn of(language: Language, error: &Error) -> Self {
        let code = error.code();
        let (sentence, next) = match words(code) {
            Some((sentence, next)) => (language.t(sentence).to_owned(), language.t(next).to_owned()),
            None => (super::super::told::sentence(language, error), String::new()),
        };
        Self { sentence, next, code }
    }
}

fn words(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "PRV-CONSENT-STATE" => (
            text(
                "This request is over. It was used already, is older than ten minutes, or was begun in another browser or session.",
            ),
            text("Begin again on the page from which you came, and stay in one browser."),
        ),
        "PRV-CONSENT-DECLINED" => (
            text("The consent was not given: Cancel was chosen."),
            text(
                "Begin again and choose Accept. If it is not yours to decide, ask an administrator of your tenant.",
            ),
        ),
        "PRV-CONSENT-ACCOUNT" => (
            text(
                "This account cannot consent. It is a personal Microsoft account, a guest, or belongs to another organisation.",
            ),
            text(
                "Begin again in a private window, and sign in with an administrator's work account of the tenant whose people are to come.",
            ),
        ),
        "PRV-CONSENT-ADMINISTRATOR" => (
            text("This account belongs to the organisation, but may not consent for it."),
            text(
                "Ask a Global Administrator, Privileged Role Administrator, Application Administrator or Cloud Application Administrator to do this step.",
            ),
        ),
        "PRV-CONSENT-POLICY" => (
            text("Your organisation did not let this account sign in to the application."),
            text(
                "Its administrators see the reason in the sign-in log of Microsoft Entra. Begin again when it is mended.",
            ),
        ),
        "PRV-CONSENT-APPLICATION" => (
            text(
                "The application is not registered as Microsoft needs it. This is not your account's fault.",
            ),
            text(
                "Whoever runs this server compares its ID, client secret, redirect address and account types with the registration; the audit log has Microsoft's number.",
            ),
        ),
        "PRV-CONSENT-ROLES" => (
            text(
                "Microsoft did not say which roles your account has, so nobody knows whether you may consent.",
            ),
            text(
                "Whoever runs this server opens Token configuration in the app registration, chooses Add groups claim and ticks Directory roles.",
            ),
        ),
        "PRV-CONSENT-TENANT" => (
            text("This provider belongs to another tenant already. Yours was not recorded."),
            text(
                "Sign in with an account of the recorded tenant. If it is to be another one, an administrator here releases the recorded tenant first.",
            ),
        ),
        "PRV-CONSENT-LATER" => (
            text("Microsoft's sign-in cannot answer at this moment."),
            text("Begin again in a few minutes."),
        ),
        "PRV-CONSENT-ANSWER" => (
            text("What came back from Microsoft does not fit together, so the tenant was not recorded."),
            text("Begin again. If it stays, tell who runs this server: the audit log says more."),
        ),
        "PRV-CONSENT-REFUSED" => (
            text("Microsoft refused, for a reason that is not known here."),
            text(
                "Begin again. If it stays, tell who runs this server: the audit log has Microsoft's number.",
            ),
        ),
        "PRV-CONSENT-UNSET" => (
            text("No application is set for this."),
            text("Whoever runs this server enters its ID and client secret first."),
        ),
        _ => return None,
    })
}
