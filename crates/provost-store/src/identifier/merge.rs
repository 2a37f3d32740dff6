//! Two people who are one: what one has goes over to the other, who stays; the one who goes lies in the recycle bin as
//! they were.

use super::held::{self, Sort};
use super::{LinkState, account, person, reading, tie};
use crate::connection;
use crate::directory::{self, Change, Object};
use crate::member::{self, Joining};
use crate::{
    Error, Result, Tx, application, assignment, audit, federated_signin, federation, leaver, link, migration,
    protection,
};
use provost_engine::object::Kind;
use provost_scim::resource::Document;
use serde_json::Value;

crate::statements! {
    PROTECTIONS = "SELECT connection, reason FROM protection WHERE object = $1 ORDER BY object";
    LINKS = "SELECT l.rule, l.target_id, r.connection FROM link l JOIN rule r ON r.key = l.rule WHERE l.object = $1";
}

/// Attributes of the one who goes that the one who stays never takes: who they are, and whether they may act.
const OWN: [&str; 4] = ["userName", "externalId", "active", "schemas"];

/// What goes over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merge {
    /// Attributes that the one who stays had none of.
    pub filled: Vec<String>,
    /// Names of the groups that they join.
    pub groups: Vec<String>,
    /// Names of the accounts that become theirs.
    pub accounts: Vec<String>,
    /// Names of the connections that they are assigned to.
    pub assigned: Vec<String>,
    /// Whether an administrator's block goes over.
    pub blocked: bool,
}

/// What would go over from `goes` to `stays`. Changes nothing.
///
/// # Errors
/// [`Error::Refused`]: `PRV-MERGE-SAME`, `PRV-MERGE-OWNER` when a provider keeps the one who goes, `PRV-MERGE-ACCOUNTS`
/// when both have an account in one tenant, `PRV-MERGE-GROUPS`, `PRV-MERGE-LEAVER`.
fn weigh(tx: &mut Tx, stays: &Object, goes: &Object) -> Result<(Merge, Document)> {
    refuse_same(stays, goes)?;
    refuse_owned(goes)?;
    refuse_leaver(tx, goes)?;
    refuse_two_accounts(tx, stays, goes)?;
    let groups = member::groups_of(tx, goes.key)?;
    if stays.owner != goes.owner
        && let Some(group) = groups.first()
    {
        return Err(Error::refused(
            "PRV-MERGE-GROUPS",
            format!(
                "{} is in the group {}, which {} cannot join: a provider keeps them",
                goes.label, group.label, stays.label
            ),
            "Take the one who goes out of the groups first.",
        ));
    }
    let mut found = Merge {
        blocked: goes.blocked.is_some() && stays.blocked.is_none(),
        groups: groups.into_iter().map(|group| group.label).collect(),
        ..Merge::default()
    };
    for (_, id) in held::accounts_of_object(tx, goes.key)? {
        found.accounts.push(name_of(tx, goes, &id)?);
    }
    for key in assignment::connections(tx, goes.key)? {
        if !assignment::contains(tx, key, stays.key)? {
            found
                .assigned
                .extend(connection::by_key(tx, key)?.map(|one| one.name));
        }
    }
    let document = if stays.owner == goes.owner {
        let (document, filled) = filled(stays, goes)?;
        found.filled = filled;
        document
    } else {
        // What a provider keeps is the provider's to change.
        parsed(stays)?
    };
    Ok((found, document))
}

/// The userPrincipalName of an account that a person holds, as far as a tenant was read.
fn name_of(tx: &mut Tx, object: &Object, id: &str) -> Result<String> {
    for connection in reading::connections(tx, object.workspace)? {
        if let Some(found) = account(tx, connection, id)? {
            return Ok(found.facts.name);
        }
    }
    Ok(id.to_owned())
}

fn parsed(object: &Object) -> Result<Document> {
    serde_json::from_str(&object.document).map_err(|e| Error::Damaged(e.to_string()))
}

/// The document of the one who stays, with what only the other has; mail addresses are added behind their own.
fn filled(stays: &Object, goes: &Object) -> Result<(Document, Vec<String>)> {
    let (mut document, other) = (parsed(stays)?, parsed(goes)?);
    let mut names = Vec::new();
    for (name, value) in other {
        if OWN.contains(&name.as_str()) {
            continue;
        }
        match document.get_mut(&name) {
            None => {
                document.insert(name.clone(), value);
                names.push(name);
            }
            Some(Value::Array(own)) if name == "emails" => {
                let more = addresses(&value, own);
                if !more.is_empty() {
                    own.extend(more);
                    names.push(name);
                }
            }
            Some(_) => {}
        }
    }
    Ok((document, names))
}

/// Mail addresses that the one who stays has not; none of them is the first.
fn addresses(value: &Value, own: &[Value]) -> Vec<Value> {
    let key = |one: &Value| one["value"].as_str().map(provost_scim::resource::fold);
    let known: Vec<_> = own.iter().filter_map(key).collect();
    let all = value.as_array().map_or(&[][..], Vec::as_slice);
    let new = all
        .iter()
        .filter(|one| key(one).is_some_and(|address| !known.contains(&address)));
    new.cloned()
        .map(|mut one| {
            if let Some(fields) = one.as_object_mut() {
                fields.remove("primary");
            }
            one
        })
        .collect()
}

fn refuse_same(stays: &Object, goes: &Object) -> Result<()> {
    let is_possible = stays.key != goes.key
        && stays.workspace == goes.workspace
        && stays.kind == Kind::Person
        && goes.kind == Kind::Person;
    if is_possible {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-MERGE-SAME",
        format!(
            "{} and {} are not two people of one workspace",
            stays.label, goes.label
        ),
        "Name two people: first who stays, then who goes.",
    ))
}

fn refuse_owned(goes: &Object) -> Result<()> {
    if goes.owner == goes.workspace {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-MERGE-OWNER",
        format!(
            "{} is kept by a provider, which would make them again",
            goes.label
        ),
        "Merge the other way round, or have the provider delete them.",
    ))
}

fn refuse_leaver(tx: &mut Tx, goes: &Object) -> Result<()> {
    if leaver::connections(tx, goes.key)?.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-MERGE-LEAVER",
        format!(
            "{} is leaving, and what was asked for that is under way",
            goes.label
        ),
        "End the leaving first.",
    ))
}

/// Two accounts cannot become one.
fn refuse_two_accounts(tx: &mut Tx, stays: &Object, goes: &Object) -> Result<()> {
    let mut places = Vec::new();
    for key in reading::connections(tx, stays.workspace)? {
        for one in [stays, goes] {
            let state = person(tx, key, one.key)?.map(|found| found.state);
            places.extend((state == Some(LinkState::Linked)).then_some((key, one.key)));
        }
    }
    for one in [stays, goes] {
        let linked = tx.query(LINKS, &[one.key.into()], |r| r.int(2))?;
        places.extend(linked.into_iter().map(|key| (key, one.key)));
    }
    let both = places.iter().find(|(place, who)| {
        *who == stays.key
            && places
                .iter()
                .any(|(other, them)| other == place && *them == goes.key)
    });
    let Some((place, _)) = both else {
        return Ok(());
    };
    let name = connection::by_key(tx, *place)?.map_or_else(String::new, |one| one.name);
    Err(Error::refused(
        "PRV-MERGE-ACCOUNTS",
        format!(
            "{} and {} both have an account in the target of \"{name}\", and two accounts cannot become one",
            stays.label, goes.label
        ),
        "Unlink the account that is not wanted, then merge.",
    ))
}

/// What a merge would carry over. Changes nothing.
///
/// # Errors
/// As [`merge`].
pub fn merge_preview(tx: &mut Tx, stays: &Object, goes: &Object) -> Result<Merge> {
    weigh(tx, stays, goes).map(|(found, _)| found)
}

/// Makes one of two people: accounts, groups, assignments, protections and a block go over to `stays`, and what `stays`
/// has no value of. `goes` lies in the recycle bin with all they had, and can be restored from it.
///
/// # Errors
/// [`Error::Refused`]: `PRV-MERGE-SAME`, `PRV-MERGE-OWNER` when a provider keeps the one who goes, `PRV-MERGE-ACCOUNTS`
/// when both have an account in one tenant, `PRV-MERGE-GROUPS`, `PRV-MERGE-LEAVER`.
pub fn merge(tx: &mut Tx, actor: &str, now: i64, stays: &Object, goes: &Object) -> Result<Merge> {
    let (found, document) = weigh(tx, stays, goes)?;
    let change = Change {
        owner: stays.owned_by(),
        actor,
        now,
    };
    let groups = member::groups_of(tx, goes.key)?;
    let joining = [Joining::from(stays)];
    for peer in groups {
        if let Some(group) = directory::by_key(tx, peer.key)? {
            member::add(tx, &change, &group, &joining)?;
        }
    }
    for key in assignment::connections(tx, goes.key)? {
        if let Some(to) = connection::by_key(tx, key)? {
            assignment::add(tx, actor, now, &to, stays)?;
        }
    }
    for (key, reason) in tx.query(PROTECTIONS, &[goes.key.into()], |r| Ok((r.int(0)?, r.text(1)?)))? {
        let of = match key {
            0 => None,
            key => connection::by_key(tx, key)?,
        };
        protection::add(tx, actor, now, of.as_ref(), stays, &reason)?;
    }
    if found.blocked {
        let reason = format!("merged with {}, who was blocked", goes.label);
        directory::block(tx, actor, now, stays, &reason)?;
    }
    carry_accounts(tx, actor, now, stays, goes)?;
    if !found.filled.is_empty()
        && let Some(current) = directory::by_key(tx, stays.key)?
    {
        directory::replace(tx, &change, &current, &document)?;
    }
    let change = Change {
        owner: goes.owned_by(),
        actor,
        now,
    };
    carry_sign_ins(tx, now, stays, goes)?;
    directory::delete(tx, &change, goes)?;
    let detail = format!(
        "{} ({}) went: {} accounts, {} groups, {} assignments, attributes: {}",
        goes.label,
        goes.id,
        found.accounts.len(),
        found.groups.len(),
        found.assigned.len(),
        found.filled.join(" ")
    );
    audit::append(
        tx,
        stays.workspace,
        now,
        actor,
        "identifier.merge",
        stays.id,
        &detail,
    )?;
    Ok(found)
}

/// What was noted when the one who goes signed in is about the one who stays.
fn carry_sign_ins(tx: &mut Tx, now: i64, stays: &Object, goes: &Object) -> Result<()> {
    migration::move_onboarding(tx, stays.workspace, stays.key, goes.key)?;
    federated_signin::move_to(tx, stays.key, goes.key)?;
    federation::move_pilot(tx, stays.key, goes.key)?;
    application::entry::move_to(tx, now, stays.key, goes.key)
}

/// Links that cycles have made are made again for the one who stays, and so are those that a person made.
fn carry_accounts(tx: &mut Tx, actor: &str, now: i64, stays: &Object, goes: &Object) -> Result<()> {
    let held = held::accounts_of_object(tx, goes.key)?;
    let links = tx.query(LINKS, &[goes.key.into()], |r| {
        Ok((r.int(0)?, r.text(1)?, r.int(2)?))
    })?;
    for (rule, target, key) in links {
        let Some(of) = connection::by_key(tx, key)? else {
            continue;
        };
        link::unlink(tx, actor, now, &of, rule, goes.key)?;
        let to = link::Relink {
            rule,
            object: stays,
            target_id: &target,
        };
        link::relink(tx, actor, now, &of, &to)?;
    }
    for (workspace, id) in held {
        if held::holder(tx, workspace, Sort::Account, &id)?.is_some_and(|who| who.object == goes.key) {
            tie::release(tx, workspace, goes.key, &id)?;
        }
        for key in reading::connections(tx, workspace)? {
            let is_there = account(tx, key, &id)?.is_some();
            if let Some(of) = connection::by_key(tx, key)?.filter(|_| is_there) {
                held::drop_immutable(tx, goes.key)?;
                take(tx, now, &of, stays, &id)?;
            }
        }
    }
    Ok(())
}

/// The account becomes that of the one who stays, whatever immutable id it carries: it is that of the one who went.
fn take(tx: &mut Tx, now: i64, of: &connection::Connection, stays: &Object, id: &str) -> Result<()> {
    held::hold(tx, now, of.workspace, Sort::Account, id, stays.key)?;
    tie::settle(tx, of.workspace, stays.key, stays.id, id)?;
    let Some(after) = account(tx, of.key, id)? else {
        return Ok(());
    };
    let shown = after.facts.immutable_id.as_str();
    if after.immutable == account::ImmutableState::Kept && !shown.is_empty() {
        held::hold(tx, now, of.workspace, Sort::Immutable, shown, stays.key)?;
    }
    Ok(())
}
