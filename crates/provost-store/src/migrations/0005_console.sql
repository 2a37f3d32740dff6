-- Administrators and how they prove who they are, what the console remembers, and what the interface needs to be repeated safely.

-- Who may sign in. state: active or blocked. stamp rises with everything that ends sessions. workspace-wide rights are in
-- administrator_role. language and zone are empty where the browser's are to be taken.
CREATE TABLE administrator (
  key ROWKEY, id UUID NOT NULL UNIQUE, name TEXT NOT NULL, email TEXT NOT NULL, email_key key_text NOT NULL UNIQUE,
  state TEXT NOT NULL, stamp BIGINT NOT NULL, language TEXT NOT NULL, zone TEXT NOT NULL, created BIGINT NOT NULL,
  actor TEXT NOT NULL, last_signin BIGINT NOT NULL);

-- What an administrator may do in a workspace; workspace 0: in all of them, also in those that come later.
CREATE TABLE administrator_role (
  administrator BIGINT NOT NULL, workspace BIGINT NOT NULL, role TEXT NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL,
  PRIMARY KEY (administrator, workspace));
CREATE INDEX administrator_role_workspace ON administrator_role (workspace, role);

-- credential is the public key with its counter, as JSON. credential_id is base64url.
CREATE TABLE passkey (
  key ROWKEY, administrator BIGINT NOT NULL, credential_id key_text NOT NULL UNIQUE, name TEXT NOT NULL, credential TEXT NOT NULL,
  created BIGINT NOT NULL, last_used BIGINT NOT NULL);
CREATE INDEX passkey_administrator ON passkey (administrator);

-- hash is Argon2id in PHC form.
CREATE TABLE password (administrator BIGINT NOT NULL PRIMARY KEY, hash TEXT NOT NULL, changed BIGINT NOT NULL);

-- One-time codes by time. The secret itself is in `secret`. last_step: the newest step whose code was used, so that none
-- is used twice.
CREATE TABLE one_time_code (
  administrator BIGINT NOT NULL PRIMARY KEY, confirmed BOOLEAN NOT NULL, last_step BIGINT NOT NULL, created BIGINT NOT NULL);

CREATE TABLE recovery_code (
  administrator BIGINT NOT NULL, hash BYTEA NOT NULL, created BIGINT NOT NULL, used BIGINT NOT NULL,
  PRIMARY KEY (administrator, hash));

-- Providers that administrators may sign in with. The client's secret is in `secret`.
CREATE TABLE signin_provider (
  key ROWKEY, name key_text NOT NULL UNIQUE, issuer TEXT NOT NULL, client_id TEXT NOT NULL, enabled BOOLEAN NOT NULL,
  created BIGINT NOT NULL, actor TEXT NOT NULL);

-- Who somebody is at such a provider: never by e-mail, only by issuer and subject.
CREATE TABLE signin_identity (
  issuer key_text NOT NULL, subject key_text NOT NULL, administrator BIGINT NOT NULL, shown TEXT NOT NULL, created BIGINT NOT NULL,
  last_used BIGINT NOT NULL, PRIMARY KEY (issuer, subject));
CREATE INDEX signin_identity_administrator ON signin_identity (administrator);

-- hash is of the cookie. method: link, passkey, password, code, provider. fresh: when the person last proved who they are.
-- csrf is what forms carry.
CREATE TABLE session (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL UNIQUE, administrator BIGINT NOT NULL, stamp BIGINT NOT NULL,
  method TEXT NOT NULL, csrf TEXT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL, fresh BIGINT NOT NULL,
  expires BIGINT NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL);
CREATE INDEX session_administrator ON session (administrator, key);
CREATE INDEX session_expires ON session (expires);

-- Links that work once. purpose: owner (makes the first administrator), enrol (an administrator adds a credential),
-- signin (opens a session). administrator is 0 for owner.
CREATE TABLE one_time_link (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL, purpose TEXT NOT NULL, administrator BIGINT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT NOT NULL, actor TEXT NOT NULL);
CREATE INDEX one_time_link_administrator ON one_time_link (administrator);
CREATE INDEX one_time_link_expires ON one_time_link (expires);

-- The first owner was made: nobody ever becomes one this way again, also when every administrator is gone.
CREATE TABLE installation (name key_text NOT NULL PRIMARY KEY, value TEXT NOT NULL, at BIGINT NOT NULL);

-- What the server has to remember between two requests of a sign-in. Each is used once. browser is the hash of a cookie.
CREATE TABLE ceremony (
  hash BYTEA NOT NULL PRIMARY KEY, kind TEXT NOT NULL, administrator BIGINT NOT NULL, browser BYTEA NOT NULL, state TEXT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX ceremony_expires ON ceremony (expires);

-- Failed attempts by account and by network. tokens counts in thousandths of an attempt that are left at the time `at`.
CREATE TABLE attempt (subject key_text NOT NULL PRIMARY KEY, tokens BIGINT NOT NULL, at BIGINT NOT NULL);
CREATE INDEX attempt_at ON attempt (at);

-- Tokens that an administrator made end with the administrator. 0: made by the command.
ALTER TABLE api_token ADD COLUMN administrator BIGINT NOT NULL DEFAULT 0;
CREATE INDEX api_token_administrator ON api_token (administrator);

-- Answers to requests that carried an idempotency key. digest is of the request; status is 0 while it is being carried out.
CREATE TABLE idempotency (
  caller BIGINT NOT NULL, name key_text NOT NULL, digest BYTEA NOT NULL, status BIGINT NOT NULL, body TEXT NOT NULL,
  created BIGINT NOT NULL, PRIMARY KEY (caller, name));
CREATE INDEX idempotency_created ON idempotency (created);

-- What each day brought, for the charts. day is days since 1970, UTC.
CREATE TABLE connection_day (
  connection BIGINT NOT NULL, day BIGINT NOT NULL, cycles BIGINT NOT NULL, written BIGINT NOT NULL, removed BIGINT NOT NULL,
  failed BIGINT NOT NULL, PRIMARY KEY (connection, day));

-- Pages for a customer's administrator, for one inbound provider.
CREATE TABLE setup_link (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL UNIQUE, workspace BIGINT NOT NULL, provider BIGINT NOT NULL, label TEXT NOT NULL,
  created BIGINT NOT NULL, actor TEXT NOT NULL, expires BIGINT NOT NULL, revoked BIGINT NOT NULL, opened BIGINT NOT NULL,
  token BIGINT NOT NULL);
CREATE INDEX setup_link_provider ON setup_link (provider, key);

-- What somebody signed off in a guide, where no fact of ours can show it.
CREATE TABLE guide_note (
  workspace BIGINT NOT NULL, guide key_text NOT NULL, step key_text NOT NULL, note TEXT NOT NULL, at BIGINT NOT NULL,
  actor TEXT NOT NULL, PRIMARY KEY (workspace, guide, step));

-- Lists of the console, at any depth: by name, the owner beside it; by display name and by e-mail address only where they
-- are not the name.
CREATE INDEX audit_log_action ON audit_log (workspace, action, position);
CREATE INDEX object_list ON object (workspace, kind, name_key, owner, key);
CREATE INDEX object_list_display ON object (workspace, display_key, key) WHERE display_key <> name_key;
CREATE INDEX object_list_email ON object (workspace, email_key, key) WHERE email_key <> name_key;

-- What is wrong, oldest first.
CREATE INDEX retry_first ON retry (rule, first, object, member);
CREATE INDEX staged_step_waiting ON staged_step (connection, created, key) WHERE decision = 'pending';
CREATE INDEX doubt_waiting ON doubt (connection, created, key) WHERE decision = '';

-- Of a token of an inbound provider: its first characters, by which it is told from others, and who made it.
ALTER TABLE token ADD COLUMN start TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN actor TEXT NOT NULL DEFAULT '';
