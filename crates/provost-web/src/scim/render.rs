//! Answer bodies. What is stored is spliced into the answer as text; it is read again only when a
//! projection takes attributes away.

use super::exchange::Exchange;
use super::{endpoint_of, membership, resource_type};
use crate::error::Result;
use provost_engine::object::Kind;
use provost_scim::page::Head;
use provost_scim::project::Projection;
use provost_scim::resource::{self, Meta, Version, push_json_string};
use provost_store::Error;
use provost_store::directory::Object;
use provost_store::member::Peer;
use serde_json::Value;
use uuid::fmt::Hyphenated;
use xxhash_rust::xxh3::Xxh3;

/// The address of an object.
pub(crate) fn location(base: &str, object: &Object) -> String {
    let mut buffer = [0; Hyphenated::LENGTH];
    let id = object.id.hyphenated().encode_lower(&mut buffer);
    [base, endpoint_of(object.kind), "/", id].concat()
}

/// The version of an object as it is shown. A person's own version does not move when somebody changes their
/// groups, so the groups have a part in it; a group's version moves with its members.
pub(crate) fn version(object: &Object, peers: &[Peer]) -> Version {
    if object.kind == Kind::Group || peers.is_empty() {
        return object.version.into();
    }
    let mut digest = Xxh3::new();
    for peer in peers {
        digest.update(peer.id.as_bytes());
        digest.update(&(peer.label.len() as u64).to_be_bytes());
        digest.update(peer.label.as_bytes());
    }
    Version {
        number: object.version,
        related: (digest.digest() as u32).max(1),
    }
}

/// The body for one object.
///
/// # Errors
/// When the stored document is damaged.
pub(crate) fn one(x: &Exchange, object: &Object, peers: &[Peer], projection: &Projection) -> Result<String> {
    let mut out = String::with_capacity(object.document.len() + 512);
    push(&mut out, x, object, peers, projection)?;
    Ok(out)
}

/// A page of a list (RFC 7644 section 3.4.2, RFC 9865 section 2).
///
/// # Errors
/// When a stored document is damaged.
pub(crate) fn list(x: &Exchange, page: &Listed, projections: &[Projection; 2]) -> Result<String> {
    let objects = &page.objects;
    let text: usize = objects.iter().map(|object| object.document.len() + 512).sum();
    let head = Head {
        total: page.total,
        start_index: page.start,
        items: objects.len() as u64,
        next_cursor: page.next.as_deref(),
    };
    let mut out = head.render();
    out.reserve(text + 2);
    for (index, object) in objects.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let peers = page.peers.get(index).map_or(&[][..], Vec::as_slice);
        let [people, groups] = projections;
        let projection = if object.kind == Kind::Person {
            people
        } else {
            groups
        };
        push(&mut out, x, object, peers, projection)?;
    }
    out.push_str("]}");
    Ok(out)
}

/// What a list's answer is made of.
pub(crate) struct Listed {
    /// How many resources the whole list has, when that is known.
    pub total: Option<u64>,
    /// The number of the first one of this page, from 1; none when the list is paged by cursor.
    pub start: Option<u64>,
    /// The cursor of the next page; none on the last one, and when the list is paged by position.
    pub next: Option<String>,
    /// The resources of this page.
    pub objects: Vec<Object>,
    /// The other ends of their memberships, in the same order; nothing at all when they are not to be shown.
    pub peers: Vec<Vec<Peer>>,
}

fn push(
    out: &mut String,
    x: &Exchange,
    object: &Object,
    peers: &[Peer],
    projection: &Projection,
) -> Result<()> {
    let mut buffer = [0; Hyphenated::LENGTH];
    let id = object.id.hyphenated().encode_lower(&mut buffer);
    let location = location(&x.base, object);
    let rt = resource_type(x.caller.catalogue(), object.kind);
    let meta = Meta {
        rt,
        created: object.created,
        modified: object.modified,
        location: &location,
        version: version(object, peers),
    };
    let is_shown = membership::is_wanted(object.kind, projection);
    let relation = if is_shown {
        relation(&x.base, object.kind, peers)
    } else {
        None
    };
    let extra = relation
        .as_deref()
        .map(|text| (membership::attribute(object.kind), text));
    if projection.keeps_document() {
        resource::render(out, &object.document, id, &meta, extra);
        return Ok(());
    }
    let damaged = |e: serde_json::Error| Error::Damaged(format!("the document of {id} cannot be read: {e}"));
    let document = serde_json::from_str(&object.document).map_err(damaged)?;
    let extra = match extra {
        Some((name, text)) => Some((name, serde_json::from_str::<Value>(text).map_err(damaged)?)),
        None => None,
    };
    let whole = resource::to_value(&document, id, &meta, extra);
    out.push_str(&projection.apply(rt, whole).to_string());
    Ok(())
}

/// Memberships as JSON. A group always shows its members, also when it has none, because clients index into
/// them; a person without groups does not show any.
fn relation(base: &str, kind: Kind, peers: &[Peer]) -> Option<String> {
    if kind == Kind::Person && peers.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(2 + peers.len() * 192);
    out.push('[');
    for (index, peer) in peers.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let mut buffer = [0; Hyphenated::LENGTH];
        let id = peer.id.hyphenated().encode_lower(&mut buffer);
        let word = match (kind, peer.kind) {
            (Kind::Person, _) => "direct",
            (Kind::Group, Kind::Person) => "User",
            (Kind::Group, Kind::Group) => "Group",
        };
        out.push_str("{\"value\":\"");
        out.push_str(id);
        out.push_str("\",\"$ref\":\"");
        for part in [base, endpoint_of(peer.kind), "/", id] {
            out.push_str(part);
        }
        out.push_str("\",\"display\":");
        push_json_string(&mut out, &peer.label);
        out.push_str(",\"type\":\"");
        out.push_str(word);
        out.push_str("\"}");
    }
    out.push(']');
    Some(out)
}
