-- The SCIM service: what a provider is set to, what its people may do, what it sent, and what was deleted.

-- state: draft, saved or off; only a saved provider is answered. settings is JSON (provider::Settings).
-- seen is the dialect that its requests showed.
ALTER TABLE inbound_provider ADD COLUMN state TEXT NOT NULL DEFAULT 'saved';
ALTER TABLE inbound_provider ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE inbound_provider ADD COLUMN seen TEXT;
ALTER TABLE inbound_provider ADD COLUMN first_request BIGINT;
ALTER TABLE inbound_provider ADD COLUMN last_request BIGINT;

CREATE TABLE team (key ROWKEY, id UUID NOT NULL UNIQUE, workspace BIGINT NOT NULL, name key_text NOT NULL,
  created BIGINT NOT NULL, UNIQUE (workspace, name));

-- What a person may do: the role, the team and the permission in it that the provider gave when the person was
-- made. blocked is when an administrator blocked the person, whatever the provider says.
ALTER TABLE object ADD COLUMN role TEXT;
ALTER TABLE object ADD COLUMN team key_text;
ALTER TABLE object ADD COLUMN permission TEXT;
ALTER TABLE object ADD COLUMN blocked BIGINT;

-- People without a displayName: where a list that is sorted by it ends.
CREATE INDEX object_unnamed ON object (owner, id) WHERE display_key IS NULL AND kind = 0;

-- client: the OAuth client that an access token was given to; none for a token made by an administrator.
ALTER TABLE token ADD COLUMN client BIGINT;
CREATE INDEX token_client ON token (client) WHERE client IS NOT NULL;
CREATE TABLE oauth_client (
  key ROWKEY, id key_text NOT NULL UNIQUE, provider BIGINT NOT NULL, label TEXT NOT NULL, hash BYTEA NOT NULL,
  created BIGINT NOT NULL, expires BIGINT, last_used BIGINT, revoked BIGINT);
CREATE INDEX oauth_client_provider ON oauth_client (provider);

-- Extensions of the SCIM schema that a workspace defined. definition is JSON (schema::Extension).
CREATE TABLE extension (
  key ROWKEY, workspace BIGINT NOT NULL, urn key_text NOT NULL, definition TEXT NOT NULL, created BIGINT NOT NULL,
  UNIQUE (workspace, urn));

-- What providers sent: masked, kept for the provider's time. micros is how long the answer took.
CREATE TABLE request_log (
  key ROWKEY, workspace BIGINT NOT NULL, provider BIGINT NOT NULL, at BIGINT NOT NULL, micros BIGINT NOT NULL,
  method TEXT NOT NULL, path TEXT NOT NULL, status BIGINT NOT NULL, object UUID, subject key_text NOT NULL,
  meaning TEXT NOT NULL, error TEXT NOT NULL, habits TEXT NOT NULL, request TEXT NOT NULL);
CREATE INDEX request_log_provider ON request_log (provider, key);
CREATE INDEX request_log_workspace ON request_log (workspace, key);

-- How often a provider relied on a tolerated habit.
CREATE TABLE habit_count (
  provider BIGINT NOT NULL, habit key_text NOT NULL, uses BIGINT NOT NULL, first_seen BIGINT NOT NULL,
  last_seen BIGINT NOT NULL, PRIMARY KEY (provider, habit));

-- The recycle bin: deleted people and groups as they were, until purge_after. name_key is free in object at once.
CREATE TABLE deleted_object (
  key ROWKEY, id UUID NOT NULL, workspace BIGINT NOT NULL, owner BIGINT NOT NULL, kind BIGINT NOT NULL,
  name_key key_text NOT NULL, label TEXT NOT NULL, document TEXT NOT NULL, version BIGINT NOT NULL,
  role TEXT, team key_text, permission TEXT, blocked BIGINT, created BIGINT NOT NULL, deleted BIGINT NOT NULL,
  deleted_by TEXT NOT NULL, purge_after BIGINT NOT NULL);
CREATE INDEX deleted_object_list ON deleted_object (workspace, kind, key);
CREATE INDEX deleted_object_name ON deleted_object (name_key, workspace);
CREATE INDEX deleted_object_id ON deleted_object (id);
CREATE INDEX deleted_object_purge ON deleted_object (purge_after);

-- The memberships that went with a deleted object, on either side.
CREATE TABLE deleted_member (
  deleted BIGINT NOT NULL, group_key BIGINT NOT NULL, member_key BIGINT NOT NULL, display TEXT,
  PRIMARY KEY (deleted, group_key, member_key));

-- A provider asked for a person whom another owner has. state: pending, approved or denied.
CREATE TABLE takeover (
  key ROWKEY, workspace BIGINT NOT NULL, provider BIGINT NOT NULL, object BIGINT NOT NULL, label TEXT NOT NULL,
  asked BIGINT NOT NULL, times BIGINT NOT NULL, state TEXT NOT NULL, decided BIGINT, decided_by TEXT);
CREATE UNIQUE INDEX takeover_open ON takeover (provider, object) WHERE state = 'pending';
CREATE INDEX takeover_list ON takeover (workspace, key);
