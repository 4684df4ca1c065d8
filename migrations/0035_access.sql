-- What was asked for or allowed, as one value (src/oauth/access/), where it was three columns: JSON without the members that
-- have nothing. A node of before finds its columns no more and answers none of these requests (docs/how-to/scale-out.md).
ALTER TABLE grants ADD COLUMN access TEXT NOT NULL DEFAULT '{}';
-- Whether offline_access is in it: such a grant outlives its session (OpenID Connect Core §11).
ALTER TABLE grants ADD COLUMN outlives_session BIGINT NOT NULL DEFAULT 0;
UPDATE grants SET
  access = '{"scope":' || CASE WHEN scope = '' THEN '[]' ELSE '["' || replace(scope, ' ', '","') || '"]' END
    || CASE WHEN resources = '[]' THEN '' ELSE ',"resources":' || resources END
    || CASE WHEN claims IS NULL THEN '' ELSE ',"claims":' || claims END || '}',
  outlives_session =
    CASE WHEN replace(' ' || scope || ' ', ' offline_access ', '') = ' ' || scope || ' ' THEN 0 ELSE 1 END;
ALTER TABLE grants DROP COLUMN scope;
ALTER TABLE grants DROP COLUMN resources;
ALTER TABLE grants DROP COLUMN claims;
ALTER TABLE consents ADD COLUMN access TEXT NOT NULL DEFAULT '{}';
UPDATE consents SET
  access = '{"scope":' || CASE WHEN scope = '' THEN '[]' ELSE '["' || replace(scope, ' ', '","') || '"]' END
    || CASE WHEN resources = '[]' THEN '' ELSE ',"resources":' || resources END
    || CASE WHEN claims IS NULL THEN '' ELSE ',"claims":' || claims END || '}';
ALTER TABLE consents DROP COLUMN scope;
ALTER TABLE consents DROP COLUMN resources;
ALTER TABLE consents DROP COLUMN claims;
-- What a press of "Allow" added, the same way. No text in it can hold these characters, as its quotes are escaped.
UPDATE interactions SET consent_added = replace(consent_added, ',"scope":[', ',"access":{"scope":[') || '}'
  WHERE consent_added IS NOT NULL;
