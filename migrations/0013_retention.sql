-- The events of the audit log up to this key hold no addresses any more (personal_data_days).
ALTER TABLE revisions ADD COLUMN addresses_blanked_to TEXT NOT NULL DEFAULT '';
