-- The session that was begun or proved again in this interaction: a sign-in in another window is not an answer to it.
ALTER TABLE interactions ADD COLUMN signed_in_sid TEXT;
