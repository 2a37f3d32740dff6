//! Roles: what an administrator may do, in one workspace or in all of them.

use super::{get, require};
use crate::{Result, Row, Tx, audit, word};

crate::statements! {
    OF = "SELECT workspace, role FROM administrator_role WHERE administrator = $1 ORDER BY workspace";
    GRANT = "INSERT INTO administrator_role (administrator, workspace, role, created, actor) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (administrator, workspace) DO UPDATE SET role = excluded.role, created = excluded.created, \
             actor = excluded.actor";
    REVOKE = "DELETE FROM administrator_role WHERE administrator = $1 AND workspace = $2";
}

word::words! {
    /// What an administrator may do.
    Role, "role":
    /// Everything, and who the administrators are.
    Owner = "owner",
    /// Connections, rules, providers and settings.
    ConfigurationAdmin = "configuration_admin",
    /// Runs cycles, and decides what waits for a person.
    ProvisioningOperator = "provisioning_operator",
    /// People, groups, assignments and leavers.
    AccessAdmin = "access_admin",
    /// Looks, and changes nothing.
    Auditor = "auditor",
}

/// A role that an administrator has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// In this workspace; none: in all, also in those that come later.
    pub workspace: Option<i64>,
    /// What they may do there.
    pub role: Role,
}

fn read(row: &Row) -> Result<Grant> {
    Ok(Grant {
        workspace: Some(row.int(0)?).filter(|key| *key != audit::INSTALLATION),
        role: row.str(1)?.parse()?,
    })
}

/// An administrator's roles: the one in all workspaces first, one a workspace.
///
/// # Errors
/// Any error of the database.
pub fn grants(tx: &mut Tx, key: i64) -> Result<Vec<Grant>> {
    tx.query(OF, &[key.into()], read)
}

/// What somebody with these roles may do in a workspace: its own role, else the one in all workspaces; who owns
/// either is its owner.
pub fn role_of(grants: &[Grant], workspace: i64) -> Option<Role> {
    let of = |place| grants.iter().find(|g| g.workspace == place).map(|g| g.role);
    match (of(Some(workspace)), of(None)) {
        (_, Some(Role::Owner)) => Some(Role::Owner),
        (own, everywhere) => own.or(everywhere),
    }
}

/// What an administrator may do in a workspace, by [`role_of`].
///
/// # Errors
/// Any error of the database.
pub fn role_in(tx: &mut Tx, key: i64, workspace: i64) -> Result<Option<Role>> {
    Ok(role_of(&grants(tx, key)?, workspace))
}

/// Gives a role in a workspace, or (none) in all of them, in the place of the one they had there.
///
/// # Errors
/// [`crate::Error::Refused`] when they are gone (`PRV-ADMINISTRATOR-GONE`), or when the installation would lose
/// its last owner (`PRV-OWNER-LAST`).
pub fn grant(tx: &mut Tx, actor: &str, now: i64, key: i64, workspace: Option<i64>, role: Role) -> Result<()> {
    let administrator = get(tx, key)?;
    let place = workspace.unwrap_or(audit::INSTALLATION);
    let before = grants(tx, key)?.into_iter().find(|g| g.workspace == workspace);
    if before.is_some_and(|g| g.role == role) {
        return Ok(());
    }
    let params = [
        key.into(),
        place.into(),
        role.as_str().into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(GRANT, &params)?;
    if administrator.is_active() && before.is_some_and(|g| is_installation_owner(&g)) {
        require(tx, now, &administrator, "demoted")?;
    }
    let detail = match before {
        Some(before) => format!("{role}, before {}", before.role),
        None => role.to_string(),
    };
    audit::append_named(
        tx,
        place,
        now,
        actor,
        "administrator.grant",
        &administrator.email,
        &detail,
    )
}

pub(super) fn is_installation_owner(grant: &Grant) -> bool {
    *grant
        == Grant {
            workspace: None,
            role: Role::Owner,
        }
}

/// Takes the role in a workspace, or (none) the one in all of them. `false`: they had none there.
///
/// # Errors
/// As [`grant`].
pub fn revoke(tx: &mut Tx, actor: &str, now: i64, key: i64, workspace: Option<i64>) -> Result<bool> {
    let administrator = get(tx, key)?;
    let Some(before) = grants(tx, key)?.into_iter().find(|g| g.workspace == workspace) else {
        return Ok(false);
    };
    let place = workspace.unwrap_or(audit::INSTALLATION);
    tx.execute(REVOKE, &[key.into(), place.into()])?;
    if administrator.is_active() && is_installation_owner(&before) {
        require(tx, now, &administrator, "demoted")?;
    }
    let (email, role) = (&administrator.email, before.role.as_str());
    audit::append_named(tx, place, now, actor, "administrator.revoke", email, role)?;
    Ok(true)
}
