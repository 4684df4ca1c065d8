-- Which house this is: random, written at its first start, kept by backups and copies. A restore asks it whether the
-- database that it replaces knows what was taken away since. NULL until then.
ALTER TABLE revisions ADD COLUMN house_id TEXT;
-- Client assertions from before this time may have been used (storage/restore.ts), in milliseconds; 0 where all that
-- were are known.
ALTER TABLE revisions ADD COLUMN assertions_unknown_before BIGINT NOT NULL DEFAULT 0;
