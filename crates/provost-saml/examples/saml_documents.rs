//! What independent programs need to judge this crate (`scripts/py/saml.py`): documents that it makes, and its verdict on
//! theirs.
//!
//! ```text
//! saml_documents make FOLDER SECONDS REQUEST_ID NAME    writes one of each kind, signed with a new key
//! saml_documents canonical FILE                         a line of Base64 in, its canonical form as Base64 out
//! saml_documents verify FOLDER SECONDS REQUEST_ID       reads response.b64 and certificate.pem, says whom they name
//! ```
#![allow(
    clippy::disallowed_methods,
    reason = "an example has files and arguments; the crate has none"
)]

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use provost_saml::binding::{self, Kind};
use provost_saml::certificate::Certificate;
use provost_saml::entra::{IDP_EMAIL, microsoft_365, subject};
use provost_saml::key::SigningKey;
use provost_saml::logout::{self, Outgoing};
use provost_saml::metadata::{
    IdentityProviderAddresses, TokenServiceAddresses, identity_provider, service_provider, token_service,
};
use provost_saml::request::{Question, Signer};
use provost_saml::response::{
    Answer, Authn, Context, IdentityProvider, Ids, NoAnswer, Pending, Replay, Seen, ServiceProvider, receive,
};
use provost_saml::wsfed::{Claims, PassiveAnswer};
use provost_saml::xml::Document;
use provost_saml::{Endpoint, EntityId, MessageId};

type Outcome<T> = Result<T, Box<dyn Error>>;

const IDP: &str = "https://hub.contoso.example/idp/contoso";
const REPLY: &str = "https://login.microsoftonline.com/login.srf";
const SP: &str = "https://hub.contoso.example/saml/m365/metadata";
const ACS: &str = "https://hub.contoso.example/saml/m365/acs";

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", folder, seconds, request, name] => make(Path::new(folder), moment(seconds)?, request, name),
        ["canonical", file] => canonical(Path::new(file)),
        ["verify", folder, seconds, request] => check(Path::new(folder), moment(seconds)?, request),
        _ => Err(
            "make FOLDER SECONDS REQUEST_ID NAME | canonical FILE | verify FOLDER SECONDS REQUEST_ID".into(),
        ),
    }
}

fn moment(seconds: &str) -> Outcome<Timestamp> {
    Ok(Timestamp::from_second(seconds.parse()?)?)
}

fn make(folder: &Path, now: Timestamp, request: &str, name: &str) -> Outcome<()> {
    let write = |file: &str, text: &str| std::fs::write(folder.join(file), text);
    let der = KeyPair::generate(KeySize::Rsa2048)?.as_der()?.as_ref().to_vec();
    let key = SigningKey::from_pkcs8(&der)?;
    let ends = now + SignedDuration::from_hours(24 * 365);
    let certificate = Certificate::self_signed(&key, "Contoso", now - SignedDuration::from_hours(1), ends)?;
    write("certificate.pem", &certificate.pem())?;
    write("certificate.sha256", &certificate.sha256())?;
    let provider = IdentityProvider::new(EntityId::parse(IDP)?, key, certificate.clone())?;
    let party = microsoft_365("login.microsoftonline.com")?;
    let (reply, id) = (Endpoint::parse(REPLY)?, |number| {
        MessageId::from_random([number; 20])
    });
    let ids = Ids {
        response: id(1),
        assertion: id(2),
        session: id(3),
    };
    let authn = Authn {
        at: now,
        context: Context::MultipleFactors,
    };

    let values = [name];
    let claims: [(&str, &[&str]); 1] = [(IDP_EMAIL, &values)];
    let answer = Answer {
        ids: &ids,
        in_response_to: Some(request),
        reply: &reply,
        subject: subject("3f2a-immutable", &claims)?,
        authn,
        now,
    };
    write("response.xml", &provider.answer(&party, &answer)?)?;
    write(
        "refusal.xml",
        &provider.refuse(&party, &reply, Some(request), NoAnswer::NoPassive, &id(4), now)?,
    )?;
    let passive = PassiveAnswer {
        ids: &ids,
        claims: Claims {
            immutable_id: "3f2a-immutable",
            user_principal_name: name,
        },
        authn,
        now,
    };
    write("rstr.xml", &provider.answer_passive(&party, &passive)?)?;

    let addresses = IdentityProviderAddresses {
        sign_in: Endpoint::parse(&format!("{IDP}/sso"))?,
        sign_out: Endpoint::parse(&format!("{IDP}/logout"))?,
    };
    write(
        "idp.xml",
        &identity_provider(&provider, None, &addresses, &id(5))?,
    )?;
    let at = TokenServiceAddresses {
        passive: Endpoint::parse(&format!("{IDP}/wsfed"))?,
    };
    write("federation.xml", &token_service(&provider, None, &at, &id(6))?)?;

    let issuer = EntityId::parse("https://sts.windows.net/11111111-2222-4333-8444-555555555555/")?;
    let ours = ServiceProvider::new(
        EntityId::parse(SP)?,
        Endpoint::parse(ACS)?,
        issuer,
        vec![certificate.clone()],
    )?;
    write("sp.xml", &service_provider(&ours, None)?)?;
    let question = Question {
        id: &id(7),
        destination: &Endpoint::parse("https://login.microsoftonline.com/t/saml2")?,
        force_authn: true,
        now,
    };
    let (asked, _) = ours.ask(&question)?;
    write("request.xml", &asked)?;
    // The same key again: a request of ours is signed only where the other side demands it.
    let signing = SigningKey::from_pkcs8(&der)?;
    let signer = Signer::new(&signing, &certificate)?;
    write("signed-sp.xml", &service_provider(&ours, Some((signer, &id(9))))?)?;
    write("signed-request.xml", &ours.ask_signed(&question, signer)?.0)?;
    write(
        "request.query",
        &binding::outgoing(Kind::Request, &asked, Some("state-1"), Some(&signing))?,
    )?;
    let out = Outgoing {
        id: &id(8),
        issuer: provider.entity_id(),
        destination: &reply,
        now,
    };
    write("logout.xml", &logout::response(&out, request)?)?;
    Ok(())
}

fn canonical(file: &Path) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    for line in std::fs::read_to_string(file)?.lines() {
        let form = Document::parse(&STANDARD.decode(line)?)?.canonical_form()?;
        writeln!(out, "{}", STANDARD.encode(form))?;
    }
    Ok(())
}

/// Every assertion is the first one.
struct Forgetful;

impl Replay for Forgetful {
    fn keep(&mut self, _: &str, _: &str, _: Timestamp) -> Seen {
        Seen::First
    }
}

fn check(folder: &Path, now: Timestamp, request: &str) -> Outcome<()> {
    let certificate = Certificate::parse(&std::fs::read(folder.join("certificate.pem"))?)?;
    let issuer = EntityId::parse(std::fs::read_to_string(folder.join("issuer.txt"))?.trim())?;
    let ours = ServiceProvider::new(
        EntityId::parse(SP)?,
        Endpoint::parse(ACS)?,
        issuer,
        vec![certificate],
    )?;
    let pending = Pending {
        request_id: request.to_owned(),
        asked_at: now,
        force_authn: false,
    };
    let field = std::fs::read_to_string(folder.join("response.b64"))?;
    let mut out = std::io::stdout().lock();
    match receive(&field, &ours, Some(&pending), now, &mut Forgetful) {
        Ok(verified) => writeln!(out, "accepted {}", verified.name_id())?,
        Err(error) => writeln!(out, "refused {}", error.code())?,
    }
    Ok(())
}
