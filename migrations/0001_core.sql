-- One text for SQLite and PostgreSQL: TEXT, BIGINT, and JSON as TEXT; times are BIGINT milliseconds; booleans 0/1.

CREATE TABLE revisions (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO revisions (name, value) VALUES ('house', 1);

CREATE TABLE clients (
  client_id TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  metadata TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  disabled_at BIGINT
);

CREATE TABLE client_secrets (
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  PRIMARY KEY (client_id, secret_hash)
);

-- RFC 8707: the resource indicators that a client, as a resource server, answers for.
CREATE TABLE resources (
  resource TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE
);
CREATE INDEX resources_by_client ON resources (client_id);

CREATE TABLE users (
  sub TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  username_key TEXT NOT NULL UNIQUE,
  email TEXT,
  email_key TEXT UNIQUE,
  claims TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  disabled_at BIGINT
);

CREATE TABLE passwords (
  sub TEXT PRIMARY KEY REFERENCES users (sub) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  sid TEXT PRIMARY KEY,
  session_key TEXT NOT NULL UNIQUE,
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  auth_time BIGINT NOT NULL,
  amr TEXT NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  idle_expires_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (sub);

CREATE TABLE interactions (
  interaction_id TEXT PRIMARY KEY,
  browser_hash TEXT,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  request TEXT NOT NULL,
  decision TEXT,
  decided_sub TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  completed_at BIGINT
);

-- What a user allowed a client, remembered; each authorization has a grant of its own below.
CREATE TABLE consents (
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  resources TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (sub, client_id)
);

CREATE TABLE grants (
  grant_id TEXT PRIMARY KEY,
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  sid TEXT,
  scope TEXT NOT NULL,
  resources TEXT NOT NULL,
  auth_time BIGINT NOT NULL,
  amr TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX grants_by_user_and_client ON grants (sub, client_id);

-- Codes and every other value that is good once: spent by one UPDATE … WHERE consumed_at IS NULL.
CREATE TABLE one_time (
  kind TEXT NOT NULL,
  value_key TEXT NOT NULL,
  grant_id TEXT REFERENCES grants (grant_id) ON DELETE CASCADE,
  payload TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  consumed_at BIGINT,
  PRIMARY KEY (kind, value_key)
);

CREATE TABLE refresh_families (
  family_id TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES grants (grant_id) ON DELETE CASCADE,
  generation BIGINT NOT NULL,
  salt TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  rotated_at BIGINT NOT NULL,
  idle_expires_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX refresh_families_by_grant ON refresh_families (grant_id);

CREATE TABLE revoked_tokens (
  jti TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);

CREATE TABLE keys (
  kid TEXT PRIMARY KEY,
  alg TEXT NOT NULL,
  public_jwk TEXT NOT NULL,
  private_sealed TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  activates_at BIGINT NOT NULL,
  retires_at BIGINT,
  removed_at BIGINT
);

CREATE TABLE throttles (
  throttle_key TEXT PRIMARY KEY,
  attempts BIGINT NOT NULL,
  window_started_at BIGINT NOT NULL,
  blocked_until BIGINT NOT NULL
);

CREATE TABLE audit (
  event_id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  type TEXT NOT NULL,
  reason TEXT,
  sub TEXT,
  client_id TEXT,
  grant_id TEXT,
  sid TEXT,
  address TEXT,
  request_id TEXT,
  details TEXT NOT NULL
);
