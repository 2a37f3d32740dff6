-- The engine: how a connection runs, who is assigned, what is planned, what drifted, and what comes in from files.

-- preferences is JSON (connection::Preferences). code is the stable word for reason. wanted is the cycle that a
-- person or the schedule asked for: empty, or reconcile. reconciled and timed are when the last reconcile ended and
-- when rules that depend on the time were last evaluated. people is how many people the directory had then.
ALTER TABLE connection ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';
ALTER TABLE connection ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN wanted TEXT NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN reconciled BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN timed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN last_run BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN people BIGINT NOT NULL DEFAULT 0;

-- hash is of the written record, 0 where it is not known; disabled is when we disabled the account, 0 when it is enabled.
ALTER TABLE link ADD COLUMN hash BIGINT NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0;

-- code is the stable word for reason; first is when the step failed for the first time.
ALTER TABLE retry ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE retry ADD COLUMN first BIGINT NOT NULL DEFAULT 0;
CREATE INDEX retry_due ON retry (rule, next_try);

CREATE INDEX staged_step_order ON staged_step (connection, key);

-- code: the stable word for a failure. target_id: the object in the target. change: one id for all that was done to
-- an object at once. micros: how long it took. initiator: who began it. trace is JSON (provisioning_log::Trace): the
-- steps, and each modified attribute with its old and new value.
ALTER TABLE provisioning_log ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE provisioning_log ADD COLUMN target_id key_text NOT NULL DEFAULT '';
ALTER TABLE provisioning_log ADD COLUMN change_id UUID;
ALTER TABLE provisioning_log ADD COLUMN micros BIGINT NOT NULL DEFAULT 0;
ALTER TABLE provisioning_log ADD COLUMN initiator TEXT NOT NULL DEFAULT 'provost';
ALTER TABLE provisioning_log ADD COLUMN trace TEXT NOT NULL DEFAULT '{}';
CREATE INDEX provisioning_log_workspace ON provisioning_log (workspace, key);
CREATE INDEX provisioning_log_cycle ON provisioning_log (cycle, key);

-- Who is assigned to a connection: people, and groups for their members.
CREATE TABLE assignment (
  connection BIGINT NOT NULL, object BIGINT NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL,
  PRIMARY KEY (connection, object));
CREATE INDEX assignment_object ON assignment (object);

-- Objects that a cycle has to look at although the change log does not name them, from due on. member is 0 for the
-- object itself.
CREATE TABLE revisit (
  connection BIGINT NOT NULL, object BIGINT NOT NULL, member BIGINT NOT NULL, due BIGINT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (connection, object, member));
CREATE INDEX revisit_due ON revisit (connection, due);

-- People and groups whose removal always waits for a person, in one connection or (connection 0) in all.
CREATE TABLE protection (
  key ROWKEY, workspace BIGINT NOT NULL, connection BIGINT NOT NULL, object BIGINT NOT NULL, reason TEXT NOT NULL,
  created BIGINT NOT NULL, actor TEXT NOT NULL, UNIQUE (workspace, connection, object));
CREATE INDEX protection_object ON protection (object);

-- Plans that are kept to be approved and applied. state: open, approved, applied, rejected, moved, superseded.
-- approval: whether a second person has to approve. scope is JSON: what the plan looked at.
CREATE TABLE plan (
  key ROWKEY, id UUID NOT NULL UNIQUE, workspace BIGINT NOT NULL, connection BIGINT NOT NULL, mode TEXT NOT NULL,
  state TEXT NOT NULL, approval BOOLEAN NOT NULL, digest TEXT NOT NULL, watermark BIGINT NOT NULL, scope TEXT NOT NULL,
  counts TEXT NOT NULL, created BIGINT NOT NULL, created_by TEXT NOT NULL, decided BIGINT, decided_by TEXT,
  applied BIGINT, cycle BIGINT, reason TEXT NOT NULL);
CREATE INDEX plan_connection ON plan (connection, key);
CREATE TABLE plan_step (
  plan BIGINT NOT NULL, position BIGINT NOT NULL, rule BIGINT NOT NULL, kind BIGINT NOT NULL, object BIGINT NOT NULL,
  member BIGINT NOT NULL, action TEXT NOT NULL, label TEXT NOT NULL, held BOOLEAN NOT NULL, changes TEXT NOT NULL,
  PRIMARY KEY (plan, position));

-- What a reconcile found changed in the target. expected and found are JSON values; state: open, repaired, accepted.
CREATE TABLE drift (
  rule BIGINT NOT NULL, object BIGINT NOT NULL, attribute key_text NOT NULL, label TEXT NOT NULL, expected TEXT NOT NULL,
  found TEXT NOT NULL, state TEXT NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
  PRIMARY KEY (rule, object, attribute));
CREATE INDEX drift_state ON drift (rule, state, object, attribute);
CREATE INDEX drift_over ON drift (last_seen) WHERE state = 'repaired';

-- Objects in the target that no link names. sort: local (nobody in the directory matches), unassigned (somebody
-- matches who is not meant), assigned (somebody matches who is meant). object: who matches, 0 for nobody.
CREATE TABLE unowned (
  connection BIGINT NOT NULL, kind BIGINT NOT NULL, target_id key_text NOT NULL, label TEXT NOT NULL, sort TEXT NOT NULL,
  object BIGINT NOT NULL, enabled BOOLEAN, seen BIGINT NOT NULL, PRIMARY KEY (connection, kind, target_id));
CREATE INDEX unowned_sort ON unowned (connection, sort, kind, target_id);

-- Every saved configuration of a connection: rules, preferences, guard. definition is JSON.
CREATE TABLE config_version (
  key ROWKEY, connection BIGINT NOT NULL, number BIGINT NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL,
  note TEXT NOT NULL, definition TEXT NOT NULL, UNIQUE (connection, number));

-- The unchanged rest of an imported synchronization schema, so that it can be exported without loss. definition is JSON.
CREATE TABLE foreign_schema (
  connection BIGINT NOT NULL PRIMARY KEY, definition TEXT NOT NULL, imported BIGINT NOT NULL);

-- Settings of a workspace by name; value is JSON.
CREATE TABLE setting (
  workspace BIGINT NOT NULL, name key_text NOT NULL, value TEXT NOT NULL, PRIMARY KEY (workspace, name));

-- Mail about causes: one a cause and connection until it is over. state: waiting, sent, failed, over.
CREATE TABLE notice (
  key ROWKEY, workspace BIGINT NOT NULL, connection BIGINT NOT NULL, cause key_text NOT NULL, subject TEXT NOT NULL,
  body TEXT NOT NULL, state TEXT NOT NULL, created BIGINT NOT NULL, sent BIGINT, attempts BIGINT NOT NULL,
  next_try BIGINT NOT NULL, error TEXT NOT NULL);
CREATE INDEX notice_waiting ON notice (state, next_try);
CREATE INDEX notice_cause ON notice (connection, cause);
CREATE INDEX notice_workspace ON notice (workspace, key);

-- Records of a source that feeds the directory, by the source's own key. object: the person it made, 0 for none yet.
-- state: present, absent, failed. run: the import run that saw it last. due: when it is to be looked at again, 0 for never.
CREATE TABLE source_record (
  provider BIGINT NOT NULL, anchor key_text NOT NULL, document TEXT NOT NULL, object BIGINT NOT NULL, state TEXT NOT NULL,
  run BIGINT NOT NULL, due BIGINT NOT NULL, error TEXT NOT NULL, modified BIGINT NOT NULL, PRIMARY KEY (provider, anchor));
CREATE INDEX source_record_due ON source_record (due) WHERE due > 0;
CREATE INDEX source_record_object ON source_record (object);
CREATE TABLE import_run (
  key ROWKEY, provider BIGINT NOT NULL, started BIGINT NOT NULL, finished BIGINT, actor TEXT NOT NULL, mode TEXT NOT NULL,
  state TEXT NOT NULL, counts TEXT NOT NULL, digest TEXT NOT NULL);
CREATE INDEX import_run_provider ON import_run (provider, key);
CREATE INDEX import_run_running ON import_run (key) WHERE state = 'running';
-- The mapping of a provider's source; definition is JSON (a rule whose target is the directory).
CREATE TABLE source (
  provider BIGINT NOT NULL PRIMARY KEY, definition TEXT NOT NULL, created BIGINT NOT NULL, modified BIGINT NOT NULL);

-- Tokens of the admin API. scope: read, operate or configure; each includes the one before.
CREATE TABLE api_token (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL, workspace BIGINT NOT NULL, label TEXT NOT NULL, scope TEXT NOT NULL,
  created BIGINT NOT NULL, actor TEXT NOT NULL, expires BIGINT, last_used BIGINT, revoked BIGINT);
CREATE INDEX api_token_workspace ON api_token (workspace, key);

-- References that are written stay, so that they are written anew when the other end has another account.
ALTER TABLE pending_reference ADD COLUMN written SMALLINT NOT NULL DEFAULT 0;
CREATE INDEX pending_reference_open ON pending_reference (rule, object) WHERE written = 0;
