//! What Microsoft 365 makes of an identity provider's answer.

use uuid::Uuid;

use super::claims::{Claims, Desk, invalid};
use super::start::{Start, Wish, begin, id_of};
use super::{Pending, Session, SignIn};
use crate::Inner;
use crate::consent::Refusal;
use crate::directory::{Directory, Kind};
use crate::idp::Person;
use crate::idp::ask::refusal;
use crate::saml::request::unpack;
use crate::saml::tree::{Element, read};
use crate::saml::{PROTOCOL, SUCCESS};

/// Milliseconds for which a request waits.
const PATIENCE: i64 = 60 * 60_000;
/// The longest immutable id.
const MAX_IMMUTABLE_ID: usize = 64;

/// What becomes of an answer.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Signed in, in this session.
    Entered { session: String, sign_in: SignIn },
    /// Sent back for a second factor.
    Again(Start),
}

/// What came in.
pub(crate) struct Given<'a> {
    pub fields: &'a [(String, String)],
    pub reply: &'a str,
}

impl Given<'_> {
    /// The only value of a field.
    fn only(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value.as_str())
    }

    fn is_passive(&self) -> bool {
        self.only("wa") == Some("wsignin1.0")
    }
}

/// Signs somebody in.
///
/// # Errors
/// What Microsoft 365 shows.
pub(crate) fn answer(inner: &Inner, fields: &[(String, String)], reply: &str) -> Result<Outcome, Refusal> {
    let given = Given { fields, reply };
    let protocol = if given.is_passive() { "wsFed" } else { "saml" };
    let mut note = SignIn {
        at: inner.now(),
        user_principal_name: None,
        user_id: None,
        domain: None,
        protocol,
        mfa: None,
        error: None,
        description: None,
    };
    let done = enter(inner, &given, &mut note);
    if let Err(refusal) = &done {
        note.error = Some(format!("AADSTS{}", refusal.code));
        note.description = Some(refusal.text.clone());
    }
    if !matches!(done, Ok(Outcome::Again(_))) {
        inner.logins().note(note);
    }
    done
}

fn enter(inner: &Inner, given: &Given<'_>, note: &mut SignIn) -> Result<Outcome, Refusal> {
    let claims = read_claims(inner, given)?;
    note.domain = Some(claims.federated.domain.clone());
    let pending = asked(inner, given, &claims)?;
    let person = whose(&inner.tenant().directory, &claims, inner)?;
    note.user_principal_name = Some(person.upn.clone());
    note.user_id = Some(person.id.clone());
    if !person.enabled {
        return Err(refusal(
            50_057,
            "The user account is disabled. The user object in Active Directory backing this account has been disabled.",
        ));
    }
    let used = (
        claims.federated.text("issuerUri").unwrap_or_default().to_owned(),
        claims.id.clone(),
    );
    if !inner.logins().used.insert(used) {
        return Err(invalid("it has been used already"));
    }
    let behaviour = claims
        .federated
        .text("federatedIdpMfaBehavior")
        .unwrap_or("acceptIfMfaDoneByFederatedIdp");
    let demanded = pending.as_ref().is_some_and(|pending| pending.factor);
    let mfa = match (behaviour, claims.factor, demanded) {
        ("rejectMfaByFederatedIdp", _, true) => "microsoft",
        ("rejectMfaByFederatedIdp", _, false) | (_, false, false) => "none",
        (_, true, _) => "federated",
        ("enforceMfaByFederatedIdp", false, true) => {
            if pending.as_ref().is_some_and(|pending| pending.again) {
                return Err(refusal(
                    50_076,
                    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication. The identity provider of the domain was asked for it twice and does not claim it.",
                ));
            }
            let wish = Wish {
                login: person.upn,
                factor: true,
                again: true,
                ..Wish::default()
            };
            let start = begin(inner, &wish);
            return start
                .map(Outcome::Again)
                .map_err(|_| invalid("the domain is managed"));
        }
        (_, false, true) => "microsoft",
    };
    note.mfa = Some(mfa);
    let session = Uuid::new_v4().simple().to_string();
    let kept = Session {
        login: person.upn,
        domain: Some(claims.federated.domain),
        name_id: claims.immutable_id,
        index: claims.index,
    };
    inner.logins().sessions.insert(session.clone(), kept);
    Ok(Outcome::Entered {
        session,
        sign_in: note.clone(),
    })
}

fn read_claims(inner: &Inner, given: &Given<'_>) -> Result<Claims, Refusal> {
    let tenant = inner.tenant();
    let desk = Desk {
        records: tenant.directory.records(),
        reply: given.reply,
        now: inner.now(),
        delay: inner.settings().federation_delay(),
    };
    if given.is_passive() {
        let wrong = |why: &str| refusal(20_012, format!("The WS-Federation message is invalid: {why}"));
        let result = given.only("wresult").ok_or_else(|| wrong("It has no wresult."))?;
        let root = read(result).map_err(|why| wrong(&why))?;
        return desk.passive(&root);
    }
    let response = given
        .only("SAMLResponse")
        .ok_or_else(|| invalid("there must be one SAMLResponse"))?;
    let text = unpack(response, false).map_err(|why| invalid(&why))?;
    let root = read(&text).map_err(|why| invalid(&why))?;
    desk.saml(&root)
}

/// The request that is answered. An answer that nobody asked for is taken too, as long as it does not say otherwise.
fn asked(inner: &Inner, given: &Given<'_>, claims: &Claims) -> Result<Option<Pending>, Refusal> {
    let context = given.only(if given.is_passive() { "wctx" } else { "RelayState" });
    let id = match &claims.answers {
        Some(id) => Some(id.clone()),
        None => context.and_then(id_of),
    };
    let Some(id) = id else {
        return Ok(None);
    };
    let now = inner.now();
    let mut logins = inner.logins();
    let pending = logins.pending.remove(&id).filter(|one| now < one.at + PATIENCE);
    let pending = pending.ok_or_else(|| invalid("it answers a request that nobody made"))?;
    if pending.domain != claims.federated.domain {
        return Err(invalid(
            "it answers a request to another domain's identity provider",
        ));
    }
    if context.and_then(id_of).is_some_and(|other| other != id) {
        return Err(invalid("its context belongs to another request"));
    }
    Ok(Some(pending))
}

/// The account with this immutable id in the domain that answered.
fn whose(directory: &Directory, claims: &Claims, inner: &Inner) -> Result<Person, Refusal> {
    let id = &claims.immutable_id;
    let too_long = id.chars().count() > MAX_IMMUTABLE_ID;
    let of_domain = |upn: &str| {
        let name = upn.rsplit_once('@').map_or("", |(_, domain)| domain);
        let records = directory.records();
        records
            .domain(name)
            .is_some_and(|domain| records.root_of(domain).name == claims.federated.domain)
    };
    if too_long || id.is_empty() {
        return Err(invalid("NameID is empty or longer than 64 letters"));
    }
    let email = claims.email.as_deref().filter(|email| of_domain(email));
    if email.is_none() {
        return Err(refusal(
            5_000_819,
            "SAML Assertion is invalid. Email address claim is missing or does not match domain from an external realm.",
        ));
    }
    let mut users = directory.serials(Kind::User).iter();
    let found = users.find_map(|serial| {
        directory.live(*serial).filter(|user| {
            user.text("onPremisesImmutableId") == Some(id.as_str())
                && user.text("userPrincipalName").is_some_and(of_domain)
        })
    });
    found.map(Person::of).ok_or_else(|| {
        refusal(
            51_004,
            format!(
                "The user account {id} does not exist in the {} directory. To sign into this application, the account must be added to the directory.",
                inner.settings().tenant_id
            ),
        )
    })
}

/// Takes the answer to a request to sign out. `None`: it is none.
pub(crate) fn signed_out(inner: &Inner, response: &str, compressed: bool) -> Option<Result<(), Refusal>> {
    let text = unpack(response, compressed).ok()?;
    let root = read(&text).ok()?;
    if !root.is(PROTOCOL, "LogoutResponse") {
        return None;
    }
    let status = root
        .only(PROTOCOL, "Status")
        .and_then(|status: &Element| status.only(PROTOCOL, "StatusCode"))
        .and_then(|code| code.attribute("Value"));
    let asked = root.attribute("InResponseTo").unwrap_or_default();
    if !inner.logins().leaving.remove(asked) {
        return Some(Err(invalid("it answers a request to sign out that nobody made")));
    }
    if status == Some(SUCCESS) {
        return Some(Ok(()));
    }
    Some(Err(invalid("the identity provider did not sign out")))
}
