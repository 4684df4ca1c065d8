-- What must be told to others, written with what it tells of, and delivered afterwards (notify/deliver-outbox.ts).
CREATE TABLE outbox (
  outbox_key TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  -- JSON
  payload TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  last_error TEXT,
  -- Given up: it waits for the operator.
  dead_at BIGINT
);
