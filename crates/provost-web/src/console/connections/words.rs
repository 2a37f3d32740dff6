//! The word at the cursor of an expression, and what could stand there instead: attributes and functions.

use super::sources::Path;
use provost_engine::expr::{self, FunctionDoc};

/// Suggestions of each sort.
const MOST: usize = 8;
/// Characters of an expression that are looked at before the cursor.
const REACH: usize = 20_000;

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Where it begins, in characters; for an attribute behind its bracket.
    pub start: usize,
    pub text: String,
    pub place: Place,
}

/// Where the cursor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a text between quotes.
    Text,
    /// In an attribute's brackets.
    Attribute,
    /// Where a function or an attribute can begin.
    Open,
}

/// A walk over an expression, a character at a time.
struct Walk {
    place: Place,
    /// Where the word begins.
    start: usize,
    /// Brackets within an attribute's.
    depth: usize,
    is_quoted: bool,
    is_escaped: bool,
}

impl Walk {
    fn begin() -> Self {
        Self {
            place: Place::Open,
            start: 0,
            depth: 0,
            is_quoted: false,
            is_escaped: false,
        }
    }

    /// Goes on behind the character at this place.
    fn step(&mut self, at: usize, c: char) {
        let was_escaped = std::mem::replace(&mut self.is_escaped, false);
        match (self.place, c) {
            (Place::Text, '\\') => self.is_escaped = !was_escaped,
            (Place::Text, '"') if !was_escaped => self.enter(Place::Open, at),
            (Place::Attribute, '"') => self.is_quoted = !self.is_quoted,
            (Place::Attribute, '[') if !self.is_quoted => self.depth += 1,
            (Place::Attribute, ']') if !self.is_quoted && self.depth > 0 => self.depth -= 1,
            (Place::Attribute, ']') if !self.is_quoted => self.enter(Place::Open, at),
            (Place::Open, '"') => self.enter(Place::Text, at),
            (Place::Open, '[') => self.enter(Place::Attribute, at),
            (Place::Open, c) if !c.is_alphanumeric() && c != '_' => self.start = at + 1,
            _ => {}
        }
    }

    fn enter(&mut self, place: Place, at: usize) {
        (self.place, self.start, self.depth, self.is_quoted) = (place, at + 1, 0, false);
    }
}

/// The word before the cursor, which stands behind `cursor` characters.
pub(super) fn at(expression: &str, cursor: usize) -> Word {
    let before: Vec<char> = expression.chars().take(cursor.min(REACH)).collect();
    let mut walk = Walk::begin();
    for (at, c) in before.iter().enumerate() {
        walk.step(at, *c);
    }
    Word {
        start: walk.start,
        text: before[walk.start.min(before.len())..].iter().collect(),
        place: walk.place,
    }
}

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// What is shown: an attribute's path, a function's signature.
    pub shown: String,
    /// What is put in the place of the word.
    pub insert: String,
    pub note: String,
}

/// Attributes and functions that fit a word.
#[derive(Debug, Default)]
pub(super) struct Suggestions {
    /// Where the word begins that they stand for, in characters.
    pub start: usize,
    pub attributes: Vec<Suggestion>,
    pub functions: Vec<Suggestion>,
}

/// What fits the word before the cursor; nothing within a text.
pub(super) fn suggest(expression: &str, cursor: usize, sources: &[Path]) -> Suggestions {
    let word = at(expression, cursor);
    if word.place == Place::Text {
        return Suggestions::default();
    }
    let wanted = word.text.trim().to_lowercase();
    let is_in = word.place == Place::Attribute;
    let attributes = ranked(sources, &wanted, |one| &one.name)
        .into_iter()
        .map(|one| Suggestion {
            shown: format!("[{}]", one.name),
            insert: if is_in {
                format!("{}]", one.name)
            } else {
                format!("[{}]", one.name)
            },
            note: one.note.clone(),
        });
    let functions = if is_in {
        Vec::new()
    } else {
        ranked(expr::reference(), &wanted, |one| one.name)
    };
    Suggestions {
        start: word.start,
        attributes: attributes.collect(),
        functions: functions.into_iter().map(function).collect(),
    }
}

fn function(doc: &FunctionDoc) -> Suggestion {
    Suggestion {
        shown: doc.signature.to_owned(),
        insert: format!("{}(", doc.name),
        note: doc.summary.to_owned(),
    }
}

/// What begins with the word comes before what only has it somewhere.
fn ranked<'a, T>(all: &'a [T], wanted: &str, name: impl Fn(&'a T) -> &'a str) -> Vec<&'a T> {
    let mut found: Vec<(bool, &T)> = all
        .iter()
        .filter_map(|one| {
            let at = name(one).to_lowercase().find(wanted)?;
            Some((at > 0, one))
        })
        .collect();
    found.sort_by_key(|(is_within, _)| *is_within);
    found.into_iter().take(MOST).map(|(_, one)| one).collect()
}

/// The attributes that an expression names, each with where its name begins, in characters.
pub(super) fn attributes(expression: &str) -> Vec<(usize, String)> {
    let characters: Vec<char> = expression.chars().take(REACH).collect();
    let (mut walk, mut found) = (Walk::begin(), Vec::new());
    for (at, c) in characters.iter().enumerate() {
        let (place, start) = (walk.place, walk.start);
        walk.step(at, *c);
        if place == Place::Attribute && walk.place == Place::Open {
            found.push((start, characters[start..at].iter().collect()));
        }
    }
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::console::connections::sources;
    use provost_engine::object::Kind;
    use provost_scim::schema::Catalogue;

    #[test]
    fn the_word_at_the_cursor_is_found() {
        let word = |text: &str| at(text, text.chars().count());
        assert_eq!(word("Jo").place, Place::Open);
        assert_eq!(word("Join(\" \", Tri").text, "Tri");
        assert_eq!(word("Join(\" \", Tri").start, 10);
        assert_eq!(word("Join(\"a[b").place, Place::Text);
        assert_eq!(word(r#"Join("a\"b", x"#).text, "x");
        let inner = word(r#"ToUpper([emails[type eq "wo]"#);
        assert_eq!(
            (inner.place, inner.text.as_str()),
            (Place::Attribute, r#"emails[type eq "wo]"#)
        );
        assert_eq!(word(r#"[emails[type eq "work"].value] & x"#).text, "x");
        assert_eq!(word("").text, "");
    }

    #[test]
    fn suggestions_fit_the_word() {
        let paths = sources::paths(&Catalogue::standard(), Kind::Person);
        let found = suggest("Join(\" \", disp", 14, &paths);
        assert_eq!(found.attributes[0].insert, "[displayName]");
        assert_eq!(found.start, 10);
        let inside = suggest("[user", 5, &paths);
        assert_eq!(inside.attributes[0].insert, "userName]");
        assert!(inside.functions.is_empty());
        let functions = suggest("join", 4, &paths);
        assert_eq!(functions.functions[0].insert, "Join(");
        assert!(suggest("\"user", 5, &paths).attributes.is_empty());
    }

    #[test]
    fn attributes_of_an_expression_are_listed_with_their_place() {
        let found = attributes(r#"Join("[no]", [displayName], [emails[type eq "work"].value])"#);
        let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["displayName", r#"emails[type eq "work"].value"#]);
        assert_eq!(found[0].0, 14);
    }
}
