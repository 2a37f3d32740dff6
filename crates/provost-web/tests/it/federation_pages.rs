//! The cockpit of the switch in the console and the interface: who may do what, what is refused, and that each page says
//! why a button is dead. What a tenant answers is tried with the simulated one, by the engine.

use crate::api_once::send;
use crate::browser::Browser;
use crate::console_world::check;
use crate::harness::{Answer, Server, both};
use crate::microsoft_365_pages::{AT, NAME, active};
use provost_store::administrator::{self, Role};
use provost_store::api_token::{self, New, Scope};
use provost_store::federation::{self, Trial};
use provost_store::microsoft_365;
use serde_json::{Value, json};
use uuid::Uuid;

const API: &str = "/microsoft-365-providers/Office%20%3Ci%3E365/federation";

async fn page(browser: &Browser, path: &str) -> String {
    let page = browser.get(&format!("{AT}/{path}")).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(path, &page);
    page.text
}

async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    browser.post(&format!("{AT}/{path}"), fields).await
}

async fn api(server: &Server, token: &str, method: &str, path: &str, body: Value) -> Answer {
    send(server, token, method, &format!("{API}{path}"), body, &[]).await
}

/// A token of somebody who is a configuration admin and no owner.
async fn token_of_no_owner(server: &Server) -> String {
    let workspace = server.provider.workspace;
    let id = server
        .administrator(Some(workspace), Role::ConfigurationAdmin)
        .await;
    let mint = move |tx: &mut provost_store::Tx| {
        let maker = administrator::by_id(tx, id)?.unwrap();
        let new = New {
            workspace,
            label: "theirs",
            scope: Scope::Configure,
            expires: None,
            administrator: Some(maker.key),
        };
        api_token::make(tx, &maker.actor(), 1, &new)
    };
    server.db.write(mint).await.unwrap().text
}

both! {
    async fn the_switch_is_closed_and_says_why(server) {
        active(server).await;
        let owner = server.signed_in(Role::Owner).await;
        let early = page(&owner, "federation").await;
        assert!(early.contains("Compute the checks first.") && early.contains("The checks were not computed yet"), "{early}");
        let refused = post(&owner, "federation/switch", &[("domain", "contoso.example"), ("digest", "0")]).await;
        assert!(refused.status == 409 && refused.text.contains("PRV-FEDERATION-CHECKS"), "{}", refused.text);
        let untyped = post(&owner, "federation/switch", &[("domain", "contoso.com"), ("digest", "0")]).await;
        assert!(untyped.status == 409 && untyped.text.contains("PRV-FEDERATION-TYPED"), "{}", untyped.text);
        let back = post(&owner, "federation/roll-back", &[("domain", "contoso.example")]).await;
        assert_eq!(back.status, 409, "{}", back.text);
        // Nobody answers: what could not be asked is red, and the page is one.
        assert_eq!(post(&owner, "federation/check", &[]).await.status, 303);
        let checked = page(&owner, "federation").await;
        assert!(checked.contains("It opens once each check is green or signed off."), "{checked}");
        assert!(checked.contains("The tenant could not be asked"), "{checked}");
        for path in ["federation/switch", "federation/roll-back"] {
            let shown = page(&owner, path).await;
            assert!(shown.contains("It is closed at this moment") && shown.contains("<fieldset disabled"), "{path}");
        }
        let unknown = post(&owner, "federation/sign-off", &[("line", "domain_verified"), ("person", "Ann"), ("reason", "So")]).await;
        assert!(unknown.status == 409 && unknown.text.contains("PRV-FEDERATION-BLOCKING"), "{}", unknown.text);
        let saved = post(&owner, "federation/sign-off", &[("line", "pilot"), ("person", "Ann"), ("reason", "Tomorrow")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        let shown = page(&owner, "federation").await;
        assert!(shown.contains("Ann: Tomorrow") && !shown.contains("Who tried the sign-in"), "{shown}");
        let gone = post(&owner, "federation/sign-off", &[("line", "pilot"), ("do", "withdraw")]).await;
        assert_eq!(gone.status, 303, "{}", gone.text);
        assert!(!page(&owner, "federation").await.contains("Ann: Tomorrow"));
    }

    async fn who_tried_the_sign_in_stands_under_its_check_and_in_the_interface(server) {
        let (provider, _) = active(server).await;
        let owner = server.signed_in(Role::Owner).await;
        let key = provider.key;
        let token = server.api_token(Scope::Configure).await;
        assert_eq!(api(server, &token, "GET", "", Value::Null).await.json()["trials"], json!([]));
        let trial = Trial {
            at: 1_800_000_000_000,
            name: "ann@contoso.example".to_owned(),
            immutable_id: "4f2c".to_owned(),
            issuer: "https://hub.contoso.example/idp/7".to_owned(),
            certificate: "ab12".to_owned(),
            two_factor: true,
            assertion: "_a".to_owned(),
        };
        let put = move |tx: &mut provost_store::Tx| {
            let provider = microsoft_365::by_key(tx, key)?.unwrap();
            federation::put_trial(tx, &provider, (7, "person ann", Uuid::from_u128(7)), &trial)
        };
        server.db.write(put).await.unwrap();
        let told = api(server, &token, "GET", "", Value::Null).await.json()["trials"][0].clone();
        assert_eq!(
            (&told["name"], &told["immutable_id"], &told["certificate"], &told["counts"]),
            (&json!("ann@contoso.example"), &json!("4f2c"), &json!("ab12"), &json!(false)),
            "{told}"
        );
        assert!(told["doubt"].as_str().unwrap().contains("may not sign in any more"), "{told}");
        assert_eq!(post(&owner, "federation/check", &[]).await.status, 303);
        let shown = page(&owner, "federation").await;
        for wanted in ["Who tried the sign-in", "ann@contoso.example", "4f2c", "ab12", "may not sign in any more"] {
            assert!(shown.contains(wanted), "{wanted}: {shown}");
        }
        assert!(!shown.contains("it counts"), "{shown}");
    }

    async fn the_command_is_kept_by_its_word(server) {
        active(server).await;
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        let shown = page(&admin, "federation/command").await;
        assert!(shown.contains("federationConfiguration") && shown.contains("Check word"), "{shown}");
        let wrong = post(&admin, "federation/command", &[("word", "0000-0000")]).await;
        assert!(wrong.status == 409 && wrong.text.contains("PRV-FEDERATION-WORD"), "{}", wrong.text);
        let token = server.api_token(Scope::Configure).await;
        let word = api(server, &token, "GET", "/command", Value::Null).await.json()["check_word"].as_str().unwrap().to_owned();
        assert_eq!(post(&admin, "federation/command", &[("word", &word)]).await.status, 303);
        assert!(page(&admin, "federation/command").await.contains("kept"));
    }

    async fn only_an_owner_switches_and_signs_off(server) {
        let (provider, _) = active(server).await;
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        for path in ["federation/switch", "federation/roll-back", "federation/sign-off", "federation/certificate"] {
            assert_eq!(post(&admin, path, &[]).await.status, 403, "{path}");
        }
        assert_eq!(post(&admin, "federation/choice", &[("protocol", "ws_federation"), ("mfa", "enforce")]).await.status, 303);
        let key = provider.key;
        let found = server.db.read(move |tx| federation::of(tx, key)).await.unwrap();
        assert_eq!((found.protocol.as_str(), found.mfa.as_str()), ("ws_federation", "enforce"));
        let reader = server.signed_in(Role::Auditor).await;
        assert!(page(&reader, "federation").await.contains("contoso.example"));
        for path in ["federation/check", "federation/probe", "federation/choice", "federation/command"] {
            assert_eq!(post(&reader, path, &[]).await.status, 403, "{path}");
        }
        let token = token_of_no_owner(server).await;
        for (path, body) in [
            ("/switch", json!({"domain": "contoso.example", "digest": "0"})),
            ("/roll-back", json!({"domain": "contoso.example"})),
            ("/sign-offs", json!({"check": "pilot", "person": "Carl", "reason": "So"})),
            ("/certificate", json!({"step": "swap"})),
        ] {
            let refused = api(server, &token, "POST", path, body).await;
            assert_eq!(refused.problem(403).0, "PRV-API-ROLE", "{path}: {}", refused.text);
        }
    }

    async fn the_interface_does_all_that_the_page_does(server) {
        active(server).await;
        let token = server.api_token(Scope::Configure).await;
        let shown = api(server, &token, "GET", "", Value::Null).await.json();
        assert_eq!((&shown["state"], &shown["may_switch"], &shown["checks"]), (&json!("managed"), &json!(false), &json!([])));
        let checked = api(server, &token, "POST", "/check", json!({})).await.json();
        assert_eq!(checked["checks"].as_array().unwrap().len(), 30, "{checked}");
        let chosen = api(server, &token, "PUT", "/choice", json!({"protocol": "saml", "mfa": "reject"})).await.json();
        assert_eq!(chosen["mfa"], "reject", "{chosen}");
        let signed = api(server, &token, "POST", "/sign-offs", json!({"check": "pilot", "person": "Ann", "reason": "So"})).await;
        assert_eq!(signed.status, 200, "{}", signed.text);
        let back = api(server, &token, "POST", "/withdraw", json!({"check": "pilot"})).await;
        assert_eq!(back.status, 200, "{}", back.text);
        let word = api(server, &token, "GET", "/command", Value::Null).await.json()["check_word"].clone();
        assert_eq!(api(server, &token, "POST", "/command", json!({"check_word": word})).await.status, 204);
        let means = api(server, &token, "GET", "/roll-back", Value::Null).await.json();
        assert_eq!(means["accounts"], 0, "{means}");
        for (path, body, code) in [
            ("/switch", json!({"domain": "contoso.com", "digest": "0"}), "PRV-FEDERATION-TYPED"),
            ("/switch", json!({"domain": "contoso.example", "digest": "0"}), "PRV-FEDERATION-CHECKS"),
            ("/certificate", json!({"step": "announce"}), "PRV-SIGNING-KEY-NO-NEXT"),
        ] {
            let refused = api(server, &token, "POST", path, body).await;
            assert_eq!(refused.problem(409).0, code, "{path}: {}", refused.text);
        }
        let unknown = api(server, &token, "POST", "/sign-offs", json!({"check": "nonsense", "person": "Ann", "reason": "So"})).await;
        assert_eq!(unknown.problem(404).0, "PRV-FEDERATION-CHECK-UNKNOWN");
        assert_eq!(NAME, "Office <i>365");
    }
}
