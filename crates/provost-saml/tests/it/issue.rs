//! What we issue, verified by our own verifier; others verify it in scripts/py/saml.py.

use provost_saml::entra::{IDP_EMAIL, MICROSOFT_ONLINE, PERSISTENT, microsoft_365, subject};
use provost_saml::logout::{self, LogoutRequest};
use provost_saml::response::{
    Answer, Authn, Context, IdentityProvider, NoAnswer, Party, Pending, ServiceProvider, Subject, receive,
};
use provost_saml::xml::Document;
use provost_saml::{Error, binding};

use crate::kit::{FOREIGN, Memory, TRUSTED, endpoint, entity, id, identity_provider, ids, now, seconds};

const IDP: &str = "https://hub.contoso.example/idp/contoso";
const LOGIN: &str = "https://login.microsoftonline.com/login.srf";

fn party() -> Party {
    microsoft_365("login.microsoftonline.com").unwrap()
}

fn answer<'a>(
    ids: &'a provost_saml::response::Ids,
    reply: &'a provost_saml::Endpoint,
    subject: Subject<'a>,
    context: Context,
) -> Answer<'a> {
    Answer {
        ids,
        in_response_to: Some("_their-id"),
        reply,
        subject,
        authn: Authn {
            at: seconds(-20),
            context,
        },
        now: now(),
    }
}

/// Microsoft 365, as far as our own verifier can play it.
fn relying_party() -> (ServiceProvider, Pending) {
    let certificates = vec![TRUSTED.certificate.clone()];
    let provider = ServiceProvider::new(
        entity(MICROSOFT_ONLINE),
        endpoint(LOGIN),
        entity(IDP),
        certificates,
    );
    let pending = Pending {
        request_id: "_their-id".to_owned(),
        asked_at: seconds(-30),
        force_authn: true,
    };
    (provider.unwrap(), pending)
}

/// What our verifier reads of what we issue.
pub fn round(name: &str, claims: &[(&str, &[&str])]) -> provost_saml::response::Verified {
    let (ids, reply) = (ids(), endpoint(LOGIN));
    let subject = Subject {
        format: PERSISTENT,
        name,
        claims,
    };
    let text = identity_provider(IDP)
        .answer(&party(), &answer(&ids, &reply, subject, Context::Password))
        .unwrap();
    let (provider, pending) = relying_party();
    receive(
        &binding::encode(&text),
        &provider,
        Some(&pending),
        now(),
        &mut Memory::default(),
    )
    .unwrap()
}

#[test]
fn an_answer_to_microsoft_365_is_what_it_asks_for() {
    let upn = ["anna@contoso.example"];
    let claims: [(&str, &[&str]); 1] = [(IDP_EMAIL, &upn)];
    let (ids, reply) = (ids(), endpoint(LOGIN));
    let answer = answer(
        &ids,
        &reply,
        subject("3f2A-immutable", &claims).unwrap(),
        Context::MultipleFactors,
    );
    let text = identity_provider(IDP).answer(&party(), &answer).unwrap();
    let (provider, pending) = relying_party();
    let verified = receive(
        &binding::encode(&text),
        &provider,
        Some(&pending),
        now(),
        &mut Memory::default(),
    )
    .unwrap();
    assert_eq!(verified.name_id(), "3f2A-immutable");
    assert_eq!(verified.name_id_format(), Some(PERSISTENT));
    assert_eq!(verified.value(IDP_EMAIL), Some("anna@contoso.example"));
    assert_eq!(
        verified.context(),
        Some("http://schemas.microsoft.com/claims/multipleauthn")
    );
    assert_eq!(verified.authn_instant().to_string(), "2026-11-22T09:59:40Z");
    assert_eq!(verified.session_index(), Some(id(3).as_str()));
    // What was issued for somebody is the same every time: nothing in it is drawn or looked at.
    assert_eq!(identity_provider(IDP).answer(&party(), &answer).unwrap(), text);
}

#[test]
fn values_stay_values() {
    let evil = "\"/></Audience><saml:Attribute Name='IDPEmail'>&admin<!-- ]]>\u{0}\r\n\u{1f600}";
    let values = [evil];
    let claims: [(&str, &[&str]); 2] = [(IDP_EMAIL, &values), (evil, &values)];
    let (ids, reply) = (ids(), endpoint(LOGIN));
    let answer = answer(
        &ids,
        &reply,
        Subject {
            format: PERSISTENT,
            name: evil,
            claims: &claims,
        },
        Context::Password,
    );
    let text = identity_provider(IDP).answer(&party(), &answer).unwrap();
    let (provider, pending) = relying_party();
    let verified = receive(
        &binding::encode(&text),
        &provider,
        Some(&pending),
        now(),
        &mut Memory::default(),
    )
    .unwrap();
    let clean = evil.replace('\u{0}', "\u{fffd}");
    assert_eq!(verified.name_id(), clean);
    assert_eq!(verified.value(IDP_EMAIL), Some(clean.as_str()));
    assert_eq!(verified.value(&clean), Some(clean.as_str()));
    assert_eq!(
        verified.context(),
        Some("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
    );
}

#[test]
fn the_answer_goes_to_registered_addresses_only() {
    let (ids, foreign) = (ids(), endpoint("https://evil.example/acs"));
    let answer = answer(&ids, &foreign, subject("a", &[]).unwrap(), Context::Password);
    let provider = identity_provider(IDP);
    assert_eq!(
        provider.answer(&party(), &answer).unwrap_err(),
        Error::ForeignReply
    );
    let refused = provider.refuse(&party(), &foreign, None, NoAnswer::Denied, &id(9), now());
    assert_eq!(refused.unwrap_err(), Error::ForeignReply);
}

#[test]
fn what_would_be_refused_is_not_sent() {
    assert!(subject("", &[]).is_err());
    assert!(subject(&"x".repeat(65), &[]).is_err());
    let (ids, reply) = (ids(), endpoint(LOGIN));
    let send = |name: &str, claims: &[(&str, &[&str])]| {
        let subject = Subject {
            format: PERSISTENT,
            name,
            claims,
        };
        let answer = answer(&ids, &reply, subject, Context::Password);
        identity_provider(IDP).answer(&party(), &answer).map(|_| ())
    };
    assert_eq!(send("a", &[("b", &["c"])]), Ok(()));
    for (name, claims) in [
        ("", &[][..]),
        (" a", &[]),
        ("a", &[("b", &[][..])][..]),
        ("a", &[("b", &[""])]),
        ("a", &[("b", &["c"]), ("b", &["d"])]),
    ] {
        assert_eq!(
            send(name, claims).unwrap_err().code(),
            "PRV-SAML-VALUE",
            "{name} {claims:?}"
        );
    }
}

#[test]
fn a_key_and_another_ones_certificate_are_no_identity_provider() {
    let made = IdentityProvider::new(entity(IDP), TRUSTED.signing(), FOREIGN.certificate.clone());
    assert_eq!(made.unwrap_err(), Error::KeyOfAnother);
}

#[test]
fn a_refusal_says_why_in_the_words_of_the_standard() {
    let provider = identity_provider(IDP);
    for (why, second) in [
        (NoAnswer::NoPassive, "NoPassive"),
        (NoAnswer::NameIdFormat, "InvalidNameIDPolicy"),
        (NoAnswer::Denied, "RequestDenied"),
        (NoAnswer::NoContext, "NoAuthnContext"),
    ] {
        let text = provider
            .refuse(&party(), &endpoint(LOGIN), Some("_their-id"), why, &id(9), now())
            .unwrap();
        let (relying, pending) = relying_party();
        let verdict = receive(
            &binding::encode(&text),
            &relying,
            Some(&pending),
            now(),
            &mut Memory::default(),
        );
        let Err(Error::Status { status, .. }) = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(status, second);
    }
}

#[test]
fn signing_out_there_and_back() {
    let (own, there) = (
        endpoint("https://hub.contoso.example/idp/contoso/logout"),
        endpoint(LOGIN),
    );
    let (asked, answered) = (id(4), id(5));
    let (name, idp) = (entity(MICROSOFT_ONLINE), entity(IDP));
    let out = logout::Outgoing {
        id: &asked,
        issuer: &name,
        destination: &own,
        now: now(),
    };
    let text = logout::request(&out, "3f2A<immutable>", Some("_s1")).unwrap();
    let query = binding::outgoing(binding::Kind::Request, &text, None, None).unwrap();
    let incoming = binding::Incoming::parse(&query, binding::Kind::Request).unwrap();
    let read = LogoutRequest::read(&incoming.document, &party(), &own, now()).unwrap();
    assert_eq!(read.name_id.as_deref(), Some("3f2A<immutable>"));
    assert_eq!(read.session_indexes, ["_s1"]);
    assert!(!format!("{read:?}").contains("immutable"));

    let back = logout::Outgoing {
        id: &answered,
        issuer: &idp,
        destination: &there,
        now: now(),
    };
    let text = logout::response(&back, &read.id).unwrap();
    let document = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(
        logout::read_response(&document, &idp, &there, asked.as_str()),
        Ok(())
    );
    assert_eq!(
        logout::read_response(&document, &name, &there, asked.as_str()),
        Err(Error::Issuer)
    );
    assert_eq!(
        logout::read_response(&document, &idp, &own, asked.as_str()),
        Err(Error::Destination)
    );
    assert_eq!(
        logout::read_response(&document, &idp, &there, "_x"),
        Err(Error::InResponseTo)
    );

    let stranger = Party::new(idp, there);
    assert_eq!(
        LogoutRequest::read(&incoming.document, &stranger, &own, now()),
        Err(Error::UnknownParty)
    );
}
