//! How long it takes to issue an answer to Microsoft 365, by SAML 2.0 and by WS-Federation, and to verify one.
//!
//! `cargo run --release -p provost-saml --example saml_speed`

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement, not a part of the hub"
)]

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use jiff::{SignedDuration, Timestamp};
use provost_saml::certificate::Certificate;
use provost_saml::entra::{IDP_EMAIL, MICROSOFT_ONLINE, microsoft_365, subject};
use provost_saml::key::SigningKey;
use provost_saml::response::{
    Answer, Authn, Context, IdentityProvider, Ids, Pending, Replay, Seen, ServiceProvider, receive,
};
use provost_saml::wsfed::{Claims, PassiveAnswer};
use provost_saml::{Endpoint, EntityId, MessageId, binding};

const ROUNDS: usize = 2_000;
const IDP: &str = "https://hub.contoso.example/idp/contoso";
const REPLY: &str = "https://login.microsoftonline.com/login.srf";

struct Forgetful;

impl Replay for Forgetful {
    fn keep(&mut self, _: &str, _: &str, _: Timestamp) -> Seen {
        Seen::First
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for size in [KeySize::Rsa2048, KeySize::Rsa3072] {
        measure(size)?;
    }
    Ok(())
}

fn measure(size: KeySize) -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_second(1_795_341_600)?;
    let key = SigningKey::from_pkcs8(KeyPair::generate(size)?.as_der()?.as_ref())?;
    let bits = key.bits();
    let ends = now + SignedDuration::from_hours(24 * 365);
    let certificate = Certificate::self_signed(&key, "Contoso", now, ends)?;
    let provider = IdentityProvider::new(EntityId::parse(IDP)?, key, certificate.clone())?;
    let party = microsoft_365("login.microsoftonline.com")?;
    let reply = Endpoint::parse(REPLY)?;
    let id = |number| MessageId::from_random([number; 20]);
    let ids = Ids {
        response: id(1),
        assertion: id(2),
        session: id(3),
    };
    let authn = Authn {
        at: now,
        context: Context::MultipleFactors,
    };
    let name = "anna@contoso.example";
    let values = [name];
    let claims: [(&str, &[&str]); 1] = [(IDP_EMAIL, &values)];
    let answer = Answer {
        ids: &ids,
        in_response_to: Some("_their-id"),
        reply: &reply,
        subject: subject("3f2a-immutable", &claims)?,
        authn,
        now,
    };
    let passive = PassiveAnswer {
        ids: &ids,
        claims: Claims {
            immutable_id: "3f2a-immutable",
            user_principal_name: name,
        },
        authn,
        now,
    };
    let trusting = ServiceProvider::new(
        EntityId::parse(MICROSOFT_ONLINE)?,
        reply.clone(),
        EntityId::parse(IDP)?,
        vec![certificate],
    )?;
    let pending = Pending {
        request_id: "_their-id".to_owned(),
        asked_at: now,
        force_authn: true,
    };
    let field = binding::encode(&provider.answer(&party, &answer)?);

    report(bits, "SAML 2.0 response issued", || {
        provider.answer(&party, &answer).is_ok()
    });
    report(bits, "WS-Federation response issued", || {
        provider.answer_passive(&party, &passive).is_ok()
    });
    report(bits, "SAML 2.0 response verified", || {
        receive(&field, &trusting, Some(&pending), now, &mut Forgetful).is_ok()
    });
    Ok(())
}

/// The median and the 99th hundredth of many rounds, one after the other.
fn report(bits: usize, what: &str, mut round: impl FnMut() -> bool) {
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            assert!(black_box(round()), "{what}");
            started.elapsed()
        })
        .collect();
    took.sort_unstable();
    let at = |hundredth: usize| took.get(ROUNDS * hundredth / 100).copied().unwrap_or_default();
    println!("RSA {bits}: {what}: median {:?}, p99 {:?}", at(50), at(99));
}
