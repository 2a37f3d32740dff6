//! On what an assertion about somebody stands: looked at before it is signed, and once more in the transaction that
//! issues it.

use super::{Why, is_open};
use crate::Result;
use crate::person::SignedIn;
use provost_store::Tx;
use provost_store::identifier::{self, LinkState, Sort};
use provost_store::microsoft_365::{self, Provider};
use provost_store::person_signin::{self, Person, session};
use provost_store::signing_key::{self, Slot};

/// What an assertion says, and what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ground {
    /// Whom it is about.
    pub person: Person,
    /// The immutable id of their account, in the letters in which it is kept there.
    pub immutable_id: String,
    /// The userPrincipalName of their account.
    pub name: String,
    /// When they last proved who they are.
    pub proved: i64,
    /// The key that signs.
    pub key: i64,
}

type Looked<T> = std::result::Result<T, Why>;

/// What an assertion about whoever is signed in stands on at this moment, or why there is none.
pub(super) fn look(tx: &mut Tx, now: i64, provider: i64, signed: &SignedIn) -> Result<Looked<Ground>> {
    let Some(provider) = microsoft_365::by_key(tx, provider)?.filter(is_open) else {
        return Ok(Err(Why::ProviderOff));
    };
    let (person, proved) = match whose(tx, now, &provider, signed)? {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let (immutable_id, name) = match account(tx, &provider, &person)? {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let Some(kept) = signing_key::in_slot(tx, provider.key, Slot::Current)? else {
        return Ok(Err(Why::NoKey));
    };
    if kept.is_over(now) {
        return Ok(Err(Why::KeyOver));
    }
    Ok(Ok(Ground {
        person,
        immutable_id,
        name,
        proved,
        key: kept.key,
    }))
}

/// The person, when their session is one of the provider's workspace and the directory lets them in.
fn whose(tx: &mut Tx, now: i64, provider: &Provider, signed: &SignedIn) -> Result<Looked<(Person, i64)>> {
    match person_signin::standing(tx, signed.person.key)? {
        None => return Ok(Err(Why::Session)),
        Some((_, Some(closed))) => return Ok(Err(Why::closed(closed))),
        Some((_, None)) => {}
    }
    let Some((session, person, _)) = session::by_key(tx, signed.session.key)? else {
        return Ok(Err(Why::Session));
    };
    let counts = now < session.expires && person.workspace == provider.workspace;
    Ok(if counts {
        Ok((person, session.fresh))
    } else {
        Err(Why::Session)
    })
}

/// The immutable id and the name of the account that a person is linked to in the provider's tenant.
fn account(tx: &mut Tx, provider: &Provider, person: &Person) -> Result<Looked<(String, String)>> {
    let Some(connection) = provider.connection else {
        return Ok(Err(Why::NotLinked));
    };
    let stands = identifier::person(tx, connection, person.key)?;
    let Some(stands) = stands.filter(|one| one.state == LinkState::Linked) else {
        return Ok(Err(Why::NotLinked));
    };
    let found = identifier::account(tx, connection, &stands.account)?;
    let is_theirs = |one: &identifier::Account| one.state == LinkState::Linked && one.person == person.key;
    let Some(found) = found.filter(is_theirs) else {
        return Ok(Err(Why::NotLinked));
    };
    if !holds(tx, provider, Sort::Account, &found.facts.id, person)? {
        return Ok(Err(Why::NotLinked));
    }
    let immutable = found.facts.immutable_id;
    if immutable.is_empty() {
        return Ok(Err(Why::NoImmutableId));
    }
    if !holds(tx, provider, Sort::Immutable, &immutable, person)? {
        return Ok(Err(Why::ImmutableId));
    }
    if !is_in(&found.facts.name, &provider.domain) {
        return Ok(Err(Why::Domain));
    }
    Ok(Ok((immutable, found.facts.name)))
}

fn holds(tx: &mut Tx, provider: &Provider, sort: Sort, value: &str, person: &Person) -> Result<bool> {
    let holder = identifier::holder(tx, provider.workspace, sort, value)?;
    Ok(holder.is_some_and(|holder| holder.object == person.key))
}

/// Whether a name is in a domain or below it: a subdomain has the federation of its domain (Microsoft, "Multiple domain
/// support for federating with Microsoft Entra ID").
fn is_in(name: &str, domain: &str) -> bool {
    let Some((local, of)) = name.rsplit_once('@') else {
        return false;
    };
    let of = of.to_ascii_lowercase();
    let below = || of.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    !local.is_empty() && !domain.is_empty() && (of == domain || below())
}

#[cfg(test)]
mod tests {
    use super::is_in;

    #[test]
    fn a_name_is_in_its_domain_or_below_it() {
        for name in [
            "ann@contoso.example",
            "ann@CONTOSO.example",
            "ann@corp.contoso.example",
        ] {
            assert!(is_in(name, "contoso.example"), "{name}");
        }
        for name in [
            "ann@fabrikam.example",
            "ann@notcontoso.example",
            "ann@contoso.example.fabrikam.example",
            "ann@contoso.onmicrosoft.com",
            "@contoso.example",
            "contoso.example",
            "",
        ] {
            assert!(!is_in(name, "contoso.example"), "{name}");
        }
        assert!(!is_in("ann@", ""));
    }
}
