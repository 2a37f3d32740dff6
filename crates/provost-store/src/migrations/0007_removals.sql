-- The guard counts what a connection took away within a day. Licences are taken away too since 0004; without them in
-- the index every cycle read all of the connection's lines.
DROP INDEX provisioning_log_removal;
CREATE INDEX provisioning_log_removal ON provisioning_log (connection, at)
  WHERE action IN ('delete', 'disable', 'remove member', 'remove licence');

-- Each request of a provider that meets somebody else's person asks for the newest takeover.
CREATE INDEX takeover_object ON takeover (provider, object, key);
