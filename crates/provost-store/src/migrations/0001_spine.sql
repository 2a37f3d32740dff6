-- The spine: who is in the directory, who put them there, where they go, and what happened.
-- Times are milliseconds since 1970 (UTC). Keys (ROWKEY) are inside numbers from one counter; public
-- identifiers are UUIDs. key_text compares by bytes and is computed by Provost.

CREATE TABLE sequencer (id BIGINT NOT NULL PRIMARY KEY, next_key BIGINT NOT NULL, change_position BIGINT NOT NULL);
INSERT INTO sequencer (id, next_key, change_position) VALUES (1, 1000, 0);

CREATE TABLE workspace (key ROWKEY, id UUID NOT NULL UNIQUE, name key_text NOT NULL UNIQUE, created BIGINT NOT NULL);

CREATE TABLE inbound_provider (
  key ROWKEY, id UUID NOT NULL UNIQUE, workspace BIGINT NOT NULL, name key_text NOT NULL,
  role TEXT NOT NULL, team TEXT, created BIGINT NOT NULL, UNIQUE (workspace, name));

CREATE TABLE token (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL, provider BIGINT NOT NULL, label TEXT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT, last_used BIGINT, revoked BIGINT);
CREATE INDEX token_provider ON token (provider);

-- A person (kind 0) or a group (kind 1). owner is the inbound provider, or the workspace for what administrators
-- made. realm is what a name must be unique in: the workspace for people, the owner for groups.
CREATE TABLE object (
  key ROWKEY, id UUID NOT NULL, workspace BIGINT NOT NULL, owner BIGINT NOT NULL, kind BIGINT NOT NULL,
  realm BIGINT NOT NULL, name_key key_text NOT NULL, display_key key_text, external_id key_text, email_key key_text,
  label TEXT NOT NULL, active BOOLEAN NOT NULL, version BIGINT NOT NULL, created BIGINT NOT NULL,
  modified BIGINT NOT NULL, document TEXT NOT NULL);
CREATE UNIQUE INDEX object_id ON object (id);
CREATE UNIQUE INDEX object_name ON object (name_key, realm, kind);
CREATE INDEX object_external ON object (external_id, owner) WHERE external_id IS NOT NULL;
CREATE INDEX object_display ON object (display_key, owner) WHERE display_key IS NOT NULL;
CREATE INDEX object_email ON object (email_key, owner) WHERE email_key IS NOT NULL;
CREATE INDEX object_owner ON object (owner, kind, key);

-- Every e-mail address of a person but the first, which stands in object.email_key.
CREATE TABLE further_email (email_key key_text NOT NULL, object BIGINT NOT NULL, PRIMARY KEY (email_key, object));
CREATE INDEX further_email_object ON further_email (object);

-- display is the name that the identity provider gave the member, where it is not the member's own.
CREATE TABLE member (
  group_key BIGINT NOT NULL, member_key BIGINT NOT NULL, display TEXT, PRIMARY KEY (group_key, member_key));
CREATE INDEX member_of ON member (member_key, group_key);

-- How many objects an owner has, by kind and bucket of 1,024 keys.
CREATE TABLE live_count (
  owner BIGINT NOT NULL, kind BIGINT NOT NULL, bucket BIGINT NOT NULL, objects BIGINT NOT NULL,
  PRIMARY KEY (owner, kind, bucket));

-- action: 1 create, 2 update, 3 delete, 4 add member, 5 remove member. member is 0 where there is none.
CREATE TABLE change_log (
  position ROWKEY, workspace BIGINT NOT NULL, kind BIGINT NOT NULL, action BIGINT NOT NULL,
  object BIGINT NOT NULL, member BIGINT NOT NULL, at BIGINT NOT NULL);

CREATE TABLE audit_head (workspace BIGINT NOT NULL PRIMARY KEY, position BIGINT NOT NULL, hash BYTEA NOT NULL);
CREATE TABLE audit_log (
  key ROWKEY, workspace BIGINT NOT NULL, position BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
  action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, hash BYTEA NOT NULL);
CREATE INDEX audit_order ON audit_log (workspace, position);

CREATE TABLE secret (
  place key_text NOT NULL, owner BIGINT NOT NULL, field key_text NOT NULL, sealed BYTEA NOT NULL, created BIGINT NOT NULL,
  PRIMARY KEY (place, owner, field));

CREATE TABLE connection (
  key ROWKEY, id UUID NOT NULL UNIQUE, workspace BIGINT NOT NULL, name key_text NOT NULL, connector TEXT NOT NULL,
  settings TEXT NOT NULL, guard TEXT NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL, reason TEXT NOT NULL, failures BIGINT NOT NULL,
  next_try BIGINT NOT NULL, watermark BIGINT NOT NULL, created BIGINT NOT NULL, UNIQUE (workspace, name));

CREATE TABLE rule (
  key ROWKEY, connection BIGINT NOT NULL, position BIGINT NOT NULL, kind BIGINT NOT NULL, name key_text NOT NULL,
  definition TEXT NOT NULL, UNIQUE (connection, name));

CREATE TABLE lease (
  connection BIGINT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, expires BIGINT NOT NULL);

CREATE TABLE cycle (
  key ROWKEY, connection BIGINT NOT NULL, mode TEXT NOT NULL, epoch BIGINT NOT NULL, started BIGINT NOT NULL,
  finished BIGINT, watermark BIGINT NOT NULL, state TEXT NOT NULL, counts TEXT NOT NULL);
CREATE INDEX cycle_connection ON cycle (connection, key);

-- What ties a directory object to a target object. written is what was last written there.
CREATE TABLE link (
  rule BIGINT NOT NULL, object BIGINT NOT NULL, object_id UUID NOT NULL, target_id key_text NOT NULL,
  label key_text NOT NULL, written TEXT NOT NULL, enabled BOOLEAN NOT NULL, modified BIGINT NOT NULL,
  PRIMARY KEY (rule, object));
CREATE UNIQUE INDEX link_target ON link (rule, target_id);
CREATE INDEX link_object ON link (object);
CREATE INDEX link_label ON link (label);
CREATE INDEX link_object_id ON link (object_id);

-- Memberships that are in the target.
CREATE TABLE link_member (
  rule BIGINT NOT NULL, group_key BIGINT NOT NULL, member_key BIGINT NOT NULL, PRIMARY KEY (rule, group_key, member_key));
CREATE INDEX link_member_of ON link_member (rule, member_key, group_key);

-- References (manager) that wait for the other end to be linked.
CREATE TABLE pending_reference (
  rule BIGINT NOT NULL, object BIGINT NOT NULL, attribute key_text NOT NULL, wanted UUID NOT NULL,
  PRIMARY KEY (rule, object, attribute));
CREATE INDEX pending_reference_wanted ON pending_reference (wanted);

-- Objects whose last step failed, with the time of the next try. member is 0 for the object itself.
CREATE TABLE retry (
  rule BIGINT NOT NULL, object BIGINT NOT NULL, member BIGINT NOT NULL, attempts BIGINT NOT NULL,
  next_try BIGINT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (rule, object, member));

-- Steps that the guard holds for a person's decision.
CREATE TABLE staged_step (
  key ROWKEY, connection BIGINT NOT NULL, rule BIGINT NOT NULL, object BIGINT NOT NULL, member BIGINT NOT NULL,
  action TEXT NOT NULL, label TEXT NOT NULL, digest TEXT NOT NULL, decision TEXT NOT NULL, created BIGINT NOT NULL);
CREATE UNIQUE INDEX staged_step_once ON staged_step (connection, rule, object, member, action);

CREATE TABLE provisioning_log (
  key ROWKEY, workspace BIGINT NOT NULL, connection BIGINT NOT NULL, cycle BIGINT NOT NULL, at BIGINT NOT NULL,
  kind BIGINT NOT NULL, object BIGINT NOT NULL, object_id UUID, label TEXT NOT NULL, action TEXT NOT NULL,
  status TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX provisioning_log_connection ON provisioning_log (connection, key);
CREATE INDEX provisioning_log_removal ON provisioning_log (connection, at) WHERE action IN ('delete', 'disable', 'remove member');
CREATE INDEX provisioning_log_object ON provisioning_log (object, key);
