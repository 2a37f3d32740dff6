//! What administrators change of the licences of groups: with an audit row and a version of the configuration, and
//! the people concerned are looked at.

use super::{GroupLicence, Way, get, list};
use crate::config_version::{self, GroupLicence as Configured};
use crate::connection::Connection;
use crate::directory::{self, Object};
use crate::link_licence::join;
use crate::{Error, Result, Tx, assignment, audit, product, revisit};
use provost_engine::object::Kind;

crate::statements! {
    PUT = "INSERT INTO group_licence (key, connection, group_key, product, disabled_plans, way, written, created, actor) \
           VALUES ($1, $2, $3, $4, $5, $6, FALSE, $7, $8) ON CONFLICT (connection, group_key, product) DO UPDATE SET \
           written = CASE WHEN group_licence.disabled_plans = excluded.disabled_plans THEN group_licence.written ELSE FALSE END, \
           disabled_plans = excluded.disabled_plans, way = excluded.way";
    PLACED = "SELECT disabled_plans, way, written FROM group_licence WHERE connection = $1 AND group_key = $2 AND product = $3";
    END = "UPDATE group_licence SET way = 'ending' WHERE key = $1";
    DELETE = "DELETE FROM group_licence WHERE key = $1";
    WRITTEN = "UPDATE group_licence SET written = TRUE WHERE key = $1";
    UNWRITTEN = "UPDATE group_licence SET written = FALSE WHERE key = $1 AND way <> 'ending'";
    ENDED = "DELETE FROM group_licence WHERE key = $1 AND way = 'ending'";
}

/// Rows that are read at once.
const PAGE: i64 = 500;

/// A licence that a group is to bring.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The group.
    pub group: &'a Object,
    /// The product's key.
    pub product: i64,
    /// Ids of the services that are left out.
    pub disabled_plans: &'a [String],
    /// How it gets to the members.
    pub way: Way,
}

/// Has a group bring a licence; done again, the new services and way hold. `false`: it was so already.
///
/// # Errors
/// [`Error::Refused`]: `PRV-GROUP-LICENCE` when the object is no group of the connection's workspace or the
/// product is not one of the connection's, and for the way `ending`, which nobody chooses.
pub fn add(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, new: &New) -> Result<bool> {
    let added = write(tx, actor, now, connection, new)?;
    if added {
        config_version::append(tx, actor, now, connection, "licences of groups")?;
    }
    Ok(added)
}

fn write(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, new: &New) -> Result<bool> {
    refuse_wrong(connection, new)?;
    let found = product::get_of(tx, connection.key, new.product)?;
    let Some(product) = found else {
        return refuse(format!("product {} belongs to another connection", new.product));
    };
    let plans = join(new.disabled_plans);
    let place = [connection.key.into(), new.group.key.into(), new.product.into()];
    let before = tx.first(PLACED, &place, |r| Ok((r.text(0)?, r.text(1)?, r.bool(2)?)))?;
    if let Some((was, way, written)) = before {
        if was == plans && way == new.way.as_str() {
            return Ok(false);
        }
        if written && new.way == Way::Member {
            return refuse(format!(
                "the target's group of {} has the licence {} itself",
                new.group.label, product.name
            ));
        }
    }
    let key = tx.key();
    let params = [
        key.into(),
        connection.key.into(),
        new.group.key.into(),
        new.product.into(),
        (&plans).into(),
        new.way.as_str().into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(PUT, &params)?;
    ask(tx, now, connection, new.group.key)?;
    let detail = format!(
        "{} in {}, way {}, without: {plans}",
        product.name, connection.name, new.way
    );
    audit::append(
        tx,
        connection.workspace,
        now,
        actor,
        "group_licence.add",
        new.group.id,
        detail.trim_end_matches(", without: "),
    )?;
    Ok(true)
}

fn refuse_wrong(connection: &Connection, new: &New) -> Result<()> {
    let group = new.group;
    if group.kind != Kind::Group || group.workspace != connection.workspace {
        return refuse(format!(
            "{} is no group of the connection's workspace",
            group.label
        ))
        .map(drop);
    }
    if new.way == Way::Ending {
        return refuse("the way \"ending\" is no way to bring a licence".to_owned()).map(drop);
    }
    Ok(())
}

fn refuse(sentence: String) -> Result<bool> {
    let hint = "Name a group of the workspace and one of the connection's products; to change the way from group to \
                member, remove the licence first and add it after the next cycle.";
    Err(Error::refused("PRV-GROUP-LICENCE", sentence, hint))
}

/// Has a group bring a licence no more. One that the target's group has stays as [`Way::Ending`] until the target
/// took it back ([`set_written`]). `false`: the connection has no such one, or it is ending already.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, key: i64) -> Result<bool> {
    let found = get(tx, connection.key, key)?.filter(|one| one.way != Way::Ending);
    let Some(one) = found else { return Ok(false) };
    end(tx, actor, now, connection, &one)?;
    config_version::append(tx, actor, now, connection, "licences of groups")?;
    Ok(true)
}

fn end(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, one: &GroupLicence) -> Result<()> {
    let sql = if one.written { END } else { DELETE };
    tx.execute(sql, &[one.key.into()])?;
    ask(tx, now, connection, one.group)?;
    let subject = one
        .group_id
        .map_or_else(|| format!("object {}", one.group), |id| id.to_string());
    let detail = format!("{} in {}", one.product_name, connection.name);
    let workspace = connection.workspace;
    audit::append_named(
        tx,
        workspace,
        now,
        actor,
        "group_licence.remove",
        &subject,
        &detail,
    )
}

/// Has the group looked at, and its people.
fn ask(tx: &mut Tx, now: i64, connection: &Connection, group: i64) -> Result<()> {
    let mut keys = assignment::people_of(tx, group, connection.preferences.nested)?;
    keys.push(group);
    revisit::ask_all(tx, connection.key, &keys, now, "licence of a group")
}

/// Notes whether the target's group has the licence. One that was ending and is gone there is forgotten.
///
/// # Errors
/// Any error of the database.
pub fn set_written(tx: &mut Tx, key: i64, written: bool) -> Result<()> {
    if written {
        tx.execute(WRITTEN, &[key.into()])?;
        return Ok(());
    }
    tx.execute(UNWRITTEN, &[key.into()])?;
    tx.execute(ENDED, &[key.into()])?;
    Ok(())
}

/// Makes a connection's licences of groups exactly these, without a version of the configuration: what a file or an
/// older version is applied by. A group or a product that is named has to be there, or nothing is changed.
pub(crate) fn configure(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    wanted: &[Configured],
) -> Result<()> {
    let present = all(tx, connection.key)?;
    for one in present.iter().filter(|one| one.way != Way::Ending) {
        if !wanted.iter().any(|wish| means(wish, one)) {
            end(tx, actor, now, connection, one)?;
        }
    }
    for wish in wanted {
        let is_so = |one: &GroupLicence| {
            means(wish, one) && one.way == wish.way && join(&one.disabled_plans) == join(&wish.disabled_plans)
        };
        if !present.iter().any(is_so) {
            add_configured(tx, actor, now, connection, wish)?;
        }
    }
    Ok(())
}

/// Whether both are the same product of the same group.
fn means(wish: &Configured, one: &GroupLicence) -> bool {
    let names = [&one.sku, &one.product_name];
    one.group_id == Some(wish.group) && names.iter().any(|name| name.eq_ignore_ascii_case(&wish.product))
}

fn add_configured(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    wish: &Configured,
) -> Result<()> {
    let key = directory::key_by_id(tx, connection.workspace, wish.group)?.map(|(key, _)| key);
    let group = match key {
        Some(key) => directory::by_key(tx, key)?,
        None => None,
    };
    let product = product::intern(tx, connection.key, &wish.product)?;
    let (Some(group), Some(product)) = (group, product) else {
        return refuse(format!(
            "no group {} can bring the licence {}",
            wish.group, wish.product
        ))
        .map(drop);
    };
    let new = New {
        group: &group,
        product,
        disabled_plans: &wish.disabled_plans,
        way: wish.way,
    };
    write(tx, actor, now, connection, &new).map(drop)
}

/// All of a connection's licences of groups.
pub(crate) fn all(tx: &mut Tx, connection: i64) -> Result<Vec<GroupLicence>> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = list(tx, connection, after, PAGE)?;
        let is_last = (page.len() as i64) < PAGE;
        after = page.last().map_or(after, |one| one.key);
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}
