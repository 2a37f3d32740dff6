//! An answer before it is written: everything that it is to say.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::{Person, issuer};
use crate::moment;
use crate::saml::build::new;
use crate::saml::key::Method;
use crate::saml::seal::Seal;
use crate::saml::tree::{Element, read};
use crate::saml::{ASSERTION, BEARER, MULTIPLE, PROTOCOL, SUCCESS};
use crate::settings::{Algorithm, Application, NameId, Saml, Signs};

/// Milliseconds for which the conditions of an assertion hold: 70 minutes.
const LIFE: i64 = 70 * 60_000;
/// Milliseconds within which it has to be brought.
const DELIVERY: i64 = 5 * 60_000;
/// Where Entra's own claims are named.
const IDENTITY: &str = "http://schemas.microsoft.com/identity/claims";
/// Where those of everybody are.
const COMMON: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
pub(crate) const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";
const PASSWORD: &str = "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password";

/// A claim of Entra's by its last word.
pub(crate) fn identity(name: &str) -> String {
    format!("{IDENTITY}/{name}")
}

/// A claim of everybody's.
pub(crate) fn common(name: &str) -> String {
    format!("{COMMON}/{name}")
}

/// Who may bring the assertion, and where.
#[derive(Debug, Clone)]
pub(crate) struct Confirmation {
    pub method: String,
    pub recipient: Option<String>,
    pub not_before: Option<i64>,
    pub not_after: Option<i64>,
    pub answers: Option<String>,
}

/// How and when somebody signed in.
#[derive(Debug, Clone)]
pub(crate) struct Authenticated {
    pub at: i64,
    pub until: Option<i64>,
    pub class: String,
}

/// The whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub now: i64,
    pub version: &'static str,
    /// How moments are written.
    pub time: fn(i64) -> String,
    pub response_id: String,
    pub assertion_id: String,
    pub destination: Option<String>,
    pub answers: Option<String>,
    pub response_issuer: String,
    pub issuer: String,
    /// Status codes, the second within the first, and what is said about them.
    pub status: Vec<String>,
    pub message: Option<String>,
    pub name_id: Option<(String, String)>,
    pub confirmation: Option<Confirmation>,
    pub conditions: Option<(i64, i64)>,
    pub audiences: Vec<Vec<String>>,
    pub authenticated: Option<Authenticated>,
    pub attributes: Vec<(String, Vec<String>)>,
    pub asserts: bool,
    pub signs: Signs,
    pub seal: Seal,
}

/// What an answer answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub id: Option<String>,
    pub reply: String,
    pub identifier: String,
    pub name_id: Option<NameId>,
}

impl Plan {
    /// The right answer. `None`: the application has no key.
    pub(crate) fn honest(
        tenant: &str,
        application: &Application,
        saml: &Saml,
        asked: &Asked,
        person: &Person,
        (now, signed_in): (i64, i64),
    ) -> Option<Plan> {
        let method = match saml.algorithm {
            Algorithm::Sha256 => Method::Sha256,
            Algorithm::Sha1 => Method::Sha1,
        };
        let form = asked.name_id.unwrap_or(saml.name_id);
        let name_id = match form {
            NameId::EmailAddress | NameId::Unspecified => person.upn.clone(),
            NameId::Persistent => {
                let text = format!("{} {}", application.client_id, person.id);
                URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()).as_ref())
            }
            NameId::Transient => format!("_{}", Uuid::new_v4().simple()),
        };
        Some(Plan {
            now,
            version: "2.0",
            time: moment::fine,
            response_id: id(),
            assertion_id: id(),
            destination: Some(asked.reply.clone()),
            answers: asked.id.clone(),
            response_issuer: issuer(tenant),
            issuer: issuer(tenant),
            status: vec![SUCCESS.to_owned()],
            message: None,
            name_id: Some((form.format().to_owned(), name_id)),
            confirmation: Some(Confirmation {
                method: BEARER.to_owned(),
                recipient: Some(asked.reply.clone()),
                not_before: None,
                not_after: Some(now + DELIVERY),
                answers: asked.id.clone(),
            }),
            conditions: Some((now, now + LIFE)),
            audiences: vec![vec![asked.identifier.clone()]],
            authenticated: Some(Authenticated {
                at: signed_in,
                until: None,
                class: "urn:oasis:names:tc:SAML:2.0:ac:classes:Password".to_owned(),
            }),
            attributes: claims(tenant, saml, person),
            asserts: true,
            signs: saml.signs,
            seal: Seal::by(saml.key(now)?, method),
        })
    }

    /// An answer that says why nobody is signed in.
    pub(crate) fn refuse(&mut self, codes: &[&str], message: String) {
        self.status = codes.iter().map(|code| (*code).to_owned()).collect();
        self.message = Some(message);
        self.asserts = false;
        self.signs = Signs::Assertion;
    }

    /// The claim with this name.
    pub(crate) fn claim(&mut self, name: &str) -> Option<&mut Vec<String>> {
        self.attributes
            .iter_mut()
            .find(|(known, _)| known == name)
            .map(|(_, values)| values)
    }

    pub(crate) fn without(&mut self, name: &str) {
        self.attributes.retain(|(known, _)| known != name);
    }

    /// The response without any signature. `None` only when it cannot be read again.
    pub(crate) fn write(&self) -> Option<Element> {
        let time = self.time;
        let issued = time(self.now);
        let mut status = None;
        for code in self.status.iter().rev() {
            let outer = new("samlp:StatusCode").with("Value", code);
            status = Some(match status {
                Some(inner) => outer.child(inner),
                None => outer,
            });
        }
        let message = self
            .message
            .iter()
            .map(|text| new("samlp:StatusMessage").holding(text));
        let mut response = new("samlp:Response")
            .with("ID", &self.response_id)
            .with("Version", self.version)
            .with("IssueInstant", &issued)
            .with_some("Destination", self.destination.as_deref())
            .with_some("InResponseTo", self.answers.as_deref())
            .space("samlp", PROTOCOL)
            .child(new("Issuer").space("", ASSERTION).holding(&self.response_issuer));
        if let Some(status) = status {
            let status = new("samlp:Status").child(status).children(message);
            response = response.child(status);
        }
        if self.asserts {
            response = response.child(self.assertion(&issued));
        }
        read(&response.write()).ok()
    }

    fn assertion(&self, issued: &str) -> Element {
        let time = self.time;
        let name_id = self
            .name_id
            .iter()
            .map(|(format, value)| new("NameID").with("Format", format).holding(value));
        let confirmation = self.confirmation.iter().map(|one| {
            let data = new("SubjectConfirmationData")
                .with_some("InResponseTo", one.answers.as_deref())
                .with_some("NotBefore", one.not_before.map(time).as_deref())
                .with_some("NotOnOrAfter", one.not_after.map(time).as_deref())
                .with_some("Recipient", one.recipient.as_deref());
            new("SubjectConfirmation").with("Method", &one.method).child(data)
        });
        let conditions = self.conditions.iter().map(|(from, until)| {
            let audiences = self.audiences.iter().map(|all| {
                let all = all.iter().map(|one| new("Audience").holding(one));
                new("AudienceRestriction").children(all)
            });
            new("Conditions")
                .with("NotBefore", &time(*from))
                .with("NotOnOrAfter", &time(*until))
                .children(audiences)
        });
        let attributes = self.attributes.iter().map(|(name, values)| {
            let values = values.iter().map(|value| new("AttributeValue").holding(value));
            new("Attribute").with("Name", name).children(values)
        });
        let authenticated = self.authenticated.iter().map(|one| {
            let class = new("AuthnContextClassRef").holding(&one.class);
            new("AuthnStatement")
                .with("AuthnInstant", &time(one.at))
                .with("SessionIndex", &self.assertion_id)
                .with_some("SessionNotOnOrAfter", one.until.map(time).as_deref())
                .child(new("AuthnContext").child(class))
        });
        new("Assertion")
            .with("ID", &self.assertion_id)
            .with("IssueInstant", issued)
            .with("Version", self.version)
            .space("", ASSERTION)
            .child(new("Issuer").holding(&self.issuer))
            .child(new("Subject").children(name_id).children(confirmation))
            .children(conditions)
            .child(new("AttributeStatement").children(attributes))
            .children(authenticated)
    }

    /// Signs what is to be signed, each right after its issuer.
    pub(crate) fn sign(&self, response: &mut Element) -> Option<()> {
        if matches!(self.signs, Signs::Assertion | Signs::Both) {
            for place in 0..response.children.len() {
                let is_one = matches!(response.children.get(place),
                    Some(crate::saml::tree::Node::Element(one)) if one.is(ASSERTION, "Assertion"));
                if is_one {
                    self.seal.apply(response, &[place], 1)?;
                }
            }
        }
        if matches!(self.signs, Signs::Response | Signs::Both) {
            self.seal.apply(response, &[], 1)?;
        }
        Some(())
    }
}

/// An id as Entra writes it.
pub(crate) fn id() -> String {
    format!("_{}", Uuid::new_v4())
}

fn claims(tenant: &str, saml: &Saml, person: &Person) -> Vec<(String, Vec<String>)> {
    let home = issuer(tenant);
    let provider = if person.guest { "live.com" } else { &home };
    let mut all = vec![
        (identity("tenantid"), vec![tenant.to_owned()]),
        (identity("objectidentifier"), vec![person.id.clone()]),
        (identity("displayname"), vec![person.name.clone()]),
        (identity("identityprovider"), vec![provider.to_owned()]),
        (METHODS.to_owned(), vec![PASSWORD.to_owned(), MULTIPLE.to_owned()]),
    ];
    let optional = [
        ("givenname", person.given.as_ref()),
        ("surname", person.surname.as_ref()),
        ("emailaddress", person.mail.as_ref()),
        ("name", Some(&person.upn)),
    ];
    for (name, value) in optional {
        all.extend(value.map(|value| (common(name), vec![value.clone()])));
    }
    all.retain(|(name, _)| {
        let taken = |gone: &String| gone == name || name.rsplit('/').next() == Some(gone.as_str());
        !saml.without_claims.iter().any(taken)
    });
    all
}
