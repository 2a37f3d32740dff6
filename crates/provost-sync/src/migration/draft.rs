//! What is entered for a migration, and what is said to it field by field: nothing is asked of anybody here.

use crate::microsoft_365::FieldLine;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use provost_saml::certificate::Certificate;
use provost_saml::entra::Guid;
use provost_store::hex;
use provost_store::microsoft_365::Provider;
use serde::Serialize;
use std::fmt::Write as _;

/// Characters of an owner and of a contact.
const TEXT: usize = 200;
/// Certificates of one migration: the one that signs, and the one that follows it.
const CERTIFICATES: usize = 2;
/// From when on the end of a certificate is said.
const SOON: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A migration before it is saved.
#[derive(Clone, Default)]
pub struct MigrationDraft {
    /// The Application (client) ID, or an address of Entra's portal that holds it.
    pub application: String,
    /// What was pasted as certificates, each PEM, the Base64 alone, or DER; empty ones do not count.
    pub certificates: Vec<Vec<u8>>,
    /// When the window begins: [`moment`].
    pub starts: String,
    /// When it ends.
    pub deadline: String,
    /// Who answers for it.
    pub owner: String,
    /// Whom people ask.
    pub contact: String,
}

/// Never what was pasted: it may be a private key.
impl std::fmt::Debug for MigrationDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MigrationDraft")
            .field("application", &self.application)
            .field("certificates", &self.certificates.len())
            .finish_non_exhaustive()
    }
}

/// A certificate, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateShown {
    /// Whom it names.
    pub subject: String,
    /// Who issued it; Entra's are their own issuer.
    pub issuer: String,
    /// The thumbprint as Entra shows it: SHA-1 in upper-case hexadecimal.
    pub sha1: String,
    /// SHA-256 in upper-case hexadecimal.
    pub sha256: String,
    /// The first moment at which it is valid, in milliseconds since 1970.
    pub starts: i64,
    /// The last one.
    pub ends: i64,
}

impl CertificateShown {
    /// Of a certificate.
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject().to_owned(),
            issuer: certificate.issuer().to_owned(),
            sha1: certificate.sha1(),
            sha256: certificate.sha256(),
            starts: certificate.starts().as_millisecond(),
            ends: certificate.ends().as_millisecond(),
        }
    }

    /// Of certificates as they are kept; one that cannot be read is left out.
    pub(super) fn of_kept(kept: &[String]) -> Vec<Self> {
        kept.iter()
            .filter_map(|one| Certificate::parse(one.as_bytes()).ok())
            .map(|one| Self::of(&one))
            .collect()
    }
}

/// What is said to a draft. Nothing is saved by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MigrationChecked {
    /// A line for each field, in the order of the form.
    pub lines: Vec<FieldLine>,
    /// The certificates that could be read.
    pub certificates: Vec<CertificateShown>,
    /// What was compared with what the tenant publishes; empty where it was not asked.
    pub compared: String,
    /// Whether exactly these values can be saved.
    pub green: bool,
}

impl MigrationChecked {
    /// The fields that cannot be saved.
    pub(super) fn faults(&self) -> Vec<FieldLine> {
        self.lines.iter().filter(|line| !line.ok).cloned().collect()
    }
}

/// A draft whose fields were read.
pub(super) struct Read {
    pub lines: Vec<FieldLine>,
    pub application: String,
    pub certificates: Vec<Certificate>,
    pub starts: i64,
    pub deadline: i64,
    pub owner: String,
    pub contact: String,
}

impl Read {
    /// Reads a draft. `provisioning` is the client id of the provider's connection.
    pub fn of(draft: &MigrationDraft, provisioning: &str, now: i64) -> Self {
        let mut lines = Vec::new();
        let application = application(&draft.application, provisioning, &mut lines);
        let (starts, deadline) = window(draft, now, &mut lines);
        let certificates = certificates(&draft.certificates, now, deadline, &mut lines);
        let owner = text("owner", &draft.owner, &mut lines);
        let contact = text("contact", &draft.contact, &mut lines);
        Self {
            lines,
            application,
            certificates,
            starts,
            deadline,
            owner,
            contact,
        }
    }

    /// What a green check is bound to: the provider, its tenant, and every value.
    pub fn digest(&self, provider: &Provider) -> String {
        let mut all = format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n{}\n",
            provider.id,
            provider.tenant_id.as_deref().unwrap_or_default(),
            self.application,
            self.starts,
            self.deadline,
            self.owner,
            self.contact
        );
        for one in &self.certificates {
            let _ = writeln!(all, "{}", one.sha256());
        }
        hex(digest(&SHA256, all.as_bytes()).as_ref())
    }

    /// The certificates as they are kept.
    pub fn kept(&self) -> Vec<String> {
        self.certificates.iter().map(Certificate::base64).collect()
    }
}

fn application(entered: &str, provisioning: &str, lines: &mut Vec<FieldLine>) -> String {
    let wrong = |sentence: &str, hint: &str| {
        FieldLine::wrong("application", "PRV-MIGRATION-APPLICATION", sentence, hint)
    };
    let Some(id) = guid_in(entered) else {
        lines.push(wrong(
            "this is no Application (client) ID, and no address that holds one",
            "Copy it from the Overview of the enterprise application: 32 hexadecimal digits with four hyphens.",
        ));
        return String::new();
    };
    if id.as_str().eq_ignore_ascii_case(provisioning) {
        lines.push(wrong(
            "this is the application with which the accounts are provisioned, and the migration needs another one: the one \
             may write to the tenant, the other only signs people in",
            "Make an enterprise application for the migration alone, and paste its Application (client) ID.",
        ));
        return String::new();
    }
    lines.push(match id.as_str() == entered.trim() {
        true => FieldLine::fine("application"),
        false => FieldLine::note("application", format!("kept as {id}")),
    });
    id.as_str().to_owned()
}

/// The GUID that was entered, or the application's in an address of the portal.
fn guid_in(entered: &str) -> Option<Guid> {
    let text = entered.trim();
    if let Ok(id) = Guid::parse(text) {
        return Some(id);
    }
    let lower = text.to_ascii_lowercase();
    let named = ["/appid/", "appid=", "client_id="].into_iter().find_map(|mark| {
        lower
            .split_once(mark)
            .and_then(|(_, rest)| Guid::parse(rest.get(..36)?).ok())
    });
    if named.is_some() {
        return named;
    }
    let parts = lower.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    let mut found = parts.filter_map(|part| Guid::parse(part).ok());
    // Which of several it is, nobody can tell.
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn window(draft: &MigrationDraft, now: i64, lines: &mut Vec<FieldLine>) -> (i64, i64) {
    let wrong =
        |field, sentence: &str, hint: &str| FieldLine::wrong(field, "PRV-MIGRATION-WINDOW", sentence, hint);
    let hint = "Enter a day, or a day and a time in UTC: 2026-12-01T08:00.";
    let starts = moment(&draft.starts);
    lines.push(match starts {
        Some(_) => FieldLine::fine("starts"),
        None => wrong(
            "starts",
            "the window has no start, and nobody is invited without one",
            hint,
        ),
    });
    let deadline = moment(&draft.deadline);
    let (from, to) = (starts.unwrap_or(0), deadline.unwrap_or(0));
    lines.push(match deadline {
        None => wrong(
            "deadline",
            "the window has no deadline, and nobody is invited without one",
            hint,
        ),
        Some(to) if to <= now => wrong("deadline", "the deadline is over already", "Enter a later one."),
        Some(to) if to <= from => wrong(
            "deadline",
            "the deadline lies before the start",
            "Enter a later one, or an earlier start.",
        ),
        Some(_) => FieldLine::fine("deadline"),
    });
    (from, to)
}

fn certificates(pasted: &[Vec<u8>], now: i64, deadline: i64, lines: &mut Vec<FieldLine>) -> Vec<Certificate> {
    let given: Vec<&Vec<u8>> = pasted
        .iter()
        .filter(|one| !one.iter().all(u8::is_ascii_whitespace))
        .collect();
    let wrong = |sentence: String, hint: &str| {
        FieldLine::wrong("certificate", "PRV-MIGRATION-CERTIFICATE", sentence, hint)
    };
    let paste = "Paste the certificate (Base64) of the application's page Single sign-on.";
    if given.is_empty() || given.len() > CERTIFICATES {
        lines.push(wrong(
            format!("there are {} certificates, where one or two belong", given.len()),
            paste,
        ));
        return Vec::new();
    }
    let mut found = Vec::new();
    for one in given {
        let certificate = match Certificate::parse(one) {
            Ok(certificate) => certificate,
            Err(error) => {
                lines.push(wrong(error.to_string(), paste));
                return Vec::new();
            }
        };
        if let Some(line) = lasting(&certificate, now, deadline) {
            lines.push(line);
            return Vec::new();
        }
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    let soonest = found.iter().map(Certificate::ends).min();
    let soon = millis(now).saturating_add(SOON).unwrap_or(Timestamp::MAX);
    lines.push(match soonest {
        Some(end) if end < soon => FieldLine::note("certificate", format!("it ends at {end}")),
        _ => FieldLine::fine("certificate"),
    });
    found
}

/// What is wrong with the time in which a certificate is valid: it has to be valid now and until the deadline.
pub(super) fn lasting(certificate: &Certificate, now: i64, deadline: i64) -> Option<FieldLine> {
    let (now, deadline) = (millis(now), millis(deadline));
    let sentence = if certificate.ends() <= now {
        format!("the certificate ended at {}", certificate.ends())
    } else if certificate.starts() > now {
        format!("the certificate is valid from {} only", certificate.starts())
    } else if certificate.ends() <= deadline {
        format!(
            "the certificate ends at {}, before the deadline at {deadline}",
            certificate.ends()
        )
    } else {
        return None;
    };
    Some(FieldLine::wrong(
        "certificate",
        "PRV-MIGRATION-CERTIFICATE",
        sentence,
        "Make a new certificate in Entra and activate it, or choose an earlier deadline.",
    ))
}

fn millis(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX)
}

fn text(field: &'static str, entered: &str, lines: &mut Vec<FieldLine>) -> String {
    let kept = entered.trim();
    let fits = !kept.is_empty() && kept.chars().count() <= TEXT && !kept.chars().any(char::is_control);
    lines.push(match fits {
        true => FieldLine::fine(field),
        false => FieldLine::wrong(
            field,
            "PRV-MIGRATION-WINDOW",
            "it is empty, longer than 200 characters, or has a control character",
            "Name somebody who can be asked: the owner answers for the window, the contact is shown to people.",
        ),
    });
    kept.to_owned()
}

/// Whether what was pasted holds a private key: it is refused, and stands in no page again.
#[must_use]
pub fn is_private_key(pasted: &str) -> bool {
    pasted.contains("PRIVATE KEY")
        || matches!(
            Certificate::parse(pasted.as_bytes()),
            Err(provost_saml::Error::PrivateKey)
        )
}

/// A moment as it is entered: a time with its zone (RFC 3339), or a day with or without a time, in UTC. In milliseconds
/// since 1970.
#[must_use]
pub fn moment(entered: &str) -> Option<i64> {
    let text = entered.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let civil = match text.parse::<DateTime>() {
        Ok(at) => at,
        Err(_) => text.parse::<Date>().ok()?.at(0, 0, 0, 0),
    };
    let at = civil.to_zoned(TimeZone::UTC).ok()?;
    Some(at.timestamp().as_millisecond())
}

/// A moment as a form shows it: a day and a time in UTC.
#[must_use]
pub fn moment_text(at: i64) -> String {
    let at = millis(at).to_zoned(TimeZone::UTC);
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-4333-8444-555555555555";
    const OTHER: &str = "99999999-2222-4333-8444-555555555555";

    #[test]
    fn an_application_is_found_in_an_address_of_the_portal() {
        let found = |text: &str| guid_in(text).map(|id| id.as_str().to_owned());
        let address = format!(
            "https://entra.microsoft.com/#view/X/ManagedAppMenuBlade/~/Overview/objectId/{OTHER}/appId/{ID}/preferred"
        );
        for text in [ID.to_uppercase(), format!(" {ID} "), address, format!("id: {ID}")] {
            assert_eq!(found(&text).as_deref(), Some(ID), "{text}");
        }
        assert_eq!(found(&format!("{ID} {OTHER}")), None);
        assert_eq!(found("contoso"), None);
    }

    #[test]
    fn moments_are_read_as_they_are_typed() {
        assert_eq!(moment("1970-01-02"), Some(86_400_000));
        assert_eq!(moment("1970-01-01T01:00"), Some(3_600_000));
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(moment("tomorrow"), None);
        assert_eq!(moment_text(3_600_000), "1970-01-01T01:00");
    }
}
