//! The pages about who may do what: administrators, API tokens, systems to sign in with.

use crate::browser::Browser;
use crate::harness::{Answer, Server, both};
use provost_store::administrator::{self, Role};
use provost_store::workspace;
use uuid::Uuid;

/// What stands in the field to be copied.
fn copied<'p>(page: &'p Answer, id: &str) -> &'p str {
    let (_, rest) = page.text.split_once(&format!("<code id=\"{id}\"")).unwrap();
    rest.split_once('>').unwrap().1.split_once('<').unwrap().0
}

/// Adds somebody; the page that follows.
async fn invite(browser: &Browser, workspace: &str, role: &str, everywhere: bool) -> (Answer, String) {
    let email = format!("{}@contoso.example", Uuid::now_v7());
    let mut fields = vec![("name", "Bea <b>"), ("email", email.as_str()), ("role", role)];
    if everywhere {
        fields.push(("everywhere", "on"));
    }
    let page = browser
        .post(&format!("/w/{workspace}/administrators/new"), &fields)
        .await;
    (page, email)
}

async fn id_of(server: &Server, email: &str) -> Uuid {
    let email = email.to_owned();
    let found = server
        .db
        .read(move |tx| administrator::by_email(tx, &email))
        .await
        .unwrap();
    found.unwrap().id
}

both! {
    async fn an_administrator_is_invited_changed_blocked_and_removed(server) {
        let owner = server.signed_in(Role::Owner).await;
        let (page, email) = invite(&owner, "Contoso", "auditor", false).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Bea &#60;b&#62;") && !page.text.contains("Bea <b>"));
        let link = copied(&page, "link").to_owned();
        let path = link.split_once("/welcome").map(|(_, rest)| format!("/welcome{rest}")).unwrap();
        let bea = server.browser();
        assert!(bea.get(&path).await.text.contains("you choose how you sign in"));
        let key = path.split_once('=').unwrap().1;
        assert_eq!(bea.post("/welcome", &[("key", key)]).await.header("location"), "/account");
        bea.get("/account").await;
        assert_eq!(bea.get("/w/Contoso/administrators").await.status, 403, "an auditor looks");
        let id = id_of(server, &email).await;
        let at = format!("/w/Contoso/administrators/{id}");
        let list = owner.get("/w/Contoso/administrators").await;
        assert!(list.text.contains(&at) && list.text.contains(&email), "{}", list.text);
        let changed = owner.post(&format!("{at}/role"), &[("role", "owner")]).await;
        assert_eq!(changed.status, 303, "{}", changed.text);
        assert_eq!(bea.get("/w/Contoso/administrators").await.status, 200, "at once");
        let wrong = owner.post(&format!("{at}/role"), &[("role", "king")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("Choose a role."), "{}", wrong.text);
        assert_eq!(owner.post(&format!("{at}/block"), &[]).await.status, 303);
        assert_eq!(bea.get("/account").await.status, 303);
        assert!(owner.get(&at).await.text.contains("blocked"));
        assert_eq!(owner.post(&format!("{at}/link"), &[]).await.status, 422, "no link for whoever is blocked");
        assert_eq!(owner.post(&format!("{at}/unblock"), &[]).await.status, 303);
        let made = owner.post(&format!("{at}/reset"), &[]).await;
        assert!(made.status == 200 && copied(&made, "link").contains("/welcome?key="), "{}", made.text);
        let unsure = owner.post(&format!("{at}/remove"), &[("email", "somebody@contoso.example")]).await;
        assert!(unsure.status == 422 && unsure.text.contains("Type the e-mail address"), "{}", unsure.text);
        assert_eq!(owner.post(&format!("{at}/remove"), &[("email", &email)]).await.status, 303);
        assert_eq!(owner.get(&at).await.status, 404);
    }

    async fn the_last_owner_and_oneself_stay(server) {
        let (owner, id) = server.signed_in_at(None, Role::Owner).await;
        let at = format!("/w/Contoso/administrators/{id}");
        let page = owner.get(&at).await;
        assert!(page.text.contains("You cannot do this to yourself."), "{}", page.text);
        for act in ["block", "reset"] {
            let refused = owner.post(&format!("{at}/{act}"), &[]).await;
            assert_eq!(refused.status, 422, "{act}: {}", refused.text);
        }
        let demoted = owner.post(&format!("{at}/role"), &[("role", "auditor"), ("everywhere", "on")]).await;
        assert_eq!(demoted.status, 409, "{}", demoted.text);
        assert!(demoted.text.contains("PRV-OWNER-LAST"), "{}", demoted.text);
        assert_eq!(owner.get("/signin-providers").await.status, 200, "still an owner");
    }

    async fn an_owner_of_one_workspace_sees_and_gives_what_is_in_it(server) {
        let labs = server.db.write(|tx| workspace::create(tx, "test", 1, Uuid::now_v7(), "Contoso Labs")).await.unwrap();
        let hidden = server.administrator(Some(labs.key), Role::Auditor).await;
        let (owner, _) = server.signed_in_at(Some(server.provider.workspace), Role::Owner).await;
        let list = owner.get("/w/Contoso/administrators").await;
        assert!(list.status == 200 && !list.text.contains(&hidden.to_string()), "{}", list.text);
        assert_eq!(owner.get(&format!("/w/Contoso/administrators/{hidden}")).await.status, 404);
        for act in ["role", "block", "reset", "remove", "link", "sessions", "unblock"] {
            let answer = owner.post(&format!("/w/Contoso/administrators/{hidden}/{act}"), &[("role", "owner")]).await;
            assert_eq!(answer.status, 404, "{act}: {}", answer.text);
        }
        let (page, email) = invite(&owner, "Contoso", "auditor", true).await;
        assert_eq!(page.status, 422, "not in all workspaces: {}", page.text);
        let (page, email) = match page.status { 422 => invite(&owner, "Contoso", "auditor", false).await, _ => (page, email) };
        assert_eq!(page.status, 200, "{}", page.text);
        let at = format!("/w/Contoso/administrators/{}", id_of(server, &email).await);
        assert!(owner.get(&at).await.text.contains("This takes an owner of all workspaces."));
        for act in ["block", "reset", "link"] {
            let refused = owner.post(&format!("{at}/{act}"), &[]).await;
            assert_eq!(refused.status, 422, "{act}: {}", refused.text);
        }
        let taken = owner.post(&format!("{at}/role"), &[("role", "none")]).await;
        assert_eq!(taken.header("location"), "/w/Contoso/administrators?done=removed", "{}", taken.text);
    }

    async fn a_token_is_shown_once_and_ends_with_its_maker(server) {
        let (owner, id) = server.signed_in_at(None, Role::Owner).await;
        let wrong = owner.post("/w/Contoso/api-tokens/new", &[("label", " "), ("scope", "read"), ("days", "90")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("aria-invalid"), "{}", wrong.text);
        let odd = owner.post("/w/Contoso/api-tokens/new", &[("label", "x"), ("scope", "all"), ("days", "90")]).await;
        assert!(odd.status == 422 && odd.text.contains("value=\"x\""), "{}", odd.text);
        let made = owner.post("/w/Contoso/api-tokens/new", &[("label", "Backup"), ("scope", "read"), ("days", "")]).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let token = copied(&made, "token").to_owned();
        assert_eq!(Answer::of(server.api(&token, "GET", "/connections")).await.status, 200);
        let list = owner.get("/w/Contoso/api-tokens").await;
        assert!(list.text.contains("Backup") && !list.text.contains(&token), "{}", list.text);
        let _other = server.administrator(None, Role::Owner).await;
        let blocked = server.db.write(move |tx| {
            let key = administrator::by_id(tx, id)?.unwrap().key;
            administrator::block(tx, "test", 2, key)
        });
        assert!(blocked.await.is_err(), "the other one has no way in yet");
        let revoke = list.text.split("action=\"").find(|part| part.contains("/revoke\"")).unwrap();
        let revoke = revoke.split('"').next().unwrap();
        assert_eq!(owner.post(revoke, &[]).await.status, 303);
        assert_eq!(Answer::of(server.api(&token, "GET", "/connections")).await.status, 401);
        assert_eq!(owner.post(revoke, &[]).await.status, 404);
    }

    async fn a_system_to_sign_in_with_has_to_answer(server) {
        let owner = server.signed_in(Role::Owner).await;
        let form = owner.get("/signin-providers/new").await;
        assert!(form.text.contains("/signin/provider/back"), "{}", form.text);
        for (issuer, client) in [("no address", "id"), ("https://127.0.0.1:1", "id"), ("https://host.invalid", "two words")] {
            let fields = [("name", "Entra"), ("issuer", issuer), ("client_id", client), ("client_secret", "kept-from-pages")];
            let refused = owner.post("/signin-providers/new", &fields).await;
            assert!([422, 502].contains(&refused.status), "{issuer}: {} {}", refused.status, refused.text);
            assert!(refused.text.contains("value=\"Entra\"") && !refused.text.contains("kept-from-pages"), "{}", refused.text);
        }
        assert!(owner.get("/signin-providers").await.text.contains("None yet"));
        assert_eq!(owner.get("/signin-providers/7").await.status, 404);
        let unknown = server.browser().post("/signin/provider", &[("name", "Entra")]).await;
        assert_eq!(unknown.status, 422, "{}", unknown.text);
    }
}
