//! What this hub is told to Microsoft as.

use super::{FederationCheck, Group};
use crate::federation::facts::{Facts, Served};

const SIGNING: Group = Group::Signing;
const DAY: i64 = 86_400_000;
/// Days for which the certificate has to be good.
const LEAST: i64 = 60;
/// Seconds by which the clocks may differ. Microsoft refuses answers from the future.
const APART: i64 = 30;

pub(super) fn checks(facts: &Facts) -> Vec<FederationCheck> {
    vec![
        certificate(facts),
        sendable(facts),
        address(facts),
        metadata(facts),
        clock(facts),
    ]
}

fn certificate(facts: &Facts) -> FederationCheck {
    let (is_green, evidence) = match &facts.ours.certificate {
        None => (false, "There is no signing key yet.".to_owned()),
        Some(one) => {
            let days = (one.ends - facts.now).div_euclid(DAY);
            let subject = &one.subject;
            match days {
                days if days > LEAST => (true, format!("{subject} is good for {days} more days.")),
                days if days >= 0 => (false, format!("{subject} ends in {days} days.")),
                _ => (false, format!("{subject} has ended.")),
            }
        }
    };
    FederationCheck::new("certificate", SIGNING, is_green, evidence)
        .next(
            "Save the section Authentication, which makes a key; renew one that ends soon before the switch.",
        )
        .at("authentication")
        .sealed(Some("short"), &[])
}

fn sendable(facts: &Facts) -> FederationCheck {
    let judged = facts
        .ours
        .wanted(&facts.record)
        .map(|wanted| wanted.check(&facts.provider.domain));
    let (is_green, evidence) = match judged {
        None => (false, "Nothing can be sent without a certificate.".to_owned()),
        Some(Ok(())) => (
            true,
            format!("Microsoft would be told the issuer {}.", facts.ours.values.issuer),
        ),
        Some(Err(why)) => (
            false,
            format!("Microsoft would not take what is to be sent: {why}."),
        ),
    };
    FederationCheck::new("sendable", SIGNING, is_green, evidence)
        .next("Correct the public address in the configuration of the server: Microsoft takes https alone.")
        .sealed(None, &[])
}

fn address(facts: &Facts) -> FederationCheck {
    let url = facts.public_url.trim_end_matches('/');
    let host = url
        .strip_prefix("https://")
        .map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    let is_public = |host: &str| {
        let is_number = host.starts_with('[') || host.split('.').all(|part| part.parse::<u8>().is_ok());
        host.contains('.') && !is_number && !host.ends_with(".local") && !host.ends_with(".internal")
    };
    let (is_green, evidence) = match host {
        None => (
            false,
            format!("The public address {url} does not begin with https://."),
        ),
        Some(host) if is_public(host) => (true, format!("People reach this hub at {url}.")),
        Some(host) if facts.is_private && !host.is_empty() => (
            true,
            format!("{host} is no public name, which the provider's private network allows."),
        ),
        Some(host) => (
            false,
            format!("{host} is no public name: nobody outside could sign in."),
        ),
    };
    FederationCheck::new("public_address", SIGNING, is_green, evidence)
        .next("Set `public_url` to the https address by which everybody reaches this hub.")
        .sealed(None, &[])
}

fn metadata(facts: &Facts) -> FederationCheck {
    let place = &facts.ours.values.metadata;
    let (is_green, evidence, basis) = match &facts.served {
        Served::Same => (true, format!("{place} serves what will be sent."), None),
        Served::Otherwise(what) => (
            false,
            format!("{place} serves another {} than will be sent.", what.join(", ")),
            None,
        ),
        Served::Unread(why) => (
            false,
            format!("{place} could not be read from here: {why}"),
            Some("unread"),
        ),
    };
    let check = FederationCheck::new("metadata", SIGNING, is_green, evidence)
        .next("Open the address from outside; where this server just cannot reach itself, sign that off.");
    match basis {
        Some(_) => check.may_be_signed().sealed(basis, &[]),
        None => check.sealed(None, &[]),
    }
}

fn clock(facts: &Facts) -> FederationCheck {
    let (is_green, evidence) = match &facts.realm {
        Err(why) => (false, format!("Microsoft's clock could not be read: {why}")),
        Ok(realm) => match realm.date {
            None => (false, "Microsoft sent no date.".to_owned()),
            Some(date) => {
                let apart = (facts.now - date.as_millisecond()).abs() / 1000;
                (
                    apart <= APART,
                    format!("This clock and Microsoft's are {apart} seconds apart."),
                )
            }
        },
    };
    FederationCheck::new("clock", SIGNING, is_green, evidence)
        .next("Keep the server's clock by NTP: with a wrong one every sign-in fails.")
        .sealed(Some("apart"), &[])
}
