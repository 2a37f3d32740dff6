//! Inbound providers in the console: drafts, tokens, settings, sheets, setup links and the page behind one.

use crate::browser::Browser;
use crate::console_world::check;
use crate::harness::{Answer, Server, both, until};
use crate::run_world::{audited, person};
use provost_store::administrator::Role;
use provost_store::{provider, setup_link, token};
use serde_json::json;

const AT: &str = "/w/Contoso/providers/Entra";

/// A page's words, without its markup.
fn words(page: &str) -> String {
    let plain = regex::Regex::new("<[^>]*>")
        .unwrap()
        .replace_all(page, " ")
        .into_owned();
    let plain = plain
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    let plain = plain.replace("&#38;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn page(browser: &Browser, path: &str) -> String {
    let page = browser.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    check(path, &page);
    words(&page.text)
}

async fn done(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", words(&answer.text));
    words(&browser.follow(answer.header("location")).await.text)
}

/// The first word of a page that begins so.
fn found(page: &str, prefix: &str) -> String {
    let word = words(page)
        .split(' ')
        .find(|word| word.starts_with(prefix))
        .map(str::to_owned);
    word.unwrap_or_else(|| panic!("nothing begins with {prefix} in {page}"))
}

/// What is sent to switch the settings of the first page.
fn general<'a>(role: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("role", role),
        ("takeover", "ask"),
        ("unknown_members", "refuse"),
        ("recycle_days", "30"),
    ];
    all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    all.extend(more);
    all
}

/// A setup link's path.
async fn link(browser: &Browser, label: &str) -> String {
    let made = browser
        .post(&format!("{AT}/setup-links"), &[("label", label), ("days", "7")])
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    let address = found(&made.text, "http://");
    let (_, path) = address.split_once("/setup/").unwrap();
    format!("/setup/{path}")
}

async fn scim(server: &Server, token: &str) -> u16 {
    Answer::of(server.as_other(token, "GET", "/Users?count=1"))
        .await
        .status
}

both! {
    async fn a_draft_is_refused_until_it_is_put_in_use(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let new = "/w/Contoso/providers/new";
        assert!(page(&browser, &format!("{new}?template=okta")).await.contains("An identity provider cannot make owners"));
        let fields = [("name", "Okta"), ("system", "okta"), ("role", "user"), ("sheet", "connecter")];
        let made = browser.post(new, &fields).await;
        assert_eq!(made.status, 200, "{}", made.text);
        check(new, &made);
        let text = found(&made.text, "prv_");
        assert!(words(&made.text).contains("This token is shown once.") && words(&made.text).contains("/scim/v2"));
        assert_eq!(scim(server, &text).await, 401, "a draft is answered as if it were not there");
        let at = "/w/Contoso/providers/Okta";
        assert!(!browser.get(&format!("{at}/tokens")).await.text.contains(&text), "it is never shown again");
        let told = done(&browser, &format!("{at}/state"), &[("state", "saved")]).await;
        assert!(told.contains("waiting for the first request"), "{told}");
        assert_eq!(scim(server, &text).await, 200);
        let told = done(&browser, &format!("{at}/state"), &[("state", "off")]).await;
        assert!(told.contains("Switched off"), "{told}");
        let again = browser.post(new, &fields).await;
        assert!(again.status == 422 && words(&again.text).contains("of this name already"));
        for action in ["provider.create", "provider.save", "provider.off"] {
            // The harness made the first one.
            assert_eq!(audited(server, action).await, if action == "provider.create" { 2 } else { 1 }, "{action}");
        }
    }

    async fn an_owner_cannot_be_what_a_provider_makes(server) {
        let browser = server.signed_in(Role::Owner).await;
        page(&browser, AT).await;
        let refused = browser.post(AT, &general("owner", &[])).await;
        assert_eq!(refused.status, 422);
        let told = words(&refused.text);
        assert!(told.contains("An identity provider cannot make owners. Choose a smaller role"), "{told}");
        let wrong = browser.post(AT, &general("user", &[("recycle_days", "soon")])).await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"soon\"") && words(&wrong.text).contains("Write a number from 0 to 3650."));
        let orphan = browser.post(AT, &general("user", &[("permission", "read")])).await;
        assert!(words(&orphan.text).contains("the provider has no team"), "{}", words(&orphan.text));
        assert_eq!(audited(server, "provider.edit").await, 0);
        let told = done(&browser, AT, &general("auditor", &[("dialect", "strict"), ("takeover", "never")])).await;
        assert!(told.contains("It was saved."), "{told}");
        let found = server.db.read({
            let key = server.provider.key;
            move |tx| provider::by_key(tx, key)
        }).await.unwrap().unwrap();
        assert_eq!((found.role.as_str(), found.settings.takeover), ("auditor", provider::Takeover::Never));
        assert_eq!(audited(server, "provider.edit").await, 1);
    }

    async fn teams_are_made_once_and_say_who_places_people_in_them(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let teams = "/w/Contoso/teams";
        assert!(page(&browser, teams).await.contains("No team yet."));
        let told = done(&browser, teams, &[("name", " Sales ")]).await;
        assert!(told.contains("It was added.") && told.contains("Sales nobody yet"), "{told}");
        let again = browser.post(teams, &[("name", "Sales")]).await;
        assert!(again.status == 422 && words(&again.text).contains("There is a team of this name already."), "{}", again.text);
        assert!(again.text.contains("value=\"Sales\""), "nothing that was typed is lost");
        let empty = browser.post(teams, &[("name", "  ")]).await;
        assert!(empty.status == 422 && words(&empty.text).contains("PRV-NAME"), "{}", words(&empty.text));
        done(&browser, AT, &general("user", &[("team", "Sales"), ("permission", "read")])).await;
        assert!(page(&browser, teams).await.contains("Sales Entra"));
        assert_eq!(audited(server, "team.create").await, 1);
        let auditor = server.signed_in(Role::Auditor).await;
        assert!(page(&auditor, teams).await.contains("owner or configuration admin"), "the button says which role is needed");
        assert_eq!(auditor.post(teams, &[("name", "Other")]).await.status, 403);
    }

    async fn two_tokens_at_most_and_the_button_says_why(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        let tokens = format!("{AT}/tokens");
        page(&browser, &tokens).await;
        let nameless = browser.post(&tokens, &[("days", "90")]).await;
        assert!(nameless.status == 422 && words(&nameless.text).contains("Say what it is for"));
        let second = browser.post(&tokens, &[("label", "second"), ("days", "90")]).await;
        assert_eq!(scim(server, &found(&second.text, "prv_")).await, 200);
        let full = words(&second.text);
        assert!(full.contains("There are two tokens that work."), "{full}");
        let text = found(&second.text, "prv_");
        let list = page(&browser, &tokens).await;
        let known = format!("second {}… works", &text[..10]);
        assert!(list.contains(&known) && list.contains("@contoso.example"), "told apart by its beginning, with its maker: {list}");
        assert!(!list.contains(&text));
        let third = browser.post(&tokens, &[("label", "third"), ("days", "90")]).await;
        assert!(third.status == 422 && words(&third.text).contains("has two live tokens"), "{}", words(&third.text));
        assert!(words(&third.text).contains("PRV-TOKEN-TWO"), "{}", words(&third.text));
        let shown = browser.get(&tokens).await.text;
        let key = shown.split_once("name=\"key\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let told = done(&browser, &format!("{tokens}/revoke"), &[("key", &key)]).await;
        assert!(told.contains("revoked") && !told.contains("There are two tokens that work."), "{told}");
        let client = browser.post(&format!("{AT}/clients"), &[("label", "nightly"), ("days", "365")]).await;
        assert!(words(&client.text).contains("Client secret prs_"), "{}", words(&client.text));
        assert!(!browser.get(&tokens).await.text.contains("prs_"));
        for (action, count) in [("token.create", 2), ("token.revoke", 1), ("client.create", 1)] {
            assert_eq!(audited(server, action).await, count, "{action}");
        }
        let auditor = server.signed_in(Role::Auditor).await;
        assert_eq!(auditor.post(&tokens, &[("label", "mine"), ("days", "90")]).await.status, 403);
        assert!(page(&auditor, &tokens).await.contains("This takes the role owner or configuration admin."));
    }

    async fn networks_and_sheets_are_read_or_explained(server) {
        let browser = server.signed_in(Role::Owner).await;
        let traffic = format!("{AT}/traffic");
        page(&browser, &traffic).await;
        let usual = |networks: &'static str| vec![("networks", networks), ("rate", "50"), ("burst", "100"), ("request_log", "changes"), ("log_days", "14")];
        let wrong = browser.post(&traffic, &usual("192.0.2.0/33")).await;
        assert!(wrong.status == 422 && words(&wrong.text).contains("\"192.0.2.0/33\" is no network."), "{}", words(&wrong.text));
        done(&browser, &traffic, &usual("192.0.2.0/24\n198.51.100.7")).await;
        let kept = browser.get(&traffic).await.text;
        assert!(kept.contains("192.0.2.0/24\n198.51.100.7/32") && kept.contains("value=\"50\""), "{kept}");

        let sheet = format!("{AT}/sheet");
        assert!(page(&browser, &sheet).await.contains("a user name is enough"));
        for (typed, part) in [("{", "This is no JSON"), (r#"{"attributes":[{"name":"shoeSize","type":"string"}]}"#, "shoeSize")] {
            let wrong = browser.post(&sheet, &[("begin", ""), ("sheet", typed)]).await;
            assert!(wrong.status == 422 && words(&wrong.text).contains(part), "{}", words(&wrong.text));
        }
        let told = done(&browser, &sheet, &[("begin", "peripass"), ("sheet", "")]).await;
        assert!(told.contains("preferredLanguage") && told.contains("It was saved."), "{told}");
        let told = done(&browser, &sheet, &[("begin", ""), ("sheet", "")]).await;
        assert!(told.contains("a user name is enough"), "{told}");
    }

    async fn what_came_in_and_its_habits_are_told(server) {
        let ann = person(server, "Ann").await;
        let operations = json!([{"op": "Replace", "path": "active", "value": "False"}]);
        server.patch(&format!("/Users/{ann}"), operations).await;
        let browser = server.signed_in(Role::Auditor).await;
        let requests = format!("{AT}/requests?search={ann}");
        let told = until("the request", || async {
            let told = page(&browser, &requests).await;
            told.contains("PATCH").then_some(told)
        }).await;
        assert!(told.contains("op-letter-case") && told.contains("Ann"), "{told}");
        let habits = until("the habit", || async {
            let told = page(&browser, &format!("{AT}/habits")).await;
            told.contains("op-letter-case").then_some(told)
        }).await;
        assert!(habits.contains("boolean-text") && habits.contains("tolerated"), "{habits}");
        assert!(page(&browser, &format!("{AT}/requests?which=failed")).await.contains("No request is found."));
        let list = page(&browser, "/w/Contoso/providers").await;
        assert!(list.contains("Entra") && list.contains("in use"), "{list}");
        assert_eq!(browser.get("/w/Contoso/providers/Nobody").await.status, 404);
    }

    async fn credentials_of_both_directions_stand_in_one_list(server) {
        crate::run_world::Loop::new(server, "never").await;
        let provider = server.provider.clone();
        server.db.write(move |tx| token::mint(tx, "test", 1, &provider, "ends <soon>", Some(i64::MAX / 4)).map(drop)).await.unwrap();
        let told = page(&server.signed_in(Role::Auditor).await, "/w/Contoso/credentials").await;
        for part in ["SCIM token", "ends <soon>", "secret of a connection", "end not known", "without an end"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let gallery = page(&server.signed_in(Role::Auditor).await, "/w/Contoso/add-provider").await;
        assert!(gallery.contains("Microsoft Entra ID") && gallery.contains("This takes the role"), "{gallery}");
    }

    async fn a_setup_link_leads_a_customer_through(server) {
        let owner = server.signed_in(Role::Owner).await;
        page(&owner, &format!("{AT}/setup-links")).await;
        let nameless = owner.post(&format!("{AT}/setup-links"), &[("days", "7")]).await;
        assert!(nameless.status == 422 && words(&nameless.text).contains("Say for whom it is"));
        let path = link(&owner, "Contoso IT").await;
        let stranger = server.browser();
        let shown = stranger.get(&path).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        check(&path, &shown);
        let told = words(&shown.text);
        assert!(told.contains("Make the application") && told.contains("No request has come yet"), "{told}");
        for picture in shown.text.split('"').filter(|part| part.starts_with("/setup-pictures/")) {
            let picture = stranger.get(picture).await;
            assert_eq!((picture.status, picture.header("content-type")), (200, "image/svg+xml"));
        }
        let okta = words(&stranger.get(&format!("{path}?system=okta")).await.text);
        assert!(okta.contains("SCIM connector base URL"), "{okta}");
        let german = Answer::of(stranger.bare("GET", &path).header("accept-language", "de-AT")).await;
        assert!(german.text.contains("lang=\"de\"") && words(&german.text).contains("Bereitstellung einrichten"));

        let mint = format!("{path}/token");
        assert_eq!(Answer::of(stranger.bare("POST", &mint).header("origin", "https://evil.contoso.example")).await.status, 403);
        let made = stranger.post(&mint, &[]).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let text = found(&made.text, "prv_");
        let again = stranger.post(&mint, &[]).await;
        assert!(again.status == 409 && words(&again.text).contains("was made already") && !again.text.contains(&text));
        assert!(!stranger.get(&path).await.text.contains(&text));
        assert_eq!(scim(server, &text).await, 200);
        let live = until("the first request", || async {
            let live = words(&stranger.get(&format!("{path}/live")).await.text);
            live.contains("The first request came").then_some(live)
        }).await;
        assert!(live.contains("The token was made."), "{live}");
        let list = page(&owner, &format!("{AT}/setup-links")).await;
        assert!(list.contains("Contoso IT opened") && list.contains("made"), "{list}");
        for (action, count) in [("setup_link.make", 1), ("setup_link.open", 1)] {
            assert_eq!(audited(server, action).await, count, "{action}");
        }
    }

    async fn a_setup_link_ends_and_guesses_are_slowed_down(server) {
        let owner = server.signed_in(Role::Owner).await;
        page(&owner, &format!("{AT}/setup-links")).await;
        let path = link(&owner, "Contoso IT").await;
        let (workspace, provider) = (server.provider.workspace, server.provider.key);
        let key = server.db.read(move |tx| setup_link::list(tx, workspace, provider, 0, 10)).await.unwrap()[0].key;
        done(&owner, &format!("{AT}/setup-links/revoke"), &[("key", &key.to_string())]).await;
        let stranger = server.browser();
        let unknown = format!("/setup/{}", "A".repeat(43));
        for path in [path.as_str(), &format!("{path}/live"), "/setup/short", &unknown] {
            assert_eq!(stranger.get(path).await.status, 404, "{path}");
        }
        assert_eq!(stranger.post(&format!("{path}/token"), &[]).await.status, 404);
        let mut statuses = Vec::new();
        for _ in 0..25 {
            statuses.push(stranger.get(&unknown).await);
        }
        let last = statuses.last().unwrap();
        assert_eq!(last.status, 429, "guesses run out");
        assert!(!last.header("retry-after").is_empty());
    }
}
