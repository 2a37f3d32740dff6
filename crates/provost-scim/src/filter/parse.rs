//! Reading a filter: the grammar of RFC 7644 figure 1, with `attribute[filter].sub op literal` beside it.
//!
//! ```text
//! or      = and *( "or" and )
//! and     = factor *( "and" factor )
//! factor  = "not" "(" or ")" / "(" or ")" / term
//! term    = path test / path "[" or "]" [ "." sub test ]
//! test    = "pr" / operator literal
//! ```

use super::cursor::Cursor;
use super::{Filter, Op, Tail, Test, check, spacing};
use crate::error::{Error, Result};
use crate::leniency::{Habit, Habits, Leniency, Tolerance};
use crate::path::{self, AttrPath};
use crate::schema::{Attribute, AttributeType, ResourceType};

/// Longest filter, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;
/// Deepest nesting of parentheses and brackets.
pub const MAX_DEPTH: usize = 40;
/// Most comparisons in one filter.
pub const MAX_TERMS: usize = 64;

/// Reads a filter over resources of type `rt`. A term about an attribute that `rt` does not have becomes
/// [`Filter::Unknown`], which is never true. Every vendor habit that was met is counted in `used`.
///
/// # Errors
/// 400 `invalidFilter`: the text cannot be read, is longer than [`MAX_BYTES`], deeper than [`MAX_DEPTH`] or
/// has more than [`MAX_TERMS`] comparisons, an operator or literal does not fit its attribute, or the
/// filter is understood only by a habit that `leniency` does not tolerate.
pub fn parse(text: &str, rt: &ResourceType, leniency: &Leniency, used: &mut Habits) -> Result<Filter> {
    whole(text, Place::Resource(rt), Tolerance::new(leniency, used))
}

/// Reads what stands between the brackets of `attribute[…]`: a filter over the elements of one attribute.
///
/// # Errors
/// As [`parse`].
pub fn parse_element(
    text: &str,
    attribute: &Attribute,
    leniency: &Leniency,
    used: &mut Habits,
) -> Result<Filter> {
    whole(
        text,
        Place::Element(Some(attribute)),
        Tolerance::new(leniency, used),
    )
}

/// What the paths of a filter are relative to.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Resource(&'a ResourceType),
    /// The elements of this attribute; `None` for an attribute that nobody knows.
    Element(Option<&'a Attribute>),
}

pub(super) struct Parser<'a, 't> {
    pub(super) cursor: Cursor<'a>,
    depth: usize,
    terms: usize,
    tolerance: Tolerance<'t>,
    /// In the path of a PATCH: whoever reads the path decides about unknown names.
    pub(super) in_path: bool,
}

fn whole(text: &str, place: Place<'_>, mut tolerance: Tolerance<'_>) -> Result<Filter> {
    if text.len() > MAX_BYTES {
        return Err(Error::invalid_filter(format!(
            "the filter has {} bytes; at most {MAX_BYTES} are read",
            text.len()
        )));
    }
    spaced(text, &mut tolerance)?;
    let mut parser = Parser::new(text, tolerance);
    let filter = parser.or(place)?;
    match parser.cursor.peek() {
        None => Ok(filter),
        Some(_) => Err(parser.cursor.error("expected and, or, or the end of the filter")),
    }
}

/// Other spaces than those of the grammar are a habit.
pub(super) fn spaced(text: &str, tolerance: &mut Tolerance<'_>) -> Result<()> {
    if spacing::is_exact(text) || tolerance.of(Habit::FilterSpacing) {
        return Ok(());
    }
    Err(Error::invalid_filter(
        "a space stands where none belongs, or none where one belongs: one stands between two words, \
         and none beside a bracket or parenthesis",
    ))
}

impl<'a, 't> Parser<'a, 't> {
    pub(super) fn new(text: &'a str, tolerance: Tolerance<'t>) -> Self {
        Self {
            cursor: Cursor::new(text),
            depth: 0,
            terms: 0,
            tolerance,
            in_path: false,
        }
    }

    fn or(&mut self, place: Place<'_>) -> Result<Filter> {
        let mut list = vec![self.and(place)?];
        while self.cursor.take_word("or") {
            list.push(self.and(place)?);
        }
        Ok(one_or(list, Filter::Or))
    }

    fn and(&mut self, place: Place<'_>) -> Result<Filter> {
        let mut list = vec![self.factor(place)?];
        while self.cursor.take_word("and") {
            list.push(self.factor(place)?);
        }
        Ok(one_or(list, Filter::And))
    }

    fn factor(&mut self, place: Place<'_>) -> Result<Filter> {
        if self.cursor.take(b'(') {
            return self.enclosed(place, b')');
        }
        if !self.cursor.take_word("not") {
            return self.term(place);
        }
        if self.cursor.take(b'(') {
            return Ok(Filter::Not(Box::new(self.enclosed(place, b')')?)));
        }
        Err(self
            .cursor
            .error("not is followed by a filter in parentheses, as in not (title pr)"))
    }

    /// A filter up to this closing sign; the opening one is taken already.
    fn enclosed(&mut self, place: Place<'_>, closing: u8) -> Result<Filter> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self
                .cursor
                .error(&format!("more than {MAX_DEPTH} levels of nesting")));
        }
        let filter = self.or(place)?;
        if !self.cursor.take(closing) {
            return Err(self
                .cursor
                .error(&format!("expected and, or, or \"{}\"", char::from(closing))));
        }
        self.depth -= 1;
        Ok(filter)
    }

    pub(super) fn bracketed(&mut self, inside: Place<'_>) -> Result<Filter> {
        if !self.cursor.take(b'[') {
            return Err(self.cursor.error("expected \"[\""));
        }
        self.enclosed(inside, b']')
    }

    fn term(&mut self, place: Place<'_>) -> Result<Filter> {
        let word = self.cursor.peek_word();
        if word.is_empty() {
            return Err(self.cursor.error("an attribute is missing"));
        }
        let path = self.path(word, place)?;
        self.cursor.word();
        if self.cursor.peek() == Some(b'[') {
            return self.element(path, place);
        }
        let test = self.test(word)?;
        match resolve(place, &path) {
            Resolved::WholeSchema if test == Test::Present => Ok(Filter::Present(path)),
            Resolved::WholeSchema => Err(Error::invalid_filter(format!(
                "{path} is a whole schema: it can be tested with pr, or name one of its attributes"
            ))),
            Resolved::Unknown => self.unknown(path, test),
            Resolved::Attribute(top, sub) => {
                check::fits(top, sub, &test, word, &mut self.tolerance)?;
                Ok(match test {
                    Test::Present => Filter::Present(path),
                    Test::Compare(op, value) => Filter::Compare { path, op, value },
                })
            }
        }
    }

    /// A question about an attribute that nobody has: nobody is meant.
    fn unknown(&mut self, path: AttrPath, test: Test) -> Result<Filter> {
        if self.in_path || self.tolerance.of(Habit::UnknownFilterAttribute) {
            return Ok(Filter::Unknown { path, test });
        }
        Err(self.cursor.error(&format!(
            "{} is not an attribute of these resources",
            short(&path.to_string())
        )))
    }

    fn path(&mut self, word: &str, place: Place<'_>) -> Result<AttrPath> {
        match place {
            Place::Resource(rt) => {
                let path = path::parse(word, rt).map_err(|error| self.cursor.error(&error.detail))?;
                let bare = path.urn.is_some() && !word.contains(':');
                if bare && !self.tolerance.of(Habit::BareExtensionName) {
                    return Err(self.cursor.error(&format!(
                        "{} is an attribute of an extension: write {path}",
                        short(word)
                    )));
                }
                Ok(path)
            }
            Place::Element(attribute) if path::is_name(word) => {
                Ok(AttrPath::core(&canonical_sub(attribute, word)))
            }
            Place::Element(_) => Err(self
                .cursor
                .error("inside the brackets stands the bare name of a sub-attribute")),
        }
    }

    /// `path[filter]` and what follows it; the cursor stands at the bracket.
    fn element(&mut self, path: AttrPath, place: Place<'_>) -> Result<Filter> {
        let Place::Resource(rt) = place else {
            return Err(self.cursor.error("brackets stand inside brackets"));
        };
        let attribute = rt.top(&path);
        require_elements(&path, attribute)?;
        if attribute.is_none() && !self.tolerance.of(Habit::UnknownFilterAttribute) {
            return Err(self.cursor.error(&format!(
                "{} is not an attribute of these resources",
                short(&path.to_string())
            )));
        }
        let filter = Box::new(self.bracketed(Place::Element(attribute))?);
        if !self.cursor.take(b'.') {
            return Ok(Filter::Element {
                path,
                filter,
                tail: None,
            });
        }
        let name = self.cursor.word();
        if !path::is_name(name) {
            return Err(self
                .cursor
                .error("after \"].\" comes the name of a sub-attribute"));
        }
        let sub = canonical_sub(attribute, name);
        if !self.tolerance.of(Habit::ValuePathTail) {
            return Err(self.cursor.error(
                "nothing follows the brackets: write the comparison into them, as in emails[type eq \"work\" and value eq \"…\"]",
            ));
        }
        let test = self.test(name)?;
        match attribute.map(|top| (top, top.sub_attribute(&sub))) {
            Some((top, Some(known))) => check::fits(top, Some(known), &test, name, &mut self.tolerance)?,
            // Known by nobody: no element has it, and the whole term is never true.
            Some((_, None)) => return self.unknown(path.with_sub(&sub), test),
            None => {}
        }
        Ok(Filter::Element {
            path,
            filter,
            tail: Some(Tail { sub, test }),
        })
    }

    fn test(&mut self, shown: &str) -> Result<Test> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(self.cursor.error(&format!("more than {MAX_TERMS} comparisons")));
        }
        if self.cursor.take_word("pr") {
            return Ok(Test::Present);
        }
        let Some(op) = Op::from_word(self.cursor.peek_word()) else {
            let list = "eq, ne, co, sw, ew, gt, ge, lt, le or pr";
            return Err(self
                .cursor
                .error(&format!("expected {list} after {}", short(shown))));
        };
        self.cursor.word();
        Ok(Test::Compare(op, self.cursor.literal()?))
    }
}

fn one_or(mut list: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match (list.pop(), list.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            list.push(last);
            several(list)
        }
        // Not reached: a list has what its first call put there.
        (None, _) => several(list),
    }
}

enum Resolved<'a> {
    Attribute(&'a Attribute, Option<&'a Attribute>),
    WholeSchema,
    Unknown,
}

fn resolve<'a>(place: Place<'a>, path: &AttrPath) -> Resolved<'a> {
    let top = match place {
        Place::Resource(_) if path.is_whole_schema() => return Resolved::WholeSchema,
        Place::Resource(rt) => rt.top(path),
        Place::Element(attribute) => attribute.and_then(|attribute| attribute.sub_attribute(&path.name)),
    };
    match (top, &path.sub) {
        (None, _) => Resolved::Unknown,
        (Some(top), None) => Resolved::Attribute(top, None),
        (Some(top), Some(sub)) => top
            .sub_attribute(sub)
            .map_or(Resolved::Unknown, |sub| Resolved::Attribute(top, Some(sub))),
    }
}

/// Brackets go with an attribute that has elements with sub-attributes. An unknown one may have them.
pub(super) fn require_elements(path: &AttrPath, attribute: Option<&Attribute>) -> Result<()> {
    let complex = attribute.is_none_or(|attribute| attribute.kind == AttributeType::Complex);
    if complex && path.sub.is_none() && !path.is_whole_schema() {
        return Ok(());
    }
    Err(Error::invalid_filter(format!(
        "{} takes no filter in brackets: brackets follow an attribute with sub-attributes, as in emails[type eq \"work\"]",
        short(&path.to_string())
    )))
}

pub(super) fn canonical_sub(attribute: Option<&Attribute>, name: &str) -> String {
    let known = attribute.and_then(|attribute| attribute.sub_attribute(name));
    known.map_or(name, |known| known.name.as_str()).to_owned()
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
