-- Letters of a migration to its people: the announcement, reminders before the deadline, and what comes of each.

-- What was written about, once. days: how many before the deadline, 0 for the announcement. deadline: the one that it is
-- about; 0 for the announcement, of which there is one. changed: when somebody was written to last.
CREATE TABLE migration_mailing (
  key ROWKEY, provider BIGINT NOT NULL, workspace BIGINT NOT NULL, days BIGINT NOT NULL, deadline BIGINT NOT NULL,
  created BIGINT NOT NULL, changed BIGINT NOT NULL, actor TEXT NOT NULL, UNIQUE (provider, days, deadline));

-- One letter to one person; person is 0 for who answers for the window. state: waiting, sent, failed (given up), dropped
-- (not needed any more). settled: when it came to that, 0 while it waits. reason: why the last try failed, or why it was
-- dropped.
CREATE TABLE migration_letter (
  key ROWKEY, mailing BIGINT NOT NULL, provider BIGINT NOT NULL, workspace BIGINT NOT NULL, person BIGINT NOT NULL,
  label TEXT NOT NULL, address TEXT NOT NULL, language TEXT NOT NULL, state key_text NOT NULL, created BIGINT NOT NULL,
  attempts BIGINT NOT NULL, next_try BIGINT NOT NULL, settled BIGINT NOT NULL, reason TEXT NOT NULL,
  UNIQUE (mailing, person));
CREATE INDEX migration_letter_due ON migration_letter (next_try, key) WHERE state = 'waiting';
CREATE INDEX migration_letter_list ON migration_letter (mailing, state, key);
CREATE INDEX migration_letter_failed ON migration_letter (workspace, provider, settled) WHERE state = 'failed';
CREATE INDEX migration_letter_provider ON migration_letter (provider);
