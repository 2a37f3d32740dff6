//! Planted sessions: a cookie that was in the browser before never becomes that of whoever signs in, and a session
//! that was given up opens nothing.

use super::{PASSWORD, email, set_password};
use crate::browser::Browser;
use crate::harness::{Server, both};
use provost_signin::{Actor, Purpose};
use provost_store::administrator::Role;
use uuid::Uuid;

const COOKIE: &str = "provost_session";

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A browser with this cookie and nothing else.
fn planted(server: &Server, cookie: &str) -> Browser {
    let browser = server.browser();
    browser.set_cookie(COOKIE, cookie);
    browser
}

/// What a cookie opens: the status of the account page, and its text.
async fn opens(server: &Server, cookie: &str) -> (u16, String) {
    let answer = planted(server, cookie).get("/account").await;
    (answer.status, answer.text)
}

async fn follow(server: &Server, browser: &Browser, id: Uuid) {
    let key = server
        .signin
        .link(Actor::Command, id, Purpose::Signin, now())
        .await
        .unwrap();
    assert_eq!(browser.post("/welcome", &[("key", &key)]).await.status, 303);
}

both! {
    async fn a_planted_cookie_is_nobodys_before_and_after(server) {
        let id = server.administrator(None, Role::Owner).await;
        for value in ["planted", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "../../etc", "a%00b"] {
            let victim = planted(server, value);
            follow(server, &victim, id).await;
            let given = victim.cookie(COOKIE).unwrap();
            assert_ne!(given, value);
            assert!(given.len() >= 43, "{given}");
            assert_eq!(opens(server, value).await.0, 303, "{value}");
            assert_eq!(opens(server, &given).await.0, 200);
        }
    }

    async fn the_attackers_own_session_does_not_become_the_victims(server) {
        let (attacker, _) = server.signed_in_at(None, Role::Auditor).await;
        let theirs = attacker.cookie(COOKIE).unwrap();
        let id = server.administrator(None, Role::Owner).await;
        let victim = planted(server, &theirs);
        follow(server, &victim, id).await;
        let given = victim.cookie(COOKIE).unwrap();
        assert_ne!(given, theirs);
        let whose = email(server, id).await;
        assert!(opens(server, &given).await.1.contains(&whose));
        assert!(!opens(server, &theirs).await.1.contains(&whose));
    }

    async fn each_sign_in_and_each_confirmation_has_a_session_of_its_own(server) {
        let (browser, id) = server.signed_in_at(None, Role::Owner).await;
        set_password(&browser).await;
        let first = browser.cookie(COOKIE).unwrap();
        browser.get("/confirm").await;
        assert_eq!(browser.post("/confirm", &[("password", PASSWORD)]).await.status, 303);
        let second = browser.cookie(COOKIE).unwrap();
        assert_ne!(first, second);
        assert_eq!(opens(server, &first).await.0, 303, "the session before it is over");
        assert_eq!(opens(server, &second).await.0, 200);
        let whose = email(server, id).await;
        let fields = [("email", whose.as_str()), ("password", PASSWORD)];
        let again = planted(server, &second);
        assert_eq!(again.post("/signin", &fields).await.status, 303);
        assert_ne!(again.cookie(COOKIE).unwrap(), second);
    }

    async fn a_session_that_was_left_opens_nothing(server) {
        let browser = server.signed_in(Role::Owner).await;
        let cookie = browser.cookie(COOKIE).unwrap();
        browser.get("/account").await;
        let left = browser.post("/signout", &[]).await;
        assert_eq!((left.status, browser.cookie(COOKIE)), (303, None));
        assert_eq!(opens(server, &cookie).await.0, 303);
    }

    async fn a_secret_of_forms_is_worth_nothing_in_another_session(server) {
        let id = server.administrator(None, Role::Owner).await;
        let (one, two) = (server.signed_in_as(id).await, server.signed_in_as(id).await);
        let mixed = server.browser();
        mixed.set_cookie(COOKIE, &one.cookie(COOKIE).unwrap());
        // The page of the second session, sent with the cookie of the first.
        let answer = mixed
            .send(crate::browser::Sends::form(
                mixed.bare("POST", "/account/sessions/end-others").header("origin", mixed.address()),
                &[("csrf", &two.csrf())],
            ))
            .await;
        assert_eq!(answer.status, 403, "{}", answer.text);
        assert_eq!(two.get("/account").await.status, 200);
    }
}
