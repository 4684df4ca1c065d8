-- The keys that the refresh tokens of a grant are bound to, as the members of cnf (RFC 7800); null for none.
ALTER TABLE grants ADD COLUMN confirmation TEXT;
