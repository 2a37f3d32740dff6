//! Letters of a migration: to the people who are to join, and to who answers for the window. They carry the address where
//! everybody joins, which is no secret, and nothing that tells who opened them.

use super::text::{moment, one_line};
use super::words::Language;
use provost_store::migration::Counts;
use std::fmt::Write as _;

/// A letter as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub subject: String,
    pub text: String,
}

/// What a letter to people says.
#[derive(Debug, Clone)]
pub(crate) struct Joining {
    /// The workspace's name.
    pub workspace: String,
    /// Where they join.
    pub link: String,
    /// Until when, in milliseconds since 1970.
    pub deadline: i64,
    /// Whom they ask.
    pub contact: String,
}

impl Joining {
    /// The announcement, to somebody of this name.
    pub fn announcement(&self, language: Language, label: &str) -> Written {
        let subject = language.say("{}: set up your sign-in", &[&self.workspace]);
        let why = language.say(
            "The sign-in of {} to Microsoft 365 is going to change. So that you can go on working without a break, join \
             once: sign in with your Microsoft 365 account, then make a passkey on your device.",
            &[&self.workspace],
        );
        self.written(language, label, subject, &why)
    }

    /// A reminder.
    pub fn reminder(&self, language: Language, label: &str) -> Written {
        let subject = language.say("Reminder: set up your sign-in for {}", &[&self.workspace]);
        let why = language.say(
            "You have not joined {} yet. After the deadline nobody can join by this way any more.",
            &[&self.workspace],
        );
        self.written(language, label, subject, &why)
    }

    fn written(&self, language: Language, label: &str, subject: String, why: &str) -> Written {
        let parts = [
            language.say("Hello {},", &[&one_line(label)]),
            why.to_owned(),
            format!("{}\n{}", language.say("Join here:", &[]), self.link),
            language.say("Please do so by {}.", &[&moment(self.deadline)]),
            language.say(
                "The address is the same for everybody and is no secret. You enter your password at Microsoft only, and \
                 nobody asks you for it by mail.",
                &[],
            ),
            language.say("Questions? Ask {}.", &[&one_line(&self.contact)]),
        ];
        Written {
            subject: one_line(&subject),
            text: format!("{}\n", parts.join("\n\n")),
        }
    }
}

/// What the letter to who answers for the window says.
#[derive(Debug)]
pub(crate) struct Standing<'a> {
    /// The provider's name.
    pub provider: &'a str,
    pub deadline: i64,
    pub counts: Counts,
    /// The first of those who are left.
    pub names: &'a [String],
    /// Who has no mail address.
    pub unreachable: usize,
    /// Where the console is; may be empty.
    pub console: &'a str,
}

impl Standing<'_> {
    /// The letter.
    pub fn written(&self, language: Language) -> Written {
        let left = self.counts.not_onboarded + self.counts.unlinked;
        let n = |number: i64| number.to_string();
        let subject = language.say(
            "Provost: {} people are left in the migration of {}",
            &[&n(left), self.provider],
        );
        let mut text = language.say(
            "Of {} people, {} are onboarded, {} exempt, {} left. {} sign-ins wait for a decision, {} do not fit. The window \
             ends on {}.",
            &[
                &n(self.counts.people),
                &n(self.counts.onboarded),
                &n(self.counts.exempt),
                &n(left),
                &n(self.counts.pending),
                &n(self.counts.mismatched),
                &moment(self.deadline),
            ],
        );
        if !self.names.is_empty() {
            let _ = write!(text, "\n\n{}", language.say("Who is left", &[]));
            for name in self.names {
                let _ = write!(text, "\n- {}", one_line(name));
            }
            let more = left.saturating_sub(i64::try_from(self.names.len()).unwrap_or(left));
            if more > 0 {
                let _ = write!(text, "\n- {}", language.say("and {} more", &[&n(more)]));
            }
        }
        if self.unreachable > 0 {
            let told = language.say(
                "{} of them have no mail address in the directory: tell them in another way.",
                &[&self.unreachable.to_string()],
            );
            let _ = write!(text, "\n\n{told}");
        }
        let next = language.say(
            "Decide about the sign-ins that wait, and call those who are left.",
            &[],
        );
        let _ = write!(text, "\n\n{}\n{next}", language.say("What to do next", &[]));
        if !self.console.is_empty() {
            let _ = write!(text, "\n\n{}", language.say("Console: {}", &[self.console]));
        }
        text.push('\n');
        Written {
            subject: one_line(&subject),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_where_until_when_and_whom_to_ask_in_both_languages() {
        let joining = Joining {
            workspace: "Contoso".into(),
            link: "https://hub.contoso.example/join/Contoso".into(),
            deadline: 1_774_000_000_000,
            contact: "it@contoso.example".into(),
        };
        for (language, hello) in [
            (Language::English, "Hello Ada,"),
            (Language::German, "Guten Tag Ada,"),
        ] {
            for one in [
                joining.announcement(language, "Ada"),
                joining.reminder(language, "Ada"),
            ] {
                assert!(one.text.starts_with(hello), "{}", one.text);
                let wanted = [
                    joining.link.as_str(),
                    "2026-03-20 09:46 UTC",
                    "it@contoso.example",
                ];
                assert!(wanted.iter().all(|part| one.text.contains(part)), "{}", one.text);
                assert!(one.subject.contains("Contoso") && !one.text.contains("{}"));
            }
        }
    }
}
