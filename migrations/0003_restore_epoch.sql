-- When this database was restored from a backup, in milliseconds: tokens issued before are in force no more, as what
-- was revoked after the backup is not known. 0 where it never was.
ALTER TABLE revisions ADD COLUMN restored_at BIGINT NOT NULL DEFAULT 0;
