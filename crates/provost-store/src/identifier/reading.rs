//! The last reading of a tenant's accounts.

use crate::connection::Connection;
use crate::{Result, Tx};

crate::statements! {
    GET = "SELECT connection, workspace, began, ended, accounts, federated, trouble FROM tenant_read WHERE connection = $1";
    OF_WORKSPACE = "SELECT t.connection FROM tenant_read t WHERE t.workspace = $1 ORDER BY t.workspace";
    BEGIN = "INSERT INTO tenant_read (connection, workspace, began, ended, accounts, federated, trouble) \
             VALUES ($1, $2, $3, 0, 0, $4, '') ON CONFLICT (connection) DO UPDATE SET began = excluded.began, \
             federated = excluded.federated";
    END = "UPDATE tenant_read SET ended = $1, accounts = $2, trouble = '' WHERE connection = $3";
    TROUBLE = "UPDATE tenant_read SET trouble = $1 WHERE connection = $2";
}

/// The last reading of a tenant's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The connection.
    pub connection: i64,
    /// Its workspace.
    pub workspace: i64,
    /// When the last one began.
    pub began: i64,
    /// When the last one came to its end; 0 for never.
    pub ended: i64,
    /// How many accounts it showed.
    pub accounts: i64,
    /// The tenant's domains whose people sign in elsewhere, lower case.
    pub federated: Vec<String>,
    /// Why the last one did not come to its end; empty where it did.
    pub trouble: String,
}

impl Reading {
    /// Whether an account of this name is of a federated domain.
    pub(super) fn is_federated(&self, name: &str) -> bool {
        let domain = name
            .rsplit_once('@')
            .map(|(_, domain)| domain.to_ascii_lowercase());
        // A subdomain has its parent's federation.
        domain.is_some_and(|domain| {
            self.federated
                .iter()
                .any(|one| domain == *one || domain.ends_with(&format!(".{one}")))
        })
    }
}

/// The last reading of a connection's tenant; none before the first.
///
/// # Errors
/// Any error of the database.
pub fn reading(tx: &mut Tx, connection: i64) -> Result<Option<Reading>> {
    tx.first(GET, &[connection.into()], |r| {
        Ok(Reading {
            connection: r.int(0)?,
            workspace: r.int(1)?,
            began: r.int(2)?,
            ended: r.int(3)?,
            accounts: r.int(4)?,
            federated: r.str(5)?.split_whitespace().map(str::to_owned).collect(),
            trouble: r.text(6)?,
        })
    })
}

/// The workspace's connections whose tenant was read.
pub(super) fn connections(tx: &mut Tx, workspace: i64) -> Result<Vec<i64>> {
    tx.query(OF_WORKSPACE, &[workspace.into()], |r| r.int(0))
}

/// A reading begins; `federated` are the tenant's federated domains.
///
/// # Errors
/// Any error of the database.
pub fn begin(tx: &mut Tx, now: i64, connection: &Connection, federated: &[String]) -> Result<()> {
    let domains = federated.join(" ").to_ascii_lowercase();
    let params = [
        connection.key.into(),
        connection.workspace.into(),
        now.into(),
        (&domains).into(),
    ];
    tx.execute(BEGIN, &params)?;
    Ok(())
}

/// A reading came to its end with so many accounts, or (with `trouble`) did not.
///
/// # Errors
/// Any error of the database.
pub fn end(tx: &mut Tx, now: i64, connection: i64, accounts: i64, trouble: &str) -> Result<()> {
    if trouble.is_empty() {
        tx.execute(END, &[now.into(), accounts.into(), connection.into()])?;
    } else {
        tx.execute(TROUBLE, &[trouble.into(), connection.into()])?;
    }
    Ok(())
}
