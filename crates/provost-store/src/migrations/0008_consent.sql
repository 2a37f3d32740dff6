-- The application that a workspace is known by in Microsoft Entra, for administrators' consent. permissions: as they
-- stand in the request, separated by spaces. login: the sign-in service, without a path. The client's secret is sealed.
CREATE TABLE entra_application (
  workspace ROWKEY, client_id key_text NOT NULL, login TEXT NOT NULL, permissions TEXT NOT NULL,
  changed BIGINT NOT NULL, actor TEXT NOT NULL);

-- Which tenant an inbound provider belongs to, once its administrator has consented and proved it. tenant: lower case.
-- account: who they are there. client_id: the application that was consented to. first: when it was recorded for the
-- first time, at: when for the last.
CREATE TABLE tenant_consent (
  provider ROWKEY, workspace BIGINT NOT NULL, tenant key_text NOT NULL, account TEXT NOT NULL, actor TEXT NOT NULL,
  client_id TEXT NOT NULL, first BIGINT NOT NULL, at BIGINT NOT NULL);
CREATE INDEX tenant_consent_tenant ON tenant_consent (workspace, tenant, provider);

-- What somebody did by hand is found among millions of lines that cycles have written.
CREATE INDEX provisioning_log_by_hand ON provisioning_log (connection, key) WHERE initiator <> 'provost';

-- Who waits for the same reason is counted, and decided about in one act.
CREATE INDEX doubt_reason ON doubt (connection, code, key) WHERE decision = '';
