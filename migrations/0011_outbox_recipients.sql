-- Who is told and of whom, so that one that hangs holds up no other, and a person waits for nobody else's apps.
ALTER TABLE outbox ADD COLUMN destination TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN person TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_by_time ON outbox (dead_at, next_at);
CREATE INDEX outbox_by_person ON outbox (person);
-- What waits already counts as one destination each.
UPDATE outbox SET destination = outbox_key;
