//! Reading the path of a PATCH operation.

use super::Filter;
use super::parse::{MAX_BYTES, Parser, Place, canonical_sub, require_elements, spaced};
use crate::error::{Error, Result};
use crate::leniency::{Habits, Leniency, Tolerance};
use crate::path::{self, AttrPath};
use crate::schema::ResourceType;

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
/// [`path::parse`]. The habits of the filter in it are counted in `used`.
///
/// # Errors
/// 400 `invalidPath` when the text is no such path; 400 `invalidFilter` when the filter in it cannot be
/// read or does not fit.
pub fn parse_value_path(
    text: &str,
    rt: &ResourceType,
    leniency: &Leniency,
    used: &mut Habits,
) -> Result<ValuePath> {
    value_path(text, rt, Tolerance::new(leniency, used))
}

pub(crate) fn value_path(text: &str, rt: &ResourceType, mut tolerance: Tolerance<'_>) -> Result<ValuePath> {
    let trimmed = text.trim_ascii();
    if trimmed.len() > MAX_BYTES {
        return Err(Error::invalid_path(format!(
            "the path is longer than {MAX_BYTES} bytes"
        )));
    }
    spaced(text, &mut tolerance).map_err(|error| Error::invalid_path(error.detail))?;
    if !trimmed.contains('[') {
        return Ok(ValuePath {
            path: path::parse(trimmed, rt)?,
            filter: None,
            sub: None,
        });
    }
    let mut parser = Parser::new(trimmed, tolerance);
    parser.in_path = true;
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
