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
use super::{Filter, Op, Tail, Test, check};
use crate::error::{Error, Result};
use crate::path::{self, AttrPath};
use crate::schema::{Attribute, AttributeType, ResourceType};

/// Longest filter, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;
/// Deepest nesting of parentheses and brackets.
pub const MAX_DEPTH: usize = 40;
/// Most comparisons in one filter.
pub const MAX_TERMS: usize = 64;

/// Reads a filter over resources of type `rt`. A term about an attribute that `rt` does not have becomes
/// [`Filter::Unknown`], which is never true.
///
/// # Errors
/// 400 `invalidFilter`: the text cannot be read, is longer than [`MAX_BYTES`], deeper than [`MAX_DEPTH`] or
/// has more than [`MAX_TERMS`] comparisons, or an operator or literal does not fit its attribute.
pub fn parse(text: &str, rt: &ResourceType) -> Result<Filter> {
    whole(text, Place::Resource(rt))
}

/// Reads what stands between the brackets of `attribute[…]`: a filter over the elements of one attribute.
///
/// # Errors
/// As [`parse`].
pub fn parse_element(text: &str, attribute: &Attribute) -> Result<Filter> {
    whole(text, Place::Element(Some(attribute)))
}

/// The target of a PATCH operation (RFC 7644 section 3.5.2, figure 7): `attribute`, `attribute.sub`,
/// `attribute[filter]` or `attribute[filter].sub`.
#[derive(Debug, Clone, PartialEq)]
pub struct ValuePath {
    /// The attribute. Its `sub` is set where there is no filter and a sub-attribute is named.
    pub path: AttrPath,
    /// Which elements of the attribute.
    pub filter: Option<Filter>,
    /// The sub-attribute after a filter.
    pub sub: Option<String>,
}

/// Reads the path of a PATCH operation. An attribute that `rt` does not have is no error here, see
/// [`path::parse`].
///
/// # Errors
/// 400 `invalidPath` when the text is no such path; 400 `invalidFilter` when the filter in it cannot be
/// read or does not fit.
pub fn parse_value_path(text: &str, rt: &ResourceType) -> Result<ValuePath> {
    let trimmed = text.trim_ascii();
    if trimmed.len() > MAX_BYTES {
        return Err(Error::invalid_path(format!(
            "the path is longer than {MAX_BYTES} bytes"
        )));
    }
    if !trimmed.contains('[') {
        return Ok(ValuePath {
            path: path::parse(trimmed, rt)?,
            filter: None,
            sub: None,
        });
    }
    let mut parser = Parser {
        cursor: Cursor::new(trimmed),
        depth: 0,
        terms: 0,
    };
    let path = path::parse(parser.cursor.word(), rt)?;
    let attribute = rt.top(&path);
    require_elements(&path, attribute).map_err(|error| Error::invalid_path(error.detail))?;
    let filter = parser.bracketed(Place::Element(attribute))?;
    let sub = match parser.cursor.rest() {
        "" => None,
        rest => match rest.strip_prefix('.') {
            Some(name) if path::is_name(name) => Some(canonical_sub(attribute, name)),
            _ => {
                return Err(Error::invalid_path(
                    "after the filter in brackets comes nothing, or one sub-attribute as in [type eq \"work\"].value",
                ));
            }
        },
    };
    Ok(ValuePath {
        path,
        filter: Some(filter),
        sub,
    })
}

/// What the paths of a filter are relative to.
#[derive(Clone, Copy)]
enum Place<'a> {
    Resource(&'a ResourceType),
    /// The elements of this attribute; `None` for an attribute that nobody knows.
    Element(Option<&'a Attribute>),
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    depth: usize,
    terms: usize,
}

fn whole(text: &str, place: Place<'_>) -> Result<Filter> {
    if text.len() > MAX_BYTES {
        return Err(Error::invalid_filter(format!(
            "the filter has {} bytes; at most {MAX_BYTES} are read",
            text.len()
        )));
    }
    let mut parser = Parser {
        cursor: Cursor::new(text),
        depth: 0,
        terms: 0,
    };
    let filter = parser.or(place)?;
    match parser.cursor.peek() {
        None => Ok(filter),
        Some(_) => Err(parser.cursor.error("expected and, or, or the end of the filter")),
    }
}

impl<'a> Parser<'a> {
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

    fn bracketed(&mut self, inside: Place<'_>) -> Result<Filter> {
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
            Resolved::Unknown => Ok(Filter::Unknown { path, test }),
            Resolved::Attribute(top, sub) => {
                check::fits(top, sub, &test, word)?;
                Ok(match test {
                    Test::Present => Filter::Present(path),
                    Test::Compare(op, value) => Filter::Compare { path, op, value },
                })
            }
        }
    }

    fn path(&self, word: &str, place: Place<'_>) -> Result<AttrPath> {
        match place {
            Place::Resource(rt) => path::parse(word, rt).map_err(|error| self.cursor.error(&error.detail)),
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
        let test = self.test(name)?;
        match attribute.map(|top| (top, top.sub_attribute(&sub))) {
            Some((top, Some(known))) => check::fits(top, Some(known), &test, name)?,
            // Known by nobody: no element has it, and the whole term is never true.
            Some((_, None)) => {
                return Ok(Filter::Unknown {
                    path: path.with_sub(&sub),
                    test,
                });
            }
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
fn require_elements(path: &AttrPath, attribute: Option<&Attribute>) -> Result<()> {
    let complex = attribute.is_none_or(|attribute| attribute.kind == AttributeType::Complex);
    if complex && path.sub.is_none() && !path.is_whole_schema() {
        return Ok(());
    }
    Err(Error::invalid_filter(format!(
        "{} takes no filter in brackets: brackets follow an attribute with sub-attributes, as in emails[type eq \"work\"]",
        short(&path.to_string())
    )))
}

fn canonical_sub(attribute: Option<&Attribute>, name: &str) -> String {
    let known = attribute.and_then(|attribute| attribute.sub_attribute(name));
    known.map_or(name, |known| known.name.as_str()).to_owned()
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
