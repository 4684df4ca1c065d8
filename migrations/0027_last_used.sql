-- When a client that registered itself got its last token; null until it is looked at first (storage/tables/client-deletion.ts).
ALTER TABLE clients ADD COLUMN last_used_at BIGINT;
