//! For whom and for how long a response is good: subject confirmation, conditions, audience.

use jiff::Timestamp;

use super::party::{Pending, ServiceProvider};
use crate::error::{Error, Result};
use crate::names::{ASSERTION, BEARER};
use crate::time::{self, SKEW};
use crate::xml::{Document, ElementId};

/// Row 13: at least one bearer confirmation that holds. Gives its end.
pub(super) fn subject(
    document: &Document,
    assertion: ElementId,
    provider: &ServiceProvider,
    pending: &Pending,
    now: Timestamp,
) -> Result<Timestamp> {
    let subject = document.one(assertion, ASSERTION, "Subject")?;
    let mut why = Error::Confirmation;
    for confirmation in document.named(subject, ASSERTION, "SubjectConfirmation") {
        if document.attribute(confirmation, "Method") != Some(BEARER) {
            continue;
        }
        match bearer(document, confirmation, provider, pending, now) {
            Ok(end) => return Ok(end),
            Err(error) => why = error,
        }
    }
    Err(why)
}

fn bearer(
    document: &Document,
    confirmation: ElementId,
    provider: &ServiceProvider,
    pending: &Pending,
    now: Timestamp,
) -> Result<Timestamp> {
    let data = document
        .maybe_one(confirmation, ASSERTION, "SubjectConfirmationData")?
        .ok_or(Error::Confirmation)?;
    if document.attribute(data, "Recipient") != Some(provider.acs.as_str()) {
        return Err(Error::Recipient);
    }
    match document.attribute(data, "InResponseTo") {
        None => return Err(Error::Unsolicited),
        Some(id) if id == pending.request_id => {}
        Some(_) => return Err(Error::InResponseTo),
    }
    if document.attribute(data, "NotBefore").is_some() {
        return Err(Error::ConfirmationNotBefore);
    }
    let end = moment(document, data, "NotOnOrAfter")?.ok_or(Error::Missing { what: "NotOnOrAfter" })?;
    if time::before(now, SKEW) >= end {
        return Err(Error::ConfirmationOver);
    }
    Ok(end)
}

/// Rows 14 and 15: valid now, for us, and nothing in it that is not known here. Gives the end.
pub(super) fn conditions(
    document: &Document,
    assertion: ElementId,
    provider: &ServiceProvider,
    now: Timestamp,
) -> Result<Timestamp> {
    let conditions = document.one(assertion, ASSERTION, "Conditions")?;
    if moment(document, conditions, "NotBefore")?.is_some_and(|start| start > time::after(now, SKEW)) {
        return Err(Error::Early);
    }
    let end = moment(document, conditions, "NotOnOrAfter")?.ok_or(Error::Missing { what: "NotOnOrAfter" })?;
    if time::before(now, SKEW) >= end {
        return Err(Error::Late);
    }
    let mut restrictions = 0;
    for condition in document.children(conditions) {
        if document.is(condition, ASSERTION, "AudienceRestriction") {
            restrictions += 1;
            audience(document, condition, provider)?;
        } else if !document.is(condition, ASSERTION, "OneTimeUse")
            && !document.is(condition, ASSERTION, "ProxyRestriction")
        {
            return Err(Error::Condition);
        }
    }
    if restrictions == 0 {
        Err(Error::Audience)
    } else {
        Ok(end)
    }
}

/// One restriction: one of its audiences must be us. Several restrictions must all hold.
fn audience(document: &Document, restriction: ElementId, provider: &ServiceProvider) -> Result<()> {
    for audience in document.named(restriction, ASSERTION, "Audience") {
        if document.leaf(audience, "Audience")? == provider.entity_id.as_str() {
            return Ok(());
        }
    }
    Err(Error::Audience)
}

fn moment(document: &Document, element: ElementId, what: &'static str) -> Result<Option<Timestamp>> {
    document
        .attribute(element, what)
        .map(|text| time::read(text, what))
        .transpose()
}
