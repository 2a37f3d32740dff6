//! The page for a role that is too small, and where an owner finds who comes in.

use crate::console_world::check;
use crate::harness::both;
use provost_store::administrator::Role;

both! {
    async fn a_role_that_is_too_small_sees_which_one_it_takes_and_who_gives_it(server) {
        server.signed_in(Role::Owner).await;
        let auditor = server.signed_in(Role::Auditor).await;
        let refused = auditor.get("/w/Contoso/people/new").await;
        assert_eq!(refused.status, 403, "{}", refused.text);
        check("/w/Contoso/people/new", &refused);
        for text in [
            "Your role does not allow this", "Here you are auditor. It takes the role owner or access admin.",
            "Who can give it to you", "mailto:", "href=\"/w/Contoso\"", "Sign out",
        ] {
            assert!(refused.text.contains(text), "{text}: {}", refused.text);
        }
        assert!(!refused.text.contains("Back to where you were"), "nothing led here");
        let led = auditor.bare("GET", "/w/Contoso/people/new")
            .header("referer", format!("{}/w/Contoso/people", auditor.address()))
            .header("accept-language", "de");
        let german = auditor.send(led).await;
        for text in [
            "Ihre Rolle erlaubt das nicht", "Hier sind Sie Prüfer. Nötig ist die Rolle Eigentümer oder Zugangsadmin.",
            "Wer sie Ihnen geben kann", "class=\"button\" href=\"/w/Contoso/people\"", "Zurück, woher Sie kamen",
        ] {
            assert!(german.text.contains(text), "{text}: {}", german.text);
        }
        // Also for what is sent.
        let sent = auditor.post("/w/Contoso/settings/retention", &[("days", "5")]).await;
        assert!(sent.status == 403 && sent.text.contains("Nothing was changed."), "{}", sent.text);
    }

    async fn an_owner_finds_tokens_and_sign_in_providers_in_rail_and_settings(server) {
        let (owner, _) = server.signed_in_at(None, Role::Owner).await;
        for path in ["/w/Contoso", "/w/Contoso/settings"] {
            let page = owner.get(path).await.text;
            let rail = page.split_once("<nav class=\"rail\"").unwrap().1.split_once("</nav>").unwrap().0;
            assert!(rail.contains("href=\"/w/Contoso/api-tokens\"") && rail.contains("href=\"/signin-providers\""), "{rail}");
        }
        let settings = owner.get("/w/Contoso/settings").await.text;
        let card = settings.split_once("aria-labelledby=\"access\"").unwrap().1.split_once("</section>").unwrap().0;
        for way in ["/w/Contoso/administrators", "/w/Contoso/api-tokens", "/signin-providers"] {
            assert!(card.contains(&format!("href=\"{way}\"")), "{way}: {card}");
        }
        // Who owns this workspace alone has no say in how the installation signs in; an auditor in neither.
        let (own, _) = server.signed_in_at(Some(server.provider.workspace), Role::Owner).await;
        let page = own.get("/w/Contoso/settings").await.text;
        assert!(page.contains("/api-tokens\"") && !page.contains("/signin-providers"), "{page}");
        let auditor = server.signed_in(Role::Auditor).await;
        let page = auditor.get("/w/Contoso/settings").await.text;
        assert!(!page.contains("/api-tokens\"") && page.contains("are kept by the owners"), "{page}");
    }

    async fn letters_get_their_language_in_the_settings(server) {
        let owner = server.signed_in(Role::Owner).await;
        owner.get("/w/Contoso/settings").await;
        let kept = owner.post("/w/Contoso/settings/mail", &[("digest_hour", "7"), ("expiry_days", "14"), ("language", "de")]).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let page = owner.get("/w/Contoso/settings").await.text;
        assert!(page.contains("<option value=\"de\" selected>Deutsch</option>"), "{page}");
    }
}
