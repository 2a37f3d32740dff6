//! Getting in and out: links, passwords, the fresh sign-in, sessions; and what must not work.

use crate::browser::{Browser, Sends as _};
use crate::harness::{Answer, Server, both};
use provost_signin::{Actor, Purpose};
use provost_store::administrator::{self, Administrator, Role};
use provost_store::{audit, session};
use uuid::Uuid;

const PASSWORD: &str = "an otter reads old maps";
const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The cookie lines of an answer.
fn cookies(answer: &Answer) -> Vec<String> {
    let all = answer.headers.get_all("set-cookie");
    all.iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

async fn by_id(server: &Server, id: Uuid) -> Administrator {
    server
        .db
        .read(move |tx| administrator::by_id(tx, id))
        .await
        .unwrap()
        .unwrap()
}

/// Sets the sign-in of every session of somebody back by some hours.
async fn make_stale(server: &Server, id: Uuid) {
    let key = by_id(server, id).await.key;
    let done = server.db.write(move |tx| {
        for one in session::list(tx, key)? {
            session::freshen(tx, one.key, now() - HOUR, one.method)?;
        }
        Ok::<_, provost_store::Error>(())
    });
    done.await.unwrap();
}

/// Somebody with a password, in a browser that is signed in.
async fn with_password(server: &Server, role: Role) -> (Browser, Uuid, String) {
    let (browser, id) = server.signed_in_at(None, role).await;
    let form = browser.get("/account/password").await;
    assert_eq!(form.status, 200, "{}", form.text);
    let set = browser
        .post(
            "/account/password",
            &[("password", PASSWORD), ("again", PASSWORD)],
        )
        .await;
    assert_eq!(
        (set.status, set.header("location")),
        (303, "/account?done=saved"),
        "{}",
        set.text
    );
    let email = by_id(server, id).await.email;
    (browser, id, email)
}

both! {
    async fn the_owners_link_makes_one_owner_and_closes_for_ever(server) {
        let key = server.signin.owner_link(now()).await.unwrap().unwrap();
        let path = format!("/welcome?key={key}");
        let (browser, other) = (server.browser(), server.browser());
        for _ in 0..2 {
            let page = browser.get(&path).await;
            assert!(page.status == 200 && page.text.contains("Become the owner"), "{}", page.text);
            assert!(cookies(&page).is_empty(), "opening it uses nothing up");
        }
        let wrong = browser.post("/welcome", &[("key", &key), ("name", "Ann"), ("email", "no address")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        assert!(wrong.text.contains("value=\"Ann\"") && wrong.text.contains("aria-invalid=\"true\""), "{}", wrong.text);
        let fields = [("key", key.as_str()), ("name", "Ann"), ("email", "ann@contoso.example")];
        let made = browser.post("/welcome", &fields).await;
        assert_eq!((made.status, made.header("location")), (303, "/account"), "{}", made.text);
        assert_eq!(other.post("/welcome", &fields).await.status, 410);
        assert_eq!(other.get(&path).await.status, 410);
        assert_eq!(server.signin.owner_link(now()).await.unwrap(), None);
        let page = browser.get("/account").await;
        for text in ["Ann", "ann@contoso.example", "owner", "Choose how you sign in from now on"] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
        assert_eq!(browser.get("/w/Contoso/administrators").await.status, 200);
    }

    async fn a_link_signs_in_once_by_its_button(server) {
        let id = server.administrator(None, Role::Auditor).await;
        let key = server.signin.link(Actor::Command, id, Purpose::Signin, now()).await.unwrap();
        let browser = server.browser();
        let page = browser.get(&format!("/welcome?key={key}")).await;
        assert!(page.text.contains("This link signs The auditor"), "{}", page.text);
        assert_eq!(browser.post("/welcome", &[("key", &key)]).await.status, 303);
        assert_eq!(browser.get("/account").await.status, 200);
        assert_eq!(server.browser().post("/welcome", &[("key", &key)]).await.status, 410);
        for guess in ["", "guess", &key[1..]] {
            assert_eq!(server.browser().get(&format!("/welcome?key={guess}")).await.status, 410);
        }
    }

    async fn a_password_signs_in_and_every_refusal_is_the_same(server) {
        let (_, id, email) = with_password(server, Role::Auditor).await;
        let blocked = server.administrator(None, Role::Auditor).await;
        let unknown = format!("{}@contoso.example", Uuid::now_v7());
        let without = by_id(server, blocked).await.email;
        let mut refusals = Vec::new();
        for (email, password) in [(&email, "an otter reads new maps"), (&unknown, PASSWORD), (&without, PASSWORD)] {
            let browser = server.browser();
            let answer = browser.post("/signin", &[("email", email), ("password", password)]).await;
            assert_eq!(answer.status, 422, "{}", answer.text);
            assert_eq!(browser.cookie("provost_session"), None);
            assert!(!answer.text.contains(PASSWORD));
            assert!(answer.text.contains("<h2>You are not signed in</h2>"), "nothing was to be saved: {}", answer.text);
            refusals.push(answer.text.replace(email.as_str(), "EMAIL"));
        }
        assert!(refusals.windows(2).all(|two| two[0] == two[1]), "{refusals:?}");
        let browser = server.browser();
        let fields = [("email", email.as_str()), ("password", PASSWORD), ("to", "/account")];
        let answer = browser.post("/signin", &fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{}", answer.text);
        assert!(browser.get("/account").await.text.contains("with a password"));
        assert!(by_id(server, id).await.last_signin.is_some());
    }

    async fn guessing_is_slowed_and_says_how_long(server) {
        let (_, _, email) = with_password(server, Role::Auditor).await;
        let browser = server.browser();
        let mut last = None;
        for _ in 0..8 {
            let answer = browser.post("/signin", &[("email", &email), ("password", "a wrong one, again")]).await;
            if answer.status == 429 {
                last = Some(answer);
                break;
            }
        }
        let answer = last.unwrap();
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
        assert!(answer.text.contains("Too many attempts."), "{}", answer.text);
        let right = browser.post("/signin", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(right.status, 429, "the right one waits too");
    }

    async fn a_planted_cookie_never_becomes_a_session(server) {
        let (_, _, email) = with_password(server, Role::Auditor).await;
        let (victim, attacker) = (server.browser(), server.browser());
        let planted = "A".repeat(43);
        victim.set_cookie("provost_session", &planted);
        attacker.set_cookie("provost_session", &planted);
        victim.get("/signin").await;
        let entered = victim.post("/signin", &[("email", &email), ("password", PASSWORD)]).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        assert_ne!(victim.cookie("provost_session").unwrap(), planted);
        assert_eq!(attacker.get("/account").await.status, 303);
        // Nor does a session outlive the next sign-in in its browser.
        let before = victim.cookie("provost_session").unwrap();
        victim.post("/signin", &[("email", &email), ("password", PASSWORD)]).await;
        attacker.set_cookie("provost_session", &before);
        assert_eq!(attacker.get("/account").await.status, 303);
        assert_eq!(victim.get("/account").await.status, 200);
    }

    async fn cookies_are_out_of_reach(server) {
        let (_, _, email) = with_password(server, Role::Auditor).await;
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        let plain = cookies(&server.browser().post("/signin", &fields).await);
        let session = plain.iter().find(|line| line.starts_with("provost_session=")).unwrap();
        for part in ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Lax"] {
            assert!(session.contains(part), "{session}");
        }
        let settings = provost_web::Settings {
            public_url: Some("https://provost.contoso.example".to_owned()),
            ..provost_web::Settings::default()
        };
        let secure = server.beside_with(settings).await;
        let request = server.to(&secure, "POST", "/signin").header("origin", "https://provost.contoso.example");
        let answer = Answer::of(request.form(&fields)).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        for line in cookies(&answer) {
            assert!(line.starts_with("__Host-") && line.ends_with("; Secure") && !line.contains("Domain"), "{line}");
            assert!(line.contains("HttpOnly") && line.contains("Path=/;"), "{line}");
        }
        // By another name, or from elsewhere, a form is not taken.
        let request = server.to(&secure, "POST", "/signin").header("origin", secure.address.clone());
        assert_eq!(Answer::of(request.form(&fields)).await.status, 403);
        secure.stop().await;
    }

    async fn nothing_leads_to_another_host(server) {
        let (browser, id, email) = with_password(server, Role::Auditor).await;
        for to in ["https://host.example/", "//host.example", "/\\host.example", "/\t/host.example", "javascript:alert(1)", "/.//host.example"] {
            let encoded: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
            let led = browser.get(&format!("/signin?to={encoded}")).await;
            assert_eq!((led.status, led.header("location")), (303, "/"), "{to}");
            let led = browser.get(&format!("/confirm?to={encoded}")).await;
            assert_eq!((led.status, led.header("location")), (303, "/"), "{to}");
            let fresh = server.browser();
            let page = fresh.get(&format!("/signin?to={encoded}")).await;
            assert!(!page.text.contains("host.example") && !page.text.contains("alert(1)"), "{}", page.text);
        }
        let fields = [("email", email.as_str()), ("password", PASSWORD), ("to", "//host.example/")];
        assert_eq!(server.browser().post("/signin", &fields).await.header("location"), "/");
        make_stale(server, id).await;
        let confirmed = browser.post("/confirm", &[("password", PASSWORD), ("to", "https://host.example/")]).await;
        assert_eq!((confirmed.status, confirmed.header("location")), (303, "/"), "{}", confirmed.text);
    }

    async fn no_page_can_be_framed_or_kept(server) {
        let browser = server.signed_in(Role::Owner).await;
        for path in ["/signin", "/welcome?key=x", "/account", "/w/Contoso/administrators", "/nowhere", "/signin-providers"] {
            let page = browser.get(path).await;
            let policy = page.header("content-security-policy");
            for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'", "require-trusted-types-for 'script'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!((page.header("cache-control"), page.header("x-content-type-options")), ("no-store", "nosniff"), "{path}");
            assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        }
    }

    async fn what_cannot_be_taken_back_needs_a_fresh_sign_in(server) {
        let (browser, id, _) = with_password(server, Role::Owner).await;
        make_stale(server, id).await;
        let before = browser.cookie("provost_session").unwrap();
        for (path, page) in [
            ("/w/Contoso/administrators/new", "%2Fw%2FContoso%2Fadministrators%2Fnew"),
            ("/w/Contoso/api-tokens/new", "%2Fw%2FContoso%2Fapi-tokens%2Fnew"),
            ("/signin-providers/new", "%2Fsignin-providers%2Fnew"),
            ("/account/passkeys/new", "%2Faccount%2Fpasskeys%2Fnew"),
            ("/account/password", "%2Faccount%2Fpassword"),
        ] {
            let stale = browser.get(path).await;
            assert_eq!((stale.status, stale.header("location").to_owned()), (303, format!("/confirm?to={page}")));
        }
        // A form that is sent comes back to the page that has it.
        let other = server.administrator(None, Role::Auditor).await;
        let sent = browser.post(&format!("/w/Contoso/administrators/{other}/remove"), &[]).await;
        assert_eq!(sent.header("location"), format!("/confirm?to=%2Fw%2FContoso%2Fadministrators%2F{other}"));
        let page = browser.get("/confirm?to=%2Faccount%2Fpassword").await;
        assert!(page.status == 200 && page.text.contains("Confirm with the password"), "{}", page.text);
        let wrong = browser.post("/confirm", &[("password", "a wrong one, again"), ("to", "/account/password")]).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        let right = browser.post("/confirm", &[("password", PASSWORD), ("to", "/account/password")]).await;
        assert_eq!((right.status, right.header("location")), (303, "/account/password"), "{}", right.text);
        assert_ne!(browser.cookie("provost_session").unwrap(), before, "the session is another one");
        assert_eq!(browser.get("/account/password").await.status, 200);
        let thief = server.browser();
        thief.set_cookie("provost_session", &before);
        assert_eq!(thief.get("/account").await.status, 303, "and the one before is over");
    }

    async fn sessions_end_with_time_with_the_button_and_with_the_others(server) {
        let id = server.administrator(None, Role::Auditor).await;
        for hours in [13, 3] {
            let old = server.signed_in_since(id, now() - hours * HOUR).await;
            assert_eq!(old.get("/account").await.status, 303, "{hours} hours");
        }
        let (one, other, third) = (server.signed_in_as(id).await, server.signed_in_as(id).await, server.signed_in_as(id).await);
        let page = one.get("/account").await;
        let end = page.text.split("action=\"").find(|part| part.starts_with("/account/sessions/") && part.contains("/end\"")).unwrap();
        let end = end.split('"').next().unwrap().to_owned();
        assert_eq!(one.post(&end, &[]).await.status, 303);
        let open = [other.get("/account").await.status, third.get("/account").await.status];
        assert_eq!(open.iter().filter(|status| **status == 200).count(), 1, "{open:?}");
        assert_eq!(one.post("/account/sessions/end-others", &[]).await.status, 303);
        assert_eq!([other.get("/account").await.status, third.get("/account").await.status], [303, 303]);
        assert_eq!(one.get("/account").await.status, 200);
        let cookie = one.cookie("provost_session").unwrap();
        let left = one.post("/signout", &[]).await;
        assert_eq!((left.status, left.header("location")), (303, "/signin"));
        assert_eq!(one.cookie("provost_session"), None);
        one.set_cookie("provost_session", &cookie);
        assert_eq!(one.get("/account").await.status, 303, "the server has ended it too");
        // Nobody ends the session of somebody else.
        let (mine, theirs) = (server.signed_in(Role::Owner).await, server.signed_in_as(id).await);
        let key = by_id(server, id).await.key;
        let sessions = server.db.read(move |tx| session::list(tx, key)).await.unwrap();
        let path = format!("/account/sessions/{}/end", sessions[0].key);
        assert_eq!(mine.post(&path, &[]).await.status, 404);
        assert_eq!(theirs.get("/account").await.status, 200);
    }

    async fn the_password_page_says_what_is_wrong_and_keeps_nothing(server) {
        let (browser, id) = server.signed_in_at(None, Role::Auditor).await;
        for (password, again, said) in [
            ("short", "short", "At least 15"),
            (PASSWORD, "another one entirely", "The two are not the same."),
            ("passwordpassword", "passwordpassword", "aria-invalid=\"true\""),
        ] {
            let page = browser.post("/account/password", &[("password", password), ("again", again)]).await;
            assert!(page.status == 422 && page.text.contains(said), "{said}: {}", page.text);
            assert!(!page.text.contains(&format!("value=\"{password}\"")));
        }
        let set = browser.post("/account/password", &[("password", PASSWORD), ("again", PASSWORD)]).await;
        assert_eq!(set.status, 303);
        let removed = browser.post("/account/password/remove", &[]).await;
        assert!(removed.status == 409 || removed.status == 422, "the last way stays: {}", removed.text);
        let email = by_id(server, id).await.actor();
        let rows = server.db.read(move |tx| {
            audit::page(tx, &audit::AuditAsked { workspace: audit::INSTALLATION, actor: Some(email.clone()), ..audit::AuditAsked::default() }, 50)
        });
        let rows = rows.await.unwrap();
        assert!(rows.entries.iter().any(|row| row.action.starts_with("password")), "{rows:?}");
    }

    async fn passkeys_begin_where_the_server_has_a_name(server) {
        let browser = server.signed_in(Role::Auditor).await;
        let page = browser.get("/account/passkeys/new").await;
        assert!(page.text.contains("http://localhost:"), "{}", page.text);
        let begun = browser.post_json("/account/passkeys/options", &serde_json::json!({"name": "Key"})).await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        let options = begun.json();
        assert_eq!(options["options"]["publicKey"]["rp"]["id"], "localhost");
        assert_eq!(options["options"]["publicKey"]["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(begun.header("cache-control"), "no-store");
        let answer = serde_json::json!({"ceremony": options["ceremony"], "answer": {}, "name": "Key"});
        let refused = browser.post_json("/account/passkeys/new", &answer).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.json()["error"].as_str().unwrap().contains("passkey"));
        let stranger = server.browser();
        let begun = stranger.post_json("/signin/passkey/options", &serde_json::json!({})).await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        let answer = serde_json::json!({"ceremony": begun.json()["ceremony"], "answer": {}, "to": "/account"});
        let elsewhere = server.browser().post_json("/signin/passkey", &answer).await;
        assert_eq!(elsewhere.status, 410, "another browser: {}", elsewhere.text);
        let refused = stranger.post_json("/signin/passkey", &answer).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let without_script = stranger.post("/signin/passkey", &[("to", "/account")]).await;
        assert!(without_script.status == 422 && without_script.text.contains("to scripts only"), "{}", without_script.text);
    }
}
