//! Addresses of pages, and commands to type: names come from people, so both are quoted.

use crate::visitor::Inside;
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
pub(crate) fn escaped(text: &str) -> String {
    // A segment of dots alone would lead to another folder.
    if matches!(text, "." | "..") {
        return text.replace('.', "%2E");
    }
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The sign-in, which leads on to the page that was asked for.
pub(crate) fn signin(then: &str) -> String {
    leading("/signin", then)
}

/// Where somebody who is signed in proves again who they are, before what was asked for.
pub(crate) fn confirm(then: &str) -> String {
    leading("/confirm", then)
}

fn leading(page: &str, then: &str) -> String {
    if then == "/" || then.is_empty() {
        return page.to_owned();
    }
    format!("{page}?to={}", escaped(then))
}

/// Where pages and commands about one workspace are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Space {
    name: String,
    /// Commands name the workspace only where there are several.
    is_named: bool,
}

impl Space {
    /// The workspace of this name, one of `count`.
    pub fn new(name: &str, count: usize) -> Self {
        Self {
            name: name.to_owned(),
            is_named: count > 1,
        }
    }

    /// The workspace of an address.
    pub fn of(inside: &Inside) -> Self {
        Self {
            name: inside.name.clone(),
            is_named: inside.is_one_of_several,
        }
    }

    /// The workspace's first page.
    pub fn overview(&self) -> String {
        self.page(String::new(), &[])
    }

    /// The page at `path` below the workspace, made of plain words: `/people`.
    pub fn at(&self, path: &str) -> String {
        self.page(path.to_owned(), &[])
    }

    /// The page at these segments below the workspace, whatever is in them.
    pub fn to(&self, segments: &[&str]) -> String {
        let path: String = segments.iter().map(|one| format!("/{}", escaped(one))).collect();
        self.page(path, &[])
    }

    /// The page at `path`, with these parameters.
    pub fn page(&self, path: String, parameters: &[(&str, String)]) -> String {
        let query: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        let path = format!("/w/{}{path}", escaped(&self.name));
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

    fn within(&self, mut command: String) -> String {
        if self.is_named {
            command.push_str(" --workspace ");
            command.push_str(&quoted(&self.name));
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
            "/w/Contoso%20%26%20Co/connections/a%2Fb%3Fc%23d"
        );
        let plain = Space::new("A", 1);
        assert_eq!(plain.connection(".."), "/w/A/connections/%2E%2E");
        assert_eq!(
            plain.status("A", "<b>", Asked::Failed, Some(7)),
            "/w/A/connections/A/status/%3Cb%3E/failed?after=7"
        );
        assert_eq!(signin("/w/A?x=1&y"), "/signin?to=%2Fw%2FA%3Fx%3D1%26y");
        assert_eq!(Space::older("/people/1", 4), "/people/1?before=4");
        assert_eq!(
            Space::older("/people/1?decided=true", 4),
            "/people/1?decided=true&before=4"
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
