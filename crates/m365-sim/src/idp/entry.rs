//! The answer to an application, right or wrong, as the browser takes it along.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Person;
use super::plan::{Asked, Plan};
use super::wrong::{Stage, Wrong};
use crate::Inner;
use crate::directory::Kind;
use crate::settings::{Application, Saml};

/// A form that a browser posts.
#[derive(Debug)]
pub(crate) struct Posted {
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// The message, as far as it is text.
    pub document: String,
}

/// What an answer is about.
pub(crate) struct About<'a> {
    pub application: &'a Application,
    pub saml: &'a Saml,
    pub asked: &'a Asked,
    pub person: &'a Person,
    pub relay: Option<&'a str>,
    /// When the person signed in.
    pub signed_in: i64,
}

/// How an answer is spoilt: the way, and whom the attacker wants to be (id or user principal name).
pub(crate) type Spoilt<'a> = Option<(&'a Wrong, Option<&'a str>)>;

/// The answer. `None`: this machine cannot sign.
pub(crate) fn answer(inner: &Inner, about: &About<'_>, spoilt: Spoilt<'_>) -> Option<Posted> {
    let settings = inner.settings();
    let now = inner.now();
    let plan = Plan::honest(
        &settings.tenant_id,
        about.application,
        about.saml,
        about.asked,
        about.person,
        (now, about.signed_in),
    )?;
    let document = match spoilt {
        None => honest(&plan)?.into_bytes(),
        Some((wrong, victim)) => {
            let (stranger, last) = {
                let kept = inner.kept_saml();
                let last = kept.last.get(&about.application.client_id);
                (kept.stranger(now)?, last.cloned())
            };
            let mut stage = Stage {
                stranger,
                victim: victim_of(inner, about.person, victim),
                last,
                plan,
            };
            wrong.document(&mut stage)?
        }
    };
    let text = String::from_utf8_lossy(&document).into_owned();
    inner
        .kept_saml()
        .last
        .insert(about.application.client_id.clone(), text.clone());
    let mut posted = post(about, &document, text);
    if let Some((wrong, _)) = spoilt {
        wrong.spoil_form(&mut posted.fields);
    }
    Some(posted)
}

/// An answer that says why nobody is signed in.
pub(crate) fn refuse(inner: &Inner, about: &About<'_>, codes: &[&str], message: String) -> Option<Posted> {
    let settings = inner.settings();
    let now = inner.now();
    let mut plan = Plan::honest(
        &settings.tenant_id,
        about.application,
        about.saml,
        about.asked,
        about.person,
        (now, now),
    )?;
    plan.refuse(codes, message);
    let text = plan.write()?.write();
    Some(post(about, text.as_bytes(), text.clone()))
}

fn honest(plan: &Plan) -> Option<String> {
    let mut response = plan.write()?;
    plan.sign(&mut response)?;
    Some(response.write())
}

fn post(about: &About<'_>, document: &[u8], text: String) -> Posted {
    let mut fields = vec![("SAMLResponse".to_owned(), STANDARD.encode(document))];
    fields.extend(
        about
            .relay
            .map(|relay| ("RelayState".to_owned(), relay.to_owned())),
    );
    Posted {
        action: about.asked.reply.clone(),
        fields,
        document: text,
    }
}

/// The one who was named, else the first other person of the tenant, else nobody.
fn victim_of(inner: &Inner, attacker: &Person, named: Option<&str>) -> Person {
    let tenant = inner.tenant();
    let directory = &tenant.directory;
    let named = named.and_then(|name| Person::named(directory, name));
    let other = || {
        let mut all = directory.serials(Kind::User).iter();
        all.find_map(|serial| {
            directory
                .live(*serial)
                .map(Person::of)
                .filter(|person| person.id != attacker.id)
        })
    };
    named.or_else(other).unwrap_or_else(Person::nobody)
}
