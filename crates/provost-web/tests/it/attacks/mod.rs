//! What an attacker tries from outside: pages in frames, forms of other sites, addresses that lead away, planted
//! sessions, texts that become formulas. What takes a browser stands in `scripts/js/browser/hostile.mjs`.

mod fixation;
mod foreign;
mod frames;
mod redirect;
mod sheet;

use crate::browser::Browser;
use crate::harness::Server;
use provost_store::audit::{self, AuditAsked, INSTALLATION};
use provost_store::{Error, administrator, session};
use uuid::Uuid;

/// A password that is long enough.
const PASSWORD: &str = "an otter reads old maps";

/// How far the audit logs of the workspace and of the installation are, and which sessions somebody has: no change
/// leaves these as they were.
async fn state(server: &Server, id: Uuid) -> (Vec<i64>, Vec<i64>) {
    let workspace = server.provider.workspace;
    let read = move |tx: &mut provost_store::Tx| {
        let mut heads = Vec::new();
        for chain in [workspace, INSTALLATION] {
            let asked = AuditAsked {
                workspace: chain,
                ..AuditAsked::default()
            };
            let newest = audit::page(tx, &asked, 1)?.entries;
            heads.push(newest.first().map_or(0, |entry| entry.position));
        }
        let whose = administrator::by_id(tx, id)?.unwrap().key;
        let sessions = session::list(tx, whose)?.iter().map(|one| one.key).collect();
        Ok::<_, Error>((heads, sessions))
    };
    server.db.read(read).await.unwrap()
}

/// Somebody's address.
async fn email(server: &Server, id: Uuid) -> String {
    let found = server.db.read(move |tx| administrator::by_id(tx, id)).await;
    found.unwrap().unwrap().email
}

/// Gives somebody who is signed in a password.
async fn set_password(browser: &Browser) {
    let set = browser
        .post(
            "/account/password",
            &[("password", PASSWORD), ("again", PASSWORD)],
        )
        .await;
    assert_eq!(set.status, 303, "{}", set.text);
}
