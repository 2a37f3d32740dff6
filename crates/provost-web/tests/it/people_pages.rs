//! People and groups in the console: the lists, the trace, and what administrators do with somebody.

use crate::browser::Browser;
use crate::console_world::{HOSTILE, World, check};
use crate::harness::{Server, both, until};
use crate::run_world::{Loop, NAME, audited, person};
use provost_store::administrator::Role;
use provost_store::connection::{self, Assignment, Condition, State};
use provost_store::provisioning_log::{self, Entry, Receipt, Trace};
use provost_store::{assignment, directory, rule};
use serde_json::json;

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

/// Sends a form that must lead on, and answers the words of the page that it leads to.
async fn done(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.post(path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", words(&answer.text));
    let next = browser.follow(answer.header("location")).await;
    assert_eq!(next.status, 200, "{}", next.text);
    words(&next.text)
}

/// The address of a person's page.
fn at(id: &str) -> String {
    format!("/w/Contoso/people/{id}")
}

/// The id in the address that a form led to.
fn id_of(address: &str) -> String {
    let rest = address.rsplit('/').next().unwrap();
    rest.split('?').next().unwrap().to_owned()
}

/// A line of the log with what the target wrote beside its answer.
async fn note_receipt(server: &Server, loop_: &Loop, id: &str) {
    let (workspace, connection, id) = (
        server.provider.workspace,
        loop_.connection.key,
        id.parse().unwrap(),
    );
    let receipt = Receipt {
        operation: "changing the account".to_owned(),
        status: 409,
        request_id: "req-7".to_owned(),
        client_request_id: "our-7".to_owned(),
        reason: "the name is taken".to_owned(),
    };
    let write = move |tx: &mut provost_store::Tx| {
        let (object, _) = directory::key_by_id(tx, workspace, id)?.unwrap();
        let entry = Entry {
            at: 9,
            connection,
            object,
            object_id: id,
            action: "update".to_owned(),
            status: "failure".to_owned(),
            trace: Trace {
                receipts: vec![receipt.clone()],
                ..Trace::default()
            },
            ..Entry::default()
        };
        provisioning_log::append(tx, workspace, &entry)
    };
    server.db.write(write).await.unwrap();
}

both! {
    async fn why_she_has_no_account_is_told_at_a_glance(server) {
        let loop_ = Loop::new(server, "never").await;
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::Auditor).await;
        let told = page(&browser, &at(&ann)).await;
        assert!(told.contains("no account The initial cycle has not come to them yet"), "{told}");

        loop_.run().await;
        let told = page(&browser, &at(&ann)).await;
        assert!(told.contains("has an account The account is as the rule wants it."), "{told}");
        assert!(told.contains("displayName displayName always Ann Ann"), "each mapping with its value: {told}");
        assert!(told.contains("sent by Entra") && !told.contains("kept by hand"), "{told}");
        let told = until("the request", || async {
            let told = page(&browser, &at(&ann)).await;
            told.contains("Entra · POST").then_some(told)
        }).await;
        assert!(told.contains("None is in the newest lines of the log."), "nothing was noted of the request: {told}");
        note_receipt(server, &loop_, &ann).await;
        let told = page(&browser, &at(&ann)).await;
        for part in ["changing the account 409", "the name is taken", "request req-7", "ours our-7"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let shown = browser.get(&at(&ann)).await.text;
        let line = shown.split_once("href=\"#line-").unwrap().1.split_once('"').unwrap().0;
        assert!(shown.contains(&format!("id=\"line-{line}\"")), "the request leads to what was done: {shown}");

        let bob = person(server, "Bob").await;
        let (connection, rule) = (loop_.connection.clone(), loop_.rule);
        let write = move |tx: &mut provost_store::Tx| {
            let mut preferences = connection.preferences.clone();
            preferences.assignment = Assignment::Assigned;
            connection::set_preferences(tx, "test", 5, &connection, &preferences)?;
            Ok::<_, provost_store::Error>(rule::of_connection(tx, connection.key)?.into_iter().find(|one| one.key == rule))
        };
        let stored = server.db.write(write).await.unwrap().unwrap();
        let told = page(&browser, &at(&bob)).await;
        assert!(told.contains("Not assigned to the connection: neither the person nor a group"), "{told}");
        assert!(told.contains("Open the assignments"));

        let (connection, id) = (loop_.connection.clone(), bob.parse().unwrap());
        let mut scoped = stored.rule.clone();
        scoped.scope = serde_json::from_value(json!({"filters": [{"name": "Sales", "clauses": [
            {"attribute": "title", "operator": "EQUALS", "value": "Seller"}]}]})).unwrap();
        let write = move |tx: &mut provost_store::Tx| {
            let (key, _) = directory::key_by_id(tx, connection.workspace, id)?.unwrap();
            let object = directory::by_key(tx, key)?.unwrap();
            assignment::add(tx, "test", 6, &connection, &object)?;
            rule::put(tx, "test", 6, &connection, 1, &scoped)
        };
        server.db.write(write).await.unwrap();
        let told = page(&browser, &at(&bob)).await;
        assert!(told.contains("The rule's scope leaves them out.") && told.contains("does not hold"), "{told}");
        assert!(told.contains("Assigned to the connection."), "{told}");

        let (connection, mut off) = (loop_.connection.clone(), stored.rule);
        off.enabled = false;
        server.db.write(move |tx| rule::put(tx, "test", 7, &connection, 1, &off)).await.unwrap();
        assert!(page(&browser, &at(&bob)).await.contains("The rule is switched off: it makes no accounts."));
    }

    async fn a_paused_connection_is_the_reason_where_nothing_else_is(server) {
        let loop_ = Loop::new(server, "never").await;
        let ann = person(server, "Ann").await;
        let connection = loop_.connection.clone();
        let condition = Condition { state: State::Paused, reason: "Maintenance until Monday.".into(), ..Condition::default() };
        server.db.write(move |tx| connection::set_state(tx, "test", 5, &connection, &condition)).await.unwrap();
        let told = page(&server.signed_in(Role::Auditor).await, &at(&ann)).await;
        assert!(told.contains("The connection is paused") && told.contains("Maintenance until Monday."), "{told}");
    }

    async fn who_is_gone_still_has_a_trace(server) {
        let loop_ = Loop::new(server, "never").await;
        let ann = person(server, "Ann").await;
        loop_.run().await;
        assert_eq!(server.delete(&format!("/Users/{ann}")).await.status, 204);
        let browser = server.signed_in(Role::AccessAdmin).await;
        let told = page(&browser, &at(&ann)).await;
        assert!(told.contains("Ann person deleted") && told.contains("The next cycle changes the account."), "{told}");
        assert!(told.contains("Can be restored until") && told.contains("userName ann@contoso.example"), "{told}");
        let bin = page(&browser, "/w/Contoso/people/deleted").await;
        assert!(bin.contains("Ann") && bin.contains("provider Entra"), "{bin}");
        let told = done(&browser, &format!("{}/restore", at(&ann)), &[]).await;
        assert!(told.contains("It was restored.") && told.contains("Ann person active"), "{told}");
        assert_eq!(audited(server, "person.restore").await, 1);
    }

    async fn people_are_found_by_the_beginning_of_their_names(server) {
        for name in ["Ann", "Anna", "Bob"] {
            person(server, name).await;
        }
        let browser = server.signed_in(Role::Auditor).await;
        let all = page(&browser, "/w/Contoso/people").await;
        assert!(all.contains("People 3") && all.contains("ann@contoso.example") && all.contains("Entra"), "{all}");
        let found = page(&browser, "/w/Contoso/people?search=ANN").await;
        assert!(found.contains("anna@contoso.example") && !found.contains("bob@contoso.example"), "{found}");
        assert!(page(&browser, "/w/Contoso/people?search=zoe").await.contains("Nobody is found."));
        assert!(page(&browser, "/w/Contoso/people?owner=%20hand").await.contains("Nobody is found."));
        assert!(page(&browser, "/w/Contoso/people?owner=Entra").await.contains("bob@contoso.example"));
        assert!(all.contains("This takes the role owner or access admin."), "the dead button says why: {all}");
    }

    async fn a_list_goes_on_page_by_page(server) {
        for index in 0..60 {
            person(server, &format!("Person{index:02}")).await;
        }
        let browser = server.signed_in(Role::Auditor).await;
        let first = browser.get("/w/Contoso/people").await.text;
        let next = first.split_once("class=\"on\" href=\"").unwrap().1.split_once('"').unwrap().0.replace("&#38;", "&");
        let second = page(&browser, &next).await;
        assert!(second.contains("Person59") && !second.contains("Person00") && second.contains("From the beginning"), "{second}");
    }

    async fn a_person_is_kept_by_hand(server) {
        let browser = server.signed_in(Role::AccessAdmin).await;
        let new = "/w/Contoso/people/new";
        assert!(page(&browser, new).await.contains("Kept by hand"));
        let wrong = browser.post(new, &[("given_name", "Ann <b>"), ("email", "nobody")]).await;
        assert_eq!(wrong.status, 422);
        let told = words(&wrong.text);
        assert!(told.contains("This is needed") && told.contains("This is no e-mail address"), "{told}");
        assert!(wrong.text.contains("value=\"Ann &#60;b&#62;\"") && wrong.text.contains("aria-invalid"), "nothing is lost");

        let fields = [("user_name", "ann@contoso.example"), ("display_name", "Ann"), ("email", "ann@contoso.example"), ("active", "on")];
        let made = browser.post(new, &fields).await;
        assert_eq!(made.status, 303, "{}", words(&made.text));
        let id = id_of(made.header("location"));
        let told = page(&browser, &at(&id)).await;
        assert!(told.contains("kept by hand") && told.contains("emails[type eq \"work\"].value ann@contoso.example"), "{told}");
        let again = browser.post(new, &fields).await;
        assert!(again.status == 422 && words(&again.text).contains("has this user name already"));
        assert_eq!(audited(server, "person.create").await, 1);

        let edit = format!("{}/edit", at(&id));
        assert!(browser.get(&edit).await.text.contains("value=\"Ann\""));
        let told = done(&browser, &edit, &[("user_name", "ann@contoso.example"), ("display_name", "Ann B."), ("title", "Cook")]).await;
        assert!(told.contains("Ann B. person inactive") && told.contains("title Cook") && !told.contains("emails"), "{told}");
        assert_eq!(audited(server, "person.update").await, 1);
    }

    async fn who_a_provider_sends_is_changed_there(server) {
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::Owner).await;
        let told = page(&browser, &at(&ann)).await;
        let why = "Entra sends this person and would make them again.";
        assert!(told.contains(why) && told.contains("Entra sends this record and would write over it."), "{told}");
        for (path, fields) in [("edit", vec![("user_name", "x")]), ("delete", vec![("sure", "yes")])] {
            let refused = browser.post(&format!("{}/{path}", at(&ann)), &fields).await;
            assert_eq!(refused.status, 409, "{path}: {}", refused.text);
            assert!(words(&refused.text).contains("Entra sends this"), "{path}");
        }
        assert_eq!(audited(server, "person.delete").await + audited(server, "person.update").await, 0);
    }

    async fn deleting_says_what_follows_and_can_be_undone(server) {
        let loop_ = Loop::new(server, "never").await;
        let browser = server.signed_in(Role::Owner).await;
        let fields = [("user_name", "ann@contoso.example"), ("display_name", "Ann"), ("active", "on")];
        let made = browser.post("/w/Contoso/people/new", &fields).await;
        let id = id_of(made.header("location"));
        loop_.run().await;
        let delete = format!("{}/delete", at(&id));
        let asked = page(&browser, &delete).await;
        assert!(asked.contains("1 account follows with the next cycle:") && asked.contains(NAME) && asked.contains("is deleted"), "{asked}");
        assert!(asked.contains("It can be restored until"), "{asked}");
        assert_eq!(browser.post(&delete, &[]).await.header("location"), delete, "without the answer it is asked again");
        assert_eq!(audited(server, "person.delete").await, 0);
        let told = done(&browser, &delete, &[("sure", "yes")]).await;
        assert!(told.contains("It is in the recycle bin and can be restored."), "{told}");
        assert_eq!(audited(server, "person.delete").await, 1);
    }

    async fn a_block_and_a_protection_are_set_and_lifted(server) {
        Loop::new(server, "never").await;
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::AccessAdmin).await;
        let told = done(&browser, &format!("{}/block", at(&ann)), &[("reason", "Lost laptop")]).await;
        assert!(told.contains("The person is blocked.") && told.contains("Ann person blocked"), "{told}");
        let told = done(&browser, &format!("{}/unblock", at(&ann)), &[]).await;
        assert!(told.contains("Ann person active"), "{told}");
        let told = done(&browser, &format!("{}/protect", at(&ann)), &[("connection", ""), ("reason", "The director")]).await;
        assert!(told.contains("every connection: The director") && told.contains("End the protection"), "{told}");
        let shown = browser.get(&at(&ann)).await.text;
        let key = shown.split_once("name=\"key\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        let told = done(&browser, &format!("{}/unprotect", at(&ann)), &[("key", &key)]).await;
        assert!(!told.contains("The director"), "{told}");
        for action in ["person.block", "person.unblock", "protection.add", "protection.remove"] {
            assert_eq!(audited(server, action).await, 1, "{action}");
        }
        let strange = browser.post(&format!("{}/protect", at(&ann)), &[("connection", "999999")]).await;
        assert_eq!(strange.status, 404);
    }

    async fn a_group_by_hand_takes_its_own_members(server) {
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::AccessAdmin).await;
        let made = browser.post("/w/Contoso/groups/new", &[("display_name", "Board")]).await;
        let group = id_of(made.header("location"));
        let made = browser.post("/w/Contoso/people/new", &[("user_name", "bob"), ("active", "on")]).await;
        let bob = id_of(made.header("location"));
        let members = format!("/w/Contoso/groups/{group}/members");
        let told = done(&browser, &members, &[("member", "bob")]).await;
        assert!(told.contains("Members of Board") && told.contains("Take out"), "{told}");
        for (typed, why) in [("ann@contoso.example", "comes from a provider"), ("zoe", "Nobody is known as \"zoe\"")] {
            let refused = browser.post(&members, &[("member", typed)]).await;
            assert_eq!(refused.status, 422, "{typed}");
            assert!(words(&refused.text).contains(why) && refused.text.contains(&format!("value=\"{typed}\"")), "{typed}");
        }
        assert!(page(&browser, &at(&bob)).await.contains("Groups Board"));
        let told = done(&browser, &format!("{members}/remove"), &[("member", &bob)]).await;
        assert!(told.contains("Nobody is in this group."), "{told}");
        let other = browser.get(&format!("/w/Contoso/groups/{ann}")).await;
        assert_eq!((other.status, other.header("location")), (303, at(&ann).as_str()), "a person's page is a person's");
    }

    async fn one_person_is_provisioned_now_and_each_step_is_shown(server) {
        let loop_ = Loop::new(server, "never").await;
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::ProvisioningOperator).await;
        let asked = format!("{}/provision", at(&ann));
        assert!(page(&browser, &asked).await.contains(NAME));
        let nowhere = browser.post(&asked, &[("connection", "7")]).await;
        assert!(nowhere.status == 422 && words(&nowhere.text).contains("Choose where it is to be done."));
        let key = loop_.connection.key.to_string();
        let told = browser.post(&asked, &[("connection", &key)]).await;
        assert_eq!(told.status, 200, "{}", told.text);
        check(&asked, &told);
        let told = words(&told.text);
        for part in ["what the directory has", "scope People success", "match People success", "what it is to look like People success", "action success Ann: create. It is linked to", "The cycle in the log"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let found = page(&browser, &at(&ann)).await;
        assert!(found.contains("has an account The account is as the rule wants it."), "{found}");
        let auditor = server.signed_in(Role::Auditor).await;
        assert_eq!(auditor.post(&asked, &[("connection", &key)]).await.status, 403);
    }

    async fn names_that_mean_harm_are_only_shown(server) {
        let world = World::new(server, 0).await;
        let browser = server.signed_in(Role::Owner).await;
        for path in [
            "/w/Contoso/people".to_owned(),
            "/w/Contoso/groups".to_owned(),
            format!("/w/Contoso/people/{}", world.person),
            format!("/w/Contoso/people/{}/provision", world.person),
            format!("/w/Contoso/groups/{}", world.group),
            format!("/w/Contoso/groups/{}/members", world.group),
        ] {
            let told = page(&browser, &path).await;
            assert!(path.ends_with("/provision") || told.contains(&words(&HOSTILE.replace('<', "&#60;").replace('>', "&#62;"))), "{path}: {told}");
        }
        let strange = format!("/w/Contoso/people?search={}", "%22%3E%3Cscript%3E");
        assert!(!browser.get(&strange).await.text.contains("\"><script>"));
        assert_eq!(browser.get("/w/Contoso/people?after=nonsense").await.status, 409);
        assert_eq!(browser.get("/w/Contoso/people/ann").await.status, 404);
    }

    async fn a_role_that_is_too_small_changes_nothing(server) {
        let ann = person(server, "Ann").await;
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        browser.get(&at(&ann)).await;
        for path in ["block", "unblock", "protect", "unprotect", "delete", "restore", "edit"] {
            let refused = browser.post(&format!("{}/{path}", at(&ann)), &[("sure", "yes")]).await;
            assert_eq!(refused.status, 403, "{path}");
        }
        assert_eq!(browser.get("/w/Contoso/people/new").await.status, 403);
        assert_eq!(audited(server, "person.block").await, 0);
    }
}
