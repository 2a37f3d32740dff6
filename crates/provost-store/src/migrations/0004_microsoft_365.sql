-- Licences, objects a person has to decide about, people who leave, and how far each object is synchronised.

-- When the connection was last tried out with success, 0 for never; and what the last try found (JSON).
ALTER TABLE connection ADD COLUMN tested BIGINT NOT NULL DEFAULT 0;
ALTER TABLE connection ADD COLUMN checks TEXT NOT NULL DEFAULT '';

-- Products that a target's organisation owns, as last read; and those that a mapping names although it owns none
-- (seen = 0). sku is the target's own id of the product. plans is JSON: service plans with id, name and state.
CREATE TABLE product (
  key ROWKEY, connection BIGINT NOT NULL, sku key_text NOT NULL, name key_text NOT NULL, state TEXT NOT NULL,
  enabled BIGINT NOT NULL, warning BIGINT NOT NULL, suspended BIGINT NOT NULL, consumed BIGINT NOT NULL,
  assignable BOOLEAN NOT NULL, plans TEXT NOT NULL, seen BIGINT NOT NULL, UNIQUE (connection, sku));

-- Licences that were assigned to a person's account: what may be changed and taken back. disabled_plans is a sorted
-- list of ids, separated by commas. origin: mapping, group, found (it was there, and everything that is there is to go)
-- or begun (handed to the target, the answer is not known).
CREATE TABLE link_licence (
  rule BIGINT NOT NULL, object BIGINT NOT NULL, product BIGINT NOT NULL, disabled_plans TEXT NOT NULL,
  modified BIGINT NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (rule, object, product));
CREATE INDEX link_licence_product ON link_licence (product, rule, object);

-- Groups of the directory that bring a licence. way: member (each member's account gets it), group (the target's
-- group gets it) or ending (the target's group still has it and is to lose it). written: whether the target's group
-- has it.
CREATE TABLE group_licence (
  key ROWKEY, connection BIGINT NOT NULL, group_key BIGINT NOT NULL, product BIGINT NOT NULL, disabled_plans TEXT NOT NULL,
  way TEXT NOT NULL, written BOOLEAN NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL,
  UNIQUE (connection, group_key, product));
CREATE INDEX group_licence_group ON group_licence (group_key);
CREATE INDEX group_licence_order ON group_licence (connection, key);

-- Objects of a rule that are not, or not wholly, as the rule wants them. state: unsynced, partial, failed.
CREATE TABLE sync_status (
  rule BIGINT NOT NULL, object BIGINT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  since BIGINT NOT NULL, PRIMARY KEY (rule, object));
CREATE INDEX sync_status_state ON sync_status (rule, state, object);
CREATE INDEX sync_status_object ON sync_status (object);

-- Objects that are not written before a person has decided: several candidates, a weak match, a deleted twin, a group
-- of the same name. candidates is JSON. decision is empty while nobody decided; target_id is what was chosen.
CREATE TABLE doubt (
  key ROWKEY, connection BIGINT NOT NULL, rule BIGINT NOT NULL, object BIGINT NOT NULL, label TEXT NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, candidates TEXT NOT NULL, decision TEXT NOT NULL, target_id TEXT NOT NULL,
  created BIGINT NOT NULL, decided BIGINT NOT NULL, actor TEXT NOT NULL, UNIQUE (rule, object));
CREATE INDEX doubt_open ON doubt (connection, decision, key);
CREATE INDEX doubt_order ON doubt (connection, key);
CREATE INDEX doubt_object ON doubt (object);

-- People who leave: their account keeps neither memberships nor licences. heir: who takes over what they own, 0 for
-- nobody. steps is JSON: what was done, with a result each.
CREATE TABLE leaver (
  connection BIGINT NOT NULL, object BIGINT NOT NULL, heir BIGINT NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL,
  state TEXT NOT NULL, steps TEXT NOT NULL, PRIMARY KEY (connection, object));
CREATE INDEX leaver_object ON leaver (object);

-- Where the reading of a target's changes goes on. attributes: what was asked for; another list starts anew.
CREATE TABLE read_mark (
  connection BIGINT NOT NULL, kind BIGINT NOT NULL, attributes TEXT NOT NULL, mark TEXT NOT NULL, taken BIGINT NOT NULL,
  PRIMARY KEY (connection, kind));
