//! Onboarding: in the window of a migration, a person of a Microsoft 365 tenant signs in there once, and comes back with
//! what the tenant says of them. What follows is a link for one browser by which they make their first passkey, or a
//! request that waits for an administrator.
//!
//! The answer comes from another site, without our cookies: [`People::receive_onboarding`] verifies it and keeps what it
//! says for the browser that asked; [`People::finish_onboarding`] is called with that browser's cookie, and only there
//! does anything follow from it.
//!
//! Sources: SAML 2.0 Profiles section 4.1; Microsoft, "Single sign-on SAML protocol".

use super::People;
use super::ceremony::{self, Begun, Kind, Place};
use crate::limit::{self, Subject};
use crate::{Error, Result, Visit, random};
use jiff::Timestamp;
use provost_connect::graph::whose::SignIn as Service;
use provost_saml::binding::{self, Kind as Message};
use provost_saml::certificate::Certificate;
use provost_saml::entra::{self, Guid};
use provost_saml::request::Question as Ask;
use provost_saml::response::{Pending, Replay, Seen as Used, ServiceProvider, Verified, receive};
use provost_saml::{Endpoint, EntityId, MessageId};
use provost_scim::resource;
use provost_store::identifier::{self, Sort};
use provost_store::microsoft_365::{self, Provider, Values, provider_values};
use provost_store::migration::{self, Conflict, Migration, Question, Seen, Standing, State};
use provost_store::person_signin::{self, grant};
use provost_store::{Tx, audit, directory, hex, workspace};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// Milliseconds for which a question waits for its answer, and the answer for its browser.
const LIFE: i64 = 10 * 60_000;
/// Milliseconds for which the link to the first passkey works.
const GRANT: i64 = 10 * 60_000;
/// Characters of a typed mail address.
const TYPED: usize = 254;

/// Whether somebody can come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Go on at this address, which is the tenant's.
    Go(String),
    /// There is no migration of this provider.
    None,
    /// It opens at this time.
    Early(i64),
    /// Its deadline is over; this is whom to ask.
    Late(String),
    /// It is closed for good.
    Closed,
}

/// What became of an answer of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It holds. Its browser goes on with this handle.
    Holds(String),
    /// It answers an administrator's test, whose session fetches the result with this handle.
    Tested {
        /// The workspace's name.
        workspace: String,
        /// The provider's.
        provider: String,
        /// The handle.
        handle: String,
    },
    /// It is not accepted. The audit log knows why; whoever brought it is not told.
    Refused,
    /// The window is not open (any more).
    Shut(Entry),
}

/// What follows for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onboarded {
    /// They make their first passkey with the link of this key, in the workspace of this name.
    Enrol {
        /// The workspace's name.
        workspace: String,
        /// The link's key.
        key: String,
    },
    /// They have a passkey already, and sign in with it in the workspace of this name.
    SignIn {
        /// The workspace's name.
        workspace: String,
    },
    /// Somebody has to look at it; this is whom to ask.
    Waits(String),
    /// Nothing follows; this is whom to ask.
    Denied(String),
}

/// What the tenant said of somebody, kept between the answer and its browser.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Said {
    account: String,
    name: String,
    label: String,
    typed: String,
}

impl People {
    /// The provider with this public id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn onboarding_provider(&self, id: Uuid) -> Result<Option<(Provider, Option<Migration>)>> {
        self.0
            .read(move |tx| {
                let Some(provider) = microsoft_365::by_id(tx, id)? else {
                    return Ok(None);
                };
                let migration = migration::get(tx, provider.key)?;
                Ok(Some((provider, migration)))
            })
            .await
    }

    /// The provider of a workspace whose window is open now, the first by name; none where there is no such workspace.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn open_onboarding(&self, name: &str, now: i64) -> Result<Option<Uuid>> {
        let name = name.to_owned();
        self.0
            .read(move |tx| {
                let Some(found) = workspace::by_name(tx, &name)? else {
                    return Ok(None);
                };
                for provider in microsoft_365::list(tx, found.key, "", 100)? {
                    let migration = migration::get(tx, provider.key)?;
                    if migration.is_some_and(|one| one.state(now) == State::Open) {
                        return Ok(Some(provider.id));
                    }
                }
                Ok(None)
            })
            .await
    }

    /// Our metadata for a provider's migration.
    ///
    /// # Errors
    /// [`Error::Machine`] when the address of this server cannot stand in it.
    pub fn onboarding_metadata(&self, provider: &Provider) -> Result<String> {
        let values = self.values(provider);
        let made = EntityId::parse(&values.sp_entity_id)
            .and_then(|entity| Ok((entity, Endpoint::parse(&values.sp_acs)?)))
            .and_then(|(entity, acs)| provost_saml::metadata::service_provider_at(&entity, &acs));
        made.map_err(|error| machine(&error))
    }

    fn values(&self, provider: &Provider) -> Values {
        provider_values(self.0.0.settings.public_url.as_str(), provider)
    }

    /// Begins: the address at the tenant to which this browser goes. `typed` is the mail address that somebody typed.
    ///
    /// # Errors
    /// [`Error::Wait`]; [`Error::Machine`] and [`Error::Provider`] where the settings cannot be used.
    pub async fn begin_onboarding(
        &self,
        id: Uuid,
        typed: &str,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Entry> {
        let Some((provider, Some(migration))) = self.onboarding_provider(id).await? else {
            return Ok(Entry::None);
        };
        if let Some(entry) = shut(&migration, now) {
            return Ok(entry);
        }
        let side = self.side(&provider, &migration.certificates)?;
        let message = MessageId::from_random(random::bytes::<20>()?);
        let question = Ask {
            id: &message,
            destination: &side.sign_on,
            force_authn: true,
            now: moment(now),
        };
        let (document, pending) = side.service.ask(&question).map_err(|error| machine(&error))?;
        let text = random::text()?;
        let query = binding::outgoing(Message::Request, &document, Some(&text), None)
            .map_err(|error| machine(&error))?;
        let mut address = Url::parse(side.sign_on.as_str())
            .map_err(|error| Error::Machine(format!("the tenant's address: {error}")))?;
        address.set_query(Some(&query));
        let typed: String = typed
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(TYPED)
            .collect();
        if !typed.is_empty() {
            address.query_pairs_mut().append_pair("login_hint", &typed);
        }
        let place = Place::of_cookie(provider.workspace, browser);
        let network = Subject::people(visit.address);
        let key = provider.key;
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::PEOPLE)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let question = Question {
                    request: pending.request_id.clone(),
                    browser: place.browser().to_vec(),
                    typed: typed.clone(),
                    asked: now,
                    expires: now.saturating_add(LIFE),
                };
                migration::keep_question(tx, &random::hash(&text), key, &question)?;
                Ok(Ok(()))
            })
            .await?;
        Ok(Entry::Go(address.into()))
    }

    /// Receives what a browser brings from the tenant: `field` is the form's `SAMLResponse`, none where it was not there
    /// exactly once, and `relay` its `RelayState`. The question is used up, whatever the answer is.
    ///
    /// # Errors
    /// [`Error::Wait`]; [`Error::Store`].
    pub async fn receive_onboarding(
        &self,
        id: Uuid,
        field: Option<String>,
        relay: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Received> {
        let Some((provider, migration)) = self.onboarding_provider(id).await? else {
            return Ok(Received::Shut(Entry::None));
        };
        // A test may come before anything is saved, and outside of the window.
        let tested = self.receive_onboarding_test(&provider, field.as_deref(), relay, now);
        if let Some(tested) = tested.await? {
            return Ok(tested);
        }
        let Some(migration) = migration else {
            return Ok(Received::Shut(Entry::None));
        };
        if let Some(entry) = shut(&migration, now) {
            return Ok(Received::Shut(entry));
        }
        let side = self.side(&provider, &migration.certificates)?;
        let (text, relay) = (random::text()?, relay.to_owned());
        let network = Subject::people(visit.address);
        self.0
            .settle(move |tx| {
                if let Some(seconds) = limit::take(tx, now, &network, limit::PEOPLE)? {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let asked = match random::is_well_formed(&relay) {
                    true => migration::take_question(tx, &random::hash(&relay), provider.key, now)?,
                    false => None,
                };
                match verified(tx, &side, asked.as_ref(), field.as_deref(), now)? {
                    Ok(said) => {
                        let browser = asked.as_ref().map_or(&[][..], |one| one.browser.as_slice());
                        let begun = Begun {
                            text: &text,
                            kind: Kind::Onboard,
                            person: None,
                            state: &said,
                            life: LIFE,
                        };
                        let place = Place::of_browser(provider.workspace, browser);
                        ceremony::begin(tx, now, &place, &begun)?;
                        // The question is answered and gone; what is left is this one.
                        limit::give_back(tx, now, &network, limit::PEOPLE)?;
                        Ok(Ok(Received::Holds(text.clone())))
                    }
                    Err(why) => {
                        refuse(tx, now, &provider, &why)?;
                        Ok(Ok(Received::Refused))
                    }
                }
            })
            .await
    }

    /// What follows from an answer that holds, in the browser that asked.
    ///
    /// # Errors
    /// [`Error::Expired`] in any other browser, and when it was done before.
    pub async fn finish_onboarding(
        &self,
        id: Uuid,
        handle: &str,
        browser: &str,
        now: i64,
    ) -> Result<Onboarded> {
        let Some((provider, _)) = self.onboarding_provider(id).await? else {
            return Err(Error::Expired);
        };
        let (text, link) = (handle.to_owned(), random::text()?);
        let place = Place::of_cookie(provider.workspace, browser);
        self.0
            .write(move |tx| {
                let (_, said): (_, Said) = ceremony::take(tx, now, &place, &text, Kind::Onboard)?;
                let migration = migration::get(tx, provider.key)?.ok_or(Error::Expired)?;
                if migration.state(now) != State::Open {
                    return Err(Error::Expired);
                }
                settle_person(tx, now, &provider, &migration, &said, (&place, &link))
            })
            .await
    }

    /// Both sides as they are configured: what the tenant says counts when the key of one of these certificates (Base64
    /// of DER) has signed it.
    pub(super) fn side(&self, provider: &Provider, certificates: &[String]) -> Result<Side> {
        let tenant = provider.tenant_id.as_deref().unwrap_or_default();
        let values = self.values(provider);
        let service = Service::of(&provider.settings, &self.0.0.factory)?;
        let id = Uuid::parse_str(tenant)
            .map_err(|_| Error::Machine(format!("the tenant of \"{}\" is not known", provider.name)))?;
        let sign_on = service.sign_on(id);
        let make = || {
            let tenant = Guid::parse(tenant)?;
            let certificates: provost_saml::Result<Vec<Certificate>> = certificates
                .iter()
                .map(|one| Certificate::parse(one.as_bytes()))
                .collect();
            let service = ServiceProvider::new(
                EntityId::parse(&values.sp_entity_id)?,
                Endpoint::parse(&values.sp_acs)?,
                entra::issuer(&tenant)?,
                certificates?,
            )?;
            Ok(Side {
                service,
                sign_on: Endpoint::parse(sign_on.as_str())?,
                tenant,
            })
        };
        make().map_err(|error: provost_saml::Error| machine(&error))
    }
}

/// We, and the tenant that we trust.
#[derive(Clone)]
pub(super) struct Side {
    pub service: ServiceProvider,
    pub sign_on: Endpoint,
    pub tenant: Guid,
}

pub(super) fn machine(error: &provost_saml::Error) -> Error {
    Error::Machine(format!("the migration cannot be used: {error}"))
}

pub(super) fn moment(now: i64) -> Timestamp {
    Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Why nobody comes in now; none while the window is open.
fn shut(migration: &Migration, now: i64) -> Option<Entry> {
    match migration.state(now) {
        State::Open => None,
        State::Scheduled => Some(Entry::Early(migration.starts)),
        State::Overdue => Some(Entry::Late(migration.contact.clone())),
        State::Closed => Some(Entry::Closed),
        State::Draft => Some(Entry::None),
    }
}

/// The table of used assertions.
struct Table<'a, 'c> {
    tx: &'a mut Tx<'c>,
    trouble: Option<provost_store::Error>,
}

impl Replay for Table<'_, '_> {
    fn keep(&mut self, issuer: &str, assertion_id: &str, until: Timestamp) -> Used {
        match migration::keep_used(self.tx, issuer, assertion_id, until.as_millisecond()) {
            Ok(true) => Used::First,
            Ok(false) => Used::Again,
            Err(error) => {
                self.trouble = Some(error);
                Used::Unknown
            }
        }
    }
}

/// What a message says, after every check; else why it is refused. People's answers and those to a test come through here
/// alike.
pub(super) fn heard(
    tx: &mut Tx,
    side: &Side,
    pending: Option<&Pending>,
    field: Option<&str>,
    now: i64,
) -> Result<provost_saml::Result<Verified>> {
    let Some(field) = field else {
        let name = "SAMLResponse";
        return Ok(Err(provost_saml::Error::Parameter { name }));
    };
    let mut table = Table { tx, trouble: None };
    let heard = receive(field, &side.service, pending, moment(now), &mut table);
    match table.trouble {
        Some(error) => Err(error.into()),
        None => Ok(heard),
    }
}

/// Who comes with a message; else why it is refused.
fn verified(
    tx: &mut Tx,
    side: &Side,
    asked: Option<&Question>,
    field: Option<&str>,
    now: i64,
) -> Result<provost_saml::Result<Said>> {
    let pending = asked.map(|one| Pending {
        request_id: one.request.clone(),
        asked_at: moment(one.asked),
        force_authn: true,
    });
    let heard = heard(tx, side, pending.as_ref(), field, now)?;
    Ok(heard.and_then(|heard| {
        let identity = entra::identity(&heard, &side.tenant)?;
        let name = identity.user_principal_name.unwrap_or_default();
        Ok(Said {
            account: identity.object_id.as_str().to_owned(),
            label: identity.display_name.unwrap_or_else(|| name.clone()),
            name,
            typed: asked.map_or_else(String::new, |one| one.typed.clone()),
        })
    }))
}

/// Why a message was refused, as a sentence.
pub(super) fn reason(why: &provost_saml::Error) -> String {
    let mut sentence = why.to_string();
    if let provost_saml::Error::Status { fault, trace, .. } = why {
        for more in [fault, trace].into_iter().flatten() {
            sentence.push_str(", ");
            sentence.push_str(more);
        }
    }
    sentence
}

/// Says to the audit log why a message was refused; nobody else is told.
fn refuse(tx: &mut Tx, now: i64, provider: &Provider, why: &provost_saml::Error) -> Result<()> {
    let detail = format!("{}: {}", why.code(), reason(why));
    let (workspace, name) = (provider.workspace, provider.name.as_str());
    audit::append_named(
        tx,
        workspace,
        now,
        "migration",
        "onboarding.refused",
        name,
        &detail,
    )?;
    Ok(())
}

/// Who somebody is here.
struct Found {
    /// The key of who fits; 0 for nobody.
    person: i64,
    standing: Standing,
    conflict: Conflict,
}

impl Found {
    fn of(person: i64, standing: Standing, conflict: Conflict) -> Self {
        Self {
            person,
            standing,
            conflict,
        }
    }

    fn mismatched(person: i64, conflict: Conflict) -> Self {
        Self::of(person, Standing::Mismatched, conflict)
    }
}

/// Who an account belongs to: by the object id first. A name alone waits for an approval, a mail address ties nobody.
fn judge(tx: &mut Tx, provider: &Provider, said: &Said) -> Result<Found> {
    let workspace = provider.workspace;
    let before = migration::request(tx, provider.key, &said.account)?;
    if let Some(denied) = before.as_ref().filter(|one| one.standing == Standing::Denied) {
        return Ok(Found::of(denied.person, Standing::Denied, denied.conflict));
    }
    let holder = identifier::holder(tx, workspace, Sort::Account, &said.account)?;
    if let Some(holder) = holder.filter(|one| one.id.is_some()) {
        // What an administrator has looked at, or what was well before, is not asked again.
        let is_settled = before.as_ref().is_some_and(|one| {
            one.person == holder.object && matches!(one.standing, Standing::Approved | Standing::Onboarded)
        });
        if !is_settled && !typed_fits(tx, workspace, said, holder.object)? {
            return Ok(Found::mismatched(holder.object, Conflict::Typed));
        }
        return Ok(match person_signin::open(tx, holder.object)? {
            Some(_) => Found::of(holder.object, Standing::Onboarded, Conflict::None),
            None => Found::mismatched(holder.object, Conflict::Closed),
        });
    }
    unlinked(tx, provider, said)
}

fn unlinked(tx: &mut Tx, provider: &Provider, said: &Said) -> Result<Found> {
    let workspace = provider.workspace;
    if said.name.is_empty() {
        return Ok(Found::mismatched(0, Conflict::Stranger));
    }
    let mut near = Vec::new();
    for one in directory::find(tx, workspace, &said.name)? {
        near.extend(person_signin::standing(tx, one.key)?.map(|(person, _)| person));
    }
    let by_mail = near.first().map_or(0, |one| one.key);
    let is_near = !near.is_empty();
    near.retain(|one| resource::fold(&one.user_name) == resource::fold(&said.name));
    let person = match near.as_slice() {
        [] if is_near => return Ok(Found::mismatched(by_mail, Conflict::Mail)),
        [] => return Ok(Found::mismatched(0, Conflict::Stranger)),
        [one] => one.key,
        _ => return Ok(Found::mismatched(0, Conflict::Twice)),
    };
    let other = identifier::account_of(tx, provider.connection.unwrap_or(0), person)?;
    let waits = migration::of_person(tx, provider.key, person)?;
    let is_other = |one: &migration::Request| {
        one.account != said.account && !matches!(one.standing, Standing::Mismatched | Standing::Denied)
    };
    if other.is_some() || waits.iter().any(is_other) {
        return Ok(Found::mismatched(person, Conflict::Twice));
    }
    if !typed_fits(tx, workspace, said, person)? {
        return Ok(Found::mismatched(person, Conflict::Typed));
    }
    Ok(Found::of(person, Standing::Pending, Conflict::None))
}

/// Whether the mail address that somebody typed is the person's own, or none was typed.
fn typed_fits(tx: &mut Tx, workspace: i64, said: &Said, person: i64) -> Result<bool> {
    if said.typed.is_empty() || resource::fold(&said.typed) == resource::fold(&said.name) {
        return Ok(true);
    }
    let found = directory::find(tx, workspace, &said.typed)?;
    Ok(found.iter().any(|one| one.key == person))
}

fn settle_person(
    tx: &mut Tx,
    now: i64,
    provider: &Provider,
    migration: &Migration,
    said: &Said,
    (place, link): (&Place, &str),
) -> Result<Onboarded> {
    let mut found = judge(tx, provider, said)?;
    let person = match found.standing {
        Standing::Onboarded => person_signin::open(tx, found.person)?,
        _ => None,
    };
    let has_passkey = match &person {
        Some(person) => !person_signin::passkey::list(tx, person.key)?.is_empty(),
        None => false,
    };
    let browser = hex(place.browser());
    if let Some(person) = person.as_ref().filter(|_| !has_passkey) {
        for one in grant::list(tx, person.key)? {
            if !one.is_live(now) {
                continue;
            }
            if !one.browser.is_empty() && one.browser != browser {
                found.conflict = Conflict::Device;
            }
            grant::withdraw(tx, "migration", now, person, one.key)?;
        }
        let hash = random::hash(link);
        let until = now.saturating_add(GRANT);
        grant::make_for(tx, "migration", now, &hash, person, until, &browser)?;
    }
    let seen = Seen {
        account: &said.account,
        name: &said.name,
        label: &said.label,
        typed: &said.typed,
        person: found.person,
        standing: found.standing,
        conflict: found.conflict,
    };
    migration::note(tx, now, provider, &seen)?;
    let name = workspace::by_key(tx, provider.workspace)?.map_or_else(String::new, |one| one.name);
    Ok(match (found.standing, person) {
        (Standing::Onboarded, Some(_)) if has_passkey => Onboarded::SignIn { workspace: name },
        (Standing::Onboarded, Some(_)) => Onboarded::Enrol {
            workspace: name,
            key: link.to_owned(),
        },
        (Standing::Denied, _) => Onboarded::Denied(migration.contact.clone()),
        _ => Onboarded::Waits(migration.contact.clone()),
    })
}
