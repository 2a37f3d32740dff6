-- Sign-in of people to the application behind a connection, by OpenID Connect. Whether somebody may is not kept here: it
-- follows from their row in `object` and from the connection's scope, and is looked at with every use.

-- settings is JSON. salt goes into what people are called there, and into the names of their sessions.
CREATE TABLE application (
  connection ROWKEY, workspace BIGINT NOT NULL, client_id key_text NOT NULL UNIQUE, enabled BOOLEAN NOT NULL,
  settings TEXT NOT NULL, salt BYTEA NOT NULL, created BIGINT NOT NULL, changed BIGINT NOT NULL);
CREATE INDEX application_workspace ON application (workspace, connection);

-- hash is of the client's secret. last_used: to the hour, 0 for never.
CREATE TABLE application_secret (
  key ROWKEY, connection BIGINT NOT NULL, hash BYTEA NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL,
  last_used BIGINT NOT NULL);
CREATE INDEX application_secret_connection ON application_secret (connection, key);

-- The keys that sign tokens. public is JWK; the private half is a secret at (application_key, key, private). begins: from
-- when it signs; ends: until when it is published, 0 for as long as it is the newest.
CREATE TABLE application_key (
  key ROWKEY, workspace BIGINT NOT NULL, algorithm TEXT NOT NULL, kid key_text NOT NULL, public TEXT NOT NULL,
  created BIGINT NOT NULL, begins BIGINT NOT NULL, ends BIGINT NOT NULL);
CREATE INDEX application_key_workspace ON application_key (workspace, key);

-- What an application asks of a person: pushed by it (RFC 9126), or kept while the person signs in. hash is of its name.
CREATE TABLE application_request (
  hash BYTEA NOT NULL PRIMARY KEY, connection BIGINT NOT NULL, pushed BOOLEAN NOT NULL, parameters TEXT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX application_request_expires ON application_request (expires);
CREATE INDEX application_request_connection ON application_request (connection);

-- One sign-in of a person to an application; all tokens that follow from it are one family. session is that of the person
-- here. proved: when they proved who they are. ended: 0 for not. next_try: when the application is to be told of the end.
CREATE TABLE application_entry (
  key ROWKEY, workspace BIGINT NOT NULL, connection BIGINT NOT NULL, person BIGINT NOT NULL, session BIGINT NOT NULL,
  subject TEXT NOT NULL, sid TEXT NOT NULL, scope TEXT NOT NULL, proved BIGINT NOT NULL, two_factor BOOLEAN NOT NULL,
  created BIGINT NOT NULL, last_used BIGINT NOT NULL, expires BIGINT NOT NULL, ended BIGINT NOT NULL, why TEXT NOT NULL,
  tries BIGINT NOT NULL, next_try BIGINT NOT NULL);
CREATE INDEX application_entry_connection ON application_entry (connection, key);
CREATE INDEX application_entry_person ON application_entry (person, key);
CREATE INDEX application_entry_session ON application_entry (session, key);
CREATE INDEX application_entry_expires ON application_entry (expires);
CREATE INDEX application_entry_next_try ON application_entry (next_try) WHERE next_try > 0;

-- kind: code, access, refresh. bound is what a code is bound to, as JSON. used: when, 0 for not.
CREATE TABLE application_token (
  hash BYTEA NOT NULL PRIMARY KEY, entry BIGINT NOT NULL, kind TEXT NOT NULL, scope TEXT NOT NULL, bound TEXT NOT NULL,
  created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT NOT NULL);
CREATE INDEX application_token_entry ON application_token (entry);
CREATE INDEX application_token_expires ON application_token (expires);

-- Assertions that were used (RFC 7523 section 3, jti): none is taken twice.
CREATE TABLE application_assertion (
  hash BYTEA NOT NULL PRIMARY KEY, connection BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX application_assertion_expires ON application_assertion (expires);
CREATE INDEX application_assertion_connection ON application_assertion (connection);
