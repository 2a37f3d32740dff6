//! Why Microsoft 365 refuses a licence.
//!
//! A refusal of a direct assignment is a 400 with a general code, so only its words tell the
//! cases apart; where the cause is named as group licensing names it (`CountViolation` and so on,
//! "Group-based licensing: identify and resolve problems"), the name counts.

use super::exchange::Exchange;
use crate::{Error, Refusal};

/// Pieces of refusals in lower case; the first row that fits counts.
const WORDS: [(Refusal, &[&str]); 23] = [
    (Refusal::Seats, &["countviolation"]),
    (Refusal::Clash, &["mutuallyexclusiveviolation"]),
    (Refusal::Prerequisite, &["dependencyviolation"]),
    (Refusal::Prohibited, &["prohibitedinusagelocation"]),
    (Refusal::Address, &["uniquenessviolation"]),
    (Refusal::Seats, &["not", "available licenses"]),
    (Refusal::Seats, &["not", "enough licenses"]),
    (Refusal::Seats, &["no available", "license"]),
    (Refusal::Prohibited, &["prohibited", "usage location"]),
    (Refusal::Prohibited, &["not available", "location"]),
    (Refusal::Prohibited, &["not allowed", "usage location"]),
    (Refusal::Location, &["usage location"]),
    (Refusal::Location, &["usagelocation"]),
    (Refusal::Clash, &["mutually exclusive"]),
    (Refusal::Prerequisite, &["depend"]),
    (Refusal::Inherited, &["inherited from a group"]),
    (Refusal::Inherited, &["inherit", "group"]),
    (Refusal::NotHeld, &["does not have a corresponding license"]),
    (Refusal::Plan, &["plan", "does not belong"]),
    (Refusal::Plan, &["plan", "not valid"]),
    (
        Refusal::Product,
        &["does not correspond to a valid company license"],
    ),
    (Refusal::Address, &["proxy address"]),
    (Refusal::Address, &["proxyaddresses"]),
];

/// The error that a refused change of licences stands for, in words of ours.
pub(crate) fn failure(exchange: &Exchange, operation: &str) -> Error {
    let error = exchange.failure(operation, None);
    match error {
        Error::Rejected { reason, .. } | Error::Conflict { reason, .. } => {
            of(exchange).error(operation, &reason)
        }
        other => other,
    }
}

fn of(exchange: &Exchange) -> Refusal {
    let mut text = exchange.message().to_ascii_lowercase();
    for code in exchange.detail_codes() {
        text.push(' ');
        text.push_str(&code.to_ascii_lowercase());
    }
    WORDS
        .iter()
        .find(|(_, words)| words.iter().all(|word| text.contains(word)))
        .map_or(Refusal::Other, |(refusal, _)| *refusal)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refused(message: &str, details: Value) -> Exchange {
        let mut exchange = Exchange::sample(400);
        exchange.body = Some(json!({"error": {
            "code": "Request_BadRequest", "message": message, "details": details}}));
        exchange
    }

    #[test]
    fn each_cause_has_its_words() {
        let rows = [
            (
                "Subscription with SKU 05e9 does not have any available licenses.",
                Refusal::Seats,
            ),
            (
                "License assignment cannot be done for user with invalid usage location.",
                Refusal::Location,
            ),
            (
                "License assignment failed because service plans a and b are mutually exclusive.",
                Refusal::Clash,
            ),
            (
                "License assignment failed because service plan a depends on the service plan(s) b.",
                Refusal::Prerequisite,
            ),
            (
                "License assignment failed: ProhibitedInUsageLocationViolation",
                Refusal::Prohibited,
            ),
            (
                "The service plan is prohibited in the user's usage location.",
                Refusal::Prohibited,
            ),
            (
                "User license is inherited from a group membership and it cannot be removed directly from the user.",
                Refusal::Inherited,
            ),
            ("User does not have a corresponding license.", Refusal::NotHeld),
            (
                "License 0000 does not correspond to a valid company License.",
                Refusal::Product,
            ),
            ("Plan 0000 does not belong to license 05e9.", Refusal::Plan),
            ("The proxy address is already being used.", Refusal::Address),
            (
                "Another object with the same value for property proxyAddresses already exists.",
                Refusal::Address,
            ),
            ("Something that nobody has seen.", Refusal::Other),
        ];
        for (message, refusal) in rows {
            assert_eq!(of(&refused(message, json!([]))), refusal, "{message}");
            let error = failure(&refused(message, json!([])), "changing the licences");
            assert_eq!(Refusal::of(&error), Some(refusal));
            assert!(
                error.to_string().contains(message.trim_end_matches('.')),
                "{error}"
            );
        }
        let details = json!([{"code": "CountViolation", "message": "", "target": ""}]);
        assert_eq!(
            of(&refused("License assignment failed.", details)),
            Refusal::Seats
        );
    }

    #[test]
    fn what_is_no_refusal_stays_what_it_is() {
        let mut exchange = refused("Insufficient privileges to complete the operation.", json!([]));
        exchange.status = 403;
        assert!(matches!(failure(&exchange, "x"), Error::Forbidden { .. }));
        exchange.status = 503;
        assert!(matches!(failure(&exchange, "x"), Error::Unavailable { .. }));
    }
}
