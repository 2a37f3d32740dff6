//! The two lists, who needs something first, and the numbers on top of them.

use super::LinkState;
use super::account::{self, Account, columns, joined};
use super::person::Person;
use crate::{Error, Result, Row, Tx};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! person_columns {
    () => {
        "p.object, p.state, p.account, p.score, p.why, p.reason, p.owner, p.exempted, p.actor, p.name_key, o.id, o.label, \
         COALESCE(t.name, ''), COALESCE(t.label, '')"
    };
}
macro_rules! person_joined {
    () => {
        " FROM tenant_person p JOIN object o ON o.key = p.object \
         LEFT JOIN tenant_account t ON t.connection = p.connection AND t.id = p.account "
    };
}

crate::statements! {
    ACCOUNTS = concat!("SELECT ", columns!(), ", t.name_key", joined!(), "WHERE t.connection = $1 \
                AND (t.state, t.name_key, t.id) > ($2, $3, $4) ORDER BY t.state, t.name_key, t.id LIMIT $5");
    ACCOUNTS_OF = concat!("SELECT ", columns!(), ", t.name_key", joined!(), "WHERE t.connection = $1 AND t.state = $2 \
                   AND (t.name_key, t.id) > ($3, $4) ORDER BY t.name_key, t.id LIMIT $5");
    PEOPLE = concat!("SELECT ", person_columns!(), person_joined!(), "WHERE p.connection = $1 \
              AND (p.state, p.name_key, p.object) > ($2, $3, $4) ORDER BY p.state, p.name_key, p.object LIMIT $5");
    PEOPLE_OF = concat!("SELECT ", person_columns!(), person_joined!(), "WHERE p.connection = $1 AND p.state = $2 \
                 AND (p.name_key, p.object) > ($3, $4) ORDER BY p.name_key, p.object LIMIT $5");
    ACCOUNT_COUNTS = "SELECT state, COUNT(*) FROM tenant_account WHERE connection = $1 GROUP BY state";
    PEOPLE_COUNTS = "SELECT state, COUNT(*) FROM tenant_person WHERE connection = $1 GROUP BY state";
}

/// Rows that are read at once in a search.
const CHUNK: usize = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;

crate::word::words! {
    /// What is special about an account.
    Mark, "mark of an account":
    /// It is a guest's.
    Guest = "guest",
    /// It looks like a shared mailbox: it may not sign in, has a mail address and no licence.
    Shared = "shared",
    /// It may not sign in.
    Disabled = "disabled",
    /// The connection names it as one that is never written.
    Protected = "protected",
    /// A directory on premises writes it.
    Synchronised = "synchronised",
}

impl Mark {
    /// Whether an account has it.
    pub fn is_of(self, account: &Account) -> bool {
        let facts = &account.facts;
        match self {
            Self::Guest => facts.guest,
            Self::Shared => facts.shared,
            Self::Disabled => !facts.enabled,
            Self::Protected => facts.protected,
            Self::Synchronised => facts.synchronised,
        }
    }
}

/// Where a list goes on: state, folded name, and id or key of the last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    state: i64,
    name: String,
    last: String,
}

impl After {
    fn start() -> Self {
        Self {
            state: 0,
            name: String::new(),
            last: String::new(),
        }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{}", self.state, self.last, self.name)
    }
}

impl FromStr for After {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, '~');
        let state = parts.next().and_then(|part| part.parse().ok());
        match (state, parts.next(), parts.next()) {
            (Some(state), Some(last), Some(name)) => Ok(Self {
                state,
                name: name.to_owned(),
                last: last.to_owned(),
            }),
            _ => Err(Error::refused(
                "PRV-WORD",
                "the list does not go on there",
                "Leave the place out to begin.",
            )),
        }
    }
}

/// Which accounts are asked for. Every condition must hold.
#[derive(Debug, Clone, Default)]
pub struct AccountsAsked {
    /// The connection's key.
    pub connection: i64,
    /// Only of this state.
    pub state: Option<LinkState>,
    /// Only with this mark.
    pub mark: Option<Mark>,
    /// With this in the userPrincipalName, the display name, the mail address or the employee number, in any letter
    /// case, or with this object id.
    pub text: Option<String>,
    /// Only after this line: the `next` of the page before.
    pub after: Option<After>,
}

/// A page of accounts: unlinked ones first, then suggested, exempt and linked ones, each by userPrincipalName.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountsPage {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// Where to go on; none at the end. A page may have fewer lines than were asked for, even none, and still go on:
    /// one search looks at 20,000 rows at most.
    pub next: Option<After>,
}

/// Which people are asked for. Every condition must hold.
#[derive(Debug, Clone, Default)]
pub struct PeopleAsked {
    /// The connection's key.
    pub connection: i64,
    /// Only of this state; none: everybody who is not linked.
    pub state: Option<LinkState>,
    /// With this in the user name or the display name, in any letter case, or with this public id.
    pub text: Option<String>,
    /// Only after this line: the `next` of the page before.
    pub after: Option<After>,
}

/// Somebody in the list of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    /// How they stand.
    pub person: Person,
    /// The public id.
    pub id: Uuid,
    /// What to call them.
    pub label: String,
    /// The folded user name.
    pub name: String,
    /// The userPrincipalName of the account that is linked or suggested; empty for none.
    pub account_name: String,
    /// Its display name.
    pub account_label: String,
}

/// A page of people: unlinked ones first, then suggested and exempt ones, each by user name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeoplePage {
    /// The people.
    pub people: Vec<PersonLine>,
    /// As [`AccountsPage::next`].
    pub next: Option<After>,
}

fn person_line(row: &Row) -> Result<PersonLine> {
    Ok(PersonLine {
        person: Person {
            object: row.int(0)?,
            state: LinkState::of(row.int(1)?),
            account: row.text(2)?,
            score: row.int(3)?,
            why: row.text(4)?,
            reason: row.text(5)?,
            owner: row.text(6)?,
            exempted: row.int(7)?,
            actor: row.text(8)?,
        },
        name: row.text(9)?,
        id: row.uuid(10)?,
        label: row.text(11)?,
        account_name: row.text(12)?,
        account_label: row.text(13)?,
    })
}

/// A page of the accounts of a connection's tenant.
///
/// # Errors
/// [`Error::Timeout`]; any error of the database.
pub fn accounts(tx: &mut Tx, asked: &AccountsAsked, limit: usize) -> Result<AccountsPage> {
    let wanted = Wanted::of(asked.text.as_deref());
    let is_narrow = wanted.is_narrow() || asked.mark.is_some();
    let rows = chunk(is_narrow, limit);
    let (mut page, mut looked_at) = (AccountsPage::default(), 0);
    let mut place = asked.after.clone().unwrap_or_else(After::start);
    loop {
        tx.keep_time()?;
        let found = account_rows(tx, asked, &place, rows)?;
        let is_last = found.len() < rows;
        for (account, name) in found {
            if page.accounts.len() >= limit || looked_at >= LOOKED_AT {
                page.next = Some(place);
                return Ok(page);
            }
            looked_at += 1;
            place = After {
                state: account.state.number(),
                name,
                last: account.facts.id.clone(),
            };
            let facts = &account.facts;
            let texts = [&facts.name, &facts.label, &facts.mail, &facts.employee, &facts.id];
            if asked.mark.is_none_or(|mark| mark.is_of(&account)) && wanted.fits(&texts) {
                page.accounts.push(account);
            }
        }
        if is_last {
            return Ok(page);
        }
    }
}

/// A page needs one row more than it shows, to know whether it goes on; a search reads more at once.
fn chunk(is_narrow: bool, limit: usize) -> usize {
    if is_narrow { CHUNK } else { limit + 1 }
}

fn account_rows(
    tx: &mut Tx,
    asked: &AccountsAsked,
    place: &After,
    rows: usize,
) -> Result<Vec<(Account, String)>> {
    let (connection, limit) = (asked.connection.into(), (rows as i64).into());
    let (name, last) = (place.name.as_str().into(), place.last.as_str().into());
    let read = |row: &Row| Ok((account::read(row)?, row.text(23)?));
    match asked.state {
        Some(state) => tx.query(
            ACCOUNTS_OF,
            &[connection, state.number().into(), name, last, limit],
            read,
        ),
        None => tx.query(
            ACCOUNTS,
            &[connection, place.state.into(), name, last, limit],
            read,
        ),
    }
}

/// A page of the people of a connection's workspace who are not linked to an account of its tenant, or of one state.
///
/// # Errors
/// [`Error::Timeout`]; any error of the database.
pub fn people(tx: &mut Tx, asked: &PeopleAsked, limit: usize) -> Result<PeoplePage> {
    let wanted = Wanted::of(asked.text.as_deref());
    let rows = chunk(wanted.is_narrow(), limit);
    let (mut page, mut looked_at) = (PeoplePage::default(), 0);
    let mut place = asked.after.clone().unwrap_or_else(After::start);
    loop {
        tx.keep_time()?;
        let found = people_rows(tx, asked, &place, rows)?;
        let is_last = found.len() < rows;
        for line in found {
            // They come last: who is linked is on the other tab.
            if asked.state.is_none() && line.person.state == LinkState::Linked {
                return Ok(page);
            }
            if page.people.len() >= limit || looked_at >= LOOKED_AT {
                page.next = Some(place);
                return Ok(page);
            }
            looked_at += 1;
            place = After {
                state: line.person.state.number(),
                name: line.name.clone(),
                last: line.person.object.to_string(),
            };
            let id = line.id.to_string();
            if wanted.fits(&[&line.name, &line.label, &id]) {
                page.people.push(line);
            }
        }
        if is_last {
            return Ok(page);
        }
    }
}

fn people_rows(tx: &mut Tx, asked: &PeopleAsked, place: &After, rows: usize) -> Result<Vec<PersonLine>> {
    let (connection, limit) = (asked.connection.into(), (rows as i64).into());
    let last: i64 = place.last.parse().unwrap_or(0);
    let name = place.name.as_str().into();
    match asked.state {
        Some(state) => tx.query(
            PEOPLE_OF,
            &[connection, state.number().into(), name, last.into(), limit],
            person_line,
        ),
        None => tx.query(
            PEOPLE,
            &[connection, place.state.into(), name, last.into(), limit],
            person_line,
        ),
    }
}

/// What a line has to hold.
struct Wanted(String);

impl Wanted {
    fn of(text: Option<&str>) -> Self {
        Self(text.unwrap_or_default().trim().to_lowercase())
    }

    fn is_narrow(&self) -> bool {
        !self.0.is_empty()
    }

    fn fits(&self, texts: &[&String]) -> bool {
        self.0.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&self.0))
    }
}

/// How many stand how; together they are all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Tied to the other side.
    pub linked: i64,
    /// Somebody may belong to them.
    pub suggested: i64,
    /// Nobody is known to belong to them.
    pub unlinked: i64,
    /// Somebody said that they need nobody.
    pub exempt: i64,
}

impl Counts {
    /// All of them.
    pub fn total(&self) -> i64 {
        self.linked + self.suggested + self.unlinked + self.exempt
    }

    /// How many wait for a person.
    pub fn open(&self) -> i64 {
        self.unlinked + self.suggested
    }
}

fn counts(tx: &mut Tx, sql: &str, connection: i64) -> Result<Counts> {
    let mut counts = Counts::default();
    tx.for_each(sql, &[connection.into()], |r| {
        let place = match LinkState::of(r.int(0)?) {
            LinkState::Linked => &mut counts.linked,
            LinkState::Suggested => &mut counts.suggested,
            LinkState::Unlinked => &mut counts.unlinked,
            LinkState::Exempt => &mut counts.exempt,
        };
        *place = r.int(1)?;
        Ok(true)
    })?;
    Ok(counts)
}

/// How the accounts of a connection's tenant stand, counted in an index.
///
/// # Errors
/// Any error of the database.
pub fn account_counts(tx: &mut Tx, connection: i64) -> Result<Counts> {
    counts(tx, ACCOUNT_COUNTS, connection)
}

/// How the people of a connection's workspace stand to its tenant, counted in an index.
///
/// # Errors
/// Any error of the database.
pub fn people_counts(tx: &mut Tx, connection: i64) -> Result<Counts> {
    counts(tx, PEOPLE_COUNTS, connection)
}
