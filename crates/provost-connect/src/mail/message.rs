//! One mail as text.

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::{Address, Message as Written};

/// Most characters of a subject.
const SUBJECT: usize = 200;
/// Most bytes of the text; longer mail is cut on a whole line, and says so.
const TEXT: usize = 256 * 1024;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The recipient's address: a person's or a list's.
    pub to: String,
    /// The subject; line ends and other control characters become spaces.
    pub subject: String,
    /// The text.
    pub text: String,
    /// What tells this mail from all others and stays the same when it is repeated; letters,
    /// digits, `.`, `-` and `_`. It becomes the `Message-ID`.
    pub id: String,
}

impl Message {
    /// The mail as it is sent; or what is wrong with it.
    pub(super) fn written(&self, from: &Address) -> Result<Written, String> {
        let to: Address = self
            .to
            .trim()
            .parse()
            .map_err(|_| "the recipient is not a mail address".to_owned())?;
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if self.id.is_empty() || self.id.len() > 120 || !self.id.chars().all(inner) {
            return Err("its id may hold only letters, digits, dots, dashes and underscores".to_owned());
        }
        Written::builder()
            .from(Mailbox::new(Some("Provost".to_owned()), from.clone()))
            .to(Mailbox::new(None, to))
            .subject(one_line(&self.subject))
            .message_id(Some(format!("<{}@{}>", self.id, from.domain())))
            .date_now()
            .header(Automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(bounded(&self.text))
            .map_err(|error| crate::error::quote(&error.to_string()))
    }
}

fn one_line(subject: &str) -> String {
    let spaced = subject.chars().map(|c| if c.is_control() { ' ' } else { c });
    spaced.take(SUBJECT).collect::<String>().trim().to_owned()
}

fn bounded(text: &str) -> String {
    let clean = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .collect()
    };
    if text.len() <= TEXT {
        return clean(text);
    }
    let mut kept = 0;
    for line in text.split_inclusive('\n') {
        if kept + line.len() > TEXT {
            break;
        }
        kept += line.len();
    }
    let head = text.get(..kept).unwrap_or_default();
    format!(
        "{}\n[The rest is left out: this mail would be too long.]\n",
        clean(head)
    )
}

/// Tells holiday replies and lists not to answer (RFC 3834 section 5).
#[derive(Clone)]
struct Automatic;

impl Header for Automatic {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            to: "it@contoso.example".to_owned(),
            subject: "Quarantine".to_owned(),
            text: "Zoë\nnext".to_owned(),
            id: "cause-7".to_owned(),
        }
    }

    fn written(message: &Message) -> Result<String, String> {
        let from = "provost@contoso.example".parse().unwrap();
        let mail = message.written(&from)?;
        Ok(String::from_utf8(mail.formatted()).unwrap())
    }

    #[test]
    fn headers_stay_headers() {
        let mail = written(&Message {
            subject: "Hello\r\nBcc: all@contoso.example\r\n\r\nbody".to_owned(),
            ..message()
        })
        .unwrap();
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert!(
            head.contains("Subject: Hello  Bcc: all@contoso.example"),
            "{head}"
        );
        assert!(head.contains("Message-ID: <cause-7@contoso.example>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(body.contains("next"), "{body}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for to in [
            "",
            "it",
            "it@contoso.example\r\nBcc: x@contoso.example",
            "a@b, c@d",
            "<it@contoso.example>",
        ] {
            let refused = written(&Message {
                to: to.to_owned(),
                ..message()
            });
            assert!(refused.is_err(), "{to:?}");
        }
        for id in ["", "a b", "a>\r\nX: y"] {
            let refused = written(&Message {
                id: id.to_owned(),
                ..message()
            });
            assert!(refused.is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_on_a_line() {
        let line = format!("{}\n", "x".repeat(999));
        let cut = bounded(&line.repeat(1000));
        assert!(cut.len() < TEXT + 100 && cut.contains("The rest is left out"));
        assert_eq!(bounded("a\r\n\u{7}b\tc"), "a\nb\tc");
    }
}
