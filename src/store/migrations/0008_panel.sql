-- What operators see and do about people and figures. The rules of 0001 hold.

-- Name and name at Telegram in lower case, for searching: SQLite folds ASCII letters only.
ALTER TABLE users ADD COLUMN folded TEXT NOT NULL DEFAULT '';
UPDATE users SET folded = LOWER(name || ' ' || COALESCE(username, ''));
-- Whoever talked to us before was seen when the private chat was heard last.
UPDATE users SET seen_on = COALESCE((SELECT c.heard_at / 86400000 FROM chats c WHERE c.id = users.id), 0)
    WHERE seen_on = 0;
CREATE INDEX users_created ON users (created_at);

-- Figures of a day (days since 1970 UTC) that cannot be counted afterwards, or not quickly: `active` (people who did
-- something, counted as they come), `week` (people of the seven days to this one), `sent`, `dead`, `unknown`
-- (deliveries that ended so). `noted_at`: a figure noted before the day was over is not the last word.
-- Retention two years.
CREATE TABLE daily_figures (
    day      BIGINT NOT NULL,
    name     TEXT NOT NULL,
    value    BIGINT NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (day, name)
);

-- Counts of the deliveries of a day are read from the index alone.
DROP INDEX deliveries_age;
CREATE INDEX deliveries_age ON deliveries (done_at, state) WHERE done_at IS NOT NULL;
CREATE INDEX ledger_age ON ledger (at);
CREATE INDEX watches_paused ON watches (paused_by);
