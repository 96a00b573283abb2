-- What people are called, and when they were last seen.

ALTER TABLE users ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN username TEXT;
-- Day of the last update of the person, as days since 1970.
ALTER TABLE users ADD COLUMN seen_on BIGINT NOT NULL DEFAULT 0;

CREATE INDEX users_username ON users (username);
CREATE INDEX users_seen_on ON users (seen_on);
