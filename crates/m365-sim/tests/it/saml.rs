//! Entra as a SAML identity provider.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use m365_sim::{Effect, Rule, Saml, Settings, Signs, Simulator};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::world::{START, World, user_with};

const ENTITY: &str = "https://hub.contoso.example/saml/m365/metadata";
const ACS: &str = "https://hub.contoso.example/saml/m365/acs";
const TENANT: &str = Settings::CONTOSO_TENANT;

async fn world(change: impl FnOnce(&mut Saml)) -> World {
    let mut saml = Saml::new(ENTITY, ACS, START);
    change(&mut saml);
    let world = World::start(|settings| {
        settings.control = true;
        settings.applications[0].saml = Some(saml);
    })
    .await;
    let more = json!({"givenName": "Ada", "mail": "ada@contoso.example"});
    let made = world.post("/users", user_with("ada", more)).await;
    assert_eq!(made.status, 201, "{made:?}");
    world
}

fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    builder.build().unwrap()
}

fn request(more: &str, inner: &str) -> String {
    format!(
        r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_asked" Version="2.0" IssueInstant="2026-01-05T09:00:00Z"{more}><saml:Issuer>{ENTITY}</saml:Issuer>{inner}</samlp:AuthnRequest>"#
    )
}

/// Posts a request and these fields; the answer is JSON.
async fn ask(world: &World, request: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    ask_at(world, TENANT, request, fields).await
}

async fn ask_at(world: &World, tenant: &str, request: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let message = STANDARD.encode(request);
    let all = [&[("SAMLRequest", message.as_str())], fields].concat();
    let form = reqwest::Url::parse_with_params("http://127.0.0.1/", &all).unwrap();
    let answer = client()
        .post(format!("{}/{tenant}/saml2", world.url))
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned())
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn document(answer: &Value) -> String {
    let text = answer["fields"]["SAMLResponse"].as_str().unwrap();
    String::from_utf8(STANDARD.decode(text).unwrap()).unwrap()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).expect(before).1;
    rest.split_once(after).expect(after).0
}

const ADA: &[(&str, &str)] = &[
    ("account", "ada@contoso.example"),
    ("answer", "accept"),
    ("RelayState", "h1"),
];

#[tokio::test]
async fn the_answer_has_entras_shape_and_a_signature_that_holds() {
    let world = world(|_| {}).await;
    let (status, answer) = ask(&world, &request("", ""), ADA).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (&answer["url"], &answer["fields"]["RelayState"]),
        (&json!(ACS), &json!("h1"))
    );
    let text = document(&answer);
    let id = world.get("/users/ada@contoso.example").await.id();
    let issuer = format!("https://sts.windows.net/{TENANT}/");
    assert_eq!(text.matches(&format!(">{issuer}</Issuer>")).count(), 2);
    for part in [
        format!("Destination=\"{ACS}\""),
        "InResponseTo=\"_asked\"".to_owned(),
        "IssueInstant=\"2026-01-05T09:00:00.000Z\"".to_owned(),
        "NotOnOrAfter=\"2026-01-05T10:10:00.000Z\"".to_owned(),
        "NotOnOrAfter=\"2026-01-05T09:05:00.000Z\"".to_owned(),
        format!("Recipient=\"{ACS}\""),
        format!("<Audience>{ENTITY}</Audience>"),
        format!("identity/claims/objectidentifier\"><AttributeValue>{id}<"),
        format!("identity/claims/tenantid\"><AttributeValue>{TENANT}<"),
        format!("identity/claims/identityprovider\"><AttributeValue>{issuer}<"),
        "claims/name\"><AttributeValue>ada@contoso.example<".to_owned(),
        "claims/emailaddress\"><AttributeValue>ada@contoso.example<".to_owned(),
        "claims/givenname\"><AttributeValue>Ada<".to_owned(),
        "nameid-format:emailAddress\">ada@contoso.example<".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    let order = [
        "<Assertion ",
        "<Signature ",
        "<Subject>",
        "<Conditions ",
        "<AttributeStatement>",
        "<AuthnStatement ",
    ];
    let places: Vec<usize> = order.iter().map(|part| text.find(part).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(text.starts_with("<samlp:Response "), "no declaration before it");

    // What is signed, by hand: the canonical form of what we wrote is written out, not computed.
    let certificate = between(&text, "<X509Certificate>", "<");
    let own = world.simulator.settings().applications[0].saml.clone().unwrap();
    assert_eq!(certificate, own.keys[0].certificate_base64());
    let info = format!(
        "<SignedInfo>{}</SignedInfo>",
        between(&text, "<SignedInfo>", "</SignedInfo>")
    );
    let open = |text: &str| {
        let mut out = text.to_owned();
        for name in [
            "CanonicalizationMethod",
            "SignatureMethod",
            "Transform",
            "DigestMethod",
        ] {
            out = out
                .split(&format!("<{name} "))
                .enumerate()
                .map(|(index, part)| match (index, part.split_once("/>")) {
                    (1.., Some((head, rest))) => format!("<{name} {head}></{name}>{rest}"),
                    _ => part.to_owned(),
                })
                .collect();
        }
        out
    };
    let canonical = open(&info).replacen(
        "<SignedInfo>",
        "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">",
        1,
    );
    let der = STANDARD.decode(certificate).unwrap();
    // The public key is the only bit string of 270 bytes in a sequence: RSA with 2048 bits.
    let at = der
        .windows(4)
        .position(|four| four == [0x30, 0x82, 0x01, 0x0a])
        .unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der[at..at + 270]);
    let value = STANDARD.decode(between(&text, "<SignatureValue>", "<")).unwrap();
    assert!(key.verify(canonical.as_bytes(), &value).is_ok(), "{canonical}");
    let assertion = format!(
        "<Assertion {}</Assertion>",
        between(&text, "<Assertion ", "</Assertion>")
    );
    let signature = format!(
        "<Signature {}</Signature>",
        between(&text, "<Signature ", "</Signature>")
    );
    let plain = assertion.replace(&signature, "");
    let head = between(&plain, "<Assertion ", ">");
    let space = "xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
    let first = format!("{space} {}", head.replace(&format!(" {space}"), ""));
    let plain = plain.replacen(head, &first, 1);
    let data = between(&plain, "<SubjectConfirmationData ", "/>").to_owned();
    let plain = plain.replace(
        &format!("<SubjectConfirmationData {data}/>"),
        &format!("<SubjectConfirmationData {data}></SubjectConfirmationData>"),
    );
    let found = STANDARD.encode(digest(&SHA256, plain.as_bytes()).as_ref());
    assert_eq!(found, between(&text, "<DigestValue>", "<"), "{plain}");
}

#[tokio::test]
async fn what_is_signed_and_how_is_a_setting() {
    for (signs, count) in [(Signs::Assertion, 1), (Signs::Response, 1), (Signs::Both, 2)] {
        let world = world(|saml| {
            saml.signs = signs;
            saml.without_claims = vec!["objectidentifier".to_owned()];
        })
        .await;
        let (_, answer) = ask(&world, &request("", ""), ADA).await;
        let text = document(&answer);
        assert_eq!(text.matches("<SignatureValue>").count(), count);
        let before = text.find("<Signature ").unwrap() < text.find("<Assertion ").unwrap();
        assert_eq!(before, signs != Signs::Assertion, "{signs:?}");
        assert!(!text.contains("objectidentifier"));
    }
    let world = world(|saml| saml.algorithm = m365_sim::Algorithm::Sha1).await;
    let (_, answer) = ask(&world, &request("", ""), ADA).await;
    let text = document(&answer);
    assert!(text.contains("xmldsig#rsa-sha1") && text.contains("xmldsig#sha1\""));
}

#[tokio::test]
async fn name_ids_are_as_asked_for() {
    let world = world(|_| {}).await;
    let mut seen = Vec::new();
    for format in [
        "2.0:nameid-format:persistent",
        "2.0:nameid-format:transient",
        "1.1:nameid-format:emailAddress",
    ] {
        let policy = format!(r#"<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:{format}"/>"#);
        for _ in 0..2 {
            let (status, answer) = ask(&world, &request("", &policy), ADA).await;
            assert_eq!(status, 200, "{answer}");
            let text = document(&answer);
            assert!(text.contains(&format!("<NameID Format=\"urn:oasis:names:tc:SAML:{format}\">")));
            seen.push(between(&text, "<NameID ", "</NameID>").to_owned());
        }
    }
    assert!(seen[0] == seen[1] && seen[2] != seen[3] && seen[4] == seen[5]);
    assert!(seen[4].ends_with(">ada@contoso.example"));
}

#[tokio::test]
async fn requests_are_refused_by_their_numbers() {
    let world = world(|_| {}).await;
    let bob = world.user("bob").await;
    world
        .patch(&format!("/users/{bob}"), json!({"accountEnabled": false}))
        .await;
    let elsewhere = r#" AssertionConsumerServiceURL="https://evil.example/""#;
    let own = format!(r#" AssertionConsumerServiceURL="{ACS}""#);
    let subject = "<saml:Subject><saml:NameID>ada</saml:NameID></saml:Subject>";
    let context = r#"<samlp:RequestedAuthnContext Comparison="minimum"/>"#;
    let format = r#"<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos"/>"#;
    let plain = request("", "");
    for (request, fields, code) in [
        (
            plain.replace(ENTITY, "https://nobody.example/"),
            ADA,
            "AADSTS700016",
        ),
        (request(elsewhere, ""), ADA, "AADSTS50011"),
        (request("", subject), ADA, "AADSTS900236"),
        (request("", context), ADA, "AADSTS900235"),
        (request("", format), ADA, "AADSTS75016"),
        (plain.replace("_asked", "1asked"), ADA, "AADSTS7500529"),
        (
            plain.replace("</saml:Issuer>", "<!-- --></saml:Issuer>"),
            ADA,
            "AADSTS75005",
        ),
        (
            plain.clone(),
            &[("account", "nobody@contoso.example")][..],
            "AADSTS50034",
        ),
        (
            plain.clone(),
            &[("account", "bob@contoso.example")][..],
            "AADSTS50057",
        ),
    ] {
        let (status, answer) = ask(&world, &request, fields).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(code)), "{answer}");
    }
    let (_, answer) = ask_at(&world, "elsewhere.example", &plain, ADA).await;
    assert_eq!(answer["error"], "AADSTS90002");
    let (status, _) = ask_at(&world, "contoso.example", &request(&own, ""), ADA).await;
    assert_eq!(status, 200);

    let passive = request(r#" IsPassive="true""#, "");
    let (_, answer) = ask(&world, &passive, &[]).await;
    let text = document(&answer);
    assert!(
        text.contains("status:NoPassive") && text.contains("AADSTS50058") && !text.contains("<Assertion")
    );
    let classes =
        "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef>";
    let exact = format!("<samlp:RequestedAuthnContext>{classes}</samlp:RequestedAuthnContext>");
    let (_, answer) = ask(&world, &request("", &exact), ADA).await;
    assert!(document(&answer).contains("AADSTS75011"));
    let (_, answer) = ask(&world, &plain, &[("answer", "cancel")]).await;
    assert!(document(&answer).contains("AADSTS65004"));
}

#[tokio::test]
async fn a_browser_picks_an_account_once_and_is_asked_again_when_that_is_forced() {
    let world = world(|_| {}).await;
    let url = format!("{}/{TENANT}/saml2", world.url);
    let open = |more: &'static str| {
        let mut address = reqwest::Url::parse(&url).unwrap();
        address
            .query_pairs_mut()
            .append_pair("SAMLRequest", &deflated(&request(more, "")))
            .append_pair("RelayState", "h&1")
            .append_pair("login_hint", "ada@contoso.example");
        client().get(address)
    };
    let page = open("").send().await.unwrap().text().await.unwrap();
    assert!(
        page.contains("Pick an account") && page.contains("checked"),
        "{page}"
    );
    assert!(
        page.contains(r#"name="binding" value="redirect""#) && page.contains("h&#38;1"),
        "{page}"
    );
    let form = reqwest::Url::parse_with_params(
        "http://127.0.0.1/",
        [
            ("SAMLRequest", deflated(&request("", "")).as_str()),
            ("binding", "redirect"),
            ("account", "ada@contoso.example"),
            ("answer", "accept"),
        ],
    )
    .unwrap();
    let posted = client()
        .post(&url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned())
        .send()
        .await
        .unwrap();
    let cookie = posted.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("sim_saml=") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let session = cookie.split(';').next().unwrap().to_owned();
    let page = posted.text().await.unwrap();
    assert!(
        page.contains(&format!(r#"action="{ACS}""#)) && page.contains("/_sim/submit.js"),
        "{page}"
    );
    let again = open("").header("cookie", &session).send().await.unwrap();
    assert!(again.text().await.unwrap().contains("SAMLResponse"));
    let forced = open(r#" ForceAuthn="true""#).header("cookie", &session);
    assert!(
        forced
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .contains("Pick an account")
    );
    let out = request("", "").replace("AuthnRequest", "LogoutRequest");
    let mut address = reqwest::Url::parse(&url).unwrap();
    address
        .query_pairs_mut()
        .append_pair("SAMLRequest", &deflated(&out));
    let left = client()
        .get(address)
        .header("cookie", &session)
        .send()
        .await
        .unwrap();
    let location = left.headers()["location"].to_str().unwrap();
    assert!(
        left.status() == 302 && location.starts_with(&format!("{ACS}?SAMLResponse=")),
        "{location}"
    );
    let after = open("").header("cookie", &session).send().await.unwrap();
    assert!(after.text().await.unwrap().contains("Pick an account"));
}

/// DEFLATE without compressing anything (RFC 1951 section 3.2.4).
fn deflated(text: &str) -> String {
    let length = u16::try_from(text.len()).unwrap();
    let mut out = vec![1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(text.as_bytes());
    STANDARD.encode(out)
}

#[tokio::test]
async fn metadata_carries_the_applications_own_certificates_through_a_rollover() {
    let world = world(|_| {}).await;
    let control = format!(
        "{}/_sim/control/applications/{}",
        world.url,
        Settings::CONTOSO_CLIENT_ID
    );
    let metadata = |query: &str| {
        let address = format!(
            "{}/{TENANT}/federationmetadata/2007-06/federationmetadata.xml{query}",
            world.url
        );
        async move { client().get(address).send().await.unwrap().text().await.unwrap() }
    };
    let own = format!("?appid={}", Settings::CONTOSO_CLIENT_ID);
    let first = world.simulator.settings().applications[0]
        .saml
        .clone()
        .unwrap()
        .keys[0]
        .certificate_base64();
    let text = metadata(&own).await;
    assert!(
        text.contains(&format!("entityID=\"https://sts.windows.net/{TENANT}/\"")),
        "{text}"
    );
    assert!(text.contains(&first) && text.contains(&format!("Location=\"{}/{TENANT}/saml2\"", world.url)));
    assert!(
        !metadata("").await.contains(&first),
        "the general keys sign for no such application"
    );
    assert!(metadata("?appid=nobody").await.contains("AADSTS700016"));

    let shown = json_of(client().post(format!("{control}/certificates"))).await;
    let all = shown["certificates"].as_array().unwrap();
    assert_eq!((all.len(), &all[1]["active"]), (2, &json!(false)), "{shown}");
    let (old, new) = (
        all[0]["thumbprint"].as_str().unwrap(),
        all[1]["thumbprint"].as_str().unwrap(),
    );
    assert_eq!(
        metadata(&own)
            .await
            .matches(all[1]["certificate"].as_str().unwrap())
            .count(),
        2
    );
    let refused = json_of(client().delete(format!("{control}/certificates/{old}"))).await;
    assert!(refused["error"].is_string());
    let active = json_of(client().put(format!("{control}/certificates/{new}"))).await;
    assert_eq!(active["certificates"][1]["active"], true);
    let (_, answer) = ask(&world, &request("", ""), ADA).await;
    assert!(document(&answer).contains(all[1]["certificate"].as_str().unwrap()));
    let left = json_of(client().delete(format!("{control}/certificates/{old}"))).await;
    assert_eq!(left["certificates"].as_array().unwrap().len(), 1);
}

async fn json_of(request: reqwest::RequestBuilder) -> Value {
    let text = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

#[tokio::test]
async fn sign_on_is_set_up_and_answers_are_ordered_through_the_control_interface() {
    let world = World::start(|settings| settings.control = true).await;
    world.user("ada").await;
    world.user("eve").await;
    let control = format!("{}/_sim/control", world.url);
    let id = Settings::CONTOSO_CLIENT_ID;
    let address = format!("{control}/applications/{id}/saml");
    let patch = |body: Value| client().patch(&address).body(body.to_string());
    assert!(json_of(client().get(&address)).await["error"].is_string());
    assert!(json_of(patch(json!({"signs": "both"}))).await["error"].is_string());
    let shown = json_of(patch(
        json!({"identifiers": [ENTITY], "reply_urls": [ACS], "signs": "both"}),
    ))
    .await;
    assert_eq!(
        (&shown["signs"], shown["certificates"].as_array().unwrap().len()),
        (&json!("both"), 1)
    );
    let settings = json_of(client().get(format!("{control}/settings"))).await;
    assert_eq!(
        settings["applications"][0]["saml"]["identifiers"],
        json!([ENTITY])
    );
    let order = |body: Value| {
        json_of(
            client()
                .post(format!("{control}/saml/response"))
                .body(body.to_string()),
        )
    };
    let right =
        order(json!({"application": id, "account": "ada@contoso.example", "in_response_to": "_q"})).await;
    assert!(document(&right).contains("InResponseTo=\"_q\""), "{right}");
    let names = json_of(client().get(format!("{control}/catalogue"))).await["responses"].clone();
    let names: Vec<&str> = names
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), Simulator::wrong_responses().len());
    let eve = world.get("/users/eve@contoso.example").await.id();
    for name in names {
        let wrong = order(
            json!({"application": id, "account": "ada@contoso.example", "in_response_to": "_q",
            "relay_state": "h", "wrong": name, "victim": "eve@contoso.example"}),
        )
        .await;
        assert!(wrong["form"].is_array(), "{name}: {wrong}");
        if name.starts_with("xsw_") {
            assert!(wrong["document"].as_str().unwrap().contains(&eve), "{name}");
        }
    }
    assert!(
        order(json!({"application": id, "account": "ada@contoso.example", "wrong": "odd"})).await["error"]
            .is_string()
    );
}

#[tokio::test]
async fn a_rule_spoils_the_next_answers_only() {
    let world = world(|_| {}).await;
    assert!(
        world
            .simulator
            .inject(Rule::next("* /saml2", 1, Effect::wrong_response("odd")))
            .is_err()
    );
    let rule = Rule::next("* /saml2", 1, Effect::wrong_response("wrong_audience"));
    world.simulator.inject(rule).unwrap();
    let (_, answer) = ask(&world, &request("", ""), &[("login_hint", "ada@contoso.example")]).await;
    assert!(
        answer.as_str().unwrap().contains("Pick an account"),
        "the page is not what is spoilt"
    );
    let (_, answer) = ask(&world, &request("", ""), ADA).await;
    assert!(document(&answer).contains("https://other.contoso.example/saml"));
    let (_, answer) = ask(&world, &request("", ""), ADA).await;
    assert!(document(&answer).contains(&format!("<Audience>{ENTITY}<")));
    let before = document(&answer);
    let rule = Rule::next("* /saml2", 1, Effect::wrong_response("replayed"));
    world.simulator.inject(rule).unwrap();
    let (_, answer) = ask(&world, &request("", ""), ADA).await;
    assert_eq!(document(&answer), before);
    let rule = Rule::next("POST /saml2", 1, Effect::answer("AADSTS90033"));
    if world.simulator.inject(rule).is_ok() {
        let (status, _) = ask(&world, &request("", ""), ADA).await;
        assert!(status >= 400);
    }
}

#[tokio::test]
async fn graph_shows_the_sign_on_of_a_service_principal() {
    let mut world = world(|saml| saml.add_certificate(START)).await;
    world.simulator.change(|settings| {
        settings.applications[0]
            .roles
            .push("Application.Read.All".to_owned())
    });
    world.renew_token().await;
    let path = format!("/servicePrincipals(appId='{}')", Settings::CONTOSO_CLIENT_ID);
    let shown = world.get(&path).await;
    assert_eq!(shown.body["preferredSingleSignOnMode"], "saml", "{shown:?}");
    assert_eq!(shown.body["replyUrls"], json!([ACS]));
    let names = shown.body["servicePrincipalNames"].as_array().unwrap();
    assert!(names.contains(&json!(ENTITY)));
    let keys = &world.simulator.settings().applications[0]
        .saml
        .clone()
        .unwrap()
        .keys;
    assert_eq!(
        shown.body["preferredTokenSigningKeyThumbprint"],
        keys[0].thumbprint()
    );
    assert_eq!(shown.body["keyCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(
        shown.body["keyCredentials"][0]["endDateTime"],
        "2029-01-04T09:00:00Z"
    );
}
