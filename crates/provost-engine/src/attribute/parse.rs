//! From the text of an attribute path to its segments.

use provost_scim::schema::{self, Attribute};

use super::Segment;
use super::select::Select;

/// The URN prefix of core attributes, which documents keep without it (RFC 7643 section 3.1).
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:";
/// The deepest path: a complex attribute in an extension has three segments, so this is generous.
const MAX_SEGMENTS: usize = 8;

/// Splits `[urn:]name[filter].sub` into segments.
pub(super) fn path(text: &str) -> Result<Vec<Segment>, String> {
    let (urn, names) = split_urn(text);
    let mut segments = Vec::new();
    if let Some(urn) = urn {
        segments.push(segment(urn, None)?);
    }
    for part in split_outside_brackets(names, b'.')? {
        let (name, filter) = match part.find('[') {
            Some(open) => {
                let filter = part[open + 1..]
                    .strip_suffix(']')
                    .ok_or_else(|| format!("text follows the filter in \"{part}\" without a dot"))?;
                (&part[..open], Some(Select::parse(filter)?))
            }
            None => (part, None),
        };
        segments.push(segment(name, filter)?);
    }
    if segments.len() > MAX_SEGMENTS {
        return Err(format!("the path has more than {MAX_SEGMENTS} parts"));
    }
    canonicalize(&mut segments);
    Ok(segments)
}

fn segment(name: &str, select: Option<Select>) -> Result<Segment, String> {
    let name = name.trim();
    if name.is_empty() {
        return Err("the path has an empty part".to_owned());
    }
    Ok(Segment {
        name: name.into(),
        canonical: false,
        select,
    })
}

/// Takes the URN off the front: everything up to the last colon outside a filter.
fn split_urn(text: &str) -> (Option<&str>, &str) {
    let is_urn = text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    let before_filter = text.find('[').unwrap_or(text.len());
    match text[..before_filter].rfind(':') {
        Some(colon) if is_urn => {
            let (urn, name) = (&text[..colon], &text[colon + 1..]);
            let is_core = urn
                .get(..CORE.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(CORE));
            ((!is_core).then_some(urn), name)
        }
        _ => (None, text),
    }
}

/// Splits at a separator that stands outside brackets and outside quotes within brackets.
fn split_outside_brackets(text: &str, separator: u8) -> Result<Vec<&str>, String> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            b'[' => depth += 1,
            b']' if depth == 0 => return Err("a \"]\" has no \"[\" before it".to_owned()),
            b']' => depth -= 1,
            b if b == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("a \"[\" is not closed".to_owned());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

/// Puts names into the canonical case of the schemas, in which documents keep them. Names that no
/// schema knows stay as they are and are looked for in every case.
fn canonicalize(segments: &mut [Segment]) {
    let [first, rest @ ..] = segments else {
        return;
    };
    let types = [schema::user(), schema::group()];
    if first.name.contains(':') {
        let mut extensions = types.iter().flat_map(|rt| rt.extensions.iter());
        let found = extensions.find(|(extension, _)| extension.id.eq_ignore_ascii_case(&first.name));
        if let Some((extension, _)) = found {
            first.become_canonical(&extension.id);
            descend(rest, &extension.attributes);
        }
        return;
    }
    let holder = types
        .iter()
        .find(|rt| attribute(&rt.schema.attributes, &first.name).is_some());
    if let Some(holder) = holder {
        descend(segments, &holder.schema.attributes);
    }
}

fn descend(segments: &mut [Segment], mut attributes: &[Attribute]) {
    for segment in segments {
        let Some(attribute) = attribute(attributes, &segment.name) else {
            return;
        };
        segment.become_canonical(&attribute.name);
        attributes = &attribute.sub_attributes;
    }
}

fn attribute<'s>(attributes: &'s [Attribute], name: &str) -> Option<&'s Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
