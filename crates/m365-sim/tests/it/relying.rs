//! Microsoft 365 as the one that relies on a federated domain's identity provider. The provider is made here by hand, its
//! messages written in their canonical form, so that nothing of the simulator's own reading is taken for granted.

use std::fmt::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::certificates::certificate;
use crate::world::{World, user_with};

const ISSUER: &str = "https://hub.contoso.example/idp/contoso";
const PATH: &str = "/domains/contoso.example/federationConfiguration";
const IMMUTABLE: &str = "6f1c7e0a5d2b4c389e1f";
const LOGIN: &str = "ada@contoso.example";
const MULTIPLE: &str = "http://schemas.microsoft.com/claims/multipleauthn";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

fn base64_of(key: &RsaKeyPair) -> String {
    STANDARD.encode(certificate(key))
}

/// A world in which Ada's domain is federated, and its federation's path.
async fn world(protocol: &str, more: Value) -> (World, String) {
    let world = World::start(|settings| {
        settings.control = true;
        settings.applications[0]
            .directory_roles
            .push("User Administrator".to_owned());
        settings.applications[0]
            .roles
            .push("Domain.ReadWrite.All".to_owned());
        settings.applications[0]
            .roles
            .push("Domain-InternalFederation.ReadWrite.All".to_owned());
    })
    .await;
    let ada = user_with("ada", json!({"onPremisesImmutableId": IMMUTABLE}));
    assert_eq!(world.post("/users", ada).await.status, 201);
    let mut body = json!({
        "@odata.type": "#microsoft.graph.internalDomainFederation", "displayName": "Provost", "issuerUri": ISSUER,
        "passiveSignInUri": format!("{ISSUER}/in"), "signOutUri": format!("{ISSUER}/out"),
        "preferredAuthenticationProtocol": protocol, "signingCertificate": base64_of(&KEY),
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = world.post(PATH, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let own = format!("{PATH}/{}", made.id());
    (world, own)
}

fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    builder.build().unwrap()
}

async fn fetch(request: reqwest::RequestBuilder) -> Value {
    let answer = request.header("accept", "application/json").send().await.unwrap();
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

async fn begin(world: &World, query: &str) -> Value {
    fetch(client().get(format!("{}/login.srf?login={LOGIN}{query}", world.url))).await
}

async fn post(world: &World, fields: &[(&str, &str)]) -> Value {
    let form = reqwest::Url::parse_with_params("http://127.0.0.1/", fields).unwrap();
    let request = client()
        .post(format!("{}/login.srf", world.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned());
    fetch(request).await
}

/// What the provider says.
#[derive(Clone)]
struct Says {
    issuer: &'static str,
    name_id: &'static str,
    email: Option<&'static str>,
    class: &'static str,
    audience: &'static str,
    recipient: String,
    answers: Option<String>,
    id: &'static str,
    from: &'static str,
    until: &'static str,
    key: &'static RsaKeyPair,
}

impl Says {
    fn to(world: &World) -> Says {
        Says {
            issuer: ISSUER,
            name_id: IMMUTABLE,
            email: Some(LOGIN),
            class: MULTIPLE,
            audience: "urn:federation:MicrosoftOnline",
            recipient: format!("{}/login.srf", world.url),
            answers: None,
            id: "_a1",
            from: "2026-01-05T08:59:00Z",
            until: "2026-01-05T09:05:00Z",
            key: &KEY,
        }
    }

    fn saml(&self) -> String {
        let Says {
            issuer,
            id,
            from,
            until,
            ..
        } = self;
        let answers = self
            .answers
            .as_ref()
            .map(|id| format!(" InResponseTo=\"{id}\""))
            .unwrap_or_default();
        let mut statement = String::new();
        if let Some(email) = self.email {
            let _ = write!(
                statement,
                "<saml:AttributeStatement><saml:Attribute Name=\"IDPEmail\"><saml:AttributeValue>{email}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>"
            );
        }
        let head = format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"2026-01-05T09:00:00Z\" Version=\"2.0\"><saml:Issuer>{issuer}</saml:Issuer>"
        );
        let tail = format!(
            "<saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{}</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData{answers} NotOnOrAfter=\"{until}\" Recipient=\"{}\"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"2026-01-05T09:00:00Z\" SessionIndex=\"_s\"><saml:AuthnContext><saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>{statement}</saml:Assertion>",
            self.name_id, self.recipient, self.audience, self.class
        );
        let signature = signature(self.key, id, &format!("{head}{tail}"));
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r\" Version=\"2.0\" IssueInstant=\"2026-01-05T09:00:00Z\" Destination=\"{}\"{answers}><samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{head}{signature}{tail}</samlp:Response>",
            self.recipient
        )
    }

    fn passive(&self) -> String {
        let Says {
            issuer,
            id,
            from,
            until,
            ..
        } = self;
        let subject = format!(
            "<saml:Subject><saml:NameIdentifier Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">{}</saml:NameIdentifier><saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:bearer</saml:ConfirmationMethod></saml:SubjectConfirmation></saml:Subject>",
            self.name_id
        );
        let attribute = |space: &str, name: &str, value: &str| {
            format!(
                "<saml:Attribute AttributeName=\"{name}\" AttributeNamespace=\"{space}\"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>"
            )
        };
        let mut attributes = String::new();
        if !self.name_id.is_empty() {
            attributes += &attribute(
                "http://schemas.microsoft.com/LiveID/Federation/2008/05",
                "ImmutableID",
                self.name_id,
            );
        }
        attributes += &attribute(
            "http://schemas.xmlsoap.org/claims",
            "UPN",
            self.email.unwrap_or_default(),
        );
        if self.class == MULTIPLE {
            attributes += &attribute(
                "http://schemas.microsoft.com/claims",
                "authnmethodsreferences",
                MULTIPLE,
            );
        }
        let head = format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\" AssertionID=\"{id}\" IssueInstant=\"2026-01-05T09:00:00Z\" Issuer=\"{issuer}\" MajorVersion=\"1\" MinorVersion=\"1\"><saml:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml:AudienceRestrictionCondition><saml:Audience>{}</saml:Audience></saml:AudienceRestrictionCondition></saml:Conditions><saml:AttributeStatement>{subject}{attributes}</saml:AttributeStatement><saml:AuthenticationStatement AuthenticationInstant=\"2026-01-05T09:00:00Z\" AuthenticationMethod=\"urn:oasis:names:tc:SAML:1.0:am:password\">{subject}</saml:AuthenticationStatement>",
            self.audience
        );
        let tail = "</saml:Assertion>";
        let signature = signature(self.key, id, &format!("{head}{tail}"));
        format!(
            "<t:RequestSecurityTokenResponse xmlns:t=\"http://schemas.xmlsoap.org/ws/2005/02/trust\"><t:RequestedSecurityToken>{head}{signature}{tail}</t:RequestedSecurityToken><t:TokenType>urn:oasis:names:tc:SAML:1.0:assertion</t:TokenType></t:RequestSecurityTokenResponse>"
        )
    }
}

/// The signature over an assertion that is in its canonical form.
fn signature(key: &RsaKeyPair, id: &str, canonical: &str) -> String {
    let value = STANDARD.encode(digest(&SHA256, canonical.as_bytes()).as_ref());
    let named = |name: &str, algorithm: &str| format!("<ds:{name} Algorithm=\"{algorithm}\"></ds:{name}>");
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let info = format!(
        "{}{}<ds:Reference URI=\"#{id}\"><ds:Transforms>{}{}</ds:Transforms>{}<ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        named("CanonicalizationMethod", exclusive),
        named(
            "SignatureMethod",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
        ),
        named(
            "Transform",
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
        ),
        named("Transform", exclusive),
        named("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256"),
    );
    let space = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    let signed = format!("<ds:SignedInfo {space}>{info}");
    let mut value = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut value,
    )
    .unwrap();
    let (value, shown) = (STANDARD.encode(value), base64_of(key));
    format!(
        "<ds:Signature {space}><ds:SignedInfo>{info}<ds:SignatureValue>{value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{shown}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
}

async fn answer(world: &World, says: &Says, relay: &str) -> Value {
    let message = STANDARD.encode(says.saml());
    post(world, &[("SAMLResponse", &message), ("RelayState", relay)]).await
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).expect(before).1;
    rest.split_once(after).expect(after).0
}

/// The request that a start carries, and its id.
fn asked(start: &Value) -> (String, String) {
    let text = start["fields"]["SAMLRequest"].as_str().unwrap();
    let text = String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    let id = between(&text, " ID=\"", "\"").to_owned();
    (text, id)
}

#[tokio::test]
async fn a_federated_person_is_sent_to_the_provider_and_comes_back_signed_in() {
    let (world, _) = world("saml", json!({})).await;
    let start = begin(&world, "").await;
    assert_eq!(
        (&start["realm"], &start["method"]),
        (&json!("Federated"), &json!("POST")),
        "{start}"
    );
    assert!(
        start["url"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{ISSUER}/in?username=ada")),
        "{start}"
    );
    let (request, id) = asked(&start);
    assert!(
        request.contains(">urn:federation:MicrosoftOnline</Issuer>"),
        "{request}"
    );
    assert!(
        request.contains("nameid-format:persistent") && !request.contains("Destination"),
        "{request}"
    );
    assert!(!request.contains("AssertionConsumerServiceURL"));
    let relay = start["fields"]["RelayState"].as_str().unwrap();
    assert!(relay.len() > 80, "Microsoft's is longer than SAML allows");
    let says = Says {
        answers: Some(id),
        ..Says::to(&world)
    };
    let entered = answer(&world, &says, relay).await;
    let who = &entered["signed_in"];
    assert_eq!(
        (&who["user_principal_name"], &who["mfa"]),
        (&json!(LOGIN), &json!("federated")),
        "{entered}"
    );
    let replayed = answer(&world, &says, relay).await;
    assert_eq!(replayed["error"], "AADSTS50008", "{replayed}");
    let unsolicited = Says {
        id: "_a2",
        ..Says::to(&world)
    };
    let unsolicited = answer(&world, &unsolicited, "").await;
    assert_eq!(
        unsolicited["signed_in"]["user_principal_name"], LOGIN,
        "{unsolicited}"
    );
    let again = answer(&world, &Says::to(&world), "").await;
    assert_eq!(
        again["error"], "AADSTS50008",
        "an assertion is good once: {again}"
    );
    let log = world.simulator.sign_ins();
    let outcomes: Vec<_> = log.iter().map(|one| one.error.as_deref()).collect();
    assert_eq!(outcomes, [None, Some("AADSTS50008"), None, Some("AADSTS50008")]);
}

#[tokio::test]
async fn answers_are_refused_by_microsofts_numbers() {
    let (world, own) = world("saml", json!({})).await;
    let says = Says::to(&world);
    let elsewhere = "https://elsewhere.example/login.srf".to_owned();
    let asked = Some("_nobody".to_owned());
    for (wrong, code) in [
        (
            Says {
                issuer: "https://nobody.example/",
                ..says.clone()
            },
            "AADSTS50107",
        ),
        (
            Says {
                name_id: "6F1C7E0A5D2B4C389E1F",
                ..says.clone()
            },
            "AADSTS51004",
        ),
        (
            Says {
                name_id: LOGIN,
                ..says.clone()
            },
            "AADSTS51004",
        ),
        (
            Says {
                email: None,
                ..says.clone()
            },
            "AADSTS5000819",
        ),
        (
            Says {
                email: Some("ada@elsewhere.example"),
                ..says.clone()
            },
            "AADSTS5000819",
        ),
        (
            Says {
                key: &OTHER,
                ..says.clone()
            },
            "AADSTS50012",
        ),
        (
            Says {
                audience: "urn:elsewhere",
                ..says.clone()
            },
            "AADSTS50008",
        ),
        (
            Says {
                recipient: elsewhere,
                ..says.clone()
            },
            "AADSTS50008",
        ),
        (
            Says {
                until: "2026-01-05T08:54:00Z",
                ..says.clone()
            },
            "AADSTS50008",
        ),
        (
            Says {
                from: "2026-01-05T09:06:00Z",
                ..says.clone()
            },
            "AADSTS50008",
        ),
        (
            Says {
                answers: asked,
                ..says.clone()
            },
            "AADSTS50008",
        ),
    ] {
        let refused = answer(&world, &wrong, "").await;
        assert_eq!(refused["error"], code, "{refused}");
        assert!(!refused["description"].as_str().unwrap().is_empty());
    }
    let right = says.saml();
    for (changed, code) in [
        (
            right.replace(">6f1c7e0a5d2b4c389e1f<", ">6f1c7e0a5d2b4c389e10<"),
            "AADSTS50006",
        ),
        (
            right.replace("xml-exc-c14n#\"", "xml-exc-c14n#WithComments\""),
            "AADSTS50006",
        ),
        (right.replace("status:Success", "status:Responder"), "AADSTS50008"),
        (
            right
                .replace("<ds:Signature ", "<ds:Signature2 ")
                .replace("</ds:Signature>", "</ds:Signature2>"),
            "AADSTS50006",
        ),
        (format!("<!DOCTYPE a>{right}"), "AADSTS50008"),
        (
            right.replace(
                "</samlp:Response>",
                "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/></samlp:Response>",
            ),
            "AADSTS50008",
        ),
    ] {
        assert_ne!(changed, right);
        let refused = post(&world, &[("SAMLResponse", &STANDARD.encode(&changed))]).await;
        assert_eq!(refused["error"], code, "{refused}");
    }
    let twice = STANDARD.encode(&right);
    let refused = post(&world, &[("SAMLResponse", &twice), ("SAMLResponse", &twice)]).await;
    assert_eq!(refused["error"], "AADSTS50008");
    let entered = answer(&world, &says, "").await;
    assert!(
        entered["signed_in"].is_object(),
        "none of the refused ones used it up: {entered}"
    );

    // The next certificate counts as well, and the account has to be enabled.
    let next = world
        .patch(&own, json!({"nextSigningCertificate": base64_of(&OTHER)}))
        .await;
    assert_eq!(next.status, 200, "{next:?}");
    let rolled = Says {
        key: &OTHER,
        id: "_a3",
        ..says.clone()
    };
    assert!(answer(&world, &rolled, "").await["signed_in"].is_object());
    world
        .patch(&format!("/users/{LOGIN}"), json!({"accountEnabled": false}))
        .await;
    let disabled = answer(&world, &Says { id: "_a4", ..says }, "").await;
    assert_eq!(disabled["error"], "AADSTS50057");
}

#[tokio::test]
async fn a_second_factor_counts_as_the_domain_says() {
    for (behaviour, class, wanted) in [
        ("acceptIfMfaDoneByFederatedIdp", MULTIPLE, "federated"),
        ("acceptIfMfaDoneByFederatedIdp", PASSWORD, "microsoft"),
        ("rejectMfaByFederatedIdp", MULTIPLE, "microsoft"),
        ("enforceMfaByFederatedIdp", MULTIPLE, "federated"),
    ] {
        let (world, _) = world("saml", json!({"federatedIdpMfaBehavior": behaviour})).await;
        let start = begin(&world, "&mfa=true").await;
        let (request, id) = asked(&start);
        assert!(request.contains(MULTIPLE), "{request}");
        let says = Says {
            answers: Some(id),
            class,
            ..Says::to(&world)
        };
        let relay = start["fields"]["RelayState"].as_str().unwrap();
        let entered = answer(&world, &says, relay).await;
        assert_eq!(entered["signed_in"]["mfa"], wanted, "{behaviour}: {entered}");
    }
    let (world, _) = world(
        "saml",
        json!({"federatedIdpMfaBehavior": "enforceMfaByFederatedIdp"}),
    )
    .await;
    let mut start = begin(&world, "&mfa=true").await;
    for (turn, id) in ["_b1", "_b2"].into_iter().enumerate() {
        let (request, answers) = asked(&start);
        assert_eq!(request.contains("ForceAuthn=\"true\""), turn == 1, "{request}");
        let says = Says {
            answers: Some(answers),
            class: PASSWORD,
            id,
            ..Says::to(&world)
        };
        let relay = start["fields"]["RelayState"].as_str().unwrap().to_owned();
        start = answer(&world, &says, &relay).await;
    }
    assert_eq!(start["error"], "AADSTS50076", "not a loop: {start}");
}

#[tokio::test]
async fn ws_federation_goes_by_redirect_and_takes_a_token_of_saml_1_1() {
    let (world, _) = world("wsFed", json!({})).await;
    let start = begin(&world, "").await;
    assert_eq!(
        (&start["protocol"], &start["method"]),
        (&json!("wsFed"), &json!("GET")),
        "{start}"
    );
    let url = reqwest::Url::parse(start["url"].as_str().unwrap()).unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["wa"], "wsignin1.0");
    assert_eq!(query["wtrealm"], "urn:federation:MicrosoftOnline");
    assert_eq!(query["username"], LOGIN);
    let send = |says: Says, context: &'static str| {
        let (world, result) = (&world, says.passive());
        let context = if context.is_empty() {
            query["wctx"].clone()
        } else {
            context.to_owned()
        };
        async move {
            post(
                world,
                &[("wa", "wsignin1.0"), ("wresult", &result), ("wctx", &context)],
            )
            .await
        }
    };
    let says = Says::to(&world);
    let entered = send(says.clone(), "").await;
    let who = &entered["signed_in"];
    assert_eq!(
        (&who["protocol"], &who["mfa"]),
        (&json!("wsFed"), &json!("federated")),
        "{entered}"
    );
    for (wrong, code) in [
        (
            Says {
                id: "_c1",
                name_id: "",
                ..says.clone()
            },
            "AADSTS90020",
        ),
        (
            Says {
                id: "_c2",
                name_id: "other",
                ..says.clone()
            },
            "AADSTS51004",
        ),
        (
            Says {
                id: "_c3",
                key: &OTHER,
                ..says.clone()
            },
            "AADSTS50012",
        ),
        (
            Says {
                id: "_c4",
                until: "2026-01-05T08:54:00Z",
                ..says.clone()
            },
            "AADSTS50008",
        ),
    ] {
        let refused = send(wrong, "unknown").await;
        assert_eq!(refused["error"], code, "{refused}");
    }
    let garbled = post(&world, &[("wa", "wsignin1.0"), ("wresult", "<a/>")]).await;
    assert_eq!(garbled["error"], "AADSTS20012");
    let other = answer(&world, &Says { id: "_c5", ..says }, "").await;
    assert_eq!(
        other["error"], "AADSTS50008",
        "the domain speaks WS-Federation: {other}"
    );
}

#[tokio::test]
async fn browsers_get_pages_and_sign_out_at_the_provider_too() {
    let (world, _) = world("saml", json!({})).await;
    let page = client()
        .get(format!("{}/login.srf", world.url))
        .send()
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("E-mail address"));
    let page = client()
        .get(format!("{}/login.srf?login={LOGIN}", world.url))
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains("SAMLRequest") && page.contains("/_sim/submit.js"),
        "{page}"
    );
    let message = STANDARD.encode(Says::to(&world).saml());
    let form = reqwest::Url::parse_with_params("http://127.0.0.1/", [("SAMLResponse", &message)]).unwrap();
    let entered = client()
        .post(format!("{}/login.srf", world.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned())
        .send()
        .await
        .unwrap();
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    let session = cookie.split(';').next().unwrap().to_owned();
    assert!(
        entered
            .text()
            .await
            .unwrap()
            .contains(&format!("Signed in as {LOGIN}"))
    );
    let page = client()
        .get(format!("{}/login.srf", world.url))
        .header("cookie", &session);
    assert!(
        page.send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("Signed in as")
    );
    let left = client()
        .get(format!("{}/logout.srf", world.url))
        .header("cookie", &session);
    let left = left.send().await.unwrap();
    let location = reqwest::Url::parse(left.headers()["location"].to_str().unwrap()).unwrap();
    assert!(
        location
            .as_str()
            .starts_with(&format!("{ISSUER}/out?SAMLRequest=")),
        "{location}"
    );
    let id = location
        .query_pairs()
        .find(|(name, _)| name == "RelayState")
        .unwrap()
        .1
        .into_owned();
    let response = format!(
        "<p:LogoutResponse xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_o\" Version=\"2.0\" IssueInstant=\"2026-01-05T09:00:00Z\" InResponseTo=\"{id}\"><p:Status><p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status></p:LogoutResponse>"
    );
    let done = post(&world, &[("SAMLResponse", &STANDARD.encode(&response))]).await;
    assert_eq!(done, json!({"signed_out": true}));
    let again = post(&world, &[("SAMLResponse", &STANDARD.encode(&response))]).await;
    assert_eq!(again["error"], "AADSTS50008");
}

#[tokio::test]
async fn who_signs_in_whom_changes_with_a_delay() {
    let (world, own) = world("saml", json!({})).await;
    world.simulator.change(|settings| {
        settings.federation_delay_ms = 20 * 60_000;
        settings.federation_lock_ms = 0;
    });
    let realm = |name: &'static str| {
        let address = format!("{}/common/userrealm/{name}", world.url);
        async move { fetch(client().get(address)).await["account_type"].clone() }
    };
    assert_eq!(realm("ada@contoso.onmicrosoft.com").await, "Managed");
    assert_eq!(realm("ada@elsewhere.example").await, "Unknown");
    assert_eq!(
        realm(LOGIN).await,
        "Managed",
        "the sign-in service has not learned of it yet"
    );
    world.advance(20 * 60_000);
    assert_eq!(realm(LOGIN).await, "Federated");
    assert_eq!(world.delete(&own).await.status, 204);
    assert_eq!(realm(LOGIN).await, "Federated");
    let old = fetch(client().get(format!("{}/getuserrealm.srf?login={LOGIN}", world.url))).await;
    assert_eq!(
        (&old["NameSpaceType"], &old["AuthURL"]),
        (&json!("Federated"), &json!(format!("{ISSUER}/in")))
    );
    world.advance(20 * 60_000);
    assert_eq!(realm(LOGIN).await, "Managed");
    let forgotten = begin(&world, "").await;
    assert_eq!(forgotten["error"], "AADSTS50126", "{forgotten}");
    let fresh = json!({"passwordProfile": {"password": "an0ther-Long-Passw0rd"}});
    let set = world.patch(&format!("/users/{LOGIN}"), fresh).await;
    assert_eq!(set.status, 204, "{set:?}");
    let home = begin(&world, "").await;
    assert_eq!(
        (&home["realm"], &home["signed_in"]["user_principal_name"]),
        (&json!("Managed"), &json!(LOGIN))
    );
    let stranger = fetch(client().get(format!("{}/login.srf?login=x@elsewhere.example", world.url))).await;
    assert_eq!(stranger["error"], "AADSTS50059");
}

#[tokio::test]
async fn requests_are_signed_where_the_domain_asks_for_it() {
    let (world, _) = world("saml", json!({"isSignedAuthenticationRequestRequired": true})).await;
    let start = begin(&world, "").await;
    let (request, _) = asked(&start);
    assert!(
        request.contains(&format!("Destination=\"{ISSUER}/in\"")),
        "{request}"
    );
    let certificate = between(&request, "<X509Certificate>", "<");
    let address = format!("{}/federationmetadata/saml20/federationmetadata.xml", world.url);
    let metadata = client().get(address).send().await.unwrap().text().await.unwrap();
    assert!(
        metadata.contains(certificate) && metadata.contains("entityID=\"urn:federation:MicrosoftOnline\"")
    );
    let kept = fetch(client().get(format!("{}/_sim/control/sign-ins", world.url))).await;
    assert_eq!(kept, json!({"sign_ins": []}));
}
