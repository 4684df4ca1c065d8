-- What a press of "Allow" added to what the person allowed before, as JSON: "Deny" on the same page takes it back.
ALTER TABLE interactions ADD COLUMN consent_added TEXT;
