//! Providers of Microsoft 365 in the console: how one is added, its sections, its lock, its mode and its end. What a
//! tenant answers is lived in the browser's story; here nobody answers.

use crate::browser::Browser;
use crate::console_world::{HOSTILE, check, connect};
use crate::harness::{Server, both};
use crate::run_world::{audited, field, person};
use provost_engine::rule::Rule;
use provost_store::administrator::Role;
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::microsoft_365::{self, DomainState, Look, New, Provider};
use provost_store::{Tx, assignment, guide_note, rule};
use serde_json::json;
use uuid::Uuid;

const NEW: &str = "/w/Contoso/new-microsoft-365";
const GUIDE: &str = "/w/Contoso/guides/move-microsoft-365";
pub const AT: &str = "/w/Contoso/microsoft-365/Office%20%3Ci%3E365";
pub const NAME: &str = "Office <i>365";
const LOCKED: &str = "Nobody can be assigned before federation is finished (step 5)";

/// A page that is there, safe and small.
async fn page(browser: &Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(path, &page);
    page.text
}

/// The form General, with a tenant that does not answer.
fn form<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("name", NAME),
        ("link_key", "User: UDI"),
        ("domain", "contoso.example"),
        ("tenant_name", "contoso"),
        ("s.login_url", "http://127.0.0.1:9"),
        ("s.graph_url", "http://127.0.0.1:9"),
        ("s.allow_private_network", "on"),
    ];
    all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    all.extend(more);
    all
}

/// Step 2 of the guide is recorded.
async fn register(server: &Server) {
    let workspace = server.provider.workspace;
    let put = move |tx: &mut Tx| {
        guide_note::put(
            tx,
            "test",
            1,
            workspace,
            "move-microsoft-365",
            "register",
            "elsewhere",
        )
    };
    server.db.write(put).await.unwrap();
}

/// A connection that means only who is assigned, with its rules switched off.
fn resting(tx: &mut Tx, workspace: i64) -> Result<Connection, provost_store::Error> {
    let made = connect(tx, workspace, NAME)?;
    for (position, stored) in (0..).zip(rule::of_connection(tx, made.key)?) {
        let off = Rule {
            enabled: false,
            ..stored.rule
        };
        rule::put(tx, "test", 1, &made, position, &off)?;
    }
    let preferences = Preferences {
        assignment: Assignment::Assigned,
        ..made.preferences.clone()
    };
    connection::set_preferences(tx, "test", 1, &made, &preferences)?;
    Ok(connection::by_key(tx, made.key)?.unwrap_or(made))
}

/// An active provider with a connection.
pub async fn active(server: &Server) -> (Provider, Connection) {
    let workspace = server.provider.workspace;
    let made = server.db.write(move |tx| {
        let look = Look {
            domain: DomainState::Verified,
            tenant_id: Some(Uuid::from_u128(7).to_string()),
        };
        let new = New {
            id: Uuid::now_v7(),
            workspace,
            name: NAME,
            label: "<b>Oslo</b>",
            link_key: "User: UDI",
            domain: "contoso.example",
            tenant_name: "contoso",
            look: &look,
            settings: &json!({"login_url": "http://127.0.0.1:9", "graph_url": "http://127.0.0.1:9", "allow_private_network": true}),
        };
        let provider = microsoft_365::create(tx, "test", 1, &new)?;
        let connection = resting(tx, workspace)?;
        let provider = microsoft_365::set_connection(tx, "test", 2, &provider, connection.key)?;
        Ok::<_, provost_store::Error>((provider, connection))
    });
    made.await.unwrap()
}

both! {
    async fn a_provider_comes_after_step_two_and_begins_as_a_draft(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let early = page(&browser, NEW).await;
        assert!(early.contains("after step 2 of the guide") && early.contains("<fieldset disabled"), "{early}");
        let refused = browser.post(NEW, &form(&[])).await;
        assert!(refused.status == 409 && refused.text.contains("PRV-GUIDE-ORDER"), "{}", refused.text);
        register(server).await;
        assert!(!page(&browser, NEW).await.contains("<fieldset disabled"));
        // Every field that is wrong is named, what was typed stays, and nothing is saved.
        let wrong = form(&[("domain", "contoso.onmicrosoft.com"), ("tenant_name", "con toso"), ("link_key", "User: email")]);
        let refused = browser.post(NEW, &wrong).await;
        check(NEW, &refused);
        assert_eq!(refused.status, 422, "{}", refused.text);
        for part in ["PRV-DOMAIN-INITIAL", "PRV-TENANT-NAME", "PRV-LINK-KEY", "value=\"con toso\"", "id=\"e-domain\""] {
            assert!(refused.text.contains(part), "{part}: {}", refused.text);
        }
        let looked = browser.post(&format!("{NEW}/check"), &wrong).await;
        assert!(looked.status == 200 && looked.text.contains("PRV-DOMAIN-INITIAL") && !looked.text.contains("<html"));
        let list = page(&browser, "/w/Contoso/providers").await;
        assert!(list.contains("None yet."), "{list}");
        // Nobody answers: it is a draft, and says so.
        let made = browser.post(NEW, &form(&[])).await;
        assert_eq!((made.status, made.header("location")), (303, format!("{AT}?done=added").as_str()), "{}", made.text);
        let shown = page(&browser, AT).await;
        assert!(shown.contains("It is a draft") && shown.contains("Step 4 opens once all four lines are true."), "{shown}");
        assert_eq!(audited(server, "microsoft_365.add").await, 1);
        let again = browser.post(NEW, &form(&[])).await;
        assert!(again.status == 422 && again.text.contains("PRV-PROVIDER-NAME-TAKEN"), "{}", again.text);
    }

    async fn each_section_is_a_page_for_every_role(server) {
        active(server).await;
        let browser = server.signed_in(Role::Auditor).await;
        for section in ["", "/general", "/authentication", "/provisioning", "/migration", "/migration/letters", "/onboarding", "/federation", "/mode", "/reattach"] {
            let shown = page(&browser, &format!("{AT}{section}")).await;
            assert!(shown.contains("Office &#60;i&#62;365"), "{section}: {shown}");
        }
        for path in ["/w/Contoso/add-provider", "/w/Contoso/providers", NEW] {
            page(&browser, path).await;
        }
        let general = page(&browser, &format!("{AT}/general")).await;
        assert!(general.contains("It takes the role") && general.contains("It cannot be changed"), "{general}");
        let values = page(&browser, &format!("{AT}/authentication")).await;
        assert_eq!(values.matches("data-copy=").count(), 9, "{values}");
        assert_eq!(browser.get("/w/Contoso/microsoft-365/nobody").await.status, 404);
    }

    async fn what_cannot_be_changed_is_refused_and_what_can_is_saved(server) {
        active(server).await;
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let at = format!("{AT}/general");
        page(&browser, &at).await;
        for change in [("name", "Other"), ("link_key", "User: email")] {
            let refused = browser.post(&at, &[change]).await;
            assert!(refused.status == 409 && refused.text.contains("PRV-FIELD-IMMUTABLE"), "{change:?}: {}", refused.text);
        }
        let refused = browser.post(&at, &[("label", "two\nlines")]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        check(&at, &refused);
        assert_eq!(browser.post(&at, &[("label", HOSTILE)]).await.status, 303);
        page(&browser, &at).await;
        let saved = browser.post(&at, &[("label", "Head office")]).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        assert!(page(&browser, &at).await.contains("Head office"));
        let done = browser.post(&format!("{AT}/authentication"), &[]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert!(page(&browser, AT).await.contains("configured"));
    }

    async fn a_secret_is_never_in_the_form_again(server) {
        active(server).await;
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let at = format!("{AT}/provisioning");
        page(&browser, &at).await;
        let id = Uuid::from_u128(9).to_string();
        let secret = Uuid::from_u128(10).to_string();
        let fields = [("client_id", "4a9d7a1e-3a5c-4a37-9a51-2f7d1d0a7a11"), ("tenant", id.as_str()), ("secret", secret.as_str())];
        let refused = browser.post(&at, &fields).await;
        check(&at, &refused);
        assert!(refused.status == 422 && refused.text.contains("not its value"), "{}", refused.text);
        assert!(refused.text.contains("4a9d7a1e-3a5c-4a37-9a51-2f7d1d0a7a11") && !refused.text.contains(&secret));
        assert!(refused.text.contains("autofocus"), "the cursor goes into the field of the secret");
        let refused = browser.post(&at, &[("client_id", "x"), ("expires", "soon")]).await;
        assert!(refused.status == 422 && refused.text.contains("Type a day"), "{}", refused.text);
    }

    async fn nobody_is_assigned_at_any_page_before_an_owner_decides(server) {
        let (_, connection) = active(server).await;
        let owner = server.signed_in(Role::Owner).await;
        let anna = person(server, "Anna").await;
        let at = "/w/Contoso/connections/Office%20%3Ci%3E365";
        let assignments = format!("{at}/assignments");
        for path in [at.to_owned(), assignments.clone()] {
            assert!(page(&owner, &path).await.contains(LOCKED), "{path}");
        }
        let refused = owner.post(&assignments, &[("who", &anna)]).await;
        assert!(refused.status == 409 && refused.text.contains("PRV-PROVIDER-NOT-ASSIGNABLE"), "{}", refused.text);
        assert_eq!(audited(server, "microsoft_365.assign.refused").await, 1);
        let rule = page(&owner, &format!("{at}/rules/Groups")).await;
        assert!(rule.contains(LOCKED), "{rule}");

        let mode = format!("{AT}/mode");
        let admin = server.signed_in(Role::ConfigurationAdmin).await;
        assert!(page(&admin, &mode).await.contains("It takes the role owner"));
        let wish = [("mode", "provisioning_only"), ("reason", "Accounts are enough")];
        assert_eq!(admin.post(&mode, &wish).await.status, 403);
        let refused = owner.post(&mode, &wish[..1]).await;
        assert!(refused.status == 409 && refused.text.contains("PRV-PROVIDER-MODE"), "{}", refused.text);
        let asked = owner.post(&mode, &wish).await;
        assert_eq!(asked.status, 409, "{}", asked.text);
        check(&mode, &asked);
        let digest = field(&asked.text, "confirm");
        let done = owner.post(&mode, &[wish[0], wish[1], ("confirm", &digest)]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert!(page(&owner, &mode).await.contains("Accounts are enough"));
        assert_eq!(owner.post(&assignments, &[("who", &anna)]).await.status, 303);
        let key = connection.key;
        assert_eq!(server.db.read(move |tx| assignment::count(tx, key)).await.unwrap(), 1);
        assert!(page(&owner, &mode).await.contains("only before the first assignment"));
    }

    async fn who_was_assigned_is_kept_when_a_provider_goes(server) {
        active(server).await;
        register(server).await;
        let owner = server.signed_in(Role::Owner).await;
        let anna = person(server, "Anna").await;
        let mode = format!("{AT}/mode");
        page(&owner, &mode).await;
        let wish = [("mode", "provisioning_only"), ("reason", "Accounts are enough")];
        let digest = field(&owner.post(&mode, &wish).await.text, "confirm");
        owner.post(&mode, &[wish[0], wish[1], ("confirm", &digest)]).await;
        owner.post("/w/Contoso/connections/Office%20%3Ci%3E365/assignments", &[("who", &anna)]).await;

        let remove = format!("{AT}/remove");
        let asked = owner.post(&remove, &[]).await;
        check(&remove, &asked);
        assert!(asked.status == 409 && asked.text.contains("PRV-PROVIDER-REMOVE") && asked.text.contains("Anna"), "{}", asked.text);
        let digest = field(&asked.text, "confirm");
        let unnamed = owner.post(&remove, &[("confirm", &digest)]).await;
        assert!(unnamed.status == 409 && unnamed.text.contains("This is not the name."), "{}", unnamed.text);
        let gone = owner.post(&remove, &[("confirm", &digest), ("confirm_typed", NAME)]).await;
        assert_eq!(gone.status, 303, "{}", gone.text);
        assert_eq!(owner.get(AT).await.status, 404);

        owner.post(NEW, &form(&[])).await;
        assert!(page(&owner, AT).await.contains("1 person or group is kept"));
        let kept = page(&owner, &format!("{AT}/reattach")).await;
        assert!(kept.contains("Anna") && kept.contains(LOCKED), "{kept}");
        let refused = owner.post(&format!("{AT}/reattach"), &[("do", "all")]).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
    }

    async fn the_guide_goes_step_by_step(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let locked = page(&browser, &format!("{GUIDE}?step=configure")).await;
        assert!(locked.contains("Locked until step 1") && locked.contains("aria-disabled=\"true\""), "{locked}");
        let early = browser.post(&format!("{GUIDE}/sign"), &[("step", "register"), ("how", "elsewhere")]).await;
        assert!(early.status == 409 && early.text.contains("PRV-GUIDE-ORDER"), "{}", early.text);
        server.signed_in(Role::Owner).await;
        person(server, "Anna").await;
        server.make("/Groups", json!({"displayName": "Pilot"})).await;
        let register = page(&browser, &format!("{GUIDE}?step=register")).await;
        assert!(register.contains("I did it elsewhere") && !register.contains("Locked until"), "{register}");
        let signed = browser.post(&format!("{GUIDE}/sign"), &[("step", "register"), ("how", "elsewhere"), ("note", "by Kim")]).await;
        assert_eq!(signed.status, 303, "{}", signed.text);
        assert!(page(&browser, &format!("{GUIDE}?step=register")).await.contains("elsewhere: by Kim"));
        assert!(!page(&browser, &format!("{GUIDE}?step=configure")).await.contains("Locked until"));
        let people = page(&browser, &format!("{GUIDE}?step=people")).await;
        assert!(people.contains("Locked until step 3") && people.contains("Close the migration: step 5 opens only then"), "{people}");
        active(server).await;
        let configure = page(&browser, &format!("{GUIDE}?step=configure")).await;
        assert!(configure.contains("Open the provider") && configure.contains("Open Authentication and save it."), "{configure}");
    }
}
