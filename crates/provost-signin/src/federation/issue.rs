//! Going on with a request: to the sign-in, to an answer, or to a page that says why there is none.

use super::ground::{self, Ground};
use super::keep::{self, Browser, Pending};
use super::request::moment;
use super::signer::Ready;
use super::{Door, Federation, Told, Why, party, tell};
use crate::limit::{self, Subject};
use crate::person::SignedIn;
use crate::{Error, Result, Visit, random};
use provost_saml::binding;
use provost_saml::entra::{self, IDP_EMAIL};
use provost_saml::response::{Answer as Response, Authn, Context, IdentityProvider, Ids, NoAnswer, Party};
use provost_saml::wsfed::{Claims, PassiveAnswer};
use provost_saml::{EntityId, MessageId};
use provost_store::Tx;
use provost_store::federated_signin::Protocol;
use uuid::Uuid;

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// The person has to sign in first; `again`: also when they are signed in.
    SignIn {
        /// Whether a new proof is asked for.
        again: bool,
    },
    /// The browser carries this to Microsoft 365.
    Answer(Answer),
    /// There is no assertion: the page says why.
    Refused(Why),
}

/// What a browser carries to Microsoft 365: a form.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it goes: the pinned address.
    pub to: String,
    /// Its fields.
    pub fields: Vec<(&'static str, String)>,
}

/// Never the assertion.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// Who came, from where.
struct Came<'a> {
    door: &'a Door,
    handle: &'a str,
    browser: Browser,
    visit: &'a Visit,
    now: i64,
}

impl Came<'_> {
    fn address(&self) -> String {
        self.visit.address.to_canonical().to_string()
    }
}

/// What was signed, and what for.
pub(super) struct Signed {
    pub answer: Answer,
    pub assertion: String,
}

impl Federation {
    /// Goes on with a request of this browser, for whoever is signed in in it.
    ///
    /// # Errors
    /// [`Error::Expired`] for a handle that is over, used, of another browser or provider; [`Error::Wait`] when one person
    /// is signed in too often.
    pub async fn go_on(
        &self,
        door: &Door,
        handle: &str,
        browser: &str,
        signed: Option<&SignedIn>,
        visit: &Visit,
        now: i64,
    ) -> Result<Step> {
        let came = Came {
            door,
            handle,
            browser: Browser::of(door.provider.workspace, browser),
            visit,
            now,
        };
        let pending = self.pending(&came).await?;
        let Some(party) = party::of(&door.provider.settings) else {
            return self.refuse(&came, &pending, None, Why::Cloud).await;
        };
        if !pending.name_fits {
            return self
                .decline(&came, &party, &pending, NoAnswer::NameIdFormat)
                .await;
        }
        match signed {
            Some(signed) if pending.accepts(signed.proved()) => {
                self.answer(&came, &party, &pending, signed).await
            }
            _ if pending.silent => self.decline(&came, &party, &pending, NoAnswer::NoPassive).await,
            signed => Ok(Step::SignIn {
                again: signed.is_some(),
            }),
        }
    }

    async fn pending(&self, came: &Came<'_>) -> Result<Pending> {
        let (handle, browser, now) = (came.handle.to_owned(), came.browser.clone(), came.now);
        let pending = self
            .0
            .read(move |tx| keep::look(tx, now, &browser, &handle))
            .await?;
        if pending.provider == came.door.provider.key {
            Ok(pending)
        } else {
            Err(Error::Expired)
        }
    }

    /// Signs, and issues what was signed if everything is as it was.
    async fn answer(
        &self,
        came: &Came<'_>,
        party: &Party,
        pending: &Pending,
        signed: &SignedIn,
    ) -> Result<Step> {
        let (provider, who, now) = (came.door.provider.key, signed.clone(), came.now);
        let signing = self.signing(&came.door.provider, now).await?;
        let looked = self
            .0
            .read(move |tx| ground::look(tx, now, provider, &who))
            .await?;
        let ground = match looked {
            Ok(ground) if ground.key == signing.kept.key => ground,
            Ok(_) => return self.refuse(came, pending, Some(signed), Why::Changed).await,
            Err(why) => return self.refuse(came, pending, Some(signed), why).await,
        };
        let what = What {
            door: came.door.clone(),
            party: party.clone(),
            pending: pending.clone(),
            signed: signed.clone(),
            ground: ground.clone(),
            now,
        };
        let made = self.0.0.signers.run(move || sign(&what, signing)).await?;
        self.issue(came, pending, signed, ground, made).await
    }

    async fn issue(
        &self,
        came: &Came<'_>,
        pending: &Pending,
        signed: &SignedIn,
        ground: Ground,
        made: Signed,
    ) -> Result<Step> {
        let (provider, now, address) = (came.door.provider.clone(), came.now, came.address());
        let (handle, browser) = (came.handle.to_owned(), came.browser.clone());
        let (protocol, who, wanted) = (pending.protocol(), signed.clone(), pending.clone());
        let assertion = made.assertion;
        let issued = self
            .0
            .settle(move |tx| {
                if let Some(seconds) =
                    limit::take(tx, now, &Subject::federated(who.person.key), limit::FEDERATED)?
                {
                    return Ok(Err(Error::Wait { seconds }));
                }
                // Used up first: of two that come at the same time, one finds nothing.
                if keep::take(tx, now, &browser, &handle)? != wanted {
                    return Err(Error::Expired);
                }
                let looked = ground::look(tx, now, provider.key, &who)?;
                let why = match &looked {
                    Ok(found) if *found == ground => None,
                    Ok(_) => Some(Why::Changed),
                    Err(why) => Some(*why),
                };
                let told = Told {
                    provider: &provider,
                    protocol,
                    who: Some(named(&who)),
                    why: why.map(Why::as_str),
                    name: if why.is_none() { &ground.name } else { "" },
                    assertion: if why.is_none() { &assertion } else { "" },
                    method: who.session.method.as_str(),
                    address: &address,
                };
                tell(tx, now, &told)?;
                Ok(Ok(why))
            })
            .await?;
        Ok(match issued {
            None => Step::Answer(made.answer),
            Some(why) => Step::Refused(why),
        })
    }

    /// Uses the request up without an assertion, and says why.
    async fn refuse(
        &self,
        came: &Came<'_>,
        pending: &Pending,
        signed: Option<&SignedIn>,
        why: Why,
    ) -> Result<Step> {
        self.use_up(came, pending.protocol(), signed, why).await?;
        Ok(Step::Refused(why))
    }

    /// The same, when it is Microsoft 365 that is told.
    async fn decline(&self, came: &Came<'_>, party: &Party, pending: &Pending, no: NoAnswer) -> Result<Step> {
        let why = match no {
            NoAnswer::NameIdFormat => Why::NameIdPolicy,
            NoAnswer::NoPassive | NoAnswer::Denied | NoAnswer::NoContext => Why::NoPassive,
        };
        let signing = self.signing(&came.door.provider, came.now).await?;
        if signing.kept.is_over(came.now) {
            return self.refuse(came, pending, None, Why::KeyOver).await;
        }
        let provider = identity(came.door, signing)?;
        let (now, id) = (moment(came.now), message_id()?);
        let to = party.reply(None).map_err(inside)?.as_str().to_owned();
        let (party, asked) = (party.clone(), pending.id.clone());
        let refusing = move || {
            let reply = party.reply(None).map_err(inside)?;
            let told = provider.refuse(&party, reply, asked.as_deref(), no, &id, now);
            told.map_err(inside)
        };
        let text = self.0.0.signers.run(refusing).await?;
        self.use_up(came, pending.protocol(), None, why).await?;
        let fields = with_state(
            vec![("SAMLResponse", binding::encode(&text))],
            "RelayState",
            pending,
        );
        Ok(Step::Answer(Answer { to, fields }))
    }

    async fn use_up(
        &self,
        came: &Came<'_>,
        protocol: Protocol,
        signed: Option<&SignedIn>,
        why: Why,
    ) -> Result<()> {
        let (provider, now, address) = (came.door.provider.clone(), came.now, came.address());
        let (handle, browser) = (came.handle.to_owned(), came.browser.clone());
        let who = signed.cloned();
        self.0
            .write(move |tx: &mut Tx| {
                keep::take(tx, now, &browser, &handle)?;
                let told = Told {
                    provider: &provider,
                    protocol,
                    who: who.as_ref().map(named),
                    why: Some(why.as_str()),
                    name: "",
                    assertion: "",
                    method: who.as_ref().map_or("", |who| who.session.method.as_str()),
                    address: &address,
                };
                tell(tx, now, &told)
            })
            .await
    }
}

pub(super) fn named(signed: &SignedIn) -> (i64, String, Uuid) {
    (signed.person.key, signed.person.actor(), signed.person.id)
}

/// What is to be signed, as it goes to where that is done.
pub(super) struct What {
    pub door: Door,
    pub party: Party,
    pub pending: Pending,
    pub signed: SignedIn,
    pub ground: Ground,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// The answer as it would go to Microsoft 365; nothing of it is kept here.
pub(super) fn sign(what: &What, signing: Ready) -> Result<Signed> {
    let (party, pending, signed, ground) = (&what.party, &what.pending, &what.signed, &what.ground);
    let provider = identity(&what.door, signing)?;
    let ids = Ids {
        response: message_id()?,
        assertion: message_id()?,
        session: session_id(&what.door, signed),
    };
    let context = if signed.is_two_factor() {
        Context::MultipleFactors
    } else {
        Context::Password
    };
    let authn = Authn {
        at: moment(ground.proved),
        context,
    };
    let (now, reply) = (moment(what.now), party.reply(None).map_err(inside)?);
    let names = [ground.name.as_str()];
    let fields = if pending.passive {
        let answer = PassiveAnswer {
            ids: &ids,
            claims: Claims {
                immutable_id: &ground.immutable_id,
                user_principal_name: &ground.name,
            },
            authn,
            now,
        };
        let text = provider.answer_passive(party, &answer).map_err(inside)?;
        with_state(
            vec![("wa", "wsignin1.0".to_owned()), ("wresult", text)],
            "wctx",
            pending,
        )
    } else {
        let claims = [(IDP_EMAIL, names.as_slice())];
        let answer = Response {
            ids: &ids,
            in_response_to: pending.id.as_deref(),
            reply,
            subject: entra::subject(&ground.immutable_id, &claims).map_err(inside)?,
            authn,
            now,
        };
        let text = provider.answer(party, &answer).map_err(inside)?;
        with_state(
            vec![("SAMLResponse", binding::encode(&text))],
            "RelayState",
            pending,
        )
    };
    Ok(Signed {
        answer: Answer {
            to: reply.as_str().to_owned(),
            fields,
        },
        assertion: ids.assertion.as_str().to_owned(),
    })
}

fn with_state(
    mut fields: Vec<(&'static str, String)>,
    name: &'static str,
    pending: &Pending,
) -> Vec<(&'static str, String)> {
    fields.extend(pending.state.clone().map(|state| (name, state)));
    fields
}

/// The provider as the one that signs.
pub(super) fn identity(door: &Door, signing: Ready) -> Result<IdentityProvider> {
    let name = EntityId::parse(&door.addresses.issuer).map_err(inside)?;
    IdentityProvider::new(name, signing.key, signing.kept.certificate).map_err(inside)
}

pub(super) fn message_id() -> Result<MessageId> {
    Ok(MessageId::from_random(random::bytes::<20>()?))
}

/// The same for all assertions of one session at one provider, and for nobody to be guessed.
fn session_id(door: &Door, signed: &SignedIn) -> MessageId {
    let hash = random::hash(&format!("session:{}:{}", door.provider.id, signed.session.csrf));
    let mut bits = [0; 20];
    for (to, from) in bits.iter_mut().zip(hash) {
        *to = from;
    }
    MessageId::from_random(bits)
}

/// What cannot go wrong with values of ours, or is a value that somebody has entered past every check.
pub(super) fn inside(error: provost_saml::Error) -> Error {
    Error::Machine(format!("an answer to Microsoft 365 could not be made: {error}"))
}
