-- Identifiers of Microsoft 365: who holds which, which accounts a tenant has, and how each person stands to it.

-- sort: account (the object id) or immutable (the immutable id, lower case: two must not differ by letter case only).
-- The key is the guard: no two people of a workspace hold the same one, whoever writes, and at the same time.
CREATE TABLE identifier (
  workspace BIGINT NOT NULL, sort key_text NOT NULL, value key_text NOT NULL, object BIGINT NOT NULL, since BIGINT NOT NULL,
  PRIMARY KEY (workspace, sort, value));
CREATE INDEX identifier_object ON identifier (object, sort, value);
INSERT INTO identifier (workspace, sort, value, object, since)
  SELECT c.workspace, 'account', l.target_id, MIN(l.object), MIN(l.modified) FROM link l JOIN rule r ON r.key = l.rule
  JOIN connection c ON c.key = r.connection WHERE c.connector = 'graph' AND r.kind = 0 GROUP BY c.workspace, l.target_id;

-- The last reading of a tenant's accounts. ended is 0 until one came to its end. federated: the tenant's federated
-- domains, separated by spaces.
CREATE TABLE tenant_read (
  connection BIGINT NOT NULL PRIMARY KEY, workspace BIGINT NOT NULL, began BIGINT NOT NULL, ended BIGINT NOT NULL,
  accounts BIGINT NOT NULL, federated TEXT NOT NULL, trouble TEXT NOT NULL);
CREATE INDEX tenant_read_workspace ON tenant_read (workspace);

-- The accounts of a tenant as they were read. state: 1 unlinked, 2 suggested, 3 exempt, 4 linked: in this order a list
-- shows them. person: who is linked or suggested, else 0. immutable_state: 0 nobody is linked, 1 it is as it should be,
-- 2 it is to be written, 3 it is kept because it is another's to write or the domain is federated.
CREATE TABLE tenant_account (
  connection BIGINT NOT NULL, id key_text NOT NULL, name TEXT NOT NULL, name_key key_text NOT NULL, label TEXT NOT NULL,
  mail TEXT NOT NULL, employee TEXT NOT NULL, immutable_id TEXT NOT NULL, enabled BOOLEAN NOT NULL, guest BOOLEAN NOT NULL,
  shared BOOLEAN NOT NULL, synchronised BOOLEAN NOT NULL, protected BOOLEAN NOT NULL, seen BIGINT NOT NULL,
  state BIGINT NOT NULL, person BIGINT NOT NULL, immutable_state BIGINT NOT NULL, score BIGINT NOT NULL, why TEXT NOT NULL,
  reason TEXT NOT NULL, owner TEXT NOT NULL, exempted BIGINT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (connection, id));
CREATE INDEX tenant_account_list ON tenant_account (connection, state, name_key, id);
CREATE INDEX tenant_account_person ON tenant_account (person, connection) WHERE person > 0;
CREATE INDEX tenant_account_immutable ON tenant_account (connection, immutable_state, id) WHERE immutable_state = 2;

-- How each person of the workspace stands to a tenant that was read. state as above; account: who is linked or suggested.
CREATE TABLE tenant_person (
  connection BIGINT NOT NULL, object BIGINT NOT NULL, name_key key_text NOT NULL, state BIGINT NOT NULL,
  account key_text NOT NULL, score BIGINT NOT NULL, why TEXT NOT NULL, reason TEXT NOT NULL, owner TEXT NOT NULL,
  exempted BIGINT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (connection, object));
CREATE INDEX tenant_person_list ON tenant_person (connection, state, name_key, object);
CREATE INDEX tenant_person_object ON tenant_person (object);
