//! The request to a federated domain's identity provider.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::realm::{Federated, Realm, realm};
use super::{Pending, Session};
use crate::query::encoding::encode;
use crate::saml::build::new;
use crate::saml::key::Method;
use crate::saml::request::pack;
use crate::saml::seal::Seal;
use crate::saml::tree::{Element, read};
use crate::saml::{ASSERTION, MICROSOFT, MULTIPLE, PROTOCOL};
use crate::{Inner, SigningKey, moment};

/// The form of name that a federated domain's people have.
pub(super) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// What somebody wants who comes to sign in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    pub login: String,
    /// A second factor is asked for.
    pub factor: bool,
    /// Signing in afresh is asked for.
    pub fresh: bool,
    /// It has been sent back for a second factor.
    pub again: bool,
}

/// Where a browser goes next.
#[derive(Debug)]
pub(crate) struct Start {
    pub domain: String,
    pub protocol: &'static str,
    pub url: String,
    /// Posted there. Empty: the browser is redirected.
    pub fields: Vec<(String, String)>,
}

/// Sends somebody to the provider of their domain. `Err`: nobody but Microsoft signs them in.
pub(crate) fn begin(inner: &Inner, wish: &Wish) -> Result<Start, Realm> {
    let now = inner.now();
    let delay = inner.settings().federation_delay();
    let found = realm(inner.tenant().directory.records(), &wish.login, now, delay);
    let federated = match found {
        Realm::Federated(federated) => *federated,
        other => return Err(other),
    };
    let id = format!("_{}", Uuid::new_v4());
    let mut logins = inner.logins();
    logins.pending.insert(
        id.clone(),
        Pending {
            domain: federated.domain.clone(),
            at: now,
            factor: wish.factor,
            again: wish.again,
        },
    );
    let signer = federated
        .flag("isSignedAuthenticationRequestRequired")
        .then(|| logins.signer(now))
        .flatten();
    drop(logins);
    let start = if federated.is_saml() {
        let mut request = authn_request(&federated, wish, &id, now);
        if let Some(key) = signer {
            sign(&mut request, &key);
        }
        Start {
            protocol: "saml",
            url: with_query(
                federated.text("passiveSignInUri").unwrap_or_default(),
                &[("username", &wish.login)],
            ),
            fields: vec![
                ("SAMLRequest".to_owned(), STANDARD.encode(request.write())),
                ("RelayState".to_owned(), context(&id)),
            ],
            domain: federated.domain,
        }
    } else {
        Start {
            protocol: "wsFed",
            url: passive(&federated, wish, &id),
            fields: Vec::new(),
            domain: federated.domain,
        }
    };
    Ok(start)
}

/// The context that comes back with the answer: longer than SAML allows, as Microsoft's is.
fn context(id: &str) -> String {
    format!(
        "estsrequest={}",
        STANDARD.encode(format!("{id}|{}", "x".repeat(120)))
    )
}

/// The id of the request that a context belongs to.
pub(super) fn id_of(context: &str) -> Option<String> {
    let text = STANDARD.decode(context.strip_prefix("estsrequest=")?).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.split_once('|').map(|(id, _)| id.to_owned())
}

fn authn_request(federated: &Federated, wish: &Wish, id: &str, now: i64) -> Element {
    let mut request = new("samlp:AuthnRequest")
        .with("ID", id)
        .with("IssueInstant", &moment::fine(now))
        .with("Version", "2.0");
    if federated.flag("isSignedAuthenticationRequestRequired") {
        request = request.with(
            "Destination",
            federated.text("passiveSignInUri").unwrap_or_default(),
        );
    }
    if wish.fresh || wish.again {
        request = request.with("ForceAuthn", "true");
    }
    let issuer = new("Issuer").space("", ASSERTION).holding(MICROSOFT);
    let mut request = request
        .space("samlp", PROTOCOL)
        .child(issuer)
        .child(new("samlp:NameIDPolicy").with("Format", PERSISTENT));
    if wish.factor {
        let class = new("AuthnContextClassRef").space("", ASSERTION).holding(MULTIPLE);
        request = request.child(new("samlp:RequestedAuthnContext").child(class));
    }
    request
}

fn sign(request: &mut Element, key: &SigningKey) {
    if let Ok(mut read) = read(&request.write()) {
        let done = Seal::by(key, Method::Sha256).apply(&mut read, &[], 1);
        if done.is_some() {
            *request = read;
        }
    }
}

fn passive(federated: &Federated, wish: &Wish, id: &str) -> String {
    let context = context(id);
    let mut query = vec![
        ("client-request-id", id.trim_start_matches('_')),
        ("username", wish.login.as_str()),
        ("wa", "wsignin1.0"),
        ("wtrealm", MICROSOFT),
        ("wctx", context.as_str()),
    ];
    if wish.factor {
        query.push(("wauth", MULTIPLE));
    }
    if wish.fresh || wish.again {
        query.push(("wfresh", "0"));
    }
    with_query(federated.text("passiveSignInUri").unwrap_or_default(), &query)
}

fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = address.to_owned();
    for (name, value) in pairs {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.push_str(&encode(value));
    }
    out
}

/// Ends a session. Answers where the browser has to go for its identity provider to end it too.
pub(crate) fn sign_out(inner: &Inner, session: &str, reply: &str) -> Option<String> {
    let (now, delay) = (inner.now(), inner.settings().federation_delay());
    let Session {
        domain,
        name_id,
        index,
        ..
    } = inner.logins().sessions.remove(session)?;
    let federated = Federated::by_name(inner.tenant().directory.records(), &domain?, now, delay)?;
    let address = federated.text("signOutUri")?;
    if !federated.is_saml() {
        return Some(with_query(address, &[("wa", "wsignout1.0"), ("wreply", reply)]));
    }
    let id = format!("_{}", Uuid::new_v4());
    let name = new("NameID")
        .space("", ASSERTION)
        .with("Format", PERSISTENT)
        .holding(&name_id);
    let index = index.map(|index| new("samlp:SessionIndex").holding(&index));
    let request = new("samlp:LogoutRequest")
        .with("ID", &id)
        .with("Version", "2.0")
        .with("IssueInstant", &moment::fine(now))
        .with("Destination", address)
        .space("samlp", PROTOCOL)
        .child(new("Issuer").space("", ASSERTION).holding(MICROSOFT))
        .child(name)
        .children(index);
    inner.logins().leaving.insert(id.clone());
    let packed = pack(&request.write());
    Some(with_query(
        address,
        &[("SAMLRequest", &packed), ("RelayState", &id)],
    ))
}
