-- The window in which people of a Microsoft 365 tenant sign in at both sides once, and are tied to their accounts.

-- One for each provider. application: lower case; certificates: Base64 of DER, separated by spaces; both are empty once
-- it is closed. compared: what Validate said. closed is 0 until then.
CREATE TABLE tenant_migration (
  provider ROWKEY, workspace BIGINT NOT NULL, application key_text NOT NULL, certificates TEXT NOT NULL,
  starts BIGINT NOT NULL, deadline BIGINT NOT NULL, owner TEXT NOT NULL, contact TEXT NOT NULL, compared TEXT NOT NULL,
  created BIGINT NOT NULL, actor TEXT NOT NULL, changed BIGINT NOT NULL, closed BIGINT NOT NULL, closed_by TEXT NOT NULL);

-- The values for which Validate was green last: saved is only what has this digest.
CREATE TABLE migration_check (
  provider ROWKEY, digest TEXT NOT NULL, compared TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL);

-- Who signed in, once for each account of the tenant. account: the object id. state: 1 mismatched, 2 pending, 3 approved,
-- 4 denied, 5 onboarded: in this order a list shows them. person: 0 for nobody. typed: the mail address that they typed.
CREATE TABLE onboarding (
  key ROWKEY, provider BIGINT NOT NULL, workspace BIGINT NOT NULL, account key_text NOT NULL, name TEXT NOT NULL,
  label TEXT NOT NULL, typed TEXT NOT NULL, person BIGINT NOT NULL, state BIGINT NOT NULL, conflict TEXT NOT NULL,
  first BIGINT NOT NULL, last BIGINT NOT NULL, onboarded BIGINT NOT NULL, decided BIGINT NOT NULL, actor TEXT NOT NULL,
  reason TEXT NOT NULL, UNIQUE (provider, account));
CREATE INDEX onboarding_list ON onboarding (provider, state, key);
CREATE INDEX onboarding_person ON onboarding (provider, person);

-- Questions that browsers have asked and that are not answered yet. browser is the hash of a cookie.
CREATE TABLE saml_request (
  hash BYTEA NOT NULL PRIMARY KEY, provider BIGINT NOT NULL, request TEXT NOT NULL, browser BYTEA NOT NULL,
  typed TEXT NOT NULL, asked BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX saml_request_expires ON saml_request (expires);

-- Assertions that were used, until nobody could bring them again. The key is the refusal.
CREATE TABLE saml_replay (
  issuer key_text NOT NULL, assertion key_text NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (issuer, assertion));
CREATE INDEX saml_replay_expires ON saml_replay (expires);

-- What a closed migration was, sealed, for a time.
CREATE TABLE migration_archive (
  provider ROWKEY, workspace BIGINT NOT NULL, sealed TEXT NOT NULL, made BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX migration_archive_expires ON migration_archive (expires);

-- The browser that alone may use a link: the hash of its cookie in hexadecimal; empty for any.
ALTER TABLE person_grant ADD COLUMN browser TEXT NOT NULL DEFAULT '';
