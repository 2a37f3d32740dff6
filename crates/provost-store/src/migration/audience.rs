//! Whom a letter of a migration goes to: who is left, can use it and has an address; and why the others get none.

use crate::directory::{self, Object, columns};
use crate::identifier::LinkState;
use crate::provider::{self, State};
use crate::{Result, Row, Tx, word};
use serde_json::Value;
use std::collections::BTreeMap;

crate::statements! {
    AUDIENCE = concat!("SELECT ", columns!(), ", p.state, p.name_key, CAST(CASE WHEN EXISTS (SELECT 1 FROM onboarding n \
                WHERE n.provider = $1 AND n.person = p.object AND n.state = 5) THEN 1 ELSE 0 END AS BIGINT), \
                COALESCE(l.state, '') FROM tenant_person p JOIN object o ON o.key = p.object \
                LEFT JOIN migration_letter l ON l.mailing = $2 AND l.person = p.object WHERE p.connection = $3 \
                AND (p.state, p.name_key, p.object) > ($4, $5, $6) ORDER BY p.state, p.name_key, p.object LIMIT $7");
    STANDS = "SELECT p.state, CAST(CASE WHEN EXISTS (SELECT 1 FROM onboarding n WHERE n.provider = $1 \
              AND n.person = p.object AND n.state = 5) THEN 1 ELSE 0 END AS BIGINT) FROM tenant_person p \
              WHERE p.connection = $2 AND p.object = $3";
}

/// Rows of people that are read at once.
const CHUNK: i64 = 500;
/// The longest mail address (RFC 5321 section 4.5.3.1.3).
const LONGEST: usize = 254;

word::words! {
    /// Why somebody gets no letter.
    LeftOut, "reason for no letter":
    /// They signed in and are linked.
    Onboarded = "onboarded",
    /// Somebody said that they need no account.
    Exempt = "exempt",
    /// They are inactive, blocked, or of a provider that is off.
    Inactive = "inactive",
    /// The directory has no mail address for them.
    NoAddress = "no_address",
    /// They got this letter, or it is on its way.
    Written = "written",
}

/// Somebody who is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The key of the person; 0 for who answers for the window.
    pub person: i64,
    /// What to call them.
    pub label: String,
    /// Their mail address.
    pub address: String,
    /// The tag of the language that they prefer, as the directory has it; may be empty.
    pub language: String,
}

/// Somebody without an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// The public id.
    pub id: uuid::Uuid,
    /// What to call them.
    pub label: String,
}

/// Whom a letter goes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audience {
    /// Who is written to: those linked to no account first, each by user name.
    pub recipients: Vec<Recipient>,
    /// Who has no mail address.
    pub unreachable: Vec<Unreachable>,
    /// How many get none, by the reason.
    pub left_out: BTreeMap<&'static str, i64>,
}

/// Whom a letter of a provider's migration goes to now. `mailing`: the one that it belongs to, 0 for a new one.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn audience(tx: &mut Tx, provider: i64, connection: i64, mailing: i64) -> Result<Audience> {
    let mut found = Audience::default();
    let mut owners = BTreeMap::new();
    let mut place = (0, String::new(), 0);
    loop {
        tx.keep_time()?;
        let params = [
            provider.into(),
            mailing.into(),
            connection.into(),
            place.0.into(),
            place.1.as_str().into(),
            place.2.into(),
            CHUNK.into(),
        ];
        let rows = tx.query(AUDIENCE, &params, Candidate::read)?;
        let is_last = (rows.len() as i64) < CHUNK;
        for one in rows {
            place = (one.state, one.name.clone(), one.object.key);
            let is_off = is_off(tx, &mut owners, one.object.owner)?;
            sort(&mut found, one, is_off);
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// Whether somebody is left in a migration: neither onboarded nor exempt, and able to sign in.
///
/// # Errors
/// Any error of the database.
pub fn is_left(tx: &mut Tx, provider: i64, connection: i64, person: i64) -> Result<bool> {
    let params = [provider.into(), connection.into(), person.into()];
    let found = tx.first(STANDS, &params, |r| Ok((r.int(0)?, r.int(1)? > 0)))?;
    let Some((state, is_onboarded)) = found else {
        return Ok(false);
    };
    let is_done = LinkState::of(state) == LinkState::Linked && is_onboarded;
    if is_done || LinkState::of(state) == LinkState::Exempt {
        return Ok(false);
    }
    Ok(crate::person_signin::open(tx, person)?.is_some())
}

struct Candidate {
    object: Object,
    state: i64,
    name: String,
    is_onboarded: bool,
    letter: String,
}

impl Candidate {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            object: directory::read(row)?,
            state: row.int(12)?,
            name: row.text(13)?,
            is_onboarded: row.int(14)? > 0,
            letter: row.text(15)?,
        })
    }

    fn left_out(&self, is_off: bool) -> Option<LeftOut> {
        let link = LinkState::of(self.state);
        if link == LinkState::Exempt {
            Some(LeftOut::Exempt)
        } else if link == LinkState::Linked && self.is_onboarded {
            Some(LeftOut::Onboarded)
        } else if is_off || !directory::is_enabled(&self.object) {
            Some(LeftOut::Inactive)
        } else if matches!(self.letter.as_str(), "sent" | "waiting") {
            Some(LeftOut::Written)
        } else {
            None
        }
    }
}

fn sort(found: &mut Audience, one: Candidate, is_off: bool) {
    let reason = one.left_out(is_off);
    if let Some(reason) = reason {
        *found.left_out.entry(reason.as_str()).or_default() += 1;
        return;
    }
    let document: Value = serde_json::from_str(&one.object.document).unwrap_or_default();
    let Some(address) = address(&document) else {
        *found.left_out.entry(LeftOut::NoAddress.as_str()).or_default() += 1;
        found.unreachable.push(Unreachable {
            id: one.object.id,
            label: one.object.label,
        });
        return;
    };
    let language = document.get("preferredLanguage").and_then(Value::as_str);
    found.recipients.push(Recipient {
        person: one.object.key,
        label: one.object.label,
        address,
        language: language.unwrap_or_default().chars().take(40).collect(),
    });
}

/// Whether the provider that sent somebody is switched off. Whom administrators keep by hand, no provider owns.
fn is_off(tx: &mut Tx, owners: &mut BTreeMap<i64, bool>, owner: i64) -> Result<bool> {
    if let Some(known) = owners.get(&owner) {
        return Ok(*known);
    }
    let found = provider::by_key(tx, owner)?;
    let is_off = found.is_some_and(|one| one.state == State::Off);
    owners.insert(owner, is_off);
    Ok(is_off)
}

/// The address that somebody is written to: the primary one, else the one of work, else the first.
fn address(document: &Value) -> Option<String> {
    let all = document.get("emails")?.as_array()?;
    let value = |one: &&Value| {
        let text = one.get("value").and_then(Value::as_str);
        text.is_some_and(|text| is_address(text.trim()))
    };
    let good: Vec<&Value> = all.iter().filter(value).collect();
    let primary = |one: &&&Value| one.get("primary").and_then(Value::as_bool) == Some(true);
    let work = |one: &&&Value| one.get("type").and_then(Value::as_str) == Some("work");
    let chosen = good
        .iter()
        .find(primary)
        .or_else(|| good.iter().find(work))
        .or(good.first())?;
    let text = chosen.get("value").and_then(Value::as_str)?;
    Some(text.trim().to_owned())
}

/// One address and nothing else: something on both sides of one `@`, nothing that separates or hides.
fn is_address(text: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !",;<>()\"\\".contains(c);
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let has_both = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    has_both && text.len() <= LONGEST && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_primary_address_comes_first_then_that_of_work() {
        let of = |emails: Value| address(&json!({ "emails": emails }));
        let (home, work) = (
            json!({"value": "h@x", "type": "home"}),
            json!({"value": "w@x", "type": "work"}),
        );
        let primary = json!({"value": " p@x ", "type": "home", "primary": true});
        assert_eq!(of(json!([home, work, primary])).as_deref(), Some("p@x"));
        assert_eq!(of(json!([home, work])).as_deref(), Some("w@x"));
        assert_eq!(of(json!([home])).as_deref(), Some("h@x"));
        assert_eq!(of(json!([{"value": "a@x, b@x"}, home])).as_deref(), Some("h@x"));
        assert_eq!(of(json!([{"value": "nobody"}])), None);
        assert_eq!(address(&json!({})), None);
    }
}
