//! The consent of a tenant's administrator: who may give it, what is recorded, and what cannot be made up.

use crate::browser::Sends as _;
use crate::consent_entra::{Entra, OTHER, TENANT, begin, client, forged};
use crate::console_world::check;
use crate::harness::{Answer, Server, both, make_provider};
use crate::run_world::audited;
use m365_sim::Settings;
use provost_store::administrator::Role;
use provost_store::api_token::Scope;
use provost_store::setup_link::{self, SetupLink};
use provost_store::tenant_consent::{self, TenantConsent};
use provost_store::{Tx, audit, workspace};
use provost_web::setup_key;
use serde_json::json;
use uuid::Uuid;

const AT: &str = "/w/Contoso/providers/Entra/authenticate";
const BEGIN: &str = "/w/Contoso/providers/Entra/authenticate/begin";
const MINUTES: i64 = 60_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

async fn recorded(server: &Server) -> Option<TenantConsent> {
    let key = server.provider.key;
    server
        .db
        .read(move |tx| tenant_consent::get(tx, key))
        .await
        .unwrap()
}

/// What the audit log keeps of the newest refusal.
async fn refusal(server: &Server) -> String {
    let key = server.provider.workspace;
    let rows = server
        .db
        .read(move |tx| audit::latest(tx, key, 50))
        .await
        .unwrap();
    let row = rows.into_iter().find(|row| row.action == "consent.refuse");
    row.map(|row| row.detail).unwrap_or_default()
}

/// A setup link of the server's provider, and its key.
async fn link(server: &Server, label: &'static str) -> (String, SetupLink) {
    let text = setup_key::make().unwrap();
    let (hash, provider) = (setup_key::hash(&text), server.provider.clone());
    let made = server.db.write(move |tx: &mut Tx| {
        let new = setup_link::New {
            workspace: provider.workspace,
            provider: provider.key,
            label,
            expires: now() + 24 * 60 * MINUTES,
        };
        setup_link::make(tx, "test", now(), &hash, &new)
    });
    (format!("/setup/{text}"), made.await.unwrap())
}

/// The page says this code, and nothing was recorded.
async fn refused(server: &Server, answer: &Answer, code: &str) {
    assert!(answer.text.contains(code), "not {code}: {}", answer.text);
    assert!(answer.status >= 400, "{}", answer.status);
    check("/consent/back", answer);
    assert_eq!(recorded(server).await, None, "{code}");
}

both! {
    async fn an_administrator_consents_and_the_tenant_is_recorded(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let page = browser.get(AT).await;
        assert!(page.text.contains("Set the application first"), "{}", page.text);
        let entra = Entra::start(server, |_| ()).await;
        let page = browser.get(AT).await;
        check(AT, &page);
        assert!(page.text.contains("no tenant yet"), "{}", page.text);
        let asked = begin(&browser, BEGIN).await;
        assert!(asked.as_str().starts_with(&format!("{}/organizations/v2.0/adminconsent?", entra.login())), "{asked}");
        let done = entra.consent(&browser, &asked, "admin").await;
        assert_eq!((done.status, done.header("location")), (303, "/w/Contoso/providers/Entra/authenticate?done=consented"), "{}", done.text);
        let kept = recorded(server).await.unwrap();
        assert_eq!((kept.tenant.as_str(), kept.account.as_str()), (TENANT, "admin@contoso.onmicrosoft.com"));
        assert!(kept.actor.starts_with("administrator "), "{}", kept.actor);
        assert_eq!(entra.simulator.consents()[0].tenant, TENANT);
        let page = browser.follow(done.header("location")).await;
        check(AT, &page);
        assert!(page.text.contains(TENANT) && page.text.contains("Microsoft has confirmed the tenant"), "{}", page.text);
        assert_eq!(audited(server, "consent.record").await, 1);
        // Again: the same tenant is asked at its own address.
        let asked = begin(&browser, BEGIN).await;
        assert!(asked.path().starts_with(&format!("/{TENANT}/")), "{asked}");
        assert_eq!(entra.consent(&browser, &asked, "admin").await.status, 303);
        assert_eq!((audited(server, "consent.record").await, audited(server, "consent.renew").await), (1, 1));
        let again = recorded(server).await.unwrap();
        assert!(again.first == kept.first && again.at >= kept.at);
    }

    async fn who_has_a_setup_link_consents_in_one_browser(server) {
        let entra = Entra::start(server, |_| ()).await;
        let (path, _) = link(server, "Contoso IT").await;
        let browser = server.browser();
        let page = browser.get(&path).await;
        assert!(page.text.contains("Sign in as Entra administrator"), "{}", page.text);
        let asked = begin(&browser, &format!("{path}/consent")).await;
        let done = entra.consent(&browser, &asked, "admin").await;
        assert_eq!((done.status, done.header("location")), (303, format!("{path}?system=entra").as_str()), "{}", done.text);
        assert_eq!(recorded(server).await.unwrap().actor, "setup link Contoso IT");
        let page = browser.get(done.header("location")).await;
        check("/setup", &page);
        assert!(page.text.contains("Microsoft has confirmed your tenant") && page.text.contains(TENANT), "{}", page.text);
        let foreign = browser.bare("POST", &format!("{path}/consent")).header("origin", "https://elsewhere.example");
        assert_eq!(browser.send(foreign).await.status, 403);
    }

    async fn each_refusal_is_explained_and_its_number_kept(server) {
        let entra = Entra::start(server, |_| ()).await;
        let browser = server.signed_in(Role::Owner).await;
        for (account, answer, code, number) in [
            ("user", "accept", "PRV-CONSENT-ADMINISTRATOR", "AADSTS90094"),
            ("guest", "accept", "PRV-CONSENT-ACCOUNT", "AADSTS50020"),
            ("personal", "accept", "PRV-CONSENT-ACCOUNT", "AADSTS500200"),
            ("admin", "cancel", "PRV-CONSENT-DECLINED", "AADSTS65004"),
        ] {
            let asked = begin(&browser, BEGIN).await;
            let back = entra.answer(&asked, account, answer).await;
            let page = browser.get(&back).await;
            refused(server, &page, code).await;
            assert!(page.text.contains(&format!("href=\"{AT}\"")), "{}", page.text);
            let note = refusal(server).await;
            assert!(note.contains(code) && note.contains(number) && note.contains("trace "), "{note}");
        }
        assert_eq!(audited(server, "consent.refuse").await, 4);
        assert!(entra.simulator.consents().is_empty());
    }

    async fn nothing_of_the_answer_reaches_the_page(server) {
        let _entra = Entra::start(server, |_| ()).await;
        let browser = server.signed_in(Role::Owner).await;
        let asked = begin(&browser, BEGIN).await;
        let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
        let back = format!("/consent/back?state={state}&error={script}&error_description=AADSTS1{script}call%200800");
        let page = browser.get(&back).await;
        refused(server, &page, "PRV-CONSENT-REFUSED").await;
        assert!(!page.text.contains("alert(1)") && !page.text.contains("0800"), "{}", page.text);
        let note = refusal(server).await;
        assert_eq!(note, "PRV-CONSENT-REFUSED, no name, AADSTS1");
    }

    async fn a_state_works_once_in_its_browser_and_session(server) {
        let entra = Entra::start(server, |_| ()).await;
        let browser = server.signed_in(Role::Owner).await;
        let asked = begin(&browser, BEGIN).await;
        let back = entra.answer(&asked, "admin", "accept").await;
        for made_up in ["/consent/back", "/consent/back?state=", "/consent/back?state=x&tenant=y&admin_consent=True"] {
            refused(server, &browser.get(made_up).await, "PRV-CONSENT-STATE").await;
        }
        // Another browser, also one in which somebody else is signed in.
        refused(server, &server.browser().get(&back).await, "PRV-CONSENT-STATE").await;
        refused(server, &server.signed_in(Role::Owner).await.get(&back).await, "PRV-CONSENT-STATE").await;
        assert_eq!(audited(server, "consent.refuse").await, 0, "a stranger writes nothing");
        // The same browser, signed in as somebody else meanwhile.
        let other = server.signed_in(Role::Owner).await;
        other.set_cookie("provost_browser", &browser.cookie("provost_browser").unwrap());
        refused(server, &other.get(&back).await, "PRV-CONSENT-STATE").await;
        refused(server, &browser.get(&back).await, "PRV-CONSENT-STATE").await;
        // Played again after it was used.
        let asked = begin(&browser, BEGIN).await;
        let first = entra.answer(&asked, "admin", "accept").await;
        let next = browser.get(&first).await;
        assert_eq!(next.status, 303, "{}", next.text);
        refused(server, &browser.get(&first).await, "PRV-CONSENT-STATE").await;
        // Both legs have a state of their own, and a code of one leg is none of the other.
        let second = entra.sign_in(next.header("location"), "admin").await;
        let done = browser.get(&second).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let again = browser.get(&second).await;
        assert!(again.text.contains("PRV-CONSENT-STATE"), "{}", again.text);
        assert_eq!(audited(server, "consent.record").await, 1);
    }

    async fn a_state_is_over_after_ten_minutes_and_with_its_link(server) {
        let entra = Entra::start(server, |_| ()).await;
        let (path, made) = link(server, "Contoso IT").await;
        let browser = server.browser();
        let asked = begin(&browser, &format!("{path}/consent")).await;
        let back = entra.answer(&asked, "admin", "accept").await;
        let (_, query) = back.split_once('?').unwrap();
        let cookie = browser.cookie("provost_browser").unwrap();
        let late = server.signin.consent_back(query, &cookie, None, now() + 11 * MINUTES).await;
        assert_eq!(late.unwrap_err().code(), "PRV-CONSENT-STATE");
        // The link is revoked while they are at Microsoft.
        let workspace = server.provider.workspace;
        server.db.write(move |tx| setup_link::revoke(tx, "test", now(), workspace, made.key)).await.unwrap();
        refused(server, &browser.get(&back).await, "PRV-CONSENT-STATE").await;
        assert_eq!(browser.post(&format!("{path}/consent"), &[]).await.status, 404);
    }

    async fn a_tenant_cannot_be_made_up(server) {
        let entra = Entra::start(server, |_| ()).await;
        let (path, _) = link(server, "Contoso IT").await;
        let browser = server.browser();
        let action = format!("{path}/consent");
        // The administrator of one tenant names another one: that tenant's own sign-in does not know them.
        let asked = begin(&browser, &action).await;
        let back = entra.answer(&asked, "admin", "accept").await;
        let next = browser.get(&forged(&back, "tenant", OTHER)).await;
        assert!(next.header("location").contains(OTHER), "{}", next.text);
        let back = entra.sign_in(next.header("location"), "admin").await;
        refused(server, &browser.get(&back).await, "PRV-CONSENT-ACCOUNT").await;
        // A code of the right tenant does not prove the named one.
        let asked = begin(&browser, &action).await;
        let back = entra.answer(&asked, "admin", "accept").await;
        let next = browser.get(&forged(&back, "tenant", OTHER)).await;
        let own = next.header("location").replace(OTHER, TENANT);
        let back = entra.sign_in(&own, "admin").await;
        refused(server, &browser.get(&back).await, "PRV-CONSENT-").await;
        // Somebody without a role says that it was accepted: by then it was, by somebody else.
        let asked = begin(&browser, &action).await;
        let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let next = browser.get(&format!("/consent/back?state={state}&admin_consent=True&tenant={TENANT}")).await;
        let back = entra.sign_in(next.header("location"), "user").await;
        refused(server, &browser.get(&back).await, "PRV-CONSENT-ADMINISTRATOR").await;
        // What names no organisation, or says things twice.
        for (tenant, code) in [
            ("9188040d-6c67-4b5b-b112-36a304b66dad", "PRV-CONSENT-ACCOUNT"),
            ("organizations", "PRV-CONSENT-ANSWER"),
            ("..%2F..%2Fx", "PRV-CONSENT-ANSWER"),
            (&format!("{TENANT}&tenant={OTHER}"), "PRV-CONSENT-ANSWER"),
        ] {
            let asked = begin(&browser, &action).await;
            let state = asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            let back = format!("/consent/back?state={state}&admin_consent=True&tenant={tenant}");
            refused(server, &browser.get(&back).await, code).await;
        }
    }

    async fn a_recorded_tenant_is_the_only_one_until_it_is_released(server) {
        let entra = Entra::start(server, |_| ()).await;
        let owner = server.signed_in(Role::Owner).await;
        let asked = begin(&owner, BEGIN).await;
        assert_eq!(entra.consent(&owner, &asked, "admin").await.status, 303);
        // Another tenant's administrator, by a second link.
        let (path, _) = link(server, "Somebody else").await;
        let (browser, action) = (server.browser(), format!("{path}/consent"));
        let asked = begin(&browser, &action).await;
        let refused = entra.consent(&browser, &asked, "neighbour-0").await;
        assert!(refused.text.contains("PRV-CONSENT-ACCOUNT"), "{}", refused.text);
        let asked = begin(&browser, &action).await;
        let anywhere = asked.as_str().replace(TENANT, "organizations");
        let refused = entra.consent(&browser, &anywhere.parse().unwrap(), "neighbour-0").await;
        assert!(refused.text.contains("PRV-CONSENT-TENANT"), "{}", refused.text);
        assert_eq!(recorded(server).await.unwrap().tenant, TENANT);
        assert!(refusal(server).await.contains("PRV-CONSENT-TENANT"));
        // It is released by who may, when they mean it.
        let release = format!("{AT}/release");
        let auditor = server.signed_in(Role::Auditor).await;
        auditor.get(AT).await;
        assert_eq!(auditor.post(&release, &[("tenant", TENANT)]).await.status, 403);
        assert_eq!(auditor.post(BEGIN, &[]).await.status, 403);
        owner.get(AT).await;
        let wrong = owner.post(&release, &[("tenant", OTHER)]).await;
        assert!(wrong.status == 422 && wrong.text.contains("PRV-CONSENT-RELEASE"), "{}", wrong.text);
        assert_eq!(owner.post(&release, &[("tenant", TENANT)]).await.status, 303);
        assert_eq!((recorded(server).await, audited(server, "consent.release").await), (None, 1));
        let asked = begin(&browser, &action).await;
        assert_eq!(entra.consent(&browser, &asked, "neighbour-0").await.status, 303);
        assert_eq!(recorded(server).await.unwrap().tenant, OTHER);
    }

    async fn the_same_tenant_elsewhere_is_told_within_the_workspace_only(server) {
        let entra = Entra::start(server, |_| ()).await;
        let owner = server.signed_in(Role::Owner).await;
        let (second, _) = make_provider(&server.db, "Second").await;
        for action in [BEGIN, "/w/Contoso/providers/Second/authenticate/begin"] {
            let asked = begin(&owner, action).await;
            assert_eq!(entra.consent(&owner, &asked, "admin").await.status, 303);
        }
        assert_eq!(recorded(server).await.unwrap().tenant, TENANT);
        let page = owner.get(AT).await;
        assert!(page.text.contains("recorded here too") && page.text.contains("/providers/Second/authenticate"), "{}", page.text);
        // A workspace that records the same tenant is not named.
        let made = server.db.write(move |tx| {
            let space = workspace::create(tx, "test", 1, Uuid::now_v7(), "Elsewhere")?;
            let new = provost_store::provider::New {
                id: Uuid::now_v7(), workspace: space.key, name: "Hidden", role: "user", team: None,
                state: provost_store::provider::State::Saved, settings: &provost_store::provider::Settings::default(),
            };
            let provider = provost_store::provider::create(tx, "test", 1, &new)?;
            let proved = tenant_consent::New { tenant: TENANT, account: "x", client_id: "y" };
            tenant_consent::record(tx, "test", 1, &provider, &proved)
        });
        assert_ne!(made.await.unwrap().workspace, second.workspace);
        let page = owner.get(AT).await;
        assert!(!page.text.contains("Hidden"), "{}", page.text);
    }

    async fn a_wrong_application_is_the_operators_to_mend(server) {
        let entra = Entra::start(server, |settings| settings.applications[0].tells_roles = false).await;
        let owner = server.signed_in(Role::Owner).await;
        let asked = begin(&owner, BEGIN).await;
        let silent = entra.consent(&owner, &asked, "admin").await;
        refused(server, &silent, "PRV-CONSENT-ROLES").await;
        entra.set(server, "another secret").await;
        let asked = begin(&owner, BEGIN).await;
        let wrong = entra.consent(&owner, &asked, "admin").await;
        refused(server, &wrong, "PRV-CONSENT-APPLICATION").await;
        assert!(refusal(server).await.contains("AADSTS7000215"));
        // An address that is not registered leads nowhere.
        let mut asked = begin(&owner, BEGIN).await;
        let pairs: Vec<_> = asked.query_pairs().into_owned().map(|(name, value)| match name.as_str() {
            "redirect_uri" => (name, "http://localhost/elsewhere".to_owned()),
            _ => (name, value),
        }).collect();
        asked.query_pairs_mut().clear().extend_pairs(pairs);
        let page = client().get(asked).send().await.unwrap();
        assert_eq!(page.status(), 400);
        assert!(page.text().await.unwrap().contains("AADSTS50011"));
    }

    async fn the_application_is_set_on_its_page(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let at = "/w/Contoso/entra-application";
        let page = browser.get(at).await;
        check(at, &page);
        assert!(page.text.contains("/consent/back") && page.text.contains("not complete"), "{}", page.text);
        let id = Settings::CONTOSO_CLIENT_ID;
        for (fields, code) in [
            ([("client_id", "x"), ("login", "https://login.example"), ("permissions", "p")], "PRV-CONSENT-CLIENT"),
            ([("client_id", id), ("login", "https://login.example/path"), ("permissions", "p")], "PRV-CONSENT-LOGIN"),
            ([("client_id", id), ("login", "https://login.example"), ("permissions", " ")], "PRV-CONSENT-PERMISSIONS"),
        ] {
            let refused = browser.post(at, &[&fields[..], &[("client_secret", "kept-from-pages")]].concat()).await;
            assert!(refused.status == 422 && refused.text.contains(code), "{code}: {}", refused.text);
            assert!(!refused.text.contains("kept-from-pages"));
        }
        let fields = [("client_id", id), ("login", "https://login.example"), ("permissions", "User.Read"), ("client_secret", "s")];
        assert_eq!(browser.post(at, &fields).await.status, 303);
        let page = browser.get(at).await;
        assert!(page.text.contains("User.Read") && page.text.contains("state success"), "{}", page.text);
        // Another service was not given this secret.
        let fields = [("client_id", id), ("login", "https://other.example"), ("permissions", "User.Read")];
        assert_eq!(browser.post(at, &fields).await.status, 303);
        assert!(browser.get(at).await.text.contains("not complete"));
        assert_eq!(browser.post(&format!("{at}/remove"), &[]).await.status, 303);
        assert_eq!((audited(server, "entra_application.set").await, audited(server, "entra_application.remove").await), (2, 1));
        assert_eq!(server.signed_in(Role::Auditor).await.post(at, &fields).await.status, 403);
    }

    async fn the_interface_tells_and_releases(server) {
        let token = server.api_token(Scope::Configure).await;
        let ask = async |method: &str, path: &str| Answer::of(server.api(&token, method, path)).await;
        let before = ask("GET", "/providers/Entra/consent").await.json();
        assert_eq!((&before["can_be_asked"], &before["recorded"]), (&json!(false), &json!(null)));
        assert!(before["begin"].as_str().unwrap().ends_with(AT), "{before}");
        let change = json!({"client_id": Settings::CONTOSO_CLIENT_ID, "client_secret": "s"});
        let set = Answer::of(server.api(&token, "PUT", "/entra-application").json(&change)).await.json();
        assert_eq!((&set["has_secret"], &set["permissions"]), (&json!(true), &json!("https://graph.microsoft.com/.default")));
        let wrong = Answer::of(server.api(&token, "PUT", "/entra-application").json(&json!({"client_id": "x"}))).await;
        assert_eq!(wrong.json()["code"], "PRV-CONSENT-CLIENT");
        let entra = Entra::start(server, |_| ()).await;
        let owner = server.signed_in(Role::Owner).await;
        let asked = begin(&owner, BEGIN).await;
        assert_eq!(entra.consent(&owner, &asked, "admin").await.status, 303);
        let shown = ask("GET", "/providers/Entra/consent").await.json();
        assert_eq!((&shown["recorded"]["tenant"], &shown["recorded"]["account"]), (&json!(TENANT), &json!("admin@contoso.onmicrosoft.com")));
        let wrong = ask("DELETE", &format!("/providers/Entra/consent?tenant={OTHER}")).await;
        assert_eq!(wrong.json()["code"], "PRV-CONSENT-RELEASE");
        let path = format!("/providers/Entra/consent?tenant={TENANT}");
        let reader = server.api_token(Scope::Read).await;
        assert_eq!(Answer::of(server.api(&reader, "DELETE", &path)).await.status, 403);
        assert_eq!(ask("DELETE", &path).await.status, 204);
        assert_eq!(ask("DELETE", &path).await.status, 404);
        assert_eq!(ask("DELETE", "/entra-application").await.status, 204);
        assert_eq!(ask("DELETE", "/entra-application").await.status, 404);
    }
}
