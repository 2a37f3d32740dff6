//! WS-Federation: what Microsoft 365 asks, and the token that it gets.

use provost_saml::Error;
use provost_saml::entra::microsoft_365;
use provost_saml::response::{Authn, Context, Party};
use provost_saml::wsfed::{Claims, PassiveAnswer, SignInRequest};
use provost_saml::xml::{Document, ElementId};

use crate::kit::{identity_provider, ids, now, seconds};

const IDP: &str = "https://hub.contoso.example/idp/contoso";
const TRUST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
const TOKEN: &str = "urn:oasis:names:tc:SAML:1.0:assertion";

fn party() -> Party {
    microsoft_365("login.microsoftonline.com").unwrap()
}

fn issue(context: Context, immutable_id: &str, name: &str) -> Result<String, Error> {
    identity_provider(IDP).answer_passive(
        &party(),
        &PassiveAnswer {
            ids: &ids(),
            claims: Claims {
                immutable_id,
                user_principal_name: name,
            },
            authn: Authn {
                at: seconds(-20),
                context,
            },
            now: now(),
        },
    )
}

fn one(document: &Document, of: ElementId, namespace: &str, local: &str) -> ElementId {
    let mut found = document.named(of, namespace, local);
    let first = found.next().unwrap_or_else(|| panic!("no {local}"));
    assert!(found.next().is_none());
    first
}

fn token(document: &Document) -> ElementId {
    let requested = one(document, document.root(), TRUST, "RequestedSecurityToken");
    one(document, requested, TOKEN, "Assertion")
}

#[test]
fn the_token_has_the_shape_of_saml_1_1() {
    let text = issue(Context::MultipleFactors, "3f2A", "anna@contoso.example").unwrap();
    let document = Document::parse(text.as_bytes()).unwrap();
    let token = token(&document);
    for (name, value) in [("MajorVersion", "1"), ("MinorVersion", "1"), ("Issuer", IDP)] {
        assert_eq!(document.attribute(token, name), Some(value));
    }
    let parts: Vec<&str> = document
        .children(token)
        .map(|part| document.local(part))
        .collect();
    assert_eq!(
        parts,
        [
            "Conditions",
            "AttributeStatement",
            "AuthenticationStatement",
            "Signature"
        ]
    );
    let statement = one(&document, token, TOKEN, "AuthenticationStatement");
    assert_eq!(
        document.attribute(statement, "AuthenticationMethod"),
        Some("http://schemas.microsoft.com/claims/multipleauthn")
    );
    assert_eq!(
        document.attribute(statement, "AuthenticationInstant"),
        Some("2026-11-22T09:59:40Z")
    );
    let attributes = one(&document, token, TOKEN, "AttributeStatement");
    let names: Vec<&str> = document
        .named(attributes, TOKEN, "Attribute")
        .filter_map(|attribute| document.attribute(attribute, "AttributeName"))
        .collect();
    assert_eq!(
        names,
        [
            "UPN",
            "ImmutableID",
            "authnmethodsreferences",
            "authenticationinstant"
        ]
    );
    assert_eq!(
        issue(Context::MultipleFactors, "3f2A", "anna@contoso.example").unwrap(),
        text
    );
}

#[test]
fn two_factors_are_said_when_they_were_used() {
    let text = issue(Context::Password, "3f2A", "anna@contoso.example").unwrap();
    assert!(!text.contains("multipleauthn"));
    assert!(text.contains("urn:oasis:names:tc:SAML:1.0:am:password"));
}

#[test]
fn values_stay_values() {
    let evil = "\"/></t:RequestedSecurityToken><x>&'";
    let text = issue(Context::Password, evil, evil).unwrap();
    let document = Document::parse(text.as_bytes()).unwrap();
    let attributes = one(&document, token(&document), TOKEN, "AttributeStatement");
    assert_eq!(document.named(attributes, TOKEN, "Attribute").count(), 3);
    assert_eq!(
        issue(Context::Password, "", "a").unwrap_err().code(),
        "PRV-SAML-VALUE"
    );
    assert_eq!(
        issue(Context::Password, "a", "").unwrap_err().code(),
        "PRV-SAML-VALUE"
    );
}

const REALM: &str = "wtrealm=urn%3afederation%3aMicrosoftOnline";

fn asked(query: &str) -> provost_saml::wsfed::SignIn {
    match SignInRequest::parse(query, &party()).unwrap() {
        SignInRequest::SignIn(found) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_microsoft_365_asks() {
    let query = format!(
        "wa=wsignin1.0&{REALM}&wctx=LoginOptions%3D3%26estsredirect%3d2%26x%3d%3Cb%3E&username=anna%40contoso.example&mkt=en-US&lc=1033&wfresh=0&wauth=http%3A%2F%2Fschemas.microsoft.com%2Fclaims%2Fmultipleauthn&wreqptr=https%3a%2f%2fevil.example"
    );
    let found = asked(&query);
    assert_eq!(
        found.context.as_deref(),
        Some("LoginOptions=3&estsredirect=2&x=<b>")
    );
    assert_eq!(found.login_hint.as_deref(), Some("anna@contoso.example"));
    assert_eq!(found.max_age_minutes, Some(0));
    assert!(found.multiple_factors);
    assert_eq!(found.reply, None);
    let sign_out = |action: &str| SignInRequest::parse(&format!("wa={action}"), &party());
    assert_eq!(sign_out("wsignout1.0"), Ok(SignInRequest::SignOut));
    assert_eq!(sign_out("wsignoutcleanup1.0"), Ok(SignInRequest::CleanUp));
}

#[test]
fn a_foreign_reply_address_is_left_out_of_account() {
    let at = |address: &str| asked(&format!("wa=wsignin1.0&{REALM}&wreply={address}")).reply;
    assert_eq!(at("https%3A%2F%2Fevil.example%2F"), None);
    let own = "https://login.microsoftonline.com/login.srf";
    assert_eq!(at(own).as_deref(), Some(own));
}

#[test]
fn requests_that_are_none() {
    let parse = |query: &str| SignInRequest::parse(query, &party()).unwrap_err();
    assert_eq!(parse(""), Error::Action);
    assert_eq!(parse("wa=wattr1.0"), Error::Action);
    assert_eq!(parse("wa=wsignin1.0"), Error::UnknownParty);
    assert_eq!(
        parse("wa=wsignin1.0&wtrealm=urn:federation:microsoftonline"),
        Error::UnknownParty
    );
    assert_eq!(
        parse(&format!("wa=wsignin1.0&{REALM}&{REALM}")),
        Error::Parameter { name: "wtrealm" }
    );
    assert_eq!(
        parse(&format!("wa=wsignin1.0&{REALM}&wfresh=soon")),
        Error::Parameter { name: "wfresh" }
    );
    let long = format!("wa=wsignin1.0&{REALM}&wctx={}", "x".repeat(9_000));
    assert_eq!(parse(&long), Error::Parameter { name: "wctx" });
    assert_eq!(parse(&"x".repeat(20_000)).code(), "PRV-SAML-TOO-LARGE");
}
