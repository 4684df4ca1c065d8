-- After the commit of 0033, so that whatever a node of before noted is seen.
INSERT INTO spent_jtis (jti_key, expires_at) SELECT value_key, expires_at FROM one_time WHERE kind = 'jti';
DELETE FROM one_time WHERE kind = 'jti';
