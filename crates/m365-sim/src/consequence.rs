//! Changes and what follows from them: entries of the audit log, notifications, licences that reach members.

use crate::directory::Change;
use crate::error::Result;
use crate::settings::Settings;
use crate::tenant::Tenant;
use crate::{audit, licensing, notice};

/// On whose behalf a change is made.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// The application's id; `None` when the service itself acts.
    pub application: Option<String>,
    pub name: String,
    /// The request's id, when the client gave one.
    pub correlation: Option<String>,
}

impl Actor {
    /// The part of the service that carries licences from groups to members.
    fn licensing() -> Actor {
        Actor {
            application: None,
            name: "Microsoft Azure AD Group-Based Licensing".to_owned(),
            correlation: None,
        }
    }
}

/// Makes changes, or none of them, with everything that follows.
///
/// # Errors
/// 503 when the journal cannot be written.
pub(crate) fn commit(
    tenant: &mut Tenant,
    settings: &Settings,
    actor: &Actor,
    mut changes: Vec<Change>,
    now: i64,
) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let audits = audit::entries(&tenant.directory, actor, &changes, now);
    let waiting = licensing::waiting(&tenant.directory, settings, &changes, now);
    let notices = notice::about(&tenant.directory, settings, &changes, now);
    changes.extend(waiting);
    changes.extend(audits);
    tenant.commit(changes)?;
    tenant.outbox.extend(notices);
    if settings.license_processing_ms == 0 {
        settle(tenant, settings, now)?;
    }
    Ok(())
}

/// Carries out what has become due by now.
///
/// # Errors
/// 503 when the journal cannot be written.
pub(crate) fn settle(tenant: &mut Tenant, settings: &Settings, now: i64) -> Result<()> {
    let (gone, notices) = notice::ended(&tenant.directory, settings, now);
    tenant.commit(gone)?;
    tenant.outbox.extend(notices);
    for serial in licensing::due(&tenant.directory, settings, now) {
        let Some(group) = tenant.directory.live(serial) else {
            continue;
        };
        let mut changes = licensing::recompute(&tenant.directory, settings, group, None, now);
        changes.push(Change::GroupProcessing {
            group: serial,
            since: None,
        });
        commit(tenant, settings, &Actor::licensing(), changes, now)?;
    }
    Ok(())
}
