//! Somebody is to be created, and cannot be, or somebody is in the way.

use super::case::{Case, Change, Place, WHOLE};
use m365_sim::{Domain, Effect, Settings, Simulator};
use serde_json::{Value, json};

/// What becomes of the rest when ann has no account.
const WITHOUT_ANN: &str = "bob; Sales: bob";

/// Ann's create is refused for good. Bob is tried too and is refused as well unless the refusal is about ann.
fn refused(name: &str, error: &str, code: &'static str) -> Case {
    Case::new(name)
        .always("POST /users", error)
        .holds("; Sales: ")
        .told(Place::Failed, "ann", code)
}

/// Ann's values are refused before anything is sent.
fn wrong(name: &str, ann: Value, code: &'static str) -> Case {
    Case::new(name)
        .ann(ann)
        .holds(WITHOUT_ANN)
        .told(Place::Failed, "ann", code)
}

fn plant(simulator: &Simulator, more: Value) {
    let mut user = json!({
        "userPrincipalName": "ann@contoso.example", "displayName": "Ann", "mailNickname": "ann",
        "accountEnabled": true, "userType": "Member"
    });
    user.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    simulator.plant_user(user).unwrap();
}

fn federated(settings: &mut Settings) {
    settings.domains.retain(|domain| domain.name != "contoso.example");
    settings.domains.push(Domain::federated("contoso.example"));
}

/// Matching by mail too, after the user principal name.
fn by_mail(people: &mut Value, _: &mut Value) {
    people["matching"]
        .as_array_mut()
        .unwrap()
        .push(json!({"target": "mail", "precedence": 2}));
    let mail =
        json!({"target": "mail", "expression": "Join(\"\", [displayName], \"@mail.contoso.example\")"});
    people["mappings"].as_array_mut().unwrap().push(mail);
}

fn immutable(people: &mut Value, _: &mut Value) {
    let id = json!({"target": "onPremisesImmutableId", "expression": "Join(\"\", [displayName], \"-0001\")"});
    people["mappings"].as_array_mut().unwrap().push(id);
}

fn no_immutable(people: &mut Value, _: &mut Value) {
    let id = json!({"target": "onPremisesImmutableId", "direct": "externalId"});
    people["mappings"].as_array_mut().unwrap().push(id);
}

fn phone(people: &mut Value, _: &mut Value) {
    people["mappings"]
        .as_array_mut()
        .unwrap()
        .push(json!({"target": "faxNumber", "direct": "title"}));
}

pub fn cases() -> Vec<Case> {
    let mut cases = refusals();
    cases.extend(lost());
    cases.extend(values());
    cases.extend(in_the_way());
    cases
}

fn refusals() -> Vec<Case> {
    vec![
        refused(
            "the user name is taken by somebody who cannot be found",
            "upn_taken",
            "PRV-CONNECT-CONFLICT",
        ),
        refused(
            "the mail address is taken",
            "address_taken",
            "PRV-CONNECT-CONFLICT",
        ),
        refused(
            "the immutable id is taken",
            "immutable_id_taken",
            "PRV-CONNECT-CONFLICT",
        ),
        refused(
            "a value is taken, and nobody says which",
            "same_key",
            "PRV-CONNECT-CONFLICT",
        ),
        refused(
            "netId is invalid: somebody of the name lies in the bin",
            "net_id",
            "PRV-CONNECT-CONFLICT",
        ),
        refused(
            "the domain is not verified",
            "unverified_domain",
            "PRV-CONNECT-REJECTED",
        ),
        refused(
            "the password is too weak",
            "weak_password",
            "PRV-CONNECT-REJECTED",
        ),
        refused("a value is not accepted", "bad_value", "PRV-CONNECT-REJECTED"),
        refused(
            "a property is unknown",
            "unknown_property",
            "PRV-CONNECT-REJECTED",
        ),
        refused("the directory is full", "quota_exceeded", "PRV-CONNECT-QUOTA"),
        refused(
            "the permission to create is missing",
            "denied",
            "PRV-CONNECT-FORBIDDEN",
        ),
        refused(
            "the method is not allowed",
            "method_not_allowed",
            "PRV-CONNECT-UNSUPPORTED",
        ),
        refused(
            "the media type is not taken",
            "unsupported_media_type",
            "PRV-CONNECT-UNSUPPORTED",
        ),
    ]
}

fn lost() -> Vec<Case> {
    vec![
        Case::new("created, and then 500").answer_after("POST /users", 2, "internal_error"),
        Case::new("created, and then 504").answer_after("POST /users", 1, "gateway_timeout"),
        Case::new("created, and then 409").answer_after("POST /users", 1, "concurrency"),
        Case::new("created, and the retry meets its own name").answer_after("POST /users", 1, "upn_taken"),
        Case::new("created, but the batch's answer is lost").strike(
            "POST /$batch",
            1,
            Effect::Drop { after: true },
        ),
        Case::new("created, but the batch's answer is cut").strike(
            "POST /$batch",
            1,
            Effect::Cut { bytes: 300 },
        ),
        Case::new("500 before it is created").answer("POST /users", 1, "internal_error"),
        Case::new("502 before it is created").answer("POST /users", 2, "bad_gateway"),
    ]
}

fn values() -> Vec<Case> {
    vec![
        wrong(
            "the user name's domain is nobody's",
            json!({"userName": "ann@elsewhere.example"}),
            "PRV-UPN-SUFFIX",
        ),
        wrong(
            "a name has an accent",
            json!({"userName": "änn@contoso.example"}),
            "PRV-VALUE-CHARACTERS",
        ),
        wrong(
            "the user name has no domain",
            json!({"userName": "ann"}),
            "PRV-UPN-CHARACTERS",
        ),
        wrong(
            "the country is a name",
            json!({"locale": "Norway"}),
            "PRV-USAGE-LOCATION",
        ),
        wrong(
            "the title is too long",
            json!({"title": "t".repeat(129)}),
            "PRV-VALUE-TOO-LONG",
        ),
        wrong(
            "a federated domain, and no immutable id",
            json!({}),
            "PRV-IMMUTABLE-ID-EMPTY",
        )
        .settings(federated)
        .rules(no_immutable)
        .holds("; Sales: "),
        Case::new("a property that only some tenants have").rules(phone),
    ]
}

fn in_the_way() -> Vec<Case> {
    vec![
        Case::new("a guest has the user name")
            .plant(|tenant| plant(tenant, json!({"userType": "Guest"})))
            .holds("ann, bob; Sales: bob")
            .told(Place::Unsynced, "ann", "PRV-TARGET-GUEST"),
        Case::new("an account synchronised from elsewhere has the user name")
            .plant(|tenant| plant(tenant, json!({"onPremisesSyncEnabled": true})))
            .holds("ann, bob; Sales: bob")
            .told(Place::Unsynced, "ann", "PRV-TARGET-SYNCHRONISED"),
        Case::new("the account is there already, and nobody manages it")
            .plant(|tenant| plant(tenant, json!({})))
            .holds(WHOLE),
        Case::new("two accounts have the mail address")
            .rules(by_mail)
            .plant(|tenant| {
                plant(
                    tenant,
                    json!({"userPrincipalName": "x@contoso.example", "mail": "ann@mail.contoso.example"}),
                );
                plant(
                    tenant,
                    json!({"userPrincipalName": "y@contoso.example", "mail": "ann@mail.contoso.example"}),
                );
            })
            .holds("bob, x, y; Sales: bob")
            .told(Place::Doubt, "ann", "PRV-MATCH-SEVERAL"),
        Case::new("somebody is found by the mail address only")
            .rules(by_mail)
            .plant(|tenant| {
                plant(
                    tenant,
                    json!({"userPrincipalName": "x@contoso.example", "mail": "ann@mail.contoso.example"}),
                )
            })
            .holds("bob, x; Sales: bob")
            .told(Place::Doubt, "ann", "PRV-MATCH-WEAK"),
        Case::new("the account has the immutable id of somebody else")
            .rules(immutable)
            .plant(|tenant| plant(tenant, json!({"onPremisesImmutableId": "eve-0007"})))
            .holds("ann, bob; Sales: bob")
            .told(Place::Doubt, "ann", "PRV-MATCH-IMMUTABLE-ID"),
        Case::new("the same person lies in the bin")
            .rules(|people, _| people["remove"] = json!("delete"))
            .then(Change::LeaveAndCome)
            .holds("bob; Sales: bob")
            .told(Place::Doubt, "ann", "PRV-TWIN-DELETED"),
    ]
}
