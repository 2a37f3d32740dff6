-- Microsoft 365 as a provider of a company: General, Authentication and Provisioning, and what removal keeps.

-- state: draft, active, federated. domain_state: unverified, verified. mode: federation, provisioning_only; until the
-- state is federated or the mode is provisioning_only nobody can be assigned to the connection. domain is lower case,
-- tenant_name without ".onmicrosoft.com". tenant_id is empty until a look at the tenant showed it. authentication,
-- domain_checked and mode_changed are 0 for never. settings: the cloud, and addresses where they are not Microsoft's.
CREATE TABLE microsoft_365_provider (
  key ROWKEY, id UUID NOT NULL UNIQUE, workspace BIGINT NOT NULL, name key_text NOT NULL, label TEXT NOT NULL,
  link_key TEXT NOT NULL, domain key_text NOT NULL, tenant_name TEXT NOT NULL, tenant_id TEXT NOT NULL,
  domain_state TEXT NOT NULL, domain_checked BIGINT NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL, mode TEXT NOT NULL,
  mode_changed BIGINT NOT NULL, mode_reason TEXT NOT NULL, authentication BIGINT NOT NULL, connection BIGINT,
  settings TEXT NOT NULL, created BIGINT NOT NULL, actor TEXT NOT NULL, version BIGINT NOT NULL, UNIQUE (workspace, name));
CREATE UNIQUE INDEX microsoft_365_provider_connection ON microsoft_365_provider (connection);

-- A domain has one provider in the whole installation, once it is proved.
CREATE UNIQUE INDEX microsoft_365_provider_domain ON microsoft_365_provider (domain) WHERE state <> 'draft';
CREATE INDEX microsoft_365_provider_any_domain ON microsoft_365_provider (domain);

-- Who was assigned to a provider that was removed: offered again to the next one of the same domain. assigned: when
-- they were assigned; detached and actor: when that was kept, and who removed the provider.
CREATE TABLE detached_assignment (
  workspace BIGINT NOT NULL, domain key_text NOT NULL, object BIGINT NOT NULL, assigned BIGINT NOT NULL,
  detached BIGINT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (workspace, domain, object));
CREATE INDEX detached_assignment_object ON detached_assignment (object);
