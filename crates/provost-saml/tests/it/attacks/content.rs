//! Genuine signatures over something that does not sign in here, now, for this question.

use provost_saml::Error;
use provost_saml::response::{Pending, receive};

use super::{refused, verdict, verdict_of, with};
use crate::generator::{Response, field};
use crate::kit::{Memory, now, pending, provider, seconds};

fn text(change: impl FnOnce(&mut Response)) -> String {
    with(change)
}

fn other() -> String {
    "https://other.contoso.example/x".to_owned()
}

#[test]
fn another_issuer() {
    refused(&text(|genuine| genuine.issuer = other()), &Error::Issuer);
    refused(
        &text(|genuine| genuine.response_issuer = Some(other())),
        &Error::Issuer,
    );
    let no_slash = crate::kit::ISSUER.trim_end_matches('/').to_owned();
    refused(&text(|genuine| genuine.issuer = no_slash), &Error::Issuer);
    // Only the assertion has to name it.
    assert!(verdict(&text(|genuine| genuine.response_issuer = None)).is_ok());
}

#[test]
fn another_destination() {
    refused(
        &text(|genuine| genuine.destination = Some(other())),
        &Error::Destination,
    );
    refused(&text(|genuine| genuine.destination = None), &Error::Destination);
}

#[test]
fn another_recipient() {
    refused(&text(|genuine| genuine.recipient = other()), &Error::Recipient);
}

#[test]
fn another_audience() {
    refused(
        &text(|genuine| genuine.audience = Some(other())),
        &Error::Audience,
    );
    refused(&text(|genuine| genuine.audience = None), &Error::Audience);
    let also =
        "<AudienceRestriction><Audience>https://other.contoso.example</Audience></AudienceRestriction>";
    // Several restrictions must all hold, several audiences of one are a choice.
    refused(
        &text(|genuine| genuine.more_conditions = also.to_owned()),
        &Error::Audience,
    );
    let choice = text(|genuine| {
        genuine.audience = Some(format!(
            "https://other.contoso.example</Audience><Audience>{}",
            crate::kit::SP
        ));
    });
    assert!(verdict(&choice).is_ok());
}

#[test]
fn unknown_conditions() {
    let unknown = "<Condition></Condition>";
    refused(
        &text(|genuine| genuine.more_conditions = unknown.to_owned()),
        &Error::Condition,
    );
    let known = "<OneTimeUse></OneTimeUse><ProxyRestriction Count=\"0\"></ProxyRestriction>";
    assert!(verdict(&text(|genuine| genuine.more_conditions = known.to_owned())).is_ok());
}

#[test]
fn an_answer_without_a_question() {
    let genuine = Response::default().text();
    assert_eq!(
        verdict_of(&genuine, &provider(), None).unwrap_err(),
        Error::Unsolicited
    );
    refused(
        &text(|genuine| genuine.in_response_to = None),
        &Error::Unsolicited,
    );
    refused(
        &text(|genuine| genuine.confirmation_in_response_to = None),
        &Error::Unsolicited,
    );
}

#[test]
fn an_answer_to_somebody_elses_question() {
    let mine = Pending {
        request_id: "_another".to_owned(),
        ..pending()
    };
    let genuine = Response::default().text();
    assert_eq!(
        verdict_of(&genuine, &provider(), Some(&mine)).unwrap_err(),
        Error::InResponseTo
    );
    // The response is not signed: what counts is what the assertion says.
    let text = text(|genuine| genuine.confirmation_in_response_to = Some("_another".to_owned()));
    refused(&text, &Error::InResponseTo);
}

#[test]
fn too_late_and_too_early() {
    let at = |text: &str, seconds_later: i64| {
        let now = seconds(seconds_later);
        receive(
            &field(text),
            &provider(),
            Some(&pending()),
            now,
            &mut Memory::default(),
        )
        .map(|_| ())
    };
    let genuine = Response::default().text();
    // The confirmation ends after 300 s, and clocks may be off by 180 s.
    assert_eq!(at(&genuine, 479), Ok(()));
    assert_eq!(at(&genuine, 480), Err(Error::ConfirmationOver));
    assert_eq!(at(&genuine, -180), Ok(()));
    assert_eq!(at(&genuine, -181), Err(Error::Early));
    let long = text(|genuine| genuine.confirmation_end = "2026-11-22T15:00:00Z".to_owned());
    assert_eq!(at(&long, 4_379), Ok(()));
    assert_eq!(at(&long, 4_380), Err(Error::Late));
}

#[test]
fn a_confirmation_that_is_none() {
    let holder = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key".to_owned();
    refused(&text(|genuine| genuine.method = holder), &Error::Confirmation);
    let early = Some("2026-11-22T10:00:00Z".to_owned());
    refused(
        &text(|genuine| genuine.confirmation_not_before = early),
        &Error::ConfirmationNotBefore,
    );
}

#[test]
fn times_that_two_readers_understand_differently() {
    for wrong in [
        "2026-11-22T11:10:00+02:00",
        "2026-11-22T11:10:00",
        "2026-11-22 11:10:00Z",
        "2026-11-22",
        "",
        "0",
        "2026-13-40T11:10:00Z",
        "2026-11-22T11:10:00.Z",
    ] {
        refused(
            &text(|genuine| genuine.not_on_or_after = wrong.to_owned()),
            &Error::Time { what: "NotOnOrAfter" },
        );
    }
    for right in ["2026-11-22T11:10:00Z", "2026-11-22T11:10:00.1234567Z"] {
        assert!(verdict(&text(|genuine| genuine.not_on_or_after = right.to_owned())).is_ok());
    }
}

#[test]
fn a_sign_in_that_is_too_old_or_lies_ahead() {
    let at = |time: &str| text(|genuine| genuine.authn_instant = time.to_owned());
    refused(&at("2026-11-22T10:03:01Z"), &Error::AuthnFuture);
    refused(&at("2026-11-22T09:00:00Z"), &Error::AuthnOld);
    let not_fresh = Pending {
        force_authn: false,
        ..pending()
    };
    assert!(verdict_of(&at("2026-11-22T09:00:00Z"), &provider(), Some(&not_fresh)).is_ok());
    let over = Some("2026-11-22T09:50:00Z".to_owned());
    refused(&text(|genuine| genuine.session_end = over), &Error::SessionOver);
}

#[test]
fn another_version() {
    refused(
        &text(|genuine| genuine.version = "1.1".to_owned()),
        &Error::Version,
    );
}

#[test]
fn a_refusal_signs_nobody_in() {
    let text = text(|genuine| {
        genuine.status = "urn:oasis:names:tc:SAML:2.0:status:Requester".to_owned();
        genuine.status_message = "AADSTS50105: anna@contoso.example is not assigned. Trace ID: 0f1e2d3c-1111-2222-3333-444455556666 Correlation ID: x".to_owned();
    });
    let Err(Error::Status { status, fault, trace }) = verdict(&text) else {
        panic!("it is accepted");
    };
    assert_eq!(status, "Requester");
    assert_eq!(fault.as_deref(), Some("AADSTS50105"));
    assert_eq!(trace.as_deref(), Some("0f1e2d3c-1111-2222-3333-444455556666"));

    let refusal = Response {
        status: "urn:x".to_owned(),
        ..Response::default()
    };
    assert_eq!(
        verdict(&refusal.response("", "")).unwrap_err().code(),
        "PRV-SAML-STATUS"
    );
    let missing = Response::default()
        .text()
        .replace("samlp:StatusCode", "samlp:Other");
    refused(&missing, &Error::Missing { what: "StatusCode" });
}

#[test]
fn a_subject_without_a_name_or_with_two() {
    refused(&text(|genuine| genuine.name_id = String::new()), &Error::NameId);
    let two = text(|genuine| genuine.name_id = "anna</NameID><NameID>admin".to_owned());
    refused(&two, &Error::Several { what: "NameID" });
    let inside = text(|genuine| genuine.name_id = "anna<x></x>admin".to_owned());
    refused(&inside, &Error::NotALeaf { what: "NameID" });
}

#[test]
fn a_comment_in_the_name_changes_nobody() {
    let text = Response::default().text().replace(
        "anna@contoso.example</NameID>",
        "anna@contoso.example<!---->.evil.example</NameID>",
    );
    refused(&text, &Error::Comment);
}

#[test]
fn encrypted_parts_were_never_asked_for() {
    let genuine = Response::default();
    let inside = format!(
        "{}<EncryptedAssertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"></EncryptedAssertion>",
        genuine.signed_assertion()
    );
    refused(&genuine.response("", &inside), &Error::Encrypted);
}

#[test]
fn a_claim_that_stands_there_twice() {
    let text = text(|genuine| genuine.claims.push(genuine.claims[1].clone()));
    refused(&text, &Error::SameAssertionAttribute);
}

#[test]
fn the_same_message_again() {
    let mut memory = Memory::default();
    let field = field(&Response::default().text());
    let mut once = || receive(&field, &provider(), Some(&pending()), now(), &mut memory).map(|_| ());
    assert_eq!(once(), Ok(()));
    assert_eq!(once(), Err(Error::Replay));
    // It is remembered as long as it would be accepted: the conditions' end and the margin of the clocks.
    assert_eq!(memory.until.unwrap().to_string(), "2026-11-22T11:13:00Z");

    let mut broken = Memory {
        broken: true,
        ..Memory::default()
    };
    let verdict = receive(&field, &provider(), Some(&pending()), now(), &mut broken);
    assert_eq!(verdict.unwrap_err(), Error::ReplayUnknown);
}
