-- Who has tried their sign-in to Microsoft 365 before the domain is switched: the last time of each person. What was
-- verified: immutable_id and name as the assertion said them, issuer, and certificate, the SHA-256 of the one whose key has
-- signed, in hexadecimal. two_factor: whether it claimed a second factor.
CREATE TABLE federation_pilot (
  provider BIGINT NOT NULL, person BIGINT NOT NULL, at BIGINT NOT NULL, name TEXT NOT NULL, immutable_id TEXT NOT NULL,
  issuer TEXT NOT NULL, certificate TEXT NOT NULL, two_factor BOOLEAN NOT NULL, assertion TEXT NOT NULL,
  PRIMARY KEY (provider, person));
CREATE INDEX federation_pilot_at ON federation_pilot (provider, at);
CREATE INDEX federation_pilot_person ON federation_pilot (person);
