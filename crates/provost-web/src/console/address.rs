//! Addresses of pages, and commands to type: names come from people, so both are quoted.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_store::connection::Connection;
use provost_store::sync_status::Asked;
use uuid::Uuid;

/// Everything but what RFC 3986 section 2.3 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    // A segment of dots alone would lead to another folder.
    if matches!(text, "." | "..") {
        return text.replace('.', "%2E");
    }
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Where pages and commands about one workspace are. The workspace is named only where there are several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Space(Option<String>);

impl Space {
    /// The workspace of this name, one of `count`.
    pub fn new(name: &str, count: usize) -> Self {
        Self((count > 1).then(|| name.to_owned()))
    }

    /// The page at `path`, with these parameters.
    fn page(&self, path: String, parameters: &[(&str, String)]) -> String {
        let named = self.0.as_ref().map(|name| ("workspace", name.clone()));
        let all = named.iter().chain(parameters);
        let query: Vec<String> = all
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        if query.is_empty() {
            path
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    /// The page of a connection.
    pub fn connection(&self, name: &str) -> String {
        self.page(format!("/connections/{}", escaped(name)), &[])
    }

    /// The list behind a rule's number.
    pub fn status(&self, connection: &str, rule: &str, asked: Asked, after: Option<i64>) -> String {
        let path = format!(
            "/connections/{}/status/{}/{asked}",
            escaped(connection),
            escaped(rule)
        );
        self.page(path, &after_key(after))
    }

    /// The products of a connection; `after` is the last group of the page before.
    pub fn licences(&self, connection: &str, after: Option<i64>) -> String {
        let path = format!("/connections/{}/licences", escaped(connection));
        self.page(path, &after_key(after))
    }

    /// Who has a product from Provost; `after` is rule and person of the last line before.
    pub fn holders(&self, connection: &str, product: &str, after: Option<(i64, i64)>) -> String {
        let path = format!(
            "/connections/{}/licences/{}/holders",
            escaped(connection),
            escaped(product)
        );
        let after: Vec<_> = after
            .map(|(rule, object)| ("after", format!("{rule}.{object}")))
            .into_iter()
            .collect();
        self.page(path, &after)
    }

    /// What somebody has to decide; with `decided`, what waits for the next cycle too.
    pub fn doubts(&self, connection: &str, decided: bool, after: Option<i64>) -> String {
        let path = format!("/connections/{}/doubts", escaped(connection));
        let mut parameters = after_key(after);
        parameters.extend(decided.then(|| ("decided", "true".to_owned())));
        self.page(path, &parameters)
    }

    /// A person.
    pub fn person(&self, id: Uuid) -> String {
        self.page(format!("/people/{id}"), &[])
    }

    /// A group.
    pub fn group(&self, id: Uuid) -> String {
        self.page(format!("/groups/{id}"), &[])
    }

    /// The older lines about somebody whose page is at `page`, before the line with this key.
    pub fn older(page: &str, before: i64) -> String {
        let sign = if page.contains('?') { '&' } else { '?' };
        format!("{page}{sign}before={before}")
    }

    /// A command about a connection, as it is typed: `provost <words> "<name>" <rest>`.
    pub fn command(&self, words: &str, connection: &Connection, rest: &str) -> String {
        let mut command = format!("provost {words} {}", quoted(&connection.name));
        if !rest.is_empty() {
            command.push(' ');
            command.push_str(rest);
        }
        self.within(command)
    }

    /// A command about something that needs no quotes.
    pub fn plain_command(&self, words: &str, what: &str) -> String {
        self.within(format!("provost {words} {what}"))
    }

    fn within(&self, mut command: String) -> String {
        if let Some(workspace) = &self.0 {
            command.push_str(" --workspace ");
            command.push_str(&quoted(workspace));
        }
        command
    }
}

fn after_key(after: Option<i64>) -> Vec<(&'static str, String)> {
    after.map(|key| ("after", key.to_string())).into_iter().collect()
}

/// A text as one word of a shell, whatever is in it.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " ._-@+".contains(c);
    if text.chars().all(is_plain) && !text.starts_with('-') {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place_in_an_address() {
        let space = Space::new("Contoso & Co", 2);
        assert_eq!(
            space.connection("a/b?c#d"),
            "/connections/a%2Fb%3Fc%23d?workspace=Contoso%20%26%20Co"
        );
        assert_eq!(Space::default().connection(".."), "/connections/%2E%2E");
        assert_eq!(
            Space::default().status("A", "<b>", Asked::Failed, Some(7)),
            "/connections/A/status/%3Cb%3E/failed?after=7"
        );
        assert_eq!(Space::older("/people/1", 4), "/people/1?before=4");
        assert_eq!(
            Space::older("/people/1?workspace=A", 4),
            "/people/1?workspace=A&before=4"
        );
    }

    #[test]
    fn names_cannot_leave_their_place_in_a_command() {
        assert_eq!(quoted("Sample application"), "\"Sample application\"");
        assert_eq!(quoted("$(reboot)"), "'$(reboot)'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("--yes"), "'--yes'");
    }
}
