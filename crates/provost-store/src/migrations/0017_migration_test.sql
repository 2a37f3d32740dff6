-- Test sign-ins before and in the window of a migration, and what was ticked of what is done in Entra.

-- The certificates that Validate found good last, as in tenant_migration: a test before Save is checked with them.
ALTER TABLE migration_check ADD COLUMN certificates TEXT NOT NULL DEFAULT '';

-- Test sign-ins on their way, under the hash of their handle. session: of the administrator who has begun it. outcome is
-- empty until the tenant has answered, and JSON from then on, under another handle, until that session fetches it.
CREATE TABLE migration_test (
  hash BYTEA NOT NULL PRIMARY KEY, provider BIGINT NOT NULL, session BIGINT NOT NULL, actor TEXT NOT NULL,
  certificates TEXT NOT NULL, request TEXT NOT NULL, asked BIGINT NOT NULL, expires BIGINT NOT NULL, outcome TEXT NOT NULL);
CREATE INDEX migration_test_expires ON migration_test (expires);
CREATE INDEX migration_test_provider ON migration_test (provider);

-- What came of the last one. outcome: JSON.
CREATE TABLE migration_tested (provider ROWKEY, at BIGINT NOT NULL, actor TEXT NOT NULL, outcome TEXT NOT NULL);

-- Lines of the list of what is done in Entra that somebody has ticked.
CREATE TABLE migration_tick (
  provider BIGINT NOT NULL, line TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (provider, line));
