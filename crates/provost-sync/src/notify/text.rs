//! The letters: what happened, why, what to do next. Names of people and groups, never their other values; never
//! a secret.

use super::settings::Settings;

/// The longest reason that is quoted, in characters.
const LONGEST_REASON: usize = 600;

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub subject: String,
    /// What happened, in a sentence or two.
    pub what: String,
    /// Why; may be empty.
    pub why: String,
    /// What to do next.
    pub next: String,
    /// The first of those concerned, and how many there are in all.
    pub names: Vec<String>,
    pub concerned: u64,
}

impl Letter {
    /// The letter's text.
    pub fn body(&self, settings: &Settings) -> String {
        let language = settings.language;
        let mut text = format!("{}\n{}\n", language.say("What happened", &[]), self.what);
        if !self.why.is_empty() {
            text.push_str(&format!(
                "\n{}\n{}\n",
                language.say("Why", &[]),
                shortened(&self.why)
            ));
        }
        if !self.names.is_empty() {
            text.push_str(&format!("\n{}\n", language.say("Who is concerned", &[])));
            for name in &self.names {
                text.push_str(&format!("- {}\n", one_line(name)));
            }
            let more = self.concerned.saturating_sub(self.names.len() as u64);
            if more > 0 {
                text.push_str(&format!(
                    "- {}\n",
                    language.say("and {} more", &[&more.to_string()])
                ));
            }
        }
        text.push_str(&format!(
            "\n{}\n{}\n",
            language.say("What to do next", &[]),
            self.next
        ));
        text.push_str(&footer(settings));
        text
    }
}

/// The end of every letter.
pub(super) fn footer(settings: &Settings) -> String {
    let language = settings.language;
    let mut text = String::new();
    if !settings.console.is_empty() {
        text.push_str(&format!(
            "\n{}\n",
            language.say("Console: {}", &[&settings.console])
        ));
    }
    let end = language.say(
        "Provost writes once about each cause, and again only when it comes back after it was over.",
        &[],
    );
    text.push_str(&format!("\n-- \n{end}\n"));
    text
}

/// A moment for people: minutes are enough, and the time zone is always said.
pub(super) fn moment(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|t| t.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}

/// A header has one line.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_REASON).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_what_why_who_and_what_next() {
        let letter = Letter {
            subject: "Provost: Microsoft 365 is held".into(),
            what: "18 removals wait.".into(),
            why: "This cycle would delete 18 of 60 people.".into(),
            next: "Approve or reject them.".into(),
            names: vec!["Ada\r\nBcc: x".into(), "Bo".into()],
            concerned: 18,
        };
        let settings = Settings {
            console: "https://provost.contoso.example".into(),
            ..Settings::default()
        };
        assert_eq!(
            letter.body(&settings),
            "What happened\n18 removals wait.\n\nWhy\nThis cycle would delete 18 of 60 people.\n\nWho is concerned\n\
             - Ada  Bcc: x\n- Bo\n- and 16 more\n\nWhat to do next\nApprove or reject them.\n\n\
             Console: https://provost.contoso.example\n\n-- \nProvost writes once about each cause, and again only \
             when it comes back after it was over.\n"
        );
    }

    #[test]
    fn a_moment_names_its_time_zone() {
        assert_eq!(moment(1_774_000_000_000), "2026-03-20 09:46 UTC");
    }
}
