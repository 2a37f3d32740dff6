//! Rightly signed answers that say the wrong things (OASIS SAML 2.0 Profiles section 4.1.4.3).

use uuid::Uuid;

use super::{Wrong, wrong};
use crate::idp::plan::{common, id, identity};
use crate::idp::{Person, issuer};
use crate::moment;
use crate::saml::build::new;
use crate::saml::tree::{Element, Node};
use crate::saml::{ASSERTION, PROTOCOL};

const HOUR: i64 = 60 * 60_000;
const OTHER_TENANT: &str = "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a";

/// Times with an offset in place of `Z`.
fn offset(milliseconds: i64) -> String {
    moment::fine(milliseconds + HOUR).replace('Z', "+01:00")
}

/// The assertion, to be changed.
fn assertion(response: &mut Element) -> Option<&mut Element> {
    response.first_mut("Assertion")
}

pub(super) const ALL: &[Wrong] = &[
    wrong("wrong_audience", "for another application of the same tenant").plan(|plan, _| {
        plan.audiences = vec![vec!["https://other.contoso.example/saml".to_owned()]];
    }),
    wrong("no_audience", "for nobody in particular").plan(|plan, _| plan.audiences.clear()),
    wrong("empty_audience", "a restriction that names nobody").plan(|plan, _| {
        plan.audiences = vec![Vec::new()];
    }),
    wrong(
        "second_audience_restriction",
        "two restrictions, of which the second names another application",
    )
    .plan(|plan, _| {
        plan.audiences
            .push(vec!["https://other.contoso.example/saml".to_owned()])
    }),
    wrong("wrong_recipient", "confirmed for another address").plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.recipient = Some("https://other.contoso.example/saml/acs".to_owned());
        }
    }),
    wrong("no_recipient", "confirmed for no address").plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.recipient = None;
        }
    }),
    wrong("wrong_destination", "sent to another address").plan(|plan, _| {
        plan.destination = Some("https://other.contoso.example/saml/acs".to_owned());
    }),
    wrong("no_destination", "sent to no address").plan(|plan, _| plan.destination = None),
    wrong("wrong_issuer", "the assertion's issuer is somebody else").plan(|plan, _| {
        plan.issuer = "https://idp.elsewhere.example/".to_owned();
    }),
    wrong("wrong_response_issuer", "the response's issuer is somebody else").plan(|plan, _| {
        plan.response_issuer = "https://idp.elsewhere.example/".to_owned();
    }),
    wrong("issuer_without_slash", "the issuer lacks its last letter").plan(|plan, _| {
        plan.issuer.pop();
        plan.response_issuer.pop();
    }),
    wrong("other_tenant", "issuer and tenant are another tenant's").plan(|plan, _| {
        plan.issuer = issuer(OTHER_TENANT);
        plan.response_issuer = issuer(OTHER_TENANT);
        let provider = plan.issuer.clone();
        for (name, value) in [
            ("tenantid", OTHER_TENANT.to_owned()),
            ("identityprovider", provider),
        ] {
            if let Some(values) = plan.claim(&identity(name)) {
                *values = vec![value];
            }
        }
    }),
    wrong(
        "wrong_tenant_claim",
        "the tenant claimed is another than the issuer",
    )
    .plan(|plan, _| {
        if let Some(values) = plan.claim(&identity("tenantid")) {
            *values = vec![OTHER_TENANT.to_owned()];
        }
    }),
    wrong("expired", "the conditions held until an hour ago").plan(|plan, _| {
        plan.conditions = Some((plan.now - 3 * HOUR, plan.now - HOUR));
        if let Some(one) = &mut plan.confirmation {
            one.not_after = Some(plan.now - HOUR);
        }
    }),
    wrong("not_yet_valid", "the conditions hold from an hour ahead").plan(|plan, _| {
        plan.conditions = Some((plan.now + HOUR, plan.now + 2 * HOUR));
    }),
    wrong(
        "confirmation_expired",
        "should have been brought an hour ago, the conditions still hold",
    )
    .plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.not_after = Some(plan.now - HOUR);
        }
    }),
    wrong("confirmation_without_end", "may be brought for ever").plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.not_after = None;
        }
    }),
    wrong("confirmation_not_before", "a bearer must not have a beginning").plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.not_before = Some(plan.now - HOUR);
        }
    }),
    wrong("no_confirmation", "nobody may bring it").plan(|plan, _| plan.confirmation = None),
    wrong("sender_vouches", "confirmed by another method than bearer").plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.method = "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches".to_owned();
        }
    }),
    wrong("holder_of_key", "confirmed for the holder of a key").plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key".to_owned();
        }
    }),
    wrong("no_conditions", "without conditions").plan(|plan, _| plan.conditions = None),
    wrong("unknown_condition", "a condition that nobody knows").draft(|response, _| {
        let unknown = new("x:OnlyOnSundays").space("x", "urn:example:conditions");
        if let Some(conditions) = assertion(response).and_then(|one| one.first_mut("Conditions")) {
            let mut unknown = unknown;
            "urn:example:conditions".clone_into(&mut unknown.space);
            conditions.children.push(Node::Element(unknown));
        }
    }),
    wrong("wrong_in_response_to", "answers a request that nobody made").plan(|plan, _| {
        plan.answers = Some(id());
        let answers = plan.answers.clone();
        if let Some(one) = &mut plan.confirmation {
            one.answers = answers;
        }
    }),
    wrong(
        "wrong_in_response_to_outside",
        "the unsigned response answers another request than the assertion",
    )
    .plan(|plan, _| plan.answers = Some(id())),
    wrong(
        "wrong_in_response_to_inside",
        "the assertion answers another request than the response",
    )
    .plan(|plan, _| {
        if let Some(one) = &mut plan.confirmation {
            one.answers = Some(id());
        }
    }),
    wrong("unsolicited", "answers no request").plan(|plan, _| {
        plan.answers = None;
        if let Some(one) = &mut plan.confirmation {
            one.answers = None;
        }
    }),
    wrong("status_failed", "an assertion with the status of a failure").plan(|plan, _| {
        plan.status = vec!["urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned()];
    }),
    wrong("status_failed_inside", "a failure in which a success stands").plan(|plan, _| {
        plan.status
            .insert(0, "urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned());
    }),
    wrong("no_status", "without a status").plan(|plan, _| plan.status.clear()),
    wrong("no_authn_statement", "says not how anybody signed in").plan(|plan, _| plan.authenticated = None),
    wrong("old_authentication", "signed in two days before the request").plan(|plan, _| {
        if let Some(one) = &mut plan.authenticated {
            one.at = plan.now - 48 * HOUR;
        }
    }),
    wrong("future_authentication", "signs in tomorrow").plan(|plan, _| {
        if let Some(one) = &mut plan.authenticated {
            one.at = plan.now + 24 * HOUR;
        }
    }),
    wrong("session_over", "the session has ended").plan(|plan, _| {
        if let Some(one) = &mut plan.authenticated {
            one.until = Some(plan.now - HOUR);
        }
    }),
    wrong("no_name_id", "a subject without a name").plan(|plan, _| plan.name_id = None),
    wrong("empty_name_id", "a subject with an empty name").plan(|plan, _| {
        if let Some((_, value)) = &mut plan.name_id {
            value.clear();
        }
    }),
    wrong("two_name_ids", "a subject with two names").draft(|response, stage| {
        if let Some(subject) = assertion(response).and_then(|one| one.first_mut("Subject")) {
            let mut second = new("NameID").holding(&stage.victim.upn);
            ASSERTION.clone_into(&mut second.space);
            subject.children.insert(1, Node::Element(second));
        }
    }),
    wrong("encrypted_id", "a subject whose name is encrypted").draft(|response, _| {
        if let Some(subject) = assertion(response).and_then(|one| one.first_mut("Subject")) {
            subject.take("NameID");
            let mut hidden = new("EncryptedID");
            ASSERTION.clone_into(&mut hidden.space);
            subject.children.insert(0, Node::Element(hidden));
        }
    }),
    wrong("element_in_name_id", "a name with an element inside").draft(|response, _| {
        let subject = assertion(response).and_then(|one| one.first_mut("Subject"));
        if let Some(name) = subject.and_then(|one| one.first_mut("NameID")) {
            let mut inner = new("b").holding(".evil.example");
            ASSERTION.clone_into(&mut inner.space);
            name.children.push(Node::Element(inner));
        }
    }),
    wrong("guest", "a guest from another organisation").plan(|plan, _| {
        if let Some(values) = plan.claim(&identity("identityprovider")) {
            *values = vec![issuer(OTHER_TENANT)];
        }
    }),
    wrong("personal_guest", "a guest with a personal account").plan(|plan, _| {
        if let Some(values) = plan.claim(&identity("identityprovider")) {
            *values = vec!["live.com".to_owned()];
        }
    }),
    wrong("no_object_id", "the claim objectidentifier was taken out").plan(|plan, _| {
        plan.without(&identity("objectidentifier"));
    }),
    wrong("no_tenant_id", "the claim tenantid was taken out")
        .plan(|plan, _| plan.without(&identity("tenantid"))),
    wrong("no_attributes", "no claims at all").plan(|plan, _| plan.attributes.clear()),
    wrong(
        "object_id_twice",
        "the claim objectidentifier stands twice, the second is the victim's",
    )
    .plan(|plan, stage| {
        plan.attributes
            .push((identity("objectidentifier"), vec![stage.victim.id.clone()]))
    }),
    wrong("two_object_ids", "one claim objectidentifier with two values").plan(|plan, stage| {
        if let Some(values) = plan.claim(&identity("objectidentifier")) {
            values.push(stage.victim.id.clone());
        }
    }),
    wrong("object_id_no_guid", "the claim objectidentifier holds a name").plan(|plan, stage| {
        if let Some(values) = plan.claim(&identity("objectidentifier")) {
            *values = vec![stage.victim.upn.clone()];
        }
    }),
    wrong("unknown_object_id", "an object id that nobody has").plan(|plan, _| {
        if let Some(values) = plan.claim(&identity("objectidentifier")) {
            *values = vec![Uuid::new_v4().to_string()];
        }
    }),
    wrong(
        "email_of_another",
        "the attacker's object id with the victim's address and name",
    )
    .plan(|plan, stage| {
        let Person { upn, .. } = &stage.victim;
        plan.without(&common("emailaddress"));
        plan.without(&common("name"));
        plan.attributes.push((common("emailaddress"), vec![upn.clone()]));
        plan.attributes.push((common("name"), vec![upn.clone()]));
        if let Some((_, value)) = &mut plan.name_id {
            value.clone_from(upn);
        }
    }),
    wrong(
        "look_alike_name",
        "an unknown object id with the victim's name in look-alike letters",
    )
    .plan(|plan, stage| {
        let alike = stage.victim.upn.replace('a', "\u{430}").replace('o', "\u{43e}");
        plan.without(&common("name"));
        plan.attributes.push((common("name"), vec![alike]));
        if let Some(values) = plan.claim(&identity("objectidentifier")) {
            *values = vec![Uuid::new_v4().to_string()];
        }
    }),
    wrong("times_with_offset", "times in another zone than UTC").plan(|plan, _| plan.time = offset),
    wrong("wrong_version", "says to be SAML 1.1").plan(|plan, _| plan.version = "1.1"),
    wrong("wrong_message", "a request where an answer belongs").draft(|response, _| {
        "AuthnRequest".clone_into(&mut response.name);
        PROTOCOL.clone_into(&mut response.space);
    }),
];
