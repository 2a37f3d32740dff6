//! People who are made here from accounts: placeholders that the object id ties to them.

use super::exempt::refuse_many;
use super::{Chosen, MOST, ROWS, attempt, canonical};
use crate::setup::Confirm;
use crate::setup::confirm::{Question, settle};
use crate::{Engine, Error, Result};
use provost_engine::object::Kind;
use provost_scim::resource::Document;
use provost_store::connection::Connection;
use provost_store::directory::{self, Change, Owner, Placement};
use provost_store::identifier::{self, Account, AccountsAsked, LinkState};
use provost_store::{Error as Store, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Where SCIM keeps the employee number (RFC 7643 section 4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What became of accounts for which a person was to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Made {
    /// How many people were made, each linked to their account.
    pub made: u64,
    /// Accounts for which nobody was made, with the reason.
    pub left: Vec<(String, String)>,
}

impl Made {
    fn add(&mut self, part: Self) {
        self.made += part.made;
        self.left.extend(part.left);
    }
}

impl Engine {
    /// Makes a person here for each of these accounts, or for every unlinked one that is no guest's, no shared mailbox,
    /// may sign in and is not protected. Each is linked by the object id; nothing is written to Microsoft. A name that
    /// somebody here has makes nobody: that one is to be linked.
    ///
    /// # Errors
    /// [`Error::Confirm`] with `PRV-IDENTIFIER-CREATE`, which lists them; [`Error::Refused`] with
    /// `PRV-IDENTIFIER-NOTHING` when there is nobody to make, `PRV-IDENTIFIER-MANY`, `PRV-IDENTIFIER-UNREAD`,
    /// `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn create_people(
        &self,
        workspace: i64,
        name: &str,
        chosen: &Chosen<String>,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Made> {
        let result = self.created_people(workspace, name, chosen, confirm, actor).await;
        self.audited(attempt(workspace, actor, "identifier.create", name), result)
            .await
    }

    async fn created_people(
        &self,
        workspace: i64,
        name: &str,
        chosen: &Chosen<String>,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Made> {
        let (_, connection) = self.read_before(workspace, name).await?;
        let accounts = self.accounts_to_make(&connection, chosen).await?;
        if accounts.is_empty() {
            return Err(Error::refused(
                "PRV-IDENTIFIER-NOTHING",
                "there is no unlinked account for which a person could be made",
                "Choose accounts that are linked to nobody. Guests, shared mailboxes, disabled and protected ones have to be named.",
            ));
        }
        settle(vec![question(&accounts)], confirm)?;
        let mut done = Made::default();
        for rows in accounts.chunks(ROWS) {
            match self.make_rows(&connection, rows, actor).await {
                Ok(part) => done.add(part),
                // One whose ids somebody else holds keeps nobody else from being made.
                Err(Store::Refused { .. }) => {
                    for one in rows {
                        match self
                            .make_rows(&connection, std::slice::from_ref(one), actor)
                            .await
                        {
                            Ok(part) => done.add(part),
                            Err(Store::Refused { sentence, .. }) => {
                                done.left.push((one.facts.name.clone(), sentence));
                            }
                            Err(error) => return Err(error.into()),
                        }
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    /// Makes the people of a chunk, all or none.
    async fn make_rows(
        &self,
        connection: &Connection,
        rows: &[Account],
        actor: &str,
    ) -> std::result::Result<Made, Store> {
        let (connection, rows, actor, now) =
            (connection.clone(), rows.to_vec(), actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| {
            let mut done = Made::default();
            for one in &rows {
                match make(tx, &actor, now, &connection, one)? {
                    None => done.made += 1,
                    Some(why) => done.left.push((one.facts.name.clone(), why)),
                }
            }
            Ok::<_, Store>(done)
        };
        self.db.write(write).await
    }

    async fn accounts_to_make(
        &self,
        connection: &Connection,
        chosen: &Chosen<String>,
    ) -> Result<Vec<Account>> {
        let key = connection.key;
        let named: Option<Vec<String>> = match chosen {
            Chosen::All => None,
            Chosen::These(ids) => {
                refuse_many(ids.len())?;
                Some(ids.iter().map(|id| canonical(id)).collect())
            }
        };
        let read = move |tx: &mut Tx| {
            let Some(named) = &named else {
                return unlinked(tx, key);
            };
            let mut found = Vec::new();
            for id in named {
                found.extend(identifier::account(tx, key, id)?.filter(is_open));
            }
            Ok(found)
        };
        Ok(self.db.read(read).await?)
    }
}

fn is_open(account: &Account) -> bool {
    matches!(account.state, LinkState::Unlinked | LinkState::Suggested)
}

/// The first of those accounts that are of somebody who is likely to sign in here.
fn unlinked(tx: &mut Tx, key: i64) -> std::result::Result<Vec<Account>, Store> {
    let mut asked = AccountsAsked {
        connection: key,
        state: Some(LinkState::Unlinked),
        ..AccountsAsked::default()
    };
    let mut found = Vec::new();
    loop {
        let page = identifier::accounts(tx, &asked, MOST)?;
        let plain = |one: &Account| {
            let facts = &one.facts;
            facts.enabled && !facts.guest && !facts.shared && !facts.protected
        };
        found.extend(page.accounts.into_iter().filter(plain));
        match page.next {
            Some(next) if found.len() < MOST => asked.after = Some(next),
            _ => break,
        }
    }
    found.truncate(MOST);
    Ok(found)
}

const LATER: &str =
    "Nothing is written to Microsoft; the immutable id is written by an act of its own, after a preview.";

fn question(accounts: &[Account]) -> Question {
    Question {
        code: "PRV-IDENTIFIER-CREATE",
        sentence: match accounts.len() {
            1 => format!("One person is made here, linked to the account by its object id. {LATER}"),
            count => {
                format!("{count} people are made here, each linked to an account by its object id. {LATER}")
            }
        },
        hint: "Read the list. Link those instead who are in the directory under another name.",
        list: accounts
            .iter()
            .map(|one| format!("{} ({})", one.facts.label, one.facts.name))
            .collect(),
    }
}

/// Makes one person; answers why not.
fn make(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    one: &Account,
) -> std::result::Result<Option<String>, Store> {
    let stands = identifier::account(tx, connection.key, &one.facts.id)?;
    let Some(account) = stands.filter(is_open) else {
        return Ok(Some("it is linked or exempt meanwhile".to_owned()));
    };
    let workspace = connection.workspace;
    if let Some(other) = directory::holder(tx, workspace, Kind::Person, &account.facts.name)? {
        return Ok(Some(format!(
            "{} has this user name: link the two instead",
            other.label
        )));
    }
    let owner = Owner {
        workspace,
        key: workspace,
    };
    let change = Change { owner, actor, now };
    let placement = Placement {
        role: "user",
        team: None,
        permission: None,
    };
    let document = document(&account);
    let made = directory::create(tx, &change, Kind::Person, Uuid::now_v7(), &document, &placement)?;
    identifier::tie(tx, actor, now, connection, &made, &account.facts.id)?;
    Ok(None)
}

/// What the account says of its person.
fn document(account: &Account) -> Document {
    let facts = &account.facts;
    let mut document = Document::new();
    let mut put = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    put("userName", json!(facts.name));
    put("displayName", json!(facts.label));
    put("active", json!(facts.enabled));
    if !facts.mail.is_empty() {
        put(
            "emails",
            json!([{"value": facts.mail, "type": "work", "primary": true}]),
        );
    }
    if !facts.employee.is_empty() {
        put(ENTERPRISE, json!({"employeeNumber": facts.employee}));
    }
    document
}
