-- How people of the directory sign in: people, not administrators. Whether somebody may is not kept here: it follows from
-- their row in `object` and from their provider, and is looked at with every use.

-- What a person chose for their own pages (empty: as the browser says), and when they last signed in, 0 for never.
CREATE TABLE person_account (
  person ROWKEY, workspace BIGINT NOT NULL, language TEXT NOT NULL, zone TEXT NOT NULL, last_signin BIGINT NOT NULL);

-- credential is the public key with its counter and whether it is synchronised, as JSON. credential_id is base64url. They
-- stay while a person is in the recycle bin, and work again when the person is restored.
CREATE TABLE person_passkey (
  key ROWKEY, workspace BIGINT NOT NULL, person BIGINT NOT NULL, credential_id key_text NOT NULL UNIQUE, name TEXT NOT NULL,
  credential TEXT NOT NULL, created BIGINT NOT NULL, last_used BIGINT NOT NULL);
CREATE INDEX person_passkey_person ON person_passkey (person, key);

-- hash is of the cookie. method: passkey. fresh: when the person last proved who they are. csrf is what forms carry.
CREATE TABLE person_session (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL UNIQUE, workspace BIGINT NOT NULL, person BIGINT NOT NULL,
  method TEXT NOT NULL, csrf TEXT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL, fresh BIGINT NOT NULL,
  expires BIGINT NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL);
CREATE INDEX person_session_person ON person_session (person, key);
CREATE INDEX person_session_expires ON person_session (expires);

-- What the server has to remember between two requests of a sign-in. Each is used once. browser is the hash of a cookie, or
-- of a session. person is 0 where nobody is known yet. kind return: where a browser goes on after signing in.
CREATE TABLE person_ceremony (
  hash BYTEA NOT NULL PRIMARY KEY, kind TEXT NOT NULL, workspace BIGINT NOT NULL, person BIGINT NOT NULL,
  browser BYTEA NOT NULL, state TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX person_ceremony_expires ON person_ceremony (expires);

-- Links by which a person adds a passkey, each once. Only the hash of a link's key is kept. used and withdrawn: when, 0
-- for not.
CREATE TABLE person_grant (
  hash BYTEA NOT NULL PRIMARY KEY, key BIGINT NOT NULL UNIQUE, workspace BIGINT NOT NULL, person BIGINT NOT NULL,
  created BIGINT NOT NULL, actor TEXT NOT NULL, expires BIGINT NOT NULL, used BIGINT NOT NULL, withdrawn BIGINT NOT NULL);
CREATE INDEX person_grant_person ON person_grant (person, key);
CREATE INDEX person_grant_expires ON person_grant (expires);
