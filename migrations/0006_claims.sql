-- Groups and roles of people, and the claims that a request asked for one by one (OpenID Connect Core §5.5).

CREATE TABLE user_groups (
  group_name TEXT PRIMARY KEY,
  -- As it is compared: NFKC, lower case.
  group_key TEXT NOT NULL UNIQUE,
  description TEXT,
  created_at BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID */;

CREATE TABLE group_members (
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  group_name TEXT NOT NULL REFERENCES user_groups (group_name) ON DELETE CASCADE,
  PRIMARY KEY (sub, group_name)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX group_members_by_group ON group_members (group_name);

CREATE TABLE user_roles (
  sub TEXT NOT NULL REFERENCES users (sub) ON DELETE CASCADE,
  role TEXT NOT NULL,
  PRIMARY KEY (sub, role)
) /*sqlite: WITHOUT ROWID */;

-- JSON, by place (id_token, userinfo) and claim; null where none was asked for.
ALTER TABLE grants ADD COLUMN claims TEXT;
-- A JSON array of claims that were allowed one by one.
ALTER TABLE consents ADD COLUMN claims TEXT;
