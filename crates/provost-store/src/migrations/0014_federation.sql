-- How the domain of a Microsoft 365 provider is switched: checks, sign-offs, switches and the way back.

-- state: managed, switching, federated, rolling_back. protocol: saml, ws_federation. mfa: accept, enforce, reject. since: when it came into it. switched: when the domain was last
-- switched in either direction, 0 for never; Microsoft takes no other within ten minutes. checked and checks: when the
-- checks were computed last, and what they said (JSON). saved…: who keeps the way back that does without this hub, since
-- when, and its check word. seen: when Microsoft was last asked what stands; everywhere: when Microsoft's sign-in
-- service was first seen to know the state. trouble: what stands otherwise than it should, empty for nothing. ends: of the
-- certificate that signs.
CREATE TABLE federation (
  provider ROWKEY, workspace BIGINT NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL, switched BIGINT NOT NULL,
  protocol TEXT NOT NULL, mfa TEXT NOT NULL, checked BIGINT NOT NULL, checks TEXT NOT NULL, saved BIGINT NOT NULL, saved_by TEXT NOT NULL,
  saved_word TEXT NOT NULL, sent TEXT NOT NULL, seen BIGINT NOT NULL, everywhere BIGINT NOT NULL, trouble TEXT NOT NULL,
  trouble_since BIGINT NOT NULL, ends BIGINT NOT NULL);
CREATE INDEX federation_workspace ON federation (workspace, provider);

-- A check that is not green and that somebody answers for. digest: of the evidence that they saw; with another one the
-- sign-off is over. person: who vouches.
CREATE TABLE federation_sign_off (
  provider BIGINT NOT NULL, line key_text NOT NULL, digest TEXT NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL,
  signed BIGINT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (provider, line));

-- What was done to the domain at Microsoft. act: switch, roll_back, certificate. outcome: open, done, failed. before: the
-- federation that stood (JSON, null for none); sent: what was sent.
CREATE TABLE federation_act (
  key ROWKEY, provider BIGINT NOT NULL, workspace BIGINT NOT NULL, act TEXT NOT NULL, began BIGINT NOT NULL,
  ended BIGINT NOT NULL, outcome TEXT NOT NULL, before TEXT NOT NULL, sent TEXT NOT NULL, told TEXT NOT NULL,
  actor TEXT NOT NULL);
CREATE INDEX federation_act_provider ON federation_act (provider, key);
