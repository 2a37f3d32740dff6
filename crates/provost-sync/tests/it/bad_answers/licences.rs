//! A licence is to be given or taken back, and cannot be: the account stays as it is, and the reason is told.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::{Effect, Settings};
use serde_json::json;

/// Ann without her licence.
const BARE: &str = "ann Clerk under bob, bob; Sales: ann bob";
const ASSIGN: &str = "POST /users/*/assignLicense";

/// The licence is refused until the cause is gone.
fn refused(name: &str, error: &str, code: &'static str) -> Case {
    Case::new(name)
        .always(ASSIGN, error)
        .holds(BARE)
        .told(Place::Retry, "ann", code)
}

fn no_seat(settings: &mut Settings) {
    settings.skus.iter_mut().for_each(|sku| sku.seats = 0);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("no seat is free")
            .settings(no_seat)
            .holds(BARE)
            .told(Place::Retry, "ann", "PRV-LICENCE-SEATS")
            .mend(
                |tenant| tenant.change(|settings| settings.skus[0].seats = 5),
                WHOLE,
            ),
        refused(
            "somebody else took the last seat",
            "licence_seats",
            "PRV-LICENCE-SEATS",
        ),
        Case::new("no usage location")
            .ann(json!({"locale": null}))
            .holds(BARE)
            .told(Place::Retry, "ann", "PRV-LICENCE-LOCATION"),
        refused(
            "the usage location is not known yet",
            "licence_location",
            "PRV-LICENCE-LOCATION",
        ),
        refused(
            "two products exclude each other",
            "licence_clash",
            "PRV-LICENCE-CLASH",
        ),
        refused(
            "a service needs another one",
            "licence_dependency",
            "PRV-LICENCE-PREREQUISITE",
        ),
        Case::new("a service may not be used in the country")
            .settings(|settings| settings.skus[0].plans[0].prohibited_in = vec!["NO".to_owned()])
            .holds(BARE)
            .told(Place::Retry, "ann", "PRV-LICENCE-PROHIBITED"),
        Case::new("the product is not the organisation's")
            .ann(json!({"nickName": "SPE_E9"}))
            .holds("bob; Sales: bob")
            .told(Place::Failed, "ann", "PRV-LICENCE-UNKNOWN"),
        Case::new("the product is for whole organisations")
            .ann(json!({"nickName": "WINDOWS_STORE"}))
            .holds(BARE)
            .told(Place::Retry, "ann", "PRV-LICENCE-UNKNOWN"),
        Case::new("the plan to be left out is not in the product")
            .ann(json!({"nickName": "SPE_E3 -SWAY"}))
            .holds("bob; Sales: bob")
            .told(Place::Failed, "ann", "PRV-LICENCE-PLAN"),
        refused(
            "the permission to give licences is missing",
            "denied",
            "PRV-CONNECT-FORBIDDEN",
        ),
        refused(
            "the licence service fails",
            "internal_error",
            "PRV-CONNECT-UNAVAILABLE",
        ),
        refused(
            "the mail address of the licence is taken",
            "address_taken",
            "PRV-LICENCE-ADDRESS",
        ),
        refused(
            "a licence is refused without a reason that is known",
            "unknown_property",
            "PRV-LICENCE-REFUSED",
        ),
        Case::new("given, and then 500").answer_after(ASSIGN, 1, "internal_error"),
        Case::new("given, but the answer is lost").strike(ASSIGN, 1, Effect::Drop { after: true }),
        Case::new("the products cannot be read")
            .always("GET /subscribedSkus", "denied")
            .holds("bob; Sales: bob")
            .told(Place::Failed, "ann", "PRV-LICENCE-UNREAD"),
        Case::new("the products cannot be read for a moment").answer("GET /subscribedSkus", 1, "unavailable"),
        Case::new("a licence that a group gives is to be taken back")
            .then(Change::NoLicence)
            .always(ASSIGN, "licence_inherited")
            .told(Place::Retry, "ann", "PRV-LICENCE-INHERITED")
            .mended(BARE),
        Case::new("a swap is refused as a whole")
            .then(Change::OtherLicence)
            .always(ASSIGN, "licence_clash")
            .told(Place::Retry, "ann", "PRV-LICENCE-CLASH")
            .mended(WHOLE.replace("SPE_E3", "SPE_F1").as_str()),
    ]
}
