-- Which of the accounts signed in in one browser was chosen in this interaction; '' asks for another, NULL is no choice.
ALTER TABLE interactions ADD COLUMN selected_sub TEXT;
-- The authentication context class that the tokens of this grant name (RFC 9470 §6); NULL where none was reached.
ALTER TABLE grants ADD COLUMN acr TEXT;
