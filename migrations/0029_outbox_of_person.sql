-- What is due of one person is found and ordered by an index, however much waits for them; and so is whether somebody is
-- still to be told of all their sessions (destination '', notify/deliver-outbox.ts).
DROP INDEX outbox_by_person;
CREATE INDEX outbox_of_person ON outbox (person, next_at, outbox_key);
CREATE INDEX outbox_endings ON outbox (person) WHERE destination = '';
