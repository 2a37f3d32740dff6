-- Provost as the identity provider of Microsoft 365: the keys that sign, and what became of each request to sign in.

-- slot: current (it signs), next (published beside it), retired (its private half is gone). certificate is DER in Base64. The
-- private half lies in secret, under the table's name and the row's key. since: when it came into its slot.
CREATE TABLE signing_key (
  key ROWKEY, workspace BIGINT NOT NULL, provider BIGINT NOT NULL, slot TEXT NOT NULL, certificate TEXT NOT NULL,
  expires BIGINT NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL, since BIGINT NOT NULL);
CREATE UNIQUE INDEX signing_key_slot ON signing_key (provider, slot) WHERE slot <> 'retired';
CREATE INDEX signing_key_provider ON signing_key (provider, key);

-- protocol: saml, ws_federation. outcome: issued, refused; reason is empty for issued. person is 0 where nobody was known.
-- name is the userPrincipalName that was sent; assertion its id; method how the person had proved who they are.
CREATE TABLE federated_signin (
  key ROWKEY, workspace BIGINT NOT NULL, provider BIGINT NOT NULL, person BIGINT NOT NULL, at BIGINT NOT NULL,
  protocol TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, name TEXT NOT NULL, assertion TEXT NOT NULL,
  method TEXT NOT NULL, address TEXT NOT NULL);
CREATE INDEX federated_signin_provider ON federated_signin (provider, key);
CREATE INDEX federated_signin_outcome ON federated_signin (provider, outcome, key);
CREATE INDEX federated_signin_person ON federated_signin (person);
CREATE INDEX federated_signin_at ON federated_signin (at);
