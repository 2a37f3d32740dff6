//! Forward-only migrations: one text for both databases, checksummed.
//!
//! Two words are replaced: `ROWKEY` is the type of an integer primary key (SQLite keeps rows in its order
//! only when it is spelled `INTEGER PRIMARY KEY`), and `key_text` is text that compares by bytes (SQLite's
//! default; a domain with the `C` collation on PostgreSQL).

use super::backend::Backend;
use crate::{Error, Result};
use aws_lc_rs::digest;

/// The migrations in order. A released one is never edited.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_spine", include_str!("../migrations/0001_spine.sql")),
    ("0002_service", include_str!("../migrations/0002_service.sql")),
    ("0003_engine", include_str!("../migrations/0003_engine.sql")),
    (
        "0004_microsoft_365",
        include_str!("../migrations/0004_microsoft_365.sql"),
    ),
    ("0005_console", include_str!("../migrations/0005_console.sql")),
    (
        "0006_microsoft_365_provider",
        include_str!("../migrations/0006_microsoft_365_provider.sql"),
    ),
    ("0007_removals", include_str!("../migrations/0007_removals.sql")),
    ("0008_consent", include_str!("../migrations/0008_consent.sql")),
    (
        "0009_person_signin",
        include_str!("../migrations/0009_person_signin.sql"),
    ),
    (
        "0010_identifiers",
        include_str!("../migrations/0010_identifiers.sql"),
    ),
    (
        "0011_signing_key",
        include_str!("../migrations/0011_signing_key.sql"),
    ),
    ("0012_migration", include_str!("../migrations/0012_migration.sql")),
    (
        "0013_application_signin",
        include_str!("../migrations/0013_application_signin.sql"),
    ),
    (
        "0014_federation",
        include_str!("../migrations/0014_federation.sql"),
    ),
    ("0015_letters", include_str!("../migrations/0015_letters.sql")),
    (
        "0016_federation_pilot",
        include_str!("../migrations/0016_federation_pilot.sql"),
    ),
    (
        "0017_migration_test",
        include_str!("../migrations/0017_migration_test.sql"),
    ),
];

const TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";

/// Makes `key_text` on PostgreSQL; on SQLite the name alone already means text.
const KEY_TEXT: &str = "DO $$ BEGIN CREATE DOMAIN key_text AS TEXT COLLATE \"C\"; \
                        EXCEPTION WHEN duplicate_object THEN NULL; END $$";

/// Two nodes that start together must not migrate together: PostgreSQL's advisory lock number.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7301984)";

/// Brings the schema up to date in one transaction.
pub(super) fn run(backend: &mut Backend) -> Result<()> {
    let postgres = matches!(backend, Backend::Postgres(_));
    backend.control(if postgres { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
    let result = apply_all(backend, postgres);
    match &result {
        Ok(()) => backend.control("COMMIT")?,
        Err(_) => {
            let _ = backend.control("ROLLBACK");
        }
    }
    result
}

fn apply_all(backend: &mut Backend, postgres: bool) -> Result<()> {
    if postgres {
        backend.control(LOCK)?;
        backend.control(KEY_TEXT)?;
    }
    backend.script(TABLE)?;
    let mut applied = Vec::new();
    backend.for_each(
        "SELECT name, checksum FROM migration ORDER BY version",
        &[],
        |row| {
            applied.push((row.text(0)?, row.text(1)?));
            Ok(true)
        },
    )?;
    verify(&applied)?;
    for (i, (name, text)) in MIGRATIONS.iter().enumerate().skip(applied.len()) {
        let rowkey = if postgres {
            "BIGINT NOT NULL PRIMARY KEY"
        } else {
            "INTEGER PRIMARY KEY"
        };
        backend.script(&text.replace("ROWKEY", rowkey))?;
        backend.execute(
            "INSERT INTO migration (version, name, checksum) VALUES ($1, $2, $3)",
            &[(i as i64 + 1).into(), (*name).into(), (&checksum(text)).into()],
        )?;
    }
    Ok(())
}

/// Refuses a database that a newer version has made, or whose past was edited.
fn verify(applied: &[(String, String)]) -> Result<()> {
    if applied.len() > MIGRATIONS.len() {
        return Err(Error::Setup(format!(
            "the database was made by a newer version ({} migrations, this version knows {}); start that version, or restore a backup",
            applied.len(),
            MIGRATIONS.len()
        )));
    }
    for ((name, text), (found, sum)) in MIGRATIONS.iter().zip(applied) {
        if name != found || checksum(text) != *sum {
            return Err(Error::Setup(format!(
                "migration {name} in the database differs from this version's (it is recorded as {found}, checksum {sum}); \
                 the database belongs to another build of Provost"
            )));
        }
    }
    Ok(())
}

fn checksum(text: &str) -> String {
    crate::hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}
