//! The filter in `emails[type eq "work"]`: comparisons joined by `and`.
//!
//! A mapping picks an element; it does not search a directory. So this is the small part of the SCIM
//! filter language (RFC 7644 section 3.4.2.2) that vendors use in attribute paths, prepared for speed.

use serde_json::Value as Json;

/// The longest filter, in terms.
const MAX_TERMS: usize = 16;

/// A prepared element filter: all terms must hold.
#[derive(Debug, Clone)]
pub(super) struct Select(Box<[Term]>);

#[derive(Debug, Clone)]
struct Term {
    sub: Box<str>,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Present,
    Equal(Literal),
    Differs(Literal),
    Contains(Box<str>),
    Starts(Box<str>),
    Ends(Box<str>),
}

#[derive(Debug, Clone)]
enum Literal {
    Text(Box<str>),
    Other(Json),
}

impl Select {
    /// Prepares the text between the brackets.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = words(text)?.into_iter();
        let mut terms = Vec::new();
        loop {
            terms.push(term(&mut words)?);
            if terms.len() > MAX_TERMS {
                return Err(format!("the filter has more than {MAX_TERMS} comparisons"));
            }
            match words.next() {
                None => return Ok(Self(terms.into_boxed_slice())),
                Some(Word::Bare(word)) if word.eq_ignore_ascii_case("and") => {}
                Some(_) => return Err(SHAPE.to_owned()),
            }
        }
    }

    /// Whether an element satisfies every term.
    pub(super) fn matches(&self, element: &Json) -> bool {
        self.0
            .iter()
            .all(|term| term.test.holds(element_value(element, &term.sub)))
    }
}

const SHAPE: &str = "the filter in brackets must be comparisons like type eq \"work\", joined by and; \
                     eq, ne, co, sw, ew and pr are known";

enum Word<'t> {
    Bare(&'t str),
    Quoted(String),
}

/// Splits into bare words and quoted texts.
fn words(text: &str) -> Result<Vec<Word<'_>>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, after) = quoted_text(quoted).ok_or("a quote in the filter is not closed")?;
            words.push(Word::Quoted(text));
            rest = after.trim_start();
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || c == '"')
                .unwrap_or(rest.len());
            words.push(Word::Bare(&rest[..end]));
            rest = rest[end..].trim_start();
        }
    }
    Ok(words)
}

/// The text up to the closing quote, unescaped, and what follows the quote.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 1..])),
            '\\' => out.push(chars.next()?.1),
            c => out.push(c),
        }
    }
    None
}

fn term<'t>(words: &mut impl Iterator<Item = Word<'t>>) -> Result<Term, String> {
    let (Some(Word::Bare(sub)), Some(Word::Bare(op))) = (words.next(), words.next()) else {
        return Err(SHAPE.to_owned());
    };
    let op = op.to_ascii_lowercase();
    let test = if op == "pr" {
        Test::Present
    } else {
        let literal = match words.next() {
            Some(Word::Quoted(text)) => Literal::Text(text.into()),
            Some(Word::Bare(word)) => {
                let word = word.to_ascii_lowercase();
                Literal::Other(serde_json::from_str(&word).map_err(|_| SHAPE.to_owned())?)
            }
            None => return Err(SHAPE.to_owned()),
        };
        match (op.as_str(), literal) {
            ("eq", literal) => Test::Equal(literal),
            ("ne", literal) => Test::Differs(literal),
            ("co", Literal::Text(text)) => Test::Contains(text.to_lowercase().into()),
            ("sw", Literal::Text(text)) => Test::Starts(text.to_lowercase().into()),
            ("ew", Literal::Text(text)) => Test::Ends(text.to_lowercase().into()),
            _ => return Err(SHAPE.to_owned()),
        }
    };
    Ok(Term {
        sub: sub.into(),
        test,
    })
}

/// A sub-attribute; a plain element is its own `value`.
fn element_value<'a>(element: &'a Json, sub: &str) -> &'a Json {
    static NULL: Json = Json::Null;
    match element {
        Json::Object(map) => map.get(sub).unwrap_or_else(|| {
            map.iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(sub))
                .map_or(&NULL, |(_, value)| value)
        }),
        plain if sub.eq_ignore_ascii_case("value") => plain,
        _ => &NULL,
    }
}

impl Test {
    fn holds(&self, value: &Json) -> bool {
        let text = || value.as_str().map(str::to_lowercase);
        match self {
            Self::Present => !value.is_null() && value.as_str() != Some(""),
            Self::Equal(literal) => literal.equals(value),
            Self::Differs(literal) => !literal.equals(value),
            Self::Contains(part) => text().is_some_and(|text| text.contains(&**part)),
            Self::Starts(part) => text().is_some_and(|text| text.starts_with(&**part)),
            Self::Ends(part) => text().is_some_and(|text| text.ends_with(&**part)),
        }
    }
}

impl Literal {
    /// Texts compare without regard to letter case, as `type` and its like are not case exact. An
    /// absent boolean (`primary`) is false.
    fn equals(&self, value: &Json) -> bool {
        match self {
            Self::Text(wanted) => value.as_str().is_some_and(|text| {
                text.eq_ignore_ascii_case(wanted)
                    || (!wanted.is_ascii() && text.to_lowercase() == wanted.to_lowercase())
            }),
            Self::Other(Json::Bool(false)) if value.is_null() => true,
            Self::Other(wanted) => wanted == value,
        }
    }
}
