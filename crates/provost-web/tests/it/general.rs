//! Problems, the audit log with its check and its exports, settings and the backup.

use crate::console::connect;
use crate::console_world::check;
use crate::harness::{Server, both};
use provost_store::administrator::Role;
use provost_store::audit;
use serde_json::Value;

const HARM: &str = "=HYPERLINK(\"http://127.0.0.1\")<script>";

/// Rows about `HARM`, by many people.
async fn fill(server: &Server, rows: i64) {
    let workspace = server.provider.workspace;
    let write = move |tx: &mut provost_store::Tx| {
        for row in 0..rows {
            let (actor, subject) = (format!("+person {row}"), format!("@{HARM}, \"row\" {row}"));
            audit::append_named(
                tx,
                workspace,
                100 + row,
                &actor,
                "test.fill",
                &subject,
                "two\r\nlines",
            )?;
        }
        Ok::<_, provost_store::Error>(())
    };
    server.db.write(write).await.unwrap();
}

/// The newest actions of the workspace's audit log.
async fn actions(server: &Server, workspace: i64) -> Vec<String> {
    let rows = server
        .db
        .read(move |tx| audit::latest(tx, workspace, 5))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.action).collect()
}

both! {
    async fn problems_say_what_is_wrong_and_what_to_do(server) {
        let browser = server.signed_in(Role::Auditor).await;
        let page = browser.get("/w/Contoso/problems").await;
        check("/w/Contoso/problems", &page);
        assert!(page.text.contains("Nothing is wrong"), "an empty page teaches");
        connect(server).await;
        let page = browser.get("/w/Contoso/problems").await;
        for text in ["Office", "Connection is not active", "the target answers 503", "Look at the connection", "configuration admin"] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        let other = browser.get("/w/Contoso/problems?kind=staged&connection=Office").await;
        assert!(other.text.contains("Nothing of this is wrong.") && other.text.contains("value=\"staged\" selected"));
        assert_eq!(browser.get("/w/Contoso/problems?kind=nonsense").await.status, 404);
    }

    async fn the_audit_log_is_searched_and_paged(server) {
        fill(server, 120).await;
        let browser = server.signed_in(Role::Auditor).await;
        let (mut path, mut seen, mut pages) = ("/w/Contoso/audit?action=test.&actor=PERSON".to_owned(), 0, 0);
        loop {
            let page = browser.get(&path).await;
            check(&path, &page);
            seen += page.text.matches("<code>test.fill</code>").count();
            pages += 1;
            let Some((before, _)) = page.text.split_once("\" rel=\"next\"") else { break };
            path = before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&");
        }
        assert_eq!((seen, pages), (120, 5));
        let none = browser.get("/w/Contoso/audit?subject=nobody").await;
        assert!(none.text.contains("No row fits."));
    }

    async fn the_log_is_checked_row_by_row(server) {
        fill(server, 3).await;
        let browser = server.signed_in(Role::Auditor).await;
        let page = browser.get("/w/Contoso/audit/verify").await;
        check("/w/Contoso/audit/verify", &page);
        assert!(page.text.contains("Nothing was changed"));
        let head = page.text.split_once("id=\"head\"").unwrap().1;
        let hash = head.split_once('>').unwrap().1.split('<').next().unwrap();
        assert!(hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
    }

    async fn the_exports_hold_every_row_and_no_formula(server) {
        fill(server, 2_500).await;
        let browser = server.signed_in(Role::Auditor).await;
        let sheet = browser.get("/w/Contoso/audit/export.csv?action=test.fill").await;
        assert!(sheet.header("content-type").starts_with("text/csv"));
        assert_eq!(sheet.header("content-disposition"), "attachment; filename=\"audit.csv\"");
        assert!(sheet.text.starts_with("\"position\",\"at\",\"actor\",\"action\",\"subject\",\"detail\"\r\n"));
        assert_eq!(sheet.text.matches("\"test.fill\"").count(), 2_500);
        assert!(sheet.text.contains("\"'+person 7\"") && sheet.text.contains("\"'@=HYPERLINK(\"\"http://127.0.0.1\"\")"));
        assert!(!sheet.text.contains(",\"=") && !sheet.text.contains(",\"+") && !sheet.text.contains(",\"@"));
        let lines = browser.get("/w/Contoso/audit/export.ndjson").await;
        let rows: Vec<Value> = lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(rows.len() >= 2_500);
        assert!(rows.windows(2).all(|two| two[0]["position"].as_i64() > two[1]["position"].as_i64()), "newest first");
    }

    async fn the_installations_own_log_is_for_who_has_a_role_in_all_of_it(server) {
        let everywhere = server.signed_in(Role::Auditor).await;
        let page = everywhere.get("/w/Contoso/audit?installation=true").await;
        assert!(page.text.contains("administrator."), "{}", page.text);
        let (here, _) = server.signed_in_at(Some(server.provider.workspace), Role::Auditor).await;
        for path in ["/w/Contoso/audit", "/w/Contoso/audit/export.csv", "/w/Contoso/audit/export.ndjson"] {
            let page = here.get(&format!("{path}?installation=true")).await;
            assert_eq!(page.status, 200);
            assert!(!page.text.contains("administrator.create"), "{path}");
        }
    }

    async fn wrong_settings_are_explained_and_lose_nothing(server) {
        let browser = server.signed_in(Role::ConfigurationAdmin).await;
        browser.get("/w/Contoso/settings").await;
        let typed = [
            ("enabled", "on"), ("recipient", "it@contoso.example"), ("host", "mail.contoso.example"), ("port", "99999"),
            ("security", "tls"), ("from", ""), ("password", "correct horse"), ("digest_hour", "24"), ("expiry_days", "14"),
        ];
        let page = browser.post("/w/Contoso/settings/mail", &typed).await;
        assert_eq!(page.status, 422);
        check("/w/Contoso/settings/mail", &page);
        for text in [
            "Give a number from 1 to 65535.", "Give a number from 0 to 23.", "This is needed before mail can be switched on.",
            "aria-describedby=\"h-port e-port\" aria-invalid=\"true\"", "value=\"99999\"", "value=\"it@contoso.example\"",
            "value=\"tls\" selected", "href=\"#f-port\"",
        ] {
            assert!(page.text.contains(text), "{text} is not in {}", page.text);
        }
        assert!(!page.text.contains("correct horse"), "a password is never shown again");
        assert!(!actions(server, server.provider.workspace).await.contains(&"setting.save".to_owned()));
    }

    async fn good_settings_are_saved_once_and_audited(server) {
        let browser = server.signed_in(Role::Owner).await;
        browser.get("/w/Contoso/settings").await;
        let typed = [
            ("recipient", "it@contoso.example"), ("host", "mail.contoso.example"), ("security", "starttls"),
            ("from", "provost@contoso.example"), ("digest", "on"), ("digest_hour", "7"), ("expiry_days", "30"),
        ];
        let done = browser.post("/w/Contoso/settings/mail", &typed).await;
        assert_eq!((done.status, done.header("location")), (303, "/w/Contoso/settings?done=saved"));
        assert_eq!(actions(server, server.provider.workspace).await[0], "setting.save");
        let page = browser.get("/w/Contoso/settings").await;
        for text in ["value=\"mail.contoso.example\"", "value=\"provost@contoso.example\"", "value=\"30\""] {
            assert!(page.text.contains(text), "{text}");
        }
        let off = browser.post("/w/Contoso/settings/mail/test", &[]).await;
        assert_eq!(off.status, 409);
        assert!(off.text.contains("mail is switched off"));
        let wrong = browser.post("/w/Contoso/settings/retention", &[("days", "1")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("Give a number of days from 2 to 3650.") && wrong.text.contains("value=\"1\""));
        let kept = browser.post("/w/Contoso/settings/retention", &[("days", "400")]).await;
        assert_eq!(kept.status, 303);
        assert!(browser.get("/w/Contoso/settings").await.text.contains("value=\"400\""));
    }

    async fn who_may_not_change_settings_sees_which_role_may(server) {
        let browser = server.signed_in(Role::Auditor).await;
        let page = browser.get("/w/Contoso/settings").await;
        assert!(page.text.contains("It takes the role owner or configuration admin."));
        let refused = browser.post("/w/Contoso/settings/mail", &[("digest_hour", "7")]).await;
        assert_eq!(refused.status, 403);
    }

    async fn a_backup_is_written_by_an_owner_and_audited(server) {
        let browser = server.signed_in(Role::Owner).await;
        let page = browser.get("/backup").await;
        check("/backup", &page);
        if !server.db.has_backups() {
            assert!(page.text.contains("pg_dump"));
            let refused = browser.post("/backup", &[("name", "one.db")]).await;
            assert_eq!(refused.status, 422);
            return;
        }
        let wrong = browser.post("/backup", &[("name", "../one.db")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("value=\"../one.db\"") && wrong.text.contains("Choose another name."));
        let done = browser.post("/backup", &[("name", "one.db")]).await;
        assert_eq!((done.status, done.header("location")), (303, "/backup?done=backup"));
        assert!(browser.get("/backup").await.text.contains("backups/one.db"));
        assert_eq!(actions(server, audit::INSTALLATION).await[0], "backup.write");
        let taken = browser.post("/backup", &[("name", "one.db")]).await;
        assert_eq!(taken.status, 422);
        let operator = server.signed_in(Role::ProvisioningOperator).await;
        assert_eq!(operator.get("/backup").await.status, 403);
    }
}
